package postgres

import (
	"context"

	"github.com/riverqueue/river"
)

// settleDue is the job that writes to the history what was planned and is due, so that it stands there soon even where nobody looks.
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
	return w.store.SettleDue(ctx, 0)
}
