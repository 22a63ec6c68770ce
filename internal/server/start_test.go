package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"golang.org/x/net/html"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// waits are what the start page says waits, as status and role.
func (a answer) waits() []string {
	var found []string
	for _, n := range a.all(func(n *html.Node) bool { return attr(n, "data-role") != "" }) {
		found = append(found, attr(n, "data-status")+" "+attr(n, "data-role")+" "+attr(n.FirstChild, "href"))
	}
	return found
}

// An orderer is told of the own cards, an administrator of all; the links find what was counted.
func TestStartPage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	for _, status := range []card.Status{card.Ordered, card.Reviewed, card.Approved, card.Rejected, card.Active} {
		c.Card(t, pgtest.Spec{Status: status})
	}
	own := c.Card(t, pgtest.Spec{Status: card.Produced})
	other := c.Card(t, pgtest.Spec{Status: card.Produced, Orderer: c.OtherOrderer, Holder: c.Orderer.Person})
	b := p.logIn(t, c.Orderer)
	mine := fmt.Sprintf("&orderer=%d", c.Orderer.Person)
	if got := b.get("/start").mustBe(http.StatusOK).waits(); !slices.Equal(got, startLinks(mine)) {
		t.Errorf("an orderer's page says %q", got)
	}
	page := b.get("/start").mustSay(swedish("start.own", i18n.Str("cards", "1 kort")), swedish("clean_up.savings_none"), swedish("saved_search.none_more"),
		swedish("start.within", i18n.Str("time", swedish("expiry.one_week"))))
	for _, link := range page.links() {
		b.get(link).mustBe(http.StatusOK)
	}
	b.get("/cards?orderer=" + fmt.Sprint(int64(c.Orderer.Person)) + "&status=produced").mustShow(own.Number.String())
	admin := p.logIn(t, c.Administrator)
	page = admin.get("/start").mustBe(http.StatusOK).mustSay(swedish("start.lead")).mustNotSay(swedish("start.waits_for_you"))
	if got := page.waits(); !slices.Equal(got, startLinks("")) {
		t.Errorf("an administrator's page says %q", got)
	}
	admin.get("/cards?status=produced").mustShow(own.Number.String(), other.Number.String())
	holder := p.logIn(t, own.Holder)
	holder.get("/start").mustBe(http.StatusOK).mustSay(swedish("start.waits_for_you"), swedish("activate.waiting"))
	desk := p.logIn(t, p.Issuer).get("/start").mustBe(http.StatusOK)
	for _, queue := range []string{"review", "produce", "bureau", "sent", "claims"} {
		if found := desk.all(func(n *html.Node) bool { return attr(n, "data-queue") == queue }); len(found) != 1 {
			t.Errorf("%d queues %s", len(found), queue)
		}
	}
}

func startLinks(mine string) []string {
	return []string{
		"rejected orderer /orders", "ordered issuer " + startLink("", "ordered", mine), "reviewed holder " + startLink("standard", "reviewed", mine),
		"approved issuer " + startLink("standard", "approved", mine), "produced holder " + startLink("standard", "produced", mine),
	}
}

func startLink(kind, status, mine string) string {
	link := mine + "&status=" + status
	if kind != "" {
		link = "&kind=" + kind + link
	}
	return "/cards?" + link[1:]
}

// Whoever chose a search begins with it; the start page stays where it is, and comes back when the search is gone.
func TestBeginWithASearch(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, other := p.NewCompany(t), p.NewCompany(t)
	both := p.NewPerson(t, card.Name{Given: "Bodil", Family: "Beställare"})
	for _, at := range []*pgtest.Company{c, other} {
		if err := p.Store.AddRole(t.Context(), both, at.ID, account.Orderer); err != nil {
			t.Fatal(err)
		}
	}
	owner := p.logIn(t, c.Orderer)
	owner.post("/saved-searches/new", "name", "Spärrade", "shared", "yes", "status", "blocked").mustBe(http.StatusSeeOther)
	path := searchPath(t, p, "Spärrade")
	b := p.logIn(t, account.Actor{Person: both, Company: c.ID})
	b.get("/").mustBe(http.StatusOK)
	b.post(path, "step", "start").mustLeadTo("/saved-searches")
	b.get("/saved-searches").mustSay(swedish("saved_search.starts"), swedish("saved_search.start_as_usual"))
	b.get("/").mustLeadTo("/cards?status=blocked")
	b.get("/start").mustBe(http.StatusOK).mustSay(swedish("start.waits_for_you"), "Spärrade")
	owner.get("/").mustBe(http.StatusOK)
	b.post("/switch", "context", placeOf(account.Actor{Company: other.ID})).mustLeadTo("/")
	b.get("/").mustBe(http.StatusOK)
	b.post("/switch", "context", placeOf(account.Actor{Company: c.ID})).mustLeadTo("/")
	b.get("/").mustLeadTo("/cards?status=blocked")
	owner.post(path, "step", "unshare").mustBe(http.StatusSeeOther)
	b.get("/").mustBe(http.StatusOK)
	owner.post(path, "step", "share").mustBe(http.StatusSeeOther)
	b.post(path, "step", "start_as_usual").mustLeadTo("/saved-searches")
	b.get("/").mustBe(http.StatusOK)
	b.post(path, "step", "start").mustBe(http.StatusSeeOther)
	owner.post(path, "step", "delete").mustBe(http.StatusSeeOther)
	b.get("/").mustBe(http.StatusOK)
}

// Who has not chosen where to work is asked first.
func TestStartWithoutAPlace(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	one, two := p.NewCompany(t), p.NewCompany(t)
	if err := p.Store.AddRole(t.Context(), one.Orderer.Person, two.ID, account.Administrator); err != nil {
		t.Fatal(err)
	}
	b := p.browser(t)
	b.logIn(p.email(t, one.Orderer.Person))
	for _, path := range []string{"/", "/start"} {
		b.get(path).mustLeadTo("/switch?next=%2F")
	}
	b.post("/switch", "context", placeOf(two.Administrator), "next", "/").mustLeadTo("/")
	b.get("/").mustBe(http.StatusOK).mustSay(two.Name, swedish("start.waits_for_orderers"))
	p.browser(t).get("/start").mustLeadTo("/login?next=%2Fstart")
}
