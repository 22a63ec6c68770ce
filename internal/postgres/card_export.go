package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// exportedAtOnce is how many cards are in memory at a time.
const exportedAtOnce = 1000

// ExportCards hands all cards that a search finds to write, in the order of the search and some hundred at a time; write may be slow. That
// somebody takes them is written down before the first one. A card that changes meanwhile comes as it is when its turn comes.
//
// ErrNotFound: the actor sees no company's cards; the issuer takes no lists. ErrPurpose: whole personal numbers, and no purpose.
func (s *Store) ExportCards(ctx context.Context, by account.Actor, search card.Search, e card.Export, write func([]card.ExportRow) error) error {
	where, err := scope(by)
	if err != nil {
		return err
	}
	if where != ofCompany {
		return card.ErrNotFound
	}
	const begin = `
		INSERT INTO card_exports (company_id, made_by, format, personal_numbers, purpose)
		VALUES (@company, @person, @format, @personal_numbers, @purpose)
		RETURNING id`
	var id int64
	err = s.db.QueryRow(ctx, begin, pgx.StrictNamedArgs{
		"company": by.Company, "person": by.Person, "format": e.Format, "personal_numbers": e.PersonalNumbers, "purpose": e.Purpose,
	}).Scan(&id)
	if err != nil {
		return fmt.Errorf("postgres: begin export: %w", refusal(err))
	}
	count := 0
	for more := true; more; {
		f := newFinder(by, where, search)
		f.size, f.counts = exportedAtOnce, false
		found, err := s.find(ctx, f, &pgx.Batch{})
		if err != nil {
			return fmt.Errorf("postgres: export: %w", err)
		}
		rows, err := s.exportRows(ctx, by, found.Rows, e.PersonalNumbers)
		if err != nil {
			return err
		}
		if err := write(rows); err != nil {
			return err
		}
		count += len(rows)
		search.After, more = found.Next, found.Next != ""
	}
	const end = `UPDATE card_exports SET rows = @rows WHERE id = @export`
	if _, err := s.db.Exec(ctx, end, pgx.StrictNamedArgs{"export": id, "rows": count}); err != nil {
		return fmt.Errorf("postgres: end export: %w", err)
	}
	return nil
}

// exportRows adds the whole identities where they are wanted.
func (s *Store) exportRows(ctx context.Context, by account.Actor, rows []card.Row, whole bool) ([]card.ExportRow, error) {
	all := make([]card.ExportRow, len(rows))
	for i, r := range rows {
		all[i].Row = r
	}
	if !whole || len(rows) == 0 {
		return all, nil
	}
	places := make(map[card.ID]int, len(rows))
	ids := make([]card.ID, len(rows))
	for i, r := range rows {
		places[r.ID], ids[i] = i, r.ID
	}
	const q = `
		SELECT c.id, p.identity_kind, p.identity_country, p.identity_number
		FROM ` + listedCards + `JOIN persons p ON p.id = c.person_id
		WHERE c.company_id = @company`
	answer, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"cards": ids, "company": by.Company})
	if err != nil {
		return nil, fmt.Errorf("postgres: export identities: %w", err)
	}
	var id card.ID
	var kind, country, number string
	_, err = pgx.ForEachRow(answer, []any{&id, &kind, &country, &number}, func() error {
		all[places[id]].Identity = account.StoredIdentity(kind, country, number)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: export identities: %w", err)
	}
	return all, nil
}

// Exports are the latest ten lists that were taken of the company's cards. ErrNotFound: the actor sees no company's cards.
func (s *Store) Exports(ctx context.Context, by account.Actor) ([]card.MadeExport, error) {
	where, err := scope(by)
	if err != nil {
		return nil, err
	}
	if where != ofCompany {
		return nil, card.ErrNotFound
	}
	const q = `
		SELECT p.given_name, p.family_name, x.made_at, x.format, x.personal_numbers, x.purpose, coalesce(x.rows, 0), x.rows IS NOT NULL
		FROM card_exports x JOIN persons p ON p.id = x.made_by
		WHERE x.company_id = @company
		ORDER BY x.id DESC
		LIMIT 10`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company})
	if err != nil {
		return nil, fmt.Errorf("postgres: exports: %w", err)
	}
	exports, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x card.MadeExport, err error) {
		err = row.Scan(&x.By.Given, &x.By.Family, &x.At, &x.Format, &x.PersonalNumbers, &x.Purpose, &x.Rows, &x.Ended)
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: exports: %w", err)
	}
	return exports, nil
}
