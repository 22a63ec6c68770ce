package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kortportal/internal/heic"
)

// The binary starts where there is nothing but itself, as in a container made from scratch, and there reads HEIC too.
func TestTheBinaryStandsAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "kortportal")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "nodynamic", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = binary.Close() }() // only read
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is not static: it has %s", part.Type)
		}
	}
	file, err := os.ReadFile("../../internal/photo/testdata/pattern.heic")
	if err != nil {
		t.Fatal(err)
	}
	img, err := heic.Program{Path: path, Args: []string{"decode-heic"}}.Decode(t.Context(), file, 480, 640)
	if err != nil || img.Bounds().Dx() != 480 {
		t.Errorf("%v, %v", img, err)
	}
}
