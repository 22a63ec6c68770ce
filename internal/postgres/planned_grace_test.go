package postgres_test

import (
	"errors"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// withGrace is a company whose terminations can be withdrawn for a day.
func withGrace(t *testing.T, r *pgtest.Register) *pgtest.Company {
	t.Helper()
	c := r.NewCompany(t)
	if err := r.Store.SetGrace(t.Context(), c.Administrator, 24); err != nil {
		t.Fatal(err)
	}
	return c
}

func terminate(t *testing.T, k *pgtest.Card, reason card.Reason) (card.Acted, error) {
	t.Helper()
	done, err := k.Company.Register.Store.Act(t.Context(), k.Orderer, card.Command{Card: k.ID, Version: k.Version, Action: card.Terminate, Reason: reason})
	k.See(t)
	return done, err
}

// grace is the termination that is under way.
func grace(t *testing.T, k *pgtest.Card) card.PlannedAction {
	t.Helper()
	for _, p := range plansOf(t, k) {
		if p.Grace && p.Pending() {
			return p
		}
	}
	t.Fatal("no grace")
	return card.PlannedAction{}
}

func withdraw(t *testing.T, k *pgtest.Card) (restored bool) {
	t.Helper()
	restored, err := k.Company.Register.Store.Withdraw(t.Context(), k.Orderer, k.ID, grace(t, k).ID)
	if err != nil {
		t.Fatal(err)
	}
	k.See(t)
	return restored
}

// Each reason by each status: the card stops at once, and ends when the time is out unless it is withdrawn.
func TestGraceByStatusAndReason(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c, without := withGrace(t, r), r.NewCompany(t)
	reasons := texts(t, r.App, `SELECT reason FROM card_reasons WHERE action = 'terminate' AND reason <> 'other' ORDER BY position`)
	tx := begin(t, r.App)
	var ending []*pgtest.Card
	for _, from := range []card.Status{card.Produced, card.Active, card.Blocked} {
		stopped := from
		if from == card.Active {
			stopped = card.Blocked
		}
		for _, text := range reasons {
			reason := card.Reason(text)
			k, twin := c.Card(t, pgtest.Spec{Status: from}), without.Card(t, pgtest.Spec{Status: from})
			if done, err := terminate(t, twin, reason); err != nil || done.Planned || twin.Status != card.Terminated {
				t.Errorf("without a grace, %s %s: %+v, %v, now %s", from, reason, done, err, twin.Status)
			}
			e := eventOn(k, card.Terminate, card.Terminated, k.Orderer.Person, account.Orderer, reason)
			direct := attempt(t, tx, inserting(e))
			done, err := terminate(t, k, reason)
			if reason == card.Stolen {
				if direct != nil || err != nil || done.Planned || k.Status != card.Terminated {
					t.Errorf("%s stolen: %v, %+v, %v, now %s", from, direct, done, err, k.Status)
				}
				continue
			}
			if rule := ruleOf(direct); rule != "card_events_grace" {
				t.Errorf("%s %s, past the grace: refused by %q", from, reason, rule)
			}
			if err != nil || !done.Planned || done.Version != k.Version || k.Status != stopped {
				t.Errorf("%s %s: %+v, %v, now %s version %d", from, reason, done, err, k.Status, k.Version)
			}
			if withdraw(t, k); k.Status != from {
				t.Errorf("%s %s withdrawn: now %s", from, reason, k.Status)
			}
			if _, err := terminate(t, k, reason); err != nil {
				t.Errorf("%s %s again: %v", from, reason, err)
			}
			ending = append(ending, k)
		}
	}
	r.MoveClock(t, 24*time.Hour-time.Minute)
	settle(t, ending[0])
	mustBe(t, ending[0], card.Produced, "withdrawn pending")
	r.MoveClock(t, time.Minute)
	settle(t, ending[0])
	for _, k := range ending {
		mustBe(t, k, card.Terminated, "withdrawn done")
	}
}

func TestGraceOfAVisitorCard(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	k := withGrace(t, r).Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced})
	if done, err := terminate(t, k, card.NotInUse); err != nil || !done.Planned || done.Version != 3 {
		t.Errorf("%+v, %v", done, err)
	}
	mustBe(t, k, card.Produced, "pending")
	if !withdraw(t, k) {
		t.Error("not restored")
	}
	mustBe(t, k, card.Produced, "withdrawn")
}

// While a termination can be withdrawn, that is the only way back.
func TestNothingButWithdrawingDuringGrace(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := withGrace(t, r)
	active, produced := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Produced})
	for _, k := range []*pgtest.Card{active, produced} {
		if _, err := terminate(t, k, card.Damaged); err != nil {
			t.Fatal(err)
		}
	}
	for name, err := range map[string]error{
		"unblock":              active.Try(t, active.Orderer, card.Unblock),
		"unblock later":        planBy(t, active, active.Orderer, card.Unblock, 1),
		"terminate once more":  active.Try(t, active.Orderer, card.Terminate),
		"terminate as stolen":  active.TryFor(t, active.Orderer, card.Terminate, card.Stolen),
		"terminate later":      planBy(t, active, active.Orderer, card.Terminate, 1),
		"activate":             produced.Try(t, produced.Holder, card.Activate),
		"terminate a new card": produced.Try(t, produced.Orderer, card.Terminate),
	} {
		if !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != "card_events_in_grace" {
			t.Errorf("%s: %v, want card_events_in_grace", name, err)
		}
	}
	seen := page(t, active, active.Orderer)
	for _, a := range []card.Action{card.Unblock, card.Terminate} {
		if choice, _ := seen.Choice(a); choice.Open() || choice.Refusal != card.RuleInGrace || choice.Later {
			t.Errorf("the page says of %s: %+v", a, choice)
		}
	}
	if own, err := r.Store.MyCards(t.Context(), produced.Holder); err != nil || len(own) != 1 || own[0].Next != "" {
		t.Errorf("the holder is to do something: %+v, %v", own, err)
	}
	active.Do(t, card.HandOver)
	if _, err := r.Store.Withdraw(t.Context(), c.Orderer, active.ID, grace(t, active).ID); ruleOf(err) != "card_events_responsible_orderer" {
		t.Errorf("who handed it over: %v", err)
	}
	if restored, err := r.Store.Withdraw(t.Context(), c.OtherOrderer, active.ID, grace(t, active).ID); err != nil || !restored {
		t.Errorf("who took it over: %t, %v", restored, err)
	}
	withdraw(t, produced)
	produced.Do(t, card.Activate)
}

// A grace does not undo what else was planned, nor put it off.
func TestGraceBesideOtherPlans(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := withGrace(t, r)
	if err := r.Store.SetGrace(t.Context(), c.Administrator, 72); err != nil {
		t.Fatal(err)
	}
	leave, end, expires, far := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active}),
		c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: r.Today(t)}), c.Card(t, pgtest.Spec{Status: card.Active})
	planned(t, leave, card.Block, 1)
	planned(t, leave, card.Unblock, 2)
	last := planned(t, end, card.Terminate, 1)
	planned(t, far, card.Terminate, 30)
	for _, k := range []*pgtest.Card{leave, end, expires, far} {
		if _, err := terminate(t, k, card.Mistake); err != nil {
			t.Fatal(err)
		}
	}
	if got := grace(t, end).Due; !got.Equal(last.Due) {
		t.Errorf("the grace ends at %s, but the card at %s", got, last.Due)
	}
	r.MoveClock(t, aDay)
	settle(t, leave)
	mustBe(t, leave, card.Blocked, "overtaken pending pending")
	mustBe(t, end, card.Terminated, "done overtaken")
	if withdraw(t, leave) || leave.Status != card.Blocked {
		t.Errorf("a card that was to be blocked by now is %s", leave.Status)
	}
	if withdraw(t, expires) || expires.Status != card.Blocked {
		t.Errorf("a card that expired meanwhile is %s", expires.Status)
	}
	if !withdraw(t, far) || far.Status != card.Active {
		t.Errorf("withdrawn, the card is %s", far.Status)
	}
	r.MoveClock(t, aDay)
	settle(t, leave)
	mustBe(t, leave, card.Active, "overtaken done withdrawn")
	mustBe(t, far, card.Active, "pending withdrawn")
}

// A plan that comes due while another's termination can be withdrawn is refused like anybody's action.
func TestAPlanDueDuringGrace(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	k := withGrace(t, r).Card(t, pgtest.Spec{Status: card.Blocked})
	planned(t, k, card.Unblock, 1)
	if _, err := terminate(t, k, card.NotInUse); err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, 13*time.Hour)
	settle(t, k)
	mustBe(t, k, card.Blocked, "refused:card_events_in_grace pending")
}

func TestGraceIsAnAdministratorsToSet(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	for name, by := range map[string]account.Actor{"an orderer": c.Orderer, "the issuer": r.Issuer, "a holder": c.Administrator.AsHolder()} {
		if err := r.Store.SetGrace(t.Context(), by, 1); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	former := c.NewMember(t, card.Name{Given: "Frida", Family: "Före"}, account.Administrator)
	if err := r.Store.SetGrace(t.Context(), former, 72); err != nil {
		t.Error(err)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE memberships SET ended_at = clock_now() WHERE person_id = $1`, former.Person); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.SetGrace(t.Context(), former, 0); ruleOf(err) != "grace_changes_by_administrator" {
		t.Errorf("a former administrator: %v", err)
	}
	for _, hours := range []int16{-1, 73} {
		if err := r.Store.SetGrace(t.Context(), c.Administrator, hours); !errors.Is(err, card.ErrGraceHours) || ruleOf(err) != "companies_grace_hours_range" {
			t.Errorf("%d hours: %v", hours, err)
		}
	}
	if err := r.Store.SetGrace(t.Context(), c.Administrator, 8); err != nil {
		t.Error(err)
	}
	g, err := r.Store.Grace(t.Context(), c.Administrator)
	if err != nil || g.Hours != 8 || len(g.Changes) != 2 || g.Changes[0].Hours != 8 || g.Changes[0].By.Given != "Ada" || g.Changes[1].By.Given != "Frida" {
		t.Errorf("%+v, %v", g, err)
	}
}

// Who terminates twice at once stops the card once.
func TestOneGrace(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := withGrace(t, r).Card(t, pgtest.Spec{Status: card.Active})
	s := wide(t, r, atOneTime)
	oneWins(t, atOnce(atOneTime, func(int) error {
		_, err := s.Act(t.Context(), k.Orderer, card.Command{Card: k.ID, Version: k.Version, Action: card.Terminate, Reason: card.Damaged})
		return err
	}))
	mustBe(t, k, card.Blocked, "pending")
}
