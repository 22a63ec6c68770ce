package card_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// day decides the century of short numbers in these tests.
func day() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func TestParseQueryUnderstandsAllFourKeys(t *testing.T) {
	for _, c := range []struct {
		typed string
		kind  card.QueryKind
		want  string // the number, the prefix or the name
	}{
		{"", card.NoQuery, ""},
		{" \t ", card.NoQuery, ""},
		{"ab-1234-567890", card.ByNumber, "AB-1234-567890"},
		{"AB 1234 567890", card.ByNumber, "AB-1234-567890"},
		{"ab1234567890", card.ByNumber, "AB-1234-567890"},
		{"ＡＢ–１２３４—５６７８９０", card.ByNumber, "AB-1234-567890"},
		{"(AB-1234-567890)", card.ByNumber, "AB-1234-567890"}, // words around it say less
		{"Kortnummer: AB-1234-567890, Andersson", card.ByNumber, "AB-1234-567890"},
		{"inaktivera kort ab1234567890", card.ByNumber, "AB-1234-567890"},
		{"AB-1234-567890 CD-1234-567890", card.ByName, "AB-1234-567890 CD-1234-567890"},
		{"kort AB-1234", card.ByName, "kort AB-1234"},
		{"OR '1'='1", card.ByName, "OR '1'='1"},
		{"ab1", card.ByNumberPrefix, "AB-1"},
		{"AB-1234", card.ByNumberPrefix, "AB-1234"},
		{"ab 1234 56", card.ByNumberPrefix, "AB-1234-56"},
		{"Åke Öst-Berg", card.ByName, "Åke Öst-Berg"},
		{"  berg ", card.ByName, "berg"},
		{"Berg, Åke.", card.ByName, "Berg, Åke"},
		{" ab-1234-567890 .", card.ByNumber, "AB-1234-567890"},
		{"o'brien", card.ByName, "o'brien"},
	} {
		q, err := card.ParseQuery(c.typed, day())
		if err != nil {
			t.Errorf("%q: %v", c.typed, err)
			continue
		}
		got := map[card.QueryKind]string{card.ByNumber: q.Number.String(), card.ByNumberPrefix: q.Prefix, card.ByName: q.Name}[q.Kind]
		if q.Kind != c.kind || got != c.want {
			t.Errorf("%q: kind %d %q, want kind %d %q", c.typed, q.Kind, got, c.kind, c.want)
		}
	}
}

func TestParseQueryReadsPersonalNumbers(t *testing.T) {
	for typed, digits := range map[string]string{
		"19900101-2385": "199001012385",
		"900101":        "900101",
		"19900101":      "19900101",
		"1990 01 01":    "19900101",
		"900101-2385":   "199001012385",
		"900101-2385.":  "199001012385",
		"19900101-****": "19900101", // as lists show it
		"900101-****":   "900101",

		"19900101-2385 Elin Ågren": "199001012385", // words around it say less
		"personnummer 900101-2385": "199001012385",
		"pnr:9001012385":           "199001012385",
		"SE199001012385":           "199001012385",
		"Ågren 19900101":           "19900101",
		"19900101-**** Ågren":      "19900101",
	} {
		if !account.LooksLikePersonalNumber(typed) {
			t.Errorf("%d characters may stand in an address", len(typed))
		}
		q, err := card.ParseQuery(typed, day())
		if err != nil || q.Kind != card.ByPersonalNumber {
			t.Errorf("%d characters: kind %d, %v", len(typed), q.Kind, err)
			continue
		}
		got, ok := q.Personal.Long()
		if !ok {
			got, _ = q.Personal.Short()
		}
		if got != digits {
			t.Errorf("%d characters: %d digits to search for, want %d", len(typed), len(got), len(digits))
		}
	}
	// Whatever may be one and is none is not searched for as a name.
	for _, typed := range []string{"19900101-2386", "19901301-2385", "anna 900101-2386", "1990010123", "900101 19880219 anna", "AB-1234-567890 900101-2385"} {
		if q, err := card.ParseQuery(typed, day()); !errors.Is(err, card.ErrQueryPersonal) || q != (card.Query{}) {
			t.Errorf("%q: kind %d, %v, want ErrQueryPersonal", typed, q.Kind, err)
		}
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for typed, want := range map[string]error{
		strings.Repeat("a", card.MaxQuery+1): card.ErrQueryTooLong,
		strings.Repeat("å", card.MaxQuery+1): card.ErrQueryTooLong,
		"a\x00b":                             card.ErrQueryInvalid,
		"a\xffb":                             card.ErrQueryInvalid,
		"%_*":                                card.ErrQueryInvalid,
		"🪪":                                  card.ErrQueryInvalid,
		"19901301-2385":                      card.ErrQueryPersonal,
	} {
		if _, err := card.ParseQuery(typed, day()); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", typed, err, want)
		}
	}
	if _, err := card.ParseQuery(strings.Repeat("å", card.MaxQuery), day()); err != nil {
		t.Errorf("the longest query: %v", err)
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"", "ab-1234-567890", "Åke", "19900101-2385", "900101", "AB1", "%_", "a\x00", "\xff", "Bo 850101-1234", "‐‑‒–—"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		q, err := card.ParseQuery(typed, day())
		if err != nil && q.Kind != card.NoQuery {
			t.Fatalf("an error and a query: %v, kind %d", err, q.Kind)
		}
		switch q.Kind {
		case card.ByNumber:
			if again, err := card.ParseQuery(q.Number.String(), day()); err != nil || again.Number != q.Number {
				t.Fatalf("the canonical form %s is another query: %v", q.Number, err)
			}
		case card.ByNumberPrefix:
			if again, err := card.ParseQuery(q.Prefix, day()); err != nil || again.Prefix != q.Prefix {
				t.Fatalf("the canonical prefix %s is another query: %v", q.Prefix, err)
			}
		case card.ByPersonalNumber:
			if !account.LooksLikePersonalNumber(typed) {
				t.Fatal("a personnummer that is not kept out of addresses")
			}
		case card.ByName:
			if account.LooksLikePersonalNumber(typed) || q.Name == "" || len([]rune(q.Name)) > card.MaxQuery {
				t.Fatalf("%q is a name of %d characters", typed, len([]rune(q.Name)))
			}
		}
	})
}
