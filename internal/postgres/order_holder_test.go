package postgres_test

import (
	"errors"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// What the company knows of a person is what it wrote itself, and the same however the person is asked for.
func TestWhatACompanyKnowsOfAHolder(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	person := r.NewPerson(t, card.Name{Given: "Register", Family: "Registersson"})
	o := c.NewOrder(t, card.Standard, person)
	o.Name, o.Citizenship, o.Email, o.Language = card.Name{Given: "Reg", Family: "Som Skrivet"}, "PL", "reg@company.example", "en"
	if _, err := r.Store.HolderByIdentity(t.Context(), c.Orderer, o.Identity); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("before the first order: %v", err)
	}
	id, err := r.Store.Order(t.Context(), c.Orderer, o)
	if err != nil {
		t.Fatal(err)
	}
	want := card.Holder{
		ID: person, Name: o.Name, Identity: "XX ****", Citizenship: "PL", Email: "reg@company.example", Language: "en", Photo: o.Photo, Open: id,
	}
	for name, ask := range map[string]func() (card.Holder, error){
		"by id":       func() (card.Holder, error) { return r.Store.Holder(t.Context(), c.Orderer, person) },
		"by identity": func() (card.Holder, error) { return r.Store.HolderByIdentity(t.Context(), c.OtherOrderer, o.Identity) },
		"by name": func() (card.Holder, error) {
			found, err := r.Store.FindHolders(t.Context(), c.Orderer, card.Query{Kind: card.ByName, Name: "skrivet"})
			if len(found) != 1 {
				t.Fatalf("found %v, %v", found, err)
			}
			return found[0], err
		},
	} {
		if got, err := ask(); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	// Another company that orders for the same person knows of its own order only.
	theirs := other.NewOrder(t, card.Standard, person)
	if _, err := r.Store.Order(t.Context(), other.Orderer, theirs); err != nil {
		t.Fatal(err)
	}
	got, err := r.Store.HolderByIdentity(t.Context(), other.Orderer, o.Identity)
	if err != nil || got.Name != theirs.Name || got.Photo != theirs.Photo || got.Email == want.Email || got.Open == id {
		t.Errorf("another company knows %+v, %v", got, err)
	}
	// An orderer without a card is known by the role, with nothing to fill in.
	boss, err := r.Store.Holder(t.Context(), c.Orderer, c.OtherOrderer.Person)
	if err != nil || boss.Name != (card.Name{Given: "Berit", Family: "Beställare"}) || boss.Photo != 0 || boss.Open != 0 {
		t.Errorf("an orderer without a card: %+v, %v", boss, err)
	}
	found, err := r.Store.FindHolders(t.Context(), c.Orderer, card.Query{Kind: card.ByName, Name: "berit"})
	if err != nil || len(found) != 1 || found[0] != boss {
		t.Errorf("found by name: %+v, %v", found, err)
	}
	// A photo whose time is out is not offered again.
	if _, err := r.Owner.Exec(t.Context(), `UPDATE pictures SET there = false, deleted_at = clock_now() WHERE id = $1`, o.Photo); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Store.Holder(t.Context(), c.Orderer, person); err != nil || got.Photo != 0 {
		t.Errorf("with the photo gone: %+v, %v", got, err)
	}
}

func TestVisitorCardsAreOrderedAllOrNone(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	o := c.NewOrder(t, card.Visitor, 0)
	spoiled := o
	spoiled.DeliverTo = " "
	if _, err := r.Store.OrderVisitorCards(t.Context(), c.Orderer, spoiled, 3); !errors.Is(err, card.ErrOrder) || ruleOf(err) != "card_orders_deliver_to_length" {
		t.Errorf("with no address: %v", err)
	}
	if _, err := r.Store.OrderVisitorCards(t.Context(), c.Administrator, o, 3); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleMember) {
		t.Errorf("by an administrator: %v", err)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM cards`); n != "0" {
		t.Errorf("%s cards were made", n)
	}
	ids, err := r.Store.OrderVisitorCards(t.Context(), c.Orderer, o, 3)
	if err != nil || len(ids) != 3 {
		t.Fatalf("ordered %v, %v", ids, err)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM current_orders WHERE kind = 'visitor' AND deliver_to = (SELECT max(deliver_to) FROM card_orders)`); n != "3" {
		t.Errorf("%s orders are kept", n)
	}
}

// Whoever must act comes from card_waits; the order is: what waits for the orderer, then what has waited longest.
func TestOpenOrders(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	made := map[card.Status]*pgtest.Card{}
	for _, status := range pgtest.Statuses(card.Standard) {
		made[status] = c.Card(t, pgtest.Spec{Status: status})
	}
	mine := func() []card.OpenOrder {
		open, err := r.Store.OpenOrders(t.Context(), c.Orderer, true, "")
		if err != nil || open.Next != "" {
			t.Fatalf("%v, next %q", err, open.Next)
		}
		return open.Rows
	}
	want := []struct {
		status card.Status
		waits  account.Role
		open   int
	}{
		{card.Rejected, account.Orderer, 2}, {card.Ordered, account.Issuer, 2}, {card.Reviewed, account.Holder, 2}, {card.Approved, account.Issuer, 1}, {card.Produced, account.Holder, 0},
	}
	rows := mine()
	if len(rows) != len(want) {
		t.Fatalf("%d orders are open, want %d", len(rows), len(want))
	}
	for i, w := range want {
		if got := rows[i]; got.ID != made[w.status].ID || got.WaitsFor != w.waits || len(got.Open) != w.open || got.Reference != "PO 17" {
			t.Errorf("order %d is %+v, want the %s one waiting for %s", i, got, w.status, w.waits)
		}
	}
	if rows[0].Reason != card.Photo || rows[1].Reason != card.NoReason {
		t.Errorf("the reasons are %s and %s", rows[0].Reason, rows[1].Reason)
	}
	if others, err := r.Store.OpenOrders(t.Context(), c.OtherOrderer, true, ""); err != nil || len(others.Rows) != 0 {
		t.Errorf("another orderer's own: %v, %v", others.Rows, err)
	}
	all, err := r.Store.OpenOrders(t.Context(), c.OtherOrderer, false, "")
	if err != nil || len(all.Rows) != len(want) || len(all.Rows[0].Open) != 0 {
		t.Errorf("the company's for another orderer: %d, %v", len(all.Rows), err)
	}
	// A card that went out of date before it was activated waits for nobody.
	r.MoveClock(t, 3*365*24*time.Hour)
	if rows := mine(); len(rows) != len(want)-1 {
		t.Errorf("three years later %d orders are open, want %d", len(rows), len(want)-1)
	}
}

// Who may replace which card: the responsible orderer, a card that was made.
func TestReplaceable(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	active := c.Card(t, pgtest.Spec{Status: card.Active})
	ordered := c.Card(t, pgtest.Spec{Status: card.Ordered})
	visitor := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced})
	for name, tc := range map[string]struct {
		by   account.Actor
		card *pgtest.Card
		want card.Rule
	}{
		"the orderer":                {c.Orderer, active, ""},
		"another orderer":            {c.OtherOrderer, active, card.RuleResponsibleOrderer},
		"an administrator":           {c.Administrator, active, card.RuleMember},
		"a card that is not made":    {c.Orderer, ordered, card.RuleTransition},
		"a visitor card":             {c.Orderer, visitor, card.RuleTransition},
		"the issuer":                 {r.Issuer, active, card.RuleMember},
		"the holder of his own card": {active.Holder, active, card.RuleMember},
	} {
		if d, err := r.Store.Draft(t.Context(), tc.by, tc.card.ID); err != nil || d.Refusal != tc.want {
			t.Errorf("%s: %q, %v; want %q", name, d.Refusal, err, tc.want)
		}
	}
	o := c.NewOrder(t, card.Standard, active.Holder.Person)
	o.Replaces, o.ReplaceReason = active.ID, card.Lost
	id, err := r.Store.Order(t.Context(), c.Orderer, o)
	if err != nil {
		t.Fatal(err)
	}
	older, err := r.Store.Draft(t.Context(), c.Orderer, active.ID)
	newer, err2 := r.Store.Draft(t.Context(), c.Orderer, id)
	if err != nil || err2 != nil || older.ReplacedBy != id || newer.Replaces != active.ID || newer.Replaced != active.Number || newer.ReplaceReason != card.Lost {
		t.Errorf("%+v, %v; %+v, %v", older, err, newer, err2)
	}
	if _, err := r.Store.Act(t.Context(), c.Orderer, card.Command{Card: id, Version: 1, Action: card.Cancel}); err != nil {
		t.Fatal(err)
	}
	if d, err := r.Store.Draft(t.Context(), c.Orderer, active.ID); err != nil || d.ReplacedBy != 0 {
		t.Errorf("after the cancellation it is replaced by %d, %v", d.ReplacedBy, err)
	}
}
