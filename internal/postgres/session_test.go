package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// logIn makes a session for a person, and returns its token.
func logIn(t *testing.T, r *pgtest.Register, person account.PersonID) (token string) {
	t.Helper()
	token = fmt.Sprintf("token-%s-%d", strings.ToLower(t.Name()), person)
	commit(t, r, token, account.Session{Person: person, Place: account.AtHolder, ProvedAt: now(t, r)})
	return token
}

func now(t *testing.T, r *pgtest.Register) time.Time {
	t.Helper()
	n, err := r.Store.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func commit(t *testing.T, r *pgtest.Register, token string, s account.Session) {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	// The time that scs gives is not the one that decides.
	if err := r.Store.Sessions().CommitCtx(t.Context(), token, data, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, r *pgtest.Register, token string) (s account.Session, found bool) {
	t.Helper()
	data, found, err := r.Store.Sessions().FindCtx(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if found {
		if err := json.Unmarshal(data, &s); err != nil {
			t.Fatal(err)
		}
	}
	return s, found
}

func TestALoggedOutSessionIsNotRevived(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	sessions := r.Store.Sessions()
	for round := range 50 {
		token := fmt.Sprintf("round-%d", round)
		commit(t, r, token, account.Session{Person: person})
		if _, found := find(t, r, token); !found {
			t.Fatal("a new session is not found")
		}
		data := []byte(fmt.Sprintf(`{"person": %d, "place": "holder"}`, person))
		var done sync.WaitGroup
		for range 4 {
			done.Go(func() {
				if err := sessions.CommitCtx(t.Context(), token, data, time.Now()); err != nil {
					t.Error(err)
				}
			})
		}
		done.Go(func() {
			if err := sessions.DeleteCtx(t.Context(), token); err != nil {
				t.Error(err)
			}
		})
		done.Wait()
		if _, found := find(t, r, token); found {
			t.Fatalf("round %d: a commit in flight revived the session", round)
		}
		commit(t, r, token, account.Session{Person: person}) // one that comes late
		if _, found := find(t, r, token); found {
			t.Fatalf("round %d: a late commit revived the session", round)
		}
	}
}

// Nor by the application's own role, past the store: what has ended is not changed, what lives may end.
func TestAnEndedSessionIsRevivedByNobody(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	token := logIn(t, r, person)
	const end = `UPDATE sessions SET ended_at = clock_now() WHERE person_id = $1`
	if _, err := r.App.Exec(t.Context(), end, person); err != nil {
		t.Fatal(err)
	}
	for _, revive := range []string{
		`UPDATE sessions SET ended_at = NULL WHERE person_id = $1`, end, `UPDATE sessions SET last_seen_at = clock_now() WHERE person_id = $1`,
		`UPDATE sessions SET data = jsonb_build_object('person', $1::bigint) WHERE person_id = $1`,
	} {
		if _, err := r.App.Exec(t.Context(), revive, person); ruleOf(err) != "sessions_end_once" {
			t.Errorf("%s: %v", revive, err)
		}
	}
	if _, found := find(t, r, token); found {
		t.Error("the session lives")
	}
}

func TestSessionsTimeOutByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		r := pgtest.NewRegister(t)
		person, _ := r.NewLogin(t)
		token := logIn(t, r, person)
		r.MoveClock(t, 59*time.Minute)
		if _, found := find(t, r, token); !found {
			t.Error("after 59 minutes the session has ended")
		}
		r.MoveClock(t, 59*time.Minute) // the request before counts
		if _, found := find(t, r, token); !found {
			t.Error("59 minutes after a request the session has ended")
		}
		r.MoveClock(t, 61*time.Minute)
		if _, found := find(t, r, token); found {
			t.Error("after 61 minutes without a request the session lives")
		}
		commit(t, r, token, account.Session{Person: person})
		if _, found := find(t, r, token); found {
			t.Error("a commit revives a session that has timed out")
		}
	})
	t.Run("absolute", func(t *testing.T) {
		t.Parallel()
		r := pgtest.NewRegister(t)
		person, _ := r.NewLogin(t)
		token := logIn(t, r, person)
		for range 23 {
			r.MoveClock(t, 31*time.Minute)
			if _, found := find(t, r, token); !found {
				t.Fatal("a session in use has ended before its 12 hours")
			}
		}
		r.MoveClock(t, 10*time.Minute) // 12 hours and 3 minutes
		if _, found := find(t, r, token); found {
			t.Error("after 12 hours the session lives")
		}
	})
	t.Run("proof", func(t *testing.T) {
		t.Parallel()
		r := pgtest.NewRegister(t)
		person, _ := r.NewLogin(t)
		token := logIn(t, r, person)
		if s, _ := find(t, r, token); !s.Proved {
			t.Error("just logged in and not proved")
		}
		r.MoveClock(t, 5*time.Minute+time.Second)
		if s, _ := find(t, r, token); s.Proved {
			t.Error("proved five minutes ago still counts")
		}
		// What the session says of itself does not count.
		commit(t, r, token, account.Session{Person: person, Proved: true, ProvedAt: now(t, r).Add(-time.Hour), Login: &account.Login{Issuer: true}})
		if s, _ := find(t, r, token); s.Proved || s.Login.Issuer {
			t.Errorf("the session says itself: proved %t, issuer %t", s.Proved, s.Login.Issuer)
		}
	})
}

func TestLogOutEverywhere(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	other, _ := r.NewLogin(t)
	proof, err := r.Store.LogIn(t.Context(), account.Attempt{Email: email, Password: pgtest.Password, Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]func() error{
		"EndSessions":  func() error { return r.Store.EndSessions(t.Context(), person) },
		"SetPassword":  func() error { return r.Store.SetPassword(t.Context(), person, "ett annat lösenord") },
		"DisableLogin": func() error { return r.Store.DisableLogin(t.Context(), person) },
	}
	kept := logIn(t, r, other)
	for _, name := range []string{"EndSessions", "SetPassword", "DisableLogin"} {
		one, two := name+" one", name+" two"
		commit(t, r, one, account.Session{Person: person})
		commit(t, r, two, account.Session{Person: person})
		live, err := r.Store.LiveSessions(t.Context(), person, two)
		if err != nil || len(live) != 2 || live[0].Current == live[1].Current {
			t.Errorf("%v, %v; want two sessions, one of them this", live, err)
		}
		if err := all[name](); err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{one, two} {
			if _, found := find(t, r, token); found {
				t.Errorf("%s leaves a session", name)
			}
		}
		if live, err := r.Store.LiveSessions(t.Context(), person, two); err != nil || len(live) != 0 {
			t.Errorf("%v, %v; want none", live, err)
		}
	}
	if _, found := find(t, r, kept); !found {
		t.Error("somebody else was logged out as well")
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM login_devices`); n != "0" || proof.Device == "" {
		t.Errorf("%s browsers are still known", n)
	}
}

func TestRolesAreReadAnew(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	person, email := r.NewLogin(t)
	logInAs(t, r, c.Administrator.Person, "ada@company.example", "sv") // who stays, so that the other may leave
	token := "roles"
	commit(t, r, token, account.Session{Person: person, Place: account.AtCompany, Company: c.ID})
	roles := func() string {
		t.Helper()
		s, found := find(t, r, token)
		if !found {
			return "no session"
		}
		if s.Login == nil || s.Login.Email != email || s.Login.Name != "Inger Inloggad" {
			t.Errorf("login %+v", s.Login)
		}
		return fmt.Sprint(s.Actor().Roles, s.Login.Issuer, s.Login.Holder)
	}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return nil }, "[] false false"},
		{func() error { return r.Store.AddRole(t.Context(), person, c.ID, account.Orderer) }, "[orderer] false false"},
		{func() error { return r.Store.AddRole(t.Context(), person, c.ID, account.Administrator) }, "[administrator orderer] false false"},
		{func() error { return r.Store.EndRole(t.Context(), person, c.ID, account.Orderer) }, "[administrator] false false"},
		{func() error { return r.Store.EndRole(t.Context(), person, c.ID, account.Administrator) }, "[] false false"},
		{func() error { return r.Store.AddRole(t.Context(), person, c.ID, account.Orderer) }, "[orderer] false false"},
		{func() error { return postgres.AddIssuer(t.Context(), r.Owner, person) }, "[orderer] true false"},
		{func() error { c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: person}); return nil }, "[orderer] true true"},
		{func() error { return r.Store.DisableLogin(t.Context(), person) }, "no session"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := roles(); got != step.want {
			t.Errorf("roles %s, want %s", got, step.want)
		}
	}
}

func TestNoTokenIsInTheDatabase(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	token := "zebra-token-in-clear"
	commit(t, r, token, account.Session{Person: person})
	proof, err := r.Store.LogIn(context.Background(), account.Attempt{Email: email, Password: pgtest.Password, Address: "192.0.2.77"})
	if err != nil {
		t.Fatal(err)
	}
	text := everything(t, r)
	if !strings.Contains(text, string(email)) {
		t.Fatal("the dump does not hold what it should")
	}
	for what, secret := range map[string]string{"token": token, "browser's token": proof.Device, "password": pgtest.Password, "address": "192.0.2.77"} {
		if strings.Contains(text, secret) {
			t.Errorf("the %s is in the database", what)
		}
	}
}

// What a login keeps of its person is what the tables say, whoever changes what at the same time.
func TestAStandingIsNeverOld(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	const people, companies = 3, 4
	var of []*pgtest.Company
	for range companies {
		of = append(of, r.NewCompany(t))
	}
	for range people {
		person := r.NewPerson(t, card.Name{Given: "Nils", Family: "Ny"})
		var done sync.WaitGroup
		for _, c := range of {
			done.Go(func() {
				if err := r.Store.AddRole(t.Context(), person, c.ID, account.Orderer); err != nil {
					t.Error(err)
				}
				c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: person})
			})
		}
		done.Go(func() {
			if _, err := r.Owner.Exec(t.Context(), `INSERT INTO logins (person_id, email, password_hash) VALUES ($1, $2, '-')`,
				person, fmt.Sprintf("p%d@company.example", person)); err != nil {
				t.Error(err)
			}
		})
		done.Wait()
		for _, c := range of {
			done.Go(func() {
				if err := r.Store.EndRole(t.Context(), person, c.ID, account.Orderer); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
	}
	const differ = `SELECT count(*)::text FROM logins l WHERE l.standing <> person_standing(l.person_id)`
	const holders = `SELECT count(*)::text FROM logins l WHERE (l.standing ->> 'holder')::boolean`
	for _, change := range []string{
		`SELECT`,
		`UPDATE persons SET given_name = 'Nynnes' WHERE id = (SELECT max(person_id) FROM logins)`,
		`UPDATE companies SET name = 'Nytt Namn AB' WHERE id = (SELECT max(id) FROM companies)`,
		`UPDATE memberships SET ended_at = NULL`,
		`DELETE FROM memberships m USING logins l WHERE l.person_id = m.person_id AND m.company_id = (SELECT min(company_id) FROM memberships)`,
		`INSERT INTO issuer_staff (person_id) SELECT max(person_id) FROM logins`,
		`UPDATE issuer_staff SET ended_at = clock_now()`,
	} {
		if _, err := r.Owner.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if n := value(t, r.OwnerURL, differ); n != "0" {
			t.Errorf("after %s: %s log-ins say something else than the tables", change, n)
		}
	}
	if n := value(t, r.OwnerURL, holders); n != fmt.Sprint(people) {
		t.Errorf("%s holders, want %d", n, people)
	}
}
