package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Activation is what the actor should know before activating an own card. ErrNotFound: the actor has no such card.
func (s *Store) Activation(ctx context.Context, by account.Actor, id card.ID) (card.Activation, error) {
	const q = `
		SELECT coalesce((SELECT array_agg(o.number ORDER BY o.id)
		                 FROM cards o
		                 JOIN card_transitions t ON t.kind = o.kind AND t.action = 'supersede' AND t.from_status = o.status
		                 WHERE o.company_id = c.company_id AND o.person_id = c.person_id AND o.kind = c.kind AND o.id < c.id), '{}'),
		       (SELECT count(*) FROM activation_tries a WHERE a.card_id = c.id AND a.tried_on = (SELECT today())) >= 5
		FROM cards c
		WHERE c.id = @card AND c.person_id = @person`
	var a card.Activation
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": id, "person": by.Person}).Scan(&a.Ends, &a.WrongTooOften); err != nil {
		return card.Activation{}, fmt.Errorf("postgres: activation: %w", refusal(err))
	}
	return a, nil
}
