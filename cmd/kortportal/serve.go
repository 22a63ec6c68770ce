package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"kortportal/internal/config"
	"kortportal/internal/demo"
)

type serveCommand struct{}

// demoDefaults are the country that the embedded database begins with, small enough to be there at once.
var demoDefaults = demo.Options{Cards: 2000, Seed: 1}

func (serveCommand) Run(ctx context.Context, a *app) error {
	cfg, log, err := a.config()
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.ListenAddr) // first, because it is what fails most
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, cfg, false, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return errors.Join(a.serve(ctx, cfg, db, listener, log), db.close())
}

// errDatabaseEnded: the embedded database ended while the portal was running.
var errDatabaseEnded = errors.New("the embedded database ended by itself; its log is server.log beside its data")

// serve runs the portal on a database that is there, until ctx ends or the database does.
func (a *app) serve(ctx context.Context, cfg config.Config, db *database, listener net.Listener, log *slog.Logger) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-db.ended():
			cancel(errDatabaseEnded)
		case <-ctx.Done():
		}
	}()
	withDemo := cfg.Embedded() && cfg.Environment == config.Dev
	if withDemo {
		if err := loadDemo(ctx, db, demoDefaults, log); err != nil && !errors.Is(err, demo.ErrNotEmpty) {
			return errors.Join(err, listener.Close())
		}
	}
	post, err := openPost(ctx, cfg, localAddress(listener.Addr()), log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, post.close()) }()
	handler, store, err := portal(ctx, cfg, db, post.caught(), log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer store.Close()
	if withDemo {
		logins, err := demoLogins(ctx, db)
		if err == nil {
			err = printLogins(a.stdout, logins, false)
		}
		if err == nil {
			_, err = fmt.Fprintf(a.stdout, "\n%s   (Ctrl-C stops it)\n", localAddress(listener.Addr()))
		}
		if err == nil && post.catcher != nil {
			_, err = fmt.Fprintf(a.stdout, "%s/dev/mail   (the mails that it would have sent)\n", localAddress(listener.Addr()))
		}
		if err == nil {
			_, err = fmt.Fprintln(a.stdout)
		}
		if err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	log.Info("Kortportal is ready", "address", localAddress(listener.Addr()), "environment", string(cfg.Environment), "version", buildVersion())
	worked := make(chan error, 1)
	go func() { worked <- post.work(ctx, store, log, cancel) }()
	err = serveHTTP(ctx, listener, handler, log)
	cancel(nil)
	err = errors.Join(err, <-worked)
	if cause := context.Cause(ctx); errors.Is(cause, errDatabaseEnded) {
		err = errors.Join(cause, err)
	}
	return err
}

// localAddress is what a person on this machine types into the browser.
func localAddress(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && (tcp.IP.IsUnspecified() || tcp.IP.IsLoopback()) {
		_, port, err := net.SplitHostPort(addr.String())
		if err == nil {
			return "http://localhost:" + port
		}
	}
	return "http://" + addr.String()
}
