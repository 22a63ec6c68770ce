package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// notAsListed are the orderers of the company whose line in lists is not what memberships and persons say.
const notAsListed = `
	WITH made AS (
	    SELECT m.person_id, m.ended_at IS NOT NULL, p.name_key, p.given_name, p.family_name
	    FROM memberships m JOIN persons p ON p.id = m.person_id WHERE m.company_id = $1 AND m.role = 'orderer'
	), listed AS (
	    SELECT o.person_id, o.former, o.name_key, o.given_name, o.family_name FROM listed_orderers o WHERE o.company_id = $1
	)
	SELECT count(*) FROM ((TABLE made EXCEPT TABLE listed) UNION ALL (TABLE listed EXCEPT TABLE made)) x`

func count(t *testing.T, r *pgtest.Register, sql string, args ...any) (n int) {
	t.Helper()
	if err := r.Owner.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Whatever happens to roles and names, lists name the orderers as they are.
func TestListedOrderersFollow(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	person := r.NewPerson(t, card.Name{Given: "Åke", Family: "Sjödal"})
	const change = `INSERT INTO membership_events (company_id, person_id, role, action) VALUES ($2, $1, $3, $4)`
	for _, step := range []struct {
		what, sql string
		more      []any
		listed    int
	}{
		{"an administrator", change, []any{c.ID, account.Administrator, "begin"}, 0},
		{"orderer too", change, []any{c.ID, account.Orderer, "begin"}, 1},
		{"another name", `UPDATE persons SET family_name = 'Öberg' WHERE id = $1`, nil, 1},
		{"the same key written otherwise", `UPDATE persons SET family_name = 'öberg' WHERE id = $1`, nil, 1},
		{"no orderer any more", change, []any{c.ID, account.Orderer, "end"}, 1},
		{"renamed afterwards", `UPDATE persons SET given_name = 'Bo' WHERE id = $1`, nil, 1},
		{"orderer again", change, []any{c.ID, account.Orderer, "begin"}, 1},
		{"taken away by the owner", `DELETE FROM memberships WHERE person_id = $1 AND role = 'orderer'`, nil, 0},
	} {
		if _, err := r.Owner.Exec(t.Context(), step.sql, append([]any{person}, step.more...)...); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if n := count(t, r, notAsListed, c.ID); n != 0 {
			t.Errorf("%s: %d lines differ", step.what, n)
		}
		if n := count(t, r, `SELECT count(*) FROM listed_orderers WHERE person_id = $1`, person); n != step.listed {
			t.Errorf("%s: listed %d times, want %d", step.what, n, step.listed)
		}
	}
}

// A name and a role that change at once: the second waits for the first, and the list has the new name whichever that is.
func TestListedOrderersAtOnce(t *testing.T) {
	t.Parallel()
	const (
		rename = `UPDATE persons SET family_name = 'Öberg' WHERE id = $1 AND $2::bigint > 0`
		begin  = `INSERT INTO membership_events (company_id, person_id, role, action) VALUES ($2, $1, 'orderer', 'begin')`
		end    = `INSERT INTO membership_events (company_id, person_id, role, action) VALUES ($2, $1, 'orderer', 'end')`
	)
	for name, order := range map[string]struct {
		before        bool // whether the person is an orderer to begin with
		first, second string
	}{
		"name, then role": {false, rename, begin},
		"role, then name": {false, begin, rename},
		"name, then end":  {true, rename, end},
		"end, then name":  {true, end, rename},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := pgtest.NewRegister(t)
			c := r.NewCompany(t)
			person := r.NewPerson(t, card.Name{Given: "Åke", Family: "Sjödal"})
			if order.before {
				if _, err := r.Owner.Exec(t.Context(), begin, person, c.ID); err != nil {
					t.Fatal(err)
				}
			}
			tx, err := r.Owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), order.first, person, c.ID); err != nil {
				t.Fatal(err)
			}
			second := make(chan error, 1)
			go func() {
				second <- pgx.BeginFunc(context.WithoutCancel(t.Context()), r.Owner, func(tx pgx.Tx) error {
					_, err := tx.Exec(context.WithoutCancel(t.Context()), order.second, person, c.ID)
					return err
				})
			}()
			until(t, r, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())`)
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-second; err != nil {
				t.Fatal(err)
			}
			if n := count(t, r, notAsListed, c.ID); n != 0 {
				t.Errorf("%d lines differ", n)
			}
			if n := count(t, r, `SELECT count(*) FROM listed_orderers WHERE person_id = $1 AND family_name = 'Öberg'`, person); n != 1 {
				t.Errorf("listed %d times by the new name", n)
			}
		})
	}
}
