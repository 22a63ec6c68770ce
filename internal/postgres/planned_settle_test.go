package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

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

// What could not be done is told once: to whoever is responsible by then, and to the deputy, in one mail for all cards.
func TestRefusedPlansAreTold(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c, deaf := r.NewCompany(t), r.NewCompany(t)
	logInAs(t, r, c.Orderer.Person, "bo@company.example", "sv")
	logInAs(t, r, c.OtherOrderer.Person, "berit@company.example", "en")
	today := r.Today(t)
	deputy := card.NewDeputy{Orderer: c.OtherOrderer.Person, Deputy: c.Orderer.Person, First: today, Last: today.AddDate(0, 0, 30)}
	named, err := r.Store.NameDeputy(t.Context(), c.OtherOrderer, deputy)
	if err != nil {
		t.Fatal(err)
	}
	round := func() {
		t.Helper()
		if err := r.Store.SettleAndTell(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// Settled days late, when the card has expired, an unblocking is refused.
	refused := func(of *pgtest.Company, orderer account.Actor) *pgtest.Card {
		t.Helper()
		k := of.Card(t, pgtest.Spec{Status: card.Blocked, Orderer: orderer, ValidTo: r.Today(t).AddDate(0, 0, 2)})
		planned(t, k, card.Unblock, 2)
		return k
	}
	refused(c, c.Orderer)
	refused(c, c.OtherOrderer)
	refused(deaf, deaf.Orderer) // has no log-in
	refused(c, c.Orderer).Do(t, card.HandOver)
	done := c.Card(t, pgtest.Spec{Status: card.Active})
	planned(t, done, card.Block, 2)
	round()
	if all := toldOfRefusals(t, r); len(all) != 0 {
		t.Errorf("told before anything is due: %q", all)
	}
	r.MoveClock(t, 3*aDay)
	settle(t, done) // a page comes before the job
	mustBe(t, done, card.Blocked, "done")
	round()
	want := []string{fmt.Sprintf("bo@company.example sv %d 3", c.ID), fmt.Sprintf("berit@company.example en %d 2", c.ID)}
	if diff := cmp.Diff(want, toldOfRefusals(t, r)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	// The page to which the mail leads shows as many.
	shows := func(by account.Actor, want int) {
		t.Helper()
		page, err := r.Store.Planned(t.Context(), by, true, "")
		if err != nil || len(page.Rows) != want {
			t.Errorf("%d plans on the page, want %d: %v", len(page.Rows), want, err)
		}
	}
	shows(c.Orderer, 3)
	shows(c.OtherOrderer, 2)
	round()
	if diff := cmp.Diff(want, toldOfRefusals(t, r)); diff != "" {
		t.Errorf("told again (-want +got):\n%s", diff)
	}
	refused(c, c.Orderer)
	r.MoveClock(t, 3*aDay)
	round()
	if diff := cmp.Diff(append(want, fmt.Sprintf("bo@company.example sv %d 1", c.ID)), toldOfRefusals(t, r)); diff != "" {
		t.Errorf("told of the next (-want +got):\n%s", diff)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM river.river_job j JOIN messages m ON m.id = (j.args ->> 'message')::bigint WHERE m.template = 'plans_refused'`); n != "3" {
		t.Errorf("%s mails are on their way, want 3", n)
	}
	shows(c.Orderer, 4)
	if _, err := r.Store.CancelDeputy(t.Context(), c.OtherOrderer, named); err != nil {
		t.Fatal(err)
	}
	shows(c.Orderer, 2)
}

// toldOfRefusals are the mails about refused plans: address, language, company and how many.
func toldOfRefusals(t *testing.T, r *pgtest.Register) []string {
	t.Helper()
	return texts(t, r.Owner, `
		SELECT m.email || ' ' || m.language || ' ' || m.company_id || ' ' || (m.data ->> 'plans') FROM messages m
		WHERE m.template = 'plans_refused' ORDER BY m.id`)
}
