// Command supervise runs the shared server of the tests until no test process uses it, and then removes its data:
//
//	supervise LOCK postgres -D DATA …
//
// Each test process holds LOCK shared as long as it lives. Who gets it alone knows that nobody uses the server, and
// keeps newcomers waiting while it ends.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// grace bridges the time between two test packages of one run.
const grace = 10 * time.Second

func main() {
	if err := supervise(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "supervise:", err)
		os.Exit(1)
	}
}

func supervise(lockFile string, command []string) error {
	runtime.LockOSThread() // the server ends with the thread that started it
	lock, err := os.Open(lockFile)
	if err != nil {
		return err
	}
	server := exec.Command(command[0], command[1:]...) //nolint:noctx // it is ended in order, a context would kill it
	server.Stdout, server.Stderr = os.Stdout, os.Stderr
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(server.SysProcAttr)
	if err := server.Start(); err != nil {
		return err
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	unused := make(chan error, 1)
	go func() { unused <- waitUnused(lock) }()
	exited := make(chan error, 1)
	go func() { exited <- server.Wait() }()

	select {
	case err := <-exited:
		return err
	case <-asked:
	case err = <-unused:
	}
	err = errors.Join(err, server.Process.Signal(syscall.SIGINT), <-exited)
	if i := slices.Index(command, "-D"); i >= 0 && i+1 < len(command) {
		err = errors.Join(err, empty(command[i+1]))
	}
	return errors.Join(err, lock.Close())
}

// empty removes what is in a folder. The folder itself stays: the one above may belong to another user.
func empty(folder string) error {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(folder, entry.Name())))
	}
	return err
}

// waitUnused returns with the lock in its hands when no process has used the server for a while.
func waitUnused(lock *os.File) error {
	fd := int(lock.Fd())
	for {
		if err := flock(fd, syscall.LOCK_EX); err != nil {
			return err
		}
		if err := flock(fd, syscall.LOCK_UN); err != nil {
			return err
		}
		time.Sleep(grace)
		err := flock(fd, syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
	}
}

func flock(fd, how int) error {
	for {
		if err := syscall.Flock(fd, how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
