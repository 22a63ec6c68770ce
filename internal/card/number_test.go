package card

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kortportal/internal/account"
)

func TestParseNumber(t *testing.T) {
	for _, typed := range []string{
		"AB-1234-567890", "AB1234567890", "ab1234567890", "Ab 1234 567890", " AB-1234-567890\n", "A B 1 2 3 4 5 6 7 8 9 0",
		"AB‐1234‑567890", "AB‒1234–567890", "AB—1234−567890", "AB﹣1234－567890", "AB―1234⁃567890", "ABー1234ー567890",
		"AB\u00a01234\u202f567890", "AB\u30001234\t567890", "\ufeffAB\u200b1234\u00ad567890\u200e", "ＡＢ－１２３４－５６７８９０", "ａｂ１２３４５６７８９０",
		"AB--1234  -567890",
	} {
		n, err := ParseNumber(typed)
		if err != nil || n.String() != "AB-1234-567890" {
			t.Errorf("ParseNumber(%q) = %q, %v; want AB-1234-567890", typed, n, err)
		}
	}
}

func TestParseNumberRefuses(t *testing.T) {
	for name, typed := range map[string]string{
		"nothing":            "",
		"separators":         " - - ",
		"one letter":         "A-1234-567890",
		"three letters":      "ABC-1234-567890",
		"letters only":       "AB",
		"nine digits":        "AB-1234-56789",
		"eleven digits":      "AB-1234-5678901",
		"no letters":         "1234567890",
		"letter behind":      "AB-1234-56789O",
		"Swedish letters":    "ÅÄ-1234-567890",
		"Cyrillic letters":   "АВ-1234-567890",
		"dotless i":          "ıı-1234-567890",
		"other digits":       "AB-١٢٣٤-567890",
		"other punctuation":  "AB/1234/567890",
		"plus":               "AB-1234+567890",
		"two numbers":        "AB-1234-567890 AB-1234-567891",
		"in a sentence":      "kort AB-1234-567890",
		"a personal number":  "19900101-2385",
		"endless separators": "AB-1234-567890" + strings.Repeat("-", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			if n, err := ParseNumber(typed); !errors.Is(err, ErrNumber) || n != "" {
				t.Errorf("ParseNumber(%q) = %q, %v; want ErrNumber", typed, n, err)
			}
		})
	}
}

func TestPartialNumber(t *testing.T) {
	for typed, want := range map[string]string{
		"AB1": "AB1", "ab-1234": "AB1234", "AB-1234-": "AB1234", "ab 1234 56789": "AB123456789", "ＡＢ－１２": "AB12",
	} {
		if got, ok := PartialNumber(typed); !ok || got != want {
			t.Errorf("PartialNumber(%q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", "A", "AB", "AB-", "A1", "ABC1", "1234", "AB-1234-567890", "AB-1234-5678901", "AB12X", "anna"} {
		if got, ok := PartialNumber(typed); ok {
			t.Errorf("PartialNumber(%q) = %q, want none", typed, got)
		}
	}
}

func TestEverySpellingIsOneNumber(t *testing.T) {
	separators := []string{"", "", "", " ", "-", "–", "\u2011", "\u2212", "\u00a0", "\u200b", "\t"}
	rapid.Check(t, func(t *rapid.T) {
		compact := rapid.StringMatching(`[A-Z]{2}[0-9]{10}`).Draw(t, "number")
		var typed strings.Builder
		for _, r := range compact {
			typed.WriteString(rapid.SampledFrom(separators).Draw(t, "separator"))
			switch rapid.IntRange(0, 3).Draw(t, "form") {
			case 0:
				typed.WriteRune(r - '!' + '！') // full width
			case 1:
				typed.WriteString(strings.ToLower(string(r)))
			default:
				typed.WriteRune(r)
			}
		}
		n, err := ParseNumber(typed.String())
		if err != nil || n.String() != compact[:2]+"-"+compact[2:6]+"-"+compact[6:] {
			t.Fatalf("ParseNumber(%q) = %q, %v; want %q", typed.String(), n, err, compact)
		}
		for i := 3; i < len(compact); i++ {
			if prefix, ok := PartialNumber(compact[:i]); !ok || prefix != compact[:i] {
				t.Fatalf("PartialNumber(%q) = %q, %v", compact[:i], prefix, ok)
			}
		}
		if account.LooksLikePersonalNumber(n.String()) {
			t.Fatalf("%s looks like a personal number", n)
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"", "AB-1234-567890", "ab 1234", "ＡＢ－１２３４－５６７８９０", "ﬀ1234567890", "AB\u200b1234567890"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNumber(s)
		prefix, partial := PartialNumber(s)
		if err == nil && partial {
			t.Fatalf("%q is both a number and a part of one", s)
		}
		if partial && (len(prefix) < 3 || len(prefix) > 11 || !isNumberPrefix(prefix)) {
			t.Fatalf("%q: prefix %q", s, prefix)
		}
		if err != nil {
			return
		}
		if again, err := ParseNumber(n.String()); err != nil || again != n || len(n) != len("AA-NNNN-NNNNNN") {
			t.Fatalf("%q: %q gives %q, %v", s, n, again, err)
		}
	})
}
