package view

import (
	"fmt"

	"github.com/a-h/templ"

	"kortportal/internal/i18n"
)

// Page is one page of the gallery: a page of the portal in one state and one language.
type Page struct {
	// Name says which page and state, in lower case with hyphens; it is unique within a language.
	Name      string
	Lang      i18n.Lang
	Component templ.Component
}

// Gallery is every page in every state, in all languages, with people and companies that do not exist.
func Gallery() []Page {
	var pages []Page
	for _, lang := range i18n.Langs() {
		g := sample{words: i18n.For(lang)}
		add := func(name string, c templ.Component) { pages = append(pages, Page{name, lang, c}) }
		g.addEntrance(add)
		g.addSearch(add)
		g.addCards(add)
		g.addActions(add)
		g.addConflicts(add)
		g.addMyCards(add)
		g.addOrderImports(add)
		g.addCardExports(add)
		g.addDesk(add)
		g.addApprovals(add)
		g.addActivations(add)
		g.addClaims(add)
		g.addOther(add)
		g.addMessages(add)
		g.addLinks(add)
		g.addOrders(add)
		g.addExpiry(add)
		g.addRenewals(add)
		g.addSelections(add)
		g.addPlans(add)
		g.addRuns(add)
		g.addPlanned(add)
		g.addCleanUp(add)
		g.addSavedSearches(add)
		g.addStart(add)
		g.addUsers(add)
		g.addHandOvers(add)
		g.addDeputies(add)
	}
	return pages
}

func (g sample) addEntrance(add func(string, templ.Component)) {
	add("login", LoginPage(Login{Layout: g.outside("/login")}))
	add("login-lost", LoginPage(Login{Layout: g.outside("/login"), Next: "/planned", Notice: "lost"}))
	add("resume", ResumePage(Resume{Layout: g.inside(""), Form: "/orders/new", File: true, Fields: []KeptField{{"kind", "standard"}, {"given_name", "Žaneta"}}}))
	add("login-kept", LoginPage(Login{Layout: g.outside("/login"), Next: "/cards/7/block", Notice: "kept", Kept: []KeptField{{"kept_reason", "other"}, {"kept_note", "Ledig till ”påsk” & tillbaka i maj"}}}))
	add("login-expired", LoginPage(Login{Layout: g.outside("/login"), Next: "/cards", Notice: "expired"}))
	for _, code := range []string{"logout", "logout_everywhere"} {
		l := g.outside("/login")
		l.Receipt = &Receipt{Code: code}
		add("login-receipt-"+code, LoginPage(Login{Layout: l}))
	}
	add("login-empty", LoginPage(Login{Layout: g.outside("/login"), Errors: []FieldError{{Field: "email", Code: "required"}, {Field: "password", Code: "required"}}}))
	add("login-email", LoginPage(Login{Layout: g.outside("/login"), Email: "ylva.exempel", Errors: []FieldError{{Field: "email", Code: "invalid"}}}))
	add("login-wrong", LoginPage(Login{Layout: g.outside("/login"), Email: "ylva@exempel.test", Errors: []FieldError{{Field: "form", Code: "credentials"}}}))
	add("login-throttled", LoginPage(Login{Layout: g.outside("/login"), Email: "ylva@exempel.test", Errors: []FieldError{{Field: "form", Code: "throttled", Minutes: 5}}}))

	add("switch", SwitchPage(Switch{Layout: g.chosen("/switch", ""), Places: g.places(), Next: "/cards"}))
	add("switch-gone", SwitchPage(Switch{Layout: g.chosen("/switch", ""), Places: g.places()[:2], Errors: []FieldError{{Field: "context", Code: "gone"}}}))
	add("switch-required", SwitchPage(Switch{Layout: g.chosen("/switch", ""), Places: g.places()[:2], Errors: []FieldError{{Field: "context", Code: "required"}}}))
	add("switch-none", SwitchPage(Switch{Layout: g.chosen("/switch", "")}))
}

func (g sample) addSearch(add func(string, templ.Component)) {
	search := func(change func(*CardSearch)) templ.Component {
		p := g.search()
		change(&p)
		return CardSearchPage(p)
	}
	add("cards", search(func(*CardSearch) {}))
	add("cards-filtered", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "öberg", Status: "blocked", Kind: "standard", Orderer: "12", ExpiresBefore: "2027-01-31", CleanUp: "long_blocked"}
		p.Rows, p.Count, p.Capped, p.Next = g.rows("blocked")[:2], 2, false, ""
	}))
	add("cards-later-page", search(func(p *CardSearch) { p.Filter.After = "eyJrIjoib3N0In0" }))
	add("cards-personal-number", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "850101", Sealed: "c2VhbGVk", Status: "active", Kind: "standard"}
		p.Rows, p.Count, p.Capped, p.Next = g.rows("active")[:2], 40, false, "eyJrIjoib3N0In0"
	}))
	add("cards-personal-number-nothing", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "850101", Sealed: "c2VhbGVk"}
		p.Rows, p.Count, p.Capped, p.Next = nil, 0, false, ""
	}))
	add("cards-orderer-matches", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "sjö"}
		p.Suggestions = []OrdererMatch{{"12", "Märta Sjöstrand-Widmark", 412, false}, {"15", "Åke Sjödal", 1, false}, {"17", "Örjan Sjöqvist", 1000, true}}
	}))
	add("cards-misused-word", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "avsluta"}
		p.Misused, p.Rows, p.Count, p.Capped, p.Next = true, nil, 0, false, ""
	}))
	add("cards-status-word", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "spärrade"}
		p.Misused, p.StatusMeant, p.Rows, p.Count, p.Capped, p.Next = true, "blocked", nil, 0, false, ""
	}))
	add("cards-nothing", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "Łukasz Żbikowski", Status: "active", Kind: "visitor"}
		p.Rows, p.Count, p.Capped, p.Next = nil, 0, false, ""
	}))
	add("cards-none", search(func(p *CardSearch) {
		p.Rows, p.Statuses, p.Count, p.Capped, p.Next, p.NoCards = nil, nil, 0, false, "", true
	}))
	add("cards-wrong", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "\ufffd", ExpiresBefore: "2027-13-40"}
		p.Errors = []FieldError{{Field: "q", Code: "invalid"}, {Field: "expires_before", Code: "invalid"}, {Field: "status", Code: "invalid"}}
		p.Rows, p.Count, p.Capped, p.Next = nil, 0, false, ""
	}))
	add("cards-too-long", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "Anna-Karin Anna-Karin Anna-Karin Anna-Karin"}
		p.Errors = []FieldError{{Field: "q", Code: "too_long"}}
		p.Rows, p.Count, p.Capped, p.Next = nil, 0, false, ""
	}))
	add("cards-not-a-personal-number", search(func(p *CardSearch) {
		p.Filter = CardFilter{Query: "850199", Sealed: "c2VhbGVk"}
		p.Errors = []FieldError{{Field: "q", Code: "personal"}}
		p.Rows, p.Count, p.Capped, p.Next = nil, 0, false, ""
	}))
	add("cards-number-gone", search(func(p *CardSearch) {
		p.Filter = CardFilter{Sealed: "c2VhbGVk"}
		p.Errors = []FieldError{{Field: "q", Code: "sealed"}}
		p.Rows, p.Statuses, p.Count, p.Capped, p.Next = nil, nil, 0, false, ""
	}))
	add("cards-issuer-prompt", search(func(p *CardSearch) {
		p.Layout, p.AllCompanies, p.Orderers, p.Former, p.Prompt = g.issuer("/cards"), true, nil, nil, true
		p.Filter, p.Rows, p.Count, p.Capped, p.Next = CardFilter{}, nil, 0, false, ""
	}))
	add("cards-issuer", search(func(p *CardSearch) {
		p.Layout, p.AllCompanies, p.Orderers, p.Former = g.issuer("/cards"), true, nil, nil
		p.Filter = CardFilter{Query: "berg"}
		for i := range p.Rows {
			p.Rows[i].Company = companies()[i%len(companies())]
		}
	}))
}

func (g sample) addCards(add func(string, templ.Component)) {
	for _, c := range g.cards() {
		add("card-"+c.name, CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Open: c.open, Closed: c.closed, Events: c.events, Back: "/cards?q=nowak"}))
	}
	for _, r := range []struct{ code, status string }{{"block", "blocked"}, {"unblock", "active"}, {"unblock_suspended", "suspended"}, {"terminate", "terminated"}, {"cancel", "cancelled"}} {
		l := g.inside("/cards/7")
		l.Receipt = &Receipt{Code: r.code, Card: "ZZ-2041-118205"}
		c := g.card(r.status)
		add("card-receipt-"+r.code, CardPage(Card{Layout: l, Card: c.card, Open: c.open, Closed: c.closed, Events: c.events}))
	}
	produced := g.card("produced")
	add("card-refused", CardPage(Card{Layout: g.inside("/cards/7"), Card: produced.card, Open: produced.open, Closed: produced.closed, Events: produced.events, Refused: &produced.closed[0]}))
	c := g.card("active")
	add("card-administrator", CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Closed: []ClosedAction{
		{Action: "block", Why: "role", Orderer: "Märta Sjöstrand-Widmark"}, {Action: "terminate", Why: "role", Orderer: "Märta Sjöstrand-Widmark"},
	}, Events: c.events}))
	add("card-other-orderer", CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Closed: []ClosedAction{
		{Action: "block", Why: "not_orderer", Orderer: "Märta Sjöstrand-Widmark"}, {Action: "terminate", Why: "not_orderer", Orderer: "Märta Sjöstrand-Widmark"},
	}, Events: c.events}))
	ended := g.card("terminated")
	ended.card.PhotoDeleted = at("2027-02-21 04:00")
	add("card-photo-deleted", CardPage(Card{Layout: g.inside("/cards/7"), Card: ended.card, Closed: ended.closed, Events: ended.events}))
	add("card-issuer", CardPage(Card{Layout: g.issuer("/cards/7"), Card: c.card, Events: c.events, Logged: true}))
}

func (g sample) addActions(add func(string, templ.Component)) {
	for _, action := range []string{"block", "unblock", "terminate", "cancel"} {
		card, form := g.ask(action)
		add("card-action-"+action, CardActionPage(CardAction{Layout: g.inside("/cards/7/" + action), Card: card, Form: form}))
	}
	card, form := g.ask("terminate")
	form.Reason, form.Errors = "other", []FieldError{{Field: "note", Code: "required"}}
	add("card-action-note-missing", CardActionPage(CardAction{Layout: g.inside("/cards/7/terminate"), Card: card, Form: form}))
	card, form = g.ask("block")
	form.Note = "Lämnade kortet i bodarna vid Norra Hamnen."
	form.Errors = []FieldError{{Field: "reason", Code: "required"}, {Field: "note", Code: "too_long"}}
	add("card-action-wrong", CardActionPage(CardAction{Layout: g.inside("/cards/7/block"), Card: card, Form: form}))
	form.Reason, form.Errors = "photo", []FieldError{{Field: "reason", Code: "invalid"}}
	add("card-action-reason-invalid", CardActionPage(CardAction{Layout: g.inside("/cards/7/block"), Card: card, Form: form}))
	_, form = g.ask("block")
	form.Own, form.Reversible, form.Reasons = true, "orderer", form.Reasons[:2]
	add("my-card-block", CardActionPage(CardAction{Layout: g.holder("/my-cards/7/block"), Card: g.own("active").card, Form: form}))
}

func (g sample) addConflicts(add func(string, templ.Component)) {
	blocked := g.card("blocked")
	last := blocked.events[len(blocked.events)-1:]
	_, form := g.ask("terminate")
	form.Version, form.Reason, form.Note = blocked.card.Version, "lost", "Tappat vid återbruket."
	form.Before = Consequence{Effective: "blocked"}
	add("conflict-retry", ConflictPage(Conflict{Layout: g.inside("/cards/7"), Card: blocked.card, Changes: last, Action: "terminate", Reason: "lost", Note: form.Note, Retry: &form}))
	ended := g.card("terminated")
	add("conflict-closed", ConflictPage(Conflict{Layout: g.inside("/cards/7"), Card: ended.card, Changes: ended.events[len(ended.events)-2:], Action: "block", Reason: "other", Note: "Ska på tjänstledighet till och med mars."}))
	add("conflict-repeated", ConflictPage(Conflict{Layout: g.inside("/cards/7"), Card: blocked.card, Changes: last, Action: "block", Reason: "lost", Repeated: true}))
	add("conflict-own", ConflictPage(Conflict{Layout: g.holder("/my-cards/7"), Card: g.own("terminated").card, Changes: ended.events[len(ended.events)-1:], Action: "block", Reason: "lost", Own: true}))
}

func (g sample) addMyCards(add func(string, templ.Component)) {
	var all []CardSummary
	for _, status := range []string{"active", "blocked", "expired", "ordered"} {
		all = append(all, g.own(status).card)
	}
	rows := func(cards []CardSummary) (rows []MyCardRow) {
		for _, c := range cards {
			rows = append(rows, MyCardRow{CardSummary: c})
		}
		return rows
	}
	add("my-cards", MyCardsPage(MyCards{Layout: g.holder("/my-cards"), Cards: rows(all), All: len(all), Active: 1}))
	add("my-cards-active", MyCardsPage(MyCards{Layout: g.holder("/my-cards?show=active"), ActiveOnly: true, Cards: rows(all[:1]), All: len(all), Active: 1}))
	add("my-cards-none-active", MyCardsPage(MyCards{Layout: g.holder("/my-cards?show=active"), ActiveOnly: true, All: 2}))
	add("my-cards-none", MyCardsPage(MyCards{Layout: g.holder("/my-cards")}))

	active := g.own("active")
	add("my-card", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: active.card, Open: []string{"block"}, Events: active.events, PIN: "show", Views: views()}))
	add("my-card-pin-never-shown", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: active.card, Open: []string{"block"}, Events: active.events, PIN: "show"}))
	for _, status := range []string{"produced", "blocked"} {
		c := g.own(status)
		add("my-card-"+status, MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: c.card, Closed: []ClosedAction{{Action: "block", Why: "status"}}, Events: c.events, PIN: "not_active"}))
	}
	suspended := g.own("suspended")
	add("my-card-suspended", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: suspended.card, Open: []string{"block"}, Events: suspended.events, PIN: "show", Views: views()}))

	ended := g.own("terminated")
	closed := ClosedAction{Action: "block", Why: "status"}
	add("my-card-refused", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: ended.card, Closed: []ClosedAction{closed}, Events: ended.events, Refused: &closed, PIN: "not_active"}))
	blocked := g.own("blocked")
	add("my-card-refused-role", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: blocked.card, Closed: []ClosedAction{closed}, Events: blocked.events, Refused: &ClosedAction{Action: "unblock", Why: "role", Orderer: blocked.card.Orderer}, PIN: "not_active"}))

	request := PINRequest{Layout: g.holder("/my-cards/7/pin"), Card: active.card, Left: 4, Views: views()}
	add("pin", PINRequestPage(request))
	request.LastSix, request.Errors = "11820", []FieldError{{Field: "last_six", Code: "invalid"}, {Field: "password", Code: "required"}}
	add("pin-invalid", PINRequestPage(request))
	request.LastSix, request.Errors = "118205", []FieldError{{Field: "password", Code: "wrong"}}
	add("pin-password-wrong", PINRequestPage(request))
	request.LastSix, request.Errors = "", []FieldError{{Field: "last_six", Code: "required"}}
	add("pin-empty", PINRequestPage(request))
	request.LastSix, request.Errors = "118205", []FieldError{{Field: "form", Code: "throttled", Minutes: 1}}
	add("pin-throttled", PINRequestPage(request))
	request.Proved = true // the password is judged first
	request.LastSix, request.Errors = "118206", []FieldError{{Field: "last_six", Code: "wrong"}}
	add("pin-wrong", PINRequestPage(request))
	request.LastSix, request.Errors = "", nil
	add("pin-proved", PINRequestPage(request))
	for _, why := range []string{"limit", "wrong_limit", "not_active"} {
		request.Closed = why
		add("pin-closed-"+why, PINRequestPage(request))
	}
	add("pin-shown", PINShownPage(PINShown{Layout: g.holder("/my-cards/7"), Card: active.card, PIN: "0419", Seconds: 30, Left: 3, Views: views()}))
}

func (g sample) addOther(add func(string, templ.Component)) {
	account := Account{Layout: g.inside("/account"), Email: "ylva@exempel.test", Sessions: []Session{
		{Started: at("2026-11-22 08:02"), LastSeen: at("2026-11-22 14:05"), Current: true},
		{Started: at("2026-11-20 16:40"), LastSeen: at("2026-11-21 07:12")},
	}}
	add("account", AccountPage(account))
	account.Receipt = &Receipt{Code: "language"}
	add("account-receipt-language", AccountPage(account))
	p := g.search()
	p.Receipt = &Receipt{Code: "switch"}
	add("cards-receipt-switch", CardSearchPage(p))
	add("help", HelpPage(Help{Layout: g.inside("/help")}))
	add("help-outside", HelpPage(Help{Layout: g.outside("/help")}))
	for _, status := range []int{400, 403, 404, 405, 409, 413, 500, 503} {
		add(fmt.Sprintf("error-%d", status), ErrorPage(Error{Layout: g.inside("/"), Status: status, ID: "K5QZ7WMB2XTA"}))
	}
	add("error-404-outside", ErrorPage(Error{Layout: g.outside("/"), Status: 404, ID: "K5QZ7WMB2XTA"}))
}
