package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// newActivator is the holder of a card that has come by post.
func newActivator(t *testing.T) (*portal, *browser, *pgtest.Card) {
	t.Helper()
	p := newPortal(t)
	p.exec(t, `UPDATE clock SET moved_by = (today() + time '12:00') AT TIME ZONE 'Europe/Stockholm' - now()`) // far from midnight
	k := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Produced})
	return p, p.logIn(t, k.Holder), k
}

func TestActivating(t *testing.T) {
	t.Parallel()
	p, b, first := newActivator(t)
	path := myAddress(first, "activate")
	page := b.get(path).mustBe(http.StatusOK).mustSay(swedish("activate.then_pin"), swedish("activate.then_fee"))
	// The page proves nothing to who cannot read the card: its number is asked for, not shown.
	if strings.Contains(page.text(), first.Number.String()) {
		t.Error("the page shows the number that it asks for")
	}
	a := b.sendForm(page, path, "card_number", first.LastSix()).mustLeadTo(myAddress(first) + "?receipt=5")
	shown := b.follow(a).mustSay(swedish("activate.receipt", i18n.Str("card", "TE-0000-••••••")))
	if !strings.Contains(fmt.Sprint(shown.links()), myAddress(first, "pin")) {
		t.Errorf("the receipt does not lead to the PIN: %v", shown.links())
	}
	b.post(myAddress(first, "pin"), "last_six", first.LastSix()).mustShowPIN()

	second := first.Company.Card(t, pgtest.Spec{Status: card.Produced, Holder: first.Holder.Person})
	path = myAddress(second, "activate")
	page = b.get(path).mustSay(swedish("activate.ends", i18n.Str("card", "TE-0000-••••••")))
	b.sendForm(page, path, "card_number", " "+strings.ToLower(strings.ReplaceAll(second.Number.String(), "-", " – "))).mustBe(http.StatusSeeOther)
	if first.See(t); first.Status != card.Terminated {
		t.Errorf("the older card is %s", first.Status)
	}
	// The same click again.
	b.sendForm(page, path, "card_number", second.LastSix()).mustBe(http.StatusConflict).mustSay(swedish("conflict.repeated"))
	b.get(path).mustBe(http.StatusConflict)
	if n := query[int](t, p, `SELECT count(*) FROM activation_tries`); n != 0 {
		t.Errorf("%d wrong numbers", n)
	}
}

func TestActivationForm(t *testing.T) {
	t.Parallel()
	p, b, k := newActivator(t)
	path := myAddress(k, "activate")
	page := b.get(path)
	for typed, say := range map[string]string{
		"": swedish("activate.error_required"), "12345": swedish("activate.error_invalid"), "TE-0000": swedish("activate.error_invalid"), "abcdef": swedish("activate.error_invalid"),
	} {
		a := b.sendForm(page, path, "card_number", typed).mustFail(http.StatusUnprocessableEntity, "card_number").mustSay(say)
		if kept := a.form(path).Get("card_number"); kept != typed {
			t.Errorf("kept is %q", kept)
		}
	}
	if n := query[int](t, p, `SELECT count(*) FROM activation_tries`); n != 0 {
		t.Errorf("%d tries are counted for what is no number", n)
	}
	for _, typed := range []string{"999999", "ZZ-9999-999999", "999998", "999997"} {
		b.sendForm(page, path, "card_number", typed).mustFail(http.StatusUnprocessableEntity, "card_number").mustSay(swedish("activate.error_wrong"))
	}
	// The fifth ends the day, and the right number does not help any more.
	for _, typed := range []string{"999996", k.LastSix()} {
		a := b.post(path, "version", fmt.Sprint(k.Version), "card_number", typed).mustBe(http.StatusTooManyRequests).mustSay(swedish("activate.too_often"))
		if a.hasForm(path) {
			t.Error("the form is offered")
		}
	}
	if b.get(path).mustSay(swedish("activate.too_often")).hasForm(path) {
		t.Error("the form is offered")
	}
	if k.See(t); k.Status != card.Produced {
		t.Errorf("the card is %s", k.Status)
	}
	p.MoveClock(t, 24*time.Hour)
	b = p.logIn(t, k.Holder)
	b.sendForm(b.get(path), path, "card_number", k.LastSix()).mustBe(http.StatusSeeOther)
}

// What stands in the way is told: not produced, expired, changed meanwhile.
func TestActivationIsRefused(t *testing.T) {
	t.Parallel()
	p, b, k := newActivator(t)
	path := myAddress(k, "activate")
	page := b.get(path)
	if _, err := p.Store.Act(t.Context(), k.Company.Administrator, card.Command{
		Card: k.ID, Version: k.Version, Action: card.HandOver, Successor: k.Company.OtherOrderer.Person,
	}); err != nil {
		t.Fatal(err)
	}
	a := b.sendForm(page, path, "card_number", k.LastSix()).mustBe(http.StatusConflict).mustSay(swedish("activate.changed"), swedish("event.hand_over"))
	if kept := a.form(path).Get("card_number"); kept != k.LastSix() {
		t.Errorf("kept is %q", kept)
	}
	k.See(t)
	expired := k.Company.Card(t, pgtest.Spec{Status: card.Produced, ValidTo: p.Today(t).AddDate(0, 0, -1)})
	approved := k.Company.Card(t, pgtest.Spec{Status: card.Approved})
	for _, other := range []struct {
		k   *pgtest.Card
		say string
	}{{expired, swedish("why.expired")}, {approved, swedish("why.status", i18n.Str("status", swedish("status.approved")))}} {
		b := p.logIn(t, other.k.Holder)
		b.get(myAddress(other.k, "activate")).mustBe(http.StatusConflict).mustSay(other.say)
		b.post(myAddress(other.k, "activate"), "version", fmt.Sprint(other.k.Version), "card_number", other.k.LastSix()).mustBe(http.StatusConflict).mustSay(other.say)
	}
	b.sendForm(a, path, "card_number", k.LastSix()).mustBe(http.StatusSeeOther)
}

// A hundred clicks on two cards of one person: one is active in the end, and whoever came too late is told.
func TestAHundredActivations(t *testing.T) {
	t.Parallel()
	p, b, older := newActivator(t)
	newer := older.Company.Card(t, pgtest.Spec{Status: card.Produced, Holder: older.Holder.Person})
	cards := []*pgtest.Card{older, newer}
	const clicks = 100
	answers, errs := make([]answer, clicks), make([]error, clicks)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range clicks {
		k := cards[i%2]
		r := b.request(http.MethodPost, myAddress(k, "activate"), strings.NewReader(url.Values{
			"version": {fmt.Sprint(k.Version)}, "card_number": {k.LastSix()},
		}.Encode()))
		done.Go(func() {
			<-start
			answers[i], errs[i] = b.do(r)
		})
	}
	close(start)
	done.Wait()
	activated := 0
	for i, a := range answers {
		switch {
		case errs[i] != nil:
			t.Error(errs[i])
		case a.status == http.StatusSeeOther:
			activated++
		case a.status != http.StatusConflict:
			t.Errorf("a click is answered %d: %s", a.status, a.text())
		case a.byID("refused") == nil && !strings.Contains(a.text(), swedish("conflict.changes")):
			t.Errorf("a click that came too late is not told why: %s", a.text())
		}
	}
	if activated < 1 || activated > 2 {
		t.Errorf("%d clicks activated a card", activated)
	}
	if n := query[int](t, p, `SELECT count(*) FROM cards WHERE person_id = $1 AND status = 'active'`, older.Holder.Person); n != 1 {
		t.Errorf("%d cards are active", n)
	}
	if newer.See(t); newer.Status != card.Active {
		t.Errorf("the newer card is %s", newer.Status)
	}
}
