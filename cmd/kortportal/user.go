package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
)

type userCommand struct {
	Add      userAdd      `cmd:"" help:"Add a person with a login. Asks for the identity number on standard input, so that it stays out of the shell's history."`
	Invite   userInvite   `cmd:"" help:"Make somebody administrator or orderer of a company, and send a mail with a link where the person chooses a password. Asks for the identity number on standard input."`
	Password userPassword `cmd:"" help:"Give a login a new password and log the person out everywhere."`
	Grant    userGrant    `cmd:"" help:"Make somebody administrator or orderer of a company, or issuer."`
	Revoke   userRevoke   `cmd:"" help:"End somebody's role. What the person did stays in the history."`
	Disable  userDisable  `cmd:"" help:"Close a login and log the person out everywhere."`
}

type userAdd struct {
	Email    string `arg:"" help:"The e-mail address to log in with."`
	Given    string `required:"" help:"Given name."`
	Family   string `required:"" help:"Family name."`
	Language string `default:"sv" enum:"sv,en" help:"Language of the pages: sv or en."`
	secretFlags
}

type userInvite struct {
	Email    string `arg:"" help:"The e-mail address to write to, and to log in with."`
	Role     string `arg:"" enum:"administrator,orderer" help:"administrator or orderer."`
	Company  string `required:"" help:"Organisation number of the company."`
	Given    string `required:"" help:"Given name."`
	Family   string `required:"" help:"Family name."`
	Language string `default:"sv" enum:"sv,en" help:"Language of the mail and the pages: sv or en."`
}

type userPassword struct {
	Email string `arg:"" help:"The e-mail address of the login."`
	secretFlags
}

type userGrant struct {
	Email       string `arg:"" help:"The e-mail address of the login."`
	Role        string `arg:"" enum:"administrator,orderer,issuer" help:"administrator, orderer or issuer."`
	Company     string `help:"Organisation number of the company."`
	CompanyName string `help:"Name of the company, to make it when there is none with this number."`
}

type userRevoke struct {
	Email   string `arg:"" help:"The e-mail address of the login."`
	Role    string `arg:"" enum:"administrator,orderer,issuer" help:"administrator, orderer or issuer."`
	Company string `help:"Organisation number of the company."`
}

type userDisable struct {
	Email string `arg:"" help:"The e-mail address of the login."`
}

// secretFlags say where a password comes from. It is never an argument.
type secretFlags struct {
	PasswordStdin bool `help:"Read the password from standard input instead of making one."`
}

func (c userAdd) Run(ctx context.Context, a *app) error {
	email, err := account.ParseEmail(c.Email)
	if err != nil {
		return err
	}
	return a.withStore(ctx, func(s *postgres.Store, _ *database) error {
		in := bufio.NewReader(a.stdin)
		identity, err := a.askIdentity(ctx, s, in)
		if err != nil {
			return err
		}
		password, err := a.askPassword(in, c.PasswordStdin)
		if err != nil {
			return err
		}
		_, err = s.AddPerson(ctx, account.NewPerson{
			Identity: identity, Given: c.Given, Family: c.Family, Email: email, Password: password, Language: c.Language,
		})
		if errors.Is(err, account.ErrTaken) {
			return errors.New("there is somebody with this identity number or e-mail address already")
		}
		return err
	})
}

// Run writes the message; the portal sends it while it runs.
func (c userInvite) Run(ctx context.Context, a *app) error {
	email, err := account.ParseEmail(c.Email)
	if err != nil {
		return err
	}
	number, err := account.ParseOrgNumber(c.Company)
	if err != nil {
		return fmt.Errorf("--company: %w", err)
	}
	return a.withStore(ctx, func(s *postgres.Store, _ *database) error {
		company, err := s.CompanyByOrgNumber(ctx, number)
		if err != nil {
			return fmt.Errorf("--company: %w", err)
		}
		identity, err := a.askIdentity(ctx, s, bufio.NewReader(a.stdin))
		if err != nil {
			return err
		}
		err = s.Invite(ctx, account.NewMember{
			Identity: identity, Given: c.Given, Family: c.Family, Email: email, Language: c.Language, Company: company, Roles: []account.Role{account.Role(c.Role)},
		})
		if errors.Is(err, account.ErrTaken) {
			return errors.New("somebody with this identity number or e-mail address logs in already: user grant gives a role")
		}
		return err
	})
}

func (c userPassword) Run(ctx context.Context, a *app) error {
	return a.withPerson(ctx, c.Email, func(s *postgres.Store, _ *database, person account.PersonID) error {
		password, err := a.askPassword(bufio.NewReader(a.stdin), c.PasswordStdin)
		if err != nil {
			return err
		}
		return s.SetPassword(ctx, person, password)
	})
}

func (c userGrant) Run(ctx context.Context, a *app) error {
	return a.withPerson(ctx, c.Email, func(s *postgres.Store, db *database, person account.PersonID) error {
		if account.Role(c.Role) == account.Issuer {
			return asOwner(ctx, db, func(owner *pgx.Conn) error { return postgres.AddIssuer(ctx, owner, person) })
		}
		number, err := account.ParseOrgNumber(c.Company)
		if err != nil {
			return fmt.Errorf("--company: %w", err)
		}
		company, err := s.CompanyByOrgNumber(ctx, number)
		if errors.Is(err, account.ErrNotFound) && c.CompanyName != "" {
			company, err = s.AddCompany(ctx, c.CompanyName, number)
		}
		if err != nil {
			return err
		}
		return s.AddRole(ctx, person, company, account.Role(c.Role))
	})
}

func (c userRevoke) Run(ctx context.Context, a *app) error {
	return a.withPerson(ctx, c.Email, func(s *postgres.Store, db *database, person account.PersonID) error {
		if account.Role(c.Role) == account.Issuer {
			return asOwner(ctx, db, func(owner *pgx.Conn) error { return postgres.EndIssuer(ctx, owner, person) })
		}
		number, err := account.ParseOrgNumber(c.Company)
		if err != nil {
			return fmt.Errorf("--company: %w", err)
		}
		company, err := s.CompanyByOrgNumber(ctx, number)
		if err != nil {
			return err
		}
		return s.EndRole(ctx, person, company, account.Role(c.Role))
	})
}

func (c userDisable) Run(ctx context.Context, a *app) error {
	return a.withPerson(ctx, c.Email, func(s *postgres.Store, _ *database, person account.PersonID) error {
		return s.DisableLogin(ctx, person)
	})
}

// askIdentity reads a personnummer, or a country and a passport number.
func (a *app) askIdentity(ctx context.Context, s *postgres.Store, in *bufio.Reader) (account.Identity, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return account.Identity{}, err
	}
	line, err := a.ask(in, "Personnummer, or country and passport number (PL AB1234567): ")
	if err != nil {
		return account.Identity{}, err
	}
	if number, err := account.ParsePersonalNumber(line, now); err == nil {
		return account.SwedishIdentity(number), nil
	}
	country, number, _ := strings.Cut(line, " ")
	return account.PassportIdentity(country, number)
}

// askPassword reads the password or makes one, which it prints once.
func (a *app) askPassword(in *bufio.Reader, fromStdin bool) (string, error) {
	if !fromStdin {
		password := strings.ToLower(rand.Text()[:20])
		_, err := fmt.Fprintln(a.stdout, "password:", password)
		return password, err
	}
	password, err := a.ask(in, "Password: ")
	if err == nil && len([]rune(password)) < account.ShortestPassword {
		err = fmt.Errorf("a password has at least %d characters", account.ShortestPassword)
	}
	return password, err
}

func (a *app) ask(in *bufio.Reader, question string) (string, error) {
	if _, err := fmt.Fprint(a.stderr, question); err != nil {
		return "", err
	}
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// withStore opens the database, joining the server that may run on it, and lends the store.
func (a *app) withStore(ctx context.Context, do func(*postgres.Store, *database) error) (err error) {
	cfg, log, err := a.config()
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, cfg, true, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if db.local != nil {
		if err := db.migrate(ctx, log); err != nil {
			return err
		}
	}
	pins, err := pin.Open(db.keyset)
	if err != nil {
		return err
	}
	store, err := postgres.Open(ctx, db.appURL, postgres.OpenOptions{Pins: pins})
	if err != nil {
		return err
	}
	defer store.Close()
	return do(store, db)
}

func (a *app) withPerson(ctx context.Context, email string, do func(*postgres.Store, *database, account.PersonID) error) error {
	address, err := account.ParseEmail(email)
	if err != nil {
		return err
	}
	return a.withStore(ctx, func(s *postgres.Store, db *database) error {
		person, err := s.PersonByEmail(ctx, address)
		if err != nil {
			return err
		}
		return do(s, db, person)
	})
}

// asOwner lends the connection of the role that owns the database: only it makes issuers.
func asOwner(ctx context.Context, db *database, do func(*pgx.Conn) error) (err error) {
	if db.ownerURL == "" {
		return errors.New("MIGRATE_DATABASE_URL is needed: only the owner of the database makes issuers")
	}
	owner, err := pgx.Connect(ctx, db.ownerURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, owner.Close(context.WithoutCancel(ctx))) }()
	return do(owner)
}
