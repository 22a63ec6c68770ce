package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kortportal/internal/card"
	"kortportal/internal/messages"
)

// remindOfExpiry is the job that reminds people of cards that are about to expire.
type remindOfExpiry struct{}

// Kind names the job in the queue.
func (remindOfExpiry) Kind() string { return "remind_of_expiry" }

// InsertOpts has one in the queue at a time.
func (remindOfExpiry) InsertOpts() river.InsertOpts { return onceInQueue() }

// remindedAtOnce is how many reminders of holders one transaction writes, or of how many cards it looks for their orderers.
const remindedAtOnce = 200

// expiryWorker reminds of cards that expire.
type expiryWorker struct {
	river.WorkerDefaults[remindOfExpiry]
	store *Store
}

// Work sends what is due. Interrupted, it goes on where it was: what is written down is not due any more.
func (w *expiryWorker) Work(ctx context.Context, _ *river.Job[remindOfExpiry]) error {
	return w.store.RemindOfExpiry(ctx)
}

// Timeout leaves time for the first morning of a large register: ten thousand reminders take half a minute.
func (*expiryWorker) Timeout(*river.Job[remindOfExpiry]) time.Duration { return 5 * time.Minute }

// RemindOfExpiry reminds holders and orderers of cards that are about to expire, each once for a card and a step, in transactions of some
// hundred cards. Before six in the morning it does nothing. Several may do it at once.
func (s *Store) RemindOfExpiry(ctx context.Context) error {
	rows, err := s.db.Query(ctx, `SELECT d.last_day FROM reminder_days() d ORDER BY d.last_day`)
	if err != nil {
		return fmt.Errorf("postgres: days to remind of: %w", err)
	}
	days, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return fmt.Errorf("postgres: days to remind of: %w", err)
	}
	const holders = `SELECT coalesce(r.last_card, 0), r.message_ids FROM remind_holders(@day, @after, @limit) r`
	const orderers = `SELECT coalesce(r.last_card, 0), r.message_ids FROM remind_orderers(@day, @after, @limit) r`
	var faults []error // one day's does not keep the others from being reminded of
	for _, day := range days {
		for _, q := range []string{holders, orderers} {
			faults = append(faults, s.remindOfDay(ctx, q, day))
		}
	}
	return errors.Join(faults...)
}

// remindOfDay reminds of the cards with one last day, part by part.
func (s *Store) remindOfDay(ctx context.Context, q string, day time.Time) error {
	for after := card.ID(0); ; {
		var last card.ID
		err := s.inTx(ctx, func(tx pgx.Tx) error {
			var written []messages.ID
			args := pgx.StrictNamedArgs{"day": day, "after": after, "limit": remindedAtOnce}
			if err := tx.QueryRow(ctx, q, args).Scan(&last, &written); err != nil {
				return err
			}
			return s.sendAll(ctx, tx, written)
		})
		if err != nil {
			return fmt.Errorf("postgres: remind of expiry: %w", err)
		}
		if last == 0 {
			return nil
		}
		after = last
	}
}
