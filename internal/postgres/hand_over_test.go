package postgres_test

import (
	"errors"
	"fmt"
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

func handOverAll(t *testing.T, c *pgtest.Company, n card.NewHandOver) card.HandOverAll {
	t.Helper()
	id, err := c.Register.Store.HandOverAll(t.Context(), c.Administrator, n)
	if err != nil {
		t.Fatal(err)
	}
	return handOverOf(t, c, id)
}

func handOverOf(t *testing.T, c *pgtest.Company, id card.HandOverID) card.HandOverAll {
	t.Helper()
	h, err := c.Register.Store.HandOverOf(t.Context(), c.Administrator, id)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// answersFor is for how many cards that are not at an end an orderer answers.
func answersFor(t *testing.T, c *pgtest.Company, person account.PersonID) int {
	t.Helper()
	return userOf(t, c.Register, c.Administrator, person).Cards
}

// mailsAbout lists the mails about hand-overs: template, address, number of cards and the other orderer.
func mailsAbout(t *testing.T, r *pgtest.Register) []string {
	t.Helper()
	return texts(t, r.Owner, `
		SELECT template || ' ' || email || ' ' || (data ->> 'cards') || ' ' || (data ->> 'orderer') FROM messages
		WHERE template IN ('cards_handed_over', 'cards_taken_over') ORDER BY id`)
}

func TestHandOverAll(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	logInAs(t, r, c.Orderer.Person, "bo@company.example", "sv")
	logInAs(t, r, c.OtherOrderer.Person, "berit@company.example", "en")
	var moved, left []*pgtest.Card
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		for _, status := range pgtest.Statuses(kind) {
			k := c.Card(t, pgtest.Spec{Kind: kind, Status: status})
			if status == card.Cancelled || status == card.Terminated {
				left = append(left, k)
			} else {
				moved = append(moved, k)
			}
		}
	}
	own := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.OtherOrderer})
	h := handOverAll(t, c, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person, Reason: card.Other, Note: "Byter region."})
	if h.Cards != len(moved) || h.Done != len(moved) || h.Finished.IsZero() || h.Refusal != "" || h.From.Full() != "Bo Beställare" ||
		h.To.Full() != "Berit Beställare" || h.By.Full() != "Ada Administratör" || h.ThenEnds != card.EndsNothing {
		t.Errorf("%+v", h)
	}
	for _, k := range moved {
		p, status := page(t, k, c.OtherOrderer), k.Status
		last := p.Events[len(p.Events)-1]
		if p.Orderer.Full() != "Berit Beställare" || p.OrderedBy.Full() != "Bo Beställare" || p.Version != k.Version+1 || p.Status != status ||
			last.Action != card.HandOver || last.Reason != card.Other || last.Note != "Byter region." || last.Actor.Full() != "Ada Administratör" || last.Role != account.Administrator {
			t.Errorf("%s %s: %+v, last event %+v", k.Kind, status, p.Row, last)
		}
	}
	for _, k := range append(left, own) {
		if before := k.Version; page(t, k, c.Administrator).Version != before {
			t.Errorf("%s %s has a new event", k.Kind, k.Status)
		}
	}
	want := []string{
		fmt.Sprintf("cards_handed_over bo@company.example %d Berit Beställare", len(moved)),
		fmt.Sprintf("cards_taken_over berit@company.example %d Bo Beställare", len(moved)),
	}
	if diff := cmp.Diff(want, mailsAbout(t, r)); diff != "" {
		t.Error(diff)
	}
	if got := answersFor(t, c, c.Orderer.Person); got != 0 {
		t.Errorf("the old orderer answers for %d cards", got)
	}
	// There is nothing left, so nobody is written to again.
	if h := handOverAll(t, c, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person}); h.Cards != 0 || h.Finished.IsZero() {
		t.Errorf("once more: %+v", h)
	}
	if got := mailsAbout(t, r); len(got) != 2 {
		t.Errorf("mails %q", got)
	}
}

func TestHandOverOneCardTellsBoth(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	logInAs(t, r, c.Orderer.Person, "bo@company.example", "sv")
	logInAs(t, r, c.OtherOrderer.Person, "berit@company.example", "sv")
	do := card.Command{Card: k.ID, Version: k.Version, Successor: c.OtherOrderer.Person, Reason: card.Leave}
	for name, tc := range map[string]struct {
		by     account.Actor
		change func(*card.Command)
		want   error
		rule   string
	}{
		"an orderer":              {c.Orderer, func(*card.Command) {}, card.ErrNotAllowed, "card_events_permission"},
		"another company":         {stranger.Administrator, func(*card.Command) {}, card.ErrNotFound, ""},
		"the issuer":              {r.Issuer, func(*card.Command) {}, card.ErrNotFound, ""},
		"an old version":          {c.Administrator, func(d *card.Command) { d.Version-- }, card.ErrStale, "card_events_pkey"},
		"to nobody":               {c.Administrator, func(d *card.Command) { d.Successor = 0 }, card.ErrNotAllowed, "card_events_successor_when_handed_over"},
		"to the administrator":    {c.Administrator, func(d *card.Command) { d.Successor = c.Administrator.Person }, card.ErrNotAllowed, "card_events_successor_is_orderer"},
		"to another company":      {c.Administrator, func(d *card.Command) { d.Successor = stranger.Orderer.Person }, card.ErrNotAllowed, "card_events_successor_is_orderer"},
		"for a reason of another": {c.Administrator, func(d *card.Command) { d.Reason = card.Lost }, card.ErrReason, "card_events_reason"},
	} {
		d := do
		tc.change(&d)
		if _, err := r.Store.HandOver(t.Context(), tc.by, d); !errors.Is(err, tc.want) || tc.rule != "" && ruleOf(err) != tc.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := mailsAbout(t, r); len(got) != 0 {
		t.Errorf("what was refused is told: %q", got)
	}
	if v, err := r.Store.HandOver(t.Context(), c.Administrator, do); err != nil || v.Version != k.Version+1 {
		t.Fatalf("version %d, %v", v.Version, err)
	}
	if diff := cmp.Diff([]string{"cards_handed_over bo@company.example 1 Berit Beställare", "cards_taken_over berit@company.example 1 Bo Beställare"}, mailsAbout(t, r)); diff != "" {
		t.Error(diff)
	}
}

func TestAHandOverIsRefused(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	c.Card(t, pgtest.Spec{Status: card.Active})
	former := c.NewMember(t, card.Name{Given: "Frida", Family: "Före"}, account.Administrator)
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, former.Person); err != nil {
		t.Fatal(err)
	}
	ok := card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person}
	for name, tc := range map[string]struct {
		by     account.Actor
		change func(*card.NewHandOver)
		want   error
		rule   string
	}{
		"an orderer":             {c.Orderer, func(*card.NewHandOver) {}, card.ErrNotFound, ""},
		"another company":        {stranger.Administrator, func(*card.NewHandOver) {}, card.ErrNotFound, ""},
		"a former administrator": {former, func(*card.NewHandOver) {}, card.ErrNotAllowed, "hand_overs_by_administrator"},
		"from another company":   {c.Administrator, func(h *card.NewHandOver) { h.From = stranger.Orderer.Person }, card.ErrNotFound, ""},
		"to another company":     {c.Administrator, func(h *card.NewHandOver) { h.To = stranger.Orderer.Person }, card.ErrNotAllowed, "hand_overs_to_an_orderer"},
		"to nobody":              {c.Administrator, func(h *card.NewHandOver) { h.To = 0 }, card.ErrNotAllowed, "hand_overs_to_an_orderer"},
		"to oneself":             {c.Administrator, func(h *card.NewHandOver) { h.To = h.From }, card.ErrNotAllowed, "hand_overs_to_another"},
		"for a reason of others": {c.Administrator, func(h *card.NewHandOver) { h.Reason = card.Lost }, card.ErrReason, "hand_overs_reason"},
		"other without a note":   {c.Administrator, func(h *card.NewHandOver) { h.Reason = card.Other }, card.ErrNote, "hand_overs_other_needs_note"},
		"a long note":            {c.Administrator, func(h *card.NewHandOver) { h.Note = strings.Repeat("å", 501) }, card.ErrNote, "hand_overs_note_length"},
	} {
		n := ok
		tc.change(&n)
		if _, err := r.Store.HandOverAll(t.Context(), tc.by, n); !errors.Is(err, tc.want) || tc.rule != "" && ruleOf(err) != tc.rule {
			t.Errorf("%s: %v, want refused by %q", name, err, tc.rule)
		}
	}
	if h := handOverAll(t, c, ok); h.Done != 1 {
		t.Errorf("%+v", h)
	}
	const row = `INSERT INTO hand_overs (company_id, from_id, to_id, asked_by) VALUES ($1, $2, $3, $4) RETURNING id`
	good := statement(row, c.ID, c.OtherOrderer.Person, c.Orderer.Person, c.Administrator.Person)
	judge(t, begin(t, r.App), []attack{
		{"a number of cards of one's own", statement(`INSERT INTO hand_overs (company_id, from_id, to_id, asked_by, done) VALUES ($1, $2, $3, $4, 7)`,
			c.ID, c.OtherOrderer.Person, c.Orderer.Person, c.Administrator.Person), forbidden, good},
		{"by an orderer", statement(row, c.ID, c.OtherOrderer.Person, c.Orderer.Person, c.Orderer.Person), "hand_overs_by_administrator", good},
		{"two at a time", first(good, good), "hand_overs_one_at_a_time", good},
		{"back and forth", first(good, statement(row, c.ID, c.Orderer.Person, c.OtherOrderer.Person, c.Administrator.Person)), "hand_overs_one_way", good},
		{"an end written by hand", statement(`UPDATE hand_overs SET finished_at = now()`), forbidden, nil},
		{"forgotten", statement(`DELETE FROM hand_overs`), forbidden, nil},
	})
}

// What is to end ends with the last card, in the same transaction.
func TestTheRoleEndsWithTheHandOver(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	for _, tc := range []struct {
		ends  card.ThenEnds
		roles string
	}{{card.EndsNothing, "[administrator orderer]"}, {card.EndsOrderer, "[administrator]"}, {card.EndsMembership, "[]"}} {
		c := r.NewCompany(t)
		both := c.NewMember(t, card.Name{Given: "Dan", Family: "Dubbel"}, account.Orderer, account.Administrator)
		c.Card(t, pgtest.Spec{Status: card.Active, Orderer: both})
		id, err := r.Store.HandOverAll(t.Context(), both, card.NewHandOver{From: both.Person, To: c.OtherOrderer.Person, ThenEnds: tc.ends})
		if err != nil {
			t.Fatal(err)
		}
		if h, roles := handOverOf(t, c, id), userOf(t, r, c.Administrator, both.Person).Roles; h.Done != 1 || h.Refusal != "" || fmt.Sprint(roles) != tc.roles {
			t.Errorf("%s: %+v, roles %v, want %s", tc.ends, h, roles, tc.roles)
		}
	}
}

// Somebody with many cards is no administrator from the moment of the removal on, and cannot turn it round.
func TestWhoIsRemovedAdministersNothingMeanwhile(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	bulk(t, r, c, 400)
	if err := r.Store.GiveRole(t.Context(), c.Administrator, c.Orderer.Person, account.Administrator); err != nil {
		t.Fatal(err)
	}
	bo := account.Actor{Person: c.Orderer.Person, Company: c.ID, Roles: []account.Role{account.Administrator, account.Orderer}}
	h := handOverAll(t, c, card.NewHandOver{From: bo.Person, To: c.OtherOrderer.Person, ThenEnds: card.EndsMembership})
	if roles := userOf(t, r, c.Administrator, bo.Person).Roles; !h.Finished.IsZero() || fmt.Sprint(roles) != "[orderer]" {
		t.Errorf("%+v, roles %v", h, roles)
	}
	if err := r.Store.RemoveUser(t.Context(), bo, c.Administrator.Person); ruleOf(err) != "membership_events_by_administrator" {
		t.Errorf("removed by whoever leaves: %v", err)
	}
	stop := work(t, r, toCatcher(startCatcher(t).Addr()))
	until(t, r, fmt.Sprintf(`SELECT finished_at IS NOT NULL FROM hand_overs WHERE id = %d`, h.ID))
	stop()
	if h, u := handOverOf(t, c, h.ID), userOf(t, r, c.Administrator, bo.Person); h.Refusal != "" || len(u.Roles) != 0 || u.Cards != 0 {
		t.Errorf("%+v, the old orderer is %+v", h, u)
	}
	// Whoever only hands the cards over keeps the role.
	both := c.NewMember(t, card.Name{Given: "Dan", Family: "Dubbel"}, account.Orderer, account.Administrator)
	handOverAll(t, c, card.NewHandOver{From: both.Person, To: c.OtherOrderer.Person, ThenEnds: card.EndsOrderer})
	if roles := userOf(t, r, c.Administrator, both.Person).Roles; fmt.Sprint(roles) != "[administrator]" {
		t.Errorf("roles %v", roles)
	}
}

// Who removes himself or herself hands the cards over as administrator, and stays one until the last. The company's only one is refused before.
func TestAnAdministratorWithCardsLeaves(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	for _, tc := range []struct {
		stays bool // another administrator, until the end
		rule  card.Rule
		roles string
	}{{true, "", "[]"}, {false, "memberships_last_administrator", "[administrator orderer]"}} {
		c := r.NewCompany(t)
		bulk(t, r, c, 400)
		ada, bo := c.Administrator.Person, account.Actor{Person: c.Orderer.Person, Company: c.ID, Roles: []account.Role{account.Administrator, account.Orderer}}
		if err := r.Store.GiveRole(t.Context(), c.Administrator, bo.Person, account.Administrator); err != nil {
			t.Fatal(err)
		}
		leave := card.NewHandOver{From: bo.Person, To: c.OtherOrderer.Person, ThenEnds: card.EndsMembership}
		held := answersFor(t, c, bo.Person)
		if err := r.Store.TakeRole(t.Context(), bo, ada, account.Administrator); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Store.HandOverAll(t.Context(), bo, leave); ruleOf(err) != "memberships_last_administrator" || !errors.Is(err, account.ErrLastAdministrator) {
			t.Errorf("the only administrator: %v", err)
		}
		if n := answersFor(t, c, bo.Person); n != held {
			t.Errorf("what was refused moved %d cards of %d", held-n, held)
		}
		if err := r.Store.GiveRole(t.Context(), bo, ada, account.Administrator); err != nil {
			t.Fatal(err)
		}
		id, err := r.Store.HandOverAll(t.Context(), bo, leave)
		if err != nil {
			t.Fatal(err)
		}
		if h, roles := handOverOf(t, c, id), userOf(t, r, c.Administrator, bo.Person).Roles; !h.Finished.IsZero() || len(roles) != 2 {
			t.Errorf("meanwhile: %+v, roles %v", h, roles)
		}
		if !tc.stays {
			if err := r.Store.TakeRole(t.Context(), bo, ada, account.Administrator); err != nil {
				t.Fatal(err)
			}
		}
		stop := work(t, r, toCatcher(startCatcher(t).Addr()))
		until(t, r, fmt.Sprintf(`SELECT finished_at IS NOT NULL FROM hand_overs WHERE id = %d`, id))
		stop()
		h, u := handOverOf(t, c, id), userOf(t, r, c.Administrator, bo.Person)
		if h.Refusal != tc.rule || h.Done != held || u.Cards != 0 || fmt.Sprint(u.Roles) != tc.roles {
			t.Errorf("another stays %t: %+v, of %d cards, now %+v", tc.stays, h, held, u)
		}
	}
}

// Somebody whose role ended long ago, with cards, has them taken over too.
func TestCardsWithoutAnOrdererAreHandedOver(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Blocked})
	c.LoseOrderer(t, c.Orderer.Person)
	h := handOverAll(t, c, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person, Reason: card.EmploymentEnded})
	if h.Done != 1 || h.Refusal != "" {
		t.Errorf("%+v", h)
	}
	k.See(t)
	if err := k.Try(t, c.OtherOrderer, card.Unblock); err != nil {
		t.Errorf("the new orderer: %v", err)
	}
}

// A thousand cards and more, carried out by workers that are killed, while others act on the cards and the orderer goes on ordering: each card
// is handed over once, none is left, and the role ends.
func TestAHandOverSurvivesKilledWorkers(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	catch := startCatcher(t)
	bulk(t, r, c, 3000)
	logInAs(t, r, c.OtherOrderer.Person, "berit@company.example", "sv")
	held := answersFor(t, c, c.Orderer.Person)
	id, err := r.Store.HandOverAll(t.Context(), c.Administrator, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person, ThenEnds: card.EndsMembership})
	if err != nil {
		t.Fatal(err)
	}
	if h := handOverOf(t, c, id); h.Cards != held || h.Done != 200 || !h.Finished.IsZero() {
		t.Fatalf("%d cards: %+v", held, h)
	}
	if going, err := r.Store.HandOvers(t.Context(), c.Administrator, 0); err != nil || len(going) != 1 || going[0].ID != id {
		t.Errorf("going on: %+v, %v", going, err)
	}
	var done sync.WaitGroup
	ended := make(chan struct{})
	ordered := 0
	done.Go(func() {
		for {
			select {
			case <-ended:
				return
			default:
			}
			switch _, err := r.Store.OrderVisitorCards(t.Context(), c.Orderer, card.NewOrder{Kind: card.Visitor, Language: "sv", DeliverTo: "Testgatan 1"}, 1); {
			case err == nil:
				ordered++
			case ruleOf(err) == "card_events_member":
				return
			default:
				t.Errorf("an order meanwhile: %v", err)
				return
			}
		}
	})
	for range 4 {
		killedWorker(t, r.AppURL, catch.Addr(), func() {}, 250*time.Millisecond)
		// Not to wait until the queue misses it.
		if _, err := r.Owner.Exec(t.Context(), `UPDATE river.river_job SET state = 'available' WHERE kind = 'hand_over' AND state = 'running'`); err != nil {
			t.Fatal(err)
		}
	}
	stop := work(t, r, toCatcher(catch.Addr()))
	until(t, r, fmt.Sprintf(`SELECT finished_at IS NOT NULL FROM hand_overs WHERE id = %d`, id))
	close(ended)
	done.Wait()
	stop()
	h := handOverOf(t, c, id)
	const events = `SELECT count(*)::text FROM card_events e WHERE e.action = 'hand_over' AND e.successor_id = $1`
	const twice = `SELECT card_id::text FROM card_events WHERE action = 'hand_over' GROUP BY 1 HAVING count(*) > 1`
	if n := texts(t, r.Owner, events, c.OtherOrderer.Person)[0]; h.Done != held+ordered || n != fmt.Sprint(h.Done) || h.Refusal != "" {
		t.Errorf("%d cards and %d ordered meanwhile: %s events, %+v", held, ordered, n, h)
	}
	if again := texts(t, r.Owner, twice); len(again) != 0 {
		t.Errorf("handed over twice: %v", again)
	}
	if left := texts(t, r.Owner, `SELECT id::text FROM ordererless_cards`); len(left) != 0 {
		t.Errorf("without an orderer: %v", left)
	}
	if u := userOf(t, r, c.Administrator, c.Orderer.Person); len(u.Roles) != 0 || u.Cards != 0 {
		t.Errorf("the old orderer is %+v", u)
	}
	if got := mailsAbout(t, r); !slices.Equal(got, []string{fmt.Sprintf("cards_taken_over berit@company.example %d Bo Beställare", h.Done)}) {
		t.Errorf("mails %q", got)
	}
}

// Actions on the cards at the same moment either come first, or are too late and told so; the hand-over goes on.
func TestAHandOverAgainstActions(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	s := wide(t, r, atOneTime)
	var cards []*pgtest.Card
	for range 20 {
		cards = append(cards, c.Card(t, pgtest.Spec{Status: card.Active}))
	}
	results := atOnce(len(cards)+1, func(i int) error {
		if i == len(cards) {
			for {
				_, err := s.HandOverAll(t.Context(), c.Administrator, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person})
				if !errors.Is(err, card.ErrStale) {
					return err
				}
			}
		}
		_, err := s.Act(t.Context(), c.Orderer, card.Command{Card: cards[i].ID, Version: cards[i].Version, Action: card.Block, Reason: card.Lost})
		return err
	})
	blocked := 0
	for i, err := range results {
		switch {
		case err == nil && i < len(cards):
			blocked++
		case err != nil && (i == len(cards) || !errors.Is(err, card.ErrStale) && ruleOf(err) != "card_events_responsible_orderer"):
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := answersFor(t, c, c.OtherOrderer.Person); n != len(cards) || answersFor(t, c, c.Orderer.Person) != 0 {
		t.Errorf("%d of %d cards were handed over", n, len(cards))
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM cards WHERE status = 'blocked'`); n != fmt.Sprint(blocked) {
		t.Errorf("%s cards are blocked, %d were", n, blocked)
	}
}

// When the successor or the administrator leaves in the middle, it stops and says why; what is done is told.
func TestAHandOverStops(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	for _, tc := range []struct {
		name string
		who  func(c *pgtest.Company, second account.Actor) account.PersonID
		rule card.Rule
	}{
		{"successor", func(c *pgtest.Company, _ account.Actor) account.PersonID { return c.OtherOrderer.Person }, "card_events_successor_is_orderer"},
		{"administrator", func(_ *pgtest.Company, second account.Actor) account.PersonID { return second.Person }, "card_events_member"},
	} {
		c := r.NewCompany(t)
		bulk(t, r, c, 600)
		second := c.NewMember(t, card.Name{Given: "Alva", Family: "Administratör"}, account.Administrator)
		id, err := r.Store.HandOverAll(t.Context(), second, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person, ThenEnds: card.EndsMembership})
		if err != nil {
			t.Fatal(err)
		}
		if tc.name == "successor" {
			c.LoseOrderer(t, c.OtherOrderer.Person)
		} else if err := r.Store.RemoveUser(t.Context(), c.Administrator, tc.who(c, second)); err != nil {
			t.Fatal(err)
		}
		stop := work(t, r, toCatcher(startCatcher(t).Addr()))
		until(t, r, fmt.Sprintf(`SELECT finished_at IS NOT NULL FROM hand_overs WHERE id = %d`, id))
		stop()
		if h := handOverOf(t, c, id); h.Done != 200 || h.Refusal != tc.rule {
			t.Errorf("%s: %+v", tc.name, h)
		}
		if u := userOf(t, r, c.Administrator, c.Orderer.Person); len(u.Roles) != 1 {
			t.Errorf("%s: the orderer is %+v", tc.name, u)
		}
		// And another may begin.
		if tc.name == "administrator" {
			r.MoveClock(t, time.Second)
			if _, err := r.Store.HandOverAll(t.Context(), c.Administrator, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person}); err != nil {
				t.Errorf("another: %v", err)
			}
		}
	}
}

// What was planned for a card and is due comes first, and the hand-over goes on.
func TestAPlanThatIsDueDoesNotEndAHandOver(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	c.Card(t, pgtest.Spec{Status: card.Active})
	planned(t, k, card.Block, 1)
	r.MoveClock(t, 48*time.Hour)
	const ask = `INSERT INTO hand_overs (company_id, from_id, to_id, asked_by) VALUES ($1, $2, $3, $4) RETURNING id`
	tx := begin(t, r.App)
	var id card.HandOverID
	if err := tx.QueryRow(t.Context(), ask, c.ID, c.Orderer.Person, c.OtherOrderer.Person, c.Administrator.Person).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if err := attempt(t, tx, statement(`SELECT hand_over_some($1, 500)`, id)); ruleOf(err) != "card_events_due_first" {
		t.Errorf("before it is settled: %v", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := handOverAll(t, c, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person, ThenEnds: card.EndsMembership})
	if h.Done != 2 || h.Refusal != "" {
		t.Errorf("%+v", h)
	}
	if p := page(t, k, c.OtherOrderer); p.Status != card.Blocked {
		t.Errorf("the card is %s", p.Status)
	}

	// Also for the job, when it becomes due after the first cards.
	c = r.NewCompany(t)
	bulk(t, r, c, 600)
	k = c.Card(t, pgtest.Spec{Status: card.Active})
	planned(t, k, card.Block, 1)
	id, err := r.Store.HandOverAll(t.Context(), c.Administrator, card.NewHandOver{From: c.Orderer.Person, To: c.OtherOrderer.Person, ThenEnds: card.EndsMembership})
	if err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, 48*time.Hour)
	stop := work(t, r, toCatcher(startCatcher(t).Addr()))
	until(t, r, fmt.Sprintf(`SELECT finished_at IS NOT NULL FROM hand_overs WHERE id = %d`, id))
	stop()
	if h := handOverOf(t, c, id); h.Done != h.Cards || h.Refusal != "" {
		t.Errorf("by the job: %+v", h)
	}
}

// Whoever settles a card's plans holds them before the card, and a hand-over takes them in the same order: it waits and no one is given up.
func TestAHandOverWaitsForPlansThatAreSettled(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	planned(t, k, card.Block, 1)
	r.MoveClock(t, 48*time.Hour)
	const ask = `INSERT INTO hand_overs (company_id, from_id, to_id, asked_by) VALUES ($1, $2, $3, $4) RETURNING id`
	var id card.HandOverID
	if err := r.App.QueryRow(t.Context(), ask, c.ID, c.Orderer.Person, c.OtherOrderer.Person, c.Administrator.Person).Scan(&id); err != nil {
		t.Fatal(err)
	}
	settling := begin(t, r.Owner)
	if _, err := settling.Exec(t.Context(), `SELECT FROM planned_actions WHERE card_id = $1 AND outcome IS NULL FOR UPDATE`, k.ID); err != nil {
		t.Fatal(err)
	}
	handedOver := make(chan error, 1)
	go func() {
		_, err := r.App.Exec(t.Context(), `SELECT hand_over_some($1, 500)`, id)
		handedOver <- err
	}()
	until(t, r, `SELECT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND cardinality(pg_blocking_pids(a.pid)) > 0)`)
	if _, err := settling.Exec(t.Context(), `SELECT settle_card($1)`, k.ID); err != nil {
		t.Errorf("settling: %v", err)
	}
	if err := settling.Commit(t.Context()); err != nil {
		t.Errorf("settling: %v", err)
	}
	if err := <-handedOver; err != nil {
		t.Errorf("handing over: %v", err)
	}
	if p, h := page(t, k, c.OtherOrderer), handOverOf(t, c, id); p.Status != card.Blocked || h.Done != 1 || h.Refusal != "" {
		t.Errorf("the card is %s, %+v", p.Status, h)
	}
}
