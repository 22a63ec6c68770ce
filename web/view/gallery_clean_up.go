package view

import "github.com/a-h/templ"

func (g sample) addCleanUp(add func(string, templ.Component)) {
	tidy := func(change func(*CleanUp)) templ.Component {
		p := CleanUp{Layout: g.ordering("/clean-up"), Own: true, Orderer: true, Savings: Fee{Cards: 61, Ore: 213500}, Kinds: []CleanUpKind{
			{Code: "never_activated", Days: 30, Ends: true, Count: 54, Fee: Fee{Cards: 54, Ore: 189000}},
			{Code: "long_blocked", Days: 90, Ends: true, Count: 12},
			{Code: "several", Ends: true, Count: 9, Fee: Fee{Cards: 7, Ore: 24500}},
			{Code: "expired", Ends: true, Count: 1},
			{Code: "no_email", Count: 1000, Capped: true, Fee: Fee{Cards: 998, Capped: true, Ore: 3493000}},
			{Code: "orderer_gone"},
		}}
		p.Nav = []string{"cards", "orders", "expiring", "clean_up", "messages", "my_cards", "account", "help"}
		for i := range p.Kinds {
			p.Kinds[i].Review = CardFilter{CleanUp: p.Kinds[i].Code, Orderer: "12"}
		}
		change(&p)
		return CleanUpPage(p)
	}
	add("clean-up", tidy(func(*CleanUp) {}))
	add("clean-up-all", tidy(func(p *CleanUp) {
		p.Own, p.Savings = false, Fee{Cards: 1000, Capped: true, Ore: 3500000}
		for i := range p.Kinds {
			p.Kinds[i].Review.Orderer = ""
		}
	}))
	add("clean-up-none", tidy(func(p *CleanUp) {
		p.Own, p.Orderer, p.Savings = false, false, Fee{}
		for i := range p.Kinds {
			p.Kinds[i].Count, p.Kinds[i].Capped, p.Kinds[i].Fee = 0, false, Fee{}
		}
	}))
}
