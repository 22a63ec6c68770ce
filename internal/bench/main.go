// Command bench loads invented cards into a private Postgres and measures what the pages of the portal cost: on the real
// server in a process of its own, on a bare handler that asks the same store for the same page and does nothing else, and
// in pgbench on the same SQL. CPU time is what the operating system charges the processes: it survives a noisy machine.
//
//	go run ./internal/bench            100,000 and 1,000,000 cards
//	go run ./internal/bench -sizes 2000 -seconds 1
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	sizes   []int
	time    time.Duration // for each figure
	clients int
	dir     string
	bare    bool // be the bare handler: the child process of a bench
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sizes := flags.String("sizes", "100000,1000000", "numbers of cards")
	seconds := flags.Float64("seconds", 3, "how long each figure is measured")
	clients := flags.Int("clients", 4, "connections for the requests per second")
	dir := flags.String("dir", filepath.Join("var", "bench"), "where the databases are kept between runs")
	bare := flags.Bool("bare", false, "be the bare handler (used by the bench itself)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s := settings{time: time.Duration(*seconds * float64(time.Second)), clients: *clients, dir: *dir, bare: *bare}
	if s.bare {
		return serveBare(ctx)
	}
	for _, text := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("-sizes: %w", err)
		}
		s.sizes = append(s.sizes, n)
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	binary, err := buildPortal(ctx, s.dir)
	if err != nil {
		return err
	}
	var results []result
	for _, n := range s.sizes {
		peer := 0
		if len(results) > 0 {
			peer = results[0].company
		}
		r, err := measure(ctx, s, n, peer, binary, log)
		if err != nil {
			return fmt.Errorf("%d cards: %w", n, err)
		}
		results = append(results, r)
	}
	return errors.Join(printReport(stdout, s, results))
}
