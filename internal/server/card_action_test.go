package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html/atom"

	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// newDesk is an orderer before an active card.
func newDesk(t *testing.T) (*portal, *browser, *pgtest.Card) {
	t.Helper()
	p := newPortal(t)
	company := p.NewCompany(t)
	return p, p.logIn(t, company.Orderer), company.Card(t, pgtest.Spec{Status: card.Active})
}

func TestInvalidActionForms(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	p.log.forbid("ligger i hissen")
	long := strings.Repeat("å", 501)
	for name, tc := range map[string]struct {
		reason, note string
		status       int
		field        string
		say          string
	}{
		"no reason":                {"", "ligger i hissen", 422, "reason", swedish("error.reason_required")},
		"none where one is needed": {"none", "", 422, "reason", swedish("error.reason_invalid")},
		"another action's reason":  {"found", "", 422, "reason", swedish("error.reason_invalid")},
		"no reason at all":         {"avsluta", "ligger i hissen", 422, "reason", swedish("error.reason_invalid")},
		"NUL in the reason":        {"lo\x00st!", "", 422, "reason", swedish("error.reason_invalid")},
		"other without a note":     {"other", "", 422, "note", swedish("error.note_required")},
		"other with space":         {"other", " \t\r\n ", 422, "note", swedish("error.note_required")},
		"other with nothing seen":  {"other", "\u200b \ufeff\u2060", 422, "note", swedish("error.note_required")},
		"a note of 501 characters": {"lost", long, 422, "note", swedish("error.note_too_long")},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			page := b.get(address(k, "block"))
			a := b.sendForm(page, address(k, "block"), "reason", tc.reason, "note", tc.note).mustFail(tc.status, tc.field)
			a.mustSay(tc.say)
			kept := a.form(address(k, "block"))
			if kept.Get("note") != strings.Trim(tc.note, " \t\r\n\u200b\ufeff\u2060") || kept.Get("version") != "5" {
				t.Errorf("kept is %q", kept)
			}
			if tc.reason == "other" || tc.reason == "lost" {
				if kept.Get("reason") != tc.reason {
					t.Errorf("the reason kept is %q", kept.Get("reason"))
				}
			}
		})
	}
	if n := p.events(t, k.ID); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
}

func TestUnreadableForms(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	path := address(k, "block")
	send := func(body string) answer {
		return b.ask(b.request(http.MethodPost, path, strings.NewReader(body)))
	}
	send("version=5&reason=%zz").mustBe(http.StatusBadRequest)
	send("version=5&reason=lost&note=" + strings.Repeat("a", 70_000)).mustBe(http.StatusRequestEntityTooLarge)
	b.other().ask(b.request(http.MethodPost, path, strings.NewReader("note="+strings.Repeat("a", 70_000)))).mustBe(http.StatusUnauthorized).
		mustSay(swedish("login.notice_lost"))
	multipart := b.request(http.MethodPost, path, strings.NewReader("--x\r\n\r\n--x--"))
	multipart.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	b.ask(multipart).mustBe(http.StatusConflict) // no field of it is read, so no version either
	if n := p.events(t, k.ID); n != 5 {
		t.Fatalf("%d events, want 5", n)
	}
	// What can be read is read: a note of 500 characters, with bytes that are no text.
	note := strings.Repeat("å", 496) + "\x00\xff\r\nz!"
	b.follow(b.post(path, "version", "5", "reason", "lost", "note", note)).mustBe(http.StatusOK)
	stored := query[string](t, p, `SELECT note FROM card_events WHERE card_id = $1 AND seq = 6`, k.ID)
	if want := strings.Repeat("å", 496) + "\uFFFD\nz!"; stored != want {
		t.Errorf("the note is stored as %q", stored)
	}
}

func TestVersionsThatAreNotCurrent(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	p.log.forbid("i hissen")
	for _, version := range []string{"", "0", "-1", "4", "6", "x", "5.0", "2147483646", "2147483647", "2147483648", "99999999999999999999", "5; DROP"} {
		a := b.post(address(k, "block"), "version", version, "reason", "stolen", "note", "i hissen").mustBe(http.StatusConflict)
		a.mustSay(swedish("conflict.title"))
		kept := a.form(address(k, "block"))
		if kept.Get("reason") != "stolen" || kept.Get("note") != "i hissen" || kept.Get("version") != "5" {
			t.Errorf("version %q: kept is %v", version, kept)
		}
	}
	if n := p.events(t, k.ID); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
	// The kept form is enough to do it after all.
	page := b.post(address(k, "block"), "version", "4", "reason", "stolen", "note", "i hissen")
	b.sendForm(page, address(k, "block")).mustLeadTo(address(k) + "?receipt=6")
}

// The second of two people gets to know who changed what, and keeps what was typed.
func TestConflictTellsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	company := p.NewCompany(t)
	k := company.Card(t, pgtest.Spec{Status: card.Active})
	p.log.forbid("tappat på bygget")
	orderer, holder := p.logIn(t, company.Orderer), p.logIn(t, k.Holder)

	opened := orderer.get(address(k, "terminate")).mustBe(http.StatusOK)
	holder.post(myAddress(k, "block"), "version", "5", "reason", "lost").mustBe(http.StatusSeeOther)
	a := orderer.sendForm(opened, address(k, "terminate"), "reason", "lost", "note", "tappat på bygget").mustBe(http.StatusConflict)
	a.mustSay(swedish("conflict.title"), swedish("event.block"), swedish("reason.lost"), "Karin Kortinnehavare", swedish("role.holder"))
	if got := a.cards()[0]; got.status != "blocked" || got.version != "6" {
		t.Errorf("the page shows %v", got)
	}
	kept := a.form(address(k, "terminate"))
	if kept.Get("reason") != "lost" || kept.Get("note") != "tappat på bygget" || kept.Get("version") != "6" {
		t.Errorf("kept is %v", kept)
	}
	// What is no longer open is not offered again, and what was typed still stands there.
	late := orderer.post(address(k, "block"), "version", "5", "reason", "lost", "note", "tappat på bygget").mustBe(http.StatusConflict)
	if late.hasForm(address(k, "block")) {
		t.Error("a blocked card can be blocked again")
	}
	late.mustSay(swedish("conflict.closed"), "tappat på bygget", swedish("reason.lost"))
	// The holder reads the same on the own card, and is led back there.
	own := holder.post(myAddress(k, "block"), "version", "4", "reason", "stolen").mustBe(http.StatusConflict)
	own.mustSay(swedish("conflict.title"))
	if own.hasForm(address(k, "block")) {
		t.Error("the holder is led to the company's page")
	}
}

func TestThirtyTwoAtOnce(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	const all = 32
	statuses := make(chan int, all)
	form := url.Values{"version": {"5"}, "reason": {"lost"}}.Encode()
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for range all {
		r := b.request(http.MethodPost, address(k, "block"), strings.NewReader(form))
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			a, err := b.do(r)
			if err != nil {
				t.Error(err)
			}
			statuses <- a.status
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	close(statuses)
	count := map[int]int{}
	for status := range statuses {
		count[status]++
	}
	if count[http.StatusSeeOther] != 1 || count[http.StatusConflict] != all-1 {
		t.Errorf("answers %v, want one 303 and %d 409", count, all-1)
	}
	if k.See(t); k.Status != card.Blocked || k.Version != 6 {
		t.Errorf("the card is %s in version %d", k.Status, k.Version)
	}
	if n := p.events(t, k.ID); n != 6 {
		t.Errorf("%d events, want 6", n)
	}
}

// A double click, a reload and the back button do nothing twice.
func TestTwiceIsOnce(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	page := b.get(address(k, "block"))
	first := b.sendForm(page, address(k, "block"), "reason", "lost").mustLeadTo(address(k) + "?receipt=6")
	b.sendForm(page, address(k, "block"), "reason", "lost").mustBe(http.StatusConflict).
		mustSay(swedish("conflict.repeated"), swedish("conflict.repeated_lead"))
	for range 2 { // the receipt again by reload
		shown := b.get(first.location()).mustBe(http.StatusOK)
		if shown.byID("receipt") == nil {
			t.Error("no receipt")
		}
	}
	if b.get(address(k)).byID("receipt") != nil {
		t.Error("a receipt where nothing was done")
	}
	for _, nothing := range []string{"", "0", "-6", "7", "1", "x"} {
		if b.get(address(k)+"?receipt="+nothing).byID("receipt") != nil {
			t.Errorf("a receipt for %q", nothing)
		}
	}
	other := p.logIn(t, k.Company.OtherOrderer)
	if other.get(first.location()).byID("receipt") != nil {
		t.Error("a receipt for what somebody else did")
	}
	b.get(address(k, "block")).mustBe(http.StatusConflict).mustSay(swedish("why.already_blocked"))
	if n := p.events(t, k.ID); n != 6 {
		t.Errorf("%d events, want 6", n)
	}
	b.sendForm(b.get(address(k, "unblock")), address(k, "unblock")).mustLeadTo(address(k) + "?receipt=7")
	if b.get(address(k)+"?receipt=7").byID("receipt") == nil || b.get(first.location()).byID("receipt") != nil {
		t.Error("after the card was unblocked, its receipt is shown no more than that of the block is left out")
	}
	// Who wants a card that works is not led to stop it.
	b.get(address(k, "unblock")).mustBe(http.StatusConflict).mustNotSay(swedish("card.instead", i18n.Str("action", swedish("action.block"))))
}

// Only the own click that did just this, with nothing else since, is answered as done already.
func TestRepeatedIsOnlyTheSameClick(t *testing.T) {
	t.Parallel()
	t.Run("another reason or note", func(t *testing.T) {
		t.Parallel()
		_, b, k := newDesk(t)
		opened := b.get(address(k, "block")).mustBe(http.StatusOK)
		b.sendForm(opened, address(k, "block"), "reason", "lost").mustBe(http.StatusSeeOther)
		for reason, note := range map[string]string{"stolen": "polisanmält", "lost": "i hissen"} {
			b.sendForm(opened, address(k, "block"), "reason", reason, "note", note).mustBe(http.StatusConflict).
				mustSay(swedish("conflict.title"), note, swedish(i18n.Key("reason."+reason))).mustNotSay(swedish("conflict.repeated"))
		}
	})
	for name, tc := range map[string]struct {
		since    func(t *testing.T, b *browser, k *pgtest.Card) // what happens after the form was opened
		action   string
		repeated bool
	}{
		"the same click":              {func(t *testing.T, _ *browser, k *pgtest.Card) { k.Do(t, card.Block) }, "block", true},
		"another action of one's own": {func(t *testing.T, _ *browser, k *pgtest.Card) { k.Do(t, card.Block) }, "terminate", false},
		"the same action of the holder": {func(_ *testing.T, holder *browser, k *pgtest.Card) {
			holder.post(myAddress(k, "block"), "version", "5", "reason", "lost").mustBe(http.StatusSeeOther)
		}, "block", false},
		"taken back meanwhile": {func(t *testing.T, _ *browser, k *pgtest.Card) {
			k.Do(t, card.Block)
			k.Do(t, card.Unblock)
		}, "block", false},
		"taken back and done again": {func(t *testing.T, _ *browser, k *pgtest.Card) {
			k.Do(t, card.Block)
			k.Do(t, card.Unblock)
			k.Do(t, card.Block)
		}, "block", false},
		"handed over after it": {func(t *testing.T, _ *browser, k *pgtest.Card) {
			k.Do(t, card.Block)
			k.Do(t, card.HandOver)
		}, "block", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, b, k := newDesk(t)
			opened := b.get(address(k, tc.action)).mustBe(http.StatusOK)
			tc.since(t, p.logIn(t, k.Holder), k)
			before := p.events(t, k.ID)
			late := b.sendForm(opened, address(k, tc.action), "reason", "lost").mustBe(http.StatusConflict)
			if tc.repeated {
				late.mustSay(swedish("conflict.repeated"), swedish("conflict.repeated_lead")).mustNotSay(swedish("conflict.title"))
			} else {
				late.mustSay(swedish("conflict.title")).mustNotSay(swedish("conflict.repeated"), swedish("conflict.repeated_lead"))
			}
			if n := p.events(t, k.ID); n != before {
				t.Errorf("%d events, want %d", n, before)
			}
		})
	}
	// The holder's second click is one as well.
	_, b, k := newHolder(t)
	page := b.get(myAddress(k, "block"))
	b.sendForm(page, myAddress(k, "block"), "reason", "lost").mustBe(http.StatusSeeOther)
	b.sendForm(page, myAddress(k, "block"), "reason", "lost").mustBe(http.StatusConflict).mustSay(swedish("conflict.repeated"))
}

// The question before an action says what follows from it.
func TestConfirmPageSaysWhatFollows(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	terminate := b.get(address(k, "terminate"))
	terminate.mustSay(swedish("card_action.reversible_no"), swedish("card_action.terminate_final"), swedish("card_action.fee_yes"),
		swedish("card_action.fee_no"), swedish("status.active"), swedish("status.terminated"))
	b.get(address(k, "block")).mustSay(swedish("card_action.reversible_yes"), swedish("status.blocked")).
		mustNotSay(swedish("card_action.terminate_final"))
	p.logIn(t, k.Holder).get(myAddress(k, "block")).mustSay(swedish("card_action.reversible_orderer"))
	produced := k.Company.Card(t, pgtest.Spec{Status: card.Produced})
	refused := b.get(address(produced, "block")).mustBe(http.StatusConflict)
	found := false
	for _, n := range refused.elements(atom.A) {
		found = found || attr(n, "href") == address(produced, "terminate")
	}
	if !found {
		t.Error("a produced card's refused block does not lead to Terminera")
	}
	for _, role := range []string{swedish("role.holder"), swedish("role.orderer"), swedish("role.administrator")} {
		terminate.mustSay(role)
	}
	for _, page := range []answer{terminate, refused, b.get(address(k)), b.get("/cards")} {
		page.mustNotSay("Avsluta")
	}
}

// The statuses that are derived show on the page, and lie over what can be done as the rules say.
func TestExpiredAndSuspended(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	invoice := k.Company.Suspend(t)
	if got := b.get(address(k)).cards()[0]; got.status != "active" || got.effective != "suspended" {
		t.Errorf("a suspended company's card shows %v", got)
	}
	b.sendForm(b.get(address(k, "block")), address(k, "block"), "reason", "leave").mustBe(http.StatusSeeOther)
	b.get(address(k)).mustSay(swedish("card.unblock_more_suspended")).mustNotSay(swedish("card.unblock_more"))
	b.follow(b.sendForm(b.get(address(k, "unblock")), address(k, "unblock"), "reason", "back_in_use")).
		mustTell(swedish("receipt.unblock_suspended", i18n.Str("card", k.Number.String())))
	b.sendForm(b.get(address(k, "block")), address(k, "block"), "reason", "leave").mustBe(http.StatusSeeOther)
	if got := b.get(address(k)).cards()[0]; got.effective != "blocked" {
		t.Errorf("a blocked card of a suspended company shows %v", got)
	}
	p.Pay(t, invoice)
	b.get(address(k)).mustSay(swedish("card.unblock_more")).mustNotSay(swedish("card.unblock_more_suspended"))
	p.exec(t, `UPDATE clock SET moved_by = interval '3 years'`)
	b = p.logIn(t, k.Company.Orderer)
	if got := b.get(address(k)).cards()[0]; got.status != "blocked" || got.effective != "expired" {
		t.Errorf("an old card shows %v", got)
	}
	for _, a := range []answer{b.get(address(k, "unblock")), b.post(address(k, "unblock"), "version", "8", "reason", "none")} {
		a.mustBe(http.StatusConflict).mustSay(swedish("why.expired"))
	}
	b.sendForm(b.get(address(k, "terminate")), address(k, "terminate"), "reason", "not_in_use").mustLeadTo(address(k) + "?receipt=9")
}

// A holder may have a newer card; then the older one stays blocked.
func TestNewerCardKeepsTheOlderBlocked(t *testing.T) {
	t.Parallel()
	p, b, k := newDesk(t)
	newer := k.Company.Card(t, pgtest.Spec{Status: card.Produced, Holder: k.Holder.Person})
	k.Do(t, card.Block)
	newer.Do(t, card.Activate)
	if k.See(t); k.Status != card.Terminated {
		t.Fatalf("the older card is %s", k.Status)
	}
	b.get(address(k, "unblock")).mustBe(http.StatusConflict).mustSay(swedish("why.terminated"))
	page := p.logIn(t, k.Holder).get("/my-cards?show=active").mustBe(http.StatusOK)
	if got := page.cards(); len(got) != 1 || got[0].number != myAddress(newer) {
		t.Errorf("the active cards are %v", got)
	}
}

// What the card's page says of an action is what the page of the action says: a block of an expired card is for good.
func TestBlockOfAnExpiredCardIsForGood(t *testing.T) {
	t.Parallel()
	p, _, k := newDesk(t)
	expired := k.Company.Card(t, pgtest.Spec{Status: card.Active, ValidTo: p.Today(t)})
	p.MoveClock(t, 24*time.Hour)
	b := p.logIn(t, k.Company.Orderer)
	b.get(address(k)).mustSay(swedish("card.block_more")).mustNotSay(swedish("card.block_more_expired"))
	b.get(address(k, "block")).mustSay(swedish("card_action.reversible_yes"))
	b.get(address(expired)).mustSay(swedish("card.block_more_expired")).mustNotSay(swedish("card.block_more"))
	b.get(address(expired, "block")).mustSay(swedish("card_action.reversible_expired"))
}
