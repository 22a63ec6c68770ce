package pgtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Spec says what a card is to be. What it leaves out is chosen: a standard card of a new person, ordered by the
// company's Orderer, valid for two years.
type Spec struct {
	Kind    card.Kind
	Status  card.Status // required
	Holder  account.PersonID
	Name    card.Name // of the new person
	Orderer account.Actor
	Number  card.Number
	ValidTo time.Time
}

// Card is a card as the test last saw it.
type Card struct {
	ID      card.ID
	Kind    card.Kind
	Version int
	Status  card.Status
	Holder  account.Actor // at Mina kort; nobody on a visitor card
	Orderer account.Actor // who ordered it
	Number  card.Number   // empty before production
	Company *Company

	spec Spec
}

// ways are the actions that lead from ordered to each status.
func ways(kind card.Kind) map[card.Status][]card.Action {
	if kind == card.Visitor {
		return map[card.Status][]card.Action{
			card.Ordered:    {},
			card.Reviewed:   {card.Review},
			card.Rejected:   {card.Reject},
			card.Cancelled:  {card.Cancel},
			card.Produced:   {card.Review, card.Produce},
			card.Terminated: {card.Review, card.Produce, card.Terminate},
		}
	}
	return map[card.Status][]card.Action{
		card.Ordered:    {},
		card.Reviewed:   {card.Review},
		card.Approved:   {card.Review, card.Approve},
		card.Rejected:   {card.Reject},
		card.Cancelled:  {card.Cancel},
		card.Produced:   {card.Review, card.Approve, card.Produce},
		card.Active:     {card.Review, card.Approve, card.Produce, card.Activate},
		card.Blocked:    {card.Review, card.Approve, card.Produce, card.Activate, card.Block},
		card.Terminated: {card.Review, card.Approve, card.Produce, card.Activate, card.Terminate},
	}
}

// Statuses are those that a card of the kind can have.
func Statuses(kind card.Kind) []card.Status {
	var all []card.Status
	for _, status := range []card.Status{
		card.Ordered, card.Reviewed, card.Approved, card.Rejected, card.Cancelled, card.Produced, card.Active, card.Blocked, card.Terminated,
	} {
		if _, ok := ways(kind)[status]; ok {
			all = append(all, status)
		}
	}
	return all
}

// Card makes a card by the actions that lead to its status, each by whoever takes it, through the store.
func (c *Company) Card(t testing.TB, spec Spec) *Card {
	t.Helper()
	r := c.Register
	if spec.Kind == "" {
		spec.Kind = card.Standard
	}
	if spec.Orderer.Person == 0 {
		spec.Orderer = c.Orderer
	}
	if spec.Kind == card.Standard && spec.Holder == 0 {
		if spec.Name == (card.Name{}) {
			spec.Name = card.Name{Given: "Karin", Family: "Kortinnehavare"}
		}
		spec.Holder = r.NewPerson(t, spec.Name)
	}
	k := &Card{Kind: spec.Kind, Version: 1, Status: card.Ordered, Orderer: spec.Orderer, Company: c, spec: spec}
	if spec.Holder != 0 {
		k.Holder = account.Actor{Person: spec.Holder}.AsHolder()
	}
	var err error
	if k.ID, err = r.Store.Order(context.Background(), spec.Orderer, c.NewOrder(t, spec.Kind, spec.Holder)); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	way, ok := ways(spec.Kind)[spec.Status]
	if !ok {
		t.Fatalf("pgtest: no %s card is ever %s", spec.Kind, spec.Status)
	}
	for _, action := range way {
		k.Do(t, action)
	}
	if k.Status != spec.Status {
		t.Fatalf("pgtest: the card is %s, not %s", k.Status, spec.Status)
	}
	return k
}

// NewOrder is a whole order of a card for somebody of the register, or with nobody of a visitor card.
func (c *Company) NewOrder(t testing.TB, kind card.Kind, holder account.PersonID) card.NewOrder {
	t.Helper()
	o := card.NewOrder{Kind: kind, Language: "sv", Reference: "PO 17", DeliverTo: "Testbygge AB\nTestgatan 1\n123 45 Teststad"}
	if kind == card.Visitor {
		return o
	}
	const q = `SELECT p.identity_kind, p.identity_country, p.identity_number, p.given_name, p.family_name FROM persons p WHERE p.id = $1`
	var identityKind, country, number string
	err := c.Register.Owner.QueryRow(context.Background(), q, holder).Scan(&identityKind, &country, &number, &o.Name.Given, &o.Name.Family)
	if err != nil {
		t.Fatalf("pgtest: holder: %v", err)
	}
	o.Identity = account.StoredIdentity(identityKind, country, number)
	o.Citizenship, o.Email, o.Photo = "SE", "holder@company.example", c.NewPhoto(t)
	return o
}

// NewPhoto keeps a picture of the company; what it shows nobody looks at.
func (c *Company) NewPhoto(t testing.TB) card.PictureID {
	t.Helper()
	p := card.NewPicture{Purpose: "photo", JPEG: make([]byte, 200), Width: 70, Height: 90}
	id, err := c.Register.Store.AddPicture(context.Background(), c.Orderer, p)
	if err != nil {
		t.Fatalf("pgtest: photo: %v", err)
	}
	return id
}

// reasons are those that Do gives.
func reasons() map[card.Action]card.Reason {
	return map[card.Action]card.Reason{
		card.Reject: card.Photo, card.Decline: card.WrongData, card.Block: card.Lost, card.Terminate: card.Damaged,
	}
}

// Do takes an action as whoever takes it usually, with a reason that goes with it, and must succeed.
func (k *Card) Do(t testing.TB, action card.Action) {
	t.Helper()
	if err := k.Try(t, k.actor(action), action); err != nil {
		t.Fatalf("pgtest: %s: %v", action, err)
	}
}

func (k *Card) actor(action card.Action) account.Actor {
	switch action {
	case card.Review, card.Reject, card.Produce:
		return k.Company.Register.Issuer
	case card.Approve, card.Decline, card.Activate:
		return k.Holder
	case card.HandOver:
		return k.Company.Administrator
	}
	return k.Orderer
}

// Try takes an action as somebody, on the version of the card that the test last saw, by the store's method for it.
func (k *Card) Try(t testing.TB, by account.Actor, action card.Action) error {
	t.Helper()
	return k.TryFor(t, by, action, reasons()[action])
}

// TryFor is Try with another reason.
func (k *Card) TryFor(t testing.TB, by account.Actor, action card.Action, reason card.Reason) error {
	t.Helper()
	ctx, r := context.Background(), k.Company.Register
	var version int
	var err error
	switch action {
	case card.Produce:
		p := k.production(t)
		if version, err = r.Store.Produce(ctx, by, p); err == nil {
			k.Number = p.Number
		}
	case card.Correct:
		version, err = r.Store.Correct(ctx, by, k.ID, k.Version, k.Company.NewOrder(t, k.Kind, k.Holder.Person))
	case card.Activate:
		version, err = r.Store.Activate(ctx, by, k.ID, k.Version, card.Possession(k.LastSix()))
	default:
		do := card.Command{Card: k.ID, Version: k.Version, Action: action, Reason: reason}
		if action == card.HandOver {
			do.Successor = k.Company.OtherOrderer.Person
		}
		var done card.Acted
		done, err = r.Store.Act(ctx, by, do)
		version = done.Version
	}
	if err == nil {
		k.See(t)
		if k.Version != version {
			t.Fatalf("pgtest: %s returned version %d, the card has %d", action, version, k.Version)
		}
	}
	return err
}

func (k *Card) production(t testing.TB) card.Production {
	t.Helper()
	p := card.Production{Card: k.ID, Company: k.Company.ID, Version: k.Version, Number: k.spec.Number, ValidTo: k.spec.ValidTo}
	if p.Number == "" {
		n := k.Company.Register.next()
		p.Number = card.Number(fmt.Sprintf("TE-%04d-%06d", n/1_000_000, n%1_000_000))
	}
	if p.ValidTo.IsZero() {
		p.ValidTo = k.Company.Register.Today(t).AddDate(2, 0, 0)
	}
	if k.Kind == card.Standard {
		p.ChipUID = fmt.Sprintf("%014X", int64(k.ID))
	}
	return p
}

// LastSix are the digits that prove possession of the card; for a card without a number, those of none.
func (k *Card) LastSix() string {
	if k.Number == "" {
		return "000000"
	}
	return string(k.Number[len(k.Number)-6:])
}

// See reads the card's status and version again.
func (k *Card) See(t testing.TB) {
	t.Helper()
	const q = `SELECT c.status, c.version, coalesce(c.number, '') FROM cards c WHERE c.id = $1`
	if err := k.Company.Register.App.QueryRow(context.Background(), q, k.ID).Scan(&k.Status, &k.Version, &k.Number); err != nil {
		t.Fatalf("pgtest: see card %d: %v", k.ID, err)
	}
}
