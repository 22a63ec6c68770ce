package pin

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestEncryptBindsToTheCard(t *testing.T) {
	k := open(t, newFile(t))
	p := Generate()
	ciphertext := encrypt(t, k, p, 17)
	if got, err := k.Decrypt(ciphertext, 17); err != nil || !got.Equal(p) {
		t.Errorf("Decrypt for the same card: %v, the same PIN: %v", err, got.Equal(p))
	}
	for _, other := range []int64{0, 1, 7, 16, 18, 171, -17} {
		if got, err := k.Decrypt(ciphertext, other); !errors.Is(err, ErrDecrypt) || got.Reveal() != "" {
			t.Errorf("Decrypt for card %d: %v; want ErrDecrypt", other, err)
		}
	}
}

func TestCiphertextsSayNothing(t *testing.T) {
	k := open(t, newFile(t))
	p := pinOf(t, "4826")
	first, second := encrypt(t, k, p, 17), encrypt(t, k, p, 17)
	if bytes.Equal(first, second) {
		t.Error("the same PIN gives the same ciphertext")
	}
	if bytes.Contains(first, []byte("4826")) {
		t.Error("the ciphertext holds the PIN")
	}
	for _, code := range []string{"0000", "4826", "9999"} {
		if n := len(encrypt(t, k, pinOf(t, code), 17)); n != CiphertextSize {
			t.Errorf("the ciphertext of a PIN has %d bytes, want %d", n, CiphertextSize)
		}
	}
}

func TestDecryptRefusesEveryAlteration(t *testing.T) {
	k := open(t, newFile(t))
	ciphertext := encrypt(t, k, Generate(), 17)
	for i := range ciphertext {
		altered := bytes.Clone(ciphertext)
		altered[i] ^= 1
		if _, err := k.Decrypt(altered, 17); !errors.Is(err, ErrDecrypt) {
			t.Errorf("byte %d altered: %v; want ErrDecrypt", i, err)
		}
	}
	for n := range ciphertext {
		if _, err := k.Decrypt(ciphertext[:n], 17); !errors.Is(err, ErrDecrypt) {
			t.Errorf("cut to %d bytes: %v; want ErrDecrypt", n, err)
		}
	}
	if _, err := k.Decrypt(nil, 17); !errors.Is(err, ErrDecrypt) {
		t.Errorf("nothing: %v; want ErrDecrypt", err)
	}
	if _, err := k.Decrypt(append(bytes.Clone(ciphertext), 0), 17); !errors.Is(err, ErrDecrypt) {
		t.Errorf("a byte more: %v; want ErrDecrypt", err)
	}
}

func TestDecryptWithAnotherKeysetFails(t *testing.T) {
	ciphertext := encrypt(t, open(t, newFile(t)), Generate(), 17)
	if _, err := open(t, newFile(t)).Decrypt(ciphertext, 17); !errors.Is(err, ErrDecrypt) {
		t.Errorf("got %v, want ErrDecrypt", err)
	}
}

func TestEncryptRefusesNoPIN(t *testing.T) {
	if _, err := open(t, newFile(t)).Encrypt(PIN{}, 17); !errors.Is(err, ErrPIN) {
		t.Errorf("got %v, want ErrPIN", err)
	}
}

func TestRotate(t *testing.T) {
	path := newFile(t)
	before := open(t, path)
	p := Generate()
	old := encrypt(t, before, p, 17)
	if id, ok := KeyID(old); !ok || id != before.PrimaryKeyID() {
		t.Errorf("KeyID = %d, %v; want %d", id, ok, before.PrimaryKeyID())
	}
	rotate(t, path)

	after := open(t, path)
	if after.PrimaryKeyID() == before.PrimaryKeyID() {
		t.Error("the primary key is the old one")
	}
	if id, ok := KeyID(old); !ok || id == after.PrimaryKeyID() {
		t.Error("the old ciphertext is taken for one of the new key")
	}
	if got, err := after.Decrypt(old, 17); err != nil || !got.Equal(p) {
		t.Errorf("the old ciphertext after rotation: %v", err)
	}
	anew := encrypt(t, after, p, 17)
	if id, ok := KeyID(anew); !ok || id != after.PrimaryKeyID() {
		t.Errorf("KeyID of the new ciphertext = %d, %v; want %d", id, ok, after.PrimaryKeyID())
	}
	if got, err := before.Decrypt(anew, 17); err != nil || !got.Equal(p) {
		t.Errorf("a keyring opened before the rotation: %v", err)
	}
	if before.PrimaryKeyID() != after.PrimaryKeyID() {
		t.Error("a keyring that read the file again still uses the old key")
	}
}

func TestRotationsAtTheSameTimeKeepAllKeys(t *testing.T) {
	path := newFile(t)
	const rotations = 8
	failed := make(chan error, rotations)
	var wg sync.WaitGroup
	for range rotations {
		wg.Go(func() { failed <- Rotate(path) })
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Error(err)
		}
	}
	if got := len(open(t, path).keys.ids); got != rotations+1 {
		t.Errorf("%d keys after %d rotations of one", got, rotations)
	}
}

func TestKeyringIsSafeForConcurrentUse(t *testing.T) {
	path := newFile(t)
	k := open(t, path)
	rotate(t, path)
	ofNewKey := encrypt(t, open(t, path), Generate(), 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := k.Decrypt(ofNewKey, 1); err != nil {
				t.Error(err)
			}
			if _, err := k.Encrypt(Generate(), 2); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestKeysetFileIsPrivateAndAlone(t *testing.T) {
	path := newFile(t)
	rotate(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %04o, want 0600", got)
	}
	if names := folder(t, path); !slices.Equal(names, []string{filepath.Base(path)}) {
		t.Errorf("the folder holds %v", names)
	}
}

func TestRotateFollowsLinks(t *testing.T) {
	path := newFile(t)
	before := open(t, path).PrimaryKeyID()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	rotate(t, link)
	if open(t, path).PrimaryKeyID() == before {
		t.Error("the file behind the link is the old one")
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("the link is gone: %v", err)
	}
}

// Only root can hand a file to somebody else, and only then does it matter.
func TestRotateKeepsTheOwner(t *testing.T) {
	path := newFile(t)
	owner := os.Geteuid()
	if owner == 0 {
		owner = 65534
		if err := os.Chown(path, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	rotate(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatalf("%T tells no owner", info.Sys())
	}
	if got := int(stat.Uid); got != owner {
		t.Errorf("the file belongs to user %d, want %d", got, owner)
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	path := newFile(t)
	before := read(t, path)
	if err := Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create on a file that exists: %v; want fs.ErrExist", err)
	}
	if !bytes.Equal(read(t, path), before) {
		t.Error("the file has changed")
	}
	if names := folder(t, path); len(names) != 1 {
		t.Errorf("the folder holds %v", names)
	}
}

func TestOpenInsistsOnAPrivateFile(t *testing.T) {
	path := newFile(t)
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o601, 0o777} {
		chmod(t, path, mode)
		if _, err := Open(path); !errors.Is(err, ErrKeysetMode) {
			t.Errorf("mode %04o: %v; want ErrKeysetMode", mode, err)
		}
		if err := Rotate(path); !errors.Is(err, ErrKeysetMode) {
			t.Errorf("Rotate with mode %04o: %v; want ErrKeysetMode", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		chmod(t, path, mode)
		if _, err := Open(path); err != nil {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	if _, err := Open(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("missing file: %v; want fs.ErrNotExist with the path", err)
	}
	if err := Rotate(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Rotate of a missing file: %v; want fs.ErrNotExist", err)
	}
	if err := Create(filepath.Join(dir, "no", "folder")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Create without a folder: %v; want fs.ErrNotExist", err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	for name, content := range map[string]string{"empty": "", "text": "secret words", "no keys": `{"primaryKeyId": 1, "key": []}`} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v; want an error with the path and without the content", name, err)
		}
	}
}

// A keyset file that has gone while the program runs is an error of its own, not a damaged PIN.
func TestDecryptTellsAMissingFileFromAWrongCiphertext(t *testing.T) {
	path := newFile(t)
	k := open(t, path)
	rotate(t, path)
	ciphertext := encrypt(t, open(t, path), Generate(), 17)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Decrypt(ciphertext, 17); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDecrypt) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

func newFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pin.keyset")
	if err := Create(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) *Keyring {
	t.Helper()
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rotate(t *testing.T, path string) {
	t.Helper()
	if err := Rotate(path); err != nil {
		t.Fatal(err)
	}
}

func encrypt(t *testing.T, k *Keyring, p PIN, cardID int64) []byte {
	t.Helper()
	ciphertext, err := k.Encrypt(p, cardID)
	if err != nil {
		t.Fatal(err)
	}
	return ciphertext
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
