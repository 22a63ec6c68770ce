package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// newMember is somebody of the register's own making, to be invited.
func newMember(n int, roles ...account.Role) account.NewMember {
	return account.NewMember{
		Identity: account.StoredIdentity("passport", "XX", fmt.Sprintf("NEW%d", n)), Given: "Nora", Family: "Ny",
		Email: account.Email(fmt.Sprintf("nora%d@company.example", n)), Language: "en", Roles: roles,
	}
}

func userOf(t *testing.T, r *pgtest.Register, by account.Actor, person account.PersonID) account.User {
	t.Helper()
	u, _, err := r.Store.User(t.Context(), by, person)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestInviteUser(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	invite := newMember(1, account.Orderer, account.Administrator)
	nora, err := r.Store.InviteUser(t.Context(), c.Administrator, invite)
	if err != nil {
		t.Fatal(err)
	}
	u := userOf(t, r, c.Administrator, nora)
	if u.Full() != "Nora Ny" || u.Identity != "XX ****" || u.LogIn != account.LogInInvited || u.Invited.Email != invite.Email || u.Invited.State != "waiting" ||
		cmp.Diff(u.Roles, []account.Role{account.Administrator, account.Orderer}) != "" {
		t.Errorf("invited: %+v", u)
	}
	if got := texts(t, r.Owner, `SELECT template || ' ' || email || ' ' || language || ' ' || (data ->> 'company') FROM messages WHERE person_id = $1`, nora); len(got) != 1 || got[0] != "invitation "+string(invite.Email)+" en "+c.Name {
		t.Errorf("mails %q", got)
	}
	// The same person written another way is the same person, here; in another company it is just somebody to invite.
	again := invite
	again.Given, again.Email = "Eleonora", "eleonora@company.example"
	if same, err := r.Store.InviteUser(t.Context(), c.Administrator, again); !errors.Is(err, account.ErrWorksHere) || same != nora {
		t.Errorf("again: %d, %v; want %d, ErrWorksHere", same, err, nora)
	}
	if same, err := r.Store.InviteUser(t.Context(), other.Administrator, again); err != nil || same != nora {
		t.Errorf("elsewhere: %d, %v", same, err)
	}
	if u := userOf(t, r, other.Administrator, nora); u.Full() != "Nora Ny" || u.Invited.Email != again.Email {
		t.Errorf("elsewhere: %+v", u)
	}
	if u := userOf(t, r, c.Administrator, nora); u.Invited.Email != invite.Email {
		t.Errorf("what another company sent is told here: %+v", u.Invited)
	}

	// Who logs in already is taken in at once, and told at the log-in's address.
	person, email := r.NewLogin(t)
	const identity = `SELECT identity_number FROM persons WHERE id = $1`
	known := newMember(2, account.Orderer)
	known.Identity = account.StoredIdentity("passport", "XX", texts(t, r.Owner, identity, person)[0])
	if id, err := r.Store.InviteUser(t.Context(), c.Administrator, known); err != nil || id != person {
		t.Fatalf("with a log-in: %d, %v", id, err)
	}
	if u := userOf(t, r, c.Administrator, person); u.LogIn != account.LogInOpen || u.Invited != (account.Invited{}) {
		t.Errorf("with a log-in: %+v", u)
	}
	if got := texts(t, r.Owner, `SELECT template || ' ' || email FROM messages WHERE person_id = $1`, person); len(got) != 1 || got[0] != "joined_company "+string(email) {
		t.Errorf("mails %q", got)
	}
	taken := newMember(3, account.Orderer)
	taken.Email = email
	if _, err := r.Store.InviteUser(t.Context(), c.Administrator, taken); !errors.Is(err, account.ErrTaken) {
		t.Errorf("somebody else's address: %v", err)
	}
	taken.Email = "free@company.example"
	if _, err := r.Store.InviteUser(t.Context(), c.Administrator, taken); err != nil {
		t.Errorf("a free address: %v", err)
	}
}

func TestInviteAgain(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	nora, err := r.Store.InviteUser(t.Context(), c.Administrator, newMember(1, account.Orderer))
	if err != nil {
		t.Fatal(err)
	}
	again := func(email account.Email) error { return r.Store.InviteAgain(t.Context(), c.Administrator, nora, email) }
	if err := again("right@company.example"); !errors.Is(err, card.ErrTooOften) {
		t.Errorf("at once: %v", err)
	}
	r.MoveClock(t, 61*time.Minute)
	_, email := r.NewLogin(t)
	if err := again(email); !errors.Is(err, account.ErrTaken) {
		t.Errorf("somebody else's address: %v", err)
	}
	results := atOnce(8, func(int) error { return again("right@company.example") })
	sent := 0
	for _, err := range results {
		if err == nil {
			sent++
		} else if !errors.Is(err, card.ErrTooOften) {
			t.Errorf("at the same moment: %v", err)
		}
	}
	if u := userOf(t, r, c.Administrator, nora); sent != 1 || u.Invited.Email != "right@company.example" {
		t.Errorf("%d sent, %+v", sent, u.Invited)
	}
	logInAs(t, r, nora, "nora@company.example", "sv")
	r.MoveClock(t, 3*time.Hour)
	if err := again("right@company.example"); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("with a log-in: %v", err)
	}
}

func TestRolesAreGivenAndTaken(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	who := c.OtherOrderer.Person
	for _, step := range []struct {
		do    func() error
		roles string
	}{
		{func() error { return r.Store.GiveRole(t.Context(), c.Administrator, who, account.Administrator) }, "[administrator orderer]"},
		{func() error { return r.Store.GiveRole(t.Context(), c.Administrator, who, account.Administrator) }, "[administrator orderer]"},
		{func() error { return r.Store.TakeRole(t.Context(), c.Administrator, who, account.Orderer) }, "[administrator]"},
		{func() error { return r.Store.TakeRole(t.Context(), c.Administrator, who, account.Orderer) }, "[administrator]"},
		{func() error { return r.Store.GiveRole(t.Context(), c.Administrator, who, account.Orderer) }, "[administrator orderer]"},
		{func() error { return r.Store.RemoveUser(t.Context(), c.Administrator, who) }, "[]"},
		{func() error { return r.Store.GiveRole(t.Context(), c.Administrator, who, account.Orderer) }, "[orderer]"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if u := userOf(t, r, c.Administrator, who); fmt.Sprint(u.Roles) != step.roles {
			t.Errorf("roles %v, want %s", u.Roles, step.roles)
		}
	}
	_, changes, err := r.Store.User(t.Context(), c.Administrator, who)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range changes {
		got = append(got, fmt.Sprintf("%s %t %s", h.Role, h.Begun, h.By))
	}
	const ada = "Ada Administratör"
	want := []string{
		"orderer true " + ada, "orderer false " + ada, "administrator false " + ada, "orderer true " + ada, "orderer false " + ada,
		"administrator true " + ada, "orderer true ",
	}
	if diff := cmp.Diff(want[3:], got[3:]); diff != "" || len(got) != len(want) {
		t.Errorf("history %q: %s", got, diff)
	}
	// Nobody is taken in by number of the register: who is invited is known by identity.
	if err := r.Store.GiveRole(t.Context(), c.Administrator, other.Orderer.Person, account.Orderer); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("somebody of another company: %v", err)
	}
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, other.Orderer.Person); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("somebody of another company is removed: %v", err)
	}
	// Who is administrator no more changes nothing, whatever the session says.
	former := c.NewMember(t, card.Name{Given: "Frida", Family: "Före"}, account.Administrator)
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, former.Person); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.TakeRole(t.Context(), former, who, account.Orderer); ruleOf(err) != "membership_events_by_administrator" {
		t.Errorf("by a former administrator: %v", err)
	}
	if err := r.Store.TakeRole(t.Context(), c.Administrator, who, account.Orderer); err != nil {
		t.Errorf("by an administrator: %v", err)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, c.Administrator.Person); ruleOf(err) != "memberships_last_administrator" || !errors.Is(err, account.ErrLastAdministrator) {
		t.Errorf("the only one: %v", err)
	}
	second := c.NewMember(t, card.Name{Given: "Alva", Family: "Administratör"}, account.Administrator)
	// Who was only invited does not stand in for somebody who can log in.
	logInAs(t, r, c.Administrator.Person, "ada@company.example", "sv")
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, c.Administrator.Person); ruleOf(err) != "memberships_last_administrator" {
		t.Errorf("the only one with a log-in: %v", err)
	}
	logInAs(t, r, second.Person, "alva@company.example", "sv")
	if err := r.Store.RemoveUser(t.Context(), c.Administrator, c.Administrator.Person); err != nil {
		t.Errorf("one of two: %v", err)
	}
}

// Each removes the next, all at the same moment: one is left.
func TestAdministratorsRemoveEachOther(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	s := wide(t, r, atOneTime)
	for _, n := range []int{2, 2, 2, atOneTime} {
		c := r.NewCompany(t)
		all := []account.Actor{c.Administrator}
		for len(all) < n {
			all = append(all, c.NewMember(t, card.Name{Given: "Alva", Family: "Administratör"}, account.Administrator))
		}
		won := 0
		for _, err := range atOnce(n, func(i int) error { return s.RemoveUser(t.Context(), all[i], all[(i+1)%n].Person) }) {
			switch rule := ruleOf(err); {
			case err == nil:
				won++
			case rule != "memberships_last_administrator" && rule != "membership_events_by_administrator":
				t.Errorf("of %d: %v", n, err)
			}
		}
		const left = `SELECT count(*) FROM memberships WHERE company_id = $1 AND role = 'administrator' AND ended_at IS NULL`
		var stay int
		if err := r.Owner.QueryRow(t.Context(), left, c.ID).Scan(&stay); err != nil || stay < 1 || won != n-stay || n == 2 && won != 1 {
			t.Errorf("of %d administrators %d were removed and %d stay, %v", n, won, stay, err)
		}
	}
}

func TestAnOrdererWithCardsStays(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	for name, end := range map[string]func() error{
		"role":     func() error { return r.Store.TakeRole(t.Context(), c.Administrator, c.Orderer.Person, account.Orderer) },
		"all":      func() error { return r.Store.RemoveUser(t.Context(), c.Administrator, c.Orderer.Person) },
		"operator": func() error { return r.Store.EndRole(t.Context(), c.Orderer.Person, c.ID, account.Orderer) },
	} {
		if err := end(); ruleOf(err) != "memberships_orderer_has_cards" || !errors.Is(err, account.ErrHasCards) {
			t.Errorf("%s: %v", name, err)
		}
	}
	k.Do(t, card.Terminate)
	if err := r.Store.TakeRole(t.Context(), c.Administrator, c.Orderer.Person, account.Orderer); err != nil {
		t.Errorf("when the card is at an end: %v", err)
	}
}

// An order made at the moment in which the orderer's role ends either comes before it, and keeps it, or is refused.
func TestAnOrderAgainstTheEndOfTheRole(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	s := wide(t, r, atOneTime)
	for range 12 {
		bo := c.NewMember(t, card.Name{Given: "Bo", Family: "Beställare"}, account.Orderer)
		results := atOnce(4, func(i int) error {
			if i == 0 {
				return s.RemoveUser(t.Context(), c.Administrator, bo.Person)
			}
			_, err := s.OrderVisitorCards(t.Context(), bo, card.NewOrder{Kind: card.Visitor, Language: "sv", DeliverTo: "Testgatan 1"}, 3)
			return err
		})
		ordered := 0
		for _, err := range results[1:] {
			if err == nil {
				ordered++
			} else if ruleOf(err) != "card_events_member" {
				t.Errorf("an order: %v", err)
			}
		}
		switch err := results[0]; {
		case err == nil && ordered > 0:
			t.Errorf("removed, with %d orders", ordered)
		case err != nil && (ordered == 0 || ruleOf(err) != "memberships_orderer_has_cards"):
			t.Errorf("not removed with %d orders: %v", ordered, err)
		}
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM ordererless_cards`); n != "0" {
		t.Errorf("%s cards are without an orderer", n)
	}
}

// What a role, a deputy or a hand-over rests on is looked at after the company's lock: no transaction gets by with what it saw before.
func TestRolesAreNoMatterOfASnapshot(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	second := c.NewMember(t, card.Name{Given: "Alva", Family: "Administratör"}, account.Administrator, account.Orderer)
	third := c.NewMember(t, card.Name{Given: "Dan", Family: "Dubbel"}, account.Administrator, account.Orderer)
	ada, bo, berit, alva, dan, day := c.Administrator.Person, c.Orderer.Person, c.OtherOrderer.Person, second.Person, third.Person, r.Today(t)
	const end = `INSERT INTO membership_events (company_id, person_id, role, action, actor_id) VALUES ($1, $2, $3, 'end', $2)`
	const deputy = `INSERT INTO deputies (company_id, orderer_id, deputy_id, first_day, last_day, named_by) VALUES ($1, $2, $3, $4, $4, $2)`
	const handOver = `INSERT INTO hand_overs (company_id, from_id, to_id, asked_by, then_ends) VALUES ($1, $2, $3, $4, 'orderer')`
	const carryOut = `SELECT hand_over_some(id, 500) FROM hand_overs WHERE from_id = $1 AND finished_at IS NULL`
	for _, tc := range []struct {
		name      string
		db        *pgxpool.Pool
		meanwhile func(pgx.Tx) error
		try       func(pgx.Tx) error
		rule      string // of who looks afterwards
	}{
		{"two deputies", r.App, statement(deputy, c.ID, bo, berit, day), statement(deputy, c.ID, bo, alva, day), "deputies_one_at_a_time"},
		{"hand-overs back and forth", r.App, statement(handOver, c.ID, alva, bo, ada), statement(handOver, c.ID, bo, alva, ada), "hand_overs_one_way"},
		{"cards handed over", r.App, statement(`SELECT`), statement(carryOut, alva), ""},
		{"an administrator who is none", r.App, statement(end, c.ID, dan, "administrator"),
			statement(`INSERT INTO membership_events (company_id, person_id, role, action, actor_id) VALUES ($1, $2, 'orderer', 'end', $3)`, c.ID, berit, dan),
			"membership_events_by_administrator"},
		{"the last administrator", r.App, statement(end, c.ID, alva, "administrator"), statement(end, c.ID, ada, "administrator"), "memberships_last_administrator"},
		{"the last administrator, by the owner", r.Owner, statement(`SELECT`),
			statement(`UPDATE memberships SET ended_at = now() WHERE company_id = $1 AND person_id = $2`, c.ID, ada), "memberships_last_administrator"},
	} {
		txs := map[pgx.TxIsoLevel]pgx.Tx{}
		for _, level := range []pgx.TxIsoLevel{pgx.ReadCommitted, pgx.RepeatableRead, pgx.Serializable} {
			tx, err := tc.db.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: level})
			if err != nil {
				t.Fatal(err)
			}
			if err := statement(`SELECT FROM memberships`)(tx); err != nil {
				t.Fatal(err)
			}
			txs[level] = tx
		}
		if err := pgx.BeginFunc(t.Context(), r.App, tc.meanwhile); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		for level, tx := range txs {
			want := "memberships_read_committed"
			if level == pgx.ReadCommitted {
				want = tc.rule
			}
			if err := attempt(t, tx, tc.try); ruleOf(err) != want {
				t.Errorf("%s, %s: %v, want refused by %q", tc.name, level, err, want)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNobodyForgesRoles(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, stranger := r.NewCompany(t), r.NewCompany(t)
	c.Card(t, pgtest.Spec{Status: card.Active})
	const event = `INSERT INTO membership_events (company_id, person_id, role, action, actor_id) VALUES ($1, $2, $3, $4, $5)`
	ada := c.Administrator.Person
	ok := statement(event, c.ID, c.OtherOrderer.Person, "orderer", "end", ada)
	judge(t, begin(t, r.App), []attack{
		{"a role written by hand", statement(`INSERT INTO memberships (company_id, person_id, role) VALUES ($1, $2, 'administrator')`, c.ID, stranger.Orderer.Person), forbidden, ok},
		{"a role ended by hand", statement(`UPDATE memberships SET ended_at = now() WHERE company_id = $1`, c.ID), forbidden, ok},
		{"a role deleted", statement(`DELETE FROM memberships WHERE company_id = $1`, c.ID), forbidden, ok},
		{"by an orderer", statement(event, c.ID, c.OtherOrderer.Person, "administrator", "begin", c.OtherOrderer.Person), "membership_events_by_administrator", ok},
		{"by another company's administrator", statement(event, c.ID, c.OtherOrderer.Person, "orderer", "end", stranger.Administrator.Person), "membership_events_by_administrator", ok},
		{"the last administrator", statement(event, c.ID, ada, "administrator", "end", ada), "memberships_last_administrator", ok},
		{"the last administrator, by nobody", statement(event, c.ID, ada, "administrator", "end", nil), "memberships_last_administrator", ok},
		{"an orderer with cards", statement(event, c.ID, c.Orderer.Person, "orderer", "end", ada), "memberships_orderer_has_cards", ok},
		{"a role of one's own", statement(event, c.ID, c.OtherOrderer.Person, "issuer", "begin", ada), "membership_events_role_of_company", ok},
		{"an action of one's own", statement(event, c.ID, c.OtherOrderer.Person, "orderer", "forget", ada), "membership_events_action_known", ok},
		{"a time of one's own", statement(`INSERT INTO membership_events (company_id, person_id, role, action, occurred_at) VALUES ($1, $2, 'orderer', 'end', now() - interval '1 day')`,
			c.ID, c.OtherOrderer.Person), forbidden, ok},
		{"history written anew", statement(`UPDATE membership_events SET actor_id = NULL`), forbidden, nil},
		{"history forgotten", statement(`DELETE FROM membership_events`), forbidden, nil},
	})
	// Nor does the owner by accident.
	judge(t, begin(t, r.Owner), []attack{
		{"history written anew", statement(`UPDATE membership_events SET actor_id = NULL`), "membership_events_append_only", nil},
		{"history forgotten", statement(`DELETE FROM membership_events`), "membership_events_append_only", nil},
		{"the last administrator deleted", statement(`DELETE FROM memberships WHERE company_id = $1 AND role = 'administrator'`, c.ID), "memberships_last_administrator", nil},
		{"an orderer with cards becomes something else", statement(`UPDATE memberships SET role = 'administrator' WHERE company_id = $1 AND person_id = $2`, c.ID, c.Orderer.Person),
			"memberships_orderer_has_cards", nil},
	})
}

func TestUsers(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	c.Card(t, pgtest.Spec{Status: card.Active})
	c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Ordered})
	c.Card(t, pgtest.Spec{Status: card.Cancelled})
	other.Card(t, pgtest.Spec{Status: card.Active})
	former := c.NewMember(t, card.Name{Given: "Frida", Family: "Före"}, account.Orderer)
	lost := c.Card(t, pgtest.Spec{Status: card.Blocked, Orderer: former})
	gone := c.NewMember(t, card.Name{Given: "Gun", Family: "Gången"}, account.Orderer)
	c.LoseOrderer(t, former.Person)
	c.LoseOrderer(t, gone.Person)
	users, err := r.Store.Users(t.Context(), c.Administrator)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range users {
		got = append(got, fmt.Sprintf("%s %v %s %d", u.Full(), u.Roles, u.LogIn, u.Cards))
	}
	want := []string{
		"Ada Administratör [administrator] none 0", "Berit Beställare [orderer] none 0", "Bo Beställare [orderer] none 2", "Frida Före [] none 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	ordererless := func() []string {
		return texts(t, r.App, `SELECT id::text FROM ordererless_cards WHERE company_id = $1`, c.ID)
	}
	if got := ordererless(); len(got) != 1 || got[0] != fmt.Sprint(lost.ID) {
		t.Errorf("without an orderer: %v", got)
	}
	lost.Do(t, card.HandOver)
	if got := ordererless(); len(got) != 0 {
		t.Errorf("without an orderer after the hand-over: %v", got)
	}
}
