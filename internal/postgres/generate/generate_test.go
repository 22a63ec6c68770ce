package main

import (
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"kortportal/internal/postgres/pgtest"
)

func TestTheLifecycleDocumentIsFresh(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), pgtest.New(t).OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	want, err := lifecycle(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../docs/lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("run make generate:\n%s", diff)
	}
}

func TestNormaliseDropsWhatDiffersFromRunToRun(t *testing.T) {
	dump := func(minor, token string) []byte {
		return []byte(`--
-- PostgreSQL database dump
--

\restrict ` + token + `

-- Dumped from database version 15.` + minor + ` (Debian 15.` + minor + `-0+deb12u1)
-- Dumped by pg_dump version 15.` + minor + `

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: clock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.clock (
    only_row boolean DEFAULT true NOT NULL
);


--
-- PostgreSQL database dump complete
--

\unrestrict ` + token + "\n\n")
	}
	const want = `-- Made from the migrations by make generate with PostgreSQL 15. Do not edit.

-- Name: clock; Type: TABLE

CREATE TABLE public.clock (
    only_row boolean DEFAULT true NOT NULL
);
`
	for _, d := range [][]byte{dump("13", "AbC"), dump("14", "xYz")} {
		got, err := normalise(d)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
}
