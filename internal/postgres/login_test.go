package postgres_test

import (
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/postgres/pgtest"
)

const wrong = "fel lösenord helt enkelt"

// failed sets how often something has failed, so that a test need not fail sixty times itself.
func failed(t *testing.T, r *pgtest.Register, what, of string, times int) {
	t.Helper()
	bucket := sha256.Sum256([]byte(what + "\n" + of))
	tag, err := r.App.Exec(t.Context(), `UPDATE login_throttles SET failures = $2 WHERE bucket = $1`, bucket[:], times)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("there is no count of %s %s: %v", what, of, err)
	}
}

func TestUnknownAndWrongAreTheSame(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	_, email := r.NewLogin(t)
	gone, goneEmail := r.NewLogin(t)
	if err := r.Store.DisableLogin(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	for name, attempt := range map[string]account.Attempt{
		"wrong":    {Email: email, Password: wrong},
		"empty":    {Email: email, Password: ""},
		"unknown":  {Email: "nobody@example.com", Password: pgtest.Password},
		"disabled": {Email: goneEmail, Password: pgtest.Password},
	} {
		attempt.Address = "192.0.2.1"
		proof, err := r.Store.LogIn(t.Context(), attempt)
		if err == nil || err.Error() != account.ErrCredentials.Error() || proof != (account.Proof{}) {
			t.Errorf("%s: %+v, %v", name, proof, err)
		}
	}
	proof, err := r.Store.LogIn(t.Context(), account.Attempt{Email: email, Password: pgtest.Password, Address: "192.0.2.1"})
	if err != nil || proof.Person == 0 || proof.Device == "" || proof.At.IsZero() {
		t.Errorf("the right password: %+v, %v", proof, err)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	try := func(email account.Email, password, address, device string) error {
		_, err := r.Store.LogIn(t.Context(), account.Attempt{Email: email, Password: password, Address: address, Device: device})
		return err
	}
	for name, tc := range map[string]struct {
		what  string
		of    func(email account.Email, address string) string
		limit int
	}{
		"pair":    {"pair", func(email account.Email, address string) string { return string(email) + "\n" + address }, 10},
		"account": {"account", func(email account.Email, _ string) string { return string(email) }, 300},
		"address": {"address", func(_ account.Email, address string) string { return address }, 60},
	} {
		_, email := r.NewLogin(t)
		address := "198.51.100." + name
		if err := try(email, wrong, address, ""); !errors.Is(err, account.ErrCredentials) {
			t.Fatal(err)
		}
		failed(t, r, tc.what, tc.of(email, address), tc.limit-1)
		if err := try(email, wrong, address, ""); !errors.Is(err, account.ErrCredentials) {
			t.Errorf("%s: failure %d: %v", name, tc.limit, err)
		}
		var full account.Throttled
		if err := try(email, pgtest.Password, address, ""); !errors.As(err, &full) || !errors.Is(err, account.ErrThrottled) ||
			full.RetryAfter <= 0 || full.RetryAfter > 15*time.Minute {
			t.Errorf("%s: after failure %d: %v, again in %v", name, tc.limit, err, full.RetryAfter)
		}
	}
}

func TestThrottlesEndByTheClockAndWithSuccess(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	_, email := r.NewLogin(t)
	attempt := account.Attempt{Email: email, Password: wrong, Address: "192.0.2.1"}
	fail := func() {
		t.Helper()
		attempt.Password = wrong
		if _, err := r.Store.LogIn(t.Context(), attempt); !errors.Is(err, account.ErrCredentials) {
			t.Fatal(err)
		}
	}
	succeed := func() {
		t.Helper()
		attempt.Password = pgtest.Password
		if _, err := r.Store.LogIn(t.Context(), attempt); err != nil {
			t.Fatal(err)
		}
	}
	pair := string(email) + "\n192.0.2.1"
	fail()
	failed(t, r, "pair", pair, 9)
	// A success takes back its own count, so that people who log in often are not locked out; the failures stay.
	for range 3 {
		succeed()
	}
	fail()
	if _, err := r.Store.LogIn(t.Context(), attempt); !errors.Is(err, account.ErrThrottled) {
		t.Errorf("after ten failures: %v", err)
	}
	r.MoveClock(t, 16*time.Minute)
	fail()
	succeed()
}

func TestOnePersonLogsInManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	_, email := r.NewLogin(t)
	const people, times = 8, 6
	failed := make(chan error, people*times)
	var wg sync.WaitGroup
	for range people {
		wg.Go(func() {
			for range times {
				_, err := r.Store.LogIn(t.Context(), account.Attempt{
					Email: email, Password: pgtest.Password, Address: "192.0.2.1",
				})
				failed <- err
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestOneAddressCannotLockAnAccount(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	_, email := r.NewLogin(t)
	for n := range 350 {
		_, err := r.Store.LogIn(t.Context(), account.Attempt{Email: email, Password: wrong, Address: "203.0.113.9"})
		if want := []error{account.ErrCredentials, account.ErrThrottled}[min(n/10, 1)]; !errors.Is(err, want) {
			t.Fatalf("attempt %d: %v, want %v", n+1, err, want)
		}
	}
	owner := account.Attempt{Email: email, Password: pgtest.Password, Address: "192.0.2.1"}
	if _, err := r.Store.LogIn(t.Context(), owner); err != nil {
		t.Errorf("the owner, from a browser that is not known: %v", err)
	}
}

func TestStrangersDoNotLockOutAKnownBrowser(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	_, otherEmail := r.NewLogin(t)
	attempt := account.Attempt{Email: email, Password: pgtest.Password, Address: "192.0.2.1"}
	proof, err := r.Store.LogIn(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Store.LogIn(t.Context(), account.Attempt{Email: email, Password: wrong, Address: "203.0.113.9"})
	if !errors.Is(err, account.ErrCredentials) {
		t.Fatal(err)
	}
	failed(t, r, "account", string(email), 300)
	if _, err := r.Store.LogIn(t.Context(), attempt); !errors.Is(err, account.ErrThrottled) {
		t.Errorf("an unknown browser: %v", err)
	}
	attempt.Device = proof.Device
	again, err := r.Store.LogIn(t.Context(), attempt)
	if err != nil || again.Device != proof.Device {
		t.Errorf("the known browser: %v", err)
	}
	// It is known for this account alone, and has a limit of its own.
	foreign := attempt
	foreign.Email, foreign.Password = otherEmail, pgtest.Password
	if got, err := r.Store.LogIn(t.Context(), foreign); err != nil || got.Device == proof.Device {
		t.Errorf("the browser on another account: %v", err)
	}
	attempt.Password = wrong
	if _, err := r.Store.LogIn(t.Context(), attempt); !errors.Is(err, account.ErrCredentials) {
		t.Errorf("a wrong password from the known browser: %v", err)
	}
	failed(t, r, "device", string(email)+"\n"+proof.Device, 10)
	attempt.Password = pgtest.Password
	if _, err := r.Store.LogIn(t.Context(), attempt); !errors.Is(err, account.ErrThrottled) {
		t.Errorf("the known browser after ten failures: %v", err)
	}
	if err := r.Store.EndSessions(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.LogIn(t.Context(), attempt); !errors.Is(err, account.ErrThrottled) {
		t.Errorf("a browser that was logged out everywhere is still known: %v", err)
	}
}

func TestManyGuessesAtOnceDoNotSlipThrough(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	_, email := r.NewLogin(t)
	var judged, stopped atomic.Int64
	for _, err := range atOnce(40, func(int) error {
		_, err := r.Store.LogIn(t.Context(), account.Attempt{Email: email, Password: wrong, Address: "192.0.2.1"})
		return err
	}) {
		switch {
		case errors.Is(err, account.ErrCredentials):
			judged.Add(1)
		case errors.Is(err, account.ErrThrottled):
			stopped.Add(1)
		default:
			t.Errorf("a guess ended with %v", err)
		}
	}
	if judged.Load() != 10 || stopped.Load() != 30 {
		t.Errorf("%d guesses were judged and %d stopped, want 10 and 30", judged.Load(), stopped.Load())
	}
}

func TestProve(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	if at, err := r.Store.Prove(t.Context(), person, pgtest.Password); err != nil || at.IsZero() {
		t.Errorf("the right password: %v, %v", at, err)
	}
	if at, err := r.Store.Prove(t.Context(), person, wrong); !errors.Is(err, account.ErrCredentials) || !at.IsZero() {
		t.Errorf("a wrong password: %v, %v", at, err)
	}
	bucket := texts(t, r.Owner, `SELECT $1::bigint::text`, person)[0]
	failed(t, r, "prove", bucket, 10)
	if _, err := r.Store.Prove(t.Context(), person, pgtest.Password); !errors.Is(err, account.ErrThrottled) {
		t.Errorf("after ten failures: %v", err)
	}
}

func TestLoginsAreNobodyElses(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	for name, change := range map[string]func(*account.NewPerson){
		"e-mail":   func(p *account.NewPerson) { p.Identity = account.StoredIdentity("passport", "XX", "TESTANOTHER") },
		"identity": func(p *account.NewPerson) { p.Email = "another@example.com" },
	} {
		p := account.NewPerson{
			Identity: account.StoredIdentity("passport", "XX", "TEST00000002"), Given: "Inger", Family: "Igen", Email: email, Password: wrong, Language: "sv",
		}
		if name == "identity" {
			p.Identity = account.StoredIdentity("passport", "XX", texts(t, r.Owner, `SELECT identity_number FROM persons WHERE id = $1`, person)[0])
		}
		change(&p)
		if _, err := r.Store.AddPerson(t.Context(), p); !errors.Is(err, account.ErrTaken) {
			t.Errorf("the same %s: %v, want ErrTaken", name, err)
		}
	}
	if got, err := r.Store.PersonByEmail(t.Context(), email); err != nil || got != person {
		t.Errorf("by e-mail: %d, %v", got, err)
	}
	if _, err := r.Store.PersonByEmail(t.Context(), "nobody@example.com"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("nobody by e-mail: %v", err)
	}
	for _, number := range []account.OrgNumber{{Country: "SE", Number: "5599000016"}, {Country: "PL", Number: "5260250995"}} {
		id, err := r.Store.AddCompany(t.Context(), "Bygg AB", number)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Store.CompanyByOrgNumber(t.Context(), number); err != nil || got != id {
			t.Errorf("by %v: %d, %v", number, got, err)
		}
		if _, err := r.Store.AddCompany(t.Context(), "Annat Bygg AB", number); !errors.Is(err, account.ErrTaken) {
			t.Errorf("a second company with %v: %v", number, err)
		}
	}
	if n := value(t, r.OwnerURL, `SELECT org_number FROM companies WHERE org_country = 'SE'`); n != "559900-0016" {
		t.Errorf("the Swedish number is kept as %s", n)
	}
	if _, err := r.Store.CompanyByOrgNumber(t.Context(), account.OrgNumber{Country: "SE", Number: "5599000024"}); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("no company: %v", err)
	}
}
