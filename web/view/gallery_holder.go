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
		{reviewed.card, "approve"}, {g.card("produced").card, "activate"}, {g.card("active").card, ""},
	}}))
}

func (g sample) addActivations(add func(string, templ.Component)) {
	produced := g.card("produced")
	page := MyCardActivate{Layout: g.holder("/my-cards/7/activate"), Card: produced.card, Form: ActionForm{
		Action: "activate", Own: true, Before: Consequence{Effective: "produced", Billed: true}, After: Consequence{Effective: "active", Works: true, Billed: true},
		Reversible: "no", Told: []string{"holder", "orderer", "administrator"},
	}}
	add("my-card-activate", MyCardActivatePage(page))
	page.Ends = []string{"ZZ-2031-004411"}
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
	active := g.card("active")
	add("my-card-receipt-activate", MyCardPage(MyCard{Layout: l, Card: active.card, Open: []string{"block"}, Events: active.events, PIN: "show"}))
}
