package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// jobSchema is where the job queue keeps its tables. A migration of ours makes the schema; what is in it is the library's.
const jobSchema = "river"

// migrateJobTables brings the job queue's tables to the version of its library. It waits for another process that is doing it, and leaves a
// database alone that does not have their schema.
func migrateJobTables(ctx context.Context, ownerURL string, log *slog.Logger) (err error) {
	db, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return errors.New("postgres: the owner's database address cannot be read")
	}
	defer db.Close()
	lock, err := db.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("postgres: connect to migrate the job tables: %w", err)
	}
	defer lock.Release()
	const (
		take = `SELECT pg_advisory_lock(hashtext('kortportal job tables'))`
		give = `SELECT pg_advisory_unlock(hashtext('kortportal job tables'))`
	)
	if _, err := lock.Exec(ctx, take); err != nil {
		return fmt.Errorf("postgres: wait to migrate the job tables: %w", err)
	}
	defer func() {
		if _, giveErr := lock.Exec(context.WithoutCancel(ctx), give); giveErr != nil {
			err = errors.Join(err, fmt.Errorf("postgres: migrate the job tables: %w", giveErr))
		}
	}()
	var there bool
	if err := lock.QueryRow(ctx, `SELECT to_regnamespace($1) IS NOT NULL`, jobSchema).Scan(&there); err != nil {
		return fmt.Errorf("postgres: look for the job tables: %w", err)
	}
	if !there {
		return nil
	}
	quiet := slog.New(slog.DiscardHandler)
	migrator, err := rivermigrate.New(riverpgxv5.New(db), &rivermigrate.Config{Schema: jobSchema, Logger: quiet})
	if err != nil {
		return fmt.Errorf("postgres: prepare to migrate the job tables: %w", err)
	}
	done, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return fmt.Errorf("postgres: migrate the job tables: %w", err)
	}
	for _, v := range done.Versions {
		log.Info("migrate: job tables", "version", v.Version)
	}
	return grantJobTables(ctx, lock.Conn())
}

// grantJobTables gives the application what it needs of the job tables, and nothing of those by which the library migrates.
func grantJobTables(ctx context.Context, owner *pgx.Conn) error {
	for _, grant := range []string{
		`GRANT SELECT, INSERT, UPDATE, DELETE ON river.river_job, river.river_leader, river.river_queue TO kortportal_app`,
		`GRANT USAGE ON SEQUENCE river.river_job_id_seq TO kortportal_app`,
		`GRANT EXECUTE ON FUNCTION river.river_job_state_in_bitmask TO kortportal_app`,
	} {
		if _, err := owner.Exec(ctx, grant); err != nil {
			return fmt.Errorf("postgres: grant the job tables: %w", err)
		}
	}
	return nil
}
