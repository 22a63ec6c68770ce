package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/card"
	"kortportal/internal/messages"
)

const grantColumns = `l.purpose, l.person_id, coalesce(l.card_id, 0), coalesce(l.company_id, 0), l.email, l.expires_at`

func scanGrant(row pgx.Row, more ...any) (messages.Grant, error) {
	var g messages.Grant
	err := row.Scan(append([]any{&g.Purpose, &g.Person, &g.Card, &g.Company, &g.Email, &g.Expires}, more...)...)
	return g, err
}

// LookAtLink tells what a link would give, and changes nothing. account.ErrNotFound: there is no such link for this purpose. ErrLinkUsed,
// ErrLinkExpired, ErrLinkReplaced, ErrLinkWithdrawn: it is good for nothing any more. ErrKnownElsewhere: it makes no log-in for this person.
func (s *Store) LookAtLink(ctx context.Context, purpose messages.Purpose, token messages.Token) (messages.Grant, error) {
	const q = `SELECT ` + grantColumns + `, coalesce(link_refusal(l, @purpose), '') FROM links l WHERE l.token_hash = @hash`
	var rule string
	row := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"purpose": purpose, "hash": hashToken(token.Reveal())})
	g, err := scanGrant(row, &rule)
	if err == nil && rule != "" {
		err = &card.Refused{Rule: card.Rule(rule), Err: refusals()[rule]}
	}
	if err != nil {
		return messages.Grant{}, fmt.Errorf("postgres: look at a link: %w", notFound(err))
	}
	return g, nil
}

// UseLink uses a link up. Of several at once one wins. Errors as of LookAtLink.
func (s *Store) UseLink(ctx context.Context, purpose messages.Purpose, token messages.Token) (messages.Grant, error) {
	var g messages.Grant
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		g, err = useLink(ctx, tx, purpose, token)
		return err
	})
	return g, err
}

// useLink is UseLink in the transaction of what the link is good for: when that is refused, the link can be used again.
func useLink(ctx context.Context, tx pgx.Tx, purpose messages.Purpose, token messages.Token) (messages.Grant, error) {
	const q = `SELECT ` + grantColumns + ` FROM use_link(@hash, @purpose) l`
	g, err := scanGrant(tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"hash": hashToken(token.Reveal()), "purpose": purpose}))
	if err != nil {
		return messages.Grant{}, fmt.Errorf("postgres: use a link: %w", notFound(err))
	}
	return g, nil
}
