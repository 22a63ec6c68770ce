package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/config"
	"kortportal/internal/demo"
	"kortportal/internal/pin"
)

type demoCommand struct {
	Cards   int    `default:"2000" help:"How many cards, 200 to 10000000 (default ${default})."`
	Seed    uint64 `default:"1" help:"Another seed makes another country (default ${default})."`
	IfEmpty bool   `help:"Leave a database that is not empty alone, instead of failing."`
	JSON    bool   `name:"json" help:"Print the log-ins as JSON, one array of role, email, password and company."`
}

// Run fills an empty database and prints who can log in.
func (c demoCommand) Run(ctx context.Context, a *app) error {
	cfg, log, err := a.config()
	if err != nil {
		return err
	}
	if cfg.Environment == config.Prod {
		return errors.New("demo data are refused with APP_ENV=prod; a database of your own needs APP_ENV=dev for them")
	}
	if !cfg.Embedded() && cfg.MigrateDatabaseURL == "" {
		return errors.New("MIGRATE_DATABASE_URL is needed: the owner's address of the database")
	}
	db, err := openDatabase(ctx, cfg, true, log)
	if err != nil {
		return err
	}
	options := demo.Options{Cards: c.Cards, Seed: c.Seed}
	err = loadDemo(ctx, db, options, log)
	if c.IfEmpty && errors.Is(err, demo.ErrNotEmpty) {
		log.Info("the database is not empty and is left alone")
		err = nil
	}
	var logins []demo.Login
	if err == nil {
		logins, err = demoLogins(ctx, db)
	}
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	return printLogins(a.stdout, logins, c.JSON)
}

// loadDemo migrates the database and fills it, if it is empty.
func loadDemo(ctx context.Context, db *database, o demo.Options, log *slog.Logger) (err error) {
	if err := db.migrate(ctx, log); err != nil {
		return err
	}
	keyring, err := pin.Open(db.keyset)
	if err != nil {
		return err
	}
	owner, err := pgx.Connect(ctx, db.ownerURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, owner.Close(context.WithoutCancel(ctx))) }()
	o.Progress = func(what string) { log.Info("demo data: " + what) }
	country, err := demo.Load(ctx, owner, keyring, o)
	if err != nil {
		return err
	}
	log.Info("demo data are loaded", "companies", country.Companies, "persons", country.Persons, "cards", country.Cards)
	return nil
}

// demoLogins are the demo log-ins that are in the database: it may hold other people's data.
func demoLogins(ctx context.Context, db *database) (logins []demo.Login, err error) {
	owner, err := pgx.Connect(ctx, db.ownerURL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, owner.Close(context.WithoutCancel(ctx))) }()
	return demo.LoginsIn(ctx, owner)
}

// printLogins writes demo log-ins for people or for programs.
func printLogins(w io.Writer, logins []demo.Login, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(logins)
	}
	if len(logins) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, "ROLE\tE-MAIL\tPASSWORD\tCOMPANY\tCARDS AT HAND"); err != nil {
		return err
	}
	for _, l := range logins {
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", l.Role, l.Email, l.Password, l.Company, l.Cards); err != nil {
			return err
		}
	}
	return t.Flush()
}
