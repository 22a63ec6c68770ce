// Command kortportal is the whole portal in one binary: the web server and the commands of its operator.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"kortportal/internal/config"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, restore) // the second Ctrl-C does not wait
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "kortportal:", err)
	var usage usageError
	if errors.As(err, &usage) {
		os.Exit(2)
	}
	os.Exit(1)
}

// commands are what the binary can do, one file each.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Run the portal. Without DATABASE_URL it brings its own database, under ./var."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database to the newest schema, take the newest migration back, or tell the version."`
	Demo       demoCommand       `cmd:"" help:"Fill an empty database with an invented country, and print who can log in."`
	User       userCommand       `cmd:"" help:"Add people, give them roles, reset passwords."`
	PINKey     pinKeyCommand     `cmd:"" name:"pin-key" help:"Make the file with the keys that encrypt PINs, or add a new key to it."`
	Gallery    galleryCommand    `cmd:"" help:"Show every page in every state, without a database."`
	Version    versionCommand    `cmd:"" help:"Tell which build this is."`
	DecodeHEIC decodeHEICCommand `cmd:"" hidden:"" help:"Decode a HEIC file from the input, for the portal."`
	Health     healthCommand     `cmd:"" hidden:"" help:"Ask the portal on this machine whether it lives, for containers."`
}

const description = `Kortportal looks after the identity cards that a company's people carry on construction sites.

Configuration, by environment (for each secret X also X_FILE, the name of a file that holds it):

  LISTEN_ADDR           where to listen, :8080 by default
  DATABASE_URL          PostgreSQL as the application's role kortportal_app (secret);
                        without it the portal runs a private server under ./var
  MIGRATE_DATABASE_URL  the same database as its owner kortportal_owner, for migrate,
                        demo, pin-key rotate and making issuers (secret)
  PIN_KEYSET_FILE       the keys that encrypt PINs, mode 0600
  SMTP_ADDR             the mail server, host:port; without it the embedded database shows its mails
                        under /dev/mail, and elsewhere messages wait
  SMTP_USER, SMTP_PASSWORD  where the mail server wants a log-in (secret)
  SMTP_TLS              required (the default), opportunistic or none
  MAIL_FROM             the address that mails come from
  PUBLIC_URL            where people find the portal; links in mails lead there
  TRUSTED_PROXIES       networks whose X-Forwarded-For is believed, such as 10.0.0.0/8
  APP_ENV               dev or prod; prod is the default with DATABASE_URL`

// app is what every command gets from the world.
type app struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// config is the checked configuration and the log that goes with it.
func (a *app) config() (config.Config, *slog.Logger, error) {
	cfg, err := config.FromEnv(a.getenv)
	if err != nil {
		return config.Config{}, nil, err
	}
	if cfg.Environment == config.Prod {
		return cfg, slog.New(slog.NewJSONHandler(a.stderr, nil)), nil
	}
	return cfg, slog.New(slog.NewTextHandler(a.stderr, nil)), nil
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// run is the program without the process around it: a test can call it. It returns when the command is done or, after ctx ends, when
// everything is stopped.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(append([]string{}, args[1:]...), "--help")
	}
	helped := false
	parser, err := kong.New(&commands{},
		kong.Name("kortportal"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), // kong ends the process after help
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&app{getenv: getenv, stdin: os.Stdin, stdout: stdout, stderr: stderr}),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return usageError{fmt.Errorf("%w; kortportal help tells more", err)}
	}
	return command.Run()
}
