package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"kortportal/internal/card"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// A store opens on a database that is ready, kept safe, and not its own; otherwise the error says what to do.
func TestOpenSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	safe := postgres.OpenOptions{}
	unsafe := postgres.OpenOptions{Unsafe: true} // as the tests' server is
	for name, c := range map[string]struct {
		before  string // what the owner does first
		owner   bool   // whether the owner opens it
		options postgres.OpenOptions
		want    error
		says    string
	}{
		"ready":                 {options: unsafe},
		"a load is under way":   {before: `REVOKE USAGE ON SCHEMA public FROM kortportal_app`, options: unsafe, want: postgres.ErrNotReady, says: "being loaded"},
		"no tables":             {before: `DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO kortportal_app`, options: unsafe, want: postgres.ErrNotReady, says: "kortportal migrate"},
		"the owner":             {owner: true, options: unsafe, want: postgres.ErrUnfit, says: "history"},
		"data that may be lost": {options: safe, want: postgres.ErrUnfit, says: "fsync"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			if _, err := db.Owner.Exec(t.Context(), c.before); err != nil {
				t.Fatal(err)
			}
			url := db.AppURL
			if c.owner {
				url = db.OwnerURL
			}
			store, err := postgres.Open(t.Context(), url, c.options)
			if err == nil {
				store.Close()
			}
			if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("Open: %v, want %v that says %q", err, c.want, c.says)
			}
		})
	}
}

// What somebody has set for the application's role, which may do so itself, does not keep the portal from working.
func TestSettingsOfTheRoleDoNotCount(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	for _, setting := range []string{"search_path = 'x'", "default_transaction_isolation = 'serializable'", "default_transaction_read_only = 'on'", "statement_timeout = 1"} {
		var statement string
		if err := r.App.QueryRow(t.Context(), `SELECT format('ALTER ROLE kortportal_app IN DATABASE %I SET ', current_database())`).Scan(&statement); err != nil {
			t.Fatal(err)
		}
		if _, err := r.App.Exec(t.Context(), statement+setting); err != nil {
			t.Fatal(err)
		}
	}
	store, err := postgres.Open(t.Context(), r.AppURL, postgres.OpenOptions{Unsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Act(t.Context(), c.Orderer, card.Command{Card: k.ID, Version: k.Version, Action: card.Block, Reason: card.Lost}); err != nil {
		t.Error(err)
	}
}
