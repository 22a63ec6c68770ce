package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Table is a table that is written as it comes: nothing of it stays in memory, so that it may have any number of rows.
type Table interface {
	// Row writes a row of text. A spreadsheet program shows each cell as it is and calculates nothing.
	Row(cells []string) error
	// Flush sends what was written on its way.
	Flush() error
	// Close ends the table, but not what it is written to.
	Close() error
}

// csvTable is a Table in UTF-8 with a mark, without which Excel misreads å, ä and ö.
type csvTable struct{ w *csv.Writer }

// NewCSV begins a Table as CSV.
func NewCSV(w io.Writer, comma rune) (Table, error) {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	c := csv.NewWriter(w)
	c.Comma, c.UseCRLF = comma, true
	return &csvTable{c}, nil
}

// Row writes the cells, with an apostrophe before what a spreadsheet program would take for a formula.
func (t *csvTable) Row(cells []string) error {
	plain := make([]string, len(cells))
	for i, cell := range cells {
		plain[i] = plainCell(cell)
	}
	return t.w.Write(plain)
}

func (t *csvTable) Flush() error {
	t.w.Flush()
	return t.w.Error()
}

func (t *csvTable) Close() error { return t.Flush() }

func plainCell(cell string) string {
	if start := strings.TrimLeft(cell, " \u00a0"); start != "" && strings.ContainsRune("=+-@\t\r\n", rune(start[0])) {
		return "'" + cell
	}
	return cell
}

// xlsxTable is a Table as the one sheet of a workbook (ECMA-376). Its cells are inline text, which is never a formula.
type xlsxTable struct {
	zip  *zip.Writer
	out  *bufio.Writer // the sheet
	rows int
}

// The parts of a workbook besides its sheet. %s is the sheet's name.
const (
	xlsxHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	xlsxTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`</Types>`
	xlsxRoot = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>` +
		`</Relationships>`
	xlsxBookRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
		`</Relationships>`
	xlsxBook = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"` +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`
	// Style 0 is text (number format 49, @), style 1 is bold text for the names of the columns.
	xlsxStyles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
		`<cellXfs count="2"><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`
	xlsxSheet = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
		`<cols><col min="1" max="%d" width="22" customWidth="1"/></cols><sheetData>`
	xlsxEnd = `</sheetData></worksheet>`
)

// NewXLSX begins a Table as a workbook with so many columns. Its first row are their names.
func NewXLSX(w io.Writer, title string, columns int) (Table, error) {
	t := &xlsxTable{zip: zip.NewWriter(w)}
	for _, part := range []struct{ name, content string }{
		{"[Content_Types].xml", xlsxTypes},
		{"_rels/.rels", xlsxRoot},
		{"xl/workbook.xml", fmt.Sprintf(xlsxBook, escape(title))},
		{"xl/_rels/workbook.xml.rels", xlsxBookRels},
		{"xl/styles.xml", xlsxStyles},
		{"xl/worksheets/sheet1.xml", fmt.Sprintf(xlsxSheet, columns)},
	} {
		file, err := t.zip.Create(part.name)
		if err != nil {
			return nil, fmt.Errorf("sheet: %w", err)
		}
		t.out = bufio.NewWriter(file)
		if _, err := t.out.WriteString(xlsxHead + part.content); err != nil {
			return nil, fmt.Errorf("sheet: %w", err)
		}
		if err := t.out.Flush(); err != nil {
			return nil, fmt.Errorf("sheet: %w", err)
		}
	}
	return t, nil
}

// Row writes the cells. What cannot stand in XML becomes U+FFFD.
func (t *xlsxTable) Row(cells []string) error {
	style := ""
	if t.rows == 0 {
		style = ` s="1"`
	}
	t.rows++
	// An error of the buffer is kept until Flush.
	_, _ = t.out.WriteString("<row>")
	for _, cell := range cells {
		_, _ = t.out.WriteString(`<c t="inlineStr"` + style + `><is><t xml:space="preserve">` + escape(cell) + `</t></is></c>`)
	}
	_, err := t.out.WriteString("</row>")
	return err
}

func (t *xlsxTable) Flush() error {
	if err := t.out.Flush(); err != nil {
		return err
	}
	return t.zip.Flush()
}

func (t *xlsxTable) Close() error {
	if _, err := t.out.WriteString(xlsxEnd); err != nil {
		return err
	}
	if err := t.out.Flush(); err != nil {
		return err
	}
	return t.zip.Close()
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
