package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// deskOf is the issuer's desk as it is now, with one queue.
func deskOf(t *testing.T, r *pgtest.Register, q card.Queue, after card.ID) card.Desk {
	t.Helper()
	d, err := r.Store.Desk(t.Context(), r.Issuer, q, after)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func countOf(d card.Desk, q card.Queue) int {
	return d.Counts[slices.IndexFunc(d.Counts, func(c card.QueueCount) bool { return c.Queue == q })].N
}

// A card lies in one queue at a time, from its order to its delivery, and in none when it waits for somebody else.
func TestACardPassesTheQueues(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Ordered})
	v := c.Card(t, pgtest.Spec{Status: card.Reviewed, Kind: card.Visitor})
	where := func(id card.ID) (in []card.Queue) {
		for _, q := range []card.Queue{card.ToReview, card.ToProduce, card.AtBureau, card.Sent} {
			d := deskOf(t, r, q, 0)
			if len(d.Rows) != countOf(d, q) {
				t.Errorf("%s: %d rows, count %d", q, len(d.Rows), countOf(d, q))
			}
			if slices.ContainsFunc(d.Rows, func(row card.QueueRow) bool { return row.ID == id }) {
				in = append(in, q)
			}
		}
		return in
	}
	check := func(what string, id card.ID, want ...card.Queue) {
		t.Helper()
		if got := where(id); !slices.Equal(got, want) {
			t.Errorf("%s: in %v, want %v", what, got, want)
		}
	}
	check("ordered", k.ID, card.ToReview)
	check("a reviewed visitor card", v.ID, card.ToProduce)
	k.Do(t, card.Review)
	check("reviewed", k.ID)
	k.Do(t, card.Approve)
	check("approved", k.ID, card.ToProduce)
	batch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 10)
	if err != nil {
		t.Fatal(err)
	}
	check("in a batch", k.ID, card.AtBureau)
	if _, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, madeAll(t, r, batch)); err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM messages WHERE template = 'card_produced'`); n != "1" {
		t.Errorf("%s mails that a card is on its way", n)
	}
	check("produced", k.ID, card.Sent)
	check("a produced visitor card", v.ID, card.Sent)
	k.See(t)
	k.Do(t, card.Activate)
	check("activated", k.ID, card.Sent)
	r.MoveClock(t, 31*24*time.Hour)
	check("a month later", k.ID)
}

// Pages follow one another without a gap, and the age is that of who has waited longest.
func TestTheQueuesArePagedAndAged(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	approved(t, r, c, 60)
	for range 30 {
		c.Card(t, pgtest.Spec{Status: card.Ordered, Kind: card.Visitor})
	}
	for _, q := range []card.Queue{card.ToReview, card.ToProduce} {
		var seen []card.ID
		for after := card.ID(0); ; {
			d := deskOf(t, r, q, after)
			for _, row := range d.Rows {
				seen = append(seen, row.ID)
			}
			if after = d.Next; after == 0 {
				break
			}
			if len(d.Rows) != card.PageSize {
				t.Fatalf("%s: a page of %d that is not the last", q, len(d.Rows))
			}
		}
		if d := deskOf(t, r, q, 0); len(seen) != countOf(d, q) || len(seen) <= card.PageSize {
			t.Errorf("%s: %d on the pages, %d counted", q, len(seen), countOf(d, q))
		}
		if !slices.IsSorted(seen) {
			t.Errorf("%s: not by age", q)
		}
	}
	r.MoveClock(t, 48*time.Hour)
	c.Card(t, pgtest.Spec{Status: card.Ordered})
	d := deskOf(t, r, card.ToReview, 0)
	if age := now(t, r).Sub(d.Counts[0].Oldest); age < 47*time.Hour {
		t.Errorf("the oldest waits for %v", age)
	}
}

// Two clerks never get the same order, unless one has left it lying.
func TestTwoClerksReview(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	other := r.NewIssuer(t)
	a, b := c.Card(t, pgtest.Spec{Status: card.Ordered}), c.Card(t, pgtest.Spec{Status: card.Ordered, Kind: card.Visitor})
	// Without a photo there is nothing to review.
	bare := c.NewOrder(t, card.Standard, r.NewPerson(t, card.Name{Given: "Ingen", Family: "Bild"}))
	bare.Photo = 0
	noPhoto, err := r.Store.Order(t.Context(), c.Orderer, bare)
	if err != nil {
		t.Fatal(err)
	}
	next := func(want card.ID, after card.ID, first bool) {
		t.Helper()
		by := other
		if first {
			by = r.Issuer
		}
		if id, err := r.Store.NextToReview(t.Context(), by, after); want != 0 && (id != want || err != nil) || want == 0 && !errors.Is(err, card.ErrNotFound) {
			t.Errorf("next is %d, %v; want %d", id, err, want)
		}
	}
	next(a.ID, 0, true)
	next(a.ID, 0, true) // still mine
	next(b.ID, 0, false)
	next(a.ID, a.ID, true) // the other one is taken, so round to the beginning
	d := deskOf(t, r, card.ToReview, 0)
	if d.Rows[0].ClaimedBy != (card.Name{}) || d.Rows[1].ClaimedBy != (card.Name{Given: "Ulla", Family: "Utfärdare"}) {
		t.Errorf("claimed by %v and %v", d.Rows[0].ClaimedBy, d.Rows[1].ClaimedBy)
	}
	if !d.Rows[2].NoPhoto || d.Rows[2].ID != noPhoto || d.Rows[0].NoPhoto || d.Rows[1].NoPhoto {
		t.Error("an order without a photo is not marked, or another one is")
	}
	b.Do(t, card.Review)
	next(0, 0, false) // a is the first clerk's, the last has no photo
	r.MoveClock(t, 6*time.Minute)
	next(a.ID, 0, false)
	next(0, 0, true)
	// A claim forbids nothing: of two decisions the version lets one win.
	a.Do(t, card.Review)
	if _, err := r.Store.Act(t.Context(), other, card.Command{Card: a.ID, Version: 1, Action: card.Reject, Reason: card.Photo}); !errors.Is(err, card.ErrStale) {
		t.Errorf("the second decision: %v", err)
	}
	if action, err := r.Store.Decided(t.Context(), r.Issuer, a.ID); action != card.Review || err != nil {
		t.Errorf("decided %q, %v", action, err)
	}
	if action, err := r.Store.Decided(t.Context(), other, a.ID); action != "" || err != nil {
		t.Errorf("another clerk decided %q, %v", action, err)
	}
}

// Many clerks who ask at once get an order each.
func TestManyClerksAtOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	const clerks = 16
	s := wide(t, r, clerks)
	got := make([]card.ID, clerks)
	for range clerks {
		c.Card(t, pgtest.Spec{Status: card.Ordered, Kind: card.Visitor})
	}
	by := make([]int64, clerks)
	for i := range by {
		by[i] = int64(r.NewIssuer(t).Person)
	}
	results := atOnce(clerks, func(i int) (err error) {
		who := r.Issuer
		who.Person = idOf(by[i])
		got[i], err = s.NextToReview(t.Context(), who, 0)
		return err
	})
	if err := errors.Join(results...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if len(slices.Compact(got)) != clerks {
		t.Errorf("some got the same: %v", got)
	}
}

// What the reviewer sees: the order, the person's earlier cards at this company and no other, what was rejected before.
func TestTheReviewCase(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	earlier := c.Card(t, pgtest.Spec{Status: card.Active})
	other.Card(t, pgtest.Spec{Status: card.Active, Holder: earlier.Holder.Person})
	k := c.Card(t, pgtest.Spec{Status: card.Rejected, Holder: earlier.Holder.Person})
	k.Do(t, card.Correct)
	review, err := r.Store.ReviewCase(t.Context(), r.Issuer, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	if review.Order.Reference != "PO 17" || review.Order.Citizenship != "SE" || review.IdentityKind != "passport" || review.Identity != "XX ****" {
		t.Errorf("the order is %+v", review.Order)
	}
	if len(review.Earlier) != 1 || review.Earlier[0].ID != earlier.ID || !review.Earlier[0].HasPhoto {
		t.Errorf("the earlier cards are %v", review.Earlier)
	}
	if want := r.Today(t).AddDate(2, 0, 0); !review.LastDay.Equal(want) {
		t.Errorf("valid until %v, want %v", review.LastDay, want)
	}
	if choice, ok := review.Choice(card.Review); !ok || !choice.Open() {
		t.Errorf("to review it is %v", choice)
	}
	jpeg, err := r.Store.OrderedPhoto(t.Context(), r.Issuer, k.ID)
	if err != nil || len(jpeg) != 200 {
		t.Errorf("the photo has %d bytes, %v", len(jpeg), err)
	}
	looks := texts(t, r.Owner, `SELECT page || ' ' || array_to_string(card_ids, ' ') FROM issuer_looks ORDER BY id`)
	want := texts(t, r.Owner, `SELECT x FROM unnest(ARRAY['card ' || $1, 'review ' || $1 || ' ' || $2, 'photo ' || $1]) x`, idText(k.ID), idText(earlier.ID))
	if !slices.Equal(looks, want) {
		t.Errorf("the looks are %v, want %v", looks, want)
	}
	// What cannot be written down is not shown.
	if _, err := r.Owner.Exec(t.Context(), `REVOKE INSERT (person_id, page, card_ids) ON issuer_looks FROM kortportal_app`); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.OrderedPhoto(t.Context(), r.Issuer, k.ID); ruleOf(err) != forbidden {
		t.Errorf("without a log the photo is shown: %v", err)
	}
	if _, err := r.Store.Desk(t.Context(), r.Issuer, card.ToReview, 0); ruleOf(err) != forbidden {
		t.Errorf("without a log the queue is shown: %v", err)
	}
}
