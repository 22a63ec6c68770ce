package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// stand names a deputy for days from today on, both included.
func stand(t *testing.T, c *pgtest.Company, by, orderer, deputy account.Actor, first, last int) card.DeputyID {
	t.Helper()
	today := c.Register.Today(t)
	id, err := c.Register.Store.NameDeputy(t.Context(), by, card.NewDeputy{
		Orderer: orderer.Person, Deputy: deputy.Person, First: today.AddDate(0, 0, first), Last: today.AddDate(0, 0, last),
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A deputy takes every action of the orderer's, with the same refusals, and none that is not the orderer's.
func TestEveryMoveByADeputy(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	forEachStatus(t, r, func(t *testing.T, k *pgtest.Card, _ *pgtest.Company) {
		c := k.Company
		tx := begin(t, r.App)
		moves := func(guard string) {
			by := somebody{"deputy", c.OtherOrderer, account.Orderer, guard, false}
			for _, m := range movesOf(k.Kind) {
				judgeRaw(t, tx, k, m, by)
			}
		}
		moves("card_events_responsible_orderer")
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		stand(t, c, c.Administrator, c.Orderer, c.OtherOrderer, 0, 6)
		tx = begin(t, r.App)
		moves("")
	})
}

func TestADeputyActsForATime(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	setClock(t, r, "2031-03-28 12:00:00")
	c := r.NewCompany(t)
	k, others := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.OtherOrderer})
	stand(t, c, c.Orderer, c.Orderer, c.OtherOrderer, 1, 2)
	// The last of them is the night in which the clocks change.
	for _, tc := range []struct {
		at   string
		acts bool
	}{
		{"2031-03-28 23:59:59", false}, {"2031-03-29 00:00:01", true}, {"2031-03-30 01:30:00", true}, {"2031-03-30 23:59:59", true},
		{"2031-03-31 00:00:01", false},
	} {
		setClock(t, r, tc.at)
		if !tc.acts {
			refused(t, k, c.OtherOrderer, card.Block, card.RuleResponsibleOrderer)
		} else {
			for _, action := range []card.Action{card.Block, card.Unblock} {
				if err := k.Try(t, c.OtherOrderer, action); err != nil {
					t.Errorf("at %s: %s: %v", tc.at, action, err)
				}
			}
		}
		// The page says the same before anything is tried.
		if can := slices.Contains(open(page(t, k, c.OtherOrderer)), card.Block); can != tc.acts {
			t.Errorf("at %s the page offers to block: %t", tc.at, can)
		}
		refused(t, others, c.Orderer, card.Block, card.RuleResponsibleOrderer) // it is no exchange
		k.Do(t, card.Block)                                                    // and the orderer still acts
		k.Do(t, card.Unblock)
	}
	setClock(t, r, "2031-03-30 12:00:00")
	shown := page(t, k, c.Administrator)
	if shown.Deputy.Full() != "Berit Beställare" || shown.DeputyID != c.OtherOrderer.Person || shown.DeputyUntil.Format(time.DateOnly) != "2031-03-30" {
		t.Errorf("the page names %v until %v", shown.Deputy, shown.DeputyUntil)
	}
	setClock(t, r, "2031-04-01 12:00:00")
	if shown := page(t, k, c.Administrator); shown.DeputyID != 0 || !shown.DeputyUntil.IsZero() {
		t.Errorf("afterwards the page names %v until %v", shown.Deputy, shown.DeputyUntil)
	}
}

func TestADeputyOrdersInAnothersPlace(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k, rejected := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Rejected})
	replace := func() error {
		o := c.NewOrder(t, card.Standard, k.Holder.Person)
		o.Replaces, o.ReplaceReason = k.ID, card.Damaged
		_, err := r.Store.Order(t.Context(), c.OtherOrderer, o)
		return err
	}
	claim := func() error {
		_, err := r.Store.MakeClaim(t.Context(), c.OtherOrderer, newClaim(k))
		return err
	}
	deeds := map[string]func() error{
		"correct": func() error { return rejected.Try(t, c.OtherOrderer, card.Correct) }, "claim": claim, "replace": replace,
	}
	for name, do := range deeds {
		if err := do(); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleResponsibleOrderer) {
			t.Errorf("%s by another orderer: %v", name, err)
		}
	}
	stand(t, c, c.Orderer, c.Orderer, c.OtherOrderer, 0, 0)
	for name, do := range deeds {
		if err := do(); err != nil {
			t.Errorf("%s by the deputy: %v", name, err)
		}
	}
	// In whose name is ordered, that is who ordered: the deputy writes no other's name.
	const order = `
		WITH c AS (INSERT INTO cards (company_id, kind, ordered_by) VALUES ($1, 'visitor', $2) RETURNING id)
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
		SELECT id, 1, $1, 'visitor', 'order', 'none', 'ordered', $3, 'orderer' FROM c`
	bo, berit := c.Orderer.Person, c.OtherOrderer.Person
	judge(t, begin(t, r.App), []attack{
		{"an order in another's name", statement(order, c.ID, bo, berit), "card_events_responsible_orderer", statement(order, c.ID, berit, berit)},
	})
}

func TestADeputyIsWrittenTo(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	logInAs(t, r, c.Orderer.Person, "bo@company.example", "sv")
	logInAs(t, r, c.OtherOrderer.Person, "berit@company.example", "en")
	const mails = `SELECT email || ' ' || language FROM messages WHERE template = 'order_rejected' ORDER BY id`
	c.Card(t, pgtest.Spec{Status: card.Rejected})
	if got := texts(t, r.Owner, mails); !slices.Equal(got, []string{"bo@company.example sv"}) {
		t.Errorf("without a deputy: %q", got)
	}
	stand(t, c, c.Orderer, c.Orderer, c.OtherOrderer, 0, 0)
	c.Card(t, pgtest.Spec{Status: card.Rejected})
	if got := texts(t, r.Owner, mails); !slices.Equal(got[1:], []string{"bo@company.example sv", "berit@company.example en"}) {
		t.Errorf("with a deputy: %q", got)
	}
}

func TestDeputiesAreNamedByTheRules(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	today := r.Today(t)
	ok := card.NewDeputy{Orderer: c.Orderer.Person, Deputy: c.OtherOrderer.Person, First: today, Last: today.AddDate(1, 0, -1)}
	third := c.NewMember(t, card.Name{Given: "Tor", Family: "Tredje"}, account.Orderer)
	for name, tc := range map[string]struct {
		by     account.Actor
		change func(*card.NewDeputy)
		rule   string
	}{
		"backdated":              {c.Orderer, func(d *card.NewDeputy) { d.First = today.AddDate(0, 0, -1) }, "deputies_not_backdated"},
		"ends before it begins":  {c.Orderer, func(d *card.NewDeputy) { d.First, d.Last = today.AddDate(0, 0, 2), today.AddDate(0, 0, 1) }, "deputies_days_in_order"},
		"for more than a year":   {c.Orderer, func(d *card.NewDeputy) { d.Last = today.AddDate(1, 0, 0) }, "deputies_a_year_at_most"},
		"oneself":                {c.Orderer, func(d *card.NewDeputy) { d.Deputy = d.Orderer }, "deputies_another"},
		"no orderer":             {c.Orderer, func(d *card.NewDeputy) { d.Deputy = c.Administrator.Person }, "deputies_is_orderer"},
		"another company's":      {c.Administrator, func(d *card.NewDeputy) { d.Deputy = stranger.Orderer.Person }, "deputies_is_orderer"},
		"for an administrator":   {c.Administrator, func(d *card.NewDeputy) { d.Orderer = c.Administrator.Person }, "deputies_for_an_orderer"},
		"by another orderer":     {third, func(*card.NewDeputy) {}, "deputies_named_by_right"},
		"by the deputy":          {c.OtherOrderer, func(*card.NewDeputy) {}, "deputies_named_by_right"},
		"somebody of elsewhere":  {c.Administrator, func(d *card.NewDeputy) { d.Orderer = stranger.Orderer.Person }, ""},
		"administered elsewhere": {stranger.Administrator, func(*card.NewDeputy) {}, ""},
	} {
		d := ok
		tc.change(&d)
		_, err := r.Store.NameDeputy(t.Context(), tc.by, d)
		if tc.rule == "" && !errors.Is(err, card.ErrNotFound) || tc.rule != "" && (ruleOf(err) != tc.rule || !errors.Is(err, card.ErrNotAllowed)) {
			t.Errorf("%s: %v, want refused by %q", name, err, tc.rule)
		}
	}
	id, err := r.Store.NameDeputy(t.Context(), c.Orderer, ok)
	if err != nil {
		t.Fatal(err)
	}
	again := ok
	again.Deputy = third.Person
	if _, err := r.Store.NameDeputy(t.Context(), c.Administrator, again); ruleOf(err) != "deputies_one_at_a_time" {
		t.Errorf("a second deputy: %v", err)
	}
	for name, by := range map[string]account.Actor{"another orderer": third, "the deputy": c.OtherOrderer, "another company": stranger.Administrator, "nobody": {}} {
		if _, err := r.Store.CancelDeputy(t.Context(), by, id); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("cancelled by %s: %v", name, err)
		}
	}
	if whose, err := r.Store.CancelDeputy(t.Context(), c.Orderer, id); err != nil || whose != c.Orderer.Person {
		t.Errorf("cancelled by the orderer: %d, %v", whose, err)
	}
	if _, err := r.Store.CancelDeputy(t.Context(), c.Orderer, id); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("cancelled twice: %v", err)
	}
	if _, err := r.Store.NameDeputy(t.Context(), c.Administrator, again); err != nil {
		t.Errorf("a second deputy after the first: %v", err)
	}
	judge(t, begin(t, r.App), []attack{
		{"days written anew", statement(`UPDATE deputies SET last_day = last_day + 1`), forbidden, nil},
		{"a deputy forgotten", statement(`DELETE FROM deputies`), forbidden, nil},
		{"named at a time of one's own", statement(`INSERT INTO deputies (company_id, orderer_id, deputy_id, first_day, last_day, named_by, created_at)
			VALUES ($1, $2, $3, today(), today(), $2, now())`, c.ID, c.OtherOrderer.Person, third.Person), forbidden,
			statement(`INSERT INTO deputies (company_id, orderer_id, deputy_id, first_day, last_day, named_by)
				VALUES ($1, $2, $3, today(), today(), $2)`, c.ID, c.OtherOrderer.Person, third.Person)},
	})
}

// At the same moment: one deputy at a time, whoever is first.
func TestTwoDeputiesAtOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	s := wide(t, r, atOneTime)
	named := 0
	for _, err := range atOnce(atOneTime, func(int) error {
		_, err := s.NameDeputy(t.Context(), c.Orderer, card.NewDeputy{Orderer: c.Orderer.Person, Deputy: c.OtherOrderer.Person, First: r.Today(t).AddDate(0, 0, 1), Last: r.Today(t).AddDate(0, 0, 3)})
		return err
	}) {
		if err == nil {
			named++
		} else if ruleOf(err) != "deputies_one_at_a_time" {
			t.Errorf("refused by %v", err)
		}
	}
	if named != 1 {
		t.Errorf("%d were named", named)
	}
}

// Who is no orderer any more is nobody's deputy either, and is not one again by coming back.
func TestADeputyWhoLeaves(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	stand(t, c, c.Orderer, c.Orderer, c.OtherOrderer, 0, 3)
	if err := k.Try(t, c.OtherOrderer, card.Block); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, c.OtherOrderer.Person); err != nil {
		t.Fatal(err)
	}
	refused(t, k, c.OtherOrderer, card.Unblock, card.RuleMember)
	if err := r.Store.GiveRole(t.Context(), c.Administrator, c.OtherOrderer.Person, account.Orderer); err != nil {
		t.Fatal(err)
	}
	refused(t, k, c.OtherOrderer, card.Unblock, card.RuleResponsibleOrderer)
	stand(t, c, c.Orderer, c.Orderer, c.OtherOrderer, 0, 3)
	if err := k.Try(t, c.OtherOrderer, card.Unblock); err != nil {
		t.Errorf("named anew: %v", err)
	}
}

func TestDeputies(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	third := c.NewMember(t, card.Name{Given: "Tor", Family: "Tredje"}, account.Orderer)
	later := stand(t, c, c.Administrator, c.OtherOrderer, c.Orderer, 5, 9)
	now := stand(t, c, c.Orderer, c.Orderer, c.OtherOrderer, 0, 3)
	stand(t, other, other.Orderer, other.Orderer, other.OtherOrderer, 0, 3)
	ids := func(by account.Actor) (ids []card.DeputyID) {
		t.Helper()
		all, err := r.Store.Deputies(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			ids = append(ids, d.ID)
			if d.Now != (d.ID == now) {
				t.Errorf("%+v", d)
			}
		}
		return ids
	}
	for name, by := range map[string]account.Actor{"administrator": c.Administrator, "orderer": c.Orderer, "the other": c.OtherOrderer} {
		if got := ids(by); !slices.Equal(got, []card.DeputyID{now, later}) {
			t.Errorf("%s reads of %v", name, got)
		}
	}
	if got := ids(third); len(got) != 0 {
		t.Errorf("a third orderer reads of %v", got)
	}
	r.MoveClock(t, 5*24*time.Hour)
	now = later
	if got := ids(c.Administrator); !slices.Equal(got, []card.DeputyID{later}) {
		t.Errorf("later there are %v", got)
	}
}
