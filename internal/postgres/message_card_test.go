package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// Who must act, or has waited, is written to in the transaction of what happened.
func TestWhatHappensToAnOrderIsMailed(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	mails := func() []string {
		t.Helper()
		return texts(t, r.Owner, `
			SELECT m.template || ' to ' || CASE WHEN m.person_id = c.person_id THEN 'holder' WHEN m.person_id = c.orderer_id THEN 'orderer' ELSE '?' END
			       || ' ' || m.email || coalesce(' ' || (m.data ->> 'reason'), '')
			FROM messages m JOIN cards c ON c.id = m.card_id ORDER BY m.id`)
	}
	const insert = `INSERT INTO logins (person_id, email, password_hash) VALUES ($1, 'orderer@company.example', '-')`
	if _, err := r.Owner.Exec(t.Context(), insert, c.Orderer.Person); err != nil {
		t.Fatal(err)
	}
	k := c.Card(t, pgtest.Spec{Status: card.Ordered})
	for _, action := range []card.Action{card.Reject, card.Correct, card.Review, card.Decline, card.Correct, card.Review, card.Approve, card.Produce, card.Activate, card.Block} {
		k.Do(t, action)
	}
	want := []string{
		"order_rejected to orderer orderer@company.example photo", "order_to_approve to holder holder@company.example",
		"order_rejected to orderer orderer@company.example wrong_data", "order_to_approve to holder holder@company.example",
		"card_produced to holder holder@company.example",
	}
	if got := mails(); !slices.Equal(got, want) {
		t.Errorf("mails %q, want %q", got, want)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM river.river_job`); n != "5" {
		t.Errorf("%s jobs to send them", n)
	}
	// What is refused is not mailed, nor is a visitor card's life; who has no address is no reason to stop.
	if err := k.Try(t, r.Issuer, card.Review); err == nil {
		t.Error("an active card was reviewed")
	}
	c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced})
	silent := c.Card(t, pgtest.Spec{Status: card.Ordered, Orderer: c.OtherOrderer})
	silent.Do(t, card.Reject)
	if got := mails(); len(got) != len(want) {
		t.Errorf("then %q", got[len(want):])
	}
}

func TestAHolderIsReminded(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	remind := func(by account.Actor) error { return r.Store.Remind(t.Context(), by, k.ID) }
	if err := remind(c.Orderer); !errors.Is(err, card.ErrNotAllowed) {
		t.Errorf("reminded at once: %v", err)
	}
	r.MoveClock(t, 61*time.Minute)
	if err := remind(c.Administrator); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("reminded by an administrator: %v", err)
	}
	errs := make([]error, 16)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = remind(c.OtherOrderer) })
	}
	all.Wait()
	if n := len(slices.DeleteFunc(errs, func(err error) bool { return err != nil })); n != 1 {
		t.Errorf("%d of 16 reminders at once were sent", n)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM messages WHERE template = 'order_to_approve'`); n != "2" {
		t.Errorf("the holder has %s mails", n)
	}
	k.Do(t, card.Approve)
	r.MoveClock(t, 61*time.Minute)
	if err := remind(c.Orderer); !errors.Is(err, card.ErrNotAllowed) {
		t.Errorf("reminded of what is approved: %v", err)
	}
}
