package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// What another order for the holder of a card begins with. c is the card, p its holder, d what its order said, nothing for one from before
// orders were kept. Whoever has a number of a country is taken for its citizen until somebody says otherwise; a coordination number says nothing.
const draftColumns = `
	c.kind, coalesce(c.person_id, 0), coalesce(d.given_name, c.printed_given_name, p.given_name, ''),
	coalesce(d.family_name, c.printed_family_name, p.family_name, ''), coalesce(d.citizenship, CASE p.identity_kind WHEN 'coordination_number' THEN '' ELSE p.identity_country END, ''),
	coalesce((SELECT x.id FROM pictures x WHERE x.id = d.photo_id AND x.there), 0),
	coalesce(d.email, ''), coalesce(d.language, 'sv'), coalesce(d.reference, ''), coalesce(d.deliver_to, '')`

// reclaimed: a claim for card c was accepted, and the card that the issuer pays has not been ordered or was cancelled.
const reclaimed = `EXISTS (SELECT FROM claims x LEFT JOIN cards f ON f.id = x.order_card_id
	WHERE x.card_id = c.id AND x.accepted AND coalesce(f.status, 'cancelled') = 'cancelled')`

// draftFields are the places that draftColumns are scanned into.
func draftFields(o *card.NewOrder) []any {
	return []any{
		&o.Kind, &o.Holder, &o.Name.Given, &o.Name.Family, &o.Citizenship, &o.Photo, &o.Email, &o.Language, &o.Reference, &o.DeliverTo,
	}
}

// Draft is what the order of a card says, to be corrected, shown or ordered again. ErrNotFound: no such card for this actor.
func (s *Store) Draft(ctx context.Context, by account.Actor, id card.ID) (card.Draft, error) {
	where, err := scope(by)
	if err != nil {
		return card.Draft{}, err
	}
	var d card.Draft
	if err := s.ask(ctx, askDraft(by, where, id, &d)); err != nil {
		return card.Draft{}, err
	}
	return d, nil
}

func askDraft(by account.Actor, where string, id card.ID, d *card.Draft) question {
	const q = `
		SELECT ` + draftColumns + `, ph.deleted_at,
		       coalesce(d.replaces_id, 0), coalesce(d.replace_reason, ''), coalesce(old.number, ''), coalesce(new.id, 0), coalesce(new.number, ''),
		       ` + reclaimed + `,
		       coalesce((SELECT r.pays FROM replace_reasons r WHERE r.reason = d.replace_reason), ''),
		       CASE WHEN c.kind <> 'standard' OR c.number IS NULL THEN 'card_events_transition'
		            ELSE coalesce(card_guard(c, 'order', @person, 'orderer'), '') END
		FROM cards c
		LEFT JOIN persons p ON p.id = c.person_id
		LEFT JOIN current_orders d ON d.card_id = c.id
		LEFT JOIN pictures ph ON ph.id = d.photo_id
		LEFT JOIN cards old ON old.id = d.replaces_id
		LEFT JOIN LATERAL (
		    SELECT n.id, n.number FROM card_orders x JOIN cards n ON n.id = x.card_id
		    WHERE x.replaces_id = c.id AND n.status <> 'cancelled' ORDER BY n.id DESC LIMIT 1) new ON true
		WHERE c.id = @card AND `
	return question{q + where, inScope(by, pgx.NamedArgs{"card": id}), func(row pgx.Row) error {
		var deleted *time.Time
		err := row.Scan(append(draftFields(&d.NewOrder), &deleted,
			&d.Replaces, &d.ReplaceReason, &d.Replaced, &d.ReplacedBy, &d.Successor, &d.Reclaimed, &d.Pays, &d.Refusal)...)
		if err != nil {
			return fmt.Errorf("postgres: draft: %w", refusal(err))
		}
		d.PhotoDeleted = day(deleted)
		return nil
	}}
}
