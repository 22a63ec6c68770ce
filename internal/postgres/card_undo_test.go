package postgres_test

import (
	"errors"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// A page says before an action whether it can be taken back: what it says has to come true.
func TestUndoIsPromisedOnlyWhereItIsPossible(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	promised := func(action card.Action) bool {
		t.Helper()
		seen, err := r.Store.Card(t.Context(), c.Orderer, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		choice, ok := seen.Choice(action)
		if !ok || !choice.Open() {
			t.Fatalf("%s is not open: %+v", action, choice)
		}
		return choice.Undo
	}
	if !promised(card.Block) || promised(card.Terminate) {
		t.Error("an active card: block can be taken back, terminate cannot")
	}
	k.Do(t, card.Block)
	if !promised(card.Unblock) {
		t.Error("a blocked card: unblock can be taken back")
	}
	k.Do(t, card.Unblock)

	r.MoveClock(t, 20*365*24*time.Hour) // past any validity
	if promised(card.Block) {
		t.Error("an expired card: block is said to be taken back")
	}
	k.Do(t, card.Block)
	if err := k.Try(t, c.Orderer, card.Unblock); err == nil {
		t.Error("an expired card was unblocked")
	}
}

// A second click on the same version is stale, and what happened since says whose the first one was.
func TestEventsSinceTellWhoDidWhat(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	for _, first := range []account.Role{account.Orderer, account.Holder} {
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		by := map[account.Role]account.Actor{account.Orderer: c.Orderer, account.Holder: k.Holder}[first]
		click := card.Command{Card: k.ID, Version: k.Version, Action: card.Block, Reason: card.Lost}
		if _, err := r.Store.Act(t.Context(), by, click); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Store.Act(t.Context(), by, click); !errors.Is(err, card.ErrStale) || ruleOf(err) != "card_events_pkey" {
			t.Errorf("the %s's second click: %v, want refused as stale by card_events_pkey", first, err)
		}
		for _, reader := range []account.Actor{c.Orderer, k.Holder} {
			since := page(t, k, reader).Events[click.Version:]
			if len(since) != 1 || since[0].ActorID != by.Person || since[0].Action != card.Block || since[0].Seq != click.Version+1 {
				t.Errorf("after the %s's two clicks the events since are %+v", first, since)
			}
		}
	}
}
