package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// OpenOrders are the company's cards for which somebody must act before they can be used, or only those the actor is responsible for: first
// those that wait for the orderer, then whatever has waited longest. ErrNotFound: the actor sees no company's orders.
func (s *Store) OpenOrders(ctx context.Context, by account.Actor, own bool, after card.Cursor) (card.OpenOrders, error) {
	where, err := scope(by)
	if err != nil {
		return card.OpenOrders{}, err
	}
	if where != ofCompany {
		return card.OpenOrders{}, card.ErrNotFound
	}
	const q = `
		SELECT ` + rowColumns + `, k.place, k.waits_for, k.since, k.reason, k.note,
		       coalesce((SELECT x.reference FROM card_orders x WHERE x.card_id = c.id ORDER BY x.seq DESC LIMIT 1), ''),
		       ARRAY(SELECT a.action FROM card_actions a
		             WHERE a.action IN ('correct', 'cancel') AND card_refusal(c, a.action, @person, 'orderer') IS NULL ORDER BY a.position),
		       resend_refusal(c) IS NULL,
		       coalesce((SELECT t.state = 'failed'
		                 FROM messages m JOIN message_templates w ON w.template = m.template JOIN message_states t ON t.message_id = m.id
		                 WHERE m.card_id = c.id AND w.while_status = c.status ORDER BY m.id DESC LIMIT 1), false)
		FROM (
		    SELECT c.id, CASE WHEN w.role = 'orderer' THEN 'a' ELSE 'b' END AS place, w.role AS waits_for,
		           e.occurred_at AS since, CASE WHEN w.role = 'orderer' THEN e.reason ELSE 'none' END AS reason,
		           CASE WHEN w.role = 'orderer' THEN e.note ELSE '' END AS note
		    FROM card_waits w
		    JOIN cards c ON c.company_id = @company AND c.status = w.status AND c.kind = w.kind
		    CROSS JOIN LATERAL (
		        SELECT x.occurred_at, x.reason, x.note FROM card_events x
		        WHERE x.card_id = c.id AND x.from_status <> x.to_status ORDER BY x.seq DESC LIMIT 1) e
		    WHERE (c.valid_to IS NULL OR c.valid_to >= (SELECT today())) AND (NOT @own OR c.orderer_id = @person)
		      AND (CASE WHEN w.role = 'orderer' THEN 'a' ELSE 'b' END, e.occurred_at, c.id) > (@after_place, @after_since, @after_id)
		    ORDER BY 2, 4, 1
		    LIMIT @limit) k
		JOIN cards c ON c.id = k.id ` + rowTables + `
		ORDER BY k.place, k.since, k.id`
	start := placeOf(after)
	since, err := time.Parse(time.RFC3339Nano, start.Key)
	if err != nil {
		start, since = place{}, time.Time{} // no cursor of ours: the beginning
	}
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "person": by.Person, "own": own, "limit": card.PageSize + 1,
		"after_place": start.Group, "after_since": since, "after_id": start.ID,
	})
	if err != nil {
		return card.OpenOrders{}, fmt.Errorf("postgres: open orders: %w", err)
	}
	var places []place
	orders, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o card.OpenOrder, err error) {
		at := place{}
		o.Row, err = scanRowWith(row, &at.Group, &o.WaitsFor, &o.Since, &o.Reason, &o.Note, &o.Reference, &o.Open, &o.Resendable, &o.MailFailed)
		at.Key, at.ID = o.Since.Format(time.RFC3339Nano), o.ID
		places = append(places, at)
		return o, err
	})
	if err != nil {
		return card.OpenOrders{}, fmt.Errorf("postgres: open orders: %w", err)
	}
	if len(orders) <= card.PageSize {
		return card.OpenOrders{Rows: orders}, nil
	}
	return card.OpenOrders{Rows: orders[:card.PageSize], Next: places[card.PageSize-1].cursor()}, nil
}
