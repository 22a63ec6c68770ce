package server_test

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/mail/catcher"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/server"
)

// anothers is a request for something of another company.
type anothers struct {
	route string   // method and pattern
	in    []any    // what the address has in the places of the pattern; numbers are ids
	of    *browser // whose it is: the twin, who is answered with want
	form  url.Values
	want  int
}

var place = regexp.MustCompile(`\{[^}]*\}`)

// address fills in the pattern; with an id of nothing where missing.
func (a anothers) address(missing bool) string {
	_, path, _ := strings.Cut(a.route, " ")
	in := a.in
	return place.ReplaceAllStringFunc(path, func(string) string {
		text := fmt.Sprint(in[0])
		if _, isWord := in[0].(string); missing && !isWord {
			text = "999999999"
		}
		in = in[1:]
		return text
	})
}

func (a anothers) ask(b *browser, missing bool) answer {
	if strings.HasPrefix(a.route, http.MethodGet) {
		return b.get(a.address(missing))
	}
	if strings.HasSuffix(a.route, "/answer") {
		return b.upload(a.address(missing), a.form, "answer_file", "svar.csv", []byte("number;chip_uid;produced;note\n"))
	}
	return b.send(a.address(missing), a.form)
}

// noTenants are the patterns whose places name nothing that a company has.
var noTenants = []string{
	"GET /static/{name}", "GET /orders/import/template.{format:csv|xlsx}", // the same for everybody
	"GET /approve/{token}", "POST /approve/{token}", "GET /invite/{token}", "POST /invite/{token}", // for whoever has the mail
	"GET /reset-password/{token}", "POST /reset-password/{token}", "GET /change-email/{token}", "POST /change-email/{token}",
	"GET /dev/mail/{name}", "GET /dev/mail/{name}/html", // the developer's
}

// Every address with something of a company in it: to another company, whatever its people's roles, to its cardholders and to somebody at the own cards
// it is as if there were nothing, byte for byte, and what they send changes nothing anywhere.
func TestAnotherCompanysIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	requests := everythingOf(t, p, p.NewCompany(t))
	own := p.NewCompany(t)
	k := own.Card(t, pgtest.Spec{Status: card.Active})
	strangers := map[string]*browser{
		"an orderer and administrator": p.logIn(t, own.NewMember(t, card.Name{Given: "Frida", Family: "Främling"}, account.Orderer, account.Administrator)),
		"a holder":                     p.logIn(t, k.Holder),
	}

	asked := map[string]bool{}
	before := p.contents(t)
	for _, r := range requests {
		asked[r.route] = true
		for name, b := range strangers {
			t.Run(r.route+" by "+name, func(t *testing.T) {
				b := *b
				b.t = t
				b.sameAnswer(r.ask(&b, false), r.ask(&b, true))
			})
		}
	}
	if after := p.contents(t); !maps.Equal(before, after) {
		for table, now := range after {
			if before[table] != now {
				t.Errorf("%s was changed by strangers", table)
			}
		}
	}
	for _, r := range requests {
		t.Run(r.route+" by its own", func(t *testing.T) {
			b := *r.of
			b.t = t
			r.ask(&b, false).mustBe(r.want)
		})
	}

	routes, ok := server.New(p.Store, p.Store.Sessions(), server.Options{Log: slog.New(slog.DiscardHandler), Caught: &catcher.Catcher{}}).(chi.Routes)
	if !ok {
		t.Fatal("the portal's addresses are not to be listed")
	}
	err := chi.Walk(routes, func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		route := method + " " + pattern
		if place.MatchString(pattern) && !asked[route] && !slices.Contains(noTenants, route) {
			t.Errorf("nobody tries %s as another company", route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// contents are the tables' contents, but for the sessions, which every request touches.
func (p *portal) contents(t *testing.T) map[string]string {
	t.Helper()
	tables := map[string]string{}
	for _, table := range strings.Fields(query[string](t, p, `SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)) {
		if table != "sessions" {
			tables[table] = query[string](t, p, `SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, chr(10) ORDER BY r::text)), '') FROM `+table+` r`)
		}
	}
	return tables
}

// everythingOf makes one of everything that an address can name, in a company whose orderer is its administrator too, and asks for each.
func everythingOf(t *testing.T, p *portal, c *pgtest.Company) (all []anothers) {
	t.Helper()
	if err := p.Store.AddRole(t.Context(), c.Orderer.Person, c.ID, account.Administrator); err != nil {
		t.Fatal(err)
	}
	ctx, bo, berit := t.Context(), c.Orderer, c.OtherOrderer
	boss, clerk := p.logIn(t, bo), p.logIn(t, p.Issuer)
	of := func(status card.Status) *pgtest.Card { return c.Card(t, pgtest.Spec{Status: status}) }
	last := func(table string) int64 { return query[int64](t, p, `SELECT max(id) FROM `+table) }
	version := func(k *pgtest.Card, pairs ...string) url.Values {
		form := url.Values{"version": {fmt.Sprint(k.Version)}}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return form
	}
	get := func(of *browser, pattern string, in ...any) {
		all = append(all, anothers{route: "GET " + pattern, in: in, of: of, want: http.StatusOK})
	}
	post := func(of *browser, form url.Values, pattern string, in ...any) {
		all = append(all, anothers{route: "POST " + pattern, in: in, of: of, form: form, want: http.StatusSeeOther})
	}
	formAt := func(b *browser, page, path string, pairs ...string) url.Values {
		form := b.get(page).mustBe(http.StatusOK).form(path)
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return form
	}

	// Cards, as their company sees them.
	active := of(card.Active)
	get(boss, "/cards/{id}", active.ID)
	for _, action := range []string{"block", "terminate", "hand_over"} {
		get(boss, "/cards/{id}/{action}", active.ID, action)
	}
	get(boss, "/cards/{id}/claim", active.ID)
	post(boss, url.Values{"fault": {"broken"}, "held_still": {"no"}, "description": {"gick itu"}}, "/cards/{id}/claim", of(card.Active).ID)
	post(boss, version(active, "reason", "lost"), "/cards/{id}/{action}", active.ID, "block")
	blocked, produced, ordered, moved := of(card.Blocked), of(card.Produced), of(card.Ordered), of(card.Active)
	post(boss, version(blocked, "reason", "found"), "/cards/{id}/{action}", blocked.ID, "unblock")
	post(boss, version(produced, "reason", "lost"), "/cards/{id}/{action}", produced.ID, "terminate")
	post(boss, version(ordered, "reason", "mistake"), "/cards/{id}/{action}", ordered.ID, "cancel")
	post(boss, version(moved, "reason", "leave", "successor", fmt.Sprint(berit.Person)), "/cards/{id}/{action}", moved.ID, "hand_over")
	planned := of(card.Active)
	boss.post(address(planned, "terminate"), "version", "5", "reason", "lost", "from", p.inDays(t, 9)).mustBe(http.StatusSeeOther)
	post(boss, nil, "/cards/{id}/planned/{plan}", planned.ID, last("planned_actions"))
	rejected, reviewed := of(card.Rejected), of(card.Reviewed)
	get(boss, "/cards/{id}/correct", rejected.ID)
	post(boss, filled(formAt(boss, address(rejected, "correct"), address(rejected, "correct")), "order"), "/cards/{id}/correct", rejected.ID)
	get(boss, "/photos/{id}", c.NewPhoto(t))
	post(boss, url.Values{"template": {"order_to_approve"}}, "/cards/{id}/resend", reviewed.ID)

	// Cards, as their holders see them.
	own := of(card.Active)
	holder := p.logIn(t, own.Holder)
	get(holder, "/my-cards/{id}", own.ID)
	for _, page := range []string{"pin", "claim"} {
		get(holder, "/my-cards/{id}/"+page, own.ID)
	}
	get(holder, "/my-cards/{id}/{action}", own.ID, "block")
	post(holder, url.Values{"fault": {"broken"}, "held_still": {"no"}, "description": {"gick itu"}}, "/my-cards/{id}/claim", own.ID)
	pin := formAt(holder, myAddress(own, "pin"), myAddress(own, "pin"), "last_six", own.LastSix(), "password", pgtest.Password)
	all = append(all, anothers{route: "POST /my-cards/{id}/pin", in: []any{own.ID}, of: holder, form: pin, want: http.StatusOK})
	post(holder, version(own, "reason", "lost"), "/my-cards/{id}/{action}", own.ID, "block")
	approver, activator := p.logIn(t, reviewed.Holder), of(card.Produced)
	get(approver, "/my-cards/{id}/photo", reviewed.ID)
	get(approver, "/my-cards/{id}/approve", reviewed.ID)
	post(approver, formAt(approver, myAddress(reviewed, "approve"), myAddress(reviewed, "approve")), "/my-cards/{id}/approve", reviewed.ID)
	activating := p.logIn(t, activator.Holder)
	get(activating, "/my-cards/{id}/activate", activator.ID)
	post(activating, formAt(activating, myAddress(activator, "activate"), myAddress(activator, "activate"), "card_number", activator.LastSix()), "/my-cards/{id}/activate", activator.ID)

	// Many cards at once.
	imported := boss.uploadSheet(importFile(2) + "Polen;;Utan;Nummer;PL;x@company.example;Gatan 1\n").mustBe(http.StatusSeeOther).location()
	for _, more := range []string{"", "/faults.csv"} {
		get(boss, "/orders/import/{id}"+more, last("order_imports"))
	}
	post(boss, formAt(boss, imported, imported, "mode", "good"), "/orders/import/{id}", last("order_imports"))
	renewal := boss.post("/expiring/renewals", "card", idText(p.expiring(t, c, 9, card.Name{Given: "Vera", Family: "Vecka"}))).mustBe(http.StatusSeeOther).location()
	get(boss, "/expiring/renewals/{id}", last("renewals"))
	post(boss, formAt(boss, renewal, renewal), "/expiring/renewals/{id}", last("renewals"))
	boss.post("/selections", "card", idText(of(card.Active)), "card", idText(planned)).mustBe(http.StatusSeeOther)
	get(boss, "/selections/{id}", last("selections"))
	post(boss, url.Values{"remove": {idText(planned)}}, "/selections/{id}/cards", last("selections"))
	post(boss, url.Values{"action": {"block"}, "reason": {"lost"}}, "/selections/{id}", last("selections"))
	path, plan := boss.planned([]string{"action", "block", "reason", "not_in_use"}, of(card.Produced), of(card.Active))
	get(boss, "/plans/{id}", last("plans"))
	post(boss, plan.form(path+"/instead"), "/plans/{id}/instead", last("plans"))
	post(boss, plan.form(path), "/plans/{id}", last("plans"))
	stale := of(card.Active)
	path, plan = boss.planned([]string{"action", "block", "reason", "not_in_use"}, of(card.Active), stale)
	stale.Do(t, card.Block)
	t.Run("a run", func(t *testing.T) {
		p.work(t)
		boss.receipt(t, boss.sendForm(plan, path).mustBe(http.StatusSeeOther).location())
	})
	get(boss, "/runs/{id}", last("plans"))
	for _, format := range []string{"csv", "xlsx"} {
		get(boss, "/runs/{id}/receipt.{format:csv|xlsx}", last("plans"), format)
	}
	post(boss, nil, "/runs/{id}/retry", last("plans"))
	post(boss, nil, "/runs/{id}/undo", last("plans"))
	boss.post("/saved-searches/new", "name", "Delad", "shared", "yes", "status", "active").mustBe(http.StatusSeeOther)
	for _, step := range []string{"start", "rename", "unshare", "share", "delete"} {
		post(boss, url.Values{"step": {step}, "name": {"Ny"}}, "/saved-searches/{id}", last("saved_searches"))
	}

	// The people of the company.
	invited := boss.post("/users/new", "identity", "passport", "country", "PL", "number", "ab 1234567", "given_name", "Nils", "family_name", "Nyström",
		"user_email", "ny@firma.example", "language", "en", "roles", "orderer").mustBe(http.StatusSeeOther).location()
	newcomer := strings.TrimPrefix(invited, "/users/")
	id, err := strconv.ParseInt(newcomer, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.HandOverAll(ctx, c.Administrator, card.NewHandOver{From: account.PersonID(id), To: berit.Person}); err != nil {
		t.Fatal(err)
	}
	_, err = p.Store.NameDeputy(ctx, berit, card.NewDeputy{Orderer: berit.Person, Deputy: bo.Person, First: p.Today(t), Last: p.Today(t)})
	if err != nil {
		t.Fatal(err)
	}
	get(boss, "/users/{id}", berit.Person)
	for _, more := range []string{"hand-over", "remove", "deputy"} {
		get(boss, "/users/{id}/"+more, berit.Person)
	}
	get(boss, "/users/hand-overs/{hand_over}", last("hand_overs"))
	post(p.logIn(t, berit), nil, "/deputies/{deputy}/cancel", last("deputies"))
	day := []string{p.inDays(t, 3)}
	post(boss, url.Values{"deputy": {newcomer}, "first_day": day, "last_day": day}, "/users/{id}/deputy", berit.Person)
	post(boss, url.Values{"role": {"administrator"}, "step": {"give"}}, "/users/{id}/roles", berit.Person)
	post(boss, url.Values{"successor": {newcomer}}, "/users/{id}/hand-over", berit.Person)
	all = append(all, anothers{
		route: "POST /users/{id}/invitation", in: []any{id}, of: boss, form: url.Values{"user_email": {"x"}}, want: http.StatusUnprocessableEntity, // beside the field
	})
	post(boss, nil, "/users/{id}/remove", berit.Person)

	// At the issuer's desk, which nobody of a company comes to.
	of(card.Approved)
	batch, err := p.Store.MakeBatch(ctx, p.Issuer, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range []string{"", "/cards.csv", "/cards.zip", "/delivery-notes"} {
		get(clerk, "/desk/production/{id}"+more, batch)
	}
	all = append(all, anothers{route: "POST /desk/production/{id}/answer", in: []any{batch}, of: clerk, form: url.Values{}, want: http.StatusUnprocessableEntity}) // an empty file
	review := of(card.Ordered)
	get(clerk, "/desk/review/{id}", review.ID)
	get(clerk, "/desk/photos/{id}", review.ID)
	post(clerk, version(review), "/desk/review/{id}/{action}", review.ID, "review")
	claimed := of(card.Active)
	claim, err := p.Store.MakeClaim(ctx, claimed.Holder, card.NewClaim{
		Card: claimed.ID, Fault: "broken", Note: "gick itu", Picture: card.NewPicture{JPEG: make([]byte, 300), Width: 3, Height: 4},
	})
	if err != nil {
		t.Fatal(err)
	}
	get(boss, "/claims/{claim}/picture", claim)
	get(p.logIn(t, claimed.Holder), "/my-claims/{claim}/picture", claim)
	get(clerk, "/desk/claims/{claim}", claim)
	post(clerk, url.Values{"decision": {"accept"}}, "/desk/claims/{claim}", claim)
	return all
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
