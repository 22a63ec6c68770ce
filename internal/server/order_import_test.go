package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/sheet"
)

const importHeadings = "Passland;Passnummer;Förnamn;Efternamn;Medborgarskap;E-post;Leveransadress\n"

// importFile is a file with so many good rows, all of people whom nobody knows.
func importFile(rows int) string {
	var b strings.Builder
	b.WriteString(importHeadings)
	for i := range rows {
		fmt.Fprintf(&b, "Polen;PL%06d;Rad;Radsson %d;PL;rad%d@company.example;Gatan 1\n", i, i, i)
	}
	return b.String()
}

// upload sends a file as the form of the page does.
func (b *browser) uploadSheet(file string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.upload("/orders/import", form, "file", "personal.csv", []byte(file))
}

func (p *portal) cardsOf(t *testing.T, c *pgtest.Company) int {
	t.Helper()
	return query[int](t, p, `SELECT count(*) FROM cards WHERE company_id = $1`, c.ID)
}

func TestImportFromUploadToReceipt(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	p.log.forbid("Radsson", "PL0000", "Gatan 1")
	b := p.logIn(t, c.Orderer)
	b.get("/orders/import").mustBe(http.StatusOK).mustSay(swedish("order_import.title"))
	address := b.uploadSheet(importFile(3)).mustBe(http.StatusSeeOther).location()
	page := b.get(address).mustBe(http.StatusOK).mustSay(swedish("order_import.all_good", i18n.Count(3)), swedish("order_import.photos_later"))
	if strings.Contains(page.body, "PL000") {
		t.Error("the page holds a passport number")
	}
	if n := p.cardsOf(t, c); n != 0 {
		t.Errorf("the look made %d cards", n)
	}
	b.sendForm(page, address, "mode", "all").mustBe(http.StatusSeeOther).mustLeadTo(address)
	done := b.get(address).mustBe(http.StatusOK).mustSay(swedish("order_import.made", i18n.Count(3)))
	if !strings.Contains(strings.Join(done.links(), " "), "/orders ") {
		t.Errorf("no way to the orders: %v", done.links())
	}
	if n := p.cardsOf(t, c); n != 3 {
		t.Errorf("there are %d cards", n)
	}
	b.post(address, "mode", "good").mustBe(http.StatusSeeOther)
	if n := p.cardsOf(t, c); n != 3 {
		t.Errorf("confirmed again there are %d cards", n)
	}
}

func TestImportTellsRowAndColumn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	file := importFile(2) + "Polen;PL000001;Rad;Dubbel;PL;;Gatan 1\nPolen;PL900000;Rad;Fel;PL;ingen;Gatan 1\n;;Rad;Ingen;XQ;;Gatan 1\n"
	address := b.uploadSheet(file).mustBe(http.StatusSeeOther).location()
	page := b.get(address).mustBe(http.StatusOK).mustSay(
		swedish("order_import.good", i18n.Count(2)), swedish("order_import.bad", i18n.Count(3)), swedish("order_import.fault.twin", i18n.Int("row", 3)),
		swedish("order_import.fault.email"), swedish("order_import.fault.country"))
	for _, place := range []string{`data-row="4" data-column=""`, `data-row="5" data-column="email"`, `data-row="6" data-column="citizenship"`, `data-row="6" data-column="passport_number"`} {
		if !strings.Contains(page.body, place) {
			t.Errorf("nothing is told at %s", place)
		}
	}
	list := b.get(address + "/faults.csv").mustBe(http.StatusOK)
	if !strings.Contains(list.body, "5;E-post;"+swedish("order_import.fault.email")) || strings.Contains(list.body, "PL9") {
		t.Errorf("the list: %s", list.body)
	}
	b.post(address, "mode", "all").mustBe(http.StatusConflict).mustSay(swedish("order_import.stopped"))
	if n := p.cardsOf(t, c); n != 0 {
		t.Errorf("all or nothing made %d cards", n)
	}
	b.sendForm(page, address, "mode", "good").mustBe(http.StatusSeeOther)
	b.get(address).mustSay(swedish("order_import.made", i18n.Count(2)), swedish("order_import.left_out", i18n.Count(3)))
}

// Every good row is shown as it was understood, a page at a time.
func TestImportShowsEachGoodRow(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := p.logIn(t, p.NewCompany(t).Orderer)
	address := b.uploadSheet(importFile(51) + "Polen;PL900000;Rad;Fel;PL;ingen;Gatan 1\n").mustBe(http.StatusSeeOther).location()
	first := b.get(address).mustBe(http.StatusOK).mustSay("Rad Radsson 0", "PL ****", "rad49@company.example")
	second := b.get(address + "?after=51").mustBe(http.StatusOK).mustSay("Rad Radsson 50")
	for _, page := range []struct {
		answer
		rows int
		next bool
	}{{first, 50, true}, {second, 1, false}} {
		if n := strings.Count(page.body, "data-good-row="); n != page.rows {
			t.Errorf("%d good rows on a page that has %d", n, page.rows)
		}
		if strings.Contains(page.body, address+"?after=51#rows") != page.next {
			t.Errorf("a page with %d rows, and its next page", page.rows)
		}
	}
	b.get(address + "?after=x").mustBe(http.StatusOK).mustSay("Rad Radsson 0")
}

func TestImportOfWhatIsNoFile(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := p.logIn(t, p.NewCompany(t).Orderer)
	for name, tc := range map[string]struct {
		file string
		key  i18n.Key
	}{
		"none":       {"", "error.import_file_required"},
		"headings":   {importHeadings, "error.import_file_empty"},
		"a picture":  {"\x89PNG\x00\x00", "error.import_file_unreadable"},
		"an old one": {"\xd0\xcf\x11\xe0", "error.import_file_old"},
		"too long":   {importFile(sheet.MaxRows + 1), "error.import_file_too_many"},
		"too large":  {strings.Repeat("x", sheet.MaxBytes+1), "error.import_file_too_large"},
		"no columns": {"Namn;Skonummer\nA;42\n", "error.import_file_columns"},
	} {
		page := b.uploadSheet(tc.file, "deliver_to", "Gatan 2").mustBe(http.StatusUnprocessableEntity).mustSay(swedish(tc.key))
		if page.form("/orders/import").Get("deliver_to") != "Gatan 2" {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.uploadSheet("Namn;Skonummer\nA;42\n").mustSay("Personnummer, Förnamn, Efternamn, Medborgarskap, Leveransadress", "Namn, Skonummer")
	b.uploadSheet(importFile(1), "deliver_to", strings.Repeat("x", 401)).mustBe(http.StatusUnprocessableEntity).mustSay(swedish("error.import_deliver_to_too_long"))
	b.uploadSheet(importFile(1), "deliver_to", strings.Repeat("x", 400)).mustBe(http.StatusSeeOther)
	b.post("/orders/import", "deliver_to", "x").mustBe(http.StatusBadRequest)
}

func TestImportIsForItsOrderer(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, other := p.NewCompany(t), p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	address := b.uploadSheet(importFile(1)).mustBe(http.StatusSeeOther).location()
	k := c.Card(t, pgtest.Spec{Status: card.Active})
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
		for _, a := range []answer{theirs.get(address), theirs.get(address + "/faults.csv"), theirs.post(address, "mode", "good")} {
			if a.status != tc.status {
				t.Errorf("%s: %s is %d, want %d", name, a.asked.Path, a.status, tc.status)
			}
		}
	}
	for _, path := range []string{"/orders/import/0", "/orders/import/x", "/orders/import/01", "/orders/import/99999", "/orders/import/template.xls"} {
		b.get(path).mustBe(http.StatusNotFound)
	}
	b.ask(b.request(http.MethodPut, address, nil)).mustBe(http.StatusMethodNotAllowed)
	b.other().get(address).mustBe(http.StatusSeeOther)
	b.get(address).mustBe(http.StatusOK)
	p.MoveClock(t, 61*time.Minute)
	p.logIn(t, c.Orderer).get(address).mustBe(http.StatusNotFound)
}

// Who has lost the role while looking at the rows is told so, and nothing is ordered.
func TestImportAfterTheRoleIsLost(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	address := b.uploadSheet(importFile(1)).mustBe(http.StatusSeeOther).location()
	p.exec(t, `UPDATE memberships SET ended_at = clock_now() WHERE person_id = $1`, c.Orderer.Person)
	if a := b.post(address, "mode", "all"); a.status == http.StatusSeeOther && a.location() == address || p.cardsOf(t, c) != 0 {
		t.Errorf("answered %d, %d cards", a.status, p.cardsOf(t, c))
	}
	p.exec(t, `UPDATE memberships SET ended_at = NULL WHERE person_id = $1`, c.Orderer.Person)
	b.post(address, "mode", "all").mustBe(http.StatusSeeOther)
	if n := p.cardsOf(t, c); n != 1 {
		t.Errorf("there are %d cards", n)
	}
}

func TestThirtyTwoConfirmAnImport(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	address := b.uploadSheet(importFile(10)).mustBe(http.StatusSeeOther).location()
	var done sync.WaitGroup
	answers := make([]answer, 32)
	errs := make([]error, 32)
	for i := range answers {
		r := b.request(http.MethodPost, address, strings.NewReader("mode=all"))
		done.Go(func() { answers[i], errs[i] = b.do(r) })
	}
	done.Wait()
	for i, a := range answers {
		if errs[i] != nil || a.status != http.StatusSeeOther || a.location() != address {
			t.Errorf("answer %d: %d, %v", i, a.status, errs[i])
		}
	}
	if n := p.cardsOf(t, c); n != 10 {
		t.Errorf("there are %d cards", n)
	}
}

// The templates that are offered are read, in both languages.
func TestImportTemplatesAreRead(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	b := p.logIn(t, c.Orderer)
	for lang, comma := range map[string]string{"sv": ";", "en": ","} {
		b.post("/language", "lang", lang, "next", "/cards")
		for format, mime := range map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
			a := b.get("/orders/import/template." + format).mustBe(http.StatusOK)
			if a.header.Get("Content-Type") != mime || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment;") {
				t.Errorf("%s: %v", format, a.header)
			}
			if format == "xlsx" {
				if again := b.uploadSheet(a.body); again.status != http.StatusUnprocessableEntity || !strings.Contains(again.body, "file-error") {
					t.Errorf("an empty workbook: %d", again.status)
				}
				continue
			}
			row := strings.Join([]string{"", "PL", "AB1234" + lang, "A", "B", "PL", "a@company.example", lang, "PO", "Gatan 1"}, comma)
			address := b.uploadSheet(a.body + row).mustBe(http.StatusSeeOther).location()
			if page := b.get(address); !page.hasForm(address) {
				t.Errorf("%s %s: the row cannot be ordered:\n%s", lang, format, page.text())
			}
		}
	}
}
