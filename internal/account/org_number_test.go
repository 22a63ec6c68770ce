package account

import (
	"errors"
	"testing"
)

// No authority publishes test numbers for organisations. The Swedish ones here are those of two authorities, which print them on
// every letter: Skatteverket (202100-5448) and Bolagsverket (202100-5489). The foreign ones are made up.

func TestParseOrgNumber(t *testing.T) {
	for _, typed := range []string{
		"202100-5489", "2021005489", "16202100-5489", "162021005489", "202100 5489", " 202100–5489\u00a0", "２０２１００－５４８９", "20 21 00 54 89",
	} {
		n, err := ParseOrgNumber(typed)
		if want := (OrgNumber{"SE", "2021005489"}); err != nil || n != want {
			t.Errorf("ParseOrgNumber(%q) = %v, %v; want %v", typed, n, err, want)
		}
	}
	other, err := ParseOrgNumber("202100-5448")
	if err != nil || other.String() != "202100-5448" {
		t.Errorf("ParseOrgNumber = %v, %v", other, err)
	}
}

func TestParseOrgNumberRefuses(t *testing.T) {
	for name, typed := range map[string]string{
		"nothing":               "",
		"wrong check digit":     "202100-5488",
		"nine digits":           "202100548",
		"eleven digits":         "20210054890",
		"another century":       "19202100-5489",
		"personal number":       "900101-2385",
		"long personal number":  "199001012385",
		"coordination number":   "701063-2391",
		"personal number as 16": "16900101-2385",
		"plus":                  "202100+5489",
		"letters":               "202100-548A",
		"leading zero":          "002100-5481",
	} {
		t.Run(name, func(t *testing.T) {
			if n, err := ParseOrgNumber(typed); !errors.Is(err, ErrOrgNumber) || n != (OrgNumber{}) {
				t.Errorf("ParseOrgNumber(%q) = %v, %v; want ErrOrgNumber", typed, n, err)
			}
		})
	}
}

func TestParseForeignOrgNumber(t *testing.T) {
	for _, tc := range []struct{ country, typed, want string }{
		{"PL", "000-000-00-00", "PL 0000000000"},
		{"pl", " 0000000000 ", "PL 0000000000"},
		{"POL", "0000000000", "PL 0000000000"},
		{"DE", "HRB 00000 b", "DE HRB00000B"},
		{"EE", "00000000", "EE 00000000"},
		{"ＮＯ", "０００ ０００ ０００", "NO 000000000"},
	} {
		n, err := ParseForeignOrgNumber(tc.country, tc.typed)
		if err != nil || n.String() != tc.want {
			t.Errorf("ParseForeignOrgNumber(%q, %q) = %v, %v; want %s", tc.country, tc.typed, n, err, tc.want)
		}
	}
}

func TestParseForeignOrgNumberRefuses(t *testing.T) {
	for _, tc := range []struct{ country, typed string }{
		{"", "0000000000"}, {"P", "0000000000"}, {"XX", "0000000000"}, {"150", "0000000000"}, {"EU", "0000000000"}, {"Poland", "0000000000"},
		{"SE", "2021005489"}, {"SWE", "2021005489"},
		{"PL", ""}, {"PL", "000"}, {"PL", "0000000000000000000000000"}, {"PL", "0000;0000"}, {"PL", "ЖЖЖЖЖ"},
	} {
		if n, err := ParseForeignOrgNumber(tc.country, tc.typed); !errors.Is(err, ErrOrgNumber) || n != (OrgNumber{}) {
			t.Errorf("ParseForeignOrgNumber(%q, %q) = %v, %v; want ErrOrgNumber", tc.country, tc.typed, n, err)
		}
	}
}

func TestOrgNumberStringOfNone(t *testing.T) {
	if got := (OrgNumber{}).String(); got != "" {
		t.Errorf("String() of no number = %q", got)
	}
}

func FuzzParseOrgNumber(f *testing.F) {
	for _, s := range []string{"", "202100-5489", "16202100-5489", "900101-2385", "+", "16"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseOrgNumber(s)
		if err != nil {
			return
		}
		if again, err := ParseOrgNumber(n.String()); err != nil || again != n {
			t.Fatalf("%q: %v gives %v, %v", s, n, again, err)
		}
		if _, err := ParsePersonalNumber(s, today); err == nil {
			t.Fatalf("%q is a personal number too", s)
		}
	})
}
