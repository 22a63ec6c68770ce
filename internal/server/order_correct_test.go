package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

func TestCorrect(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	for _, status := range []card.Status{card.Ordered, card.Reviewed, card.Rejected} {
		k := company.Card(t, pgtest.Spec{Status: status})
		path := address(k, "correct")
		if !slices.Contains(b.get(address(k)).links(), path) {
			t.Errorf("a %s card does not lead to its correction", status)
		}
		page := b.get(path).mustBe(http.StatusOK)
		if status == card.Rejected {
			page.mustSay(swedish("order.rejected", i18n.Str("reason", swedish("reason.photo"))))
		}
		form := page.form(path)
		if form.Get("given_name") != "Karin" || form.Get("photo_id") == "" || form.Get("version") != fmt.Sprint(k.Version) {
			t.Fatalf("filled in is %v", form)
		}
		old := form.Get("photo_id")
		b.send(path, filled(page.form(path), "details", "family_name", "")).mustFail(http.StatusUnprocessableEntity, "family_name")
		preview := b.upload(path, filled(form, "details", "family_name", "Rättad"), "photo", "ny.jpg", portrait(t, 700, 900)).mustBe(http.StatusOK).mustSay("Karin Rättad")
		if preview.form(path).Get("photo_id") == old {
			t.Error("the photo is the old one")
		}
		done := b.send(path, filled(preview.form(path), "order")).mustLeadTo(address(k) + "?receipt=" + strconv.Itoa(k.Version+1))
		b.follow(done).mustSay(swedish("receipt.correct"), "Karin Rättad")
		if k.See(t); k.Status != card.Ordered {
			t.Errorf("corrected, the card is %s", k.Status)
		}
	}
	k := company.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Rejected})
	path := address(k, "correct")
	b.send(path, filled(b.get(path).form(path), "order", "reference", "Ny")).mustBe(http.StatusSeeOther)
	if n := query[int](t, p, `SELECT count(*) FROM current_orders WHERE card_id = $1 AND reference = 'Ny'`, k.ID); n != 1 {
		t.Error("the visitor card's order is not corrected")
	}
}

func TestCorrectRefused(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	k := company.Card(t, pgtest.Spec{Status: card.Rejected})
	path := address(k, "correct")
	form := b.get(path).form(path)
	for name, tc := range map[string]struct {
		by  account.Actor
		say string
	}{
		"another orderer":  {company.OtherOrderer, swedish("why.not_orderer", i18n.Str("orderer", "Bo Beställare"))},
		"an administrator": {company.Administrator, swedish("why.role", i18n.Str("orderer", "Bo Beställare"))},
		"the issuer":       {p.Issuer, swedish("why.role", i18n.Str("orderer", "Bo Beställare"))},
	} {
		other := p.logIn(t, tc.by)
		other.get(path).mustBe(http.StatusForbidden).mustSay(tc.say)
		if a := other.send(path, filled(form, "order")); a.status != http.StatusForbidden {
			t.Errorf("%s is answered %d", name, a.status)
		}
	}
	approved := company.Card(t, pgtest.Spec{Status: card.Approved})
	b.get(address(approved, "correct")).mustBe(http.StatusConflict).mustSay(swedish("why.status", i18n.Str("status", swedish("status.approved"))))
	b.send(address(approved, "correct"), filled(form, "order")).mustBe(http.StatusConflict)

	theirs := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Rejected})
	b.sameAnswer(b.get(address(theirs, "correct")), b.get("/cards/999999999/correct"))
	b.sameAnswer(b.send(address(theirs, "correct"), filled(form, "order")), b.send("/cards/999999999/correct", filled(form, "order")))
	b.send(path, filled(b.get(path).form(path), "order")).mustBe(http.StatusSeeOther)
}

// Who comes second is told what happened, and keeps what was typed.
func TestLateCorrection(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	k := company.Card(t, pgtest.Spec{Status: card.Ordered})
	path := address(k, "correct")
	form := filled(b.get(path).form(path), "details", "family_name", "Rättad")
	k.Do(t, card.Reject)
	for _, step := range []string{"details", "order"} {
		form.Set("step", step)
		late := b.send(path, form).mustBe(http.StatusConflict).mustSay(swedish("conflict.title"), swedish("event.reject"))
		kept := late.form(path)
		if kept.Get("family_name") != "Rättad" || kept.Get("version") != "2" || kept.Get("photo_id") == "" {
			t.Errorf("kept is %v", kept)
		}
	}
	for _, version := range []string{"", "0", "-1", "x", "99999999999"} {
		form.Set("version", version)
		b.send(path, form).mustBe(http.StatusConflict)
	}
	if n := p.events(t, k.ID); n != 2 {
		t.Fatalf("%d events, want 2", n)
	}
	form.Set("version", "2")
	b.send(path, form).mustBe(http.StatusSeeOther)
}
