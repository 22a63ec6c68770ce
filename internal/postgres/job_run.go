package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kortportal/internal/card"
)

// runWorkers is how many runs are under way at once in a process.
const runWorkers = 2

// applyFor is how long a job goes on with a run. What is left then is the same job's next turn, so that none keeps a process from stopping.
const applyFor = 10 * time.Second

// applyRun is the job that does a run.
type applyRun struct {
	Plan card.PlanID `json:"plan"`
}

// Kind names the job in the queue.
func (applyRun) Kind() string { return "apply_run" }

// InsertOpts lets the queue never give up: a run comes to its end.
func (applyRun) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1000, Queue: runQueue}
}

// runWorker does runs.
type runWorker struct {
	river.WorkerDefaults[applyRun]
	store *Store
}

// Work does the cards of a run that are left.
func (w *runWorker) Work(ctx context.Context, job *river.Job[applyRun]) error {
	for began := time.Now(); time.Since(began) < applyFor; {
		more, err := w.store.applyNext(ctx, job.Args.Plan)
		var refused *card.Refused
		switch {
		case errors.As(err, &refused) && refused.Rule == deadlock: // somebody else's turn first
		case err != nil || !more:
			return err
		}
	}
	return river.JobSnooze(0)
}

// resumeRuns puts the runs that a killed process has left into the queue at once. One that another process is doing is done by both in turns.
func (s *Store) resumeRuns(ctx context.Context) error {
	const q = `SELECT r.plan_id FROM runs r WHERE r.finished_at IS NULL ORDER BY r.plan_id`
	rows, err := s.db.Query(ctx, q)
	if err != nil {
		return fmt.Errorf("postgres: unfinished runs: %w", err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[card.PlanID])
	if err != nil {
		return fmt.Errorf("postgres: unfinished runs: %w", err)
	}
	for _, id := range left {
		if _, err := s.jobs.Insert(ctx, applyRun{Plan: id}, nil); err != nil {
			return fmt.Errorf("postgres: resume run %d: %w", id, err)
		}
	}
	return nil
}
