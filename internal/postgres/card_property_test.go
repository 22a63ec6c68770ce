package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// modelCard is what a small model of our own knows of a card.
type modelCard struct {
	id      card.ID
	kind    card.Kind
	status  card.Status
	version int
	holder  account.PersonID
	orderer account.PersonID
	validTo int         // the day, counted from the start
	number  card.Number // empty before production
	events  []card.Action
}

// model is one company, on some day.
type model struct {
	t       *testing.T
	r       *pgtest.Register
	c       *pgtest.Company
	start   time.Time
	today   int
	unpaid  []int64
	cards   []*modelCard
	holders []account.PersonID
	numbers int
	taken   map[card.Action]int // how often each action was, in all lives
}

// newModel begins at noon, so that whole days later it is always about noon.
func newModel(t *testing.T, rt *rapid.T, r *pgtest.Register, taken map[card.Action]int) *model {
	if _, err := r.Owner.Exec(t.Context(), `UPDATE clock SET moved_by = '0'`); err != nil {
		rt.Fatal(err)
	}
	atNoon(t, r)
	m := &model{t: t, r: r, c: r.NewCompany(t), start: r.Today(t), taken: taken}
	for range 2 {
		m.holders = append(m.holders, r.NewPerson(t, card.Name{Given: "Maja", Family: "Modell"}))
	}
	// The first holder begins with a card in use and the next one in the post.
	way := []card.Action{card.Order, card.Review, card.Approve, card.Produce, card.Activate}
	const days = 500
	for _, status := range []card.Status{card.Active, card.Produced} {
		made := m.c.Card(t, pgtest.Spec{Status: status, Holder: m.holders[0], ValidTo: m.start.AddDate(0, 0, days)})
		m.cards = append(m.cards, &modelCard{
			id: made.ID, kind: made.Kind, status: status, version: made.Version, holder: m.holders[0], orderer: m.c.Orderer.Person,
			validTo: days, number: made.Number, events: slices.Clone(way[:made.Version]),
		})
	}
	return m
}

func (m *model) actors() []account.Actor {
	return []account.Actor{
		m.c.Orderer, m.c.OtherOrderer, m.c.Administrator, m.r.Issuer, {Person: m.holders[0], Roles: []account.Role{account.Holder}},
		{Person: m.holders[1], Roles: []account.Role{account.Holder}},
	}
}

func (k *modelCard) expired(today int) bool {
	made := k.status == card.Produced || k.status == card.Active || k.status == card.Blocked
	return made && k.validTo < today
}

func (m *model) effective(k *modelCard) card.Status {
	switch {
	case k.expired(m.today):
		return card.Expired
	case k.status == card.Active && len(m.unpaid) > 0:
		return card.Suspended
	}
	return k.status
}

// allows says whether the rules let somebody do it, whatever version was seen.
func (m *model) allows(k *modelCard, a card.Action, by account.Actor) bool {
	moves := movesOf(k.kind)
	mv := moves[slices.IndexFunc(moves, func(mv move) bool { return mv.action == a })]
	role := by.Roles[0]
	if !slices.Contains(mv.from, k.status) || !slices.Contains(mv.who, role) || role == account.Orderer && k.orderer != by.Person {
		return false
	}
	if a != card.Activate && a != card.Unblock {
		return true
	}
	newerActive := slices.ContainsFunc(m.cards, func(n *modelCard) bool { return n.holder == k.holder && n.status == card.Active && n.id > k.id })
	return !k.expired(m.today) && !newerActive
}

func (m *model) apply(k *modelCard, a card.Action) {
	moves := movesOf(k.kind)
	mv := moves[slices.IndexFunc(moves, func(mv move) bool { return mv.action == a })]
	k.status, k.version, k.events = mv.after(k.status), k.version+1, append(k.events, a)
	m.taken[a]++
	if a != card.Activate {
		return
	}
	for _, o := range m.cards {
		if o.holder == k.holder && o.id < k.id && (o.status == card.Produced || o.status == card.Active || o.status == card.Blocked) {
			o.status, o.version, o.events = card.Terminated, o.version+1, append(o.events, card.Supersede)
			m.taken[card.Supersede]++
		}
	}
}

// sees: those of the company and the issuer see all its cards, a holder his or her own.
func (m *model) sees(k *modelCard, by account.Actor) bool {
	return by.Roles[0] != account.Holder || k.holder == by.Person
}

func (m *model) order(rt *rapid.T) {
	by := rapid.SampledFrom([]account.Actor{m.c.Orderer, m.c.OtherOrderer}).Draw(rt, "orderer")
	k := &modelCard{kind: rapid.SampledFrom([]card.Kind{card.Standard, card.Standard, card.Visitor}).Draw(rt, "kind"), status: card.Ordered, version: 1, orderer: by.Person,
		events: []card.Action{card.Order}}
	if k.kind == card.Standard {
		k.holder = rapid.SampledFrom(m.holders).Draw(rt, "holder")
	}
	openOrder := k.holder != 0 && slices.ContainsFunc(m.cards, func(o *modelCard) bool {
		return o.holder == k.holder && slices.Contains([]card.Status{card.Ordered, card.Reviewed, card.Approved, card.Rejected}, o.status)
	})
	id, err := m.r.Store.Order(m.t.Context(), by, m.c.NewOrder(m.t, k.kind, k.holder))
	switch {
	case openOrder && !errors.Is(err, card.ErrOpenOrder):
		rt.Fatalf("a second order: %v", err)
	case !openOrder && err != nil:
		rt.Fatalf("order: %v", err)
	case err == nil:
		k.id = id
		m.cards = append(m.cards, k)
	}
}

// possible draws something that the rules allow now, if there is anything; onwards without the ends of a life.
func (m *model) possible(rt *rapid.T, k *modelCard, onwards bool, by account.Actor, actions []card.Action) (account.Actor, []card.Action) {
	type deed struct {
		by     account.Actor
		action card.Action
	}
	var deeds []deed
	for _, a := range actions {
		back := a == card.Correct && k.status != card.Rejected
		if onwards && (back || slices.Contains([]card.Action{card.Cancel, card.Reject, card.Decline, card.Terminate, card.HandOver}, a)) {
			continue
		}
		for _, candidate := range m.actors() {
			if m.allows(k, a, candidate) && m.sees(k, candidate) {
				deeds = append(deeds, deed{candidate, a})
			}
		}
	}
	if len(deeds) == 0 {
		return by, actions
	}
	d := deeds[rapid.IntRange(0, 1000).Draw(rt, "deed")%len(deeds)]
	return d.by, []card.Action{d.action}
}

func (m *model) act(rt *rapid.T) {
	k := rapid.SampledFrom(m.cards).Draw(rt, "card")
	by := rapid.SampledFrom(m.actors()).Draw(rt, "actor")
	actions := []card.Action{
		card.Review, card.Reject, card.Approve, card.Decline, card.Correct, card.Cancel, card.Produce, card.Activate, card.Block, card.Unblock, card.Terminate, card.HandOver,
	}
	// Most steps lead on: chance alone would seldom find one that is allowed, and then mostly the end of an order.
	if way := rapid.SampledFrom([]string{"onwards", "onwards", "any", "allowed", "onwards"}).Draw(rt, "way"); way != "any" {
		by, actions = m.possible(rt, k, way == "onwards", by, actions)
	}
	a := rapid.SampledFrom(actions).Draw(rt, "action")
	version := k.version
	if k.version > 1 && rapid.IntRange(0, 5).Draw(rt, "stale") == 0 {
		version = rapid.IntRange(1, k.version-1).Draw(rt, "version")
	}
	successor := m.c.Orderer.Person
	if k.orderer == successor {
		successor = m.c.OtherOrderer.Person
	}
	validTo := m.today + rapid.IntRange(0, 700).Draw(rt, "days")
	moves := movesOf(k.kind)
	reason := moves[slices.IndexFunc(moves, func(mv move) bool { return mv.action == a })].reason

	var got int
	var err error
	ctx := m.t.Context()
	var want error
	switch a {
	case card.Produce:
		m.numbers++
		p := card.Production{
			Card: k.id, Company: m.c.ID, Version: version, ValidTo: m.start.AddDate(0, 0, validTo),
			Number: card.Number(fmt.Sprintf("MO-%04d-%06d", m.c.ID%10_000, m.numbers)),
		}
		if k.kind == card.Standard {
			p.ChipUID = "04A1B2C3D4E5F6"
		}
		if by.Roles[0] != account.Issuer {
			want = card.ErrNotFound
		}
		if got, err = m.r.Store.Produce(ctx, by, p); err == nil {
			k.number = p.Number
		}
	case card.Activate:
		if by.Person != k.holder {
			want = card.ErrNotFound
		}
		got, err = m.r.Store.Activate(ctx, by, k.id, version, card.Possession(k.number))
	default:
		do := card.Command{Card: k.id, Version: version, Action: a, Reason: reason}
		if a == card.HandOver {
			do.Successor = successor
		}
		var done card.Acted
		done, err = m.r.Store.Act(ctx, by, do)
		got = done.Version
	}
	switch {
	case want != nil:
	case !m.sees(k, by):
		want = card.ErrNotFound
	case version != k.version:
		want = card.ErrStale
	case !m.allows(k, a, by):
		want = card.ErrNotAllowed
	}
	if !errors.Is(err, want) {
		rt.Fatalf("%s of card %d (%s) by %v: %v, the model says %v", a, k.id, k.status, by.Roles, err, want)
	}
	if err != nil {
		return
	}
	m.apply(k, a)
	switch a {
	case card.HandOver:
		k.orderer = successor
	case card.Produce:
		k.validTo = validTo
	}
	if got != k.version {
		rt.Fatalf("%s returned version %d, the model has %d", a, got, k.version)
	}
}

func (m *model) pass(rt *rapid.T) {
	days := rapid.IntRange(1, 200).Draw(rt, "days")
	m.today += days
	m.r.MoveClock(m.t, time.Duration(days)*24*time.Hour)
}

func (m *model) invoice(rt *rapid.T) {
	if len(m.unpaid) > 0 {
		m.r.Pay(m.t, m.unpaid[0])
		m.unpaid = m.unpaid[1:]
		return
	}
	m.unpaid = append(m.unpaid, m.c.Suspend(m.t))
}

// agree compares one card with its page: what it is, and what may be done.
func (m *model) agree(rt *rapid.T) {
	k := rapid.SampledFrom(m.cards).Draw(rt, "looked at")
	by := rapid.SampledFrom(m.actors()).Draw(rt, "by")
	c, err := m.r.Store.Card(m.t.Context(), by, k.id)
	if !m.sees(k, by) {
		if !errors.Is(err, card.ErrNotFound) {
			rt.Fatalf("card %d is seen by %v: %v", k.id, by.Roles, err)
		}
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	works := k.status == card.Active && m.effective(k) == card.Active && k.kind == card.Standard
	billed := (k.status == card.Active || k.status == card.Produced) && !k.expired(m.today)
	orderer := texts(m.t, m.r.Owner, `SELECT c.orderer_id::text FROM cards c WHERE c.id = $1`, k.id)[0]
	if c.Status != k.status || c.Version != k.version || c.Effective != m.effective(k) || c.Works != works || c.Billed != billed || orderer != fmt.Sprint(k.orderer) {
		rt.Fatalf("card %d is %s/%s version %d, works %t, billed %t, of orderer %s; the model says %s/%s version %d, works %t, billed %t, of orderer %d",
			k.id, c.Status, c.Effective, c.Version, c.Works, c.Billed, orderer, k.status, m.effective(k), k.version, works, billed, k.orderer)
	}
	var events []card.Action
	for _, e := range c.Events {
		events = append(events, e.Action)
	}
	if !slices.Equal(events, k.events) {
		rt.Fatalf("card %d has the history %v, the model %v", k.id, events, k.events)
	}
	for _, choice := range c.Choices {
		if !slices.Contains(by.Roles, choice.Role) {
			continue // what an administrator reads about orderers
		}
		if choice.Open() != m.allows(k, choice.Action, by) {
			rt.Fatalf("%s of card %d (%s) by %v: the page says open %t (%s), the model %t",
				choice.Action, k.id, k.status, by.Roles, choice.Open(), choice.Refusal, m.allows(k, choice.Action, by))
		}
	}
}

// Whatever people do in whatever order, the register is what the model says.
func TestRandomLives(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	taken := map[card.Action]int{}
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t, rt, r, taken)
		steps := []func(*rapid.T){m.act, m.act, m.act, m.act, m.order, m.pass, m.invoice}
		for range rapid.IntRange(8, 25).Draw(rt, "steps") {
			steps[rapid.IntRange(0, 1000).Draw(rt, "step")%len(steps)](rt)
			m.agree(rt)
		}
		for _, holder := range m.holders {
			const q = `SELECT count(*) FROM cards WHERE company_id = $1 AND person_id = $2 AND status = 'active'`
			var n int
			if err := r.App.QueryRow(t.Context(), q, m.c.ID, holder).Scan(&n); err != nil || n > 1 {
				rt.Fatalf("%d active cards of one person: %v", n, err)
			}
		}
	})
	for _, a := range []card.Action{card.Review, card.Activate, card.Block, card.Unblock, card.Terminate, card.Supersede, card.HandOver} {
		if taken[a] == 0 {
			t.Errorf("no life ever came to %s: %v", a, taken)
		}
	}
	t.Logf("taken: %v", taken)
}
