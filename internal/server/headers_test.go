package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html/atom"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/server"
)

// addresses are those of all pages for an active card; every answer is checked for its headers by the browser.
func addresses(k *pgtest.Card) (get, post []string) {
	get = []string{
		"/", "/start", "/login", "/welcome", "/resume", "/help", "/account", "/switch", "/messages", "/cards", "/cards?q=x", "/cards?status=x", "/cards/export", address(k), address(k, "block"),
		address(k, "unblock"), address(k, "terminate"), address(k, "cancel"), "/my-cards", "/my-cards?show=active", myAddress(k),
		myAddress(k, "block"), myAddress(k, "pin"), "/orders", "/orders?show=all", "/orders/new", "/orders/new?kind=visitor", "/photos/1", address(k, "correct"),
		myAddress(k, "approve"), myAddress(k, "decline"), myAddress(k, "activate"), myAddress(k, "photo"), myAddress(k, "claim"), address(k, "claim"),
		"/planned", "/planned?show=all", "/company", "/expiring", "/expiring/renewals/1", "/clean-up", "/clean-up?show=all", "/cards?cleanup=expired",
		"/saved-searches", "/saved-searches/new", "/saved-searches/new?q=x&status=active",
		"/users", "/users/new", "/users/1", "/users/1/hand-over", "/users/1/remove", "/users/1/deputy", "/users/hand-overs/1", address(k, "hand_over"),
		"/selections/all", "/selections/paste", "/selections/1", "/plans/1", "/runs", "/runs/1", "/runs/1/receipt.csv", "/claims/1/picture",
		"/my-claims/1/picture", "/desk/claims", "/desk/claims/1", "/nonesuch", "/livez", "/readyz", "/static/nonesuch.css",
	}
	post = []string{
		"/saved-searches/new", "/saved-searches/1", "/users/new", "/users/1/roles", "/users/1/invitation", "/users/1/hand-over", "/users/1/remove",
		"/users/1/deputy", "/deputies/1/cancel", address(k, "hand_over"),
		"/company", address(k, "planned", "1"), "/expiring/renewals", "/expiring/renewals/1", "/selections", "/selections/all", "/selections/paste",
		"/selections/pasted", "/selections/1", "/selections/1/cards", "/plans/1", "/plans/1/instead", "/runs/1/undo", "/runs/1/retry",
		"/login", "/language", "/switch", "/cards", "/cards/export",
		address(k, "block"), address(k, "unblock"), address(k, "terminate"), address(k, "cancel"),
		myAddress(k, "block"), myAddress(k, "pin"), "/orders/new", address(k, "correct"), myAddress(k, "approve"), myAddress(k, "decline"),
		myAddress(k, "activate"), myAddress(k, "claim"), address(k, "claim"), "/desk/claims/1", address(k, "resend"),
		"/logout-everywhere", "/logout",
	}
	for _, path := range []string{"/account/email", "/forgot-password", "/approve/x", "/invite/x", "/reset-password/x", "/change-email/x"} {
		get, post = append(get, path), append([]string{path}, post...) // before the log-outs
	}
	return get, post
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	get, post := addresses(k)
	for _, b := range c.browsers {
		for _, path := range get {
			b.get(path)
			b.ask(b.request(http.MethodHead, path, nil))
		}
		for _, path := range post {
			b.post(path)
		}
	}
	if k.See(t); k.Version != 5 {
		t.Errorf("empty forms made version %d", k.Version)
	}
	plain := c.browsers["nobody"].get("/login").header.Get("Strict-Transport-Security")
	secure := newPortalWith(t, func(s server.Store) server.Store { return s }, server.Options{HTTPS: true})
	https := secure.browser(t).get("/login").header.Get("Strict-Transport-Security")
	if plain != "" || https != "max-age=31536000; includeSubDomains" {
		t.Errorf("Strict-Transport-Security is %q, and %q behind TLS", plain, https)
	}
}

// HEAD is GET without the body, and changes nothing either.
func TestHead(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	get, _ := addresses(k)
	for _, role := range []string{"orderer", "holder", "nobody"} {
		for _, path := range get {
			b := c.browsers[role]
			full, head := b.get(path), b.ask(b.request(http.MethodHead, path, nil))
			if head.status != full.status || head.wire != 0 || head.location() != full.location() ||
				head.header.Get("Content-Type") != full.header.Get("Content-Type") {
				t.Errorf("%s: HEAD %s is answered %d %q, GET %d %q", role, path, head.status, head.header, full.status, full.header)
			}
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	for path, allow := range map[string]string{
		"/cards":              "GET, HEAD, POST",
		"/login":              "GET, HEAD, POST",
		address(k):            "GET, HEAD",
		address(k, "block"):   "GET, HEAD, POST",
		"/logout":             "POST",
		"/account":            "GET, HEAD",
		myAddress(k, "pin"):   "GET, HEAD, POST",
		myAddress(k, "block"): "GET, HEAD, POST",
		"/help":               "GET, HEAD",
		"/messages":           "GET, HEAD",
		"/expiring":           "GET, HEAD",
		"/planned":            "GET, HEAD",
		"/expiring/renewals":  "POST",
		"/selections":         "POST",
		"/runs/1/undo":        "POST",
		"/saved-searches":     "GET, HEAD",
		"/saved-searches/1":   "POST",
		"/saved-searches/new": "GET, HEAD, POST",
	} {
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "BREW"} {
			a := b.ask(b.request(method, path, nil))
			if method != "BREW" {
				a.mustBe(http.StatusMethodNotAllowed)
			}
			if got := strings.Join(a.header.Values("Allow"), ", "); a.status == http.StatusMethodNotAllowed && got != allow {
				t.Errorf("%s %s: Allow is %q, want %q", method, path, got, allow)
			}
		}
	}
	b.get("/logout").mustBe(http.StatusMethodNotAllowed).mustSay(swedish("error_page.method"))
	b.post("/help").mustBe(http.StatusMethodNotAllowed)
	b.get("/cards").mustBe(http.StatusOK)
	for _, path := range []string{"/nonesuch", "/cards/1/block/x", "/cards/", "//cards", "/CARDS", "/.git/config", "/static/", "/static/../server.go", "/static/%2e%2e%2fserver.go"} {
		if a := b.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, a.status)
		}
	}
	if n := p.events(t, k.ID); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
}

// What another site's page makes a browser send is refused, whoever is logged in.
func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	_, post := addresses(k)
	for _, foreign := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
		{"Sec-Fetch-Site": "-", "Origin": "https://evil.example"},
		{"Sec-Fetch-Site": "-", "Origin": "null"},
		{"Sec-Fetch-Site": "-", "Origin": c.p.url + ".evil.example"},
	} {
		for _, role := range []string{"orderer", "holder", "nobody"} {
			b := c.browsers[role]
			for _, path := range post {
				body := fmt.Sprintf("version=%d&reason=lost&context=holder&lang=en&q=x", k.Version)
				r := b.request(http.MethodPost, path, strings.NewReader(body))
				for name, value := range foreign {
					r.Header.Set(name, value)
					if value == "-" {
						r.Header.Del(name)
					}
				}
				if a := b.ask(r); a.status != http.StatusForbidden || len(a.header.Values("Set-Cookie")) != 0 {
					t.Errorf("%s: POST %s with %v is answered %d", role, path, foreign, a.status)
				} else {
					a.mustSay(swedish("error_page.forbidden"))
				}
			}
		}
	}
	if k.See(t); k.Version != 5 {
		t.Errorf("the card is in version %d", k.Version)
	}
	// The twin: the same from a page of ours, or from a program, which sends neither header.
	r := c.browsers["orderer"].request(http.MethodPost, address(k, "block"), strings.NewReader("version=5&reason=lost"))
	r.Header.Set("Origin", c.p.url)
	c.browsers["orderer"].ask(r).mustBe(http.StatusSeeOther)
	r = c.browsers["orderer"].request(http.MethodPost, address(k, "unblock"), strings.NewReader("version=6"))
	r.Header.Del("Sec-Fetch-Site")
	c.browsers["orderer"].ask(r).mustBe(http.StatusSeeOther)
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := p.browser(t)
	page := b.get("/login")
	var files []string
	for _, n := range append(page.elements(atom.Link), page.elements(atom.Script)...) {
		files = append(files, attr(n, "href")+attr(n, "src"))
	}
	if len(files) != 3 {
		t.Fatalf("the page loads %v", files)
	}
	for _, file := range files {
		for _, encoding := range []string{"", "gzip"} {
			r := b.request(http.MethodGet, file, nil)
			r.Header.Set("Accept-Encoding", encoding)
			a := b.ask(r).mustBe(http.StatusOK)
			if a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.header.Get("X-Content-Type-Options") != "nosniff" ||
				a.header.Get("Content-Encoding") != encoding || a.header.Get("Vary") != "Accept-Encoding" || a.body == "" {
				t.Errorf("%s: %v", file, a.header)
			}
			if len(a.header.Values("Set-Cookie")) != 0 {
				t.Errorf("%s sets a cookie", file)
			}
		}
	}
}

// Pages are compressed, and the first page of a search is small on the wire.
func TestPagesAreSmall(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	for i := range card.PageSize + 1 {
		company.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{
			Given: fmt.Sprintf("Maximiliana-Charlotta %d", i), Family: fmt.Sprintf("Österlånggatan-Wennerström %d", i*i*7919),
		}})
	}
	b := p.logIn(t, company.Orderer)
	r := b.request(http.MethodGet, "/cards", nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	a := b.ask(r).mustBe(http.StatusOK)
	if len(a.cards()) != card.PageSize {
		t.Fatalf("%d cards on the page", len(a.cards()))
	}
	if a.header.Get("Content-Encoding") != "gzip" || !slices.Contains(a.header.Values("Vary"), "Accept-Encoding") {
		t.Errorf("the page is sent with %v", a.header)
	}
	total := a.wire + len(fmt.Sprint(a.header))
	for _, n := range append(a.elements(atom.Link), a.elements(atom.Script)...) {
		r := b.request(http.MethodGet, attr(n, "href")+attr(n, "src"), nil)
		r.Header.Set("Accept-Encoding", "gzip")
		total += b.ask(r).wire
	}
	t.Logf("first page of the search: %d bytes of HTML (%d uncompressed), %d with style sheet, script and icon", a.wire, len(a.body), total)
	if total > 30_000 {
		t.Errorf("the first page takes %d bytes on the wire, want at most 30,000", total)
	}
}
