package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

func saveSearch(t *testing.T, r *pgtest.Register, by account.Actor, name string, shared bool) card.SearchID {
	t.Helper()
	id, err := r.Store.SaveSearch(t.Context(), by, card.NewSearch{Name: name, Shared: shared})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// searchNames are those that somebody may use, with a star for shared ones and an arrow for where he or she begins.
func searchNames(t *testing.T, r *pgtest.Register, by account.Actor) []string {
	t.Helper()
	found, err := r.Store.SavedSearches(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, s := range found {
		name := s.Name
		if !s.Own {
			name += " of " + s.Owner.Given
		}
		if s.Shared {
			name += " *"
		}
		if s.Starts {
			name += " >"
		}
		names = append(names, name)
	}
	return names
}

// What is saved comes back as it was, and finds what it found.
func TestSavedSearchesComeBack(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	filters := []card.SavedFilter{
		{}, {Query: "åke  ärlig"}, {Query: "KP-1234"}, {Query: "12345"}, {Status: card.Suspended, Kind: card.Visitor}, {Orderer: c.OtherOrderer.Person, CleanUp: card.Several},
		{ExpiresBefore: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
	}
	for _, status := range card.EffectiveStatuses() {
		filters = append(filters, card.SavedFilter{Status: status})
	}
	for i, f := range filters {
		if _, err := r.Store.SaveSearch(t.Context(), c.Orderer, card.NewSearch{Name: fmt.Sprintf("Sökning %02d", i), Shared: i%2 == 0, Filter: f}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := r.Store.SavedSearches(t.Context(), c.Orderer)
	if err != nil || len(found) != len(filters) {
		t.Fatalf("%d searches, %v", len(found), err)
	}
	for i, s := range found {
		want := card.SavedSearch{ID: s.ID, Name: fmt.Sprintf("Sökning %02d", i), Shared: i%2 == 0, Own: true, Owner: card.Name{Given: "Bo", Family: "Beställare"}, Filter: filters[i]}
		if diff := cmp.Diff(want, s); diff != "" {
			t.Error(diff)
		}
	}
}

// Each rule refuses by its name, and lets the twin pass.
func TestWhatIsNoSavedSearch(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	saveSearch(t, r, c.Orderer, "Spärrade", false)
	save := func(name string, f card.SavedFilter) error {
		_, err := r.Store.SaveSearch(t.Context(), c.Orderer, card.NewSearch{Name: name, Filter: f})
		return err
	}
	for _, tc := range []struct {
		name, query string
		rule        string
		err         error
	}{
		{"", "", "saved_searches_name_length", card.ErrSearchName},
		{" \t", "", "saved_searches_name_length", card.ErrSearchName},
		{strings.Repeat("å", 61), "", "saved_searches_name_length", card.ErrSearchName},
		{"Karin 19900101-2385", "", "saved_searches_name_no_personal_number", card.ErrSearchName},
		{"900101 2385", "", "saved_searches_name_no_personal_number", card.ErrSearchName},
		{"Spärrade", "", "saved_searches_name_unique", card.ErrSearchTaken},
		{"a", "199001012385", "saved_searches_query_not_personal", card.ErrSearchPersonal},
		{"b", "900101+2385", "saved_searches_query_not_personal", card.ErrSearchPersonal},
		{"c", "900101", "saved_searches_query_not_personal", card.ErrSearchPersonal},
		{"d", "1990 01 01", "saved_searches_query_not_personal", card.ErrSearchPersonal},
		{"e", "Karin 900101", "saved_searches_query_not_personal", card.ErrSearchPersonal},
		{"g", "KP 9001012385", "saved_searches_query_not_personal", card.ErrSearchPersonal},
		{"h", "KP-0000-000001 900101", "saved_searches_query_not_personal", card.ErrSearchPersonal},
		{"f", "Karin 900101-2385", "saved_searches_query_not_personal", card.ErrSearchPersonal},
	} {
		if err := save(tc.name, card.SavedFilter{Query: tc.query}); !errors.Is(err, tc.err) || ruleOf(err) != tc.rule {
			t.Errorf("%q, %q: %v, want %s", tc.name, tc.query, err, tc.rule)
		}
	}
	for _, tc := range [][2]string{{strings.Repeat("å", 60), ""}, {"spärrade", ""}, {"Spärrade 2027", "90010"}, {"x", "KP-0000-00001"}, {"y", "kp00000000"}, {"z", "KP-0000-000001"}, {"å", "KP-0000-00000"}} {
		if err := save(tc[0], card.SavedFilter{Query: tc[1]}); err != nil {
			t.Errorf("%q: %v", tc, err)
		}
	}
	if _, err := r.Store.SaveSearch(t.Context(), c.OtherOrderer, card.NewSearch{Name: "Spärrade"}); err != nil {
		t.Errorf("another's name: %v", err)
	}
	// Another company's orderer is as one that does not exist; who orders no more is still one of the company's.
	nobody, stranger := save("Okänd", card.SavedFilter{Orderer: 1 << 40}), save("Okänd", card.SavedFilter{Orderer: other.Orderer.Person})
	if !errors.Is(nobody, card.ErrNotFound) || !errors.Is(stranger, card.ErrNotFound) || nobody.Error() != stranger.Error() {
		t.Errorf("for nobody: %v; for a stranger: %v", nobody, stranger)
	}
	former := c.NewMember(t, card.Name{Given: "Frida", Family: "Före"}, account.Orderer)
	c.LoseOrderer(t, former.Person)
	if err := save("Kända", card.SavedFilter{Orderer: former.Person}); err != nil {
		t.Errorf("for a former orderer: %v", err)
	}
	for i := len(searchNames(t, r, c.Orderer)); i < 49; i++ {
		saveSearch(t, r, c.Orderer, fmt.Sprint("Nr ", i), false)
	}
	// Of many at once one finds the last place.
	saved := 0
	for _, err := range atOnce(4, func(i int) error { return save(fmt.Sprint("Samtidigt ", i), card.SavedFilter{}) }) {
		if err == nil {
			saved++
		} else if !errors.Is(err, card.ErrSearchesFull) || ruleOf(err) != "saved_searches_at_most_fifty" {
			t.Error(err)
		}
	}
	if n := len(searchNames(t, r, c.Orderer)); saved != 1 || n != 50 {
		t.Errorf("%d saved at once, %d in all", saved, n)
	}
	saveSearch(t, r, c.OtherOrderer, "Min", false)
	saveSearch(t, r, other.Orderer, "Min", false)
}

// Only the owner changes a search; a shared one an administrator may delete; nobody else sees the others'.
func TestWhoMayDoWhatWithASearch(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	ctx := t.Context()
	own, shared := saveSearch(t, r, c.Orderer, "Egen", false), saveSearch(t, r, c.Orderer, "Delad", true)
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, card.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for name, by := range map[string]account.Actor{"a colleague": c.OtherOrderer, "an administrator": c.Administrator, "a stranger": other.Administrator, "the issuer": r.Issuer} {
		for _, id := range []card.SearchID{own, shared} {
			refused(name+" renames", r.Store.RenameSearch(ctx, by, id, "Ny"))
			refused(name+" shares", r.Store.ShareSearch(ctx, by, id, true))
			if id == own || name != "an administrator" {
				refused(name+" deletes", r.Store.DeleteSearch(ctx, by, id))
			}
			if id == own || by.Company != c.ID {
				refused(name+" begins", r.Store.StartWith(ctx, by, id))
			}
		}
	}
	for who, want := range map[*account.Actor][]string{
		&c.Orderer: {"Delad *", "Egen"}, &c.OtherOrderer: {"Delad of Bo *"}, &other.Orderer: {},
	} {
		if diff := cmp.Diff(want, searchNames(t, r, *who)); diff != "" {
			t.Error(diff)
		}
	}
	if err := errors.Join(r.Store.RenameSearch(ctx, c.Orderer, own, "Alla mina"), r.Store.ShareSearch(ctx, c.Orderer, own, true)); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.RenameSearch(ctx, c.Orderer, own, "Delad"); ruleOf(err) != "saved_searches_name_unique" {
		t.Errorf("renamed to a name that is taken: %v", err)
	}
	if got := searchNames(t, r, c.Administrator); !slices.Equal(got, []string{"Alla mina of Bo *", "Delad of Bo *"}) {
		t.Errorf("the administrator sees %v", got)
	}
	if err := errors.Join(r.Store.DeleteSearch(ctx, c.Administrator, shared), r.Store.DeleteSearch(ctx, c.Orderer, own)); err != nil {
		t.Fatal(err)
	}
	if got := searchNames(t, r, c.Orderer); len(got) != 0 {
		t.Errorf("left is %v", got)
	}
	// Whoever is no administrator any more deletes nothing.
	again := saveSearch(t, r, c.Orderer, "Delad", true)
	logInAs(t, r, c.NewMember(t, card.Name{Given: "Adam", Family: "Annan"}, account.Administrator).Person, "adam@company.example", "sv")
	if _, err := r.Owner.Exec(ctx, `UPDATE memberships SET ended_at = clock_now() WHERE person_id = $1`, c.Administrator.Person); err != nil {
		t.Fatal(err)
	}
	refused("one who has left deletes", r.Store.DeleteSearch(ctx, c.Administrator, again))
}

// A person begins with one search in each company, for as long as it is the own one or shared.
func TestStartSearch(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	ctx := t.Context()
	if err := r.Store.AddRole(ctx, c.OtherOrderer.Person, other.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	elsewhere := account.Actor{Person: c.OtherOrderer.Person, Company: other.ID, Roles: []account.Role{account.Orderer}}
	begins := func(by account.Actor, want string) {
		t.Helper()
		s, err := r.Store.StartSearch(ctx, by)
		if s.Name != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, card.ErrNotFound) {
			t.Errorf("begins with %q, %v; want %q", s.Name, err, want)
		}
	}
	shared, own := saveSearch(t, r, c.Orderer, "Delad", true), saveSearch(t, r, c.OtherOrderer, "Egen", false)
	start := func(by account.Actor, id card.SearchID) {
		t.Helper()
		if err := r.Store.StartWith(ctx, by, id); err != nil {
			t.Fatal(err)
		}
	}
	begins(c.OtherOrderer, "")
	start(c.OtherOrderer, own)
	begins(c.OtherOrderer, "Egen")
	start(c.OtherOrderer, shared)
	begins(c.OtherOrderer, "Delad")
	begins(elsewhere, "")
	begins(c.Orderer, "")
	start(c.Orderer, shared)
	if got := searchNames(t, r, c.OtherOrderer); !slices.Equal(got, []string{"Egen", "Delad of Bo * >"}) {
		t.Errorf("the searches are %v", got)
	}
	if err := r.Store.ShareSearch(ctx, c.Orderer, shared, false); err != nil {
		t.Fatal(err)
	}
	begins(c.OtherOrderer, "")
	begins(c.Orderer, "Delad")
	if err := r.Store.StartAsUsual(ctx, c.Orderer); err != nil {
		t.Fatal(err)
	}
	begins(c.Orderer, "")
	start(c.OtherOrderer, own)
	if err := r.Store.DeleteSearch(ctx, c.OtherOrderer, own); err != nil {
		t.Fatal(err)
	}
	begins(c.OtherOrderer, "")
	if err := r.Store.StartAsUsual(ctx, c.OtherOrderer); err != nil {
		t.Errorf("as usual twice: %v", err)
	}
}
