package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// searchPath is the address of the saved search of a name.
func searchPath(t *testing.T, p *portal, name string) string {
	t.Helper()
	return fmt.Sprintf("/saved-searches/%d", query[int64](t, p, `SELECT id FROM saved_searches WHERE name = $1`, name))
}

// A search is saved from its page, comes back as a link, and is found by others when it is shared.
func TestSaveSearch(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	c.Card(t, pgtest.Spec{Status: card.Blocked, Name: card.Name{Given: "Åke", Family: "Ärlig"}})
	p.log.forbid("Ärlig", "rlig", "Mina spärrade")
	b, colleague := p.logIn(t, c.Orderer), p.logIn(t, c.OtherOrderer)
	state := fmt.Sprintf("cleanup=long_blocked&expires_before=2040-01-31&kind=standard&orderer=%d&q=%%C3%%A5ke&status=blocked", c.Orderer.Person)
	page := b.get("/cards?" + state).mustBe(http.StatusOK).mustNotSay(swedish("saved_search.links"))
	if !slices.Contains(page.links(), "/saved-searches/new?"+state) {
		t.Fatalf("the page links to %v", page.links())
	}
	form := b.get("/saved-searches/new?"+state+"&after=x").mustBe(http.StatusOK).mustSay(swedish("status.blocked"), swedish("kind.standard"), "åke", "2040-01-31")
	b.sendForm(form, "/saved-searches/new", "name", "  Mina spärrade ", "shared", "yes").mustLeadTo("/cards?" + state)
	b.get("/cards?" + state).mustSay(swedish("saved_search.receipt_saved"))
	for who, b := range map[string]*browser{"owner": b, "colleague": colleague} {
		links := b.get("/cards").mustSay("Mina spärrade").links()
		if !slices.Contains(links, "/cards?"+state) {
			t.Errorf("%s: the search is not among %v", who, links)
		}
	}
	for name, code := range map[string]i18n.Key{
		"": "saved_search.error_required", strings.Repeat("å", 61): "saved_search.error_too_long", "Mina spärrade": "saved_search.error_taken",
		"Karin 900101-2385": "saved_search.error_personal", "900101–2385": "saved_search.error_personal", "19900101 23 85": "saved_search.error_personal",
		"Karin, 9001 01.2385": "saved_search.error_personal",
	} {
		a := b.sendForm(form, "/saved-searches/new", "name", name, "shared", "yes").mustFail(http.StatusUnprocessableEntity, "name").mustSay(swedish(code))
		if kept := a.form("/saved-searches/new"); kept.Get("name") != name || kept.Get("shared") != "yes" || kept.Get("cleanup") != "long_blocked" || kept.Get("q") != "åke" {
			t.Errorf("%q: kept is %v", name, kept)
		}
	}
	b.sendForm(form, "/saved-searches/new", "name", "Utgår före 2040-01-31").mustBe(http.StatusSeeOther)
	b.post("/saved-searches/new", "name", "Fel", "status", "lively").mustBe(http.StatusNotFound)
	stranger := fmt.Sprint(int64(p.NewCompany(t).Orderer.Person))
	b.sameAnswer(b.post("/saved-searches/new", "name", "Fel", "orderer", stranger), b.post("/saved-searches/new", "name", "Fel", "orderer", "999999999"))
	p.exec(t, `INSERT INTO saved_searches (company_id, person_id, name) SELECT $1, $2, n::text FROM generate_series(1, 48) n`, c.ID, c.Orderer.Person)
	b.post("/saved-searches/new", "name", "En till").mustFail(http.StatusUnprocessableEntity).mustSay(swedish("saved_search.error_full"))
	p.logIn(t, p.Issuer).get("/saved-searches/new?q=karin").mustBe(http.StatusNotFound)
}

// A search by a personnummer is not kept, and the number stands nowhere.
func TestSearchByPersonalNumberIsNotSaved(t *testing.T) {
	t.Parallel()
	p, b, _ := newSearch(t)
	for _, q := range []string{personalNumber, "900101-2385", "900101", "Ärlig 900101", "1990 01 01"} {
		if q != "Ärlig 900101" {
			page := b.follow(b.post("/cards", "q", q)).mustBe(http.StatusOK).mustSay(swedish("saved_search.personal"))
			if slices.ContainsFunc(page.links(), func(l string) bool { return strings.HasPrefix(l, "/saved-searches/new") }) {
				t.Errorf("%q: offers to save it", q)
			}
		}
		a := b.post("/saved-searches/new", "q", q, "name", "Personen", "status", "active").mustFail(http.StatusUnprocessableEntity).mustSay(swedish("saved_search.personal"))
		a.mustKeepOut(q)
		if kept := a.form("/saved-searches/new"); kept.Get("q") != "" || kept.Get("name") != "Personen" || kept.Get("status") != "active" {
			t.Errorf("kept is %v", kept)
		}
		b.get("/saved-searches/new?q=" + strings.ReplaceAll(q, " ", "+")).mustLeadTo("/cards")
	}
	if n := query[int](t, p, `SELECT count(*) FROM saved_searches`); n != 0 {
		t.Errorf("%d were saved", n)
	}
}

// A card number is none, however it is written, and the same search comes back.
func TestSearchByCardNumberIsSaved(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	number := k.Number.String()
	compact := strings.ReplaceAll(number, "-", "")
	for typed, kept := range map[string]string{
		number: number, compact: number, strings.ToLower(compact): number, compact[:2] + " " + compact[2:]: number, strings.ReplaceAll(number, "-", "–"): number,
		compact[:2] + "-" + compact[2:10]: number[:12],
	} {
		b.post("/saved-searches/new", "q", typed, "name", "Kortet").mustBe(http.StatusSeeOther)
		if got := query[string](t, p, `DELETE FROM saved_searches RETURNING query`); got != kept {
			t.Errorf("%q is kept as %q, want %q", typed, got, kept)
		}
	}
	b.get("/cards?q=" + number).mustLeadTo(address(k))
}

// Only the owner changes a search, an administrator deletes what is shared, and another company has no such search.
func TestChangeSavedSearches(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, other := p.NewCompany(t), p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	for _, name := range []string{"Egen", "Delad"} {
		b.post("/saved-searches/new", "name", name, "shared", map[string]string{"Delad": "yes"}[name], "status", "active").mustLeadTo("/cards?status=active")
	}
	own, shared := searchPath(t, p, "Egen"), searchPath(t, p, "Delad")
	steps := []string{"rename", "share", "unshare", "delete", "start"}
	for who, by := range map[string]account.Actor{"stranger": other.Administrator, "issuer": p.Issuer, "colleague": c.OtherOrderer} {
		for _, path := range []string{own, shared} {
			for _, step := range steps {
				if who == "colleague" && path == shared && step == "start" {
					continue
				}
				p.logIn(t, by).post(path, "step", step, "name", "Ny").mustBe(http.StatusNotFound)
			}
		}
	}
	for _, path := range []string{"/saved-searches/0", "/saved-searches/x", "/saved-searches/99999999999999999999", own} {
		b.post(path, "step", "burn").mustBe(http.StatusNotFound)
	}
	b.post(own, "step", "rename", "name", "Min egen").mustLeadTo("/saved-searches")
	b.get("/saved-searches").mustSay(swedish("saved_search.receipt_changed"), "Min egen", swedish("saved_search.own"), swedish("saved_search.shared"))
	for name, code := range map[string]i18n.Key{
		"": "saved_search.error_required", "Delad": "saved_search.error_taken", "900101–2385": "saved_search.error_personal",
	} {
		input := "name_" + strings.TrimPrefix(own, "/saved-searches/")
		a := b.post(own, "step", "rename", "name", name).mustFail(http.StatusUnprocessableEntity, input).mustSay(swedish(code))
		if kept := attr(a.byID(strings.ReplaceAll(input, "_", "-")), "value"); kept != name {
			t.Errorf("%q: kept is %q", name, kept)
		}
	}
	admin := p.logIn(t, c.Administrator)
	page := admin.get("/saved-searches").mustBe(http.StatusOK).mustSay("Delad", swedish("saved_search.shared_by", i18n.Str("name", "Bo Beställare"))).mustNotSay("Min egen", swedish("saved_search.rename"))
	if n := len(page.all(func(n *html.Node) bool { return attr(n, "value") == "delete" })); n != 1 {
		t.Errorf("an administrator may delete %d", n)
	}
	if n := len(p.logIn(t, c.OtherOrderer).get("/saved-searches").all(func(n *html.Node) bool { return attr(n, "value") == "delete" })); n != 0 {
		t.Errorf("a colleague may delete %d", n)
	}
	admin.post(shared, "step", "delete").mustLeadTo("/saved-searches")
	b.post(own, "step", "share").mustLeadTo("/saved-searches")
	if n := len(admin.get("/saved-searches").mustSay("Min egen").all(func(n *html.Node) bool { return attr(n, "data-search") != "" })); n != 1 {
		t.Errorf("%d searches are left", n)
	}
	b.post(own, "step", "unshare").mustLeadTo("/saved-searches")
	admin.get("/saved-searches").mustSay(swedish("saved_search.none"))
	b.post(own, "step", "delete").mustLeadTo("/saved-searches")
	b.get("/saved-searches").mustSay(swedish("saved_search.none"))
}
