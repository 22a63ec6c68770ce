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

// How much is forgotten at once: a statement of either stays far below what one is given, also where everything is due.
const (
	picturesAtOnce = 500
	rowsForgotten  = 1000
)

// forgetFor is how long a job goes on. What is left then is another job's, so that none keeps a process from stopping.
const forgetFor = 10 * time.Second

// forget is the job that deletes what is not to be kept any longer: from a picture on, the first time from the beginning.
type forget struct {
	After card.PictureID `json:"after"`
}

// Kind names the job in the queue.
func (forget) Kind() string { return "forget" }

// InsertOpts lets a job that failed rest: the next hour brings another, from the beginning.
func (forget) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, Queue: houseQueue}
}

// forgetWorker deletes what retention_rules do not keep any longer.
type forgetWorker struct {
	river.WorkerDefaults[forget]
	store *Store
}

// Work goes through the pictures, and before that through all else. A fault there does not keep the pictures.
func (w *forgetWorker) Work(ctx context.Context, job *river.Job[forget]) error {
	began := time.Now()
	at := job.Args
	var fault error
	for rows := rowsForgotten; fault == nil && at.After == 0 && rows == rowsForgotten && time.Since(began) < forgetFor; {
		rows, fault = w.store.forgetRows(ctx, rowsForgotten)
	}
	for time.Since(began) < forgetFor {
		var more bool
		var err error
		if at.After, more, err = w.store.forgetPictures(ctx, at.After, picturesAtOnce); err == nil {
			err = w.store.forgetBytes(ctx, picturesAtOnce)
		}
		if err != nil || !more {
			return errors.Join(fault, err)
		}
	}
	if _, err := w.store.jobs.Insert(ctx, at, nil); err != nil {
		return errors.Join(fault, fmt.Errorf("postgres: go on forgetting: %w", err))
	}
	return fault
}

// forgetPictures ends those of the next pictures whose time is out, and says behind which one to go on; more is false when none was left.
func (s *Store) forgetPictures(ctx context.Context, after card.PictureID, limit int) (last card.PictureID, more bool, err error) {
	const q = `SELECT f.last FROM forget_pictures(@after, @limit) f`
	var to *card.PictureID
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"after": after, "limit": limit}).Scan(&to); err != nil {
		return 0, false, fmt.Errorf("postgres: forget pictures: %w", err)
	}
	if to == nil {
		return 0, false, nil
	}
	return *to, true, nil
}

// forgetBytes deletes the bytes of pictures whose time is out, at most so many: also those that a process has left that ended in between.
func (s *Store) forgetBytes(ctx context.Context, limit int) error {
	const q = `SELECT p.key::text FROM pictures p WHERE p.deleted_at IS NOT NULL AND p.key IS NOT NULL ORDER BY p.deleted_at LIMIT @limit`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return fmt.Errorf("postgres: bytes to forget: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("postgres: bytes to forget: %w", err)
	}
	if len(keys) == 0 {
		return nil
	}
	if err := s.pictures.Forget(ctx, keys); err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, `SELECT pictures_forgotten(@keys)`, pgx.StrictNamedArgs{"keys": keys}); err != nil {
		return fmt.Errorf("postgres: bytes forgotten: %w", err)
	}
	return nil
}

// forgetRows deletes rows whose time is out, at most so many of a table, and says how many of the table that lost most.
func (s *Store) forgetRows(ctx context.Context, limit int) (most int, err error) {
	if err := s.db.QueryRow(ctx, `SELECT greatest(forget_rows(@limit), forget_plans(@limit))`, pgx.StrictNamedArgs{"limit": limit}).Scan(&most); err != nil {
		return 0, fmt.Errorf("postgres: forget rows: %w", err)
	}
	return most, nil
}
