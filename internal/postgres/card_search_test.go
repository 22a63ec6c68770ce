package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

func query(t *testing.T, r *pgtest.Register, typed string) card.Query {
	t.Helper()
	q, err := card.ParseQuery(typed, r.Today(t))
	if err != nil {
		t.Fatalf("query %q: %v", typed, err)
	}
	return q
}

// everyPage follows the cursors to the end. The pages must be full but for the last, and count the same.
func everyPage(t *testing.T, s *postgres.Store, by account.Actor, search card.Search) (rows []card.Row, first card.Results) {
	t.Helper()
	for page := 0; ; page++ {
		if page > 100 {
			t.Fatal("the pages do not end")
		}
		results, err := s.SearchCards(t.Context(), by, search)
		if err != nil {
			t.Fatal(err)
		}
		if page == 0 {
			first = results
		}
		if results.All != first.All || results.Total != first.Total || !slices.Equal(results.Counts, first.Counts) {
			t.Errorf("page %d counts %v, %v, %v; the first %v, %v, %v", page, results.All, results.Total, results.Counts, first.All, first.Total, first.Counts)
		}
		rows = append(rows, results.Rows...)
		if results.Next == "" {
			return rows, first
		}
		if len(results.Rows) != card.PageSize {
			t.Errorf("page %d has %d rows and is not the last", page, len(results.Rows))
		}
		search.After = results.Next
	}
}

func namesOf(rows []card.Row) []string {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Holder.Full()
	}
	return names
}

func idsOf(rows []card.Row) []card.ID {
	ids := make([]card.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids
}

// named orders a card for each name: given names, a comma, family name.
func named(t *testing.T, c *pgtest.Company, names ...string) {
	t.Helper()
	for _, name := range names {
		family, given, _ := strings.Cut(name, ", ")
		c.Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: given, Family: family}})
	}
}

func TestSearchByNumber(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active, Number: "AB-1234-567890"})
	neighbour := c.Card(t, pgtest.Spec{Status: card.Produced, Number: "AB-1234-999999"})
	c.Card(t, pgtest.Spec{Status: card.Produced, Number: "AB-1235-000000"})
	foreign := other.Card(t, pgtest.Spec{Status: card.Active, Number: "AB-1234-600000"})
	for _, tc := range []struct {
		typed  string
		mine   []card.ID
		issuer []card.ID
	}{
		{"AB-1234-567890", []card.ID{k.ID}, []card.ID{k.ID}},
		{"ab1234567890", []card.ID{k.ID}, []card.ID{k.ID}},
		{" ab 1234 567890 ", []card.ID{k.ID}, []card.ID{k.ID}},
		{"AB–1234—567890", []card.ID{k.ID}, []card.ID{k.ID}},
		{"ＡＢ－１２３４－５６７８９０", []card.ID{k.ID}, []card.ID{k.ID}},
		{"AB-1234", []card.ID{k.ID, neighbour.ID}, []card.ID{k.ID, foreign.ID, neighbour.ID}},
		{"ab 12345", []card.ID{k.ID}, []card.ID{k.ID}},
		{"ab1234-6", nil, []card.ID{foreign.ID}},
		{"AB-1234-600000", nil, []card.ID{foreign.ID}},
		{"AB-1234-567891", nil, nil},
		{"XX-1", nil, nil},
	} {
		for name, by := range map[string]struct {
			actor account.Actor
			want  []card.ID
		}{"company": {c.Orderer, tc.mine}, "issuer": {r.Issuer, tc.issuer}} {
			rows, first := everyPage(t, r.Store, by.actor, card.Search{Query: query(t, r, tc.typed)})
			if !slices.Equal(idsOf(rows), by.want) || first.All.N != len(by.want) {
				t.Errorf("%s searches %q: %v (%d), want %v", name, tc.typed, idsOf(rows), first.All.N, by.want)
			}
		}
	}
}

// swedish is a number of the series that the authority keeps for tests: birth date and 238 or 239, with its check digit.
func swedish(t *testing.T, date, serial string) account.Identity {
	t.Helper()
	digits := date + serial
	sum := 0
	for i, d := range digits[2:] {
		n := int(d-'0') * (2 - i%2)
		sum += n/10 + n%10
	}
	kind := "personal_number"
	if date[6] >= '6' {
		kind = "coordination_number"
	}
	return account.StoredIdentity(kind, "SE", digits+fmt.Sprint((10-sum%10)%10))
}

func TestSearchByPersonalNumber(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	of := func(c *pgtest.Company, family string, identity account.Identity) *pgtest.Card {
		person := r.NewPersonWith(t, card.Name{Given: "Test", Family: family}, identity)
		return c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: person})
	}
	young, old := swedish(t, "20170101", "239"), swedish(t, "19170101", "239")
	woman, coordination := swedish(t, "19900101", "238"), swedish(t, "19700163", "239")
	cards := map[string]*pgtest.Card{
		"young": of(c, "Aa", young), "old": of(c, "Bb", old), "woman": of(c, "Cc", woman), "coordination": of(c, "Dd", coordination),
	}
	theirs := of(other, "Ee", swedish(t, "19900101", "239"))
	short := func(id account.Identity) string { return id.Number()[2:8] + "-" + id.Number()[8:] }
	for _, tc := range []struct{ typed, want string }{
		{"170101", "young old"},
		{"20170101", "young"},
		{"1917-01-01", "old"},
		{short(young), "young old"},
		{strings.Replace(short(old), "-", "+", 1), "old"},
		{young.Number(), "young"},
		{old.Number()[:8] + "-" + old.Number()[8:], "old"},
		{"900101", "woman"},
		{"19900101", "woman"},
		{short(woman), "woman"},
		{strings.Replace(short(woman), "-", "", 1), "woman"},
		{woman.Number(), "woman"},
		{"700163", "coordination"},
		{"19700163", "coordination"},
		{short(coordination), "coordination"},
		{coordination.Number(), "coordination"},
		{swedish(t, "19900102", "238").Number(), ""},
		{"19900103", ""},
	} {
		q := query(t, r, tc.typed)
		if q.Kind != card.ByPersonalNumber {
			t.Fatalf("%q is understood as %d", tc.typed, q.Kind)
		}
		rows, first := everyPage(t, r.Store, c.Orderer, card.Search{Query: q})
		var want []card.ID
		for _, name := range strings.Fields(tc.want) {
			want = append(want, cards[name].ID)
		}
		if !slices.Equal(idsOf(rows), want) || first.All.N != len(want) {
			t.Errorf("%q: cards %v (%d), want %v", tc.typed, idsOf(rows), first.All.N, want)
		}
	}
	rows, _ := everyPage(t, r.Store, r.Issuer, card.Search{Query: query(t, r, "900101")})
	if want := []card.ID{cards["woman"].ID, theirs.ID}; !slices.Equal(idsOf(rows), want) {
		t.Errorf("the issuer finds %v, want %v", idsOf(rows), want)
	}
	if got := rows[0].Identity; got != "19900101-****" {
		t.Errorf("the list shows %q", got)
	}
}

func TestSearchByName(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	named(t, c, "Åberg, Åke", "Akelius, Bo Erik", "Berg, Ake", "Zetterlund, Anna", "Annasson Åberg-Aberg, Anna", "Ek, Anna-Karin", "Ekström, Karin Anna",
		"Öberg, Märta", "Ärlig, Ann", "Łukaszewicz, Jože", "d'Arc, Jeanne", "Sørensen, Søren", "Yılmaz, İpek", "von Åkerhielm, Carl Gustaf", "Wallin, Ove")
	named(t, other, "Åberg, Åke", "Främling, Anna")
	for _, tc := range []struct {
		typed string
		want  []string
	}{
		{"åke", []string{"Åke Åberg", "Carl Gustaf von Åkerhielm"}},
		{"ake", []string{"Ake Berg", "Bo Erik Akelius", "Åke Åberg", "Carl Gustaf von Åkerhielm"}},
		{"AKE BERG", []string{"Ake Berg"}},
		{"Åke Åberg", []string{"Åke Åberg"}},
		{"åberg åke", []string{"Åke Åberg"}},
		{"aberg ake", []string{"Åke Åberg"}},
		{"anna", []string{"Anna Zetterlund", "Anna-Karin Ek", "Karin Anna Ekström", "Anna Annasson Åberg-Aberg"}},
		{"anna karin", []string{"Anna-Karin Ek", "Karin Anna Ekström"}},
		{"Karin-Anna", []string{"Anna-Karin Ek", "Karin Anna Ekström"}},
		{"anna karin ekstr", []string{"Karin Anna Ekström"}},
		{"an", []string{"Ann Ärlig", "Anna Zetterlund", "Anna-Karin Ek", "Karin Anna Ekström", "Anna Annasson Åberg-Aberg"}},
		{"ek", []string{"Anna-Karin Ek", "Karin Anna Ekström"}},
		{"öberg", []string{"Märta Öberg"}},
		{"oberg marta", []string{"Märta Öberg"}},
		{"lukasz", []string{"Jože Łukaszewicz"}},
		{"joze łukaszewicz", []string{"Jože Łukaszewicz"}},
		{"darc", nil},
		{"d’arc", []string{"Jeanne d'Arc"}},
		{"sorensen", []string{"Søren Sørensen"}},
		{"sörensen", []string{"Søren Sørensen"}},
		{"yilmaz ipek", []string{"İpek Yılmaz"}},
		{"von", []string{"Carl Gustaf von Åkerhielm"}},
		{"gustav", nil},
		{"nna", nil},
		{"100%", nil},
		{"a_na", nil},
		{`anna\`, []string{"Anna Zetterlund", "Anna-Karin Ek", "Karin Anna Ekström", "Anna Annasson Åberg-Aberg"}},
		{"åke wallin", nil},
	} {
		rows, first := everyPage(t, r.Store, c.Administrator, card.Search{Query: query(t, r, tc.typed)})
		got := namesOf(rows)
		if tc.typed == "anna" || tc.typed == `anna\` || tc.typed == "an" {
			// The family name Annasson comes first among the words that begin so; where it stands is tested by the pages.
			slices.Sort(got)
			tc.want = slices.Sorted(slices.Values(tc.want))
		}
		if diff := cmp.Diff(tc.want, got, cmp.Transformer("none", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
			t.Errorf("%q: %s", tc.typed, diff)
		}
		if first.All.N != len(tc.want) {
			t.Errorf("%q: counted %d, want %d", tc.typed, first.All.N, len(tc.want))
		}
	}
}

// Å, ä and ö are the last three letters; lists and the results for one word follow the Swedish order.
func TestResultsAreInSwedishOrder(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	named(t, c, "Öst, Eva", "Ost, Eva", "Åst, Eva", "Äst, Eva", "Ast, Eva", "Zast, Eva", "Łast, Eva", "Mast, Eva", "Øst, Evald", "Ast, Åke", "Ast, Zita", "Ast, Ärling",
		"Asta, Eva", "Šast, Eva", "Tast, Eva")
	sv := collate.New(language.Swedish)
	byName := func(a, b card.Row) int {
		if n := sv.CompareString(a.Holder.Family, b.Holder.Family); n != 0 {
			return n
		}
		return sv.CompareString(a.Holder.Given, b.Holder.Given)
	}
	for _, typed := range []string{"", "eva"} {
		rows, _ := everyPage(t, r.Store, c.Orderer, card.Search{Query: query(t, r, typed)})
		if typed == "eva" {
			// Evald is another word and follows.
			rows = slices.DeleteFunc(rows, func(row card.Row) bool { return row.Holder.Given == "Evald" })
		}
		if len(rows) < 10 || !slices.IsSortedFunc(rows, byName) {
			t.Errorf("%q gives %v", typed, namesOf(rows))
		}
	}
}

func TestAPersonWithANewNameIsFoundByBoth(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	made := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Lisa", Family: "Flicknamn"}})
	person := made.Holder.Person
	ordered := c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: person})
	rename := func(family string) {
		t.Helper()
		if _, err := r.Owner.Exec(t.Context(), `UPDATE persons SET family_name = $1 WHERE id = $2`, family, person); err != nil {
			t.Fatal(err)
		}
	}
	find := func(typed string, want ...card.ID) {
		t.Helper()
		rows, first := everyPage(t, r.Store, c.Orderer, card.Search{Query: query(t, r, typed)})
		got := idsOf(rows)
		slices.Sort(got)
		if !slices.Equal(got, want) || first.All.N != len(want) {
			t.Errorf("%q finds %v (%d), want %v", typed, got, first.All.N, want)
		}
		for _, row := range rows {
			if row.ID == made.ID && row.Holder.Family != "Flicknamn" {
				t.Errorf("the card that was made shows %s", row.Holder.Family)
			}
		}
	}
	find("flicknamn", made.ID, ordered.ID)
	rename("Ågift")
	find("ågift", made.ID, ordered.ID)
	find("agift", made.ID, ordered.ID)
	find("flicknamn", made.ID, ordered.ID)
	find("lisa", made.ID, ordered.ID)
	find("lisa ågift", made.ID, ordered.ID)
	rename("Omgift")
	find("ågift")
	find("omgift lisa", made.ID, ordered.ID)
	find("flicknamn lisa", made.ID, ordered.ID)
	rename("Flicknamn")
	find("omgift")
	find("flicknamn", made.ID, ordered.ID)
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM card_names WHERE word LIKE '%gift'`); n != "0" {
		t.Errorf("%s rows of former names are left", n)
	}
}

func TestSearchByOrderer(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	asa := c.NewMember(t, card.Name{Given: "Åsa", Family: "Öhman"}, account.Orderer)
	hers := c.Card(t, pgtest.Spec{Status: card.Ordered, Orderer: asa, Name: card.Name{Given: "Zlatko", Family: "Zetterberg"}})
	visitor := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Ordered, Orderer: asa})
	namesake := c.Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: "Åsa", Family: "Öhman"}})
	both := c.Card(t, pgtest.Spec{Status: card.Ordered, Orderer: asa, Name: card.Name{Given: "Åsa", Family: "Öhman Ek"}})
	twin := other.NewMember(t, card.Name{Given: "Åsa", Family: "Öhman"}, account.Orderer)
	theirs := other.Card(t, pgtest.Spec{Status: card.Ordered, Orderer: twin})

	for _, typed := range []string{"åsa öhman", "ohman asa", "Öhm"} {
		rows, first := everyPage(t, r.Store, c.Orderer, card.Search{Query: query(t, r, typed)})
		// First the holders of that name (Ek before Åsa), then what the orderer of that name is responsible for; no card twice.
		if want := []card.ID{both.ID, namesake.ID, visitor.ID, hers.ID}; !slices.Equal(idsOf(rows), want) {
			t.Errorf("%q: %v, want %v", typed, idsOf(rows), want)
		}
		want := []card.OrdererMatch{{ID: asa.Person, Name: card.Name{Given: "Åsa", Family: "Öhman"}, Count: card.Count{N: 3}}}
		if diff := cmp.Diff(want, first.Orderers); diff != "" || first.All.N != 4 {
			t.Errorf("%q: %d cards, orderers %s", typed, first.All.N, diff)
		}
	}
	rows, first := everyPage(t, r.Store, r.Issuer, card.Search{Query: query(t, r, "åsa öhman")})
	got := idsOf(rows)
	slices.Sort(got)
	if want := []card.ID{hers.ID, visitor.ID, namesake.ID, both.ID, theirs.ID}; !slices.Equal(got, want) || len(first.Orderers) != 2 {
		t.Errorf("the issuer: %v, orderers %v; want %v and two", got, first.Orderers, want)
	}
	// The filter names one orderer, and a hand-over changes who it is.
	do := card.Command{Card: hers.ID, Version: hers.Version, Action: card.HandOver, Successor: c.Orderer.Person}
	if _, err := r.Store.Act(t.Context(), c.Administrator, do); err != nil {
		t.Fatal(err)
	}
	rows, _ = everyPage(t, r.Store, c.Administrator, card.Search{Orderer: asa.Person})
	if want := []card.ID{visitor.ID, both.ID}; !slices.Equal(idsOf(rows), want) {
		t.Errorf("the filter gives %v, want %v", idsOf(rows), want)
	}
	orderers, err := r.Store.Orderers(t.Context(), c.Administrator)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range orderers {
		names = append(names, o.Name.Full())
	}
	if want := []string{"Berit Beställare", "Bo Beställare", "Åsa Öhman"}; !slices.Equal(names, want) {
		t.Errorf("orderers %v, want %v", names, want)
	}
}

// However many have left, those who are orderers now are there to choose.
func TestOrderersOfNowComeFirst(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	const former = `
		WITH p AS (
			INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
			SELECT 'passport', 'XX', 'FORMER' || n, 'Alva', 'Aaby' FROM generate_series(1, 500) n
			RETURNING id
		)
		INSERT INTO membership_events (company_id, person_id, role, action) SELECT $1, id, 'orderer', 'begin' FROM p`
	const leave = `
		INSERT INTO membership_events (company_id, person_id, role, action)
		SELECT m.company_id, m.person_id, m.role, 'end' FROM memberships m JOIN persons p ON p.id = m.person_id WHERE m.company_id = $1 AND p.family_name = 'Aaby'`
	for _, q := range []string{former, leave} {
		if _, err := r.Owner.Exec(t.Context(), q, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	orderers, err := r.Store.Orderers(t.Context(), c.Administrator)
	if err != nil {
		t.Fatal(err)
	}
	var now []string
	for _, o := range orderers {
		if o.Now {
			now = append(now, o.Name.Full())
		}
	}
	if want := []string{"Berit Beställare", "Bo Beställare"}; len(orderers) != 500 || !slices.Equal(now, want) || !orderers[0].Now || !orderers[1].Now {
		t.Errorf("%d orderers, of them now %v, want %v", len(orderers), now, want)
	}

	ylva := c.NewMember(t, card.Name{Given: "Ylva", Family: "Aabyholm"}, account.Orderer)
	found, err := r.Store.SearchCards(t.Context(), c.Administrator, card.Search{Query: query(t, r, "aaby")})
	if err != nil || len(found.Orderers) != 5 || found.Orderers[0].ID != ylva.Person {
		t.Errorf("a name of many names %v first, want %d: %v", found.Orderers, ylva.Person, err)
	}
	found, err = r.Store.SearchCards(t.Context(), r.Issuer, card.Search{Query: query(t, r, "aaby ylva")})
	if err != nil || len(found.Orderers) != 1 || found.Orderers[0].ID != ylva.Person {
		t.Errorf("the issuer finds %v, want %d: %v", found.Orderers, ylva.Person, err)
	}
}

func TestTheIssuerAsksForSomething(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Ordered})
	results, err := r.Store.SearchCards(t.Context(), r.Issuer, card.Search{})
	if err != nil || len(results.Rows) > 0 || results.All.N > 0 {
		t.Errorf("without a query the issuer sees %d of %v: %v", len(results.Rows), results.All, err)
	}
}

func TestCursorsOfOthersLeadNowhereElse(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	mine := bulk(t, r, c, 100)
	bulk(t, r, other, 100)
	search := card.Search{Query: query(t, r, "anna")}
	theirs, err := r.Store.SearchCards(t.Context(), other.Orderer, search)
	if err != nil || theirs.Next == "" {
		t.Fatalf("the other company has one page: %v", err)
	}
	plain, err := r.Store.SearchCards(t.Context(), c.Orderer, card.Search{})
	if err != nil || plain.Next == "" {
		t.Fatalf("the company has one page: %v", err)
	}
	for _, cursor := range []card.Cursor{
		theirs.Next, plain.Next, "x", "!", "e30", "bnVsbA", card.Cursor(strings.Repeat("A", 10_000)),
		"eyJHcm91cCI6InoiLCJJRCI6MX0",                  // a group that there is not
		"eyJLZXkiOiJcdTAwMDAiLCJJRCI6MX0",              // a zero byte
		"eyJJRCI6LTEsIktleSI6IicgT1IgMT0xIC0tICJ9",     // a quote
		"eyJJRCI6OTIyMzM3MjAzNjg1NDc3NTgwN30",          // the last id
		"eyJXb3JkIjoi77-_IiwiS2V5Ijoi77-_IiwiSUQiOjF9", // a word after all others
	} {
		for _, s := range []card.Search{search, {}, {Query: query(t, r, "TE-")}, {Query: query(t, r, "bo")}} {
			s.After = cursor
			results, err := r.Store.SearchCards(t.Context(), c.Orderer, s)
			if err != nil {
				t.Errorf("cursor %.40q: %v", cursor, err)
			}
			for _, row := range results.Rows {
				if !slices.Contains(mine, row.ID) {
					t.Errorf("cursor %.40q shows card %d of another company", cursor, row.ID)
				}
			}
		}
	}
}

func TestHoldersAndStrangersDoNotSearch(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	for name, by := range map[string]account.Actor{
		"holder":                     k.Holder,
		"nobody":                     {},
		"company without a role":     {Person: k.Orderer.Person, Company: k.Company.ID},
		"orderer without a company":  {Person: k.Orderer.Person, Roles: []account.Role{account.Orderer}},
		"reader":                     {Company: k.Company.ID, Roles: []account.Role{account.Reader}},
		"an issuer inside a company": {Person: r.Issuer.Person, Company: k.Company.ID, Roles: []account.Role{account.Issuer}},
	} {
		results, err := r.Store.SearchCards(t.Context(), by, card.Search{Query: query(t, r, string(k.Number))})
		if !errors.Is(err, card.ErrNotFound) || len(results.Rows) > 0 || results.All.N > 0 {
			t.Errorf("%s: %v, %v; want ErrNotFound", name, results, err)
		}
	}
}
