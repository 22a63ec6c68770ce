package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/config"
	"kortportal/internal/mail/catcher"
)

// On a database of the operator's own, messages wait while no mail server is known, and go out once one is.
func TestMessagesWaitForAMailServer(t *testing.T) {
	s := newShell(t)
	number, err := account.ParseOrgNumber("2021005448")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.AddCompany(t.Context(), "Bygg AB", number); err != nil {
		t.Fatal(err)
	}
	invite := userInvite{Email: "anna@example.com", Role: "orderer", Company: "202100-5448", Given: "Anna", Family: "Berg", Language: "en"}
	if err := s.runs("19900101-2385\n", invite); err != nil {
		t.Fatal(err)
	}
	caught, err := catcher.Start(t.Context(), filepath.Join(t.TempDir(), "mail"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := caught.Close(); err != nil {
			t.Error(err)
		}
	}()

	// Whoever works has told the database which queues it serves when its first job is done.
	const settled = `SELECT EXISTS (SELECT FROM river.river_job WHERE kind = 'settle_due' AND state = 'completed')`
	s.works(config.Config{Environment: config.Prod}, settled)
	const waits = `
		SELECT (SELECT count(*) FROM messages) = 1 AND NOT EXISTS (SELECT FROM message_attempts) AND NOT EXISTS (SELECT FROM river.river_queue WHERE name = 'mail')
		    AND (SELECT bool_and(state = 'available' AND attempt = 0) FROM river.river_job WHERE kind = 'send_message')`
	if !s.is(waits) {
		t.Error("without a mail server the message does not wait")
	}
	s.works(config.Config{Environment: config.Prod, SMTP: config.SMTP{Addr: caught.Addr(), TLS: "none", From: "Kortportal <kortportal@localhost>"}},
		`SELECT EXISTS (SELECT FROM message_attempts WHERE outcome = 'sent')`)
	if mails, err := caught.Mails(); err != nil || len(mails) != 1 {
		t.Errorf("%d mails arrived, %v", len(mails), err)
	}
}

// works does the jobs with the mail server of a configuration until a query is true.
func (s *shell) works(cfg config.Config, until string) {
	s.t.Helper()
	log := slog.New(slog.DiscardHandler)
	p, err := openPost(s.t.Context(), cfg, "http://localhost:8080", log)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(s.t.Context())
	done := make(chan error, 1)
	go func() { done <- p.work(ctx, s.store, log, stop) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for enough := false; !enough && !s.is(until); {
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Errorf("never: %s", until)
			enough = true
		}
	}
	stop(nil)
	if err := errors.Join(<-done, p.close()); err != nil {
		s.t.Error(err)
	}
}

// is asks a question as the owner.
func (s *shell) is(question string) bool {
	s.t.Helper()
	var answer bool
	if err := s.owner.QueryRow(s.t.Context(), question).Scan(&answer); err != nil {
		s.t.Fatal(err)
	}
	return answer
}
