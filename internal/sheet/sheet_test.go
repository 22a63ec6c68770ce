package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"kortportal/internal/card"
	"kortportal/internal/sheet"
)

// 900101-2385 is one of the test numbers that Skatteverket publishes.

func options() sheet.Options {
	return sheet.Options{Today: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
}

func read(t *testing.T, file []byte) card.NewImport {
	t.Helper()
	n, err := sheet.Read(file, options())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// told is a row in one line: its number, what was read, what is wrong.
func told(r card.ImportRow) string {
	o := r.Order
	text := fmt.Sprintf("%d: %s %s %s %s %s %q %q", r.Row, o.Identity.Number(), o.Name.Full(), o.Citizenship, o.Email, o.Language, o.Reference, o.DeliverTo)
	for _, f := range r.Faults {
		text += fmt.Sprintf(" !%s %s", f.Column, f.Code)
	}
	return text
}

const plain = "Personnummer;Förnamn;Efternamn;Medborgarskap;E-post;Språk;Referens;Leveransadress\r\n" +
	"900101-2385;Åsa;Öhman;SE;asa@example.com;svenska;PO 1;Gatan 1\r\n"

const wholeRow = `2: 199001012385 Åsa Öhman SE asa@example.com sv "PO 1" "Gatan 1"`

// One file in all the ways in which programs write it.
func TestReadsWhatProgramsWrite(t *testing.T) {
	encoded := func(text string, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return []byte(text)
	}
	latin := encoded(charmap.Windows1252.NewEncoder().String(plain))
	utf16 := encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(plain, ";", "\t")))
	for name, file := range map[string][]byte{
		"UTF-8":               []byte(plain),
		"byte order mark":     []byte("\ufeff" + plain),
		"Latin-1":             latin,
		"UTF-16 with tabs":    utf16,
		"tabs":                []byte(strings.ReplaceAll(plain, ";", "\t")),
		"commas":              []byte(strings.ReplaceAll(plain, ";", ",")),
		"line feeds":          []byte(strings.ReplaceAll(plain, "\r\n", "\n")),
		"carriage returns":    []byte(strings.ReplaceAll(plain, "\r\n", "\r")),
		"no end":              []byte(strings.TrimSpace(plain)),
		"quotes":              []byte(strings.ReplaceAll(plain, "Öhman", `"Öhman"`)),
		"empty cells after":   []byte(strings.ReplaceAll(plain, "\r\n", ";;;\r\n")),
		"decomposed headings": []byte(strings.ReplaceAll(plain, "Förnamn", "Fo\u0308rnamn")),
		"other headings":      []byte("pnr;FÖRNAMN ; Surname;nationality;MAIL;language;PO-nummer;Ship to\n" + strings.SplitN(plain, "\n", 2)[1]),
		"another order": []byte("Leveransadress,Efternamn,Förnamn,Språk,Medborgarskap,Referens,E-post,Personnummer\n" +
			"Gatan 1,Öhman,Åsa,Swedish,Sverige,PO 1,ASA@example.com,199001012385\n"),
		"NUL-free number": []byte(strings.ReplaceAll(plain, "900101-2385", "1,99001012385E+11")),
	} {
		t.Run(name, func(t *testing.T) {
			n := read(t, file)
			if len(n.Rows) != 1 || told(n.Rows[0]) != wholeRow {
				for _, r := range n.Rows {
					t.Errorf("read %s\nwant %s", told(r), wholeRow)
				}
			}
		})
	}
}

// A row has the number that spreadsheet programs show, whatever is above it.
func TestRowsAreNumberedAsProgramsDo(t *testing.T) {
	file := "sep=;\nVåra beställningar\n\n" + strings.SplitN(plain, "\r\n", 2)[0] + "\n" +
		"900101-2385;A;B;SE;;;;\"Firma\nGatan 1\nOrten\"\n\n;;;;;;;\n900101-2385;C;D;SE;;;;Gatan 1\n"
	var rows []int
	for _, r := range read(t, []byte(file)).Rows {
		rows = append(rows, r.Row)
	}
	if !slices.Equal(rows, []int{5, 8}) {
		t.Errorf("rows %v", rows)
	}
}

func TestFaultsOfCells(t *testing.T) {
	const header = "Personnummer;Passland;Passnummer;Förnamn;Efternamn;Medborgarskap;E-post;Språk;Leveransadress\n"
	for cells, want := range map[string]string{
		"900101-2385;;;A;B;Polen;;;G":                       "",
		";PL;AB 123456;A;B;Polish;;;G":                      "citizenship invalid",
		";Polen;AB 123456;A;B;PL;;;G":                       "",
		";Atlantis;AB 123456;A;B;PL;;;G":                    "passport_country invalid",
		";;AB 123456;A;B;PL;;;G":                            "passport_country empty",
		";PL;;A;B;PL;;;G":                                   "passport_number empty",
		";PL;!;A;B;PL;;;G":                                  "passport_number invalid",
		";;;A;B;PL;;;G":                                     "personal_number empty",
		"900101-2384;;;A;B;SE;;;G":                          "personal_number invalid",
		"101012385;;;A;B;SE;;;G":                            "personal_number short",
		"9,001E+09;;;A;B;SE;;;G":                            "personal_number rounded",
		"1.99001E+11;;;A;B;SE;;;G":                          "personal_number rounded",
		"9001012385.0;;;A;B;SE;;;G":                         "",
		"#SAKNAS!;;;A;B;SE;;;G":                             "personal_number formula",
		"900101-2385;;;#N/A;B;SE;;;G":                       "given_name formula",
		"900101-2385;;;;;SE;;;G":                            "given_name empty, family_name empty",
		"900101-2385;;;A;B;;nobody;fi;":                     "citizenship empty, email invalid, language invalid, deliver_to empty",
		"900101-2385;;;A;B;SE;" + "a@b.se" + ";english;G\t": "",
	} {
		n := read(t, []byte(header+cells))
		var got []string
		for _, f := range n.Rows[0].Faults {
			got = append(got, string(f.Column)+" "+string(f.Code))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", cells, got, want)
		}
	}
}

func TestColumnsAreToldByName(t *testing.T) {
	_, err := sheet.Read([]byte("Förnamn;First name;Skonummer;E-post;900101-2385\nA;B;42;;\n"), options())
	var e *sheet.ColumnsError
	if !errors.As(err, &e) {
		t.Fatalf("read: %v", err)
	}
	want := sheet.ColumnsError{
		Missing: []card.Column{card.ColumnPersonalNumber, card.ColumnFamilyName, card.ColumnCitizenship, card.ColumnDeliverTo},
		Twice:   []card.Column{card.ColumnGivenName}, Unknown: []string{"Skonummer"},
	}
	if diff := cmp.Diff(want, *e); diff != "" {
		t.Error(diff)
	}
	o := options()
	o.DeliverTo = "Gatan 2"
	n, err := sheet.Read([]byte("Förnamn;Efternamn;Medborgarskap;Skonummer;Passport number;Passland\nA;B;SE;42;AB12345;PL\n"), o)
	if err != nil || !slices.Equal(n.Ignored, []string{"Skonummer"}) || n.Rows[0].Order.DeliverTo != "Gatan 2" || n.Good() != 1 {
		t.Errorf("read %+v, %v", n, err)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for name, tc := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":       {nil, sheet.ErrEmpty},
		"headings":      {[]byte(strings.SplitN(plain, "\n", 2)[0]), sheet.ErrEmpty},
		"NUL":           {[]byte(plain + "\x00"), sheet.ErrUnreadable},
		"an old one":    {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), sheet.ErrOld},
		"a broken zip":  {[]byte("PK\x03\x04 and more"), sheet.ErrUnreadable},
		"too large":     {make([]byte, sheet.MaxBytes+1), sheet.ErrTooLarge},
		"too many rows": {[]byte(strings.SplitN(plain, "\r\n", 2)[0] + "\n" + strings.Repeat("900101-2385;A;B;SE;;;;G\n", sheet.MaxRows+1)), sheet.ErrTooMany},
		"a zip bomb":    {bomb(t), sheet.ErrTooLarge},
	} {
		if _, err := sheet.Read(tc.file, options()); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if n := read(t, []byte(strings.SplitN(plain, "\r\n", 2)[0]+"\n"+strings.Repeat("900101-2385;A;B;SE;;;;G\n", sheet.MaxRows))); len(n.Rows) != sheet.MaxRows {
		t.Errorf("%d rows of as many as are allowed", len(n.Rows))
	}
}

// bomb is a workbook of a few hundred kilobytes that unpacks to two hundred megabytes.
func bomb(t *testing.T) []byte {
	t.Helper()
	small, err := zip.NewReader(bytes.NewReader(workbook(t, nil)), int64(len(workbook(t, nil))))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	for _, f := range small.File {
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	out, err := w.Create("xl/media/image1.png")
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if _, err := out.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// workbook is one with the usual headings and what fill writes below them.
func workbook(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	names := strings.Split(strings.SplitN(plain, "\r\n", 2)[0], ";")
	if err := f.SetSheetRow("Sheet1", "A1", &names); err != nil {
		t.Fatal(err)
	}
	if fill != nil {
		fill(f)
	}
	b, err := f.WriteToBuffer()
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Cells of a workbook: text, numbers as amounts, formulas by their last value, empty rows between.
func TestReadsWorkbooks(t *testing.T) {
	n := read(t, workbook(t, func(f *excelize.File) {
		set := func(row int, cells ...any) {
			t.Helper()
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &cells); err != nil {
				t.Fatal(err)
			}
		}
		set(2, "900101-2385", "Åsa", "Öhman", "SE", "asa@example.com", "svenska", "PO 1", "Gatan 1")
		set(4, 199001012385, "Amount", "Long", "SE", nil, nil, 4711, "Gatan 1")
		set(5, 9001012385.0, "Amount", "Short", "SE", nil, nil, nil, "Firman\r\nGatan 1")
		set(6, 101012385, "No", "Zeros", "SE", nil, nil, nil, "Gatan 1")
		set(7, "900101-2385", "Formel", "Formelsson", "SE", nil, nil, 42, "Gatan 1")
		if err := f.SetCellFormula("Sheet1", "G7", "40+2"); err != nil {
			t.Fatal(err)
		}
	}))
	want := []string{
		wholeRow,
		`4: 199001012385 Amount Long SE  sv "4711" "Gatan 1"`,
		`5: 199001012385 Amount Short SE  sv "" "Firman\nGatan 1"`,
		`6:  No Zeros SE  sv "" "Gatan 1" !personal_number short`,
		`7: 199001012385 Formel Formelsson SE  sv "42" "Gatan 1"`,
	}
	var got []string
	for _, r := range n.Rows {
		got = append(got, told(r))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A filled-in template is read without a fault.
func TestTheTemplateIsRead(t *testing.T) {
	names := []string{"Personnummer", "Passland", "Passnummer", "Förnamn", "Efternamn", "Medborgarskap", "E-post", "Språk", "Referens", "Leveransadress"}
	book, err := sheet.XLSXTemplate("Beställning", names)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetSheetRow("Beställning", "A2", &[]string{"900101-2385", "", "", "Åsa", "Öhman", "SE", "asa@example.com", "", "PO 1", "Gatan 1"}); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	list, err := sheet.CSVTemplate(names, ',')
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, "900101-2385,,,Åsa,Öhman,SE,asa@example.com,,PO 1,Gatan 1\r\n"...)
	for name, file := range map[string][]byte{"XLSX": b.Bytes(), "CSV": list} {
		if n := read(t, file); len(n.Rows) != 1 || told(n.Rows[0]) != wholeRow || len(n.Ignored) != 0 {
			t.Errorf("%s: %+v", name, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte("\"Förnamn\n;a"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(_ *testing.T, file []byte) {
		_, _ = sheet.Read(file, options())
	})
}

func BenchmarkRead(b *testing.B) {
	file := []byte(strings.SplitN(plain, "\r\n", 2)[0] + "\n" + strings.Repeat("900101-2385;A;B;SE;a@b.se;sv;PO;G\n", sheet.MaxRows))
	for b.Loop() {
		if _, err := sheet.Read(file, options()); err != nil {
			b.Fatal(err)
		}
	}
}
