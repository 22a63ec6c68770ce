package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// newHolder is the holder of an active card.
func newHolder(t *testing.T) (*portal, *browser, *pgtest.Card) {
	t.Helper()
	p := newPortal(t)
	k := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	return p, p.logIn(t, k.Holder), k
}

// pin is the PIN on the page, empty when there is none.
func (a answer) pin() string {
	shown := a.all(func(n *html.Node) bool { return hasAttr(n, "data-pin") })
	if len(shown) == 0 {
		return ""
	}
	return textOf(shown[0])
}

func (a answer) asksPassword() bool {
	return slices.ContainsFunc(a.elements(atom.Input), func(n *html.Node) bool { return attr(n, "type") == "password" })
}

var fourDigits = regexp.MustCompile(`^\d{4}$`)

func (a answer) mustShowPIN() string {
	a.t.Helper()
	a.mustBe(http.StatusOK)
	if !fourDigits.MatchString(a.pin()) {
		a.t.Fatalf("%s shows the PIN %q:\n%s", a.asked, a.pin(), a.text())
	}
	return a.pin()
}

func TestPIN(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	path := myAddress(k, "pin")
	b.header.Set("Accept-Encoding", "gzip")

	asked := b.get(path).mustBe(http.StatusOK)
	if asked.pin() != "" || asked.header.Get("Refresh") != "" || asked.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("the first step shows %q with %v", asked.pin(), asked.header)
	}
	shown := b.sendForm(asked, path, "last_six", k.LastSix())
	pin := shown.mustShowPIN()
	p.log.forbid(pin + " ")
	if got, want := shown.header.Get("Refresh"), "30; url="+myAddress(k); got != want {
		t.Errorf("Refresh is %q, want %q", got, want)
	}
	if got := shown.header.Get("Content-Encoding"); got != "" {
		t.Errorf("the page with the PIN is compressed: %s", got)
	}
	if strings.Contains(shown.title(), pin) {
		t.Error("the PIN is in the title")
	}
	shown.mustSay(swedish("pin.left", i18n.Count(4)))
	// Each view is listed, for the holder.
	if views := shown.all(func(n *html.Node) bool { return n.DataAtom == atom.Time }); len(views) != 1 {
		t.Errorf("%d views are listed", len(views))
	}
	// The form is good for one view: a reload of what it showed asks once more.
	if asked.mustNotSay(k.Number.String()); !strings.Contains(asked.text(), k.Number.String()[:8]) {
		t.Error("the first step does not name the card")
	}
	used := b.sendForm(asked, path, "last_six", k.LastSix()).mustFail(http.StatusConflict, "last_six").mustSay(swedish("pin.used"))
	if used.pin() != "" || used.form(path).Get("last_six") != "" {
		t.Error("a form that was sent again shows the PIN, or gives back what proves that the card is at hand")
	}
	again := b.sendForm(used, path, "last_six", strings.ToLower(k.Number.String())) // the whole number does as well
	if again.mustShowPIN() != pin {
		t.Error("another PIN the second time")
	}
	if n := query[int](t, p, `SELECT count(*) FROM pin_views WHERE card_id = $1 AND outcome = 'shown'`, k.ID); n != 2 {
		t.Errorf("%d views are written down, want 2", n)
	}
	b.get(myAddress(k)).mustSay(swedish("pin.views_lead"))
}

func TestPINForm(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	path := myAddress(k, "pin")
	p.MoveClock(t, 6*time.Minute)
	asked := b.get(path)
	if !asked.asksPassword() {
		t.Fatal("six minutes after login the password is not asked for")
	}
	six := k.LastSix()
	for name, tc := range map[string]struct {
		lastSix, password string
		fields            []string
		say               string
	}{
		"nothing":         {"", "", []string{"last_six", "password"}, swedish("error.last_six_required")},
		"no password":     {six, "", []string{"password"}, swedish("error.password_required")},
		"five digits":     {six[1:], pgtest.Password, []string{"last_six"}, swedish("error.last_six_invalid")},
		"seven digits":    {six + "1", pgtest.Password, []string{"last_six"}, swedish("error.last_six_invalid")},
		"letters":         {"abcdef", pgtest.Password, []string{"last_six"}, swedish("error.last_six_invalid")},
		"a sign":          {"+12345", pgtest.Password, []string{"last_six"}, swedish("error.last_six_invalid")},
		"wrong password":  {six, "fel lösenord", []string{"password"}, swedish("error.password_wrong")},
		"NUL in password": {six, pgtest.Password + "\x00", []string{"password"}, swedish("error.password_wrong")},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.sendForm(asked, path, "last_six", tc.lastSix, "password", tc.password)
			a.mustFail(http.StatusUnprocessableEntity, tc.fields...).mustSay(tc.say)
			if form := a.form(path); form.Get("last_six") != tc.lastSix || form.Get("password") != "" {
				t.Errorf("kept is %v", form)
			}
			if a.pin() != "" {
				t.Error("and yet there is a PIN")
			}
		})
	}
	if n := query[int](t, p, `SELECT count(*) FROM pin_views`); n != 0 {
		t.Errorf("%d views are written down", n)
	}
	// The right password with the wrong digits counts, and is not asked for again.
	wrong := b.sendForm(asked, path, "last_six", "999999", "password", pgtest.Password)
	wrong.mustFail(http.StatusUnprocessableEntity, "last_six").mustSay(swedish("error.last_six_wrong"))
	if wrong.asksPassword() {
		t.Error("the password is asked for again at once")
	}
	if n := query[int](t, p, `SELECT count(*) FROM pin_views WHERE outcome = 'wrong_number'`); n != 1 {
		t.Errorf("%d wrong numbers are written down, want 1", n)
	}
	b.sendForm(wrong, path, "last_six", six).mustShowPIN()
}

// The password holds for five minutes, by the database's clock.
func TestPINPasswordHoldsFiveMinutes(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	path := myAddress(k, "pin")
	show := func(wantPassword bool) {
		t.Helper()
		asked := b.get(path).mustBe(http.StatusOK)
		if asked.asksPassword() != wantPassword {
			t.Fatalf("the password is asked for: %t, want %t", asked.asksPassword(), wantPassword)
		}
		if wantPassword { // nor does leaving the field out help
			b.post(path, "last_six", k.LastSix()).mustFail(http.StatusUnprocessableEntity, "password")
		}
		b.sendForm(asked, path, "last_six", k.LastSix(), "password", pgtest.Password).mustShowPIN()
	}
	show(false) // just logged in
	p.MoveClock(t, 4*time.Minute)
	show(false)
	p.MoveClock(t, 2*time.Minute)
	show(true)
	p.MoveClock(t, 4*time.Minute)
	show(false)
	p.MoveClock(t, 2*time.Minute)
	show(true)
}

func TestPINFiveTimesADay(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	path := myAddress(k, "pin")
	for i := range 5 {
		shown := b.post(path, "last_six", k.LastSix())
		shown.mustShowPIN()
		if offered := slices.Contains(shown.links(), path); offered != (i < 4) || !offered && !strings.Contains(shown.text(), swedish("pin.closed_limit")) {
			t.Errorf("after view %d another is offered: %v", i+1, offered)
		}
	}
	if own := b.get(myAddress(k)).mustSay(swedish("pin.closed_limit")); slices.Contains(own.links(), path) {
		t.Error("the card's page offers a sixth view")
	}
	a := b.post(path, "last_six", k.LastSix()).mustBe(http.StatusTooManyRequests).mustSay(swedish("pin.closed_limit"))
	if a.pin() != "" || a.hasForm(path) {
		t.Error("a sixth time")
	}
	if b.get(path).mustSay(swedish("pin.closed_limit")).hasForm(path) {
		t.Error("the form is offered a sixth time")
	}
	p.MoveClock(t, 24*time.Hour)
	b = p.logIn(t, k.Holder)
	b.post(path, "last_six", k.LastSix()).mustShowPIN()
	for range 4 {
		b.post(path, "last_six", "999999").mustFail(http.StatusUnprocessableEntity, "last_six")
	}
	// The fifth ends the day, and the page does not pretend that the PIN was seen.
	b.post(path, "last_six", "999999").mustBe(http.StatusTooManyRequests).mustSay(swedish("pin.closed_wrong_limit"))
	b.post(path, "last_six", k.LastSix()).mustBe(http.StatusTooManyRequests).mustSay(swedish("pin.closed_wrong_limit"))
}

func TestPINPasswordIsThrottled(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	path := myAddress(k, "pin")
	p.MoveClock(t, 6*time.Minute)
	for range 10 {
		b.post(path, "last_six", k.LastSix(), "password", "gissning").mustFail(http.StatusUnprocessableEntity, "password")
	}
	a := b.post(path, "last_six", k.LastSix(), "password", pgtest.Password).mustFail(http.StatusTooManyRequests)
	if a.header.Get("Retry-After") == "" || a.pin() != "" {
		t.Errorf("answered with %v", a.header)
	}
	p.MoveClock(t, 16*time.Minute)
	b.post(path, "last_six", k.LastSix(), "password", pgtest.Password).mustShowPIN()
}

// Only while the card is active, and only for the holder.
func TestPINOfWhichCard(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	for _, status := range pgtest.Statuses(card.Standard) {
		k := company.Card(t, pgtest.Spec{Status: status})
		b := p.logIn(t, k.Holder)
		a := b.post(myAddress(k, "pin"), "last_six", k.LastSix())
		if status == card.Active {
			a.mustShowPIN()
			continue
		}
		a.mustBe(http.StatusConflict).mustSay(swedish("pin.closed_not_active"))
		if b.get(myAddress(k, "pin")).hasForm(myAddress(k, "pin")) || a.pin() != "" {
			t.Errorf("a %s card has a PIN", status)
		}
	}
	suspended := p.NewCompany(t)
	k := suspended.Card(t, pgtest.Spec{Status: card.Active})
	suspended.Suspend(t)
	p.logIn(t, k.Holder).post(myAddress(k, "pin"), "last_six", k.LastSix()).mustShowPIN()
	for name, actor := range map[string]account.Actor{
		"orderer": suspended.Orderer, "administrator": suspended.Administrator, "issuer": p.Issuer, "another holder": company.Card(t, pgtest.Spec{Status: card.Active}).Holder,
	} {
		b := p.logIn(t, actor)
		b.get(myAddress(k, "pin")).mustBe(http.StatusNotFound)
		if a := b.post(myAddress(k, "pin"), "last_six", k.LastSix()); a.status != http.StatusNotFound || a.pin() != "" {
			t.Errorf("%s is answered %d", name, a.status)
		}
	}
	p.exec(t, `UPDATE clock SET moved_by = interval '3 years'`)
	p.logIn(t, k.Holder).post(myAddress(k, "pin"), "last_six", k.LastSix()).mustBe(http.StatusConflict)
}

// The PIN stands on one page of one person and nowhere else: every page of every role is read for it.
func TestPINIsNowhereElse(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	b := c.browsers["holder"]
	pin := b.post(myAddress(k, "pin"), "last_six", k.LastSix()).mustShowPIN()
	// Four digits may stand anywhere by chance; with the time and the numbers of this test they must not.
	alone := regexp.MustCompile(`(^|[^0-9A-Za-z.:#-])` + pin + `([^0-9A-Za-z.:-]|$)`)
	for role, b := range c.browsers {
		pages := crawl(b, append(entrances(k), "/cards?q="+pin, "/cards?q="+url.QueryEscape(k.Number.String())))
		if len(pages) < 5 {
			t.Errorf("%s sees %d pages only", role, len(pages))
		}
		for _, a := range pages {
			if a.pin() != "" || alone.MatchString(strings.ReplaceAll(a.text(), "Sökt: "+pin, "")) {
				t.Errorf("%s finds the PIN %s at %s:\n%s", role, pin, a.asked, a.text())
			}
		}
	}
	if strings.Contains(c.p.log.String(), `"`+pin+`"`) {
		t.Error("the PIN is in the log")
	}
	dump := query[string](t, c.p, `SELECT string_agg(p::text, ' ') FROM card_pins p`)
	if alone.MatchString(dump) {
		t.Error("the PIN is in the database")
	}
}

func entrances(k *pgtest.Card) []string {
	get, _ := addresses(k)
	return get
}

// crawl reads every page that the links lead to.
func crawl(b *browser, start []string) []answer {
	var pages []answer
	seen := map[string]bool{}
	for next := start; len(next) > 0; {
		path := next[0]
		next = next[1:]
		if seen[path] || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/static/") {
			continue
		}
		seen[path] = true
		a := b.get(path)
		pages = append(pages, a)
		if a.status == http.StatusSeeOther {
			next = append(next, a.location())
			continue
		}
		for _, link := range a.links() {
			address, _, _ := strings.Cut(link, "#")
			next = append(next, address)
		}
	}
	return pages
}

// No link of any page leads to nothing.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	for role, b := range c.browsers {
		for _, a := range crawl(b, []string{"/", "/help", "/cards?status=active", "/my-cards", "/login"}) {
			if a.status != http.StatusOK && a.status != http.StatusSeeOther {
				t.Errorf("%s: a link leads to %s, which is answered %d", role, a.asked, a.status)
			}
			for _, link := range a.links() {
				if strings.HasPrefix(link, "#") && a.byID(link[1:]) == nil {
					t.Errorf("%s: %s leads to %s, which is not there", role, a.asked, link)
				}
			}
		}
	}
	if k.See(t); k.Version != 5 {
		t.Errorf("following links made version %d", k.Version)
	}
}

func TestMyCards(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	one, two := p.NewCompany(t), p.NewCompany(t)
	first := one.Card(t, pgtest.Spec{Status: card.Active})
	second := two.Card(t, pgtest.Spec{Status: card.Active, Holder: first.Holder.Person})
	third := two.Card(t, pgtest.Spec{Status: card.Ordered, Holder: first.Holder.Person})
	one.Card(t, pgtest.Spec{Status: card.Active}) // somebody else's
	b := p.logIn(t, first.Holder)
	// What proves that the card is at hand stands on the card alone.
	for _, path := range []string{"/my-cards", "/start", myAddress(first), myAddress(first, "block"), myAddress(first, "claim"), myAddress(first, "pin")} {
		b.get(path).mustBe(http.StatusOK).mustNotSay(first.LastSix())
	}
	b.get("/my-cards").mustShow(myAddress(first), myAddress(second), "").mustSay(one.Name, two.Name)
	b.get("/my-cards?show=active").mustShow(myAddress(first), myAddress(second))
	b.get("/my-cards?show=x").mustShow(myAddress(first), myAddress(second), "")
	b.get(myAddress(third)).mustBe(http.StatusOK).mustSay(swedish("status.ordered"))
	b.sendForm(b.get(myAddress(first, "block")), myAddress(first, "block"), "reason", "lost").mustLeadTo(myAddress(first) + "?receipt=6")
	b.get("/my-cards?show=active").mustShow(myAddress(second))
	second.Do(t, card.Block)
	b.get("/my-cards?show=active").mustShow().mustSay(swedish("my_cards.none_active"))
	// The holder blocks, and never unblocks.
	b.get(myAddress(first)).mustBe(http.StatusOK).mustSay(swedish("gate.blocked_own"))
	b.get(myAddress(first, "unblock")).mustBe(http.StatusForbidden)
	// Who has no card sees that there is none.
	p.logIn(t, one.Orderer).get("/my-cards").mustShow().mustSay(swedish("my_cards.none"))
}

// The active cards are those that are in use: also while the company owes a fee, no longer after their last day.
func TestMyActiveCards(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.exec(t, `UPDATE clock SET moved_by = (today() + time '12:00') AT TIME ZONE 'Europe/Stockholm' - now()`) // far from midnight
	company, owing := p.NewCompany(t), p.NewCompany(t)
	today := p.Today(t)
	short := company.Card(t, pgtest.Spec{Status: card.Active, ValidTo: today})
	holder := short.Holder
	long := owing.Card(t, pgtest.Spec{Status: card.Active, Holder: holder.Person, ValidTo: today.AddDate(0, 0, 1)})
	owing.Suspend(t)
	for days, active := range [][]string{{myAddress(short), myAddress(long)}, {myAddress(long)}, nil} {
		b := p.logIn(t, holder)
		if got := b.get("/my-cards?show=active").mustShow(active...); active == nil {
			got.mustSay(swedish("my_cards.none_active"))
		}
		b.get("/my-cards").mustShow(myAddress(short), myAddress(long)).
			mustSay(swedish("my_cards.active") + " " + fmt.Sprint(len(active)))
		if t.Failed() {
			t.Fatalf("after %d days", days)
		}
		p.MoveClock(t, 24*time.Hour)
	}
}

// A note is the company's: the holder reads only the own ones.
func TestNotesStayInTheCompany(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	p.log.forbid("slarvat med", "glömde det i")
	b.post(myAddress(k, "block"), "version", fmt.Sprint(k.Version), "reason", "lost", "note", "glömde det i bilen").mustBe(http.StatusSeeOther)
	orderer := p.logIn(t, k.Orderer)
	orderer.post(address(k, "unblock"), "version", "6", "reason", "other", "note", "har slarvat med kortet").mustBe(http.StatusSeeOther)
	orderer.get(address(k)).mustSay("har slarvat med kortet", "glömde det i bilen")
	b.get(myAddress(k)).mustSay("glömde det i bilen").mustNotSay("har slarvat med kortet")
}

// Who has a newer card is told of it on the old one's page, and nobody is told to order one that is there.
func TestTheOldCardTellsOfTheNewOne(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	old := c.Card(t, pgtest.Spec{Status: card.Active})
	old.Do(t, card.Terminate)
	holder, orderer := p.logIn(t, old.Holder), p.logIn(t, c.Orderer)
	replace := "/orders/new?replaces=" + idText(old)
	holder.get(myAddress(old)).mustSay(swedish("newer.none_own")).mustNotSay(swedish("newer.none"))
	if page := orderer.get(address(old)).mustSay(swedish("newer.none")); !slices.Contains(page.links(), replace) {
		t.Error("the orderer is not led to an order")
	}
	newer := c.Card(t, pgtest.Spec{Status: card.Produced, Holder: old.Holder.Person})
	stranger := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active, Holder: old.Holder.Person}) // another company's is no matter of this one
	for _, step := range []struct {
		do           card.Action
		own, company i18n.Key
	}{
		{"", "newer.produced_own", "newer.produced"},
		{card.Activate, "newer.active_own", "newer.active"},
		{card.Block, "newer.blocked", "newer.blocked"},
	} {
		if step.do != "" {
			newer.Do(t, step.do)
		}
		page := holder.get(myAddress(old)).mustSay(swedish(step.own))
		if !slices.Contains(page.links(), myAddress(newer)) {
			t.Errorf("%s: the holder is not led to the new card", step.own)
		}
		holder.get("/my-cards").mustSay(swedish("gate.terminated") + " " + swedish(step.own))
		page = orderer.get(address(old)).mustSay(swedish(step.company)).mustNotSay(swedish("newer.none"))
		if links := page.links(); !slices.Contains(links, address(newer)) || slices.Contains(links, replace) || slices.Contains(links, address(stranger)) {
			t.Errorf("%s: the orderer is led to %v", step.company, links)
		}
	}
	newer.Do(t, card.Terminate)
	orderer.get(address(old)).mustSay(swedish("newer.none"))
}
