package account

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParsePersonalNumberPrefix(t *testing.T) {
	for _, tc := range []struct{ name, typed, long, short string }{
		{"six", "900101", "", "900101"},
		{"six with separators", "90-01-01", "", "900101"},
		{"six, coordination day", "701063", "", "701063"},
		{"six, leap day of 2000", "000229", "", "000229"},
		{"eight", "19900101", "19900101", ""},
		{"eight with separators", "1990-01-01", "19900101", ""},
		{"eight, coordination day", "1970 10 63", "19701063", ""},
		{"eight, month unknown", "19500069", "19500069", ""},
		{"ten, one century possible", "900101-2385", "199001012385", ""},
		{"ten, one century possible, no separator", "9001012385", "199001012385", ""},
		{"ten, two centuries possible", "170101-2393", "", "1701012393"},
		{"ten with plus", "170101+2393", "191701012393", ""},
		{"ten, the elder would be older than anybody", check("000101239"), "20" + check("000101239"), ""},
		{"twelve", "20170101-2393", "201701012393", ""},
		{"full width", "９００１０１", "", "900101"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q, ok := ParsePersonalNumberPrefix(tc.typed, today)
			if !ok {
				t.Fatalf("ParsePersonalNumberPrefix(%q) is not ok", tc.typed)
			}
			long, isLong := q.Long()
			short, isShort := q.Short()
			if long != tc.long || short != tc.short || isLong != (tc.long != "") || isShort != (tc.short != "") {
				t.Errorf("ParsePersonalNumberPrefix(%q): long %q, short %q; want %q, %q", tc.typed, long, short, tc.long, tc.short)
			}
		})
	}
}

func TestParsePersonalNumberPrefixRefuses(t *testing.T) {
	for _, typed := range []string{
		"", "9", "90010", "9001012", "900101238", "19900101238", "1990010123855",
		"901301", "900132", "19901301", "20261123", "290229",
		"900101-2386", "19900101-2386", "900+101", "90+0101", "anna", "anna 900101", "AB900101", "AB-9001-012385",
	} {
		if q, ok := ParsePersonalNumberPrefix(typed, today); ok {
			t.Errorf("ParsePersonalNumberPrefix(%q) = %v, want none", typed, q)
		}
	}
	var none PersonalNumberQuery
	if _, ok := none.Long(); ok {
		t.Error("no query has a long form")
	}
	if _, ok := none.Short(); ok {
		t.Error("no query has a short form")
	}
}

func TestPersonalNumberQueryMasked(t *testing.T) {
	for typed, want := range map[string]string{
		"900101":      "900101",
		"19900101":    "19900101",
		"170101-2393": "170101-****",
		"900101-2385": "19900101-****",
	} {
		q, ok := ParsePersonalNumberPrefix(typed, today)
		if !ok || q.Masked() != want {
			t.Errorf("%q: Masked() = %q, want %q", typed, q.Masked(), want)
		}
	}
}

func TestLooksLikePersonalNumber(t *testing.T) {
	for _, s := range []string{
		"19900101-2385", "199001012385", "900101-2385", "900101+2385", "9001012385", "900101", "19900101", "1990-01-01",
		"900101-2386", "900132-2385", "901301-2385", "19901332-0000", "999999-9999", "000000", // mistyped
		"19900101238", "1990010123855", "90 01 01 23 85", "900101-238", // a digit too few or too many
		"701063-2391", "195000692383",
		"９００１０１－２３８５", "900101\u22122385", "900101\u200b2385", "٩٠٠١٠١٢٣٨٥",
		"1990/01/01", "90.01.01-2385",
		"anna 19900101-2385", "anna 900101", "Anna, 1990-01-01", "900101-2385 anna", "pnr:9001012385", "pnr900101-2385",
		"(900101-2385)", "anna (900101) andersson", "900101-T385", "anna 199001012386", "anna 999999-9999",
		"AB-1234-567890 900101-2385", "AB-1234-567890, 900101-2385", "kort AB-1234-567890 för 19900101",
		"Bo 900101-2385", "Bo 900101-2386", "Li 9001012385", "Bo 900101", "Bo 1990-01-01", "Bo 19900101", "Bo 19900101-2385",
		"90 (01) 01 2385", "90·01·01·2385", "90|01|01|2385", "90;01;01;2385", "9001~01~2385", "900101\u00b72385", "{900101}{2385}",
		"ABC9001012385", "pn9001012385", "nr:9001012385", "AB9001012385", // the last may be a card, and is found as one
	} {
		if !LooksLikePersonalNumber(s) {
			t.Errorf("LooksLikePersonalNumber(%q) = false", s)
		}
	}
	for _, s := range []string{
		"", "anna", "anna andersson", "åsa-lena", "12345", "1990", "kort 12345", "avd 4 plan 12", "- - -",
		"AB-1234-567890", "AB1234567890", "ab 1234 567890", "AB–1234–567890", "AB-9001-012385", "ab 9001 012385", "AB9001012386", "ab9001012386",
		"AB-1234", "AB-9001-01", "AB900101", "AB 1234", "ＡＢ－１２３４－５６７８９０",
		"kort AB-1234-567890", "AB-1234-567890, CD-9001-012385",
		"anna 888888", "order 764599",
	} {
		if LooksLikePersonalNumber(s) {
			t.Errorf("LooksLikePersonalNumber(%q) = true", s)
		}
	}
}

func TestHoldsPersonalNumber(t *testing.T) {
	for _, s := range []string{
		"900101-2385", "900101–2385", "19900101 23 85", "900101.2385", "9001 01-2385", "٩٠٠١٠١٢٣٨٥", "Karin, 1990-01-01-2385", "Bo 900101-2385", "AB-9001-012385 9001012385", "pn9001012385",
	} {
		if !HoldsPersonalNumber(s) {
			t.Errorf("HoldsPersonalNumber(%q) = false", s)
		}
	}
	for _, s := range []string{"", "Spärrade", "Utgår före 2027-01-31", "2027-01-31", "Karin 900101", "kort AB-1234-567890", "AB9001012386", "AB-9001-012385", "1990", "avd 4 plan 12"} {
		if HoldsPersonalNumber(s) {
			t.Errorf("HoldsPersonalNumber(%q) = true", s)
		}
	}
}

func TestCardNumbersDoNotLookLikePersonalNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringMatching(`[A-Za-z]{2}`).Draw(t, "letters")
		digits := rapid.StringMatching(`[0-9]{10}`).Draw(t, "digits")
		for _, s := range []string{letters + "-" + digits[:4] + "-" + digits[4:], letters + " " + digits[:4] + " " + digits[4:]} {
			if LooksLikePersonalNumber(s) {
				t.Fatalf("LooksLikePersonalNumber(%q) = true", s)
			}
		}
	})
}

func FuzzLooksLikePersonalNumber(f *testing.F) {
	for _, s := range []string{"", "Bo 900101-2385", "AB-9001-012385", "19900101", "٩٠٠١٠١", "a1b2", "+46 70 123 45 67"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		looks := LooksLikePersonalNumber(s)
		if _, ok := ParsePersonalNumberPrefix(s, today); ok && !looks {
			t.Fatalf("%q is a query for a personal number and does not look like one", s)
		}
		if !looks && !LooksLikePersonalNumber(s+" 19900101-2385") {
			t.Fatalf("%q hides a personal number after it", s)
		}
	})
}
