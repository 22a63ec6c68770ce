package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// newClaim is a whole claim, with a picture.
func newClaim(k *pgtest.Card) card.NewClaim {
	return card.NewClaim{
		Card: k.ID, Fault: "not_read", HeldStill: true, Note: "Läsaren piper inte.", Picture: card.NewPicture{JPEG: make([]byte, 200), Width: 7, Height: 9},
	}
}

func makeClaim(t *testing.T, k *pgtest.Card, by account.Actor) card.ClaimID {
	t.Helper()
	id, err := k.Company.Register.Store.MakeClaim(t.Context(), by, newClaim(k))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func decide(t *testing.T, r *pgtest.Register, id card.ClaimID, accept bool, note string) {
	t.Helper()
	if err := r.Store.DecideClaim(t.Context(), r.Issuer, card.ClaimDecision{Claim: id, Accept: accept, Note: note}); err != nil {
		t.Fatal(err)
	}
}

// Each fault of a claim is refused by its own rule, and what a claim check says beforehand is what happens; without the fault it is made.
func TestWhoClaimsWhat(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	active := func() *pgtest.Card { return c.Card(t, pgtest.Spec{Status: card.Active}) }
	holder := func(k *pgtest.Card) account.Actor { return k.Holder }
	orderer := func(k *pgtest.Card) account.Actor { return k.Orderer }
	for name, try := range map[string]struct {
		k    *pgtest.Card
		by   func(*pgtest.Card) account.Actor // the twin is the card's holder or orderer
		with func(*card.NewClaim)
		want error
		rule string
	}{
		"another orderer": {active(), func(*pgtest.Card) account.Actor { return c.OtherOrderer }, nil, card.ErrNotAllowed, "card_events_responsible_orderer"},
		"a person as holder who is not": {active(), func(*pgtest.Card) account.Actor { return account.Actor{Person: c.Orderer.Person}.AsHolder() }, nil,
			card.ErrNotFound, ""},
		"an administrator": {active(), func(*pgtest.Card) account.Actor { return c.Administrator }, nil, card.ErrNotAllowed, "claims_made_as_known"},
		"the issuer":       {active(), func(*pgtest.Card) account.Actor { return r.Issuer }, nil, card.ErrNotAllowed, "claims_made_as_known"},
		"not produced":     {c.Card(t, pgtest.Spec{Status: card.Approved}), holder, nil, card.ErrNotAllowed, "claims_card_in_use"},
		"terminated":       {c.Card(t, pgtest.Spec{Status: card.Terminated}), orderer, nil, card.ErrNotAllowed, "claims_card_in_use"},
		"a visitor card":   {c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced}), orderer, nil, card.ErrNotAllowed, "claims_card_in_use"},
		"no such fault":    {active(), holder, func(n *card.NewClaim) { n.Fault = "boring" }, card.ErrFault, "claims_fault"},
		"waved":            {active(), holder, func(n *card.NewClaim) { n.HeldStill = false }, card.ErrHeldStill, "claims_held_still"},
		"no words":         {active(), orderer, func(n *card.NewClaim) { n.Note = " \n" }, card.ErrNote, "claims_note_length"},
		"too many words":   {active(), orderer, func(n *card.NewClaim) { n.Note = strings.Repeat("å", 501) }, card.ErrNote, "claims_note_length"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newClaim(try.k)
			if try.with != nil {
				try.with(&n)
			}
			by := try.by(try.k)
			if _, err := r.Store.MakeClaim(t.Context(), by, n); !errors.Is(err, try.want) || try.rule != "" && ruleOf(err) != try.rule {
				t.Errorf("claimed: %v, want %v by %s", err, try.want, try.rule)
			}
			if try.rule == "claims_card_in_use" {
				check, err := r.Store.ClaimCheck(t.Context(), by, try.k.ID)
				if err != nil || string(check.Refusal) != try.rule {
					t.Errorf("the check says %q, %v", check.Refusal, err)
				}
				return // its twin is every other case
			}
			twin := orderer
			if try.with != nil {
				twin = try.by
			}
			check, err := r.Store.ClaimCheck(t.Context(), twin(try.k), try.k.ID)
			if err != nil || check.Refusal != "" || len(check.Faults) == 0 || check.Last != nil {
				t.Errorf("before the claim the check says %+v, %v", check, err)
			}
			makeClaim(t, try.k, twin(try.k))
			if check, err := r.Store.ClaimCheck(t.Context(), twin(try.k), try.k.ID); err != nil || check.Refusal != card.RuleClaimOneOpen || check.Last == nil {
				t.Errorf("after the claim the check says %+v, %v", check, err)
			}
		})
	}
}

// Produced and blocked cards can be claimed as well, the last day through.
func TestWhichCardsAreClaimed(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	for _, status := range []card.Status{card.Produced, card.Blocked} {
		k := c.Card(t, pgtest.Spec{Status: status})
		makeClaim(t, k, k.Holder)
	}
	k := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: r.Today(t)})
	late := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: r.Today(t)})
	makeClaim(t, k, k.Holder)
	r.MoveClock(t, 24*time.Hour)
	if _, err := r.Store.MakeClaim(t.Context(), late.Holder, newClaim(late)); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != "claims_not_expired" {
		t.Errorf("an expired card is claimed: %v", err)
	}
}

// However often the button is clicked there is one claim, and after a declined one there may be another.
func TestOneClaimAtATime(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	s := wide(t, r, 20)
	made := 0
	for _, err := range atOnce(20, func(i int) error {
		_, err := s.MakeClaim(t.Context(), []account.Actor{k.Holder, k.Orderer}[i%2], newClaim(k))
		return err
	}) {
		switch {
		case err == nil:
			made++
		case ruleOf(err) != "claims_one_open":
			t.Errorf("a claim ended with %v", err)
		}
	}
	if made != 1 {
		t.Errorf("%d claims were made", made)
	}
	open, err := r.Store.OpenClaims(t.Context(), r.Issuer, 0)
	if err != nil || len(open.Rows) != 1 || open.All.N != 1 {
		t.Fatalf("open are %+v, %v", open, err)
	}
	decide(t, r, open.Rows[0].Claim, false, "Kortet är inte felaktigt.")
	makeClaim(t, k, k.Holder)
}

// Only the issuer decides, once, and says why not.
func TestTheIssuerDecides(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	id := makeClaim(t, k, k.Holder)
	for name, by := range map[string]account.Actor{"holder": k.Holder, "orderer": k.Orderer, "administrator": c.Administrator} {
		if err := r.Store.DecideClaim(t.Context(), by, card.ClaimDecision{Claim: id, Accept: true}); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("%s decides: %v", name, err)
		}
	}
	const q = `SELECT decide_claim($1, $2, true, '')`
	if _, err := r.App.Exec(t.Context(), q, id, k.Orderer.Person); ruleOf(err) != "card_events_member" {
		t.Errorf("the orderer decides by SQL: %v", err)
	}
	if _, err := r.App.Exec(t.Context(), `UPDATE claims SET accepted = true`); ruleOf(err) != forbidden {
		t.Errorf("the application changes claims: %v", err)
	}
	if err := r.Store.DecideClaim(t.Context(), r.Issuer, card.ClaimDecision{Claim: id, Note: " "}); !errors.Is(err, card.ErrNote) || ruleOf(err) != "claims_declined_needs_note" {
		t.Errorf("declined without a word: %v", err)
	}
	decide(t, r, id, false, "Kortet fungerar hos oss.")
	if err := r.Store.DecideClaim(t.Context(), r.Issuer, card.ClaimDecision{Claim: id, Accept: true}); !errors.Is(err, card.ErrStale) || ruleOf(err) != "claims_decided_once" {
		t.Errorf("decided twice: %v", err)
	}
	if err := r.Store.DecideClaim(t.Context(), r.Issuer, card.ClaimDecision{Claim: id + 1000, Accept: true}); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("no such claim: %v", err)
	}
	check, err := r.Store.ClaimCheck(t.Context(), k.Orderer, k.ID)
	if err != nil || check.Last == nil || check.Last.Accepted || check.Last.DecisionNote != "Kortet fungerar hos oss." || check.Last.Decided.IsZero() {
		t.Errorf("the company reads %+v, %v", check.Last, err)
	}
}

// What is said in a claim: the holder reads the own words, the company and the issuer all.
func TestWhoReadsAClaim(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	c.Suspend(t)
	id := makeClaim(t, k, k.Orderer)
	for name, reader := range map[string]struct {
		by    account.Actor
		reads bool
	}{"holder": {k.Holder, false}, "orderer": {k.Orderer, true}, "administrator": {c.Administrator, true}} {
		check, err := r.Store.ClaimCheck(t.Context(), reader.by, k.ID)
		if err != nil || (check.Last.Note != "") != reader.reads || check.Last.HasPicture != reader.reads || check.Last.Effective != card.Suspended {
			t.Errorf("%s reads %+v, %v", name, check.Last, err)
		}
		if jpeg, err := r.Store.ClaimPicture(t.Context(), reader.by, id); (err == nil) != reader.reads || (len(jpeg) > 0) != reader.reads {
			t.Errorf("%s sees %d bytes, %v", name, len(jpeg), err)
		}
	}
	if claim, err := r.Store.Claim(t.Context(), r.Issuer, id); err != nil || claim.Note == "" || !claim.HasPicture {
		t.Errorf("the issuer reads %+v, %v", claim, err)
	}
}

// A replacement that costs nothing needs an accepted claim, once; the old card ends as reclaimed when the new one is activated.
func TestAFreeReplacement(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k, other := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	order := func(old *pgtest.Card) card.NewOrder {
		o := c.NewOrder(t, card.Standard, k.Holder.Person)
		o.Replaces, o.ReplaceReason = old.ID, card.Reclaimed
		return o
	}
	const rule = "card_orders_reclaimed_with_claim"
	refused := func(when string, o card.NewOrder) {
		t.Helper()
		if _, err := r.Store.Order(t.Context(), c.Orderer, o); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != rule {
			t.Errorf("%s: %v", when, err)
		}
	}
	refused("without a claim", order(k))
	id := makeClaim(t, k, k.Holder)
	refused("with an open claim", order(k))
	decide(t, r, id, true, "")
	otherID := makeClaim(t, other, other.Holder)
	decide(t, r, otherID, true, "")
	refused("for somebody else's claim", order(other))

	first, err := r.Store.Order(t.Context(), c.Orderer, order(k))
	if err != nil {
		t.Fatal(err)
	}
	version, err := r.Store.Correct(t.Context(), c.Orderer, first, 1, order(k))
	if err != nil {
		t.Errorf("the free order is corrected: %v", err)
	}
	if _, err := r.Store.Act(t.Context(), c.Orderer, card.Command{Card: first, Version: version, Action: card.Cancel}); err != nil {
		t.Fatal(err)
	}
	// One that was cancelled has cost nothing yet.
	second, err := r.Store.Order(t.Context(), c.Orderer, order(k))
	if err != nil {
		t.Fatal(err)
	}
	fresh := &pgtest.Card{ID: second, Kind: card.Standard, Holder: k.Holder, Orderer: c.Orderer, Company: c}
	fresh.See(t)
	for _, action := range []card.Action{card.Review, card.Approve, card.Produce} {
		fresh.Do(t, action)
	}
	refused("a second time", order(k))
	fresh.Do(t, card.Activate)
	shown, err := r.Store.Card(t.Context(), c.Orderer, k.ID)
	if err != nil || shown.Status != card.Terminated || shown.Events[len(shown.Events)-1].Reason != card.Reclaimed {
		t.Errorf("the old card is %s, %v", shown.Status, err)
	}
	check, err := r.Store.ClaimCheck(t.Context(), c.Orderer, k.ID)
	if err != nil || check.Last.Replacement != second {
		t.Errorf("the claim leads to %+v, %v; want card %d", check.Last, err, second)
	}
}

// The claims wait in the order in which they were made, and whoever sees whose cards they are is written down.
func TestOpenClaims(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	first, second := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Produced})
	one, two := makeClaim(t, first, first.Holder), makeClaim(t, second, second.Orderer)
	open, err := r.Store.OpenClaims(t.Context(), r.Issuer, 0)
	if err != nil || len(open.Rows) != 2 || open.Rows[0].Claim != one || open.Rows[1].Claim != two || open.Next != 0 {
		t.Fatalf("open are %+v, %v", open, err)
	}
	if open, err = r.Store.OpenClaims(t.Context(), r.Issuer, one); err != nil || len(open.Rows) != 1 || open.All.N != 2 {
		t.Errorf("after the first: %+v, %v", open, err)
	}
	looks := texts(t, r.Owner, `SELECT card_ids::text FROM issuer_looks WHERE page = 'claims' ORDER BY id`)
	if len(looks) != 2 || !strings.Contains(looks[0], ",") {
		t.Errorf("looks %v", looks)
	}
	// Nobody but the store's own statement claims: the card's company counts, not one that is given.
	other := r.NewCompany(t)
	third := c.Card(t, pgtest.Spec{Status: card.Active})
	const q = `INSERT INTO claims (card_id, company_id, made_by, made_as, fault, held_still, note) VALUES ($1, $2, $3, 'holder', 'broken', true, 'Trasigt')`
	if err := pgx.BeginFunc(t.Context(), r.App, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), q, third.ID, other.ID, third.Holder.Person)
		return err
	}); err == nil {
		t.Error("a claim with another company's number")
	}
	if _, err := r.App.Exec(t.Context(), q, third.ID, c.ID, third.Holder.Person); err != nil {
		t.Errorf("its twin: %v", err)
	}
}
