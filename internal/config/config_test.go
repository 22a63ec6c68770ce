package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/config"
)

const (
	app   = "postgres://kortportal_app:hemligt@db/kortportal"
	owner = "postgres://kortportal_owner:hemligt@db/kortportal"
)

func from(env map[string]string) (config.Config, error) {
	return config.FromEnv(func(name string) string { return env[name] })
}

func file(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	return path
}

func TestFromEnv(t *testing.T) {
	keyset := file(t, "{}", 0o600)
	missing := filepath.Join(t.TempDir(), "missing")
	for name, test := range map[string]struct {
		env  map[string]string
		want config.Config
	}{
		"nothing set is the embedded database": {
			nil,
			config.Config{Environment: config.Dev, ListenAddr: ":8080"},
		},
		"a database of one's own is production": {
			map[string]string{"DATABASE_URL": app, "MIGRATE_DATABASE_URL": owner, "PIN_KEYSET_FILE": keyset},
			config.Config{Environment: config.Prod, ListenAddr: ":8080", DatabaseURL: app, MigrateDatabaseURL: owner, PINKeysetFile: keyset},
		},
		"unless it is said to be for development": {
			map[string]string{"DATABASE_URL": app, "PIN_KEYSET_FILE": keyset, "APP_ENV": "dev"},
			config.Config{Environment: config.Dev, ListenAddr: ":8080", DatabaseURL: app, PINKeysetFile: keyset},
		},
		"a keyset that is still to be made": {
			map[string]string{"DATABASE_URL": app, "PIN_KEYSET_FILE": missing},
			config.Config{Environment: config.Prod, ListenAddr: ":8080", DatabaseURL: app, PINKeysetFile: missing},
		},
		"secrets in files": {
			map[string]string{"DATABASE_URL_FILE": file(t, app+"\n", 0o444), "MIGRATE_DATABASE_URL_FILE": file(t, owner, 0o444), "PIN_KEYSET_FILE": keyset},
			config.Config{Environment: config.Prod, ListenAddr: ":8080", DatabaseURL: app, MigrateDatabaseURL: owner, PINKeysetFile: keyset},
		},
		"address and proxies": {
			map[string]string{"LISTEN_ADDR": "127.0.0.1:9000", "TRUSTED_PROXIES": "10.1.2.3/8, 192.0.2.7 ::1"},
			config.Config{Environment: config.Dev, ListenAddr: "127.0.0.1:9000", TrustedProxies: []netip.Prefix{
				netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("::1/128"),
			}},
		},
		"a mail server on one's own machine": {
			map[string]string{"SMTP_ADDR": "localhost:25", "SMTP_TLS": "none", "MAIL_FROM": "kort@localhost", "PUBLIC_URL": "http://localhost:9000"},
			config.Config{Environment: config.Dev, ListenAddr: ":8080", SMTP: config.SMTP{Addr: "localhost:25", TLS: "none", From: "kort@localhost"},
				PublicURL: &url.URL{Scheme: "http", Host: "localhost:9000"}},
		},
		"a mail server in production": {
			map[string]string{"DATABASE_URL": app, "PIN_KEYSET_FILE": keyset, "SMTP_ADDR": "mail:587", "SMTP_USER": "kort", "SMTP_PASSWORD_FILE": file(t, "hemligt", 0o400),
				"MAIL_FROM": "Kortportal <kort@example.com>", "PUBLIC_URL": "https://kort.example.com"},
			config.Config{Environment: config.Prod, ListenAddr: ":8080", DatabaseURL: app, PINKeysetFile: keyset,
				SMTP:      config.SMTP{Addr: "mail:587", User: "kort", Password: "hemligt", From: "Kortportal <kort@example.com>"},
				PublicURL: &url.URL{Scheme: "https", Host: "kort.example.com"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := from(test.env)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFromEnvRefuses(t *testing.T) {
	keyset := file(t, "{}", 0o600)
	with := func(name, value string) map[string]string {
		env := map[string]string{"DATABASE_URL": app, "PIN_KEYSET_FILE": keyset}
		env[name] = value
		return env
	}
	// In production, with one setting of the mail server changed.
	mail := func(name, value string) map[string]string {
		env := with("SMTP_ADDR", "mail:587")
		env["MAIL_FROM"], env["PUBLIC_URL"], env["SMTP_TLS"] = "kort@example.com", "https://kort.example.com", "opportunistic"
		env[name] = value
		return env
	}
	if _, err := from(mail("SMTP_TLS", "required")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		env  map[string]string
		want string
	}{
		"mails that anybody can read":     {mail("SMTP_TLS", "none"), "SMTP_TLS: none is for one's own machine"},
		"an unknown encryption":           {mail("SMTP_TLS", "ssl"), `SMTP_TLS: "ssl" is neither`},
		"a mail server without a port":    {mail("SMTP_ADDR", "mail"), "SMTP_ADDR: "},
		"mails from nobody":               {mail("MAIL_FROM", ""), "MAIL_FROM: is needed with SMTP_ADDR"},
		"mails from no address":           {mail("MAIL_FROM", "kort"), "MAIL_FROM: "},
		"mails that lead nowhere":         {mail("PUBLIC_URL", ""), "PUBLIC_URL: is needed with SMTP_ADDR"},
		"mails that lead through the air": {mail("PUBLIC_URL", "http://kort.example.com"), "PUBLIC_URL: must begin with https://"},
		"an address with a query":         {mail("PUBLIC_URL", "https://kort.example.com/?a=b"), "PUBLIC_URL: is not an address"},
		"a user without a password":       {mail("SMTP_USER", "kort"), "SMTP_USER: and SMTP_PASSWORD go together"},
		"a password without a user":       {mail("SMTP_PASSWORD", "hemligt"), "SMTP_USER: and SMTP_PASSWORD go together"},
		"a sender without a server":       {with("MAIL_FROM", "kort@example.com"), "SMTP_ADDR: is needed with MAIL_FROM"},
		"production without a database":   {map[string]string{"APP_ENV": "prod", "PIN_KEYSET_FILE": keyset}, "DATABASE_URL: is needed with APP_ENV=prod"},
		"only the owner's address":        {map[string]string{"MIGRATE_DATABASE_URL": owner}, "DATABASE_URL: is needed with MIGRATE_DATABASE_URL"},
		"one role for both":               {with("MIGRATE_DATABASE_URL", app), "DATABASE_URL: names the same role"},
		"a database without a keyset":     {map[string]string{"DATABASE_URL": app}, "PIN_KEYSET_FILE: is needed"},
		"a keyset open to the group":      {with("PIN_KEYSET_FILE", file(t, "{}", 0o640)), "PIN_KEYSET_FILE: "},
		"a keyset open to all":            {with("PIN_KEYSET_FILE", file(t, "{}", 0o604)), "chmod 600"},
		"a keyset that is a folder":       {with("PIN_KEYSET_FILE", t.TempDir()), "is not a file"},
		"an unknown environment":          {with("APP_ENV", "staging"), `APP_ENV: "staging" is neither dev nor prod`},
		"no address of a database":        {with("DATABASE_URL", "hemligt"), "DATABASE_URL: is not an address"},
		"a broken address of a database":  {with("DATABASE_URL", "postgres://a:hemligt@db:x/"), "DATABASE_URL: is not an address"},
		"an address to listen on":         {with("LISTEN_ADDR", "8080"), "LISTEN_ADDR: "},
		"a proxy that is none":            {with("TRUSTED_PROXIES", "10.0.0.0/8,proxy"), `TRUSTED_PROXIES: "proxy" is neither`},
		"everybody as proxy":              {with("TRUSTED_PROXIES", "0.0.0.0/0"), "TRUSTED_PROXIES: 0.0.0.0/0 trusts everybody"},
		"a secret given twice":            {with("DATABASE_URL_FILE", file(t, app, 0o400)), "DATABASE_URL: is given twice"},
		"a secret in a file that is lost": {with("MIGRATE_DATABASE_URL_FILE", "/nowhere/at/all"), "MIGRATE_DATABASE_URL_FILE: "},
		"a secret in an empty file":       {with("MIGRATE_DATABASE_URL_FILE", file(t, "\n", 0o400)), "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := from(test.env)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
			if n := strings.Count(err.Error(), "\n"); n != 1 {
				t.Errorf("%d problems, want this one only: %v", n, err)
			}
			if strings.Contains(err.Error(), "hemligt") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestFromEnvNamesAllProblemsAtOnce(t *testing.T) {
	_, err := from(map[string]string{"APP_ENV": "prod", "LISTEN_ADDR": "nowhere", "TRUSTED_PROXIES": "x,y"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"DATABASE_URL:", "PIN_KEYSET_FILE:", "LISTEN_ADDR:", `"x"`, `"y"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestSecretsAreHidden(t *testing.T) {
	c := config.Config{DatabaseURL: app}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %+v %#v %s %q %x", c, c, c, c.DatabaseURL, c.DatabaseURL, c.DatabaseURL)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("config", "config", c, "url", c.DatabaseURL)
	slog.New(slog.NewTextHandler(&b, nil)).Info("config", "config", c, "url", c.DatabaseURL)
	if err := json.NewEncoder(&b).Encode(c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hemligt") || strings.Contains(b.String(), fmt.Sprintf("%x", "hemligt")) {
		t.Errorf("a secret shows: %s", b.String())
	}
	if c.DatabaseURL.Reveal() != app {
		t.Errorf("Reveal gives %q", c.DatabaseURL.Reveal())
	}
}
