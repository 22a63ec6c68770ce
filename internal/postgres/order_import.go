package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// KeepImport has the rows of a spreadsheet judged without ordering anything, and keeps them with the result for the orderer to confirm.
// The photos are added to the orders later, by Correct. ErrNotFound: the actor is no orderer of a company.
func (s *Store) KeepImport(ctx context.Context, by account.Actor, n card.NewImport) (id card.ImportID, err error) {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return 0, card.ErrNotFound
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := takeTime(ctx, tx); err != nil {
			return err
		}
		if err := tryImport(ctx, tx, by, n.Rows); err != nil {
			return err
		}
		const keep = `
			INSERT INTO order_imports (company_id, made_by, rows, ignored) VALUES (@company, @person, @rows, coalesce(@ignored::text[], '{}'))
			RETURNING id`
		rows, err := json.Marshal(importRows(n.Rows))
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, keep, pgx.StrictNamedArgs{
			"company": by.Company, "person": by.Person, "rows": string(rows), "ignored": n.Ignored,
		}).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: keep import: %w", refusal(err))
	}
	return id, nil
}

// ownImport is an import that its orderer can open, for an hour.
const ownImport = `
	SELECT i.rows, i.ignored, i.rows IS NULL, coalesce(i.made, 0), coalesce(i.left_out, 0)
	FROM order_imports i JOIN live_order_imports l ON l.id = i.id
	WHERE i.id = @import AND i.company_id = @company AND i.made_by = @person`

// Import is what KeepImport kept, or what ApplyImport made of it. ErrNotFound: the actor has kept no such import in this company
// within its time by retention_rules, an hour.
func (s *Store) Import(ctx context.Context, by account.Actor, id card.ImportID) (card.Import, error) {
	i, err := importOf(s.db.QueryRow(ctx, ownImport, importArgs(by, id)))
	if err != nil {
		return card.Import{}, fmt.Errorf("postgres: import: %w", refusal(err))
	}
	return i, nil
}

// ApplyImport orders a card for each row of an import, or for each that is not refused, and forgets the rows. Whoever asks again is told
// what the first made. ErrImport: nothing was ordered, because a row is refused that was to be ordered with all others, or because all
// are; the rows are kept and say why. ErrNotFound: as of Import. ErrNotAllowed: the actor is no orderer any more.
func (s *Store) ApplyImport(ctx context.Context, by account.Actor, id card.ImportID, mode card.ImportMode) (i card.Import, err error) {
	refused := false
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := takeTime(ctx, tx); err != nil {
			return err
		}
		i, err = importOf(tx.QueryRow(ctx, ownImport+` FOR UPDATE OF i`, importArgs(by, id)))
		if err != nil || i.Applied {
			return err
		}
		try, err := tx.Begin(ctx)
		if err != nil {
			return err
		}
		if err := orderRows(ctx, try, by, i.Rows); err != nil {
			return err
		}
		good := i.Good()
		if refused = good == 0 || good < len(i.Rows) && mode != card.OnlyGood; refused {
			if err := try.Rollback(ctx); err != nil {
				return err
			}
			return keepFaults(ctx, tx, id, i.Rows)
		}
		if err := try.Commit(ctx); err != nil {
			return err
		}
		i = card.Import{Applied: true, Made: good, LeftOut: len(i.Rows) - good, NewImport: card.NewImport{Ignored: i.Ignored}}
		const apply = `UPDATE order_imports SET rows = NULL, made = @made, left_out = @left_out WHERE id = @import`
		_, err = tx.Exec(ctx, apply, pgx.StrictNamedArgs{"import": id, "made": i.Made, "left_out": i.LeftOut})
		return err
	})
	switch {
	case err != nil:
		return card.Import{}, fmt.Errorf("postgres: apply import: %w", refusal(err))
	case refused:
		return i, card.ErrImport
	}
	return i, nil
}

// takeTime gives the transaction's statements longer than those of a page, also those that wait for another file. A statement of its own: the
// limit of one is set when it begins.
func takeTime(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SET LOCAL statement_timeout = '50s'`)
	return err
}

func keepFaults(ctx context.Context, tx pgx.Tx, id card.ImportID, rows []card.ImportRow) error {
	data, err := json.Marshal(importRows(rows))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE order_imports SET rows = @rows WHERE id = @import`, pgx.StrictNamedArgs{"import": id, "rows": string(data)})
	return err
}

// tryImport says of each row what would become of it, and leaves nothing behind.
func tryImport(ctx context.Context, tx pgx.Tx, by account.Actor, rows []card.ImportRow) error {
	try, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	return errors.Join(orderRows(ctx, try, by, rows), try.Rollback(ctx))
}

// orderRows orders those rows that are written as they should be, and tells the others which rule refused them.
func orderRows(ctx context.Context, tx pgx.Tx, by account.Actor, rows []card.ImportRow) error {
	places := make(map[int]int, len(rows))
	var whole []importRow
	for i := range rows {
		if isRefused(rows[i]) {
			rows[i].Faults = nil // judged anew: the order in the way may be gone
		}
		if len(rows[i].Faults) == 0 {
			places[rows[i].Row] = i
			whole = append(whole, newImportRow(rows[i]))
		}
	}
	// Persons in one order, whatever the file's, so that two files with the same people wait for each other instead of locking each other up.
	// Of the rows of one person the first comes first.
	slices.SortFunc(whole, func(a, b importRow) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.IdentityKind, b.IdentityKind), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Row, b.Row))
	})
	if len(whole) == 0 {
		return nil
	}
	// Files of one company come one after another.
	const queue = `SELECT pg_advisory_xact_lock(hashtextextended('import', @company))`
	if _, err := tx.Exec(ctx, queue, pgx.StrictNamedArgs{"company": by.Company}); err != nil {
		return err
	}
	data, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	const q = `SELECT nth, coalesce(rule, '') FROM import_orders(@company, @person, @rows)`
	answers, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "person": by.Person, "rows": string(data)})
	if err != nil {
		return err
	}
	ordered := map[account.Identity]int{}
	var row int
	var rule card.Rule
	_, err = pgx.ForEachRow(answers, []any{&row, &rule}, func() error {
		r := &rows[places[row]]
		if rule == "" {
			ordered[r.Order.Identity] = row
		} else {
			r.Faults = []card.RowFault{{Rule: rule}}
		}
		return nil
	})
	for i := range rows {
		if isRefused(rows[i]) && rows[i].Faults[0].Rule == card.RuleOneOpenOrder {
			rows[i].Faults[0].Twin = ordered[rows[i].Order.Identity]
		}
	}
	return err
}

// isRefused holds for a row that a rule refused when it was judged before.
func isRefused(r card.ImportRow) bool { return len(r.Faults) == 1 && r.Faults[0].Rule != "" }

func importArgs(by account.Actor, id card.ImportID) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{"import": id, "company": by.Company, "person": by.Person}
}

func importOf(row pgx.Row) (i card.Import, err error) {
	var data []byte
	if err := row.Scan(&data, &i.Ignored, &i.Applied, &i.Made, &i.LeftOut); err != nil || data == nil {
		return i, err
	}
	var rows []importRow
	if err := json.Unmarshal(data, &rows); err != nil {
		return card.Import{}, err
	}
	for _, r := range rows {
		i.Rows = append(i.Rows, r.row())
	}
	return i, nil
}

// importRow is a row as order_imports holds it and import_orders reads it.
type importRow struct {
	Row int `json:"row"`
	newOrder
	Faults []card.RowFault `json:"faults,omitempty"`
}

func importRows(rows []card.ImportRow) []importRow {
	all := make([]importRow, len(rows))
	for i, r := range rows {
		all[i] = newImportRow(r)
	}
	return all
}

func newImportRow(r card.ImportRow) importRow {
	return importRow{Row: r.Row, newOrder: newOrderOf(r.Order), Faults: r.Faults}
}

func (r importRow) row() card.ImportRow {
	o := card.NewOrder{
		Kind: card.Standard, Name: card.Name{Given: r.Given, Family: r.Family}, Language: r.Language,
		Reference: r.Reference, DeliverTo: r.DeliverTo,
	}
	if r.Number != "" {
		o.Identity = account.StoredIdentity(r.IdentityKind, r.Country, r.Number)
	}
	if r.Citizenship != nil {
		o.Citizenship = *r.Citizenship
	}
	if r.Email != nil {
		o.Email = *r.Email
	}
	return card.ImportRow{Row: r.Row, Order: o, Faults: r.Faults}
}
