package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAUserReachesWhatEveryFolderLetsThrough(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	inner := filepath.Join(top, "a", "b")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	me, stranger := uint32(os.Geteuid()), uint32(os.Geteuid())+12345
	for _, test := range []struct {
		mode os.FileMode // of the folder in the middle
		uid  uint32
		gid  uint32
		want bool
	}{
		{0o755, stranger, stranger, true},
		{0o711, stranger, stranger, true},
		{0o710, stranger, stranger, false},
		{0o710, stranger, uint32(os.Getegid()), true},
		{0o701, stranger, uint32(os.Getegid()), false},
		{0o700, stranger, stranger, false},
		{0o700, me, stranger, true},
		{0o077, me, stranger, false},
	} {
		for _, folder := range []struct {
			path string
			mode os.FileMode
		}{{filepath.Dir(top), 0o711}, {top, 0o711}, {filepath.Join(top, "a"), test.mode}} {
			if err := os.Chmod(folder.path, folder.mode); err != nil {
				t.Fatal(err)
			}
		}
		u := serverUser{uid: test.uid, gid: test.gid}
		// Root passes everywhere, so what lies behind a closed folder is asked of the folder itself.
		got, err := u.reaches(filepath.Join(top, "a"))
		if err != nil || got != test.want {
			t.Errorf("mode %o, user %d, group %d: %v, %v; want %v", test.mode, test.uid, test.gid, got, err, test.want)
		}
	}
	if err := os.Chmod(filepath.Join(top, "a"), 0o755); err != nil { // for the cleanup
		t.Fatal(err)
	}
}

func TestMakeFoldersLetsOthersThrough(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "var", "postgres")
	for range 2 {
		if err := makeFolders(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		info, err := os.Stat(d)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o711 {
			t.Errorf("%s has mode %v, want 0711", d, info.Mode())
		}
	}
}

func TestRealPathFollowsLinksAsFarAsThePathExists(t *testing.T) {
	t.Parallel()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(top, "real"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	got, err := realPath(filepath.Join(top, "link", "not", "there"))
	if want := filepath.Join(top, "real", "not", "there"); err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestASocketNeverLiesInAFolderOfSomebodyElse(t *testing.T) {
	t.Parallel()
	h := home{dir: t.TempDir(), user: serverUser{name: "nobody", uid: uint32(os.Geteuid()) + 12345}}
	file := filepath.Join(h.dir, "run")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if dir, err := makeSocketDir(h); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("a file in the place of the folder: %s, %v", dir, err)
	}
}
