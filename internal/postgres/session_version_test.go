package postgres_test

import (
	"encoding/json"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/postgres/pgtest"
)

// Two tabs change one session at once: the second, which read what the first has changed since, changes nothing.
func TestASessionIsChangedOnlyAsItWasRead(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	sessions := r.Store.Sessions()
	const token = "a token of two tabs"
	commit := func(s account.Session) {
		t.Helper()
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := sessions.CommitCtx(t.Context(), token, data, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	read := func() account.Session {
		t.Helper()
		data, found, err := sessions.FindCtx(t.Context(), token)
		if err != nil || !found {
			t.Fatalf("found %t, %v", found, err)
		}
		var s account.Session
		if err := json.Unmarshal(data, &s); err != nil {
			t.Fatal(err)
		}
		s.Login, s.Proved, s.Now = nil, false, time.Time{}
		return s
	}
	commit(account.Session{Person: person})
	one, other := read(), read()
	one.Place = account.AtHolder
	commit(one)
	other.Place = account.AtIssuer
	commit(other)
	if got := read(); got.Place != account.AtHolder {
		t.Errorf("the second tab wrote over the first: %q", got.Place)
	}
	again := read()
	again.Place = account.AtIssuer
	commit(again)
	if got := read(); got.Place != account.AtIssuer {
		t.Errorf("a tab that read the change cannot change it: %q", got.Place)
	}
}
