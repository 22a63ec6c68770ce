package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"kortportal/internal/postgres"
)

// childFolder is set for a copy of the test binary that only runs the private server of that folder.
const childFolder = "KORTPORTAL_TEST_LOCAL_CHILD"

func TestMain(m *testing.M) {
	dir, database := os.Getenv(childFolder), os.Getenv(childWorker)
	if dir == "" && database == "" {
		os.Exit(m.Run())
	}
	child := func() error { return serveLocal(dir) }
	if database != "" {
		child = func() error { return workUntilKilled(database, os.Getenv(childWorkerMail)) }
	}
	if err := child(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serveLocal runs the private server until Ctrl-C, and prints its address when it is there.
func serveLocal(dir string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT)
	defer cancel()
	local, err := postgres.StartLocal(ctx, postgres.LocalOptions{Dir: dir, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(os.Stdout, local.OwnerURL()); err != nil {
		return errors.Join(err, local.Stop())
	}
	<-local.Done()
	return local.Stop()
}
