package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/account"
)

// How often an attempt may fail. A browser that has logged in to the account before has a bucket of its own, so that
// strangers who try the account do not lock out its owner.
const (
	throttleWindow     = 15 * time.Minute
	failuresOfAddress  = 60  // any accounts, one address
	failuresOfPair     = 10  // one account, one address
	failuresOfAccount  = 300 // one account, all browsers that are not known: thirty addresses at least
	failuresFromDevice = 10  // one account, one known browser
)

// LogIn checks an e-mail address and password. ErrCredentials when they do not match, whatever the cause, and after the
// same work; a Throttled error when there have been too many failures.
func (s *Store) LogIn(ctx context.Context, a account.Attempt) (account.Proof, error) {
	known, err := s.knownDevice(ctx, a)
	if err != nil {
		return account.Proof{}, err
	}
	pair := bucket{"pair", string(a.Email) + "\n" + a.Address, failuresOfPair}
	buckets := []bucket{{"address", a.Address, failuresOfAddress}, pair, {"account", string(a.Email), failuresOfAccount}}
	if known {
		buckets = []bucket{{"device", string(a.Email) + "\n" + a.Device, failuresFromDevice}}
	}
	if err := s.throttle(ctx, buckets); err != nil {
		return account.Proof{}, err
	}
	const q = `
		SELECT l.person_id, l.password_hash, clock_now()
		FROM logins l WHERE l.email = @email AND l.disabled_at IS NULL`
	var proof account.Proof
	var hash string
	err = s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"email": a.Email}).Scan(&proof.Person, &hash, &proof.At)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return account.Proof{}, fmt.Errorf("postgres: log in: %w", err)
	}
	match, err := s.passwords.matches(ctx, a.Password, hash)
	if err != nil {
		return account.Proof{}, fmt.Errorf("postgres: log in: %w", err)
	}
	if !match {
		return account.Proof{}, account.ErrCredentials
	}
	proof.Device = a.Device
	if !known {
		proof.Device = rand.Text()
	}
	if err := s.settle(ctx, proof, buckets, !known); err != nil {
		return account.Proof{}, err
	}
	return proof, nil
}

// Prove checks the password of somebody who is logged in, and returns the time of it. Errors as of LogIn.
func (s *Store) Prove(ctx context.Context, person account.PersonID, password string) (time.Time, error) {
	buckets := []bucket{{"prove", fmt.Sprint(person), failuresFromDevice}}
	if err := s.throttle(ctx, buckets); err != nil {
		return time.Time{}, err
	}
	const q = `SELECT l.password_hash, clock_now() FROM logins l WHERE l.person_id = @person AND l.disabled_at IS NULL`
	var hash string
	var now time.Time
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"person": person}).Scan(&hash, &now); err != nil {
		return time.Time{}, fmt.Errorf("postgres: prove: %w", err)
	}
	match, err := s.passwords.matches(ctx, password, hash)
	if err != nil {
		return time.Time{}, fmt.Errorf("postgres: prove: %w", err)
	}
	if !match {
		return time.Time{}, account.ErrCredentials
	}
	return now, s.forgive(ctx, s.db, buckets)
}

// bucket counts the failures of something.
type bucket struct {
	what, of string
	limit    int
}

func (b bucket) key() []byte {
	sum := sha256.Sum256([]byte(b.what + "\n" + b.of))
	return sum[:]
}

func (s *Store) knownDevice(ctx context.Context, a account.Attempt) (known bool, err error) {
	const q = `
		SELECT EXISTS (SELECT FROM login_devices d JOIN logins l ON l.person_id = d.person_id
		               WHERE d.token_hash = @device AND l.email = @email)`
	if a.Device == "" {
		return false, nil
	}
	err = s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"device": hashToken(a.Device), "email": a.Email}).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("postgres: known device: %w", err)
	}
	return known, nil
}

// throttle counts an attempt as failed before it is judged, so that many at once do not slip through.
func (s *Store) throttle(ctx context.Context, buckets []bucket) error {
	const q = `
		INSERT INTO login_throttles AS t (bucket, failures, starts_over)
		SELECT b, 1, clock_now() + @window FROM unnest(@buckets::bytea[]) b ORDER BY b
		ON CONFLICT (bucket) DO UPDATE SET
		    failures = CASE WHEN t.starts_over <= clock_now() THEN 1 ELSE t.failures + 1 END,
		    starts_over = CASE WHEN t.starts_over <= clock_now() THEN excluded.starts_over ELSE t.starts_over END
		RETURNING bucket, failures, starts_over - clock_now()`
	byKey := map[string]bucket{}
	for _, b := range buckets {
		byKey[string(b.key())] = b
	}
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"window": throttleWindow, "buckets": keys(buckets)})
	if err != nil {
		return fmt.Errorf("postgres: throttle: %w", err)
	}
	var full account.Throttled
	var key []byte
	var failures int
	var left time.Duration
	var spared []bucket
	_, err = pgx.ForEachRow(rows, []any{&key, &failures, &left}, func() error {
		b := byKey[string(key)]
		if failures <= b.limit {
			spared = append(spared, b)
			return nil
		}
		full.RetryAfter = max(full.RetryAfter, left)
		return nil
	})
	if err != nil {
		return fmt.Errorf("postgres: throttle: %w", err)
	}
	if full.RetryAfter == 0 {
		return nil
	}
	// A refused attempt is not judged, so it counts only against what is full: else one address could fill an account's bucket.
	if err := s.forgive(ctx, s.db, spared); err != nil {
		return err
	}
	return full
}

func keys(buckets []bucket) [][]byte {
	k := make([][]byte, len(buckets))
	for i, b := range buckets {
		k[i] = b.key()
	}
	return k
}

// execer is a connection, a pool or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// forgive takes back what throttle counted: the attempt succeeded.
func (s *Store) forgive(ctx context.Context, db execer, buckets []bucket) error {
	// Locked in the order in which throttle locks them, or two log-ins of one person could wait for each other.
	const q = `
		WITH locked AS (
		    SELECT t.bucket FROM login_throttles t WHERE t.bucket = ANY (@buckets) AND t.failures > 0 ORDER BY t.bucket FOR UPDATE
		)
		UPDATE login_throttles t SET failures = t.failures - 1 FROM locked WHERE t.bucket = locked.bucket`
	if _, err := db.Exec(ctx, q, pgx.StrictNamedArgs{"buckets": keys(buckets)}); err != nil {
		return fmt.Errorf("postgres: forgive: %w", err)
	}
	return nil
}

// settle is what follows a login: the failures are forgiven, the browser is known, and what has run out is swept away.
func (s *Store) settle(ctx context.Context, proof account.Proof, buckets []bucket, newDevice bool) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.forgive(ctx, tx, buckets); err != nil {
			return err
		}
		if newDevice {
			const q = `INSERT INTO login_devices (token_hash, person_id) VALUES (@device, @person)`
			if _, err := tx.Exec(ctx, q, pgx.StrictNamedArgs{"device": hashToken(proof.Device), "person": proof.Person}); err != nil {
				return fmt.Errorf("postgres: know the device: %w", err)
			}
		}
		// A session can live for 12 hours; its tombstone is of use as long as requests from that time may be under way.
		for _, sweep := range []string{
			`DELETE FROM login_throttles WHERE bucket IN (
			    SELECT t.bucket FROM login_throttles t WHERE t.starts_over < clock_now() FOR UPDATE SKIP LOCKED)`,
			`DELETE FROM sessions WHERE token_hash IN (
			    SELECT s.token_hash FROM sessions s WHERE s.created_at < clock_now() - interval '36 hours' FOR UPDATE SKIP LOCKED)`,
			`DELETE FROM login_devices WHERE person_id = @person AND created_at < clock_now() - interval '400 days'`,
		} {
			if _, err := tx.Exec(ctx, sweep, pgx.NamedArgs{"person": proof.Person}); err != nil {
				return fmt.Errorf("postgres: sweep: %w", err)
			}
		}
		return nil
	})
}
