package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// What is another's and what does not exist is one answer, byte for byte, on every address with a card in it.
func TestNotYoursIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	own, other := p.NewCompany(t), p.NewCompany(t)
	ownCard, otherCard := own.Card(t, pgtest.Spec{Status: card.Active}), other.Card(t, pgtest.Spec{Status: card.Active})
	const missing = 999_999_999

	// Each line has a twin that succeeds: the same address with the own card.
	for _, tc := range []struct {
		name string
		b    *browser
		base string
		yes  int // what the twin is answered
		get  []string
		post []string
	}{
		{"a company", p.logIn(t, own.Orderer), "/cards/", 200, []string{"", "/block", "/terminate"}, []string{"/block", "/unblock", "/terminate", "/cancel", "/planned/1"}},
		{"an administrator", p.logIn(t, own.Administrator), "/cards/", 200, []string{""}, []string{"/block", "/terminate"}},
		{"a holder", p.logIn(t, ownCard.Holder), "/my-cards/", 200, []string{"", "/block", "/pin"}, []string{"/block", "/pin"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.b.t = t
			for _, path := range tc.get {
				tc.b.get(under(tc.base, ownCard.ID) + path).mustBe(tc.yes)
				tc.b.sameAnswer(tc.b.get(under(tc.base, otherCard.ID)+path), tc.b.get(under(tc.base, missing)+path))
			}
			for _, path := range tc.post {
				form := []string{"version", fmt.Sprint(otherCard.Version), "reason", "lost", "last_six", "123456", "password", pgtest.Password}
				tc.b.sameAnswer(tc.b.post(under(tc.base, otherCard.ID)+path, form...), tc.b.post(under(tc.base, missing)+path, form...))
			}
		})
	}
	if otherCard.See(t); otherCard.Version != 5 {
		t.Errorf("the other company's card is in version %d", otherCard.Version)
	}
	if n := query[int](t, p, `SELECT count(*) FROM pin_views`); n != 0 {
		t.Errorf("%d PIN views were counted", n)
	}
}

func (b *browser) sameAnswer(one, two answer) {
	b.t.Helper()
	one.mustBe(http.StatusNotFound)
	two.mustBe(http.StatusNotFound)
	if one.anonymous() != two.anonymous() {
		b.t.Errorf("%s and %s tell apart:\n%s\n%s", one.asked, two.asked, one.body, two.body)
	}
	for _, a := range []answer{one, two} {
		a.header.Del("Date")
	}
	if fmt.Sprint(one.header) != fmt.Sprint(two.header) {
		b.t.Errorf("%s and %s tell apart: %v %v", one.asked, two.asked, one.header, two.header)
	}
}

func TestWhatIsNoCardIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	k := company.Card(t, pgtest.Spec{Status: card.Active})
	b := p.logIn(t, company.Orderer)
	b.get(address(k)).mustBe(http.StatusOK)
	for _, id := range []string{"0", "-1", "+1", "007", "1e3", "abc", "99999999999999999999", "9223372036854775808", "%00", "1%20", "1.0", "١"} {
		for _, more := range []string{"", "/block"} {
			b.get("/cards/" + id + more).mustBe(http.StatusNotFound)
		}
		b.post("/cards/"+id+"/block", "version", "1", "reason", "lost").mustBe(http.StatusNotFound)
		b.get("/my-cards/" + id + "/pin").mustBe(http.StatusNotFound)
	}
}

// An administrator sees the company's cards, and everything of them but the PIN.
func TestWhoSeesWhichPages(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	for role, want := range map[string][4]int{ // /cards, the card, /my-cards, the own card
		"orderer": {200, 200, 200, 404},
		"other":   {200, 200, 200, 404},
		"admin":   {200, 200, 200, 404},
		"issuer":  {200, 200, 200, 404},
		"holder":  {303, 404, 200, 200},
		"nobody":  {303, 303, 303, 303},
	} {
		for i, path := range []string{"/cards", address(k), "/my-cards", myAddress(k)} {
			if a := c.browsers[role].get(path); a.status != want[i] {
				t.Errorf("%s at %s is answered %d, want %d", role, path, a.status, want[i])
			}
		}
	}
}

// The search, its counts and its suggestions know nothing of another company.
func TestSearchStaysInTheCompany(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	own, other := p.NewCompany(t), p.NewCompany(t)
	k := other.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Ronja", Family: "Mattisdotter"}})
	inside, outside := p.logIn(t, other.Orderer), p.logIn(t, own.Orderer)
	stranger := fmt.Sprint(int64(other.Orderer.Person))
	for _, path := range []string{
		"/cards", "/cards?q=Mattisdotter", "/cards?q=" + k.Number.String(), "/cards?q=TE-00", "/cards?status=active", "/cards?orderer=" + stranger,
		"/cards?q=Bo&orderer=" + stranger,
	} {
		a := outside.get(path).mustBe(http.StatusOK)
		if len(a.cards()) != 0 {
			t.Errorf("%s shows %v", path, a.cards())
		}
		a.mustNotSay("Ronja", other.Name)
		found := inside.get(path)
		if found.status != http.StatusSeeOther && len(found.cards()) != 1 {
			t.Errorf("%s shows its own company %v", path, found.cards())
		}
	}
}
