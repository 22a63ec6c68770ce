package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// none is the status before the first event.
const none = "none"

type move struct {
	Kind, Action string
	From, To     string
	Roles        []string
	Reasons      []string
}

// moves are the legal ones in the order of the life of a card, kind by kind.
func moves(ctx context.Context, conn *pgx.Conn) ([]move, error) {
	const q = `
		SELECT t.kind, t.action, t.from_status AS "from", t.to_status AS "to",
		       ARRAY(SELECT p.role FROM card_permissions p WHERE p.action = t.action ORDER BY p.role) AS roles,
		       ARRAY(SELECT r.reason FROM card_reasons r WHERE r.action = t.action ORDER BY r.position) AS reasons
		FROM card_transitions t
		JOIN card_actions a ON a.action = t.action
		JOIN card_statuses f ON f.status = t.from_status
		ORDER BY t.kind, a.position, f.position`
	rows, err := conn.Query(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read the lifecycle: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[move])
	if err != nil {
		return nil, fmt.Errorf("read the lifecycle: %w", err)
	}
	return all, nil
}

// lifecycle is the document: a picture and a table for each kind of card.
func lifecycle(ctx context.Context, conn *pgx.Conn) (string, error) {
	all, err := moves(ctx, conn)
	if err != nil {
		return "", err
	}
	var finals []string
	const q = `SELECT coalesce(array_agg(status ORDER BY position), '{}') FROM card_statuses WHERE final`
	if err := conn.QueryRow(ctx, q).Scan(&finals); err != nil {
		return "", fmt.Errorf("read the final statuses: %w", err)
	}
	var b strings.Builder
	b.WriteString(`# The life of a card

<!-- Made by make generate from the tables of a migrated database. Do not edit. -->

The rules are rows: ` + "`card_transitions`, `card_permissions` and `card_reasons`" + ` in the migrations. Whose card it must be, and what
else has to hold, is written beside them. ` + "`expired` and `suspended`" + ` are no statuses but follow from the date and from the fees.
`)
	for len(all) > 0 {
		kind := all[0].Kind
		end := slices.IndexFunc(all, func(m move) bool { return m.Kind != kind })
		if end < 0 {
			end = len(all)
		}
		fmt.Fprintf(&b, "\n## %s\n\n", strings.ToUpper(kind[:1])+kind[1:])
		picture(&b, all[:end], finals)
		table(&b, all[:end])
		all = all[end:]
	}
	return b.String(), nil
}

// picture draws the moves that change the status, those between the same two as one arrow.
func picture(b *strings.Builder, moves []move, finals []string) {
	type arrow struct{ from, to string }
	var arrows []arrow
	actions := make(map[arrow][]string)
	var reached []string
	for _, m := range moves {
		if m.From == m.To {
			continue
		}
		a := arrow{m.From, m.To}
		if _, ok := actions[a]; !ok {
			arrows = append(arrows, a)
		}
		actions[a] = append(actions[a], m.Action)
		if !slices.Contains(reached, m.To) {
			reached = append(reached, m.To)
		}
	}
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, a := range arrows {
		from := a.from
		if from == none {
			from = "[*]"
		}
		fmt.Fprintf(b, "    %s --> %s: %s\n", from, a.to, strings.Join(actions[a], ", "))
	}
	for _, status := range reached {
		if slices.Contains(finals, status) {
			fmt.Fprintf(b, "    %s --> [*]\n", status)
		}
	}
	b.WriteString("```\n\n")
}

func table(b *strings.Builder, moves []move) {
	b.WriteString("| action | from | to | who | reasons |\n|---|---|---|---|---|\n")
	for _, m := range moves {
		from := m.From
		if from == none {
			from = "–"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", m.Action, from, m.To, strings.Join(m.Roles, ", "), reasons(m.Reasons))
	}
}

// reasons reads well: an action that goes without one has none, or they are optional.
func reasons(codes []string) string {
	optional := slices.Contains(codes, none)
	named := slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c == none })
	switch {
	case len(named) == 0:
		return "–"
	case optional:
		return strings.Join(named, ", ") + " (optional)"
	}
	return strings.Join(named, ", ")
}
