package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html/atom"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// deskAddresses are all that there are, about one card and one batch.
func deskAddresses(k *pgtest.Card, batch string) (get, post []string) {
	review := under("/desk/review/", k.ID)
	return []string{
			"/desk", "/desk?queue=sent", "/desk/review", review, under("/desk/photos/", k.ID), "/desk/production", batch, batch + "/cards.csv",
			batch + "/cards.zip", batch + "/delivery-notes",
		}, []string{
			review + "/review", review + "/reject", "/desk/production", batch + "/answer",
		}
}

// The desk is the issuer's: for everybody else there is no such page, and nothing changes.
func TestTheDeskIsTheIssuers(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k, ready := c.Card(t, pgtest.Spec{Status: card.Ordered}), c.Card(t, pgtest.Spec{Status: card.Approved})
	clerk := p.logIn(t, p.Issuer)
	batch := clerk.post("/desk/production", "cards", "10").mustBe(http.StatusSeeOther).location()
	get, post := deskAddresses(k, batch)
	for name, who := range map[string]account.Actor{"orderer": c.Orderer, "administrator": c.Administrator, "holder": ready.Holder} {
		t.Run(name, func(t *testing.T) {
			b := p.logIn(t, who)
			for _, path := range get {
				b.get(path).mustBe(http.StatusNotFound)
			}
			for _, path := range post {
				b.post(path, "version", "1", "reason", "photo", "cards", "10").mustBe(http.StatusNotFound)
			}
			if links := b.follow(b.get("/")).links(); slices.Contains(links, "/desk") {
				t.Error("the menu leads to the desk")
			}
		})
	}
	clerk.t = t
	for _, path := range get {
		if a := clerk.get(path); a.status != http.StatusOK && a.status != http.StatusSeeOther {
			t.Errorf("%s answers the issuer %d", path, a.status)
		}
	}
	for _, path := range []string{"/desk/review/0", "/desk/review/999999999", "/desk/photos/999999999", "/desk/production/999999999", "/desk/production/x/cards.csv",
		"/desk?queue=lost", "/desk?after=x", "/desk/production/999999999/cards.zip", "/desk/production/999999999/delivery-notes"} {
		clerk.get(path).mustBe(http.StatusNotFound)
	}
	clerk.post(under("/desk/review/", k.ID)+"/block", "version", "1").mustBe(http.StatusNotFound)
	if a := clerk.post("/desk/review").mustBe(http.StatusMethodNotAllowed); a.header.Get("Allow") == "" {
		t.Error("which methods there are is not told")
	}
	if k.See(t); k.Version != 1 {
		t.Errorf("the card is in version %d", k.Version)
	}
}

// One decision leads to the next order, with a word on what was done.
func TestAClerkReviewsOneAfterAnother(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.log.forbid("i skugga")
	c := p.NewCompany(t)
	first, second := c.Card(t, pgtest.Spec{Status: card.Ordered}), c.Card(t, pgtest.Spec{Status: card.Ordered, Kind: card.Visitor})
	b := p.logIn(t, p.Issuer)
	desk := b.get("/desk").mustBe(http.StatusOK)
	if len(desk.cards()) != 2 || !slices.Contains(desk.links(), under("/desk/review/", first.ID)) {
		t.Errorf("the desk shows %v", desk.cards())
	}
	page := b.follow(b.get("/desk/review").mustLeadTo(under("/desk/review/", first.ID)))
	page.mustSay("Karin", "Kortinnehavare", "PO 17", "Testgatan 1", "XX ****", c.Name)
	page.mustNotSay("TEST0000")
	approve := under("/desk/review/", first.ID, "review")
	if focus := page.all(hasAutofocus); len(focus) != 1 || focus[0].DataAtom != atom.Button || textOf(focus[0]) != swedish("desk.approve") {
		t.Error("the focus is not on the approval")
	}
	photo := b.get(under("/desk/photos/", first.ID)).mustBe(http.StatusOK)
	if photo.header.Get("Content-Type") != "image/jpeg" || len(photo.body) != 200 {
		t.Errorf("the photo is %d bytes of %s", len(photo.body), photo.header.Get("Content-Type"))
	}
	next := b.sendForm(page, approve).mustLeadTo(under("/desk/review/", second.ID) + fmt.Sprintf("?done=%d", first.ID))
	page = b.follow(next).mustSay(swedish("desk.done_review"), swedish("desk.done_final"))
	reject := under("/desk/review/", second.ID, "reject")
	last := b.sendForm(page, reject, "reason", "documents", "note", "Ligger i skugga.")
	last.mustLeadTo(fmt.Sprintf("/desk?none=left&done=%d", second.ID))
	b.follow(last).mustSay(swedish("desk.done_reject"), swedish("desk.none_left"))
	first.See(t)
	second.See(t)
	if first.Status != card.Reviewed || second.Status != card.Rejected {
		t.Errorf("they are %s and %s", first.Status, second.Status)
	}
	// Nobody makes up what was done.
	b.get(fmt.Sprintf("/desk?done=%d", first.ID+1000)).mustBe(http.StatusOK).mustNotSay(swedish("desk.done_review"))
	p.logIn(t, p.NewIssuer(t)).get(fmt.Sprintf("/desk?done=%d", first.ID)).mustBe(http.StatusOK).mustNotSay(swedish("desk.done_review"))
}

func TestInvalidRejectionsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.log.forbid("sitter i hissen")
	k := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Ordered})
	b := p.logIn(t, p.Issuer)
	path := under("/desk/review/", k.ID, "reject")
	for name, tc := range map[string]struct{ reason, note, field string }{
		"no reason":            {"", "sitter i hissen", "reason"},
		"an orderer's reason":  {"lost", "sitter i hissen", "reason"},
		"other without a note": {"other", " ", "note"},
		"too long a note":      {"photo", strings.Repeat("å", 501), "note"},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			a := b.post(path, "version", "1", "reason", tc.reason, "note", tc.note).mustFail(http.StatusUnprocessableEntity, tc.field)
			if kept := a.form(path); kept.Get("note") != strings.TrimSpace(tc.note) || kept.Get("version") != "1" {
				t.Errorf("kept is %v", kept)
			}
		})
	}
	if n := p.events(t, k.ID); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	b.post(path, "version", "1", "reason", "other", "note", "sitter i hissen").mustBe(http.StatusSeeOther)
}

// The second of two clerks is told who decided what, and keeps what was typed.
func TestTwoClerksDecideOnOneOrder(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.log.forbid("syns inte")
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Ordered})
	one, two := p.logIn(t, p.Issuer), p.logIn(t, p.NewIssuer(t))
	one.get("/desk/review").mustLeadTo(under("/desk/review/", k.ID))
	two.get("/desk/review").mustLeadTo("/desk?none=left")
	page := two.get(under("/desk/review/", k.ID)).mustSay(swedish("desk.claimed_more", str("name", "Ulla Utfärdare")))
	one.post(under("/desk/review/", k.ID, "review"), "version", "1").mustBe(http.StatusSeeOther)
	a := two.sendForm(page, under("/desk/review/", k.ID, "reject"), "reason", "photo", "note", "Ansiktet syns inte")
	a.mustBe(http.StatusConflict).mustSay(swedish("desk.stale"), swedish("event.review"), "Ansiktet syns inte", swedish("reason.photo"))
	if a.hasForm(under("/desk/review/", k.ID, "reject")) {
		t.Error("what is decided can be decided again")
	}
	// Corrected meanwhile it is to be reviewed anew, and the form is there with what was typed.
	k.See(t)
	k.Do(t, card.Correct)
	a = two.post(under("/desk/review/", k.ID, "reject"), "version", "2", "reason", "photo", "note", "Ansiktet syns inte").mustBe(http.StatusConflict)
	if kept := a.form(under("/desk/review/", k.ID, "reject")); kept.Get("version") != "3" || kept.Get("reason") != "photo" || kept.Get("note") != "Ansiktet syns inte" {
		t.Errorf("kept is %v", kept)
	}
	for _, version := range []string{"", "0", "x", "99999999999999999999", "2147483647"} {
		two.post(under("/desk/review/", k.ID, "review"), "version", version).mustBe(http.StatusConflict)
	}
	if n := p.events(t, k.ID); n != 3 {
		t.Errorf("%d events, want 3", n)
	}
}

// Without a photo there is nothing to approve: the page says so, and the rule refuses.
func TestAnOrderWithoutAPhotoIsNotApproved(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	o := c.NewOrder(t, card.Standard, p.NewPerson(t, card.Name{Given: "Ingen", Family: "Bild"}))
	o.Photo = 0
	id, err := p.Store.Order(t.Context(), c.Orderer, o)
	if err != nil {
		t.Fatal(err)
	}
	b := p.logIn(t, p.Issuer)
	page := b.get(under("/desk/review/", id)).mustBe(http.StatusOK).mustSay(swedish("desk.photo_missing"))
	if page.hasForm(under("/desk/review/", id, "review")) || page.form(under("/desk/review/", id, "reject")).Get("reason") != "photo" {
		t.Error("it can be approved, or the reason is not at hand")
	}
	b.get(under("/desk/photos/", id)).mustBe(http.StatusNotFound)
	b.post(under("/desk/review/", id, "review"), "version", "1").mustBe(http.StatusConflict).mustSay(swedish("desk.photo_missing"))
	b.sendForm(page, under("/desk/review/", id, "reject")).mustBe(http.StatusSeeOther)
}
