package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
)

// Sessions keeps sessions for scs. It differs from other stores in what a request in flight can do: an ended session
// stays ended, because its row stays as a tombstone and is never written again. Times are the database's; those that
// scs passes are ignored.
type Sessions struct{ store *Store }

// Sessions is the store's part for scs.
func (s *Store) Sessions() Sessions { return Sessions{s} }

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// FindCtx returns a live session as JSON of account.Session, with the person's login and roles as they are now. Every request begins with it, so
// what is due on cards that the person may see is settled first, and no page shows a card that is not what it should be by now.
func (s Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	const q = `
		SELECT s.data || jsonb_build_object(
		           'version', s.version, 'now', s.now,
		           'proved', coalesce((s.data ->> 'proved_at')::timestamptz > s.now - interval '5 minutes', false),
		           'login', l.standing || jsonb_build_object('email', l.email, 'language', l.language)),
		       s.last_seen_at < s.now - interval '1 minute',
		       CASE WHEN EXISTS (SELECT FROM planned_actions p WHERE p.outcome IS NULL AND p.due_at <= s.now) THEN s.person_id ELSE 0 END
		FROM live_sessions s JOIN logins l ON l.person_id = s.person_id AND l.disabled_at IS NULL
		WHERE s.token_hash = @token`
	hash := hashToken(token)
	var unseen bool
	var settles account.PersonID // while something is due anywhere
	err = s.store.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"token": hash}).Scan(&data, &unseen, &settles)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("postgres: find session: %w", err)
	}
	if settles != 0 {
		if err := s.store.SettleDue(ctx, settles); err != nil {
			return nil, false, err
		}
	}
	if unseen {
		const seen = `UPDATE sessions SET last_seen_at = clock_now() WHERE token_hash = @token AND ended_at IS NULL`
		if _, err := s.store.db.Exec(ctx, seen, pgx.StrictNamedArgs{"token": hash}); err != nil {
			return nil, false, fmt.Errorf("postgres: see session: %w", err)
		}
	}
	return data, true, nil
}

// CommitCtx makes a session, or changes it while it lives and is as the writer read it. Otherwise nothing changes: an ended session
// stays ended, and of two requests that change one session at once the second changes nothing.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	const q = `
		INSERT INTO sessions (token_hash, data) VALUES (@token, @data)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, version = sessions.version + 1
		WHERE sessions.version = (excluded.data ->> 'version')::integer AND EXISTS (SELECT FROM live_sessions l WHERE l.token_hash = excluded.token_hash)
		      AND sessions.ended_at IS NULL`
	if _, err := s.store.db.Exec(ctx, q, pgx.StrictNamedArgs{"token": hashToken(token), "data": string(data)}); err != nil {
		return fmt.Errorf("postgres: commit session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session for good.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	const q = `UPDATE sessions SET ended_at = clock_now(), data = jsonb_build_object('person', person_id) WHERE token_hash = @token AND ended_at IS NULL`
	if _, err := s.store.db.Exec(ctx, q, pgx.StrictNamedArgs{"token": hashToken(token)}); err != nil {
		return fmt.Errorf("postgres: end session: %w", err)
	}
	return nil
}

// Find is FindCtx for callers without a context, which scs has none of.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx for callers without a context.
func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// EndSessions logs a person out everywhere, and forgets the browsers that were known.
func (s *Store) EndSessions(ctx context.Context, person account.PersonID) error {
	return s.inTx(ctx, func(tx pgx.Tx) error { return endSessions(ctx, tx, person) })
}

func endSessions(ctx context.Context, tx pgx.Tx, person account.PersonID) error {
	args := pgx.StrictNamedArgs{"person": person}
	const sessions = `UPDATE sessions SET ended_at = clock_now(), data = jsonb_build_object('person', person_id) WHERE person_id = @person AND ended_at IS NULL`
	if _, err := tx.Exec(ctx, sessions, args); err != nil {
		return fmt.Errorf("postgres: end sessions: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM login_devices WHERE person_id = @person`, args); err != nil {
		return fmt.Errorf("postgres: forget devices: %w", err)
	}
	return nil
}

// LiveSessions are the places where a person is logged in, the latest first. token is that of the session that asks.
func (s *Store) LiveSessions(ctx context.Context, person account.PersonID, token string) ([]account.LiveSession, error) {
	const q = `
		SELECT l.created_at, l.last_seen_at, l.token_hash = @token
		FROM live_sessions l
		WHERE l.person_id = @person
		ORDER BY l.created_at DESC
		LIMIT 50`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"person": person, "token": hashToken(token)})
	if err != nil {
		return nil, fmt.Errorf("postgres: live sessions: %w", err)
	}
	sessions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[account.LiveSession])
	if err != nil {
		return nil, fmt.Errorf("postgres: live sessions: %w", err)
	}
	return sessions, nil
}
