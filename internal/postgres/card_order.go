package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Order makes a card at the beginning of its life: ordered by the actor, who becomes responsible for it. The holder is somebody the
// company knows already, by card or role, or whoever has the identity, entered in the register if it is nobody's yet.
//
// ErrOpenOrder: the person has an open order for this kind of card at the company. ErrNotFound: the actor works for no company, or
// the company does not know the holder, the photo or the card to be replaced. ErrNotAllowed: the actor is no orderer there, or not the one
// who is responsible for the card to be replaced, or that card is not made yet, or is renewed already.
// ErrOrder: what is ordered is not whole; the rule says what.
func (s *Store) Order(ctx context.Context, by account.Actor, o card.NewOrder) (id card.ID, err error) {
	if by.Company == 0 {
		return 0, card.ErrNotFound
	}
	var ids []card.ID
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		ids, err = orderCards(ctx, tx, by, o, 1)
		if err != nil || o.Replaces == 0 {
			return err
		}
		return s.tellOfReplacements(ctx, tx, ids)
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
	o.Kind, o.Holder = card.Visitor, 0
	if ids, err = orderCards(ctx, s.db, by, o, count); err != nil {
		return nil, fmt.Errorf("postgres: order visitor cards: %w", refusal(err))
	}
	return ids, nil
}

// orderCards orders so many cards that are alike, all or none.
func orderCards(ctx context.Context, db queryer, by account.Actor, o card.NewOrder, count int) ([]card.ID, error) {
	orders, err := json.Marshal(slices.Repeat([]newOrder{newOrderOf(o)}, count))
	if err != nil {
		return nil, err
	}
	const q = `SELECT order_cards(@company, @person, @orders)`
	rows, err := db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "person": by.Person, "orders": string(orders)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[card.ID])
}

// newOrder is an order as the type of that name in the schema has it: an identity marshals masked by itself.
type newOrder struct {
	Kind          card.Kind         `json:"kind"`
	Holder        *account.PersonID `json:"holder,omitempty"` // null for one named by identity, and on a visitor card
	IdentityKind  string            `json:"identity_kind"`
	Country       string            `json:"identity_country"`
	Number        string            `json:"identity_number"`
	Given         string            `json:"given_name"`
	Family        string            `json:"family_name"`
	Citizenship   *string           `json:"citizenship"`
	Photo         *card.PictureID   `json:"photo_id,omitempty"`
	Email         *account.Email    `json:"email"`
	Language      string            `json:"language"`
	Reference     string            `json:"reference"`
	DeliverTo     string            `json:"deliver_to"`
	Replaces      *card.ID          `json:"replaces_id,omitempty"`
	ReplaceReason *card.Reason      `json:"replace_reason,omitempty"`
}

func newOrderOf(o card.NewOrder) newOrder {
	return newOrder{
		Kind: o.Kind, Holder: orNull(o.Holder), IdentityKind: string(o.Identity.Kind), Country: o.Identity.Country, Number: o.Identity.Number(),
		Given: o.Name.Given, Family: o.Name.Family, Citizenship: orNull(o.Citizenship), Photo: orNull(o.Photo), Email: orNull(o.Email),
		Language: o.Language, Reference: o.Reference, DeliverTo: o.DeliverTo, Replaces: orNull(o.Replaces), ReplaceReason: orNull(o.ReplaceReason),
	}
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

// insertOrder keeps what is ordered beside the event e of a correction.
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
