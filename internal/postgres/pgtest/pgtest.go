// Package pgtest gives each test a Postgres database of its own, migrated and empty. It never skips.
//
//	db := pgtest.New(t)
//	_, err := db.App.Exec(ctx, …)   // as the application's restricted role
//	_, err = db.Owner.Exec(ctx, …)  // as the owner, who runs the migrations
//
// All test packages of a go test run share one server, which the first test starts (installing Postgres when the machine
// has none) and which ends by itself some seconds after the last test process; it lives in memory when there is room.
// A database is a copy of a template that is migrated once for each content of the migrations, and takes some
// tens of milliseconds. With TEST_DATABASE_URL, the address of a superuser of a server that is
// only for tests, that server is used instead.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kortportal/internal/postgres"
)

// DB is the database of one test.
type DB struct {
	App   *pgxpool.Pool // role kortportal_app
	Owner *pgxpool.Pool // role kortportal_owner

	AppURL   string
	OwnerURL string
	Name     string // of the database
}

// theServer is found once per test process.
var theServer = sync.OnceValues(findServer)

// New makes a migrated database for the test, and drops it when the test ends.
func New(t testing.TB) *DB {
	t.Helper()
	ctx := context.Background()
	s, err := theServer()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	db, err := s.create(ctx, "kortportal_test_"+strings.ToLower(rand.Text()[:12]))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.drop(ctx, db); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return db
}

// MoveClock moves the portal's clock ahead for the rest of the test, or back with a negative duration.
func (db *DB) MoveClock(t testing.TB, d time.Duration) {
	t.Helper()
	tag, err := db.Owner.Exec(context.Background(), `UPDATE clock SET moved_by = moved_by + $1`, d)
	if err != nil {
		t.Fatalf("pgtest: move the clock: %v", err)
	}
	if tag.RowsAffected() != 1 {
		t.Fatalf("pgtest: move the clock: %d rows", tag.RowsAffected())
	}
}

func (s *server) create(ctx context.Context, name string) (*DB, error) {
	template, err := s.template()
	if err != nil {
		return nil, err
	}
	super, err := pgx.Connect(ctx, s.Super)
	if err != nil {
		return nil, err
	}
	err = postgres.CreateDatabase(ctx, super, name, template)
	if err := errors.Join(err, super.Close(ctx)); err != nil {
		return nil, err
	}
	db := &DB{Name: name}
	if db.AppURL, err = inDatabase(s.App, name); err != nil {
		return nil, err
	}
	if db.OwnerURL, err = inDatabase(s.Owner, name); err != nil {
		return nil, err
	}
	if db.App, err = pgxpool.New(ctx, db.AppURL); err != nil {
		return nil, err
	}
	if db.Owner, err = pgxpool.New(ctx, db.OwnerURL); err != nil {
		db.App.Close()
		return nil, err
	}
	return db, nil
}

func (s *server) drop(ctx context.Context, db *DB) error {
	db.App.Close()
	db.Owner.Close()
	super, err := pgx.Connect(ctx, s.Super)
	if err != nil {
		return err
	}
	// A connection that the test left open is the test's own affair and must not keep the database.
	_, err = super.Exec(ctx, `DROP DATABASE `+pgx.Identifier{db.Name}.Sanitize()+` WITH (FORCE)`)
	return errors.Join(err, super.Close(ctx))
}
