package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kortportal/internal/postgres"
)

type migrateCommand struct {
	Up      migrateUp      `cmd:"" default:"1" help:"Apply every migration that is missing (the default)."`
	Down    migrateDown    `cmd:"" help:"Take the newest migration back, with the data that only it could hold."`
	Version migrateVersion `cmd:"" help:"Tell the number of the newest migration that was applied."`
}

type (
	migrateUp      struct{}
	migrateDown    struct{}
	migrateVersion struct{}
)

func (migrateUp) Run(ctx context.Context, a *app) error {
	return a.asOwner(ctx, func(ctx context.Context, db *database, log *slog.Logger) error { return db.migrate(ctx, log) })
}

func (migrateDown) Run(ctx context.Context, a *app) error {
	return a.asOwner(ctx, func(ctx context.Context, db *database, log *slog.Logger) error {
		return db.changeSchema(ctx, log, postgres.MigrateDown)
	})
}

func (migrateVersion) Run(ctx context.Context, a *app) error {
	return a.asOwner(ctx, func(ctx context.Context, db *database, _ *slog.Logger) error {
		version, err := postgres.SchemaVersion(ctx, db.ownerURL)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.stdout, version)
		return err
	})
}

// asOwner does something with a database whose owner's address is known.
func (a *app) asOwner(ctx context.Context, do func(ctx context.Context, db *database, log *slog.Logger) error) error {
	cfg, log, err := a.config()
	if err != nil {
		return err
	}
	if !cfg.Embedded() && cfg.MigrateDatabaseURL == "" {
		return errors.New("MIGRATE_DATABASE_URL is needed: the owner's address of the database")
	}
	db, err := openDatabase(ctx, cfg, true, log)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, db, log), db.close())
}
