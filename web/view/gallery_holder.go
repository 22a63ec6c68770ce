package view

import "github.com/a-h/templ"

func (g sample) addApprovals(add func(string, templ.Component)) {
	reviewed, ordered := g.card("reviewed"), g.card("ordered")
	page := MyCardApprove{Layout: g.holder("/my-cards/7/approve"), Card: reviewed.card, ValidTo: day("2030-01-15"), Open: true}
	add("my-card-approve-no-photo", MyCardApprovePage(page))
	page.Card.Photo = "/my-cards/7/photo"
	add("my-card-approve", MyCardApprovePage(page))
	page.Changed, page.Changes = true, life()[2:4]
	add("my-card-approve-changed", MyCardApprovePage(page))
	page.Open, page.Card, page.Changes = false, ordered.card, life()[2:3]
	page.Card.Photo = "/my-cards/7/photo"
	add("my-card-approve-corrected", MyCardApprovePage(page))

	decline := ActionForm{
		Action: "decline", Own: true, Version: 2, Reasons: []string{"wrong_data", "photo", "not_employed", "other"}, Before: Consequence{Effective: "reviewed"},
		After: Consequence{Effective: "rejected"}, Reversible: "corrected", Told: []string{"holder", "orderer", "administrator"},
	}
	add("my-card-decline", CardActionPage(CardAction{Layout: g.holder("/my-cards/7/decline"), Card: reviewed.card, Form: decline}))

	waiting := MyCard{Layout: g.holder("/my-cards/7"), Card: reviewed.card, Open: []string{"approve", "decline"}, Next: "approve", Events: reviewed.events, PIN: "not_active"}
	add("my-card-reviewed", MyCardPage(waiting))
	approved := g.card("approved")
	for _, r := range []struct {
		code string
		card sampleCard
	}{{"approve", approved}, {"decline", g.card("rejected")}} {
		l := g.holder("/my-cards/7")
		l.Receipt = &Receipt{Code: r.code, CardID: 7}
		add("my-card-receipt-"+r.code, MyCardPage(MyCard{Layout: l, Card: r.card.card, Events: r.card.events, PIN: "not_active"}))
	}
	add("my-cards-waiting", MyCardsPage(MyCards{Layout: g.holder("/my-cards"), All: 3, Active: 1, Cards: []MyCardRow{
		{reviewed.card, "approve"}, {g.own("produced").card, "activate"}, {g.own("active").card, ""},
	}}))
}

func (g sample) addActivations(add func(string, templ.Component)) {
	produced := g.own("produced")
	page := MyCardActivate{Layout: g.holder("/my-cards/7/activate"), Card: produced.card, Form: ActionForm{
		Action: "activate", Own: true, Before: Consequence{Effective: "produced", Billed: true}, After: Consequence{Effective: "active", Works: true, Billed: true},
		Reversible: "no", Told: []string{"holder", "orderer", "administrator"},
	}}
	add("my-card-activate", MyCardActivatePage(page))
	page.Ends = []string{"ZZ-2031-••••••"}
	add("my-card-activate-ends", MyCardActivatePage(page))
	for _, e := range []struct{ code, typed string }{{"required", ""}, {"invalid", "1182"}, {"wrong", "118206"}} {
		page.Number, page.Errors = e.typed, []FieldError{{Field: "card_number", Code: e.code}}
		add("my-card-activate-"+e.code, MyCardActivatePage(page))
	}
	page.Number, page.Errors = "118205", nil
	page.Changed, page.Changes = true, life()[7:]
	add("my-card-activate-changed", MyCardActivatePage(page))
	page.Changed, page.Changes, page.TooOften = false, nil, true
	add("my-card-activate-too-often", MyCardActivatePage(page))
	add("my-card-to-activate", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: produced.card, Open: []string{"activate"}, Next: "activate", Events: produced.events, PIN: "not_active"}))
	l := g.holder("/my-cards/7")
	l.Receipt = &Receipt{Code: "activate", Card: produced.card.Number, CardID: 7}
	active := g.own("active")
	add("my-card-receipt-activate", MyCardPage(MyCard{Layout: l, Card: active.card, Open: []string{"block"}, Events: active.events, PIN: "show", Claim: CardClaim{Open: true, Works: true}}))
}

func (g sample) addClaims(add func(string, templ.Component)) {
	active, blocked := g.card("active"), g.card("blocked")
	faults := []string{"not_read", "sometimes_read", "broken", "print_worn", "print_wrong", "other"}
	page := Claim{Layout: g.holder("/my-cards/7/claim"), Card: g.own("active").card, Own: true, Paid: true, Faults: faults}
	add("claim", ClaimPage(page))
	page.Card, page.CanActivate, page.Paid = g.own("produced").card, true, false
	add("claim-produced", ClaimPage(page))
	page.Layout, page.Own, page.Card, page.CanActivate = g.inside("/cards/7/claim"), false, blocked.card, false
	add("claim-orderer", ClaimPage(page))
	for _, e := range []FieldError{
		{Field: "fault", Code: "required"}, {Field: "fault", Code: "invalid"}, {Field: "held_still", Code: "required"}, {Field: "held_still", Code: "first"},
		{Field: "description", Code: "required"}, {Field: "description", Code: "too_long"},
		{Field: "picture", Code: "invalid"}, {Field: "picture", Code: "too_large"}, {Field: "picture", Code: "format"}, {Field: "picture", Code: "too_slow"},
	} {
		page.Fault, page.HeldStill, page.Description, page.Errors = "not_read", "no", "Läsaren vid Norra Hamnen piper inte.", []FieldError{e}
		add("claim-"+fieldID(e.Field)+"-"+fieldID(e.Code), ClaimPage(page))
	}
	for _, why := range []string{"role", "expired", "one_open", "not_in_use"} {
		add("claim-refused-"+fieldID(why), ClaimRefusedPage(ClaimRefused{Layout: g.inside("/cards/7"), Card: active.card, Why: why}))
	}

	claim := ClaimStatus{
		ID: 3, At: at("2026-11-20 07:15"), Claimant: "Žaneta Nowak-Łukasiewska", Role: "holder", Fault: "not_read", HeldStill: true, Effective: "active",
		Description: "Läsaren vid Norra Hamnen piper inte, inte den i bodarna heller.", State: "open",
	}
	card := func(name string, change func(*CardClaim)) {
		p := Card{Layout: g.inside("/cards/7"), Card: active.card, Open: active.open, Closed: active.closed, Events: active.events}
		last := claim
		p.Claim.Last = &last
		change(&p.Claim)
		add("card-claim-"+name, CardPage(p))
	}
	card("none", func(c *CardClaim) { c.Last, c.Open, c.Works = nil, true, true })
	card("open", func(*CardClaim) {})
	card("accepted", func(c *CardClaim) {
		c.Last.State, c.Last.Decided, c.CanOrder, c.Last.Picture = "accepted", at("2026-11-21 13:40"), true, "/claims/3/picture"
	})
	card("replaced", func(c *CardClaim) {
		c.Last.State, c.Last.Decided, c.Last.Replacement = "accepted", at("2026-11-21 13:40"), 9
	})
	card("declined", func(c *CardClaim) {
		c.Last.State, c.Last.Decided, c.Last.Answer, c.Open = "declined", at("2026-11-21 13:40"), "Vi har provat kortet, och det fungerar. Felet finns hos läsaren.", true
		c.Last.PictureGone = at("2027-02-21 04:00")
	})
	l := g.holder("/my-cards/7")
	l.Receipt = &Receipt{Code: "claim"}
	add("my-card-receipt-claim", MyCardPage(MyCard{Layout: l, Card: g.own("active").card, Open: active.open[:1], Events: active.events, PIN: "show", Claim: CardClaim{Last: &claim}}))

	list := DeskClaims{Layout: g.claimsDesk("/desk/claims"), Count: 2, Rows: []DeskClaimRow{
		{Claim: 3, Card: active.card, Fault: "not_read", At: claim.At}, {Claim: 4, Card: blocked.card, Fault: "broken", At: at("2026-11-21 16:02")},
	}}
	add("desk-claims", DeskClaimsPage(list))
	list.Later, list.Next, list.Count, list.Capped = true, 4, 1000, true
	add("desk-claims-many", DeskClaimsPage(list))
	add("desk-claims-none", DeskClaimsPage(DeskClaims{Layout: g.claimsDesk("/desk/claims")}))
	for _, code := range []string{"claim_accepted", "claim_declined"} {
		l := g.claimsDesk("/desk/claims")
		l.Receipt = &Receipt{Code: code}
		add("desk-claims-receipt-"+fieldID(code), DeskClaimsPage(DeskClaims{Layout: l}))
	}
	claim.Picture, claim.Desk = "/claims/3/picture", true
	one := DeskClaim{Layout: g.claimsDesk("/desk/claims/3"), Card: active.card, Claim: claim}
	add("desk-claim", DeskClaimPage(one))
	for _, e := range []FieldError{{Field: "decision", Code: "required"}, {Field: "answer", Code: "required"}, {Field: "answer", Code: "too_long"}} {
		one.Decision, one.Errors = "decline", []FieldError{e}
		add("desk-claim-"+fieldID(e.Field)+"-"+fieldID(e.Code), DeskClaimPage(one))
	}
	one.Late, one.Errors, one.Answer = true, nil, "Kortet fungerar hos oss."
	one.Claim.State, one.Claim.Decided = "accepted", at("2026-11-21 13:40")
	add("desk-claim-late", DeskClaimPage(one))
}

// claimsDesk is the issuer among the reclamations.
func (g sample) claimsDesk(path string) Layout {
	l := g.issuer(path)
	l.Nav = []string{"cards", "claims", "account", "help"}
	return l
}
