package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// runs pastes card numbers into the box, plans to terminate all of them, and has it done: 500 cards, then 5,000 others, or all that are left.
func (w *work) runs(ctx context.Context, owner *pgx.Conn, s subject) error {
	c, err := newMember(settings{clients: 1}, w.process, s)
	if err != nil {
		return err
	}
	for _, size := range []int{500, 5000} {
		numbers, err := terminable(ctx, owner, s, size)
		if err != nil {
			return err
		}
		if err := w.run(ctx, owner, c, numbers); err != nil {
			return err
		}
	}
	return nil
}

// terminable makes the subject responsible for so many cards of the company that can be terminated, if there are so many, and returns their
// numbers.
func terminable(ctx context.Context, owner *pgx.Conn, s subject, size int) ([]string, error) {
	const q = `
		UPDATE cards SET orderer_id = $2
		WHERE id IN (SELECT c.id FROM cards c WHERE c.company_id = $1 AND c.status IN ('produced', 'active', 'blocked') ORDER BY c.id LIMIT $3)
		RETURNING number`
	rows, err := owner.Query(ctx, q, s.Company, s.Orderer, size)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (w *work) run(ctx context.Context, owner *pgx.Conn, c *client, numbers []string) error {
	size := len(numbers)
	lines, err := post("/selections/paste", func(int) url.Values { return url.Values{"lines": {strings.Join(numbers, "\n")}} })(w.process.base, 0)
	if err != nil {
		return err
	}
	err = w.timed(fmt.Sprintf("paste of %d card numbers", size), size, func() error {
		_, _, err := c.send(lines, http.StatusOK)
		return err
	})
	if err != nil {
		return err
	}
	var selection int64
	if err := owner.QueryRow(ctx, `SELECT max(id) FROM selections`).Scan(&selection); err != nil {
		return err
	}
	ask, err := post("/selections/"+strconv.FormatInt(selection, 10), func(int) url.Values {
		return url.Values{"action": {"terminate"}, "reason": {"not_in_use"}}
	})(w.process.base, 0)
	if err != nil {
		return err
	}
	plan, err := w.measure(fmt.Sprintf("terminate %d cards: plan", size), size, c, ask)
	if err != nil {
		return err
	}
	start, err := post(plan, func(int) url.Values { return url.Values{} })(w.process.base, 0)
	if err != nil {
		return err
	}
	return w.timed(fmt.Sprintf("terminate %d cards: run", size), size, func() error {
		if _, _, err := c.send(start, http.StatusSeeOther); err != nil {
			return err
		}
		for range time.Tick(50 * time.Millisecond) {
			var done, all int
			const q = `
				SELECT (SELECT count(*) FROM run_cards x WHERE x.plan_id = r.plan_id AND x.result = 'done'),
				       CASE WHEN r.finished_at IS NULL THEN 0 ELSE (SELECT count(*) FROM plan_cards k WHERE k.plan_id = r.plan_id) END
				FROM runs r ORDER BY r.plan_id DESC LIMIT 1`
			if err := owner.QueryRow(ctx, q).Scan(&done, &all); err != nil {
				return err
			}
			if all > 0 {
				if done != size || all != size {
					return fmt.Errorf("%d of %d cards terminated", done, all)
				}
				return nil
			}
		}
		return nil
	})
}
