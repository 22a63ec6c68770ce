package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Order makes a card at the beginning of its life: ordered by the actor, who becomes responsible for it. The holder is somebody the
// company knows already, by card or role, or whoever has the identity, entered in the register if it is nobody's yet.
//
// ErrOpenOrder: the person has an open order for this kind of card at the company. ErrNotFound: the actor works for no company, or
// the company does not know the holder, the photo or the card to be replaced. ErrNotAllowed: the actor is no orderer there.
// ErrOrder: what is ordered is not whole; the rule says what.
func (s *Store) Order(ctx context.Context, by account.Actor, o card.NewOrder) (id card.ID, err error) {
	if by.Company == 0 {
		return 0, card.ErrNotFound
	}
	var ids []card.ID
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		ids, err = order(ctx, tx, by, o, 1)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: order: %w", refusal(err))
	}
	return ids[0], nil
}

// OrderVisitorCards orders so many visitor cards at once, all or none. Errors as of Order.
func (s *Store) OrderVisitorCards(ctx context.Context, by account.Actor, o card.NewOrder, count int) (ids []card.ID, err error) {
	if by.Company == 0 {
		return nil, card.ErrNotFound
	}
	o.Kind = card.Visitor
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		ids, err = order(ctx, tx, by, o, count)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: order visitor cards: %w", refusal(err))
	}
	return ids, nil
}

func order(ctx context.Context, tx pgx.Tx, by account.Actor, o card.NewOrder, count int) ([]card.ID, error) {
	holder, err := orderedFor(ctx, tx, by, o)
	if err != nil {
		return nil, err
	}
	const q = `
		WITH c AS (
		    INSERT INTO cards (company_id, kind, person_id, ordered_by)
		    SELECT @company, @kind, @holder::bigint, @person FROM generate_series(1, @count)
		    RETURNING id, company_id, kind
		), e AS (
		    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
		    SELECT c.id, 1, c.company_id, c.kind, t.action, t.from_status, t.to_status, @person, 'orderer'
		    FROM c JOIN card_transitions t ON t.kind = c.kind AND t.action = 'order'
		    RETURNING card_id, seq, company_id, kind
		)` + insertOrder
	args := orderArgs(by, o)
	args["kind"], args["holder"], args["count"] = o.Kind, orNull(holder), count
	rows, err := tx.Query(ctx, q, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[card.ID])
}

// orderedFor is the holder of a card to be ordered, or zero for a visitor card.
func orderedFor(ctx context.Context, tx pgx.Tx, by account.Actor, o card.NewOrder) (holder account.PersonID, err error) {
	switch {
	case o.Kind == card.Visitor:
		return 0, nil
	case o.Holder != 0:
		const known = `
			SELECT p.id FROM persons p
			WHERE p.id = @holder AND (EXISTS (SELECT FROM cards c WHERE c.person_id = p.id AND c.company_id = @company)
			                          OR EXISTS (SELECT FROM memberships m WHERE m.person_id = p.id AND m.company_id = @company))`
		err = tx.QueryRow(ctx, known, pgx.StrictNamedArgs{"holder": o.Holder, "company": by.Company}).Scan(&holder)
		return holder, err
	}
	return register(ctx, tx, o.Identity, o.Name)
}

// register is the person with an identity, entered under the name where it is nobody's yet. One who is there keeps the name: it is
// the person's own to change.
func register(ctx context.Context, tx pgx.Tx, identity account.Identity, name card.Name) (person account.PersonID, err error) {
	const enter = `
		INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
		VALUES (@kind, @country, @number, @given, @family)
		ON CONFLICT ON CONSTRAINT persons_identity_unique DO NOTHING
		RETURNING id`
	const find = `SELECT p.id FROM persons p WHERE p.identity_country = @country AND p.identity_kind = @kind AND p.identity_number = @number`
	args := pgx.NamedArgs{
		"kind": identity.Kind, "country": identity.Country, "number": identity.Number(), "given": name.Given, "family": name.Family,
	}
	err = tx.QueryRow(ctx, enter, args).Scan(&person)
	if errors.Is(err, pgx.ErrNoRows) {
		// A statement of its own: it sees whom another transaction has entered meanwhile.
		err = tx.QueryRow(ctx, find, args).Scan(&person)
	}
	return person, err
}

// Correct changes what an order says; the issuer reviews it and the holder approves it anew. Errors as of Order and Act.
func (s *Store) Correct(ctx context.Context, by account.Actor, id card.ID, version int, o card.NewOrder) (newVersion int, err error) {
	where, err := scope(by)
	if err != nil {
		return 0, err
	}
	args := eventArgs(by, card.Command{Card: id, Version: version, Action: card.Correct})
	for name, value := range orderArgs(by, o) {
		args[name] = value
	}
	q := `WITH e AS (` + insertEvent + where + ` RETURNING card_id, seq, company_id, kind)` + insertOrder
	if err := s.db.QueryRow(ctx, q, args).Scan(&id); err != nil {
		return 0, fmt.Errorf("postgres: correct: %w", refusal(err))
	}
	return version + 1, nil
}

// insertOrder keeps what is ordered beside the event e.
const insertOrder = `
		INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, email, language, reference,
		                         deliver_to, replaces_id, replace_reason)
		SELECT e.card_id, e.seq, e.company_id, e.kind, @given, @family, @citizenship, @photo, @email, @language, @reference,
		       @deliver_to, @replaces, @replace_reason
		FROM e
		RETURNING card_id`

func orderArgs(by account.Actor, o card.NewOrder) pgx.NamedArgs {
	return pgx.NamedArgs{
		"company": by.Company, "person": by.Person, "given": orNull(o.Name.Given), "family": orNull(o.Name.Family),
		"citizenship": orNull(o.Citizenship), "photo": orNull(o.Photo), "email": orNull(o.Email), "language": o.Language,
		"reference": o.Reference, "deliver_to": o.DeliverTo, "replaces": orNull(o.Replaces), "replace_reason": orNull(o.ReplaceReason),
	}
}

// CurrentOrder is what the order of a card says after its last correction. ErrNotFound: no such card for this actor, or it was ordered
// before orders were kept.
func (s *Store) CurrentOrder(ctx context.Context, by account.Actor, id card.ID) (card.CurrentOrder, error) {
	where, err := scope(by)
	if err != nil {
		return card.CurrentOrder{}, err
	}
	const q = `
		SELECT c.id, c.company_id, c.kind, coalesce(c.person_id, 0), coalesce(o.given_name, ''), coalesce(o.family_name, ''), coalesce(o.citizenship, ''),
		       coalesce(o.photo_id, 0), coalesce(o.email, ''), o.language, o.reference, o.deliver_to, coalesce(o.replaces_id, 0),
		       coalesce(o.replace_reason, ''), coalesce((SELECT max(r.card_id) FROM card_orders r WHERE r.replaces_id = c.id), 0)
		FROM cards c JOIN current_orders o ON o.card_id = c.id
		WHERE c.id = @card AND `
	var o card.CurrentOrder
	err = s.db.QueryRow(ctx, q+where, inScope(by, pgx.NamedArgs{"card": id})).Scan(&o.Card, &o.Company, &o.Kind, &o.Holder, &o.Name.Given,
		&o.Name.Family, &o.Citizenship, &o.Photo, &o.Email, &o.Language, &o.Reference, &o.DeliverTo, &o.Replaces, &o.ReplaceReason, &o.ReplacedBy)
	if err != nil {
		return card.CurrentOrder{}, fmt.Errorf("postgres: current order: %w", refusal(err))
	}
	return o, nil
}
