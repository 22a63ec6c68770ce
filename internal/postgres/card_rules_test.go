package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// move is one row of the table of actions in the description of the product, written out here by hand: what the
// database says is judged against it.
type move struct {
	action card.Action
	from   []card.Status
	to     card.Status // empty: unchanged
	who    []account.Role
	reason card.Reason // one that goes with it
}

func movesOf(kind card.Kind) []move {
	const (
		ordered, reviewed, approved = card.Ordered, card.Reviewed, card.Approved
		rejected, cancelled         = card.Rejected, card.Cancelled
		produced, active, blocked   = card.Produced, card.Active, card.Blocked
		terminated                  = card.Terminated
	)
	type statuses = []card.Status
	type roles = []account.Role
	if kind == card.Visitor {
		return []move{
			{card.Order, statuses{none}, ordered, roles{account.Orderer}, card.NoReason},
			{card.Review, statuses{ordered}, reviewed, roles{account.Issuer}, card.NoReason},
			{card.Reject, statuses{ordered}, rejected, roles{account.Issuer}, card.Documents},
			{card.Approve, nil, approved, nil, card.NoReason},
			{card.Decline, nil, rejected, nil, card.WrongData},
			{card.Correct, statuses{ordered, reviewed, rejected}, ordered, roles{account.Orderer}, card.NoReason},
			{card.Cancel, statuses{ordered, reviewed, rejected}, cancelled, roles{account.Orderer}, card.NoReason},
			{card.Produce, statuses{reviewed}, produced, roles{account.Issuer}, card.NoReason},
			{card.Activate, nil, active, nil, card.NoReason},
			{card.Block, nil, blocked, nil, card.Lost},
			{card.Unblock, nil, active, nil, card.NoReason},
			{card.Terminate, statuses{produced}, terminated, roles{account.Orderer}, card.Mistake},
			{card.Supersede, nil, terminated, nil, card.Superseded},
			{card.HandOver, statuses{ordered, reviewed, rejected, produced}, "", roles{account.Administrator}, card.NoReason},
		}
	}
	return []move{
		{card.Order, statuses{none}, ordered, roles{account.Orderer}, card.NoReason},
		{card.Review, statuses{ordered}, reviewed, roles{account.Issuer}, card.NoReason},
		{card.Reject, statuses{ordered}, rejected, roles{account.Issuer}, card.Photo},
		{card.Approve, statuses{reviewed}, approved, roles{account.Holder}, card.NoReason},
		{card.Decline, statuses{reviewed}, rejected, roles{account.Holder}, card.WrongData},
		{card.Correct, statuses{ordered, reviewed, rejected}, ordered, roles{account.Orderer}, card.NoReason},
		{card.Cancel, statuses{ordered, reviewed, rejected, approved}, cancelled, roles{account.Orderer}, card.NoReason},
		{card.Produce, statuses{approved}, produced, roles{account.Issuer}, card.NoReason},
		{card.Activate, statuses{produced}, active, roles{account.Holder}, card.NoReason},
		{card.Block, statuses{active}, blocked, roles{account.Orderer, account.Holder}, card.Lost},
		{card.Unblock, statuses{blocked}, active, roles{account.Orderer}, card.NoReason},
		{card.Terminate, statuses{produced, active, blocked}, terminated, roles{account.Orderer}, card.Mistake},
		{card.Supersede, statuses{produced, active, blocked}, terminated, nil, card.Superseded}, // by the system alone
		{
			card.HandOver, statuses{ordered, reviewed, approved, rejected, produced, active, blocked}, "",
			roles{account.Administrator}, card.NoReason,
		},
	}
}

// somebody is a column of the matrix: a role, and whether the card is that person's affair.
type somebody struct {
	name  string
	actor account.Actor
	role  account.Role
	// guard is the rule that keeps this person off this card whatever the action; empty for those whose card it is.
	guard string
	// blind: the store does not even tell this person that there is a card.
	blind bool
}

func everybody(t *testing.T, r *pgtest.Register, k *pgtest.Card, stranger *pgtest.Company) []somebody {
	t.Helper()
	passerBy := account.Actor{Person: r.NewPerson(t, card.Name{Given: "Nora", Family: "Annan"})}.AsHolder()
	as := func(role account.Role) account.Actor {
		return account.Actor{Person: k.Company.Administrator.Person, Company: k.Company.ID, Roles: []account.Role{role}}
	}
	system := account.Actor{Company: k.Company.ID, Roles: []account.Role{account.System}}
	all := []somebody{
		{"administrator", k.Company.Administrator, account.Administrator, "", false},
		{"responsible orderer", k.Orderer, account.Orderer, "", false},
		{"another orderer", k.Company.OtherOrderer, account.Orderer, "card_events_responsible_orderer", false},
		{"administrator who says orderer", as(account.Orderer), account.Orderer, "card_events_member", false},
		{"holder of another card", passerBy, account.Holder, "card_events_own_card", true},
		{"issuer", r.Issuer, account.Issuer, "", false},
		{"somebody who says issuer", account.Actor{Person: passerBy.Person, Roles: []account.Role{account.Issuer}}, account.Issuer, "card_events_member", false},
		{"reader", as(account.Reader), account.Reader, "", true},
		{"system", system, account.System, "card_events_system_only", true},
		{"another company's administrator", stranger.Administrator, account.Administrator, "card_events_member", true},
		{"another company's orderer", stranger.Orderer, account.Orderer, "card_events_member", true},
	}
	if k.Kind == card.Standard {
		all = append(all, somebody{"holder", k.Holder, account.Holder, "", false})
	}
	return all
}

// broken are the rules that forbid a cell; none when it is allowed.
func (m move) broken(from card.Status, by somebody) []string {
	if by.role == account.System {
		return []string{by.guard} // it is looked at before anything else
	}
	var rules []string
	if !slices.Contains(m.from, from) {
		rules = append(rules, "card_events_transition")
	}
	if !slices.Contains(anyKind(m.action).who, by.role) {
		rules = append(rules, "card_events_permission")
	}
	if by.guard != "" {
		rules = append(rules, by.guard)
	}
	return rules
}

// anyKind is the move as the kind knows it that has it: a permission does not depend on the kind.
func anyKind(a card.Action) move {
	moves := movesOf(card.Standard)
	return moves[slices.IndexFunc(moves, func(m move) bool { return m.action == a })]
}

func (m move) after(from card.Status) card.Status {
	if m.to == "" {
		return from
	}
	return m.to
}

// forEachStatus runs a subtest for each kind and each status that its cards can have, in a company of its own.
func forEachStatus(t *testing.T, r *pgtest.Register, f func(t *testing.T, k *pgtest.Card, stranger *pgtest.Company)) {
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		for _, status := range pgtest.Statuses(kind) {
			t.Run(fmt.Sprintf("%s/%s", kind, status), func(t *testing.T) {
				t.Parallel()
				f(t, r.NewCompany(t).Card(t, pgtest.Spec{Kind: kind, Status: status}), r.NewCompany(t))
			})
		}
	}
}

func TestTheMatrixHasEveryAction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	want := value(t, db.AppURL, `SELECT string_agg(action, ' ' ORDER BY position) FROM card_actions`)
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		got := ""
		for _, m := range movesOf(kind) {
			got += " " + string(m.action)
		}
		if got != " "+want {
			t.Errorf("%s: the test knows%s, the database %s", kind, got, want)
		}
	}
	statuses := value(t, db.AppURL, `SELECT string_agg(status, ' ' ORDER BY position) FROM card_statuses`)
	got := string(none)
	for _, s := range pgtest.Statuses(card.Standard) {
		got += " " + string(s)
	}
	if got != statuses {
		t.Errorf("the test knows %s, the database %s", got, statuses)
	}
}

// Whatever SQL the application sends, the tables judge it.
func TestEveryMoveBySQL(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	forEachStatus(t, r, func(t *testing.T, k *pgtest.Card, stranger *pgtest.Company) {
		tx := begin(t, r.App)
		for _, m := range movesOf(k.Kind) {
			for _, by := range everybody(t, r, k, stranger) {
				judgeRaw(t, tx, k, m, by)
				judgeReasons(t, tx, k, m, by)
			}
		}
	})
}

func judgeRaw(t *testing.T, tx pgx.Tx, k *pgtest.Card, m move, by somebody) {
	t.Helper()
	broken := m.broken(k.Status, by)
	e := eventOn(k, m.action, m.after(k.Status), by.actor.Person, by.role, m.reason)
	if m.action == card.HandOver {
		e.Successor = k.Company.OtherOrderer.Person
	}
	var after card.Status
	var version int
	err := attempt(t, tx, func(tx pgx.Tx) error {
		if err := e.insert(t.Context(), tx); err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `SELECT status, version FROM cards WHERE id = $1`, k.ID).Scan(&after, &version)
	})
	allowed := len(broken) == 0
	switch rule := ruleOf(err); {
	// Nothing is produced without its data and activated without a PIN: these two have functions, tried below.
	case allowed && m.action == card.Produce:
		if rule != "cards_printed_when_produced" {
			t.Errorf("%s %s by %s: refused by %q, want cards_printed_when_produced", k.Status, m.action, by.name, rule)
		}
	case allowed && m.action == card.Activate:
		if rule != "card_events_activated_with_pin" {
			t.Errorf("%s %s by %s: refused by %q, want card_events_activated_with_pin", k.Status, m.action, by.name, rule)
		}
	case allowed && (rule != "" || after != m.after(k.Status) || version != k.Version+1):
		t.Errorf("%s %s by %s: refused by %q, %s version %d; want %s version %d",
			k.Status, m.action, by.name, rule, after, version, m.after(k.Status), k.Version+1)
	case !allowed && !slices.Contains(broken, rule):
		t.Errorf("%s %s by %s: refused by %q, want one of %v", k.Status, m.action, by.name, rule, broken)
	}
}

// reasonsOf are the reasons of each action, written out here by hand as well; an action that is not here takes none.
func reasonsOf(a card.Action) []card.Reason {
	return map[card.Action][]card.Reason{
		card.Reject:  {card.Photo, card.Documents, card.WrongData, card.NotEmployed, card.Other},
		card.Decline: {card.WrongData, card.Photo, card.NotEmployed, card.Other},
		card.Cancel:  {card.NoReason, card.NotEmployed, card.WrongData, card.Mistake, card.Other},
		card.Block: {
			card.Lost, card.Stolen, card.Leave, card.NotInUse, card.EmploymentEnded, card.Damaged, card.WrongData, card.Mistake, card.Other,
		},
		card.Unblock:   {card.NoReason, card.Found, card.BackInUse, card.Mistake, card.Other},
		card.Terminate: {card.EmploymentEnded, card.Lost, card.Stolen, card.Damaged, card.NotInUse, card.WrongData, card.Mistake, card.Other},
		card.HandOver:  {card.NoReason, card.EmploymentEnded, card.Leave, card.Other},
	}[a]
}

// judgeReasons tries a move that the person may make with every reason: those that go with it are taken, no other.
func judgeReasons(t *testing.T, tx pgx.Tx, k *pgtest.Card, m move, by somebody) {
	t.Helper()
	if len(m.broken(k.Status, by)) > 0 || m.action == card.Produce || m.action == card.Activate { // whose functions take none
		return
	}
	own := reasonsOf(m.action)
	if own == nil {
		own = []card.Reason{card.NoReason}
	}
	for _, reason := range []card.Reason{
		card.NoReason, card.Lost, card.Stolen, card.Damaged, card.EmploymentEnded, card.Leave, card.NotInUse, card.WrongData, card.Found, card.BackInUse,
		card.Mistake, card.Superseded, card.Reclaimed, card.Expires, card.Photo, card.Documents, card.NotEmployed, card.Other, "", "LOST", "burnt",
	} {
		e := eventOn(k, m.action, m.after(k.Status), by.actor.Person, by.role, reason)
		e.Note = "därför"
		if m.action == card.HandOver {
			e.Successor = k.Company.OtherOrderer.Person
		}
		want := "card_events_reason"
		if slices.Contains(own, reason) {
			want = ""
		}
		if rule := ruleOf(attempt(t, tx, inserting(e))); rule != want {
			t.Errorf("%s %s by %s because of %q: refused by %q, want %q", k.Status, m.action, by.name, reason, rule, want)
		}
	}
}

// An action leads where the table says, and nowhere else.
func TestNoMoveLeadsElsewhere(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	forEachStatus(t, r, func(t *testing.T, k *pgtest.Card, stranger *pgtest.Company) {
		tx := begin(t, r.App)
		for _, m := range movesOf(k.Kind) {
			for _, by := range everybody(t, r, k, stranger) {
				if len(m.broken(k.Status, by)) > 0 {
					continue
				}
				for _, to := range append(pgtest.Statuses(card.Standard), none) {
					if to == m.after(k.Status) {
						continue // TestEveryMoveBySQL
					}
					e := eventOn(k, m.action, to, by.actor.Person, by.role, m.reason)
					if m.action == card.HandOver {
						e.Successor = k.Company.OtherOrderer.Person
					}
					err := attempt(t, tx, func(tx pgx.Tx) error { return e.insert(t.Context(), tx) })
					if rule := ruleOf(err); rule != "card_events_transition" {
						t.Errorf("%s %s to %s by %s: refused by %q", k.Status, m.action, to, by.name, rule)
					}
				}
			}
		}
	})
}

// The first event of a card is its order, by whoever is responsible for it.
func TestEveryFirstMoveBySQL(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c, stranger := r.NewCompany(t), r.NewCompany(t)
			k := &pgtest.Card{Kind: kind, Status: none, Orderer: c.Orderer, Company: c}
			if kind == card.Standard {
				k.Holder = account.Actor{Person: r.NewPerson(t, card.Name{Given: "Hugo", Family: "Håkansson"})}.AsHolder()
			}
			tx := begin(t, r.App)
			const insert = `INSERT INTO cards (company_id, kind, person_id, ordered_by) VALUES ($1, $2, nullif($3, 0::bigint), $4) RETURNING id`
			if err := tx.QueryRow(t.Context(), insert, c.ID, kind, k.Holder.Person, c.Orderer.Person).Scan(&k.ID); err != nil {
				t.Fatal(err)
			}
			for _, m := range movesOf(kind) {
				for _, by := range everybody(t, r, k, stranger) {
					judgeRaw(t, tx, k, m, by)
					judgeReasons(t, tx, k, m, by)
				}
			}
			// A card without an event is none at all.
			err := attempt(t, tx, func(tx pgx.Tx) error { return nil })
			if rule := ruleOf(err); rule != "cards_status_of_last_event" {
				t.Errorf("a card without events: refused by %q", rule)
			}
		})
	}
}

// The two moves that have functions, by everybody who may call them: whom the function takes the event for is its own matter.
func TestProduceAndActivateBySQL(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	forEachStatus(t, r, func(t *testing.T, k *pgtest.Card, stranger *pgtest.Company) {
		tx := begin(t, r.App)
		moves := movesOf(k.Kind)
		find := func(a card.Action) move {
			return moves[slices.IndexFunc(moves, func(m move) bool { return m.action == a })]
		}
		for _, by := range everybody(t, r, k, stranger) {
			if by.actor.Person == 0 {
				continue
			}
			judgeFunction(t, tx, k, find(card.Produce), by, account.Issuer, func(tx pgx.Tx) (v *int, err error) {
				const q = `SELECT produce_card($1, $2, $3, $4, $5, $6, today() + 1)`
				var chip *string
				if k.Kind == card.Standard {
					chip = new(string)
					*chip = "04A1B2C3D4E5F6"
				}
				err = tx.QueryRow(t.Context(), q, k.ID, k.Version, k.Company.ID, by.actor.Person, fmt.Sprintf("MX-0000-%06d", k.ID), chip).Scan(&v)
				return v, err
			})
			judgeFunction(t, tx, k, find(card.Activate), by, account.Holder, func(tx pgx.Tx) (v *int, err error) {
				const q = `SELECT (activate_card($1, $2, $3, $4, 1, decode(repeat('00', 49), 'hex'))).version`
				err = tx.QueryRow(t.Context(), q, k.ID, k.Version, by.actor.Person, k.LastSix()).Scan(&v)
				return v, err
			})
		}
	})
}

func judgeFunction(t *testing.T, tx pgx.Tx, k *pgtest.Card, m move, by somebody, role account.Role, call func(pgx.Tx) (*int, error)) {
	t.Helper()
	var broken []string
	if !slices.Contains(m.from, k.Status) {
		broken = append(broken, "card_events_transition")
	}
	if by.name != string(role) {
		if role == account.Holder {
			broken = []string{"no such card"} // whose it is comes first
		} else {
			broken = append(broken, "card_events_member")
		}
	}
	var v *int
	var after card.Status
	err := attempt(t, tx, func(tx pgx.Tx) (err error) {
		if v, err = call(tx); err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `SELECT status FROM cards WHERE id = $1`, k.ID).Scan(&after)
	})
	rule := ruleOf(err)
	if err == nil && v == nil {
		rule = "no such card"
	}
	switch {
	case len(broken) == 0 && (rule != "" || after != m.to || *v != k.Version+1):
		t.Errorf("%s %s by %s: refused by %q, now %s; want %s", k.Status, m.action, by.name, rule, after, m.to)
	case len(broken) > 0 && !slices.Contains(broken, rule):
		t.Errorf("%s %s by %s: refused by %q, want one of %v", k.Status, m.action, by.name, rule, broken)
	}
}

// The same matrix through the store, which adds that strangers learn nothing.
func TestEveryMoveByTheStore(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	forEachStatus(t, r, func(t *testing.T, k *pgtest.Card, stranger *pgtest.Company) {
		status := k.Status
		for _, m := range movesOf(k.Kind) {
			if m.action == card.Order {
				continue // TestOrderByTheStore
			}
			people := everybody(t, r, k, stranger)
			for i := range people {
				by := people[i]
				broken := m.broken(status, by)
				err := k.TryFor(t, by.actor, m.action, m.reason)
				if len(broken) == 0 {
					if err != nil || k.Status != m.after(status) {
						t.Errorf("%s %s by %s: %v, now %s; want %s", status, m.action, by.name, err, k.Status, m.after(status))
					}
					k = k.Company.Card(t, pgtest.Spec{Kind: k.Kind, Status: status})
					people = everybody(t, r, k, stranger)
					continue
				}
				if want := storeAnswer(m, by); !errors.Is(err, want) {
					t.Errorf("%s %s by %s: %v, want %v", status, m.action, by.name, err, want)
				}
				if rule := ruleOf(err); errors.Is(err, card.ErrNotAllowed) && !slices.Contains(broken, rule) {
					t.Errorf("%s %s by %s: refused by %q, want one of %v", status, m.action, by.name, rule, broken)
				}
			}
		}
		before := *k
		if k.See(t); k.Status != before.Status || k.Version != before.Version {
			t.Errorf("after refusals the card is %s version %d, was %s version %d", k.Status, k.Version, before.Status, before.Version)
		}
	})
}

// storeAnswer is how the store refuses. Produce and Activate are methods for one role alone.
func storeAnswer(m move, by somebody) error {
	switch {
	case by.blind,
		m.action == card.Produce && by.role != account.Issuer,
		m.action == card.Activate && by.name != "holder":
		return card.ErrNotFound
	}
	return card.ErrNotAllowed
}

func TestOrderByTheStore(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	forged := stranger.Orderer
	forged.Company = c.ID
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		for _, by := range []struct {
			name  string
			actor account.Actor
			want  error
			rule  string
		}{
			{"orderer", c.Orderer, nil, ""},
			{"another orderer", c.OtherOrderer, nil, ""},
			{"another company's orderer, there", stranger.Orderer, nil, ""},
			{"administrator", c.Administrator, card.ErrNotAllowed, "card_events_member"},
			{"another company's orderer, here", forged, card.ErrNotAllowed, "card_events_member"},
			{"issuer", r.Issuer, card.ErrNotFound, ""},
			{"holder", account.Actor{Person: c.Orderer.Person}.AsHolder(), card.ErrNotFound, ""},
		} {
			at := c
			if by.actor.Company == stranger.ID {
				at = stranger
			}
			var holder account.PersonID
			if kind == card.Standard {
				holder = r.NewPerson(t, card.Name{Given: "Olle", Family: "Ödman"})
			}
			o := at.NewOrder(t, kind, holder)
			id, err := r.Store.Order(context.Background(), by.actor, o)
			if !errors.Is(err, by.want) || errors.Is(by.want, card.ErrNotAllowed) && ruleOf(err) != by.rule {
				t.Errorf("%s by %s: %v, want %v by %q", kind, by.name, err, by.want, by.rule)
			}
			if err == nil {
				var company account.CompanyID
				var status card.Status
				const q = `SELECT company_id, status FROM cards WHERE id = $1`
				if err := r.App.QueryRow(t.Context(), q, id).Scan(&company, &status); err != nil {
					t.Fatal(err)
				}
				if company != by.actor.Company || status != card.Ordered {
					t.Errorf("%s by %s: %s in company %d", kind, by.name, status, company)
				}
			}
		}
	}
}
