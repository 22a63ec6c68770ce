package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/postgres"
)

// shell is somebody who types commands of user on a machine with a database of its own.
type shell struct {
	t     *testing.T
	app   *app
	store *postgres.Store
	owner *pgx.Conn
	out   *bytes.Buffer
}

func newShell(t *testing.T) *shell {
	t.Helper()
	inFolder(t)
	out := new(bytes.Buffer)
	a := &app{getenv: environment(), stdout: out, stderr: new(bytes.Buffer)}
	cfg, log, err := a.config()
	if err != nil {
		t.Fatal(err)
	}
	// The database stays up for the test; each command joins it, as on a machine where the portal runs.
	db, err := openDatabase(t.Context(), cfg, true, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.migrate(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	store, err := postgres.Open(t.Context(), db.appURL, postgres.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	owner, err := pgx.Connect(t.Context(), db.ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := owner.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return &shell{t: t, store: store, owner: owner, out: out, app: a}
}

func (s *shell) runs(typed string, command interface {
	Run(context.Context, *app) error
}) error {
	s.t.Helper()
	s.out.Reset()
	s.app.stdin = strings.NewReader(typed)
	return command.Run(s.t.Context(), s.app)
}

// logIn is Anna trying.
func (s *shell) logIn(password string) error {
	_, err := s.store.LogIn(s.t.Context(), account.Attempt{Email: "anna@example.com", Password: password, Address: "192.0.2.1"})
	return err
}

func TestUserAddThenLogIn(t *testing.T) {
	s := newShell(t)
	if err := s.runs("19900101-2385\n", userAdd{Email: "Anna@Example.com", Given: "Anna", Family: "Berg", Language: "sv"}); err != nil {
		t.Fatal(err)
	}
	password, ok := strings.CutPrefix(strings.TrimSpace(s.out.String()), "password: ")
	if !ok || len(password) != 20 {
		t.Fatalf("no password of 20 characters was printed: %q", s.out)
	}
	if err := s.logIn(password); err != nil {
		t.Errorf("with the printed password: %v", err)
	}
	// The same person written another way, and the same address, are somebody who is there.
	for _, again := range []struct{ identity, email string }{{"900101-2385", "other@example.com"}, {"PL AB123456", "anna@example.com"}} {
		err := s.runs(again.identity+"\n", userAdd{Email: again.email, Given: "Anna", Family: "Berg", Language: "sv"})
		if err == nil || !strings.Contains(err.Error(), "already") || strings.Contains(err.Error(), "2385") {
			t.Errorf("%s: %v", again.email, err)
		}
	}
	// A cardholder who has no login yet is given one.
	holder, err := s.owner.Exec(t.Context(), `INSERT INTO persons (identity_kind, identity_number, given_name, family_name)
		VALUES ('personal_number', '199101012384', 'Bo', 'Lind')`)
	if err != nil || holder.RowsAffected() != 1 {
		t.Fatal(err)
	}
	if err := s.runs("19910101-2384\n", userAdd{Email: "bo@example.com", Given: "Bo", Family: "Lind", Language: "sv"}); err != nil {
		t.Errorf("a person without a login: %v", err)
	}
	if err := s.runs("PL AB123456\n", userAdd{Email: "ola@example.com", Given: "Ola", Family: "Berg", Language: "en"}); err != nil {
		t.Errorf("with a passport: %v", err)
	}
}

func TestUserAddRefusesWhatIsNoIdentity(t *testing.T) {
	s := newShell(t)
	for _, typed := range []string{"", "\n", "19900101-2386\n", "Polen 1\n"} {
		if err := s.runs(typed, userAdd{Email: "anna@example.com", Given: "A", Family: "B", Language: "sv"}); !errors.Is(err, account.ErrIdentity) {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestUserPasswordEndsTheOldOne(t *testing.T) {
	s := newShell(t)
	add := userAdd{Email: "anna@example.com", Given: "Anna", Family: "Berg", Language: "sv", secretFlags: secretFlags{PasswordStdin: true}}
	if err := s.runs("19900101-2385\nthe first password\n", add); err != nil {
		t.Fatal(err)
	}
	reset := userPassword{Email: "anna@example.com", secretFlags: secretFlags{PasswordStdin: true}}
	if err := s.runs("too short\n", reset); err == nil || !strings.Contains(err.Error(), "at least 12") {
		t.Errorf("a short password: %v", err)
	}
	if err := s.logIn("the first password"); err != nil {
		t.Errorf("after a refused one: %v", err)
	}
	if err := s.runs("the second password\n", reset); err != nil {
		t.Fatal(err)
	}
	if err := s.logIn("the first password"); !errors.Is(err, account.ErrCredentials) {
		t.Errorf("the old password: %v", err)
	}
	if err := s.logIn("the second password"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if err := s.runs("", userPassword{Email: "nobody@example.com"}); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("nobody's: %v", err)
	}
	if err := s.runs("", userDisable{Email: "anna@example.com"}); err != nil {
		t.Fatal(err)
	}
	if err := s.logIn("the second password"); !errors.Is(err, account.ErrCredentials) {
		t.Errorf("a disabled login: %v", err)
	}
}

func TestUserGrantAndRevoke(t *testing.T) {
	s := newShell(t)
	add := userAdd{Email: "anna@example.com", Given: "Anna", Family: "Berg", Language: "sv"}
	if err := s.runs("19900101-2385\n", add); err != nil {
		t.Fatal(err)
	}
	grant := userGrant{Email: "anna@example.com", Role: "orderer", Company: "202100-5448"}
	if err := s.runs("", grant); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("a company that is not there: %v", err)
	}
	grant.CompanyName = "Berg Bygg AB"
	if err := s.runs("", grant); err != nil {
		t.Fatal(err)
	}
	number, err := account.ParseOrgNumber("2021005448")
	if err != nil {
		t.Fatal(err)
	}
	company, err := s.store.CompanyByOrgNumber(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	orderers := func() int {
		list, err := s.store.Orderers(t.Context(), account.Actor{Company: company, Roles: []account.Role{account.Administrator}})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := orderers(); n != 1 {
		t.Errorf("%d orderers after the grant", n)
	}
	revoke := userRevoke{Email: "anna@example.com", Role: "orderer", Company: "202100-5448"}
	if err := s.runs("", revoke); err != nil {
		t.Fatal(err)
	}
	if err := s.runs("", revoke); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("a role that has ended: %v", err)
	}
	if err := s.runs("", userGrant{Email: "anna@example.com", Role: "issuer"}); err != nil {
		t.Errorf("issuer: %v", err)
	}
	noLonger := userRevoke{Email: "anna@example.com", Role: "issuer"}
	if err := s.runs("", noLonger); err != nil {
		t.Errorf("no longer an issuer: %v", err)
	}
	if err := s.runs("", noLonger); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("twice no longer: %v", err)
	}
}

// An invitation makes no login: the person does, by the link in the mail. It can be sent again.
func TestUserInvite(t *testing.T) {
	s := newShell(t)
	number, err := account.ParseOrgNumber("2021005448")
	if err != nil {
		t.Fatal(err)
	}
	invite := userInvite{Email: "anna@example.com", Role: "orderer", Company: "202100-5448", Given: "Anna", Family: "Berg", Language: "en"}
	if err := s.runs("19900101-2385\n", invite); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("to a company that is not there: %v", err)
	}
	if _, err := s.store.AddCompany(t.Context(), "Bygg AB", number); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.runs("19900101-2385\n", invite); err != nil {
			t.Fatal(err)
		}
	}
	var mails, members, logins int
	const q = `
		SELECT (SELECT count(*) FROM messages WHERE template = 'invitation' AND email = 'anna@example.com' AND language = 'en' AND data ->> 'company' = 'Bygg AB'),
		       (SELECT count(*) FROM memberships WHERE role = 'orderer' AND ended_at IS NULL), (SELECT count(*) FROM logins)`
	if err := s.owner.QueryRow(t.Context(), q).Scan(&mails, &members, &logins); err != nil || mails != 2 || members != 1 || logins != 0 {
		t.Errorf("%d mails, %d members, %d logins, %v", mails, members, logins, err)
	}
	if err := s.runs("PL AB123456\n", userAdd{Email: "ola@example.com", Given: "Ola", Family: "Berg", Language: "sv"}); err != nil {
		t.Fatal(err)
	}
	invite.Email = "ola@example.com"
	for _, identity := range []string{"19910101-2384\n", "PL AB123456\n"} {
		if err := s.runs(identity, invite); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("to a login: %v", err)
		}
	}
}
