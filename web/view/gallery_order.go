package view

import "github.com/a-h/templ"

// ordering is somebody who orders cards for the company.
func (g sample) ordering(path string) Layout {
	l := g.inside(path)
	l.Nav = []string{"cards", "orders", "my_cards", "account", "help"}
	return l
}

func (g sample) orderForm() OrderForm {
	return OrderForm{
		Kind: "standard", Holder: 31, Given: "Žaneta", Family: "Nowak-Łukasiewska", Citizenship: "PL", Email: "zaneta@exempel.test", Language: "en",
		Reference: "PO 2026-118", DeliverTo: "Norra Hamnen, bod 4\nHamnvägen 1\n000 00 Åmåla", Photo: 12,
	}
}

func (g sample) orderedCard() CardSummary {
	return CardSummary{
		Kind: "standard", Holder: "Žaneta Nowak-Łukasiewska", PersonalNumber: "19850101-****", Company: longCompany, OrgNumber: "000000-0018", Photo: "/photos/12",
	}
}

func (g sample) addOrders(add func(string, templ.Component)) {
	holder := OrderHolder{Layout: g.ordering("/orders/new")}
	add("order", OrderHolderPage(holder))
	holder.Query, holder.Searched = "nowak", true
	add("order-nobody", OrderHolderPage(holder))
	holder.Found = []OrderPerson{
		{ID: 31, Name: "Nowak-Łukasiewska, Žaneta", PersonalNumber: "19850101-****"}, {ID: 32, Name: "Nowakowska, Ilze", PersonalNumber: "LV ****", Open: 9},
	}
	add("order-found", OrderHolderPage(holder))
	for _, e := range []FieldError{{Field: "q", Code: "required"}, {Field: "number", Code: "required"}, {Field: "number", Code: "personal"}, {Field: "identity", Code: "invalid"}} {
		add("order-"+e.Field+"-"+e.Code, OrderHolderPage(OrderHolder{Layout: g.ordering("/orders/new"), Errors: []FieldError{e}}))
	}
	passport := OrderForm{Identity: "passport", Number: "AB 123"}
	add("order-number-invalid", OrderHolderPage(OrderHolder{Layout: g.ordering("/orders/new"), Form: passport, Errors: []FieldError{{Field: "number", Code: "invalid"}, {Field: "country", Code: "required"}}}))
	add("order-open", OrderHolderPage(OrderHolder{Layout: g.ordering("/orders/new"), Open: &OrderPerson{ID: 31, Name: "Žaneta Nowak-Łukasiewska", Open: 9}}))

	form := Order{Layout: g.ordering(""), Form: OrderForm{Kind: "standard", Identity: "passport", Number: "XX000000", Country: "PL", Citizenship: "PL"}, PersonalNumber: "PL ****"}
	add("order-form", OrderPage(form))
	form.Errors = []FieldError{
		{Field: "given_name", Code: "required"}, {Field: "family_name", Code: "required"}, {Field: "citizenship", Code: "required"},
		{Field: "holder_email", Code: "required"}, {Field: "language", Code: "invalid"}, {Field: "deliver_to", Code: "required"}, {Field: "photo", Code: "required"},
	}
	add("order-form-empty", OrderPage(form))
	form.Form, form.Holder, form.PersonalNumber, form.Known = g.orderForm(), "Žaneta Nowak-Łukasiewska", "19850101-****", true
	form.Errors = []FieldError{
		{Field: "given_name", Code: "too_long"}, {Field: "holder_email", Code: "invalid"}, {Field: "reference", Code: "too_long"}, {Field: "deliver_to", Code: "too_long"}, {Field: "photo", Code: "not_picture"},
	}
	add("order-form-wrong", OrderPage(form))
	form.Errors = nil
	add("order-form-known", OrderPage(form))
	for _, code := range []string{"format", "too_large", "too_slow", "too_small", "shape", "gone"} {
		form.Errors = []FieldError{{Field: "photo", Code: code}}
		add("order-photo-"+code, OrderPage(form))
	}

	active := g.card("active").card
	replace := Order{Layout: g.ordering(""), Form: g.orderForm(), Card: active, Pays: "company"}
	replace.Form.Holder, replace.Form.Replaces, replace.Form.Reason = 0, 7, "damaged"
	add("order-replace", OrderPage(replace))
	replace.Form.Reason, replace.Errors = "", []FieldError{{Field: "reason", Code: "required"}}
	add("order-replace-wrong", OrderPage(replace))

	replace.Form.Reason, replace.Errors, replace.Reclaimed, replace.Pays = "reclaimed", nil, true, "issuer"
	add("order-replace-reclaimed", OrderPage(replace))

	rejected := g.card("rejected")
	correct := Order{Layout: g.ordering(""), Form: g.orderForm(), Card: rejected.card, Rejected: &rejected.events[1]}
	correct.Form.Holder, correct.Form.CardID, correct.Form.Version = 0, 7, 2
	add("order-correct", OrderPage(correct))
	correct.Late, correct.Changes = true, rejected.events[1:]
	add("order-correct-late", OrderPage(correct))
	visitor := g.card("visitor-reviewed").card
	add("order-correct-visitor", OrderPage(Order{Layout: g.ordering(""), Form: OrderForm{CardID: 7, Version: 2, Kind: "visitor", DeliverTo: form.Form.DeliverTo}, Card: visitor}))

	preview := OrderPreview{Layout: g.ordering(""), Form: g.orderForm(), Card: g.orderedCard()}
	add("order-preview", OrderPreviewPage(preview))
	preview.Known = "Žaneta Nowak"
	add("order-preview-other-name", OrderPreviewPage(preview))
	preview.Known, preview.Form.Holder, preview.Form.Replaces, preview.Form.Reason, preview.Pays = "", 0, 7, "expires", "company"
	add("order-preview-replace", OrderPreviewPage(preview))
	preview.Form.Replaces, preview.Form.CardID, preview.Form.Version, preview.Pays = 0, 7, 2, ""
	add("order-preview-correct", OrderPreviewPage(preview))

	visitors := OrderVisitors{Layout: g.ordering("/orders/new?kind=visitor"), Count: "1", Max: 50, Form: OrderForm{DeliverTo: form.Form.DeliverTo}}
	add("order-visitors", OrderVisitorsPage(visitors))
	visitors.Count, visitors.Form.DeliverTo, visitors.Errors = "51", "", []FieldError{{Field: "count", Code: "invalid"}, {Field: "deliver_to", Code: "required"}}
	add("order-visitors-wrong", OrderVisitorsPage(visitors))
	g.addOrderList(add)
	g.addOrderedCards(add)
}

func (g sample) addOrderList(add func(string, templ.Component)) {
	rows := []OrderRow{
		{CardRow: g.rows("rejected")[3], Waiting: "orderer", Since: at("2026-11-20 10:02"), Reason: "photo", Note: "Ansiktet är i skugga. Ta ett nytt foto mot ljus bakgrund.", Reference: "PO 2026-118", Open: []string{"correct", "cancel"}},
		{CardRow: g.rows("reviewed")[12], Waiting: "holder", Since: at("2026-11-03 08:10"), Open: []string{"correct", "cancel"}, Resendable: true, MailFailed: true},
		{CardRow: g.rows("ordered")[20], Waiting: "issuer", Since: at("2026-11-19 15:30"), Reference: "Besök vecka 48", Open: []string{"correct", "cancel"}},
		{CardRow: g.rows("approved")[5], Waiting: "issuer", Since: at("2026-11-21 07:45"), Open: []string{"cancel"}},
		{CardRow: g.rows("produced")[6], Waiting: "holder", Since: at("2026-11-21 09:00")},
	}
	list := OrderList{Layout: g.ordering("/orders"), Own: true, Orderer: true, Rows: rows, Next: "eyJrIjoib3N0In0"}
	add("orders", OrderListPage(list))
	list.Own, list.Later, list.Path = false, true, "/orders?show=all"
	add("orders-all", OrderListPage(list))
	list.Orderer, list.Later, list.Next, list.Path = false, false, "", "/orders"
	add("orders-administrator", OrderListPage(list))
	none := OrderList{Layout: g.ordering("/orders"), Own: true, Orderer: true}
	add("orders-none", OrderListPage(none))
	for _, code := range []string{"order_visitors", "resent", "resent_already", "resend_not_waited_for", "resend_no_address"} {
		none.Receipt = &Receipt{Code: code}
		add("orders-receipt-"+code, OrderListPage(none))
	}
}

func (g sample) addOrderedCards(add func(string, templ.Component)) {
	ordered := g.card("ordered")
	page := Card{Layout: g.ordering("/cards/7"), Card: ordered.card, Open: []string{"correct", "cancel"}, Events: ordered.events, Order: OrderData{
		Email: "zaneta@exempel.test", Language: "sv", Citizenship: "PL", Reference: "PO 2026-118", DeliverTo: g.orderForm().DeliverTo, Unfinished: true,
		Replaces: 5, ReplacesNumber: "ZZ-2041-118100", ReplaceReason: "lost", Pays: "company",
	}}
	page.Card.Photo = "/photos/12"
	for _, code := range []string{"order", "correct"} {
		page.Receipt = &Receipt{Code: code}
		add("card-receipt-"+code, CardPage(page))
	}
	ended := g.card("terminated")
	replaced := Card{Layout: g.ordering("/cards/7"), Card: ended.card, Open: []string{"replace"}, Events: ended.events, Order: OrderData{ReplacedBy: 9}}
	add("card-replaced", CardPage(replaced))
	refused := ClosedAction{Action: "replace", Why: "not_orderer", Orderer: "Märta Sjöstrand-Widmark"}
	add("card-replace-refused", CardPage(Card{Layout: g.ordering("/cards/7"), Card: ended.card, Events: ended.events, Refused: &refused}))
}
