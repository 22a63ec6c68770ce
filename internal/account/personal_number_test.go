package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The numbers here are from Skatteverket's published lists of test numbers (testpersonnummer, testsamordningsnummer), or made with
// a check digit in the series 238 and 239 of those lists.

var today = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func TestParsePersonalNumber(t *testing.T) {
	for _, tc := range []struct{ name, typed, want string }{
		{"twelve digits", "199001012385", "199001012385"},
		{"twelve with hyphen", "19900101-2385", "199001012385"},
		{"twelve with plus", "18900101+9802", "189001019802"},
		{"twelve with plus though young", "19900101+2385", "199001012385"},
		{"twelve with spaces", " 1990 01 01 2385 ", "199001012385"},
		{"ten digits", "9001012385", "199001012385"},
		{"ten with hyphen", "900101-2385", "199001012385"},
		{"ten with plus", "900101+2385", "189001012385"},
		{"ten, this century", "170101-2393", "201701012393"},
		{"ten, the birthday is still to come this year", check("261123239"), "19" + check("261123239")},
		{"ten, born today", check("261122239"), "20" + check("261122239")},
		{"ten with plus, turns hundred this year", plus(check("261123239")), "19" + check("261123239")},
		{"ten with plus, would be 81", plus(check("450101239")), "18" + check("450101239")},
		{"leap day of 2000", check("000229239"), "20" + check("000229239")},
		{"en dash", "900101–2385", "199001012385"},
		{"minus sign", "900101\u22122385", "199001012385"},
		{"no-break hyphen and space", "19\u00a0900101\u20112385", "199001012385"},
		{"full width", "９００１０１－２３８５", "199001012385"},
		{"full width plus", "９００１０１＋２３８５", "189001012385"},
		{"zero width", "900101\u200b-\ufeff2385", "199001012385"},
		{"coordination number", "701063-2391", "197010632391"},
		{"coordination number, twelve", "19140168-2396", "191401682396"},
		{"coordination number, month unknown", "195000692383", "195000692383"},
		{"coordination number, day unknown", "191806602395", "191806602395"},
		{"coordination number, both unknown", "193100602394", "193100602394"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := ParsePersonalNumber(tc.typed, today)
			if err != nil || n.Canonical() != tc.want {
				t.Errorf("ParsePersonalNumber(%q) = %q, %v; want %q", tc.typed, n.Canonical(), err, tc.want)
			}
		})
	}
}

func TestParsePersonalNumberRefuses(t *testing.T) {
	for _, tc := range []struct{ name, typed string }{
		{"nothing", ""},
		{"separators only", " - "},
		{"wrong check digit", "199001012386"},
		{"wrong check digit in a coordination number without month", "195000692384"},
		{"eleven digits", "19900101238"},
		{"thirteen digits", "1990010123855"},
		{"month 13", "19" + check("901301239")},
		{"month 00", "19" + check("900001239")},
		{"day 00", "19" + check("900100239")},
		{"day 32", "19" + check("900132239")},
		{"30 February", "19" + check("900230239")},
		{"29 February of a common year", "19" + check("900229239")},
		{"29 February 1900", "19" + check("000229239")},
		{"day 92", "19" + check("900192239")},
		{"31 June in a coordination number", "19" + check("900691239")},
		{"tomorrow", "20" + check("261123239")},
		{"coordination number of tomorrow", "20" + check("261183239")},
		{"individual number 000", "19" + check("900101000")},
		{"individual number 000 without month", "19" + check("500069000")},
		{"before the first", "1839" + check("390101239")[2:]},
		{"century 16", "16" + check("900101239")},
		{"century 99", "99" + check("900101239")},
		{"interim letter", "900101-T385"},
		{"letters", "abcdefghij"},
		{"plus in front", "+9001012385"},
		{"plus after the year", "90+01012385"},
		{"two plus", "900101++2385"},
		{"other digits", "٩٠٠١٠١٢٣٨٥"},
		{"organisation number", "202100-5489"},
		{"card number", "AB-9001-012385"},
		{"endless", strings.Repeat(" ", 1000) + "199001012385"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := ParsePersonalNumber(tc.typed, today)
			if !errors.Is(err, ErrPersonalNumber) || !n.IsZero() {
				t.Errorf("ParsePersonalNumber(%q) = %q, %v; want ErrPersonalNumber", tc.typed, n.Canonical(), err)
			}
			if err != nil && err.Error() != ErrPersonalNumber.Error() {
				t.Errorf("the error says more than it may: %v", err)
			}
		})
	}
}

func TestPersonalNumberIsCoordination(t *testing.T) {
	if !personal(t, "197010632391").IsCoordination() {
		t.Error("a day of 63 is not taken for a coordination number's")
	}
	if personal(t, "199001312389").IsCoordination() {
		t.Error("a day of 31 is taken for a coordination number's")
	}
	if (PersonalNumber{}).IsCoordination() {
		t.Error("no number is taken for a coordination number")
	}
}

func TestPersonalNumberMasked(t *testing.T) {
	if got := personal(t, "900101-2385").Masked(); got != "19900101-****" {
		t.Errorf("Masked() = %q", got)
	}
	if got := (PersonalNumber{}).Masked(); got != "" {
		t.Errorf("Masked() of no number = %q", got)
	}
}

func TestPersonalNumbersCompare(t *testing.T) {
	if personal(t, "900101-2385") != personal(t, "19900101 2385") {
		t.Error("one number written two ways is two values")
	}
	if personal(t, "900101-2385") == personal(t, "900101+2385") {
		t.Error("numbers a century apart are one value")
	}
}

// Whatever a careless line of code does with these values, the last four digits must not come out.
func TestNothingRevealsTheNumber(t *testing.T) {
	n := personal(t, "199001012385")
	query, ok := ParsePersonalNumberPrefix("19900101-2385", today)
	if !ok {
		t.Fatal("no query")
	}
	for name, carried := range map[string]any{
		"number":        n,
		"query":         query,
		"identity":      SwedishIdentity(n),
		"pointer":       &n,
		"slice":         []PersonalNumber{n},
		"map":           map[PersonalNumber]Identity{n: SwedishIdentity(n)},
		"exported":      struct{ Number PersonalNumber }{n},
		"unexported":    struct{ number PersonalNumber }{n},
		"hidden query":  struct{ query PersonalNumberQuery }{query},
		"deeply hidden": struct{ person struct{ identity Identity } }{struct{ identity Identity }{SwedishIdentity(n)}},
	} {
		t.Run(name, func(t *testing.T) {
			for how, out := range printedAll(t, carried) {
				if strings.Contains(out, "2385") || strings.Contains(out, "32333835") {
					t.Errorf("%s reveals the number: %s", how, out)
				}
			}
		})
	}
}

func TestErrorsNeverCarryInput(t *testing.T) {
	const typed = "19900101-2386"
	_, errNumber := ParsePersonalNumber(typed, today)
	_, errOrg := ParseOrgNumber(typed)
	_, errForeign := ParseForeignOrgNumber("PL", typed+"!")
	_, errPassport := PassportIdentity("PL", typed+"!")
	_, errEmail := ParseEmail(typed)
	for _, err := range []error{errNumber, errOrg, errForeign, errPassport, errEmail} {
		if err == nil || strings.Contains(err.Error(), "2386") {
			t.Errorf("error %v; want one without the input", err)
		}
	}
}

// address is a place on Go's heap as %p, %x and %d print it.
var address = regexp.MustCompile(`(?i)\b(0x)?(c0|40)[0-9a-f]{8}\b|\b(82[4-8]|27[4-9])[0-9]{9}\b`)

// printedAll is the value in every way that Go programs print. Addresses, which may hold any digits, are taken out.
func printedAll(t *testing.T, v any) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	out["Sprint"] = fmt.Sprint(v)
	out["Errorf"] = fmt.Errorf("failed for %v", v).Error()
	if data, err := json.Marshal(v); err == nil {
		out["json"] = string(data)
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("event", "value", v)
		_, out[name], _ = strings.Cut(b.String(), "msg") // the time before it may hold any digits
	}
	for how, text := range out {
		out[how] = address.ReplaceAllString(text, "address")
	}
	return out
}

func TestPersonalNumberRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		born := today.AddDate(0, 0, -rapid.IntRange(0, 130*365).Draw(t, "days ago"))
		day := born.Day() + coordinationDays*rapid.IntRange(0, 1).Draw(t, "coordination")
		individual := rapid.SampledFrom([]string{"238", "239"}).Draw(t, "individual")
		short := check(fmt.Sprintf("%02d%02d%02d%s", born.Year()%100, born.Month(), day, individual))
		long := fmt.Sprintf("%d", born.Year()/100) + short

		typed := spell(t, long)
		n, err := ParsePersonalNumber(typed, today)
		if err != nil || n.Canonical() != long {
			t.Fatalf("%q: %q, %v; want %q", typed, n.Canonical(), err, long)
		}
		if !LooksLikePersonalNumber(typed) {
			t.Fatalf("%q does not look like a personal number", typed)
		}
		if text := "Karin " + typed; !HoldsPersonalNumber(typed) || !HoldsPersonalNumber(text) {
			t.Fatalf("%q or %q does not hold a personal number", typed, text)
		}
		if age := today.Year() - born.Year(); age < 100 {
			typed = spell(t, short)
		} else {
			typed = plus(short)
		}
		n, err = ParsePersonalNumber(typed, today)
		if err != nil || n.Canonical() != long {
			t.Fatalf("%q: %q, %v; want %q", typed, n.Canonical(), err, long)
		}
	})
}

// spell puts separators anywhere into a number.
func spell(t *rapid.T, digits string) string {
	separators := []string{"", "", "", "", " ", "-", "–", "\u00a0", "\u2212", "\u200b", "\t", "\u3000"}
	var b strings.Builder
	for i := range len(digits) {
		b.WriteString(rapid.SampledFrom(separators).Draw(t, "separator"))
		b.WriteByte(digits[i])
	}
	return b.String()
}

func FuzzParsePersonalNumber(f *testing.F) {
	for _, s := range []string{"", "199001012385", "900101+2385", "701063-2391", "195000692383", "９００１０１－２３８５", "+", "-----------"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParsePersonalNumber(s, today)
		if err != nil {
			if !errors.Is(err, ErrPersonalNumber) || !n.IsZero() {
				t.Fatalf("%q: %v with %v", s, err, n)
			}
			return
		}
		if len(n.Canonical()) != 12 || !isDigits(n.Canonical()) {
			t.Fatalf("%q: canonical form %q", s, n.Canonical())
		}
		again, err := ParsePersonalNumber(n.Canonical(), today)
		if err != nil || again != n {
			t.Fatalf("%q: its canonical form gives %v, %v", s, again, err)
		}
		if !LooksLikePersonalNumber(s) {
			t.Fatalf("%q is a personal number and does not look like one", s)
		}
	})
}

func personal(t *testing.T, s string) PersonalNumber {
	t.Helper()
	n, err := ParsePersonalNumber(s, today)
	if err != nil {
		t.Fatalf("ParsePersonalNumber(%q): %v", s, err)
	}
	return n
}

// check adds the check digit to nine digits.
func check(nine string) string {
	for d := byte('0'); d <= '9'; d++ {
		if ten := nine + string(d); luhn(ten) {
			return ten
		}
	}
	panic("ten digits and none is right")
}

// plus writes ten digits with a plus before the last four.
func plus(ten string) string { return ten[:6] + "+" + ten[6:] }
