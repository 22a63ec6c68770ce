package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"kortportal/internal/postgres"
	"kortportal/migrations"
)

// server is the one that the tests of this process use, with the address of each role.
type server struct {
	Super, Owner, App string

	users    *os.File // keeps a shared server running as long as this process lives
	template func() (string, error)
}

func findServer() (*server, error) {
	ctx := context.Background()
	var s *server
	var err error
	if address := os.Getenv("TEST_DATABASE_URL"); address != "" {
		s, err = given(address)
	} else {
		s, err = joinShared(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.template = sync.OnceValues(func() (string, error) { return s.makeTemplate(ctx) })
	return s, nil
}

// given uses a server of the operator. The passwords of our roles follow from its address, so that all test processes
// agree on them.
func given(super string) (*server, error) {
	address, err := url.Parse(super)
	if err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL: %w", err)
	}
	as := func(role string) string {
		sum := sha256.Sum256([]byte(role + " " + super))
		u := *address
		u.User = url.UserPassword(role, hex.EncodeToString(sum[:16]))
		return u.String()
	}
	return &server{Super: super, Owner: as(postgres.OwnerRole), App: as(postgres.AppRole)}, nil
}

// decodeServer reads what encode wrote, nil if that was cut short.
func decodeServer(b []byte) *server {
	s := new(server)
	if err := json.Unmarshal(b, s); err != nil {
		return nil
	}
	return s
}

func (s *server) encode() ([]byte, error) {
	return json.Marshal(map[string]string{"Super": s.Super, "Owner": s.Owner, "App": s.App})
}

// answers tells whether the server is there.
func (s *server) answers(ctx context.Context) bool {
	conn, err := pgx.Connect(ctx, s.Super)
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

// makeTemplate makes the migrated database that tests copy, unless another process has made it.
func (s *server) makeTemplate(ctx context.Context) (name string, err error) {
	content, err := migrationsHash()
	if err != nil {
		return "", err
	}
	name = "kortportal_template_" + content
	super, err := pgx.Connect(ctx, s.Super)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, super.Close(ctx)) }() // gives the lock back

	if _, err := super.Exec(ctx, `SELECT pg_advisory_lock(hashtext($1))`, "kortportal_template"); err != nil {
		return "", fmt.Errorf("wait for the template: %w", err)
	}
	var ready bool
	const q = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)`
	if err := super.QueryRow(ctx, q, name).Scan(&ready); err != nil {
		return "", fmt.Errorf("look for the template: %w", err)
	}
	if ready {
		return name, nil
	}
	if err := s.fillTemplate(ctx, super, name); err != nil {
		return "", fmt.Errorf("make the template: %w", err)
	}
	return name, nil
}

func (s *server) fillTemplate(ctx context.Context, super *pgx.Conn, name string) error {
	quoted := pgx.Identifier{name}.Sanitize()
	// One without the mark of a template was left by a process that did not come to its end.
	if _, err := super.Exec(ctx, `DROP DATABASE IF EXISTS `+quoted+` WITH (FORCE)`); err != nil {
		return err
	}
	for role, address := range map[string]string{postgres.OwnerRole: s.Owner, postgres.AppRole: s.App} {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		password, _ := u.User.Password()
		if err := postgres.EnsureRole(ctx, super, role, password); err != nil {
			return err
		}
	}
	if err := postgres.CreateDatabase(ctx, super, name, "template0"); err != nil {
		return err
	}
	owner, err := inDatabase(s.Owner, name)
	if err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, owner, quiet()); err != nil {
		return err
	}
	_, err = super.Exec(ctx, `ALTER DATABASE `+quoted+` WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`)
	return err
}

// migrationsHash names a template after the content of the migrations.
func migrationsHash() (string, error) {
	files, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, file := range files {
		b, err := fs.ReadFile(migrations.FS, file)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", file, len(b), b) // a hash takes everything
	}
	jobs, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", err
	}
	_, _ = fmt.Fprintf(sum, "job tables %d\n", len(jobs.AllVersions()))
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// inDatabase is an address with another database.
func inDatabase(address, database string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}
