package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kortportal/internal/pin"
)

// OpenWith is Open for a test that needs many connections at once, or to see what is asked of Postgres. The store hashes
// no passwords.
func OpenWith(ctx context.Context, url string, ring *pin.Keyring, conns int, tracer pgx.QueryTracer) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = int32(conns)
	cfg.ConnConfig.Tracer = tracer
	cfg.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	db, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Store{db: db, pins: ring}, nil
}

// Refusals are the names that have a meaning in the domain.
func Refusals() map[string]error { return refusals() }
