package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestManyCardsInABrowser: an orderer blocks some of the own cards and takes it back, pastes a list, and an administrator hands cards over.
func TestManyCardsInABrowser(t *testing.T) {
	if _, err := axeSource(); err != nil {
		t.Fatal(err)
	}
	inFolder(t)
	base := started(t, "Kortportal is ready", environment("LISTEN_ADDR", "127.0.0.1:0"), "serve")
	s := newScreen(t, base)
	s.resize(360)
	s.logIn("orderer")
	numbers := s.own("active")
	if len(numbers) < 3 {
		t.Fatalf("the demo's orderer has %d active cards", len(numbers))
	}
	for _, n := range numbers[:2] {
		s.tick(n)
	}
	s.picture("runs-search")
	s.click(`#select button`)
	s.click(`a[href*="action=block"]`)
	s.choose("leave")
	s.picture("runs-selection")
	s.click(`.plan-form button`)
	s.sees("Spärra 2 kort?", "Inget är ändrat än")
	s.picture("runs-plan")
	s.axe()
	s.click(`.plan-apply button`)
	s.finished()
	s.sees("2 kort utförda")
	s.picture("runs-receipt")
	s.axe()
	s.search(numbers[0])
	s.mustBe("blocked")
	s.open("/runs")
	s.click(`main tbody a`)
	s.click(`form[action$="/undo"] button`)
	s.finished()
	s.sees("2 kort utförda", "Ångrar körning")
	s.search(numbers[0])
	s.mustBe("active")

	// A list from elsewhere: one number is found, whatever it looks like, one line means nobody.
	s.open("/selections/paste")
	s.do(chromedp.SetValue(`#lines`, strings.ToLower(strings.ReplaceAll(numbers[2], "-", " "))+"\nBertil Finnsinte\n", chromedp.ByQuery))
	s.click(`main form button`)
	s.sees("1 rad hittades", "1 rad hittades inte", "Bertil Finnsinte")
	s.picture("runs-paste")
	s.click(`main form button`)
	s.sees("1 valt kort", numbers[2])

	// Cleaning up takes three clicks: review, show what will happen, do it.
	s.open("/clean-up")
	s.picture("runs-clean-up")
	s.click(`form.clean-up-review:has(input[name=action]) button`)
	s.sees("Terminera", "Varför")
	s.click(`.plan-form button`)
	s.sees("kan aldrig användas igen")
	s.click(`.plan-apply button`)
	s.finished()
	s.sees("utför")

	s.logOut()
	s.logIn("administrator")
	s.open("/cards?status=active")
	s.tick(numbers[2])
	s.click(`#select button`)
	s.click(`a[href*="action=hand_over"]`)
	successor := eval[string](s, `[...document.querySelectorAll('#successor option')].find(o => o.value && !o.text.startsWith('Sjöstedt')).value`)
	s.do(chromedp.SetValue(`#successor`, successor, chromedp.ByQuery))
	s.click(`.plan-form button`)
	s.sees("Överlåt 1 kort?")
	s.click(`.plan-apply button`)
	s.finished()
	s.sees("1 kort utfört")
}

// own are the numbers of the orderer's cards of a status on the first page of the search.
func (s *screen) own(status string) []string {
	s.t.Helper()
	s.open("/cards")
	me := eval[string](s, `[...document.querySelectorAll('#orderer option')].find(o => o.text.startsWith('Sjöstedt')).value`)
	s.open("/cards?status=" + status + "&orderer=" + me)
	return eval[[]string](s, `[...document.querySelectorAll('tr[data-card]')].map(r => r.dataset.card)`)
}

// tick marks a card on the search page as people do, by its label.
func (s *screen) tick(number string) {
	s.t.Helper()
	s.do(chromedp.Click(fmt.Sprintf(`tr[data-card=%q] .tick`, number), chromedp.ByQuery))
}

// search follows a card number to its card.
func (s *screen) search(number string) {
	s.t.Helper()
	s.open("/cards?q=" + number)
}

// finished waits for the page of a run, which asks for itself again, to be the receipt.
func (s *screen) finished() {
	s.t.Helper()
	s.is(`document.querySelector('.receipt-cards')`)
}
