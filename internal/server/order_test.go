package server_test

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// filled is the form of a page with more in it, and the step of a button.
func filled(form url.Values, step string, pairs ...string) url.Values {
	form.Set("step", step)
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

const (
	newOrder    = "/orders/new"
	address4    = "Bod 4\nHamnvägen 1\n123 45 Teststad"
	freshNumber = "900101-2385" // from the authorities' test series
)

// person is everything an order says of somebody new.
func person() []string {
	return []string{
		"given_name", "Olle", "family_name", "Ödman", "citizenship", "SE", "holder_email", "olle@example.com", "language", "sv", "deliver_to", address4,
	}
}

// newOrderer is an orderer's browser in a new company.
func newOrderer(t *testing.T) (*portal, *browser, *pgtest.Company) {
	t.Helper()
	p := newPortal(t)
	company := p.NewCompany(t)
	p.log.forbid("Ödman", "Olle", "Hamnvägen", freshNumber, "199001012385")
	return p, p.logIn(t, company.Orderer), company
}

// begin chooses somebody new by personnummer.
func begin(b *browser, number string) answer {
	b.t.Helper()
	return b.post(newOrder, "step", "holder", "identity", "personal_number", "number", number)
}

func TestOrderACard(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	if !slices.Contains(b.get("/orders").mustBe(http.StatusOK).links(), newOrder) {
		t.Error("Beställningar does not lead to Beställ kort")
	}
	b.get(newOrder).mustBe(http.StatusOK).mustSay(swedish("order.holder_lead"))
	form := begin(b, "19 900101 2385").mustBe(http.StatusOK).mustSay("19900101-****")
	preview := b.upload(newOrder, filled(form.form(newOrder), "details", append(person(), "reference", "PO 5")...), "photo", "olle.jpg", portrait(t, 700, 900))
	preview.mustBe(http.StatusOK).mustSay(swedish("order.preview_title"), "Olle Ödman", company.Name, "olle@example.com", "PO 5", "Sverige", "19900101-****")
	if strings.Contains(preview.text(), "2385") {
		t.Error("the number is shown whole")
	}
	if n := query[int](t, p, `SELECT count(*) FROM cards`); n != 0 {
		t.Fatalf("%d cards before the order", n)
	}
	ordered := b.send(newOrder, filled(preview.form(newOrder), "order"))
	page := b.follow(ordered).mustBe(http.StatusOK)
	page.mustSay(swedish("receipt.order"), "Olle Ödman", "olle@example.com", "PO 5", "Hamnvägen 1")
	if got := page.cards()[0]; got.status != "ordered" || got.version != "1" {
		t.Errorf("the card is %v", got)
	}
	src := ""
	for _, n := range page.elements(atom.Img) {
		src = attr(n, "src")
	}
	photo := b.get(src).mustBe(http.StatusOK)
	if shown, err := jpeg.DecodeConfig(strings.NewReader(photo.body)); err != nil || shown.Width != 630 || shown.Height != 810 || photo.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the photo is %v, %v, %s", shown, err, photo.header.Get("Content-Type"))
	}
	// The issuer sees it as well; somebody else's company and its holder do not.
	p.logIn(t, p.Issuer).get(src).mustBe(http.StatusOK)
	other := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	for _, by := range []account.Actor{other.Orderer, other.Company.Administrator, other.Holder} {
		p.logIn(t, by).sameAnswer(p.logIn(t, by).get(src), p.logIn(t, by).get("/photos/999999999"))
	}
	// The next order begins with the same address.
	next := b.post(newOrder, "step", "holder", "identity", "passport", "number", "TEST 1234", "country", "PL").mustBe(http.StatusOK)
	if form := next.form(newOrder); form.Get("deliver_to") != address4 {
		t.Errorf("the address is filled in as %q", form.Get("deliver_to"))
	}
}

// What was typed and uploaded stays when something is wrong.
func TestInvalidOrderKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	form := begin(b, freshNumber).form(newOrder)
	empty := b.send(newOrder, filled(form, "details", "citizenship", "", "deliver_to", ""))
	empty.mustFail(http.StatusUnprocessableEntity, "given_name", "family_name", "citizenship", "holder_email", "deliver_to", "photo")

	withPhoto := b.upload(newOrder, filled(empty.form(newOrder), "details", "given_name", "Olle", "holder_email", "olle"), "photo", "olle.jpg", portrait(t, 700, 900))
	withPhoto.mustFail(http.StatusUnprocessableEntity, "family_name", "citizenship", "holder_email", "deliver_to")
	kept := withPhoto.form(newOrder)
	if kept.Get("given_name") != "Olle" || kept.Get("holder_email") != "olle" || kept.Get("photo_id") == "" || kept.Get("number") != freshNumber {
		t.Fatalf("kept is %v", kept)
	}
	// The photo that was there stays there, beside one that is none.
	text := b.upload(newOrder, filled(withPhoto.form(newOrder), "details", person()...), "photo", "olle.jpg", []byte("This is no picture."))
	text.mustFail(http.StatusUnprocessableEntity, "photo").mustSay(swedish("error.photo_not_picture"))
	if text.form(newOrder).Get("photo_id") != kept.Get("photo_id") {
		t.Error("the photo is lost")
	}
	for name, tc := range map[string]struct {
		file []byte
		say  i18n.Key
	}{
		"landscape": {portrait(t, 900, 700), "error.photo_shape"},
		"small":     {portrait(t, 70, 90), "error.photo_too_small"},
		"GIF":       {[]byte("GIF89a" + strings.Repeat("\x00", 100)), "error.photo_format"},
		"16 MB":     {bytes.Repeat([]byte("\xff\xd8\xff\xe0"), 4<<20), "error.photo_too_large"},
	} {
		a := b.upload(newOrder, filled(text.form(newOrder), "details"), "photo", "olle.jpg", tc.file)
		a.mustFail(http.StatusUnprocessableEntity, "photo").mustSay(swedish(tc.say))
		if a.form(newOrder).Get("given_name") != "Olle" || a.form(newOrder).Get("photo_id") != kept.Get("photo_id") {
			t.Errorf("%s: kept is %v", name, a.form(newOrder))
		}
	}
	// What only the database can tell stands beside its field too.
	for field, say := range map[string]i18n.Key{
		"given_name": "error.name_too_long", "family_name": "error.name_too_long", "reference": "error.reference_too_long", "deliver_to": "error.deliver_to_too_long",
	} {
		long := filled(text.form(newOrder), "order", field, strings.Repeat("å", 401))
		b.send(newOrder, long).mustFail(http.StatusUnprocessableEntity, field).mustSay(swedish(say))
	}
	// Another company's photo is none.
	theirs := p.NewCompany(t).NewPhoto(t)
	for _, step := range []string{"details", "order"} {
		foreign := b.send(newOrder, filled(text.form(newOrder), step, "photo_id", fmt.Sprint(int64(theirs))))
		foreign.mustFail(http.StatusUnprocessableEntity, "photo").mustSay(swedish("error.photo_gone"))
		if foreign.form(newOrder).Get("photo_id") != "" {
			t.Error("another company's photo is kept")
		}
	}
	if n := query[int](t, p, `SELECT count(*) FROM cards WHERE company_id = $1`, company.ID); n != 0 {
		t.Fatalf("%d cards", n)
	}
	b.send(newOrder, filled(text.form(newOrder), "order")).mustBe(http.StatusSeeOther)
}

func TestOrderForWhom(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	p.log.forbid("AB 12 34", "AB1234")
	for name, tc := range map[string]struct {
		form  []string
		field string
		say   i18n.Key
	}{
		"nothing":                    {nil, "identity", "error.identity_invalid"},
		"no number":                  {[]string{"identity", "personal_number"}, "number", "error.number_required"},
		"a wrong check digit":        {[]string{"identity", "personal_number", "number", "900101-2386"}, "number", "error.number_personal"},
		"a passport of no country":   {[]string{"identity", "passport", "number", "AB 12 34"}, "country", "error.country_required"},
		"a national number of SE":    {[]string{"identity", "national_id", "number", "AB1234", "country", "SE"}, "number", "error.number_invalid"},
		"a search for nothing":       {[]string{"step", "find"}, "q", "error.q_required"},
		"a search with wrong digits": {[]string{"step", "find", "q", "19900101-2386"}, "q", "error.q_personal"},
	} {
		a := b.post(newOrder, tc.form...).mustFail(http.StatusUnprocessableEntity, tc.field).mustSay(swedish(tc.say))
		if name == "a passport of no country" && !strings.Contains(a.body, `value="AB 12 34"`) {
			t.Errorf("%s: the number is lost", name)
		}
	}
	// Every spelling is one person; a foreign one too.
	ana := p.NewPersonWith(t, card.Name{Given: "Ana", Family: "Nowak"}, account.StoredIdentity("passport", "PL", "AB123456"))
	company.Card(t, pgtest.Spec{Status: card.Terminated, Holder: ana})
	known := b.post(newOrder, "step", "holder", "identity", "passport", "number", "ab-12 34.56", "country", "PL").mustBe(http.StatusOK)
	known.mustSay(swedish("order.known", i18n.Str("name", "Ana Nowak")))
	form := known.form(newOrder)
	if form.Get("given_name") != "Ana" || form.Get("family_name") != "Nowak" || form.Get("photo_id") == "" || form.Get("holder_email") == "" {
		t.Errorf("filled in is %v", form)
	}
	// Under another spelling of the name the known one is offered.
	other := b.send(newOrder, filled(form, "details", "given_name", "Anna")).mustBe(http.StatusOK).mustSay(swedish("order.other_name", i18n.Str("name", "Ana Nowak")))
	other.mustSay(swedish("card.foreign_number")).mustNotSay(swedish("card.personal_number"))
	back := b.send(newOrder, filled(other.form(newOrder), "known_name")).mustBe(http.StatusOK)
	if back.form(newOrder).Get("given_name") != "Ana" {
		t.Errorf("the known name gives %v", back.form(newOrder))
	}
	// She is found by name, and ordered for by choice.
	found := b.post(newOrder, "step", "find", "q", "nowak").mustBe(http.StatusOK).mustSay("Nowak, Ana", "PL ****")
	if got := found.holders(); !slices.Contains(got, fmt.Sprint(int64(ana))) {
		t.Fatalf("the choices are %v", got)
	}
	b.post(newOrder, "step", "holder", "holder", fmt.Sprint(int64(ana))).mustBe(http.StatusOK).mustSay("Ana Nowak")

	// For another company she is nobody: neither found, nor named, nor anything filled in.
	stranger := p.logIn(t, p.NewCompany(t).Orderer)
	stranger.post(newOrder, "step", "find", "q", "nowak").mustBe(http.StatusOK).mustSay(swedish("order.nobody")).mustNotSay("Ana")
	stranger.sameAnswer(stranger.post(newOrder, "step", "holder", "holder", fmt.Sprint(int64(ana))), stranger.post(newOrder, "step", "holder", "holder", "999999999"))
	fresh := stranger.post(newOrder, "step", "holder", "identity", "passport", "number", "AB123456", "country", "PL").mustBe(http.StatusOK)
	fresh.mustNotSay("Ana", "Nowak")
	if form := fresh.form(newOrder); form.Get("given_name") != "" || form.Get("photo_id") != "" || form.Get("holder_email") != "" || form.Get("holder") != "" {
		t.Errorf("filled in for a stranger is %v", form)
	}
}

// holders are the values of the holders to choose between.
func (a answer) holders() []string {
	var all []string
	for _, n := range a.all(func(n *html.Node) bool { return n.DataAtom == atom.Input && attr(n, "name") == "holder" }) {
		all = append(all, attr(n, "value"))
	}
	return all
}

// Nobody gets two orders at a time, however often it is clicked.
func TestOneOpenOrder(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	preview := b.upload(newOrder, filled(begin(b, freshNumber).form(newOrder), "details", person()...), "photo", "olle.jpg", portrait(t, 700, 900))
	form := filled(preview.form(newOrder), "order").Encode()
	const all = 32
	answers := make(chan answer, all)
	var done sync.WaitGroup
	start := make(chan struct{})
	for range all {
		r := b.request(http.MethodPost, newOrder, strings.NewReader(form))
		done.Go(func() {
			<-start
			a, err := b.do(r)
			if err != nil {
				t.Error(err)
			}
			answers <- a
		})
	}
	close(start)
	done.Wait()
	close(answers)
	count := map[int]int{}
	id := query[int64](t, p, `SELECT id FROM cards WHERE company_id = $1`, company.ID)
	for a := range answers {
		count[a.status]++
		if a.status == http.StatusConflict && !slices.Contains(a.links(), "/cards/"+strconv.FormatInt(id, 10)) {
			t.Error("the open order is not linked")
		}
	}
	if count[http.StatusSeeOther] != 1 || count[http.StatusConflict] != all-1 {
		t.Errorf("answers %v, want one 303 and %d 409", count, all-1)
	}
	begin(b, freshNumber).mustBe(http.StatusConflict).mustSay(swedish("order.open"), swedish("order.open_lead", i18n.Str("name", "Olle Ödman")))
	// Another company's order is no matter here: the twin.
	other := p.logIn(t, p.NewCompany(t).Orderer)
	begin(other, freshNumber).mustBe(http.StatusOK)
}

func TestOrderVisitorCards(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	const path = newOrder + "?kind=visitor"
	page := b.get(path).mustBe(http.StatusOK).mustSay(swedish("card.accompanied"))
	for _, wrong := range []string{"", "0", "-1", "51", "1.5", "tre", "99999999999999999999"} {
		a := b.sendForm(page, newOrder, "count", wrong, "deliver_to", address4, "reference", "Besök").mustFail(http.StatusUnprocessableEntity, "count")
		if form := a.form(newOrder); form.Get("count") != wrong || form.Get("deliver_to") != address4 || form.Get("reference") != "Besök" {
			t.Errorf("kept is %v", form)
		}
	}
	b.sendForm(page, newOrder, "count", "2", "deliver_to", " ").mustFail(http.StatusUnprocessableEntity, "deliver_to")
	b.sendForm(page, newOrder, "count", "2", "deliver_to", strings.Repeat("å", 401)).mustFail(http.StatusUnprocessableEntity, "deliver_to")
	if n := query[int](t, p, `SELECT count(*) FROM cards`); n != 0 {
		t.Fatalf("%d cards", n)
	}
	a := b.sendForm(page, newOrder, "count", "50", "deliver_to", address4, "reference", "Besök").mustLeadTo("/orders")
	b.follow(a).mustSay(swedish("receipt.order_visitors"), swedish("kind.visitor"), swedish("waiting.ordered_visitor")).mustNotSay(swedish("waiting.ordered"))
	const whole = `
		SELECT count(*) FROM cards c JOIN current_orders o ON o.card_id = c.id
		WHERE c.company_id = $1 AND c.kind = 'visitor' AND c.status = 'ordered' AND o.deliver_to = $2 AND o.reference = 'Besök'`
	if n := query[int](t, p, whole, company.ID, address4); n != 50 {
		t.Errorf("%d visitor cards, want 50", n)
	}
}

func TestReplacement(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	for _, status := range []card.Status{card.Produced, card.Active, card.Blocked, card.Terminated} {
		k := company.Card(t, pgtest.Spec{Status: status})
		path := fmt.Sprintf("%s?replaces=%d", newOrder, k.ID)
		if !slices.Contains(b.get(address(k)).links(), path) {
			t.Errorf("a %s card does not lead to its replacement", status)
		}
		form := b.get(path).mustBe(http.StatusOK).form(newOrder)
		if form.Get("given_name") != "Karin" || form.Get("reference") != "PO 17" || form.Get("photo_id") == "" {
			t.Fatalf("filled in is %v", form)
		}
		for reason, fault := range map[string]i18n.Key{"": "error.reason_required", "reclaimed": "error.reason_invalid", "found": "error.reason_invalid"} {
			b.send(newOrder, filled(form, "details", "reason", reason)).mustFail(http.StatusUnprocessableEntity, "reason").mustSay(swedish(fault))
		}
		// The form cannot make it somebody else's.
		another := p.NewPerson(t, card.Name{Given: "Någon", Family: "Annan"})
		preview := b.send(newOrder, filled(form, "details", "reason", "damaged", "holder", fmt.Sprint(int64(another)))).mustBe(http.StatusOK)
		preview.mustSay(swedish("reason.damaged"))
		page := b.follow(b.send(newOrder, filled(preview.form(newOrder), "order"))).mustBe(http.StatusOK).mustSay(swedish("order.replaces"), k.Number.String())
		if !slices.Contains(page.links(), address(k)) {
			t.Error("the new card does not lead to the old one")
		}
		id := query[int64](t, p, `SELECT o.card_id FROM card_orders o JOIN cards c ON c.id = o.card_id WHERE o.replaces_id = $1 AND c.person_id = $2`, k.ID, k.Holder.Person)
		old := b.get(address(k)).mustSay(swedish("order.replaced_by"))
		if !slices.Contains(old.links(), "/cards/"+strconv.FormatInt(id, 10)) {
			t.Error("the old card does not lead to the new one")
		}
		b.get(path).mustBe(http.StatusConflict).mustSay(swedish("order.open"))
	}
}

// A replacement is for the responsible orderer to order, for a card that was made.
// An accepted claim is why its card is replaced, from its button to the order; without one the reason is chosen, and may come with the address.
func TestReplacementOfAReclaimedCard(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	k, plain := company.Card(t, pgtest.Spec{Status: card.Active}), company.Card(t, pgtest.Spec{Status: card.Active})
	id, err := p.Store.MakeClaim(t.Context(), k.Orderer, card.NewClaim{Card: k.ID, Fault: "broken", Note: "gick itu"})
	if err == nil {
		err = p.Store.DecideClaim(t.Context(), p.Issuer, card.ClaimDecision{Claim: id, Accept: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	link := fmt.Sprintf("%s?reason=reclaimed&replaces=%d", newOrder, k.ID)
	if !slices.Contains(b.get(address(k)).links(), link) {
		t.Fatal("the card's page does not lead to the order")
	}
	page := b.get(link).mustBe(http.StatusOK).mustSay(swedish("reason.reclaimed"), swedish("claim.pays_issuer"))
	if n := len(page.reasons()); n != 0 {
		t.Errorf("%d other reasons can be chosen", n)
	}
	preview := b.send(newOrder, filled(page.form(newOrder), "preview", "reason", "lost")).mustBe(http.StatusOK).mustSay(swedish("reason.reclaimed"))
	b.send(newOrder, filled(preview.form(newOrder), "order")).mustBe(http.StatusSeeOther)
	const ordered = `SELECT count(*) FROM card_orders o JOIN claims x ON x.order_card_id = o.card_id WHERE o.replace_reason = 'reclaimed' AND o.replaces_id = $1`
	if n := query[int](t, p, ordered, k.ID); n != 1 {
		t.Errorf("%d orders for the claim", n)
	}
	path := func(reason string) string { return fmt.Sprintf("%s?reason=%s&replaces=%d", newOrder, reason, plain.ID) }
	page = b.get(path("reclaimed")).mustBe(http.StatusOK)
	if got := page.form(newOrder).Get("reason"); got != "" || len(page.reasons()) != 5 {
		t.Errorf("without a claim the reason is %q of %v", got, page.reasons())
	}
	b.send(newOrder, filled(page.form(newOrder), "preview", "reason", "reclaimed")).mustFail(http.StatusUnprocessableEntity, "reason")
	page = b.get(path("stolen")).mustBe(http.StatusOK)
	if got := page.form(newOrder).Get("reason"); got != "stolen" {
		t.Errorf("the reason of the address is lost: %q", got)
	}
	preview = b.send(newOrder, filled(page.form(newOrder), "preview", "reason", "lost")).mustBe(http.StatusOK)
	b.send(newOrder, filled(preview.form(newOrder), "order")).mustBe(http.StatusSeeOther)
}

// reasons are those that the form lets one choose.
func (a answer) reasons() (all []string) {
	for _, n := range a.elements(atom.Input) {
		if attr(n, "name") == "reason" && attr(n, "type") == "radio" {
			all = append(all, attr(n, "value"))
		}
	}
	return all
}

func TestReplacementRefused(t *testing.T) {
	t.Parallel()
	p, b, company := newOrderer(t)
	k := company.Card(t, pgtest.Spec{Status: card.Active})
	path := func(k *pgtest.Card) string { return fmt.Sprintf("%s?replaces=%d", newOrder, k.ID) }
	b.get(path(k)).mustBe(http.StatusOK)

	other := p.logIn(t, company.OtherOrderer)
	if slices.Contains(other.get(address(k)).links(), path(k)) {
		t.Error("another orderer is led to the replacement")
	}
	say := swedish("why.not_orderer", i18n.Str("orderer", "Bo Beställare"))
	other.get(path(k)).mustBe(http.StatusForbidden).mustSay(swedish("card.refused", i18n.Str("action", swedish("action.replace"))), say)
	other.post(newOrder, "replaces", fmt.Sprint(k.ID), "step", "order", "reason", "lost").mustBe(http.StatusForbidden).mustSay(say)
	ordered := company.Card(t, pgtest.Spec{Status: card.Ordered})
	visitor := company.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced})
	for _, not := range []*pgtest.Card{ordered, visitor} {
		b.get(path(not)).mustBe(http.StatusConflict)
		b.post(newOrder, "replaces", fmt.Sprint(not.ID), "step", "order", "reason", "lost").mustBe(http.StatusConflict)
	}
	theirs := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	b.sameAnswer(b.get(path(theirs)), b.get(newOrder+"?replaces=999999999"))
	b.sameAnswer(b.post(newOrder, "replaces", fmt.Sprint(theirs.ID)), b.post(newOrder, "replaces", "x"))
	if n := query[int](t, p, `SELECT count(*) FROM card_orders WHERE replaces_id IS NOT NULL`); n != 0 {
		t.Errorf("%d replacements", n)
	}
}

// Orders are an orderer's to make, and the company's to see.
func TestWhoOrders(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	for role, want := range map[string][3]int{ // GET /orders, GET and POST /orders/new
		"orderer": {200, 200, 422},
		"other":   {200, 200, 422},
		"admin":   {200, 403, 403},
		"issuer":  {404, 404, 404},
		"holder":  {404, 404, 404}, // at Mina kort there is no company to order for
		"nobody":  {303, 303, 401},
	} {
		b := c.browsers[role]
		got := [3]int{b.get("/orders").status, b.get(newOrder).status, b.post(newOrder).status}
		if got != want {
			t.Errorf("%s is answered %v, want %v", role, got, want)
		}
	}
	b := c.browsers["orderer"]
	for path, allow := range map[string]string{"/orders": "GET, HEAD", newOrder: "GET, HEAD, POST", address(k, "correct"): "GET, HEAD, POST", "/photos/1": "GET, HEAD"} {
		a := b.ask(b.request(http.MethodPut, path, nil)).mustBe(http.StatusMethodNotAllowed)
		if got := strings.Join(a.header.Values("Allow"), ", "); got != allow {
			t.Errorf("%s: Allow is %q, want %q", path, got, allow)
		}
	}
	b.post("/orders").mustBe(http.StatusMethodNotAllowed)
	r := b.request(http.MethodPost, newOrder, strings.NewReader("--x\r\nbroken"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	b.ask(r).mustBe(http.StatusBadRequest)
	r = b.request(http.MethodPost, newOrder, strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n"+strings.Repeat("a", 70_000)+"\r\n--x--\r\n"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	b.ask(r).mustBe(http.StatusRequestEntityTooLarge)
}
