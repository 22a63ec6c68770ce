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

// StartRun has a plan of the actor's done, in the background and once: whoever asks again changes nothing. ErrNotFound: the actor has made no
// such plan in this company. ErrStale: it is older than a day.
func (s *Store) StartRun(ctx context.Context, by account.Actor, id card.PlanID) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error { return s.startRun(ctx, tx, by, id) })
	if err != nil {
		return fmt.Errorf("postgres: start run: %w", refusal(err))
	}
	return nil
}

func (s *Store) startRun(ctx context.Context, tx pgx.Tx, by account.Actor, id card.PlanID) error {
	if !ofItsCompany(by) {
		return card.ErrNotFound
	}
	const q = `
		INSERT INTO runs (plan_id, company_id, started_by)
		SELECT p.id, p.company_id, p.made_by FROM plans p WHERE p.id = @plan AND p.company_id = @company AND p.made_by = @person
		ON CONFLICT ON CONSTRAINT runs_pkey DO NOTHING`
	const begun = `SELECT FROM runs r WHERE r.plan_id = @plan AND r.company_id = @company AND r.started_by = @person`
	args := pgx.StrictNamedArgs{"plan": id, "company": by.Company, "person": by.Person}
	done, err := tx.Exec(ctx, q, args)
	if err != nil {
		return err
	}
	if done.RowsAffected() == 0 {
		return tx.QueryRow(ctx, begun, args).Scan()
	}
	_, err = s.jobs.InsertTx(ctx, tx, applyRun{Plan: id}, nil)
	return err
}

// RetryRun makes a plan of those cards of a run of the actor's that failed, as they are now, each to what the run was to do with it. Errors as of
// MakePlan; ErrNotFound also when none failed.
func (s *Store) RetryRun(ctx context.Context, by account.Actor, id card.PlanID) (plan card.PlanID, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		terms, err := ownRun(ctx, tx, by, id)
		if err != nil {
			return err
		}
		const q = `
			SELECT k.card_id, coalesce(k.successor_id, 0), coalesce(k.planned_id, 0)
			FROM run_cards x JOIN plan_cards k ON k.plan_id = x.plan_id AND k.card_id = x.card_id
			WHERE x.plan_id = @plan AND x.result IN ('changed', 'refused') AND (@action <> 'withdraw' OR k.planned_id IS NOT NULL)
			ORDER BY k.card_id`
		rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"plan": id, "action": terms.Action})
		if err != nil {
			return err
		}
		failed := planned{after: id}
		var one card.ID
		var successor account.PersonID
		var planned card.PlannedID
		if _, err := pgx.ForEachRow(rows, []any{&one, &successor, &planned}, func() error {
			failed.cards = append(failed.cards, one)
			switch {
			case terms.Action == card.Withdraw:
				failed.planned = append(failed.planned, planned)
			case terms.Action == card.HandOver && terms.Successor == 0:
				failed.successors = append(failed.successors, successor)
			}
			return nil
		}); err != nil {
			return err
		}
		if len(failed.cards) == 0 {
			return card.ErrNotFound
		}
		plan, err = makePlan(ctx, tx, by, terms, failed)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: retry run: %w", refusal(err))
	}
	return plan, nil
}

// UndoRun takes back what a run of the actor's did, where it can be taken back, and starts that as another run. Cards that somebody has
// changed since are left alone. Whoever asks again gets the same run. ErrNotFound: the actor has no such run in this company, or nothing takes
// back what it did. ErrStale: nothing of it is any more as the run left it.
func (s *Store) UndoRun(ctx context.Context, by account.Actor, id card.PlanID) (plan card.PlanID, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := ownRun(ctx, tx, by, id); err != nil {
			return err
		}
		const already = `SELECT ` + undoneBy + ` FROM plans p WHERE p.id = @plan`
		if err := tx.QueryRow(ctx, already, pgx.StrictNamedArgs{"plan": id}).Scan(&plan); err != nil || plan != 0 {
			return err
		}
		// What is still to come is withdrawn; what was done is undone by another action.
		const how = `
			SELECT u.action, CASE u.action WHEN 'withdraw' THEN 'none' ELSE a.undo_reason END, ` + asItWasLeft + `
			FROM plans p JOIN plan_actions a ON a.action = p.action
			JOIN plan_actions u ON u.action = CASE WHEN p.starts_on IS NOT NULL OR p.grace_hours > 0 THEN 'withdraw' ELSE a.undo END
			WHERE p.id = @plan`
		var terms card.PlanTerms
		var inTime bool
		if err := tx.QueryRow(ctx, how, pgx.StrictNamedArgs{"plan": id}).Scan(&terms.Action, &terms.Reason, &inTime); err != nil {
			return err
		}
		if !inTime {
			return card.ErrStale
		}
		const which = `
			SELECT coalesce(x.made_id, x.card_id), coalesce(x.seq, 1), k.orderer_id, coalesce(x.planned_id, 0)
			FROM run_cards x JOIN plan_cards k ON k.plan_id = x.plan_id AND k.card_id = x.card_id
			WHERE x.plan_id = @plan AND x.result IN ('done', 'planned')
			ORDER BY 1`
		rows, err := tx.Query(ctx, which, pgx.StrictNamedArgs{"plan": id})
		if err != nil {
			return err
		}
		p := planned{undoes: id}
		var one card.ID
		var version int
		var before account.PersonID
		var planned card.PlannedID
		if _, err := pgx.ForEachRow(rows, []any{&one, &version, &before, &planned}, func() error {
			p.cards = append(p.cards, one)
			switch terms.Action {
			case card.Withdraw:
				p.planned = append(p.planned, planned)
				return nil
			case card.HandOver:
				p.successors = append(p.successors, before)
			}
			p.versions = append(p.versions, version)
			return nil
		}); err != nil {
			return err
		}
		if plan, err = makePlan(ctx, tx, by, terms, p); err != nil {
			return err
		}
		return s.startRun(ctx, tx, by, plan)
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: undo run: %w", refusal(err))
	}
	return plan, nil
}

// ownRun is what a run of the actor's that has come to its end was to do; nobody is the successor where there were several. The lock lets one at a
// time follow it up.
func ownRun(ctx context.Context, tx pgx.Tx, by account.Actor, id card.PlanID) (terms card.PlanTerms, err error) {
	if err := takeTime(ctx, tx); err != nil {
		return terms, err
	}
	const q = `
		SELECT p.action, p.reason, p.note, p.starts_on,
		       coalesce((SELECT min(x.successor_id) FROM plan_cards x WHERE x.plan_id = p.id HAVING min(x.successor_id) = max(x.successor_id)), 0)
		FROM runs r JOIN plans p ON p.id = r.plan_id
		WHERE r.plan_id = @plan AND r.company_id = @company AND r.started_by = @person AND r.finished_at IS NOT NULL
		FOR NO KEY UPDATE OF r`
	args := pgx.StrictNamedArgs{"plan": id, "company": by.Company, "person": by.Person}
	var from *time.Time
	err = tx.QueryRow(ctx, q, args).Scan(&terms.Action, &terms.Reason, &terms.Note, &from, &terms.Successor)
	terms.From = day(from)
	return terms, err
}

// SelectFailed selects the cards of RetryRun, where they cannot be planned on the terms of the run any more.
func (s *Store) SelectFailed(ctx context.Context, by account.Actor, id card.PlanID) (sel card.SelectionID, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := ownRun(ctx, tx, by, id); err != nil {
			return err
		}
		const q = `SELECT x.card_id FROM run_cards x WHERE x.plan_id = @plan AND x.result IN ('changed', 'refused') ORDER BY x.card_id`
		failed, err := ids(tx.Query(ctx, q, pgx.StrictNamedArgs{"plan": id}))
		if err == nil && len(failed) == 0 {
			err = card.ErrNotFound
		}
		if err == nil {
			sel, err = selectCards(ctx, tx, by, failed)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: select failed: %w", refusal(err))
	}
	return sel, nil
}

// The last run that takes back a run of the plan p, or zero.
const undoneBy = `coalesce((SELECT max(n.id) FROM plans n JOIN runs m ON m.plan_id = n.id WHERE n.undoes_id = p.id), 0)`

// Whether a card is still as the run of the plan p left it, or something that it planned still to come.
const asItWasLeft = `
	EXISTS (SELECT FROM run_cards x
	        JOIN cards c ON c.id = coalesce(x.made_id, x.card_id)
	        LEFT JOIN planned_actions d ON d.id = x.planned_id
	        WHERE x.plan_id = p.id AND x.result IN ('done', 'planned')
	          AND CASE WHEN x.planned_id IS NULL THEN c.version = coalesce(x.seq, 1) ELSE d.outcome IS NULL END)`

// The result of a card k of a plan, with its row x of the run.
const resultColumn = `
	CASE WHEN x.stays_blocked THEN 'stays_blocked'
	     WHEN x.result IS NOT NULL THEN x.result
	     WHEN k.verdict = 'change' THEN 'waiting'
	     WHEN k.verdict IN ('refused', 'changed') THEN 'left_' || k.verdict
	     ELSE k.verdict END`

const runColumns = planColumns + `, b.given_name, b.family_name, r.started_by = @person, r.started_at, r.finished_at, coalesce(p.undoes_id, 0)`

const runTables = `
	JOIN plans p ON p.id = r.plan_id
	JOIN persons b ON b.id = r.started_by` + planTables

func readRun(row pgx.Row, more ...any) (r card.Run, err error) {
	var from, finished *time.Time
	fields := append(planFields(&r.Plan, &from), &r.By.Given, &r.By.Family, &r.Own, &r.Started, &finished, &r.Undoes)
	err = row.Scan(append(fields, more...)...)
	r.Finished, r.Plan.From = day(finished), day(from)
	return r, err
}

// Run is a run of the company's, on its way or done. ErrNotFound: there is none, or the actor sees no company's cards.
func (s *Store) Run(ctx context.Context, by account.Actor, id card.PlanID) (card.Run, error) {
	if !ofItsCompany(by) {
		return card.Run{}, card.ErrNotFound
	}
	const q = `
		SELECT ` + runColumns + `, ` + undoneBy + `, ` + asItWasLeft + `
		FROM runs r ` + runTables + `
		WHERE r.plan_id = @plan AND r.company_id = @company`
	const counts = `
		SELECT ` + resultColumn + `, count(*)::integer,
		       coalesce(sum(k.saves) FILTER (WHERE x.result IN ('done', 'planned') AND NOT x.stays_blocked), 0)::integer
		FROM plan_cards k LEFT JOIN run_cards x ON x.plan_id = k.plan_id AND x.card_id = k.card_id
		WHERE k.plan_id = @plan
		GROUP BY 1`
	var undo card.PlanID
	var inTime bool
	r, err := readRun(s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"plan": id, "company": by.Company, "person": by.Person}), &undo, &inTime)
	if err != nil {
		return card.Run{}, fmt.Errorf("postgres: run: %w", refusal(err))
	}
	r.UndoneBy, r.Undoable = undo, r.Plan.Undo && !r.Finished.IsZero() && inTime && undo == 0
	rows, err := s.db.Query(ctx, counts, pgx.StrictNamedArgs{"plan": id})
	if err != nil {
		return card.Run{}, fmt.Errorf("postgres: counts of a run: %w", err)
	}
	n := map[card.Result]int{}
	var result card.Result
	var count, saves int
	if _, err := pgx.ForEachRow(rows, []any{&result, &count, &saves}, func() error {
		n[result] = count
		r.Saves += saves
		return nil
	}); err != nil {
		return card.Run{}, fmt.Errorf("postgres: counts of a run: %w", err)
	}
	for _, result := range card.RunResults() {
		if n[result] > 0 {
			r.Counts = append(r.Counts, card.ResultCount{Result: result, N: n[result]})
		}
	}
	return r, nil
}

// Runs are the company's runs, the latest first, each with the number of all its cards and of those that were done. ErrNotFound: the actor sees
// no company's cards.
func (s *Store) Runs(ctx context.Context, by account.Actor, before card.PlanID) (runs []card.Run, next card.PlanID, err error) {
	if !ofItsCompany(by) {
		return nil, 0, card.ErrNotFound
	}
	batch := &pgx.Batch{}
	queueRuns(batch, by, before, card.PageSize+1, &runs)
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, 0, fmt.Errorf("postgres: runs: %w", err)
	}
	if len(runs) > card.PageSize {
		runs = runs[:card.PageSize]
		next = runs[len(runs)-1].Plan.ID
	}
	return runs, next, nil
}

func queueRuns(batch *pgx.Batch, by account.Actor, before card.PlanID, limit int, runs *[]card.Run) {
	const q = `
		SELECT ` + runColumns + `,
		       (SELECT count(*)::integer FROM plan_cards k WHERE k.plan_id = p.id),
		       (SELECT count(*)::integer FROM run_cards x WHERE x.plan_id = p.id AND x.result IN ('done', 'planned'))
		FROM runs r ` + runTables + `
		WHERE r.company_id = @company AND (@before = 0 OR r.plan_id < @before)
		ORDER BY r.plan_id DESC
		LIMIT @limit`
	args := pgx.StrictNamedArgs{"company": by.Company, "person": by.Person, "before": before, "limit": limit}
	batch.Queue(q, args).Query(func(answer pgx.Rows) (err error) {
		*runs, err = pgx.CollectRows(answer, func(row pgx.CollectableRow) (card.Run, error) {
			var all, done int
			r, err := readRun(row, &all, &done)
			r.Plan.N, r.Counts = all, []card.ResultCount{{Result: card.Done, N: done}}
			return r, err
		})
		return err
	})
}

// RunRows is a page of the cards of a run of the company's, by name, or of those of one result. ErrNotFound as of Run.
func (s *Store) RunRows(
	ctx context.Context, by account.Actor, id card.PlanID, result card.Result, after card.Cursor, size int,
) ([]card.RunRow, card.Cursor, error) {
	if !ofItsCompany(by) {
		return nil, "", card.ErrNotFound
	}
	const q = `
		SELECT ` + planRowColumns + `, ` + resultColumn + `, coalesce(nullif(x.rule, ''), k.rule), x.created_at, coalesce(x.made_id, 0), c.sort_key
		FROM runs r
		JOIN plan_cards k ON k.plan_id = r.plan_id ` + planRowTables + `
		LEFT JOIN run_cards x ON x.plan_id = k.plan_id AND x.card_id = k.card_id
		WHERE r.plan_id = @plan AND r.company_id = @company AND (@result = '' OR ` + resultColumn + ` = @result)
		  AND (c.sort_key, c.id) > (@after_key, @after_id)
		ORDER BY c.sort_key, c.id
		LIMIT @limit`
	start := placeOf(after)
	answer, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{
		"plan": id, "company": by.Company, "result": result, "after_key": start.Key, "after_id": start.ID, "limit": size + 1,
	})
	if err != nil {
		return nil, "", fmt.Errorf("postgres: rows of a run: %w", err)
	}
	var keys []string
	rows, err := pgx.CollectRows(answer, func(row pgx.CollectableRow) (r card.RunRow, err error) {
		var key string
		var at *time.Time
		err = row.Scan(append(planRowFields(&r.PlanRow), &r.Result, &r.Rule, &at, &r.Made, &key)...)
		r.At = day(at)
		keys = append(keys, key)
		return r, err
	})
	if err != nil {
		return nil, "", fmt.Errorf("postgres: rows of a run: %w", err)
	}
	rows, next := page(rows, size, func(i int) place { return place{Key: keys[i], ID: rows[i].ID} })
	return rows, next, nil
}

// cardsAtOnce is how many cards of a run share a transaction, so that a page of its progress is not far behind.
const cardsAtOnce = 50

// applyNext does the next cards of a run, each as a single one is done, and writes down what became of each. more is false when the run has
// come to its end. Whoever else does the same run waits; a process that is killed leaves what it has not committed to the next.
func (s *Store) applyNext(ctx context.Context, id card.PlanID) (more bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		const head = `
			SELECT p.company_id, p.made_by, p.made_as, p.action, p.reason, p.note, p.starts_on, p.grace_hours, r.finished_at IS NOT NULL
			FROM runs r JOIN plans p ON p.id = r.plan_id
			WHERE r.plan_id = @plan FOR NO KEY UPDATE OF r`
		var by account.Actor
		var role account.Role
		var do runCommand
		var from *time.Time
		var finished bool
		err := tx.QueryRow(ctx, head, pgx.StrictNamedArgs{"plan": id}).Scan(
			&by.Company, &by.Person, &role, &do.Action, &do.Reason, &do.Note, &from, &do.grace, &finished)
		if err != nil || finished {
			return err
		}
		by.Roles, do.From = []account.Role{role}, day(from)
		// They are done in the order of their numbers, so what comes behind the last one is left.
		const next = `
			SELECT k.card_id, k.version, coalesce(k.successor_id, 0), coalesce(k.planned_id, 0)
			FROM plan_cards k
			WHERE k.plan_id = @plan AND k.verdict = 'change'
			  AND k.card_id > coalesce((SELECT max(x.card_id) FROM run_cards x WHERE x.plan_id = @plan), 0)
			ORDER BY k.card_id
			LIMIT @limit`
		rows, err := tx.Query(ctx, next, pgx.StrictNamedArgs{"plan": id, "limit": cardsAtOnce})
		if err != nil {
			return err
		}
		todo, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (one runCommand, err error) {
			one = do
			err = row.Scan(&one.Card, &one.Version, &one.Successor, &one.planned)
			return one, err
		})
		if err != nil {
			return err
		}
		if more = len(todo) == cardsAtOnce; len(todo) > 0 {
			done, err := s.applyCards(ctx, tx, by, todo)
			if err != nil {
				return err
			}
			if err := keepDone(ctx, tx, id, done); err != nil {
				return err
			}
		}
		if more {
			return nil
		}
		const finish = `UPDATE runs SET finished_at = clock_now() WHERE plan_id = @plan`
		if _, err := tx.Exec(ctx, finish, pgx.StrictNamedArgs{"plan": id}); err != nil || do.Action != card.HandOver {
			return err
		}
		return s.tellOfHandedOver(ctx, tx, by, id)
	})
	if err != nil {
		return false, fmt.Errorf("postgres: run %d: %w", id, err)
	}
	return more, nil
}

// tellOfHandedOver writes to the orderers between whom a run has handed cards over, once each for all of them.
func (s *Store) tellOfHandedOver(ctx context.Context, tx pgx.Tx, by account.Actor, id card.PlanID) error {
	const q = `
		SELECT k.orderer_id, k.successor_id, count(*)::integer
		FROM run_cards x JOIN plan_cards k ON k.plan_id = x.plan_id AND k.card_id = x.card_id
		WHERE x.plan_id = @plan AND x.result = 'done'
		GROUP BY 1, 2
		ORDER BY 1, 2`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"plan": id})
	if err != nil {
		return err
	}
	pairs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h handedOver, err error) {
		h.company = by.Company
		err = row.Scan(&h.from, &h.to, &h.cards)
		return h, err
	})
	for _, h := range pairs {
		err = errors.Join(err, s.tellOfHandOver(ctx, tx, h))
	}
	return err
}

// runCommand is what a run does with a card.
type runCommand struct {
	card.Command
	grace   int            // the hours within which a termination can be withdrawn, or zero
	planned card.PlannedID // what is withdrawn, or zero
}

// doneCard is a row of run_cards.
type doneCard struct {
	Card         card.ID         `json:"card_id"`
	Result       card.Result     `json:"result"`
	Rule         card.Rule       `json:"rule"`
	Seq          *int            `json:"seq"`
	Made         *card.ID        `json:"made_id"`
	Planned      *card.PlannedID `json:"planned_id"`
	StaysBlocked bool            `json:"stays_blocked"`
}

// applyCards does some cards of a run: all at once, or where a rule refuses one or somebody was first, one by one.
func (s *Store) applyCards(ctx context.Context, tx pgx.Tx, by account.Actor, todo []runCommand) ([]doneCard, error) {
	if first := todo[0]; first.Action == card.Replace || first.Action == card.Withdraw || first.grace > 0 || !first.From.IsZero() {
		return s.applyOneByOne(ctx, tx, by, todo)
	}
	var done []doneCard
	err := pgx.BeginFunc(ctx, tx, func(try pgx.Tx) (err error) {
		if done, err = takeActions(ctx, try, by, todo); err == nil && len(done) < len(todo) {
			err = card.ErrNotFound
		}
		return err
	})
	var refused *card.Refused
	switch err = refusal(err); {
	case err == nil:
		return done, nil
	case errors.As(err, &refused) && refused.Rule != deadlock:
		return s.applyOneByOne(ctx, tx, by, todo)
	}
	return nil, err
}

// takeActions is takeAction on some cards, with what all of them have in common from the first.
func takeActions(ctx context.Context, tx pgx.Tx, by account.Actor, todo []runCommand) ([]doneCard, error) {
	const q = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
		SELECT c.id, x.version + 1, c.company_id, c.kind, @action, c.status, coalesce(t.to_status, c.status), @person, @role, @reason, @note, nullif(x.successor, 0)
		FROM ROWS FROM (unnest(@cards::bigint[]), unnest(@versions::integer[]), unnest(@successors::bigint[])) x (card_id, version, successor)
		JOIN LATERAL (SELECT n.id, n.company_id, n.kind, n.status FROM cards n WHERE n.id = x.card_id OFFSET 0) c ON true -- as in insertEvent
		LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = @action AND t.from_status = c.status
		WHERE c.company_id = @company
		ORDER BY c.id
		RETURNING card_id, 'done', seq`
	cards, versions, successors := make([]card.ID, len(todo)), make([]int, len(todo)), make([]account.PersonID, len(todo))
	for i, do := range todo {
		cards[i], versions[i], successors[i] = do.Card, do.Version, do.Successor
	}
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{
		"action": todo[0].Action, "person": by.Person, "role": by.Roles[0], "reason": todo[0].Reason, "note": todo[0].Note,
		"cards": cards, "versions": versions, "successors": successors, "company": by.Company,
	})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d doneCard, err error) {
		err = row.Scan(&d.Card, &d.Result, &d.Seq)
		return d, err
	})
}

func (s *Store) applyOneByOne(ctx context.Context, tx pgx.Tx, by account.Actor, todo []runCommand) ([]doneCard, error) {
	done := make([]doneCard, len(todo))
	for i, do := range todo {
		err := pgx.BeginFunc(ctx, tx, func(try pgx.Tx) (err error) {
			done[i], err = s.apply(ctx, try, by, do)
			return err
		})
		done[i].Card = do.Card
		var refused *card.Refused
		switch err := refusal(err); {
		case err == nil:
		case errors.As(err, &refused) && refused.Rule == deadlock:
			return nil, err // all of them are done again
		case errors.Is(err, card.ErrStale):
			done[i] = doneCard{Card: do.Card, Result: card.ChangedSince}
		case errors.As(err, &refused):
			done[i] = doneCard{Card: do.Card, Result: card.RefusedThen, Rule: refused.Rule}
		case errors.Is(err, card.ErrNotFound): // a run that an earlier program began without what to withdraw
			done[i] = doneCard{Card: do.Card, Result: card.ChangedSince}
		default:
			return nil, err
		}
	}
	return done, nil
}

// apply does one card of a run.
func (s *Store) apply(ctx context.Context, tx pgx.Tx, by account.Actor, do runCommand) (done doneCard, err error) {
	done.Result = card.Done
	switch {
	case do.Action == card.Replace:
		done.Made, err = s.replace(ctx, tx, by, do.Command)
	case do.Action == card.Withdraw:
		var restored bool
		restored, err = withdraw(ctx, tx, by, do.Card, do.planned)
		done.Planned, done.StaysBlocked = &do.planned, !restored
	case do.grace > 0 || !do.From.IsZero():
		if _, err = planAction(ctx, tx, by, do.Command, do.grace); err != nil {
			return done, err
		}
		done.Result = card.IsPlanned
		const q = `
			SELECT p.id FROM planned_actions p
			WHERE p.card_id = @card AND p.action = @action AND p.grace = @grace AND p.outcome IS NULL`
		err = tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": do.Card, "action": do.Action, "grace": do.grace > 0}).Scan(&done.Planned)
	default:
		var version int
		if version, err = takeAction(ctx, tx, by, do.Command); err == nil {
			done.Seq = &version
			err = s.tell(ctx, tx, do.Action, do.Card)
		}
	}
	return done, err
}

// replace orders a card in the place of one that is still as it was.
func (s *Store) replace(ctx context.Context, tx pgx.Tx, by account.Actor, do card.Command) (*card.ID, error) {
	const q = `SELECT c.version FROM cards c WHERE c.id = @card AND c.company_id = @company`
	var version int
	if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": do.Card, "company": by.Company}).Scan(&version); err != nil {
		return nil, err
	}
	if version != do.Version {
		return nil, card.ErrStale
	}
	drafts, err := replacements(ctx, tx, by, do.Reason, []card.ID{do.Card})
	if err != nil {
		return nil, err
	}
	made, err := orderCards(ctx, tx, by, drafts[do.Card], 1)
	if err != nil {
		return nil, err
	}
	return &made[0], s.tellOfReplacements(ctx, tx, made)
}

func keepDone(ctx context.Context, tx pgx.Tx, id card.PlanID, done []doneCard) error {
	const q = `
		INSERT INTO run_cards (plan_id, card_id, result, rule, seq, made_id, planned_id, stays_blocked)
		SELECT @plan, x.card_id, x.result, x.rule, x.seq, x.made_id, x.planned_id, x.stays_blocked
		FROM json_to_recordset(@done)
		     x (card_id bigint, result text, rule text, seq integer, made_id bigint, planned_id bigint, stays_blocked boolean)`
	_, err := tx.Exec(ctx, q, pgx.StrictNamedArgs{"plan": id, "done": done})
	return err
}
