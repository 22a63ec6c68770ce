package postgres_test

import (
	"errors"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// Many cards from a day on: planned as a single one is, due at its time, and withdrawn by undoing the run.
func TestARunFromADayOn(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	a, b := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	blocked := c.Card(t, pgtest.Spec{Status: card.Blocked})
	terms := card.PlanTerms{Action: card.Block, Reason: card.EmploymentEnded, From: r.Today(t).AddDate(0, 0, 7)}
	for from, rule := range map[time.Time]card.Rule{
		r.Today(t): "plans_starts_on_ahead", r.Today(t).AddDate(0, 0, -1): "plans_starts_on_ahead", r.Today(t).AddDate(1, 0, 1): card.RulePlansWithinAYear,
	} {
		wrong := terms
		wrong.From = from
		_, err := r.Store.MakePlan(t.Context(), c.Orderer, selected(t, r, c.Orderer, a.ID), wrong)
		var refused *card.Refused
		if !errors.Is(err, card.ErrFrom) || !errors.As(err, &refused) || refused.Rule != rule {
			t.Errorf("from %s: %v", from, err)
		}
	}
	p := makePlan(t, r, c.Orderer, terms, a.ID, b.ID, blocked.ID)
	if p.Of(card.WillChange) != 2 || p.Of(card.AlreadySo) != 1 || p.Final || !p.Undo || !p.From.Equal(terms.From) {
		t.Errorf("%+v", p)
	}
	done := doRun(t, r, c.Orderer, p.ID)
	if done.Of(card.IsPlanned) != 2 || done.Of(card.Done) != 0 || done.N() != 3 || done.Saves != 2 {
		t.Errorf("%+v", done.Counts)
	}
	if k := seen(t, r, c.Orderer, a.ID); k.Status != card.Active || len(k.PlannedActions) != 1 || k.PlannedActions[0].Reason != card.EmploymentEnded {
		t.Errorf("%s, %+v", k.Status, k.PlannedActions)
	}
	if again := makePlan(t, r, c.Orderer, terms, a.ID); again.Of(card.AlreadySo) != 1 {
		t.Errorf("twice: %+v", again.Groups)
	}
	undo, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, r, undo)
	if done := readRun(t, r, c.Orderer, undo); done.Of(card.Done) != 2 || done.Plan.Action != card.Withdraw {
		t.Errorf("%+v", done)
	}
	if k := seen(t, r, c.Orderer, a.ID); k.PlannedActions[0].Outcome != card.PlannedWithdrawn {
		t.Errorf("%+v", k.PlannedActions)
	}

	next := makePlan(t, r, c.Orderer, terms, a.ID, b.ID)
	doRun(t, r, c.Orderer, next.ID)
	r.MoveClock(t, 8*24*time.Hour)
	if err := r.Store.SettleDue(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if k := seen(t, r, c.Orderer, b.ID); k.Status != card.Blocked {
		t.Errorf("when due the card is %s", k.Status)
	}
	if done := readRun(t, r, c.Orderer, next.ID); done.Undoable {
		t.Errorf("%+v", done)
	}
	if _, err := r.Store.UndoRun(t.Context(), c.Orderer, next.ID); !errors.Is(err, card.ErrStale) {
		t.Errorf("undone too late: %v", err)
	}
}

// What of a run from a day on is still to come can be undone, though the rest was withdrawn by itself.
func TestTheRestOfARunIsUndone(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	a, b := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Leave, From: r.Today(t).AddDate(0, 0, 7)}, a.ID, b.ID)
	doRun(t, r, c.Orderer, p.ID)
	withdraw := func(k *pgtest.Card) {
		t.Helper()
		for _, plan := range seen(t, r, c.Orderer, k.ID).PlannedActions {
			if _, err := r.Store.Withdraw(t.Context(), c.Orderer, k.ID, plan.ID); plan.Outcome == "" && err != nil {
				t.Fatal(err)
			}
		}
	}
	withdraw(a)
	if done := readRun(t, r, c.Orderer, p.ID); !done.Undoable {
		t.Errorf("%+v", done)
	}
	undo, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, r, undo)
	if done := readRun(t, r, c.Orderer, undo); done.Of(card.Done) != 1 || done.Of(card.LeftChanged) != 1 {
		t.Errorf("%+v", done.Counts)
	}

	p = makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Leave, From: r.Today(t).AddDate(0, 0, 9)}, b.ID)
	doRun(t, r, c.Orderer, p.ID)
	withdraw(b)
	if done := readRun(t, r, c.Orderer, p.ID); done.Undoable {
		t.Error("all of it was withdrawn, and it can be undone")
	}
}

// Where terminations have a grace time, a run stops the cards at once and can be undone until the time is out.
func TestARunInGrace(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	if err := r.Store.SetGrace(t.Context(), c.Administrator, 24); err != nil {
		t.Fatal(err)
	}
	active, produced := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Produced})
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Terminate, Reason: card.NotInUse}, active.ID, produced.ID)
	if p.Final || !p.Undo || p.GraceHours != 24 || p.Of(card.WillChange) != 2 {
		t.Errorf("%+v", p)
	}
	if done := doRun(t, r, c.Orderer, p.ID); done.Of(card.IsPlanned) != 2 || done.N() != 2 {
		t.Fatalf("%+v", done.Counts)
	}
	if k := seen(t, r, c.Orderer, active.ID); k.Status != card.Blocked || k.Works {
		t.Errorf("in grace the card is %s", k.Status)
	}
	undo, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, r, undo)
	for k, want := range map[*pgtest.Card]card.Status{active: card.Active, produced: card.Produced} {
		if now := seen(t, r, c.Orderer, k.ID); now.Status != want {
			t.Errorf("undone, card %d is %s", k.ID, now.Status)
		}
	}
	stolen := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Terminate, Reason: card.Stolen}, active.ID)
	if !stolen.Final || stolen.Undo {
		t.Errorf("%+v", stolen)
	}
	if done := doRun(t, r, c.Orderer, stolen.ID); done.Of(card.Done) != 1 {
		t.Errorf("%+v", done.Counts)
	}
	last := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Terminate, Reason: card.NotInUse}, produced.ID)
	doRun(t, r, c.Orderer, last.ID)
	r.MoveClock(t, 25*time.Hour)
	if err := r.Store.SettleDue(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if now := seen(t, r, c.Orderer, produced.ID); now.Status != card.Terminated {
		t.Errorf("after the grace the card is %s", now.Status)
	}
}

// A card that stays blocked though its termination was withdrawn is told apart from those that work again, and only these cost again.
func TestAnUndoneGraceThatStaysBlocked(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	if err := r.Store.SetGrace(t.Context(), c.Administrator, 72); err != nil {
		t.Fatal(err)
	}
	good, expired := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: r.Today(t)})
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Terminate, Reason: card.NotInUse}, good.ID, expired.ID, produced.ID)
	if done := doRun(t, r, c.Orderer, p.ID); done.Of(card.IsPlanned) != 3 || done.Saves != 3 {
		t.Fatalf("saves %d, %+v", done.Saves, done.Counts)
	}
	undo, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, 48*time.Hour)
	finish(t, r, undo)
	done := readRun(t, r, c.Orderer, undo)
	if done.Of(card.Done) != 2 || done.Of(card.StaysBlocked) != 1 || done.N() != 3 || done.Saves != -1 {
		t.Errorf("saves %d, %+v", done.Saves, done.Counts)
	}
	rows := runRows(t, r, c.Orderer, undo)
	for k, want := range map[*pgtest.Card]struct {
		result card.Result
		status card.Status
	}{good: {card.Done, card.Active}, expired: {card.StaysBlocked, card.Blocked}, produced: {card.Done, card.Produced}} {
		if now := seen(t, r, c.Orderer, k.ID); rows[k.ID].Result != want.result || now.Status != want.status {
			t.Errorf("card %d: %s, told as %s", k.ID, now.Status, rows[k.ID].Result)
		}
	}
	only, _, err := r.Store.RunRows(t.Context(), c.Orderer, undo, card.StaysBlocked, "", 10)
	if err != nil || len(only) != 1 || only[0].ID != expired.ID {
		t.Errorf("%+v, %v", only, err)
	}
}

// An undone run of what is to come, tried again, still knows what it is to withdraw.
func TestAnUndoneGraceIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	if err := r.Store.SetGrace(t.Context(), c.Administrator, 24); err != nil {
		t.Fatal(err)
	}
	k, other := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Terminate, Reason: card.NotInUse}, k.ID, other.ID)
	doRun(t, r, c.Orderer, p.ID)
	undo, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	handOver(t, r, k, c.OtherOrderer)
	finish(t, r, undo)
	if done := readRun(t, r, c.Orderer, undo); done.Of(card.Done) != 1 || done.Of(card.RefusedThen) != 1 {
		t.Fatalf("%+v", done.Counts)
	}
	handOver(t, r, k, c.Orderer)
	again, err := r.Store.RetryRun(t.Context(), c.Orderer, undo)
	if err != nil {
		t.Fatal(err)
	}
	if q := readPlan(t, r, c.Orderer, again); q.Action != card.Withdraw || q.Of(card.WillChange) != 1 || q.N != 1 {
		t.Errorf("%+v", q)
	}
	if done := doRun(t, r, c.Orderer, again); done.Of(card.Done) != 1 {
		t.Errorf("%+v", done.Counts)
	}
	if now := seen(t, r, c.Orderer, k.ID); now.Status != card.Active {
		t.Errorf("the card is %s", now.Status)
	}
}

func handOver(t *testing.T, r *pgtest.Register, k *pgtest.Card, to account.Actor) {
	t.Helper()
	by := k.Company.Administrator
	_, err := r.Store.Act(t.Context(), by, card.Command{
		Card: k.ID, Version: seen(t, r, by, k.ID).Version, Action: card.HandOver, Successor: to.Person, Reason: card.EmploymentEnded,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A run to withdraw that an earlier program began without what is planned comes to its end.
func TestARunOfAnEarlierProgramEnds(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Leave, From: r.Today(t).AddDate(0, 0, 7)}, k.ID)
	doRun(t, r, c.Orderer, p.ID)
	undo, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE plan_cards SET planned_id = NULL WHERE plan_id = $1`, undo); err != nil {
		t.Fatal(err)
	}
	finish(t, r, undo)
	if done := readRun(t, r, c.Orderer, undo); done.Of(card.ChangedSince) != 1 || done.Finished.IsZero() {
		t.Errorf("%+v", done)
	}
	if _, err := r.Store.RetryRun(t.Context(), c.Orderer, undo); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("tried again: %v", err)
	}
}

// A plan from a day on judges each card as it will be that day, and promises nothing that its run cannot do.
func TestAPlanFromADayOnIsTrue(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	today := r.Today(t)
	from := func(action card.Action, days int) card.PlanTerms {
		return card.PlanTerms{Action: action, Reason: card.NotInUse, From: today.AddDate(0, 0, days)}
	}

	// It is planned already, for a later day.
	later := c.Card(t, pgtest.Spec{Status: card.Active})
	doRun(t, r, c.Orderer, makePlan(t, r, c.Orderer, from(card.Block, 30), later.ID).ID)
	if p := makePlan(t, r, c.Orderer, from(card.Block, 10), later.ID); p.Of(card.WillRefuse) != 1 || p.Groups[0].Rule != card.RulePlanOnePending {
		t.Errorf("planned twice: %+v", p.Groups)
	}
	if p := makePlan(t, r, c.Orderer, from(card.Block, 31), later.ID); p.Of(card.AlreadySo) != 1 {
		t.Errorf("blocked by then: %+v", p.Groups)
	}
	if p := makePlan(t, r, c.Orderer, from(card.Terminate, 10), later.ID); p.Of(card.WillChange) != 1 {
		t.Errorf("something else is planned: %+v", p.Groups)
	}
	_, err := r.Store.Act(t.Context(), c.Orderer, card.Command{
		Card: later.ID, Version: seen(t, r, c.Orderer, later.ID).Version, Action: card.Block, Reason: card.NotInUse, From: today.AddDate(0, 0, 10),
	})
	if !errors.Is(err, card.ErrFrom) || ruleOf(err) != string(card.RulePlanOnePending) {
		t.Errorf("one card planned twice: %v", err)
	}

	// What has expired by then costs nothing any more, and saves nothing.
	expiring := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: today.AddDate(0, 0, 3)})
	for days, saves := range map[int]int{3: 1, 4: 0, 30: 0} {
		if p := makePlan(t, r, c.Orderer, from(card.Block, days), expiring.ID); p.Saves() != saves || p.Of(card.WillChange) != 1 {
			t.Errorf("from day %d, the last day of the card is day 3: saves %d, %+v", days, p.Saves(), p.Groups)
		}
	}

	// What would lead there is asked of the card as it will be.
	ending, produced := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Produced})
	doRun(t, r, c.Orderer, makePlan(t, r, c.Orderer, from(card.Terminate, 5), ending.ID).ID)
	if p := makePlan(t, r, c.Orderer, from(card.Block, 10), ending.ID); p.Of(card.WillRefuse) != 1 || p.Groups[0].Rule != card.RuleTransition {
		t.Errorf("terminated by then: %+v", p.Groups)
	}
	if p := makePlan(t, r, c.Orderer, from(card.Block, 10), produced.ID); p.Of(card.NeedsOther) != 1 || p.Groups[0].Instead != card.Terminate {
		t.Errorf("produced then as now: %+v", p.Groups)
	}
}

// A run gives the grace time that its plan told, or refuses.
func TestTheGraceChangesBeforeTheRun(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	for _, tc := range []struct {
		planned, now int16
		rule         card.Rule
	}{
		{0, 24, "card_events_grace"}, {24, 0, "planned_actions_without_grace"}, {72, 1, "planned_actions_other_grace"}, {1, 72, "planned_actions_other_grace"},
		{24, 24, ""},
	} {
		c := r.NewCompany(t)
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		grace := func(hours int16) {
			t.Helper()
			if err := r.Store.SetGrace(t.Context(), c.Administrator, hours); err != nil {
				t.Fatal(err)
			}
		}
		grace(tc.planned)
		p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Terminate, Reason: card.NotInUse}, k.ID)
		grace(tc.now)
		doRun(t, r, c.Orderer, p.ID)
		row := runRows(t, r, c.Orderer, p.ID)[k.ID]
		if row.Rule != tc.rule || (row.Result == card.RefusedThen) != (tc.rule != "") {
			t.Errorf("%d hours planned, %d now: %s by %q", tc.planned, tc.now, row.Result, row.Rule)
		}
		if tc.rule == "" {
			continue
		}
		again, err := r.Store.RetryRun(t.Context(), c.Orderer, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if q := readPlan(t, r, c.Orderer, again); q.GraceHours != int(tc.now) {
			t.Errorf("tried again with %d hours", q.GraceHours)
		}
		if done := doRun(t, r, c.Orderer, again); done.Of(card.Done)+done.Of(card.IsPlanned) != 1 {
			t.Errorf("%d hours planned, %d now, tried again: %+v", tc.planned, tc.now, done.Counts)
		}
	}
}
