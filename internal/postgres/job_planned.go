package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kortportal/internal/messages"
)

// settleDue is the job that writes to the history what was planned and is due, so that it stands there soon even where nobody looks, and tells
// the orderers what could not be done, whoever settled it.
type settleDue struct{}

// Kind names the job in the queue.
func (settleDue) Kind() string { return "settle_due" }

// InsertOpts has one in the queue at a time.
func (settleDue) InsertOpts() river.InsertOpts { return onceInQueue() }

// settleWorker settles what is due.
type settleWorker struct {
	river.WorkerDefaults[settleDue]
	store *Store
}

// Work settles all that is due. Interrupted, the next one goes on.
func (w *settleWorker) Work(ctx context.Context, _ *river.Job[settleDue]) error {
	return errors.Join(w.store.SettleDue(ctx, 0), w.store.tellOfRefusals(ctx)) // what keeps one card from being settled does not keep others from being told of
}

// tellOfRefusals writes one mail to each orderer, and deputy, for whose cards plans were refused since this was last done.
func (s *Store) tellOfRefusals(ctx context.Context) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT t.message FROM tell_of_refusals() t (message)`)
		if err != nil {
			return err
		}
		written, err := pgx.CollectRows(rows, pgx.RowTo[messages.ID])
		if err != nil {
			return err
		}
		return s.sendAll(ctx, tx, written)
	})
	if err != nil {
		return fmt.Errorf("postgres: tell of refused plans: %w", err)
	}
	return nil
}
