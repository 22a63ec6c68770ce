package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// logLook writes down which cards somebody of the issuer's staff is about to see. Without the entry they are not shown.
func (s *Store) logLook(ctx context.Context, by account.Actor, page string, cards []card.ID) error {
	const q = `INSERT INTO issuer_looks (person_id, page, card_ids) VALUES (@person, @page, @cards)`
	if _, err := s.db.Exec(ctx, q, pgx.StrictNamedArgs{"person": by.Person, "page": page, "cards": cards}); err != nil {
		return fmt.Errorf("postgres: log a look: %w", err)
	}
	return nil
}
