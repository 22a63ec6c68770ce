package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"golang.org/x/net/html"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// newApprover is the holder of a card that waits for approval.
func newApprover(t *testing.T) (*portal, *browser, *pgtest.Card) {
	t.Helper()
	p := newPortal(t)
	k := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Reviewed})
	return p, p.logIn(t, k.Holder), k
}

func TestApproving(t *testing.T) {
	t.Parallel()
	p, b, k := newApprover(t)
	active := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active, Holder: k.Holder.Person})
	list := b.get("/my-cards").mustBe(http.StatusOK).mustSay(swedish("approve.waiting"))
	if cards := list.cards(); len(cards) != 2 || cards[0].status != "reviewed" || cards[1].number != myAddress(active) {
		t.Errorf("the list shows %v, want the one that waits first", cards)
	}
	b.get(myAddress(k)).mustSay(swedish("approve.waiting"), swedish("action.decline"))
	page := b.get(myAddress(k, "approve")).mustBe(http.StatusOK).mustSay("Karin Kortinnehavare", k.Company.Name, swedish("approve.valid_to_more"))
	photo := page.all(func(n *html.Node) bool { return attr(n, "src") == myAddress(k, "photo") })
	if len(photo) != 2 || attr(photo[0], "alt") == "" || attr(photo[1], "class") != "card-photo" {
		t.Errorf("the page shows %d photos, want it on the card and large", len(photo))
	}
	a := b.get(myAddress(k, "photo")).mustBe(http.StatusOK)
	if len(a.body) != 200 || a.header.Get("Content-Type") != "image/jpeg" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the photo is %d bytes with %v", len(a.body), a.header)
	}
	b.sendForm(page, myAddress(k, "approve")).mustLeadTo(myAddress(k) + "?receipt=3")
	own := b.get(myAddress(k) + "?receipt=3").mustSay(swedish("approve.receipt")).mustNotSay(swedish("approve.waiting"))
	if len(own.all(func(n *html.Node) bool { return attr(n, "src") == myAddress(k, "photo") })) != 1 {
		t.Error("the page of the card does not show its photo")
	}
	if k.See(t); k.Status != card.Approved {
		t.Errorf("the card is %s", k.Status)
	}
	// A second click has nothing left to do, and another is told why not.
	b.sendForm(page, myAddress(k, "approve")).mustBe(http.StatusConflict).mustSay(swedish("conflict.repeated"))
	b.get(myAddress(k, "approve")).mustBe(http.StatusConflict)
}

// Whoever declines says why, and the orderer reads it.
func TestDeclining(t *testing.T) {
	t.Parallel()
	p, b, k := newApprover(t)
	p.log.forbid("heter Svensson nu")
	path := myAddress(k, "decline")
	page := b.get(path).mustBe(http.StatusOK).mustSay(swedish("approve.decline_reversible"))
	for name, tc := range map[string]struct{ reason, note, field string }{
		"no reason":             {"", "heter Svensson nu", "reason"},
		"one of another action": {"lost", "", "reason"},
		"other without a note":  {"other", "", "note"},
	} {
		a := b.sendForm(page, path, "reason", tc.reason, "note", tc.note).mustFail(http.StatusUnprocessableEntity, tc.field)
		if kept := a.form(path); kept.Get("note") != tc.note {
			t.Errorf("%s: kept is %v", name, kept)
		}
	}
	for _, reason := range []string{"wrong_data", "photo", "not_employed", "other"} {
		if k.Status != card.Reviewed {
			k.Do(t, card.Correct)
			k.Do(t, card.Review)
		}
		b.sendForm(b.get(path), path, "reason", reason, "note", "heter Svensson nu").mustBe(http.StatusSeeOther)
		if k.See(t); k.Status != card.Rejected {
			t.Errorf("%s: the card is %s", reason, k.Status)
		}
	}
	b.get(fmt.Sprintf("%s?receipt=%d", myAddress(k), k.Version)).mustSay(swedish("approve.decline_receipt"))
	p.logIn(t, k.Orderer).get(address(k)).mustSay(swedish("event.decline"), swedish("reason.wrong_data"), "heter Svensson nu")
	b.get(path).mustBe(http.StatusConflict)
}

// Who approves approves what was seen: after a correction the page shows the new data, and nothing has been approved.
func TestApprovingWhatWasCorrected(t *testing.T) {
	t.Parallel()
	p, b, k := newApprover(t)
	path := myAddress(k, "approve")
	page := b.get(path)
	corrected := k.Company.NewOrder(t, card.Standard, k.Holder.Person)
	corrected.Name = card.Name{Given: "Karin", Family: "Rättstavad"}
	if _, err := p.Store.Correct(t.Context(), k.Orderer, k.ID, k.Version, corrected); err != nil {
		t.Fatal(err)
	}
	a := b.sendForm(page, path).mustBe(http.StatusConflict).mustSay("Karin Rättstavad", swedish("approve.changed_closed"), swedish("event.correct"))
	if a.hasForm(path) {
		t.Error("what is not reviewed can be approved")
	}
	k.See(t)
	k.Do(t, card.Review)
	a = b.sendForm(page, path).mustBe(http.StatusConflict).mustSay("Karin Rättstavad", swedish("approve.changed_open"))
	if k.See(t); k.Status != card.Reviewed {
		t.Fatalf("the card is %s", k.Status)
	}
	b.sendForm(a, path).mustBe(http.StatusSeeOther)
	if k.See(t); k.Status != card.Approved {
		t.Errorf("the card is %s", k.Status)
	}
	b.post(path, "version", "x").mustBe(http.StatusConflict)
}

// The photo and the approval are the holder's own: everybody else finds nothing there.
func TestApprovalIsTheHoldersOwn(t *testing.T) {
	t.Parallel()
	p, own, k := newApprover(t)
	other := k.Company.Card(t, pgtest.Spec{Status: card.Reviewed})
	for name, b := range map[string]*browser{
		"another holder": p.logIn(t, other.Holder), "orderer": p.logIn(t, k.Orderer), "administrator": p.logIn(t, k.Company.Administrator), "issuer": p.logIn(t, p.Issuer),
	} {
		for _, path := range []string{"photo", "approve", "decline", "activate", "claim"} {
			b.get(myAddress(k, path)).mustBe(http.StatusNotFound)
		}
		for _, path := range []string{"approve", "decline", "activate", "claim"} {
			b.post(myAddress(k, path), "version", fmt.Sprint(k.Version), "reason", "photo", "card_number", "123456", "fault", "broken", "held_still", "yes", "description", "x").
				mustBe(http.StatusNotFound)
		}
		if k.See(t); k.Status != card.Reviewed {
			t.Fatalf("%s made it %s", name, k.Status)
		}
	}
	own.get(myAddress(k, "photo")).mustBe(http.StatusOK)
}
