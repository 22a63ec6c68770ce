package postgres_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// approval writes the message with which a holder is asked to approve an order.
func approval(k *pgtest.Card) postgres.Message {
	return postgres.Message{Template: messages.OrderToApprove, Person: k.Holder.Person, Company: k.Company.ID, Card: k.ID, Email: "k@example.com"}
}

// letter is what a worker would send now.
func letter(t *testing.T, r *pgtest.Register, id messages.ID) messages.Letter {
	t.Helper()
	l, err := r.Store.Letter(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// send writes a message and makes its letter.
func send(t *testing.T, r *pgtest.Register, m postgres.Message) messages.Letter {
	t.Helper()
	enqueue(t, r, m)
	return letter(t, r, lastMessage(t, r))
}

func TestALinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Reviewed})
	l := send(t, r, approval(k))
	want := messages.Grant{
		Purpose: messages.Approve, Person: k.Holder.Person, Card: k.ID, Company: k.Company.ID, Email: "k@example.com", Expires: l.Link.Expires,
	}
	for range 2 { // a look changes nothing
		if g, err := r.Store.LookAtLink(t.Context(), messages.Approve, l.Link.Token); err != nil || g != want {
			t.Errorf("look: %+v, %v; want %+v", g, err, want)
		}
	}
	refused := errors.New("the order has been cancelled")
	if err := r.Store.UseLinkIn(t.Context(), messages.Approve, l.Link.Token, func() error { return refused }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if g, err := r.Store.UseLink(t.Context(), messages.Approve, l.Link.Token); err != nil || g != want {
		t.Errorf("use, after what it was for was refused: %+v, %v", g, err)
	}
	mustRefuse(t, r, messages.Approve, l.Link.Token, "links_used_once", messages.ErrLinkUsed)
}

// mustRefuse looks at a link and tries to use it.
func mustRefuse(t *testing.T, r *pgtest.Register, purpose messages.Purpose, token messages.Token, rule string, want error) {
	t.Helper()
	_, look := r.Store.LookAtLink(t.Context(), purpose, token)
	_, use := r.Store.UseLink(t.Context(), purpose, token)
	for _, err := range []error{look, use} {
		if !errors.Is(err, want) || rule != "" && ruleOf(err) != rule {
			t.Errorf("%v, want %v by %s", err, want, rule)
		}
	}
}

func TestOfManyAtOnceOneUsesTheLink(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	store, err := postgres.OpenWith(t.Context(), r.AppURL, nil, 32, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	person, _ := r.NewLogin(t)
	enqueue(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})
	id := lastMessage(t, r)
	// The message went out twice, because the first attempt's outcome was lost: both links are good, once together.
	tokens := []messages.Token{letter(t, r, id).Link.Token, letter(t, r, id).Link.Token}
	var begin, done sync.WaitGroup
	begin.Add(1)
	errs := make(chan error, 32)
	for i := range 32 {
		done.Go(func() {
			begin.Wait()
			_, err := store.UseLink(t.Context(), messages.ResetPassword, tokens[i%2])
			errs <- err
		})
	}
	begin.Done()
	done.Wait()
	close(errs)
	won := 0
	for err := range errs {
		switch {
		case err == nil:
			won++
		case ruleOf(err) != "links_used_once" || !errors.Is(err, messages.ErrLinkUsed):
			t.Errorf("refused by %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d used the link, want 1", won)
	}
}

func TestALinkIsForOnePurpose(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	l := send(t, r, postgres.Message{Template: messages.Invitation, Person: person})
	mustRefuse(t, r, messages.ResetPassword, l.Link.Token, "links_other_purpose", account.ErrNotFound)
	mustRefuse(t, r, messages.Invite, "ANOTHER", "", account.ErrNotFound)
	if _, err := r.Store.UseLink(t.Context(), messages.Invite, l.Link.Token); err != nil {
		t.Error(err)
	}
}

func TestALinkExpires(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	for _, c := range []struct {
		template messages.Template
		purpose  messages.Purpose
		lasts    time.Duration
	}{
		{messages.PasswordReset, messages.ResetPassword, time.Hour}, {messages.ConfirmEmail, messages.ChangeEmail, 24 * time.Hour},
		{messages.Invitation, messages.Invite, 7 * 24 * time.Hour},
	} {
		l := send(t, r, postgres.Message{Template: c.template, Person: person})
		r.MoveClock(t, c.lasts-time.Minute)
		if _, err := r.Store.LookAtLink(t.Context(), c.purpose, l.Link.Token); err != nil {
			t.Errorf("%s, a minute before its end: %v", c.purpose, err)
		}
		r.MoveClock(t, time.Minute)
		mustRefuse(t, r, c.purpose, l.Link.Token, "links_not_expired", messages.ErrLinkExpired)
	}
}

// A later message for the same ends the link of the earlier; another person's, another card's and another purpose's go on.
func TestALaterLinkReplacesTheEarlier(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	another := other.Card(t, pgtest.Spec{Status: card.Reviewed, Holder: k.Holder.Person})
	first, untouched := send(t, r, approval(k)), send(t, r, approval(another))
	r.MoveClock(t, 61*time.Minute)
	if err := r.Store.Resend(t.Context(), c.Orderer, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.LookAtLink(t.Context(), messages.Approve, first.Link.Token); err != nil {
		t.Errorf("before the later one is sent: %v", err)
	}
	second := letter(t, r, lastMessage(t, r))
	mustRefuse(t, r, messages.Approve, first.Link.Token, "links_newest", messages.ErrLinkReplaced)
	for _, l := range []messages.Letter{second, untouched} {
		if _, err := r.Store.UseLink(t.Context(), messages.Approve, l.Link.Token); err != nil {
			t.Errorf("message %d: %v", l.ID, err)
		}
	}
}

// Who reads the whole database, the queue's tables too, can use no link.
func TestADumpHoldsNoToken(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	l := send(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})
	dump, token := everything(t, r), l.Link.Token.Reveal()
	if !strings.Contains(dump, "river.river_job") || !strings.Contains(dump, "password_reset") {
		t.Fatal("the dump is not whole")
	}
	if len(token) < 26 || strings.Contains(strings.ToLower(dump), strings.ToLower(token)) || strings.Contains(dump, hex.EncodeToString([]byte(token))) {
		t.Error("the dump holds the token")
	}
}
