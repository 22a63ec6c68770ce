package postgres_test

import (
	"errors"
	"testing"

	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

func TestIsUnavailable(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	_, gone := postgres.Open(t.Context(), "postgres:///nobody?host=/nonexistent", postgres.OpenOptions{})
	_, slow := r.App.Exec(t.Context(), `SET statement_timeout = '1ms'; SELECT pg_sleep(10)`)
	_, wrong := r.App.Exec(t.Context(), `SELECT 1/0`)
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"no server":            {gone, true},
		"a statement too slow": {slow, true},
		"a fault of ours":      {wrong, false},
		"another error":        {errors.New("other"), false},
	} {
		if c.err == nil {
			t.Fatalf("%s: no error", name)
		}
		if got := r.Store.IsUnavailable(c.err); got != c.want {
			t.Errorf("%s: %t (%v)", name, got, c.err)
		}
	}
}
