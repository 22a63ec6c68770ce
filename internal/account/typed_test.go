package account

import (
	"strings"
	"testing"
	"unicode"
)

func TestCompact(t *testing.T) {
	for typed, want := range map[string]string{
		"":                            "",
		"ab-1234-567890":              "AB1234567890",
		" a\u00a0b\u2009\t\r\n1 ":     "AB1",
		"‐‑‒–—―−﹣－⁃─ー1":               "1",
		"\u200b\u200d\ufeff\u00ad1":   "1",
		"ＡＢ１２":                        "AB12",
		"1+2":                         "1+2",
		"åä.1":                        "åä.1",
		"\u0131b":                     "\u0131B", // a dotless i is no I
		strings.Repeat(" ", 129):      "",
		strings.Repeat("1", 128):      strings.Repeat("1", 128),
		strings.Repeat(" 1\u200b", 9): strings.Repeat("1", 9),
	} {
		if got := Compact(typed); got != want {
			t.Errorf("Compact(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestCompactDropsEverySpaceAndDash(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if (unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)) && Compact("1"+string(r)+"2") != "12" {
			t.Errorf("Compact keeps %U", r)
		}
	}
}
