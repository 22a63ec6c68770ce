package postgres_test

import (
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

const chosen = "ett alldeles nytt lösenord"

func choice(l messages.Letter) messages.Choice {
	return messages.Choice{Token: l.Link.Token, Password: chosen, Address: "192.0.2.7"}
}

// logsIn reports whether a password is that of the login with the address.
func logsIn(t *testing.T, r *pgtest.Register, email account.Email, password string) bool {
	t.Helper()
	_, err := r.Store.LogIn(t.Context(), account.Attempt{Email: email, Password: password, Address: "192.0.2.8"})
	if err != nil && !errors.Is(err, account.ErrCredentials) {
		t.Fatal(err)
	}
	return err == nil
}

func TestAcceptMakesTheLogin(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	m := approval(k)
	m.Language = "en"
	l := send(t, r, m)
	want := messages.Opened{Grant: messages.Grant{
		Purpose: messages.Approve, Person: k.Holder.Person, Card: k.ID, Company: c.ID, Email: "k@example.com", Expires: l.Link.Expires,
	}, Company: c.Name, Language: "en"}
	if o, err := r.Store.OpenLink(t.Context(), messages.Approve, l.Link.Token); err != nil || o != want {
		t.Errorf("opened: %+v, %v; want %+v", o, err, want)
	}
	proof, grant, err := r.Store.Accept(t.Context(), messages.Approve, choice(l))
	if err != nil || grant != want.Grant || proof.Person != k.Holder.Person || proof.Device == "" || proof.At.IsZero() {
		t.Fatalf("%+v, %+v, %v", proof, grant, err)
	}
	if !logsIn(t, r, "k@example.com", chosen) {
		t.Error("the password does not log in")
	}
	if got := texts(t, r.Owner, `SELECT language FROM logins WHERE email = 'k@example.com'`); len(got) != 1 || got[0] != "en" {
		t.Errorf("the login's language is %v", got)
	}
	_, _, err = r.Store.Accept(t.Context(), messages.Approve, choice(l))
	if ruleOf(err) != "links_used_once" || !errors.Is(err, messages.ErrLinkUsed) {
		t.Errorf("a second time: %v", err)
	}
	if o, err := r.Store.OpenLink(t.Context(), messages.Approve, send(t, r, m).Link.Token); err != nil || !o.HasLogin {
		t.Errorf("the next link: %+v, %v", o, err)
	}
}

// Whoever has a login, and whose address is another's, gets none; the link is not used up by it.
func TestAcceptRefuses(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	newcomer := r.NewPerson(t, card.Name{Given: "Nils", Family: "Nykomling"})
	for rule, m := range map[string]postgres.Message{
		"logins_pkey":         {Template: messages.Invitation, Person: person, Email: "other@example.com"},
		"logins_email_unique": {Template: messages.Invitation, Person: newcomer, Email: email},
	} {
		l := send(t, r, m)
		_, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(l))
		if ruleOf(err) != rule || !errors.Is(err, account.ErrTaken) {
			t.Errorf("%v, want it refused by %s", err, rule)
		}
		if _, err := r.Store.OpenLink(t.Context(), messages.Invite, l.Link.Token); err != nil {
			t.Errorf("%s: afterwards the link: %v", rule, err)
		}
	}
	l := send(t, r, postgres.Message{Template: messages.Invitation, Person: newcomer, Email: "nils@example.com"})
	if _, _, err := r.Store.Accept(t.Context(), messages.Approve, choice(l)); ruleOf(err) != "links_other_purpose" || !errors.Is(err, account.ErrNotFound) {
		t.Errorf("for another purpose: %v", err)
	}
	if _, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(l)); err != nil {
		t.Errorf("the twin: %v", err)
	}
	if !logsIn(t, r, email, pgtest.Password) || logsIn(t, r, email, chosen) {
		t.Error("the password of the login has changed")
	}
}

// Who reads the mails to an address that one company typed does not become the person of another by it.
func TestNobodyBecomesAPersonOfAnotherCompany(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	a, b := r.NewCompany(t), r.NewCompany(t)
	refused := func(what string, purpose messages.Purpose, l messages.Letter) {
		t.Helper()
		_, _, err := r.Store.Accept(t.Context(), purpose, choice(l))
		_, look := r.Store.OpenLink(t.Context(), purpose, l.Link.Token)
		for _, err := range []error{err, look} {
			if ruleOf(err) != "links_known_elsewhere" || !errors.Is(err, messages.ErrKnownElsewhere) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	invite := func(by account.Actor, n account.NewMember) messages.Letter {
		t.Helper()
		if _, err := r.Store.InviteUser(t.Context(), by, n); err != nil {
			t.Fatal(err)
		}
		return letter(t, r, lastMessage(t, r))
	}

	nora := newMember(1, account.Administrator)
	own := invite(a.Administrator, nora)
	stolen := nora
	stolen.Email = "somebody@b.example"
	theirs := invite(b.Administrator, stolen)
	refused("who works for another company", messages.Invite, theirs)
	if _, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(own)); err != nil {
		t.Errorf("the company's own link, after another company's: %v", err)
	}
	if o, err := r.Store.OpenLink(t.Context(), messages.Invite, theirs.Link.Token); err != nil || !o.HasLogin {
		t.Errorf("the other company's link, once there is a log-in: %+v, %v", o, err)
	}

	nils := newMember(2, account.Orderer)
	invite(a.Administrator, nils)
	if _, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(invite(b.Administrator, nils))); err != nil {
		t.Errorf("both companies know the address: %v", err)
	}

	k := a.Card(t, pgtest.Spec{Status: card.Active})
	approve := b.Card(t, pgtest.Spec{Status: card.Reviewed, Holder: k.Holder.Person})
	m := approval(approve)
	m.Email = "somebody@b.example"
	l := send(t, r, m)
	refused("who has a card of another company", messages.Approve, l)
	k.Do(t, card.Terminate)
	if _, _, err := r.Store.Accept(t.Context(), messages.Approve, choice(l)); err != nil {
		t.Errorf("when the other company's card has ended: %v", err)
	}

	staff := r.NewIssuer(t)
	at := b.Card(t, pgtest.Spec{Status: card.Reviewed, Holder: staff.Person})
	refused("who is of the issuer's staff", messages.Approve, send(t, r, approval(at)))
	operator := postgres.Message{Template: messages.Invitation, Person: staff.Person, Email: "staff@issuer.example"}
	if _, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(send(t, r, operator))); err != nil {
		t.Errorf("by the operator's invitation: %v", err)
	}
}

// A link makes no log-in when what it was sent for is over.
func TestALinkEndsWithWhatItWasSentFor(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	nora, err := r.Store.InviteUser(t.Context(), c.Administrator, newMember(1, account.Orderer))
	if err != nil {
		t.Fatal(err)
	}
	invited := letter(t, r, lastMessage(t, r))
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, nora); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, r, messages.Invite, invited.Link.Token, "links_still_meant", messages.ErrLinkWithdrawn)
	if err := r.Store.GiveRole(t.Context(), c.Administrator, nora, account.Orderer); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(invited)); err != nil {
		t.Errorf("taken in again: %v", err)
	}
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	l := send(t, r, approval(k))
	if _, err := r.Store.OpenLink(t.Context(), messages.Approve, l.Link.Token); err != nil {
		t.Errorf("while the order goes on: %v", err)
	}
	k.Do(t, card.Cancel)
	mustRefuse(t, r, messages.Approve, l.Link.Token, "links_still_meant", messages.ErrLinkWithdrawn)
}

func TestOfManyAtOnceOneMakesTheLogin(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person := r.NewPerson(t, card.Name{Given: "Nils", Family: "Nykomling"})
	enqueue(t, r, postgres.Message{Template: messages.Invitation, Person: person, Email: "nils@example.com"})
	id := lastMessage(t, r)
	letters := []messages.Letter{letter(t, r, id), letter(t, r, id)}
	var begin, done sync.WaitGroup
	begin.Add(1)
	errs := make(chan error, 32)
	for i := range 32 {
		done.Go(func() {
			begin.Wait()
			_, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(letters[i%2]))
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
	if n := len(texts(t, r.Owner, `SELECT email FROM logins WHERE email = 'nils@example.com'`)); won != 1 || n != 1 {
		t.Errorf("%d used the link and there are %d logins, want one", won, n)
	}
}

// Who tries tokens is slowed down together with who tries passwords, and a link that is good costs nothing.
func TestLinksAreThrottled(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	l := send(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})
	guess := messages.Choice{Token: "GUESS", Password: chosen, Address: "192.0.2.7"}
	if err := r.Store.ResetPassword(t.Context(), guess); !errors.Is(err, account.ErrNotFound) {
		t.Fatal(err)
	}
	failed(t, r, "address", "192.0.2.7", 60)
	for name, try := range map[string]func() error{
		"reset":   func() error { return r.Store.ResetPassword(t.Context(), choice(l)) },
		"accept":  func() error { _, _, err := r.Store.Accept(t.Context(), messages.Invite, choice(l)); return err },
		"confirm": func() error { return r.Store.ConfirmEmail(t.Context(), l.Link.Token, "192.0.2.7") },
	} {
		if err := try(); !errors.Is(err, account.ErrThrottled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.MoveClock(t, 16*time.Minute)
	if err := r.Store.ResetPassword(t.Context(), choice(l)); err != nil {
		t.Errorf("after the time: %v", err)
	}
}

func TestAskReset(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	_, email := r.NewLogin(t)
	closed, closedEmail := r.NewLogin(t)
	if err := r.Store.DisableLogin(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	written := func() string {
		return strings.Join(texts(t, r.Owner, `SELECT template || ' ' || email FROM messages ORDER BY id`), ", ")
	}
	for _, e := range []account.Email{"nobody@example.com", closedEmail} {
		if err := r.Store.AskReset(t.Context(), e, "192.0.2.1"); err != nil || written() != "" {
			t.Errorf("%s: %v, written %s", e, err, written())
		}
	}
	want := strings.Repeat(", password_reset "+string(email), 3)[2:]
	for range 5 { // from the fourth on nothing is written, and nothing told
		if err := r.Store.AskReset(t.Context(), email, "192.0.2.1"); err != nil {
			t.Error(err)
		}
	}
	if written() != want {
		t.Errorf("written: %s, want %s", written(), want)
	}
	failed(t, r, "reset from", "192.0.2.1", 20)
	for _, e := range []account.Email{"nobody@example.com", email} {
		if err := r.Store.AskReset(t.Context(), e, "192.0.2.1"); !errors.Is(err, account.ErrThrottled) {
			t.Errorf("too often, for %s: %v", e, err)
		}
	}
	r.MoveClock(t, 16*time.Minute)
	if err := r.Store.AskReset(t.Context(), email, "192.0.2.1"); err != nil || written() != want+", password_reset "+string(email) {
		t.Errorf("after the time: %v, written %s", err, written())
	}
}

// A new password ends the old one. A link that went to an address of before, or to a login that was closed since, gives none.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	reset := func() error {
		return r.Store.ResetPassword(t.Context(), choice(send(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})))
	}
	if err := reset(); err != nil {
		t.Fatal(err)
	}
	if logsIn(t, r, email, pgtest.Password) || !logsIn(t, r, email, chosen) {
		t.Error("the password is not the new one")
	}
	before := send(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})
	change := send(t, r, postgres.Message{Template: messages.ConfirmEmail, Person: person, Email: "new@example.com"})
	if err := r.Store.ConfirmEmail(t.Context(), change.Link.Token, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.ResetPassword(t.Context(), choice(before)); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("a link to the address of before: %v", err)
	}
	if err := reset(); err != nil {
		t.Errorf("a link to the new address: %v", err)
	}
	if err := r.Store.DisableLogin(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	if err := reset(); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("of a closed login: %v", err)
	}
}

func TestConfirmEmail(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	_, taken := r.NewLogin(t)
	for range 5 {
		if err := r.Store.AskEmail(t.Context(), person, taken); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Store.AskEmail(t.Context(), person, "new@example.com"); !errors.Is(err, account.ErrThrottled) {
		t.Errorf("the sixth time: %v", err)
	}
	l := letter(t, r, lastMessage(t, r))
	if l.Email != taken {
		t.Fatalf("the link goes to %s", l.Email)
	}
	if err := r.Store.ConfirmEmail(t.Context(), l.Link.Token, "192.0.2.1"); ruleOf(err) != "logins_email_unique" || !errors.Is(err, account.ErrTaken) {
		t.Errorf("another login's address: %v", err)
	}
	if !logsIn(t, r, email, pgtest.Password) {
		t.Error("the refused change has happened")
	}
	r.MoveClock(t, 16*time.Minute)
	if err := r.Store.AskEmail(t.Context(), person, "new@example.com"); err != nil {
		t.Fatal(err)
	}
	l = letter(t, r, lastMessage(t, r))
	if err := r.Store.ConfirmEmail(t.Context(), l.Link.Token, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if logsIn(t, r, email, pgtest.Password) || !logsIn(t, r, "new@example.com", pgtest.Password) {
		t.Error("the address is not the new one")
	}
	if told := letter(t, r, lastMessage(t, r)); told.Template != messages.EmailChanged || told.Email != email {
		t.Errorf("told is %s to %s", told.Template, told.Email)
	}
	if err := r.Store.ConfirmEmail(t.Context(), l.Link.Token, "192.0.2.1"); ruleOf(err) != "links_used_once" {
		t.Errorf("a second time: %v", err)
	}
}
