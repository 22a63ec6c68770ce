package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"

	"kortportal/internal/config"
	"kortportal/internal/photo"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
	"kortportal/internal/server"
)

// gcPercent lets rubbish grow to so many percent of what is in use before the collector comes, instead of as much again: the portal uses little,
// and the collector took a tenth of its time. GOGC overrules it.
const gcPercent = 400

// softMemoryLimit makes the collector work harder from here on, in bytes. A log-in takes 19 MiB for some 40 ms; left alone, the collector
// would let several of them pile up. GOMEMLIMIT overrules it.
const softMemoryLimit = 40 << 20

// portal puts the parts together: schema, keys, store, pages. The store is to be closed when the last request is answered.
func portal(ctx context.Context, cfg config.Config, db *database, caught server.Catcher, log *slog.Logger) (http.Handler, *postgres.Store, error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
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
	decoder, err := decodeHEIC()
	if err != nil {
		store.Close()
		return nil, nil, err
	}
	return server.New(store, store.Sessions(), server.Options{
		Log:            log,
		TrustedProxies: cfg.TrustedProxies,
		HTTPS:          cfg.Environment == config.Prod,
		Caught:         caught,
		Photos:         photo.Reader{HEIC: decoder},
	}), store, nil
}
