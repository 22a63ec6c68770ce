package server_test

import (
	"context"
	"net/http"
	"testing"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// mustTell fails unless the receipt on the page is that text; empty for a page without one.
func (a answer) mustTell(text string) answer {
	a.t.Helper()
	told := ""
	if receipt := a.byID("receipt"); receipt != nil {
		told = textOf(receipt)
	}
	if told != text {
		a.t.Errorf("%s tells %q, want %q", a.asked, told, text)
	}
	return a
}

func switchedTo(place string) string { return swedish("receipt.switch", i18n.Str("place", place)) }

// Whoever switches the company is told where he or she is now, once.
func TestReceiptOfASwitch(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	one, two := p.NewCompany(t), p.NewCompany(t)
	person := one.NewMember(t, card.Name{Given: "Dan", Family: "Dubbel"}, account.Orderer)
	if err := p.Store.AddRole(context.Background(), person.Person, two.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	k := two.Card(t, pgtest.Spec{Status: card.Active, Holder: person.Person, Orderer: account.Actor{Person: person.Person, Company: two.ID}})
	at1, at2 := placeOf(person), placeOf(account.Actor{Company: two.ID})

	b := p.logIn(t, person) // to choose the first place is no switch
	b.get("/cards").mustTell("")
	b.follow(b.post("/switch", "context", at1)).mustTell("")
	b.follow(b.post("/switch", "context", at2)).mustTell(switchedTo(two.Name))
	b.get("/cards").mustTell("")
	b.follow(b.post("/switch", "context", "holder", "next", "/my-cards")).mustTell(switchedTo(swedish("place.holder")))
	b.follow(b.post("/switch", "context", at2, "next", address(k))).mustTell(switchedTo(two.Name))
	b.post("/switch", "context", at1)
	b.follow(b.post("/switch", "context", at2, "next", myAddress(k))).mustTell(switchedTo(two.Name))
	b.post("/switch", "context", "nowhere").mustTell("")
	b.get("/cards").mustTell("")

	// What was done with a card goes before it, and the place that is lost meanwhile is not named.
	done := b.sendForm(b.get(address(k, "block")), address(k, "block"), "reason", "lost")
	b.post("/switch", "context", at1)
	b.post("/switch", "context", at2)
	b.follow(done).mustTell(swedish("receipt.block", i18n.Str("card", k.Number.String())))
	b.post("/switch", "context", at1)
	if err := p.Store.EndRole(context.Background(), person.Person, one.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	b.get("/switch").mustTell("").mustSay(swedish("error.context_gone"))
}

// A change of the language is told in the new one, before login too.
func TestReceiptOfALanguage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := p.browser(t)
	b.follow(b.post("/language", "lang", "en", "next", "/login")).mustTell(english("receipt.language"))
	b.get("/login").mustTell("")
	b.post("/language", "lang", "de").mustTell("")
	b.get("/login").mustTell("")

	b = p.logIn(t, p.NewCompany(t).Orderer)
	b.follow(b.sendForm(b.get("/account"), "/language", "lang", "en")).mustTell(english("receipt.language"))
	b.follow(b.post("/language", "lang", "sv", "next", "/cards?status=active")).mustTell(swedish("receipt.language"))
	b.get("/account").mustTell("")
}

// Who has logged out reads so on the login page, once, and nobody can send another there to read it.
func TestReceiptOfALogOut(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	for path, text := range map[string]string{"/logout": swedish("receipt.logout"), "/logout-everywhere": swedish("receipt.logout_everywhere")} {
		b := p.logIn(t, company.Orderer)
		login := b.follow(b.post(path).mustLeadTo("/login")).mustTell(text)
		if login.byID("error-summary") != nil || login.form("/login").Get("next") != "" {
			t.Errorf("after %s the login page is not as it always is", path)
		}
		if b.cookies.get("__Host-session") != "" {
			t.Errorf("after %s there is a session", path)
		}
		b.get("/login").mustTell("").mustNotSay(text)
	}
	b := p.browser(t)
	for _, link := range []string{"/login?notice=logged_out_everywhere", "/login?receipt=logout_everywhere", "/login?receipt=6"} {
		b.get(link).mustTell("")
	}
	for _, code := range []string{"", "block", "switch", "x"} {
		b.cookies.SetCookies(nil, []*http.Cookie{{Name: "__Host-receipt", Value: code, Path: "/", Secure: true}})
		b.get("/login").mustTell("")
		if b.cookies.get("__Host-receipt") != "" {
			t.Errorf("the receipt %q stays", code)
		}
	}
}
