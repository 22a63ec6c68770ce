package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// packageManager is one way to install the server; {v} in a package is the wanted major version.
type packageManager struct {
	program  string
	refresh  []string // before the first install; nil when not needed
	newest   []string
	version  []string // nil when only one version is packaged
	needRoot bool
}

var packageManagers = []packageManager{
	{
		program: "apt-get", needRoot: true,
		refresh: []string{"apt-get", "update", "-q"},
		newest:  []string{"apt-get", "install", "-y", "-q", "--no-install-recommends", "postgresql", "postgresql-contrib"},
		version: []string{"apt-get", "install", "-y", "-q", "--no-install-recommends", "postgresql-{v}"},
	},
	{
		program: "dnf", needRoot: true,
		newest: []string{"dnf", "install", "-y", "postgresql-server", "postgresql-contrib"},
	},
	{
		program: "apk", needRoot: true,
		newest:  []string{"apk", "add", "postgresql", "postgresql-contrib"},
		version: []string{"apk", "add", "postgresql{v}", "postgresql{v}-contrib"},
	},
	{
		program: "pacman", needRoot: true,
		newest: []string{"pacman", "-Sy", "--noconfirm", "postgresql"},
	},
	{
		program: "brew",
		newest:  []string{"brew", "install", "postgresql"},
		version: []string{"brew", "install", "postgresql@{v}"},
	},
}

// installPrograms installs the server through the machine's package manager, and logs each command before it runs.
func installPrograms(ctx context.Context, major int, log *slog.Logger) error {
	for _, m := range packageManagers {
		if _, err := exec.LookPath(m.program); err != nil {
			continue
		}
		var prefix []string
		if m.needRoot && os.Geteuid() != 0 {
			if _, err := exec.LookPath("sudo"); err != nil {
				return fmt.Errorf("%s needs root, and there is no sudo", m.program)
			}
			if err := exec.CommandContext(ctx, "sudo", "-n", "true").Run(); err != nil {
				return fmt.Errorf("%s needs root, and sudo does not work without a password: %w", m.program, err)
			}
			prefix = []string{"sudo", "-n"}
		}
		install := m.newest
		if major != 0 {
			if install = m.version; install == nil {
				return fmt.Errorf("%s has no package for version %d", m.program, major)
			}
		}
		for _, command := range [][]string{m.refresh, install} {
			if command == nil {
				continue
			}
			argv := append(append([]string{}, prefix...), command...)
			for i := range argv {
				argv[i] = strings.ReplaceAll(argv[i], "{v}", strconv.Itoa(major))
			}
			log.Warn("installing Postgres", "command", strings.Join(argv, " "))
			cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
			cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w:\n%s", strings.Join(argv, " "), err, out)
			}
		}
		return nil
	}
	return errors.New("no package manager that we know")
}

// embeddedVersions are the builds that the library can fetch, by major version.
var embeddedVersions = map[int]embedded.PostgresVersion{15: embedded.V15, 16: embedded.V16, 17: embedded.V17, 18: embedded.V18}

const newestEmbedded = 18

// fetchPrograms fetches a build of the server into the folder programs of the cluster's home.
func fetchPrograms(ctx context.Context, h home, major int, log *slog.Logger) error {
	if major == 0 {
		major = newestEmbedded
	}
	version, ok := embeddedVersions[major]
	if !ok {
		return fmt.Errorf("no build of version %d can be fetched", major)
	}
	target := filepath.Join(h.dir, "programs", strconv.Itoa(major))
	log.Warn("fetching Postgres", "version", string(version), "folder", target)
	if err := makeFolders(target); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "kortportal-fetch-")
	if err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return errors.Join(err, os.RemoveAll(scratch))
	}
	// The library can only fetch and start in one; the start fails under root, and the programs are all that is wanted of it.
	db := embedded.NewDatabase(embedded.DefaultConfig().Version(version).Port(port).Logger(io.Discard).
		CachePath(filepath.Join(scratch, "cache")).RuntimePath(filepath.Join(scratch, "run")).BinariesPath(target))
	startErr := db.Start()
	if startErr == nil {
		startErr = db.Stop()
	}
	removeErr := os.RemoveAll(scratch)
	if _, err := os.Stat(filepath.Join(target, "bin", "postgres")); err != nil {
		return errors.Join(startErr, removeErr)
	}
	return removeErr
}

func freePort(ctx context.Context) (uint32, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "localhost:0")
	if err != nil {
		return 0, err
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(fmt.Errorf("no port in %v", l.Addr()), l.Close())
	}
	return uint32(addr.Port), l.Close()
}
