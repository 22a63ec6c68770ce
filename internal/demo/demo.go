// Package demo fills an empty database with an invented country: companies, people, cards and their histories, from
// a few hundred cards for a first look to ten million for a load test. It leaves serving them to others, and is not for production.
//
// The same seed, number of cards and day (the database's own) give the same rows; only PIN ciphertexts, password hashes and
// the key's id differ, because they are random by design. Nothing happens after the evening before that day.
//
// # Nobody who exists
//
// No number here belongs to somebody who could carry a card:
//
//   - The people with log-ins and those around them (cast.go) have numbers out of Skatteverket's published list of test
//     personal numbers, each looked up there.
//   - Other personal numbers first use the birth numbers 238 and 239 with births from 1990 to 2001. Skatteverket's list of test
//     numbers holds one of the two or both for almost every day of these years, and its list of test coordination numbers nothing else,
//     whatever the year.
//   - Coordination numbers first use the same birth numbers with births from 1960 to 1999.
//   - Those series end after some thousand people. All further Swedish numbers lie a century back, with births from 1840 to 1889
//     (coordination numbers from 1860 to 1889): nobody born then is alive, and coordination numbers are given since 2000 only, so those
//     never were anybody's. A personal number of these may once have been somebody's who is long dead. They are complete only with
//     their twelve digits; the last ten alone can coincide with a younger person's, as any digits can once the reserved series are used up.
//   - The birth numbers 980 to 999 are no way out: the published list has whole years of them for births up to 1911 only.
//   - Passports and foreign identity numbers begin with DEMO and are in no country's form.
//   - Organisation numbers begin with 4, a group that no Swedish legal form has. Company names are invented words, e-mail addresses
//     end in .example.
//
// # Rules of the generator
//
// A standard card is valid for four years from the day of its production, a visitor card for one. Orders, reviews and
// productions happen on weekdays in office hours, Europe/Stockholm; holders approve, activate and block when they like.
//
// Bulk rows bypass the triggers, but not the rules: foreign keys, unique constraints and indexes are taken away for the load
// and made again, so that Postgres checks every row against every one of them. The cards of the people with log-ins are made one
// action at a time by the schema's own functions.
//
// The tables are loaded by several connections at once, so a load is no single transaction. Until its last one the application's role may not
// enter the schema, and what was taken away is noted in the table demo_load. A load that fails takes back what it did; one that was killed
// is taken back by the next, and before the schema is migrated.
package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/pin"
)

// ErrNotEmpty: the database has companies or persons already. Demo data are only loaded into an empty one.
var ErrNotEmpty = errors.New("the database is not empty: it has companies or persons")

// The number of cards that Load can make.
const (
	MinCards = 200
	MaxCards = 10_000_000
)

// Options say what to load.
type Options struct {
	Cards    int          // MinCards to MaxCards
	Seed     uint64       // another seed, another country
	Progress func(string) // hears what happens now, from several goroutines at once; may be nil
}

// Country is what was loaded.
type Country struct {
	Companies, Persons, Cards int64
}

// Load fills the database through a connection of the role that owns it, which must not be in a transaction, and some more of its kind. It
// waits for a load that is under way. It needs memory for the list of companies' sizes and some cards at a time, whatever the number of cards.
// If it fails, nothing has happened.
func Load(ctx context.Context, owner *pgx.Conn, keyring *pin.Keyring, o Options) (Country, error) {
	if o.Cards < MinCards || o.Cards > MaxCards {
		return Country{}, fmt.Errorf("demo: %d cards: between %d and %d are possible", o.Cards, MinCards, MaxCards)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	country, err := loadAlone(ctx, owner, keyring, o)
	if err != nil {
		return Country{}, fmt.Errorf("demo: load: %w", err)
	}
	return country, nil
}

func loadAlone(ctx context.Context, owner *pgx.Conn, keyring *pin.Keyring, o Options) (_ Country, err error) {
	if err := lock(ctx, owner); err != nil {
		return Country{}, err
	}
	defer func() { err = errors.Join(err, unlock(ctx, owner)) }()
	// One that was killed, if there is.
	if err := takeBack(ctx, owner); err != nil {
		return Country{}, err
	}
	w, s, err := begin(ctx, owner, o)
	if err != nil {
		return Country{}, err
	}
	country, err := load(ctx, owner, w, s, keyring, o.Progress)
	if err != nil {
		return Country{}, errors.Join(err, undo(context.WithoutCancel(ctx), owner))
	}
	return country, nil
}

// BetweenLoads does something with the schema that no load may disturb. It waits for a load that is under way, and first takes back one that was
// killed, with all it had brought. ownerURL names the role that owns the database, which may be empty of everything.
func BetweenLoads(ctx context.Context, ownerURL string, do func() error) (err error) {
	owner, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("demo: connect: %w", err)
	}
	defer func() { err = errors.Join(err, owner.Close(context.WithoutCancel(ctx))) }() // and with it the lock
	if err := lock(ctx, owner); err != nil {
		return fmt.Errorf("demo: wait for a load: %w", err)
	}
	if err := takeBack(ctx, owner); err != nil {
		return fmt.Errorf("demo: take a load back: %w", err)
	}
	return do()
}

// begin takes away what stands between the tables and a fast load.
func begin(ctx context.Context, owner *pgx.Conn, o Options) (w *world, s structure, err error) {
	// Before the lock, so that a portal in use is not stopped for the answer.
	if err := mustBeEmpty(ctx, owner); err != nil {
		return nil, s, err
	}
	err = pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		// So that nobody makes a company meanwhile.
		if _, err := tx.Exec(ctx, `LOCK TABLE companies, persons IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
		if err := mustBeEmpty(ctx, tx); err != nil {
			return err
		}
		var today day
		if err := tx.QueryRow(ctx, `SELECT today() - date '1970-01-01'`).Scan(&today); err != nil {
			return err
		}
		words, err := readVocabulary(ctx, tx)
		if err != nil {
			return err
		}
		if w, err = newWorld(o, today, words); err != nil {
			return err
		}
		o.Progress("taking constraints and indexes away")
		s, err = takeStructure(ctx, tx)
		return err
	})
	return w, s, err
}

func load(ctx context.Context, owner *pgx.Conn, w *world, s structure, keyring *pin.Keyring, progress func(string)) (Country, error) {
	country, err := fill(ctx, owner, w, s, keyring, progress)
	if err != nil {
		return Country{}, err
	}
	progress("people with log-ins and their cards")
	err = pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		if err := addRest(ctx, tx); err != nil {
			return err
		}
		if err := s.finish(ctx, tx); err != nil {
			return err
		}
		if err := w.addLogins(ctx, tx); err != nil {
			return err
		}
		if err := w.play(ctx, tx, keyring); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `ANALYZE logins`) // empty when the others were
		return err
	})
	country.Cards += int64(scriptedCards())
	return country, err
}

func mustBeEmpty(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}) error {
	var used bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM companies) OR EXISTS (SELECT FROM persons)`).Scan(&used)
	if err == nil && used {
		err = ErrNotEmpty
	}
	return err
}

// theLock is held by whoever loads, in its session. The number means nothing.
const theLock = 7030417

func lock(ctx context.Context, owner *pgx.Conn) error {
	_, err := owner.Exec(ctx, `SELECT pg_advisory_lock($1)`, theLock)
	return err
}

// unlock gives the lock back, unless the connection ended, and the lock with it.
func unlock(ctx context.Context, owner *pgx.Conn) error {
	if owner.IsClosed() {
		return nil
	}
	_, err := owner.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, theLock)
	return err
}

// undo takes back what has happened so far. A load that was cancelled has lost its connection, and the lock.
func undo(ctx context.Context, owner *pgx.Conn) (err error) {
	if !owner.IsClosed() {
		return takeBack(ctx, owner)
	}
	again, err := pgx.ConnectConfig(ctx, owner.Config())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, again.Close(ctx)) }()
	if err := lock(ctx, again); err != nil {
		return err
	}
	return takeBack(ctx, again)
}
