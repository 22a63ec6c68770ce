package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"

	"kortportal/migrations"
)

// migrateLockWait is how long a second process waits for the one that migrates: long enough for an index on ten million rows.
const migrateLockWait = 10 * time.Minute

// Migrate brings the database to the newest schema. It may be called at every start and by several processes at once:
// one migrates, the others wait for it. Each migration and its version number are one transaction, so a process that is
// killed in the middle leaves the schema as it was before that migration.
//
// ownerURL names the role that owns the database; the application's own role may not change the schema.
func Migrate(ctx context.Context, ownerURL string, log *slog.Logger) error {
	if err := migrateFS(ctx, ownerURL, migrations.FS, log, (*migrate.Migrate).Up); err != nil {
		return err
	}
	return migrateJobTables(ctx, ownerURL, log)
}

// MigrateDown takes back the newest migration, with the data that only it could hold.
func MigrateDown(ctx context.Context, ownerURL string, log *slog.Logger) error {
	return migrateFS(ctx, ownerURL, migrations.FS, log, func(m *migrate.Migrate) error { return m.Steps(-1) })
}

// SchemaVersion is the number of the newest migration that was applied, 0 for an empty database.
func SchemaVersion(ctx context.Context, ownerURL string) (uint, error) {
	var version uint
	err := migrateFS(ctx, ownerURL, migrations.FS, slog.New(slog.DiscardHandler), func(m *migrate.Migrate) error {
		v, dirty, err := m.Version()
		switch {
		case errors.Is(err, migrate.ErrNilVersion):
			return nil
		case err != nil:
			return err
		case dirty:
			return migrate.ErrDirty{Version: int(v)}
		}
		version = v
		return nil
	})
	return version, err
}

func migrateFS(ctx context.Context, ownerURL string, files fs.FS, log *slog.Logger, do func(*migrate.Migrate) error) (err error) {
	source, err := iofs.New(files, ".")
	if err != nil {
		return fmt.Errorf("postgres: read migrations: %w", err)
	}
	db, err := sql.Open("pgx/v5", ownerURL)
	if err != nil {
		return fmt.Errorf("postgres: address of the database for migrations: %w", err)
	}
	if err := db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("postgres: connect to migrate: %w", err), db.Close())
	}
	driver, err := migratepgx.WithInstance(db, &migratepgx.Config{})
	if err != nil {
		return errors.Join(fmt.Errorf("postgres: prepare to migrate: %w", err), db.Close())
	}
	m, err := migrate.NewWithInstance("iofs", source, "pgx5", &atomicDriver{Driver: driver})
	if err != nil {
		return errors.Join(fmt.Errorf("postgres: prepare to migrate: %w", err), driver.Close())
	}
	defer func() {
		sourceErr, driverErr := m.Close()
		err = errors.Join(err, sourceErr, driverErr)
	}()
	m.Log = migrateLog{log}
	m.LockTimeout = migrateLockWait
	stopWatching := context.AfterFunc(ctx, func() { m.GracefulStop <- true })
	defer stopWatching()

	if err := do(m); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	return ctx.Err()
}

// migrateLog hands the messages of the migration library to slog.
type migrateLog struct{ log *slog.Logger }

// Printf takes one line.
func (l migrateLog) Printf(format string, v ...any) {
	l.log.Info("migrate: " + strings.TrimSpace(fmt.Sprintf(format, v...)))
}

// Verbose is for debugging the library.
func (migrateLog) Verbose() bool { return false }
