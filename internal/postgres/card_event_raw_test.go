package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// none is the status before the first event, as the tables write it.
const none card.Status = "none"

// db is a connection, a pool or a transaction.
type db interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// rawEvent is a row of card_events as somebody who knows SQL may try to insert it.
type rawEvent struct {
	Card      card.ID
	Seq       int
	Company   account.CompanyID
	Kind      card.Kind
	Action    card.Action
	From, To  card.Status
	Actor     account.PersonID // null when zero
	Role      account.Role
	Reason    card.Reason
	Note      string
	Successor account.PersonID // null when zero
}

func (e rawEvent) insert(ctx context.Context, on db) error {
	const q = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0::bigint), $9, $10, $11, nullif($12, 0::bigint))`
	_, err := on.Exec(ctx, q, e.Card, e.Seq, e.Company, e.Kind, e.Action, e.From, e.To, e.Actor, e.Role, e.Reason, e.Note, e.Successor)
	return err
}

// eventOn is an event that goes with the card as it is; the move is the test's.
func eventOn(k *pgtest.Card, action card.Action, to card.Status, by account.PersonID, role account.Role, reason card.Reason) rawEvent {
	return rawEvent{
		Card: k.ID, Seq: k.Version + 1, Company: k.Company.ID, Kind: k.Kind, Action: action, From: k.Status, To: to,
		Actor: by, Role: role, Reason: reason,
	}
}

// forbidden is what ruleOf says when a privilege is missing.
const forbidden = "SQLSTATE 42501"

// ruleOf says which rule refused: the name of a constraint, else the SQLSTATE; empty when nothing did.
func ruleOf(err error) string {
	var refused *card.Refused
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		return string(refused.Rule)
	case !errors.As(err, &pg):
		return "not refused by Postgres: " + err.Error()
	case pg.ConstraintName != "":
		return pg.ConstraintName
	}
	return "SQLSTATE " + pg.Code
}

// attempt does something in a savepoint, lets the deferred constraints judge it, and takes it back.
func attempt(t *testing.T, tx pgx.Tx, do func(pgx.Tx) error) error {
	t.Helper()
	inner, err := tx.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refused := do(inner)
	if refused == nil {
		_, refused = inner.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE`)
	}
	if err := inner.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	return refused
}

// begin starts a transaction that is taken back at the end of the test.
func begin(t *testing.T, pool interface {
	Begin(context.Context) (pgx.Tx, error)
}) pgx.Tx {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(context.Background()); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			t.Error(err)
		}
	})
	return tx
}
