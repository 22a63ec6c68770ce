package demo

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// tables are those that are loaded.
var tables = []string{
	"companies", "persons", "memberships", "issuer_staff", "logins", "invoices",
	"cards", "card_events", "card_names", "orderer_names", "card_pins", "pictures", "card_orders",
}

// structure is what stands between a table and a fast load. Checks stay: they judge each row as it comes.
type structure struct {
	indexes  []object // also those behind primary keys and unique constraints
	foreign  []object
	triggers []object
}

// object is one piece: how to take it away and how to have it back as it was, with its comment (IS NULL where it has none).
type object struct{ Drop, Make, Comment string }

// takeStructure empties the tables, which makes COPY's FREEZE possible, and takes constraints, indexes and triggers away.
func takeStructure(ctx context.Context, tx pgx.Tx) (structure, error) {
	var s structure
	const foreign = `
		SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname),
		       format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)),
		       format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, c.conrelid::regclass, obj_description(c.oid, 'pg_constraint'))
		FROM pg_constraint c
		WHERE c.contype = 'f' AND (c.conrelid = ANY ($1::text[]::regclass[]) OR c.confrelid = ANY ($1::text[]::regclass[]))
		ORDER BY c.conrelid::regclass::text, c.conname`
	const indexes = `
		SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass)
		            ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::regclass, c.conname) END,
		       CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
		            ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) END,
		       CASE WHEN c.oid IS NULL THEN format('COMMENT ON INDEX %s IS %L', i.indexrelid::regclass, obj_description(i.indexrelid, 'pg_class'))
		            ELSE format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, i.indrelid::regclass, obj_description(c.oid, 'pg_constraint')) END
		FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
		WHERE i.indrelid = ANY ($1::text[]::regclass[])
		ORDER BY i.indrelid::regclass::text, i.indexrelid::regclass::text`
	const triggers = `
		SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', t.tgrelid::regclass, t.tgname),
		       format('ALTER TABLE %s %s TRIGGER %I', t.tgrelid::regclass,
		              CASE t.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, t.tgname),
		       ''
		FROM pg_trigger t
		WHERE t.tgrelid = ANY ($1::text[]::regclass[]) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
		ORDER BY t.tgrelid::regclass::text, t.tgname`
	for _, part := range []struct {
		sql  string
		into *[]object
	}{{triggers, &s.triggers}, {foreign, &s.foreign}, {indexes, &s.indexes}} {
		found, err := tx.Query(ctx, part.sql, tables)
		if err != nil {
			return s, err
		}
		if *part.into, err = pgx.CollectRows(found, pgx.RowToStructByPos[object]); err != nil {
			return s, fmt.Errorf("read the structure: %w", err)
		}
		for _, o := range *part.into {
			if _, err := tx.Exec(ctx, o.Drop); err != nil {
				return s, fmt.Errorf("%s: %w", o.Drop, err)
			}
		}
	}
	for _, table := range tables {
		if _, err := tx.Exec(ctx, "TRUNCATE "+pgx.Identifier{table}.Sanitize()+" RESTART IDENTITY"); err != nil {
			return s, fmt.Errorf("truncate %s: %w", table, err)
		}
	}
	return s, nil
}

// restore makes everything again. Postgres reads every row for it and refuses what breaks a rule.
func (s structure) restore(ctx context.Context, tx pgx.Tx, progress func(string)) error {
	// Sorting in memory what fits; the foreign keys' checks are too short to be compiled.
	if _, err := tx.Exec(ctx, `SELECT set_config('maintenance_work_mem', '512MB', true), set_config('jit', 'off', true)`); err != nil {
		return err
	}
	for _, part := range []struct {
		what    string
		objects []object
	}{{"indexes", s.indexes}, {"foreign keys", s.foreign}, {"triggers", s.triggers}} {
		progress("making " + part.what + " again")
		for _, o := range part.objects {
			if _, err := tx.Exec(ctx, o.Make); err != nil {
				return fmt.Errorf("%s: %w", o.Make, err)
			}
			if o.Comment == "" {
				continue
			}
			if _, err := tx.Exec(ctx, o.Comment); err != nil {
				return fmt.Errorf("%s: %w", o.Comment, err)
			}
		}
	}
	return nil
}
