package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kortportal/internal/card"
	"kortportal/internal/demo"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

func TestDemoFillsADatabaseOnce(t *testing.T) {
	db := pgtest.New(t)
	keyset := filepath.Join(t.TempDir(), "keys")
	if err := pin.Create(keyset); err != nil {
		t.Fatal(err)
	}
	settings := []string{"DATABASE_URL", db.AppURL, "MIGRATE_DATABASE_URL", db.OwnerURL, "PIN_KEYSET_FILE", keyset}

	if _, err := output(t, environment(settings...), "demo"); err == nil || !strings.Contains(err.Error(), "APP_ENV=prod") {
		t.Errorf("demo in production: %v", err)
	}
	settings = append(settings, "APP_ENV", "dev")
	if _, err := output(t, environment(settings...), "demo", "--cards", "10"); err == nil || !strings.Contains(err.Error(), "10 cards") {
		t.Errorf("demo with ten cards: %v", err)
	}
	out, err := output(t, environment(settings...), "demo", "--cards", "300", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var logins []demo.Login
	if err := json.Unmarshal([]byte(out), &logins); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(demo.Logins(), logins, cmpopts.IgnoreFields(demo.Login{}, "Cards")); diff != "" {
		t.Errorf("log-ins:\n%s", diff)
	}
	// Whoever tries the portal out has the demo people's cards at hand by their numbers.
	for _, l := range logins {
		var numbers string
		const q = `SELECT coalesce(string_agg(c.number, '; ' ORDER BY c.id), '') FROM cards c JOIN logins l ON l.person_id = c.person_id
			WHERE l.email = $1 AND c.status IN ('produced', 'active') AND c.valid_to >= today()`
		if err := db.Owner.QueryRow(t.Context(), q, l.Email).Scan(&numbers); err != nil || l.Cards != numbers || l.Role == "holder" && numbers == "" {
			t.Errorf("%s has %q at hand, want %q: %v", l.Email, l.Cards, numbers, err)
		}
	}
	if _, err := output(t, environment(settings...), "demo"); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("demo a second time: %v", err)
	}
}

// A database that is left alone may hold none of the demo people, or some: only who is there can log in.
func TestDemoTellsOnlyLoginsThatAreThere(t *testing.T) {
	r := pgtest.NewRegister(t) // which is not empty
	settings := environment("DATABASE_URL", r.AppURL, "MIGRATE_DATABASE_URL", r.OwnerURL, "PIN_KEYSET_FILE", r.Keyset, "APP_ENV", "dev")
	for _, want := range [][]demo.Login{{}, demo.Logins()[1:2]} {
		out, err := output(t, settings, "demo", "--if-empty", "--json")
		if err != nil {
			t.Fatal(err)
		}
		var got []demo.Login
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("log-ins:\n%s", diff)
		}
		if out, err = output(t, settings, "demo", "--if-empty"); err != nil || strings.Count(out, "@") != len(want) || strings.Contains(out, "ROLE") != (len(want) > 0) {
			t.Errorf("for people: %v\n%s", err, out)
		}
		// Two of the demo people come, and one of them is disabled.
		for _, l := range demo.Logins()[1:3] {
			if _, err := r.Owner.Exec(t.Context(), `INSERT INTO logins (person_id, email, password_hash, disabled_at) VALUES ($1, $2, 'x', CASE WHEN $3 THEN now() END)
				ON CONFLICT DO NOTHING`, r.NewPerson(t, card.Name{Given: "Demo", Family: "Person"}), l.Email, l != demo.Logins()[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestLoginsAreOneLineEach(t *testing.T) {
	var b strings.Builder
	if err := printLogins(&b, demo.Logins(), false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != len(demo.Logins())+1 {
		t.Errorf("%d lines for %d log-ins", len(lines), len(demo.Logins()))
	}
	for i, l := range demo.Logins() {
		if line := lines[i+1]; !strings.Contains(line, l.Email) || !strings.Contains(line, l.Password) {
			t.Errorf("line %d does not tell how %s logs in", i+1, l.Email)
		}
	}
}

// A load that was killed keeps the application out, until somebody migrates or loads again.
func TestMigrateTakesBackALoadThatWasKilled(t *testing.T) {
	db := pgtest.New(t)
	keyset := filepath.Join(t.TempDir(), "keys")
	if err := pin.Create(keyset); err != nil {
		t.Fatal(err)
	}
	application := []string{"DATABASE_URL", db.AppURL, "PIN_KEYSET_FILE", keyset}
	owner := append([]string{"MIGRATE_DATABASE_URL", db.OwnerURL}, application...)
	killAt(t, "demo data: loading card_events", owner, "demo", "--cards", "10000")

	_, err := output(t, environment(application...), "user", "disable", "nobody@kortportal.example")
	if !errors.Is(err, postgres.ErrNotReady) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the application in a load that was killed: %v", err)
	}
	if _, err := output(t, environment(owner...), "migrate"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.App.Exec(t.Context(), `SELECT FROM cards`); err != nil {
		t.Errorf("the application after migrate: %v", err)
	}
}

// killAt kills the portal's binary when it has logged a message.
func killAt(t *testing.T, message string, settings []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), args...)
	cmd.Env = append(os.Environ(), "APP_ENV=dev")
	for pair := range slices.Chunk(settings, 2) {
		cmd.Env = append(cmd.Env, pair[0]+"="+pair[1])
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	logged := false
	for lines := bufio.NewScanner(log); !logged && lines.Scan(); {
		logged = strings.Contains(lines.Text(), message)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) || !logged {
		t.Fatalf("kortportal %v: %v, logged %v", args, err, logged)
	}
}
