package postgres_test

import (
	"testing"
	"time"

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
