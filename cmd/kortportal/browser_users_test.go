package main

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestUsersInABrowser: an administrator invites somebody, who accepts by the link in a mail, hands all of an orderer's cards over to
// the newcomer and removes the orderer, whose open window is of no more use.
func TestUsersInABrowser(t *testing.T) {
	inFolder(t)
	base := started(t, "Kortportal is ready", environment("LISTEN_ADDR", "127.0.0.1:0"), "serve")
	admin, leaver, newcomer := newScreen(t, base), newScreen(t, base), newScreen(t, base)
	admin.resize(360)
	newcomer.resize(360)
	leaver.logIn("orderer")
	cards := leaver.own("active")
	if len(cards) == 0 {
		t.Fatal("the demo's orderer has no active card")
	}

	admin.logIn("administrator")
	admin.open("/users/new")
	admin.write(`input[name=number]`, "19900101-9829")
	admin.write(`input[name=given_name]`, "Nora")
	admin.write(`input[name=family_name]`, "Nykvist")
	admin.write(`input[name=user_email]`, "nora@exempel.example")
	admin.mustLead(http.StatusUnprocessableEntity, chromedp.Click(`main form button`, chromedp.ByQuery))
	admin.sees("Kontrollera siffrorna")
	admin.picture("users-invite")
	admin.do(chromedp.SetValue(`input[name=number]`, "19900101-9828", chromedp.ByQuery))
	admin.click(`main form button`)
	admin.sees("Nora Nykvist", "Personen är med i företaget")

	newcomer.open(admin.mailedLink("invite"))
	newcomer.sees("Nordbygge Demo AB har bjudit in dig")
	newcomer.write(`input[type=password]`, "ett riktigt långt lösenord")
	newcomer.click(`main form button`)
	newcomer.open("/cards?q=" + cards[0])
	if newcomer.has(`main a[href$="/block"]`) {
		t.Fatal("the newcomer may block the card of another orderer")
	}

	// Whoever is responsible for cards leaves only when somebody else takes them.
	admin.user("Sjöstedt")
	admin.mustLead(http.StatusConflict, chromedp.Click(`form[action$="/roles"]:has([value=orderer]) button`, chromedp.ByQuery))
	admin.sees("Överlåt dem till en annan beställare först")
	admin.click(`main a[href$="/hand-over"]`)
	admin.mustLead(http.StatusUnprocessableEntity, chromedp.Click(`main form button`, chromedp.ByQuery))
	admin.sees("Välj vem som tar över")
	admin.picture("users-hand-over")
	admin.do(chromedp.SetValue(`#successor`, eval[string](admin, `[...document.querySelectorAll('#successor option')].find(o => o.text.startsWith('Nykvist')).value`), chromedp.ByQuery))
	admin.click(`main form button`)
	admin.is(`document.querySelector('main').innerText.includes('är överlåtna')`)
	admin.picture("users-handed-over")
	newcomer.open("/cards?q=" + cards[0])
	newcomer.click(`main a[href$="/block"]`)

	admin.user("Sjöstedt")
	admin.sees("0 kort")
	admin.click(`main a[href$="/remove"]`)
	admin.sees("Åtkomsten upphör genast")
	admin.picture("users-remove")
	admin.click(`main form button`)
	admin.open("/users")
	if eval[bool](admin, `document.querySelector('main').innerText.includes('Sjöstedt')`) {
		t.Errorf("the removed orderer is still there: %.1500s", admin.seen())
	}
	leaver.open("/cards?q=" + cards[0])
	if at := eval[string](leaver, `location.pathname`); at != "/my-cards" {
		t.Errorf("the removed orderer asks for the card and comes to %s, want the own cards: %.1500s", at, leaver.seen())
	}

	// The company keeps an administrator.
	admin.user("Ahlgren")
	admin.click(`form[action$="/roles"]:has([value=administrator]) button`)
	admin.user("Östberg")
	admin.click(`main a[href$="/remove"]`)
	admin.mustLead(http.StatusConflict, chromedp.Click(`main form button`, chromedp.ByQuery))
	admin.sees("Företaget måste ha minst en administratör")
}

// user opens the page of one of the company's users from the list.
func (s *screen) user(familyName string) {
	s.t.Helper()
	s.open("/users")
	s.open(eval[string](s, `[...document.querySelectorAll('main a[href^="/users/"]')].find(a => a.innerText.includes('`+familyName+`')).getAttribute('href')`))
}

// has tells whether the page has such an element.
func (s *screen) has(selector string) bool {
	s.t.Helper()
	return eval[bool](s, "!!document.querySelector(`"+selector+"`)")
}

// mailedLink is the path of the link in the newest mail that was written, which the worker sends in a moment.
func (s *screen) mailedLink(kind string) string {
	s.t.Helper()
	const mail = `document.querySelector('main a[href^="/dev/mail/"]')`
	for s.open("/dev/mail"); !eval[bool](s, "!!"+mail); s.open("/dev/mail") {
	}
	s.open(eval[string](s, mail+`.getAttribute('href')`))
	return eval[string](s, `document.body.innerText.match(/\/`+kind+`\/[A-Z0-9]+/)[0]`)
}
