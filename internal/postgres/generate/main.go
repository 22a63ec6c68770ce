// Command generate writes what the migrations add up to: migrations/schema.sql and docs/lifecycle.md. It runs at the root of
// the repository (make generate) against a private server of its own, which it throws away.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/postgres"
)

func main() {
	if err := generate(context.Background(), slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, log *slog.Logger) (err error) {
	scratch, err := os.MkdirTemp("", "kortportal-generate-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if err := os.Chmod(scratch, 0o711); err != nil { // Postgres may run as another user
		return err
	}
	local, err := postgres.StartLocal(ctx, postgres.LocalOptions{Dir: filepath.Join(scratch, "postgres"), Log: log, Unsafe: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, local.Stop()) }()
	if err := postgres.Migrate(ctx, local.OwnerURL(), log); err != nil {
		return err
	}
	return errors.Join(writeSchema(ctx, local, log), writeLifecycle(ctx, local))
}

func writeSchema(ctx context.Context, local *postgres.Local, log *slog.Logger) error {
	const file = "migrations/schema.sql"
	schema, err := dumpSchema(ctx, local.Program("pg_dump"), local.OwnerURL())
	if err != nil {
		return err
	}
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err == nil && header(old) != header(schema) {
		log.Warn("left as it is, because it was made with another version of PostgreSQL; delete it to make it anew",
			"file", file, "made_with", header(old), "here", header(schema))
		return nil
	}
	return os.WriteFile(file, schema, 0o644)
}

func writeLifecycle(ctx context.Context, local *postgres.Local) error {
	conn, err := pgx.Connect(ctx, local.OwnerURL())
	if err != nil {
		return err
	}
	document, err := lifecycle(ctx, conn)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return err
	}
	return os.WriteFile("docs/lifecycle.md", []byte(document), 0o644)
}
