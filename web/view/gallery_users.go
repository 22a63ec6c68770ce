package view

import "github.com/a-h/templ"

// administrator is somebody who looks after the users of a company.
func (g sample) administrator(path string) Layout {
	l := g.inside(path)
	l.Nav = []string{"cards", "messages", "users", "my_cards", "account", "help"}
	return l
}

func (g sample) userRows() []UserRow {
	return []UserRow{
		{ID: 3, Name: "Ylva Åkerlind-Öst", Identity: "19850101-****", Roles: []string{"administrator", "orderer"}, LogIn: "open", Cards: 41},
		{
			ID: 12, Name: "Märta Sjöstrand-Widmark", Identity: "19710203-****", Roles: []string{"orderer"}, LogIn: "open", Cards: 1412,
			Deputy: "Ylva Åkerlind-Öst", Since: day("2026-11-20"), Until: day("2026-12-04"),
		},
		{ID: 15, Name: "Łukasz Żbikowski", Identity: "PL ****", Roles: []string{"administrator"}, LogIn: "invited", Invited: at("2026-11-19 15:02"), Mail: "sent"},
		{ID: 16, Name: "Åke Sjödal", Identity: "19901224-****", Roles: []string{"orderer"}, LogIn: "invited", Invited: at("2026-11-01 15:02"), Mail: "sent", Expired: true},
		{ID: 17, Name: "Örjan Sjöqvist", Identity: "19681130-****", Roles: []string{"orderer"}, LogIn: "invited", Invited: at("2026-11-22 07:50"), Mail: "failed", Cards: 1},
		{ID: 18, Name: "Žaneta Nowak-Łukasiewska", Identity: "19880808-****", Roles: []string{"orderer"}, LogIn: "none"},
	}
}

func (g sample) handOver() HandOver {
	return HandOver{
		ID: 5, FromID: 21, From: "Gunilla Östergård", To: "Märta Sjöstrand-Widmark", By: "Ylva Åkerlind-Öst", Asked: at("2026-11-22 14:01"), Cards: 12044, Done: 3200,
		Reason: "other", Note: "Byter region från och med december.", ThenEnds: "membership",
	}
}

func (g sample) successors() []Option {
	return []Option{{"12", "Sjöstrand-Widmark, Märta"}, {"16", "Sjödal, Åke"}}
}

func (g sample) addUsers(add func(string, templ.Component)) {
	p := Users{Layout: g.administrator("/users"), Rows: g.userRows()}
	add("users", UsersPage(p))
	p.Former = []UserRow{{ID: 21, Name: "Gunilla Östergård", LogIn: "open", Cards: 12044}, {ID: 22, Name: "Bertil Tvåstad", LogIn: "none", Cards: 1}}
	p.Going = []HandOver{g.handOver()}
	add("users-ordererless", UsersPage(p))

	u := User{Layout: g.administrator("/users/12"), UserRow: g.userRows()[1]}
	u.Changes = []RoleChange{
		{At: at("2026-10-02 09:12"), Role: "orderer", Begun: true, By: "Ylva Åkerlind-Öst"}, {At: at("2026-09-01 10:00"), Role: "administrator", By: "Ylva Åkerlind-Öst"},
		{At: at("2024-02-01 10:00"), Role: "administrator", Begun: true},
	}
	u.HandOvers = []HandOver{{ID: 4, From: u.Name, To: "Åke Sjödal", Asked: at("2026-09-02 11:00"), Done: 14, Finished: at("2026-09-02 11:00")}}
	add("user", UserPage(u))
	u.Errors = []FieldError{{Field: "form", Code: "has_cards"}}
	add("user-has-cards", UserPage(u))
	l := g.administrator("/users/16")
	l.Receipt = &Receipt{Code: "invited_again"}
	add("user-invited", UserPage(User{Layout: l, UserRow: g.userRows()[3], Email: "ny@exempel.test"}))
	l.Receipt = nil
	add("user-invitation-wrong", UserPage(User{Layout: l, UserRow: g.userRows()[4], Email: "ny@exempel", Errors: []FieldError{{Field: "user_email", Code: "invalid"}}}))
	add("user-former", UserPage(User{
		Layout: g.administrator("/users/21"), UserRow: UserRow{ID: 21, Name: "Gunilla Östergård", Identity: "19600101-****", LogIn: "closed", Cards: 12044},
		Acts: []ActingFor{{OrdererID: 12, Orderer: "Märta Sjöstrand-Widmark", Until: day("2026-12-04")}},
	}))

	invite := UserInvite{Layout: g.administrator("/users/new"), Roles: []string{"orderer"}}
	add("user-invite", UserInvitePage(invite))
	invite.Roles, invite.Errors = nil, []FieldError{
		{Field: "number", Code: "required"}, {Field: "given_name", Code: "required"}, {Field: "family_name", Code: "too_long"}, {Field: "user_email", Code: "required"},
		{Field: "roles", Code: "required"},
	}
	add("user-invite-empty", UserInvitePage(invite))
	invite.Roles, invite.Given, invite.Family, invite.Email, invite.Language = []string{"administrator"}, "Åke", "Sjödal", "ake@exempel.test", "en"
	invite.Errors, invite.Known, invite.KnownName = []FieldError{{Field: "number", Code: "works_here"}}, 16, "Åke Sjödal"
	add("user-invite-known", UserInvitePage(invite))
}

func (g sample) addHandOvers(add func(string, templ.Component)) {
	form := HandOverForm{
		Layout: g.administrator("/users/21/hand-over"), User: 21, Name: "Gunilla Östergård", Cards: 12044, Orderer: true, Successors: g.successors(),
		Reasons: []string{"employment_ended", "leave", "other"},
	}
	add("hand-over", HandOverFormPage(form))
	wrong := form
	wrong.Reason, wrong.ThenEnds, wrong.Errors = "other", "orderer", []FieldError{{Field: "successor", Code: "required"}, {Field: "note", Code: "required"}}
	add("hand-over-wrong", HandOverFormPage(wrong))
	nobody := form
	nobody.Successors = nil
	add("hand-over-nobody", HandOverFormPage(nobody))
	form.Remove, form.Later, form.Administrator = true, true, true
	add("user-remove-cards", HandOverFormPage(form))
	form.Cards, form.Later, form.Self = 0, false, true
	add("user-remove", HandOverFormPage(form))
	form.Errors = []FieldError{{Field: "form", Code: "last_administrator"}}
	add("user-remove-last", HandOverFormPage(form))

	h := HandOverProgress{Layout: g.administrator("/users/hand-overs/5"), HandOver: g.handOver()}
	add("hand-over-going", HandOverPage(h))
	h.Done, h.Finished = 12051, at("2026-11-22 14:03")
	add("hand-over-done", HandOverPage(h))
	for _, why := range []string{"successor", "last_administrator"} {
		h.Stopped = why
		add("hand-over-stopped-"+why, HandOverPage(h))
	}

	card, ask := g.ask("block")
	ask.Action, ask.After, ask.Reversible, ask.Optional = "hand_over", ask.Before, "administrator", true
	ask.Reasons, ask.Successors, ask.Told = []string{"employment_ended", "leave", "other"}, g.successors(), []string{"orderer", "administrator"}
	add("card-hand-over", CardActionPage(CardAction{Layout: g.administrator("/cards/7/hand_over"), Card: card, Form: ask}))
	c := g.card("active")
	l := g.administrator("/cards/7")
	l.Receipt = &Receipt{Code: "hand_over"}
	add("card-receipt-hand_over", CardPage(Card{Layout: l, Card: c.card, Open: []string{"hand_over"}, Closed: []ClosedAction{
		{Action: "block", Why: "role", Orderer: "Märta Sjöstrand-Widmark"}, {Action: "terminate", Why: "role", Orderer: "Märta Sjöstrand-Widmark"},
	}, Events: c.events}))
}

func (g sample) addDeputies(add func(string, templ.Component)) {
	p := Deputy{Layout: g.administrator("/users/12/deputy"), User: 12, Name: "Märta Sjöstrand-Widmark", Deputies: g.successors()[1:]}
	add("deputy", DeputyPage(p))
	p.Named = []DeputyTime{{ID: 8, Deputy: "Åke Sjödal", By: "Ylva Åkerlind-Öst", First: day("2026-11-20"), Last: day("2026-12-04")}}
	p.Acts = []ActingFor{{OrdererID: 3, Orderer: "Ylva Åkerlind-Öst", Until: day("2026-11-30")}}
	add("deputy-named", DeputyPage(p))
	p.Deputy, p.FirstDay, p.LastDay = "16", "2026-11-21", "2026-11-20"
	p.Errors = []FieldError{{Field: "deputy", Code: "invalid"}, {Field: "first_day", Code: "taken"}, {Field: "last_day", Code: "before"}}
	add("deputy-wrong", DeputyPage(p))
	p.Errors, p.Own, p.Layout = nil, true, g.inside("/users/3/deputy")
	p.Receipt = &Receipt{Code: "deputy_named"}
	add("deputy-own", DeputyPage(p))
	p.Deputies, p.Named, p.Acts, p.Receipt = nil, nil, nil, nil
	add("deputy-nobody", DeputyPage(p))
	c := g.card("active")
	c.card.Deputy, c.card.DeputyUntil, c.card.ActsAsDeputy = "Ylva Åkerlind-Öst", day("2026-12-04"), true
	add("card-deputy", CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Open: c.open, Events: c.events}))
	s := g.search()
	s.Acting = []ActingFor{{OrdererID: 12, Orderer: "Märta Sjöstrand-Widmark", Until: day("2026-12-04")}}
	add("cards-deputy", CardSearchPage(s))
	add("account-orderer", AccountPage(Account{Layout: g.inside("/account"), Email: "ylva@exempel.test", Deputy: 3}))
}
