package postgres

import (
	"os"
	"syscall"
	"testing"
)

// A child that has been forked and is not yet another program has the lock's file open too.
func TestAFolderIsUnlockedWhoeverElseHasTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	child, err := syscall.Dup(int(lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(child), "child's")
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := lockFolder(dir); err == nil {
		t.Error("a folder is locked twice")
	}
	if err := unlockFolder(lock); err != nil {
		t.Fatal(err)
	}
	again, err := lockFolder(dir)
	if err != nil {
		t.Fatalf("an unlocked folder cannot be locked: %v", err)
	}
	if err := unlockFolder(again); err != nil {
		t.Error(err)
	}
}
