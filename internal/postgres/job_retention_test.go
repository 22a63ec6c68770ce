package postgres_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/internal/postgres/pgtest"
)

const day = 24 * time.Hour

func forgetAll(t *testing.T, r *pgtest.Register) {
	t.Helper()
	if err := r.Store.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// isThere reports whether a picture can still be seen, by whoever may see it.
func isThere(t *testing.T, r *pgtest.Register, id card.PictureID) bool {
	t.Helper()
	return texts(t, r.App, `SELECT there::text FROM pictures WHERE id = $1`, id)[0] == "true"
}

func photoOf(t *testing.T, k *pgtest.Card) card.PictureID {
	t.Helper()
	d, err := k.Company.Register.Store.Draft(t.Context(), k.Orderer, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d.Photo
}

func claimPicture(t *testing.T, r *pgtest.Register) (id card.PictureID) {
	t.Helper()
	if err := r.Owner.QueryRow(t.Context(), `SELECT max(picture_id) FROM claims`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// Each picture is there the day before its time is out, and gone the day after; what the card was is kept.
func TestPicturesAreForgotten(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		keep time.Duration
		make func(t *testing.T, c *pgtest.Company) card.PictureID
	}{
		"of a terminated card": {90 * day, func(t *testing.T, c *pgtest.Company) card.PictureID {
			return photoOf(t, c.Card(t, pgtest.Spec{Status: card.Terminated}))
		}},
		"of an expired card": {(1 + 1 + 90) * day, func(t *testing.T, c *pgtest.Company) card.PictureID {
			return photoOf(t, c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: c.Register.Today(t).AddDate(0, 0, 1)}))
		}},
		"of a card that was produced and never activated": {(1 + 1 + 90) * day, func(t *testing.T, c *pgtest.Company) card.PictureID {
			return photoOf(t, c.Card(t, pgtest.Spec{Status: card.Produced, ValidTo: c.Register.Today(t).AddDate(0, 0, 1)}))
		}},
		"of a cancelled order": {30 * day, func(t *testing.T, c *pgtest.Company) card.PictureID {
			return photoOf(t, c.Card(t, pgtest.Spec{Status: card.Cancelled}))
		}},
		"replaced by a correction": {7 * day, func(t *testing.T, c *pgtest.Company) card.PictureID {
			k := c.Card(t, pgtest.Spec{Status: card.Rejected})
			old := photoOf(t, k)
			k.Do(t, card.Correct)
			return old
		}},
		"never ordered": {day, func(t *testing.T, c *pgtest.Company) card.PictureID { return c.NewPhoto(t) }},
		"of an accepted claim": {90 * day, func(t *testing.T, c *pgtest.Company) card.PictureID {
			k := c.Card(t, pgtest.Spec{Status: card.Active})
			decide(t, c.Register, makeClaim(t, k, k.Holder), true, "")
			return claimPicture(t, c.Register)
		}},
		"of a declined claim": {90 * day, func(t *testing.T, c *pgtest.Company) card.PictureID {
			k := c.Card(t, pgtest.Spec{Status: card.Active})
			decide(t, c.Register, makeClaim(t, k, k.Orderer), false, "Kortet fungerar hos oss.")
			return claimPicture(t, c.Register)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachPlace(t, func(t *testing.T, newRegister func(t *testing.T) *pgtest.Register) {
				r := newRegister(t)
				id := tc.make(t, r.NewCompany(t))
				const rest = `SELECT concat((SELECT json_agg(c ORDER BY c.id) FROM cards c), (SELECT json_agg(e ORDER BY e.card_id, e.seq) FROM card_events e))`
				before := texts(t, r.Owner, rest)
				r.MoveClock(t, tc.keep-day)
				forgetAll(t, r)
				if !isThere(t, r, id) {
					t.Error("it is gone the day before")
				}
				r.MoveClock(t, 2*day)
				forgetAll(t, r)
				if isThere(t, r, id) {
					t.Error("it is there the day after")
				}
				if n := texts(t, r.Owner, `SELECT count(*)::text FROM pictures WHERE id = $1 AND (jpeg IS NOT NULL OR key IS NOT NULL)`, id)[0]; n != "0" {
					t.Error("its bytes are there the day after")
				}
				forgetAll(t, r) // nothing is left to do
				if at := texts(t, r.Owner, `SELECT deleted_at::text FROM pictures WHERE id = $1 AND deleted_at > created_at`, id); len(at) != 1 {
					t.Error("when it was deleted is not kept")
				}
				if diff := cmp.Diff(before, texts(t, r.Owner, rest)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// What an order, a card in use or an open claim needs is there however long it takes.
func TestPicturesThatAreNeededAreKept(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	kept := map[string]card.PictureID{}
	for _, status := range []card.Status{card.Ordered, card.Reviewed, card.Approved, card.Rejected, card.Produced, card.Active, card.Blocked} {
		kept[string(status)] = photoOf(t, c.Card(t, pgtest.Spec{Status: status}))
	}
	corrected := c.Card(t, pgtest.Spec{Status: card.Rejected})
	o := c.NewOrder(t, card.Standard, corrected.Holder.Person)
	o.Photo = photoOf(t, corrected)
	if _, err := r.Store.Correct(t.Context(), c.Orderer, corrected.ID, corrected.Version, o); err != nil {
		t.Fatal(err)
	}
	kept["of a correction that kept it"] = o.Photo

	// A terminated card's photo that its replacement has taken over.
	old := c.Card(t, pgtest.Spec{Status: card.Active})
	o = c.NewOrder(t, card.Standard, old.Holder.Person)
	o.Photo, o.Replaces, o.ReplaceReason = photoOf(t, old), old.ID, card.Damaged
	next, err := r.Store.Order(t.Context(), c.Orderer, o)
	if err != nil {
		t.Fatal(err)
	}
	old.Do(t, card.Terminate)
	kept["taken over"] = o.Photo

	claimed := c.Card(t, pgtest.Spec{Status: card.Active})
	makeClaim(t, claimed, claimed.Holder)
	claimed.Do(t, card.Terminate)
	kept["of a terminated card with an open claim"], kept["of an open claim"] = photoOf(t, claimed), claimPicture(t, r)

	r.MoveClock(t, 600*day) // the cards are valid for two years
	forgetAll(t, r)
	for name, id := range kept {
		if !isThere(t, r, id) {
			t.Errorf("the picture %s is gone", name)
		}
	}
	// The twin: once the replacement is cancelled, nobody needs the photo any more.
	if _, err := r.Store.Act(t.Context(), c.Orderer, card.Command{Card: next, Version: 1, Action: card.Cancel}); err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, 31*day)
	forgetAll(t, r)
	if isThere(t, r, kept["taken over"]) {
		t.Error("the photo taken over is there a month after the last order with it was cancelled")
	}
}

func TestRowsAreForgotten(t *testing.T) {
	t.Parallel()
	for table, tc := range map[string]struct {
		keep time.Duration
		make func(t *testing.T, c *pgtest.Company)
	}{
		"order_imports": {time.Hour, func(t *testing.T, c *pgtest.Company) {
			if _, err := c.Register.Store.KeepImport(t.Context(), c.Orderer, card.NewImport{}); err != nil {
				t.Fatal(err)
			}
		}},
		"messages": {365 * day, func(t *testing.T, c *pgtest.Company) {
			k := c.Card(t, pgtest.Spec{Status: card.Ordered})
			k.Do(t, card.Review)
			attempted(t, c.Register, messages.AddressRefused)
		}},
		"message_attempts": {365 * day, func(t *testing.T, c *pgtest.Company) {
			k := c.Card(t, pgtest.Spec{Status: card.Ordered})
			k.Do(t, card.Review)
			attempted(t, c.Register, "")
		}},
		"links": {(14 + 30) * day, func(t *testing.T, c *pgtest.Company) {
			k := c.Card(t, pgtest.Spec{Status: card.Ordered})
			k.Do(t, card.Review)
			if _, err := c.Register.Store.Letter(t.Context(), lastMessage(t, c.Register)); err != nil {
				t.Fatal(err)
			}
		}},
		"renewals": {day, func(t *testing.T, c *pgtest.Company) {
			keepRenewal(t, c.Register, c.Orderer, inUse(t, c, c.Register.Today(t).AddDate(0, 0, 20)))
		}},
		"card_reminders": {365 * day, func(t *testing.T, c *pgtest.Company) {
			morning(t, c.Register)
			inUse(t, c, c.Register.Today(t).AddDate(0, 0, 7))
			remind(t, c.Register)
		}},
		"activation_tries": {30 * day, func(t *testing.T, c *pgtest.Company) {
			k := c.Card(t, pgtest.Spec{Status: card.Produced})
			if _, err := c.Register.Store.Activate(t.Context(), k.Holder, k.ID, k.Version, "999999"); !errors.Is(err, card.ErrPossession) {
				t.Fatal(err)
			}
		}},
		"review_holds": {day, func(t *testing.T, c *pgtest.Company) {
			c.Card(t, pgtest.Spec{Status: card.Ordered})
			if _, err := c.Register.Store.NextToReview(t.Context(), c.Register.Issuer, 0); err != nil {
				t.Fatal(err)
			}
		}},
		"issuer_looks": {730 * day, func(t *testing.T, c *pgtest.Company) {
			k := c.Card(t, pgtest.Spec{Status: card.Ordered})
			if _, err := c.Register.Store.Card(t.Context(), c.Register.Issuer, k.ID); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			r := pgtest.NewRegister(t)
			tc.make(t, r.NewCompany(t))
			count := func() string { return texts(t, r.Owner, `SELECT count(*)::text FROM `+table)[0] }
			margin := min(day, tc.keep/2)
			r.MoveClock(t, tc.keep-margin)
			forgetAll(t, r)
			if n := count(); n == "0" {
				t.Error("nothing is there before the time is out")
			}
			r.MoveClock(t, 2*margin+day) // some are counted from a little later
			forgetAll(t, r)
			if n := count(); n != "0" {
				t.Errorf("%s are there after the time is out", n)
			}
		})
	}
}

// attempted ends the last message with one attempt.
func attempted(t *testing.T, r *pgtest.Register, problem messages.Problem) {
	t.Helper()
	id := lastMessage(t, r)
	_, n, err := r.Store.BeginAttempt(t.Context(), id)
	if err == nil {
		err = r.Store.EndAttempt(t.Context(), id, n, problem, true)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The operator changes a period, and it holds for what is there already.
func TestAnotherPeriod(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	id := photoOf(t, c.Card(t, pgtest.Spec{Status: card.Terminated}))
	if _, err := r.Owner.Exec(t.Context(), `UPDATE retention_rules SET keep = '0' WHERE what = 'card_photo'`); ruleOf(err) != "retention_rules_keep_some" {
		t.Errorf("no time at all: %v", err)
	}
	for _, what := range []string{"message", "reminder"} {
		if _, err := r.Owner.Exec(t.Context(), `UPDATE retention_rules SET keep = '29 days' WHERE what = $1`, what); ruleOf(err) != "retention_rules_keep_enough" {
			t.Errorf("too short for a %s: %v", what, err)
		}
		if _, err := r.Owner.Exec(t.Context(), `UPDATE retention_rules SET keep = '30 days' WHERE what = $1`, what); err != nil {
			t.Errorf("just long enough for a %s: %v", what, err)
		}
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE retention_rules SET keep = '2 days' WHERE what = 'card_photo'`); err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, day)
	forgetAll(t, r)
	if !isThere(t, r, id) {
		t.Error("it is gone after a day")
	}
	r.MoveClock(t, day)
	forgetAll(t, r)
	if isThere(t, r, id) {
		t.Error("it is there after two days")
	}
}

// The application deletes nothing by itself, and nothing early by the functions that it may call.
func TestTheApplicationDeletesNothingEarly(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	id := photoOf(t, c.Card(t, pgtest.Spec{Status: card.Cancelled}))
	if _, err := r.Store.KeepImport(t.Context(), c.Orderer, card.NewImport{}); err != nil { // not yet of an hour
		t.Fatal(err)
	}
	for _, q := range []string{
		`UPDATE pictures SET jpeg = NULL, deleted_at = clock_now()`, `UPDATE pictures SET jpeg = '\x00'`, `DELETE FROM pictures`, `DELETE FROM renewals`,
		`UPDATE pictures SET there = false`, `UPDATE pictures SET key = NULL`,
		`UPDATE retention_rules SET keep = '1 second'`, `DELETE FROM retention_rules`, `SELECT FROM pictures_kept`, `DELETE FROM issuer_looks`,
	} {
		if _, err := r.App.Exec(t.Context(), q); ruleOf(err) != forbidden {
			t.Errorf("%s: %v", q, err)
		}
	}
	forgetAll(t, r)
	if !isThere(t, r, id) || texts(t, r.Owner, `SELECT count(*)::text FROM order_imports`)[0] != "1" {
		t.Error("something is gone")
	}
}

// An order that is being made keeps its photo; one that comes while the photo is being deleted waits, and is told.
func TestAnOrderAndItsPhotoThatIsForgotten(t *testing.T) {
	t.Parallel()
	inEachPlace(t, func(t *testing.T, newRegister func(t *testing.T) *pgtest.Register) {
		r := newRegister(t)
		c := r.NewCompany(t)
		person := r.NewPerson(t, card.Name{Given: "Karin", Family: "Kortinnehavare"})
		o := c.NewOrder(t, card.Standard, person)
		r.MoveClock(t, 2*day)

		making, err := r.Owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := making.Exec(t.Context(), `SELECT FROM pictures WHERE id = $1 FOR KEY SHARE`, o.Photo); err != nil { // as a foreign key does
			t.Fatal(err)
		}
		forgetAll(t, r)
		if err := making.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !isThere(t, r, o.Photo) {
			t.Fatal("the photo of an order that is being made is gone")
		}

		forgetting, err := r.Owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := forgetting.Exec(t.Context(), `SELECT forget_pictures(0, 100)`); err != nil {
			t.Fatal(err)
		}
		ordered := make(chan error)
		go func() {
			_, err := r.Store.Order(t.Context(), c.Orderer, o)
			ordered <- err
		}()
		if err := forgetting.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-ordered; !errors.Is(err, card.ErrNotFound) || ruleOf(err) != "card_orders_photo_there" {
			t.Errorf("ordered with a photo that is gone: %v", err)
		}
		o.Photo = c.NewPhoto(t)
		if _, err := r.Store.Order(t.Context(), c.Orderer, o); err != nil {
			t.Errorf("ordered with another: %v", err)
		}
	})
}

// However orders and the job meet, no order that was made lacks its photo.
func TestOrdersRaceWithForgetting(t *testing.T) {
	t.Parallel()
	inEachPlace(t, func(t *testing.T, newRegister func(t *testing.T) *pgtest.Register) {
		r := newRegister(t)
		c := r.NewCompany(t)
		var orders []card.NewOrder
		for i := range 24 {
			orders = append(orders, c.NewOrder(t, card.Standard, r.NewPerson(t, card.Name{Given: "Karin", Family: fmt.Sprintf("Kort %d", i)})))
		}
		r.MoveClock(t, 2*day)
		var all sync.WaitGroup
		for _, o := range orders {
			all.Go(func() {
				if _, err := r.Store.Order(t.Context(), c.Orderer, o); err != nil && ruleOf(err) != "card_orders_photo_there" {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if err := r.Store.Forget(t.Context()); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if n := texts(t, r.Owner, `SELECT count(*)::text FROM current_orders o JOIN pictures p ON p.id = o.photo_id WHERE NOT p.there`)[0]; n != "0" {
			t.Errorf("%s orders lack their photo", n)
		}
	})
}

// A rule that is missing stops what it is for, with an error that says so, and no picture.
func TestAFaultDoesNotKeepPictures(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	id := r.NewCompany(t).NewPhoto(t)
	if _, err := r.Owner.Exec(t.Context(), `DELETE FROM retention_rules WHERE what = 'link'`); err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, 2*day)
	if err := r.Store.Forget(t.Context()); err == nil {
		t.Error("nobody hears of the rule that is missing")
	}
	if isThere(t, r, id) {
		t.Error("the picture is there")
	}
}

// A worker forgets by itself, as soon as it begins, also where no mail can be sent.
func TestTheWorkerForgets(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	id := r.NewCompany(t).NewPhoto(t)
	r.MoveClock(t, 2*day)
	stop := work(t, r, nil)
	until(t, r, fmt.Sprintf(`SELECT NOT there AND jpeg IS NULL AND key IS NULL FROM pictures WHERE id = %d`, int64(id)))
	stop()
	if n := texts(t, r.Owner, `SELECT count(*)::text FROM river.river_job WHERE kind = 'forget' AND state <> 'completed'`)[0]; n != "0" {
		t.Errorf("%s jobs are left", n)
	}
}
