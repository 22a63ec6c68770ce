package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

func TestOrderList(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	oldest := company.Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: "Först", Family: "Beställd"}})
	approved := company.Card(t, pgtest.Spec{Status: card.Approved, Name: card.Name{Given: "Snart", Family: "Klar"}})
	rejected := company.Card(t, pgtest.Spec{Status: card.Rejected, Name: card.Name{Given: "Nekad", Family: "Nyss"}})
	produced := company.Card(t, pgtest.Spec{Status: card.Produced, Name: card.Name{Given: "Skickad", Family: "Post"}})
	company.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Aktiv", Family: "Redan"}})
	company.Card(t, pgtest.Spec{Status: card.Cancelled, Name: card.Name{Given: "Ångrad", Family: "Helt"}})
	others := company.Card(t, pgtest.Spec{Status: card.Rejected, Orderer: company.OtherOrderer, Name: card.Name{Given: "En", Family: "Annans"}})
	p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: "Främling", Family: "Utanför"}})

	names := func(a answer) (all []string) {
		for _, n := range a.all(func(n *html.Node) bool { return n.DataAtom == atom.Th && attr(n, "scope") == "row" }) {
			all = append(all, textOf(n))
		}
		return all
	}
	own := b.get("/orders").mustBe(http.StatusOK).mustSay(swedish("reason.photo"), swedish("waiting.ordered"), swedish("waiting.produced"))
	if got, want := names(own), []string{"Nyss, Nekad", "Beställd, Först", "Klar, Snart", "Post, Skickad"}; !slices.Equal(got, want) {
		t.Errorf("own orders are %q, want %q", got, want)
	}
	links := own.links()
	for path, want := range map[string]bool{
		address(rejected, "correct"): true, address(rejected, "cancel"): true, address(oldest, "correct"): true, address(approved, "cancel"): true,
		address(approved, "correct"): false, address(produced, "cancel"): false,
	} {
		if slices.Contains(links, path) != want {
			t.Errorf("%s is linked: %t", path, !want)
		}
	}
	all := b.get("/orders?show=all").mustBe(http.StatusOK)
	if got := names(all); len(got) != 5 || got[0] != "Nyss, Nekad" || got[1] != "Annans, En" {
		t.Errorf("all orders are %q", got)
	}
	if slices.Contains(all.links(), address(others, "correct")) {
		t.Error("another's order is offered for correction")
	}
	admin := p.logIn(t, company.Administrator).get("/orders").mustBe(http.StatusOK)
	if got := names(admin); len(got) != 5 || slices.Contains(admin.links(), newOrder) || slices.Contains(admin.links(), address(rejected, "correct")) {
		t.Errorf("the administrator sees %q and %q", got, admin.links())
	}
}

func TestOrderListPages(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	_, err := p.Store.OrderVisitorCards(t.Context(), company.Orderer, company.NewOrder(t, card.Visitor, 0), 2*card.PageSize+3)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	path := "/orders"
	for _, want := range []int{card.PageSize, card.PageSize, 3} {
		a := b.get(path).mustBe(http.StatusOK)
		rows := a.all(func(n *html.Node) bool { return n.DataAtom == atom.Th && attr(n, "scope") == "row" })
		if len(rows) != want {
			t.Errorf("%s shows %d orders, want %d", path, len(rows), want)
		}
		path = ""
		for _, n := range a.elements(atom.A) {
			if strings.HasPrefix(attr(n, "href"), "/cards/") && strings.Count(attr(n, "href"), "/") == 2 {
				seen[attr(n, "href")] = true
			}
			if attr(n, "rel") == "next" {
				path = attr(n, "href")
			}
		}
	}
	if len(seen) != 2*card.PageSize+3 || path != "" {
		t.Errorf("%d orders over all pages, then %q", len(seen), path)
	}
	for _, after := range []string{"x", "eyJLZXkiOiJ4In0"} {
		b.get("/orders?after=" + after).mustBe(http.StatusOK)
	}
}
