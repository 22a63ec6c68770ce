package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

func selected(t *testing.T, r *pgtest.Register, by account.Actor, cards ...card.ID) card.SelectionID {
	t.Helper()
	id, err := r.Store.Select(t.Context(), by, cards)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func makePlan(t *testing.T, r *pgtest.Register, by account.Actor, terms card.PlanTerms, cards ...card.ID) card.Plan {
	t.Helper()
	id, err := r.Store.MakePlan(t.Context(), by, selected(t, r, by, cards...), terms)
	if err != nil {
		t.Fatal(err)
	}
	return readPlan(t, r, by, id)
}

func readPlan(t *testing.T, r *pgtest.Register, by account.Actor, id card.PlanID) card.Plan {
	t.Helper()
	p, err := r.Store.Plan(t.Context(), by, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// doRun has a plan done.
func doRun(t *testing.T, r *pgtest.Register, by account.Actor, id card.PlanID) card.Run {
	t.Helper()
	if err := r.Store.StartRun(t.Context(), by, id); err != nil {
		t.Fatal(err)
	}
	finish(t, r, id)
	return readRun(t, r, by, id)
}

// finish does what the job does.
func finish(t *testing.T, r *pgtest.Register, id card.PlanID) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = r.Store.ApplyNext(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}

func readRun(t *testing.T, r *pgtest.Register, by account.Actor, id card.PlanID) card.Run {
	t.Helper()
	done, err := r.Store.Run(t.Context(), by, id)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func runRows(t *testing.T, r *pgtest.Register, by account.Actor, id card.PlanID) map[card.ID]card.RunRow {
	t.Helper()
	all := map[card.ID]card.RunRow{}
	for after := card.Cursor(""); ; {
		rows, next, err := r.Store.RunRows(t.Context(), by, id, "", after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			all[row.ID] = row
		}
		if after = next; next == "" {
			return all
		}
	}
}

// A plan says of each card what would become of it and why not, and changes nothing; its run does exactly that.
func TestAPlanAndItsRun(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	active := c.Card(t, pgtest.Spec{Status: card.Active})
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	ordered := c.Card(t, pgtest.Spec{Status: card.Ordered})
	blocked := c.Card(t, pgtest.Spec{Status: card.Blocked})
	ended := c.Card(t, pgtest.Spec{Status: card.Terminated})
	theirs := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.OtherOrderer})
	visitor := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced})

	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Leave, Note: "tjänstledig"},
		active.ID, produced.ID, ordered.ID, blocked.ID, ended.ID, theirs.ID, visitor.ID)
	var got []string
	for _, g := range p.Groups {
		got = append(got, strings.Join([]string{string(g.Verdict), string(g.Rule), string(g.Instead)}, " "))
	}
	want := []string{
		"change  ", "instead card_events_transition terminate", "instead card_events_transition cancel", "refused card_events_responsible_orderer ",
		"refused card_events_transition ", "already  ",
	}
	if diff := cmp.Diff(want, got); diff != "" || p.N != 7 || p.Of(card.WillChange) != 1 || p.Saves() != 1 || p.Price != 3500 {
		t.Errorf("%d cards, saves %d of %d (-want +got):\n%s", p.N, p.Saves(), p.Price, diff)
	}
	if p.Final || !p.Undo || p.Started || p.Action != card.Block || p.Note != "tjänstledig" {
		t.Errorf("%+v", p)
	}
	if k := seen(t, r, c.Orderer, active.ID); k.Status != card.Active {
		t.Errorf("the plan has made the card %s", k.Status)
	}

	done := doRun(t, r, c.Orderer, p.ID)
	if done.N() != 7 || done.Of(card.Done) != 1 || done.Finished.IsZero() || !done.Own || done.Saves != 1 {
		t.Errorf("%+v", done)
	}
	k := seen(t, r, c.Orderer, active.ID)
	if e := k.Events[len(k.Events)-1]; k.Status != card.Blocked || e.Reason != card.Leave || e.Note != "tjänstledig" || e.ActorID != c.Orderer.Person || e.Role != account.Orderer {
		t.Errorf("%s by %+v", k.Status, e)
	}
	rows := runRows(t, r, c.Orderer, p.ID)
	for id, want := range map[card.ID]card.Result{
		active.ID: card.Done, produced.ID: card.LeftInstead, ordered.ID: card.LeftInstead, blocked.ID: card.LeftAlready, ended.ID: card.LeftRefused,
		theirs.ID: card.LeftRefused, visitor.ID: card.LeftInstead,
	} {
		if rows[id].Result != want {
			t.Errorf("card %d: %s, want %s", id, rows[id].Result, want)
		}
	}
	if rows[theirs.ID].Rule != card.RuleResponsibleOrderer || len(rows) != 7 {
		t.Errorf("%d rows, %+v", len(rows), rows[theirs.ID])
	}
	for _, untouched := range []*pgtest.Card{produced, ordered, blocked, ended, theirs, visitor} {
		if k := seen(t, r, untouched.Company.Administrator, untouched.ID); k.Version != untouched.Version {
			t.Errorf("card %d was touched", untouched.ID)
		}
	}
	if again := doRun(t, r, c.Orderer, p.ID); again.Of(card.Done) != 1 || !again.Started.Equal(done.Started) {
		t.Errorf("asked for again: %+v", again)
	}

	// What needs something else is planned with one step; the reason goes with the other action where it can.
	if _, err := r.Store.PlanInstead(t.Context(), c.Orderer, p.ID, card.Terminate); !errors.Is(err, card.ErrReason) {
		t.Errorf("terminate for leave: %v", err)
	}
	sel, err := r.Store.SelectInstead(t.Context(), c.Orderer, p.ID, card.Terminate)
	if err != nil {
		t.Fatal(err)
	}
	other, err := r.Store.MakePlan(t.Context(), c.Orderer, sel, card.PlanTerms{Action: card.Terminate, Reason: card.NotInUse})
	if err != nil {
		t.Fatal(err)
	}
	if q := readPlan(t, r, c.Orderer, other); !q.Final || q.Undo || q.N != 2 || q.Of(card.WillChange) != 2 || q.Saves() != 2 {
		t.Errorf("%+v", q)
	}
	if q := doRun(t, r, c.Orderer, other); q.Of(card.Done) != 2 {
		t.Errorf("%+v", q)
	}
	if _, err := r.Store.UndoRun(t.Context(), c.Orderer, other); !errors.Is(err, card.ErrNotFound) || readRun(t, r, c.Orderer, other).Undoable {
		t.Errorf("a termination is undone: %v", err)
	}
	if !readRun(t, r, c.Orderer, p.ID).Undoable {
		t.Error("the block cannot be undone")
	}
	active.See(t)
	active.Do(t, card.Unblock)
	if _, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID); !errors.Is(err, card.ErrStale) || readRun(t, r, c.Orderer, p.ID).Undoable {
		t.Errorf("undone when its only card was changed: %v", err)
	}
	unused, err := r.Store.MakePlan(t.Context(), c.Orderer, selected(t, r, c.Orderer, ordered.ID), card.PlanTerms{Action: card.Terminate, Reason: card.Mistake})
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := r.Store.PlanInstead(t.Context(), c.Orderer, unused, card.Cancel)
	if err != nil {
		t.Fatal(err)
	}
	if q := readPlan(t, r, c.Orderer, cancelled); q.After != unused || q.Reason != card.Mistake || q.Of(card.WillChange) != 1 {
		t.Errorf("%+v", q)
	}
}

func seen(t *testing.T, r *pgtest.Register, by account.Actor, id card.ID) card.Card {
	t.Helper()
	k, err := r.Store.Card(t.Context(), by, id)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// What a run did is taken back by another, but for cards that somebody has changed since.
func TestARunIsUndone(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	a, b := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.NotInUse}, a.ID, b.ID)
	if _, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("before it was done: %v", err)
	}
	doRun(t, r, c.Orderer, p.ID)
	b.See(t)
	b.Do(t, card.Unblock)
	b.Do(t, card.Block)
	if _, err := r.Store.UndoRun(t.Context(), c.OtherOrderer, p.ID); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("by somebody else: %v", err)
	}
	if first := readRun(t, r, c.Orderer, p.ID); !first.Undoable {
		t.Errorf("%+v", first)
	}
	undos := make([]card.PlanID, 5)
	var clicks sync.WaitGroup
	for i := range undos {
		clicks.Go(func() {
			var err error
			if undos[i], err = r.Store.UndoRun(t.Context(), c.Orderer, p.ID); err != nil {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	undo := undos[0]
	if under := readRun(t, r, c.Orderer, undo); under.Undoable || !under.Finished.IsZero() {
		t.Errorf("on its way: %+v", under)
	}
	finish(t, r, undo)
	again, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil || slices.ContainsFunc(append(undos, again), func(one card.PlanID) bool { return one != undo }) {
		t.Errorf("undone by %v, then by %d: %v", undos, again, err)
	}
	done := readRun(t, r, c.Orderer, undo)
	if done.Of(card.Done) != 1 || done.Of(card.LeftChanged) != 1 || done.N() != 2 || done.Undoes != p.ID || done.Plan.Action != card.Unblock {
		t.Errorf("%+v", done)
	}
	if k := seen(t, r, c.Orderer, a.ID); k.Status != card.Active || k.Events[len(k.Events)-1].Reason != card.Mistake {
		t.Errorf("%s", k.Status)
	}
	if k := seen(t, r, c.Orderer, b.ID); k.Status != card.Blocked {
		t.Errorf("the changed one is %s", k.Status)
	}
	if first := readRun(t, r, c.Administrator, p.ID); first.UndoneBy != undo || first.Own || first.Undoable {
		t.Errorf("%+v", first)
	}
}

// An administrator hands cards over, and back to whomever each came from.
func TestARunHandsOver(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	third := c.NewMember(t, card.Name{Given: "Tove", Family: "Tredje"}, account.Orderer)
	a := c.Card(t, pgtest.Spec{Status: card.Active})
	b := c.Card(t, pgtest.Spec{Status: card.Ordered, Orderer: c.OtherOrderer})
	d := c.Card(t, pgtest.Spec{Status: card.Produced, Orderer: third})
	terms := card.PlanTerms{Action: card.HandOver, Reason: card.EmploymentEnded}
	for _, nobody := range []account.PersonID{0, c.Administrator.Person, a.Holder.Person} {
		terms.Successor = nobody
		if _, err := r.Store.MakePlan(t.Context(), c.Administrator, selected(t, r, c.Administrator, a.ID), terms); !errors.Is(err, card.ErrSuccessor) {
			t.Errorf("to person %d: %v", nobody, err)
		}
	}
	terms.Successor = third.Person
	p := makePlan(t, r, c.Administrator, terms, a.ID, b.ID, d.ID)
	if p.Of(card.WillChange) != 2 || p.Of(card.AlreadySo) != 1 || p.SuccessorName.Given != "Tove" || !p.Undo {
		t.Errorf("%+v", p)
	}
	if mine := makePlan(t, r, c.Orderer, terms, a.ID); mine.Of(card.WillRefuse) != 1 || mine.Groups[0].Rule != card.RulePermission {
		t.Errorf("an orderer hands over: %+v", mine.Groups)
	}
	logInAs(t, r, c.Orderer.Person, "bo@company.example", "sv")
	logInAs(t, r, third.Person, "tove@company.example", "sv")
	doRun(t, r, c.Administrator, p.ID)
	if diff := cmp.Diff([]string{
		"cards_handed_over bo@company.example 1 Tove Tredje", "cards_taken_over tove@company.example 1 Bo Beställare", "cards_taken_over tove@company.example 1 Berit Beställare",
	}, mailsAbout(t, r)); diff != "" {
		t.Errorf("both are told once (-want +got):\n%s", diff)
	}
	if k := seen(t, r, c.Administrator, a.ID); k.Orderer.Given != "Tove" || k.Status != card.Active {
		t.Errorf("%+v", k.Row)
	}
	undo, err := r.Store.UndoRun(t.Context(), c.Administrator, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, r, undo)
	for id, orderer := range map[card.ID]string{a.ID: "Bo", b.ID: "Berit", d.ID: "Tove"} {
		if k := seen(t, r, c.Administrator, id); k.Orderer.Given != orderer {
			t.Errorf("card %d is %s's", id, k.Orderer.Given)
		}
	}
}

// What of an undone hand-over failed goes, when it is tried again, to whomever each card came from, and no receipt names one person for several.
func TestAnUndoneHandOverIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	third := c.NewMember(t, card.Name{Given: "Tove", Family: "Tredje"}, account.Orderer)
	left := c.NewMember(t, card.Name{Given: "Sture", Family: "Slutat"}, account.Orderer)
	a, b := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.OtherOrderer})
	d := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: left})
	p := makePlan(t, r, c.Administrator, card.PlanTerms{Action: card.HandOver, Reason: card.EmploymentEnded, Successor: third.Person}, a.ID, b.ID, d.ID)
	doRun(t, r, c.Administrator, p.ID)
	undo, err := r.Store.UndoRun(t.Context(), c.Administrator, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*pgtest.Card{b, d} {
		k.See(t)
		if _, err := r.Store.Act(t.Context(), third, card.Command{Card: k.ID, Version: k.Version, Action: card.Block, Reason: card.Leave}); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, r, undo)
	done := readRun(t, r, c.Administrator, undo)
	if done.Of(card.Done) != 1 || done.Of(card.ChangedSince) != 2 || done.Plan.SuccessorName != (card.Name{}) {
		t.Errorf("%v, %+v", done.Plan.SuccessorName, done.Counts)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE memberships SET ended_at = clock_now() WHERE person_id = $1`, left.Person); err != nil {
		t.Fatal(err)
	}
	again, err := r.Store.RetryRun(t.Context(), c.Administrator, undo)
	if err != nil {
		t.Fatal(err)
	}
	q := readPlan(t, r, c.Administrator, again)
	if q.Of(card.WillChange) != 1 || q.Of(card.WillRefuse) != 1 || q.Groups[1].Rule != card.RuleSuccessorIsOrderer || q.SuccessorName != (card.Name{}) {
		t.Errorf("%v, %+v", q.SuccessorName, q.Groups)
	}
	doRun(t, r, c.Administrator, again)
	for id, orderer := range map[card.ID]string{a.ID: "Bo", b.ID: "Berit", d.ID: "Tove"} {
		if k := seen(t, r, c.Administrator, id); k.Orderer.Given != orderer {
			t.Errorf("card %d is %s's", id, k.Orderer.Given)
		}
	}

	// What goes to one person is tried again only while he or she can take it.
	fourth := c.NewMember(t, card.Name{Given: "Fia", Family: "Fjärde"}, account.Orderer)
	p = makePlan(t, r, c.Administrator, card.PlanTerms{Action: card.HandOver, Reason: card.EmploymentEnded, Successor: fourth.Person}, a.ID)
	a.See(t)
	a.Do(t, card.Block)
	doRun(t, r, c.Administrator, p.ID)
	again, err = r.Store.RetryRun(t.Context(), c.Administrator, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if q := readPlan(t, r, c.Administrator, again); q.Of(card.WillChange) != 1 || q.SuccessorName.Given != "Fia" {
		t.Errorf("%v, %+v", q.SuccessorName, q.Groups)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE memberships SET ended_at = clock_now() WHERE person_id = $1`, fourth.Person); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.RetryRun(t.Context(), c.Administrator, p.ID); !errors.Is(err, card.ErrSuccessor) {
		t.Errorf("to somebody who has left: %v", err)
	}
}

// Cards are ordered in the place of others, each as it was ordered, and the orders are cancelled again.
func TestARunReplaces(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	good, open := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	renew(t, open)
	unmade := c.Card(t, pgtest.Spec{Status: card.Ordered})
	terms := card.PlanTerms{Action: card.Replace, Reason: card.Stolen}
	cards := cardsOf(t, r, c)
	p := makePlan(t, r, c.Orderer, terms, good.ID, open.ID, unmade.ID)
	if cardsOf(t, r, c) != cards {
		t.Error("the plan ordered cards")
	}
	if p.Of(card.WillChange) != 1 || p.Of(card.WillRefuse) != 2 || p.Final || !p.Undo {
		t.Errorf("%+v", p.Groups)
	}
	for _, g := range p.Groups[1:] {
		if g.Rule != card.RuleOneOpenOrder {
			t.Errorf("refused by %s", g.Rule)
		}
	}
	done := doRun(t, r, c.Orderer, p.ID)
	made := runRows(t, r, c.Orderer, p.ID)[good.ID].Made
	if done.Of(card.Done) != 1 || made == 0 {
		t.Fatalf("%+v", done)
	}
	if o, err := r.Store.Draft(t.Context(), c.Orderer, made); err != nil || o.Replaces != good.ID || o.ReplaceReason != card.Stolen || o.DeliverTo == "" {
		t.Errorf("ordered %+v, %v", o, err)
	}
	undo, err := r.Store.UndoRun(t.Context(), c.Orderer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, r, undo)
	if k := seen(t, r, c.Orderer, made); k.Status != card.Cancelled {
		t.Errorf("the new card is %s", k.Status)
	}
	if done := readRun(t, r, c.Orderer, undo); done.Of(card.Done) != 1 || done.N() != 1 {
		t.Errorf("%+v", done)
	}
	for _, reason := range []card.Reason{card.Reclaimed, card.Leave, ""} {
		if _, err := r.Store.MakePlan(t.Context(), c.Orderer, selected(t, r, c.Orderer, good.ID), card.PlanTerms{Action: card.Replace, Reason: reason}); !errors.Is(err, card.ErrReason) {
			t.Errorf("for %q: %v", reason, err)
		}
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE plan_actions SET most = 1 WHERE action = 'replace'`); err != nil {
		t.Fatal(err)
	}
	one, another := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	_, err = r.Store.MakePlan(t.Context(), c.Orderer, selected(t, r, c.Orderer, one.ID, another.ID), terms)
	if !errors.Is(err, card.ErrTooMany) || ruleOf(err) != "plan_cards_most" {
		t.Errorf("more cards than may be replaced at once: %v", err)
	}
	makePlan(t, r, c.Orderer, terms, one.ID)
}

// A plan that is not whole is refused beside its field, and its twin is made.
func TestPlansAreRefused(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k, foreign := c.Card(t, pgtest.Spec{Status: card.Active}), other.Card(t, pgtest.Spec{Status: card.Active})
	sel := selected(t, r, c.Orderer, k.ID)
	for _, tc := range []struct {
		terms card.PlanTerms
		want  error
		rule  card.Rule
	}{
		{card.PlanTerms{Action: card.Block}, card.ErrReason, "plans_reason"},
		{card.PlanTerms{Action: card.Block, Reason: card.Found}, card.ErrReason, "plans_reason"},
		{card.PlanTerms{Action: card.Block, Reason: card.Other}, card.ErrNote, "plans_other_needs_note"},
		{card.PlanTerms{Action: card.Block, Reason: card.Lost, Note: strings.Repeat("å", 501)}, card.ErrNote, "plans_note_length"},
		{card.PlanTerms{Action: card.Replace, Reason: card.Found}, card.ErrReason, "plans_replace_reason"},
		{card.PlanTerms{Action: card.Replace, Reason: card.Reclaimed}, card.ErrReason, "plans_not_reclaimed"},
		{card.PlanTerms{Action: card.Activate}, card.ErrNotFound, "plans_action"},
		{card.PlanTerms{Action: card.Withdraw}, card.ErrNotFound, "plans_action"}, // it undoes a run, and is nobody's choice
		{card.PlanTerms{Action: card.Block, Reason: card.Other, Note: strings.Repeat("å", 500)}, nil, ""},
		{card.PlanTerms{Action: card.Unblock}, nil, ""},
	} {
		_, err := r.Store.MakePlan(t.Context(), c.Orderer, sel, tc.terms)
		var refused *card.Refused
		errors.As(err, &refused)
		if !errors.Is(err, tc.want) || tc.rule != "" && (refused == nil || refused.Rule != tc.rule) {
			t.Errorf("%+v: %v", tc.terms, err)
		}
	}
	for _, by := range []account.Actor{c.OtherOrderer, other.Orderer, k.Holder} {
		if _, err := r.Store.MakePlan(t.Context(), by, sel, card.PlanTerms{Action: card.Unblock}); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("of somebody else's selection: %v", err)
		}
	}
	if _, err := r.Store.Select(t.Context(), c.Orderer, []card.ID{k.ID, foreign.ID}); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("another company's card is chosen: %v", err)
	}
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Unblock}, k.ID)
	if err := r.Store.StartRun(t.Context(), c.OtherOrderer, p.ID); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("somebody else's plan is started: %v", err)
	}
	r.MoveClock(t, 25*time.Hour)
	if err := r.Store.StartRun(t.Context(), c.Orderer, p.ID); !errors.Is(err, card.ErrStale) {
		t.Errorf("yesterday's plan is started: %v", err)
	}
	if _, err := r.Store.Selection(t.Context(), c.Orderer, sel, ""); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("yesterday's selection: %v", err)
	}
}

// Whatever happens to the cards between the plan and its run: nothing outside the plan is touched, what changed is left alone, and
// every card is accounted for.
func TestRunsAmongOtherActions(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	random := rand.New(rand.NewPCG(4, 2))
	var cards []*pgtest.Card
	for i := range 10 {
		status := card.Active
		if i%3 == 0 {
			status = card.Blocked
		}
		cards = append(cards, c.Card(t, pgtest.Spec{Status: status}))
	}
	for range 1000 {
		do, reason := card.Block, card.NotInUse
		if random.IntN(2) == 0 {
			do, reason = card.Unblock, card.NoReason
		}
		in := random.Perm(len(cards))[:1+random.IntN(len(cards))]
		var ids []card.ID
		before := map[card.ID]int{}
		for _, i := range in {
			ids = append(ids, cards[i].ID)
		}
		p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: do, Reason: reason}, ids...)
		for _, k := range cards {
			k.See(t)
		}
		changed := map[card.ID]bool{}
		for _, i := range random.Perm(len(cards))[:random.IntN(4)] {
			k := cards[i]
			for range 1 + random.IntN(2) { // twice, and it looks as it did
				if k.Status == card.Active {
					k.Do(t, card.Block)
				} else {
					k.Do(t, card.Unblock)
				}
			}
			changed[k.ID] = true
		}
		for _, k := range cards {
			before[k.ID] = k.Version
		}
		planned := map[card.ID]card.Verdict{}
		for _, g := range p.Groups {
			for _, row := range g.Rows {
				planned[row.ID] = g.Verdict
			}
		}
		done := doRun(t, r, c.Orderer, p.ID)
		rows := runRows(t, r, c.Orderer, p.ID)
		if done.N() != len(ids) || len(rows) != len(ids) || done.Of(card.StillToDo) != 0 {
			t.Fatalf("%d chosen, %d accounted for", len(ids), len(rows))
		}
		for _, k := range cards {
			k.See(t)
			want := 0
			if planned[k.ID] == card.WillChange && !changed[k.ID] {
				want = 1
			}
			if k.Version-before[k.ID] != want || (rows[k.ID].Result == card.Done) != (want == 1) {
				t.Fatalf("card %d, planned %q, changed %v: %d events, %q", k.ID, planned[k.ID], changed[k.ID], k.Version-before[k.ID], rows[k.ID].Result)
			}
			if planned[k.ID] == card.WillChange && changed[k.ID] && rows[k.ID].Result != card.ChangedSince {
				t.Fatalf("card %d changed and is %q", k.ID, rows[k.ID].Result)
			}
		}
	}
}

// Two people with plans for the same cards at once: each card is done by one of them, and the other is told.
func TestOverlappingRuns(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	boss := c.NewMember(t, card.Name{Given: "Bodil", Family: "Båda"}, account.Administrator, account.Orderer)
	orders := visitorOrders(t, r, c, 300)
	a := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Cancel}, orders...)
	slices.Reverse(orders)
	b := makePlan(t, r, boss, card.PlanTerms{Action: card.HandOver, Successor: c.OtherOrderer.Person}, orders...)
	var wg sync.WaitGroup
	for by, p := range map[*account.Actor]card.Plan{&c.Orderer: a, &boss: b} {
		wg.Go(func() {
			if err := r.Store.StartRun(t.Context(), *by, p.ID); err != nil {
				t.Error(err)
			}
			for more := true; more; {
				var err error
				if more, err = r.Store.ApplyNext(t.Context(), p.ID); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	first, second := readRun(t, r, c.Orderer, a.ID), readRun(t, r, boss, b.ID)
	if first.Of(card.Done)+second.Of(card.Done) != 300 || first.Of(card.ChangedSince) != second.Of(card.Done) || second.Of(card.ChangedSince) != first.Of(card.Done) {
		t.Errorf("%+v and %+v", first.Counts, second.Counts)
	}
}

func visitorOrders(t *testing.T, r *pgtest.Register, c *pgtest.Company, n int) []card.ID {
	t.Helper()
	var all []card.ID
	for len(all) < n {
		ids, err := r.Store.OrderVisitorCards(t.Context(), c.Orderer, c.NewOrder(t, card.Visitor, 0), min(n-len(all), 100))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ids...)
	}
	return all
}

// A process that is killed twenty times, or ten at least, in the middle of a run: what it has not finished the next one finishes, each card exactly once.
func TestTheRunOfAKilledProcess(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	caught := startCatcher(t)
	orders := visitorOrders(t, r, c, 2000)
	p := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Cancel, Reason: card.Mistake}, orders...)
	if err := r.Store.StartRun(t.Context(), c.Orderer, p.ID); err != nil {
		t.Fatal(err)
	}
	for kill := range 20 {
		before := readRun(t, r, c.Orderer, p.ID).Of(card.Done)
		killedWorker(t, r.AppURL, caught.Addr(), func() {
			until(t, r, fmt.Sprintf(`SELECT count(*) > %d FROM run_cards`, before))
		}, 25*time.Millisecond)
		if n := readRun(t, r, c.Orderer, p.ID).Of(card.Done); n == len(orders) {
			if kill < 9 { // on a busy machine a kill comes late
				t.Errorf("kill %d came when all was done", kill)
			}
			break
		}
	}
	stop := work(t, r, toCatcher(caught.Addr()))
	until(t, r, `SELECT bool_and(finished_at IS NOT NULL) FROM runs`)
	stop()
	done := readRun(t, r, c.Orderer, p.ID)
	if done.Of(card.Done) != len(orders) || done.N() != len(orders) {
		t.Errorf("%+v", done.Counts)
	}
	const twice = `SELECT count(*)::text FROM card_events e WHERE e.action = 'cancel'`
	if n := texts(t, r.Owner, twice)[0]; n != "2000" {
		t.Errorf("%s events for 2000 cards", n)
	}
}
