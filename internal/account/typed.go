package account

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxTyped bounds the work for what a stranger typed; the longest number here, written with a space between all digits and
// in three-byte characters, is half of it.
const maxTyped = 128

// Compact takes what people, scanners and input methods put around and between the digits of a number out of it: spaces,
// hyphens and dashes of any kind, invisible characters. Full-width letters and digits become plain ones, ASCII letters
// upper case; everything else stays. Text too long for any number becomes empty.
func Compact(s string) string {
	if len(s) > maxTyped {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case isBlank(r), isDash(r):
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, normal(s))
}

// normal is the text with full-width and other compatibility characters made plain.
func normal(s string) string { return norm.NFKC.String(s) }

// isBlank holds for space, and for what takes no space at all: zero-width characters, directional marks, soft hyphens.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.Cf)
}

// isDash holds for what is drawn as a short level line, whatever it is meant to be: hyphens and dashes, the minus signs, the
// box line, and the lengthening mark that Japanese keyboards have in the place of the hyphen.
func isDash(r rune) bool {
	switch r {
	case '\u2212', '\u207b', '\u208b', '\u02d7', '\u2043', '\u2500', '\u30fc':
		return true
	}
	return unicode.Is(unicode.Pd, r)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
