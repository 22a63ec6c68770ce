package postgres

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestChooseTakesTheNewestOrTheClustersOwn(t *testing.T) {
	t.Parallel()
	found := []programs{{"/path/14", 14}, {"/path/16", 16}, {"/first/17", 17}, {"/second/17", 17}, {"/path/15", 15}}
	for _, test := range []struct {
		major int
		found []programs
		want  string
	}{
		{0, found, "/first/17"},
		{16, found, "/path/16"},
		{14, found, "/path/14"}, // data that exist are run by their own version, however old
		{18, found, ""},
		{0, found[:1], ""},
		{0, nil, ""},
	} {
		got, ok := choose(append([]programs{}, test.found...), test.major)
		if got.bin != test.want || ok != (test.want != "") {
			t.Errorf("version %d of %v: %v, want %q", test.major, test.found, got, test.want)
		}
	}
}

func TestUsualFoldersAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, pattern := range usualFolders {
		if _, err := filepath.Match(pattern, ""); err != nil || !filepath.IsAbs(pattern) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestInstalledFindsFetchedPrograms(t *testing.T) {
	t.Parallel()
	h := home{dir: t.TempDir(), user: serverUser{uid: uint32(os.Geteuid())}}
	for _, major := range []int{91, 92} { // no such versions, so that no installation of the machine is found
		bin := filepath.Join(h.dir, "programs", strconv.Itoa(major), "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"postgres", "initdb"} {
			script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + strconv.Itoa(major) + ".3'\n"
			if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Remove(filepath.Join(h.dir, "programs", "92", "bin", "initdb")); err != nil { // half a fetch
		t.Fatal(err)
	}
	want, err := filepath.EvalSymlinks(filepath.Join(h.dir, "programs", "91", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := choose(installed(t.Context(), h), 0); !ok || p.bin != want || p.major != 91 {
		t.Errorf("found %v, want version 91 in %s", p, want)
	}
}
