package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// maxSearches is how many saved searches are listed: the fifty that a person may have, and of the others' the first.
const maxSearches = 200

// The columns of a saved search s of somebody p.
const searchColumns = `
	s.id, s.name, s.shared, s.own, s.starts, p.given_name, p.family_name,
	s.query, coalesce(s.status, ''), coalesce(s.kind, ''), coalesce(s.orderer_id, 0), s.expires_before, coalesce(s.cleanup, '')`

func scanSearch(row pgx.CollectableRow) (card.SavedSearch, error) {
	var s card.SavedSearch
	var expiresBefore *time.Time
	err := row.Scan(&s.ID, &s.Name, &s.Shared, &s.Own, &s.Starts, &s.Owner.Given, &s.Owner.Family,
		&s.Filter.Query, &s.Filter.Status, &s.Filter.Kind, &s.Filter.Orderer, &expiresBefore, &s.Filter.CleanUp)
	s.Filter.ExpiresBefore = day(expiresBefore)
	return s, err
}

const usableSearches = `SELECT ` + searchColumns + `
	FROM usable_searches s JOIN persons p ON p.id = s.person_id
	WHERE s.company_id = @company AND s.reader_id = @person`

// SavedSearches are those that the actor may use: the own ones, then those that others of the company share, each by name. ErrNotFound: the
// actor sees no company's cards.
func (s *Store) SavedSearches(ctx context.Context, by account.Actor) ([]card.SavedSearch, error) {
	if !ofItsCompany(by) {
		return nil, card.ErrNotFound
	}
	var found []card.SavedSearch
	batch := &pgx.Batch{}
	queueSearches(batch, by, &found)
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("postgres: saved searches: %w", err)
	}
	return found, nil
}

func queueSearches(batch *pgx.Batch, by account.Actor, found *[]card.SavedSearch) {
	const q = usableSearches + ` ORDER BY s.own DESC, name_key(s.name) COLLATE "C", s.id LIMIT @limit`
	args := pgx.StrictNamedArgs{"company": by.Company, "person": by.Person, "limit": maxSearches}
	batch.Queue(q, args).Query(func(answer pgx.Rows) (err error) {
		*found, err = pgx.CollectRows(answer, scanSearch)
		return err
	})
}

// StartSearch is what the actor begins with in the company. ErrNotFound: with the start page.
func (s *Store) StartSearch(ctx context.Context, by account.Actor) (card.SavedSearch, error) {
	if !ofItsCompany(by) {
		return card.SavedSearch{}, card.ErrNotFound
	}
	const q = usableSearches + ` AND s.starts`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "person": by.Person})
	if err != nil {
		return card.SavedSearch{}, fmt.Errorf("postgres: start search: %w", err)
	}
	search, err := pgx.CollectOneRow(rows, scanSearch)
	if err != nil {
		return card.SavedSearch{}, fmt.Errorf("postgres: start search: %w", refusal(err))
	}
	return search, nil
}

// SaveSearch keeps a search under a name. ErrSearchName, ErrSearchTaken, ErrSearchPersonal, ErrSearchesFull: it is not kept. ErrNotFound: the
// actor sees no company's cards, or the search is for an orderer who is and was nobody of the company.
func (s *Store) SaveSearch(ctx context.Context, by account.Actor, n card.NewSearch) (card.SearchID, error) {
	if !ofItsCompany(by) {
		return 0, card.ErrNotFound
	}
	const q = `
		INSERT INTO saved_searches (company_id, person_id, name, shared, query, status, kind, orderer_id, expires_before, cleanup)
		SELECT @company, @person, @name, @shared, @query, nullif(@status, ''), nullif(@kind, ''), nullif(@orderer::bigint, 0), @expires_before, nullif(@cleanup, '')
		WHERE @orderer = 0
		   OR EXISTS (SELECT FROM memberships m WHERE m.company_id = @company AND m.person_id = @orderer)
		   OR EXISTS (SELECT FROM cards c WHERE c.company_id = @company AND c.orderer_id = @orderer)
		RETURNING id`
	var expiresBefore *time.Time
	if !n.Filter.ExpiresBefore.IsZero() {
		expiresBefore = &n.Filter.ExpiresBefore
	}
	var id card.SearchID
	err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "person": by.Person, "name": n.Name, "shared": n.Shared, "query": n.Filter.Query, "status": n.Filter.Status,
		"kind": n.Filter.Kind, "orderer": n.Filter.Orderer, "expires_before": expiresBefore, "cleanup": n.Filter.CleanUp,
	}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("postgres: save search: %w", refusal(err))
	}
	return id, nil
}

// RenameSearch gives an own search another name. ErrNotFound: the actor has no such search. ErrSearchName, ErrSearchTaken: it keeps the old one.
func (s *Store) RenameSearch(ctx context.Context, by account.Actor, id card.SearchID, name string) error {
	const q = `UPDATE saved_searches SET name = @name WHERE id = @search AND company_id = @company AND person_id = @person RETURNING id`
	return s.changeSearch(ctx, by, q, pgx.NamedArgs{"search": id, "name": name})
}

// ShareSearch shows an own search to the company's other people, or no longer; who began with it then begins with the start page. ErrNotFound:
// the actor has no such search.
func (s *Store) ShareSearch(ctx context.Context, by account.Actor, id card.SearchID, shared bool) error {
	const q = `UPDATE saved_searches SET shared = @shared WHERE id = @search AND company_id = @company AND person_id = @person RETURNING id`
	return s.changeSearch(ctx, by, q, pgx.NamedArgs{"search": id, "shared": shared})
}

// DeleteSearch ends an own search or, for an administrator of the company, a shared one. ErrNotFound: the actor has no such search.
func (s *Store) DeleteSearch(ctx context.Context, by account.Actor, id card.SearchID) error {
	const q = `
		DELETE FROM saved_searches s
		WHERE s.id = @search AND s.company_id = @company
		  AND (s.person_id = @person OR s.shared AND EXISTS (
		      SELECT FROM memberships m
		      WHERE m.company_id = s.company_id AND m.person_id = @person AND m.role = 'administrator' AND m.ended_at IS NULL))
		RETURNING s.id`
	return s.changeSearch(ctx, by, q, pgx.NamedArgs{"search": id})
}

// StartWith makes one of the searches that the actor may use the one to begin with. ErrNotFound: there is no such search.
func (s *Store) StartWith(ctx context.Context, by account.Actor, id card.SearchID) error {
	const q = `
		INSERT INTO start_searches (company_id, person_id, search_id)
		SELECT s.company_id, s.reader_id, s.id FROM usable_searches s WHERE s.company_id = @company AND s.reader_id = @person AND s.id = @search
		ON CONFLICT (company_id, person_id) DO UPDATE SET search_id = excluded.search_id
		RETURNING search_id`
	return s.changeSearch(ctx, by, q, pgx.NamedArgs{"search": id})
}

// StartAsUsual lets the actor begin with the start page again.
func (s *Store) StartAsUsual(ctx context.Context, by account.Actor) error {
	const q = `DELETE FROM start_searches WHERE company_id = @company AND person_id = @person RETURNING search_id`
	err := s.changeSearch(ctx, by, q, nil)
	if errors.Is(err, card.ErrNotFound) && ofItsCompany(by) {
		return nil // as it was
	}
	return err
}

// changeSearch runs a statement that returns a row when there was something to change.
func (s *Store) changeSearch(ctx context.Context, by account.Actor, q string, args pgx.NamedArgs) error {
	if !ofItsCompany(by) {
		return card.ErrNotFound
	}
	var id card.SearchID
	if err := s.db.QueryRow(ctx, q, inScope(by, args)).Scan(&id); err != nil {
		return fmt.Errorf("postgres: saved search: %w", refusal(err))
	}
	return nil
}
