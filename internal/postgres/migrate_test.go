package postgres_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
	"kortportal/migrations"
)

func version(t *testing.T, db *pgtest.DB) uint {
	t.Helper()
	v, err := postgres.SchemaVersion(context.Background(), db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newest(t *testing.T) uint {
	t.Helper()
	files, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("migrations: %v, %v", files, err)
	}
	return uint(len(files))
}

func TestEveryMigrationCanBeTakenBackAndRepeated(t *testing.T) {
	t.Parallel()
	db, log := pgtest.New(t), slog.New(slog.DiscardHandler)
	const objects = `
		SELECT count(*)::text FROM (
			SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i' AND relname <> 'schema_migrations'
			UNION ALL SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
			UNION ALL SELECT oid FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e', 'r')
			UNION ALL SELECT oid FROM pg_default_acl WHERE defaclobjtype = 'f') AS objects`
	before := value(t, db.OwnerURL, objects)
	if got, want := version(t, db), newest(t); got != want {
		t.Fatalf("a fresh database has version %d, want %d", got, want)
	}
	for v := newest(t); v > 0; v-- {
		if err := postgres.MigrateDown(t.Context(), db.OwnerURL, log); err != nil {
			t.Fatalf("down from %d: %v", v, err)
		}
		if got := version(t, db); got != v-1 {
			t.Fatalf("after down from %d the version is %d", v, got)
		}
	}
	if left := value(t, db.OwnerURL, objects); left != "0" {
		t.Errorf("%s objects are left after the last down", left)
	}
	for range 2 { // the second time changes nothing
		if err := postgres.Migrate(t.Context(), db.OwnerURL, log); err != nil {
			t.Fatalf("up again: %v", err)
		}
		if after := value(t, db.OwnerURL, objects); after != before {
			t.Errorf("up again makes %s objects, the first time it made %s", after, before)
		}
	}
}

func TestSeveralProcessesMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	db, log := pgtest.New(t), slog.New(slog.DiscardHandler)
	for range newest(t) {
		if err := postgres.MigrateDown(t.Context(), db.OwnerURL, log); err != nil {
			t.Fatal(err)
		}
	}
	const processes = 4
	done := make(chan error, processes)
	for range processes {
		go func() { done <- postgres.Migrate(t.Context(), db.OwnerURL, log) }()
	}
	for range processes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := version(t, db); got != newest(t) {
		t.Errorf("version %d, want %d", got, newest(t))
	}
}

func TestAFailedMigrationLeavesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	next := migrationsAnd(t, "900001_half.up.sql", `BEGIN; CREATE TABLE half (id int); SELECT 1/0; COMMIT;`)
	err := postgres.MigrateFiles(t.Context(), db.OwnerURL, next)
	const divisionByZero = "22012"
	var failed *pgconn.PgError
	if !errors.As(err, &failed) || failed.Code != divisionByZero {
		t.Fatalf("error %v, want SQLSTATE %s", err, divisionByZero)
	}
	if got, want := version(t, db), newest(t); got != want { // fails on a dirty version as well
		t.Errorf("version %d, want %d", got, want)
	}
	repaired := migrationsAnd(t, "900001_half.up.sql", `BEGIN; CREATE TABLE half (id int); COMMIT;`)
	if err := postgres.MigrateFiles(t.Context(), db.OwnerURL, repaired); err != nil {
		t.Errorf("the repaired migration: %v", err)
	}
	if got := version(t, db); got != 900001 {
		t.Errorf("version %d, want 900001", got)
	}
}

func TestAMigrationOutsideATransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	files := migrationsAnd(t, "900001_index.up.sql", `CREATE INDEX CONCURRENTLY clock_again ON clock (moved_by)`)
	if err := postgres.MigrateFiles(t.Context(), db.OwnerURL, files); err != nil {
		t.Fatal(err)
	}
	if got := version(t, db); got != 900001 {
		t.Errorf("version %d, want 900001", got)
	}
}

// migrationsAnd are our own files and one more.
func migrationsAnd(t *testing.T, name, sql string) fs.FS {
	t.Helper()
	all := fstest.MapFS{name: {Data: []byte(sql)}}
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := fs.ReadFile(migrations.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		all[file] = &fstest.MapFile{Data: b}
	}
	return all
}
