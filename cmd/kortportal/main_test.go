package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kortportal/internal/demo"
	"kortportal/internal/postgres"
)

// environment is a getenv of its own for each test.
func environment(pairs ...string) func(string) string {
	env := make(map[string]string)
	for i := 0; i+1 < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return env[name] }
}

// output runs a command that ends by itself.
func output(t *testing.T, getenv func(string) string, args ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), args, getenv, &stdout, &stderr)
	return stdout.String(), err
}

// inFolder moves the test into a folder of its own that the database's user can reach when the tests run as root.
func inFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func TestHelpExplainsTheCommands(t *testing.T) {
	for _, args := range [][]string{{}, {"help"}, {"--help"}} {
		out, err := output(t, environment(), args...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		for _, want := range []string{"serve", "migrate", "demo", "pin-key", "version", "DATABASE_URL", "TRUSTED_PROXIES"} {
			if !strings.Contains(out, want) {
				t.Errorf("kortportal %v does not explain %s", args, want)
			}
		}
	}
	out, err := output(t, environment(), "help", "migrate")
	if err != nil || !strings.Contains(out, "migrate down") {
		t.Errorf("kortportal help migrate: %v\n%s", err, out)
	}
}

func TestAnUnknownCommandIsAUsageError(t *testing.T) {
	_, err := output(t, environment(), "destroy")
	var usage usageError
	if !errors.As(err, &usage) {
		t.Errorf("error %v, want a usageError", err)
	}
}

func TestServeRefusesABadConfiguration(t *testing.T) {
	_, err := output(t, environment("APP_ENV", "prod", "LISTEN_ADDR", "nowhere"), "serve")
	for _, want := range []string{"DATABASE_URL:", "PIN_KEYSET_FILE:", "LISTEN_ADDR:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestMigrateNeedsTheOwner(t *testing.T) {
	keyset := filepath.Join(t.TempDir(), "keyset.json")
	_, err := output(t, environment("DATABASE_URL", "postgres://app@localhost/kortportal", "PIN_KEYSET_FILE", keyset), "migrate")
	if err == nil || !strings.Contains(err.Error(), "MIGRATE_DATABASE_URL is needed") {
		t.Errorf("error %v", err)
	}
}

func TestPINKeyCreateMayBeRepeated(t *testing.T) {
	keyset := filepath.Join(t.TempDir(), "keys", "keyset.json")
	env := environment("PIN_KEYSET_FILE", keyset)
	if _, err := output(t, env, "pin-key", "create"); err != nil {
		t.Fatal(err)
	}
	one := read(t, keyset)
	if out, err := output(t, env, "pin-key", "create"); err != nil || read(t, keyset) != one {
		t.Errorf("create over a file: %q, %v; want it left alone", out, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// served is a portal that runs in the background of a test.
type served struct {
	address string
	printed string       // on the standard output, until it was ready
	stop    func() error // as Ctrl-C does
}

var readyLine = regexp.MustCompile(`msg="Kortportal is ready" address=(\S+)`)

func startServe(t *testing.T) served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	logReader, logWriter := io.Pipe()
	var stdout bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"serve"}, environment("LISTEN_ADDR", "127.0.0.1:0"), &stdout, logWriter)
		ended <- errors.Join(err, logWriter.Close())
	}()
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(logReader); lines.Scan(); {
			if match := readyLine.FindStringSubmatch(lines.Text()); match != nil {
				ready <- match[1]
			}
		}
	}()
	stop := func() error {
		cancel()
		return <-ended
	}
	select {
	case address := <-ready:
		return served{address, stdout.String(), stop}
	case err := <-ended:
		cancel()
		t.Fatalf("serve ended: %v", err)
		return served{}
	}
}

func TestServeWithItsOwnDatabase(t *testing.T) {
	dir := inFolder(t)
	first := startServe(t)
	for _, path := range []string{"/livez", "/readyz"} {
		response, err := http.Get(first.address + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode >= http.StatusMultipleChoices {
			t.Errorf("%s answers %s, %v", path, response.Status, err)
		}
	}
	if _, err := output(t, environment("LISTEN_ADDR", "127.0.0.1:0"), "serve"); !errors.Is(err, postgres.ErrLocalInUse) {
		t.Errorf("a second portal in the same folder: %v, want ErrLocalInUse", err)
	}
	if out, err := output(t, environment(), "migrate", "version"); err != nil || strings.TrimSpace(out) == "0" {
		t.Errorf("migrate version beside a running portal: %q, %v", out, err)
	}
	keyset := filepath.Join(dir, "var", "pin-keyset.json")
	one := read(t, keyset)
	if _, err := output(t, environment(), "pin-key", "rotate"); err != nil {
		t.Errorf("pin-key rotate beside a running portal: %v", err)
	}
	keys := read(t, keyset)
	if len(keys) <= len(one) {
		t.Error("rotate added no key")
	}
	leaver := demo.Logins()[0].Email
	if _, err := output(t, environment(), "user", "disable", leaver); err != nil {
		t.Error(err)
	}
	if err := first.stop(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}

	second := startServe(t)
	for _, l := range demo.Logins() { // only who is there is told how to log in
		if !strings.Contains(first.printed, l.Email) || strings.Contains(second.printed, l.Email) != (l.Email != leaver) {
			t.Errorf("%s: printed are\n%s\nand after %s was disabled\n%s", l.Email, first.printed, leaver, second.printed)
		}
	}
	if !strings.Contains(second.printed, second.address+"/dev/mail") {
		t.Errorf("the address of the mails is not printed:\n%s", second.printed)
	}
	mails, err := http.Get(second.address + "/dev/mail")
	if err != nil {
		t.Fatal(err)
	}
	if err := mails.Body.Close(); err != nil || mails.StatusCode != http.StatusOK {
		t.Errorf("/dev/mail answers %s, %v", mails.Status, err)
	}
	if !strings.Contains(second.printed, second.address) {
		t.Errorf("the address is not printed:\n%s", second.printed)
	}
	if again := read(t, keyset); again != keys {
		t.Error("the second start made other keys")
	}
	if err := second.stop(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
}

// binary builds the portal as it is shipped.
func binary(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kortportal")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "nodynamic", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}
