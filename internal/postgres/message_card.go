package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
)

// told says which mail follows from an action, and whether the holder or the responsible orderer gets it.
func told(action card.Action) (template messages.Template, reader account.Role, ok bool) {
	switch action {
	case card.Review:
		return messages.OrderToApprove, account.Holder, true
	case card.Reject, card.Decline:
		return messages.OrderRejected, account.Orderer, true
	case card.Produce:
		return messages.CardProduced, account.Holder, true
	}
	return "", "", false
}

// tell writes the mails that follow from an action just taken on some cards. Who has no address is told by the page alone.
func (s *Store) tell(ctx context.Context, tx pgx.Tx, action card.Action, cards ...card.ID) error {
	template, reader, ok := told(action)
	if !ok || len(cards) == 0 {
		return nil
	}
	return s.mail(ctx, tx, template, reader, cards)
}

// mail writes a mail about each of some cards to its holder, or to its orderer and whoever acts in the orderer's place.
func (s *Store) mail(ctx context.Context, tx pgx.Tx, template messages.Template, reader account.Role, cards []card.ID) error {
	const q = `
		SELECT c.id, coalesce(c.person_id, 0), c.orderer_id, c.company_id, coalesce(c.printed_company, co.name), coalesce(c.number, ''), c.valid_to,
		       coalesce(c.printed_given_name || ' ' || c.printed_family_name, p.given_name || ' ' || p.family_name, ''),
		       coalesce(o.email, ''), CASE WHEN o.email IS NULL THEN '' ELSE o.language END,
		       (SELECT e.reason FROM card_events e WHERE e.card_id = c.id AND e.seq = c.version), d.deputies
		FROM unnest(@cards::bigint[]) WITH ORDINALITY i (id, nth)
		JOIN cards c ON c.id = i.id
		JOIN companies co ON co.id = c.company_id
		LEFT JOIN persons p ON p.id = c.person_id
		LEFT JOIN LATERAL (SELECT x.email, x.language FROM card_orders x WHERE x.card_id = c.id ORDER BY x.seq DESC LIMIT 1) o ON true
		CROSS JOIN LATERAL (SELECT ARRAY(SELECT x.deputy_id FROM current_deputies x
		                                 WHERE @deputies AND x.company_id = c.company_id AND x.orderer_id = c.orderer_id) AS deputies) d
		ORDER BY i.nth`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"cards": cards, "deputies": reader == account.Orderer})
	if err != nil {
		return fmt.Errorf("postgres: mail about cards: %w", err)
	}
	deputies := map[card.ID][]account.PersonID{}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (message, error) {
		m := message{template: template}
		var orderer account.PersonID
		var standIns []account.PersonID
		var validTo *time.Time
		var name string
		err := row.Scan(&m.card, &m.person, &orderer, &m.company, &m.data.Company, &m.data.CardNumber, &validTo, &name, &m.email, &m.language,
			&m.data.Reason, &standIns)
		if validTo != nil {
			m.data.LastDay = validTo.Format(time.DateOnly)
		}
		if m.data.Reason == card.NoReason {
			m.data.Reason = ""
		}
		if reader != account.Holder {
			m.person, m.email, m.language, m.data.Holder = orderer, "", "", name
		}
		deputies[m.card] = standIns
		return m, err
	})
	if err != nil {
		return fmt.Errorf("postgres: mail about cards: %w", err)
	}
	for _, m := range all {
		for _, m.person = range deputies[m.card] {
			all = append(all, m)
		}
	}
	toSomebody := slices.DeleteFunc(all, func(m message) bool { return m.person == 0 })
	if _, err := s.enqueueMessages(ctx, tx, toSomebody); err != nil {
		return fmt.Errorf("postgres: mail about cards: %w", refusal(err))
	}
	return nil
}

// tellOfReplacements writes to the holders of cards in whose place others were just ordered. The mail is about the old card, and goes where the
// new order says.
func (s *Store) tellOfReplacements(ctx context.Context, tx pgx.Tx, ordered []card.ID) error {
	const q = `
		INSERT INTO messages (company_id, person_id, card_id, card_kind, email, template, language, data)
		SELECT c.company_id, n.person_id, c.id, c.kind, coalesce(o.email, l.email), @template, CASE WHEN o.email IS NULL THEN l.language ELSE o.language END,
		       jsonb_build_object('company', c.printed_company, 'card_number', c.number)
		FROM current_orders o
		JOIN cards n ON n.id = o.card_id
		JOIN cards c ON c.id = o.replaces_id
		LEFT JOIN logins l ON l.person_id = n.person_id AND l.disabled_at IS NULL
		WHERE o.card_id = ANY (@ordered) AND n.person_id IS NOT NULL AND coalesce(o.email, l.email) IS NOT NULL
		RETURNING id`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"ordered": ordered, "template": messages.ReplacementOrdered})
	if err != nil {
		return fmt.Errorf("postgres: tell of replacements: %w", err)
	}
	written, err := pgx.CollectRows(rows, pgx.RowTo[messages.ID])
	if err == nil {
		err = s.sendAll(ctx, tx, written)
	}
	if err != nil {
		return fmt.Errorf("postgres: tell of replacements: %w", err)
	}
	return nil
}

// Resend writes to the holder of a card once more about the next step, at the address that the order has now; the link of the earlier mail
// ends. ErrNotFound: no such card of the actor's company. ErrNotAllowed: it does not wait for its holder. ErrTooOften: somebody was written to
// about it within the hour. messages.ErrNoAddress: the holder has none.
func (s *Store) Resend(ctx context.Context, by account.Actor, id card.ID) error {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return card.ErrNotFound
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		// Of two clicks at once the second waits, and then sees the first one's mail.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('resend', @card))`, pgx.StrictNamedArgs{"card": id}); err != nil {
			return fmt.Errorf("postgres: resend: %w", err)
		}
		const q = `
			SELECT coalesce(resend_refusal(c), ''), coalesce(t.template, '')
			FROM cards c LEFT JOIN message_templates t ON t.while_status = c.status
			WHERE c.id = @card AND c.company_id = @company`
		var rule card.Rule
		var template messages.Template
		if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": id, "company": by.Company}).Scan(&rule, &template); err != nil {
			return fmt.Errorf("postgres: resend: %w", refusal(err))
		}
		if rule != "" {
			return fmt.Errorf("postgres: resend: %w", refusedBy(rule))
		}
		return s.mail(ctx, tx, template, account.Holder, []card.ID{id})
	})
}

// messagesOfCard is how many messages the page of a card shows.
const messagesOfCard = 5

// queueMessages asks for the last messages about a card of the actor's company, and why the next could not be sent.
func queueMessages(batch *pgx.Batch, by account.Actor, id card.ID, of *messages.OfCard) {
	const refused = `SELECT coalesce(resend_refusal(c), '') FROM cards c WHERE c.id = @card AND c.company_id = @company`
	batch.Queue(refused, pgx.StrictNamedArgs{"card": id, "company": by.Company}).QueryRow(func(row pgx.Row) error { return row.Scan(&of.Refusal) })
	const q = `
		SELECT ` + messageColumns + `
		FROM (
		    SELECT x.* FROM messages x WHERE x.card_id = @card AND x.company_id = @company ORDER BY x.id DESC LIMIT @limit
		) m ` + messageTables + `
		ORDER BY m.id DESC`
	args := pgx.StrictNamedArgs{"card": id, "company": by.Company, "limit": messagesOfCard}
	batch.Queue(q, args).Query(func(rows pgx.Rows) (err error) {
		of.Rows, err = pgx.CollectRows(rows, scanMessage)
		return err
	})
}
