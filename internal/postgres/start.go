package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// runsOfStart is how many runs the start page shows.
const runsOfStart = 3

// Start is what waits for a person of a company and what there is to know, asked for at once. An orderer's are the cards that he or she is
// responsible for, another's those of the whole company. ErrNotFound: the actor sees no company's cards.
func (s *Store) Start(ctx context.Context, by account.Actor) (card.Start, error) {
	if !ofItsCompany(by) {
		return card.Start{}, card.ErrNotFound
	}
	own := by.Is(account.Orderer)
	var start card.Start
	batch := &pgx.Batch{}
	queueWaits(batch, by, own, &start)
	queueAnsweredClaims(batch, by, own, &start)
	queueOwnWaits(batch, by, &start)
	queueExpiring(batch, by, own, &start)
	queueSavings(batch, by, own, &start.Savings)
	queueSearches(batch, by, &start.Searches)
	queueRuns(batch, by, 0, runsOfStart, &start.Runs)
	var all card.Results
	newFinder(by, ofCompany, card.Search{}).queueCounts(batch, nil, &all)
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return card.Start{}, fmt.Errorf("postgres: start: %w", err)
	}
	start.Statuses = all.Counts
	return start, nil
}

// startArgs are the arguments of the questions below, and the condition on cards c for the actor's own.
func startArgs(by account.Actor, own bool) (args pgx.NamedArgs, mine string) {
	args = inScope(by, pgx.NamedArgs{"limit": countBound + 1})
	if own {
		mine = " AND c.orderer_id = @person"
	}
	return args, mine
}

func queueWaits(batch *pgx.Batch, by account.Actor, own bool, start *card.Start) {
	args, mine := startArgs(by, own)
	q := `
		SELECT w.role, w.status, w.only, sum(n.count)::integer, bool_or(n.count >= @limit), min(n.since)
		FROM (SELECT w.role, w.status, w.kind,
		             CASE WHEN count(*) OVER (PARTITION BY w.role, w.status) < (SELECT count(*) FROM card_kinds) THEN w.kind ELSE '' END AS only
		      FROM card_waits w) w
		JOIN card_statuses s ON s.status = w.status
		CROSS JOIN LATERAL (
		    SELECT count(*), min(x.since) AS since
		    FROM (SELECT (SELECT e.occurred_at FROM card_events e WHERE e.card_id = c.id AND e.from_status <> e.to_status ORDER BY e.seq DESC LIMIT 1) AS since
		          FROM cards c
		          WHERE c.company_id = @company AND c.status = w.status AND c.kind = w.kind AND (c.valid_to IS NULL OR c.valid_to >= (SELECT today()))` + mine + `
		          LIMIT @limit) x) n
		WHERE n.count > 0
		GROUP BY w.role, w.status, w.only, s.position
		ORDER BY s.position, w.role, w.only`
	batch.Queue(q, args).Query(func(answer pgx.Rows) error {
		for answer.Next() {
			var w card.Wait
			var since time.Time
			if err := answer.Scan(&w.Role, &w.Status, &w.Kind, &w.N, &w.Capped, &since); err != nil {
				return err
			}
			if w.Capped {
				w.N = min(w.N, countBound)
			} else {
				w.Since = since
			}
			start.Waits = append(start.Waits, w)
		}
		return answer.Err()
	})
}

func queueAnsweredClaims(batch *pgx.Batch, by account.Actor, own bool, start *card.Start) {
	args, mine := startArgs(by, own)
	q := `
		SELECT c.id, c.number, coalesce(c.printed_given_name, ''), coalesce(c.printed_family_name, ''), x.accepted, x.decided_at
		FROM claims x JOIN cards c ON c.id = x.card_id AND c.company_id = x.company_id
		WHERE x.company_id = @company AND x.decided_at >= (SELECT clock_now()) - interval '30 days'` + mine + `
		ORDER BY x.decided_at DESC, x.id DESC
		LIMIT 5`
	batch.Queue(q, args).Query(func(answer pgx.Rows) error {
		for answer.Next() {
			var c card.AnsweredClaim
			if err := answer.Scan(&c.Card, &c.Number, &c.Holder.Given, &c.Holder.Family, &c.Accepted, &c.Decided); err != nil {
				return err
			}
			start.Claims = append(start.Claims, c)
		}
		return answer.Err()
	})
}

func queueOwnWaits(batch *pgx.Batch, by account.Actor, start *card.Start) {
	const q = `
		SELECT count(*)
		FROM (SELECT FROM cards c JOIN card_waits w ON w.kind = c.kind AND w.status = c.status AND w.role = 'holder'
		      WHERE c.person_id = @person AND (c.valid_to IS NULL OR c.valid_to >= (SELECT today())) LIMIT @limit) x`
	args, _ := startArgs(by, false)
	batch.Queue(q, args).QueryRow(func(row pgx.Row) error {
		var n int
		err := row.Scan(&n)
		start.Own = bounded(n, countBound)
		return err
	})
}

func queueExpiring(batch *pgx.Batch, by account.Actor, own bool, start *card.Start) {
	args, mine := startArgs(by, own)
	q := `
		SELECT s.step, n.count
		FROM reminder_steps s CROSS JOIN LATERAL (
		    SELECT count(*)
		    FROM (SELECT FROM cards_in_use c
		          WHERE c.company_id = @company AND c.valid_to >= (SELECT today()) AND c.valid_to <= (SELECT today() + s.before)::date` + mine + `
		          LIMIT @limit) x) n
		ORDER BY s.position DESC`
	batch.Queue(q, args).Query(func(answer pgx.Rows) error {
		for answer.Next() {
			var c card.StepCount
			if err := answer.Scan(&c.Step, &c.N); err != nil {
				return err
			}
			c.Count = bounded(c.N, countBound)
			start.Expiring = append(start.Expiring, c)
		}
		return answer.Err()
	})
}

// DeskStart is what waits at the issuer's desk, asked for at once. ErrNotFound: the actor is not at the desk.
func (s *Store) DeskStart(ctx context.Context, by account.Actor) (card.DeskStart, error) {
	if err := atDesk(by); err != nil {
		return card.DeskStart{}, err
	}
	all := queues()
	start := card.DeskStart{Queues: make([]card.QueueCount, len(all))}
	batch := &pgx.Batch{}
	for i, q := range all {
		start.Queues[i].Queue = q.name
		batch.Queue(q.counting(), pgx.NamedArgs{"limit": queueBound + 1}).QueryRow(func(row pgx.Row) error { return scanQueue(row, &start.Queues[i]) })
	}
	const claims = `SELECT count(*) FROM (SELECT FROM claims x WHERE x.accepted IS NULL LIMIT @limit) y`
	batch.Queue(claims, pgx.NamedArgs{"limit": queueBound + 1}).QueryRow(func(row pgx.Row) error {
		var n int
		err := row.Scan(&n)
		start.Claims = bounded(n, queueBound)
		return err
	})
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return card.DeskStart{}, fmt.Errorf("postgres: start at the desk: %w", err)
	}
	return start, nil
}
