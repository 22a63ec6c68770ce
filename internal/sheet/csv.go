package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// readCSV reads text with a separator, in the encodings and with the separators and line ends that spreadsheet programs write.
func readCSV(file []byte) ([]line, error) {
	text, err := decode(file)
	if err != nil {
		return nil, err
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	first := 1
	if hint, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(hint), "sep=") {
		text, first = rest, 2
	}
	return split(text, separator(text), first)
}

func decode(file []byte) (string, error) {
	utf16 := bytes.HasPrefix(file, []byte("\xff\xfe")) || bytes.HasPrefix(file, []byte("\xfe\xff"))
	if utf16 {
		decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(file)
		if err != nil {
			return "", ErrUnreadable
		}
		file = decoded
	}
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	switch {
	case bytes.IndexByte(file, 0) >= 0:
		return "", ErrUnreadable
	case utf8.Valid(file):
		return string(file), nil
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(file)
	if err != nil {
		return "", ErrUnreadable
	}
	return string(decoded), nil
}

// separator is the one by which the most names of columns are found near the top.
func separator(text string) rune {
	best, most := ';', -1
	for _, comma := range []rune{';', ',', '\t'} {
		lines, err := split(firstLines(text), comma, 1)
		if err != nil {
			continue
		}
		for _, l := range lines {
			if h, _ := headerOf(l); len(h.at)*maxColumns+len(l.cells) > most {
				best, most = comma, len(h.at)*maxColumns+len(l.cells)
			}
		}
	}
	return best
}

func firstLines(text string) string {
	end := 0
	for range searched {
		next := strings.IndexByte(text[end:], '\n')
		if next < 0 {
			return text
		}
		end += next + 1
	}
	return text[:end]
}

// split reads the rows. A row counts as spreadsheet programs count it: one, however many lines its cells have; also when it is empty,
// though the reader passes over it.
func split(text string, comma rune, first int) ([]line, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, true
	var lines []line
	row, expected := first-1, 1
	for {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return lines, nil
		case err != nil:
			return nil, ErrUnreadable
		}
		start, _ := r.FieldPos(0)
		row += start - expected + 1
		expected = start + 1
		for _, c := range cells {
			expected += strings.Count(c, "\n")
		}
		if tidied := tidy(cells); tidied != nil {
			lines = append(lines, line{row, tidied})
		}
		if len(lines) > limit {
			return nil, ErrTooMany
		}
	}
}
