package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// What the application itself cannot do to plans, runs and selections, by the name of the rule or the privilege that it lacks.
func TestPlansAndRunsUnderAttack(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k, second := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	foreign, unplanned := other.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Produced})
	sel := selected(t, r, c.Orderer, k.ID)
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Lost}, k.ID, second.ID, unplanned.ID)
	done := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Unblock}, k.ID)
	doRun(t, r, c.Orderer, done.ID)
	if err := r.Store.StartRun(t.Context(), c.Orderer, p.ID); err != nil {
		t.Fatal(err)
	}
	const denied = "42501"
	call := func(person, cards string) string {
		return fmt.Sprintf(`SELECT make_plan(%d, %s, '{orderer}', 'block', 'lost', '', NULL, NULL, NULL, %s, NULL, NULL, NULL, NULL)`, c.ID, person, cards)
	}
	withdraw := func(undoes, planned string) string {
		return fmt.Sprintf(`SELECT make_plan(%d, %d, '{orderer}', 'withdraw', 'none', '', NULL, %s, NULL, ARRAY[%d]::bigint[], NULL, NULL, %s, NULL)`,
			c.ID, c.Orderer.Person, undoes, second.ID, planned)
	}
	for sql, want := range map[string]string{
		withdraw("NULL", "ARRAY[1]"):                           "plans_action",
		withdraw(fmt.Sprint(done.ID), "NULL"):                  "plans_action",
		withdraw(fmt.Sprint(done.ID), "ARRAY[NULL]::bigint[]"): "plans_action",
		`INSERT INTO plans (company_id, made_by, made_as, action, reason, note) VALUES (1, 1, 'orderer', 'block', 'lost', '')`: denied,
		`UPDATE plans SET action = 'terminate'`: denied,
		`DELETE FROM plans`:                     denied,
		fmt.Sprintf(`INSERT INTO plan_cards (plan_id, card_id, version, effective, orderer_id, verdict) VALUES (%d, %d, 1, 'active', 1, 'change')`, p.ID, foreign.ID): denied,
		`UPDATE plan_cards SET verdict = 'change'`: denied,
		`UPDATE plan_cards SET version = 99`:       denied,
		`DELETE FROM run_cards`:                    denied,
		`UPDATE run_cards SET result = 'done'`:     denied,
		`UPDATE runs SET started_by = 1`:           denied,
		`DELETE FROM runs`:                         denied,
		`UPDATE plan_actions SET undo = 'unblock'`: denied,
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result, rule) VALUES (%d, %d, 'refused', 'x')`, p.ID, foreign.ID):     "run_cards_of_plan",
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result, rule) VALUES (%d, %d, 'refused', 'x')`, p.ID, unplanned.ID):   "run_cards_of_plan",
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result) VALUES (%d, %d, 'done')`, p.ID, k.ID):                         "run_cards_done_by",
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result) VALUES (%d, %d, 'refused')`, p.ID, k.ID):                      "run_cards_refused_by_rule",
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result, seq) VALUES (%d, %d, 'done', 99)`, p.ID, k.ID):                "run_cards_event",
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result, stays_blocked) VALUES (%d, %d, 'changed', true)`, p.ID, k.ID): "run_cards_stays_blocked",
		fmt.Sprintf(`UPDATE runs SET finished_at = clock_now() WHERE plan_id = %d`, p.ID):                                           "runs_every_card_accounted_for",
		fmt.Sprintf(`UPDATE runs SET finished_at = NULL WHERE plan_id = %d`, done.ID):                                               "runs_written_once",
		fmt.Sprintf(`INSERT INTO runs (plan_id, company_id, started_by) VALUES (%d, %d, %d)`, done.ID, c.ID, c.Orderer.Person):      "runs_pkey",
		fmt.Sprintf(`INSERT INTO selection_cards VALUES (%d, %d, %d, 'standard')`, sel, c.ID, foreign.ID):                           "selection_cards_card",
		fmt.Sprintf(`INSERT INTO selection_cards VALUES (%d, %d, %d, 'standard')`, sel, other.ID, foreign.ID):                       "selection_cards_selection",
		call(fmt.Sprint(c.Orderer.Person), fmt.Sprintf(`ARRAY[%d, %d]::bigint[]`, k.ID, foreign.ID)):                                "plan_cards_of_company",
		call(fmt.Sprint(c.Orderer.Person), fmt.Sprintf(`ARRAY[%d, %d]::bigint[]`, k.ID, k.ID)):                                      "plan_cards_pkey",
		call(fmt.Sprint(c.Orderer.Person), `'{}'`):                                                                                  "plan_cards_of_company",
		call(fmt.Sprint(other.Orderer.Person), fmt.Sprintf(`ARRAY[%d]::bigint[]`, k.ID)):                                            "card_events_member",
		call(fmt.Sprint(k.Holder.Person), fmt.Sprintf(`ARRAY[%d]::bigint[]`, k.ID)):                                                 "card_events_member",
	} {
		_, err := r.App.Exec(t.Context(), sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != want && pg.ConstraintName != want {
			t.Errorf("%s\n\t%v, want %s", sql, err, want)
		}
	}
	// The twins.
	later := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Lost, From: r.Today(t).AddDate(0, 0, 2)}, second.ID)
	doRun(t, r, c.Orderer, later.ID)
	for _, sql := range []string{
		withdraw(fmt.Sprint(later.ID), "ARRAY(SELECT x.planned_id FROM run_cards x WHERE x.planned_id IS NOT NULL)"),
		call(fmt.Sprint(c.Orderer.Person), fmt.Sprintf(`ARRAY[%d]::bigint[]`, k.ID)),
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result, rule) VALUES (%d, %d, 'refused', 'x')`, p.ID, k.ID),
		fmt.Sprintf(`INSERT INTO run_cards (plan_id, card_id, result) VALUES (%d, %d, 'changed')`, p.ID, second.ID),
		fmt.Sprintf(`UPDATE runs SET finished_at = clock_now() WHERE plan_id = %d`, p.ID),
	} {
		if _, err := r.App.Exec(t.Context(), sql); err != nil {
			t.Errorf("%s\n\t%v", sql, err)
		}
	}
}

// Selections go after their day and plans after theirs, but for those that were done and those that others came from.
func TestPlansAreForgotten(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Produced})
	unused := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Terminate, Reason: card.Lost}, k.ID)
	first := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Lost}, k.ID)
	next, err := r.Store.PlanInstead(t.Context(), c.Orderer, first.ID, card.Terminate)
	if err != nil {
		t.Fatal(err)
	}
	doRun(t, r, c.Orderer, next)
	for _, step := range []struct {
		move              time.Duration
		selections, plans string
	}{{23 * time.Hour, "2", "3"}, {2 * time.Hour, "0", "3"}, {6 * 24 * time.Hour, "0", "2"}} {
		r.MoveClock(t, step.move)
		if err := r.Store.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := texts(t, r.Owner, `SELECT count(*)::text FROM selections`)[0]; got != step.selections {
			t.Errorf("after %s: %s selections", step.move, got)
		}
		if got := texts(t, r.Owner, `SELECT count(*)::text FROM plans`)[0]; got != step.plans {
			t.Errorf("after %s: %s plans", step.move, got)
		}
	}
	if _, err := r.Store.Plan(t.Context(), c.Orderer, unused.ID); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("the unused one: %v", err)
	}
	if done := readRun(t, r, c.Orderer, next); done.Of(card.Done) != 1 || done.Plan.After != first.ID {
		t.Errorf("%+v", done)
	}
}
