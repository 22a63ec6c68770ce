package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// NameDeputy lets one orderer of the actor's company act in another's place for some days. ErrNotFound: the actor is neither orderer nor
// administrator there, or nobody of the company is meant. ErrNotAllowed: the rule says why, the days among the reasons.
func (s *Store) NameDeputy(ctx context.Context, by account.Actor, n card.NewDeputy) (id card.DeputyID, err error) {
	if !ofItsCompany(by) {
		return 0, card.ErrNotFound
	}
	const q = `
		INSERT INTO deputies (company_id, orderer_id, deputy_id, first_day, last_day, named_by)
		SELECT @company, @orderer, @deputy, @first, @last, @person
		WHERE EXISTS (SELECT FROM memberships m WHERE m.company_id = @company AND m.person_id = @orderer)
		RETURNING id`
	err = s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "orderer": n.Orderer, "deputy": n.Deputy, "first": n.First, "last": n.Last, "person": by.Person,
	}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("postgres: name a deputy: %w", refusal(err))
	}
	return id, nil
}

// CancelDeputy ends the time of a deputy at once, and says whose deputy it was. ErrNotFound: no such deputy, no more, or not the actor's matter.
func (s *Store) CancelDeputy(ctx context.Context, by account.Actor, id card.DeputyID) (account.PersonID, error) {
	if !ofItsCompany(by) {
		return 0, card.ErrNotFound
	}
	var whose *account.PersonID
	args := pgx.StrictNamedArgs{"deputy": id, "company": by.Company, "person": by.Person}
	if err := s.db.QueryRow(ctx, `SELECT cancel_deputy(@deputy, @company, @person)`, args).Scan(&whose); err != nil {
		return 0, fmt.Errorf("postgres: cancel a deputy: %w", refusal(err))
	}
	if whose == nil {
		return 0, card.ErrNotFound
	}
	return *whose, nil
}

// Deputies are those of the actor's company whose time has not ended, the first to begin first: to administrators all, to orderers those
// that stand in for them or for whom they stand in. ErrNotFound: the actor is neither.
func (s *Store) Deputies(ctx context.Context, by account.Actor) ([]card.Deputy, error) {
	if !ofItsCompany(by) {
		return nil, card.ErrNotFound
	}
	const q = `
		SELECT d.id, d.orderer_id, d.deputy_id, o.given_name, o.family_name, p.given_name, p.family_name, d.first_day, d.last_day, n.given_name, n.family_name,
		       d.first_day <= t.day
		FROM (SELECT today() AS day OFFSET 0) t
		JOIN deputies d ON d.company_id = @company AND d.cancelled_at IS NULL AND d.last_day >= t.day
		JOIN persons o ON o.id = d.orderer_id
		JOIN persons p ON p.id = d.deputy_id
		JOIN persons n ON n.id = d.named_by
		WHERE @all OR @person IN (d.orderer_id, d.deputy_id)
		ORDER BY d.first_day, d.id
		LIMIT 500`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "person": by.Person, "all": administers(by)})
	if err != nil {
		return nil, fmt.Errorf("postgres: deputies: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d card.Deputy, err error) {
		err = row.Scan(&d.ID, &d.OrdererID, &d.DeputyID, &d.Orderer.Given, &d.Orderer.Family, &d.Deputy.Given, &d.Deputy.Family,
			&d.First, &d.Last, &d.By.Given, &d.By.Family, &d.Now)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: deputies: %w", err)
	}
	return all, nil
}
