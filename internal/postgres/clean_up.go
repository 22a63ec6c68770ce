package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// cleanUpBound is where the counts of what there is to tidy up stop.
const cleanUpBound = 1000

// isBilled says whether card c costs the fee today. In a coalesce, so that it leads to no index: those of each kind's own conditions read less.
const isBilled = `coalesce(c.status = ANY (ARRAY(SELECT b.status FROM billed_statuses b)) AND c.valid_to >= (SELECT today()), false)`

// foundCleanUps are the cards of each kind, up to the bound, as rows of cleanup and id. The conditions narrow cards c, AND first.
func foundCleanUps(conditions string) string {
	return `cleanup_rules k CROSS JOIN LATERAL (
		SELECT c.id, ` + isBilled + ` AS billed
		FROM cleanup_cards c
		WHERE c.company_id = @company AND c.cleanup = k.cleanup` + conditions + `
		LIMIT @limit) x`
}

// cleanUpArgs are the arguments of foundCleanUps, and the condition for the actor's own cards.
func cleanUpArgs(by account.Actor, own bool) (args pgx.NamedArgs, mine string) {
	args = pgx.NamedArgs{"company": by.Company, "limit": cleanUpBound + 1}
	if own {
		args["person"], mine = by.Person, " AND c.orderer_id = @person"
	}
	return args, mine
}

// CleanUp is what there is to tidy up among the company's cards, or among those the actor is responsible for. ErrNotFound: the actor sees no
// company's cards.
func (s *Store) CleanUp(ctx context.Context, by account.Actor, own bool) (card.CleanUpCounts, error) {
	if !ofItsCompany(by) {
		return card.CleanUpCounts{}, card.ErrNotFound
	}
	args, mine := cleanUpArgs(by, own)
	q := `
		SELECT r.cleanup, coalesce(extract(epoch FROM r.after) / 86400, 0)::integer, r.ends, f.all, f.billed
		FROM cleanup_rules r
		LEFT JOIN (SELECT k.cleanup, count(*) AS all, count(*) FILTER (WHERE x.billed) AS billed
		           FROM ` + foundCleanUps(mine) + ` GROUP BY k.cleanup) f ON f.cleanup = r.cleanup
		ORDER BY r.position`
	var found card.CleanUpCounts
	batch := &pgx.Batch{}
	batch.Queue(q, args).Query(func(answer pgx.Rows) error {
		for answer.Next() {
			var c card.CleanUpCount
			var all, billed *int
			if err := answer.Scan(&c.CleanUp, &c.Days, &c.Ends, &all, &billed); err != nil {
				return err
			}
			if all != nil {
				c.Count, c.Billed = bounded(*all, cleanUpBound), bounded(*billed, cleanUpBound)
				c.Billed.Capped = c.Billed.N > 0 && c.Capped // of those that were not looked at, some may be billed
			}
			found.Kinds = append(found.Kinds, c)
		}
		return answer.Err()
	})
	queueSavings(batch, by, own, &found.Savings)
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return card.CleanUpCounts{}, fmt.Errorf("postgres: clean up: %w", err)
	}
	return found, nil
}

// queueSavings asks what ending the cards that nobody needs would save.
func queueSavings(batch *pgx.Batch, by account.Actor, own bool, savings *card.Savings) {
	args, mine := cleanUpArgs(by, own)
	q := `
		SELECT count(DISTINCT f.id), coalesce(bool_or(f.of_kind >= @limit), false), coalesce((SELECT p.price FROM current_fee p), 0)
		FROM (SELECT x.id, count(*) OVER (PARTITION BY k.cleanup) AS of_kind FROM ` + foundCleanUps(mine+` AND `+isBilled) + ` WHERE k.ends) f`
	batch.Queue(q, args).QueryRow(func(row pgx.Row) error {
		var capped bool
		if err := row.Scan(&savings.N, &capped, &savings.Price); err != nil {
			return err
		}
		savings.Count = bounded(savings.N, cleanUpBound)
		savings.Capped = savings.Capped || capped
		return nil
	})
}
