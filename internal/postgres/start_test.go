package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// What the start page counts is what looking at the cards finds: an orderer's own, an administrator's of the whole company.
func TestStartAgreesWithLooking(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := litter(t, r, 7)
	for _, status := range []card.Status{card.Reviewed, card.Produced} { // which wait for somebody else than other cards, or for nobody
		c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: status})
	}
	all, today := lyingCards(t, r, c), r.Today(t)
	type wait struct {
		role   account.Role
		status card.Status
	}
	roles := map[card.Status]account.Role{
		card.Ordered: account.Issuer, card.Reviewed: account.Holder, card.Approved: account.Issuer, card.Rejected: account.Orderer, card.Produced: account.Holder,
	}
	for name, by := range map[string]account.Actor{"orderer": c.Orderer, "administrator": c.Administrator} {
		start, err := r.Store.Start(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		want, since := map[wait]int{}, map[wait]time.Time{}
		expiring := map[card.Step]int{}
		statuses := map[card.Status]int{}
		for _, k := range all {
			past := k.ValidTo != nil && k.ValidTo.Before(today)
			made := slices.Contains([]card.Status{card.Produced, card.Active, card.Blocked}, k.Status)
			effective := k.Status
			if made && past {
				effective = card.Expired
			}
			statuses[effective]++
			if name == "orderer" && k.Orderer != by.Person {
				continue
			}
			role, waits := roles[k.Status]
			if k.Kind == card.Visitor && k.Status == card.Reviewed {
				role = account.Issuer
			}
			if k.Kind == card.Visitor && k.Status == card.Produced {
				waits = false
			}
			if waits && !past {
				w := wait{role, k.Status}
				want[w]++
				if since[w].IsZero() || k.Changed.Before(since[w]) {
					since[w] = k.Changed
				}
			}
			if made && !waits && !past {
				for step, until := range map[card.Step]time.Time{
					card.OneWeek: today.AddDate(0, 0, 7), card.OneMonth: today.AddDate(0, 1, 0), card.ThreeMonths: today.AddDate(0, 3, 0), card.SixMonths: today.AddDate(0, 6, 0),
				} {
					if !k.ValidTo.After(until) {
						expiring[step]++
					}
				}
			}
		}
		got := map[wait]int{}
		for _, w := range start.Waits {
			at := wait{w.Role, w.Status}
			got[at] = w.N
			if w.Capped || !w.Since.Equal(since[at]) {
				t.Errorf("%s: %+v, want since %v", name, w, since[at])
			}
			search := card.Search{Status: w.Status, Kind: w.Kind}
			if name == "orderer" {
				search.Orderer = by.Person
			}
			if found, err := r.Store.SearchCards(t.Context(), by, search); err != nil || found.Total.N != w.N {
				t.Errorf("%s: %+v, and a search finds %d, %v", name, w, found.Total.N, err)
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(wait{}), cmpopts.EquateEmpty()); diff != "" || len(want) < 3 {
			t.Errorf("%s waits:\n%s", name, diff)
		}
		var steps []card.Step
		for _, s := range start.Expiring {
			steps = append(steps, s.Step)
			if s.N != expiring[s.Step] || s.Capped {
				t.Errorf("%s: %+v, want %d", name, s, expiring[s.Step])
			}
		}
		if !slices.Equal(steps, card.Steps()) {
			t.Errorf("the steps are %v", steps)
		}
		for _, s := range start.Statuses {
			if s.N != statuses[s.Status] || s.Capped {
				t.Errorf("%s: %+v, want %d", name, s, statuses[s.Status])
			}
			delete(statuses, s.Status)
		}
		if len(statuses) > 0 {
			t.Errorf("not counted: %v", statuses)
		}
		counts, err := r.Store.CleanUp(t.Context(), by, name == "orderer")
		if err != nil || counts.Savings != start.Savings {
			t.Errorf("%s: saves %+v, the page Städa says %+v, %v", name, start.Savings, counts.Savings, err)
		}
	}
}

// Claims are told for a month after they were decided; own cards wait in whatever company.
func TestStartTellsOfClaimsAndOwnCards(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Åsa", Family: "Prov"}})
	claim := makeClaim(t, k, k.Orderer)
	claims := func(by account.Actor) []card.AnsweredClaim {
		t.Helper()
		start, err := r.Store.Start(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		return start.Claims
	}
	if got := claims(c.Orderer); len(got) != 0 {
		t.Errorf("before the decision: %v", got)
	}
	if err := r.Store.DecideClaim(t.Context(), r.Issuer, card.ClaimDecision{Claim: claim, Accept: true}); err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]account.Actor{"orderer": c.Orderer, "administrator": c.Administrator} {
		got := claims(by)
		if len(got) != 1 || got[0].Card != k.ID || got[0].Number != k.Number || got[0].Holder.Full() != "Åsa Prov" || !got[0].Accepted || got[0].Decided.IsZero() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := append(claims(c.OtherOrderer), claims(other.Orderer)...); len(got) != 0 {
		t.Errorf("others are told %v", got)
	}
	r.MoveClock(t, 31*24*time.Hour)
	if got := claims(c.Orderer); len(got) != 0 {
		t.Errorf("a month later: %v", got)
	}
	other.Card(t, pgtest.Spec{Status: card.Produced, Holder: c.Orderer.Person})
	other.Card(t, pgtest.Spec{Status: card.Produced, Holder: c.OtherOrderer.Person, ValidTo: r.Today(t).AddDate(0, 0, -1)})
	for by, want := range map[*account.Actor]int{&c.Orderer: 1, &c.OtherOrderer: 0} {
		if start, err := r.Store.Start(t.Context(), *by); err != nil || start.Own != (card.Count{N: want}) {
			t.Errorf("%d own cards wait, %v", start.Own.N, err)
		}
	}
}
