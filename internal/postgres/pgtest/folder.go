package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"kortportal/internal/card"
)

// Folder keeps pictures as files: another place than the database.
type Folder struct{ root *os.Root }

// NewFolder makes an empty one, which ends with the test.
func NewFolder(t testing.TB) Folder {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() { _ = root.Close() }) // only to be deleted
	return Folder{root}
}

// Put writes a file, which has its name when it is whole.
func (f Folder) Put(_ context.Context, key string, jpeg []byte) error {
	const part = ".part"
	if err := f.root.WriteFile(key+part, jpeg, 0o600); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	if err := f.root.Rename(key+part, key); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// Get reads a file.
func (f Folder) Get(_ context.Context, key string) ([]byte, error) {
	jpeg, err := f.root.ReadFile(key)
	if errors.Is(err, fs.ErrNotExist) {
		err = card.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("pgtest: picture: %w", err)
	}
	return jpeg, nil
}

// Forget removes files.
func (f Folder) Forget(_ context.Context, keys []string) error {
	for _, key := range keys {
		if err := f.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("pgtest: %w", err)
		}
	}
	return nil
}

// Files is how many there are.
func (f Folder) Files(t testing.TB) int {
	t.Helper()
	names, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return len(names)
}
