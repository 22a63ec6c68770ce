package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/pin"
	"kortportal/internal/postgres"
)

type pinKeyCommand struct {
	Create pinKeyCreate `cmd:"" help:"Make the file PIN_KEYSET_FILE with a first key. A file that is there is left alone."`
	Rotate pinKeyRotate `cmd:"" help:"Add a new key to the file and encrypt all PINs with it. The portal may run meanwhile; say it again to encrypt what was made with the old key since."`
}

type (
	pinKeyCreate struct{}
	pinKeyRotate struct{}
)

// Run may be repeated, as a start script does.
func (pinKeyCreate) Run(a *app) error {
	return a.withKeyset(func(path string) (string, error) {
		err := createKeyset(path)
		if errors.Is(err, fs.ErrExist) {
			return "left alone", nil
		}
		return "made", err
	})
}

// Run adds the key first, so that whatever happens then, every PIN can be read. Encrypting anew needs the owner's address.
func (pinKeyRotate) Run(ctx context.Context, a *app) (err error) {
	cfg, log, err := a.config()
	if err != nil {
		return err
	}
	if !cfg.Embedded() && cfg.MigrateDatabaseURL == "" {
		return errors.New("MIGRATE_DATABASE_URL is needed: the PINs are encrypted anew by the owner of the database")
	}
	db, err := openDatabase(ctx, cfg, true, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := pin.Rotate(db.keyset); err != nil {
		return err
	}
	ring, err := pin.Open(db.keyset)
	if err != nil {
		return err
	}
	owner, err := pgx.Connect(ctx, db.ownerURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, owner.Close(context.WithoutCancel(ctx))) }()
	count, err := postgres.ReencryptPINs(ctx, owner, ring)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "added a key to %s and encrypted %d PINs with it\n", db.keyset, count)
	return err
}

func (a *app) withKeyset(do func(path string) (done string, err error)) error {
	cfg, _, err := a.config()
	if err != nil {
		return err
	}
	path := keysetFile(cfg)
	done, err := do(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, done, path)
	return err
}
