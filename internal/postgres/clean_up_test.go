package postgres_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// litter is a company after some months: persons with several cards, cards left lying in every status, with and without an address, and
// an orderer who has left.
func litter(t *testing.T, r *pgtest.Register, seed uint64) *pgtest.Company {
	t.Helper()
	c := r.NewCompany(t)
	random := rand.New(rand.NewPCG(seed, 17)) // the same each time
	var persons []account.PersonID
	for range 8 {
		persons = append(persons, r.NewPerson(t, card.Name{Given: "Karin", Family: "Kortinnehavare"}))
	}
	var cards []*pgtest.Card
	lost := c.Card(t, pgtest.Spec{Status: card.Blocked, ValidTo: r.Today(t).AddDate(5, 0, 0)})
	open := func(p account.PersonID) bool {
		return slices.ContainsFunc(cards, func(k *pgtest.Card) bool {
			return k.Holder.Person == p && slices.Contains([]card.Status{card.Ordered, card.Reviewed, card.Approved, card.Rejected}, k.Status)
		})
	}
	for range 90 {
		r.MoveClock(t, time.Duration(random.IntN(8*24))*time.Hour)
		spec := pgtest.Spec{Kind: card.Standard, Orderer: c.Orderer, ValidTo: r.Today(t).AddDate(0, 0, 20+random.IntN(600))}
		if random.IntN(3) == 0 {
			spec.Orderer = c.OtherOrderer
		}
		switch random.IntN(4) {
		case 0: // something becomes of a card, if it can
			if len(cards) > 0 {
				k := cards[random.IntN(len(cards))]
				k.See(t)
				_ = k.Try(t, k.Orderer, []card.Action{card.Block, card.Unblock, card.Terminate, card.Correct}[random.IntN(4)]) // often refused
				k.See(t)
			}
			continue
		case 1:
			if random.IntN(3) == 0 {
				spec.Kind = card.Visitor
			}
		}
		statuses := pgtest.Statuses(spec.Kind)
		if random.IntN(2) == 0 && spec.Kind == card.Standard {
			statuses = []card.Status{card.Produced, card.Active, card.Blocked}
		}
		spec.Status = statuses[random.IntN(len(statuses))]
		if spec.Kind == card.Standard {
			if spec.Holder = persons[random.IntN(len(persons))]; open(spec.Holder) {
				continue
			}
		}
		cards = append(cards, c.Card(t, spec))
		for _, k := range cards {
			k.See(t)
		}
	}
	c.Card(t, pgtest.Spec{Status: card.Produced, Holder: lost.Holder.Person})
	for _, sql := range []string{
		`ALTER TABLE card_orders DISABLE TRIGGER USER`,
		`UPDATE card_orders SET email = NULL WHERE (card_id + seq) % 3 <> 0`,
		`INSERT INTO logins (person_id, email, password_hash, disabled_at)
			SELECT p.id, p.id || '@home.example', '-', CASE WHEN p.id % 4 = 0 THEN clock_now() END FROM persons p WHERE p.id % 2 = 0 ON CONFLICT DO NOTHING`,
	} {
		if _, err := r.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	var last account.PersonID
	if err := r.Owner.QueryRow(t.Context(), `SELECT max(person_id) FROM memberships WHERE role = 'orderer' AND company_id = $1`, c.ID).Scan(&last); err != nil {
		t.Fatal(err)
	}
	c.LoseOrderer(t, last)
	return c
}

// lying is what the test reads of a card, to judge by itself.
type lying struct {
	ID      card.ID
	Kind    card.Kind
	Status  card.Status
	Person  *account.PersonID
	Orderer account.PersonID
	ValidTo *time.Time
	Changed time.Time // the status, last
	Email   *string   // of the last order
	LogIn   bool
	Member  bool // whoever is responsible is an orderer now
}

func lyingCards(t *testing.T, r *pgtest.Register, c *pgtest.Company) []lying {
	t.Helper()
	rows, err := r.Owner.Query(t.Context(), `
		SELECT c.id, c.kind, c.status, c.person_id, c.orderer_id, c.valid_to,
		       (SELECT max(e.occurred_at) FROM card_events e WHERE e.card_id = c.id AND e.from_status <> e.to_status),
		       (SELECT (array_agg(o.email ORDER BY o.seq DESC))[1] FROM card_orders o WHERE o.card_id = c.id),
		       c.person_id IN (SELECT l.person_id FROM logins l WHERE l.disabled_at IS NULL) IS TRUE,
		       c.orderer_id IN (SELECT m.person_id FROM memberships m WHERE m.company_id = c.company_id AND m.role = 'orderer' AND m.ended_at IS NULL)
		FROM cards c WHERE c.company_id = $1 ORDER BY c.id`, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[lying])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// is says by itself whether a card is of a kind, among all cards of the company.
func (k lying) is(kind card.CleanUp, all []lying, now, today time.Time) bool {
	made := func(x lying) bool {
		return x.Status == card.Produced || x.Status == card.Active || x.Status == card.Blocked
	}
	past := k.ValidTo != nil && k.ValidTo.Before(today)
	days := now.Sub(k.Changed).Hours() / 24
	switch kind {
	case card.NeverActivated:
		return k.Kind == card.Standard && k.Status == card.Produced && !past && days >= 30
	case card.LongBlocked:
		return k.Status == card.Blocked && !past && days >= 90
	case card.Several:
		newer := func(x lying) bool {
			return x.Person != nil && *x.Person == *k.Person && x.ID > k.ID && made(x) && !x.ValidTo.Before(today)
		}
		return k.Person != nil && made(k) && k.Status != card.Active && !past && slices.ContainsFunc(all, newer)
	case card.PastEnd:
		return made(k) && past
	case card.NoEmail:
		return k.Kind == card.Standard && (k.Status == card.Active || k.Status == card.Blocked) && !past && k.Email == nil && !k.LogIn
	case card.OrdererGone:
		return k.Status != card.Cancelled && k.Status != card.Terminated && !k.Member
	}
	return false
}

// For every kind: exactly the cards that are of it are found and counted, whoever asks and whatever else is asked for.
func TestCleanUpAgreesWithLooking(t *testing.T) {
	t.Parallel()
	seen := map[card.CleanUp]int{}
	for seed := range uint64(3) {
		r := pgtest.NewRegister(t)
		c := litter(t, r, seed)
		all, today := lyingCards(t, r, c), r.Today(t)
		now, err := r.Store.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, own := range []bool{false, true} {
			counts, err := r.Store.CleanUp(t.Context(), c.Orderer, own)
			if err != nil || len(counts.Kinds) != len(card.CleanUps()) {
				t.Fatalf("%+v, %v", counts, err)
			}
			ended := map[card.ID]bool{}
			for i, kind := range card.CleanUps() {
				search := card.Search{CleanUp: kind}
				if own {
					search.Orderer = c.Orderer.Person
				}
				want := []card.ID{}
				billed := 0
				for _, k := range all {
					if own && k.Orderer != c.Orderer.Person || !k.is(kind, all, now, today) {
						continue
					}
					want = append(want, k.ID)
					if (k.Status == card.Produced || k.Status == card.Active) && !k.ValidTo.Before(today) {
						billed++
						ended[k.ID] = ended[k.ID] || counts.Kinds[i].Ends
					}
				}
				seen[kind] += len(want)
				rows, first := everyPage(t, r.Store, c.Administrator, search)
				got := idsOf(rows)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("seed %d, own %t, %s:\n%s", seed, own, kind, diff)
				}
				if n := counts.Kinds[i]; n.CleanUp != kind || n.N != len(want) || n.Billed.N != billed || n.Capped || first.Total.N != len(want) {
					t.Errorf("seed %d, own %t: counted %+v and %v, want %s %d of which %d billed", seed, own, n, first.Total, kind, len(want), billed)
				}
				named, _ := everyPage(t, r.Store, c.Administrator, card.Search{
					CleanUp: kind, Orderer: search.Orderer, Query: query(t, r, "karin"), Status: card.Produced, Kind: card.Standard,
				})
				for _, id := range idsOf(named) {
					i := slices.IndexFunc(all, func(k lying) bool { return k.ID == id })
					if !slices.Contains(want, id) || all[i].Status != card.Produced {
						t.Errorf("seed %d, %s: by name and status %v", seed, kind, all[i])
					}
				}
			}
			saved := 0
			for _, ends := range ended {
				if ends {
					saved++
				}
			}
			if counts.Savings != (card.Savings{Count: card.Count{N: saved}, Price: 3500}) {
				t.Errorf("seed %d, own %t: saves %+v, want %d", seed, own, counts.Savings, saved)
			}
		}
	}
	for _, kind := range card.CleanUps() {
		if seen[kind] < 3 {
			t.Errorf("only %d cards were %s", seen[kind], kind)
		}
	}
}

// A threshold is passed to the hour, and is a row that the owner may change.
func TestCleanUpThresholds(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	c.Card(t, pgtest.Spec{Status: card.Produced})
	blocked := c.Card(t, pgtest.Spec{Status: card.Blocked})
	count := func() (produced, blocked int) {
		t.Helper()
		counts, err := r.Store.CleanUp(t.Context(), c.Administrator, false)
		if err != nil {
			t.Fatal(err)
		}
		return counts.Kinds[0].N, counts.Kinds[1].N
	}
	for _, step := range []struct {
		move              time.Duration
		produced, blocked int
	}{{30*24*time.Hour - time.Minute, 0, 0}, {2 * time.Minute, 1, 0}, {60*24*time.Hour - 2*time.Minute, 1, 0}, {2 * time.Minute, 1, 1}} {
		r.MoveClock(t, step.move)
		if p, b := count(); p != step.produced || b != step.blocked {
			t.Errorf("%v later %d and %d, want %d and %d", step.move, p, b, step.produced, step.blocked)
		}
	}
	blocked.Do(t, card.HandOver) // who is responsible plays no part
	if _, b := count(); b != 1 {
		t.Errorf("handed over, %d are blocked for long", b)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE cleanup_rules SET after = '1 year' WHERE cleanup = 'long_blocked'`); err != nil {
		t.Fatal(err)
	}
	if p, b := count(); p != 1 || b != 0 {
		t.Errorf("after a year: %d and %d", p, b)
	}
}

// The words of the domain are the rows of the schema, in their order.
func TestCleanUpsAreRows(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var want []string
	for _, kind := range card.CleanUps() {
		want = append(want, string(kind))
	}
	if diff := cmp.Diff(want, texts(t, db.Owner, `SELECT cleanup FROM cleanup_rules ORDER BY position`)); diff != "" {
		t.Error(diff)
	}
	slices.Sort(want)
	parts := texts(t, db.Owner, `SELECT DISTINCT m[1] FROM regexp_matches(pg_get_viewdef('cleanup_cards'), '''([a-z_]+)''::text AS cleanup', 'g') m ORDER BY 1`)
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Errorf("the parts of the view:\n%s", diff)
	}
}

// Beyond the bound a count says that there are more, and takes no longer.
func TestCleanUpCountsStop(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	load(t, r)
	for _, sql := range []string{
		`ALTER TABLE card_orders DISABLE TRIGGER USER`,
		`INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, deliver_to)
			SELECT c.id, 1, c.company_id, c.kind, 'Anna', 'Familja', 'SE', 'Gatan 1' FROM cards c`,
		`VACUUM ANALYZE card_orders`,
	} {
		if _, err := r.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	s, heard, conn := listening(t, r)
	by := account.Actor{Person: 100001, Company: 1001, Roles: []account.Role{account.Orderer, account.Administrator}}
	counts, err := s.CleanUp(t.Context(), by, false)
	if err != nil {
		t.Fatal(err)
	}
	if n := counts.Kinds[4]; n.CleanUp != card.NoEmail || n.Count != (card.Count{N: 1000, Capped: true}) || !n.Billed.Capped {
		t.Errorf("counted %+v", n)
	}
	if _, err := s.CleanUp(t.Context(), by, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Start(t.Context(), by); err != nil {
		t.Fatal(err)
	}
	by.Roles = []account.Role{account.Administrator}
	start, err := s.Start(t.Context(), by)
	if err != nil || len(start.Waits) != 1 || start.Waits[0].Count != (card.Count{N: 100, Capped: true}) || !start.Waits[0].Since.IsZero() || len(start.Expiring) != 4 || start.Expiring[3].N == 0 {
		t.Errorf("the start page shows %+v, %v", start, err)
	}
	for _, kind := range card.CleanUps() {
		for _, typed := range []string{"", "anna1", "familja anna", "850101", "PL-001", "anna0"} {
			for _, orderer := range []account.PersonID{0, 100001} {
				if _, err := s.SearchCards(t.Context(), by, card.Search{CleanUp: kind, Orderer: orderer, Query: query(t, r, typed), Status: card.Produced}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, sql := range heard.taken() {
		for _, relation := range plan(t, conn, sql).whole() {
			if slices.Contains([]string{"cards", "card_names", "card_events", "card_orders", "persons"}, relation) {
				t.Errorf("reads all of %s:\n%s", relation, sql)
			}
		}
	}
}
