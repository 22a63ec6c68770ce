// Package heictest brings the process that decodes HEIC to tests.
package heictest

import (
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"

	"kortportal/internal/heic"
)

// Program builds one for the test, with the test's build tags. The test's own binary would not do: with the race detector it takes twenty times
// as long, and more memory than it may have.
func Program(t testing.TB) heic.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "decode")
	tags := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-tags" {
				tags = s.Value
			}
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", tags, "-o", path, "kortportal/internal/heic/heictest/decode")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("heictest: %v\n%s", err, out)
	}
	return heic.Program{Path: path}
}
