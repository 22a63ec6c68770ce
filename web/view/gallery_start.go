package view

import (
	"time"

	"github.com/a-h/templ"
)

func (g sample) addStart(add func(string, templ.Component)) {
	start := func(change func(*Start)) templ.Component {
		p := Start{
			Layout: g.ordering("/start"), Orderer: true, Whose: "12", OwnCards: 1,
			Waits: []StartWait{
				{Role: "issuer", Status: "ordered", Count: 7, Since: at("2026-11-19 08:12")},
				{Role: "holder", Status: "reviewed", Kind: "standard", Count: 3, Since: at("2026-11-02 09:00")},
				{Role: "issuer", Status: "reviewed", Kind: "visitor", Count: 2, Since: at("2026-11-20 15:40")},
				{Role: "issuer", Status: "approved", Kind: "standard", Count: 1, Since: at("2026-11-21 11:05")},
				{Role: "orderer", Status: "rejected", Count: 2, Since: at("2026-11-20 10:00")},
				{Role: "holder", Status: "produced", Kind: "standard", Count: 200, Capped: true},
			},
			Claims: []AnsweredClaim{
				{Card: 7, Number: "ZZ-2041-118205", Holder: "Žaneta Nowak-Łukasiewska", Accepted: true, Decided: at("2026-11-21 09:30")},
				{Card: 9, Number: "ZZ-2041-118340", Holder: "Örjan Sjöqvist", Decided: at("2026-11-18 13:30")},
			},
			Statuses: g.search().Statuses[1:], Savings: Fee{Cards: 61, Ore: 213500}, Searches: g.savedSearches(),
			Expiring: []StepCount{{Step: "one_week"}, {Step: "one_month", Count: 4}, {Step: "three_months", Count: 31}, {Step: "six_months", Count: 200, Capped: true}},
		}
		p.Runs = []RunLine{
			{ID: 18, Terms: PlanTerms{Action: "unblock"}, By: "Märta Sjöstrand-Widmark", Started: at("2026-11-22 13:10"), N: 297, Done: 297, Undoes: 17},
			{ID: 17, Terms: PlanTerms{Action: "block"}, By: "Märta Sjöstrand-Widmark", Started: at("2026-11-22 13:06"), N: 312, Done: 297},
		}
		p.Nav = []string{"start", "cards", "orders", "expiring", "clean_up", "messages", "my_cards", "account", "help"}
		change(&p)
		return StartPage(p)
	}
	add("start", start(func(*Start) {}))
	add("start-administrator", start(func(p *Start) { p.Orderer, p.Whose, p.OwnCards, p.Claims = false, "", 0, nil }))
	add("start-nothing", start(func(p *Start) {
		p.Waits, p.Claims, p.OwnCards, p.Statuses, p.Savings, p.Searches, p.Runs = nil, nil, 0, nil, Fee{}, nil, nil
		for i := range p.Expiring {
			p.Expiring[i].Count, p.Expiring[i].Capped = 0, false
		}
	}))

	holder := HolderStart{Layout: g.holder("/start"), All: 4, Waiting: []MyCardRow{
		{CardSummary: g.own("reviewed").card, Next: "approve"}, {CardSummary: g.own("produced").card, Next: "activate"},
	}}
	add("start-holder", HolderStartPage(holder))
	holder.Waiting = nil
	add("start-holder-nothing", HolderStartPage(holder))

	now := at("2026-11-22 14:00")
	add("start-issuer", DeskStartPage(DeskStart{Layout: g.issuer("/start"), Now: now, Claims: 3, Queues: []DeskQueue{
		{Code: "review", Count: 1000, Capped: true, Oldest: now.Add(-75 * time.Hour)}, {Code: "produce", Count: 12, Oldest: now.Add(-5 * time.Hour)},
		{Code: "bureau"}, {Code: "sent", Count: 340, Oldest: now.Add(-700 * time.Hour)},
	}}))
}
