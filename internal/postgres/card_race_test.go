package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// wide is a store with a connection for each of n callers.
func wide(t *testing.T, r *pgtest.Register, n int) *postgres.Store {
	t.Helper()
	ring, err := pin.Open(r.Keyset)
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.OpenWith(t.Context(), r.AppURL, ring, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// atOnce runs f for 0 to n-1 at the same moment and returns how each ended.
func atOnce(n int, f func(i int) error) []error {
	results := make([]error, n)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-start
			results[i] = f(i)
		})
	}
	close(start)
	done.Wait()
	return results
}

// oneWins fails unless one succeeded and all others came too late; it returns the winner.
func oneWins(t *testing.T, results []error) int {
	t.Helper()
	winner, won := -1, 0
	for i, err := range results {
		switch {
		case err == nil:
			winner, won = i, won+1
		case !errors.Is(err, card.ErrStale):
			t.Errorf("a loser got %v, want ErrStale", err)
		}
	}
	if won != 1 {
		t.Fatalf("%d of %d won", won, len(results))
	}
	return winner
}

const atOneTime = 32

func TestOneWinnerForEachVersion(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	s := wide(t, r, atOneTime)
	for range 100 {
		do := card.Command{Card: k.ID, Version: k.Version, Action: card.Block, Reason: card.Lost}
		want := card.Blocked
		if k.Status == card.Blocked {
			do.Action, do.Reason, want = card.Unblock, card.Found, card.Active
		}
		oneWins(t, atOnce(atOneTime, func(i int) error {
			_, err := s.Act(t.Context(), k.Orderer, do)
			return err
		}))
		before := k.Version
		if k.See(t); k.Status != want || k.Version != before+1 {
			t.Fatalf("the card is %s version %d, want %s version %d", k.Status, k.Version, want, before+1)
		}
	}
}

func TestOneWinnerAmongDifferentActions(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	s := wide(t, r, atOneTime)
	type deed struct {
		by account.Actor
		do card.Command
		to card.Status
	}
	for range 25 {
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		deeds := []deed{
			{k.Orderer, card.Command{Action: card.Block, Reason: card.Lost}, card.Blocked},
			{k.Holder, card.Command{Action: card.Block, Reason: card.Stolen}, card.Blocked},
			{k.Orderer, card.Command{Action: card.Terminate, Reason: card.Damaged}, card.Terminated},
			{c.Administrator, card.Command{Action: card.HandOver, Successor: c.OtherOrderer.Person}, card.Active},
		}
		winner := oneWins(t, atOnce(atOneTime, func(i int) error {
			d := deeds[i%len(deeds)]
			d.do.Card, d.do.Version = k.ID, k.Version
			_, err := s.Act(t.Context(), d.by, d.do)
			return err
		}))
		before := k.Version
		if k.See(t); k.Status != deeds[winner%len(deeds)].to || k.Version != before+1 {
			t.Fatalf("after %v the card is %s version %d", deeds[winner%len(deeds)].do, k.Status, k.Version)
		}
	}
}

// Production and cancellation lock in different order; whoever Postgres ends for it came too late like anybody else.
func TestProduceAgainstCancel(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	for range 3 {
		k := c.Card(t, pgtest.Spec{Status: card.Approved})
		winner := oneWins(t, atOnce(2, func(i int) error {
			if i == 0 {
				_, err := r.Store.Produce(t.Context(), r.Issuer, card.Production{
					Card: k.ID, Company: c.ID, Version: k.Version, Number: card.Number("PC-0000-00000" + string('0'+rune(k.ID%10))), ChipUID: "04A1B2C3",
					ValidTo: r.Today(t).AddDate(1, 0, 0),
				})
				return err
			}
			_, err := r.Store.Act(t.Context(), k.Orderer, card.Command{Card: k.ID, Version: k.Version, Action: card.Cancel})
			return err
		}))
		if k.See(t); k.Status != []card.Status{card.Produced, card.Cancelled}[winner] {
			t.Errorf("winner %d, the card is %s", winner, k.Status)
		}
	}
}

// However many browsers the holder has open on two new cards, one is active in the end.
func TestActivationsOfTwoCardsAtOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	const activations = 100
	s := wide(t, r, activations)
	for range 3 {
		older := c.Card(t, pgtest.Spec{Status: card.Produced})
		newer := c.Card(t, pgtest.Spec{Status: card.Produced, Holder: older.Holder.Person})
		cards := []*pgtest.Card{older, newer}
		results := atOnce(activations, func(i int) error {
			k := cards[i%2]
			_, err := s.Activate(t.Context(), k.Holder, k.ID, k.Version, card.Possession(k.Number))
			return err
		})
		won := 0
		for _, err := range results {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, card.ErrStale) && !errors.Is(err, card.ErrNotAllowed):
				t.Errorf("an activation ended with %v", err)
			}
		}
		if won < 1 || won > 2 {
			t.Errorf("%d activations succeeded", won)
		}
		older.See(t)
		newer.See(t)
		// Either the newer one ended the older, or somebody saw the newer one after that had ended.
		if newer.Status != card.Active || older.Status != card.Terminated {
			t.Errorf("the older card is %s, the newer %s", older.Status, newer.Status)
		}
		var kept []int64
		const q = `SELECT card_id FROM card_pins WHERE card_id = ANY ($1) ORDER BY 1`
		rows, err := r.Owner.Query(t.Context(), q, []card.ID{older.ID, newer.ID})
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			kept = append(kept, id)
		}
		if err := rows.Err(); err != nil || !slices.Equal(kept, []int64{int64(newer.ID)}) {
			t.Errorf("PINs of cards %v are kept, want that of card %d alone (%v)", kept, newer.ID, err)
		}
	}
}
