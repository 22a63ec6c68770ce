package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// Whoever activates a card has its number, whole or the last six digits.
func TestActivationNeedsTheCard(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	for _, right := range []func(*pgtest.Card) string{(*pgtest.Card).LastSix, func(k *pgtest.Card) string { return string(k.Number) }} {
		k := c.Card(t, pgtest.Spec{Status: card.Produced})
		for _, wrong := range []string{"", "000000", k.LastSix()[1:], string(k.Number)[1:], " " + k.LastSix()} {
			_, err := r.Store.Activate(t.Context(), k.Holder, k.ID, k.Version, card.Possession(wrong))
			if wrong == " "+k.LastSix() {
				break // the fifth would end the day
			}
			if !errors.Is(err, card.ErrPossession) || ruleOf(err) != "card_events_possession" {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		if n := texts(t, r.Owner, `SELECT count(*)::text FROM card_pins WHERE card_id = $1`, k.ID)[0]; n != "0" {
			t.Error("a wrong number left a PIN")
		}
		k = c.Card(t, pgtest.Spec{Status: card.Produced})
		if _, err := r.Store.Activate(t.Context(), k.Holder, k.ID, k.Version, card.Possession(right(k))); err != nil {
			t.Errorf("with %s: %v", right(k), err)
		}
	}
}

// Five wrong numbers end the day, also when they come at once; the next day the right one does it.
func TestWrongNumbersForActivation(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Produced})
	s := wide(t, r, 20)
	wrong := 0
	for _, err := range atOnce(20, func(int) error {
		_, err := s.Activate(t.Context(), k.Holder, k.ID, k.Version, "999999")
		return err
	}) {
		switch ruleOf(err) {
		case "card_events_possession":
			wrong++
		case "activation_tries_five_a_day":
		default:
			t.Errorf("a try ended with %v", err)
		}
	}
	if wrong != 5 {
		t.Errorf("%d wrong numbers were judged, want 5", wrong)
	}
	right := card.Possession(k.Number)
	if _, err := r.Store.Activate(t.Context(), k.Holder, k.ID, k.Version, right); !errors.Is(err, card.ErrTooOften) || ruleOf(err) != "activation_tries_five_a_day" {
		t.Errorf("the right number after five wrong ones: %v", err)
	}
	if a, err := r.Store.Activation(t.Context(), k.Holder, k.ID); err != nil || !a.WrongTooOften {
		t.Errorf("the page is told %+v, %v", a, err)
	}
	r.MoveClock(t, 24*time.Hour)
	if _, err := r.Store.Activate(t.Context(), k.Holder, k.ID, k.Version, right); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

// What stands in the way besides is told by its own rule, and a wrong number is not counted then.
func TestActivationIsRefused(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	expired := c.Card(t, pgtest.Spec{Status: card.Produced, ValidTo: r.Today(t).AddDate(0, 0, -1)})
	approved := c.Card(t, pgtest.Spec{Status: card.Approved})
	for name, try := range map[string]struct {
		k    *pgtest.Card
		want error
		rule string
	}{
		"expired":      {expired, card.ErrNotAllowed, "card_events_not_expired"},
		"not produced": {approved, card.ErrNotAllowed, "card_events_transition"},
	} {
		if _, err := r.Store.Activate(t.Context(), try.k.Holder, try.k.ID, try.k.Version, "000001"); !errors.Is(err, try.want) || ruleOf(err) != try.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	right := card.Possession(produced.Number)
	if _, err := r.Store.Activate(t.Context(), produced.Holder, produced.ID, produced.Version-1, right); !errors.Is(err, card.ErrStale) {
		t.Errorf("from an old page: %v", err)
	}
	if n := texts(t, r.Owner, `SELECT count(*)::text FROM activation_tries`)[0]; n != "0" {
		t.Errorf("%s tries were counted", n)
	}
	if _, err := r.Store.Activate(t.Context(), produced.Holder, produced.ID, produced.Version, right); err != nil {
		t.Errorf("the twin: %v", err)
	}
}

// The holder's list begins with what waits for the holder, and knows what is to be done.
func TestWhatWaitsForTheHolder(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	reviewed := other.Card(t, pgtest.Spec{Status: card.Reviewed, Holder: produced.Holder.Person})
	c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: produced.Holder.Person})
	r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active, Holder: produced.Holder.Person})
	r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Produced, Holder: produced.Holder.Person, ValidTo: r.Today(t).AddDate(0, 0, -1)})
	own, err := r.Store.MyCards(t.Context(), produced.Holder)
	var next []card.Action
	for _, o := range own {
		next = append(next, o.Next)
	}
	if want := []card.Action{card.Approve, card.Activate, "", "", ""}; err != nil || !slices.Equal(next, want) || own[0].ID != reviewed.ID {
		t.Errorf("to do: %v, %v; want %v", next, err, want)
	}
	a, err := r.Store.Approval(t.Context(), produced.Holder, reviewed.ID)
	if err != nil || !a.HasPhoto || !a.ValidTo.After(r.Today(t)) {
		t.Errorf("to approve: %+v, %v", a, err)
	}
}

// The page says which cards an activation ends: those that it does end.
func TestWhatAnActivationEnds(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	old := c.Card(t, pgtest.Spec{Status: card.Active})
	r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active, Holder: old.Holder.Person})
	k := c.Card(t, pgtest.Spec{Status: card.Produced, Holder: old.Holder.Person})
	if a, err := r.Store.Activation(t.Context(), k.Holder, k.ID); err != nil || !slices.Equal(a.Ends, []card.Number{old.Number}) || a.WrongTooOften {
		t.Errorf("%+v, %v", a, err)
	}
	k.Do(t, card.Activate)
	if old.See(t); old.Status != card.Terminated {
		t.Errorf("the old card is %s", old.Status)
	}
}
