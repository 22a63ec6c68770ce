// Package config reads what the operator decides, from the environment. It knows neither HTTP nor SQL: what the settings do is
// decided by those who get them.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// Environment tells how strict the portal is with itself.
type Environment string

const (
	// Dev is for one's own machine: demo data are allowed, the log is for human eyes.
	Dev Environment = "dev"
	// Prod is for real cards: it needs a database and a keyset of the operator's own and refuses demo data.
	Prod Environment = "prod"
)

// Config is a checked configuration.
type Config struct {
	Environment        Environment
	ListenAddr         string
	DatabaseURL        Secret // of the application's role; empty for the embedded database
	MigrateDatabaseURL Secret // of the owner's role; may be empty where the server does not migrate
	PINKeysetFile      string // empty for the one that the embedded database brings
	TrustedProxies     []netip.Prefix
	SMTP               SMTP
	PublicURL          *url.URL // where people find the portal; nil for the address that it listens on
}

// SMTP is the operator's mail server. Without an Addr no mail is sent: the embedded database brings a mail catcher, elsewhere messages wait.
type SMTP struct {
	Addr     string // host:port
	User     string // empty to send without logging in
	Password Secret
	TLS      string // required, opportunistic or none
	From     string // the address that mails come from
}

// Embedded reports whether the portal brings its own database.
func (c Config) Embedded() bool { return c.DatabaseURL == "" }

// FromEnv reads the configuration through getenv, such as os.Getenv. Its error names every problem there is, one a line,
// and no secret. Each secret X may instead be given as the name of a file, in X_FILE.
func FromEnv(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	c := Config{
		ListenAddr:         r.listenAddr("LISTEN_ADDR", ":8080"),
		DatabaseURL:        r.databaseURL("DATABASE_URL"),
		MigrateDatabaseURL: r.databaseURL("MIGRATE_DATABASE_URL"),
		TrustedProxies:     r.prefixes("TRUSTED_PROXIES"),
		PINKeysetFile:      getenv("PIN_KEYSET_FILE"),
		SMTP: SMTP{
			Addr: r.smtpAddr("SMTP_ADDR"), User: getenv("SMTP_USER"), Password: r.secret("SMTP_PASSWORD"), TLS: r.smtpTLS("SMTP_TLS"),
			From: r.mailFrom("MAIL_FROM"),
		},
		PublicURL: r.publicURL("PUBLIC_URL"),
	}
	given := r.present("DATABASE_URL")
	c.Environment = r.environment("APP_ENV", given)
	r.checkDatabases(c, given)
	r.checkKeyset(c, given)
	r.checkMail(c)
	if err := errors.Join(r.problems...); err != nil {
		return Config{}, fmt.Errorf("configuration:\n%w", err)
	}
	return c, nil
}

// reader collects problems instead of stopping at the first.
type reader struct {
	getenv   func(string) string
	problems []error
}

func (r *reader) problem(name, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(name+": "+format, args...))
}

// present reports whether a secret is given at all, well or badly.
func (r *reader) present(name string) bool {
	return r.getenv(name) != "" || r.getenv(name+"_FILE") != ""
}

func (r *reader) secret(name string) Secret {
	value, file := r.getenv(name), r.getenv(name+"_FILE")
	if file == "" {
		return Secret(value)
	}
	if value != "" {
		r.problem(name, "is given twice, here and in %s_FILE", name)
		return Secret(value)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		r.problem(name+"_FILE", "%w", err)
		return ""
	}
	content := strings.TrimSpace(string(b))
	if content == "" {
		r.problem(name+"_FILE", "%s is empty", file)
	}
	return Secret(content)
}

func (r *reader) databaseURL(name string) Secret {
	s := r.secret(name)
	if s == "" {
		return ""
	}
	// The parser's own message would repeat the address with its password.
	if u, err := url.Parse(s.Reveal()); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		r.problem(name, "is not an address like postgres://user:password@host:5432/database")
		return ""
	}
	return s
}

func (r *reader) listenAddr(name, standard string) string {
	value := r.getenv(name)
	if value == "" {
		return standard
	}
	if _, err := net.ResolveTCPAddr("tcp", value); err != nil {
		r.problem(name, "%q is not an address to listen on, such as :8080 or 127.0.0.1:8080", value)
	}
	return value
}

// prefixes reads a list of networks and single addresses.
func (r *reader) prefixes(name string) []netip.Prefix {
	var all []netip.Prefix
	for _, word := range strings.FieldsFunc(r.getenv(name), func(c rune) bool { return c == ',' || c == ' ' }) {
		prefix, err := netip.ParsePrefix(word)
		if addr, addrErr := netip.ParseAddr(word); addrErr == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		switch {
		case err != nil:
			r.problem(name, "%q is neither an address nor a network such as 10.0.0.0/8", word)
		case prefix.Bits() == 0:
			r.problem(name, "%s trusts everybody, who could then pretend to come from any address", word)
		default:
			all = append(all, prefix.Masked())
		}
	}
	return all
}

func (r *reader) environment(name string, databaseGiven bool) Environment {
	switch value := Environment(r.getenv(name)); value {
	case Dev, Prod:
		return value
	case "":
		if databaseGiven {
			return Prod
		}
		return Dev
	default:
		r.problem(name, "%q is neither dev nor prod", string(value))
		return Prod
	}
}

func (r *reader) checkDatabases(c Config, given bool) {
	switch {
	case !given && c.Environment == Prod:
		r.problem("DATABASE_URL", "is needed with APP_ENV=prod")
	case !given && c.MigrateDatabaseURL != "":
		r.problem("DATABASE_URL", "is needed with MIGRATE_DATABASE_URL")
	case c.DatabaseURL != "" && c.DatabaseURL.user() != "" && c.DatabaseURL.user() == c.MigrateDatabaseURL.user():
		r.problem("DATABASE_URL", "names the same role as MIGRATE_DATABASE_URL; the server must not own its tables")
	}
}

func (r *reader) checkKeyset(c Config, databaseGiven bool) {
	const name = "PIN_KEYSET_FILE"
	if c.PINKeysetFile == "" {
		if databaseGiven || c.Environment == Prod {
			r.problem(name, "is needed with a database of your own; kortportal pin-key create makes one")
		}
		return
	}
	info, err := os.Stat(c.PINKeysetFile)
	switch {
	case errors.Is(err, os.ErrNotExist): // the commands that read it say so; pin-key create makes it
	case err != nil:
		r.problem(name, "%w", err)
	case !info.Mode().IsRegular():
		r.problem(name, "%s is not a file", c.PINKeysetFile)
	case info.Mode().Perm()&0o077 != 0:
		r.problem(name, "%s can be read by others than its owner (mode %04o): chmod 600", c.PINKeysetFile, info.Mode().Perm())
	}
}

func (r *reader) smtpAddr(name string) string {
	value := r.getenv(name)
	if value == "" {
		return ""
	}
	if host, port, err := net.SplitHostPort(value); err != nil || host == "" || port == "" {
		r.problem(name, "%q is not a mail server such as smtp.example.com:587", value)
	}
	return value
}

func (r *reader) smtpTLS(name string) string {
	switch value := r.getenv(name); value {
	case "required", "opportunistic", "none", "": // which is required
		return value
	default:
		r.problem(name, "%q is neither required, opportunistic nor none", value)
		return "required"
	}
}

func (r *reader) mailFrom(name string) string {
	value := r.getenv(name)
	if value == "" {
		return ""
	}
	if _, err := mail.ParseAddress(value); err != nil {
		r.problem(name, "%q is not an address such as Kortportal <kort@example.com>", value)
	}
	return value
}

func (r *reader) publicURL(name string) *url.URL {
	value := r.getenv(name)
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		r.problem(name, "is not an address such as https://kort.example.com")
		return nil
	}
	return u
}

// checkMail looks at what goes together: a mail server needs a sender, and in production links that nobody reads on the way.
func (r *reader) checkMail(c Config) {
	prod := c.Environment == Prod
	if prod && c.PublicURL != nil && c.PublicURL.Scheme != "https" {
		r.problem("PUBLIC_URL", "must begin with https:// in production")
	}
	if c.SMTP.Addr == "" {
		for _, name := range []string{"SMTP_USER", "SMTP_PASSWORD", "SMTP_PASSWORD_FILE", "SMTP_TLS", "MAIL_FROM"} {
			if r.getenv(name) != "" {
				r.problem("SMTP_ADDR", "is needed with %s", name)
			}
		}
		return
	}
	if c.SMTP.From == "" && r.getenv("MAIL_FROM") == "" {
		r.problem("MAIL_FROM", "is needed with SMTP_ADDR")
	}
	if (c.SMTP.User == "") != !r.present("SMTP_PASSWORD") {
		r.problem("SMTP_USER", "and SMTP_PASSWORD go together")
	}
	if prod && c.SMTP.TLS == "none" {
		r.problem("SMTP_TLS", "none is for one's own machine: mails carry personal links")
	}
	if prod && r.getenv("PUBLIC_URL") == "" {
		r.problem("PUBLIC_URL", "is needed with SMTP_ADDR: mails lead there")
	}
}
