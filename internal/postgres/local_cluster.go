package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// clusterMajor is the major version of the cluster in a data directory, 0 when there is none yet.
func clusterMajor(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		// A cluster gets its place by a rename when it is whole, so only an empty folder may stand there.
		if err := os.Remove(data); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("%s is not a database cluster: %w", data, err)
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("version of the cluster in %s: %w", data, err)
	}
	return major, nil
}

// initCluster makes a cluster in a scratch folder and renames it when it is whole, so that a crash leaves nothing half made.
func initCluster(ctx context.Context, server programs, h home, password string, unsafe bool) error {
	pwfile := filepath.Join(h.dir, "initdb.password")
	if err := removeScratch(h.dir); err != nil {
		return err
	}
	// Another name each time: a killed run's initdb may be at work for another moment.
	scratch, err := os.MkdirTemp(h.dir, scratchPrefix)
	if err != nil {
		return err
	}
	if err := os.WriteFile(pwfile, []byte(password), 0o600); err != nil {
		return err
	}
	if err := errors.Join(h.own(scratch), h.own(pwfile)); err != nil {
		return err
	}
	argv := []string{
		"-D", scratch, "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256",
		"--username=" + superuser, "--pwfile=" + pwfile, "--no-instructions", "--data-checksums",
	}
	if unsafe {
		argv = append(argv, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, server.path("initdb"), argv...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = h.dir, h.environ(), h.attributes()
	endWithParent(cmd.SysProcAttr)
	runtime.LockOSThread() // whose end is the parent's
	out, err := cmd.CombinedOutput()
	runtime.UnlockOSThread()
	if err != nil {
		return errors.Join(fmt.Errorf("initdb: %w:\n%s", err, out), removeScratch(h.dir), os.Remove(pwfile))
	}
	if err := os.Remove(pwfile); err != nil {
		return err
	}
	return os.Rename(scratch, h.data())
}

const scratchPrefix = "data.new-"

// removeScratch removes what runs of initdb that were killed left.
func removeScratch(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, scratchPrefix+"*"))
	for _, folder := range left {
		removeErr := os.RemoveAll(folder)
		// The child of a killed initdb may write into the folder until it notices.
		for range 50 {
			if removeErr == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
			removeErr = os.RemoveAll(folder)
		}
		err = errors.Join(err, removeErr)
	}
	return err
}

// passwordFile has the form that psql and pg_dump read (PGPASSFILE).
const passwordFile = "pgpass"

// readPasswords reads the roles' passwords, and makes them for a cluster that is not made yet.
func readPasswords(dir string, clusterExists bool) (map[string]string, error) {
	path := filepath.Join(dir, passwordFile)
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && clusterExists:
		return nil, fmt.Errorf("the cluster in %s is there but its passwords are not: %w", dir, err)
	case errors.Is(err, fs.ErrNotExist):
		return makePasswords(path)
	case err != nil:
		return nil, err
	}
	passwords := make(map[string]string)
	for line := range strings.Lines(string(b)) {
		if field := strings.Split(strings.TrimSpace(line), ":"); len(field) == 5 {
			passwords[field[3]] = field[4]
		}
	}
	for _, role := range []string{superuser, OwnerRole, AppRole} {
		if passwords[role] == "" {
			return nil, fmt.Errorf("%s has no password for %s", path, role)
		}
	}
	return passwords, nil
}

func makePasswords(path string) (map[string]string, error) {
	passwords := make(map[string]string)
	var b strings.Builder
	for _, role := range []string{superuser, OwnerRole, AppRole} {
		passwords[role] = rand.Text()
		fmt.Fprintf(&b, "*:*:*:%s:%s\n", role, passwords[role])
	}
	scratch := path + ".new"
	if err := os.WriteFile(scratch, []byte(b.String()), 0o600); err != nil {
		return nil, err
	}
	return passwords, os.Rename(scratch, path)
}

// ensureDatabase makes the roles and the empty database that the migrations expect. It may be repeated after a crash.
func ensureDatabase(ctx context.Context, super *pgx.Conn, passwords map[string]string) error {
	for _, role := range []string{OwnerRole, AppRole} {
		if err := EnsureRole(ctx, super, role, passwords[role]); err != nil {
			return err
		}
	}
	var exists bool
	const q = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	if err := super.QueryRow(ctx, q, Database).Scan(&exists); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if exists {
		return nil
	}
	return CreateDatabase(ctx, super, Database, "template0")
}

// EnsureRole makes a role that may log in and nothing else, with that password, unless it exists. For operators of a cluster:
// the private server and tests.
func EnsureRole(ctx context.Context, super *pgx.Conn, role, password string) error {
	var exists bool
	if err := super.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role).Scan(&exists); err != nil {
		return fmt.Errorf("look for the role %s: %w", role, err)
	}
	if exists {
		return nil
	}
	create := fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD '%s'`, pgx.Identifier{role}.Sanitize(), strings.ReplaceAll(password, `'`, `''`))
	if _, err := super.Exec(ctx, create); err != nil {
		return fmt.Errorf("create the role %s: %w", role, err)
	}
	return nil
}

// CreateDatabase makes a database that belongs to the owner's role, sorts by bytes on every machine, and that nobody else
// may connect to but the application's role. template0 gives an empty one.
func CreateDatabase(ctx context.Context, super *pgx.Conn, name, template string) error {
	db, tmpl := pgx.Identifier{name}.Sanitize(), pgx.Identifier{template}.Sanitize()
	for _, statement := range []string{
		// Copying files costs two checkpoints, and the private server has nothing else to do; a template is copied in milliseconds.
		`CREATE DATABASE ` + db + ` OWNER ` + OwnerRole + ` TEMPLATE ` + tmpl + ` ENCODING 'UTF8' LOCALE 'C' STRATEGY FILE_COPY`,
		`REVOKE ALL ON DATABASE ` + db + ` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ` + db + ` TO ` + AppRole,
	} {
		if _, err := super.Exec(ctx, statement); err != nil {
			return fmt.Errorf("create the database %s: %w", name, err)
		}
	}
	return nil
}
