package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Approval is what will be printed on an own card of the actor, as the order stands now. ErrNotFound: the actor has no such card.
func (s *Store) Approval(ctx context.Context, by account.Actor, id card.ID) (card.Approval, error) {
	const q = `
		SELECT EXISTS (SELECT FROM current_orders o JOIN pictures p ON p.id = o.photo_id WHERE o.card_id = c.id AND p.there),
		       card_valid_to(c)
		FROM cards c
		WHERE c.id = @card AND c.person_id = @person`
	var a card.Approval
	var validTo *time.Time
	err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": id, "person": by.Person}).Scan(&a.HasPhoto, &validTo)
	if err != nil {
		return card.Approval{}, fmt.Errorf("postgres: approval: %w", refusal(err))
	}
	a.ValidTo = day(validTo)
	return a, nil
}

// OwnPhoto is the photo for an own card of the actor, as JPEG. ErrNotFound: the actor has no such card, or it has no photo.
func (s *Store) OwnPhoto(ctx context.Context, by account.Actor, id card.ID) ([]byte, error) {
	const q = `
		SELECT p.key
		FROM cards c
		JOIN current_orders o ON o.card_id = c.id
		JOIN pictures p ON p.id = o.photo_id
		WHERE c.id = @card AND o.card_id = @card AND c.person_id = @person AND p.there`
	var key string
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": id, "person": by.Person}).Scan(&key); err != nil {
		return nil, fmt.Errorf("postgres: own photo: %w", refusal(err))
	}
	return s.pictures.Get(ctx, key)
}
