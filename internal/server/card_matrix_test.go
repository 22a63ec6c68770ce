package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// The table of what each role gets who asks for each action on a card of each kind and status. A cell is the status that
// the card has afterwards, or the code of the reason why not: those in capitals are refused to this person (403), those in
// small letters to everybody (409).
const matrix = `
standard orderer      block          unblock        terminate   cancel
ordered               status         status         status      =cancelled
reviewed              status         status         status      =cancelled
approved              status         status         status      =cancelled
rejected              status         status         status      =cancelled
cancelled             cancelled      cancelled      cancelled   cancelled
produced              not_activated  not_blocked    =terminated produced
active                =blocked       not_blocked    =terminated produced
blocked               blocked        =active        =terminated produced
terminated            terminated     terminated     terminated  terminated

standard other        block          unblock        terminate   cancel
ordered               status         status         status      ORDERER
reviewed              status         status         status      ORDERER
approved              status         status         status      ORDERER
rejected              status         status         status      ORDERER
cancelled             cancelled      cancelled      cancelled   cancelled
produced              not_activated  not_blocked    ORDERER     produced
active                ORDERER        not_blocked    ORDERER     produced
blocked               blocked        ORDERER        ORDERER     produced
terminated            terminated     terminated     terminated  terminated

standard admin        block          unblock        terminate   cancel
ordered               status         status         status      ROLE
reviewed              status         status         status      ROLE
approved              status         status         status      ROLE
rejected              status         status         status      ROLE
cancelled             cancelled      cancelled      cancelled   cancelled
produced              not_activated  not_blocked    ROLE        produced
active                ROLE           not_blocked    ROLE        produced
blocked               blocked        ROLE           ROLE        produced
terminated            terminated     terminated     terminated  terminated

standard holder       block          unblock        terminate   cancel
ordered               status         ROLE           ROLE        ROLE
reviewed              status         ROLE           ROLE        ROLE
approved              status         ROLE           ROLE        ROLE
rejected              status         ROLE           ROLE        ROLE
cancelled             cancelled      ROLE           ROLE        ROLE
produced              not_activated  ROLE           ROLE        ROLE
active                =blocked       ROLE           ROLE        ROLE
blocked               blocked        ROLE           ROLE        ROLE
terminated            terminated     ROLE           ROLE        ROLE

standard issuer       block          unblock        terminate   cancel
ordered               ROLE           ROLE           ROLE        ROLE
reviewed              ROLE           ROLE           ROLE        ROLE
approved              ROLE           ROLE           ROLE        ROLE
rejected              ROLE           ROLE           ROLE        ROLE
cancelled             ROLE           ROLE           ROLE        ROLE
produced              ROLE           ROLE           ROLE        ROLE
active                ROLE           ROLE           ROLE        ROLE
blocked               ROLE           ROLE           ROLE        ROLE
terminated            ROLE           ROLE           ROLE        ROLE

visitor orderer       block          unblock        terminate   cancel
ordered               status         status         status      =cancelled
reviewed              status         status         status      =cancelled
rejected              status         status         status      =cancelled
cancelled             cancelled      cancelled      cancelled   cancelled
produced              visitor        not_blocked    =terminated produced
terminated            terminated     terminated     terminated  terminated

visitor other         block          unblock        terminate   cancel
ordered               status         status         status      ORDERER
reviewed              status         status         status      ORDERER
rejected              status         status         status      ORDERER
cancelled             cancelled      cancelled      cancelled   cancelled
produced              visitor        not_blocked    ORDERER     produced
terminated            terminated     terminated     terminated  terminated

visitor admin         block          unblock        terminate   cancel
ordered               status         status         status      ROLE
reviewed              status         status         status      ROLE
rejected              status         status         status      ROLE
cancelled             cancelled      cancelled      cancelled   cancelled
produced              visitor        not_blocked    ROLE        produced
terminated            terminated     terminated     terminated  terminated

visitor issuer        block          unblock        terminate   cancel
ordered               ROLE           ROLE           ROLE        ROLE
reviewed              ROLE           ROLE           ROLE        ROLE
rejected              ROLE           ROLE           ROLE        ROLE
cancelled             ROLE           ROLE           ROLE        ROLE
produced              ROLE           ROLE           ROLE        ROLE
terminated            ROLE           ROLE           ROLE        ROLE
`

// outsiders get the same whatever the card and the action: 404 for those who may not know of it, the login page for nobody.
func outsiders() []string {
	return []string{"stranger", "other holder", "holder in the company", "nobody"}
}

// cell is one of the table.
type cell struct {
	kind   card.Kind
	role   string
	status card.Status
	action card.Action
	want   string
}

func readMatrix(t *testing.T) []cell {
	t.Helper()
	var cells []cell
	for block := range strings.SplitSeq(strings.TrimSpace(matrix), "\n\n") {
		lines := strings.Split(block, "\n")
		head := strings.Fields(lines[0])
		for _, line := range lines[1:] {
			fields := strings.Fields(line)
			if len(fields) != len(head)-1 {
				t.Fatalf("the line %q has not as many cells as %q", line, lines[0])
			}
			for i, want := range fields[1:] {
				cells = append(cells, cell{card.Kind(head[0]), head[1], card.Status(fields[0]), card.Action(head[i+2]), want})
			}
		}
	}
	return cells
}

func TestMatrixIsWhole(t *testing.T) {
	seen := map[cell]bool{}
	for _, c := range readMatrix(t) {
		c.want = ""
		if seen[c] {
			t.Errorf("%v stands twice", c)
		}
		seen[c] = true
	}
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		for _, status := range pgtest.Statuses(kind) {
			for _, action := range []card.Action{card.Block, card.Unblock, card.Terminate, card.Cancel} {
				for _, role := range []string{"orderer", "other", "admin", "holder", "issuer"} {
					c := cell{kind: kind, role: role, status: status, action: action}
					if kind == card.Visitor && role == "holder" {
						continue // a visitor card has none
					}
					if !seen[c] {
						t.Errorf("%v is not in the table", c)
					}
					delete(seen, c)
				}
			}
		}
	}
	for c := range seen {
		t.Errorf("%v is no cell", c)
	}
}

// why is the sentence of a reason in the table.
func why(reason string, status card.Status, orderer string) string {
	switch reason {
	case "ROLE":
		return swedish("why.role", i18n.Str("orderer", orderer))
	case "ORDERER":
		return swedish("why.not_orderer", i18n.Str("orderer", orderer))
	case "cancelled":
		return swedish("why.cancelled")
	case "terminated":
		return swedish("why.terminated")
	case "not_activated":
		return swedish("why.not_activated")
	case "not_blocked":
		return swedish("why.not_blocked")
	case "blocked":
		return swedish("why.already_blocked")
	case "produced":
		return swedish("why.produced")
	case "visitor":
		return swedish("why.visitor")
	}
	words := map[card.Status]string{
		card.Ordered: swedish("status.ordered"), card.Reviewed: swedish("status.reviewed"),
		card.Approved: swedish("status.approved"), card.Rejected: swedish("status.rejected"),
	}
	return swedish("why.status", i18n.Str("status", words[status]))
}

// reasonFor is one that goes with the action.
func reasonFor(action card.Action) string {
	switch action {
	case card.Block:
		return "lost"
	case card.Terminate:
		return "damaged"
	}
	return "none"
}

// cast are the people of the table, each in a browser, and one company whose cards they are about.
type cast struct {
	p        *portal
	company  *pgtest.Company
	holder   account.Actor
	browsers map[string]*browser
}

func newCast(t *testing.T) *cast {
	t.Helper()
	p := newPortal(t)
	c := &cast{p: p, company: p.NewCompany(t)}
	c.holder = account.Actor{Person: p.NewPerson(t, card.Name{Given: "Karin", Family: "Kortinnehavare"})}.AsHolder()
	elsewhere := p.NewCompany(t)
	somebody := elsewhere.Card(t, pgtest.Spec{Status: card.Active})
	c.company.Card(t, pgtest.Spec{Status: card.Cancelled, Holder: c.holder.Person}) // who has no card has no Mina kort
	c.browsers = map[string]*browser{
		"orderer":               p.logIn(t, c.company.Orderer),
		"other":                 p.logIn(t, c.company.OtherOrderer),
		"admin":                 p.logIn(t, c.company.Administrator),
		"holder":                p.logIn(t, c.holder),
		"issuer":                p.logIn(t, p.Issuer),
		"stranger":              p.logIn(t, elsewhere.Orderer),
		"other holder":          p.logIn(t, somebody.Holder),
		"holder in the company": p.logIn(t, c.holder),
		"nobody":                p.browser(t),
	}
	return c
}

func (c *cast) card(t *testing.T, kind card.Kind, status card.Status) *pgtest.Card {
	t.Helper()
	spec := pgtest.Spec{Kind: kind, Status: status}
	if kind == card.Standard {
		spec.Holder = c.holder.Person
	}
	return c.company.Card(t, spec)
}

// at is the address at which a role asks.
func at(role string, k *pgtest.Card, action card.Action) string {
	if role == "holder" || role == "other holder" {
		return myAddress(k, string(action))
	}
	return address(k, string(action))
}

func TestEveryActionForEveryRole(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		for _, status := range pgtest.Statuses(kind) {
			t.Run(fmt.Sprintf("%s %s", kind, status), func(t *testing.T) {
				c.tryAll(t, kind, status)
			})
		}
	}
}

// tryAll tries every cell of a kind and status: those that are refused on one card, each that succeeds on a card of its own.
func (c *cast) tryAll(t *testing.T, kind card.Kind, status card.Status) {
	k := c.card(t, kind, status)
	for _, cell := range readMatrix(t) {
		if cell.kind != kind || cell.status != status {
			continue
		}
		to, succeeds := strings.CutPrefix(cell.want, "=")
		if !succeeds {
			c.mustRefuse(t, k, cell)
			continue
		}
		c.mustAct(t, k, cell, card.Status(to))
		c.end(t, k)
		k = c.card(t, kind, status)
	}
	for _, action := range []card.Action{card.Block, card.Unblock, card.Terminate, card.Cancel} {
		for _, role := range outsiders() {
			c.mustNotKnow(t, k, role, action)
		}
	}
	c.end(t, k)
}

// end makes room for another card of the same person.
func (c *cast) end(t *testing.T, k *pgtest.Card) {
	t.Helper()
	k.See(t)
	switch k.Status {
	case card.Cancelled, card.Terminated:
	case card.Produced, card.Active, card.Blocked:
		k.Do(t, card.Terminate)
	default:
		k.Do(t, card.Cancel)
	}
}

func (c *cast) mustAct(t *testing.T, k *pgtest.Card, cell cell, to card.Status) {
	t.Helper()
	b, path := c.browsers[cell.role], at(cell.role, k, cell.action)
	page := b.get(path).mustBe(http.StatusOK)
	if got := page.cards()[0]; got.status != string(cell.status) {
		t.Errorf("%v: the confirm page shows %v", cell, got)
	}
	receipt := b.sendForm(page, path, "reason", reasonFor(cell.action))
	shown := b.follow(receipt.mustBe(http.StatusSeeOther)).mustBe(http.StatusOK)
	if shown.byID("receipt") == nil || shown.cards()[0].status != string(to) {
		t.Errorf("%v: after it the card shows %v, want %s and a receipt", cell, shown.cards()[0], to)
	}
	if k.See(t); k.Status != to {
		t.Errorf("%v: the card is %s, want %s", cell, k.Status, to)
	}
}

func (c *cast) mustRefuse(t *testing.T, k *pgtest.Card, cell cell) {
	t.Helper()
	b, path, before := c.browsers[cell.role], at(cell.role, k, cell.action), k.Version
	want := http.StatusConflict
	if cell.want == strings.ToUpper(cell.want) {
		want = http.StatusForbidden
	}
	for _, a := range []answer{
		b.get(path),
		b.post(path, "version", fmt.Sprint(k.Version), "reason", reasonFor(cell.action)),
	} {
		refused := a.mustBe(want).byID("refused")
		if refused == nil || !strings.Contains(textOf(refused), squeeze(why(cell.want, cell.status, "Bo Beställare"))) {
			t.Errorf("%v: refused with %v, want %q", cell, a.text(), why(cell.want, cell.status, "Bo Beställare"))
		}
	}
	if k.See(t); k.Status != cell.status || k.Version != before {
		t.Errorf("%v: refused, and the card is %s in version %d", cell, k.Status, k.Version)
	}
}

func (c *cast) mustNotKnow(t *testing.T, k *pgtest.Card, role string, action card.Action) {
	t.Helper()
	b, path, before := c.browsers[role], at(role, k, action), k.Version
	asked, acted := http.StatusNotFound, http.StatusNotFound
	if role == "nobody" {
		asked, acted = http.StatusSeeOther, http.StatusUnauthorized
	}
	b.get(path).mustBe(asked)
	b.post(path, "version", fmt.Sprint(k.Version), "reason", reasonFor(action)).mustBe(acted)
	if k.See(t); k.Version != before {
		t.Errorf("%s: %s on a %s card made version %d", role, action, k.Status, k.Version)
	}
}

// What has no page is no address, whoever asks.
func TestOtherActionsHaveNoAddress(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	k := c.card(t, card.Standard, card.Active)
	for role, b := range c.browsers {
		for _, action := range []card.Action{
			card.Order, card.Review, card.Reject, card.Approve, card.Decline, card.Produce, card.Activate, card.Supersede,
			card.HandOver, "delete", "BLOCK", "block%20", "block%2f", "%62lock%00",
		} {
			if role == "holder" && slices.Contains([]card.Action{card.Approve, card.Decline, card.Activate}, action) {
				continue // these have their pages at Mina kort
			}
			if action == card.HandOver && role != "holder" && role != "other holder" {
				continue // this has its page in the company
			}
			path := at(role, k, action)
			asked, acted := http.StatusNotFound, http.StatusNotFound
			if role == "nobody" {
				asked, acted = http.StatusSeeOther, http.StatusUnauthorized
			}
			b.get(path).mustBe(asked)
			b.post(path, "version", fmt.Sprint(k.Version), "reason", "lost").mustBe(acted)
		}
	}
	if k.See(t); k.Status != card.Active || k.Version != 5 {
		t.Errorf("the card is %s in version %d", k.Status, k.Version)
	}
}
