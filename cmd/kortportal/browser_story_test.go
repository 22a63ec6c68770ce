package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kortportal/internal/demo"
)

// demoLogin is the first of a role in the demo data: all of them are at the same company.
func demoLogin(t *testing.T, role string) demo.Login {
	t.Helper()
	for _, l := range demo.Logins() {
		if l.Role == role {
			return l
		}
	}
	t.Fatalf("no demo log-in for the role %s", role)
	return demo.Login{}
}

// TestInABrowser plays the main job from end to end, on the program as make run starts it.
func TestInABrowser(t *testing.T) {
	if _, err := axeSource(); err != nil {
		t.Fatal(err)
	}
	inFolder(t)
	var printed bytes.Buffer
	base := startedFor(t, &printed, "Kortportal is ready", environment("LISTEN_ADDR", "127.0.0.1:0"), "serve")
	logins := printed.String()
	for name, story := range map[string]func(*screen){
		"wide":       func(s *screen) { s.name = "1280-"; s.resize(1280); s.mainJob("light") },
		"phone":      func(s *screen) { s.name = "360-"; s.resize(360); s.mainJob("dark") },
		"no script":  (*screen).withoutScript,
		"keyboard":   (*screen).byKeyboard,
		"two clicks": (*screen).twoClicks,
		"the PIN":    (*screen).pinGoesAway,
		"the desk":   (*screen).reviewsByAccessKeys,
	} {
		t.Run(name, func(t *testing.T) {
			s := newScreen(t, base)
			s.hand = logins
			story(s)
		})
	}
}

// openOne opens a card of the orderer's own with a status, by the search page.
func (s *screen) openOne(status string) {
	s.t.Helper()
	me := eval[string](s, `[...document.querySelectorAll('#orderer option')].find(o => o.text.startsWith('Sjöstedt')).value`)
	s.open("/cards?status=" + status + "&orderer=" + me)
	s.click(`tr[data-card] a`)
	s.mustBe(status)
}

// mainJob is what a company uses the portal for.
func (s *screen) mainJob(scheme string) {
	s.colours(scheme)
	s.open("/login")
	s.picture("login")
	s.axe()
	s.logIn("orderer")
	s.picture("start")
	s.axe()
	s.click(`nav a[href="/cards"]`)
	s.picture("cards")
	s.axe()

	// One search field, by the beginning of a name without its diacritics.
	s.write("#q", "agren")
	s.click(`#search button[type=submit]`)
	s.is(`location.search === '?q=agren'`)
	s.sees("Ågren, Elin")
	s.picture("search")

	// By the personnummer, to a card and back to what was found.
	birth := eval[string](s, `[...document.querySelectorAll('tr[data-card] .nums')].map(c => c.innerText).find(n => n.endsWith('-****')).slice(0, 8)`)
	s.open("/cards")
	s.write("#q", birth)
	s.click(`#search button[type=submit]`)
	s.is(`location.search.startsWith('?sealed=') && !location.search.includes('` + birth + `')`)
	s.click(`tr[data-card] a`)
	s.is(`location.pathname !== '/cards'`)
	s.travel(-1)
	s.is(`document.querySelector('#q').value === '` + birth + `' && !!document.querySelector('tr[data-card]')`)
	s.picture("search-personal")

	s.openOne("active")
	_, number, version := s.card()
	s.picture("card")
	s.axe()
	s.click(`a[href$="/block"]`)
	s.picture("block")
	s.axe()
	// The form without a reason comes back, and the first thing read is what is wrong.
	s.write("#note", "Ligger kvar i bilen")
	s.mustLead(http.StatusUnprocessableEntity, chromedp.Click(`main button[type=submit]`, chromedp.ByQuery))
	s.is(`document.activeElement.id === 'error-summary'`)
	s.picture("block-failed")
	s.axe()
	s.choose("lost")
	s.click(`main button[type=submit]`)
	s.mustBe("blocked")
	s.sees("Ligger kvar i bilen", number)
	s.is(`document.activeElement.id === 'receipt'`)
	s.picture("blocked")
	s.axe()
	if _, _, after := s.card(); after == version {
		s.t.Error("the version is the same after the block")
	}
	s.do(chromedp.Reload())
	s.mustBe("blocked")

	// A card that is produced cannot be blocked: the page says why and leads to Terminera.
	s.open("/cards")
	s.openOne("produced")
	if eval[bool](s, `!!document.querySelector('.choices a[href$="/block"]')`) {
		s.t.Error("a produced card can be blocked")
	}
	s.mustLead(http.StatusConflict, chromedp.Navigate(eval[string](s, `location.origin + location.pathname + "/block"`)))
	s.is(`document.activeElement.id === 'refused'`)
	s.picture("produced")
	s.axe()
	s.click(`#refused a[href$="/terminate"]`)
	s.picture("terminate")
	s.axe()
	s.choose("damaged")
	s.click(`main button[type=submit]`)
	s.mustBe("terminated")
	s.picture("terminated")

	s.open("/account")
	s.picture("account")
	s.axe()
	s.open("/help")
	s.picture("help")
	s.axe()
	s.logOut()
	s.open("/my-cards")
	s.is(`location.pathname === '/login'`)

	s.logIn("holder")
	s.picture("start-holder")
	s.axe()
	s.click(`nav a[href="/my-cards"]`)
	s.picture("my-cards")
	s.axe()
	s.click(`a[href="/my-cards?show=active"]`)
	s.click(`.my-card a`)
	s.picture("my-card")
	s.axe()
	s.click(`a[href$="/pin"]`)
	s.picture("pin-request")
	s.axe()
	pin := s.showPIN()
	s.picture("pin")
	s.axe()
	s.withoutPINAfterBack(pin)
}

// showPIN types the last six digits, which stand on the card and on no page of its holder, and returns the PIN.
func (s *screen) showPIN() string {
	s.t.Helper()
	if eval[bool](s, `/[A-Z]{2}-\d{4}-\d{6}/.test(document.body.innerText)`) {
		s.t.Error("the page that asks for the digits names them")
	}
	begin := eval[string](s, `document.body.innerText.match(/[A-Z]{2}-\d{4}-(?=•)/)[0]`)
	_, rest, found := strings.Cut(s.hand, begin)
	if !found || len(rest) < 6 {
		s.t.Fatalf("no card %s is at hand:\n%s", begin, s.hand)
	}
	s.write("#last-six", rest[:6])
	s.click(`main button[type=submit]`)
	pin := eval[string](s, `document.querySelector('[data-pin]').innerText`)
	if len(pin) != 4 {
		s.t.Fatalf("the PIN is %q: %.1500s", pin, s.seen())
	}
	return pin
}

func (s *screen) showsPIN(pin string) bool {
	s.t.Helper()
	return eval[bool](s, fmt.Sprintf(`document.documentElement.outerHTML.includes('>%s<')`, pin))
}

// withoutPINAfterBack presses Back and Forward as somebody does who finds the computer afterwards.
func (s *screen) withoutPINAfterBack(pin string) {
	s.t.Helper()
	for _, steps := range []int64{-1, 1, -1} {
		s.travel(steps)
		if s.showsPIN(pin) {
			s.t.Errorf("the PIN is back: %s", s.seen())
		}
	}
}

// pinGoesAway: by its button, when the page is out of sight, and from the history.
func (s *screen) pinGoesAway() {
	s.logIn("holder")
	s.open("/my-cards?show=active")
	card := eval[string](s, `[...document.querySelectorAll('.my-card a')].at(-1).getAttribute('href')`)
	show := func() string {
		s.open(card + "/pin")
		return s.showPIN()
	}
	pin := show()
	s.do(chromedp.Click(`[data-pin-hide]`, chromedp.ByQuery))
	s.is(`!!document.activeElement.closest('[data-pin-gone]')`)
	if s.showsPIN(pin) {
		s.t.Error("the PIN is there after it was hidden")
	}
	s.withoutPINAfterBack(pin)
	if again := show(); again != pin {
		s.t.Errorf("the PIN was %s and is %s", pin, again)
	}
	// What the browser says to a page that it may keep for the way back.
	s.do(chromedp.Evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))`, nil))
	if s.showsPIN(pin) {
		s.t.Error("the PIN is there when the page is left")
	}
	if again := show(); again != pin {
		s.t.Errorf("the PIN was %s and is %s", pin, again)
	}
	s.do(chromedp.Evaluate(`Object.defineProperty(document, 'hidden', {value: true}); document.dispatchEvent(new Event('visibilitychange'))`, nil))
	if s.showsPIN(pin) {
		s.t.Error("the PIN is there while the page is out of sight")
	}
	show()
	s.open("/account") // away by a link, and back
	s.withoutPINAfterBack(pin)
}

// withoutScript does the main job where scripts are off.
func (s *screen) withoutScript() {
	s.do(emulation.SetScriptExecutionDisabled(true))
	s.logIn("orderer")
	s.click(`nav a[href="/cards"]`)
	s.write("#q", "TE")
	s.click(`#search button[type=submit]`)
	s.openOne("active")
	s.click(`a[href$="/block"]`)
	s.choose("stolen")
	s.click(`main button[type=submit]`)
	s.mustBe("blocked")
	s.click(`a[href$="/unblock"]`)
	s.click(`main button[type=submit]`)
	s.mustBe("active")
	s.logOut()
	s.logIn("holder")
	s.open("/my-cards?show=active")
	s.open(eval[string](s, `document.querySelector('.my-card a').getAttribute('href') + "/pin"`))
	s.showPIN()
	if eval[bool](s, `!document.querySelector('[data-pin-script]').hidden`) {
		s.t.Error("a button is shown that needs script")
	}
}

// tabTo presses Tab until the element has the focus, and Enter or another key on it.
func (s *screen) tabTo(selector string) {
	s.t.Helper()
	for range 80 {
		s.do(chromedp.KeyEvent(kb.Tab))
		if eval[bool](s, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			if eval[bool](s, `getComputedStyle(document.activeElement).outlineStyle === 'none' && getComputedStyle(document.activeElement).boxShadow === 'none'`) {
				s.t.Errorf("nobody sees that %s has the focus", selector)
			}
			return
		}
	}
	s.t.Fatalf("no Tab leads to %s: %.1500s", selector, s.seen())
}

// byKeyboard logs in, searches, opens and blocks without a mouse.
func (s *screen) byKeyboard() {
	who := demoLogin(s.t, "orderer")
	s.open("/login")
	s.tabTo("#email")
	s.do(chromedp.KeyEvent(who.Email))
	s.tabTo("#password")
	s.do(chromedp.KeyEvent(who.Password))
	s.mustLead(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	s.tabTo(`nav a[href="/cards"]`)
	s.mustLead(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	s.tabTo("a.skip")
	s.do(chromedp.KeyEvent(kb.Enter))
	s.is(`document.activeElement.id === 'main'`)
	s.do(input.DispatchKeyEvent(input.KeyRawDown).WithKey("/").WithCode("Slash"))
	s.is(`document.activeElement.id === 'q'`)
	s.do(chromedp.KeyEvent("sjostedt"))
	s.mustLead(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	s.tabTo(`a[href*="status=active"]`)
	s.mustLead(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	s.tabTo(fmt.Sprintf(`a[href=%q]`, eval[string](s, `[...document.querySelectorAll('tr[data-card]')].find(r => r.innerText.includes('Håkan Sjöstedt')).querySelector('a').getAttribute('href')`)))
	s.mustLead(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	s.tabTo(`a[href$="/block"]`)
	s.mustLead(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	s.tabTo(`input[name=reason]`)
	s.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowDown))
	s.is(`document.querySelector('input[name=reason]:checked').value === 'stolen'`)
	s.tabTo(`main button[type=submit]`)
	s.mustLead(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	s.mustBe("blocked")
	s.tabTo(`a[href$="/unblock"]`)
}

// twoClicks sends a form once, however fast somebody clicks.
func (s *screen) twoClicks() {
	s.logIn("orderer")
	for _, script := range []bool{true, false} {
		s.do(emulation.SetScriptExecutionDisabled(!script))
		s.open("/cards")
		s.openOne("active")
		_, _, before := s.card()
		card := eval[string](s, `location.pathname`)
		s.click(`a[href$="/block"]`)
		s.choose("leave")
		at := eval[[]float64](s, `(r => [r.x + r.width / 2, r.y + r.height / 2])((b => (b.scrollIntoView({block: 'center'}), b.getBoundingClientRect()))(document.querySelector('main button[type=submit]')))`)
		s.do(
			chromedp.MouseEvent(input.MousePressed, at[0], at[1], chromedp.Button("left"), chromedp.ClickCount(1)),
			chromedp.MouseEvent(input.MouseReleased, at[0], at[1], chromedp.Button("left"), chromedp.ClickCount(1)),
			chromedp.MouseEvent(input.MousePressed, at[0], at[1], chromedp.Button("left"), chromedp.ClickCount(2)),
			chromedp.MouseEvent(input.MouseReleased, at[0], at[1], chromedp.Button("left"), chromedp.ClickCount(2)),
		)
		s.until("an answer to the second click", func() (answered bool, err error) { // without script the page cannot wait itself
			err = chromedp.Run(s.ctx, chromedp.Evaluate(
				`document.readyState === 'complete' && !!document.querySelector('[data-card]') && !document.querySelector('[name=reason]')`, &answered))
			return answered, err
		})
		s.open(card)
		s.mustBe("blocked")
		if _, _, after := s.card(); after != next(before) {
			s.t.Errorf("two clicks made version %s of %s", after, before)
		}
	}
}

func next(version string) string {
	var n int
	if _, err := fmt.Sscan(version, &n); err != nil {
		return err.Error()
	}
	return fmt.Sprint(n + 1)
}

// reviewsByAccessKeys decides about orders with the keys that stand beside the buttons, and the mouse nowhere.
func (s *screen) reviewsByAccessKeys() {
	s.open("/login")
	s.logIn("issuer")
	s.open("/desk")
	s.mustLead(http.StatusOK, alt("f"))
	first := eval[string](s, `location.pathname`)
	s.do(alt("2"))
	s.is(`document.querySelectorAll('input[name=reason]')[1].checked`)
	s.mustLead(http.StatusOK, alt("n"))
	second := eval[string](s, `location.pathname`)
	s.mustLead(http.StatusOK, alt("g"))
	third := eval[string](s, `location.pathname`)
	s.mustLead(http.StatusOK, alt("f"))
	if first == second || second == third {
		s.t.Errorf("the keys lead from %s to %s and %s", first, second, third)
	}
	for path, status := range map[string]string{first: "rejected", second: "reviewed"} {
		s.open(strings.Replace(path, "/desk/review", "/cards", 1))
		s.mustBe(status)
	}
}

// alt presses a key with Alt, as Chromium's access keys want it: the text that the key alone would give goes with it.
func alt(key string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		code := int64(strings.ToUpper(key)[0])
		down := input.DispatchKeyEvent(input.KeyDown).WithModifiers(input.ModifierAlt).WithKey(key).WithUnmodifiedText(key).WithWindowsVirtualKeyCode(code)
		up := input.DispatchKeyEvent(input.KeyUp).WithModifiers(input.ModifierAlt).WithKey(key).WithWindowsVirtualKeyCode(code)
		return errors.Join(down.Do(ctx), up.Do(ctx))
	})
}
