// Package sheet is about spreadsheets, as CSV and as XLSX. It writes tables of any length, and reads orders from a file that somebody uploads: it finds the
// columns by their names in Swedish or English, and says of each cell that is not written as it should be what is wrong with it. It
// knows neither HTTP nor SQL; whether an order can be made is for the store to say.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// The limits of a file.
const (
	MaxBytes = 10 << 20
	MaxRows  = 5000

	maxColumns = 60   // further ones are not looked at
	maxCell    = 2000 // characters; longer ones are cut, and are too long for any rule
	searched   = 10   // rows from the top in which the names of the columns may stand
)

// What is wrong with a file as a whole.
var (
	// ErrTooLarge: more than MaxBytes, or much more when unpacked.
	ErrTooLarge = errors.New("sheet: file is too large")
	// ErrTooMany: more than MaxRows rows.
	ErrTooMany = errors.New("sheet: too many rows")
	// ErrEmpty: no row under the names of the columns.
	ErrEmpty = errors.New("sheet: no rows")
	// ErrUnreadable: neither text nor a workbook, or damaged.
	ErrUnreadable = errors.New("sheet: cannot be read")
	// ErrOld: a workbook of the old format XLS, or one that is encrypted.
	ErrOld = errors.New("sheet: old or encrypted workbook")
)

// ColumnsError says that columns that an order needs are missing, or stand in the file twice.
type ColumnsError struct {
	Missing []card.Column
	Twice   []card.Column
	Unknown []string // names in the file that mean no column
}

func (e *ColumnsError) Error() string {
	return fmt.Sprintf("sheet: columns missing %v, twice %v", e.Missing, e.Twice)
}

// line is one row of a file, with its number there.
type line struct {
	row   int
	cells []string
}

// Read reads the orders of a file, CSV or XLSX by its content.
func Read(file []byte, o Options) (card.NewImport, error) {
	lines, err := linesOf(file)
	if err != nil {
		return card.NewImport{}, err
	}
	if len(lines) == 0 {
		return card.NewImport{}, ErrEmpty
	}
	h, at, err := findHeader(lines, o)
	if err != nil {
		return card.NewImport{}, err
	}
	lines = lines[at+1:]
	switch {
	case len(lines) == 0:
		return card.NewImport{}, ErrEmpty
	case len(lines) > MaxRows:
		return card.NewImport{}, ErrTooMany
	}
	n := card.NewImport{Ignored: h.unknown}
	for _, l := range lines {
		n.Rows = append(n.Rows, h.order(l, o))
	}
	return n, nil
}

// linesOf are the rows of a file that are not empty.
func linesOf(file []byte) ([]line, error) {
	switch {
	case len(file) > MaxBytes:
		return nil, ErrTooLarge
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return readXLSX(file)
	case bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")):
		return nil, ErrOld
	}
	return readCSV(file)
}

// limit is the most rows that are read: one more than allowed, and those above the names of the columns.
const limit = MaxRows + searched + 1

// tidy makes a cell one that the store can keep; the row is nil when all its cells are empty.
func tidy(cells []string) []string {
	if len(cells) > maxColumns {
		cells = cells[:maxColumns]
	}
	empty := true
	tidied := make([]string, len(cells))
	for i, c := range cells {
		tidied[i] = tidyCell(c)
		empty = empty && tidied[i] == ""
	}
	if empty {
		return nil
	}
	return tidied
}

func tidyCell(s string) string {
	if len(s) > 4*maxCell {
		s = s[:4*maxCell]
	}
	s = strings.ToValidUTF8(lineEnds.Replace(s), "\uFFFD")
	return strings.TrimSpace(s)
}

var lineEnds = strings.NewReplacer("\x00", "", "\r\n", "\n", "\r", "\n", "_x000D_\n", "\n")

// header says where the columns are.
type header struct {
	at      map[card.Column]int
	unknown []string
}

// findHeader finds the names of the columns near the top of the file.
func findHeader(lines []line, o Options) (header, int, error) {
	best, at := header{}, 0
	var twice []card.Column
	for i, l := range lines[:min(searched, len(lines))] {
		h, t := headerOf(l)
		if i == 0 || len(h.at) > len(best.at) {
			best, at, twice = h, i, t
		}
	}
	e := ColumnsError{Twice: twice, Unknown: best.unknown}
	for _, c := range []card.Column{card.ColumnGivenName, card.ColumnFamilyName, card.ColumnCitizenship, card.ColumnDeliverTo} {
		if _, ok := best.at[c]; !ok && (c != card.ColumnDeliverTo || o.DeliverTo == "") {
			e.Missing = append(e.Missing, c)
		}
	}
	_, swedish := best.at[card.ColumnPersonalNumber]
	_, foreign := best.at[card.ColumnPassportNumber]
	_, country := best.at[card.ColumnPassportCountry]
	switch {
	case !swedish && !foreign:
		e.Missing = append([]card.Column{card.ColumnPersonalNumber}, e.Missing...)
	case foreign && !country:
		e.Missing = append([]card.Column{card.ColumnPassportCountry}, e.Missing...)
	}
	if len(e.Missing) > 0 || len(e.Twice) > 0 {
		return header{}, 0, &e
	}
	return best, at, nil
}

func headerOf(l line) (h header, twice []card.Column) {
	h.at = map[card.Column]int{}
	names := columnNames()
	for i, cell := range l.cells {
		column, known := names[fold(cell)]
		_, there := h.at[column]
		switch {
		case cell == "":
		case !known:
			// Where the names are missing, people stand in their place.
			if len(h.unknown) < 20 && !account.LooksLikePersonalNumber(cell) {
				h.unknown = append(h.unknown, short(cell))
			}
		case there && !slices.Contains(twice, column):
			twice = append(twice, column)
		case !there:
			h.at[column] = i
		}
	}
	return h, twice
}

// short is a name as far as a page has room for it.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (h header) cell(l line, c card.Column) string {
	if i, ok := h.at[c]; ok && i < len(l.cells) {
		return l.cells[i]
	}
	return ""
}
