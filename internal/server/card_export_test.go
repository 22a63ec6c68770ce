package server_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

// csvRows are the lines of a list in CSV.
func (a answer) csvRows() [][]string {
	a.t.Helper()
	a.mustBe(http.StatusOK)
	text, marked := strings.CutPrefix(a.body, "\uFEFF")
	if !marked {
		a.t.Error("the file has no mark of UTF-8")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		a.t.Fatal(err)
	}
	return rows
}

// From the search to its list: what the page finds and nothing else, masked unless asked for, and written down.
func TestListOfASearch(t *testing.T) {
	t.Parallel()
	_, b, k := newSearch(t)
	k.Company.Register.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	page := b.get("/cards?status=active").mustBe(http.StatusOK).mustSay(swedish("card_export.link"))
	if !strings.Contains(page.body, `href="/cards/export?status=active"`) {
		t.Error("the search does not lead to its list")
	}
	ask := b.get("/cards/export?status=active").mustBe(http.StatusOK).mustSay(swedish("card_search.count", i18n.Count(1)))
	rows := b.sendForm(ask, "/cards/export", "format", "csv").csvRows()
	if len(rows) != 2 || rows[1][0] != k.Number.String() || rows[1][3] != "Ärlig, Åke" || rows[1][4] != "19900101-****" || rows[1][2] != swedish("status.active") {
		t.Errorf("the list: %q", rows)
	}
	all := b.get("/cards/export")
	if rows := b.sendForm(all, "/cards/export", "format", "csv").csvRows(); len(rows) != 4 {
		t.Errorf("the list of all cards has %d lines", len(rows))
	}
	b.get("/cards/export").mustBe(http.StatusOK).mustSay(swedish("card_export.made"), swedish("card_search.count", i18n.Count(3)))
}

// The name of a file has the day that it is in Sweden, as every page has.
func TestFilesAreNamedByTheDay(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	p.work(t)
	now := query[time.Time](t, p, `SELECT clock_now()`).UTC()
	p.MoveClock(t, time.Date(now.Year(), now.Month(), now.Day()+1, 23, 30, 0, 0, time.UTC).Sub(now)) // half past midnight, or later
	b := p.logIn(t, c.Orderer)
	address, plan := b.planned([]string{"action", "block", "reason", "leave"}, k)
	run := b.sendForm(plan, address).mustBe(http.StatusSeeOther).location()
	b.receipt(t, run)
	day := p.Today(t).Format(time.DateOnly)
	for name, a := range map[string]answer{
		"kortportal-kort-":   b.post("/cards/export", "format", "csv"),
		"kortportal-kvitto-": b.get(run + "/receipt.csv"),
	} {
		if got := a.mustBe(http.StatusOK).header.Get("Content-Disposition"); !strings.Contains(got, name) || !strings.HasSuffix(got, "-"+day+`.csv"`) {
			t.Errorf("on %s the file is called %s", day, got)
		}
	}
}

func TestListAsWorkbook(t *testing.T) {
	t.Parallel()
	_, b, k := newSearch(t)
	a := b.sendForm(b.get("/cards/export?q=ärlig"), "/cards/export", "format", "xlsx").mustBe(http.StatusOK)
	if name := a.header.Get("Content-Disposition"); !strings.HasSuffix(name, `.xlsx"`) || strings.Contains(name, "rlig") {
		t.Errorf("the file is called %s", name)
	}
	f, err := excelize.OpenReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(swedish("card_export.sheet"))
	if err != nil || len(rows) != 2 || rows[1][0] != k.Number.String() {
		t.Errorf("the workbook: %q, %v", rows, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// Whole numbers come with a purpose, and what was typed is not lost without one.
func TestListWithPersonalNumbers(t *testing.T) {
	t.Parallel()
	p, b, _ := newSearch(t)
	ask := b.get("/cards/export?q=ärlig&kind=standard")
	refused := b.sendForm(ask, "/cards/export", "format", "csv", "personal_numbers", "yes").mustFail(http.StatusUnprocessableEntity, "purpose")
	kept := refused.form("/cards/export")
	if kept.Get("format") != "csv" || kept.Get("personal_numbers") != "yes" || kept.Get("q") != "ärlig" || kept.Get("kind") != "standard" {
		t.Errorf("kept: %v", kept)
	}
	for _, purpose := range []string{"Lön för 19900101-2385", strings.Repeat("å", 201)} {
		again := b.sendForm(refused, "/cards/export", "purpose", purpose).mustFail(http.StatusUnprocessableEntity, "purpose")
		if again.form("/cards/export").Get("purpose") != purpose {
			t.Errorf("the purpose %q is lost", purpose)
		}
	}
	rows := b.sendForm(refused, "/cards/export", "purpose", "Kontroll mot personalliggaren").csvRows()
	if len(rows) != 2 || rows[1][4] != "19900101-2385" {
		t.Errorf("the list: %q", rows)
	}
	b.get("/cards/export").mustSay("Kontroll mot personalliggaren")
	if n := query[int](t, p, `SELECT count(*) FROM card_exports`); n != 1 {
		t.Errorf("%d exports are written down", n)
	}
	b.post("/cards/export", "format", "pdf", "purpose", "x").mustFail(http.StatusUnprocessableEntity, "format")
}

// The list of a search by personnummer is asked for without an address that holds it.
func TestListOfASearchByPersonalNumber(t *testing.T) {
	t.Parallel()
	_, b, k := newSearch(t)
	b.get("/cards/export?q=" + personalNumber).mustBe(http.StatusSeeOther).mustLeadTo("/cards")
	found := b.follow(b.post("/cards", "q", personalNumber)).mustShow(k.Number.String())
	ask := b.get(found.linkTo("/cards/export?sealed=")).mustBe(http.StatusOK)
	if rows := b.sendForm(ask, "/cards/export", "format", "csv").csvRows(); len(rows) != 2 || rows[1][0] != k.Number.String() {
		t.Errorf("the list: %q", rows)
	}
}

// Lists are the company's: nobody else has the page, and a filter that is none leads to nothing.
func TestListsAreForTheCompany(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	for role, want := range map[string]int{"admin": 200, "orderer": 200, "holder": 404, "issuer": 404} {
		b := c.browsers[role]
		b.get("/cards/export").mustBe(want)
		b.post("/cards/export", "format", "csv").mustBe(want)
	}
	c.browsers["orderer"].get("/cards/export?status=x").mustBe(http.StatusNotFound)
}
