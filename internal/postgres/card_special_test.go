package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// refused fails unless the action is not allowed, by that rule.
func refused(t *testing.T, k *pgtest.Card, by account.Actor, action card.Action, rule card.Rule) {
	t.Helper()
	if err := k.Try(t, by, action); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(rule) {
		t.Errorf("%s of a card that is %s: %v, want refused by %s", action, k.Status, err, rule)
	}
}

// page is the card as its page shows it to somebody.
func page(t *testing.T, k *pgtest.Card, by account.Actor) card.Card {
	t.Helper()
	c, err := k.Company.Register.Store.Card(t.Context(), by, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(c card.Card) (actions []card.Action) {
	for _, choice := range c.Choices {
		if choice.Open() {
			actions = append(actions, choice.Action)
		}
	}
	return actions
}

// The clock stands at a second of a day in Sweden, in summer or in winter.
func setClock(t *testing.T, r *pgtest.Register, local string) {
	t.Helper()
	const q = `UPDATE clock SET moved_by = ($1::timestamp AT TIME ZONE 'Europe/Stockholm') - now()`
	if _, err := r.Owner.Exec(t.Context(), q, local); err != nil {
		t.Fatal(err)
	}
}

func TestACardIsValidThroughItsLastDay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, last, lastSecond, after string }{
		{"winter", "2031-01-31", "2031-01-31 23:59:59", "2031-02-01 00:00:01"},
		{"summer", "2031-07-31", "2031-07-31 23:59:59", "2031-08-01 00:00:01"},
		{"the day the clocks change", "2031-03-30", "2031-03-30 23:59:59", "2031-03-31 00:00:01"},
		{"leap day", "2032-02-29", "2032-02-29 23:59:59", "2032-03-01 00:00:01"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := pgtest.NewRegister(t)
			c := r.NewCompany(t)
			last, err := time.Parse(time.DateOnly, tc.last)
			if err != nil {
				t.Fatal(err)
			}
			spec := pgtest.Spec{ValidTo: last}
			of := func(status card.Status) *pgtest.Card { spec.Status = status; return c.Card(t, spec) }
			setClock(t, r, tc.last+" 12:00:00")
			active, blocked, produced, kept, terminated := of(card.Active), of(card.Blocked), of(card.Produced), of(card.Blocked), of(card.Terminated)

			setClock(t, r, tc.lastSecond)
			if p := page(t, active, c.Orderer); p.Effective != card.Active || !p.Works || !p.Billed {
				t.Errorf("in its last second the card is %s, works %t, billed %t", p.Effective, p.Works, p.Billed)
			}
			kept.Do(t, card.Unblock)
			kept.Do(t, card.Block)

			setClock(t, r, tc.after)
			for _, k := range []*pgtest.Card{active, blocked, produced} {
				p := page(t, k, c.Orderer)
				midnight := p.ValidTo.AddDate(0, 0, 1).Format(time.DateOnly) + " 00:00:00"
				since := texts(t, r.Owner, `SELECT to_char($1::timestamptz AT TIME ZONE 'Europe/Stockholm', 'YYYY-MM-DD HH24:MI:SS')`, p.Since)[0]
				if p.Effective != card.Expired || p.Status != k.Status || p.Works || p.Billed || p.WaitsFor != "" || since != midnight {
					t.Errorf("after its last day the %s card is %s since %s (want %s), works %t, billed %t, waits for %q",
						k.Status, p.Effective, since, midnight, p.Works, p.Billed, p.WaitsFor)
				}
			}
			if p := page(t, terminated, c.Orderer); p.Effective != card.Terminated {
				t.Errorf("a terminated card is %s", p.Effective)
			}
			refused(t, blocked, c.Orderer, card.Unblock, card.RuleNotExpired)
			refused(t, produced, produced.Holder, card.Activate, card.RuleNotExpired)
			refused(t, produced, c.Orderer, card.Block, card.RuleTransition)
			active.Do(t, card.Block) // it can still be stopped and ended
			active.Do(t, card.Terminate)
			produced.Do(t, card.Terminate)
		})
	}
}

func TestActivationEndsTheOlderCard(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	for _, older := range []card.Status{card.Produced, card.Active, card.Blocked} {
		old := c.Card(t, pgtest.Spec{Status: older})
		holder := old.Holder.Person
		elsewhere := other.Card(t, pgtest.Spec{Status: older, Holder: holder})
		ordered := func() *pgtest.Card { return c.Card(t, pgtest.Spec{Status: card.Produced, Holder: holder}) }
		renewal := ordered()
		open := c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: holder})
		versions := old.Version
		renewal.Do(t, card.Activate)
		before := *elsewhere
		old.See(t)
		elsewhere.See(t)
		open.See(t)
		if old.Status != card.Terminated || old.Version != versions+1 {
			t.Errorf("the older %s card is %s version %d", older, old.Status, old.Version)
		}
		if elsewhere.Status != before.Status || open.Status != card.Ordered || renewal.Status != card.Active {
			t.Errorf("%s: the other company's card is %s, the order %s, the new card %s", older, elsewhere.Status, open.Status, renewal.Status)
		}
		events := page(t, old, c.Orderer).Events
		last := events[len(events)-1]
		if last.Action != card.Supersede || last.Role != account.System || last.ActorID != 0 || last.Reason != card.Superseded || last.From != older {
			t.Errorf("the last event is %+v", last)
		}
	}
}

// Another company's active card is no obstacle.
func TestCardsOfTwoCompaniesLiveSideBySide(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	one := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	two := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active, Holder: one.Holder.Person})
	for _, k := range []*pgtest.Card{one, two} {
		k.Do(t, card.Block)
		k.Do(t, card.Unblock)
	}
	rows, err := r.Store.MyCards(t.Context(), one.Holder)
	if err != nil || len(rows) != 2 || rows[0].Effective != card.Active || rows[1].Effective != card.Active {
		t.Errorf("Mina kort: %v, %v", rows, err)
	}
}

// A card that is older than the active one cannot come to life beside it.
func TestAnOlderCardStaysBehindANewerOne(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	older := c.Card(t, pgtest.Spec{Status: card.Approved})
	// One open order at a time is the rule, so that the older one is made later only if the newer is made by the way of
	// a migration or an import; here the index steps aside for it.
	if _, err := r.Owner.Exec(t.Context(), `DROP INDEX cards_one_open_order`); err != nil {
		t.Fatal(err)
	}
	newer := c.Card(t, pgtest.Spec{Status: card.Active, Holder: older.Holder.Person})
	older.Do(t, card.Produce)
	refused(t, older, older.Holder, card.Activate, card.RuleNoNewerActive)
	newer.Do(t, card.Block)
	older.Do(t, card.Activate)
	// Now the newer one is blocked and the older one active: the index is in the way.
	if choice, ok := page(t, newer, c.Orderer).Choice(card.Unblock); !ok || !choice.Open() {
		t.Errorf("the page of the newer card: %+v", choice)
	}
	refused(t, newer, c.Orderer, card.Unblock, "cards_one_active")
	older.Do(t, card.Terminate)
	newer.Do(t, card.Unblock)
}

func TestHoldersBlockTheirOwnCardAndNothingElse(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	if got, want := open(page(t, k, k.Holder)), []card.Action{card.Block}; !slices.Equal(got, want) {
		t.Errorf("the holder may %v, want %v", got, want)
	}
	refused(t, k, k.Holder, card.Terminate, card.RulePermission)
	if err := k.Try(t, k.Holder, card.Block); err != nil {
		t.Fatal(err)
	}
	refused(t, k, k.Holder, card.Unblock, card.RulePermission)
	if got := open(page(t, k, k.Holder)); len(got) > 0 {
		t.Errorf("the holder of a blocked card may %v", got)
	}
	if got, want := open(page(t, k, c.Orderer)), []card.Action{card.Unblock, card.Terminate}; !slices.Equal(got, want) {
		t.Errorf("the orderer may %v, want %v", got, want)
	}
	k.Do(t, card.Unblock)
	// An orderer who is also the holder of another's order is only its holder.
	own := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.Orderer, Holder: c.OtherOrderer.Person})
	refused(t, own, c.OtherOrderer, card.Block, card.RuleResponsibleOrderer)
	if err := own.Try(t, c.OtherOrderer.AsHolder(), card.Block); err != nil {
		t.Errorf("as holder: %v", err)
	}
}

func TestVisitorCards(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced})
	p := page(t, k, c.Orderer)
	if p.Works || !p.Billed || p.Number == "" || p.Holder != (card.Name{}) || p.Identity != "" || p.WaitsFor != "" {
		t.Errorf("the visitor card works %t, is billed %t, %q, %v, %q, waits for %q", p.Works, p.Billed, p.Number, p.Holder, p.Identity, p.WaitsFor)
	}
	if got, want := open(p), []card.Action{card.Terminate}; !slices.Equal(got, want) {
		t.Errorf("the orderer may %v, want %v", got, want)
	}
	refused(t, k, c.Orderer, card.Block, card.RuleTransition)
	if got := page(t, c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Reviewed}), r.Issuer).WaitsFor; got != account.Issuer {
		t.Errorf("a reviewed visitor card waits for %q", got)
	}
	// As many at once as a site needs.
	for range 3 {
		c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Ordered})
	}
	r.MoveClock(t, 3*365*24*time.Hour)
	if p := page(t, k, c.Orderer); p.Effective != card.Expired || p.Billed {
		t.Errorf("after its last day the visitor card is %s, billed %t", p.Effective, p.Billed)
	}
	k.Do(t, card.Terminate)
}

func TestAnUnpaidFeeLiesOverTheCards(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	active, blocked, theirs := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Blocked}), other.Card(t, pgtest.Spec{Status: card.Active})
	look := func(k *pgtest.Card, want card.Status, works bool) {
		t.Helper()
		p := page(t, k, k.Orderer)
		if p.Effective != want || p.Works != works || p.Status != k.Status || p.Version != k.Version {
			t.Errorf("the %s card is %s, works %t; want %s, %t", k.Status, p.Effective, p.Works, want, works)
		}
	}
	one, two := c.Suspend(t), c.Suspend(t)
	look(active, card.Suspended, false)
	look(blocked, card.Blocked, false)
	look(theirs, card.Active, true)
	if !page(t, active, c.Orderer).Billed {
		t.Error("a suspended card is not billed")
	}
	r.Pay(t, one)
	look(active, card.Suspended, false) // there is another
	r.Pay(t, two)
	look(active, card.Active, true)
	look(blocked, card.Blocked, false)

	// What is not yet due suspends nothing: its last day is a day to pay.
	const invoice = `INSERT INTO invoices (company_id, number, due_on) VALUES ($1, 'F-DUE', today())`
	if _, err := r.Owner.Exec(t.Context(), invoice, c.ID); err != nil {
		t.Fatal(err)
	}
	look(active, card.Active, true)
	r.MoveClock(t, 24*time.Hour)
	look(active, card.Suspended, false)
	active.Do(t, card.Block) // a suspended card can be blocked, and is then blocked
	look(active, card.Blocked, false)
	active.Do(t, card.Unblock)
	look(active, card.Suspended, false)
	r.MoveClock(t, 3*365*24*time.Hour)
	look(active, card.Expired, false) // for good, whatever is paid
}

// A suspended card has been so since the fee was overdue, or since it came into use, whichever is later.
func TestSinceWhenACardIsSuspended(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	setClock(t, r, "2031-03-10 12:00:00")
	early, blocked := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Blocked})
	setClock(t, r, "2031-03-20 12:00:00")
	c.Suspend(t) // due the day before
	midnight := time.Date(2031, time.March, 19, 23, 0, 0, 0, time.UTC)
	late := c.Card(t, pgtest.Spec{Status: card.Active})

	since := func(k *pgtest.Card, effective card.Status, want time.Time) {
		t.Helper()
		if p := page(t, k, k.Orderer); p.Effective != effective || !p.Since.Equal(want) {
			t.Errorf("the card is %s since %s, want %s since %s", p.Effective, p.Since.UTC(), effective, want.UTC())
		}
	}
	event := func(k *pgtest.Card, action card.Action) time.Time {
		t.Helper()
		events := page(t, k, k.Orderer).Events
		i := slices.IndexFunc(events, func(e card.Event) bool { return e.Action == action })
		if i < 0 {
			t.Fatalf("no %s among %+v", action, events)
		}
		return events[i].At
	}
	since(early, card.Suspended, midnight)
	since(late, card.Suspended, event(late, card.Activate))
	since(blocked, card.Blocked, event(blocked, card.Block))
	setClock(t, r, "2031-03-21 12:00:00")
	blocked.Do(t, card.Unblock)
	since(blocked, card.Suspended, event(blocked, card.Unblock))
	setClock(t, r, "2031-03-22 12:00:00")
	for _, k := range []*pgtest.Card{early, late} { // which changes no status
		k.Do(t, card.HandOver)
	}
	since(early, card.Suspended, midnight)
	since(late, card.Suspended, event(late, card.Activate))
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	refused(t, k, c.OtherOrderer, card.Block, card.RuleResponsibleOrderer)
	k.Do(t, card.HandOver) // to OtherOrderer
	refused(t, k, c.Orderer, card.Block, card.RuleResponsibleOrderer)
	p := page(t, k, c.OtherOrderer)
	last := p.Events[len(p.Events)-1]
	if k.Status != card.Active || p.OrderedBy.Full() != "Bo Beställare" || p.Orderer.Full() != "Berit Beställare" ||
		last.Action != card.HandOver || last.Successor.Full() != "Berit Beställare" || last.Actor.Full() != "Ada Administratör" {
		t.Errorf("after the hand-over: %+v, last event %+v", p.Row, last)
	}
	if err := k.Try(t, c.OtherOrderer, card.Block); err != nil {
		t.Errorf("the new orderer: %v", err)
	}
	// Whose membership has ended acts no more; the administrator hands over what is left.
	c.LoseOrderer(t, c.OtherOrderer.Person)
	refused(t, k, c.OtherOrderer, card.Unblock, card.RuleMember)
	refused(t, k, c.Administrator, card.HandOver, "card_events_successor_is_orderer")
	do := card.Command{Card: k.ID, Version: k.Version, Action: card.HandOver, Successor: c.Orderer.Person, Reason: card.EmploymentEnded}
	if _, err := r.Store.Act(t.Context(), c.Administrator, do); err != nil {
		t.Fatal(err)
	}
	k.See(t)
	k.Do(t, card.Unblock) // by Bo again
	if err := r.Store.AddRole(t.Context(), c.OtherOrderer.Person, c.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	k.Do(t, card.HandOver)
	if err := k.Try(t, c.OtherOrderer, card.Terminate); err != nil {
		t.Errorf("an orderer who is back: %v", err)
	}
	// An issuer who has left does not act either.
	left := r.NewIssuer(t)
	if err := postgres.EndIssuer(t.Context(), r.Owner, left.Person); err != nil {
		t.Fatal(err)
	}
	refused(t, c.Card(t, pgtest.Spec{Status: card.Ordered}), left, card.Review, card.RuleMember)
}

func TestAnOrderGoesItsWay(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Ordered})
	waits := func(want account.Role) {
		t.Helper()
		if got := page(t, k, c.Administrator).WaitsFor; got != want {
			t.Errorf("%s waits for %q, want %q", k.Status, got, want)
		}
	}
	second := func() error {
		_, err := r.Store.Order(t.Context(), c.OtherOrderer, c.NewOrder(t, card.Standard, k.Holder.Person))
		return err
	}
	waits(account.Issuer)
	for _, step := range []struct {
		action card.Action
		then   account.Role
	}{
		{card.Reject, account.Orderer}, {card.Correct, account.Issuer}, {card.Correct, account.Issuer}, {card.Review, account.Holder}, {card.Decline, account.Orderer},
		{card.Correct, account.Issuer}, {card.Review, account.Holder}, {card.Correct, account.Issuer}, {card.Review, account.Holder}, {card.Approve, account.Issuer},
	} {
		k.Do(t, step.action)
		waits(step.then)
		if err := second(); !errors.Is(err, card.ErrOpenOrder) || ruleOf(err) != "cards_one_open_order" {
			t.Errorf("a second order while the first is %s: %v", k.Status, err)
		}
	}
	refused(t, k, c.Orderer, card.Correct, card.RuleTransition)
	k.Do(t, card.Cancel)
	waits("")
	if err := second(); err != nil {
		t.Errorf("a new order after the first was cancelled: %v", err)
	}
	for _, action := range []card.Action{card.Correct, card.Cancel, card.Terminate} {
		refused(t, k, c.Orderer, action, card.RuleTransition)
	}
	if got := open(page(t, k, c.Orderer)); len(got) > 0 {
		t.Errorf("a cancelled card may be %v", got)
	}
}

// What is printed is what was true at production.
func TestWhatIsPrintedStays(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Vera", Family: "Vid"}})
	waiting := c.Card(t, pgtest.Spec{Status: card.Approved, Holder: k.Holder.Person})
	for _, sql := range []string{`UPDATE persons SET given_name = 'Viola', family_name = 'Ny' WHERE id = $1 AND $2 > 0`, `UPDATE companies SET name = 'Nytt Namn AB' WHERE id = $2 AND $1 > 0`} {
		if _, err := r.Owner.Exec(t.Context(), sql, int64(k.Holder.Person), int64(c.ID)); err != nil {
			t.Fatal(err)
		}
	}
	if p := page(t, k, c.Orderer); p.Holder.Full() != "Vera Vid" || p.Company != c.Name {
		t.Errorf("the card that was made shows %s, %s", p.Holder.Full(), p.Company)
	}
	// The name was approved; the company's is taken at production.
	if p := page(t, waiting, c.Orderer); p.Holder.Full() != "Vera Vid" || p.Company != "Nytt Namn AB" {
		t.Errorf("the one to be made shows %s, %s", p.Holder.Full(), p.Company)
	}
	waiting.Do(t, card.Produce)
	if p := page(t, waiting, c.Orderer); p.Holder.Full() != "Vera Vid" || p.Company != "Nytt Namn AB" {
		t.Errorf("once made it shows %s, %s", p.Holder.Full(), p.Company)
	}
	taken := c.Card(t, pgtest.Spec{Status: card.Approved, Number: k.Number})
	if err := taken.Try(t, r.Issuer, card.Produce); !errors.Is(err, card.ErrNumberTaken) {
		t.Errorf("with another card's number: %v", err)
	}
}
