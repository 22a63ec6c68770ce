package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"kortportal/internal/postgres"
)

// Files of the folder that the test processes of one user share. The cluster itself is elsewhere when there is memory for it.
const (
	usersLock = "users.lock" // every test process holds it shared; who gets it alone may end the server
	startLock = "start.lock" // held while one process looks for the server or starts it
	addresses = "addresses"  // of the running server, for those who come later
)

const supervisePackage = "kortportal/internal/postgres/pgtest/supervise"

// joinShared joins the server that other test processes use, or starts it.
func joinShared(ctx context.Context) (_ *server, err error) {
	dir, err := ownFolder(os.TempDir(), fmt.Sprintf("kortportal-test-%d", os.Geteuid()))
	if err != nil {
		return nil, err
	}
	start, err := lock(filepath.Join(dir, startLock), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, start.Close()) }()

	// While the supervisor ends a server that nobody used, this waits.
	users, err := lock(filepath.Join(dir, usersLock), syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	s, err := running(ctx, filepath.Join(dir, addresses))
	if err == nil && s == nil {
		s, err = startShared(ctx, dir)
	}
	if err != nil {
		return nil, errors.Join(err, users.Close())
	}
	s.users = users
	return s, nil
}

// running is the server whose addresses stand in the file, nil when none answers.
func running(ctx context.Context, file string) (*server, error) {
	saved, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// The file may be of a run that has ended, or one that did not come to its end.
	if s := decodeServer(saved); s != nil && s.answers(ctx) {
		return s, nil
	}
	return nil, nil
}

func startShared(ctx context.Context, dir string) (*server, error) {
	sum := sha256.Sum256([]byte(dir)) // another temporary folder is another server
	memory, err := ownFolder(roomiest(), "kortportal-test-"+hex.EncodeToString(sum[:6]))
	if err != nil {
		return nil, err
	}
	cluster := filepath.Join(memory, "cluster")
	if err := os.RemoveAll(cluster); err != nil { // whatever a killed run left
		return nil, err
	}
	supervise := filepath.Join(dir, "supervise")
	build := exec.CommandContext(ctx, "go", "build", "-o", supervise, supervisePackage)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the supervisor of the test server: %w:\n%s", err, out)
	}
	if err := os.Chmod(supervise, 0o755); err != nil { // it runs as the server's user
		return nil, err
	}
	local, err := postgres.StartLocal(ctx, postgres.LocalOptions{
		Dir:    cluster,
		Log:    quiet(),
		Unsafe: true,
		Settings: map[string]string{
			"max_connections": "400",
			"autovacuum":      "off", // a test that needs statistics or a visibility map makes them itself
			"wal_level":       "minimal",
			"max_wal_senders": "0",
		},
		Under: []string{supervise, filepath.Join(dir, usersLock)},
	})
	if err != nil {
		return nil, err
	}
	s := &server{
		Super: local.SuperuserURL(),
		Owner: local.URL(postgres.OwnerRole, "postgres"),
		App:   local.URL(postgres.AppRole, "postgres"),
	}
	b, err := s.encode()
	if err != nil {
		return nil, err
	}
	return s, os.WriteFile(filepath.Join(dir, addresses), b, 0o600)
}

// quiet lets through only what a person who waits for a test should know: that something is being installed.
func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// enoughMemory is what a test cluster may need.
const enoughMemory = 2 << 30

// roomiest is where files are fast: memory when the machine offers enough of it as a folder.
func roomiest() string {
	const memory = "/dev/shm"
	var st syscall.Statfs_t
	if err := syscall.Statfs(memory, &st); err != nil || st.Bavail*uint64(st.Bsize) < enoughMemory {
		return os.TempDir()
	}
	return memory
}

// ownFolder is a folder of this user's own in a place where everybody may write.
func ownFolder(parent, name string) (string, error) {
	dir := filepath.Join(parent, name)
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(st.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s belongs to somebody else", dir)
	}
	return dir, os.Chmod(dir, 0o711)
}

// lock waits for the lock on a file. It ends when the file is closed or the process ends.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}
