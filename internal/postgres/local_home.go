package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// home is where a private cluster lives and as whom.
type home struct {
	dir  string // absolute, without symbolic links
	user serverUser
}

func (h home) data() string { return filepath.Join(h.dir, "data") }

// serverUser is the one that the server runs as.
type serverUser struct {
	name     string
	uid, gid uint32
	switched bool // not the user of this process
}

// attributes start a child as the server's user, out of reach of the terminal's Ctrl-C.
func (h home) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if h.user.switched {
		attr.Credential = &syscall.Credential{Uid: h.user.uid, Gid: h.user.gid}
	}
	return attr
}

// environ leaves out everything of our own environment, of which PGDATA, PGOPTIONS or LC_ALL would change the server.
func (h home) environ() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + h.dir}
}

// own gives a file or folder to the server's user.
func (h home) own(path string) error {
	if !h.user.switched {
		return nil
	}
	return os.Chown(path, int(h.user.uid), int(h.user.gid))
}

// findHome decides where the cluster lives and as whom the server runs, and makes the folder.
func findHome(dir string, log *slog.Logger) (home, error) {
	dir, err := realPath(dir)
	if err != nil {
		return home{}, err
	}
	h := home{dir: dir, user: serverUser{name: "the present user", uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}}
	if os.Geteuid() == 0 {
		if h, err = homeForRoot(dir, log); err != nil {
			return home{}, err
		}
	}
	if err := makeFolders(h.dir); err != nil {
		return home{}, err
	}
	return h, nil
}

func homeForRoot(dir string, log *slog.Logger) (home, error) {
	h := home{dir: dir}
	var err error
	if h.user, err = unprivileged(h.data()); err != nil {
		return home{}, err
	}
	ok, err := h.user.reaches(dir)
	if err != nil || ok {
		return h, err
	}
	sum := sha256.Sum256([]byte(dir))
	h.dir = filepath.Join("/var/lib", "kortportal-"+hex.EncodeToString(sum[:6]))
	if h.user, err = unprivileged(h.data()); err != nil {
		return home{}, err
	}
	log.Info("the database lives elsewhere, because Postgres does not run as root and its user cannot reach the folder",
		"folder", dir, "user", h.user.name, "instead", h.dir)
	return h, nil
}

// unprivileged is the user of an existing cluster, else postgres, else nobody.
func unprivileged(data string) (serverUser, error) {
	info, err := os.Stat(data)
	if err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
			name := strconv.Itoa(int(st.Uid))
			if u, err := user.LookupId(name); err == nil {
				name = u.Username
			}
			return serverUser{name: name, uid: st.Uid, gid: st.Gid, switched: true}, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return serverUser{}, err
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return serverUser{}, err
		}
		return serverUser{name: name, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
	}
	return serverUser{}, errors.New("postgres does not run as root, and this machine has neither a user postgres nor nobody")
}

// reaches tells whether the user may pass through every existing folder on the way to path.
func (u serverUser) reaches(path string) (bool, error) {
	for p := path; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if err == nil && !u.passes(info) {
			return false, nil
		}
		if p == filepath.Dir(p) {
			return true, nil
		}
	}
}

func (u serverUser) passes(info fs.FileInfo) bool {
	need := fs.FileMode(0o001)
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		switch {
		case st.Uid == u.uid:
			need = 0o100
		case st.Gid == u.gid:
			need = 0o010
		}
	}
	return info.Mode()&need != 0
}

// realPath is absolute and free of symbolic links as far as the path exists.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	found, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) && abs != filepath.Dir(abs) {
		parent, err := realPath(filepath.Dir(abs))
		return filepath.Join(parent, filepath.Base(abs)), err
	}
	return found, err
}

// makeFolders is os.MkdirAll with folders that others may pass through, whatever the umask is: the server's user has to.
func makeFolders(dir string) error {
	if err := os.Mkdir(dir, 0o711); err == nil {
		return os.Chmod(dir, 0o711)
	} else if errors.Is(err, fs.ErrExist) {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeFolders(filepath.Dir(dir)); err != nil {
		return err
	}
	return makeFolders(dir)
}

// maxSocketPath is what fits into a socket's address on every system, without the closing zero: 103 on macOS, 107 on Linux.
const maxSocketPath = 103

// makeSocketDir makes the folder of the socket: beside the data, or under the temporary folder when that path is too long.
func makeSocketDir(h home) (string, error) {
	dir := filepath.Join(h.dir, "run")
	if tooLong(dir) {
		sum := sha256.Sum256([]byte(h.dir))
		name := "kortportal-" + hex.EncodeToString(sum[:6])
		if dir = filepath.Join(os.TempDir(), name); tooLong(dir) {
			dir = filepath.Join("/tmp", name)
		}
	}
	if err := os.Mkdir(dir, 0o700); err == nil {
		return dir, errors.Join(os.Chmod(dir, 0o700), h.own(dir))
	} else if !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	// In a folder that everybody may write to, somebody else could have been there first.
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || st.Uid != h.user.uid && st.Uid != 0 {
		return "", fmt.Errorf("%s does not belong to the server's user (%s); remove it", dir, h.user.name)
	}
	return dir, errors.Join(os.Chmod(dir, 0o700), h.own(dir))
}

func tooLong(socketDir string) bool {
	return len(filepath.Join(socketDir, socketFile)) > maxSocketPath
}
