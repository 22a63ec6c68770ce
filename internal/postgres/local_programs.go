package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// minMajor is the oldest Postgres that Kortportal runs on.
const minMajor = 15

// programs are the server programs of one installation.
type programs struct {
	bin   string
	major int
}

func (p programs) path(name string) string { return filepath.Join(p.bin, name) }

// findPrograms finds the newest server programs of the machine, or those of the cluster's own major version when it has one;
// missing ones are installed or fetched.
func findPrograms(ctx context.Context, h home, major int, log *slog.Logger) (programs, error) {
	if p, ok := choose(installed(ctx, h), major); ok {
		return p, nil
	}
	wanted := "a Postgres server of version " + strconv.Itoa(minMajor) + " or newer"
	if major != 0 {
		wanted = "the Postgres server of version " + strconv.Itoa(major) + " that the data in " + h.dir + " were written by"
	}
	log.Warn("this machine lacks "+wanted, "folder", h.dir)
	installErr := installPrograms(ctx, major, log)
	if installErr == nil {
		if p, ok := choose(installed(ctx, h), major); ok {
			return p, nil
		}
		installErr = errors.New("the package manager installed another version")
	}
	log.Warn("could not install it, so it will be fetched", "reason", installErr)
	fetchErr := fetchPrograms(ctx, h, major, log)
	if fetchErr == nil {
		if p, ok := choose(installed(ctx, h), major); ok {
			return p, nil
		}
		fetchErr = errors.New("the fetched programs do not run here")
	}
	return programs{}, fmt.Errorf("this machine lacks %s; install the package postgresql or set DATABASE_URL: %w",
		wanted, errors.Join(installErr, fetchErr))
}

// choose takes the newest, or the one of a given major version.
func choose(found []programs, major int) (programs, bool) {
	slices.SortStableFunc(found, func(a, b programs) int { return cmp.Compare(b.major, a.major) })
	for _, p := range found {
		if p.major == major || major == 0 && p.major >= minMajor {
			return p, true
		}
	}
	return programs{}, false
}

// usualFolders are where distributions put server programs, outside of PATH more often than not.
var usualFolders = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // the project's own packages for Fedora and its relatives
	"/usr/libexec/postgresql*",  // Alpine
	"/usr/lib/postgresql*/bin",  // openSUSE
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/opt/local/lib/postgresql*/bin", // MacPorts
	"/usr/local/pgsql/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// installed lists the installations that the server's user can run.
func installed(ctx context.Context, h home) []programs {
	folders := filepath.SplitList(os.Getenv("PATH"))
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	for _, pattern := range append(slices.Clone(usualFolders), filepath.Join(h.dir, "programs", "*", "bin")) {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue // only a malformed pattern fails, and a test reads them all
		}
		folders = append(folders, found...)
	}
	var all []programs
	for _, folder := range folders {
		if p, ok := programsIn(ctx, h, folder); ok && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func programsIn(ctx context.Context, h home, folder string) (programs, bool) {
	// Distributions link single programs into PATH; the server finds its other files beside the real one.
	server, err := filepath.EvalSymlinks(filepath.Join(folder, "postgres"))
	if err != nil {
		return programs{}, false
	}
	p := programs{bin: filepath.Dir(server)}
	if _, err := os.Stat(p.path("initdb")); err != nil {
		return programs{}, false
	}
	if ok, err := h.user.reaches(p.bin); err != nil || !ok {
		return programs{}, false
	}
	out, err := exec.CommandContext(ctx, p.path("postgres"), "--version").Output()
	if err != nil {
		return programs{}, false
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return programs{}, false
	}
	p.major, err = strconv.Atoi(string(match[1]))
	return p, err == nil
}
