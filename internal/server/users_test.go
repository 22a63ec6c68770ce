package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/internal/postgres/pgtest"
)

func userPath(person account.PersonID, more string) string {
	return fmt.Sprintf("/users/%d%s", person, more)
}

// Every address of the users, by everybody.
func TestUsersAreTheAdministrators(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	bo := c.company.Orderer.Person
	done, err := c.p.Store.HandOverAll(t.Context(), c.company.Administrator, card.NewHandOver{From: bo, To: c.company.OtherOrderer.Person})
	if err != nil {
		t.Fatal(err)
	}
	get := []string{
		"/users", "/users/new", userPath(bo, ""), userPath(bo, "/hand-over"), userPath(bo, "/remove"), fmt.Sprintf("/users/hand-overs/%d", done),
	}
	post := []string{"/users/new", userPath(bo, "/roles"), userPath(bo, "/invitation"), userPath(bo, "/hand-over"), userPath(bo, "/remove")}
	for role, want := range map[string]int{
		"orderer": http.StatusForbidden, "other": http.StatusForbidden, "stranger": http.StatusForbidden, "holder": http.StatusNotFound,
		"issuer": http.StatusNotFound, "nobody": http.StatusUnauthorized,
	} {
		for _, path := range get {
			asked := want
			if role == "nobody" {
				asked = http.StatusSeeOther // to the login
			}
			if a := c.browsers[role].get(path); a.status != asked {
				t.Errorf("%s: GET %s is answered %d, want %d", role, path, a.status, asked)
			}
		}
		for _, path := range post {
			if a := c.browsers[role].post(path); a.status != want {
				t.Errorf("%s: POST %s is answered %d, want %d", role, path, a.status, want)
			}
		}
	}
	for _, path := range get {
		c.browsers["admin"].get(path).mustBe(http.StatusOK)
	}
	if n := query[int](t, c.p, `SELECT count(*) FROM memberships WHERE ended_at IS NOT NULL`); n != 0 {
		t.Errorf("%d roles have ended", n)
	}
}

func TestUsersThatAreNone(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Administrator)
	b.get(userPath(c.Orderer.Person, "")).mustBe(http.StatusOK)
	for _, path := range []string{"/users/0", "/users/x", "/users/01", "/users/hand-overs/x", "/users/1/nonesuch"} {
		b.get(path).mustBe(http.StatusNotFound)
	}
}

func TestInvitationForm(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Administrator)
	p.log.forbid("Nyström", "ny@firma.example", "AB1234567")
	taken := p.email(t, c.Orderer.Person)
	whole := []string{
		"identity", "passport", "country", "PL", "number", "ab 1234567", "given_name", "Nils", "family_name", "Nyström", "user_email", "ny@firma.example",
		"language", "en", "roles", "orderer",
	}
	with := func(pairs ...string) url.Values {
		form := url.Values{}
		for i := 0; i+1 < len(whole); i += 2 {
			form.Set(whole[i], whole[i+1])
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return form
	}
	b.post("/users/new").mustFail(http.StatusUnprocessableEntity, "identity", "given-name", "family-name", "user-email", "language", "roles")
	for _, tc := range []struct{ field, value, id, say string }{
		{"number", "", "number", swedish("error.number_required")},
		{"country", "", "country", swedish("error.country_required")},
		{"identity", "driving_licence", "identity", swedish("error.identity_invalid")},
		{"given_name", "", "given-name", swedish("error.given_name_required")},
		{"family_name", strings.Repeat("å", 101), "family-name", swedish("error.name_too_long")},
		{"user_email", "", "user-email", swedish("users.error_email_required")},
		{"user_email", "ny@firma", "user-email", swedish("error.email_invalid")},
		{"user_email", taken, "user-email", swedish("users.error_email_taken")},
		{"language", "fi", "language", swedish("error.language_invalid")},
		{"roles", "issuer", "roles", swedish("users.error_roles_required")},
	} {
		a := b.send("/users/new", with(tc.field, tc.value)).mustFail(http.StatusUnprocessableEntity, tc.id).mustSay(tc.say)
		kept := a.form("/users/new")
		if tc.field != "family_name" && kept.Get("family_name") != "Nyström" || tc.field != "number" && kept.Get("number") != "ab 1234567" {
			t.Errorf("%s: kept is %v", tc.field, kept)
		}
	}
	a := b.send("/users/new", with())
	page := b.follow(a.mustBe(http.StatusSeeOther)).mustSay("Nils Nyström", swedish("users.receipt_invited"), swedish("users.invitation_waiting"))
	if kept := page.form(a.location() + "/invitation"); kept.Get("user_email") != "ny@firma.example" {
		t.Errorf("the invitation went to %q", kept.Get("user_email"))
	}
	// The same person, the number written another way.
	b.send("/users/new", with("number", "AB-1234567", "user_email", "other@firma.example")).mustFail(http.StatusUnprocessableEntity, "number").
		mustSay(swedish("users.error_works_here"), "Nils Nyström")
	b.post(a.location()+"/invitation", "user_email", "x@firma.example").mustFail(http.StatusUnprocessableEntity, "user-email").mustSay(swedish("users.error_too_often"))
	b.post(a.location()+"/invitation", "user_email", "x").mustFail(http.StatusUnprocessableEntity, "user-email").mustSay(swedish("error.email_invalid"))
	p.MoveClock(t, 2*time.Hour)
	b = p.logIn(t, c.Administrator)
	b.follow(b.post(a.location()+"/invitation", "user_email", "right@firma.example")).mustSay(swedish("users.receipt_invited_again"))
	b.get("/users").mustBe(http.StatusOK).mustSay("Nils Nyström").mustNotSay("firma.example")
}

// What an administrator changes holds for the other's next request.
func TestRolesChangeByThePage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	admin, berit := p.logIn(t, c.Administrator), p.logIn(t, c.OtherOrderer)
	who := userPath(c.OtherOrderer.Person, "")
	berit.get("/users").mustBe(http.StatusForbidden).mustSay(swedish("error_page.role_lead"))
	admin.follow(admin.post(who+"/roles", "role", "administrator", "step", "give")).mustSay(swedish("users.receipt_role_given"), "Ada Administratör")
	berit.get("/users").mustBe(http.StatusOK)
	admin.follow(admin.post(who+"/roles", "role", "orderer", "step", "take")).mustSay(swedish("users.receipt_role_taken"))
	berit.get("/orders/new").mustBe(http.StatusForbidden)
	admin.post(who+"/roles", "role", "issuer", "step", "give").mustBe(http.StatusBadRequest)
	// Who has cards stays an orderer, and is led to the hand-over.
	c.Card(t, pgtest.Spec{Status: card.Active})
	a := admin.post(userPath(c.Orderer.Person, "/roles"), "role", "orderer", "step", "take").mustFail(http.StatusConflict).mustSay(swedish("users.error_has_cards"))
	if !slices.Contains(a.links(), userPath(c.Orderer.Person, "/hand-over")) {
		t.Errorf("the page leads to %v", a.links())
	}
	// Of two administrators one may leave; the last may not.
	berit.follow(berit.post(userPath(c.Administrator.Person, "/remove"))).mustSay(swedish("users.receipt_removed"))
	admin.get("/users").mustLeadTo("/switch?next=%2Fusers")
	berit.post(who + "/remove").mustFail(http.StatusConflict).mustSay(swedish("users.error_last_administrator"))
	berit.post(who+"/roles", "role", "administrator", "step", "take").mustFail(http.StatusConflict).mustSay(swedish("users.error_last_administrator"))
	berit.get("/users").mustBe(http.StatusOK)
}

func TestHandOverAndRemoveByThePage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	p.log.forbid("Byter region")
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	admin, bo, berit := p.logIn(t, c.Administrator), p.logIn(t, c.Orderer), p.logIn(t, c.OtherOrderer)
	remove := userPath(c.Orderer.Person, "/remove")
	berits := fmt.Sprint(c.OtherOrderer.Person)

	page := admin.get(remove).mustBe(http.StatusOK).mustSay("Bo Beställare", swedish("hand_over.remove_access"), swedish("hand_over.means_told"))
	admin.sendForm(page, remove, "note", "Byter region").mustFail(http.StatusUnprocessableEntity, "successor").mustSay("Byter region")
	for _, tc := range []struct{ successor, reason, note, id string }{
		{fmt.Sprint(c.Administrator.Person), "none", "", "successor"}, {fmt.Sprint(c.Orderer.Person), "none", "", "successor"},
		{berits, "lost", "", "reason"}, {berits, "other", "", "note"}, {berits, "none", strings.Repeat("å", 501), "note"},
	} {
		admin.sendForm(page, remove, "successor", tc.successor, "reason", tc.reason, "note", tc.note).mustFail(http.StatusUnprocessableEntity, tc.id)
	}
	done := admin.sendForm(page, remove, "successor", berits, "reason", "employment_ended", "note", "Byter region")
	admin.follow(done.mustBe(http.StatusSeeOther)).mustSay(swedish("hand_over.done"), "Berit Beställare",
		strings.ReplaceAll(swedish("hand_over.ended_membership"), "{from}", "Bo Beställare"))
	bo.get(address(k)).mustLeadTo("/switch?" + url.Values{"next": {address(k)}}.Encode())
	berit.post(address(k, "block"), "version", "6", "reason", "lost").mustBe(http.StatusSeeOther)
	if got := query[int](t, p, `SELECT count(*) FROM messages WHERE template IN ('cards_handed_over', 'cards_taken_over')`); got != 2 {
		t.Errorf("%d mails", got)
	}
	admin.get(remove).mustBe(http.StatusNotFound) // gone already
	admin.get(userPath(c.Orderer.Person, "")).mustBe(http.StatusOK).mustSay(swedish("users.works_no_more"))

	// Back again; the cards go back, and the role ends with them.
	admin.post(userPath(c.Orderer.Person, "/roles"), "role", "orderer", "step", "give").mustBe(http.StatusSeeOther)
	back := userPath(c.OtherOrderer.Person, "/hand-over")
	admin.follow(admin.sendForm(admin.get(back), back, "successor", fmt.Sprint(c.Orderer.Person), "then_ends", "orderer")).mustSay(swedish("hand_over.done"))
	bo.post(address(k, "unblock"), "version", "8").mustBe(http.StatusSeeOther)
	berit.get(address(k)).mustLeadTo("/switch?" + url.Values{"next": {address(k)}}.Encode())
}

// Who answers for more cards than are handed over at once keeps a role until that is done, and the page says so; not that of an administrator.
func TestRemoveWithManyCardsByThePage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	bo := c.Orderer
	bo.Roles = []account.Role{account.Administrator, account.Orderer}
	if err := p.Store.GiveRole(t.Context(), c.Administrator, bo.Person, account.Administrator); err != nil {
		t.Fatal(err)
	}
	visitors := func(n int) {
		if _, err := p.Store.OrderVisitorCards(t.Context(), bo, card.NewOrder{Kind: card.Visitor, Language: "sv", DeliverTo: "Testgatan 1"}, n); err != nil {
			t.Fatal(err)
		}
	}
	visitors(card.HandedOverAtOnce)
	admin, b := p.logIn(t, c.Administrator), p.logIn(t, bo)
	remove, later := userPath(bo.Person, "/remove"), swedish("hand_over.remove_access_later")
	admin.get(remove).mustBe(http.StatusOK).mustSay(swedish("hand_over.remove_access")).mustNotSay(later)
	visitors(1)
	b.get(remove).mustBe(http.StatusOK).mustSay(later).mustNotSay(swedish("hand_over.remove_administrator"))
	page := admin.get(remove).mustBe(http.StatusOK).mustSay(later, swedish("hand_over.remove_administrator")).mustNotSay(swedish("hand_over.remove_access"))
	admin.follow(admin.sendForm(page, remove, "successor", fmt.Sprint(c.OtherOrderer.Person))).mustSay(swedish("hand_over.going"))
	b.get("/users").mustBe(http.StatusForbidden)
	b.post(userPath(c.Administrator.Person, "/remove")).mustBe(http.StatusForbidden)
	b.get("/cards").mustBe(http.StatusOK)
}

// An administrator who leaves is led to where it is told how far that has come, and the last one is told that it cannot be.
func TestRemoveOneselfByThePage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	if err := p.Store.GiveRole(t.Context(), c.Administrator, c.Administrator.Person, account.Orderer); err != nil {
		t.Fatal(err)
	}
	ada := c.Administrator
	ada.Roles = []account.Role{account.Administrator, account.Orderer}
	k := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: ada})
	b := p.logIn(t, ada)
	remove, berits := userPath(ada.Person, "/remove"), fmt.Sprint(c.OtherOrderer.Person)
	b.post(remove, "successor", berits, "reason", "leave").mustFail(http.StatusConflict).mustSay(swedish("users.error_last_administrator"))
	b.post(address(k, "block"), "version", fmt.Sprint(k.Version), "reason", "lost").mustBe(http.StatusSeeOther)

	if err := p.Store.GiveRole(t.Context(), ada, c.Orderer.Person, account.Administrator); err != nil {
		t.Fatal(err)
	}
	p.logIn(t, c.Orderer) // who can
	a := b.post(remove, "successor", berits, "reason", "leave").mustBe(http.StatusSeeOther)
	if a.location() != "/" {
		t.Errorf("whoever has left is led to %s", a.location())
	}
	p.logIn(t, c.OtherOrderer).post(address(k, "unblock"), "version", fmt.Sprint(k.Version+2)).mustBe(http.StatusSeeOther)
}

// One card is handed over like any other action is taken.
func TestHandOverOneCardByThePage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	admin, bo := p.logIn(t, c.Administrator), p.logIn(t, c.Orderer)
	path, berits := address(k, "hand_over"), fmt.Sprint(c.OtherOrderer.Person)
	if !slices.Contains(admin.get(address(k)).links(), path) || slices.Contains(bo.get(address(k)).links(), path) {
		t.Error("the card's page does not offer it to the administrator alone")
	}
	bo.get(path).mustBe(http.StatusForbidden)
	bo.post(path, "version", "5", "successor", berits).mustBe(http.StatusForbidden)
	p.logIn(t, p.Issuer).get(path).mustBe(http.StatusForbidden)
	p.logIn(t, k.Holder).get(myAddress(k, "hand_over")).mustBe(http.StatusNotFound)
	p.logIn(t, p.NewCompany(t).Administrator).get(path).mustBe(http.StatusNotFound)
	page := admin.get(path).mustBe(http.StatusOK).mustSay(swedish("hand_over.means_history"), "Beställare, Berit").mustNotSay("Beställare, Bo")
	for _, tc := range []struct{ successor, reason, note, id string }{
		{"", "leave", "på resa", "successor"}, {"x", "leave", "på resa", "successor"}, {fmt.Sprint(c.Administrator.Person), "leave", "på resa", "successor"},
		{berits, "lost", "på resa", "reason"}, {berits, "other", "", "note"},
	} {
		a := admin.sendForm(page, path, "successor", tc.successor, "reason", tc.reason, "note", tc.note).mustFail(http.StatusUnprocessableEntity, tc.id)
		if kept := a.form(path); kept.Get("note") != tc.note || tc.successor == berits && kept.Get("successor") != berits {
			t.Errorf("kept is %v", kept)
		}
	}
	bo.post(address(k, "block"), "version", "5", "reason", "lost").mustBe(http.StatusSeeOther)
	late := admin.sendForm(page, path, "successor", berits, "reason", "leave").mustBe(http.StatusConflict)
	if kept := late.form(path); kept.Get("successor") != berits || kept.Get("version") != "6" {
		t.Errorf("kept is %v", kept)
	}
	admin.follow(admin.sendForm(late, path)).mustSay(swedish("hand_over.receipt"), "Berit Beställare")
	p.logIn(t, c.OtherOrderer).post(address(k, "unblock"), "version", "7").mustBe(http.StatusSeeOther)
	ended := c.Card(t, pgtest.Spec{Status: card.Terminated})
	admin.get(address(ended, "hand_over")).mustBe(http.StatusConflict)
}

func TestDeputyByThePage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	admin, bo, berit := p.logIn(t, c.Administrator), p.logIn(t, c.Orderer), p.logIn(t, c.OtherOrderer)
	path, berits := userPath(c.Orderer.Person, "/deputy"), fmt.Sprint(c.OtherOrderer.Person)
	today := p.Today(t)
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	if !slices.Contains(bo.get("/account").links(), path) || slices.Contains(admin.get("/account").links(), userPath(c.Administrator.Person, "/deputy")) {
		t.Error("the account does not lead an orderer, and only an orderer, to the choice of a deputy")
	}
	berit.get(path).mustBe(http.StatusForbidden)
	berit.post(path, "deputy", berits).mustBe(http.StatusForbidden)
	p.logIn(t, k.Holder).get(path).mustBe(http.StatusNotFound)
	p.logIn(t, p.Issuer).get(path).mustBe(http.StatusNotFound)
	admin.get(userPath(c.Administrator.Person, "/deputy")).mustBe(http.StatusNotFound)
	page := bo.get(path).mustBe(http.StatusOK)
	for _, tc := range []struct{ deputy, first, last, id, say string }{
		{"", day(0), day(1), "deputy", swedish("deputy.error_required")},
		{fmt.Sprint(c.Administrator.Person), day(0), day(1), "deputy", swedish("deputy.error_invalid")},
		{fmt.Sprint(c.Orderer.Person), day(0), day(1), "deputy", swedish("deputy.error_invalid")},
		{berits, day(-1), day(1), "first-day", swedish("deputy.error_past")},
		{berits, "i morgon", day(1), "first-day", swedish("error.date_invalid")},
		{berits, day(2), day(1), "last-day", swedish("deputy.error_before")},
		{berits, day(0), "", "last-day", swedish("error.date_invalid")},
		{berits, day(0), day(400), "last-day", swedish("deputy.error_too_long")},
	} {
		a := bo.sendForm(page, path, "deputy", tc.deputy, "first_day", tc.first, "last_day", tc.last).mustFail(http.StatusUnprocessableEntity, tc.id).mustSay(tc.say)
		if kept := a.form(path); kept.Get("first_day") != tc.first || kept.Get("last_day") != tc.last {
			t.Errorf("kept is %v", kept)
		}
	}
	berit.get(address(k, "block")).mustBe(http.StatusForbidden)
	bo.follow(bo.sendForm(page, path, "deputy", berits, "first_day", day(0), "last_day", day(3))).mustSay(swedish("deputy.receipt_named"), "Berit Beställare")
	bo.sendForm(page, path, "deputy", berits, "first_day", day(3), "last_day", day(4)).mustFail(http.StatusUnprocessableEntity, "first-day").mustSay(swedish("deputy.error_taken"))
	until := "till och med"
	berit.get(address(k)).mustBe(http.StatusOK).mustSay("Du är ställföreträdare för Bo Beställare " + until)
	berit.get("/cards").mustSay("Du är ställföreträdare för Bo Beställare " + until)
	bo.get("/cards").mustNotSay("Du är ställföreträdare")
	bo.get(address(k)).mustSay("Berit Beställare, " + until)
	admin.get("/users").mustSay(swedish("deputy.fact") + ": Berit Beställare")
	berit.post(address(k, "block"), "version", "5", "reason", "lost").mustBe(http.StatusSeeOther)

	id := query[int64](t, p, `SELECT max(id) FROM deputies`)
	cancel := fmt.Sprintf("/deputies/%d/cancel", id)
	berit.post(cancel).mustBe(http.StatusNotFound)
	admin.follow(admin.post(cancel)).mustSay(swedish("deputy.receipt_cancelled"))
	berit.get(address(k, "unblock")).mustBe(http.StatusForbidden)
	bo.post(address(k, "unblock"), "version", "6").mustBe(http.StatusSeeOther)
}

// From the invitation to the farewell: a new orderer accepts, orders, hands over and is gone.
func TestAUsersWholeLife(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	admin := p.logIn(t, c.Administrator)
	p.log.forbid("Nyström", "nils@firma.example")
	invited := admin.post("/users/new", "identity", "passport", "country", "PL", "number", "AB1234567", "given_name", "Nils", "family_name", "Nyström",
		"user_email", "nils@firma.example", "language", "sv", "roles", "orderer").mustBe(http.StatusSeeOther)
	person := query[account.PersonID](t, p, `SELECT max(person_id) FROM membership_events`)
	message := query[messages.ID](t, p, `SELECT max(id) FROM messages WHERE template = 'invitation'`)
	const token = "A-TOKEN-OF-THE-TEST"
	p.exec(t, `SELECT make_link($1, sha256($2))`, message, []byte(token))
	nils := p.browser(t)
	nils.get("/invite/" + token).mustBe(http.StatusOK).mustSay(c.Name)
	nils.follow(nils.post("/invite/"+token, "password", pgtest.Password)).mustBe(http.StatusOK)
	admin.get(invited.location()).mustSay(swedish("users.login_open"))
	orderer := account.Actor{Person: person, Company: c.ID, Roles: []account.Role{account.Orderer}}
	k := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: orderer})
	nils.get(address(k, "block")).mustBe(http.StatusOK)
	remove := invited.location() + "/remove"
	page := admin.get(remove).mustBe(http.StatusOK)
	admin.follow(admin.sendForm(page, remove, "successor", fmt.Sprint(c.Orderer.Person))).mustSay(swedish("hand_over.done"))
	nils.get(address(k)).mustLeadTo("/switch?" + url.Values{"next": {address(k)}}.Encode())
	nils.follow(nils.get("/")).mustBe(http.StatusOK)
	admin.get("/users").mustNotSay("Nyström")
}
