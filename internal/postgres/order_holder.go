package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// What the company knows of a person p: by the latest card k it ordered for him or her, with the order of that card o.
const holderColumns = `
	p.id, coalesce(k.printed_given_name, p.given_name), coalesce(k.printed_family_name, p.family_name),
	CASE WHEN p.personal_key IS NOT NULL THEN left(p.identity_number, 8) || '-****' ELSE p.identity_country || ' ****' END,
	coalesce(o.citizenship, ''), coalesce(o.email, ''), coalesce(o.language, ''),
	coalesce((SELECT x.id FROM pictures x WHERE x.id = o.photo_id AND x.there), 0),
	coalesce((SELECT n.id FROM cards n
	          WHERE n.company_id = @company AND n.person_id = p.id AND n.kind = 'standard'
	            AND n.status IN ('ordered', 'reviewed', 'approved', 'rejected')), 0)`

const holderTables = `
	LEFT JOIN LATERAL (
	    SELECT c.id, c.printed_given_name, c.printed_family_name FROM cards c
	    WHERE c.person_id = p.id AND c.company_id = @company ORDER BY c.id DESC LIMIT 1) k ON true
	LEFT JOIN LATERAL (
	    SELECT x.citizenship, x.email, x.language, x.photo_id FROM card_orders x WHERE x.card_id = k.id ORDER BY x.seq DESC LIMIT 1) o ON true`

// isKnown: whom no card or role ties to the company does not exist for it.
const isKnown = `(k.id IS NOT NULL OR EXISTS (SELECT FROM memberships m WHERE m.person_id = p.id AND m.company_id = @company))`

func scanHolder(row pgx.CollectableRow) (h card.Holder, err error) {
	err = row.Scan(&h.ID, &h.Name.Given, &h.Name.Family, &h.Identity, &h.Citizenship, &h.Email, &h.Language, &h.Photo, &h.Open)
	return h, err
}

// FindHolders finds people to order a card for, among those the company knows: the holders of the cards that a query finds, and
// orderers by name. ErrNotFound: the actor orders nothing here.
func (s *Store) FindHolders(ctx context.Context, by account.Actor, query card.Query) ([]card.Holder, error) {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return nil, card.ErrNotFound
	}
	found, err := s.SearchCards(ctx, by, card.Search{Query: query, Kind: card.Standard})
	if err != nil {
		return nil, err
	}
	var cards, persons []int64
	for _, row := range found.Rows {
		cards = append(cards, int64(row.ID))
	}
	for _, o := range found.Orderers {
		persons = append(persons, int64(o.ID))
	}
	const q = `
		SELECT ` + holderColumns + `
		FROM (SELECT c.person_id AS id FROM ` + listedCards + `WHERE c.company_id = @company
		      UNION SELECT x FROM unnest(@persons::bigint[]) x) f
		JOIN persons p ON p.id = f.id ` + holderTables + `
		WHERE ` + isKnown + `
		ORDER BY name_key(coalesce(k.printed_family_name, p.family_name) || ' ' || coalesce(k.printed_given_name, p.given_name)), p.id
		LIMIT @limit`
	args := pgx.StrictNamedArgs{"company": by.Company, "cards": cards, "persons": persons, "limit": card.PageSize}
	rows, err := s.db.Query(ctx, q, args)
	if err != nil {
		return nil, fmt.Errorf("postgres: find holders: %w", err)
	}
	holders, err := pgx.CollectRows(rows, scanHolder)
	if err != nil {
		return nil, fmt.Errorf("postgres: find holders: %w", err)
	}
	return holders, nil
}

// Holder is a person the company knows. ErrNotFound: it does not, or the actor orders nothing here.
func (s *Store) Holder(ctx context.Context, by account.Actor, person account.PersonID) (card.Holder, error) {
	return s.holder(ctx, by, `p.id = @id`, pgx.NamedArgs{"id": person})
}

// HolderByIdentity is the person with an identity, if the company knows him or her. Errors as of Holder: of somebody known to others only
// nothing is told.
func (s *Store) HolderByIdentity(ctx context.Context, by account.Actor, identity account.Identity) (card.Holder, error) {
	return s.holder(ctx, by, `p.identity_country = @country AND p.identity_kind = @kind AND p.identity_number = @number`, pgx.NamedArgs{
		"country": identity.Country, "kind": identity.Kind, "number": identity.Number(),
	})
}

func (s *Store) holder(ctx context.Context, by account.Actor, who string, args pgx.NamedArgs) (card.Holder, error) {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return card.Holder{}, card.ErrNotFound
	}
	args["company"] = by.Company
	rows, err := s.db.Query(ctx, `SELECT `+holderColumns+` FROM persons p `+holderTables+` WHERE `+who+` AND `+isKnown, args)
	if err != nil {
		return card.Holder{}, fmt.Errorf("postgres: holder: %w", err)
	}
	h, err := pgx.CollectExactlyOneRow(rows, scanHolder)
	if err != nil {
		return card.Holder{}, fmt.Errorf("postgres: holder: %w", refusal(err))
	}
	return h, nil
}

// OrderStart is what every order of the actor's company begins with. ErrNotFound: the actor orders nothing here.
func (s *Store) OrderStart(ctx context.Context, by account.Actor) (card.OrderStart, error) {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return card.OrderStart{}, card.ErrNotFound
	}
	start, err := orderStart(ctx, s.db, by)
	if err != nil {
		return card.OrderStart{}, fmt.Errorf("postgres: order start: %w", refusal(err))
	}
	return start, nil
}

func orderStart(ctx context.Context, db queryer, by account.Actor) (start card.OrderStart, err error) {
	// Only the latest cards are looked at: a company may have thousands from before orders were kept.
	const q = `
		SELECT co.name, co.org_number, coalesce((
		    SELECT o.deliver_to
		    FROM (SELECT c.id FROM cards c WHERE c.company_id = co.id ORDER BY c.id DESC LIMIT 200) c
		    JOIN card_orders o ON o.card_id = c.id
		    ORDER BY o.card_id DESC, o.seq DESC
		    LIMIT 1), ''),
		    (SELECT json_object_agg(r.reason, r.pays) FROM replace_reasons r)
		FROM companies co WHERE co.id = @company`
	err = db.QueryRow(ctx, q, pgx.StrictNamedArgs{"company": by.Company}).Scan(&start.Company, &start.OrgNumber, &start.DeliverTo, &start.Pays)
	return start, err
}
