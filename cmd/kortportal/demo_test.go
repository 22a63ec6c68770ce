package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/demo"
	"kortportal/internal/pin"
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
	if diff := cmp.Diff(demo.Logins(), logins); diff != "" {
		t.Errorf("log-ins:\n%s", diff)
	}
	if _, err := output(t, environment(settings...), "demo"); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("demo a second time: %v", err)
	}
}

func TestLoginsAreOneLineEach(t *testing.T) {
	var b strings.Builder
	if err := printLogins(&b, false); err != nil {
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
