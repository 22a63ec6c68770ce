package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// insertedIn adds the events as the application's role, in one transaction.
func insertedIn(t *testing.T, r *pgtest.Register, level pgx.TxIsoLevel, before func(), events ...rawEvent) error {
	t.Helper()
	return pgx.BeginTxFunc(t.Context(), r.App, pgx.TxOptions{IsoLevel: level}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT clock_now()`); err != nil {
			return err
		}
		if before != nil {
			before()
		}
		for _, e := range events {
			if err := e.insert(t.Context(), tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// A card is what its last event says, in whatever order a statement's rows stand.
func TestEventsOfAStatementFollowEachOther(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	const several = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason)
		SELECT c.id, c.version + x.n, c.company_id, c.kind, x.action, x.from_status, x.to_status, c.orderer_id, 'orderer', x.reason
		FROM cards c CROSS JOIN (VALUES (1, 1, 'block', 'active', 'blocked', 'lost'), (2, 3, 'block', 'active', 'blocked', 'lost'),
			(3, 2, 'unblock', 'blocked', 'active', 'found')) x (place, n, action, from_status, to_status, reason)
		WHERE c.id = $1 ORDER BY CASE WHEN $2 THEN x.place ELSE x.n END`
	for _, wrong := range []bool{true, false} {
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		_, err := r.App.Exec(t.Context(), several, k.ID, wrong)
		if rule := ruleOf(err); wrong != (rule == "card_events_chain") || !wrong && err != nil {
			t.Errorf("in the wrong order: %v, refused by %q: %v", wrong, rule, err)
		}
	}
	if n := count(t, r, `SELECT count(*) FROM cards c WHERE c.version <> (SELECT max(e.seq) FROM card_events e WHERE e.card_id = c.id)`); n != 0 {
		t.Errorf("%d cards are not what their last event says", n)
	}
}

// Who began long ago, or looks at what was then, decides nothing.
func TestEventsAreOfNow(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	oldest := func(interval string) {
		t.Helper()
		const q = `CREATE OR REPLACE FUNCTION oldest_transaction() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '%s' $$`
		if _, err := r.Owner.Exec(t.Context(), fmt.Sprintf(q, interval)); err != nil {
			t.Fatal(err)
		}
	}
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	block := eventOn(k, card.Block, card.Blocked, c.Orderer.Person, account.Orderer, card.Lost)
	for _, level := range []pgx.TxIsoLevel{pgx.RepeatableRead, pgx.Serializable} {
		if rule := ruleOf(insertedIn(t, r, level, nil, block)); rule != "card_events_of_now" {
			t.Errorf("%s: refused by %q", level, rule)
		}
	}
	oldest("0") // now every transaction began too long ago
	if rule := ruleOf(insertedIn(t, r, pgx.ReadCommitted, nil, block)); rule != "card_events_of_now" {
		t.Errorf("a transaction of long ago: refused by %q", rule)
	}
	for what, sql := range map[string]string{
		"a plan":  `SELECT plan_action($1, version, company_id, orderer_id, 'block', 'lost', '', today() + 1, NULL) FROM cards WHERE id = $1`,
		"a PIN":   `SELECT view_pin(id, person_id, right(replace(number, '-', ''), 6)) FROM cards WHERE id = $1`,
		"no plan": `SELECT settle_card($1)`,
	} {
		for _, late := range []bool{false, true} {
			if oldest("1 minute"); late {
				oldest("0")
			}
			err := pgx.BeginFunc(t.Context(), r.App, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), sql, k.ID)
				if err == nil {
					return pgx.ErrTxClosed // undone
				}
				return err
			})
			if rule := ruleOf(err); (late && what != "no plan") != (rule == "card_events_of_now") {
				t.Errorf("%s, late: %v: refused by %q: %v", what, late, rule, err)
			}
		}
	}
	// A statement that begins in time may dawdle, and look at what was when it began.
	oldest("300 milliseconds")
	const dawdle = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason)
		SELECT c.id, c.version + 1, c.company_id, c.kind, 'block', c.status, 'blocked', c.orderer_id, 'orderer', 'lost' FROM cards c, pg_sleep($2) WHERE c.id = $1`
	if _, err := r.App.Exec(t.Context(), dawdle, k.ID, 0.4); ruleOf(err) != "card_events_of_now" {
		t.Errorf("a statement that dawdles: refused by %q", ruleOf(err))
	}
	oldest("1 minute")
	if err := insertedIn(t, r, pgx.ReadCommitted, nil, block); err != nil {
		t.Error(err)
	}
}

// The second of two who act at once may have begun first; its event is dated no earlier than the other.
func TestEventsAreInTime(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	block := eventOn(k, card.Block, card.Blocked, c.Orderer.Person, account.Orderer, card.Lost)
	unblock := block
	unblock.Seq, unblock.Action, unblock.From, unblock.To, unblock.Reason = block.Seq+1, card.Unblock, card.Blocked, card.Active, card.Found
	meanwhile := func() {
		if err := pgx.BeginFunc(context.Background(), r.Owner, func(tx pgx.Tx) error { return block.insert(context.Background(), tx) }); err != nil {
			t.Error(err)
		}
	}
	if err := insertedIn(t, r, pgx.ReadCommitted, meanwhile, unblock); err != nil {
		t.Fatal(err)
	}
	const backwards = `SELECT count(*) FROM card_events e JOIN card_events f ON f.card_id = e.card_id AND f.seq = e.seq - 1 WHERE e.occurred_at < f.occurred_at`
	if n := count(t, r, backwards); n != 0 {
		t.Errorf("%d events are dated before the one before", n)
	}
}
