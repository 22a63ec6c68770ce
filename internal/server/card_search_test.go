package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// Of Skatteverket's published test numbers.
const personalNumber = "199001012385"

// newSearch is an orderer at Hantera kort, where one card is that of somebody with a personnummer.
func newSearch(t *testing.T) (*portal, *browser, *pgtest.Card) {
	t.Helper()
	p := newPortal(t)
	company := p.NewCompany(t)
	person := p.NewPersonWith(t, card.Name{Given: "Åke", Family: "Ärlig"}, account.StoredIdentity("personal_number", "SE", personalNumber))
	k := company.Card(t, pgtest.Spec{Status: card.Active, Holder: person})
	company.Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: "Zofia", Family: "Łukasz"}})
	company.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced})
	p.log.forbid("Ärlig", "Zofia", "Arlig", "arlig", "9001012385", "900101-2385")
	return p, p.logIn(t, company.Orderer), k
}

func (a answer) mustShow(numbers ...string) answer {
	a.t.Helper()
	a.mustBe(http.StatusOK)
	var got []string
	for _, c := range a.cards() {
		got = append(got, c.number)
	}
	slices.Sort(got)
	slices.Sort(numbers)
	if !slices.Equal(got, numbers) {
		a.t.Errorf("%s shows %q, want %q", a.asked, got, numbers)
	}
	return a
}

func TestSearchStateIsItsAddress(t *testing.T) {
	t.Parallel()
	_, b, k := newSearch(t)
	orderer := fmt.Sprint(int64(k.Company.Orderer.Person))
	for _, tc := range []struct{ q, status, kind, orderer, expires, want string }{
		{"", "", "", "", "", "/cards"},
		{"  åke  ", "", "", "", "", "/cards?q=%C3%A5ke"},
		{"åke", "active", "standard", orderer, "2040-01-31", "/cards?expires_before=2040-01-31&kind=standard&orderer=" + orderer + "&q=%C3%A5ke&status=active"},
		{"", "suspended", "", "", "", "/cards?status=suspended"},
	} {
		a := b.post("/cards", "q", tc.q, "status", tc.status, "kind", tc.kind, "orderer", tc.orderer, "expires_before", tc.expires)
		page := b.get(a.mustLeadTo(tc.want).location()).mustBe(http.StatusOK)
		form := page.form("/cards")
		if form.Get("q") != strings.TrimSpace(tc.q) || form.Get("status") != tc.status || form.Get("kind") != tc.kind ||
			form.Get("orderer") != tc.orderer || form.Get("expires_before") != tc.expires {
			t.Errorf("the form of %s holds %v", tc.want, form)
		}
		for _, link := range page.links() { // each status keeps the rest
			if strings.Contains(link, "status=blocked") && tc.q != "" && !strings.Contains(link, "q=%C3%A5ke") {
				t.Errorf("%s loses the query", link)
			}
		}
	}
}

func TestSearchFinds(t *testing.T) {
	t.Parallel()
	_, b, k := newSearch(t)
	number := k.Number.String()
	for q, want := range map[string][]string{
		"ärlig":                  {number},
		"arl":                    {number},
		"Ake Arlig":              {number},
		"lukasz":                 {""},
		"zofia":                  {""},
		number[:7]:               {number, "TE-0000-000018"},
		"ingen heter så":         nil,
		"<script>alert(1)":       nil,
		"%' OR '1'='1":           nil,
		"TE99":                   nil,
		strings.Repeat("å", 100): nil,
	} {
		if strings.HasPrefix(q, "TE-") {
			if got := b.get("/cards?" + url.Values{"q": {q}}.Encode()).mustBe(http.StatusOK).cards(); len(got) != 2 {
				t.Errorf("%q finds %v", q, got)
			}
			continue
		}
		b.get("/cards?" + url.Values{"q": {q}}.Encode()).mustShow(want...)
	}
	for status, n := range map[string]int{"active": 1, "ordered": 1, "produced": 1, "blocked": 0} {
		if got := len(b.get("/cards?status=" + status).mustBe(http.StatusOK).cards()); got != n {
			t.Errorf("%d cards are %s, want %d", got, status, n)
		}
	}
	b.get("/cards?kind=visitor").mustBe(http.StatusOK).mustSay(swedish("kind.visitor")).mustNotSay("Ärlig")
	b.get("/cards?expires_before=2000-01-01").mustShow()
	b.get("/cards?q=xyz<b>").mustBe(http.StatusOK).mustSay("xyz<b>")
	if raw := b.get("/cards?q=xyz<b>").body; strings.Contains(raw, "xyz<b>") {
		t.Error("what was typed becomes HTML")
	}
}

// The title says how much was found, and not what was searched.
func TestTitleOfASearch(t *testing.T) {
	t.Parallel()
	_, b, _ := newSearch(t)
	plain := swedish("layout.title", i18n.Str("title", swedish("card_search.title")))
	for address, want := range map[string]string{
		"/cards":                       plain,
		"/cards?q=arlig":               swedish("card_search.count", i18n.Count(1)) + " – " + plain,
		"/cards?q=nobody":              swedish("card_search.nothing") + " – " + plain,
		"/cards?status=produced":       swedish("card_search.count", i18n.Count(1)) + " – " + plain,
		"/cards?status=x":              swedish("layout.title_failed", i18n.Str("title", swedish("card_search.title"))),
		"/cards?expires_before=2000-1": swedish("layout.title_failed", i18n.Str("title", swedish("card_search.title"))),
	} {
		if got := b.get(address).title(); got != want {
			t.Errorf("%s is called %q, want %q", address, got, want)
		}
	}
}

// One whole card number, in any spelling, leads to the card.
func TestNumberLeadsToTheCard(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	n := k.Number.String()
	for _, q := range []string{n, strings.ToLower(n), strings.ReplaceAll(n, "-", ""), " " + strings.ReplaceAll(n, "-", " – ") + " "} {
		a := b.post("/cards", "q", q).mustBe(http.StatusSeeOther)
		b.get(a.location()).mustLeadTo(address(k))
	}
	b.get("/cards?q=" + url.QueryEscape(n) + "&status=blocked").mustLeadTo(address(k)) // a whole number says it all
	p.logIn(t, p.Issuer).get("/cards?q=" + n).mustLeadTo(address(k))

	k = k.Company.Card(t, pgtest.Spec{Status: card.Active, Number: "TE-9001-012385"}) // whose digits may be a personnummer's
	for q, sealed := range map[string]bool{"TE9001012385": true, "te9001012385": true, "TE-9001-012385": false, "TE 9001 012385": false} {
		to := b.post("/cards", "q", q).mustBe(http.StatusSeeOther).location()
		if strings.Contains(to, "sealed=") != sealed || sealed && strings.Contains(to, "9001012385") {
			t.Errorf("%q leads to %s", q, to)
		}
		b.get(to).mustLeadTo(address(k))
	}
	b.get("/cards?q=TE-9001-012385").mustLeadTo(address(k))
}

// A personnummer is found in every spelling, and stands nowhere afterwards; the address holds it sealed.
func TestPersonalNumberIsPosted(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	issuer := p.logIn(t, p.Issuer)
	for _, q := range []string{
		"199001012385", "19900101-2385", "900101-2385", "9001012385", "19900101", "900101", "1990 0101 2385", "900101+2385", "１９９００１０１２３８５", "900101–2385",
	} {
		for _, b := range []*browser{b, issuer} {
			leads := b.post("/cards", "q", q, "kind", "standard").mustBe(http.StatusSeeOther)
			if to := leads.location(); !strings.HasPrefix(to, "/cards?kind=standard&sealed=") || strings.Contains(to, url.QueryEscape(q)) {
				t.Errorf("%q leads to %s", q, to)
			}
			a := b.get(leads.location()).mustBe(http.StatusOK)
			if q == "900101+2385" { // a plus says that the person is over a hundred
				a.mustShow()
			} else {
				a.mustShow(k.Number.String()).mustSay("19900101-****")
			}
			a.mustKeepOut(q)
			if a.form("/cards").Get("q") != q {
				t.Errorf("the field holds %q", a.form("/cards").Get("q"))
			}
			filtered := b.follow(b.post("/cards", "q", q, "status", "blocked")).mustShow()
			filtered.mustKeepOut(q)
		}
		written := b.get("/cards?" + url.Values{"q": {q}, "kind": {"standard"}, "after": {"x"}}.Encode())
		written.mustLeadTo("/cards?kind=standard")
	}
	for _, q := range []string{"900101-2386", "199013012385", "19900132", "9001012", "12345678901234567890"} {
		a := b.post("/cards", "q", q, "status", "active").mustFail(http.StatusUnprocessableEntity, "q").mustSay(swedish("error.q_personal"))
		if form := a.form("/cards"); form.Get("q") != q || form.Get("status") != "active" {
			t.Errorf("kept is %v", form)
		}
		a.mustKeepOut(q)
		b.get("/cards?q=" + q).mustLeadTo("/cards")
	}
}

// The state of a search by personnummer is its address too, for whoever is logged in and nobody else.
func TestSealedSearch(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	found := b.post("/cards", "q", "900101-2385", "kind", "standard").mustBe(http.StatusSeeOther).location()
	page := b.get(found).mustShow(k.Number.String())
	b.get(page.linkTo("status=active")).mustShow(k.Number.String()).mustKeepOut("900101-2385")
	b.get(page.linkTo("/selections/all?")).mustBe(http.StatusOK).mustSay(swedish("selection.all_submit", i18n.Count(1)))
	b.header.Set("Referer", p.url+found)
	b.get(b.get(address(k)).linkTo("sealed=")).mustShow(k.Number.String())
	b.header.Del("Referer")
	b.follow(b.sendForm(page, "/language", "lang", "en")).mustShow(k.Number.String()).mustSay("Searched: personal number")
	if again := b.post("/cards", "q", "900101-2385", "kind", "standard").location(); again == found {
		t.Error("the same number is sealed the same")
	}

	other := p.logIn(t, k.Company.Orderer) // another session of the same person
	for _, address := range []string{found, "/cards?sealed=x", "/cards?sealed=AAAA"} {
		a := other.get(address).mustFail(http.StatusUnprocessableEntity, "q").mustSay("A personal number that was searched for is not kept")
		if q := a.form("/cards").Get("q"); q != "" {
			t.Errorf("the field holds %q", q)
		}
		b.get(address)
	}
	for _, path := range []string{"/cards/export", "/selections/all", "/saved-searches/new"} {
		gone := strings.Replace(found, "/cards", path, 1)
		other.get(gone).mustLeadTo(found)
	}
	b.get(strings.Replace(found, "/cards", "/saved-searches/new", 1)).mustBe(http.StatusSeeOther)
	b.get(found).mustShow(k.Number.String()) // as often as one likes
	b.post("/logout")
	asked := b.get(found).mustBe(http.StatusSeeOther).location()
	if !strings.HasPrefix(asked, "/login?next=") {
		t.Errorf("after the log-out it leads to %s", asked)
	}
}

// mustKeepOut fails when what was searched stands anywhere but in the value of a field that is posted.
func (a answer) mustKeepOut(q string) {
	a.t.Helper()
	for _, name := range []string{"Location", "Link", "Set-Cookie", "Content-Disposition"} {
		if strings.Contains(fmt.Sprint(a.header.Values(name)), q) {
			a.t.Errorf("%s holds the number", name)
		}
	}
	birthDate := len(q) <= 8 // which the masked number begins with
	if strings.Contains(a.title(), q) || !birthDate && strings.Contains(a.text(), q) {
		a.t.Errorf("the page for %q says it", q)
	}
	for _, n := range a.all(func(*html.Node) bool { return true }) {
		for _, at := range n.Attr {
			posted := n.DataAtom == atom.Input && at.Key == "value"
			if !posted && (strings.Contains(at.Val, q) || strings.Contains(at.Val, url.QueryEscape(q))) {
				a.t.Errorf("<%s %s=%q> holds the number", n.Data, at.Key, at.Val)
			}
		}
		if n.DataAtom == atom.Input && attr(n, "name") == "next" && strings.Contains(attr(n, "value"), q) {
			a.t.Error("the address to come back to holds the number")
		}
	}
}

func TestMisusedWordsLeadToTheVerbs(t *testing.T) {
	t.Parallel()
	_, b, k := newSearch(t)
	for _, q := range []string{"avsluta Ärlig", "inaktivera kortet för arlig", "Ta bort Ärlig åke", "delete card of arlig"} { // whose card is named
		b.get("/cards?" + url.Values{"q": {q}}.Encode()).mustShow(k.Number.String()).mustSay(swedish("card_search.verbs"))
	}
	for _, q := range []string{"inaktivera " + k.Number.String(), "(" + k.Number.String() + ")", "Kortnummer: " + k.Number.String() + ", Ärlig"} {
		b.get(b.post("/cards", "q", q).location()).mustLeadTo(address(k))
	}
	for _, q := range []string{"Ärlig 19900101", "900101-2385 Åke", "avsluta 19900101"} {
		b.follow(b.post("/cards", "q", q)).mustShow(k.Number.String()).mustKeepOut("900101-2385")
	}
	for _, q := range []string{"avsluta", "Avsluta kort", "inaktivera", "INAKTIVERA", "stänga", "ta bort kort", "deactivate", "delete",
		"hur avslutar jag ett kort", "Ärlig AVSLUTA", "kan jag inaktivera ett kort", "please delete my card",
		"spärra", "Häv spärr", "terminera kort", "unblock", "block", "block card", "Blockera kort", "lås upp", "unlock", "stoppa kortet", "häva", "cancel card", "spärrade"} {
		b.get("/cards?"+url.Values{"q": {q}}.Encode()).mustBe(http.StatusOK).
			mustSay(swedish("card_search.verbs"), swedish("action.block"), swedish("action.terminate"))
	}
	for _, q := range []string{"arlig", "oavslutad", "Åke Minaktivsson", "Blocksson", "Blöck", "Lock Låsman"} { // within a word they are a part of a name
		b.get("/cards?" + url.Values{"q": {q}}.Encode()).mustBe(http.StatusOK).mustNotSay(swedish("card_search.verbs"))
	}
}

// Who searches for the word of a status is led to the cards that have it.
func TestStatusWordsLeadToTheStatus(t *testing.T) {
	t.Parallel()
	_, b, _ := newSearch(t)
	for q, status := range map[string]card.Status{
		"spärrade kort": card.Blocked, "Blocked": card.Blocked, "terminerat": card.Terminated, "aktiva kort": card.Active, "utgångna": card.Expired, "suspended": card.Suspended,
	} {
		b.get(b.get("/cards?" + url.Values{"q": {q}}.Encode()).mustBe(http.StatusOK).linkTo("/cards?status=" + string(status))).mustBe(http.StatusOK)
	}
	b.get("/cards?q=arlig").mustNotSay(swedish("card_search.show_status", i18n.Str("status", swedish("status.blocked"))))
}

func TestTwoEmptyStates(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	b := p.logIn(t, company.Orderer)
	b.get("/cards").mustBe(http.StatusOK).mustSay(swedish("card_search.no_cards"))
	b.get("/cards?q=x").mustNotSay(swedish("card_search.no_cards")).mustSay(swedish("card_search.nothing"))
	company.Card(t, pgtest.Spec{Status: card.Ordered})
	b.get("/cards").mustNotSay(swedish("card_search.no_cards"), swedish("card_search.nothing"))
	b.get("/cards?q=x").mustSay(swedish("card_search.nothing"), swedish("card_search.widen_name"))
	b.get("/cards?status=active").mustSay(swedish("card_search.nothing"), swedish("card_search.widen_filters"))
}

func TestFiltersWithWrongInput(t *testing.T) {
	t.Parallel()
	p, orderer, _ := newSearch(t)
	issuer := p.logIn(t, p.Issuer)
	long := strings.Repeat("å", 101)
	for name, tc := range map[string]struct {
		field, value, say string
		beside            []string
	}{
		"status":       {"status", "avslutat", swedish("error.filter_invalid"), nil},
		"kind":         {"kind", "gold", swedish("error.filter_invalid"), nil},
		"orderer":      {"orderer", "x", swedish("error.filter_invalid"), nil},
		"orderer -1":   {"orderer", "-1", swedish("error.filter_invalid"), nil},
		"orderer huge": {"orderer", "99999999999999999999", swedish("error.filter_invalid"), nil},
		"no date":      {"expires_before", "i morgon", swedish("error.date_invalid"), []string{"expires_before"}},
		"no such day":  {"expires_before", "2027-02-30", swedish("error.date_invalid"), []string{"expires_before"}},
		"year 0":       {"expires_before", "0000-01-01", swedish("error.date_invalid"), []string{"expires_before"}},
		"too long":     {"q", long, swedish("error.q_too_long"), []string{"q"}},
		"no letters":   {"q", "!!! --", swedish("error.q_invalid"), []string{"q"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, b := range []*browser{orderer, issuer} {
				form := url.Values{"q": {"åke"}, "kind": {"visitor"}}
				form.Set(tc.field, tc.value)
				for _, a := range []answer{b.get("/cards?" + form.Encode()), b.send("/cards", form)} {
					a.mustFail(http.StatusUnprocessableEntity, tc.beside...).mustSay(tc.say)
					kept := a.form("/cards")
					for field := range form {
						known := field != "kind" || tc.field != "kind"
						if known && field != "orderer" && kept.Get(field) != form.Get(field) {
							t.Errorf("%s: kept is %q, want %q", field, kept.Get(field), form.Get(field))
						}
					}
				}
			}
		})
	}
}

// The pages follow one another by "after", each card once.
func TestPaging(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	const all = 60
	want := map[string]bool{}
	for i := range all {
		k := company.Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: "Anna", Family: fmt.Sprintf("Sidsson %c", 'a'+i%3)}})
		want[address(k)] = true
	}
	p.log.forbid("Sidsson", "sidsson")
	b := p.logIn(t, company.Orderer)
	for _, start := range []string{"/cards", "/cards?q=sidsson", "/cards?status=ordered&kind=standard"} {
		seen, pages := map[string]bool{}, 0
		for next := start; next != ""; pages++ {
			page := b.get(next).mustBe(http.StatusOK)
			page.mustSay("60")
			if n := len(page.cards()); n > card.PageSize {
				t.Errorf("%d cards on a page", n)
			}
			next = ""
			for _, n := range page.elements(atom.A) {
				href := attr(n, "href")
				if want[href] {
					if seen[href] {
						t.Errorf("%s stands on two pages", href)
					}
					seen[href] = true
				}
				if attr(n, "rel") == "next" {
					next = href
				}
			}
		}
		if len(seen) != all || pages != 3 {
			t.Errorf("%s: %d pages with %d cards, want 3 with %d", start, pages, len(seen), all)
		}
	}
	// What is no place begins at the beginning.
	for _, after := range []string{"x", "e30", "bnVsbA", "eyJJRCI6LTF9", "%00", strings.Repeat("A", 5000), "eyJHcm91cCI6InoiLCJJRCI6MX0"} {
		if a := b.get("/cards?after=" + after); a.status != http.StatusOK {
			t.Errorf("after=%.20s is answered %d", after, a.status)
		}
	}
}

// An orderer found by name leads to his or her cards.
func TestOrdererSuggestions(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	k.Company.Card(t, pgtest.Spec{Status: card.Ordered, Orderer: k.Company.OtherOrderer})
	other := fmt.Sprint(int64(k.Company.OtherOrderer.Person))
	for _, b := range []*browser{b, p.logIn(t, p.Issuer)} {
		a := b.get("/cards?q=berit").mustBe(http.StatusOK).mustSay(swedish("card_search.orderer_matches"), "Berit Beställare")
		link := "/cards?orderer=" + other
		if !slices.Contains(a.links(), link) {
			t.Errorf("%v lead not to %s", a.links(), link)
		}
		if got := a.cards(); len(got) != 1 {
			t.Errorf("the orderer's cards are %v", got)
		}
	}
	if got := b.get("/cards?orderer=" + other).mustBe(http.StatusOK).cards(); len(got) != 1 {
		t.Errorf("the orderer's cards are %v", got)
	}
}

// The issuer's staff search all companies, only for something, and each look is written down.
func TestIssuerSearch(t *testing.T) {
	t.Parallel()
	p, _, k := newSearch(t)
	b := p.logIn(t, p.Issuer)
	looks := func() int {
		return query[int](t, p, `SELECT count(*) FROM issuer_looks WHERE person_id = $1`, p.Issuer.Person)
	}
	b.get("/cards").mustShow().mustSay(swedish("card.logged"))
	b.get("/cards?status=active").mustShow()
	if n := looks(); n != 0 {
		t.Fatalf("%d looks at nothing", n)
	}
	b.get("/cards?q=arlig").mustShow(k.Number.String()).mustSay(k.Company.Name, swedish("card_search.company"))
	if n := looks(); n != 1 {
		t.Errorf("%d looks after a search, want 1", n)
	}
	b.get(address(k)).mustBe(http.StatusOK).mustSay(swedish("card.logged"))
	if n := looks(); n != 2 {
		t.Errorf("%d looks after a card, want 2", n)
	}
	b.get(under("/cards/", 999_999_999)).mustBe(http.StatusNotFound)
	b.get(address(k, "block")).mustBe(http.StatusForbidden)
	if n := looks(); n != 3 {
		t.Errorf("%d looks after an action's page, want 3", n)
	}
	if last := query[[]int64](t, p, `SELECT card_ids FROM issuer_looks ORDER BY id DESC LIMIT 1`); !slices.Equal(last, []int64{int64(k.ID)}) {
		t.Errorf("the look was at %v", last)
	}
}

// The card leads back to the search that led to it.
func TestBackToTheSearch(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	for referer, want := range map[string]string{
		p.url + "/cards?q=arlig&status=active": "/cards?q=arlig&status=active",
		p.url + "/account":                     "/cards",
		"https://evil.example/cards?q=x":       "/cards",
		"":                                     "/cards",
		"::":                                   "/cards",
	} {
		b.header.Set("Referer", referer)
		a := b.get(address(k))
		back := a.all(func(n *html.Node) bool { return n.Parent != nil && attr(n.Parent, "class") == "back" })
		if len(back) != 1 || attr(back[0], "href") != want {
			t.Errorf("from %q the way back leads to %q, want %q", referer, attr(back[0], "href"), want)
		}
	}
}

// After something was done with a card the way back is still to the search, until somebody else logs in.
func TestBackToTheSearchAfterAnAction(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	back := func(b *browser) string {
		b.header.Del("Referer")
		found := b.get(address(k)).mustBe(http.StatusOK).all(func(n *html.Node) bool { return n.Parent != nil && attr(n.Parent, "class") == "back" })
		if len(found) != 1 {
			t.Fatalf("%d ways back", len(found))
		}
		return attr(found[0], "href")
	}
	b.get("/cards?q=arlig&status=active").mustBe(http.StatusOK)
	b.follow(b.post(address(k, "block"), "version", fmt.Sprint(k.Version), "reason", "lost")).mustBe(http.StatusOK)
	if got := back(b); got != "/cards?q=arlig&status=active" {
		t.Errorf("after the block it leads to %s", got)
	}
	sealed := b.post("/cards", "q", personalNumber).location()
	b.get(sealed).mustShow(k.Number.String())
	if got := back(b); got != sealed {
		t.Errorf("after a search by personnummer it leads to %s, want %s", got, sealed)
	}
	b.post("/logout")
	b.logIn(p.email(t, k.Company.OtherOrderer.Person))
	if got := back(b); got != "/cards" {
		t.Errorf("somebody else is led to %s", got)
	}
	b.cookies.SetCookies(nil, []*http.Cookie{{Name: "__Host-search", Value: "https%3A%2F%2Fevil.example%2Fcards", Secure: true, Path: "/"}})
	if got := back(b); got != "/cards" {
		t.Errorf("a made-up cookie leads to %s", got)
	}
}
