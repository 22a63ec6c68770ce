package postgres

import (
	"context"
	"io/fs"
	"log/slog"

	"github.com/golang-migrate/migrate/v4"
)

// MigrateFiles applies other migrations than our own.
func MigrateFiles(ctx context.Context, ownerURL string, files fs.FS) error {
	return migrateFS(ctx, ownerURL, files, slog.New(slog.DiscardHandler), (*migrate.Migrate).Up)
}
