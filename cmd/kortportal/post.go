package main

import (
	"context"
	"log/slog"
	"net/url"
	"path/filepath"

	"kortportal/internal/config"
	"kortportal/internal/mail"
	"kortportal/internal/mail/catcher"
	"kortportal/internal/postgres"
	"kortportal/internal/server"
)

// post is how mails go out: by the operator's mail server, or into the mail catcher of the embedded default; else not at all.
type post struct {
	deliver postgres.Deliverer // nil where nothing is sent: a *mail.Post that is nil would not be
	catcher *catcher.Catcher   // nil for a mail server of the operator's own
}

// openPost finds the mail server. address is where the portal listens, for links where no other is given.
func openPost(ctx context.Context, cfg config.Config, address string, log *slog.Logger) (*post, error) {
	at := cfg.PublicURL
	if at == nil {
		var err error
		if at, err = url.Parse(address); err != nil {
			return nil, err
		}
	}
	switch {
	case cfg.SMTP.Addr != "":
		return &post{deliver: &mail.Post{URL: at, Sender: mail.SMTP{
			Addr: cfg.SMTP.Addr, User: cfg.SMTP.User, Password: cfg.SMTP.Password.Reveal(), TLS: mail.TLS(cfg.SMTP.TLS), From: cfg.SMTP.From,
			HELO: at.Hostname(),
		}}}, nil
	case cfg.Embedded() && cfg.Environment == config.Dev:
		c, err := catcher.Start(ctx, filepath.Join(varDir, "mail"), log)
		if err != nil {
			return nil, err
		}
		sender := mail.SMTP{Addr: c.Addr(), TLS: mail.TLSNone, From: "Kortportal <kortportal@localhost>", HELO: "localhost"}
		return &post{deliver: &mail.Post{URL: at, Sender: sender}, catcher: c}, nil
	}
	log.Warn("no mail is sent and messages wait: SMTP_ADDR is not set")
	return &post{}, nil
}

// caught is what the portal shows under /dev/mail, if anything.
func (p *post) caught() server.Catcher {
	if p.catcher == nil {
		return nil
	}
	return p.catcher
}

// work does the jobs until ctx ends, those that send messages where that is possible. When it cannot, it stops everything.
func (p *post) work(ctx context.Context, store *postgres.Store, log *slog.Logger, stop context.CancelCauseFunc) error {
	err := store.Work(ctx, p.deliver, postgres.WorkOptions{Log: log})
	if err != nil {
		stop(err)
	}
	return err
}

func (p *post) close() error {
	if p.catcher == nil {
		return nil
	}
	return p.catcher.Close()
}
