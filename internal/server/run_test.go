package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/server"
)

// work does the portal's jobs until the test ends.
func (p *portal) work(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Store.Work(ctx, nil, postgres.WorkOptions{Log: slog.New(slog.DiscardHandler)}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("work: %v", err)
		}
	})
}

// receipt follows a run's page until it is the receipt.
func (b *browser) receipt(t *testing.T, address string) answer {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(time.Minute); ; {
		page := b.get(address).mustBe(http.StatusOK)
		if page.header.Get("Refresh") == "" {
			return page
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s does not end:\n%s", address, page.body)
		}
	}
}

// planned takes cards from their tick to the plan.
func (b *browser) planned(fields []string, cards ...*pgtest.Card) (address string, page answer) {
	var ticks []string
	for _, k := range cards {
		ticks = append(ticks, "card", idText(k))
	}
	selection := b.post("/selections", ticks...).mustBe(http.StatusSeeOther).location()
	address = b.post(selection, fields...).mustBe(http.StatusSeeOther).location()
	return address, b.get(address).mustBe(http.StatusOK)
}

// Ticked on the search page, looked at, done in the background, told by a receipt, and undone.
func TestManyCardsFromTickToUndo(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.work(t)
	c := p.NewCompany(t)
	anna := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Anna", Family: "=HYPERLINK(1)"}})
	bertil := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Bertil", Family: "Bertilsson"}})
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	theirs := c.Card(t, pgtest.Spec{Status: card.Active, Orderer: c.OtherOrderer})
	p.log.forbid("Bertilsson", "Semester")
	b := p.logIn(t, c.Orderer)
	search := b.get("/cards").mustBe(http.StatusOK).mustSay(swedish("selection.ticked"), swedish("selection.link_all", i18n.Count(4)))
	b.sendForm(search, "/selections").mustBe(http.StatusUnprocessableEntity).mustSay(swedish("selection.error_required"), bertil.Number.String())
	form := search.form("/selections")
	form["card"] = []string{idText(anna), idText(bertil), idText(produced), idText(theirs)}
	selection := b.send("/selections", form).mustBe(http.StatusSeeOther).location()
	b.get(selection).mustBe(http.StatusOK).mustSay(swedish("selection.title", i18n.Count(4)), "Bertilsson, Bertil").mustNotSay(swedish("selection.submit"))
	ask := b.get(selection+"?action=block").mustSay(swedish("selection.submit"), swedish("reason.leave")).mustNotSay(swedish("reason.damaged"))

	// What is wrong stands beside its field, with what was typed.
	b.sendForm(ask, selection).mustFail(http.StatusUnprocessableEntity, "reason").mustSay(swedish("error.reason_required"))
	again := b.sendForm(ask, selection, "reason", "other").mustFail(http.StatusUnprocessableEntity, "note")
	if form := again.form(selection); form.Get("reason") != "other" || form.Get("action") != "block" {
		t.Errorf("kept: %v", form)
	}
	b.post(selection, "action", "withdraw").mustBe(http.StatusNotFound) // nobody is offered it
	long := strings.Repeat("x", 501)
	if form := b.sendForm(ask, selection, "reason", "leave", "note", long).mustFail(http.StatusUnprocessableEntity, "note").form(selection); form.Get("note") != long {
		t.Error("the note is lost")
	}
	address := b.sendForm(ask, selection, "reason", "leave", "note", "Semester").mustBe(http.StatusSeeOther).location()
	plan := b.get(address).mustBe(http.StatusOK).mustSay(
		swedish("plan.block_title", i18n.Count(2)), swedish("plan.group_change", i18n.Count(2)), swedish("plan.group_refused", i18n.Count(1)),
		swedish("why.not_orderer", i18n.Str("orderer", "Berit Beställare")), "70\u00a0kr", swedish("plan.reversible_receipt"))
	if k := p.look(t, c.Orderer, anna); k.Status != card.Active {
		t.Errorf("the plan made the card %s", k.Status)
	}
	run := b.sendForm(plan, address).mustBe(http.StatusSeeOther).location()
	b.sendForm(plan, address).mustBe(http.StatusSeeOther).mustLeadTo(run) // a double click
	receipt := b.receipt(t, run).mustSay(
		swedish("run.count_done", i18n.Count(2)), swedish("run.count_refused", i18n.Count(1)), swedish("run.count_instead", i18n.Count(1)),
		swedish("run.undo", i18n.Count(2)), "Semester").mustNotSay(swedish("run.retry", i18n.Count(1)))
	for _, k := range []*pgtest.Card{anna, bertil} {
		if now := p.look(t, c.Orderer, k); now.Status != card.Blocked || now.Version != k.Version+1 {
			t.Errorf("card %d is %s, version %d", k.ID, now.Status, now.Version)
		}
	}
	if b.get(address).mustSay(swedish("plan.started")).hasForm(address) {
		t.Error("a plan that was done can be done again")
	}
	b.get(run + "?result=left_refused").mustSay(theirs.Number.String()).mustNotSay(bertil.Number.String())

	rows := b.get(run + "/receipt.csv").csvRows()
	if len(rows) != 5 || rows[1][4] != swedish("run.done") || !slices.ContainsFunc(rows, func(row []string) bool { return strings.HasPrefix(row[2], "'=HYPERLINK") }) {
		t.Errorf("the receipt as a file: %q", rows)
	}
	book, err := excelize.OpenReader(strings.NewReader(b.get(run + "/receipt.xlsx").mustBe(http.StatusOK).body))
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := book.GetRows(swedish("card_export.sheet")); err != nil || len(lines) != 5 {
		t.Errorf("the receipt as a workbook: %d lines, %v", len(lines), err)
	}

	undo := b.sendForm(receipt, run+"/undo").mustBe(http.StatusSeeOther).location()
	b.sendForm(receipt, run+"/undo").mustBe(http.StatusSeeOther).mustLeadTo(undo) // a double click
	if b.get(run).mustSay(swedish("run.undone_by", i18n.Str("id", strings.TrimPrefix(undo, "/runs/")))).hasForm(run + "/undo") {
		t.Error("a run that was undone can be undone again")
	}
	b.receipt(t, undo).mustSay(swedish("run.count_done", i18n.Count(2)), swedish("run.undoes", i18n.Str("id", strings.TrimPrefix(run, "/runs/"))))
	if now := p.look(t, c.Orderer, anna); now.Status != card.Active {
		t.Errorf("undone, the card is %s", now.Status)
	}
	b.get("/start").mustBe(http.StatusOK).mustSay(swedish("start.runs"), swedish("run.some_of", i18n.Int("done", 2), i18n.Int("all", 4)))
	b.get("/runs").mustBe(http.StatusOK).mustSay(swedish("run.title", i18n.Str("id", strings.TrimPrefix(undo, "/runs/"))))

	// The company's other people see the receipt, nobody else sees anything, and the plan is its maker's.
	boss := p.logIn(t, c.Administrator)
	boss.get(run).mustBe(http.StatusOK).mustNotSay(swedish("run.undo", i18n.Count(2)))
	boss.get(address).mustBe(http.StatusNotFound)
	boss.post(run + "/undo").mustBe(http.StatusNotFound)
	for _, who := range []account.Actor{p.NewCompany(t).Orderer, p.Issuer, anna.Holder} {
		stranger := p.logIn(t, who)
		for _, path := range []string{selection, address, run, run + "/receipt.csv"} {
			stranger.get(path).mustBe(http.StatusNotFound)
		}
		for _, path := range []string{selection, selection + "/cards", address, address + "/instead", run + "/undo", run + "/retry"} {
			stranger.post(path, "action", "terminate", "reason", "lost").mustBe(http.StatusNotFound)
		}
	}
}

func (p *portal) look(t *testing.T, by account.Actor, k *pgtest.Card) card.Card {
	t.Helper()
	now, err := p.Store.Card(t.Context(), by, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// A run from a day on is undone until its day; whoever comes later reads why not.
func TestUndoneTooLate(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.work(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	b := p.logIn(t, c.Orderer)
	address, plan := b.planned([]string{"action", "block", "reason", "leave", "from", p.Today(t).AddDate(0, 0, 1).Format(time.DateOnly)}, k)
	run := b.sendForm(plan, address).mustBe(http.StatusSeeOther).location()
	receipt := b.receipt(t, run).mustNotSay(swedish("run.undo_too_late"))
	p.MoveClock(t, 25*time.Hour)
	b = p.logIn(t, c.Orderer)
	b.sendForm(receipt, run+"/undo").mustBe(http.StatusSeeOther).mustLeadTo(run)
	if b.get(run).mustBe(http.StatusOK).mustSay(swedish("run.undo_too_late")).hasForm(run + "/undo") {
		t.Error("it can be undone")
	}
	if now := p.look(t, c.Orderer, k); now.Status != card.Blocked {
		t.Errorf("the card is %s", now.Status)
	}
}

// The receipt of an undone termination says of a card that stays blocked that it does, on the page and in the files, in both languages.
func TestUndoneButStillBlocked(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.work(t)
	c := p.NewCompany(t)
	if err := p.Store.SetGrace(t.Context(), c.Administrator, 72); err != nil {
		t.Fatal(err)
	}
	good, expiring := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: p.Today(t)})
	b := p.logIn(t, c.Orderer)
	address, plan := b.planned([]string{"action", "terminate", "reason", "not_in_use"}, good, expiring)
	run := b.sendForm(plan, address).location()
	receipt := b.receipt(t, run)
	p.MoveClock(t, 25*time.Hour)
	b = p.logIn(t, c.Orderer)
	undo := b.sendForm(receipt, run+"/undo").mustBe(http.StatusSeeOther).location()
	b.receipt(t, undo).mustSay(
		swedish("run.count_done", i18n.Count(1)), swedish("run.count_stays_blocked", i18n.Count(1)), swedish("planned.receipt_withdrawn_blocked"),
		swedish("plan.fee_more", i18n.Count(1), i18n.Str("sum", "35\u00a0kr")))
	b.get(undo + "?result=stays_blocked").mustSay(expiring.Number.String()).mustNotSay(good.Number.String())
	rows := b.get(undo + "/receipt.csv").csvRows()
	if !slices.ContainsFunc(rows, func(row []string) bool {
		return row[0] == expiring.Number.String() && row[4] == swedish("run.stays_blocked") && row[5] == swedish("planned.receipt_withdrawn_blocked")
	}) {
		t.Errorf("the receipt as a file: %q", rows)
	}
	b.post("/language", "lang", "en").mustBe(http.StatusSeeOther)
	b.get(undo).mustSay(english("run.stays_blocked"), english("planned.receipt_withdrawn_blocked"))
	book, err := excelize.OpenReader(strings.NewReader(b.get(undo + "/receipt.xlsx").mustBe(http.StatusOK).body))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := book.GetRows(english("card_export.sheet"))
	if err != nil || !slices.ContainsFunc(lines, func(row []string) bool { return len(row) > 4 && row[4] == english("run.stays_blocked") }) {
		t.Errorf("the receipt as a workbook: %q, %v", lines, err)
	}
}

// What cannot be blocked because it was never activated is moved to Terminera with one click; its reason is asked for where the first one does not do.
func TestWhatNeedsSomethingElse(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.work(t)
	c := p.NewCompany(t)
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	b := p.logIn(t, c.Orderer)
	address, plan := b.planned([]string{"action", "block", "reason", "not_in_use"}, produced)
	plan.mustSay(swedish("plan.nothing"), swedish("plan.instead_terminate"))
	other := b.sendForm(plan, address+"/instead").mustBe(http.StatusSeeOther).location()
	page := b.get(other).mustSay(swedish("plan.terminate_title", i18n.Count(1)), swedish("card_action.terminate_final"), swedish("reason.not_in_use"))
	run := b.sendForm(page, other).location()
	b.receipt(t, run).mustSay(swedish("run.count_done", i18n.Count(1))).mustNotSay(swedish("run.undo", i18n.Count(1)))
	b.post(run + "/undo").mustBe(http.StatusNotFound)

	second := c.Card(t, pgtest.Spec{Status: card.Produced})
	address, plan = b.planned([]string{"action", "block", "reason", "leave"}, second)
	asked := b.sendForm(plan, address+"/instead").mustFail(http.StatusUnprocessableEntity, "reason").
		mustSay(swedish("selection.title", i18n.Count(1)), swedish("reason.damaged"), swedish("error.reason_invalid"))
	other = b.sendForm(asked, asked.selection(), "reason", "damaged").mustBe(http.StatusSeeOther).location()
	b.get(other).mustSay(swedish("plan.terminate_title", i18n.Count(1)), swedish("reason.damaged"))
	b.post(address+"/instead", "action", "unblock").mustBe(http.StatusNotFound)
}

// selection is where the form of a page leads that asks what to do with some cards.
func (a answer) selection() string {
	a.t.Helper()
	forms := a.all(func(n *html.Node) bool {
		return n.DataAtom == atom.Form && strings.Contains(attr(n, "class"), "plan-form")
	})
	if len(forms) != 1 {
		a.t.Fatalf("%s asks %d times:\n%s", a.asked, len(forms), a.text())
	}
	return attr(forms[0], "action")
}

// Where a plan cannot be made once more as it was, its cards are asked about again: with what was given, and what is wrong with it now.
func TestWhatCannotBePlannedAgain(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.work(t)
	c := p.NewCompany(t)
	changed, produced := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Produced})
	b := p.logIn(t, c.Orderer)
	address, plan := b.planned([]string{"action", "block", "reason", "not_in_use", "note", "städning", "from", p.inDays(t, 1)}, changed, produced)
	changed.Do(t, card.Block)
	run := b.sendForm(plan, address).mustBe(http.StatusSeeOther).location()
	b.receipt(t, run).mustSay(swedish("run.retry", i18n.Count(1)))

	t.Run("its successor has left", func(t *testing.T) {
		third := c.NewMember(t, card.Name{Given: "Tove", Family: "Tredje"}, account.Orderer)
		moved := c.Card(t, pgtest.Spec{Status: card.Active})
		boss := p.logIn(t, c.Administrator)
		address, plan := boss.planned([]string{"action", "hand_over", "reason", "leave", "note", "till våren", "successor", fmt.Sprint(third.Person)}, moved)
		c.LoseOrderer(t, third.Person)
		run := boss.sendForm(plan, address).mustBe(http.StatusSeeOther).location()
		receipt := boss.receipt(t, run).mustSay(swedish("plan.why_successor"))
		asked := boss.sendForm(receipt, run+"/retry").mustFail(http.StatusUnprocessableEntity, "successor").
			mustSay(swedish("hand_over.error_invalid"), swedish("selection.title", i18n.Count(1)), moved.Number.String()).mustNotSay("Tredje, Tove")
		if form := asked.form(asked.selection()); form.Get("reason") != "leave" || form.Get("note") != "till våren" {
			t.Errorf("kept: %v", form)
		}
		next := boss.sendForm(asked, asked.selection(), "successor", fmt.Sprint(c.OtherOrderer.Person)).mustBe(http.StatusSeeOther).location()
		boss.get(next).mustSay(swedish("plan.hand_over_title", i18n.Count(1)), "Berit Beställare")
	})

	p.MoveClock(t, 25*time.Hour)
	b = p.logIn(t, c.Orderer)
	for name, path := range map[string]string{"its day has come": run + "/retry", "its day has come, something else": address + "/instead"} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			asked := b.post(path, "action", "terminate").mustFail(http.StatusUnprocessableEntity, "from").
				mustSay(swedish("planned.error_past"), swedish("selection.title", i18n.Count(1)))
			form := asked.form(asked.selection())
			if form.Get("reason") != "not_in_use" || form.Get("note") != "städning" || form.Get("from") == "" {
				t.Errorf("kept: %v", form)
			}
			next := b.sendForm(asked, asked.selection(), "from", p.inDays(t, 1)).mustBe(http.StatusSeeOther).location()
			b.get(next).mustBe(http.StatusOK).mustSay("städning")
		})
	}
	t.Run("an order is not cancelled from a day on", func(t *testing.T) {
		b := *b
		b.t = t
		ordered := c.Card(t, pgtest.Spec{Status: card.Ordered})
		selection := b.post("/selections", "card", idText(ordered)).mustBe(http.StatusSeeOther).location()
		asked := b.post(selection, "action", "cancel", "reason", "mistake", "from", p.inDays(t, 9)).mustFail(http.StatusUnprocessableEntity, "from")
		next := b.sendForm(asked, selection, "from", "").mustBe(http.StatusSeeOther).location()
		b.get(next).mustSay(swedish("plan.cancel_title", i18n.Count(1)))
	})
}

// leaving is a store whose orderer leaves the company while a run is followed up.
type leaving struct {
	server.Store
	leave func()
}

func (s leaving) RetryRun(ctx context.Context, by account.Actor, id card.PlanID) (card.PlanID, error) {
	s.leave()
	return s.Store.RetryRun(ctx, by, id)
}

func (s leaving) UndoRun(ctx context.Context, by account.Actor, id card.PlanID) (card.PlanID, error) {
	s.leave()
	return s.Store.UndoRun(ctx, by, id)
}

func (s leaving) PlanInstead(ctx context.Context, by account.Actor, id card.PlanID, instead card.Action) (card.PlanID, error) {
	s.leave()
	return s.Store.PlanInstead(ctx, by, id, instead)
}

// Whoever leaves the company at the very moment may not go on, and is told so.
func TestWhoeverLeavesFollowsNothingUp(t *testing.T) {
	t.Parallel()
	var leave func()
	p := newPortalWith(t, func(s server.Store) server.Store { return leaving{s, func() { leave() }} }, server.Options{})
	p.work(t)
	c := p.NewCompany(t)
	for _, path := range []string{"/retry", "/undo", "/instead"} {
		by := c.NewMember(t, card.Name{Given: "Tove", Family: "Tredje"}, account.Orderer)
		one := func(status card.Status) *pgtest.Card { return c.Card(t, pgtest.Spec{Status: status, Orderer: by}) }
		changed := one(card.Active)
		b := p.logIn(t, by)
		address, plan := b.planned([]string{"action", "block", "reason", "not_in_use"}, one(card.Active), changed, one(card.Produced))
		changed.Do(t, card.Block)
		run := b.sendForm(plan, address).mustBe(http.StatusSeeOther).location()
		if b.receipt(t, run); path == "/instead" {
			run = address
		}
		leave = func() { c.LoseOrderer(t, by.Person) }
		b.post(run+path, "action", "terminate").mustBe(http.StatusForbidden)
	}
}

// A card that somebody else changed between the plan and its run is left alone, told on the receipt, and tried again as it is now.
func TestWhatChangedIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.work(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	b := p.logIn(t, c.Orderer)
	address, plan := b.planned([]string{"action", "terminate", "reason", "lost"}, k)
	k.Do(t, card.Block)
	run := b.sendForm(plan, address).location()
	receipt := b.receipt(t, run).mustSay(swedish("run.count_changed", i18n.Count(1)), swedish("run.retry", i18n.Count(1)))
	if now := p.look(t, c.Orderer, k); now.Version != k.Version {
		t.Errorf("touched: version %d", now.Version)
	}
	again := b.sendForm(receipt, run+"/retry").mustBe(http.StatusSeeOther).location()
	b.receipt(t, b.sendForm(b.get(again), again).location()).mustSay(swedish("run.count_done", i18n.Count(1)))
	if now := p.look(t, c.Orderer, k); now.Status != card.Terminated {
		t.Errorf("the card is %s", now.Status)
	}

	// A plan of yesterday says so.
	second := c.Card(t, pgtest.Spec{Status: card.Active})
	address, plan = b.planned([]string{"action", "block", "reason", "lost"}, second)
	p.MoveClock(t, 25*time.Hour)
	b = p.logIn(t, c.Orderer)
	b.sendForm(plan, address).mustBe(http.StatusConflict).mustSay(swedish("plan.old"))
}

// What stands in a card's way is said of what is done with it, not of an order.
func TestWhyACardIsLeft(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.work(t)
	p.setClock(t, "2027-03-10 23:50")
	c := p.NewCompany(t)
	terminate := []string{"action", "terminate", "reason", "not_in_use"}
	setGrace := func(hours int16) {
		if err := p.Store.SetGrace(t.Context(), c.Administrator, hours); err != nil {
			t.Fatal(err)
		}
	}
	b := p.logIn(t, c.Orderer)
	ordering := swedish("renewal.why_other")
	done := func(address string, plan answer) answer {
		t.Helper()
		return b.receipt(t, b.sendForm(plan, address).mustBe(http.StatusSeeOther).location()).mustNotSay(ordering)
	}
	left := func(why string, fields []string, meanwhile func(k *pgtest.Card)) *pgtest.Card {
		t.Helper()
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		address, plan := b.planned(fields, k)
		meanwhile(k)
		done(address, plan).mustSay(swedish("run.count_refused", i18n.Count(1)), why)
		return k
	}
	k := left(swedish("plan.why_grace"), terminate, func(*pgtest.Card) { setGrace(24) })
	done(b.planned(terminate, k)) // tried again it holds
	inGrace := swedish("why.in_grace", i18n.Str("orderer", "Bo Beställare"))
	for _, fields := range [][]string{terminate, {"action", "unblock"}} {
		_, plan := b.planned(fields, k)
		plan.mustSay(swedish("plan.nothing"), inGrace).mustNotSay(ordering)
	}
	left(swedish("plan.why_grace"), terminate, func(*pgtest.Card) { setGrace(0) })
	fromTomorrow := []string{"action", "block", "reason", "leave", "from", p.inDays(t, 1)}
	left(swedish("plan.why_pending"), fromTomorrow, func(k *pgtest.Card) {
		b.post(address(k, "block"), "version", fmt.Sprint(k.Version), "reason", "lost", "from", p.inDays(t, 9)).mustBe(http.StatusSeeOther)
	})
	left(swedish("plan.why_ahead"), fromTomorrow, func(*pgtest.Card) { p.MoveClock(t, 20*time.Minute) })
}

// All that a search finds is a step of its own with its number, also for a search by personnummer.
func TestAllThatMatch(t *testing.T) {
	t.Parallel()
	p, b, k := newSearch(t)
	step := b.get("/selections/all?status=active").mustBe(http.StatusOK).mustSay(swedish("selection.all_submit", i18n.Count(1)))
	selection := b.sendForm(step, "/selections/all").mustBe(http.StatusSeeOther).location()
	b.get(selection).mustSay(swedish("selection.title", i18n.Count(1)), k.Number.String())

	for _, q := range []string{"ärlig", "19900101"} {
		step = b.post("/selections/all", "q", q).mustBe(http.StatusOK)
		n := query[int](t, p, `SELECT count(*) FROM cards c JOIN persons p ON p.id = c.person_id WHERE p.family_name = 'Ärlig' AND c.company_id = $1`, k.Company.ID)
		step.mustSay(swedish("selection.all_submit", i18n.Count(n)))
		selection := b.sendForm(step, "/selections/all").mustBe(http.StatusSeeOther).location()
		if strings.ContainsAny(selection, "?&=") {
			t.Errorf("%s leads to %s", q, selection)
		}
		b.get(selection).mustSay(swedish("selection.title", i18n.Count(n)))
	}
	b.get("/selections/all?q=19900101-9828").mustBe(http.StatusSeeOther).mustLeadTo("/cards")

	// Another number than the person was told is told first.
	k.Company.Card(t, pgtest.Spec{Status: card.Active})
	step = b.get("/selections/all?status=active")
	k.Company.Card(t, pgtest.Spec{Status: card.Active})
	changed := b.sendForm(step, "/selections/all").mustBe(http.StatusConflict).mustSay(swedish("selection.all_changed"), swedish("selection.all_submit", i18n.Count(3)))
	b.sendForm(changed, "/selections/all").mustBe(http.StatusSeeOther)
	b.get("/selections/all?q=nobodyatall").mustBe(http.StatusOK).mustSay(swedish("card_search.nothing"))
	b.get("/selections/all?status=nonsense").mustBe(http.StatusNotFound)
	p.logIn(t, p.Issuer).get("/selections/all?q=ärlig").mustBe(http.StatusNotFound)

	// One card is taken out again.
	page := b.get(selection)
	b.sendForm(page, selection+"/cards", "remove", fmt.Sprint(int64(k.ID))).mustBe(http.StatusSeeOther)
	b.get(selection).mustSay(swedish("selection.empty"))
}

// Of two who wait for each other Postgres gives one up, who is told to try again.
func TestPlanGivenUp(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	selection := b.post("/selections", "card", idText(c.Card(t, pgtest.Spec{Status: card.Active}))).mustBe(http.StatusSeeOther).location()
	p.exec(t, `CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$`)
	p.exec(t, `CREATE TRIGGER give_up BEFORE INSERT ON plans FOR EACH ROW EXECUTE FUNCTION give_up()`)
	b.post(selection, "action", "block", "reason", "lost").mustBe(http.StatusConflict).mustSay(swedish("error_page.conflict"))
	p.exec(t, `DROP TRIGGER give_up ON plans`)
	b.post(selection, "action", "block", "reason", "lost").mustBe(http.StatusSeeOther)
}

// Whoever takes a card out of a selection finds what was typed in the form above.
func TestTakenOutWhileTyping(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	one, two, three := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	b := p.logIn(t, c.Orderer)
	selection := b.post("/selections", "card", idText(one), "card", idText(two), "card", idText(three)).mustBe(http.StatusSeeOther).location()
	page := b.get(selection + "?action=terminate")
	for _, button := range page.elements(atom.Button) {
		if attr(button, "name") == "remove" && (attr(button, "form") != "plan" || attr(button, "formaction") != selection+"/cards") {
			t.Errorf("the button to take a card out leaves behind what is typed: %v", button.Attr)
		}
	}
	form := page.form(selection)
	form.Set("reason", "lost")
	form.Set("remove", idText(one))
	b.send(selection+"/cards", form).mustLeadTo(selection + "?action=terminate&reason=lost")
	form.Set("remove", idText(two))
	form.Set("note", "Väskan blev kvar på tåget.")
	form.Set("from", "2027-01-31")
	left := b.send(selection+"/cards", form).mustBe(http.StatusOK).mustSay(swedish("selection.title", i18n.Count(1)))
	got := left.form(selection)
	for _, name := range []string{"action", "reason", "note", "from"} {
		if got.Get(name) != form.Get(name) {
			t.Errorf("%s was %q and is %q", name, form.Get(name), got.Get(name))
		}
	}
	if left.hasForm("/language") {
		t.Error("the page offers to leave it, and so to lose what was typed")
	}
}

// The paste box: any spelling, found, several and not found; what was pasted is in the answer and nowhere else.
func TestPaste(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, other := p.NewCompany(t), p.NewCompany(t)
	person := p.NewPersonWith(t, card.Name{Given: "Åke", Family: "Ärlig-Öst"}, account.StoredIdentity("personal_number", "SE", "199001019828"))
	c.Card(t, pgtest.Spec{Status: card.Terminated, Holder: person}) // at an end, so not meant
	ake := c.Card(t, pgtest.Spec{Status: card.Active, Holder: person})
	one := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Anna", Family: "Ek"}})
	two := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Anna Maria", Family: "Ek"}})
	numbered := c.Card(t, pgtest.Spec{Status: card.Produced})
	foreign := other.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Frans", Family: "Främling"}})
	p.log.forbid("Ärlig", "9828", "Främling", "Finnsinte")
	b := p.logIn(t, c.Orderer)
	number := strings.ReplaceAll(numbered.Number.String(), "-", " ")
	text := "\uFEFFarlig-ost ake\r\n900101-9828\r\nÅKE ÄRLIG ÖST\x00\r\n\r\n" + strings.ToLower(number) + "\r\nAnna\tEk\r\n" +
		"2;" + numbered.Number.String() + ";Produkt\r\nBertil Finnsinte\r\n" + foreign.Number.String() + "\r\nFrans Främling\r\n%_|\r\n"
	answer := b.post("/selections/paste", "lines", text).mustBe(http.StatusOK).mustSay(
		swedish("paste.found", i18n.Count(5)), swedish("paste.twice", i18n.Count(3)), swedish("paste.several", i18n.Count(1)), swedish("paste.missing", i18n.Count(4)),
		"Bertil Finnsinte", "Frans Främling", foreign.Number.String(), one.Number.String(), two.Number.String())
	selection := b.sendForm(answer, "/selections/pasted", "card", idText(two)).mustBe(http.StatusSeeOther).location()
	b.get(selection).mustBe(http.StatusOK).mustSay(swedish("selection.title", i18n.Count(3)), ake.Number.String(), two.Number.String(), numbered.Number.String()).
		mustNotSay(one.Number.String(), foreign.Number.String())

	b.post("/selections/paste", "lines", " \r\n\t").mustFail(http.StatusUnprocessableEntity, "lines").mustSay(swedish("paste.error_required"))
	lines := strings.Repeat("Anna Ek\r\n", card.MaxPasted+1)
	kept := b.post("/selections/paste", "lines", lines).mustFail(http.StatusUnprocessableEntity, "lines").mustSay(swedish("paste.error_too_many"))
	if got := strings.Count(kept.form("/selections/paste").Get("lines"), "Anna Ek"); got != card.MaxPasted+1 {
		t.Errorf("%d lines were kept", got)
	}
	b.post("/selections/paste", "lines", "\uFEFF"+strings.Repeat("Nobody\tAt\x00 All\r\n", card.MaxPasted)).mustBe(http.StatusOK).mustSay(swedish("paste.missing", i18n.Count(card.MaxPasted)))
	b.post("/selections/pasted", "card", idText(foreign)).mustBe(http.StatusNotFound)
	b.post("/selections/pasted").mustBe(http.StatusSeeOther).mustLeadTo("/selections/paste")
	p.logIn(t, p.Issuer).post("/selections/paste", "lines", foreign.Number.String()).mustBe(http.StatusNotFound)
	for _, table := range []string{"selections", "selection_cards", "plans", "plan_cards"} {
		if n := query[int](t, p, `SELECT count(*) FROM `+table+` x WHERE x::text ~ '(9828|Ärlig|Finnsinte)'`); n != 0 {
			t.Errorf("%s keeps what was pasted", table)
		}
	}
}
