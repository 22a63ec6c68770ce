package demo_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/demo"
	"kortportal/internal/pin"
	"kortportal/internal/postgres/pgtest"
)

// TestCountry looks at one country of the default size from all sides.
func TestCountry(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const cards = 2000
	keyring := mustLoad(t, db, demo.Options{Cards: cards, Seed: 1})

	t.Run("rules of the guard", func(t *testing.T) { guardRules(t, db) })
	t.Run("derived tables", func(t *testing.T) { derivedTables(t, db) })
	t.Run("shares", func(t *testing.T) { shares(t, db, cards) })
	t.Run("numbers", func(t *testing.T) { numbers(t, db) })
	t.Run("PINs", func(t *testing.T) { pins(t, db, keyring) })
	t.Run("log-ins", func(t *testing.T) { logins(t, db) })
}

// guardRules are those that the bulk load bypasses, because only a trigger knows them. Each query finds who breaks one.
func guardRules(t *testing.T, db *pgtest.DB) {
	const events = `FROM card_events e JOIN cards c ON c.id = e.card_id `
	for rule, violations := range map[string]string{
		"the responsible orderer acts": `SELECT count(*) ` + events + `WHERE e.actor_role = 'orderer' AND e.actor_id <> coalesce(
			(SELECT h.successor_id FROM card_events h WHERE h.card_id = e.card_id AND h.seq < e.seq AND h.successor_id IS NOT NULL ORDER BY h.seq DESC LIMIT 1),
			c.ordered_by)`,
		"the last successor is responsible": `SELECT count(*) FROM cards c WHERE c.orderer_id <> coalesce(
			(SELECT h.successor_id FROM card_events h WHERE h.card_id = c.id AND h.successor_id IS NOT NULL ORDER BY h.seq DESC LIMIT 1), c.ordered_by)`,
		"orderers and administrators are members": `SELECT count(*) FROM card_events e WHERE e.actor_role IN ('orderer', 'administrator') AND NOT EXISTS
			(SELECT FROM memberships m WHERE m.company_id = e.company_id AND m.person_id = e.actor_id AND m.role = e.actor_role AND m.since < e.occurred_at)`,
		"successors are orderers": `SELECT count(*) FROM card_events e WHERE e.successor_id IS NOT NULL AND NOT EXISTS
			(SELECT FROM memberships m WHERE m.company_id = e.company_id AND m.person_id = e.successor_id AND m.role = 'orderer')`,
		"holders act on own cards":     `SELECT count(*) ` + events + `WHERE e.actor_role = 'holder' AND e.actor_id IS DISTINCT FROM c.person_id`,
		"issuers are staff":            `SELECT count(*) FROM card_events e WHERE e.actor_role = 'issuer' AND e.actor_id NOT IN (SELECT person_id FROM issuer_staff)`,
		"time goes forward":            `SELECT count(*) FROM card_events e JOIN card_events p ON p.card_id = e.card_id AND p.seq = e.seq - 1 WHERE e.occurred_at <= p.occurred_at`,
		"nothing happens today":        `SELECT count(*) FROM card_events WHERE (occurred_at AT TIME ZONE 'Europe/Stockholm')::date >= today()`,
		"nothing happens before birth": `SELECT count(*) FROM cards c JOIN card_events e ON e.card_id = c.id AND e.seq = 1 WHERE e.occurred_at <> c.created_at`,
		"no activation of an expired card": `SELECT count(*) ` + events + `WHERE e.action IN ('activate', 'unblock')
			AND c.valid_to < (e.occurred_at AT TIME ZONE 'Europe/Stockholm')::date`,
		"an activation ends what is older": `SELECT count(*) FROM cards n JOIN cards o ON (o.company_id, o.person_id, o.kind) = (n.company_id, n.person_id, n.kind) AND o.id < n.id
			WHERE n.number IS NOT NULL AND EXISTS (SELECT FROM card_events e WHERE e.card_id = n.id AND e.action = 'activate') AND o.status NOT IN ('terminated', 'cancelled')`,
		"what is superseded ends with the activation": `SELECT count(*) FROM card_events e JOIN cards c ON c.id = e.card_id WHERE e.action = 'supersede' AND NOT EXISTS
			(SELECT FROM cards n JOIN card_events a ON a.card_id = n.id AND a.action = 'activate'
			 WHERE n.company_id = c.company_id AND n.person_id = c.person_id AND n.id > c.id AND a.occurred_at = e.occurred_at)`,
		"one active card per person and company": `SELECT count(*) FROM (SELECT FROM cards WHERE status = 'active' GROUP BY company_id, person_id HAVING count(*) > 1) x`,
		"offices are closed at weekends": `SELECT count(*) FROM card_events WHERE actor_role IN ('issuer', 'administrator')
			AND extract(isodow FROM occurred_at AT TIME ZONE 'Europe/Stockholm') > 5`,
		"a card is valid for four years, a visitor's for one": `SELECT count(*) ` + events + `WHERE e.action = 'produce' AND c.valid_to <>
			((e.occurred_at AT TIME ZONE 'Europe/Stockholm')::date + CASE c.kind WHEN 'visitor' THEN interval '1 year' ELSE interval '4 years' END)::date
			AND to_char(e.occurred_at, 'MMDD') <> '0229'`,
		"open orders of one person": `SELECT count(*) FROM (SELECT FROM cards WHERE person_id IS NOT NULL AND status IN ('ordered', 'reviewed', 'approved', 'rejected')
			GROUP BY company_id, person_id, kind HAVING count(*) > 1) x`,
	} {
		if n := query[int64](t, db, violations)[0]; n != 0 {
			t.Errorf("%s: broken %d times", rule, n)
		}
	}
	if n := query[int64](t, db, `SELECT count(DISTINCT action) FROM card_events`)[0]; n != 14 {
		t.Errorf("only %d actions occur", n)
	}
}

// derivedTables compares with what the schema's own functions make.
func derivedTables(t *testing.T, db *pgtest.DB) {
	for what, differences := range map[string]string{
		"card_names": `
			WITH made AS (SELECT company_id, w AS word, k AS sort_key, c.id AS card_id FROM cards c, unnest(ARRAY[c.sort_key, c.other_key]) k, key_words(k) w)
			SELECT count(*) FROM ((TABLE made EXCEPT SELECT company_id, word, sort_key, card_id FROM card_names)
				UNION ALL (SELECT company_id, word, sort_key, card_id FROM card_names EXCEPT TABLE made)) x`,
		"orderer_names": `
			WITH made AS (SELECT DISTINCT w AS word, p.id AS person_id FROM memberships m JOIN persons p ON p.id = m.person_id, key_words(p.name_key) w WHERE m.role = 'orderer')
			SELECT count(*) FROM ((TABLE made EXCEPT TABLE orderer_names) UNION ALL (TABLE orderer_names EXCEPT TABLE made)) x`,
		"listed_orderers": `
			WITH made AS (SELECT m.company_id, p.id AS person_id, m.ended_at IS NOT NULL AS former, p.name_key, p.given_name, p.family_name
				FROM memberships m JOIN persons p ON p.id = m.person_id WHERE m.role = 'orderer')
			SELECT count(*) FROM ((TABLE made EXCEPT TABLE listed_orderers) UNION ALL (TABLE listed_orderers EXCEPT TABLE made)) x`,
		"keys of the cards": `
			SELECT count(*) FROM cards c LEFT JOIN persons p ON p.id = c.person_id
			WHERE (c.sort_key, c.other_key, c.personal_key) IS DISTINCT FROM (
				CASE WHEN c.kind = 'visitor' THEN name_key('Besökskort visitor card')
				     WHEN c.number IS NULL THEN p.name_key ELSE name_key(c.printed_family_name || ' ' || c.printed_given_name) END,
				CASE WHEN name_key(c.printed_family_name || ' ' || c.printed_given_name) <> p.name_key THEN p.name_key END,
				p.personal_key)`,
		"printed companies": `SELECT count(*) FROM cards c JOIN companies co ON co.id = c.company_id
			WHERE c.number IS NOT NULL AND (c.printed_company, c.printed_org_number) <> (co.name, co.org_number)`,
	} {
		if n := query[int64](t, db, differences)[0]; n != 0 {
			t.Errorf("%s: %d rows differ", what, n)
		}
	}
	if n := query[int64](t, db, `SELECT count(*) FROM cards WHERE other_key IS NOT NULL`)[0]; n == 0 {
		t.Error("nobody changed name")
	}
}

func shares(t *testing.T, db *pgtest.DB, cards int) {
	for status, want := range map[card.Status]struct{ low, high float64 }{
		card.Active: {50, 65}, card.Blocked: {2.5, 6}, card.Produced: {5, 11}, card.Terminated: {16, 26},
		card.Ordered: {0.5, 4}, card.Reviewed: {0.5, 4}, card.Approved: {0.5, 4}, card.Rejected: {0.3, 2}, card.Cancelled: {1.5, 5},
	} {
		n := query[int64](t, db, `SELECT count(*) FROM cards WHERE status = $1`, string(status))[0]
		if share := 100 * float64(n) / float64(cards); share < want.low || share > want.high {
			t.Errorf("%s: %.1f %%", status, share)
		}
	}
	for what, q := range map[string]string{
		"visitor cards":             `SELECT count(*) FROM cards WHERE kind = 'visitor'`,
		"expired cards":             `SELECT count(*) FROM cards WHERE status IN ('produced', 'active', 'blocked') AND valid_to < today()`,
		"cards soon to expire":      `SELECT count(*) FROM cards WHERE status = 'active' AND valid_to BETWEEN today() AND today() + 60`,
		"persons in two companies":  `SELECT count(*) FROM (SELECT FROM cards GROUP BY person_id HAVING count(DISTINCT company_id) > 1) x`,
		"coordination numbers":      `SELECT count(*) FROM persons WHERE identity_kind = 'coordination_number'`,
		"foreign documents":         `SELECT count(*) FROM persons WHERE identity_country <> 'SE'`,
		"cards of handed-over kind": `SELECT count(*) FROM card_events WHERE action = 'hand_over'`,
	} {
		if n := query[int64](t, db, q)[0]; n < 20 {
			t.Errorf("%s: only %d", what, n)
		}
	}
	largest := query[int64](t, db, `SELECT count(*) FROM cards GROUP BY company_id ORDER BY 1 DESC LIMIT 1`)[0]
	if math.Abs(float64(largest)/float64(cards)-0.05) > 0.002 {
		t.Errorf("the largest company has %d of %d cards", largest, cards)
	}
	if n := query[int64](t, db, `SELECT count(*) FROM cards WHERE company_id = 1`)[0]; n < 50 || n > 80 {
		t.Errorf("the company with the log-ins has %d cards", n)
	}
	if n := query[int64](t, db, `SELECT count(*) FROM invoices WHERE paid_at IS NULL AND due_on < today()`)[0]; n < 2 || n > 10 {
		t.Errorf("%d companies are suspended", n)
	}
}

// numbers shows that nobody has a number outside the series that the package's doc allows.
func numbers(t *testing.T, db *pgtest.DB) {
	today := query[time.Time](t, db, `SELECT today()`)[0]
	for _, number := range query[string](t, db, `SELECT identity_number FROM persons WHERE identity_kind IN ('personal_number', 'coordination_number')`) {
		parsed, err := account.ParsePersonalNumber(number, today)
		if err != nil || parsed.Canonical() != number {
			t.Errorf("%s… is no personal number: %v", number[:8], err)
		}
	}
	const outside = `
		SELECT count(*) FROM persons WHERE identity_kind IN ('personal_number', 'coordination_number')
		AND NOT (substr(identity_number, 9, 3) IN ('238', '239') OR identity_number < '1890')`
	if n := query[int64](t, db, outside)[0]; n != 0 {
		t.Errorf("%d numbers outside the test series", n)
	}
	if n := query[int64](t, db, `SELECT count(*) FROM persons WHERE identity_kind IN ('passport', 'national_id') AND identity_number !~ '^DEMO\d{8}$'`)[0]; n != 0 {
		t.Errorf("%d foreign numbers that could be real", n)
	}
	for _, number := range query[string](t, db, `SELECT org_number FROM companies`) {
		if parsed, err := account.ParseOrgNumber(number); err != nil || parsed.String() != number || number[0] != '4' {
			t.Errorf("organisation number %s: %v", number, err)
		}
	}
	for _, number := range query[string](t, db, `SELECT number FROM cards WHERE number IS NOT NULL`) {
		if parsed, err := card.ParseNumber(number); err != nil || string(parsed) != number {
			t.Errorf("card number %s: %v", number, err)
		}
	}
}

// pins decrypts every one, and shows that only cards in use have one.
func pins(t *testing.T, db *pgtest.DB, keyring *pin.Keyring) {
	found, err := db.Owner.Query(t.Context(), `
		SELECT c.id, p.ciphertext, p.key_id FROM cards c LEFT JOIN card_pins p ON p.card_id = c.id WHERE c.status IN ('active', 'blocked')`)
	if err != nil {
		t.Fatal(err)
	}
	var id, key int64
	var ciphertext []byte
	n := int64(0)
	different := make(map[string]bool)
	_, err = pgx.ForEachRow(found, []any{&id, &ciphertext, &key}, func() error {
		n++
		p, err := keyring.Decrypt(ciphertext, id)
		if err != nil {
			return err
		}
		different[p.Reveal()] = true
		if key != int64(keyring.PrimaryKeyID()) {
			t.Errorf("card %d: key %d", id, key)
		}
		return nil
	})
	if err != nil {
		t.Errorf("card %d: %v", id, err)
	}
	if all := query[int64](t, db, `SELECT count(*) FROM card_pins`)[0]; all != n {
		t.Errorf("%d PINs for %d cards in use", all, n)
	}
	if len(different) < 500 {
		t.Errorf("only %d different PINs", len(different))
	}
}

func logins(t *testing.T, db *pgtest.DB) {
	for _, l := range demo.Logins() {
		hash := query[string](t, db, `SELECT password_hash FROM logins WHERE email = $1`, l.Email)
		if len(hash) != 1 {
			t.Errorf("%s has %d log-ins", l.Email, len(hash))
			continue
		}
		ok, params, err := argon2id.CheckHash(l.Password, hash[0])
		if err != nil || !ok || params.Memory != 19*1024 || params.Iterations != 2 || params.Parallelism != 1 {
			t.Errorf("%s: password %v, %+v, %v", l.Email, ok, params, err)
		}
		if len(l.Password) < 12 {
			t.Errorf("%s: the password is too short", l.Email)
		}
	}
	// What a newcomer should see: every effective status, in the companies and among the cards of the people with log-ins.
	statuses := query[string](t, db, `
		SELECT DISTINCT effective_status(c.status, c.valid_to, EXISTS (SELECT FROM suspended_companies s WHERE s.company_id = c.company_id), today())
		FROM cards c WHERE c.company_id <= 3`)
	for _, want := range card.EffectiveStatuses() {
		if !slices.Contains(statuses, string(want)) {
			t.Errorf("no card is %s", want)
		}
	}
	holder := query[string](t, db, `
		SELECT DISTINCT effective_status(c.status, c.valid_to, EXISTS (SELECT FROM suspended_companies s WHERE s.company_id = c.company_id), today())
		FROM cards c JOIN logins l ON l.person_id = c.person_id WHERE l.email = 'holder@nordbygge.example' ORDER BY 1`)
	if diff := cmp.Diff([]string{"active", "blocked", "reviewed", "suspended", "terminated"}, holder); diff != "" {
		t.Errorf("the holder's cards:\n%s", diff)
	}
}
