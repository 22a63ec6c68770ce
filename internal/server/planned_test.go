package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// inDays is a day as a form sends it.
func (p *portal) inDays(t *testing.T, days int) string {
	t.Helper()
	return p.Today(t).AddDate(0, 0, days).Format(time.DateOnly)
}

// planOf is the address of the last plan of a card.
func (p *portal) planOf(t *testing.T, k *pgtest.Card) string {
	t.Helper()
	return address(k, "planned", query[string](t, p, `SELECT max(id)::text FROM planned_actions WHERE card_id = $1`, k.ID))
}

// setClock moves the clock to a moment in Stockholm. No job runs.
func (p *portal) setClock(t *testing.T, local string) {
	t.Helper()
	p.exec(t, `UPDATE clock SET moved_by = ($1::timestamp AT TIME ZONE 'Europe/Stockholm') - now()`, local)
}

func TestPlanAndCancel(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	from := p.inDays(t, 9)
	day := i18n.For(i18n.Swedish).LongDate(p.Today(t).AddDate(0, 0, 9))
	before := i18n.For(i18n.Swedish).LongDate(p.Today(t).AddDate(0, 0, 8))
	page := b.get(address(k, "terminate")).mustSay(swedish("planned.from"), swedish("planned.when_now"))
	sent := b.sendForm(page, address(k, "terminate"), "reason", "employment_ended", "note", "flyttar till Umeå", "from", from).mustLeadTo(address(k))
	shown := b.follow(sent).mustTell(swedish("planned.receipt")).mustSay(
		"flyttar till Umeå", swedish("planned.terminate", i18n.Str("day", day)), swedish("planned.terminate_until", i18n.Str("day", before)),
		swedish("planned.event", i18n.Str("action", swedish("action.terminate")), i18n.Str("day", day)))
	if got := shown.cards()[0]; got.status != "active" || got.version != "5" {
		t.Errorf("the page shows %v", got)
	}
	for _, action := range []string{"block", "terminate"} {
		b.get(address(k, action)).mustSay(swedish("planned.already"), swedish("planned.terminate", i18n.Str("day", day)))
	}
	list := b.get("/planned").mustSay(swedish("action.terminate"), day, "Bo Beställare")
	if !list.hasForm(p.planOf(t, k)) {
		t.Error("the list offers no way back")
	}
	own := p.logIn(t, k.Holder).get(myAddress(k)).mustSay(swedish("planned.terminate", i18n.Str("day", day))).mustNotSay("flyttar till Umeå")
	if own.hasForm(p.planOf(t, k)) {
		t.Error("the holder may withdraw")
	}
	for name, by := range map[string]account.Actor{"administrator": k.Company.Administrator, "another orderer": k.Company.OtherOrderer} {
		other := p.logIn(t, by)
		if a := other.get(address(k)).mustSay(swedish("planned.terminate", i18n.Str("day", day))); a.hasForm(p.planOf(t, k)) {
			t.Errorf("%s is offered to withdraw", name)
		}
		if a := other.get("/planned?show=all").mustSay(day); a.hasForm(p.planOf(t, k)) {
			t.Errorf("%s is offered to withdraw in the list", name)
		}
		other.post(p.planOf(t, k)).mustBe(http.StatusForbidden).mustSay("Bo Beställare")
	}
	withdrawn := b.sendForm(shown, p.planOf(t, k)).mustLeadTo(address(k))
	b.follow(withdrawn).mustTell(swedish("planned.receipt_withdrawn")).
		mustSay(swedish("planned.event_withdrawn", i18n.Str("action", swedish("action.terminate")), i18n.Str("day", day))).
		mustNotSay(swedish("planned.terminate", i18n.Str("day", day)))
	b.sendForm(shown, p.planOf(t, k)).mustBe(http.StatusConflict).mustSay(swedish("why.settled"))
	b.get("/planned").mustSay(swedish("planned.none"))
	b.get(address(k, "block")).mustNotSay(swedish("planned.already"))
	if n := p.events(t, k.ID); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
}

func TestInvalidDays(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	b.post(address(k, "block"), "version", "5", "reason", "leave", "from", p.inDays(t, 30)).mustBe(http.StatusSeeOther)
	for name, tc := range map[string]struct{ from, say string }{
		"no date":           {"i morgon", swedish("error.date_invalid")},
		"no day":            {"2027-02-30", swedish("error.date_invalid")},
		"the zero time":     {"0001-01-01", swedish("error.date_invalid")},
		"yesterday":         {p.inDays(t, -1), swedish("planned.error_past")},
		"today":             {p.inDays(t, 0), swedish("planned.error_past")},
		"a year and a day":  {p.Today(t).AddDate(1, 0, 1).Format(time.DateOnly), swedish("planned.error_far")},
		"planned otherwise": {p.inDays(t, 20), swedish("planned.error_pending")},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			a := b.post(address(k, "block"), "version", "5", "reason", "lost", "note", "i hissen", "from", tc.from).mustFail(422, "from")
			kept := a.mustSay(tc.say).form(address(k, "block"))
			if kept.Get("from") != tc.from || kept.Get("reason") != "lost" || kept.Get("note") != "i hissen" {
				t.Errorf("kept is %v", kept)
			}
		})
	}
	// After what is planned, and only then, there is more to plan.
	b.get(address(k)).mustSay(swedish("action.unblock"))
	b.get(address(k, "unblock")).mustBe(http.StatusOK).mustSay(swedish("planned.when_later"), swedish("status.blocked"), swedish("card_action.reversible_yes")).
		mustNotSay(swedish("card_action.reversible_expired"))
	b.post(address(k, "unblock"), "version", "5", "reason", "none").mustFail(422, "from").mustSay(swedish("planned.error_required"))
	b.post(address(k, "unblock"), "version", "5", "reason", "none", "from", p.inDays(t, 20)).mustBe(http.StatusConflict)
	b.post(address(k, "unblock"), "version", "5", "reason", "none", "from", p.inDays(t, 60)).mustLeadTo(address(k))
	// Another version is another card: what was typed waits.
	late := b.post(address(k, "terminate"), "version", "4", "reason", "lost", "from", p.inDays(t, 90)).mustBe(http.StatusConflict)
	if kept := late.form(address(k, "terminate")); kept.Get("from") != p.inDays(t, 90) || kept.Get("version") != "5" {
		t.Errorf("kept is %v", kept)
	}
	// The holder is asked for no day.
	holder := p.logIn(t, k.Holder)
	holder.get(myAddress(k, "block")).mustNotSay(swedish("planned.from"))
	holder.post(myAddress(k, "block"), "version", "5", "reason", "lost", "from", p.inDays(t, 9)).mustLeadTo(myAddress(k) + "?receipt=6")
}

// What is due counts on every page from the first second of the day, though no job has run.
func TestNoPageShowsWhatShouldNotBe(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(p *portal, k *pgtest.Card, orderer, holder *browser){
		"the card": func(_ *portal, k *pgtest.Card, orderer, _ *browser) {
			a := orderer.get(address(k)).mustSay(swedish("event.block"), swedish("planned.title"))
			if a.cards()[0].status != "blocked" {
				a.t.Error("the card works")
			}
		},
		"the filter and its counts": func(_ *portal, k *pgtest.Card, orderer, _ *browser) {
			if rows := orderer.get("/cards?status=active").cards(); len(rows) != 0 {
				orderer.t.Errorf("active are %v", rows)
			}
			if rows := orderer.get("/cards?status=blocked").cards(); len(rows) != 1 {
				orderer.t.Errorf("blocked are %v", rows)
			}
		},
		"the counts of all": func(_ *portal, _ *pgtest.Card, orderer, _ *browser) {
			orderer.get("/cards").mustSay(swedish("status.blocked") + "1").mustNotSay(swedish("status.active") + "1")
		},
		"my cards": func(_ *portal, _ *pgtest.Card, _, holder *browser) {
			if rows := holder.get("/my-cards").cards(); len(rows) != 1 || rows[0].status != "blocked" {
				holder.t.Errorf("own are %v", rows)
			}
		},
		"the PIN": func(_ *portal, k *pgtest.Card, _, holder *browser) {
			holder.post(myAddress(k, "pin"), "password", pgtest.Password, "last_six", k.LastSix()).mustBe(http.StatusConflict).
				mustSay(swedish("pin.closed_not_active"))
		},
		"a list": func(_ *portal, _ *pgtest.Card, orderer, _ *browser) {
			rows := orderer.post("/cards/export", "format", "csv", "step", "download").mustBe(http.StatusOK)
			if !strings.Contains(rows.body, swedish("status.blocked")) || strings.Contains(rows.body, swedish("status.active")) {
				orderer.t.Errorf("the list says %s", rows.body)
			}
		},
		"an action": func(_ *portal, k *pgtest.Card, orderer, _ *browser) {
			orderer.post(address(k, "terminate"), "version", "5", "reason", "lost").mustBe(http.StatusConflict).mustSay(swedish("event.block"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t)
			today, day := p.inDays(t, 0), p.inDays(t, 1)
			p.setClock(t, today+" 23:30")
			k := p.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
			orderer, holder := p.logIn(t, k.Company.Orderer), p.logIn(t, k.Holder)
			orderer.post(address(k, "block"), "version", "5", "reason", "leave", "from", day).mustLeadTo(address(k))
			orderer.get(address(k))
			if k.See(t); k.Status != card.Active {
				t.Errorf("half an hour before, the card is %s", k.Status)
			}
			p.setClock(t, day+" 00:00")
			look(p, k, orderer, holder)
			if k.See(t); k.Status != card.Blocked {
				t.Errorf("the card is %s", k.Status)
			}
			if at := query[time.Time](t, p, `SELECT occurred_at FROM card_events WHERE card_id = $1 AND seq = 6`, k.ID); !at.Equal(
				query[time.Time](t, p, `SELECT $1::timestamp AT TIME ZONE 'Europe/Stockholm'`, day)) {
				t.Errorf("it was blocked at %s", at)
			}
		})
	}
}

func TestGracePages(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	admin := p.logIn(t, k.Company.Administrator)
	page := admin.get("/company").mustBe(http.StatusOK)
	for _, typed := range []string{"", "-1", "73", "1.5", "ett dygn", "99999999"} {
		a := admin.sendForm(page, "/company", "grace_hours", typed).mustFail(422, "grace_hours").mustSay(swedish("company.error_grace_hours"))
		if kept := a.form("/company").Get("grace_hours"); kept != typed {
			t.Errorf("kept is %q", kept)
		}
	}
	saved := admin.sendForm(page, "/company", "grace_hours", "24").mustLeadTo("/company")
	admin.follow(saved).mustTell(swedish("company.receipt")).mustSay("Ada Administratör valde 24 timmar")
	for _, other := range []*browser{b, p.logIn(t, p.NewCompany(t).Orderer)} {
		other.get("/company").mustBe(http.StatusForbidden)
		other.post("/company", "grace_hours", "0").mustBe(http.StatusForbidden)
	}
	p.logIn(t, p.Issuer).get("/company").mustBe(http.StatusNotFound)

	asked := b.get(address(k, "terminate")).mustSay(swedish("planned.reversible_grace", i18n.Count(24)), swedish("planned.when_grace", i18n.Count(24)))
	stopped := b.follow(b.sendForm(asked, address(k, "terminate"), "reason", "damaged").mustLeadTo(address(k)))
	stopped.mustTell(swedish("planned.receipt_grace")).mustSay(swedish("planned.grace_until"), swedish("planned.withdraw_grace"))
	if got := stopped.cards()[0]; got.status != "blocked" || got.version != "6" {
		t.Errorf("the page shows %v", got)
	}
	for _, action := range []string{"unblock", "terminate"} {
		b.get(address(k, action)).mustBe(http.StatusConflict).mustSay(swedish("why.in_grace", i18n.Str("orderer", "Bo Beställare")))
	}
	b.sendForm(asked, address(k, "terminate"), "reason", "damaged").mustBe(http.StatusConflict).mustSay(swedish("event.block"))
	p.logIn(t, k.Holder).get(myAddress(k)).mustSay(swedish("planned.grace_until"))
	back := b.follow(b.sendForm(stopped, p.planOf(t, k)).mustLeadTo(address(k)))
	back.mustTell(swedish("planned.receipt_withdrawn")).mustSay(swedish("planned.event_grace_withdrawn"))
	if got := back.cards()[0]; got.status != "active" || got.version != "7" {
		t.Errorf("the page shows %v", got)
	}

	// A stolen card has none.
	b.follow(b.post(address(k, "terminate"), "version", "7", "reason", "stolen")).mustSay(swedish("gate.terminated"))
	// A card that would not work any more stays blocked.
	last := k.Company.Card(t, pgtest.Spec{Status: card.Active, ValidTo: p.Today(t)})
	b.post(address(last, "terminate"), "version", "5", "reason", "mistake").mustLeadTo(address(last))
	p.setClock(t, p.inDays(t, 1)+" 00:00")
	b = p.logIn(t, k.Company.Orderer)
	b.follow(b.post(p.planOf(t, last)).mustLeadTo(address(last))).mustTell(swedish("planned.receipt_withdrawn_blocked"))
}
