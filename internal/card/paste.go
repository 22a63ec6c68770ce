package card

import (
	"strings"
	"time"
	"unicode"
)

// MaxPasted is how many lines the paste box takes.
const MaxPasted = 5000

// Match is what a line of the paste box leads to.
type Match struct {
	Cards []Row // at most MaxMatches, those that can still be used before those at an end
	More  bool
}

// MaxMatches is how many cards a line may lead to before there is no point in showing more.
const MaxMatches = 8

// Line is a line of the paste box, understood.
type Line struct {
	Nth   int // from one
	Text  string
	Query Query // NoQuery for one that says nothing
}

// ParseLines understands what somebody pasted: a card on each line, by its number, its holder's personnummer or name in any spelling. Of the
// cells of a table the first number counts, else all together are a name. Lines without text are left out. more is how many lines there were
// beyond MaxPasted. today decides the century of a short personnummer.
func ParseLines(text string, today time.Time) (lines []Line, more int) {
	for nth, line := range splitLines(text) {
		if line == "" {
			continue
		}
		if len(lines) == MaxPasted {
			more++
			continue
		}
		lines = append(lines, Line{Nth: nth + 1, Text: line, Query: parseLine(line, today)})
	}
	return lines, more
}

// splitLines cuts text into lines without marks, control characters and space around them.
func splitLines(text string) []string {
	text = strings.TrimPrefix(strings.ToValidUTF8(text, "\uFFFD"), "\uFEFF")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u0085", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(strings.Map(func(r rune) rune {
			if r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, line))
	}
	return lines
}

// parseLine understands a line as the search field would: the whole of it, then the cells of a table, whole numbers first.
func parseLine(line string, today time.Time) Query {
	cells := []string{line}
	for _, comma := range []string{"\t", ";"} {
		if strings.Contains(line, comma) {
			cells = append(cells, strings.Split(line, comma)...)
			break
		}
	}
	for _, cell := range cells {
		if n, err := ParseNumber(unquote(cell)); err == nil {
			return Query{Kind: ByNumber, Number: n}
		}
	}
	for _, cell := range cells {
		if q, err := ParseQuery(unquote(cell), today); err == nil && q.Kind == ByPersonalNumber && q.Personal.IsWhole() {
			return q
		}
	}
	name := strings.NewReplacer("\t", " ", ";", " ", "\"", " ").Replace(line)
	if q, err := ParseQuery(name, today); err == nil && q.Kind == ByName {
		return q
	}
	return Query{}
}

// unquote takes away what a spreadsheet or a scanner puts around a cell.
func unquote(cell string) string { return strings.Trim(cell, " \"'*=\u00a0") }
