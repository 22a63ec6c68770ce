package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
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

// Whom a card waits for is written to once more, once an hour, by whoever orders for the company.
func TestAMailIsSentAgain(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	resend := func(by account.Actor) error { return r.Store.Resend(t.Context(), by, k.ID) }
	mails := func(template string) string {
		return value(t, r.OwnerURL, `SELECT count(*)::text FROM messages WHERE template = '`+template+`'`)
	}
	if err := resend(c.Orderer); !errors.Is(err, card.ErrTooOften) || ruleOf(err) != "messages_once_an_hour" {
		t.Errorf("sent again at once: %v", err)
	}
	r.MoveClock(t, 61*time.Minute)
	if err := resend(c.Administrator); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("sent again by an administrator: %v", err)
	}
	errs := make([]error, 16)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = resend(c.OtherOrderer) })
	}
	all.Wait()
	if n := len(slices.DeleteFunc(errs, func(err error) bool { return err != nil })); n != 1 || mails("order_to_approve") != "2" {
		t.Errorf("of 16 at once %d were sent, the holder has %s mails", n, mails("order_to_approve"))
	}
	k.Do(t, card.Approve)
	r.MoveClock(t, 61*time.Minute)
	if err := resend(c.Orderer); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != "messages_holder_waited_for" {
		t.Errorf("sent again when it is approved: %v", err)
	}
	k.Do(t, card.Produce)
	r.MoveClock(t, 61*time.Minute)
	if err := resend(c.Orderer); err != nil || mails("card_produced") != "2" {
		t.Errorf("sent again when it is produced: %v, %s mails", err, mails("card_produced"))
	}
	r.MoveClock(t, 3*365*24*time.Hour)
	if err := resend(c.Orderer); ruleOf(err) != "messages_holder_waited_for" {
		t.Errorf("sent again when it has expired: %v", err)
	}
}

// Without an address nobody is written to; a log-in brings one, which the company does not get to see.
func TestAMailNeedsAnAddress(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	person := r.NewPerson(t, card.Name{Given: "Ada", Family: "Adresslös"})
	o := c.NewOrder(t, card.Standard, person)
	o.Email = ""
	id, err := r.Store.Order(t.Context(), c.Orderer, o)
	if err == nil {
		_, err = r.Store.Act(t.Context(), r.Issuer, card.Command{Card: id, Version: 1, Action: card.Review})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Store.Resend(t.Context(), c.Orderer, id); !errors.Is(err, messages.ErrNoAddress) || ruleOf(err) != "messages_address_known" {
		t.Errorf("without an address: %v", err)
	}
	if _, of, err := r.Store.CardPage(t.Context(), c.Orderer, id); err != nil || len(of.Rows) != 0 || of.Refusal != "messages_address_known" {
		t.Errorf("without an address: %+v, %v", of, err)
	}
	if _, err := r.Owner.Exec(t.Context(), `INSERT INTO logins (person_id, email, password_hash) VALUES ($1, 'ada@private.example', '-')`, person); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.Resend(t.Context(), c.Orderer, id); err != nil {
		t.Errorf("with a log-in: %v", err)
	}
	if _, of, err := r.Store.CardPage(t.Context(), c.Orderer, id); err != nil || len(of.Rows) != 1 || of.Rows[0].Address != "" {
		t.Errorf("with a log-in: %+v, %v", of, err)
	}
}

// A company that wrote to somebody whom another company has registered is not told how.
func TestAMessageNamesTheHolderAsOrdered(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	other, c := r.NewCompany(t), r.NewCompany(t)
	known := other.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Rut", Family: "Registersson"}})
	order := c.NewOrder(t, card.Standard, known.Holder.Person)
	order.Name = card.Name{Given: "Ruth", Family: "Beställd"}
	id, err := r.Store.Order(t.Context(), c.Orderer, order)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.Act(t.Context(), r.Issuer, card.Command{Card: id, Version: 1, Action: card.Review}); err != nil {
		t.Fatal(err)
	}
	page, err := r.Store.Messages(t.Context(), c.Orderer, 0)
	if err != nil || len(page.Rows) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if row := page.Rows[0]; row.Receiver != order.Name || row.Holder != order.Name {
		t.Errorf("the company is told of %v and %v, and ordered for %v", row.Receiver, row.Holder, order.Name)
	}
}

// What became of the mails about a card, and which may be sent again.
func TestMessagesOfACard(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	open := func() card.OpenOrder {
		t.Helper()
		found, err := r.Store.OpenOrders(t.Context(), c.Orderer, true, "")
		if err != nil || len(found.Rows) != 1 {
			t.Fatalf("%+v, %v", found, err)
		}
		return found.Rows[0]
	}
	look := func() messages.OfCard {
		t.Helper()
		_, of, err := r.Store.CardPage(t.Context(), c.Orderer, k.ID)
		page, err2 := r.Store.Messages(t.Context(), c.Orderer, 0)
		if err := errors.Join(err, err2); err != nil || len(of.Rows) == 0 || len(page.Rows) != len(of.Rows) || page.Rows[0] != of.Rows[0] {
			t.Fatalf("%+v, of the company %+v, %v", of, page, err)
		}
		return of
	}
	if of := look(); of.Refusal != "messages_once_an_hour" || of.Rows[0].State != messages.Waiting || of.Rows[0].Address != "holder@company.example" || open().MailFailed {
		t.Errorf("before the first attempt: %+v", of)
	}
	attempted(t, r, messages.AddressRefused)
	r.MoveClock(t, 61*time.Minute)
	if of := look(); of.Refusal != "" || of.Rows[0].State != messages.Failed || !of.Rows[0].Resendable || !open().MailFailed || !open().Resendable {
		t.Errorf("with a refused address: %+v", of)
	}
	if err := r.Store.Resend(t.Context(), c.Orderer, k.ID); err != nil {
		t.Fatal(err)
	}
	attempted(t, r, "")
	if of := look(); len(of.Rows) != 2 || of.Rows[0].Resendable || of.Rows[1].Resendable || open().MailFailed || open().Resendable {
		t.Errorf("after another: %+v", of)
	}
	// A correction makes what was written before nobody's matter.
	r.MoveClock(t, 61*time.Minute)
	if of := look(); !of.Rows[0].Resendable || of.Rows[1].Resendable {
		t.Errorf("an hour later: %+v", of)
	}
	k.Do(t, card.Correct)
	if of := look(); of.Rows[0].Resendable || of.Refusal != "messages_holder_waited_for" || open().Resendable {
		t.Errorf("after a correction: %+v", of)
	}
}
