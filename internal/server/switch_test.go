package server_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html/atom"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// places are the values that the page offers.
func (a answer) places() []string {
	var all []string
	for _, n := range a.elements(atom.Button) {
		if attr(n, "name") == "context" {
			all = append(all, attr(n, "value"))
		}
	}
	return all
}

func TestSwitchCompany(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	one, two, third := p.NewCompany(t), p.NewCompany(t), p.NewCompany(t)
	both := one.NewMember(t, card.Name{Given: "Dan", Family: "Dubbel"}, account.Orderer, account.Administrator)
	if err := p.Store.AddRole(context.Background(), both.Person, two.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	first := one.Card(t, pgtest.Spec{Status: card.Active, Orderer: both})
	second := two.Card(t, pgtest.Spec{Status: card.Active})
	p.log.forbid("Dubbel")

	b := p.browser(t)
	page := b.follow(b.post("/login", "email", p.email(t, both.Person), "password", pgtest.Password, "next", address(second)))
	at1, at2 := placeOf(both), placeOf(account.Actor{Company: two.ID})
	if got := strings.Join(page.places(), " "); got != at1+" "+at2 {
		t.Fatalf("the places are %q, want %q", got, at1+" "+at2)
	}
	b.get(address(first)).mustLeadTo("/switch?" + url.Values{"next": {address(first)}}.Encode())
	b.get("/cards").mustLeadTo("/switch?next=%2Fcards")
	for _, path := range []string{"/my-cards", "/account", "/nonesuch"} {
		if undecided := b.get(path).mustSay(swedish("layout.choose")); !slices.Contains(undecided.links(), "/switch") {
			t.Errorf("%s does not lead to the choice of a company", path)
		}
	}
	b.get("/cards?q=19121212-1212&kind=standard").mustLeadTo("/switch?next=%2Fcards%3Fkind%3Dstandard")
	b.sendForm(page, "/switch", "context", at2).mustLeadTo(address(second))
	b.get(address(second)).mustBe(http.StatusOK).mustSay(two.Name, swedish("layout.switch"))
	b.get(address(first)).mustBe(http.StatusNotFound)

	b.post("/switch", "context", at1).mustLeadTo("/")
	b.follow(b.get("/")).mustSay(one.Name)
	b.get(address(first)).mustBe(http.StatusOK)
	b.get(address(second)).mustBe(http.StatusNotFound)

	for _, elsewhere := range []string{placeOf(third.Orderer), "issuer", "holder", "company:", "company:x", "company:0", "nowhere"} {
		b.post("/switch", "context", elsewhere).mustFail(http.StatusUnprocessableEntity).mustSay(swedish("error.context_gone"))
	}
	b.post("/switch").mustFail(http.StatusUnprocessableEntity).mustSay(swedish("error.context_required"))
	b.get(address(first)).mustBe(http.StatusOK)
}

// Who works in the only place there is goes on there when somebody else gives another one: nothing typed is lost.
func TestSecondPlaceWhileLoggedIn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	one, two := p.NewCompany(t), p.NewCompany(t)
	k := one.Card(t, pgtest.Spec{Status: card.Active})
	b := p.browser(t)
	b.logIn(p.email(t, one.Orderer.Person))
	form := b.get(address(k, "block")).mustBe(http.StatusOK)
	if err := p.Store.AddRole(context.Background(), one.Orderer.Person, two.ID, account.Administrator); err != nil {
		t.Fatal(err)
	}
	b.sendForm(form, address(k, "block"), "reason", "lost").mustBe(http.StatusSeeOther)
	b.get(address(k)).mustBe(http.StatusOK).mustSay(one.Name, swedish("layout.switch"))
	b.get("/cards").mustBe(http.StatusOK).mustSay(one.Name)

	// Another log-in begins with the choice.
	again := p.browser(t)
	again.logIn(p.email(t, one.Orderer.Person))
	again.get("/cards").mustLeadTo("/switch?next=%2Fcards")
}

// Roles are read for each request: what is taken away is gone at once.
func TestRoleTakenAwayWhileLoggedIn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	one, two := p.NewCompany(t), p.NewCompany(t)
	person := one.NewMember(t, card.Name{Given: "Dan", Family: "Dubbel"}, account.Orderer, account.Administrator)
	k := one.Card(t, pgtest.Spec{Status: card.Active, Orderer: person})
	b := p.logIn(t, person)
	form := b.get(address(k, "block")).mustBe(http.StatusOK)

	one.LoseOrderer(t, person.Person)
	b.sendForm(form, address(k, "block"), "reason", "lost").mustBe(http.StatusForbidden).
		mustSay("Dan Dubbel")
	b.get(address(k)).mustBe(http.StatusOK)
	other := one.NewMember(t, card.Name{Given: "Ann", Family: "Annan"}, account.Administrator)
	p.email(t, other.Person) // somebody who can log in stays
	if err := p.Store.EndRole(context.Background(), person.Person, one.ID, account.Administrator); err != nil {
		t.Fatal(err)
	}
	b.sendForm(form, address(k, "block"), "reason", "lost").mustBe(http.StatusNotFound)
	b.get(address(k)).mustLeadTo("/switch?" + url.Values{"next": {address(k)}}.Encode())
	b.get("/cards").mustLeadTo("/switch?next=%2Fcards")
	none := b.get("/switch").mustBe(http.StatusOK)
	none.mustSay(swedish("switch.none"))
	if err := p.Store.AddRole(context.Background(), person.Person, two.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	left := b.get("/switch").mustFail(http.StatusOK).mustSay(swedish("error.context_gone"))
	b.follow(b.sendForm(left, "/switch", "context", placeOf(account.Actor{Company: two.ID}))).mustSay(two.Name)
	if k.See(t); k.Status != card.Active {
		t.Errorf("the card is %s", k.Status)
	}
}

// Whoever has left the chosen company is told so, and chooses another place.
func TestChosenCompanyIsLeft(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	one, two, third := p.NewCompany(t), p.NewCompany(t), p.NewCompany(t)
	person := one.NewMember(t, card.Name{Given: "Dan", Family: "Dubbel"}, account.Orderer)
	for _, c := range []*pgtest.Company{two, third} {
		if err := p.Store.AddRole(context.Background(), person.Person, c.ID, account.Administrator); err != nil {
			t.Fatal(err)
		}
	}
	b := p.logIn(t, person)
	if err := p.Store.EndRole(context.Background(), person.Person, one.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	a := b.follow(b.get("/cards"))
	a.mustFail(http.StatusOK).mustSay(swedish("error.context_gone"))
	if got := a.places(); len(got) != 2 {
		t.Errorf("the places are %v", got)
	}
	b.follow(b.sendForm(a, "/switch", "context", placeOf(account.Actor{Company: two.ID}))).mustSay(two.Name)
}

func TestDisabledLoginIsOut(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	b := p.logIn(t, company.Orderer)
	b.get("/cards").mustBe(http.StatusOK)
	if err := p.Store.DisableLogin(context.Background(), company.Orderer.Person); err != nil {
		t.Fatal(err)
	}
	b.get("/cards").mustLeadTo("/login?next=%2Fcards")
}

// Everybody lands on the start page after login.
func TestStart(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	k := company.Card(t, pgtest.Spec{Status: card.Active})
	for name, tc := range map[string]struct {
		who  account.Actor
		want i18n.Key
	}{
		"orderer":       {company.Orderer, "start.waits_for_you"},
		"administrator": {company.Administrator, "start.waits_for_orderers"},
		"issuer":        {p.Issuer, "start.at_desk"},
		"holder":        {k.Holder, "start.nothing"},
	} {
		b := p.browser(t)
		b.logIn(p.email(t, tc.who.Person))
		b.get("/").mustBe(http.StatusOK).mustSay(swedish(tc.want)) // nobody is asked who has no choice
		b.get("/start").mustBe(http.StatusOK).mustSay(swedish(tc.want))
		b.get("/login").mustLeadTo("/")
		b.get("/login?next=%2Fhelp").mustLeadTo("/help")
		if name == "holder" {
			b.post("/cards", "q", "x").mustBe(http.StatusForbidden)
			b.get("/cards").mustLeadTo("/my-cards")
		}
	}
	p.browser(t).get("/").mustLeadTo("/login")
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	lang := func(a answer) string { return attr(a.elements(atom.Html)[0], "lang") }

	// Before login: as the browser asks, unless somebody chose.
	b := p.browser(t)
	for header, want := range map[string]string{"": "sv", "en-GB,en;q=0.9": "en", "sv": "sv", "de": "en", "de,en;q=0.5": "en", ";;q=,,*": "sv"} {
		b.header.Set("Accept-Language", header)
		if got := lang(b.get("/login")); got != want {
			t.Errorf("Accept-Language %q: the page is in %s, want %s", header, got, want)
		}
	}
	b.header.Set("Accept-Language", "sv")
	b.post("/language", "lang", "en", "next", "/login").mustLeadTo("/login")
	b.get("/login").mustSay(english("login.submit"))
	b.post("/login").mustFail(http.StatusUnprocessableEntity, "email", "password").mustSay(english("error.email_required"))
	b.get("/nonesuch").mustBe(http.StatusNotFound).mustSay(english("error_page.not_found"))

	// After login the person's own goes before the browser's.
	b.logIn(p.email(t, company.Orderer.Person))
	b.get("/switch")
	b.get("/cards").mustSay(swedish("card_search.q"))
	page := b.get("/account")
	b.sendForm(page, "/language", "lang", "en").mustBe(http.StatusSeeOther)
	if got := lang(b.get("/cards")); got != "en" {
		t.Errorf("after the choice the page is in %s", got)
	}
	elsewhere := p.logIn(t, company.Orderer)
	elsewhere.header.Set("Accept-Language", "sv")
	if got := lang(elsewhere.get("/cards")); got != "en" {
		t.Errorf("in another browser the page is in %s", got)
	}
	for _, wrong := range []string{"", "de", "sv-SE; drop", "SV\x00"} {
		if a := b.post("/language", "lang", wrong); a.status != http.StatusBadRequest && lang(b.get("/cards")) != "en" {
			t.Errorf("lang=%q is answered %d", wrong, a.status)
		}
	}
}
