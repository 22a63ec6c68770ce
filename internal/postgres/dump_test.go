package postgres_test

import (
	"strings"
	"testing"

	"kortportal/internal/postgres/pgtest"
)

// everything is the content of all tables as text, as a dump shows it.
func everything(t *testing.T, r *pgtest.Register) string {
	t.Helper()
	conn, err := r.Owner.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	var b strings.Builder
	for _, table := range texts(t, r.Owner, `
		SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class
		WHERE relnamespace IN ('public'::regnamespace, 'river'::regnamespace) AND relkind = 'r' ORDER BY 1`) {
		b.WriteString(table + "\n")
		if _, err := conn.Conn().PgConn().CopyTo(t.Context(), &b, `COPY `+table+` TO STDOUT`); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
