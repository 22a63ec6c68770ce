package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/server"
)

// broken is a store with a fault in it.
type broken struct {
	server.Store
	search func() (card.Results, error)
}

func (s broken) SearchPage(context.Context, account.Actor, card.Search) (card.Results, card.SearchForm, error) {
	found, err := s.search()
	return found, card.SearchForm{}, err
}

const secretFault = "Karin Kortinnehavare 19900101-2385 at /cards?q=secret"

// A fault of ours is told with an id and without a detail, and found in the log by that id.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		search func() (card.Results, error)
		status int
		log    string
	}{
		"panic":    {func() (card.Results, error) { panic(secretFault) }, http.StatusInternalServerError, "panic"},
		"nil":      {func() (card.Results, error) { return *(*card.Results)(nil), nil }, http.StatusInternalServerError, "panic"},
		"error":    {func() (card.Results, error) { return card.Results{}, errors.New("the disk is full") }, http.StatusInternalServerError, "request failed"},
		"deadline": {func() (card.Results, error) { return card.Results{}, context.DeadlineExceeded }, http.StatusServiceUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortalWith(t, func(s server.Store) server.Store { return broken{s, tc.search} }, server.Options{})
			b := p.logIn(t, p.NewCompany(t).Orderer)
			b.header.Set("Accept-Encoding", "gzip")
			a := b.get("/cards?q=x").mustBe(tc.status).mustNotSay("disk", "Karin", "panic", "runtime", ".go", "goroutine")
			id := a.all(isErrorID)
			if len(id) != 1 || len(textOf(id[0])) != 12 {
				t.Fatalf("the page names no request:\n%s", a.text())
			}
			if a.header.Get("Content-Type") != "text/html; charset=utf-8" || a.title() == "" {
				t.Errorf("the answer is %v", a.header)
			}
			lines := p.logLines(t, "id", textOf(id[0]))
			if tc.log != "" && (len(lines) != 2 || lines[0]["msg"] != tc.log || lines[0]["level"] != "ERROR") {
				t.Errorf("the log says %v", lines)
			}
			// The fault is one request's: the session and the server go on.
			b.get("/account").mustBe(http.StatusOK)
		})
	}
}

// logLines are the lines of the log that have a value.
func (p *portal) logLines(t *testing.T, key, value string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(p.log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("the line %q: %v", line, err)
		}
		if fields[key] == value {
			found = append(found, fields)
		}
	}
	return found
}

// One line for each request: which route, never which path.
func TestRequestLog(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	for _, tc := range []struct {
		method, path, route string
		status              float64
	}{
		{"GET", "/livez", "/livez", 200},
		{"HEAD", "/cards", "/cards", 200},
		{"GET", "/cards?q=hemlig", "/cards", 200},
		{"GET", address(k), "/cards/{id}", 200},
		{"GET", address(k, "block"), "/cards/{id}/{action}", 200},
		{"POST", address(k, "block"), "/cards/{id}/{action}", 409},
		{"GET", address(k, "hemligt"), "/cards/{id}/{action}", 404},
		{"GET", "/hemlig/adress", "none", 404},
		{"DELETE", address(k), "", 405},
		{"HEMLIG", "/cards", "", 405},
	} {
		before := len(p.logLines(t, "msg", "request"))
		b.ask(b.request(tc.method, tc.path, nil)).mustBe(int(tc.status))
		lines := p.logLines(t, "msg", "request")
		if len(lines) != before+1 {
			t.Fatalf("%s %s: %d lines", tc.method, tc.path, len(lines)-before)
		}
		line := lines[before]
		method := tc.method
		if method == "HEMLIG" || method == "DELETE" {
			method = "other"
		}
		if line["method"] != method || line["status"] != tc.status || tc.route != "" && line["route"] != tc.route {
			t.Errorf("%s %s: %v, want %s", tc.method, tc.path, line, tc.route)
		}
		id, isText := line["id"].(string)
		took, isNumber := line["took"].(float64)
		if !isText || len(id) != 12 || !isNumber || took <= 0 || len(line) != 9 {
			t.Errorf("%s %s: %v", tc.method, tc.path, line)
		}
	}
	if strings.Contains(strings.ToLower(p.log.String()), "hemlig") {
		t.Error("the log holds what was typed")
	}
}

func TestProbes(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := p.browser(t)
	b.get("/livez").mustBe(http.StatusOK)
	b.get("/readyz").mustBe(http.StatusOK)
	p.Store.Close() // as far from a database as one can be
	b.get("/livez").mustBe(http.StatusOK)
	a := b.get("/readyz").mustBe(http.StatusServiceUnavailable)
	if strings.Contains(a.body, "pool") || len(a.header.Values("Set-Cookie")) != 0 {
		t.Errorf("the probe tells %q", a.body)
	}
}

// Only a proxy that is trusted says for whom it asks; else everybody behind one address shares its limit, and nobody
// gets a new one by saying so.
func TestForwardedAddresses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		proxies []netip.Prefix
		evades  bool
	}{
		"no proxy":   {nil, false},
		"trusted":    {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, true},
		"other ones": {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortalWith(t, func(s server.Store) server.Store { return s }, server.Options{TrustedProxies: tc.proxies})
			email := p.email(t, p.NewCompany(t).Orderer.Person)
			b := p.browser(t)
			for range 10 {
				b.header.Set("X-Forwarded-For", "192.0.2.99, 2001:db8::1")
				b.post("/login", "email", email, "password", "fel").mustBe(http.StatusUnprocessableEntity)
			}
			b.header.Set("X-Forwarded-For", "2001:db8::1, 2001:db8:0:0:ffff::2") // the same /64 as before
			b.post("/login", "email", email, "password", pgtest.Password).mustBe(http.StatusTooManyRequests)
			b.header.Set("X-Forwarded-For", "192.0.2.99, 2001:db8:0:1::1")
			want := http.StatusTooManyRequests
			if tc.evades {
				want = http.StatusSeeOther
			}
			b.post("/login", "email", email, "password", pgtest.Password).mustBe(want)
		})
	}
}

// A request in flight does not revive a session that is ended meanwhile.
func TestLogOutWhileARequestIsInFlight(t *testing.T) {
	t.Parallel()
	inside, goOn := make(chan struct{}), make(chan struct{})
	p := newPortalWith(t, func(s server.Store) server.Store {
		return broken{s, func() (card.Results, error) {
			inside <- struct{}{}
			<-goOn
			return card.Results{}, nil
		}}
	}, server.Options{})
	company := p.NewCompany(t)
	b := p.logIn(t, company.Orderer)
	other := b.other()
	other.cookies.plant(b.cookies.get("__Host-session"))
	p.MoveClock(t, 2*time.Minute) // so that the request writes when it was seen
	answered := make(chan answer, 1)
	go func() {
		a, err := b.do(b.request(http.MethodGet, "/cards?q=x", nil))
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	<-inside
	other.post("/logout").mustBe(http.StatusSeeOther)
	close(goOn)
	<-answered
	b.get("/account").mustLeadTo("/login?next=%2Faccount")
}
