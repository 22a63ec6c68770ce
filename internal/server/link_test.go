package server_test

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/messages"
	"kortportal/internal/postgres/pgtest"
)

const newPassword = "ett alldeles nytt lösenord"

// link writes a message with a link, and sends it as a worker would. Its token must not be in the log.
func (p *portal) link(t *testing.T, template messages.Template, person account.PersonID, email string, k *pgtest.Card) string {
	t.Helper()
	var company, id, kind any
	if k != nil {
		company, id, kind = k.Company.ID, k.ID, k.Kind
	}
	message := query[int64](t, p, `
		INSERT INTO messages (company_id, person_id, card_id, card_kind, email, template, language)
		VALUES ($1, $2, $3, $4, $5, $6, 'sv') RETURNING id`, company, person, id, kind, email, template)
	token := rand.Text()
	hash := sha256.Sum256([]byte(token))
	query[time.Time](t, p, `SELECT make_link($1, $2)`, message, hash[:])
	p.log.forbid(token)
	return token
}

// toApprove is a card whose holder has no login yet, and the way to the link in the holder's mail.
func (p *portal) toApprove(t *testing.T) (k *pgtest.Card, path string) {
	t.Helper()
	k = p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Reviewed})
	return k, "/approve/" + p.link(t, messages.OrderToApprove, k.Holder.Person, "k@example.com", k)
}

func (p *portal) logins(t *testing.T, person account.PersonID) int {
	t.Helper()
	return query[int](t, p, `SELECT count(*) FROM logins WHERE person_id = $1`, person)
}

// A holder without a login chooses a password and is led to the card.
func TestApproveLink(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	k, path := p.toApprove(t)
	b := p.browser(t)
	b.cookies.plant("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	planted := b.cookies.get("__Host-session")
	for range 3 { // looking changes nothing, whoever looks
		b.get(path).mustBe(http.StatusOK).mustSay(k.Company.Name, swedish("link.approve_choose"), swedish("password.hint"))
		b.ask(b.request(http.MethodHead, path, nil)).mustBe(http.StatusOK)
	}
	if used := query[int](t, p, `SELECT count(*) FROM links WHERE used_at IS NOT NULL`); used != 0 || p.logins(t, k.Holder.Person) != 0 {
		t.Fatal("a look has used the link")
	}
	page := b.get(path)
	for password, text := range map[string]string{
		"": swedish("error.password_required"), "för kort": swedish("password.short"), strings.Repeat("långt ", 40): swedish("password.long"),
		"K@example.com": swedish("password.plain"), "aaaaaaaaaaaaaa": swedish("password.plain"),
	} {
		a := b.sendForm(page, path, "password", password).mustFail(http.StatusUnprocessableEntity, "password").mustSay(text)
		if form := a.form(path); form.Get("password") != "" || form.Get("email") != "k@example.com" {
			t.Errorf("the form holds %v", form)
		}
	}
	b.sendForm(page, path, "password", newPassword, "email", "evil@example.com").mustLeadTo(myAddress(k, "approve"))
	if now := b.cookies.get("__Host-session"); now == "" || now == planted {
		t.Error("the session has the token of before")
	}
	b.get(myAddress(k)).mustBe(http.StatusOK)
	b.get("/account").mustBe(http.StatusOK).mustSay("k@example.com")
	b.get(path).mustBe(http.StatusGone)
	out := b.other()
	out.get(path).mustBe(http.StatusGone).mustSay(swedish("link.used"), swedish("link.what_approve_used"))
	out.post(path, "password", newPassword).mustBe(http.StatusGone).mustSay(swedish("link.used"))
	out.post("/login", "email", "k@example.com", "password", newPassword).mustBe(http.StatusSeeOther)
}

// A holder with a login logs in, and the link stays unused; the token goes on to no other address.
func TestApproveLinkOfALogin(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	k, path := p.toApprove(t)
	email := p.email(t, k.Holder.Person)
	b := p.browser(t)
	page := b.get(path).mustBe(http.StatusOK).mustSay(swedish("link.has_login"))
	if page.hasForm(path) || page.hasForm("/language") {
		t.Error("the page has a form")
	}
	next := "/login?next=" + myAddress(k, "approve")
	if links := strings.Join(page.links(), " "); !strings.Contains(links, next) || strings.Contains(links, strings.TrimPrefix(path, "/approve/")) {
		t.Errorf("the page leads to %s", links)
	}
	b.post(path, "password", newPassword).mustBe(http.StatusConflict).mustSay(swedish("link.has_login"))
	a := b.sendForm(b.get(next), "/login", "email", email, "password", pgtest.Password)
	for a.location() != myAddress(k, "approve") {
		a = b.get(a.mustBe(http.StatusSeeOther).location())
	}
	b.get(path).mustLeadTo(myAddress(k, "approve"))

	// Somebody else's browser is told so.
	other := p.logIn(t, k.Company.Orderer)
	other.get(path).mustBe(http.StatusOK).mustSay(swedish("link.other", i18n.Str("person", "Bo Beställare")))
	other.post(path, "password", newPassword).mustBe(http.StatusConflict)
	if used := query[int](t, p, `SELECT count(*) FROM links WHERE used_at IS NOT NULL`); used != 0 {
		t.Error("the link is used")
	}
}

// Somebody else's address gives no login, and does not use the link up.
func TestApproveLinkToATakenAddress(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	k, _ := p.toApprove(t)
	taken := p.email(t, k.Company.Orderer.Person)
	path := "/approve/" + p.link(t, messages.OrderToApprove, k.Holder.Person, taken, k)
	b := p.browser(t)
	b.sendForm(b.get(path), path, "password", newPassword).mustBe(http.StatusConflict).mustSay(swedish("link.taken", i18n.Str("email", taken)), swedish("link.taken_order"))
	if p.logins(t, k.Holder.Person) != 0 {
		t.Error("there is a login")
	}
	b.get("/account").mustBe(http.StatusSeeOther)
	b.logIn(taken) // with the old password
}

func TestDeadLinks(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	person := p.NewPerson(t, card.Name{Given: "Nils", Family: "Nykomling"})
	b := p.browser(t)
	for _, path := range []string{"/approve/", "/invite/", "/reset-password/", "/change-email/"} {
		for _, token := range []string{"GUESS", "%00", "%ff", strings.Repeat("A", 2000)} {
			b.get(path + token).mustBe(http.StatusNotFound).mustSay(swedish("link.unknown"))
			b.post(path+token, "password", newPassword).mustBe(http.StatusNotFound).mustSay(swedish("link.unknown"))
		}
		b.get(path).mustBe(http.StatusNotFound)
		b.ask(b.request(http.MethodPut, path+"GUESS", nil)).mustBe(http.StatusMethodNotAllowed)
	}
	first := "/invite/" + p.link(t, messages.Invitation, person, "nils@example.com", nil)
	b.get(strings.Replace(first, "invite", "reset-password", 1)).mustBe(http.StatusNotFound).mustSay(swedish("link.unknown"))
	second := "/invite/" + p.link(t, messages.Invitation, person, "nils@example.com", nil)
	b.get(first).mustBe(http.StatusGone).mustSay(swedish("link.replaced"))
	b.post(first, "password", newPassword).mustBe(http.StatusGone).mustSay(swedish("link.replaced"))
	p.MoveClock(t, 7*24*time.Hour)
	b.get(second).mustBe(http.StatusGone).mustSay(swedish("link.expired"), swedish("link.what_invite"))
	b.post(second, "password", newPassword).mustBe(http.StatusGone).mustSay(swedish("link.expired"))
	if p.logins(t, person) != 0 {
		t.Error("there is a login")
	}
	third := "/invite/" + p.link(t, messages.Invitation, person, "nils@example.com", nil)
	b.sendForm(b.get(third), third, "password", newPassword).mustLeadTo("/welcome")
	b.get("/account").mustBe(http.StatusOK).mustSay("nils@example.com")
}

// A link that gives no login any more, or not to this person, says so and offers the way on.
func TestLinksOfTwoCompanies(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	older := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	k := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Reviewed, Holder: older.Holder.Person})
	path := "/approve/" + p.link(t, messages.OrderToApprove, k.Holder.Person, "k@example.com", k)
	b := p.browser(t)
	b.get(path).mustBe(http.StatusGone).mustSay(swedish("link.elsewhere"), swedish("link.what_elsewhere"))
	b.post(path, "password", newPassword).mustBe(http.StatusGone).mustSay(swedish("link.elsewhere"))
	if p.logins(t, k.Holder.Person) != 0 {
		t.Error("there is a login")
	}
	older.Do(t, card.Terminate)
	b.get(path).mustBe(http.StatusOK)
	k.Do(t, card.Cancel)
	b.get(path).mustBe(http.StatusGone).mustSay(swedish("link.withdrawn"), swedish("link.what_withdrawn"))
	b.post(path, "password", newPassword).mustBe(http.StatusGone).mustSay(swedish("link.withdrawn"))
}

func TestOfManyAtOnceOneAccepts(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	k, path := p.toApprove(t)
	page := p.browser(t).get(path)
	form := page.form(path)
	form.Set("password", newPassword)
	var begin, done sync.WaitGroup
	begin.Add(1)
	answers := make(chan answer, 32)
	for range 32 {
		b := p.browser(t)
		done.Go(func() {
			r := b.request(http.MethodPost, path, strings.NewReader(form.Encode()))
			begin.Wait()
			a, err := b.do(r)
			if err != nil {
				t.Error(err)
				return
			}
			answers <- a
		})
	}
	begin.Done()
	done.Wait()
	close(answers)
	won := 0
	for a := range answers {
		if a.status == http.StatusSeeOther {
			won++
			continue
		}
		a.mustBe(http.StatusGone).mustSay(swedish("link.used"))
	}
	if won != 1 || p.logins(t, k.Holder.Person) != 1 {
		t.Errorf("%d got in, %d logins", won, p.logins(t, k.Holder.Person))
	}
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	email := p.email(t, company.Orderer.Person)
	here := p.logIn(t, company.Orderer)
	b := p.browser(t)
	if !strings.Contains(strings.Join(b.get("/login").links(), " "), "/forgot-password") {
		t.Error("the login page does not lead there")
	}
	page := b.get("/forgot-password").mustBe(http.StatusOK)
	for typed, text := range map[string]string{"": swedish("error.email_required"), "olof@": swedish("error.email_invalid")} {
		a := b.sendForm(page, "/forgot-password", "email", typed).mustFail(http.StatusUnprocessableEntity, "email").mustSay(text)
		if a.form("/forgot-password").Get("email") != typed {
			t.Error("what was typed is lost")
		}
	}
	// Known or not, the answer is the same and takes as long.
	var heard []string
	for _, typed := range []string{"nobody@example.com", strings.ToUpper(email)} {
		start := time.Now()
		a := b.sendForm(page, "/forgot-password", "email", typed).mustLeadTo("/login")
		if took := time.Since(start); took < 300*time.Millisecond {
			t.Errorf("the answer for %s took %s", typed, took)
		}
		heard = append(heard, fmt.Sprint(a.body, a.header.Values("Set-Cookie")))
		b.follow(a).mustTell(swedish("receipt.forgotten"))
	}
	if heard[0] != heard[1] {
		t.Errorf("the answers differ: %q", heard)
	}
	if n := query[int](t, p, `SELECT count(*) FROM messages WHERE template = 'password_reset' AND email = $1`, email); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}

	path := "/reset-password/" + p.link(t, messages.PasswordReset, company.Orderer.Person, email, nil)
	reset := b.get(path).mustBe(http.StatusOK)
	b.sendForm(reset, path, "password", "kort").mustFail(http.StatusUnprocessableEntity, "password").mustSay(swedish("password.short"))
	here.get("/cards").mustBe(http.StatusOK)
	done := b.sendForm(reset, path, "password", newPassword).mustLeadTo("/login")
	b.follow(done).mustTell(swedish("receipt.password_reset"))
	here.get("/cards").mustLeadTo("/login?next=%2Fcards")
	b.get(path).mustBe(http.StatusGone).mustSay(swedish("link.used"), swedish("link.what_reset"))
	b.post("/login", "email", email, "password", pgtest.Password).mustBe(http.StatusUnprocessableEntity)
	b.post("/login", "email", email, "password", newPassword).mustBe(http.StatusSeeOther)
}

func TestForgottenPasswordIsThrottled(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := p.browser(t)
	b.post("/forgot-password", "email", "nobody@example.com").mustBe(http.StatusSeeOther)
	p.exec(t, `UPDATE login_throttles SET failures = 60`)
	a := b.post("/forgot-password", "email", "other@example.com").mustFail(http.StatusTooManyRequests).mustSay("minuter")
	if a.header.Get("Retry-After") == "" || a.form("/forgot-password").Get("email") != "other@example.com" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	p.MoveClock(t, 16*time.Minute)
	b.post("/forgot-password", "email", "other@example.com").mustBe(http.StatusSeeOther)
}

func TestChangeEmail(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	person := company.Orderer.Person
	email, taken := p.email(t, person), p.email(t, company.OtherOrderer.Person)
	b := p.logIn(t, company.Orderer)
	page := b.get("/account/email").mustBe(http.StatusOK).mustSay(email)
	for name, tc := range map[string]struct{ email, password, field, say string }{
		"nothing":     {"", pgtest.Password, "email", swedish("error.email_required")},
		"no address":  {"ny@", pgtest.Password, "email", swedish("error.email_invalid")},
		"the same":    {strings.ToUpper(email), pgtest.Password, "email", swedish("email.same")},
		"no password": {"new@example.com", "", "password", swedish("error.password_required")},
		"wrong":       {"new@example.com", "fel lösenord", "password", swedish("error.password_wrong")},
	} {
		a := b.sendForm(page, "/account/email", "email", tc.email, "password", tc.password)
		if a.mustFail(http.StatusUnprocessableEntity, tc.field).mustSay(tc.say); a.form("/account/email").Get("email") != tc.email {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	written := func(template messages.Template, to string) int {
		return query[int](t, p, `SELECT count(*) FROM messages WHERE template = $1 AND email = $2`, template, to)
	}
	// An address that is another's is answered as any other, until the link to it is confirmed.
	for _, to := range []string{taken, "new@example.com"} {
		b.follow(b.sendForm(page, "/account/email", "email", to, "password", pgtest.Password).mustLeadTo("/account")).mustTell(swedish("receipt.email_asked")).mustSay(email)
		if written(messages.ConfirmEmail, to) != 1 {
			t.Errorf("no mail to %s", to)
		}
	}
	path := "/change-email/" + p.link(t, messages.ConfirmEmail, person, taken, nil)
	b.sendForm(b.get(path).mustBe(http.StatusOK), path).mustFail(http.StatusConflict).mustSay(swedish("email.not_changed"))
	b.get("/account").mustSay(email)

	path = "/change-email/" + p.link(t, messages.ConfirmEmail, person, "new@example.com", nil)
	b.get(path).mustBe(http.StatusOK).mustSay("new@example.com")
	b.get("/account").mustSay(email)
	b.follow(b.sendForm(b.get(path), path).mustLeadTo("/account")).mustTell(swedish("receipt.email_changed")).mustSay("new@example.com")
	if written(messages.EmailChanged, email) != 1 || written(messages.EmailChanged, "new@example.com") != 0 {
		t.Error("the old address is not told")
	}
	b.get(path).mustBe(http.StatusGone).mustSay(swedish("link.used"), swedish("link.what_email"))
	b.other().post("/login", "email", email, "password", pgtest.Password).mustBe(http.StatusUnprocessableEntity)
}

// Where nobody is logged in, or somebody else, the link alone changes nothing.
func TestChangeEmailNeedsThePassword(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	email := p.email(t, company.Orderer.Person)
	path := "/change-email/" + p.link(t, messages.ConfirmEmail, company.Orderer.Person, "new@example.com", nil)
	for _, b := range []*browser{p.browser(t), p.logIn(t, company.OtherOrderer)} {
		page := b.get(path).mustBe(http.StatusOK)
		b.sendForm(page, path).mustFail(http.StatusUnprocessableEntity, "password").mustSay(swedish("error.password_required"))
		b.sendForm(page, path, "password", "fel lösenord").mustFail(http.StatusUnprocessableEntity, "password").mustSay(swedish("error.password_wrong"))
	}
	if now := query[string](t, p, `SELECT email FROM logins WHERE person_id = $1`, company.Orderer.Person); now != email {
		t.Fatalf("the address is %s", now)
	}
	b := p.browser(t)
	b.follow(b.sendForm(b.get(path), path, "password", pgtest.Password).mustLeadTo("/login")).mustTell(swedish("receipt.email_changed"))
	b.logIn("new@example.com")
	b.other().get("/account/email").mustLeadTo("/login?next=%2Faccount%2Femail")
}
