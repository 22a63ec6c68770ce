// Command bench loads invented cards into a private Postgres and measures what the pages of the portal cost: on the real
// server in a process of its own, on a bare handler that asks the same store for the same page and does nothing else, and
// in pgbench on the same SQL. CPU time is what the operating system charges the processes. All that is compared is measured in turns
// of a second, one after another and round again, so that whatever else the machine is doing falls on each of them alike.
//
//	go run ./internal/bench            100,000 and 1,000,000 cards
//	go run ./internal/bench -sizes 2000 -rounds 1
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
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

// time is how long a figure is measured in all.
func (s settings) time() time.Duration { return time.Duration(s.rounds) * turnTime }

// settings are what the command line says.
type settings struct {
	sizes   []int
	rounds  int // turns for each figure
	clients int
	dir     string
	bare    bool // be the bare handler: the child process of a bench
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sizes := flags.String("sizes", "100000,1000000", "numbers of cards")
	rounds := flags.Int("rounds", 4, "how many seconds each figure is measured, a second at a time")
	clients := flags.Int("clients", 4*runtime.GOMAXPROCS(0), "connections for the requests per second")
	dir := flags.String("dir", filepath.Join("var", "bench"), "where the databases are kept between runs")
	bare := flags.Bool("bare", false, "be the bare handler (used by the bench itself)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s := settings{rounds: max(1, *rounds), clients: *clients, dir: *dir, bare: *bare}
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
	results, err := measure(ctx, s, binary, log)
	if err != nil {
		return err
	}
	return printReport(stdout, s, results)
}
