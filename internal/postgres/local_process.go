package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// hold starts the process and stays with it on one OS thread: the kernel takes the end of that thread for the end of the
// parent. The thread is never handed back to Go's scheduler and ends with the goroutine.
func (l *Local) hold(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	err := cmd.Start()
	l.process = cmd.Process
	started <- err
	if err != nil {
		return
	}
	l.exitErr = cmd.Wait()
	close(l.exited)
}

// serverCommand is the command line of the server.
func serverCommand(server programs, home home, socketDir string, o LocalOptions) []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"port":                    socketPort,
		"unix_socket_directories": socketDir,
		"unix_socket_permissions": "0700",
		"password_encryption":     "scram-sha-256",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"jit":                     "off", // compiling a query costs more than any query here runs
		"shared_buffers":          "256MB",
		// The server's log must hold no personal data: neither values of parameters nor the rows that a constraint refused.
		"log_error_verbosity":               "terse",
		"log_min_error_statement":           "panic",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
	}
	if o.Unsafe {
		for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
			settings[name] = "off"
		}
	}
	for name, value := range o.Settings {
		settings[name] = value
	}
	argv := []string{server.path("postgres"), "-D", home.data()}
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		argv = append(argv, "-c", name+"="+settings[name])
	}
	return argv
}

const (
	lockFile = "lock"
	logFile  = "server.log"
)

// lockFolder makes this process the only one that runs the cluster. The lock ends with the process.
func lockFolder(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			who, readErr := os.ReadFile(path)
			err = errors.Join(fmt.Errorf("%w in %s (process %s); stop it first, or give this one a DATABASE_URL",
				ErrLocalInUse, dir, strings.TrimSpace(string(who))), readErr)
		}
		return nil, errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Truncate(0), writeAt0(f, fmt.Sprintln(os.Getpid()))); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// unlockFolder gives the lock back at once. Closing the file alone would leave it with a child that has been forked from this
// process and has not yet become another program.
func unlockFolder(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

func writeAt0(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

// endOrphan ends a server that outlived the process that started it, and takes away the marks of one that is no more.
// Only the holder of the folder's lock may call it.
func endOrphan(ctx context.Context, home home, socketDir string, log *slog.Logger) error {
	pidFile := filepath.Join(home.data(), "postmaster.pid")
	b, err := os.ReadFile(pidFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return nil // Postgres judges a damaged mark itself
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for told := false; ; {
		left, known := processesIn(home.data())
		if !known {
			return nil // Postgres' own check by process id has to do
		}
		if len(left) == 0 {
			break
		}
		// The server's children end by themselves when it is gone; to start before the last has ended would damage the data.
		if slices.Contains(left, pid) && !told {
			log.Info("ending the Postgres of an earlier run", "process", pid)
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("end the server of an earlier run (process %d): %w", pid, err)
			}
		}
		told = true
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the server of an earlier run (process %d) does not end: %w", pid, ctx.Err())
		}
	}
	// The process id may belong to somebody else by now, which Postgres would take for a running server. The file of the process
	// id goes last, as when Postgres stops: whoever is interrupted here comes back here.
	for _, mark := range []string{filepath.Join(socketDir, socketFile+".lock"), pidFile} {
		if err := os.Remove(mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// openLog gives the server a log of its own for each run and keeps that of the run before.
func openLog(dir string) (*os.File, error) {
	path := filepath.Join(dir, logFile)
	if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// logTail is the end of the server's log, for the message of an error.
func logTail(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, logFile))
	if err != nil {
		return ": " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return ":\n" + strings.Join(lines[max(0, len(lines)-10):], "\n")
}
