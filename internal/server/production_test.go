package server_test

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
)

func str(name, value string) i18n.Arg { return i18n.Str(name, value) }

func hasAutofocus(n *html.Node) bool { return hasAttr(n, "autofocus") }

// uploadAnswer sends the bureau's answer as the form's field does.
func (b *browser) uploadAnswer(path, field, text string) answer {
	b.t.Helper()
	return b.upload(path, url.Values{}, field, "svar.csv", []byte(text))
}

// answerSheet are the lines of a production file, without its head.
func answerSheet(t *testing.T, text string) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(text, "\uFEFF")
	c := csv.NewReader(strings.NewReader(text))
	c.Comma = ';'
	lines, err := c.ReadAll()
	if err != nil || !marked || len(lines) == 0 || lines[0][0] != "number" {
		t.Fatalf("no production file: %v, marked %t\n%s", err, marked, text)
	}
	return lines[1:]
}

// From the batch to the bureau and back: the file, the photos, the notes, a spoiled card, a withdrawn one.
func TestABatchGoesToTheBureauAndBack(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	evil := c.Card(t, pgtest.Spec{Status: card.Approved, Name: card.Name{Given: "=1+1", Family: "@Formel;\"sson"}})
	spoiled, gone := c.Card(t, pgtest.Spec{Status: card.Approved}), c.Card(t, pgtest.Spec{Status: card.Approved})
	visitor := c.Card(t, pgtest.Spec{Status: card.Reviewed, Kind: card.Visitor})
	p.log.forbid("Formel")
	b := p.logIn(t, p.Issuer)
	b.get("/desk/production").mustBe(http.StatusOK).mustSay("KP-0000-000001", swedish("production.company_se"), swedish("production.months", i18n.Count(60)))
	for _, cards := range []string{"", "0", "-5", "10001", "alla", "5.5"} {
		a := b.post("/desk/production", "cards", cards).mustFail(http.StatusUnprocessableEntity, "cards")
		if kept := a.form("/desk/production").Get("cards"); kept != cards {
			t.Errorf("of %q is kept %q", cards, kept)
		}
	}
	batch := b.post("/desk/production", "cards", " 1 000 ").mustBe(http.StatusSeeOther).location()
	b.post("/desk/production", "cards", "500").mustBe(http.StatusConflict).mustSay(swedish("production.error_nothing"))
	if shown := b.get(batch).mustBe(http.StatusOK).cards(); len(shown) != 4 || shown[0].number != "KP-0000-000001" {
		t.Errorf("the batch shows %v", shown)
	}

	file := b.get(batch + "/cards.csv").mustBe(http.StatusOK)
	if name := file.header.Get("Content-Disposition"); name != `attachment; filename="produktion-1.csv"` {
		t.Errorf("the file is %s", name)
	}
	lines := answerSheet(t, file.body)
	if len(lines) != 4 || lines[0][2] != "'=1+1" || lines[0][3] != "'@Formel;\"sson" || lines[3][1] != "visitor" || lines[3][7] != "" {
		t.Errorf("the file says %q", lines)
	}
	if strings.Contains(file.body, "TEST0000") {
		t.Error("the file tells identity numbers")
	}
	gone.Do(t, card.Cancel)
	all := b.get(batch + "/cards.zip").mustBe(http.StatusOK)
	z, err := zip.NewReader(strings.NewReader(all.body), int64(len(all.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	want := []string{"produktion-1.csv", "foljesedlar.html", "foljesedlar.css", "photos/KP-0000-000001.jpg", "photos/KP-0000-000002.jpg"}
	if !slices.Equal(names, want) {
		t.Errorf("the ZIP holds %v, want %v", names, want)
	}
	b.get(batch+"/delivery-notes").mustBe(http.StatusOK).mustSay("Testgatan 1", "KP-0000-000004", swedish("kind.visitor"), "PO 17").mustNotSay("KP-0000-000003")
	b.get(batch).mustSay(swedish("production.changed"), swedish("production.to_withdraw"))

	path := batch + "/answer"
	text := "number;chip_uid;outcome\r\nkp 0000 000001;04:a1:b2:c3;Made\r\n\r\nKP-0000-000002;;spoiled\r\nKP-0000-000003;04A1B2C5;made\r\nKP-0000-000004;;made\r\n"
	b.uploadAnswer(path, "answer_file", "\uFEFF"+text).mustLeadTo(batch)
	b.get(batch).mustSay(swedish("production.answered", i18n.Int("made", 2), i18n.Int("spoiled", 1), i18n.Int("withdrawn", 1)))
	b.get(batch).mustNotSay(swedish("production.answered", i18n.Int("made", 2), i18n.Int("spoiled", 1), i18n.Int("withdrawn", 1)))
	for k, want := range map[*pgtest.Card]string{
		evil: "KP-0000-000001 04A1B2C3 produced", spoiled: "- - approved", gone: "- - cancelled", visitor: "KP-0000-000004 - produced",
	} {
		const q = `SELECT coalesce(number, '-') || ' ' || coalesce(chip_uid, '-') || ' ' || status FROM cards WHERE id = $1`
		if got := query[string](t, p, q, k.ID); got != want {
			t.Errorf("card %d is %s, want %s", k.ID, got, want)
		}
	}
	if n := query[int](t, p, `SELECT count(*) FROM issuer_looks WHERE page = 'production' AND cardinality(card_ids) > 0`); n < 5 {
		t.Errorf("%d looks are written down", n)
	}
}

// A faulty answer is refused whole, with line and column; what cannot be read is said to be so.
func TestFaultyAnswersSayWhere(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Approved})
	b := p.logIn(t, p.Issuer)
	batch := b.post("/desk/production", "cards", "1").mustBe(http.StatusSeeOther).location()
	path := batch + "/answer"
	good := "KP-0000-000001;04A1B2C3;made\n"
	for name, tc := range map[string]struct {
		text string
		say  string
	}{
		"nothing":                {"", swedish("production.error_required")},
		"only the columns":       {"number;chip;outcome\n", swedish("production.error_unreadable")},
		"bytes that are no text": {good + "\xff\xfe", swedish("production.error_unreadable")},
		"a spreadsheet's own":    {"PK\x03\x04\x00\x00", swedish("production.error_unreadable")},
		"an open quote":          {"\"KP-0000-000001;04A1B2C3;made\n", swedish("production.error_unreadable")},
		"too many lines":         {strings.Repeat(good, card.MaxBatch+1), swedish("production.error_too_long")},
		"a wrong chip":           {"number\n" + "KP-0000-000001;XYZ;made\n", swedish("production.chip_invalid")},
		"no chip":                {"KP-0000-000001;;made\n", swedish("production.chip_required")},
		"no outcome":             {"KP-0000-000001\n", swedish("production.outcome_required")},
		"another number":         {good + "KP-0000-000002;04A1B2C4;made\n", swedish("production.line_number", i18n.Int("number", 2))},
		"the columns twice":      {"number\nnumber\n" + good, swedish("production.number_unknown")},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			b.uploadAnswer(path, "answer_file", tc.text).mustFail(http.StatusUnprocessableEntity, "answer-file").mustSay(tc.say)
		})
	}
	b.uploadAnswer(path, "another", good).mustFail(http.StatusUnprocessableEntity, "answer-file")
	b.uploadAnswer(path, "answer_file", strings.Repeat("x", 3<<20)).mustBe(http.StatusRequestEntityTooLarge)
	b.post(path, "answer_file", good).mustBe(http.StatusBadRequest)
	b.uploadAnswer("/desk/production/999999999/answer", "answer_file", good).mustBe(http.StatusNotFound)
	if k.See(t); k.Status != card.Approved {
		t.Fatalf("the card is %s", k.Status)
	}
	b.uploadAnswer(path, "answer_file", strings.ReplaceAll(good, ";", "\t")).mustLeadTo(batch)
	b.uploadAnswer(path, "answer_file", good).mustLeadTo(batch) // once more says nothing new
	b.uploadAnswer(path, "answer_file", strings.Replace(good, "C3", "C4", 1)).mustFail(http.StatusUnprocessableEntity, "answer-file").mustSay(swedish("production.number_answered"))
	if got := query[string](t, p, `SELECT number || ' ' || chip_uid FROM cards WHERE id = $1`, k.ID); got != fmt.Sprintf("%s 04A1B2C3", "KP-0000-000001") {
		t.Errorf("the card is %s", got)
	}
}
