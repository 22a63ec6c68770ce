package postgres

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"
)

// atomicDriver writes the version number in the transaction of the migration itself. The library marks the version as
// dirty, runs the file and marks it as clean, in three transactions; a process killed in between leaves a mark that only
// a person can judge. Files that do not end in COMMIT (such as CREATE INDEX CONCURRENTLY) keep the library's way.
type atomicDriver struct {
	database.Driver
	pending *int // the version announced and not yet written
}

const commit = "COMMIT;"

// SetVersion remembers what the library announces as dirty until Run knows whether the file is a transaction.
func (d *atomicDriver) SetVersion(version int, dirty bool) error {
	if dirty {
		d.pending = &version
		return nil
	}
	if d.pending == nil { // Run has written it
		return nil
	}
	d.pending = nil
	return d.Driver.SetVersion(version, false)
}

// Run applies one file.
func (d *atomicDriver) Run(migration io.Reader) error {
	b, err := io.ReadAll(migration)
	if err != nil {
		return err
	}
	body := strings.TrimSpace(string(b))
	if d.pending == nil {
		return d.Driver.Run(strings.NewReader(body))
	}
	if !strings.HasSuffix(body, commit) {
		if err := d.Driver.SetVersion(*d.pending, true); err != nil {
			return err
		}
		return d.Driver.Run(strings.NewReader(body))
	}
	version := "TRUNCATE public.schema_migrations;\n"
	if *d.pending != database.NilVersion {
		version += fmt.Sprintf("INSERT INTO public.schema_migrations (version, dirty) VALUES (%d, false);\n", *d.pending)
	}
	if err := d.Driver.Run(strings.NewReader(strings.TrimSuffix(body, commit) + version + commit)); err != nil {
		// The connection goes on to give the lock back.
		return errors.Join(cause(err), d.Driver.Run(strings.NewReader("ROLLBACK;")))
	}
	d.pending = nil
	return nil
}

// cause is Postgres' own error with its line, without the text of the whole file that the library adds.
func cause(err error) error {
	var failed database.Error
	if errors.As(err, &failed) && failed.OrigErr != nil {
		return fmt.Errorf("line %d: %w", failed.Line, failed.OrigErr)
	}
	return err
}
