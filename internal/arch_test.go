// Package internal_test holds what is true of all packages together.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "kortportal/"

// pkg is what go list says of a package of ours.
type pkg struct {
	ImportPath string
	Imports    []string
}

// packages are all of the module, by their path below it.
func packages(t *testing.T) map[string]pkg {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	all := map[string]pkg{}
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, module)] = p
	}
	if err := command.Wait(); err != nil {
		t.Fatalf("go list: %v", err)
	}
	return all
}

// allowed says which packages of ours each may import: the layers of the house. A name ending in /... stands for those below
// it too.
func allowed() map[string][]string {
	return map[string][]string{
		"internal":                   {}, // this test
		"internal/account":           {},
		"internal/pin":               {},
		"internal/heic":              {},
		"internal/photo":             {"internal/heic"},
		"internal/i18n":              {},
		"internal/config":            {},
		"web/static":                 {},
		"migrations":                 {},
		"internal/card":              {"internal/account"},
		"internal/messages":          {"internal/account", "internal/card"},
		"internal/mail":              {"internal/messages", "internal/i18n", "web/view"},
		"internal/mail/catcher":      {},
		"web/view":                   {"internal/i18n", "web/static"},
		"internal/postgres":          {"internal/card", "internal/account", "internal/messages", "internal/pin", "migrations"},
		"internal/sheet":             {"internal/card", "internal/account", "internal/i18n"},
		"internal/postgres/generate": {"internal/postgres", "internal/postgres/...", "migrations"},
		// For tests only; TestNobodyShipsTheTests holds it to that.
		"internal/postgres/pgtest":           {"internal/postgres", "internal/card", "internal/account", "internal/pin", "migrations"},
		"internal/postgres/pgtest/supervise": {},
		"internal/heic/heictest":             {"internal/heic"},
		"internal/heic/heictest/decode":      {"internal/heic"},
		"internal/server":                    {"internal/card", "internal/account", "internal/i18n", "internal/pin", "internal/photo", "internal/messages", "internal/mail/catcher", "web/view", "web/static", "internal/sheet"},
		"internal/demo":                      {"internal/card", "internal/account", "internal/pin", "internal/postgres"},
		"internal/bench":                     {"internal/...", "web/...", "migrations"},
		"cmd/kortportal":                     {"internal/...", "web/...", "migrations"},
	}
}

// strangers are packages of others that a layer must not know, by the beginnings of their paths.
func strangers() map[string][]string {
	const http, sql, html, words = "net/http", "database/sql", "github.com/a-h/templ", "golang.org/x/text/language"
	const pgx, migrate, river = "github.com/jackc", "github.com/golang-migrate", "github.com/riverqueue"
	return map[string][]string{
		"internal/account":  {http, sql, html, pgx},
		"internal/pin":      {http, sql, html, pgx, words},
		"internal/heic":     {http, sql, html, pgx, words},
		"internal/photo":    {http, sql, html, pgx, words},
		"internal/i18n":     {http, sql, html, pgx},
		"internal/config":   {sql, html, pgx, words},
		"internal/card":     {http, sql, html, pgx, words},
		"internal/sheet":    {http, sql, html, pgx},
		"internal/postgres": {http, html, words},
		"internal/server":   {sql, pgx, migrate, river},
		"internal/messages": {http, sql, html, pgx, words},
		"internal/mail":     {http, sql, pgx, river},
		"cmd/kortportal":    {river},
		"web/static":        {sql, html, pgx, words},
		"web/view":          {http, sql, pgx},
		"migrations":        {http, html, pgx, words},
	}
}

// faults are the imports that break a rule.
func faults(all map[string]pkg, allowed, strangers map[string][]string) []string {
	var found []string
	for name, p := range all {
		rule, known := allowed[name]
		if !known {
			found = append(found, name+" stands in no layer")
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, module); ok && known && !permits(rule, ours) {
				found = append(found, name+" imports "+ours)
			}
			for _, stranger := range strangers[name] {
				if imported == stranger || strings.HasPrefix(imported, stranger+"/") {
					found = append(found, name+" knows "+imported)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

func permits(rule []string, name string) bool {
	return slices.ContainsFunc(rule, func(r string) bool {
		below, all := strings.CutSuffix(r, "/...")
		return r == name || all && strings.HasPrefix(name, below+"/")
	})
}

func TestImportDirections(t *testing.T) {
	for _, fault := range faults(packages(t), allowed(), strangers()) {
		t.Error(fault)
	}
}

// Every rule is about a package that exists, so that none rots.
func TestRulesAreAboutPackages(t *testing.T) {
	all := packages(t)
	for name := range allowed() {
		if _, ok := all[name]; !ok {
			t.Errorf("there is no package %s", name)
		}
	}
	for name := range strangers() {
		if _, ok := all[name]; !ok {
			t.Errorf("there is no package %s", name)
		}
	}
}

func TestImportDirectionsSees(t *testing.T) {
	for imported, want := range map[string]string{
		"kortportal/internal/postgres": "internal/server imports internal/postgres",
		"kortportal/internal/demo":     "internal/server imports internal/demo",
		"github.com/jackc/pgx/v5":      "internal/server knows github.com/jackc/pgx/v5",
		"database/sql":                 "internal/server knows database/sql",
		"kortportal/internal/card":     "",
		"net/http":                     "",
		"github.com/jackcrafty/fine":   "",
	} {
		got := faults(map[string]pkg{"internal/server": {Imports: []string{imported}}}, allowed(), strangers())
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", imported, got, want)
		}
	}
	if got := faults(map[string]pkg{"internal/utils": {}}, allowed(), strangers()); len(got) != 1 {
		t.Errorf("a package in no layer: %q", got)
	}
}

// Only the program may load demo data, and nothing that is shipped holds what is for tests.
func TestNobodyShipsTheTests(t *testing.T) {
	all := packages(t)
	for name, p := range all {
		for _, imported := range p.Imports {
			ours := strings.TrimPrefix(imported, module)
			if ours == "internal/demo" && name != "cmd/kortportal" && name != "internal/bench" && path.Dir(name) != "internal/demo" {
				t.Errorf("%s imports the demo data", name)
			}
			forTests := imported == "testing" || strings.HasPrefix(ours, "internal/postgres/pgtest") || strings.HasPrefix(ours, "internal/heic/heictest")
			if forTests && name != "internal/heic/heictest" && name != "internal/postgres/pgtest" && name != "internal/postgres/generate" && name != "internal/bench" {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}
