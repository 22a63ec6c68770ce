package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// KeepRenewal has orders of new cards for some that expire judged without ordering anything, and keeps them with the result for the orderer
// to confirm. ErrNotFound: the actor is no orderer of a company, or one of the cards is not the company's. ErrNotAllowed: the actor is no
// orderer any more.
func (s *Store) KeepRenewal(ctx context.Context, by account.Actor, cards []card.ID) (id card.RenewalID, err error) {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return 0, card.ErrNotFound
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		const keep = `INSERT INTO renewals (company_id, made_by) VALUES (@company, @person) RETURNING id`
		if err := tx.QueryRow(ctx, keep, pgx.StrictNamedArgs{"company": by.Company, "person": by.Person}).Scan(&id); err != nil {
			return err
		}
		const choose = `
			INSERT INTO renewal_cards (renewal_id, company_id, card_id, kind)
			SELECT @renewal, c.company_id, c.id, c.kind FROM ` + listedCards + `WHERE c.company_id = @company`
		chosen, err := tx.Exec(ctx, choose, pgx.StrictNamedArgs{"renewal": id, "company": by.Company, "cards": cards})
		if err != nil {
			return err
		}
		if int(chosen.RowsAffected()) != len(cards) {
			return card.ErrNotFound
		}
		return judgeRenewal(ctx, tx, by, id)
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: keep renewal: %w", refusal(err))
	}
	return id, nil
}

// Renewal is what KeepRenewal kept, as it was last judged, or what was ordered. ErrNotFound: the actor has kept no such renewal in this
// company within the last day.
func (s *Store) Renewal(ctx context.Context, by account.Actor, id card.RenewalID) (r card.Renewal, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		r, err = renewal(ctx, tx, by, id)
		return err
	})
	if err != nil {
		return card.Renewal{}, fmt.Errorf("postgres: renewal: %w", refusal(err))
	}
	return r, nil
}

// CheckRenewal changes what is said of the new cards and has their orders judged anew; what was ordered stays as it is. ErrNotFound as of
// Renewal. ErrNotAllowed: the actor is no orderer any more. ErrOrder: what is said is too long, or no address.
func (s *Store) CheckRenewal(ctx context.Context, by account.Actor, id card.RenewalID, terms card.RenewalTerms) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if applied, err := setRenewal(ctx, tx, by, id, terms); err != nil || applied {
			return err
		}
		return judgeRenewal(ctx, tx, by, id)
	})
	if err != nil {
		return fmt.Errorf("postgres: check renewal: %w", refusal(err))
	}
	return nil
}

// ApplyRenewal orders the new cards, all or those that no rule refuses, and tells whose cards they replace. Whoever asks again is told what
// the first ordered. ErrImport: nothing was ordered, because a card is refused that was to be ordered with all others, or because all are;
// the rows say why. Other errors as of CheckRenewal.
func (s *Store) ApplyRenewal(
	ctx context.Context, by account.Actor, id card.RenewalID, terms card.RenewalTerms, mode card.ImportMode,
) (r card.Renewal, err error) {
	refused := false
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		applied, err := setRenewal(ctx, tx, by, id, terms)
		if err != nil {
			return err
		}
		if r, err = renewal(ctx, tx, by, id); err != nil || applied {
			return err
		}
		try, err := tx.Begin(ctx)
		if err != nil {
			return err
		}
		if err := orderRenewal(ctx, try, by, r.Rows); err != nil {
			return err
		}
		if refused = r.Good() == 0 || r.Good() < len(r.Rows) && mode != card.OnlyGood; refused {
			return errors.Join(try.Rollback(ctx), keepRenewalRows(ctx, tx, id, r.Rows, false))
		}
		if err := try.Commit(ctx); err != nil {
			return err
		}
		var ordered []card.ID
		for _, row := range r.Rows {
			if row.Ordered != 0 {
				ordered = append(ordered, row.Ordered)
			}
		}
		if err := s.tellOfReplacements(ctx, tx, ordered); err != nil {
			return err
		}
		r.Applied = true
		const apply = `UPDATE renewals SET applied_at = clock_now() WHERE id = @renewal`
		if _, err := tx.Exec(ctx, apply, pgx.StrictNamedArgs{"renewal": id}); err != nil {
			return err
		}
		return keepRenewalRows(ctx, tx, id, r.Rows, true)
	})
	switch {
	case err != nil:
		return card.Renewal{}, fmt.Errorf("postgres: apply renewal: %w", refusal(err))
	case refused:
		return r, card.ErrImport
	}
	return r, nil
}

// setRenewal locks a renewal of the actor's and keeps what is said of its cards, unless they were ordered.
func setRenewal(ctx context.Context, tx pgx.Tx, by account.Actor, id card.RenewalID, terms card.RenewalTerms) (applied bool, err error) {
	const lock = `
		SELECT r.applied_at IS NOT NULL FROM renewals r JOIN live_renewals l ON l.id = r.id
		WHERE r.id = @renewal AND r.company_id = @company AND r.made_by = @person FOR UPDATE OF r`
	args := pgx.StrictNamedArgs{"renewal": id, "company": by.Company, "person": by.Person}
	if err := tx.QueryRow(ctx, lock, args).Scan(&applied); err != nil || applied {
		return applied, err
	}
	const set = `UPDATE renewals SET deliver_to = @deliver_to, reference = @reference WHERE id = @renewal`
	args = pgx.StrictNamedArgs{"renewal": id, "deliver_to": terms.DeliverTo, "reference": terms.Reference}
	if _, err := tx.Exec(ctx, set, args); err != nil {
		return false, err
	}
	var cards []card.ID
	var emails []string
	for c, email := range terms.Emails {
		cards, emails = append(cards, c), append(emails, string(email))
	}
	const address = `
		UPDATE renewal_cards x SET email = nullif(n.email, '')
		FROM unnest(@cards::bigint[], @emails::text[]) n (card_id, email)
		WHERE x.renewal_id = @renewal AND x.card_id = n.card_id`
	_, err = tx.Exec(ctx, address, pgx.StrictNamedArgs{"renewal": id, "cards": cards, "emails": emails})
	return false, err
}

// renewal reads a renewal of the actor's with the orders that it would make.
func renewal(ctx context.Context, tx pgx.Tx, by account.Actor, id card.RenewalID) (r card.Renewal, err error) {
	const head = `
		SELECT r.deliver_to, r.reference, r.applied_at IS NOT NULL FROM live_renewals r
		WHERE r.id = @renewal AND r.company_id = @company AND r.made_by = @person`
	args := pgx.StrictNamedArgs{"renewal": id, "company": by.Company, "person": by.Person}
	if err := tx.QueryRow(ctx, head, args).Scan(&r.DeliverTo, &r.Reference, &r.Applied); err != nil {
		return card.Renewal{}, err
	}
	start, err := orderStart(ctx, tx, by)
	if err != nil {
		return card.Renewal{}, err
	}
	const q = `
		SELECT ` + rowColumns + `, ` + draftColumns + `, coalesce(x.email, ''), coalesce(x.refused_by, ''), coalesce(x.order_card_id, 0), ` + reclaimed + `
		FROM renewal_cards x
		JOIN cards c ON c.id = x.card_id ` + rowTables + `
		LEFT JOIN LATERAL (SELECT y.* FROM card_orders y WHERE y.card_id = c.id ORDER BY y.seq DESC LIMIT 1) d ON true
		WHERE x.renewal_id = @renewal
		ORDER BY c.valid_to, c.id`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"renewal": id})
	if err != nil {
		return card.Renewal{}, err
	}
	r.Rows, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (n card.RenewalRow, err error) {
		var email account.Email
		var faulty bool
		n.Row, err = scanRowWith(row, append(draftFields(&n.Order), &email, &n.Refusal, &n.Ordered, &faulty)...)
		n.Order.Replaces, n.Order.ReplaceReason = n.ID, card.Expires
		if faulty { // what the issuer owes the company does not order at its own cost
			n.Order.ReplaceReason = card.Reclaimed
		}
		n.Pays = start.Pays[n.Order.ReplaceReason]
		n.Order.Email = cmp.Or(email, n.Order.Email)
		n.Order.Reference = cmp.Or(r.Reference, n.Order.Reference)
		n.Order.DeliverTo = cmp.Or(r.DeliverTo, n.Order.DeliverTo, start.DeliverTo)
		return n, err
	})
	return r, err
}

// judgeRenewal says of each card what would become of its order, and leaves nothing else behind.
func judgeRenewal(ctx context.Context, tx pgx.Tx, by account.Actor, id card.RenewalID) error {
	r, err := renewal(ctx, tx, by, id)
	if err != nil {
		return err
	}
	try, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(orderRenewal(ctx, try, by, r.Rows), try.Rollback(ctx)); err != nil {
		return err
	}
	return keepRenewalRows(ctx, tx, id, r.Rows, false)
}

// orderRenewal orders a card for each row as a single one is ordered, and tells the others which rule refused them.
func orderRenewal(ctx context.Context, tx pgx.Tx, by account.Actor, rows []card.RenewalRow) error {
	for i := range rows {
		r := &rows[i]
		r.Refusal = ""
		err := pgx.BeginFunc(ctx, tx, func(try pgx.Tx) error {
			ids, err := orderCards(ctx, try, by, r.Order, 1)
			if err == nil {
				r.Ordered = ids[0]
			}
			return err
		})
		var refused *card.Refused
		switch err := refusal(err); {
		case err == nil:
		case errors.As(err, &refused) && refused.Rule != card.RuleMember && !errors.Is(err, card.ErrStale):
			r.Refusal = refused.Rule
		default:
			return err // not the row is refused but whoever brings it, or by nothing that has a name
		}
	}
	return nil
}

func keepRenewalRows(ctx context.Context, tx pgx.Tx, id card.RenewalID, rows []card.RenewalRow, ordered bool) error {
	cards, rules, made := make([]card.ID, len(rows)), make([]card.Rule, len(rows)), make([]card.ID, len(rows))
	for i := range rows {
		if !ordered {
			rows[i].Ordered = 0
		}
		cards[i], rules[i], made[i] = rows[i].ID, rows[i].Refusal, rows[i].Ordered
	}
	const q = `
		UPDATE renewal_cards x SET refused_by = nullif(n.rule, ''), order_card_id = nullif(n.made, 0)
		FROM unnest(@cards::bigint[], @rules::text[], @made::bigint[]) n (card_id, rule, made)
		WHERE x.renewal_id = @renewal AND x.card_id = n.card_id`
	_, err := tx.Exec(ctx, q, pgx.StrictNamedArgs{"renewal": id, "cards": cards, "rules": rules, "made": made})
	return err
}
