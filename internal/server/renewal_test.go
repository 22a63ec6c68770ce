package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// expiring is a card of the company in use that expires in so many days.
func (p *portal) expiring(t *testing.T, c *pgtest.Company, days int, name card.Name) *pgtest.Card {
	t.Helper()
	return c.Card(t, pgtest.Spec{Status: card.Active, Name: name, ValidTo: p.Today(t).AddDate(0, 0, days)})
}

func idText(k *pgtest.Card) string { return fmt.Sprint(int64(k.ID)) }

func TestExpiringList(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, other := p.NewCompany(t), p.NewCompany(t)
	week, months := p.expiring(t, c, 3, card.Name{Given: "Vera", Family: "Veckosson"}), p.expiring(t, c, 100, card.Name{Given: "Mona", Family: "Månadsson"})
	theirs := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.OtherOrderer, ValidTo: p.Today(t).AddDate(0, 0, 50), Name: card.Name{Given: "Ante", Family: "Annansson"}})
	stranger := p.expiring(t, other, 3, card.Name{Given: "Stina", Family: "Främmande"})
	orderer, administrator := p.logIn(t, c.Orderer), p.logIn(t, c.Administrator)
	for _, tc := range []struct {
		b    *browser
		path string
		want []*pgtest.Card
	}{
		{orderer, "/expiring", []*pgtest.Card{week, months}},
		{orderer, "/expiring?show=all", []*pgtest.Card{week, theirs, months}},
		{orderer, "/expiring?within=one_week", []*pgtest.Card{week}},
		{orderer, "/expiring?within=three_months&show=all", []*pgtest.Card{week, theirs}},
		{orderer, "/expiring?within=never&after=nonsense", []*pgtest.Card{week, months}},
		{administrator, "/expiring", []*pgtest.Card{week, theirs, months}},
		{p.logIn(t, c.OtherOrderer), "/expiring?within=one_month", nil},
	} {
		page := tc.b.get(tc.path).mustBe(http.StatusOK).mustNotSay("Främmande")
		var want []string
		for _, k := range tc.want {
			want = append(want, k.Number.String())
		}
		var got []string
		for _, k := range page.cards() {
			got = append(got, k.number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s shows %v, want %v", tc.path, got, want)
		}
	}
	p.logIn(t, c.OtherOrderer).get("/expiring?within=one_month").mustSay(swedish("expiry.none"))
	if got := orderer.get("/expiring?show=all").form("/expiring/renewals")["shown"]; !slices.Equal(got, []string{idText(week), idText(months)}) {
		t.Errorf("offered are %v, want the own cards", got)
	}
	if administrator.get("/expiring").hasForm("/expiring/renewals") {
		t.Error("an administrator is offered to order")
	}
	for name, b := range map[string]*browser{"the issuer": p.logIn(t, p.Issuer), "a holder": p.logIn(t, stranger.Holder)} {
		if a := b.get("/expiring"); a.status != http.StatusNotFound {
			t.Errorf("%s is answered %d", name, a.status)
		}
	}
	p.browser(t).get("/expiring").mustBe(http.StatusSeeOther)
}

// From the list to the receipt: ticked, looked at, changed, ordered; a second click changes nothing.
func TestRenewalFromListToReceipt(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	anna, bertil := p.expiring(t, c, 3, card.Name{Given: "Anna", Family: "Annasson"}), p.expiring(t, c, 4, card.Name{Given: "Bertil", Family: "Bertilsson"})
	p.log.forbid("Annasson", "Bertilsson", "Hamnen")
	cards := p.cardsOf(t, c)
	b := p.logIn(t, c.Orderer)
	list := b.get("/expiring").mustBe(http.StatusOK)
	form := list.form("/expiring/renewals")
	form["card"] = []string{idText(anna), idText(bertil)}
	address := b.send("/expiring/renewals", form).mustBe(http.StatusSeeOther).location()
	page := b.get(address).mustBe(http.StatusOK).mustSay(
		"Annasson, Anna", "Bertilsson, Bertil", swedish("renewal.good", i18n.Count(2)), "Testgatan 1", swedish("order_list.reference", i18n.Str("reference", "PO 17")))
	email := "email_" + idText(anna)
	if form := page.form(address); form.Get(email) != "holder@company.example" || form.Get("deliver_to") != "" {
		t.Errorf("the form is filled in with %v", form)
	}
	// What is wrong stands beside its field, with what was typed.
	long := strings.Repeat("x", 401)
	again := b.post(address, "step", "order_all", "deliver_to", long, "reference", "PO 5", email, "nobody").mustBe(http.StatusUnprocessableEntity).
		mustFail(http.StatusUnprocessableEntity, "deliver_to", email).mustSay(swedish("error.deliver_to_too_long"), swedish("error.email_invalid"))
	if form := again.form(address); form.Get("deliver_to") != long || form.Get(email) != "nobody" || form.Get("reference") != "PO 5" {
		t.Errorf("typed was kept as %v", form)
	}
	// An address that was taken away does not come back by itself.
	b.post(address, "step", "order_all", email, "").mustFail(http.StatusUnprocessableEntity, email).mustSay(swedish("error.holder_email_required"))
	if form := b.get(address).form(address); form.Get(email) != "holder@company.example" {
		t.Errorf("refused, and kept: %v", form)
	}
	b.post(address, "step", "check", "deliver_to", "Hamnen 1", "reference", "PO 5", email, "anna@home.example").mustBe(http.StatusSeeOther).mustLeadTo(address)
	page = b.get(address).mustBe(http.StatusOK)
	if form := page.form(address); form.Get("deliver_to") != "Hamnen 1" || form.Get(email) != "anna@home.example" {
		t.Errorf("after the check %v", form)
	}
	if n := p.cardsOf(t, c); n != cards {
		t.Errorf("the looks made %d cards", n-cards)
	}
	for range 2 {
		b.sendForm(page, address, "step", "order_all").mustBe(http.StatusSeeOther).mustLeadTo(address)
	}
	if n := p.cardsOf(t, c); n != cards+2 {
		t.Errorf("%d cards were ordered", n-cards)
	}
	done := b.get(address).mustBe(http.StatusOK).mustSay(swedish("renewal.done"), swedish("renewal.ordered", i18n.Count(2)))
	ordered := query[card.ID](t, p, `SELECT o.card_id FROM card_orders o WHERE o.replaces_id = $1 AND o.email = 'anna@home.example' AND o.deliver_to = 'Hamnen 1'`, anna.ID)
	if !strings.Contains(strings.Join(done.links(), " "), under("/cards/", ordered)) {
		t.Errorf("no way to the new card: %v", done.links())
	}
	b.get("/expiring").mustSay(swedish("card.title_ordered"))
	b.get(under("/cards/", ordered)).mustSay(anna.Number.String())
	b.get(address + "/").mustBe(http.StatusNotFound)
}

// What cannot be ordered says why; all or nothing then orders nothing, and the good ones alone are ordered.
func TestRenewalOfWhatCannotBeOrdered(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	good, taken := p.expiring(t, c, 3, card.Name{}), p.expiring(t, c, 4, card.Name{})
	theirs := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.OtherOrderer, ValidTo: p.Today(t).AddDate(0, 0, 5)})
	b := p.logIn(t, c.Orderer)
	address := b.post("/expiring/renewals", "card", idText(good), "card", idText(taken), "card", idText(theirs)).mustBe(http.StatusSeeOther).location()
	b.get(address).mustSay(swedish("renewal.good", i18n.Count(2)), swedish("renewal.bad", i18n.Count(1)),
		swedish("why.not_orderer", i18n.Str("orderer", "Berit Beställare")))
	c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: taken.Holder.Person}) // somebody else was first
	cards := p.cardsOf(t, c)
	page := b.post(address, "step", "order_all").mustBe(http.StatusConflict).mustSay(swedish("renewal.stopped"), swedish("renewal.why_open_order"))
	if n := p.cardsOf(t, c); n != cards {
		t.Errorf("all or nothing made %d cards", n-cards)
	}
	b.sendForm(page, address, "step", "order_good").mustBe(http.StatusSeeOther)
	b.get(address).mustSay(swedish("renewal.ordered", i18n.Count(1)), swedish("renewal.left_out", i18n.Count(2)), swedish("renewal.why_open_order"))
	if n := p.cardsOf(t, c); n != cards+1 {
		t.Errorf("the good ones are %d cards", n-cards)
	}
}

func TestWhichCardsAreChosen(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, other := p.NewCompany(t), p.NewCompany(t)
	one, two := p.expiring(t, c, 3, card.Name{}), p.expiring(t, c, 4, card.Name{})
	stranger := p.expiring(t, other, 3, card.Name{})
	b := p.logIn(t, c.Orderer)
	b.post("/expiring/renewals", "within", "one_week", "show", "all").mustBe(http.StatusUnprocessableEntity).mustSay(swedish("expiry.error_required"), one.Number.String())
	many := []string{"within", "one_month"}
	for i := range card.MaxRenewal + 1 {
		many = append(many, "card", fmt.Sprint(int64(one.ID)+int64(i)))
	}
	page := b.post("/expiring/renewals", many...).mustBe(http.StatusUnprocessableEntity).mustSay(swedish("expiry.error_too_many"))
	if form := page.form("/expiring/renewals"); !slices.Equal(form["card"], []string{idText(one), idText(two)}) || form.Get("within") != "one_month" {
		t.Errorf("ticked were kept as %v", form)
	}
	// All that the page showed, and what was ticked twice.
	list := b.get("/expiring")
	if form := list.form("/expiring/renewals"); len(form["card"]) != 0 {
		t.Errorf("ticked before anybody did: %v", form)
	}
	all := b.sendForm(list, "/expiring/renewals", "all", "1").mustBe(http.StatusSeeOther).location()
	b.get(all).mustSay(swedish("renewal.good", i18n.Count(2)))
	twice := b.post("/expiring/renewals", "card", idText(one), "card", idText(one)).mustBe(http.StatusSeeOther).location()
	b.get(twice).mustSay(swedish("renewal.good", i18n.Count(1)))
	// Another company's card is the same as none.
	b.sameAnswer(
		b.post("/expiring/renewals", "card", idText(one), "card", idText(stranger)),
		b.post("/expiring/renewals", "card", idText(one), "card", "999999999"))
	b.post("/expiring/renewals", "card", "x").mustBe(http.StatusNotFound)
	if n := query[int](t, p, `SELECT count(*) FROM renewals`); n != 2 {
		t.Errorf("%d renewals are kept", n)
	}
}

func TestRenewalIsForItsOrderer(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, other := p.NewCompany(t), p.NewCompany(t)
	k := p.expiring(t, c, 3, card.Name{})
	b := p.logIn(t, c.Orderer)
	address := b.post("/expiring/renewals", "card", idText(k)).mustBe(http.StatusSeeOther).location()
	for name, tc := range map[string]struct {
		by     account.Actor
		status int
	}{
		"another company's orderer": {other.Orderer, http.StatusNotFound},
		"another orderer":           {c.OtherOrderer, http.StatusNotFound},
		"the administrator":         {c.Administrator, http.StatusForbidden},
		"the issuer":                {p.Issuer, http.StatusNotFound},
		"a holder":                  {k.Holder, http.StatusNotFound},
	} {
		theirs := p.logIn(t, tc.by)
		for _, a := range []answer{theirs.get(address), theirs.post(address, "step", "order_all"), theirs.post(address, "step", "check")} {
			if a.status != tc.status {
				t.Errorf("%s: %d, want %d", name, a.status, tc.status)
			}
		}
	}
	for _, path := range []string{"/expiring/renewals/0", "/expiring/renewals/x", "/expiring/renewals/01", "/expiring/renewals/99999"} {
		b.get(path).mustBe(http.StatusNotFound)
	}
	b.get("/expiring/renewals").mustBe(http.StatusMethodNotAllowed)
	b.get(address).mustBe(http.StatusOK)
	c.LoseOrderer(t, c.Orderer.Person)
	if a := b.post(address, "step", "order_all"); a.status == http.StatusSeeOther && a.location() == address {
		t.Error("a former orderer orders")
	}
	if err := p.Store.AddRole(t.Context(), c.Orderer.Person, c.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	b.post(address, "step", "order_all").mustBe(http.StatusSeeOther)
	p.MoveClock(t, 25*time.Hour)
	p.logIn(t, c.Orderer).get(address).mustBe(http.StatusNotFound)
}

func TestThirtyTwoConfirmARenewal(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	var form []string
	for i := range 4 {
		form = append(form, "card", idText(p.expiring(t, c, 3+i, card.Name{})))
	}
	address := b.post("/expiring/renewals", form...).mustBe(http.StatusSeeOther).location()
	cards := p.cardsOf(t, c)
	var done sync.WaitGroup
	answers, errs := make([]answer, 32), make([]error, 32)
	for i := range answers {
		r := b.request(http.MethodPost, address, strings.NewReader("step=order_all"))
		done.Go(func() { answers[i], errs[i] = b.do(r) })
	}
	done.Wait()
	for i, a := range answers {
		if errs[i] != nil || a.status != http.StatusSeeOther || a.location() != address {
			t.Errorf("answer %d: %d, %v", i, a.status, errs[i])
		}
	}
	if n := p.cardsOf(t, c); n != cards+4 {
		t.Errorf("%d cards were ordered", n-cards)
	}
}

// Whoever looks at a card reads who was reminded of its last day, at the company and at Mina kort.
func TestRemindersOnTheCardsPage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := p.expiring(t, c, 3, card.Name{})
	company, holder := p.logIn(t, c.Orderer), p.logIn(t, k.Holder)
	company.get(address(k)).mustNotSay(swedish("expiry.reminders"))
	p.exec(t, `INSERT INTO card_reminders (card_id, step, reader, person_id) VALUES ($1, 'one_week', 'holder', $2)`, k.ID, k.Holder.Person)
	line := swedish("expiry.no_address", i18n.Str("day", i18n.For(i18n.Swedish).LongDate(p.Today(t))), i18n.Str("name", "Karin Kortinnehavare"), i18n.Str("role", swedish("role.holder")))
	company.get(address(k)).mustSay(swedish("expiry.reminders"), line)
	holder.get(myAddress(k)).mustSay(swedish("expiry.reminders"), line)
}

// A card that is renewed already is not renewed again one by one either.
func TestOneByOneARenewedCardIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := p.expiring(t, c, 3, card.Name{})
	b := p.logIn(t, c.Orderer)
	c.Card(t, pgtest.Spec{Status: card.Produced, Holder: k.Holder.Person})
	photo := fmt.Sprint(int64(c.NewPhoto(t)))
	form := []string{
		"replaces", idText(k), "reason", "expires", "step", "order", "given_name", "Karin", "family_name", "Kortinnehavare", "citizenship", "SE",
		"holder_email", "karin@home.example", "language", "sv", "deliver_to", "Gatan 1", "photo_id", photo,
	}
	b.post("/orders/new", form...).mustBe(http.StatusUnprocessableEntity).mustSay(swedish("renewal.error_renewed"))
	form[3] = "lost"
	b.post("/orders/new", form...).mustBe(http.StatusSeeOther)
}
