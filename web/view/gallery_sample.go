package view

import (
	"fmt"
	"time"

	"kortportal/internal/i18n"
)

// sample makes the people, companies and cards of the gallery. None of them exists: the surnames are put together, the
// company numbers and the card numbers belong to nobody, and of a personnummer only the masked form is there.
type sample struct{ words *i18n.Printer }

const longCompany = "Västra Götalands Grundläggnings- och Rivningsentreprenad AB"

func companies() []string {
	return []string{"Bygg & Betong i Åmåla AB", "Ställningsbolaget Ört HB", longCompany, "Plåt och Rör Häggdala KB"}
}

// at reads a time of day in Stockholm's winter.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, time.FixedZone("CET", 3600))
	if err != nil {
		panic(fmt.Errorf("view: time in the gallery: %w", err))
	}
	return t
}

func day(s string) time.Time { return at(s + " 00:00") }

func views() []PINView {
	return []PINView{{At: at("2026-11-22 06:41")}, {At: at("2026-11-03 12:10")}}
}

func (g sample) outside(path string) Layout { return Layout{Words: g.words, Path: path} }

// chosen is somebody who is logged in and has no place to work in yet, when place is empty.
func (g sample) chosen(path, place string) Layout {
	return Layout{Words: g.words, Path: path, Person: "Ylva Åkerlind-Öst", Place: place, CanSwitch: true, Nav: []string{"account", "help"}}
}

func (g sample) inside(path string) Layout {
	l := g.chosen(path, "company")
	l.Company, l.Nav = longCompany, []string{"cards", "messages", "my_cards", "account", "help"}
	return l
}

func (g sample) issuer(path string) Layout {
	l := g.chosen(path, "issuer")
	l.Person, l.CanSwitch, l.Nav = "Göran Tvåstad", false, []string{"desk", "cards", "account", "help"}
	return l
}

func (g sample) holder(path string) Layout {
	l := g.chosen(path, "holder")
	l.Person, l.Nav = "Žaneta Nowak-Łukasiewska", []string{"my_cards", "account", "help"}
	return l
}

func (g sample) places() []Place {
	return []Place{
		{Value: "3", Kind: "company", Company: longCompany, Roles: []string{"administrator", "orderer"}, Current: true},
		{Value: "8", Kind: "company", Company: "Ställningsbolaget Ört HB", Roles: []string{"orderer"}},
		{Value: "issuer", Kind: "issuer", Roles: []string{"issuer"}},
		{Value: "holder", Kind: "holder", Roles: []string{"holder"}},
	}
}

func (g sample) search() CardSearch {
	return CardSearch{
		Layout: g.inside("/cards"),
		Statuses: []StatusCount{
			{"", 1000, true}, {"active", 812, false}, {"blocked", 64, false}, {"suspended", 0, false}, {"expired", 141, false}, {"produced", 23, false},
			{"ordered", 9, false}, {"reviewed", 4, false}, {"approved", 6, false}, {"rejected", 2, false}, {"cancelled", 31, false}, {"terminated", 1000, true},
		},
		Orderers: []Option{{"11", "Bengt-Åke Östervall"}, {"12", "Märta Sjöstrand-Widmark"}, {"14", "Zbigniew Wójtowiak"}},
		Former:   []Option{{"13", "Rasmus Ek"}},
		Rows:     g.rows(""),
		Count:    1000,
		Capped:   true,
		Next:     "eyJrIjoib3N0In0",
	}
}

// rows are a page of cards, all of one status, or of all when it is empty.
func (g sample) rows(status string) []CardRow {
	names := []string{
		"Abrahamsdal, Aoife", "Ahlvik, Bo-Göran", "Bergåsen, Çağla", "Brännström-Lagergrund, Anna-Karin", "Dvořáček, Jiří", "Ekwall, Fatoumata",
		"Granqvik, Håkan", "Hernández-Öberg, María José", "Jönsholm, Pär", "Kowalczyńska, Agnieszka", "Lindmyr, Siw", "Müllersten, Jürgen",
		"Nguyễn-Sandvik, Thị Hoa", "Nowak-Łukasiewska, Žaneta", "Ó Conghaile-Berg, Pádraig", "Petrauskienėlund, Živilė", "Quistvall, Eskil",
		"Rönnkvist-Adlergård, Christina Elisabeth", "Sørbyhaug, Øyvind", "Tõnismäe, Jüri", "", "Wójtowiak, Zbigniew", "Åkesdotter, Linnéa", "Ängsbo, Ture", "Östervall, Bengt-Åke",
	}
	order := []string{"active", "active", "active", "blocked", "active", "produced", "active", "expired", "active", "active", "suspended", "active", "ordered",
		"active", "reviewed", "active", "terminated", "active", "approved", "active", "produced", "active", "rejected", "cancelled", "active"}
	rows := make([]CardRow, len(names))
	for i, name := range names {
		r := CardRow{
			ID: int64(101 + i), Version: 5, Kind: "standard", Status: order[i], Holder: name, Orderer: []string{"Bengt-Åke Östervall", "Märta Sjöstrand-Widmark", "Åke Sjödal"}[i%3],
			PersonalNumber: fmt.Sprintf("%d%02d%02d-****", 1958+i*2, 1+i%12, 1+i), Number: fmt.Sprintf("ZZ-2041-%06d", 118201+i*37), ValidTo: day("2027-06-30").AddDate(0, i, i),
		}
		if name == "" {
			r.Kind, r.PersonalNumber = "visitor", ""
		}
		if status != "" {
			r.Status = status
		}
		r.Effective = r.Status
		switch r.Status {
		case "expired":
			r.Status, r.ValidTo = "active", day("2026-10-31")
		case "suspended":
			r.Status = "active"
		case "ordered", "reviewed", "approved", "rejected", "cancelled":
			r.Number, r.ValidTo = "", time.Time{}
		}
		rows[i] = r
	}
	return rows
}

// sampleCard is a card with what its page shows to its orderer.
type sampleCard struct {
	name   string
	card   CardSummary
	open   []string
	closed []ClosedAction
	events []Event
}

func (g sample) card(name string) sampleCard {
	for _, c := range g.cards() {
		if c.name == name {
			return c
		}
	}
	panic("view: no such card in the gallery: " + name)
}

// own is the card as its holder sees it, without the digits that prove possession.
func (g sample) own(name string) sampleCard {
	c := g.card(name)
	if c.card.Number != "" {
		c.card.Number = "ZZ-2041-••••••"
	}
	return c
}

// life is what happens to a standard card until it is active.
func life() []Event {
	return []Event{
		{At: at("2025-01-13 09:14"), Action: "order", To: "ordered", Actor: "Bengt-Åke Östervall", Role: "orderer"},
		{At: at("2025-01-14 10:02"), Action: "reject", From: "ordered", To: "rejected", Actor: "Göran Tvåstad", Role: "issuer", Reason: "photo", Note: "Ansiktet är i skugga. Ta ett nytt foto mot ljus bakgrund."},
		{At: at("2025-01-15 08:30"), Action: "correct", From: "rejected", To: "ordered", Actor: "Bengt-Åke Östervall", Role: "orderer", Reason: "none"},
		{At: at("2025-01-15 13:21"), Action: "review", From: "ordered", To: "reviewed", Actor: "Göran Tvåstad", Role: "issuer", Reason: "none"},
		{At: at("2025-01-16 07:05"), Action: "approve", From: "reviewed", To: "approved", Actor: "Žaneta Nowak-Łukasiewska", Role: "holder", Reason: "none"},
		{At: at("2025-01-17 15:48"), Action: "produce", From: "approved", To: "produced", Actor: "Göran Tvåstad", Role: "issuer", Reason: "none"},
		{At: at("2025-01-23 06:55"), Action: "activate", From: "produced", To: "active", Actor: "Žaneta Nowak-Łukasiewska", Role: "holder", Reason: "none"},
		{At: at("2025-08-01 08:00"), Action: "hand_over", From: "active", To: "active", Actor: "Ylva Åkerlind-Öst", Role: "administrator", Reason: "employment_ended", Receiver: "Märta Sjöstrand-Widmark"},
	}
}

func blocking() Event {
	return Event{At: at("2026-11-21 16:32"), Action: "block", From: "active", To: "blocked", Actor: "Žaneta Nowak-Łukasiewska", Role: "holder", Reason: "lost", Note: "Försvann mellan bodarna och parkeringen."}
}

// cards are a card in each of its states.
func (g sample) cards() []sampleCard {
	base := CardSummary{
		ID: 7, Version: 8, Number: "ZZ-2041-118205", Kind: "standard", Holder: "Žaneta Nowak-Łukasiewska", PersonalNumber: "19850101-****",
		Company: longCompany, OrgNumber: "000000-0018", Orderer: "Märta Sjöstrand-Widmark", OrderedBy: "Bengt-Åke Östervall", ValidTo: day("2028-01-16"),
	}
	with := func(status, effective string, since time.Time, change func(*CardSummary)) CardSummary {
		c := base
		c.Status, c.Effective, c.Since = status, effective, since
		change(&c)
		return c
	}
	plain := func(*CardSummary) {}
	draft := func(waiting string) func(*CardSummary) {
		return func(c *CardSummary) {
			c.Number, c.ValidTo, c.Waiting, c.OrderedBy, c.Orderer, c.Version = "", time.Time{}, waiting, "", "Bengt-Åke Östervall", 2
		}
	}
	visitor := func(c *CardSummary) {
		c.Kind, c.Holder, c.PersonalNumber, c.OrderedBy, c.Version = "visitor", "", "", "", 3
	}
	all := life()
	block, terminate, cancel, unblock := ClosedAction{Action: "block", Why: "status"}, ClosedAction{Action: "terminate", Why: "status"},
		ClosedAction{Action: "cancel", Why: "status"}, ClosedAction{Action: "unblock", Why: "status"}
	blockOrTerminate := block
	blockOrTerminate.Instead = "terminate"
	blocked := append(life(), blocking())
	terminated := append(append(life(), blocking()), Event{At: at("2026-11-22 09:10"), Action: "terminate", From: "blocked", To: "terminated", Actor: "Märta Sjöstrand-Widmark", Role: "orderer", Reason: "lost"})
	superseded := append(life(), Event{At: at("2026-11-20 06:12"), Action: "supersede", From: "active", To: "terminated", Role: "system", Reason: "superseded"})
	return []sampleCard{
		{"active", with("active", "active", at("2025-01-23 06:55"), func(c *CardSummary) { c.Works, c.Billed = true, true }), []string{"block", "terminate"}, []ClosedAction{unblock, cancel}, all},
		{"blocked", with("blocked", "blocked", at("2026-11-21 16:32"), func(c *CardSummary) { c.Version = 9 }), []string{"unblock", "terminate"}, []ClosedAction{block}, blocked},
		{"blocked-newer", with("blocked", "blocked", at("2026-11-21 16:32"), func(c *CardSummary) { c.Version = 9 }), []string{"terminate"}, []ClosedAction{{Action: "unblock", Why: "newer_card"}}, blocked},
		{"suspended", with("active", "suspended", day("2026-11-01"), func(c *CardSummary) { c.Billed = true }), []string{"block", "terminate"}, nil, all},
		{"expired", with("blocked", "expired", day("2026-11-01"), func(c *CardSummary) { c.ValidTo = day("2026-10-31") }), []string{"terminate"}, []ClosedAction{{Action: "unblock", Why: "expired"}}, blocked},
		{"produced", with("produced", "produced", at("2025-01-17 15:48"), func(c *CardSummary) { c.Billed, c.Waiting, c.Version = true, "holder", 6 }), []string{"terminate"}, []ClosedAction{blockOrTerminate, cancel}, all[:6]},
		{"ordered", with("ordered", "ordered", at("2025-01-13 09:14"), draft("issuer")), []string{"cancel"}, []ClosedAction{block, terminate}, all[:1]},
		{"reviewed", with("reviewed", "reviewed", at("2025-01-15 13:21"), draft("holder")), []string{"cancel"}, nil, all[:4]},
		{"approved", with("approved", "approved", at("2025-01-16 07:05"), draft("issuer")), []string{"cancel"}, nil, all[:5]},
		{"rejected", with("rejected", "rejected", at("2025-01-14 10:02"), draft("orderer")), []string{"cancel"}, nil, all[:2]},
		{"cancelled", with("cancelled", "cancelled", at("2025-01-15 11:00"), draft("")), nil, []ClosedAction{cancel}, append(life()[:2], Event{At: at("2025-01-15 11:00"), Action: "cancel", From: "rejected", To: "cancelled", Actor: "Bengt-Åke Östervall", Role: "orderer", Reason: "not_employed"})},
		{"terminated", with("terminated", "terminated", at("2026-11-22 09:10"), plain), nil, []ClosedAction{block, unblock}, terminated},
		{"superseded", with("terminated", "terminated", at("2026-11-20 06:12"), plain), nil, []ClosedAction{block}, superseded},
		{"visitor", with("produced", "produced", at("2026-09-02 10:20"), visitor), []string{"terminate"}, []ClosedAction{blockOrTerminate}, []Event{all[0], all[3],
			{At: at("2026-09-02 10:20"), Action: "produce", From: "reviewed", To: "produced", Actor: "Göran Tvåstad", Role: "issuer"}}},
		{"visitor-reviewed", with("reviewed", "reviewed", at("2026-09-01 10:20"), func(c *CardSummary) { draft("issuer")(c); visitor(c) }), []string{"cancel"}, nil, []Event{all[0], all[3]}},
	}
}

// ask is the question about an action, on a card where it is open.
func (g sample) ask(action string) (CardSummary, ActionForm) {
	active, ended := Consequence{Effective: "active", Works: true, Billed: true}, Consequence{Effective: "terminated"}
	f := ActionForm{Action: action, Reversible: "yes", Told: []string{"holder", "orderer", "administrator"}, Before: active}
	status := "active"
	switch action {
	case "block":
		f.Reasons, f.After = []string{"lost", "stolen", "leave", "not_in_use", "employment_ended", "other"}, Consequence{Effective: "blocked"}
	case "unblock":
		status, f.Optional = "blocked", true
		f.Reasons, f.Reason, f.Before, f.After = []string{"found", "back_in_use", "mistake", "other"}, "", Consequence{Effective: "blocked"}, active
	case "terminate":
		f.Reasons, f.After, f.Reversible = []string{"employment_ended", "lost", "stolen", "damaged", "not_in_use", "wrong_data", "mistake", "other"}, ended, "no"
	case "cancel":
		status = "ordered"
		f.Reasons, f.Reversible = []string{"not_employed", "wrong_data", "mistake", "other"}, "no"
		f.Optional = true
		f.Before, f.After = Consequence{Effective: "ordered"}, Consequence{Effective: "cancelled"}
	}
	c := g.card(status).card
	f.Version = c.Version
	return c, f
}
