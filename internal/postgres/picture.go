package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// AddPicture keeps a photo for a card of the actor's company. ErrNotFound: the actor works for no company.
func (s *Store) AddPicture(ctx context.Context, by account.Actor, p card.NewPicture) (card.PictureID, error) {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return 0, card.ErrNotFound
	}
	const q = `
		INSERT INTO pictures (company_id, purpose, jpeg, width, height, uploaded_by)
		VALUES (@company, @purpose, @jpeg, @width, @height, @person)
		RETURNING id`
	var id card.PictureID
	err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "purpose": p.Purpose, "jpeg": p.JPEG, "width": p.Width, "height": p.Height, "person": by.Person,
	}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("postgres: add picture: %w", refusal(err))
	}
	return id, nil
}

// Picture is a picture as JPEG: one of the actor's company, one on a card of the holder's own, or for the issuer any
// that was ordered with a card, and the look is logged. ErrNotFound: no such picture for this actor, or it was deleted because its time was out.
func (s *Store) Picture(ctx context.Context, by account.Actor, id card.PictureID) ([]byte, error) {
	where, err := scope(by)
	if err != nil {
		return nil, err
	}
	q := `SELECT p.jpeg FROM pictures p WHERE p.id = @picture AND p.jpeg IS NOT NULL AND `
	switch where {
	case ofCompany:
		q += `p.company_id = @company`
	case ofHolder:
		q += `EXISTS (SELECT FROM card_orders o JOIN cards c ON c.id = o.card_id
		              WHERE o.photo_id = p.id AND NOT EXISTS (SELECT FROM card_orders n WHERE n.card_id = o.card_id AND n.seq > o.seq) AND ` + where + `)`
	default:
		q += `EXISTS (SELECT FROM card_orders o WHERE o.photo_id = p.id)`
	}
	var jpeg []byte
	if err := s.db.QueryRow(ctx, q, inScope(by, pgx.NamedArgs{"picture": id})).Scan(&jpeg); err != nil {
		return nil, fmt.Errorf("postgres: picture: %w", refusal(err))
	}
	if where == ofAll {
		const shown = `SELECT DISTINCT o.card_id FROM card_orders o WHERE o.photo_id = @picture ORDER BY o.card_id`
		rows, err := s.db.Query(ctx, shown, pgx.StrictNamedArgs{"picture": id})
		if err != nil {
			return nil, fmt.Errorf("postgres: whose picture: %w", err)
		}
		cards, err := pgx.CollectRows(rows, pgx.RowTo[card.ID])
		if err != nil {
			return nil, fmt.Errorf("postgres: whose picture: %w", err)
		}
		if err := s.logLook(ctx, by, "photo", cards); err != nil {
			return nil, err
		}
	}
	return jpeg, nil
}
