package view

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kortportal/internal/i18n"
	"kortportal/web/static"
)

func TestFilterURL(t *testing.T) {
	for name, tc := range map[string]struct {
		filter CardFilter
		want   string
	}{
		"empty":           {CardFilter{}, "/cards"},
		"all":             {CardFilter{Query: "Åke & Öst", Status: "active", Kind: "visitor", Orderer: "12", ExpiresBefore: "2027-01-31", After: "k"}, "/cards?after=k&expires_before=2027-01-31&kind=visitor&orderer=12&q=%C3%85ke+%26+%C3%96st&status=active"},
		"personal number": {CardFilter{Query: "850101", Sealed: "c2VhbGVk", Status: "active"}, "/cards?sealed=c2VhbGVk&status=active"},
	} {
		if got := tc.filter.URL(); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// What somebody typed as a personnummer may stand in form fields of the answer only: not in an address, not in the title.
func TestPersonalNumberStaysOutOfAddresses(t *testing.T) {
	for _, p := range Gallery() {
		if !strings.HasPrefix(p.Name, "cards-personal-number") {
			continue
		}
		page := string(render(t, p))
		if !strings.Contains(page, `value="850101"`) {
			t.Errorf("%s: what was typed is not kept", p.Name)
		}
		for _, m := range regexp.MustCompile(`(?:href|action|src)="([^"]*)"|<title>([^<]*)`).FindAllStringSubmatch(page, -1) {
			if strings.Contains(m[1]+m[2], "850101") {
				t.Errorf("%s: %s", p.Name, m[0])
			}
		}
	}
}

// A filter that is taken away leads to the same search without it.
func TestActiveFiltersAreRemovable(t *testing.T) {
	p := CardSearch{Layout: Layout{Words: i18n.For(i18n.Swedish)}, Orderers: []Option{{"12", "Märta Sjöstrand-Widmark"}},
		Filter: CardFilter{Query: "öst", Status: "blocked", Kind: "standard", Orderer: "12", ExpiresBefore: "2027-01-31", After: "k"}}
	active := p.activeFilters()
	names := []string{"q", "status", "kind", "orderer", "expires_before"}
	if len(active) != len(names) {
		t.Fatalf("%d filters, want %d", len(active), len(names))
	}
	for i, name := range names {
		u, err := url.Parse(active[i].without.URL())
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if q.Has(name) || q.Has("after") || len(q) != len(names)-1 {
			t.Errorf("without %s: %v", name, u)
		}
	}
}

// Every status has a word, a shape and a class of its own; nothing is told by colour alone.
func TestStatusesDiffer(t *testing.T) {
	shapes, words := make(map[string]string), make(map[i18n.Key]string)
	for _, s := range statuses() {
		l := lookOf(s.code)
		if other, taken := shapes[l.shape]; taken {
			t.Errorf("%s and %s have one shape", s.code, other)
		}
		if other, taken := words[l.word]; taken {
			t.Errorf("%s and %s have one word", s.code, other)
		}
		shapes[l.shape], words[l.word] = s.code, s.code
	}
	if lookOf("lively").word != "status.unknown" {
		t.Error("an unknown status has the word of another")
	}
}

// The page with its style sheet, script and icon travels in less than 30 kB.
func TestWeight(t *testing.T) {
	var rest int
	for _, name := range []string{"app.css", "app.js", "favicon.svg"} {
		n := assetSize(name)
		if n == 0 {
			t.Fatalf("%s: empty", name)
		}
		rest += n
	}
	for _, p := range Gallery() {
		if n := gzipped(t, render(t, p)) + rest; n > 30_000 {
			t.Errorf("%s/%s: %d bytes on the wire", p.Lang, p.Name, n)
		}
	}
}

// assetSize is what the static file costs a browser.
func assetSize(name string) int {
	r := httptest.NewRequest(http.MethodGet, static.Path(name), nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Body.Len()
}

func gzipped(t *testing.T, data []byte) int {
	t.Helper()
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(zw, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Len()
}
