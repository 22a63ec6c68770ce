package server_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/mail"
	"kortportal/internal/mail/catcher"
	"kortportal/internal/messages"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/server"
)

// write puts a message about a card into the database, with one attempt of an outcome, if any.
func (p *portal) write(t *testing.T, k *pgtest.Card, template messages.Template, outcome, problem string) int64 {
	t.Helper()
	id := query[int64](t, p, `
		INSERT INTO messages (company_id, person_id, card_id, card_kind, email, template, language)
		VALUES ($1, $2, $3, $4, 'k@example.com', $5, 'sv') RETURNING id`, k.Company.ID, k.Holder.Person, k.ID, k.Kind, template)
	if outcome != "" {
		p.exec(t, `
			INSERT INTO message_attempts (message_id, n, ended_at, outcome, error)
			VALUES ($1, 1, clock_now(), $2, nullif($3, ''))`, id, outcome, problem)
	}
	return id
}

// rows are the states of the messages on the page, by their number.
func (a answer) messageStates() map[string]string {
	states := map[string]string{}
	for _, n := range a.elements(atom.Tr) {
		if id := attr(n, "data-message"); id != "" {
			states[id] = attr(n, "data-state")
		}
	}
	return states
}

func TestMessages(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	own, other := p.NewCompany(t), p.NewCompany(t)
	k := own.Card(t, pgtest.Spec{Status: card.Active})
	theirs := other.Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: "Ronja", Family: "Mattisdotter"}})
	stranger := p.write(t, theirs, messages.CardExpires, "", "")
	want := map[string]string{
		strconv.FormatInt(p.write(t, k, messages.OrderToApprove, "", ""), 10):                        "waiting",
		strconv.FormatInt(p.write(t, k, messages.CardProduced, "sent", ""), 10):                      "sent",
		strconv.FormatInt(p.write(t, k, messages.CardExpires, "failed", "address_refused"), 10):      "failed",
		strconv.FormatInt(p.write(t, k, messages.ReplacementOrdered, "deferred", "unreachable"), 10): "waiting",
	}
	// The card's own life has been written about, too: when it was reviewed and produced.
	for id := range 2 {
		want[strconv.Itoa(id+1)] = "waiting"
	}
	for _, b := range []*browser{p.logIn(t, own.Orderer), p.logIn(t, own.Administrator)} {
		a := b.get("/messages").mustBe(http.StatusOK)
		a.mustSay(swedish("messages.order_to_approve"), swedish("messages.problem_address_refused"), swedish("messages.problem_unreachable"),
			"Kortinnehavare, Karin", k.Number.String())
		a.mustNotSay("Ronja", "k@example.com", swedish("card_search.next"))
		if got := a.messageStates(); len(got) != len(want) {
			t.Errorf("the page shows %v, want %v", got, want)
		} else {
			for id, state := range want {
				if got[id] != state {
					t.Errorf("message %s is %q, want %q", id, got[id], state)
				}
			}
		}
		b.get(address(k)).mustBe(http.StatusOK)
	}
	// The twin: whose they are sees them.
	if got := p.logIn(t, other.Orderer).get("/messages").mustBe(http.StatusOK).messageStates(); len(got) != 1 || got[strconv.FormatInt(stranger, 10)] != "waiting" {
		t.Errorf("the other company sees %v", got)
	}
	p.logIn(t, p.Issuer).get("/messages").mustBe(http.StatusNotFound)
	p.logIn(t, k.Holder).get("/messages").mustBe(http.StatusNotFound)
}

func TestMessagesByPage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	b := p.logIn(t, company.Orderer)
	b.get("/messages").mustBe(http.StatusOK).mustSay(swedish("messages.none"))
	k := company.Card(t, pgtest.Spec{Status: card.Ordered})
	for range messages.PageSize + 2 {
		p.write(t, k, messages.CardProduced, "sent", "")
	}
	first := b.get("/messages").mustBe(http.StatusOK)
	if n := len(first.messageStates()); n != messages.PageSize {
		t.Fatalf("%d messages on the first page", n)
	}
	next := ""
	for _, n := range first.elements(atom.A) {
		if attr(n, "rel") == "next" {
			next = attr(n, "href")
		}
	}
	second := b.get(next).mustBe(http.StatusOK)
	if n := len(second.messageStates()); n != 2 {
		t.Errorf("%d messages on the second page", n)
	}
	for id := range second.messageStates() {
		if _, twice := first.messageStates()[id]; twice {
			t.Errorf("message %s is on both pages", id)
		}
	}
	for _, before := range []string{"0", "-1", "x", "007", "99999999999999999999"} {
		b.get("/messages?before=" + before).mustBe(http.StatusNotFound)
	}
}

// The mail catcher's pages are there only where a mail catcher is.
func TestDevMail(t *testing.T) {
	t.Parallel()
	newPortal(t).browser(t).get("/dev/mail").mustBe(http.StatusNotFound)
	caught, err := catcher.Start(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := caught.Close(); err != nil {
			t.Error(err)
		}
	})
	p := newPortalWith(t, func(s server.Store) server.Store { return s }, server.Options{Caught: caught})
	b := p.browser(t)
	b.get("/dev/mail").mustBe(http.StatusOK).mustSay(swedish("dev_mail.none"))
	post := mail.Post{
		Sender: mail.SMTP{Addr: caught.Addr(), TLS: mail.TLSNone, From: "Kortportal <kortportal@localhost>", HELO: "localhost"},
		URL:    &url.URL{Scheme: "http", Host: "localhost:8080"},
	}
	letter := messages.Letter{ID: 3, Template: messages.PasswordReset, Name: "Elin", Email: "elin@example.com", Language: "sv",
		Link: messages.Link{Purpose: messages.ResetPassword, Token: "TOKEN"}}
	if err := post.Deliver(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	mails, err := caught.Mails()
	if err != nil || len(mails) != 1 {
		t.Fatalf("%v, %v", mails, err)
	}
	path := "/dev/mail/" + mails[0].Name
	b.get("/dev/mail").mustBe(http.StatusOK).mustSay(swedish("mail.password_reset_subject"), "elin@example.com")
	one := b.get(path).mustBe(http.StatusOK).mustSay("<message.3@localhost>", "Hej Elin!")
	found := false
	for _, n := range one.elements(atom.A) {
		found = found || attr(n, "href") == "http://localhost:8080/reset-password/TOKEN"
	}
	if !found {
		t.Error("the link in the text cannot be clicked")
	}
	response, err := http.Get(p.url + path + "/html")
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	policy := response.Header.Get("Content-Security-Policy")
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(policy, "sandbox; default-src 'none'") || strings.Contains(policy, "script") {
		t.Errorf("the HTML is answered %s with %q", response.Status, policy)
	}
	b.get("/dev/mail/nonesuch").mustBe(http.StatusNotFound)
	b.get("/dev/mail/..%2f..%2fgo.mod").mustBe(http.StatusNotFound)
}

// Skicka igen stands where a mail did not get there: at the order, on the card's page and among the messages; once an hour.
func TestAMailIsSentAgain(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company, other := p.NewCompany(t), p.NewCompany(t)
	k := company.Card(t, pgtest.Spec{Status: card.Reviewed})
	path := address(k, "resend")
	pages := map[string]string{"": address(k), "orders": "/orders", "messages": "/messages"}
	offered := func(a answer) bool {
		return slices.ContainsFunc(a.elements(atom.Form), func(n *html.Node) bool { return attr(n, "action") == path })
	}
	b := p.logIn(t, company.Orderer)
	for _, page := range pages {
		if offered(b.get(page).mustBe(http.StatusOK)) {
			t.Errorf("%s offers to write to somebody who was just written to", page)
		}
	}
	b.get(address(k)).mustSay("holder@company.example").mustSay(swedish("messages.waiting")).mustSay(swedish("messages.resend_later"))
	b.post(path).mustLeadTo(address(k))
	b.get(address(k)).mustSay(swedish("messages.resent_already"))

	p.exec(t, `INSERT INTO message_attempts (message_id, n, ended_at, outcome, error) SELECT id, 1, clock_now(), 'failed', 'address_refused' FROM messages`)
	for back, page := range pages {
		p.MoveClock(t, 61*time.Minute)
		b = p.logIn(t, company.Orderer)
		a := b.get(page)
		if !offered(a) {
			t.Errorf("an hour later %s does not offer to send again", page)
		}
		b.post(path, "back", back).mustLeadTo(page)
		b.get(page).mustSay(swedish("messages.resent"))
		p.exec(t, `
			INSERT INTO message_attempts (message_id, n, ended_at, outcome, error)
			SELECT max(id), 1, clock_now(), 'failed', 'address_refused' FROM messages`)
	}
	b.get("/orders").mustSay(swedish("order_list.mail_failed"))
	b.get(address(k)).mustSay(swedish("messages.problem_address_refused")).mustSay(swedish("messages.wrong_address"))
	if links := b.get(address(k)).elements(atom.A); !slices.ContainsFunc(links, func(n *html.Node) bool {
		return attr(n, "href") == address(k, "correct") && attr(n, "class") == "button"
	}) {
		t.Error("the page does not lead to the order's correction")
	}
	p.MoveClock(t, 61*time.Minute)
	p.logIn(t, company.OtherOrderer).get(address(k)).mustSay(swedish("messages.wrong_address_other", i18n.Str("orderer", "Bo Beställare")))
	administrator := p.logIn(t, company.Administrator)
	if a := administrator.get(address(k)).mustSay("holder@company.example"); offered(a) {
		t.Error("an administrator is offered to send again")
	}
	administrator.post(path).mustBe(http.StatusForbidden)
	p.logIn(t, other.Orderer).post(path).mustBe(http.StatusNotFound)
	issuer := p.logIn(t, p.Issuer)
	issuer.post(path).mustBe(http.StatusNotFound)
	if a := issuer.get(address(k)); strings.Contains(a.body, swedish("messages.of_card")) {
		t.Error("the issuer reads the company's messages")
	}

	k.Do(t, card.Approve)
	b = p.logIn(t, company.Orderer)
	b.post(path).mustLeadTo(address(k))
	b.get(address(k)).mustSay(swedish("messages.resend_not_waited_for"))
}
