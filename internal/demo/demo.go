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
// and made again in the same transaction, so that Postgres checks every row against every one of them. If anything
// fails, nothing has happened. The cards of the people with log-ins are made one action at a time by the schema's own functions.
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
	Progress func(string) // hears what happens now; may be nil
}

// Country is what was loaded.
type Country struct {
	Companies, Persons, Cards int64
}

// Load fills the database through a connection of the role that owns it, which must not be in a transaction. It needs
// memory for the list of companies' sizes and one card at a time, whatever the number of cards.
func Load(ctx context.Context, owner *pgx.Conn, keyring *pin.Keyring, o Options) (Country, error) {
	if o.Cards < MinCards || o.Cards > MaxCards {
		return Country{}, fmt.Errorf("demo: %d cards: between %d and %d are possible", o.Cards, MinCards, MaxCards)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	var country Country
	err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		var err error
		country, err = load(ctx, tx, keyring, o)
		return err
	})
	if err != nil {
		return Country{}, fmt.Errorf("demo: load: %w", err)
	}
	o.Progress("tidying up")
	for _, table := range tables {
		// Outside the transaction, as VACUUM must be. It marks pages as visible to all, for scans of the index only, and what is analyzed within
		// the transaction would be analyzed again a minute later.
		if _, err := owner.Exec(ctx, "VACUUM (ANALYZE) "+pgx.Identifier{table}.Sanitize()); err != nil {
			return Country{}, fmt.Errorf("demo: everything is loaded, but vacuum failed: %w", err)
		}
	}
	return country, nil
}

func load(ctx context.Context, tx pgx.Tx, keyring *pin.Keyring, o Options) (Country, error) {
	// Before the lock, so that a portal in use is not stopped for the answer.
	if err := mustBeEmpty(ctx, tx); err != nil {
		return Country{}, err
	}
	// Held to the end, so that nobody makes a company meanwhile.
	if _, err := tx.Exec(ctx, `LOCK TABLE companies, persons IN ACCESS EXCLUSIVE MODE`); err != nil {
		return Country{}, err
	}
	if err := mustBeEmpty(ctx, tx); err != nil {
		return Country{}, err
	}
	var today day
	if err := tx.QueryRow(ctx, `SELECT today() - date '1970-01-01'`).Scan(&today); err != nil {
		return Country{}, err
	}
	words, err := readVocabulary(ctx, tx)
	if err != nil {
		return Country{}, err
	}
	w, err := newWorld(o, today, words)
	if err != nil {
		return Country{}, err
	}
	o.Progress("taking constraints and indexes away")
	s, err := takeStructure(ctx, tx)
	if err != nil {
		return Country{}, err
	}
	country, err := copyAll(ctx, tx, w, keyring, o.Progress)
	if err != nil {
		return Country{}, err
	}
	if err := s.restore(ctx, tx, o.Progress); err != nil {
		return Country{}, err
	}
	o.Progress("people with log-ins and their cards")
	if err := w.addLogins(ctx, tx); err != nil {
		return Country{}, err
	}
	country.Cards += int64(scriptedCards())
	return country, w.play(ctx, tx, keyring)
}

func mustBeEmpty(ctx context.Context, tx pgx.Tx) error {
	var used bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM companies) OR EXISTS (SELECT FROM persons)`).Scan(&used)
	if err == nil && used {
		err = ErrNotEmpty
	}
	return err
}
