package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

func TestLoginForm(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := p.browser(t)
	page := b.get("/login?next=%2Fcards%2F7").mustBe(http.StatusOK)
	if got := page.form("/login"); got.Get("next") != "/cards/7" || page.byID("error-summary") != nil {
		t.Errorf("the form holds %v", got)
	}
	for name, tc := range map[string]struct {
		email, password string
		fields          []string
		say             string
	}{
		"nothing":             {"", "", []string{"email", "password"}, swedish("error.email_required")},
		"no password":         {"a@example.com", "", []string{"password"}, swedish("error.password_required")},
		"no address":          {"a b@@c", "x", []string{"email"}, swedish("error.email_invalid")},
		"NUL":                 {"a\x00", "x", []string{"email"}, swedish("error.email_invalid")},
		"an address too long": {strings.Repeat("a", 250) + "@example.com", "x", []string{"email"}, swedish("error.email_invalid")},
		"wrong":               {"a@example.com", "x", nil, swedish("error.credentials")},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.sendForm(page, "/login", "email", tc.email, "password", tc.password)
			a.mustFail(http.StatusUnprocessableEntity, tc.fields...).mustSay(tc.say)
			form := a.form("/login")
			if form.Get("next") != "/cards/7" || form.Get("email") != strings.ReplaceAll(tc.email, "\x00", "") {
				t.Errorf("kept is %v", form)
			}
			if form.Get("password") != "" {
				t.Error("the password is given back")
			}
		})
	}
}

// Unknown, wrong and disabled are one answer.
func TestLoginTellsNothing(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	person := p.NewPerson(t, card.Name{Given: "Inger", Family: "Inloggad"})
	email := "person." + strconv.FormatInt(int64(person), 10) + "@example.com"
	b := p.browser(t)
	try := func(password string) answer {
		return b.post("/login", "email", email, "password", password).mustFail(http.StatusUnprocessableEntity)
	}
	unknown := try("fel lösenord")
	if p.email(t, person) != email {
		t.Fatal("another address")
	}
	wrong := try("fel lösenord")
	if err := p.Store.DisableLogin(context.Background(), person); err != nil {
		t.Fatal(err)
	}
	disabled := try(pgtest.Password)
	for _, a := range []answer{wrong, disabled} {
		if a.body != unknown.body || fmt.Sprint(a.header.Values("Set-Cookie")) != fmt.Sprint(unknown.header.Values("Set-Cookie")) {
			t.Errorf("answers differ:\n%s\n%s", unknown.body, a.body)
		}
	}
}

func TestLoginIsThrottled(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	victim := p.email(t, company.Orderer.Person)
	known, attacker := p.logIn(t, company.Orderer), p.browser(t)
	for range 10 {
		attacker.post("/login", "email", victim, "password", "gissning").mustBe(http.StatusUnprocessableEntity)
	}
	a := attacker.post("/login", "email", victim, "password", pgtest.Password).mustFail(http.StatusTooManyRequests)
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || seconds < 60 || seconds > 15*60 {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	a.mustSay("minuter")
	if a.form("/login").Get("email") != victim {
		t.Error("what was typed is lost")
	}
	// The owner of the account comes in on the browser that he or she has used before; so does everybody after the time.
	known.post("/logout").mustBe(http.StatusSeeOther)
	known.logIn(victim)
	p.MoveClock(t, 16*time.Minute)
	attacker.logIn(victim)
}

func TestNextLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	email := p.email(t, company.Orderer.Person)
	for next, own := range map[string]bool{
		"/cards?q=berg&status=active":    true,
		"/account":                       true,
		"":                               false,
		"https://evil.example/":          false,
		"//evil.example/":                false,
		"///evil.example/":               false,
		`/\evil.example/`:                false,
		`\\evil.example`:                 false,
		"/\t/evil.example":               false,
		"/\n/evil.example":               false,
		"\x00//evil.example":             false,
		" //evil.example":                false,
		"javascript:alert(1)":            false,
		"cards":                          false,
		"/login":                         false,
		"/login?next=/login":             false,
		"//":                             false,
		"http:/evil.example":             false,
		"/%zz":                           false,
		"/%2fevil.example?q=%zz":         false,
		"/%2Fevil.example?q=900101-2385": false,
		"/%2f%2fevil.example":            false,
		"/%5cevil.example?a;b":           false,
		"/" + strings.Repeat("a", 3000):  false,
	} {
		b := p.browser(t)
		kept, home := "", "/"
		if own {
			kept, home = next, next
		}
		page := b.get("/login?" + url.Values{"next": {next}}.Encode()).mustBe(http.StatusOK)
		if got := page.form("/login").Get("next"); got != kept {
			t.Errorf("next=%.40q is kept as %q", next, got)
		}
		// As another site's page would send it.
		a := b.post("/login", "email", email, "password", pgtest.Password, "next", next).mustBe(http.StatusSeeOther)
		if a = b.get(a.location()); a.location() != home && a.location() != "/cards" {
			t.Errorf("after login next=%.40q leads to %q", next, a.location())
		}
		if got := b.post("/switch", "context", placeOf(company.Orderer), "next", next).location(); got != home {
			t.Errorf("/switch with next=%.40q leads to %q, want %q", next, got, home)
		}
		if got := b.post("/language", "lang", "sv", "next", next).location(); got != home && got != "/login" {
			t.Errorf("/language with next=%.40q leads to %q, want %q", next, got, home)
		}
		for _, page := range []string{"/switch?", "/welcome?", "/login?"} {
			a := b.get(page + url.Values{"next": {next}}.Encode())
			if a.status == http.StatusSeeOther && a.location() != home && a.location() != "/cards" {
				t.Errorf("%snext=%.40q leads to %q", page, next, a.location())
			}
		}
	}
}

func TestSessionIsRenewedAtLogin(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	const planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	victim, attacker := p.browser(t), p.browser(t)
	victim.cookies.plant(planted)
	attacker.cookies.plant(planted)
	email := p.email(t, company.Orderer.Person)
	victim.logIn(email)
	first := victim.cookies.get("__Host-session")
	if first == planted || first == "" {
		t.Fatalf("after login the session is %q", first)
	}
	attacker.get("/account").mustBe(http.StatusSeeOther)
	// Nor does a session of before live on when somebody logs in over it.
	attacker.cookies.plant(first)
	attacker.get("/account").mustBe(http.StatusOK)
	victim.logIn(email)
	victim.get("/account").mustBe(http.StatusOK)
	attacker.get("/account").mustBe(http.StatusSeeOther)
}

func TestCookies(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	b := p.logIn(t, company.Orderer)
	b.post("/language", "lang", "sv").mustBe(http.StatusSeeOther)
	token := b.cookies.get("__Host-session")
	b.post("/logout").mustLeadTo("/login")
	seen := map[string]int{}
	for _, c := range b.cookies.set {
		seen[c.Name]++
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %s: %s", c.Name, c.Raw)
		}
		if c.Name == "__Host-session" && (c.MaxAge > 0 || c.MaxAge == 0 && !c.Expires.IsZero()) {
			t.Errorf("the session outlives the browser: %s", c.Raw)
		}
	}
	if len(seen) != 4 || seen["__Host-session"] < 2 || seen["__Host-device"] != 1 || seen["__Host-language"] != 1 || seen["__Host-receipt"] != 2 {
		t.Errorf("cookies set: %v", seen)
	}
	stored := query[int](t, p, `SELECT count(*) FROM sessions WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%' OR data::text LIKE '%' || $1 || '%'`, token)
	if stored != 0 {
		t.Error("the token is in the database")
	}
	b.cookies.plant(token)
	b.get("/account").mustBe(http.StatusSeeOther)
}

func TestLogOut(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	here, there := p.logIn(t, company.Orderer), p.logIn(t, company.Orderer)
	other := p.logIn(t, company.OtherOrderer)
	page := here.get("/account").mustBe(http.StatusOK)
	page.mustSay(swedish("account.session_current"))
	if n := strings.Count(page.text(), swedish("account.session_current")); n != 1 {
		t.Errorf("%d sessions are the current one", n)
	}
	a := here.post("/logout").mustLeadTo("/login")
	if a.header.Get("Clear-Site-Data") != `"cache"` {
		t.Errorf("Clear-Site-Data is %q", a.header.Get("Clear-Site-Data"))
	}
	here.follow(a).mustTell(swedish("receipt.logout"))
	here.get("/cards").mustLeadTo("/login?next=%2Fcards")
	there.get("/cards").mustBe(http.StatusOK)

	here = p.logIn(t, company.Orderer)
	here.follow(here.post("/logout-everywhere").mustLeadTo("/login")).mustTell(swedish("receipt.logout_everywhere"))
	for _, b := range []*browser{here, there} {
		b.get("/cards").mustLeadTo("/login?next=%2Fcards")
	}
	other.get("/cards").mustBe(http.StatusOK)
	here.follow(here.get("/cards")).mustNotSay(swedish("login.notice_expired"))
	there.follow(there.get("/cards")).mustSay(swedish("login.notice_expired"))
	// Without a session there is nothing to log out of.
	p.browser(t).post("/logout").mustBe(http.StatusSeeOther)
	stranger := p.browser(t)
	stranger.header.Set("Referer", p.url+"/account")
	asked := stranger.post("/logout-everywhere").mustBe(http.StatusUnauthorized)
	if got := asked.form("/login").Get("next"); got != "/account" {
		t.Errorf("after login it goes on to %q", got)
	}
}

func TestSessionEndsByItself(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	b := p.logIn(t, company.Orderer)
	for range 13 { // every 55 minutes somebody does something
		p.MoveClock(t, 55*time.Minute)
		b.get("/cards").mustBe(http.StatusOK)
	}
	p.MoveClock(t, 55*time.Minute)
	b.get("/cards").mustLeadTo("/login?next=%2Fcards")
	b = p.logIn(t, company.Orderer)
	p.MoveClock(t, 61*time.Minute)
	b.get("/cards").mustLeadTo("/login?next=%2Fcards")
}

// Who is logged out in the middle of a form finds it again after login.
func TestFormSurvivesTheSession(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	p.log.forbid("kvar på bussen")
	page := b.get(address(k, "block"))
	if err := p.Store.EndSessions(context.Background(), k.Orderer.Person); err != nil {
		t.Fatal(err)
	}
	login := b.sendForm(page, address(k, "block"), "reason", "other", "note", "kvar på bussen\r\ntill Umeå").mustBe(http.StatusUnauthorized)
	login.mustSay(swedish("login.notice_kept"))
	wrong := b.sendForm(login, "/login", "email", "nobody@example.com", "password", "fel").mustFail(http.StatusUnprocessableEntity)
	back := b.follow(b.sendForm(wrong, "/login", "email", p.email(t, k.Orderer.Person), "password", pgtest.Password))
	form := back.mustBe(http.StatusOK).form(address(k, "block"))
	if form.Get("reason") != "other" || form.Get("note") != "kvar på bussen\ntill Umeå" || form.Get("version") != "5" {
		t.Errorf("the form holds %q", form)
	}
	if n := p.events(t, k.ID); n != 5 {
		t.Errorf("%d events before it was sent again, want 5", n)
	}
	if again := b.get(address(k, "block")).form(address(k, "block")); again.Get("note") != "" {
		t.Error("the form is given back twice")
	}
	b.send(address(k, "block"), form).mustLeadTo(address(k) + "?receipt=6")
	if kept := query[int](t, p, `SELECT count(*) FROM sessions WHERE data ? 'kept_form'`); kept != 0 {
		t.Errorf("%d sessions keep a form", kept)
	}
}

// While a login page keeps a form there is no language switch, because it would lose the form.
func TestKeptFormHidesTheLanguageSwitch(t *testing.T) {
	t.Parallel()
	p, _, k := newDesk(t)
	p.log.forbid("kvar på bussen")
	b := p.browser(t)
	if !b.get("/login").hasForm("/language") || !b.post("/login", "email", "nobody@example.com").hasForm("/language") {
		t.Error("a login page that keeps nothing has no language switch")
	}
	login := b.post(address(k, "block"), "version", "5", "reason", "other", "note", "kvar på bussen").mustBe(http.StatusUnauthorized)
	empty := b.sendForm(login, "/login", "email", "").mustFail(http.StatusUnprocessableEntity, "email", "password")
	wrong := b.sendForm(empty, "/login", "email", "nobody@example.com", "password", "fel").mustFail(http.StatusUnprocessableEntity)
	for _, a := range []answer{login, empty, wrong} {
		if a.form("/login").Get("kept_note") != "kvar på bussen" {
			t.Errorf("kept is %v", a.form("/login"))
		}
		if a.hasForm("/language") {
			t.Error("the language can be changed, and the form lost")
		}
	}
	back := b.follow(b.sendForm(wrong, "/login", "email", p.email(t, k.Orderer.Person), "password", pgtest.Password))
	if !back.mustBe(http.StatusOK).hasForm("/language") {
		t.Error("after login there is no language switch")
	}
}

// A search for a personnummer survives too, and reaches no address on its way.
func TestSearchSurvivesTheSession(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	person := p.NewPersonWith(t, card.Name{Given: "Tolv", Family: "Tolvansson"}, account.StoredIdentity("personal_number", "SE", "191212121212"))
	company.Card(t, pgtest.Spec{Status: card.Active, Holder: person})
	p.log.forbid("Tolv", "1212121212", "121212-1212")
	b := p.browser(t)
	login := b.post("/cards", "q", "121212-1212", "status", "active").mustBe(http.StatusUnauthorized)
	a := b.sendForm(login, "/login", "email", p.email(t, company.Orderer.Person), "password", pgtest.Password)
	for a.status == http.StatusSeeOther {
		if strings.Contains(a.location(), "12121") {
			t.Errorf("on the way to %s", a.location())
		}
		a = b.get(a.location())
	}
	if got := a.mustBe(http.StatusOK).cards(); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	for written, goesOn := range map[string]string{ // what somebody wrote into the address goes no further
		"/cards?q=191212121212&status=active":        "/cards?status=active",
		"/cards?q=Bo&q=191212121212&status=active":   "/cards?status=active",
		"/cards?status=active&q=191212121212;x":      "/cards?status=active",
		"/cards?status=active&q=191212121212&x=%zz":  "/cards?status=active",
		"/saved-searches/new?q=te1212121212&kind=id": "/saved-searches/new?kind=id",
		"/cards?q=Bo&status=active":                  "/cards?q=Bo&status=active",
		"/cards?status=active&q=TE-1212-121212":      "/cards?status=active&q=TE-1212-121212",
	} {
		b.other().get(written).mustLeadTo("/login?" + url.Values{"next": {goesOn}}.Encode()).mustNotSay("12121212")
		if next := b.other().get("/login?" + url.Values{"next": {written}}.Encode()).form("/login").Get("next"); next != goesOn {
			t.Errorf("%s goes on to %s", written, next)
		}
	}
	k := company.Card(t, pgtest.Spec{Status: card.Active})
	b.header.Set("Referer", p.url+"/cards?status=active&q=191212121212")
	if back := b.get(address(k)).linkTo("/cards?"); back != "/cards?status=active" {
		t.Errorf("the way back is %s", back)
	}
}
