package server_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"kortportal/internal/postgres/pgtest"
)

// browser is somebody at a computer: it keeps cookies as browsers do and follows nothing by itself.
type browser struct {
	t       *testing.T
	base    *url.URL
	client  *http.Client
	cookies *cookieJar
	header  http.Header // sent with every request
}

func (p *portal) browser(t *testing.T) *browser {
	t.Helper()
	base, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	b := &browser{t: t, base: base, cookies: &cookieJar{held: map[string]string{}}, header: http.Header{}}
	b.client = &http.Client{Transport: transport, Jar: b.cookies, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return b
}

// other is a second browser of nobody, on the same portal.
func (b *browser) other() *browser {
	fresh := *b
	fresh.cookies = &cookieJar{held: map[string]string{}}
	client := *b.client
	client.Jar = fresh.cookies
	fresh.client = &client
	fresh.header = http.Header{}
	return &fresh
}

func (b *browser) get(path string) answer { return b.ask(b.request(http.MethodGet, path, nil)) }

// post sends a form of alternating names and values.
func (b *browser) post(path string, pairs ...string) answer {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.send(path, form)
}

func (b *browser) send(path string, form url.Values) answer {
	return b.ask(b.request(http.MethodPost, path, strings.NewReader(form.Encode())))
}

// sendForm fills in the form of a page that posts to the path, and sends it.
func (b *browser) sendForm(page answer, path string, pairs ...string) answer {
	b.t.Helper()
	form := page.form(path)
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.send(path, form)
}

// follow goes where a redirect leads, up to the page.
func (b *browser) follow(a answer) answer {
	b.t.Helper()
	for range 5 {
		if a.status != http.StatusSeeOther {
			return a
		}
		a = b.get(a.location())
	}
	b.t.Fatalf("redirected without end, to %s", a.location())
	return a
}

func (b *browser) logIn(email string) {
	b.t.Helper()
	b.post("/login", "email", email, "password", pgtest.Password).mustBe(http.StatusSeeOther)
}

func (b *browser) request(method, path string, body io.Reader) *http.Request {
	b.t.Helper()
	r, err := http.NewRequest(method, b.base.String()+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.Header.Get("Sec-Fetch-Site") == "" {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	return r
}

func (b *browser) ask(r *http.Request) answer {
	b.t.Helper()
	a, err := b.do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// do may be called by many at once.
func (b *browser) do(r *http.Request) (answer, error) {
	response, err := b.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	wire, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return answer{}, err
	}
	a := answer{t: b.t, status: response.StatusCode, header: response.Header, asked: r.URL, wire: len(wire), body: string(wire)}
	if response.Header.Get("Content-Encoding") == "gzip" && r.Method != http.MethodHead {
		if a.body, err = unzip(a.body); err != nil {
			return answer{}, err
		}
	}
	return a, a.check()
}

func unzip(text string) (string, error) {
	r, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		return "", err
	}
	plain, err := io.ReadAll(r)
	return string(plain), err
}

// cookieJar keeps cookies by name for the one site there is, and refuses what a browser refuses of a __Host- cookie.
type cookieJar struct {
	mu   sync.Mutex
	held map[string]string
	set  []*http.Cookie // all that ever came
}

func (j *cookieJar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		j.set = append(j.set, c)
		switch {
		case strings.HasPrefix(c.Name, "__Host-") && (!c.Secure || c.Path != "/" || c.Domain != ""):
		case c.MaxAge < 0:
			delete(j.held, c.Name)
		default:
			j.held[c.Name] = c.Value
		}
	}
}

func (j *cookieJar) Cookies(*url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []*http.Cookie
	for name, value := range j.held {
		all = append(all, &http.Cookie{Name: name, Value: value})
	}
	return all
}

func (j *cookieJar) get(name string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.held[name]
}

// plant is what somebody does who knows, or wants to know, another one's session.
func (j *cookieJar) plant(session string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.held["__Host-session"] = session
}

// check is what must hold for every answer of the portal, whatever was asked.
func (a answer) check() error {
	if strings.HasPrefix(a.asked.Path, "/static/") && a.status == http.StatusOK {
		return nil
	}
	for name, want := range map[string]string{
		"Cache-Control":                "no-store",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"No-Gzip-Compression":          "", // a word between two middlewares
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := a.header.Get(name); got != want {
			return fmt.Errorf("%s: %s is %q, want %q", a.asked.Path, name, got, want)
		}
	}
	return nil
}
