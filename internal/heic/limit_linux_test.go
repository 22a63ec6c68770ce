package heic_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kortportal/internal/heic/heictest"
)

// Where the limits cannot be laid on the process, because it has a lower one and may not raise it, nothing is decoded.
func TestNothingIsDecodedWithoutLimits(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(filepath.Join("..", "photo", "testdata", "pattern.heic"))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Open(heictest.Program(t).Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close() }() // only read
	for limit, fails := range map[string]bool{"ulimit -f 0": false, "ulimit -d 1000000": true} {
		child := exec.CommandContext(t.Context(), "/bin/sh", "-c", limit+"; exec /proc/self/fd/3")
		child.Stdin, child.ExtraFiles = bytes.NewReader(file), []*os.File{program} // by its number, because the folder is closed to others
		if os.Geteuid() == 0 {
			child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		var says strings.Builder
		child.Stderr = &says
		out, err := child.Output()
		if fails && (child.ProcessState.ExitCode() != 1 || len(out) > 0 || !strings.Contains(says.String(), "limit the process")) {
			t.Errorf("%s: %v, %d bytes, %s", limit, err, len(out), &says)
		}
		if !fails && (err != nil || len(out) < 480*640) {
			t.Errorf("%s: %v, %d bytes, %s", limit, err, len(out), &says)
		}
	}
}
