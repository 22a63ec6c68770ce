package view

import "github.com/a-h/templ"

func (g sample) addPlanned(add func(string, templ.Component)) {
	plans := g.plans()
	for _, p := range []struct {
		name, status string
		plans        []PlannedAction
	}{
		{"block", "active", plans[:2]}, {"terminate", "active", plans[2:3]}, {"grace", "blocked", plans[3:4]}, {"others", "active", []PlannedAction{plans[4]}},
	} {
		c := g.card(p.status)
		c.card.Ending, c.card.GraceHours = p.name == "grace", 24
		add("card-planned-"+p.name, CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Open: c.open, Closed: c.closed, Events: g.history(c.events, p.plans...), PlannedActions: p.plans}))
	}
	c := g.card("blocked")
	add("card-planned-history", CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Open: c.open, Events: append(c.events,
		Event{At: at("2026-12-02 11:20"), Step: "withdrawn", PlannedAction: plans[2], Actor: c.card.Orderer, Role: "orderer"},
		Event{At: at("2026-12-02 11:24"), Step: "withdrawn", PlannedAction: plans[3], Actor: c.card.Orderer, Role: "orderer"},
		Event{At: at("2027-01-01 00:00"), Step: "refused", PlannedAction: plans[5], Role: "system"},
		Event{At: at("2027-02-01 00:00"), Action: "terminate", From: "blocked", To: "terminated", Role: "system", Reason: "employment_ended",
			PlannedBy: c.card.Orderer, PlannedAt: at("2026-12-03 08:01")})}))
	for _, why := range []string{"in_grace", "settled"} {
		action := map[string]string{"in_grace": "unblock", "settled": "withdraw"}[why]
		refused := ClosedAction{Action: action, Why: why, Orderer: c.card.Orderer}
		add("card-refused-"+why, CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Events: c.events, Refused: &refused}))
	}
	for _, code := range []string{"planned", "grace", "withdrawn", "withdrawn_blocked"} {
		l := g.inside("/cards/7")
		l.Receipt = &Receipt{Code: code}
		add("card-receipt-"+code, CardPage(Card{Layout: l, Card: c.card, Open: c.open, Events: c.events}))
	}
	own := plans[2]
	own.Withdrawable = false
	active := g.own("active")
	add("my-card-planned", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: active.card, Open: []string{"block"}, Events: active.events, PlannedActions: []PlannedAction{own}, PIN: "show"}))

	ask := func(name, action string, change func(*ActionForm)) {
		card, form := g.ask(action)
		form.Plannable = true
		change(&form)
		add("card-action-"+name, CardActionPage(CardAction{Layout: g.inside("/cards/7/" + action), Card: card, Form: form}))
	}
	ask("from", "block", func(f *ActionForm) { f.From, f.Planned = "2027-06-01", plans[:2] })
	ask("later", "unblock", func(f *ActionForm) { f.Later = true })
	ask("grace", "terminate", func(f *ActionForm) { f.GraceHours, f.Reversible = 24, "grace" })
	for _, code := range []string{"required", "invalid", "past", "far", "pending"} {
		ask("from-"+code, "terminate", func(f *ActionForm) {
			f.GraceHours, f.Reversible, f.Reason, f.From = 1, "grace", "damaged", "2026-11-01"
			f.Errors = []FieldError{{Field: "from", Code: code}}
		})
	}

	list := Planned{Layout: g.ordering("/planned"), Own: true, Orderer: true, Next: "eyJrIjoib3N0In0"}
	for i, r := range g.rows("active")[:len(plans)] {
		list.Rows = append(list.Rows, PlannedRow{CardRow: r, PlannedAction: plans[(i+5)%len(plans)]})
	}
	add("planned", PlannedPage(list))
	list.Own, list.After, list.Next = false, list.Next, ""
	add("planned-all", PlannedPage(list))
	list.Orderer = false
	add("planned-administrator", PlannedPage(list))
	add("planned-none", PlannedPage(Planned{Layout: g.ordering("/planned"), Own: true, Orderer: true}))

	company := Company{Layout: g.inside("/company"), GraceHours: "24", Changes: []GraceChange{
		{At: at("2026-11-20 09:12"), By: "Ylva Åkerlind-Öst", Hours: 24}, {At: at("2026-10-01 15:40"), By: "Göran Tvåstad", Hours: 0},
	}}
	company.Nav = []string{"cards", "messages", "company", "account", "help"}
	add("company", CompanyPage(company))
	company.GraceHours, company.Errors = "en vecka", []FieldError{{Field: "grace_hours", Code: "invalid"}}
	add("company-wrong", CompanyPage(company))
	company.GraceHours, company.Errors, company.Changes = "0", nil, nil
	company.Receipt = &Receipt{Code: "company"}
	add("company-receipt", CompanyPage(company))
}

// plans are of each action, one in its grace time, one of somebody else's card, and one for each rule that was in the way.
func (g sample) plans() []PlannedAction {
	plan := func(id int64, action, reason, due string) PlannedAction {
		return PlannedAction{ID: id, Action: action, Reason: reason, Due: at(due), By: "Märta Sjöstrand-Widmark", At: at("2026-11-22 14:05"), Withdrawable: true}
	}
	grace := plan(4, "terminate", "damaged", "2026-11-23 14:05")
	grace.Grace, grace.Note = true, "Sprucken i laminatet & svår att läsa."
	other := plan(5, "terminate", "employment_ended", "2027-06-01 00:00")
	other.Withdrawable = false
	plans := []PlannedAction{
		plan(1, "block", "leave", "2026-12-24 00:00"), plan(2, "unblock", "none", "2027-03-01 00:00"), plan(3, "terminate", "employment_ended", "2027-01-01 00:00"),
		grace, other,
	}
	for i, why := range []string{"expired", "newer_card", "in_grace", "status"} {
		refused := plan(int64(6+i), "unblock", "back_in_use", "2026-11-15 00:00")
		refused.Withdrawable, refused.Why = false, why
		plans = append(plans, refused)
	}
	return plans
}

// history is a timeline with what was planned.
func (g sample) history(events []Event, plans ...PlannedAction) []Event {
	all := append([]Event{}, events...)
	for _, p := range plans {
		all = append(all, Event{At: p.At, Step: "planned", PlannedAction: p, Actor: p.By, Role: "orderer"})
	}
	return all
}
