package main

import (
	"context"
	"log/slog"
	"net/http"

	"kortportal/internal/config"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
	"kortportal/internal/server"
)

// portal puts the parts together: schema, keys, store, pages. The store is to be closed when the last request is answered.
func portal(ctx context.Context, cfg config.Config, db *database, log *slog.Logger) (handler http.Handler, closeStore func(), err error) {
	if err := db.migrate(ctx, log); err != nil {
		return nil, nil, err
	}
	pins, err := pin.Open(db.keyset)
	if err != nil {
		return nil, nil, err
	}
	store, err := postgres.Open(ctx, db.appURL, postgres.OpenOptions{Pins: pins})
	if err != nil {
		return nil, nil, err
	}
	return server.New(store, store.Sessions(), server.Options{
		Log:            log,
		TrustedProxies: cfg.TrustedProxies,
		HTTPS:          cfg.Environment == config.Prod,
	}), store.Close, nil
}
