package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/server"
)

// portal is the whole server over HTTP, on a database of the test's own.
type portal struct {
	*pgtest.Register
	url string
	log *logBuffer
}

func newPortal(t *testing.T) *portal {
	t.Helper()
	return newPortalWith(t, func(s server.Store) server.Store { return s }, server.Options{})
}

// newPortalWith puts something between the server and its store.
func newPortalWith(t *testing.T, between func(server.Store) server.Store, o server.Options) *portal {
	t.Helper()
	p := &portal{Register: pgtest.NewRegister(t), log: newLogBuffer()}
	o.Log = slog.New(slog.NewJSONHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := httptest.NewServer(server.New(between(p.Store), p.Store.Sessions(), o))
	p.url = s.URL
	t.Cleanup(func() {
		s.Close()
		for _, secret := range p.log.leaks() {
			t.Errorf("the log holds %q", secret)
		}
	})
	return p
}

// password is the hash of pgtest.Password, made once: it takes its time.
var password = sync.OnceValues(func() (string, error) { return postgres.HashPassword(pgtest.Password) })

// email gives a person a login with pgtest.Password, unless there is one, and returns its address.
func (p *portal) email(t *testing.T, person account.PersonID) string {
	t.Helper()
	hash, err := password()
	if err != nil {
		t.Fatal(err)
	}
	const q = `
		INSERT INTO logins AS l (person_id, email, password_hash) VALUES ($1::bigint, 'person.' || $1::bigint || '@example.com', $2)
		ON CONFLICT (person_id) DO UPDATE SET email = l.email RETURNING email`
	var email string
	if err := p.Owner.QueryRow(context.Background(), q, person, hash).Scan(&email); err != nil {
		t.Fatalf("a login for person %d: %v", person, err)
	}
	p.log.forbid(email)
	return email
}

// logIn opens a browser, logs the person in and goes to where the actor works.
func (p *portal) logIn(t *testing.T, a account.Actor) *browser {
	t.Helper()
	b := p.browser(t)
	b.logIn(p.email(t, a.Person))
	b.post("/switch", "context", placeOf(a)).mustBe(http.StatusSeeOther)
	return b
}

// placeOf is the form value of the actor's place.
func placeOf(a account.Actor) string {
	switch {
	case a.Company != 0:
		return "company:" + strconv.FormatInt(int64(a.Company), 10)
	case a.Is(account.Issuer):
		return "issuer"
	}
	return "holder"
}

// query reads one value from the database.
func query[T any](t *testing.T, p *portal, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := p.Owner.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// exec changes the database behind the portal's back.
func (p *portal) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := p.Owner.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// events is how many there are of a card.
func (p *portal) events(t *testing.T, id card.ID) int {
	t.Helper()
	return query[int](t, p, `SELECT count(*) FROM card_events WHERE card_id = $1`, id)
}

// address of a card's page, or of one below it.
func address(k *pgtest.Card, more ...string) string { return under("/cards/", k.ID, more...) }

func myAddress(k *pgtest.Card, more ...string) string { return under("/my-cards/", k.ID, more...) }

func under(base string, id card.ID, more ...string) string {
	return strings.Join(append([]string{base + strconv.FormatInt(int64(id), 10)}, more...), "/")
}

// swedish and english write the words that the pages must hold.
func swedish(key i18n.Key, args ...i18n.Arg) string { return i18n.For(i18n.Swedish).T(key, args...) }
func english(key i18n.Key) string                   { return i18n.For(i18n.English).T(key) }

// logBuffer keeps what the server logs, and knows what must not be in it.
type logBuffer struct {
	mu      sync.Mutex
	text    bytes.Buffer
	secrets []string
}

// newLogBuffer forbids what every test has: the password and the names that pgtest gives.
func newLogBuffer() *logBuffer {
	return &logBuffer{secrets: []string{
		pgtest.Password, "Kortinnehavare", "Administratör", "Beställare", "Utfärdare", "Inloggad", "Bygg ", "example.com",
	}}
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// forbid says what the log must not hold when the test ends.
func (l *logBuffer) forbid(secrets ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = append(l.secrets, secrets...)
}

// leaks are the secrets in the log: those told, every path with an id, every query and everything like a personnummer.
func (l *logBuffer) leaks() []string {
	text := l.String()
	var found []string
	for _, s := range l.secrets {
		if strings.Contains(text, s) {
			found = append(found, s)
		}
	}
	personal := regexp.MustCompile(`cards/\d+|cards\?|login\?|\b(19|20)\d{6}[-+]?\d{4}\b|\b\d{6}[-+]\d{4}\b`)
	return append(found, personal.FindAllString(text, -1)...)
}

func TestLogBufferSees(t *testing.T) {
	for text, leaks := range map[string]int{
		`{"route":"/cards/{id}/{action}","status":200,"id":"ABC"}`: 0,
		`{"path":"/cards/17"}`:            1,
		`{"path":"/cards?q=a"}`:           1,
		`{"error":"no 19850101-1234"}`:    1,
		`{"error":"no 850101-1234"}`:      1,
		`{"who":"Karin Kortinnehavare"}`:  1,
		`{"note":"tappat i hissen"}`:      1,
		`{"time":"2026-11-22T20:00:01Z"}`: 0,
	} {
		l := newLogBuffer()
		l.forbid("tappat i hissen")
		if _, err := l.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := l.leaks(); len(got) != leaks {
			t.Errorf("%s: leaks %q, want %d", text, got, leaks)
		}
	}
}
