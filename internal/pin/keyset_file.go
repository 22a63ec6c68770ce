package pin

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// The keyset file is Tink's JSON in clear text. What protects it is that it is not in the database, nor in its dumps and backups, and
// that only its owner can read the file; Open insists on that. Whoever can read both file and database can read the PINs. Where a key
// management service is at hand, decodeKeyset and encodeKeyset are the place for it: keyset.Read and Handle.Write of Tink keep the same
// file encrypted under a key that never leaves the service.

// ErrKeysetMode: others than its owner may read or write the keyset file.
var ErrKeysetMode = errors.New("pin: keyset file is open to others than its owner: chmod 600")

// Open reads the keyset file. Without one the error is fs.ErrNotExist.
func Open(path string) (*Keyring, error) {
	read, err := readKeys(path)
	if err != nil {
		return nil, err
	}
	return &Keyring{path: path, keys: read}, nil
}

// Create makes a keyset file with one new key, readable by the owner only. It appears whole or not at all. A file that exists is never
// touched: the error is fs.ErrExist.
func Create(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("pin: make a key: %w", err)
	}
	// Link, unlike Rename, fails when the file exists.
	return writeKeyset(handle, path, os.Link)
}

// Rotate adds a new key to the keyset file and makes it the primary one. Old keys stay, so what they encrypted stays readable. The
// file is replaced as a whole and keeps its owner, so that root may rotate for the server's user; rotations at the same time wait for
// each other.
func Rotate(path string) error {
	path, err := filepath.EvalSymlinks(path) // or the link would be replaced
	if err != nil {
		return fmt.Errorf("pin: find the keyset file: %w", err)
	}
	unlock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer unlock()
	handle, err := readKeyset(path)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("pin: add a key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return fmt.Errorf("pin: make the new key the primary one: %w", err)
	}
	rotated, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("pin: take the new keyset: %w", err)
	}
	return writeKeyset(rotated, path, os.Rename)
}

func readKeys(path string) (keys, error) {
	handle, err := readKeyset(path)
	if err != nil {
		return keys{}, err
	}
	read, err := newKeys(handle)
	if err != nil {
		return keys{}, fmt.Errorf("pin: keyset file %s: %w", path, err)
	}
	return read, nil
}

func readKeyset(path string) (*keyset.Handle, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("pin: open the keyset file: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("pin: look at the keyset file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("pin: keyset file %s is not a regular file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o", ErrKeysetMode, path, info.Mode().Perm())
	}
	data := make([]byte, info.Size())
	defer clear(data)
	if _, err := f.ReadAt(data, 0); err != nil {
		return nil, fmt.Errorf("pin: read the keyset file: %w", err)
	}
	handle, err := decodeKeyset(data)
	if err != nil {
		// The parser's own words may quote the file.
		return nil, fmt.Errorf("pin: keyset file %s holds no keyset", path)
	}
	return handle, nil
}

// writeKeyset writes a file beside path and then puts it in place, on disk before it returns.
func writeKeyset(handle *keyset.Handle, path string, place func(from, to string) error) (err error) {
	data, err := encodeKeyset(handle)
	if err != nil {
		return fmt.Errorf("pin: encode the keyset: %w", err)
	}
	defer clear(data)
	f, err := os.CreateTemp(filepath.Dir(path), ".keyset-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("pin: make the keyset file: %w", err)
	}
	defer func() {
		// Gone already when it was renamed.
		if e := os.Remove(f.Name()); e != nil && !errors.Is(e, fs.ErrNotExist) && err == nil {
			err = fmt.Errorf("pin: remove the temporary keyset file: %w", e)
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, keepOwner(f, path), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("pin: write the keyset file: %w", err)
	}
	if err := place(f.Name(), path); err != nil {
		return fmt.Errorf("pin: put the keyset file in place: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// keepOwner gives a file to the owner of the one that it will replace, if there is one.
func keepOwner(f *os.File, path string) error {
	old, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the old file: %w", err)
	}
	owner, ok := old.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Geteuid() {
		return nil
	}
	if err := f.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("keep the owner: %w", err)
	}
	return nil
}

func decodeKeyset(data []byte) (*keyset.Handle, error) {
	return insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
}

func encodeKeyset(handle *keyset.Handle) ([]byte, error) {
	var b bytes.Buffer
	err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b))
	return b.Bytes(), err
}

// syncFolder makes a new name in a folder survive a crash.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("pin: open the keyset's folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("pin: sync the keyset's folder: %w", err)
	}
	return nil
}

// lockFolder keeps two rotations from each reading the old keys and the later one from dropping the key that the
// earlier one added. The folder is locked because the file itself is replaced.
func lockFolder(path string) (unlock func(), err error) {
	d, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("pin: open the keyset's folder: %w", err)
	}
	if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("pin: lock the keyset's folder: %w", err)
	}
	return func() { _ = d.Close() }, nil
}
