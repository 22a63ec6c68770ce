package pgtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/postgres/pgtest"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	one, two := pgtest.New(t), pgtest.New(t)
	if one.Name == two.Name {
		t.Fatalf("both databases are %s", one.Name)
	}
	for _, db := range []*pgtest.DB{one, two} {
		for role, got := range map[string]string{"kortportal_app": who(t, db, true), "kortportal_owner": who(t, db, false)} {
			if got != role+" in "+db.Name {
				t.Errorf("connected as %s, want %s in %s", got, role, db.Name)
			}
		}
	}
}

func who(t *testing.T, db *pgtest.DB, app bool) string {
	t.Helper()
	pool := db.Owner
	if app {
		pool = db.App
	}
	var s string
	if err := pool.QueryRow(context.Background(), `SELECT current_user || ' in ' || current_database()`).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheApplicationCannotMakeTables(t *testing.T) {
	db := pgtest.New(t)
	for _, statement := range []string{`CREATE TABLE mine (id int)`, `CREATE TEMP TABLE mine (id int)`} {
		const insufficientPrivilege = "42501"
		_, err := db.App.Exec(context.Background(), statement)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != insufficientPrivilege {
			t.Errorf("%s as the application: %v, want SQLSTATE %s", statement, err, insufficientPrivilege)
		}
	}
	if _, err := db.Owner.Exec(context.Background(), `CREATE TABLE mine (id int)`); err != nil {
		t.Errorf("the owner: %v", err)
	}
}

func TestMoveClock(t *testing.T) {
	db := pgtest.New(t)
	db.MoveClock(t, 48*time.Hour)
	db.MoveClock(t, -time.Hour)
	var ahead time.Duration
	if err := db.App.QueryRow(context.Background(), `SELECT clock_now() - now()`).Scan(&ahead); err != nil {
		t.Fatal(err)
	}
	if want := 47 * time.Hour; ahead != want {
		t.Errorf("the clock is %v ahead, want %v", ahead, want)
	}
}
