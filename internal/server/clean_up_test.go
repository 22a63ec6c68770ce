package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// kind is the part of Städa about one kind of cards.
func (a answer) kind(code card.CleanUp) string {
	a.t.Helper()
	found := a.all(func(n *html.Node) bool { return attr(n, "data-cleanup") == string(code) })
	if len(found) != 1 {
		a.t.Fatalf("%s has %d parts about %s", a.asked, len(found), code)
	}
	return textOf(found[0])
}

func newCleanUp(t *testing.T) (*portal, *pgtest.Company, *pgtest.Card, *pgtest.Card) {
	t.Helper()
	p := newPortal(t)
	c := p.NewCompany(t)
	mine := c.Card(t, pgtest.Spec{Status: card.Produced, ValidTo: p.Today(t).AddDate(1, 0, 0)})
	other := c.Card(t, pgtest.Spec{Status: card.Produced, ValidTo: p.Today(t).AddDate(1, 0, 0), Orderer: c.OtherOrderer})
	p.MoveClock(t, 31*24*time.Hour)
	c.Card(t, pgtest.Spec{Status: card.Active})
	return p, c, mine, other
}

// An orderer sees the own cards first; what is counted is what the link finds.
func TestCleanUpPage(t *testing.T) {
	t.Parallel()
	p, c, mine, other := newCleanUp(t)
	b := p.logIn(t, c.Orderer)
	page := b.get("/clean-up").mustBe(http.StatusOK)
	for _, kind := range card.CleanUps() {
		text := page.kind(kind)
		want := "1 kort"
		if kind != card.NeverActivated {
			want = "0 kort"
		}
		if !strings.Contains(text, want) || strings.Contains(text, swedish("clean_up.review")) != (kind == card.NeverActivated) {
			t.Errorf("%s: %s", kind, text)
		}
	}
	fee := i18n.For(i18n.Swedish).Kronor(3500)
	page.mustSay(fee, swedish("clean_up.savings", i18n.Str("cards", "1 kort")), swedish("clean_up.costs", i18n.Str("amount", fee)),
		swedish("clean_up.never_activated_what", i18n.Count(30)))
	own := fmt.Sprintf("/cards?cleanup=never_activated&orderer=%d", c.Orderer.Person)
	if !slices.Contains(page.links(), own) {
		t.Fatalf("the page links to %v", page.links())
	}
	b.get(own).mustShow(mine.Number.String())
	selection := b.sendForm(page, "/selections/all").mustBe(http.StatusSeeOther).location()
	if !strings.HasSuffix(selection, "?action=terminate&reason=not_in_use") {
		t.Errorf("reviewed at %s", selection)
	}
	b.get(selection).mustBe(http.StatusOK).mustSay(swedish("selection.title", i18n.Count(1)), mine.Number.String(), swedish("selection.submit"))
	b.get("/clean-up?show=all").mustBe(http.StatusOK).mustSay(i18n.For(i18n.Swedish).Kronor(7000), swedish("clean_up.only_orderer"))
	all := p.logIn(t, c.Administrator).get("/clean-up").mustBe(http.StatusOK).mustSay(i18n.For(i18n.Swedish).Kronor(7000)).mustNotSay(swedish("clean_up.mine"))
	if !slices.Contains(all.links(), "/cards?cleanup=never_activated") {
		t.Errorf("an administrator's page links to %v", all.links())
	}
	b.get("/cards?cleanup=never_activated").mustShow(mine.Number.String(), other.Number.String())
	mine.Do(t, card.Terminate)
	b.get("/clean-up").mustSay(swedish("clean_up.savings_none"))
	for _, by := range []*browser{p.logIn(t, p.Issuer), p.logIn(t, other.Holder)} {
		by.get("/clean-up").mustBe(http.StatusNotFound)
	}
}

// The filter goes together with the others, and comes along to the list, the chips and the log-in.
func TestCleanUpIsAFilter(t *testing.T) {
	t.Parallel()
	p, c, mine, _ := newCleanUp(t)
	b := p.logIn(t, c.Orderer)
	b.post("/cards", "q", "karin", "cleanup", "never_activated", "orderer", fmt.Sprint(int64(c.Orderer.Person))).
		mustLeadTo(fmt.Sprintf("/cards?cleanup=never_activated&orderer=%d&q=karin", c.Orderer.Person))
	page := b.get(fmt.Sprintf("/cards?cleanup=never_activated&orderer=%d&q=karin", c.Orderer.Person)).mustShow(mine.Number.String())
	page.mustSay(swedish("card_search.active_cleanup", i18n.Str("kind", swedish("clean_up.never_activated"))))
	if got := page.form("/cards").Get("cleanup"); got != "never_activated" {
		t.Errorf("the form holds %q", got)
	}
	for _, link := range page.links() {
		if strings.HasPrefix(link, "/cards/export") && !strings.Contains(link, "cleanup=never_activated") || strings.Contains(link, "status=") && !strings.Contains(link, "cleanup=") {
			t.Errorf("%s loses the filter", link)
		}
	}
	export := b.get("/cards/export?cleanup=never_activated").mustBe(http.StatusOK).mustSay(swedish("card_export.lead", i18n.Str("cards", "2 kort")))
	if got := export.form("/cards/export").Get("cleanup"); got != "never_activated" {
		t.Errorf("the list's form holds %q", got)
	}
	file := b.post("/cards/export", "format", "csv", "cleanup", "never_activated").mustBe(http.StatusOK)
	if n := strings.Count(file.body, "TE-"); n != 2 {
		t.Errorf("the list has %d cards", n)
	}
	b.get("/cards?cleanup=expired").mustShow()
	b.get("/cards?cleanup=dusty").mustFail(http.StatusUnprocessableEntity).mustSay(swedish("error.filter_invalid"))
	p.logIn(t, p.Issuer).get("/cards?q=karin&cleanup=expired").mustFail(http.StatusUnprocessableEntity).mustSay(swedish("error.filter_invalid"))
}
