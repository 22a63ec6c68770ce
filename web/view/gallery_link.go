package view

import "github.com/a-h/templ"

func (g sample) addLinks(add func(string, templ.Component)) {
	const email = "zaneta@exempel.test"
	approve := Invited{Layout: g.outside(""), Action: "/approve/EXAMPLETOKENOFNOBODY", Approve: true, Company: longCompany, Email: email, State: "choose", Next: "/my-cards/7/approve"}
	invite := Invited{Layout: g.outside(""), Action: "/invite/EXAMPLETOKENOFNOBODY", Company: longCompany, Email: email, State: "choose"}
	short := []FieldError{{Field: "password", Code: "short"}}
	with := func(p Invited, change func(*Invited)) templ.Component {
		change(&p)
		return InvitedPage(p)
	}
	add("approve", InvitedPage(approve))
	add("approve-short", with(approve, func(p *Invited) { p.Errors = short }))
	add("approve-throttled", with(approve, func(p *Invited) { p.Errors = []FieldError{{Field: "form", Code: "throttled", Minutes: 5}} }))
	add("approve-login", with(approve, func(p *Invited) { p.State = "login" }))
	add("approve-other", with(approve, func(p *Invited) { p.Layout, p.State = g.inside(""), "other" }))
	add("approve-taken", with(approve, func(p *Invited) { p.State = "taken" }))
	add("invite", InvitedPage(invite))
	add("invite-nobody", with(invite, func(p *Invited) { p.Company = "" }))
	add("invite-login", with(invite, func(p *Invited) { p.State = "login" }))
	add("invite-taken", with(invite, func(p *Invited) { p.State = "taken" }))
	for _, purpose := range []string{"approve", "invite", "reset_password", "change_email"} {
		for _, why := range []string{"used", "expired", "replaced", "unknown"} {
			add("link-"+purpose+"-"+why, DeadLinkPage(DeadLink{Layout: g.outside(""), Purpose: purpose, Why: why}))
		}
	}
	for _, why := range []string{"withdrawn", "elsewhere"} {
		add("link-approve-"+why, DeadLinkPage(DeadLink{Layout: g.outside(""), Purpose: "approve", Why: why}))
	}

	add("forgotten", ForgottenPage(Forgotten{Layout: g.outside("/forgot-password")}))
	add("forgotten-wrong", ForgottenPage(Forgotten{Layout: g.outside("/forgot-password"), Email: "zaneta", Errors: []FieldError{{Field: "email", Code: "invalid"}}}))
	reset := PasswordReset{Layout: g.outside(""), Action: "/reset-password/EXAMPLETOKENOFNOBODY", Email: email}
	add("reset", PasswordResetPage(reset))
	for _, code := range []string{"required", "long", "plain"} {
		reset.Errors = []FieldError{{Field: "password", Code: code}}
		add("reset-"+code, PasswordResetPage(reset))
	}
	for _, code := range []string{"forgotten", "password_reset", "email_changed"} {
		l := g.outside("/login")
		l.Receipt = &Receipt{Code: code}
		add("login-receipt-"+code, LoginPage(Login{Layout: l}))
	}

	add("email", EmailChangePage(EmailChange{Layout: g.inside("/account/email"), Now: email}))
	add("email-wrong", EmailChangePage(EmailChange{Layout: g.inside("/account/email"), Now: email, Email: email, Errors: []FieldError{{Field: "email", Code: "same"}, {Field: "password", Code: "wrong"}}}))
	confirm := EmailConfirm{Layout: g.inside(""), Action: "/change-email/EXAMPLETOKENOFNOBODY", Email: email, Proved: true}
	add("email-confirm", EmailConfirmPage(confirm))
	confirm.Errors = []FieldError{{Field: "form", Code: "not_changed"}}
	add("email-confirm-not-changed", EmailConfirmPage(confirm))
	add("email-confirm-outside", EmailConfirmPage(EmailConfirm{Layout: g.outside(""), Action: confirm.Action, Email: email}))
	account := Account{Layout: g.inside("/account"), Email: email, Sessions: []Session{{Started: at("2026-11-22 08:02"), LastSeen: at("2026-11-22 14:05"), Current: true}}}
	account.Receipt = &Receipt{Code: "email_asked"}
	add("account-receipt-email_asked", AccountPage(account))
}
