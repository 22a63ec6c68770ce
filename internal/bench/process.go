package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that is measured, in a process of its own.
type process struct {
	cmd   *exec.Cmd
	base  string
	start time.Duration // from the start of the process to its first answer
}

func buildPortal(ctx context.Context, dir string) (string, error) {
	path, err := filepath.Abs(filepath.Join(dir, "kortportal"))
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/kortportal")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
}

// startProcess starts a server on a free port and waits for its first answer.
func startProcess(ctx context.Context, path string, args, env []string, port int) (_ *process, err error) {
	address := "127.0.0.1:" + strconv.Itoa(port)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), append(env, "LISTEN_ADDR="+address)...)
	log, err := os.CreateTemp("", "kortportal-bench-*.log") // a file, so that nobody but the server has work with its log
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if err := os.Remove(log.Name()); err != nil {
		return nil, err
	}
	cmd.Stderr = log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, base: "http://" + address}
	for time.Since(begin) < 20*time.Second {
		probe, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/readyz", nil)
		if err != nil {
			return nil, err
		}
		if answer, err := http.DefaultClient.Do(probe); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode < 300 {
				p.start = time.Since(begin)
				return p, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	said, err := io.ReadAll(io.NewSectionReader(log, 0, 1<<20))
	return nil, errors.Join(err, fmt.Errorf("%s did not answer: %s", path, said), p.stop())
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// memory is the most that the process has had in memory, in bytes.
func (p *process) memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.Fields(kb)[0], 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("no VmHWM in /proc")
}

// cpuTime is what the system has charged so far to a process and to all processes of Postgres below the folder's postmaster.
func cpuTime(pid, postmaster int) (sum time.Duration, err error) {
	err = eachProcess(func(id, parent int, used time.Duration) {
		if id == pid || id == postmaster || parent == postmaster {
			sum += used
		}
	})
	return sum, err
}

// children is how many processes a process has started that have not ended.
func children(pid int) (n int, err error) {
	err = eachProcess(func(_, parent int, _ time.Duration) {
		if parent == pid {
			n++
		}
	})
	return n, err
}

func eachProcess(do func(id, parent int, used time.Duration)) error {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		id, _ := strconv.Atoi(filepath.Base(folder))
		if used, parent, err := readStat(id); err == nil { // or it has ended meanwhile
			do(id, parent, used)
		}
	}
	return nil
}

// readStat reads the user and system time of a process, with that of children it has waited for, in the kernel's exact
// figures where it keeps them.
func readStat(pid int) (used time.Duration, parent int, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 15 {
		return 0, 0, errors.New("short stat")
	}
	parent, err = strconv.Atoi(fields[1])
	if err != nil {
		return 0, 0, err
	}
	for _, f := range fields[11:15] {
		ticks, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, 0, err
		}
		used += time.Duration(ticks) * time.Second / ticksPerSecond
	}
	return used, parent, nil
}

// ticksPerSecond is USER_HZ, which Linux has fixed for programs.
const ticksPerSecond = 100

// postmasterPID is the first line of the file that Postgres keeps in its data directory.
func postmasterPID(dataDir string) (int, error) {
	data, err := os.ReadFile(filepath.Join(dataDir, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(data), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}
