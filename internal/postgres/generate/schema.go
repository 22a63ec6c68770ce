package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// noise differs from run to run or says nothing about the schema.
var noise = regexp.MustCompile(`^(--$|-- PostgreSQL database dump|-- Dumped (from|by) |\\(un)?restrict |SET |SELECT pg_catalog\.set_config)`)

var (
	version = regexp.MustCompile(`(?m)^-- Dumped from database version (\d+)`)
	// Schema and owner are the same everywhere.
	place = regexp.MustCompile(`; Schema: (public|-); Owner: .*$`)
)

// dumpSchema is pg_dump's view of the schema, the same bytes whenever the same major version makes it.
func dumpSchema(ctx context.Context, pgDump, address string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, pgDump, "--schema-only", "--no-owner", "--exclude-table=public.schema_migrations", "--exclude-schema=river",
		"--dbname="+address) // the tables of the libraries are their own
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = fmt.Errorf("%w: %s", err, failed.Stderr)
		}
		return nil, fmt.Errorf("pg_dump: %w", err)
	}
	return normalise(out)
}

func normalise(dump []byte) ([]byte, error) {
	major := version.FindSubmatch(dump)
	if major == nil {
		return nil, errors.New("pg_dump does not say which version made the dump")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "-- Made from the migrations by make generate with PostgreSQL %s. Do not edit.\n", major[1])
	blank := true
	b.WriteString("\n")
	for line := range strings.Lines(string(dump)) {
		line = strings.TrimRight(line, " \n")
		if noise.MatchString(line) {
			continue
		}
		line = place.ReplaceAllString(line, "")
		if line == "" && blank {
			continue
		}
		blank = line == ""
		b.WriteString(line + "\n")
	}
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n'), nil
}

// header is the first line, which names the version.
func header(schema []byte) string {
	line, _, _ := strings.Cut(string(schema), "\n")
	return line
}
