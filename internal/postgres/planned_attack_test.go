package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// SQL of somebody who has taken over the application.
func TestNobodyForgesPlans(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	k, foreign := c.Card(t, pgtest.Spec{Status: card.Active}), stranger.Card(t, pgtest.Spec{Status: card.Active})
	pending := planned(t, k, card.Terminate, 20)
	calling := func(id card.ID, company account.CompanyID, by account.PersonID, action string, from string) func(pgx.Tx) error {
		return statement(`SELECT 1 / plan_action($1, 5, $2, $3, $4, 'leave', '', `+from+`)`, id, company, by, action)
	}
	ok := calling(k.ID, c.ID, c.Orderer.Person, "block", "today() + 1")
	changing := func(company account.CompanyID, hours int, by account.Actor) func(pgx.Tx) error {
		return statement(`INSERT INTO grace_changes (company_id, grace_hours, changed_by) VALUES ($1, $2, $3)`, company, hours, by.Person)
	}
	const bySystem = `INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_role, reason)
		SELECT id, version + 1, company_id, kind, 'terminate', status, 'terminated', 'system', 'lost' FROM cards WHERE id = $1`
	atATime := strings.NewReplacer("reason)", "reason, occurred_at)", "'lost'", "'lost', clock_now() - interval '1 day'").Replace(bySystem)
	judge(t, begin(t, r.App), []attack{
		{"a plan in the past", calling(k.ID, c.ID, c.Orderer.Person, "block", "today() - 1"), "planned_actions_ahead", ok},
		{"a plan for today", calling(k.ID, c.ID, c.Orderer.Person, "block", "today()"), "planned_actions_ahead", ok},
		{"a plan for ever", calling(k.ID, c.ID, c.Orderer.Person, "block", "'infinity'"), "planned_actions_within_a_year", ok},
		{"a plan of another orderer", calling(k.ID, c.ID, c.OtherOrderer.Person, "block", "today() + 1"), "card_events_responsible_orderer", ok},
		{"a plan of the administrator", calling(k.ID, c.ID, c.Administrator.Person, "block", "today() + 1"), "card_events_member", ok},
		{"a plan of another company's orderer", calling(k.ID, c.ID, stranger.Orderer.Person, "block", "today() + 1"), "card_events_member", ok},
		{"a plan of what cannot be planned", calling(k.ID, c.ID, c.Orderer.Person, "hand_over", "today() + 1"), "planned_actions_plannable", ok},
		{"a grace where there is none", calling(k.ID, c.ID, c.Orderer.Person, "terminate", "NULL"), "planned_actions_without_grace", ok},
		{"a row of one's own", statement(`INSERT INTO planned_actions (card_id) VALUES ($1)`, k.ID), forbidden, ok},
		{"another day", statement(`UPDATE planned_actions SET due_at = now() WHERE id = $1`, pending.ID), forbidden, ok},
		{"another outcome", statement(`UPDATE planned_actions SET outcome = 'withdrawn' WHERE id = $1`, pending.ID), forbidden, ok},
		{"a plan less", statement(`DELETE FROM planned_actions WHERE id = $1`, pending.ID), forbidden, ok},
		{"an event of the system", statement(bySystem, k.ID), "card_events_system_only", ok},
		{"an event at a time of one's own", statement(atATime, k.ID), forbidden, ok},
		{"a grace time without being administrator", changing(c.ID, 9, c.Orderer), "grace_changes_by_administrator", changing(c.ID, 9, c.Administrator)},
		{"another company's grace time", changing(stranger.ID, 9, c.Administrator), "grace_changes_by_administrator", changing(c.ID, 9, c.Administrator)},
		{"a longer grace", changing(c.ID, 73, c.Administrator), "companies_grace_hours_range", changing(c.ID, 72, c.Administrator)},
		{"a negative grace", changing(c.ID, -1, c.Administrator), "companies_grace_hours_range", changing(c.ID, 0, c.Administrator)},
		{"a grace time that nobody changed", statement(`UPDATE companies SET grace_hours = 9 WHERE id = $1`, c.ID), forbidden, ok},
		{"a change of yesterday", statement(`INSERT INTO grace_changes (company_id, grace_hours, changed_by, changed_at) VALUES (1, 9, 1, now())`), forbidden, ok},
	})
	// What is not there, or another company's, is nothing; and settling early does nothing.
	for sql, args := range map[string][]any{
		`SELECT plan_action($1, 5, $2, $3, 'block', 'leave', '', today() + 1) IS NULL`: {foreign.ID, c.ID, c.Orderer.Person},
		`SELECT withdraw_plan($1, $2, $3, $4) IS NULL`:                                 {pending.ID, foreign.ID, stranger.ID, stranger.Orderer.Person},
		`SELECT settle_card($1) IS NOT NULL`:                                           {k.ID},
	} {
		var nothing bool
		if err := r.App.QueryRow(t.Context(), sql, args...).Scan(&nothing); err != nil || !nothing {
			t.Errorf("%s: %t, %v", sql, nothing, err)
		}
	}
	mustBe(t, k, card.Active, "pending")
	// Not even the owner rewrites a plan by accident.
	for _, sql := range []string{
		`UPDATE planned_actions SET due_at = due_at + interval '1 day'`,
		`UPDATE planned_actions SET outcome = 'overtaken', settled_at = now(), note = 'x'`,
		`DELETE FROM planned_actions`,
	} {
		if _, err := r.Owner.Exec(t.Context(), sql); ruleOf(err) != "planned_actions_append_only" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE planned_actions SET outcome = 'overtaken', settled_at = now()`); err != nil {
		t.Errorf("the one end: %v", err)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE planned_actions SET settled_at = now()`); ruleOf(err) != "planned_actions_append_only" {
		t.Errorf("a second end: %v", err)
	}
}
