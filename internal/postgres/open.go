// Package postgres is the store: it asks Postgres and translates the answers into words of the domain. The rules
// themselves are rows and constraints in the schema (see migrations/); a method here inserts an event and learns from
// the name of a constraint why it was refused.
//
// Every method takes the actor it works for, and every query about cards carries the actor's company, person or, at the
// issuer's desk, a log entry.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kortportal/internal/pin"
)

// Store is safe for concurrent use.
type Store struct {
	db        *pgxpool.Pool
	pins      *pin.Keyring
	passwords *passwords
	jobs      *jobClient // puts jobs into the queue
	pictures  Pictures
}

// OpenOptions are what tests and the command line vary.
type OpenOptions struct {
	// Pins decrypts and encrypts PINs; a store without it refuses to activate cards and to show PINs.
	Pins *pin.Keyring
	// Pictures is where the bytes of pictures are; nil for the database.
	Pictures Pictures
	// Tracer sees every statement with its arguments, personal data included. For benchmarks.
	Tracer pgx.QueryTracer
	// Unsafe accepts a server that may lose committed data when the machine fails. For tests.
	Unsafe bool
}

// Errors of Open.
var (
	// ErrUnfit: the portal must not run on this connection, which is the owner's or a superuser's, or to a server that does not keep what it
	// committed.
	ErrUnfit = errors.New("postgres: connection is not fit for the portal")
	// ErrNotReady: the portal's tables are not there, or not to be entered yet.
	ErrNotReady = errors.New("postgres: database is not ready for the portal")
)

// Open connects as the application's own role and makes sure that it is one.
func Open(ctx context.Context, url string, o OpenOptions) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The error of pgx may quote the address with its password.
		return nil, errors.New("postgres: the database address cannot be read")
	}
	cfg.MaxConns = int32(4*runtime.GOMAXPROCS(0)) + jobConns
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.Tracer = o.Tracer
	set := cfg.ConnConfig.RuntimeParams
	set["application_name"] = "kortportal"
	// A role may change its own settings, and whoever has taken over the application once shall not shut the portal out by them.
	set["search_path"] = "public"
	set["default_transaction_isolation"] = "read committed"
	set["default_transaction_read_only"] = "off"
	set["timezone"] = "UTC"
	set["statement_timeout"] = "10s"
	set["idle_in_transaction_session_timeout"] = "30s"
	// Every search is a range, so one plan serves all values, and planning costs more than running.
	set["plan_cache_mode"] = "force_generic_plan"
	db, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("postgres: open: %w", err)
	}
	if err := checkFit(ctx, db, o.Unsafe); err != nil {
		db.Close()
		return nil, err
	}
	words, err := newPasswords()
	if err != nil {
		db.Close()
		return nil, err
	}
	jobs, err := newJobClient(db)
	if err != nil {
		db.Close()
		return nil, err
	}
	s := &Store{db: db, pins: o.Pins, passwords: words, jobs: jobs, pictures: o.Pictures}
	if s.pictures == nil {
		s.pictures = column{db}
	}
	return s, nil
}

// Close waits until all connections are back and closes them.
func (s *Store) Close() { s.db.Close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, "SELECT FROM clock"); err != nil {
		return fmt.Errorf("postgres: ping: %w", err)
	}
	return nil
}

// Now is the time by which the portal decides: the database's.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	if err := s.db.QueryRow(ctx, "SELECT clock_now()").Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("postgres: now: %w", err)
	}
	return now, nil
}

// checkReady tells apart what PostgreSQL calls by one name: a table that is not there, and a schema that may not be entered.
func checkReady(ctx context.Context, db *pgxpool.Pool) error {
	const q = `SELECT has_schema_privilege('public', 'USAGE'), to_regclass('card_events') IS NOT NULL`
	var enters, migrated bool
	if err := db.QueryRow(ctx, q).Scan(&enters, &migrated); err != nil {
		return fmt.Errorf("postgres: check the schema: %w", err)
	}
	switch {
	case !enters:
		return fmt.Errorf("%w: demo data are being loaded, or their load was killed: wait, or take it back with kortportal migrate", ErrNotReady)
	case !migrated:
		return fmt.Errorf("%w: it has no tables yet: make them with kortportal migrate", ErrNotReady)
	}
	return nil
}

func checkFit(ctx context.Context, db *pgxpool.Pool, unsafe bool) error {
	if err := checkReady(ctx, db); err != nil {
		return err
	}
	const q = `
		SELECT has_table_privilege('card_events', 'UPDATE, DELETE, TRUNCATE') OR has_column_privilege('cards', 'status', 'UPDATE')
		           OR has_table_privilege('card_transitions', 'INSERT, UPDATE, DELETE') AS owner,
		       (SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM pg_settings s
		        WHERE s.name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND s.setting = 'off') AS off`
	var owner bool
	var off *string
	if err := db.QueryRow(ctx, q).Scan(&owner, &off); err != nil {
		return fmt.Errorf("postgres: check the connection: %w", err)
	}
	var faults []string
	if owner {
		faults = append(faults, "its role may change history or rules: use the application's own role")
	}
	if off != nil && !unsafe {
		faults = append(faults, "the server may lose committed data: switched off are "+*off)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: %s", ErrUnfit, strings.Join(faults, "; "))
	}
	return nil
}

// inTx runs f in a transaction and commits when f returns nil.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.db, f)
}
