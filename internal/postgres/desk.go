package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// queueBound is where the counts of the queues stop.
const queueBound = 1000

// waitingSince is when card c came to where it stands; who is responsible does not matter.
const waitingSince = `(SELECT max(e.occurred_at) FROM card_events e WHERE e.card_id = c.id AND e.action <> 'hand_over')`

// queue is how the cards c of a queue are found: in the order of their orders, of what was sent by the day.
type queue struct {
	name  card.Queue
	from  string // up to and with WHERE
	since string
	batch string
	after string // the condition that a card lies behind @after
	order string
}

func queues() []queue {
	return []queue{
		{
			name: card.ToReview, from: `cards c WHERE c.status = 'ordered'`,
			since: waitingSince, batch: `0`, after: `c.id > @after`, order: `c.id`,
		},
		{
			name: card.ToProduce, from: `cards_to_produce c WHERE c.status IN ('reviewed', 'approved')`,
			since: waitingSince, batch: `0`, after: `c.id > @after`, order: `c.id`,
		},
		{
			name: card.AtBureau, from: `production_cards b JOIN cards c ON c.id = b.card_id JOIN production_batches m ON m.id = b.batch_id WHERE b.outcome IS NULL`,
			since: `m.created_at`, batch: `b.batch_id`, after: `b.card_id > @after`, order: `b.card_id`,
		},
		{
			name:  card.Sent,
			from:  `production_cards b JOIN cards c ON c.id = b.card_id WHERE b.outcome = 'made' AND b.answered_at >= (SELECT clock_now()) - interval '30 days'`,
			since: `b.answered_at`, batch: `b.batch_id`,
			after: `(@after::bigint = 0 OR (b.answered_at, b.card_id) < (
			            SELECT x.answered_at, x.card_id FROM production_cards x WHERE x.card_id = @after AND x.outcome = 'made'))`,
			order: `b.answered_at DESC, b.card_id DESC`,
		},
	}
}

// atDesk refuses whoever is not at the issuer's desk.
func atDesk(by account.Actor) error {
	if where, err := scope(by); err != nil || where != ofAll {
		return card.ErrNotFound
	}
	return nil
}

// Desk is the issuer's desk with a page of one of its queues, after a card or from the beginning. ErrNotFound: the actor is not at the
// desk, or there is no such queue. A look at cards is logged, or not given.
func (s *Store) Desk(ctx context.Context, by account.Actor, name card.Queue, after card.ID) (card.Desk, error) {
	if err := atDesk(by); err != nil {
		return card.Desk{}, err
	}
	var d card.Desk
	found := false
	for _, q := range queues() {
		count, err := s.countQueue(ctx, q)
		if err != nil {
			return card.Desk{}, err
		}
		d.Counts = append(d.Counts, count)
		if q.name != name {
			continue
		}
		found = true
		if d.Rows, err = s.queueRows(ctx, by, q, after); err != nil {
			return card.Desk{}, err
		}
	}
	if !found {
		return card.Desk{}, card.ErrNotFound
	}
	if len(d.Rows) > card.PageSize {
		d.Rows = d.Rows[:card.PageSize]
		d.Next = d.Rows[card.PageSize-1].ID
	}
	if len(d.Rows) > 0 {
		seen := make([]card.ID, len(d.Rows))
		for i, row := range d.Rows {
			seen[i] = row.ID
		}
		if err := s.logLook(ctx, by, "desk", seen); err != nil {
			return card.Desk{}, err
		}
	}
	return d, nil
}

func (s *Store) countQueue(ctx context.Context, q queue) (card.QueueCount, error) {
	count := card.QueueCount{Queue: q.name}
	if err := scanQueue(s.db.QueryRow(ctx, q.counting(), pgx.StrictNamedArgs{"limit": queueBound + 1}), &count); err != nil {
		return card.QueueCount{}, fmt.Errorf("postgres: count a queue: %w", err)
	}
	return count, nil
}

// counting is the query for how much lies in the queue, and since when.
func (q queue) counting() string {
	return `SELECT count(*), min(x.since) FROM (SELECT ` + q.since + ` AS since FROM ` + q.from + ` LIMIT @limit) x`
}

func scanQueue(row pgx.Row, count *card.QueueCount) error {
	var oldest *time.Time
	if err := row.Scan(&count.N, &oldest); err != nil {
		return err
	}
	count.Oldest = day(oldest)
	count.Count = bounded(count.N, queueBound)
	return nil
}

func (s *Store) queueRows(ctx context.Context, by account.Actor, q queue, after card.ID) ([]card.QueueRow, error) {
	sql := `
		SELECT ` + rowColumns + `, c.since, c.batch,
		       c.status = 'ordered' AND c.kind = 'standard' AND NOT EXISTS (
		           SELECT FROM current_orders x JOIN pictures y ON y.id = x.photo_id WHERE x.card_id = c.id AND y.there),
		       coalesce(cp.given_name, ''), coalesce(cp.family_name, '')
		FROM (SELECT c.*, ` + q.since + ` AS since, ` + q.batch + ` AS batch, row_number() OVER (ORDER BY ` + q.order + `) AS nth
		      FROM ` + q.from + ` AND ` + q.after + ` ORDER BY ` + q.order + ` LIMIT @limit) c ` + rowTables + `
		LEFT JOIN review_holds d ON d.card_id = c.id AND d.person_id <> @person AND d.until > clock_now() AND c.status = 'ordered'
		LEFT JOIN persons cp ON cp.id = d.person_id
		ORDER BY c.nth`
	rows, err := s.db.Query(ctx, sql, pgx.StrictNamedArgs{"after": after, "limit": card.PageSize + 1, "person": by.Person})
	if err != nil {
		return nil, fmt.Errorf("postgres: queue: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r card.QueueRow, err error) {
		r.Row, err = scanRowWith(row, &r.Since, &r.Batch, &r.NoPhoto, &r.ClaimedBy.Given, &r.ClaimedBy.Family)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: queue: %w", err)
	}
	return found, nil
}

// NextToReview is the oldest order behind one, or from the beginning, that can be reviewed and that no other clerk is looking at. For
// some minutes it is the actor's. ErrNotFound: none is left, or the actor is not at the desk.
func (s *Store) NextToReview(ctx context.Context, by account.Actor, after card.ID) (card.ID, error) {
	if err := atDesk(by); err != nil {
		return 0, err
	}
	var id *card.ID
	if err := s.db.QueryRow(ctx, `SELECT hold_review(@person, @after)`, pgx.StrictNamedArgs{"person": by.Person, "after": after}).Scan(&id); err != nil {
		return 0, fmt.Errorf("postgres: next to review: %w", refusal(err))
	}
	if id == nil {
		return 0, card.ErrNotFound
	}
	return *id, nil
}

// ReviewCase is an order with all that the issuer's decision needs. Errors and the log as of Card.
func (s *Store) ReviewCase(ctx context.Context, by account.Actor, id card.ID) (card.ReviewCase, error) {
	if err := atDesk(by); err != nil {
		return card.ReviewCase{}, err
	}
	var c card.ReviewCase
	var err error
	if c.Card, err = s.Card(ctx, by, id); err != nil {
		return card.ReviewCase{}, err
	}
	if c.Order, err = s.Draft(ctx, by, id); err != nil {
		return card.ReviewCase{}, err
	}
	const q = `
		SELECT coalesce(p.identity_kind, ''), card_valid_to(c), coalesce(cp.given_name, ''), coalesce(cp.family_name, '')
		FROM cards c
		LEFT JOIN persons p ON p.id = c.person_id
		LEFT JOIN review_holds d ON d.card_id = c.id AND d.person_id <> @person AND d.until > clock_now()
		LEFT JOIN persons cp ON cp.id = d.person_id
		WHERE c.id = @card`
	args := pgx.StrictNamedArgs{"card": id, "person": by.Person}
	if err := s.db.QueryRow(ctx, q, args).Scan(&c.IdentityKind, &c.LastDay, &c.ClaimedBy.Given, &c.ClaimedBy.Family); err != nil {
		return card.ReviewCase{}, fmt.Errorf("postgres: review case: %w", refusal(err))
	}
	if c.Earlier, err = s.earlierCards(ctx, id); err != nil {
		return card.ReviewCase{}, err
	}
	seen := []card.ID{id}
	for _, e := range c.Earlier {
		seen = append(seen, e.ID)
	}
	return c, s.logLook(ctx, by, "review", seen)
}

// earlierCards are the person's other cards at the company of a card, the latest first.
func (s *Store) earlierCards(ctx context.Context, id card.ID) ([]card.EarlierCard, error) {
	const q = `
		SELECT ` + rowColumns + `,
		       EXISTS (SELECT FROM current_orders x JOIN pictures y ON y.id = x.photo_id WHERE x.card_id = c.id AND y.there)
		FROM cards n JOIN cards c ON c.person_id = n.person_id AND c.company_id = n.company_id AND c.id <> n.id ` + rowTables + `
		WHERE n.id = @card
		ORDER BY c.id DESC
		LIMIT 6`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"card": id})
	if err != nil {
		return nil, fmt.Errorf("postgres: earlier cards: %w", err)
	}
	earlier, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e card.EarlierCard, err error) {
		e.Row, err = scanRowWith(row, &e.HasPhoto)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: earlier cards: %w", err)
	}
	return earlier, nil
}

// OrderedPhoto is the photo of a card's order, for the issuer. ErrNotFound: there is none, or not for this actor. A look is logged, or not
// given.
func (s *Store) OrderedPhoto(ctx context.Context, by account.Actor, id card.ID) ([]byte, error) {
	if err := atDesk(by); err != nil {
		return nil, err
	}
	const q = `SELECT p.key FROM current_orders o JOIN pictures p ON p.id = o.photo_id WHERE o.card_id = @card AND p.there`
	var key string
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": id}).Scan(&key); err != nil {
		return nil, fmt.Errorf("postgres: ordered photo: %w", refusal(err))
	}
	if err := s.logLook(ctx, by, "photo", []card.ID{id}); err != nil {
		return nil, err
	}
	return s.pictures.Get(ctx, key)
}

// Decided is what the actor decided last about a card, empty when somebody has done something with it since.
func (s *Store) Decided(ctx context.Context, by account.Actor, id card.ID) (card.Action, error) {
	if err := atDesk(by); err != nil {
		return "", err
	}
	const q = `
		SELECT e.action FROM cards c JOIN card_events e ON e.card_id = c.id AND e.seq = c.version
		WHERE c.id = @card AND e.actor_id = @person AND e.actor_role = 'issuer' AND e.action IN ('review', 'reject')`
	var action card.Action
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": id, "person": by.Person}).Scan(&action); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("postgres: decided: %w", err)
	}
	return action, nil
}
