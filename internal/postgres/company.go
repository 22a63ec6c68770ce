package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Grace is the company's grace time for Terminera, with its changes. ErrNotFound: the actor is no administrator of a company.
func (s *Store) Grace(ctx context.Context, by account.Actor) (card.Grace, error) {
	if by.Company == 0 || !by.Is(account.Administrator) {
		return card.Grace{}, card.ErrNotFound
	}
	var g card.Grace
	const now = `SELECT co.grace_hours FROM companies co WHERE co.id = @company`
	if err := s.db.QueryRow(ctx, now, pgx.StrictNamedArgs{"company": by.Company}).Scan(&g.Hours); err != nil {
		return card.Grace{}, fmt.Errorf("postgres: grace time: %w", refusal(err))
	}
	const q = `
		SELECT g.grace_hours, g.changed_at, p.given_name, p.family_name
		FROM grace_changes g JOIN persons p ON p.id = g.changed_by
		WHERE g.company_id = @company
		ORDER BY g.id DESC
		LIMIT 20`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company})
	if err != nil {
		return card.Grace{}, fmt.Errorf("postgres: changes of the grace time: %w", err)
	}
	g.Changes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c card.GraceChange, err error) {
		err = row.Scan(&c.Hours, &c.At, &c.By.Given, &c.By.Family)
		return c, err
	})
	if err != nil {
		return card.Grace{}, fmt.Errorf("postgres: changes of the grace time: %w", err)
	}
	return g, nil
}

// SetGrace gives the company another grace time. ErrNotFound: the actor is no administrator of a company. ErrNotAllowed: no longer.
// ErrGraceHours: it is too long.
func (s *Store) SetGrace(ctx context.Context, by account.Actor, hours int16) error {
	if by.Company == 0 || !by.Is(account.Administrator) {
		return card.ErrNotFound
	}
	const q = `INSERT INTO grace_changes (company_id, grace_hours, changed_by) VALUES (@company, @hours, @person)`
	if _, err := s.db.Exec(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "hours": hours, "person": by.Person}); err != nil {
		return fmt.Errorf("postgres: set the grace time: %w", refusal(err))
	}
	return nil
}
