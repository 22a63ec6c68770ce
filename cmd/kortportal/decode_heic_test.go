package main

import (
	"debug/elf"
	"os"
	"testing"

	"kortportal/internal/heic"
)

// The binary starts where there is nothing but itself, as in a container made from scratch, and there reads HEIC too.
func TestTheBinaryStandsAlone(t *testing.T) {
	t.Parallel()
	path := binary(t)
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close() }() // only read
	for _, part := range program.Progs {
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
