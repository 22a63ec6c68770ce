package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// nastyNames collide in every way: the same words in another order, twice, glued, with and without diacritics.
func nastyNames() []card.Name {
	return []card.Name{
		{Given: "Anna", Family: "Annasson Åberg-Aberg"}, {Given: "Anna", Family: "Annasson Åberg-Aberg"}, {Given: "Anna-Anna", Family: "Anna"},
		{Given: "Åke", Family: "Åkesson"}, {Given: "Ake", Family: "Åkesson"}, {Given: "Åke", Family: "Akesson"}, {Given: "Ake Åke", Family: "Ake"},
		{Given: "Bo", Family: "Annasson"}, {Given: "Bo Bo", Family: "Bobo"}, {Given: "Annå", Family: "Änna"}, {Given: "Öa", Family: "Oa Öa"},
		{Given: "Anna Åsa", Family: "Berg"}, {Given: "Åsa Anna", Family: "Berg"}, {Given: "Æsa", Family: "Bøg"}, {Given: "Łucja", Family: "Lucja-Łucja"},
	}
}

// bulk makes n cards of the company in all statuses, of both kinds, valid and expired, by whole sets of events. Every
// fifth is another orderer's.
func bulk(t *testing.T, r *pgtest.Register, c *pgtest.Company, n int) []card.ID {
	t.Helper()
	var given, family []string
	names := nastyNames()
	for i := range n {
		given, family = append(given, names[i%len(names)].Given), append(family, names[i%len(names)].Family)
	}
	const order = `
		WITH person AS (
			INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
			SELECT 'passport', 'XX', 'BULK' || $1::bigint || 'N' || n, g, f FROM unnest($4::text[], $5::text[]) WITH ORDINALITY x (g, f, n)
			RETURNING id
		), numbered AS (
			SELECT id, row_number() OVER (ORDER BY id) AS n FROM person
		), c AS (
			INSERT INTO cards (company_id, kind, person_id, ordered_by)
			SELECT $1, CASE WHEN n % 10 = 7 THEN 'visitor' ELSE 'standard' END, CASE WHEN n % 10 <> 7 THEN id END,
			       CASE WHEN n % 5 = 0 THEN $3::bigint ELSE $2 END
			FROM numbered
			RETURNING id, company_id, kind, ordered_by
		)
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
		SELECT id, 1, company_id, kind, 'order', 'none', 'ordered', ordered_by, 'orderer' FROM c
		RETURNING card_id`
	rows, err := r.App.Query(t.Context(), order, c.ID, c.Orderer.Person, c.OtherOrderer.Person, given, family)
	if err != nil {
		t.Fatal(err)
	}
	var ids []card.ID
	for rows.Next() {
		var id card.ID
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	// Every so manieth goes on; the sets shrink, so that all statuses are left behind.
	const act = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason)
		SELECT c.id, c.version + 1, c.company_id, c.kind, t.action, t.from_status, t.to_status,
		       CASE p.role WHEN 'holder' THEN c.person_id WHEN 'issuer' THEN $2 ELSE c.orderer_id END, p.role,
		       (SELECT x.reason FROM card_reasons x WHERE x.action = t.action AND x.reason <> 'other' ORDER BY x.position LIMIT 1)
		FROM cards c JOIN card_transitions t ON t.kind = c.kind AND t.from_status = c.status AND t.action = $3
		JOIN card_permissions p ON p.action = t.action AND p.role <> 'system' AND (p.action <> 'block' OR p.role = 'orderer')
		WHERE c.company_id = $1 AND c.id % $4 = $5`
	const produce = `
		SELECT produce_card(c.id, c.version, c.company_id, $2, 'TE-' || lpad($1::bigint::text, 4, '0') || '-' || lpad(c.id::text, 6, '0'),
		                    CASE WHEN c.kind = 'standard' THEN lpad(upper(to_hex(c.id)), 8, '0') END, today() + (c.id % 40)::integer)
		FROM cards c WHERE c.company_id = $1 AND c.id % 13 <> 2 AND c.status = CASE c.kind WHEN 'visitor' THEN 'reviewed' ELSE 'approved' END`
	const activate = `
		SELECT activate_card(c.id, c.version, c.person_id, c.number, 1, decode(repeat('00', 49), 'hex'))
		FROM cards c WHERE c.company_id = $1 AND c.status = 'produced' AND c.kind = 'standard' AND c.id % 7 <> 3`
	const write = `
		INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, deliver_to)
		SELECT c.id, 1, c.company_id, c.kind, p.given_name, p.family_name, CASE WHEN p.id > 0 THEN 'SE' END, CASE WHEN p.id > 0 THEN $2::bigint END, 'Gatan 1'
		FROM cards c LEFT JOIN persons p ON p.id = c.person_id
		WHERE c.company_id = $1 AND c.version = 1 AND NOT EXISTS (SELECT FROM card_orders o WHERE o.card_id = c.id)`
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := r.App.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	run(write, c.ID, c.NewPhoto(t))
	run(act, c.ID, r.Issuer.Person, "reject", 17, 1)
	run(act, c.ID, r.Issuer.Person, "cancel", 19, 2)
	for rest := range 10 {
		run(act, c.ID, r.Issuer.Person, "review", 11, rest)
	}
	for rest := range 12 {
		run(act, c.ID, r.Issuer.Person, "approve", 13, rest)
	}
	run(produce, c.ID, r.Issuer.Person)
	run(activate, c.ID)
	run(act, c.ID, r.Issuer.Person, "block", 5, 1)
	run(act, c.ID, r.Issuer.Person, "terminate", 6, 1)
	return ids
}

// known is what the test reads of a card, to count and filter by itself.
type known struct {
	ID        card.ID
	Kind      card.Kind
	Status    card.Status
	Orderer   account.PersonID
	ValidTo   *time.Time
	Number    string
	Given     string
	Family    string
	OrderedBy string // whoever is responsible
	Effective card.Status
}

func allOf(t *testing.T, r *pgtest.Register, c *pgtest.Company, suspended bool) []known {
	t.Helper()
	rows, err := r.Owner.Query(t.Context(), `
		SELECT c.id, c.kind, c.status, c.orderer_id, c.valid_to, coalesce(c.number, ''), coalesce(p.given_name, ''), coalesce(p.family_name, ''), o.given_name || ' ' || o.family_name
		FROM cards c JOIN persons o ON o.id = c.orderer_id LEFT JOIN persons p ON p.id = c.person_id WHERE c.company_id = $1`, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	today := r.Today(t)
	var all []known
	for rows.Next() {
		var k known
		if err := rows.Scan(&k.ID, &k.Kind, &k.Status, &k.Orderer, &k.ValidTo, &k.Number, &k.Given, &k.Family, &k.OrderedBy); err != nil {
			t.Fatal(err)
		}
		made := k.Status == card.Produced || k.Status == card.Active || k.Status == card.Blocked
		switch {
		case made && k.ValidTo.Before(today):
			k.Effective = card.Expired
		case k.Status == card.Active && suspended:
			k.Effective = card.Suspended
		default:
			k.Effective = k.Status
		}
		all = append(all, k)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// named reports whether each word begins a word of the holder's name or of the orderer's, without regard to diacritics.
func (k known) named(typed string) bool {
	holder := k.Given + " " + k.Family
	if k.Kind == card.Visitor {
		holder = "Besökskort visitor card"
	}
	return beginsWords(holder, typed) || beginsWords(k.OrderedBy, typed)
}

func beginsWords(name, typed string) bool {
	fold := strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "æ", "a", "ø", "o", "ł", "l", "-", " ")
	words := strings.Fields(fold.Replace(strings.ToLower(name)))
	for _, want := range strings.Fields(fold.Replace(strings.ToLower(typed))) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, want) }) {
			return false
		}
	}
	return true
}

// For every kind of query and every filter: the pages together are exactly the cards that match, each once, and the
// counts are those of counting.
func TestPagesAndCountsAgreeWithCounting(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	plain, suspended, other := r.NewCompany(t), r.NewCompany(t), r.NewCompany(t)
	for _, c := range []*pgtest.Company{plain, suspended} {
		bulk(t, r, c, 300)
	}
	bulk(t, r, other, 100)
	suspended.Suspend(t)
	r.MoveClock(t, 20*24*time.Hour) // half of what was produced has expired
	for _, c := range []*pgtest.Company{plain, suspended} {
		t.Run(map[bool]string{true: "suspended", false: "not suspended"}[c == suspended], func(t *testing.T) {
			t.Parallel()
			comparePages(t, r, c, allOf(t, r, c, c == suspended))
		})
	}
}

func comparePages(t *testing.T, r *pgtest.Register, c *pgtest.Company, all []known) {
	t.Helper()
	soon := r.Today(t).AddDate(0, 0, 10)
	prefix := fmt.Sprintf("TE-%04d", c.ID)
	queries := map[string]func(known) bool{
		"":       func(known) bool { return true },
		prefix:   func(k known) bool { return k.Number != "" },
		"170101": func(known) bool { return false },
	}
	for _, typed := range []string{"a", "an", "anna", "åke", "ake", "anna berg", "berg anna", "anna annasson aberg", "o", "bo", "bo anna", "b", "l", "lucja", "besökskort", "berit", "asa"} {
		queries[typed] = func(k known) bool {
			if typed == "åke" { // as typed, or with another diacritic: but not without any
				return strings.Contains(k.Given+k.Family, "Åke")
			}
			return k.named(typed)
		}
	}
	filters := map[string]struct {
		set  func(*card.Search)
		pass func(known) bool
	}{
		"no filter":         {func(*card.Search) {}, func(known) bool { return true }},
		"visitor cards":     {func(s *card.Search) { s.Kind = card.Visitor }, func(k known) bool { return k.Kind == card.Visitor }},
		"of one orderer":    {func(s *card.Search) { s.Orderer = c.OtherOrderer.Person }, func(k known) bool { return k.Orderer == c.OtherOrderer.Person }},
		"of nobody":         {func(s *card.Search) { s.Orderer = r.Issuer.Person }, func(known) bool { return false }},
		"expiring":          {func(s *card.Search) { s.ExpiresBefore = soon }, func(k known) bool { return k.ValidTo != nil && k.ValidTo.Before(soon) }},
		"standard expiring": {func(s *card.Search) { s.ExpiresBefore, s.Kind = soon, card.Standard }, func(k known) bool { return k.ValidTo != nil && k.ValidTo.Before(soon) && k.Kind == card.Standard }},
	}
	nonEmpty := 0
	for typed, matches := range queries {
		for name, filter := range filters {
			for _, status := range append([]card.Status{""}, card.EffectiveStatuses()...) {
				if status != "" && (name != "no filter" || typed != "" && typed != "an") {
					continue // all combinations of three would say no more
				}
				search := card.Search{Query: query(t, r, typed), Status: status}
				filter.set(&search)
				counts := map[card.Status]int{}
				var want []card.ID
				for _, k := range all {
					if matches(k) && filter.pass(k) {
						counts[k.Effective]++
						if status == "" || k.Effective == status {
							want = append(want, k.ID)
						}
					}
				}
				rows, first := everyPage(t, r.Store, c.Orderer, search)
				got := idsOf(rows)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%q, %s, status %q: %d cards, want %d\n%v\n%v", typed, name, status, len(got), len(want), got, want)
				}
				for _, n := range first.Counts {
					if n.Capped != first.All.Capped || n.N > counts[n.Status] || !n.Capped && n.N != counts[n.Status] {
						t.Errorf("%q, %s, status %q: counted %v, want %d", typed, name, status, n, counts[n.Status])
					}
					delete(counts, n.Status)
				}
				if len(counts) > 0 && !first.All.Capped {
					t.Errorf("%q, %s, status %q: not counted %v", typed, name, status, counts)
				}
				if first.Total.N > len(want) || !first.Total.Capped && first.Total.N != len(want) {
					t.Errorf("%q, %s, status %q: total %v, want %d", typed, name, status, first.Total, len(want))
				}
				if typed == "" && name == "no filter" && first.All.Capped {
					t.Errorf("the whole company is not counted: %v", first.All)
				}
				for _, row := range rows {
					if i := slices.IndexFunc(all, func(k known) bool { return k.ID == row.ID }); all[i].Effective != row.Effective {
						t.Errorf("card %d is listed as %s, want %s", row.ID, row.Effective, all[i].Effective)
					}
				}
				if len(want) > 0 {
					nonEmpty++
				}
			}
		}
	}
	if nonEmpty < 70 {
		t.Errorf("only %d searches had results", nonEmpty)
	}
}

// rename changes the name that a person has today; what is printed on a card stays.
func rename(t *testing.T, r *pgtest.Register, p account.PersonID, n card.Name) {
	t.Helper()
	if _, err := r.Owner.Exec(t.Context(), `UPDATE persons SET given_name = $1, family_name = $2 WHERE id = $3`, n.Given, n.Family, p); err != nil {
		t.Fatal(err)
	}
}

// Printed without the ring, and registered with it: each spelling finds the card, once, by whichever name has it.
func TestSearchFindsEitherNameOfACard(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Ake", Family: "Berg"}})
	rename(t, r, k.Holder.Person, card.Name{Given: "Åke", Family: "Berg"})
	for _, typed := range []string{"ake", "åke", "åke berg", "berg"} {
		for _, status := range []card.Status{"", card.Active} {
			rows, first := everyPage(t, r.Store, c.Orderer, card.Search{Query: query(t, r, typed), Status: status})
			if !slices.Equal(idsOf(rows), []card.ID{k.ID}) || first.Total.N != 1 {
				t.Errorf("%q, status %q: %v, counted %v; want %v", typed, status, idsOf(rows), first.Total, k.ID)
			}
		}
	}
}

// Cards of the orderer whose name matches come after the holders', each card once and none left out.
func TestSearchForAnOrderersNameFindsEachCardOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	t.Run("who carries a card with an older name", func(t *testing.T) {
		k := c.Card(t, pgtest.Spec{Status: card.Active, Holder: c.Orderer.Person})
		rename(t, r, c.Orderer.Person, card.Name{Given: "Bo", Family: "Nilsson"})
		rows, first := everyPage(t, r.Store, c.Orderer, card.Search{Query: query(t, r, "nilsson")})
		if !slices.Equal(idsOf(rows), []card.ID{k.ID}) || first.Total.N != 1 {
			t.Errorf("%v, counted %v; want %v once", idsOf(rows), first.Total, k.ID)
		}
	})
	t.Run("whose holder's name is nearly the same", func(t *testing.T) {
		asa := c.NewMember(t, card.Name{Given: "Åsa", Family: "Åberg"}, account.Orderer)
		smith := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: asa, Name: card.Name{Given: "John", Family: "Smith"}})
		aberg := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: asa, Name: card.Name{Given: "Jane", Family: "Aberg"}})
		for _, typed := range []string{"åberg", "aberg"} {
			rows, first := everyPage(t, r.Store, c.Orderer, card.Search{Query: query(t, r, typed)})
			got := idsOf(rows)
			slices.Sort(got)
			if !slices.Equal(got, []card.ID{smith.ID, aberg.ID}) || first.Total.N != 2 {
				t.Errorf("%q: %v, counted %v; want %v and %v", typed, got, first.Total, smith.ID, aberg.ID)
			}
		}
	})
}

// A query with another letter's diacritic finds a name whose other words begin alike.
func TestSearchFindsBesideAPlainWord(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	named(t, c, "Ännerstedt, Anders", "Ännerstedt, Bo")
	for _, typed := range []string{"ån", "ånn", "än", "an"} {
		if rows, first := everyPage(t, r.Store, c.Orderer, card.Search{Query: query(t, r, typed)}); len(rows) != 2 || first.Total.N != 2 {
			t.Errorf("%q: %v, counted %v; want both", typed, idsOf(rows), first.Total)
		}
	}
}

// The next page goes on where the last one ended, also when another word of the query has become the rarest.
func TestSearchGoesOnByTheSameWord(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	for range card.PageSize + 5 {
		named(t, c, "Berg, Anna")
	}
	search := card.Search{Query: query(t, r, "anna berg")}
	for _, ordered := range []string{"Berg, Sten", "Alm, Anna", "Lund, Anna"} {
		one, err := r.Store.SearchCards(t.Context(), c.Orderer, search)
		if err != nil {
			t.Fatal(err)
		}
		named(t, c, ordered)
		next := search
		next.After = one.Next
		two, err := r.Store.SearchCards(t.Context(), c.Orderer, next)
		if err != nil {
			t.Fatal(err)
		}
		again := slices.ContainsFunc(idsOf(two.Rows), func(id card.ID) bool { return slices.Contains(idsOf(one.Rows), id) })
		if len(two.Rows) != 5 || again || two.Next != "" {
			t.Errorf("after %q was ordered the second page has %d rows, some of them again: %v; want the other 5", ordered, len(two.Rows), again)
		}
	}
}
