package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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

// However late it is written, it was done when it was due, and in that order.
func TestWhatIsWrittenLateBearsItsTime(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	back := planned(t, k, card.Block, 10).Due // the leave is planned, then its end
	planned(t, k, card.Unblock, 40)
	end := planned(t, k, card.Terminate, 90)
	r.MoveClock(t, 100*aDay)
	settle(t, k)
	mustBe(t, k, card.Terminated, "done done done")
	c, err := r.Store.Card(t.Context(), k.Orderer, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	since := c.Events[5:]
	if len(since) != 3 {
		t.Fatalf("%d events, want 3", len(since))
	}
	for i, e := range since {
		p := c.PlannedActions[i]
		if !e.At.Equal(p.Due) || e.Action != p.Action || e.Reason != p.Reason || e.Role != account.System || e.ActorID != 0 || e.Seq != p.Seq {
			t.Errorf("the event %+v does not follow from the plan %+v", e, p)
		}
	}
	if !since[0].At.Equal(back) || !c.Since.Equal(end.Due) {
		t.Errorf("blocked at %s, terminated since %s", since[0].At, c.Since)
	}
	const q = `SELECT count(*) FROM card_events a JOIN card_events b ON b.card_id = a.card_id AND b.seq = a.seq + 1 AND b.occurred_at < a.occurred_at`
	if n := value(t, r.AppURL, q); n != "0" {
		t.Errorf("%s events are older than the one before", n)
	}
}

// What was planned is judged again when it is due.
func TestPlansAreJudgedAgain(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	ended, blocked := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	superseded, alone := c.Card(t, pgtest.Spec{Status: card.Blocked}), c.Card(t, pgtest.Spec{Status: card.Blocked})
	planned(t, ended, card.Block, 10)
	planned(t, ended, card.Terminate, 20)
	ended.Do(t, card.Terminate)
	mustBe(t, ended, card.Terminated, "overtaken overtaken")

	planned(t, blocked, card.Block, 10)
	blocked.Do(t, card.Block)
	planned(t, superseded, card.Unblock, 10)
	c.Card(t, pgtest.Spec{Status: card.Active, Holder: superseded.Holder.Person})
	mustBe(t, superseded, card.Terminated, "overtaken")
	planned(t, alone, card.Unblock, 10)

	r.MoveClock(t, 10*aDay)
	settle(t, blocked)
	mustBe(t, blocked, card.Blocked, "overtaken")
	mustBe(t, alone, card.Active, "done")

	expires := c.Card(t, pgtest.Spec{Status: card.Blocked, ValidTo: r.Today(t).AddDate(0, 0, 5)})
	if got := ruleOf(planBy(t, expires, expires.Orderer, card.Unblock, 6)); got != "card_events_not_expired" {
		t.Errorf("a plan beyond the last day: refused by %q", got)
	}
	planned(t, expires, card.Unblock, 5)
	r.MoveClock(t, 6*aDay)
	settle(t, expires)
	mustBe(t, expires, card.Blocked, "refused:card_events_not_expired")
}

// An action on a card whose plan is due comes too late, and the page after it shows why.
func TestAnActionLosesToWhatIsDue(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	k, twin := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	planned(t, k, card.Terminate, 3)
	planned(t, twin, card.Terminate, 4)
	r.MoveClock(t, 3*aDay)
	for _, by := range []account.Actor{k.Holder, k.Orderer} {
		err := k.TryFor(t, by, card.Block, card.Lost)
		if by.Is(account.Holder) && ruleOf(err) != "card_events_due_first" || !errors.Is(err, card.ErrStale) {
			t.Errorf("%v: %v, want stale", by.Roles, err)
		}
	}
	mustBe(t, k, card.Terminated, "done")
	twin.Do(t, card.Block)
	mustBe(t, twin, card.Blocked, "pending")
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

// Requests, the job and people at once: what is due is written once, and a plan that is withdrawn at its last moment is withdrawn or done.
func TestEachPlanHasOneOutcome(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	s := wide(t, r, atOneTime)
	var cards []*pgtest.Card
	for range 5 {
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		planned(t, k, card.Block, 1)
		planned(t, k, card.Unblock, 2)
		cards = append(cards, k)
	}
	r.MoveClock(t, 2*aDay)
	people := []account.PersonID{0, c.Orderer.Person, cards[2].Holder.Person, r.Issuer.Person}
	for i, err := range atOnce(atOneTime, func(i int) error { return s.SettleDue(t.Context(), people[i%len(people)]) }) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	for _, k := range cards {
		if mustBe(t, k, card.Active, "done done"); k.Version != 7 {
			t.Errorf("version %d, want 7", k.Version)
		}
	}

	// The clock jumps while people withdraw, act and settle.
	done := 0
	for range 12 {
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		p := planned(t, k, card.Terminate, 1)
		results := atOnce(8, func(i int) error {
			switch i {
			case 0:
				_, err := r.Owner.Exec(t.Context(), `UPDATE clock SET moved_by = moved_by + '1 day'`)
				return err
			case 1, 2:
				_, err := s.Withdraw(t.Context(), k.Orderer, k.ID, p.ID)
				return err
			case 3:
				_, err := s.Act(t.Context(), k.Holder, card.Command{Card: k.ID, Version: k.Version, Action: card.Block, Reason: card.Lost})
				return err
			}
			return s.SettleDue(t.Context(), people[i%2])
		})
		for i, err := range results {
			if err != nil && (i == 0 || i > 3 || !errors.Is(err, card.ErrStale)) {
				t.Errorf("%d: %v", i, err)
			}
		}
		settle(t, k)
		withdrawn := results[1] == nil || results[2] == nil
		want := map[bool]string{true: "withdrawn", false: "done"}[withdrawn]
		if got := becameOf(t, k); got != want || (k.Status == card.Terminated) == withdrawn || results[1] == nil && results[2] == nil {
			t.Errorf("withdrawn %t, but the plan is %s and the card %s", withdrawn, got, k.Status)
		}
		if !withdrawn {
			done++
		}
	}
	t.Logf("%d of 12 were done before they could be withdrawn", done)
}

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

// The job writes what is due where nobody looks.
func TestTheJobSettlesWhatIsDue(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	planned(t, k, card.Block, 1)
	r.MoveClock(t, aDay)
	stop := work(t, r, nil)
	until(t, r, `SELECT outcome IS NOT DISTINCT FROM 'done' FROM planned_actions`)
	stop()
	mustBe(t, k, card.Blocked, "done")
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
