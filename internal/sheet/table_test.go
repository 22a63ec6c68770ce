package sheet_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"kortportal/internal/sheet"
)

// nastyRows are cells that spreadsheet programs make something else of, and some that XML does.
func nastyRows() [][]string {
	return [][]string{
		{"Namn", "Nummer", "Anteckning"},
		{"=HYPERLINK(\"http://evil.example\")", "+46", "-1"},
		{"@SUM(A1)", "\t=1", " =1+1"},
		{"Ström; \"Åsa\"", "0012", "rad 1\nrad 2"},
		{"<b>&amp;</b>", "  ", "łž"},
	}
}

func write(t *testing.T, table sheet.Table, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range nastyRows() {
		if err := table.Row(row); err != nil {
			t.Fatal(err)
		}
		if err := table.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
}

// A workbook reads as what was written, as text, calculated nowhere.
func TestXLSXIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	table, err := sheet.NewXLSX(&b, "Kort & <annat>", 3)
	write(t, table, err)
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if names := f.GetSheetList(); len(names) != 1 || names[0] != "Kort & <annat>" {
		t.Errorf("sheets %q", names)
	}
	rows, err := f.GetRows("Kort & <annat>")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(nastyRows(), rows); d != "" {
		t.Errorf("the cells (-written +read):\n%s", d)
	}
	for _, cell := range []string{"A2", "B2", "C2", "A3"} {
		formula, err := f.GetCellFormula("Kort & <annat>", cell)
		kind, typeErr := f.GetCellType("Kort & <annat>", cell)
		if err != nil || typeErr != nil || formula != "" || kind != excelize.CellTypeInlineString {
			t.Errorf("%s is of type %v with formula %q, %v %v", cell, kind, formula, err, typeErr)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// What XML cannot hold does not break the workbook.
func TestXLSXWithControlCharacters(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	table, err := sheet.NewXLSX(&b, "Kort", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Row([]string{"a\x00b\x1bc"}); err != nil {
		t.Fatal(err)
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if cell, err := f.GetCellValue("Kort", "A1"); err != nil || cell != "a\uFFFDb\uFFFDc" {
		t.Errorf("the cell is %q, %v", cell, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// A CSV file has its mark, and nothing in it begins as a formula does.
func TestCSVIsNoProgram(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	table, err := sheet.NewCSV(&b, ';')
	write(t, table, err)
	const want = "\uFEFFNamn;Nummer;Anteckning\r\n" +
		"\"'=HYPERLINK(\"\"http://evil.example\"\")\";'+46;'-1\r\n" +
		"'@SUM(A1);'\t=1;' =1+1\r\n" +
		"\"Ström; \"\"Åsa\"\"\";0012;\"rad 1\r\nrad 2\"\r\n" +
		"\"<b>&amp;</b>\";\"  \";łž\r\n"
	if d := cmp.Diff(strings.Split(want, "\r\n"), strings.Split(b.String(), "\r\n")); d != "" {
		t.Errorf("the file (-want +got):\n%s", d)
	}
}
