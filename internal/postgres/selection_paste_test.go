package postgres_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// A common name leads to all of its cards that can still be used, however many of that name have ended; only then to those, the newest first.
func TestACommonNameIsPasted(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	anna, bo := card.Name{Given: "Anna", Family: "Andersson"}, card.Name{Given: "Bo", Family: "Bengtsson"}
	one := func(name card.Name, status card.Status) card.ID {
		t.Helper()
		return c.Card(t, pgtest.Spec{Status: status, Name: name}).ID
	}
	first := one(anna, card.Active)
	for range 55 {
		one(anna, card.Cancelled)
	}
	second := one(anna, card.Active)
	var ended []card.ID
	for range card.MaxMatches + 1 {
		ended = append([]card.ID{one(bo, card.Cancelled)}, ended...)
	}
	find := func(text string) (ids [][]card.ID, more []bool) {
		t.Helper()
		lines, _ := card.ParseLines(text, r.Today(t))
		matches, err := r.Store.MatchLines(t.Context(), c.Orderer, lines)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range matches {
			var found []card.ID
			for _, k := range m.Cards {
				found = append(found, k.ID)
			}
			ids, more = append(ids, found), append(more, m.More)
		}
		return ids, more
	}
	annas := []card.ID{second, first}
	ids, more := find("Anna Andersson\nBo Bengtsson\nandersson anna\nAnna Andersson\nAnna Bengtsson")
	if diff := cmp.Diff([][]card.ID{annas, ended[:card.MaxMatches], annas, annas, nil}, ids); diff != "" {
		t.Errorf("the lines lead to (-want +got):\n%s", diff)
	}
	if !slices.Equal(more, []bool{false, true, false, false, false}) {
		t.Errorf("more: %v", more)
	}
	for range card.MaxMatches - 1 {
		annas = append([]card.ID{one(anna, card.Active)}, annas...)
	}
	ids, more = find("Anna Andersson")
	if diff := cmp.Diff([][]card.ID{annas[:card.MaxMatches]}, ids); diff != "" || !more[0] {
		t.Errorf("of many Annas (-want +got):\n%s", diff)
	}
}
