package view

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"kortportal/web/static"
)

// addDesk adds the pages of the issuer's desk.
func (g sample) addDesk(add func(string, templ.Component)) {
	for _, queue := range []string{"review", "produce", "bureau", "sent"} {
		add("desk-"+queue, DeskPage(g.desk(queue)))
	}
	empty := g.desk("review")
	empty.Rows, empty.Next, empty.NoneLeft, empty.Done = nil, 0, true, &DeskDone{Action: "reject", Card: 101}
	empty.Queues[0] = DeskQueue{Code: "review"}
	add("desk-empty", DeskPage(empty))
	later := g.desk("review")
	later.Later = true
	add("desk-later", DeskPage(later))

	add("review", DeskReviewPage(g.review(func(*DeskReview) {})))
	add("review-after-another", DeskReviewPage(g.review(func(p *DeskReview) {
		p.Done, p.ClaimedBy = &DeskDone{Action: "review", Card: 101}, "Siv Lindmyr"
	})))
	add("review-no-photo", DeskReviewPage(g.review(func(p *DeskReview) {
		p.HasPhoto, p.CanReview, p.Why = false, false, "photo"
	})))
	add("review-visitor", DeskReviewPage(g.review(func(p *DeskReview) {
		p.Card.Kind, p.Card.Holder, p.Card.PersonalNumber, p.HasPhoto, p.GivenName, p.FamilyName, p.Citizenship, p.IdentityKind = "visitor", "", "", false, "", "", "", ""
		p.Earlier, p.Rejections, p.Replaces, p.ReplaceWhy = nil, nil, 0, ""
	})))
	add("review-wrong", DeskReviewPage(g.review(func(p *DeskReview) {
		p.Reason, p.Errors = "other", []FieldError{{Field: "note", Code: "required"}}
	})))
	add("review-no-reason", DeskReviewPage(g.review(func(p *DeskReview) {
		p.Note, p.Errors = "Ta ett nytt foto mot ljus bakgrund.", []FieldError{{Field: "reason", Code: "required"}}
	})))
	changed := Event{At: at("2026-11-22 13:58"), Action: "correct", From: "ordered", To: "ordered", Actor: "Bengt-Åke Östervall", Role: "orderer"}
	add("review-stale", DeskReviewPage(g.review(func(p *DeskReview) {
		p.Stale, p.Changes, p.Reason, p.Note = true, []Event{changed}, "photo", "Ansiktet syns inte."
	})))
	decided := g.card("reviewed")
	add("review-decided", DeskReviewPage(g.review(func(p *DeskReview) {
		p.Stale, p.Changes, p.Reason, p.Note = true, decided.events[3:4], "photo", "Ansiktet syns inte."
		p.Card, p.CanReview, p.CanReject, p.Why, p.Events = decided.card, false, false, "status", decided.events
	})))

	g.addProduction(add)
}

func (g sample) desk(queue string) Desk {
	now := at("2026-11-22 14:05")
	p := Desk{
		Layout: g.issuer("/desk"), Queue: queue, Now: now, Next: 125,
		Queues: []DeskQueue{
			{Code: "review", Count: 1000, Capped: true, Oldest: now.Add(-75 * time.Hour)}, {Code: "produce", Count: 412, Oldest: now.Add(-26 * time.Hour)},
			{Code: "bureau", Count: 498, Oldest: now.Add(-5 * time.Hour)}, {Code: "sent", Count: 1000, Capped: true, Oldest: now.Add(-700 * time.Hour)},
		},
	}
	status := map[string]string{"review": "ordered", "produce": "approved", "bureau": "approved", "sent": "produced"}[queue]
	for i, r := range g.rows(status)[:9] {
		r.Company = companies()[i%4]
		row := DeskRow{CardRow: r, Since: now.Add(-75*time.Hour + time.Duration(i*i)*time.Hour)}
		switch queue {
		case "bureau", "sent":
			row.Batch = int64(17 + i/3)
		case "review":
			row.NoPhoto = i == 3
			if i == 1 {
				row.ClaimedBy = "Siv Lindmyr"
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}

func (g sample) review(change func(*DeskReview)) DeskReview {
	c := g.card("ordered")
	earlier := g.card("blocked").card
	p := DeskReview{
		Layout: g.issuer("/desk/review/7"), Card: c.card, HasPhoto: true, GivenName: "Žaneta", FamilyName: "Nowak-Łukasiewska", IdentityKind: "coordination_number",
		Citizenship: "PL", Reference: "PO 4711-B", DeliverTo: "Västra Götalands Grundläggning\nc/o Platskontoret Ört\nHamngatan 1\n123 45 Åmåla",
		LastDay: day("2029-11-22"), Replaces: 6, ReplaceWhy: "lost", Rejections: life()[1:2], Events: append(life()[:2], life()[2]),
		Earlier: []EarlierCard{{CardSummary: earlier, HasPhoto: true}}, CanReview: true, CanReject: true,
		Reasons: []string{"photo", "documents", "wrong_data", "not_employed", "other"},
	}
	change(&p)
	return p
}

func (g sample) addProduction(add func(string, templ.Component)) {
	batches := []Batch{
		{ID: 19, MadeBy: "Göran Tvåstad", MadeAt: at("2026-11-22 09:02"), Cards: 500, Open: 500},
		{ID: 18, MadeBy: "Siv Lindmyr", MadeAt: at("2026-11-21 15:40"), Cards: 10000, Made: 9991, Spoiled: 7, Withdrawn: 2},
	}
	p := Production{
		Layout: g.issuer("/desk/production"), Standard: 398, Visitor: 14, NextNumber: "KP-0001-204417", RulesFrom: day("2015-01-01"), Batches: batches, Next: 18, Cards: "500",
		Rules: []ValidityRule{
			{Kind: "visitor", Months: 24}, {Kind: "standard", Identity: "personal_number", Company: "SE", Months: 60},
			{Kind: "standard", Citizenship: "EEA", Identity: "coordination_number", Company: "SE", Months: 36}, {Kind: "standard", Citizenship: "other", Months: 12},
			{Citizenship: "SE", Identity: "foreign", Company: "foreign", Months: 1},
		},
	}
	add("production", ProductionPage(p))
	p.Cards, p.Errors = "tusen", []FieldError{{Field: "cards", Code: "invalid"}}
	add("production-wrong", ProductionPage(p))
	p.Standard, p.Visitor, p.Cards, p.Errors = 0, 0, "500", []FieldError{{Field: "form", Code: "nothing"}}
	add("production-nothing", ProductionPage(p))
	p.Standard, p.Visitor, p.Capped, p.Errors, p.Batches, p.Next = 9000, 1001, true, nil, nil, 0
	add("production-first", ProductionPage(p))

	var rows []BatchRow
	for i, r := range g.rows("approved")[:8] {
		r.Company, r.Number, r.ValidTo = companies()[i%4], fmt.Sprintf("KP-0001-%06d", 203917+i), day("2031-11-22")
		rows = append(rows, BatchRow{CardRow: r})
	}
	b := BatchDetail{Layout: g.issuer("/desk/production/19"), Batch: batches[0], Rows: rows, Next: "KP-0001-203924"}
	add("batch", BatchPage(b))
	faults := []AnswerFault{
		{Line: 2, Field: "number", Code: "unknown", Value: "KP-0001-999999"}, {Line: 3, Field: "number", Code: "repeated", Value: "KP-0001-203917"},
		{Line: 4, Field: "number", Code: "answered", Value: "KP-0001-203918"}, {Line: 5, Field: "chip", Code: "required"},
		{Line: 6, Field: "chip", Code: "invalid", Value: "04A1B2CG"}, {Line: 7, Field: "chip", Code: "repeated", Value: "04A1B2C3D4E5F6"},
		{Line: 8, Field: "chip", Code: "visitor", Value: "04A1B2C3"}, {Line: 9, Field: "outcome", Code: "required"}, {Line: 10, Field: "outcome", Code: "invalid", Value: "klar"},
	}
	b.Errors, b.Faults = []FieldError{{Field: "answer_file", Code: "faulty"}}, faults
	add("batch-faulty", BatchPage(b))
	for _, code := range []string{"required", "unreadable", "too_long", "stale"} {
		b.Errors, b.Faults = []FieldError{{Field: "answer_file", Code: code}}, nil
		add("batch-answer-"+code, BatchPage(b))
	}
	b.Errors, b.Batch, b.Later, b.Answered = nil, batches[1], true, &BatchAnswer{Made: 9991, Spoiled: 7, Withdrawn: 2}
	for i, outcome := range []string{"made", "spoiled", "withdrawn", ""} {
		b.Rows[i].Outcome = outcome
	}
	b.Rows[0].Status, b.Rows[0].Effective = "produced", "produced"
	gone := b.Rows[3]
	gone.Changed, gone.Status, gone.Effective = true, "cancelled", "cancelled"
	b.Rows[3] = gone
	b.Changed = []BatchRow{b.Rows[2], gone}
	add("batch-answered", BatchPage(b))

	notes := DeliveryNotes{Words: g.words, Style: static.Path("delivery_note.css"), Batch: 19, MadeAt: batches[0].MadeAt}
	for i, to := range []string{"Västra Götalands Grundläggning\nc/o Platskontoret Ört\nHamngatan 1\n123 45 Åmåla", "Plåt och Rör Häggdala KB\nBox 12\n543 21 Häggdala"} {
		note := DeliveryNote{To: to}
		for _, r := range rows[i*3 : i*3+3] {
			note.Cards = append(note.Cards, DeliveredCard{Number: r.Number, Kind: "standard", Holder: r.Holder, Company: r.Company, Reference: "PO 4711"})
		}
		note.Cards[2].Kind, note.Cards[2].Holder = "visitor", ""
		notes.Notes = append(notes.Notes, note)
	}
	add("delivery-notes", DeliveryNotesPage(notes))
}
