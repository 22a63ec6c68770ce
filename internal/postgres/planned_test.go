package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// reasonFor is one that goes with an action that can be planned.
func reasonFor(a card.Action) card.Reason {
	switch a {
	case card.Block:
		return card.Leave
	case card.Terminate:
		return card.EmploymentEnded
	}
	return card.BackInUse
}

// planBy plans an action so many days from now.
func planBy(t *testing.T, k *pgtest.Card, by account.Actor, a card.Action, days int) error {
	t.Helper()
	done, err := k.Company.Register.Store.Act(t.Context(), by, card.Command{
		Card: k.ID, Version: k.Version, Action: a, Reason: reasonFor(a), From: k.Company.Register.Today(t).AddDate(0, 0, days),
	})
	if err == nil && (!done.Planned || done.Version != k.Version) {
		t.Errorf("planning answers %+v on version %d", done, k.Version)
	}
	return err
}

// planned is planBy of the responsible orderer, and must succeed.
func planned(t *testing.T, k *pgtest.Card, a card.Action, days int) card.PlannedAction {
	t.Helper()
	if err := planBy(t, k, k.Orderer, a, days); err != nil {
		t.Fatalf("plan %s: %v", a, err)
	}
	plans := plansOf(t, k)
	return plans[len(plans)-1]
}

func plansOf(t *testing.T, k *pgtest.Card) []card.PlannedAction {
	t.Helper()
	c, err := k.Company.Register.Store.Card(t.Context(), k.Orderer, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c.PlannedActions
}

// becameOf are the outcomes of a card's plans, in the order in which they were made.
func becameOf(t *testing.T, k *pgtest.Card) string {
	t.Helper()
	var all []string
	for _, p := range plansOf(t, k) {
		outcome := string(p.Outcome)
		if p.Pending() {
			outcome = "pending"
		}
		if p.RefusedBy != "" {
			outcome += ":" + string(p.RefusedBy)
		}
		all = append(all, outcome)
	}
	return strings.Join(all, " ")
}

func settle(t *testing.T, k *pgtest.Card) {
	t.Helper()
	if err := k.Company.Register.Store.SettleDue(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	k.See(t)
}

func mustBe(t *testing.T, k *pgtest.Card, status card.Status, want string) {
	t.Helper()
	if k.See(t); k.Status != status {
		t.Errorf("the card is %s, want %s", k.Status, status)
	}
	if got := becameOf(t, k); got != want {
		t.Errorf("what became of the plans: %s, want %s", got, want)
	}
}

const aDay = 24 * time.Hour

// Action by status: what is possible now is possible from a day on, by whom it is possible now.
func TestPlansFollowTheRulesOfTheirAction(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	forEachStatus(t, r, func(t *testing.T, k *pgtest.Card, stranger *pgtest.Company) {
		version, status := k.Version, k.Status
		for _, m := range movesOf(k.Kind) {
			for _, by := range everybody(t, r, k, stranger) {
				err := planBy(t, k, by.actor, m.action, 7)
				if by.actor.Company != k.Company.ID || by.blind {
					if !errors.Is(err, card.ErrNotFound) {
						t.Errorf("%s by %s: %v, want not found", m.action, by.name, err)
					}
					continue
				}
				want := by.guard
				switch {
				case m.action != card.Block && m.action != card.Unblock && m.action != card.Terminate:
					want = "planned_actions_plannable"
				case !slices.Contains(m.from, status):
					want = "card_events_transition"
				case by.role != account.Orderer:
					want = "card_events_member"
				}
				if got := ruleOf(err); got != want {
					t.Errorf("%s %s by %s: refused by %q, want %q", status, m.action, by.name, got, want)
				}
				if err != nil {
					continue
				}
				made := plansOf(t, k)
				if _, err := r.Store.Withdraw(t.Context(), k.Orderer, k.ID, made[len(made)-1].ID); err != nil {
					t.Error(err)
				}
			}
		}
		if k.See(t); k.Version != version || k.Status != status {
			t.Errorf("plans made the card %s version %d", k.Status, k.Version)
		}
	})
}

// Action by status by what is planned already: the card is judged as it will be.
func TestAPlanIsJudgedByWhatIsPlannedBefore(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	type step struct {
		action card.Action
		days   int
	}
	for name, tc := range map[string]struct {
		from card.Status
		has  []step
		try  step
		want string
	}{
		"a leave of absence":                 {card.Active, []step{{card.Block, 7}}, step{card.Unblock, 30}, ""},
		"back before the leave":              {card.Active, []step{{card.Block, 7}}, step{card.Unblock, 6}, "card_events_transition"},
		"back on the day of the leave":       {card.Active, []step{{card.Block, 7}}, step{card.Unblock, 7}, ""},
		"a second block after the first":     {card.Active, []step{{card.Block, 7}}, step{card.Block, 8}, "card_events_transition"},
		"a second block before the first":    {card.Active, []step{{card.Block, 7}}, step{card.Block, 6}, "planned_actions_one_pending"},
		"a second block yesterday":           {card.Active, []step{{card.Block, 7}}, step{card.Block, -1}, "planned_actions_ahead"},
		"a second block after the leave":     {card.Active, []step{{card.Block, 7}, {card.Unblock, 30}}, step{card.Block, 60}, "planned_actions_one_pending"},
		"the end after the leave":            {card.Active, []step{{card.Block, 7}, {card.Unblock, 30}}, step{card.Terminate, 60}, ""},
		"the end of a blocked card":          {card.Active, []step{{card.Block, 7}}, step{card.Terminate, 60}, ""},
		"nothing after the end":              {card.Active, []step{{card.Terminate, 7}}, step{card.Block, 8}, "card_events_transition"},
		"something before the end":           {card.Active, []step{{card.Terminate, 7}}, step{card.Block, 6}, ""},
		"no second end after the first":      {card.Active, []step{{card.Terminate, 7}}, step{card.Terminate, 8}, "card_events_transition"},
		"no second end before the first":     {card.Active, []step{{card.Terminate, 7}}, step{card.Terminate, 6}, "planned_actions_one_pending"},
		"back, and away again":               {card.Blocked, []step{{card.Unblock, 7}}, step{card.Block, 30}, ""},
		"away, when already away":            {card.Blocked, []step{{card.Unblock, 7}}, step{card.Block, 6}, "card_events_transition"},
		"the end of a card that never works": {card.Produced, nil, step{card.Terminate, 7}, ""},
		"a block of one that never works":    {card.Produced, []step{{card.Terminate, 7}}, step{card.Block, 6}, "card_events_transition"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := c.Card(t, pgtest.Spec{Status: tc.from})
			for _, s := range tc.has {
				planned(t, k, s.action, s.days)
			}
			if got := ruleOf(planBy(t, k, k.Orderer, tc.try.action, tc.try.days)); got != tc.want {
				t.Errorf("refused by %q, want %q", got, tc.want)
			}
		})
	}
}

// A day begins at midnight in Stockholm, also in the nights in which the clocks change.
func TestFromADayMeansItsMidnight(t *testing.T) {
	t.Parallel()
	for date, midnight := range map[string]string{
		"2026-10-25": "2026-10-24T22:00:00Z", // the night has 25 hours
		"2026-10-26": "2026-10-25T23:00:00Z",
		"2027-03-28": "2027-03-27T23:00:00Z", // the night has 23
		"2027-03-29": "2027-03-28T22:00:00Z",
	} {
		t.Run(date, func(t *testing.T) {
			t.Parallel()
			r := pgtest.NewRegister(t)
			setClock(t, r, "2026-10-20 12:00")
			k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
			from, err := time.Parse(time.DateOnly, date)
			if err != nil {
				t.Fatal(err)
			}
			due, err := time.Parse(time.RFC3339, midnight)
			if err != nil {
				t.Fatal(err)
			}
			do := card.Command{Card: k.ID, Version: k.Version, Action: card.Terminate, Reason: card.EmploymentEnded, From: from}
			if _, err := r.Store.Act(t.Context(), k.Orderer, do); err != nil {
				t.Fatal(err)
			}
			if got := plansOf(t, k)[0].Due; !got.Equal(due) {
				t.Errorf("due at %s, want %s", got, due)
			}
			setClock(t, r, from.AddDate(0, 0, -1).Format(time.DateOnly)+" 23:59:50")
			settle(t, k)
			mustBe(t, k, card.Active, "pending")
			setClock(t, r, date+" 00:00")
			settle(t, k)
			mustBe(t, k, card.Terminated, "done")
		})
	}
}

func TestThePastAndTheFarFutureCannotBePlanned(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	today := r.Today(t)
	for name, tc := range map[string]struct {
		from time.Time
		want string
	}{
		"yesterday":          {today.AddDate(0, 0, -1), "planned_actions_ahead"},
		"today":              {today, "planned_actions_ahead"},
		"a year and a day":   {today.AddDate(1, 0, 1), "planned_actions_within_a_year"},
		"the year of aliens": {time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "planned_actions_within_a_year"},
	} {
		do := card.Command{Card: k.ID, Version: k.Version, Action: card.Block, Reason: card.Leave, From: tc.from}
		if _, err := r.Store.Act(t.Context(), k.Orderer, do); !errors.Is(err, card.ErrFrom) || ruleOf(err) != tc.want {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
	}
	planned(t, k, card.Block, 1)
	other := k.Company.Card(t, pgtest.Spec{Status: card.Active})
	if err := planBy(t, other, other.Orderer, card.Block, int(today.AddDate(1, 0, 0).Sub(today)/aDay)); err != nil {
		t.Errorf("a year ahead: %v", err)
	}
}

func TestThePlanIsJustified(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	for _, tc := range []struct {
		reason card.Reason
		note   string
		want   string
	}{
		{"", "", "planned_actions_reason"},
		{card.Found, "", "planned_actions_reason"},
		{card.Other, " \n", "planned_actions_other_needs_note"},
		{card.Leave, strings.Repeat("å", 501), "planned_actions_note_length"},
		{card.Other, "studier", ""},
	} {
		do := card.Command{Card: k.ID, Version: k.Version, Action: card.Block, Reason: tc.reason, Note: tc.note, From: r.Today(t).AddDate(0, 0, 3)}
		if _, err := r.Store.Act(t.Context(), k.Orderer, do); ruleOf(err) != tc.want {
			t.Errorf("%s %q: refused by %q, want %q", tc.reason, tc.note, ruleOf(err), tc.want)
		}
	}
	do := card.Command{Card: k.ID, Version: k.Version - 1, Action: card.Terminate, Reason: card.Damaged, From: r.Today(t).AddDate(0, 0, 3)}
	if _, err := r.Store.Act(t.Context(), k.Orderer, do); !errors.Is(err, card.ErrStale) || ruleOf(err) != "planned_actions_version" {
		t.Errorf("an older version: %v", err)
	}
	do.Version = k.Version
	if _, err := r.Store.Act(t.Context(), k.Orderer, do); err != nil {
		t.Errorf("the current version: %v", err)
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	k, other := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	p, late := planned(t, k, card.Block, 3), planned(t, other, card.Block, 3)
	for name, tc := range map[string]struct {
		by   account.Actor
		id   card.ID
		want string
		err  error
	}{
		"another orderer":           {c.OtherOrderer, k.ID, "card_events_responsible_orderer", card.ErrNotAllowed},
		"the administrator":         {c.Administrator, k.ID, "card_events_member", card.ErrNotAllowed},
		"another company's orderer": {stranger.Orderer, k.ID, "", card.ErrNotFound},
		"the holder":                {k.Holder, k.ID, "", card.ErrNotFound},
		"the issuer":                {r.Issuer, k.ID, "", card.ErrNotFound},
		"on another card":           {k.Orderer, other.ID, "", card.ErrNotFound},
	} {
		if _, err := r.Store.Withdraw(t.Context(), tc.by, tc.id, p.ID); !errors.Is(err, tc.err) || tc.want != "" && ruleOf(err) != tc.want {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
	}
	if restored, err := r.Store.Withdraw(t.Context(), k.Orderer, k.ID, p.ID); err != nil || !restored {
		t.Errorf("withdraw: %t, %v", restored, err)
	}
	if _, err := r.Store.Withdraw(t.Context(), k.Orderer, k.ID, p.ID); !errors.Is(err, card.ErrStale) || ruleOf(err) != "planned_actions_settled_once" {
		t.Errorf("withdraw again: %v", err)
	}
	if got := plansOf(t, k)[0]; got.WithdrawnBy.Given != "Bo" || got.SettledAt.IsZero() || got.Withdrawable {
		t.Errorf("the plan is %+v", got)
	}
	planned(t, k, card.Block, 5) // for another day instead
	r.MoveClock(t, 3*aDay)
	if _, err := r.Store.Withdraw(t.Context(), other.Orderer, other.ID, late.ID); !errors.Is(err, card.ErrStale) || ruleOf(err) != "card_events_due_first" {
		t.Errorf("withdraw too late: %v", err)
	}
	settle(t, k)
	mustBe(t, k, card.Active, "withdrawn pending")
	mustBe(t, other, card.Blocked, "done")
}

// A plan is the card's: whoever takes the card over takes it over too.
func TestAPlanGoesAlongWithTheCard(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	p, end := planned(t, k, card.Block, 3), planned(t, k, card.Terminate, 9)
	k.Do(t, card.HandOver)
	if _, err := r.Store.Withdraw(t.Context(), c.Orderer, k.ID, p.ID); ruleOf(err) != "card_events_responsible_orderer" {
		t.Errorf("by who planned it: %v", err)
	}
	if _, err := r.Store.Withdraw(t.Context(), c.OtherOrderer, k.ID, end.ID); err != nil {
		t.Errorf("by who took over: %v", err)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE memberships SET ended_at = clock_now() WHERE person_id = $1`, c.Orderer.Person); err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, 3*aDay)
	settle(t, k)
	k.See(t)
	if k.Status != card.Blocked {
		t.Errorf("planned by somebody who left: the card is %s", k.Status)
	}
}

// The list is by when it is due, part by part, and says what could not be done.
func TestPlannedList(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	refused := c.Card(t, pgtest.Spec{Status: card.Blocked, ValidTo: r.Today(t).AddDate(0, 0, 2)})
	planned(t, refused, card.Unblock, 2)
	r.MoveClock(t, 3*aDay)
	settle(t, refused)
	const others = card.PageSize + 3
	var want []card.ID
	for i := range others {
		k := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced, Orderer: []account.Actor{c.Orderer, c.OtherOrderer}[i%2]})
		planned(t, k, card.Terminate, 1+(i*7)%5)
		want = append(want, k.ID)
	}
	withdrawn := c.Card(t, pgtest.Spec{Status: card.Active})
	if _, err := r.Store.Withdraw(t.Context(), withdrawn.Orderer, withdrawn.ID, planned(t, withdrawn, card.Block, 1).ID); err != nil {
		t.Fatal(err)
	}
	var got []card.ID
	var last time.Time
	pages, first := 0, true
	for after := card.Cursor(""); first || after != ""; pages++ {
		page, err := r.Store.Planned(t.Context(), c.Administrator, false, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			if row.PlannedAction.Due.Before(last) {
				t.Errorf("%s comes after %s", row.PlannedAction.Due, last)
			}
			if row.PlannedAction.Withdrawable {
				t.Error("an administrator could withdraw")
			}
			last = row.PlannedAction.Due
			got = append(got, row.ID)
		}
		after, first = page.Next, false
	}
	if len(got) != others+1 || pages != 2 || got[0] != refused.ID {
		t.Errorf("%d plans on %d pages, the first of card %d", len(got), pages, got[0])
	}
	got = got[1:]
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("listed are %v, want %v", got, want)
	}
	own, err := r.Store.Planned(t.Context(), c.OtherOrderer, true, "")
	if err != nil || len(own.Rows) != others/2 || !own.Rows[0].PlannedAction.Withdrawable {
		t.Errorf("%d own, %v", len(own.Rows), err)
	}
	r.MoveClock(t, 40*aDay)
	if err := r.Store.SettleDue(t.Context(), c.Administrator.Person); err != nil {
		t.Fatal(err)
	}
	if rest, err := r.Store.Planned(t.Context(), c.Administrator, false, "x"); err != nil || len(rest.Rows) != 0 {
		t.Errorf("a month later: %v, %v", rest, err)
	}
}
