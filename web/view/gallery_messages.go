package view

import "github.com/a-h/templ"

func (g sample) addMessages(add func(string, templ.Component)) {
	add("messages", MessagesPage(Messages{Layout: g.inside("/messages"), Rows: messageRows(), Next: "1204"}))
	add("messages-later-page", MessagesPage(Messages{Layout: g.inside("/messages?before=1204"), Rows: messageRows()[:2], Later: true}))
	add("messages-none", MessagesPage(Messages{Layout: g.inside("/messages")}))

	g.addCardMessages(add)

	// Here the links lead to the gallery's own portal; in a real mail they are whole addresses.
	mail := Mail{
		Words: g.words, Name: "Žaneta", Company: longCompany, Holder: "Žaneta Nowak-Łukasiewska", CardNumber: "ZZ-2041-••••••", Reason: "photo",
		LastDay: day("2026-12-31"),
	}
	expire := Mail{
		Words: g.words, Template: "cards_expire", Name: "Ylva", Company: longCompany, LastDay: day("2026-11-29"), Link: "/expiring",
		Expiring: []MailExpiring{{"one_week", 1}, {"three_months", 12}, {"six_months", 140}},
	}
	add("mail-cards_expire", MailPage(expire))
	for _, template := range []string{"order_rejected", "card_produced", "card_expires", "replacement_ordered", "email_changed", "joined_company"} {
		mail.Template, mail.Link = template, "/cards/7"
		add("mail-"+template, MailPage(mail))
	}
	mail.Orderer, mail.Link = "Märta Sjöstrand-Widmark", "/cards"
	for i, template := range []string{"cards_handed_over", "cards_taken_over"} {
		mail.Template, mail.Cards = template, 1+1411*i
		add("mail-"+template, MailPage(mail))
	}
	mail.Template, mail.Plans, mail.Link = "plans_refused", 1412, "/planned"
	add("mail-plans_refused", MailPage(mail))
	mail.Until = at("2026-12-06 14:05")
	for _, m := range []struct{ template, path string }{
		{"order_to_approve", "/approve/"}, {"invitation", "/invite/"}, {"password_reset", "/reset-password/"}, {"confirm_email", "/change-email/"},
	} {
		mail.Template, mail.Link = m.template, m.path+"EXAMPLETOKENOFNOBODY"
		add("mail-"+m.template, MailPage(mail))
	}

	caught := DevMail{Name: "20261122T140500-K5QZ7WMB", To: "ylva@exempel.test", Subject: "Godkänn ditt kort", At: at("2026-11-22 14:05")}
	add("dev-mails", DevMailsPage(DevMails{Layout: g.outside("/dev/mail"), Mails: []DevMail{caught}}))
	add("dev-mails-none", DevMailsPage(DevMails{Layout: g.outside("/dev/mail")}))
	add("dev-mail", DevMailPage(DevMailOne{
		Layout: g.outside("/dev/mail/" + caught.Name), Mail: caught, HTML: true,
		Headers: []DevHeader{{"From", "Kortportal <kortportal@localhost>"}, {"To", "ylva@exempel.test"}, {"Message-ID", "<message.7@localhost>"}},
		Text:    []DevText{{Text: "Hej Ylva!\n\nGranska kortet:\n"}, {Text: "http://localhost:8080/approve/EXAMPLE", Link: "/approve/EXAMPLE"}, {Text: "\n"}},
	}))
}

// addCardMessages shows a card that waits for its holder, in what became of the mails.
func (g sample) addCardMessages(add func(string, templ.Component)) {
	c := g.card("reviewed")
	rows := []MessageRow{
		{ID: 1211, Receiver: "Žaneta Nowak-Łukasiewska", Address: "zaneta.nowak-lukasiewska@mycket-langt-foretagsnamn.exempel.test", Template: "order_to_approve", Created: at("2026-11-22 14:05"), State: "failed", Attempts: 1, Problem: "address_refused"},
		{ID: 1209, Receiver: "Märta Sjöstrand-Widmark", Template: "order_rejected", Created: at("2026-11-20 10:02"), State: "sent", Attempts: 1},
	}
	page := func(name string, m CardMessages) {
		add("card-messages-"+name, CardPage(Card{Layout: g.ordering("/cards/7"), Card: c.card, Open: []string{"correct", "cancel"}, Events: c.events, Messages: m}))
	}
	page("refused", CardMessages{Rows: rows, Resend: "open", Correct: true})
	page("refused-just-now", CardMessages{Rows: rows, Resend: "later", Correct: true})
	page("refused-other-orderer", CardMessages{Rows: rows[:1], Resend: "open"})
	c = g.card("produced")
	page("refused-made", CardMessages{Rows: rows[:1], Resend: "open"})
	c = g.card("reviewed")
	page("no-address", CardMessages{Resend: "no_address", Correct: true})
	page("none", CardMessages{Resend: "open", Correct: true})
	given := rows[0]
	given.Problem, given.Attempts = "unreachable", 14
	page("given-up", CardMessages{Rows: []MessageRow{given}, Resend: "open", Correct: true})
	given.Problem = "busy"
	page("administrator", CardMessages{Rows: []MessageRow{given}})
}

// messageRows are messages in every state.
func messageRows() []MessageRow {
	return []MessageRow{
		{ID: 1209, Receiver: "Nowak-Łukasiewska, Žaneta", Template: "order_to_approve", Card: 7, Holder: "Nowak-Łukasiewska, Žaneta", Created: at("2026-11-22 14:05"), State: "waiting"},
		{ID: 1208, Receiver: "Öberg, Tuva", Template: "card_expires", Card: 8, Number: "ZZ-2041-118205", Holder: "Öberg, Tuva", Created: at("2026-11-22 06:00"), State: "sent", Attempts: 1},
		{ID: 1203, Receiver: "Åkerlind-Öst, Ylva", Template: "cards_expire", Created: at("2026-11-22 06:00"), State: "sent", Attempts: 1},
		{ID: 1207, Receiver: "Sjöstrand-Widmark, Märta", Template: "order_rejected", Card: 9, Created: at("2026-11-21 16:31"), State: "sent", Attempts: 2},
		{ID: 1206, Receiver: "Åkerlind-Öst, Ylva", Template: "invitation", Created: at("2026-11-21 09:12"), State: "waiting", Attempts: 3, Problem: "busy"},
		{ID: 1205, Receiver: "Żbikowski, Łukasz", Template: "card_produced", Card: 10, Number: "ZZ-2041-118206", Holder: "Żbikowski, Łukasz", Created: at("2026-11-20 12:00"), State: "failed", Attempts: 1, Problem: "address_refused", Address: "lukasz@exempel.test", Resendable: true},
		{ID: 1204, Receiver: "Tvåstad, Göran", Template: "replacement_ordered", Card: 11, Number: "ZZ-2041-118207", Holder: "Tvåstad, Göran", Created: at("2026-11-20 11:59"), State: "failed", Attempts: 14, Problem: "unreachable"},
	}
}
