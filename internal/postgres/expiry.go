package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// ExpiringCards are the company's cards in use that expire within a step, soonest first, or only those the actor is responsible for. Those
// that expired within the last thirty days, and that nobody replaced, come first. ErrNotFound: the actor sees no company's cards.
func (s *Store) ExpiringCards(ctx context.Context, by account.Actor, within card.Step, own bool, after card.Cursor) (card.ExpiringCards, error) {
	if !ofItsCompany(by) {
		return card.ExpiringCards{}, card.ErrNotFound
	}
	const q = `
		SELECT ` + rowColumns + `, coalesce(n.id, 0), coalesce(n.number, ''),
		       n.id IS NULL AND @orders AND card_guard(c, 'order', @person, 'orderer') IS NULL
		FROM (
		    SELECT u.id, u.valid_to, u.successor_id
		    FROM cards_in_use u
		    WHERE u.company_id = @company AND (NOT @own OR u.orderer_id = @person)
		      AND u.valid_to >= (SELECT today() - 30) AND (u.valid_to >= (SELECT today()) OR u.successor_id IS NULL)
		      AND u.valid_to <= (SELECT (today() + s.before)::date FROM reminder_steps s WHERE s.step = @within)
		      AND (u.valid_to, u.id) > (@after_day, @after_id)
		    ORDER BY u.valid_to, u.id
		    LIMIT @limit) k
		JOIN cards c ON c.id = k.id ` + rowTables + `
		LEFT JOIN cards n ON n.id = k.successor_id
		ORDER BY k.valid_to, k.id`
	start := placeOf(after)
	from, err := time.Parse(time.DateOnly, start.Key)
	if err != nil {
		start, from = place{}, time.Time{} // no cursor of ours: the beginning
	}
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "person": by.Person, "orders": by.Is(account.Orderer), "own": own, "within": within,
		"after_day": from, "after_id": start.ID, "limit": card.PageSize + 1,
	})
	if err != nil {
		return card.ExpiringCards{}, fmt.Errorf("postgres: expiring cards: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e card.ExpiringCard, err error) {
		e.Row, err = scanRowWith(row, &e.Successor, &e.SuccessorNumber, &e.Renewable)
		return e, err
	})
	if err != nil {
		return card.ExpiringCards{}, fmt.Errorf("postgres: expiring cards: %w", err)
	}
	if len(found) <= card.PageSize {
		return card.ExpiringCards{Rows: found}, nil
	}
	last := found[card.PageSize-1]
	return card.ExpiringCards{
		Rows: found[:card.PageSize], Next: place{Key: last.ValidTo.Format(time.DateOnly), ID: last.ID}.cursor(),
	}, nil
}
