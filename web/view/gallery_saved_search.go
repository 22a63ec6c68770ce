package view

import "github.com/a-h/templ"

func (g sample) savedSearches() []SavedSearch {
	return []SavedSearch{
		{ID: 3, Name: "Går ut i vår", Typed: "Går ut i vår", Own: true, Owner: "Ylva Åkerlind-Öst", Starts: true, Filter: CardFilter{Status: "active", ExpiresBefore: "2027-06-01"}},
		{ID: 4, Name: "Spärrade på Norra Hamnen, att gå igenom varje måndag morgon", Typed: "Spärrade på Norra Hamnen, att gå igenom varje måndag morgon", Own: true, Shared: true, Owner: "Ylva Åkerlind-Öst", Filter: CardFilter{Status: "blocked", Orderer: "12"}},
		{ID: 7, Name: "Att städa", Typed: "Att städa", Shared: true, Owner: "Märta Sjöstrand-Widmark", Filter: CardFilter{CleanUp: "never_activated"}},
	}
}

func (g sample) addSavedSearches(add func(string, templ.Component)) {
	p := g.search()
	p.Saved = g.savedSearches()
	add("cards-saved-searches", CardSearchPage(p))

	save := func(change func(*SaveSearch)) templ.Component {
		p := SaveSearch{Layout: g.inside(""), Filter: CardFilter{Query: "öberg", Status: "blocked", Orderer: "12", CleanUp: "long_blocked"}, Orderers: g.search().Orderers}
		change(&p)
		return SaveSearchPage(p)
	}
	add("saved-search-new", save(func(*SaveSearch) {}))
	add("saved-search-new-all", save(func(p *SaveSearch) { p.Filter = CardFilter{} }))
	for _, code := range []string{"required", "too_long", "taken", "personal"} {
		add("saved-search-name-"+code, save(func(p *SaveSearch) {
			p.Name, p.Shared, p.Errors = "Spärrade", true, []FieldError{{Field: "name", Code: code}}
		}))
	}
	for _, code := range []string{"search_personal", "searches_full"} {
		add("saved-search-"+code, save(func(p *SaveSearch) { p.Name, p.Errors = "Spärrade", []FieldError{{Field: "form", Code: code}} }))
	}

	list := SavedSearches{Layout: g.inside("/saved-searches"), Searches: g.savedSearches()}
	add("saved-searches", SavedSearchesPage(list))
	list.Administrator = true
	list.Receipt = &Receipt{Code: "search_changed"}
	add("saved-searches-administrator", SavedSearchesPage(list))
	list.Receipt = nil
	list.Path, list.Searches[1].Typed, list.Errors = "", "", []FieldError{{Field: SearchNameField(4), Code: "required"}}
	add("saved-searches-wrong", SavedSearchesPage(list))
	add("saved-searches-none", SavedSearchesPage(SavedSearches{Layout: g.inside("/saved-searches")}))
	p.Receipt = &Receipt{Code: "search_saved"}
	add("cards-receipt-search_saved", CardSearchPage(p))
}
