package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// tables are those that are loaded.
var tables = []string{
	"companies", "persons", "memberships", "issuer_staff", "logins", "invoices",
	"cards", "card_events", "card_names", "orderer_names", "listed_orderers", "card_pins", "pictures", "card_orders",
}

// structure is what stands between the tables and a fast load, in the order in which it is taken away. Checks stay: they judge each row as it comes.
type structure []object

// object is one piece: how to take it away and how to have it back as it was, with its comment (IS NULL where it has none, empty where there can
// be none). Taking away what is not there does nothing, and neither does having back a trigger or a right that is there.
type object struct {
	Part  part
	Table string
	Name  string

	Take, Make, Comment string
}

type part string

const (
	right      part = "right"
	trigger    part = "trigger"
	foreignKey part = "foreign key" // to another table that is loaded, or from one that is not
	ownKey     part = "own key"     // a foreign key of a loaded table to itself, or to one that is not loaded
	index      part = "index"       // also those behind primary keys and unique constraints
)

// takeStructure takes rights, triggers, constraints and indexes away, and notes in demo_load how to have them back.
func takeStructure(ctx context.Context, tx pgx.Tx) (structure, error) {
	const rights = `
		SELECT 'right', '', '', 'REVOKE USAGE ON SCHEMA public FROM kortportal_app', 'GRANT USAGE ON SCHEMA public TO kortportal_app', ''
		FROM unnest($1::text[]) LIMIT 1`
	const triggers = `
		SELECT 'trigger', t.tgrelid::regclass, t.tgname,
		       format('ALTER TABLE %s DISABLE TRIGGER %I', t.tgrelid::regclass, t.tgname),
		       format('ALTER TABLE %s %s TRIGGER %I', t.tgrelid::regclass,
		              CASE t.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, t.tgname),
		       ''
		FROM pg_trigger t
		WHERE t.tgrelid = ANY ($1::text[]::regclass[]) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
		ORDER BY t.tgrelid::regclass::text, t.tgname`
	const foreign = `
		SELECT CASE WHEN c.conrelid = ANY ($1::text[]::regclass[]) AND (c.confrelid = c.conrelid OR c.confrelid <> ALL ($1::text[]::regclass[]))
		            THEN 'own key' ELSE 'foreign key' END,
		       c.conrelid::regclass, c.conname,
		       format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', c.conrelid::regclass, c.conname),
		       format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)),
		       format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, c.conrelid::regclass, obj_description(c.oid, 'pg_constraint'))
		FROM pg_constraint c
		WHERE c.contype = 'f' AND (c.conrelid = ANY ($1::text[]::regclass[]) OR c.confrelid = ANY ($1::text[]::regclass[]))
		ORDER BY c.conrelid::regclass::text, c.conname`
	const indexes = `
		SELECT 'index', i.indrelid::regclass, i.indexrelid::regclass,
		       CASE WHEN c.oid IS NULL THEN format('DROP INDEX IF EXISTS %s', i.indexrelid::regclass)
		            ELSE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', i.indrelid::regclass, c.conname) END,
		       CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
		            ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) END,
		       CASE WHEN c.oid IS NULL THEN format('COMMENT ON INDEX %s IS %L', i.indexrelid::regclass, obj_description(i.indexrelid, 'pg_class'))
		            ELSE format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, i.indrelid::regclass, obj_description(c.oid, 'pg_constraint')) END
		FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
		WHERE i.indrelid = ANY ($1::text[]::regclass[])
		ORDER BY i.indrelid::regclass::text, i.indexrelid::regclass::text`
	var s structure
	for _, sql := range []string{rights, triggers, foreign, indexes} {
		found, err := collectObjects(ctx, tx, sql, tables)
		if err != nil {
			return nil, err
		}
		s = append(s, found...)
	}
	const note = `CREATE TABLE demo_load (position integer PRIMARY KEY, part text, of_table text, name text, take text, make text, comment text)`
	if _, err := tx.Exec(ctx, note); err != nil {
		return nil, fmt.Errorf("note the structure: %w", err)
	}
	for i, o := range s {
		if _, err := tx.Exec(ctx, `INSERT INTO demo_load VALUES ($1, $2, $3, $4, $5, $6, $7)`, i, o.Part, o.Table, o.Name, o.Take, o.Make, o.Comment); err != nil {
			return nil, fmt.Errorf("note the structure: %w", err)
		}
	}
	return s, s.take(ctx, tx)
}

func collectObjects(ctx context.Context, tx pgx.Tx, sql string, args ...any) (structure, error) {
	found, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	objects, err := pgx.CollectRows(found, pgx.RowToStructByPos[object])
	if err != nil {
		return nil, fmt.Errorf("read the structure: %w", err)
	}
	return objects, nil
}

// of are the objects of a part, and of a table unless it is empty.
func (s structure) of(p part, table string) structure {
	var some structure
	for _, o := range s {
		if o.Part == p && (table == "" || o.Table == table) {
			some = append(some, o)
		}
	}
	return some
}

// loaded are the tables of the load, which may have been another release's: each has an index.
func (s structure) loaded() []string {
	var loaded []string
	for _, o := range s.of(index, "") {
		loaded = append(loaded, o.Table)
	}
	return slices.Compact(loaded)
}

func (s structure) take(ctx context.Context, tx pgx.Tx) error {
	for _, o := range s {
		if _, err := tx.Exec(ctx, o.Take); err != nil {
			return fmt.Errorf("%s: %w", o.Take, err)
		}
	}
	return nil
}

// make has the objects back. Postgres reads every row for a constraint and refuses what breaks it.
func (s structure) make(ctx context.Context, tx pgx.Tx) error {
	for _, o := range s {
		for _, sql := range []string{o.Make, o.Comment} {
			if sql == "" {
				continue
			}
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
	}
	return nil
}

// unchecked are foreign keys that hold for what comes, and say nothing yet about the rows of the tables that are loaded.
func (s structure) unchecked() structure {
	some := slices.Clone(s)
	for i, o := range some {
		if slices.Contains(tables, o.Table) {
			some[i].Make += " NOT VALID"
		}
	}
	return some
}

// check has Postgres judge the rows that are there. Unlike making a foreign key it leaves other tables to others.
func (s structure) check(ctx context.Context, conn *pgx.Conn) error {
	for _, o := range s {
		sql := fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", o.Table, pgx.Identifier{o.Name}.Sanitize())
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// finish ends a load whose tables have their constraints and indexes again.
func (s structure) finish(ctx context.Context, tx pgx.Tx) error {
	for _, p := range []part{trigger, right} {
		if err := s.of(p, "").make(ctx, tx); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DROP TABLE demo_load`)
	return err
}

// takeBack makes the database what it was before a load that has not finished, however far it got. Without one it does nothing.
func takeBack(ctx context.Context, owner *pgx.Conn) error {
	var unfinished bool
	if err := owner.QueryRow(ctx, `SELECT to_regclass('demo_load') IS NOT NULL`).Scan(&unfinished); err != nil || !unfinished {
		return err
	}
	return pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		s, err := collectObjects(ctx, tx, `SELECT part, of_table, name, take, make, comment FROM demo_load ORDER BY position`)
		if err != nil {
			return err
		}
		if err := s.take(ctx, tx); err != nil {
			return err
		}
		for _, table := range s.loaded() {
			if err := truncate(ctx, tx, table); err != nil {
				return err
			}
		}
		for _, p := range []part{index, ownKey, foreignKey} {
			if err := s.of(p, "").make(ctx, tx); err != nil {
				return err
			}
		}
		return s.finish(ctx, tx)
	})
}

func truncate(ctx context.Context, tx pgx.Tx, table string) error {
	if _, err := tx.Exec(ctx, "TRUNCATE "+pgx.Identifier{table}.Sanitize()+" RESTART IDENTITY"); err != nil {
		return fmt.Errorf("truncate %s: %w", table, err)
	}
	return nil
}
