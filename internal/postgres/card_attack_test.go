package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// An attack is SQL of somebody who has taken over the application, with a twin that differs in what is wrong.
type attack struct {
	name string
	try  func(pgx.Tx) error
	want string // the rule
	twin func(pgx.Tx) error
}

func statement(sql string, args ...any) func(pgx.Tx) error {
	return func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), sql, args...)
		return err
	}
}

// first does something that the attack needs.
func first(steps ...func(pgx.Tx) error) func(pgx.Tx) error {
	return func(tx pgx.Tx) error {
		for _, step := range steps {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

func inserting(e rawEvent) func(pgx.Tx) error {
	return func(tx pgx.Tx) error { return e.insert(context.Background(), tx) }
}

// but is the event with something changed.
func but(e rawEvent, change func(*rawEvent)) func(pgx.Tx) error {
	change(&e)
	return inserting(e)
}

func judge(t *testing.T, tx pgx.Tx, attacks []attack) {
	t.Helper()
	for _, a := range attacks {
		if rule := ruleOf(attempt(t, tx, a.try)); rule != a.want {
			t.Errorf("%s: refused by %q, want %q", a.name, rule, a.want)
		}
		if a.twin == nil {
			continue
		}
		if err := attempt(t, tx, a.twin); err != nil {
			t.Errorf("the twin of %s: %v", a.name, err)
		}
	}
}

func TestNobodyForgesEvents(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	nobody := r.NewPerson(t, card.Name{Given: "Nils", Family: "Ingen"})
	former := c.NewMember(t, card.Name{Given: "Frida", Family: "Före"}, account.Orderer)
	formers := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: former})
	block := eventOn(k, card.Block, card.Blocked, c.Orderer.Person, account.Orderer, card.Lost)
	gone := c.NewMember(t, card.Name{Given: "Gun", Family: "Gången"}, account.Orderer)
	left := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: gone})
	c.LoseOrderer(t, gone.Person)
	handOver := eventOn(k, card.HandOver, card.Active, c.Administrator.Person, account.Administrator, card.NoReason)
	handOver.Successor = c.OtherOrderer.Person
	ok := inserting(block)
	const columns = `card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason`
	const blockWith = `INSERT INTO card_events (` + columns + `, %s)
		SELECT c.id, c.version + 1, c.company_id, c.kind, 'block', c.status, 'blocked', c.orderer_id, 'orderer', 'lost', %s FROM cards c WHERE c.id = $1`
	with := func(column, value string) func(pgx.Tx) error {
		return statement(strings.Replace(strings.Replace(blockWith, "%s", column, 1), "%s", value, 1), k.ID)
	}

	judge(t, begin(t, r.App), []attack{
		{"a time of one's own", with("occurred_at", "now() - interval '1 year'"), forbidden, with("note", "''")},
		{"a chain of one's own", with("prev_seq", "1"), "SQLSTATE 428C9", ok}, // a generated column takes nothing
		{"another kind", but(block, func(e *rawEvent) { e.Kind = card.Visitor }), "card_events_card", ok},
		{"another company", but(block, func(e *rawEvent) { e.Company = stranger.ID }), "card_events_card", ok},
		{"another company's orderer", but(block, func(e *rawEvent) { e.Actor = stranger.Orderer.Person }), "card_events_member", ok},
		{"somebody without any membership", but(block, func(e *rawEvent) { e.Actor = nobody }), "card_events_member", ok},
		{"the administrator as orderer", but(block, func(e *rawEvent) { e.Actor = c.Administrator.Person }), "card_events_member", ok},
		{"somebody who does not exist", but(block, func(e *rawEvent) { e.Actor = 1 << 40 }), "card_events_actor", ok},
		{"nobody as orderer", but(block, func(e *rawEvent) { e.Actor = 0 }), "card_events_actor_unless_system", ok},
		{"a status it does not have", but(block, func(e *rawEvent) {
			e.Action, e.From, e.To = card.Unblock, card.Blocked, card.Active
			e.Reason = card.NoReason
		}),
			"card_events_chain", ok},
		{"a status it does not come to", but(block, func(e *rawEvent) { e.To = card.Terminated }), "card_events_transition", ok},
		{"a skipped version", but(block, func(e *rawEvent) { e.Seq++ }), "card_events_chain", ok},
		{"a version once more", but(block, func(e *rawEvent) { e.Seq-- }), "card_events_pkey", ok},
		{"a version before the first", but(block, func(e *rawEvent) { e.Seq = 0 }), "card_events_seq_positive", ok},
		{"the first version once more", but(block, func(e *rawEvent) {
			e.Seq, e.Action, e.From, e.To, e.Reason = 1, card.Order, none, card.Ordered, card.NoReason
		}), "card_events_pkey", ok},
		{"a second beginning", but(block, func(e *rawEvent) { e.Action, e.From, e.To, e.Reason = card.Order, none, card.Ordered, card.NoReason }),
			"card_events_first_is_order", ok},
		{"the system", but(block, func(e *rawEvent) {
			e.Action, e.To, e.Reason, e.Actor, e.Role = card.Supersede, card.Terminated, card.Superseded, 0, account.System
		}), "card_events_system_only", ok},
		{"the system by a person's hand", but(block, func(e *rawEvent) {
			e.Action, e.To, e.Reason, e.Role = card.Supersede, card.Terminated, card.Superseded, account.System
		}), "card_events_system_only", ok},
		{"an unknown action", but(block, func(e *rawEvent) { e.Action = "burn" }), "card_events_transition", ok},
		{"a reason of another action", but(block, func(e *rawEvent) { e.Reason = card.Found }), "card_events_reason", ok},
		{"no reason", but(block, func(e *rawEvent) { e.Reason = card.NoReason }), "card_events_reason", ok},
		{"a note that is too long", but(block, func(e *rawEvent) { e.Note = strings.Repeat("å", 501) }), "card_events_note_length",
			but(block, func(e *rawEvent) { e.Note = strings.Repeat("å", 500) })},
		{"another reason without a note", but(block, func(e *rawEvent) { e.Reason = card.Other }), "card_events_other_needs_note",
			but(block, func(e *rawEvent) { e.Reason, e.Note = card.Other, "glömt hemma" })},
		{"another reason with an empty note", but(block, func(e *rawEvent) { e.Reason, e.Note = card.Other, " \n\t " }), "card_events_other_needs_note",
			but(block, func(e *rawEvent) { e.Reason, e.Note = card.Other, " \n." })},
		{"a successor without hand-over", but(block, func(e *rawEvent) { e.Successor = c.OtherOrderer.Person }), "card_events_successor_when_handed_over", ok},
		{"a hand-over to nobody", but(handOver, func(e *rawEvent) { e.Successor = 0 }), "card_events_successor_when_handed_over", inserting(handOver)},
		{"a hand-over to somebody who does not exist", but(handOver, func(e *rawEvent) { e.Successor = 1 << 40 }), "card_events_successor", inserting(handOver)},
		{"a hand-over to the administrator", but(handOver, func(e *rawEvent) { e.Successor = c.Administrator.Person }),
			"card_events_successor_is_orderer", inserting(handOver)},
		{"a hand-over to another company", but(handOver, func(e *rawEvent) { e.Successor = stranger.Orderer.Person }),
			"card_events_successor_is_orderer", inserting(handOver)},
		{"a former orderer", inserting(eventOn(left, card.Block, card.Blocked, gone.Person, account.Orderer, card.Lost)), "card_events_member",
			inserting(eventOn(formers, card.Block, card.Blocked, former.Person, account.Orderer, card.Lost))},
		{"an event for another's card in the same statement", statement(`
			INSERT INTO card_events (`+columns+`)
			SELECT c.id, c.version + 1, c.company_id, c.kind, 'block', c.status, 'blocked', $2, 'orderer', 'lost' FROM cards c WHERE c.id = ANY ($1)`,
			[]card.ID{k.ID, formers.ID}, c.Orderer.Person), "card_events_responsible_orderer",
			statement(`
			INSERT INTO card_events (`+columns+`)
			SELECT c.id, c.version + 1, c.company_id, c.kind, 'block', c.status, 'blocked', c.orderer_id, 'orderer', 'lost' FROM cards c WHERE c.id = ANY ($1)`,
				[]card.ID{k.ID, formers.ID})},
		{"an upsert over history", statement(`
			INSERT INTO card_events (`+columns+`)
			SELECT c.id, c.version, c.company_id, c.kind, 'block', c.status, 'blocked', c.orderer_id, 'orderer', 'lost' FROM cards c WHERE c.id = $1
			ON CONFLICT (card_id, seq) DO UPDATE SET action = 'block'`, k.ID), forbidden, ok},
	})
}

func TestNobodyForgesCards(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	open := c.Card(t, pgtest.Spec{Status: card.Approved})
	holder := r.NewPerson(t, card.Name{Given: "Örjan", Family: "Ny"})
	order := func(company account.CompanyID, kind card.Kind, holder, by account.PersonID) func(pgx.Tx) error {
		return func(tx pgx.Tx) error {
			ctx := context.Background()
			e := rawEvent{Seq: 1, Company: company, Kind: kind, Action: card.Order, From: none, To: card.Ordered, Actor: by, Role: account.Orderer, Reason: card.NoReason}
			const q = `INSERT INTO cards (company_id, kind, person_id, ordered_by) VALUES ($1, $2, nullif($3, 0::bigint), $4) RETURNING id`
			if err := tx.QueryRow(ctx, q, company, kind, holder, by).Scan(&e.Card); err != nil {
				return err
			}
			return e.insert(ctx, tx)
		}
	}
	bo := c.Orderer.Person
	ok := order(c.ID, card.Standard, holder, bo)
	insertWith := func(column, value string) func(pgx.Tx) error {
		return statement(`INSERT INTO cards (company_id, kind, person_id, ordered_by, `+column+`) VALUES ($1, 'standard', $2, $3, `+value+`)`, c.ID, holder, bo)
	}
	attacks := []attack{
		{"a second open order", order(c.ID, card.Standard, open.Holder.Person, bo), "cards_one_open_order",
			first(inserting(eventOn(open, card.Cancel, card.Cancelled, bo, account.Orderer, card.NoReason)), order(c.ID, card.Standard, open.Holder.Person, bo))},
		{"a second open order by a colleague", order(c.ID, card.Standard, open.Holder.Person, c.OtherOrderer.Person), "cards_one_open_order",
			order(other.ID, card.Standard, open.Holder.Person, other.Orderer.Person)},
		{"a visitor card of somebody", order(c.ID, card.Visitor, holder, bo), "cards_holder_by_kind", order(c.ID, card.Visitor, 0, bo)},
		{"a standard card of nobody", order(c.ID, card.Standard, 0, bo), "cards_holder_by_kind", ok},
		{"another kind", order(c.ID, "golden", holder, bo), "cards_kind", ok},
		{"somebody who does not exist", order(c.ID, card.Standard, 1<<40, bo), "cards_person", ok},
		{"a company that does not exist", order(1<<40, card.Standard, holder, bo), "cards_company", ok},
		{"an orderer who does not exist", order(c.ID, card.Standard, holder, 1<<40), "cards_ordered_by", ok},
		{"another company's orderer", order(c.ID, card.Standard, holder, other.Orderer.Person), "card_events_member", ok},
		{"a card without an order", statement(`INSERT INTO cards (company_id, kind, person_id, ordered_by) VALUES ($1, 'standard', $2, $3)`, c.ID, holder, bo),
			"cards_status_of_last_event", ok},
	}
	for column, value := range map[string]string{
		"id": "1", "status": "'active'", "version": "1", "number": "'TE-9999-999999'", "orderer_id": "ordered_by", "chip_uid": "'04A1B2C3'", "valid_to": "today()",
		"printed_given_name": "'Per'", "sort_key": "''", "other_key": "''", "personal_key": "''", "created_at": "now()",
	} {
		attacks = append(attacks, attack{"an order with " + column, insertWith(column, strings.Replace(value, "ordered_by", "1", 1)), forbidden, nil})
	}
	judge(t, begin(t, r.App), attacks)
}

// Each line is refused by the privileges of the application's role.
func TestTheApplicationMayNotTouch(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	block := inserting(eventOn(k, card.Block, card.Blocked, k.Orderer.Person, account.Orderer, card.Lost))
	tx := begin(t, r.App)
	for _, sql := range []string{
		`UPDATE cards SET status = 'blocked'`,
		`UPDATE cards SET version = version`,
		`UPDATE cards SET number = 'TE-0000-000000'`,
		`UPDATE cards SET valid_to = valid_to + 1`,
		`UPDATE cards SET orderer_id = orderer_id`,
		`UPDATE cards SET company_id = company_id`,
		`UPDATE cards SET printed_family_name = 'Annan'`,
		`UPDATE cards SET sort_key = ''`,
		`DELETE FROM cards`,
		`TRUNCATE cards CASCADE`,
		`SELECT FROM cards FOR UPDATE`,
		`LOCK TABLE cards IN ACCESS EXCLUSIVE MODE`,
		`UPDATE card_events SET note = ''`,
		`UPDATE card_events SET occurred_at = now()`,
		`DELETE FROM card_events`,
		`TRUNCATE card_events CASCADE`,
		`LOCK TABLE card_events IN ACCESS EXCLUSIVE MODE`,

		`INSERT INTO card_transitions VALUES ('standard', 'block', 'produced', 'blocked')`,
		`UPDATE card_transitions SET to_status = 'active'`,
		`DELETE FROM card_transitions`,
		`INSERT INTO card_permissions VALUES ('block', 'administrator')`,
		`DELETE FROM card_permissions`,
		`INSERT INTO card_reasons VALUES ('block', 'none', 0)`,
		`DELETE FROM card_reasons`,
		`UPDATE card_statuses SET final = false`,
		`UPDATE card_statuses SET works = true`,
		`INSERT INTO card_kinds VALUES ('golden')`,
		`INSERT INTO card_actions VALUES ('burn', 99)`,
		`UPDATE card_waits SET role = 'orderer'`,
		`INSERT INTO roles VALUES ('king')`,
		`UPDATE clock SET moved_by = '1 day'`,
		`INSERT INTO clock VALUES (true, '1 day')`,

		`INSERT INTO invoices (company_id, number, due_on) VALUES (1, 'X', today())`,
		`UPDATE invoices SET paid_at = now()`,
		`INSERT INTO fee_policies VALUES (today())`,
		`DELETE FROM fee_policy_statuses`,

		`SELECT ciphertext FROM card_pins`,
		`SELECT count(*) FROM card_pins`,
		`UPDATE card_pins SET ciphertext = ciphertext`,
		`INSERT INTO card_pins VALUES (1, 1, '\x00')`,
		`DELETE FROM card_pins`,
		`COPY card_pins TO STDOUT`,
		`INSERT INTO pin_views (card_id, viewed_on, outcome, nth) VALUES (1, today(), 'shown', 1)`,
		`UPDATE pin_views SET nth = 1`,
		`DELETE FROM pin_views`,
		`SELECT FROM issuer_looks`,
		`UPDATE issuer_looks SET card_ids = '{}'`,
		`DELETE FROM issuer_looks`,
		`INSERT INTO issuer_looks (person_id, page, card_ids, looked_at) VALUES (1, 'card', '{}', now())`,

		`UPDATE persons SET identity_number = '199001012385'`,
		`DELETE FROM persons`,
		`UPDATE companies SET org_number = '1'`,
		`DELETE FROM companies`,
		`UPDATE memberships SET role = 'orderer'`,
		`UPDATE memberships SET since = now()`,
		`DELETE FROM memberships`,
		`DELETE FROM issuer_staff`,
		`INSERT INTO issuer_staff (person_id) SELECT id FROM persons LIMIT 1`,
		`UPDATE issuer_staff SET ended_at = NULL`,
		`DELETE FROM logins`,
		`UPDATE logins SET person_id = 1`,
		`UPDATE sessions SET created_at = now()`,
		`UPDATE sessions SET token_hash = token_hash`,
		`INSERT INTO card_names VALUES (1, 'a', 'a', 1)`,
		`DELETE FROM card_names`,
		`INSERT INTO orderer_names VALUES ('a', 1)`,
		`SELECT FROM schema_migrations`,

		`CREATE TABLE mine (id int)`,
		`CREATE TEMP TABLE cards (id int)`,
		`CREATE SCHEMA mine`,
		`CREATE FUNCTION today() RETURNS text LANGUAGE sql AS 'SELECT 1'`,
		`CREATE FUNCTION pg_temp.today() RETURNS date LANGUAGE sql AS 'SELECT current_date + 99'`,
		`CREATE VIEW pg_temp.memberships AS SELECT 1`,
		`CREATE TYPE mine AS (a int)`,
		`CREATE EXTENSION dblink`,
		`CREATE RULE mine AS ON INSERT TO card_events DO INSTEAD NOTHING`,
		`CREATE TRIGGER mine BEFORE INSERT ON cards FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
		`CREATE OR REPLACE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()'`,
		`ALTER TABLE card_events DISABLE TRIGGER ALL`,
		`ALTER TABLE card_events DROP CONSTRAINT card_events_transition`,
		`DROP TRIGGER card_events_2_judge ON card_events`,
		`DROP FUNCTION card_guard`,
		`ALTER FUNCTION card_guard RENAME TO card_guard_2`,
		`GRANT SELECT ON card_pins TO kortportal_app`,

		`SET session_replication_role = replica`,
		`SELECT set_config('session_replication_role', 'replica', true)`,
		`SET ROLE kortportal_owner`,
		`SET SESSION AUTHORIZATION kortportal_owner`,
		`ALTER ROLE kortportal_app SUPERUSER`,
		`SELECT pg_read_file('PG_VERSION')`,
		`COPY roles TO PROGRAM 'cat'`,

		`SELECT card_events_apply()`,
		`SELECT card_events_judge()`,
		`SELECT cards_derive()`,
		`SELECT cards_index_names()`,
	} {
		if rule := ruleOf(attempt(t, tx, statement(sql))); rule != forbidden {
			t.Errorf("%s: refused by %q, want %s", sql, rule, forbidden)
		}
	}
	if err := attempt(t, tx, block); err != nil {
		t.Errorf("the application's own way: %v", err)
	}
}

// Without a place to create anything, a search_path of one's own finds no other tables: the guard looks in vain.
func TestASearchPathShadowsNothing(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	approved := c.Card(t, pgtest.Spec{Status: card.Approved})
	foreign := eventOn(produced, card.Terminate, card.Terminated, c.OtherOrderer.Person, account.Orderer, card.Mistake)
	const publicInsert = `INSERT INTO public.card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	insert := statement(publicInsert, foreign.Card, foreign.Seq, foreign.Company, foreign.Kind, foreign.Action, foreign.From, foreign.To,
		foreign.Actor, foreign.Role, foreign.Reason)
	tx := begin(t, r.App)
	const undefinedTable = "SQLSTATE 42P01"
	for path, want := range map[string]string{
		"public":                     "card_events_responsible_orderer",
		"pg_temp, public":            "card_events_responsible_orderer",
		"pg_temp":                    undefinedTable,
		"pg_catalog":                 undefinedTable,
		"information_schema, public": "card_events_responsible_orderer",
	} {
		if rule := ruleOf(attempt(t, tx, first(statement(`SET LOCAL search_path = `+path), insert))); rule != want {
			t.Errorf("with search_path %s: refused by %q, want %q", path, rule, want)
		}
	}
	// The functions that act as owner have a path of their own.
	err := attempt(t, tx, first(statement(`SET LOCAL search_path = pg_temp`),
		statement(`SELECT public.produce_card($1, $2, $3, $4, 'TE-7777-777777', '04A1B2C3', current_date)`, approved.ID, approved.Version, c.ID, c.Orderer.Person)))
	if rule := ruleOf(err); rule != "card_events_member" {
		t.Errorf("produce_card with search_path pg_temp: refused by %q", rule)
	}
}

// Not even the owner rewrites what is printed or has happened.
func TestTheOwnerKeepsHistory(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	unmade := c.Card(t, pgtest.Spec{Status: card.Approved})
	pathOf := func(column, value string, id card.ID) func(pgx.Tx) error {
		return statement(`UPDATE cards SET `+column+` = `+value+` WHERE id = $1`, id)
	}
	var attacks []attack
	for column, value := range map[string]string{
		"number": "'TE-9999-999999'", "chip_uid": "'04A1B2C3D4'", "valid_to": "valid_to + 1", "printed_given_name": "'Per'", "printed_family_name": "'Persson'",
		"printed_company": "'Annat AB'", "printed_org_number": "'1'",
	} {
		before := strings.Replace(value, "valid_to", "today()", 1)
		attacks = append(attacks,
			attack{"a new " + column, pathOf(column, value, k.ID), "cards_printed_frozen", pathOf(column, column, k.ID)},
			attack{"no " + column, pathOf(column, "NULL", k.ID), "cards_printed_frozen", pathOf(column, before, unmade.ID)})
	}
	attacks = append(attacks,
		attack{"another status", pathOf("status", "'blocked'", k.ID), "cards_status_of_last_event", pathOf("status", "status", k.ID)},
		attack{"another version", pathOf("version", "1", k.ID), "cards_status_of_last_event", pathOf("version", "version", k.ID)},
		attack{"an event less", statement(`DELETE FROM card_events WHERE card_id = $1 AND seq = $2`, k.ID, k.Version), "card_events_append_only", nil},
		attack{"an event of nobody's", statement(`DELETE FROM card_events WHERE false`), "card_events_append_only", nil},
		attack{"another event", statement(`UPDATE card_events SET note = 'x' WHERE card_id = $1`, k.ID), "card_events_append_only",
			inserting(eventOn(k, card.Block, card.Blocked, k.Orderer.Person, account.Orderer, card.Lost))},
		attack{"no events", statement(`TRUNCATE card_events CASCADE`), "card_events_append_only", nil},
		attack{"a card less", statement(`DELETE FROM cards WHERE id = $1`, unmade.ID), "card_events_card", nil},
	)
	judge(t, begin(t, r.Owner), attacks)
}

// One active card per person and company, whichever way leads to a second.
func TestTwoActiveCards(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	older := c.Card(t, pgtest.Spec{Status: card.Produced})
	newer := c.Card(t, pgtest.Spec{Status: card.Produced, Holder: older.Holder.Person})
	activate := func(k *pgtest.Card) func(pgx.Tx) error {
		return statement(`SELECT activate_card($1, $2, $3, $4, 1, decode(repeat('00', 49), 'hex'))`, k.ID, k.Version, k.Holder.Person, k.LastSix())
	}
	bo := c.Orderer.Person
	next := func(k *pgtest.Card, steps int, action card.Action, from, to card.Status, reason card.Reason) func(pgx.Tx) error {
		e := eventOn(k, action, to, bo, account.Orderer, reason)
		e.From, e.Seq = from, e.Seq+steps
		return inserting(e)
	}
	blockNewer := next(newer, 1, card.Block, card.Active, card.Blocked, card.Lost)
	unblockNewer := next(newer, 2, card.Unblock, card.Blocked, card.Active, card.NoReason)
	terminateNewer := next(newer, 1, card.Terminate, card.Active, card.Terminated, card.Lost)
	judge(t, begin(t, r.App), []attack{
		{"the older after the newer", first(activate(newer), activate(older)), "card_events_pkey", activate(older)}, // it has ended by then
		{"the newer again beside the older", first(
			statement(`SELECT 1`), activate(older), next(older, 1, card.Block, card.Active, card.Blocked, card.Lost),
			activate(newer), blockNewer, unblockNewer, activate(older)), "card_events_pkey",
			first(activate(older), activate(newer), blockNewer, unblockNewer)},
		{"the newer twice", first(activate(newer), activate(newer)), "card_events_pkey", first(activate(newer), terminateNewer)},
	})

	// The owner may write the status itself, with its history, and still there is one.
	second := c.Card(t, pgtest.Spec{Status: card.Active, Holder: older.Holder.Person})
	third := c.Card(t, pgtest.Spec{Status: card.Produced, Holder: older.Holder.Person})
	judge(t, begin(t, r.Owner), []attack{
		{"two active cards", statement(`UPDATE cards SET status = 'active' WHERE id = $1`, third.ID), "cards_one_active",
			first(inserting(eventOn(second, card.Block, card.Blocked, bo, account.Orderer, card.Lost)), activate(third))},
	})
}
