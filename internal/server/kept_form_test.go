package server_test

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// again logs in on a login page that a form led to, and goes on to where that leads.
func (p *portal) again(t *testing.T, b *browser, login answer, who account.Actor) answer {
	t.Helper()
	return b.follow(b.sendForm(login, "/login", "email", p.email(t, who.Person), "password", pgtest.Password)).mustBe(http.StatusOK)
}

// What is sent after the session has ended is offered to be sent as it was, each value of it.
func TestFormIsSentAgain(t *testing.T) {
	t.Parallel()
	p, _, k := newSearch(t)
	c := k.Company
	second := c.Card(t, pgtest.Spec{Status: card.Active})
	for path, tc := range map[string]struct {
		form url.Values
		says string
	}{
		"/selections":         {url.Values{"card": {fmt.Sprint(int64(k.ID)), fmt.Sprint(int64(second.ID))}}, swedish("selection.title", i18n.Count(2))},
		"/selections/all":     {url.Values{"q": {personalNumber}, "count": {"1"}}, swedish("selection.title", i18n.Count(1))},
		"/selections/paste":   {url.Values{"lines": {k.Number.String() + "\n" + second.Number.String()}}, "2 rader hittades"},
		"/saved-searches/new": {url.Values{"status": {"active"}, "name": {"Mina å"}, "shared": {"yes"}}, "Mina å"},
		"/cards/export":       {url.Values{"status": {"active"}, "format": {"pdf"}, "purpose": {"kontroll på måndag"}}, "kontroll på måndag"},
		"/account/email":      {url.Values{"email": {"ny@example.com"}, "password": {"hemligt ord"}}, "ny@example.com"},
	} {
		b := p.browser(t)
		login := b.send(path, tc.form).mustBe(http.StatusUnauthorized).mustSay(swedish("login.notice_kept"))
		if strings.Contains(login.body, "hemligt ord") {
			t.Errorf("%s: the password travels", path)
		}
		wrong := b.sendForm(login, "/login", "email", "nobody@example.com", "password", "fel").mustFail(http.StatusUnprocessableEntity)
		resume := p.again(t, b, wrong, c.Orderer).mustSay(swedish("resume.title"))
		if resume.hasForm("/language") {
			t.Errorf("%s: the language can be changed, and the form lost", path)
		}
		form := resume.form(path)
		tc.form.Del("password")
		for name, values := range tc.form {
			if !slices.Equal(form[name], values) {
				t.Errorf("%s: %s comes back as %q, want %q", path, name, form[name], values)
			}
		}
		sent := b.follow(b.send(path, form))
		if !strings.Contains(html.UnescapeString(sent.body), tc.says) {
			t.Errorf("%s: sent again it says not %q: %s", path, tc.says, sent.text())
		}
		b.get("/resume").mustLeadTo("/") // once
	}
	if kept := query[int](t, p, `SELECT count(*) FROM sessions WHERE data ? 'kept_form'`); kept != 0 {
		t.Errorf("%d sessions keep a form", kept)
	}
}

// The texts of a form with a file come back, and the page says that the file does not.
func TestFormWithAFileIsSentAgain(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.browser(t)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	field := func(name, value string) {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	field("kind", "standard")
	file, err := form.CreateFormFile("photo", "bild.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(bytes.Repeat([]byte("x"), 200_000)); err != nil {
		t.Fatal(err)
	}
	field("given_name", "Žaneta")
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := b.request(http.MethodPost, "/orders/new", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	login := b.ask(r).mustBe(http.StatusUnauthorized).mustSay(swedish("login.notice_kept"))
	resume := p.again(t, b, login, c.Orderer).mustSay(swedish("resume.file"))
	if kept := resume.form("/orders/new"); kept.Get("given_name") != "Žaneta" || kept.Get("kind") != "standard" || kept.Has("photo") {
		t.Errorf("kept is %v", kept)
	}
}

// What ends something is not done by a button that does not say so: its page comes back, or the one that its button stood on, and the login page
// promises nothing.
func TestFormThatIsNotKept(t *testing.T) {
	t.Parallel()
	p, _, k := newSearch(t)
	long := strings.Repeat("TE-0000-000001\n", 5000)
	for _, tc := range []struct{ path, field, from, next string }{
		{"/plans/1", "version", "/plans/1", "/plans/1"},
		{address(k, "planned", "1"), "action", "/planned?show=all", "/planned?show=all"},
		{address(k, "planned", "1"), "action", "", ""},
		{address(k, "planned", "1"), "action", "https://evil.example/planned", ""},
		{address(k, "resend"), "template", address(k), address(k)},
		{"/users/1/remove", "confirm", "/users/1/remove", "/users/1/remove"},
		{"/selections/paste", "lines", "/selections/paste", "/selections/paste"},
	} {
		b := p.browser(t)
		if strings.HasPrefix(tc.from, "/") {
			tc.from = p.url + tc.from
		}
		b.header.Set("Referer", tc.from)
		a := b.post(tc.path, tc.field, long).mustBe(http.StatusUnauthorized).mustSay(swedish("login.notice_lost"))
		form := a.form("/login")
		if form.Get("next") != tc.next || form.Has("form") || len(a.body) > 20_000 {
			t.Errorf("%s from %s: %d bytes lead to %q", tc.path, tc.from, len(a.body), form.Get("next"))
		}
	}
}

// A form that says of itself where it is to be sent is offered only where that ends nothing.
func TestResumeSendsNowhereElse(t *testing.T) {
	t.Parallel()
	p, _, k := newSearch(t)
	for _, path := range []string{"/plans/1", address(k, "terminate"), "/logout-everywhere", "/nowhere", "https://evil.example/cards", "//evil.example/x"} {
		b := p.browser(t)
		a := b.post("/login", "email", p.email(t, k.Company.Orderer.Person), "password", pgtest.Password, "next", "/resume", "form", path, "kept_x", "y")
		if a = b.follow(a).mustBe(http.StatusOK); a.hasForm(path) {
			t.Errorf("it is offered to send %s", path)
		}
	}
}

// What no database holds does not keep anybody from logging in.
func TestKeptFormOfOddBytes(t *testing.T) {
	t.Parallel()
	p, _, k := newSearch(t)
	b := p.browser(t)
	login := b.post("/saved-searches/new", "name", "Mina\x00 kort\xff", "od\x00d", "x").mustBe(http.StatusUnauthorized)
	form := login.form("/login")
	form.Set("email", p.email(t, k.Company.Orderer.Person))
	form.Set("password", pgtest.Password)
	form.Set("kept_name", "Mina\x00 kort\xff") // as a browser may send it
	form.Set("kept_od\x00d", "x")
	if kept := b.follow(b.send("/login", form)).mustBe(http.StatusOK).form("/saved-searches/new"); kept.Get("name") != "Mina kort\uFFFD" || kept.Get("odd") != "x" {
		t.Errorf("kept is %q", kept)
	}
}

// What the clerk wrote to an order comes back on the page of the order.
func TestReviewSurvivesTheSession(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	k := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Ordered})
	b := p.browser(t)
	page := under("/desk/review/", k.ID)
	login := b.post(page+"/reject", "version", "1", "reason", "photo", "note", "Ansiktet syns inte").mustBe(http.StatusUnauthorized)
	back := p.again(t, b, login, p.Issuer).form(page + "/reject")
	if back.Get("note") != "Ansiktet syns inte" || back.Get("reason") != "photo" {
		t.Errorf("the form holds %v", back)
	}
}
