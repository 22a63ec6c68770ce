package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"kortportal/internal/config"
	"kortportal/internal/demo"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
)

// varDir holds what the embedded default keeps between runs: the database and the keys.
const varDir = "var"

// database is where a command finds its data: the operator's own, or the embedded one.
type database struct {
	appURL   string
	ownerURL string // empty when the operator gave none
	keyset   string

	local *postgres.Local // nil for the operator's own
}

// openDatabase finds the database, and starts the embedded one when none is given. A command that is not alone may join the
// server that another process runs.
//
// ctx ends the start, not the database: who serves has to finish requests before close.
func openDatabase(ctx context.Context, cfg config.Config, join bool, log *slog.Logger) (*database, error) {
	if !cfg.Embedded() {
		return &database{
			appURL:   cfg.DatabaseURL.Reveal(),
			ownerURL: cfg.MigrateDatabaseURL.Reveal(),
			keyset:   cfg.PINKeysetFile,
		}, nil
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	started := context.AfterFunc(ctx, end)
	local, err := postgres.StartLocal(life, postgres.LocalOptions{Dir: filepath.Join(varDir, "postgres"), Log: log, Join: join})
	if err != nil {
		end()
		return nil, err
	}
	started()
	db := &database{appURL: local.AppURL(), ownerURL: local.OwnerURL(), keyset: keysetFile(cfg), local: local}
	if err := createKeyset(db.keyset); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// keysetFile is the operator's, or the one that the embedded default makes.
func keysetFile(cfg config.Config) string {
	if cfg.PINKeysetFile != "" {
		return cfg.PINKeysetFile
	}
	return filepath.Join(varDir, "pin-keyset.json")
}

// createKeyset makes the file and its folder; a file that exists is fs.ErrExist.
func createKeyset(path string) error {
	// Others may pass through the folder: the embedded database may run as another user and live beside the file.
	if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
		return err
	}
	return pin.Create(path)
}

// migrate brings the schema up to date where the owner's address is known.
func (db *database) migrate(ctx context.Context, log *slog.Logger) error {
	if db.ownerURL == "" {
		return nil
	}
	return db.changeSchema(ctx, log, postgres.Migrate)
}

// changeSchema migrates in one direction or the other, while no demo data are on their way in.
func (db *database) changeSchema(ctx context.Context, log *slog.Logger, migrate func(ctx context.Context, ownerURL string, log *slog.Logger) error) error {
	return demo.BetweenLoads(ctx, db.ownerURL, func() error { return migrate(ctx, db.ownerURL, log) })
}

// ended is closed when the embedded database ends by itself; for the operator's own it never is.
func (db *database) ended() <-chan struct{} {
	if db.local == nil {
		return nil
	}
	return db.local.Done()
}

func (db *database) close() error {
	if db.local == nil {
		return nil
	}
	if err := db.local.Stop(); err != nil {
		return fmt.Errorf("stop the embedded database: %w", err)
	}
	return nil
}
