package i18n

import (
	"testing"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
	"pgregory.net/rapid"
)

func printerOf(t *testing.T, l Lang, data string) *Printer {
	t.Helper()
	texts, err := parseCatalog([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	p := *For(l)
	p.texts = texts
	return &p
}

func TestT(t *testing.T) {
	const data = `{
		"a.plain": "Hantera kort",
		"a.named": "{name} spärrade {number}, {name}!",
		"a.plural": {"one": "{count} kort av {total}", "other": "{count} korten av {total}"}
	}`
	for _, tc := range []struct {
		name string
		key  Key
		args []Arg
		want string
	}{
		{"plain", "a.plain", nil, "Hantera kort"},
		{"parameters", "a.named", []Arg{Str("number", "AB-1234-567890"), Str("name", "Åke")}, "Åke spärrade AB-1234-567890, Åke!"},
		{"no parameter in a value", "a.named", []Arg{Str("number", "{name}"), Str("name", "Åke")}, "Åke spärrade {name}, Åke!"},
		{"missing parameter", "a.named", []Arg{Str("name", "Åke")}, "Åke spärrade {number}, Åke!"},
		{"unknown key", "a.gone", nil, "a.gone"},
		{"one", "a.plural", []Arg{Count(1), Int("total", 1234)}, "1 kort av 1\u00a0234"},
		{"other", "a.plural", []Arg{Count(1200), Int("total", 2)}, "1\u00a0200 korten av 2"},
		{"none", "a.plural", []Arg{Count(0), Int("total", 2)}, "0 korten av 2"},
		{"not counted", "a.plural", []Arg{Int("total", 2)}, "{count} korten av 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := printerOf(t, Swedish, data).T(tc.key, tc.args...); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestCountChoosesOneForOneOnly(t *testing.T) {
	for _, l := range Langs() {
		p := printerOf(t, l, `{"a.b": {"one": "{count} one", "other": "{count} other"}}`)
		for _, n := range []int64{-1_000_000_001, -11, 0, 2, 11, 21, 101, 1_000_001, 1_000_000_001} {
			if got, want := p.T("a.b", Count(n)), p.Number(n)+" other"; got != want {
				t.Errorf("%s: Count(%d) = %q, want %q", l, n, got, want)
			}
		}
		if got := p.T("a.b", Count(1)); got != "1 one" {
			t.Errorf("%s: Count(1) = %q, want %q", l, got, "1 one")
		}
	}
}

func TestForUnknownIsSwedish(t *testing.T) {
	if got := For("fi").Lang(); got != Swedish {
		t.Errorf("For(fi) writes %s, want %s", got, Swedish)
	}
}

// x/text knows how the languages write numbers; ours is only quicker.
func TestNumberAgreesWithCLDR(t *testing.T) {
	oracle := map[Lang]*message.Printer{
		Swedish: message.NewPrinter(language.Swedish),
		English: message.NewPrinter(language.English),
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		for _, l := range Langs() {
			if got, want := For(l).Number(n), oracle[l].Sprint(number.Decimal(n)); got != want {
				t.Errorf("%s: Number(%d) = %q, want %q", l, n, got, want)
			}
		}
	})
}

func TestKronor(t *testing.T) {
	for _, tc := range []struct {
		ore    int64
		sv, en string
	}{
		{0, "0\u00a0kr", "SEK\u00a00"},
		{123400, "1\u00a0234\u00a0kr", "SEK\u00a01,234"},
		{123450, "1\u00a0234,50\u00a0kr", "SEK\u00a01,234.50"},
		{5, "0,05\u00a0kr", "SEK\u00a00.05"},
		{-50, "\u22120,50\u00a0kr", "SEK\u00a0-0.50"},
		{-123405, "\u22121\u00a0234,05\u00a0kr", "SEK\u00a0-1,234.05"},
	} {
		if got := For(Swedish).Kronor(tc.ore); got != tc.sv {
			t.Errorf("sv: Kronor(%d) = %q, want %q", tc.ore, got, tc.sv)
		}
		if got := For(English).Kronor(tc.ore); got != tc.en {
			t.Errorf("en: Kronor(%d) = %q, want %q", tc.ore, got, tc.en)
		}
	}
}

func TestDates(t *testing.T) {
	sv, en := For(Swedish), For(English)
	afternoon := time.Date(2026, 11, 22, 13, 5, 0, 0, time.UTC)
	lateInUTC := time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC)
	midnightUTC := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ what, got, want string }{
		{"date", sv.Date(afternoon), "2026-11-22"},
		{"date in English", en.Date(afternoon), "2026-11-22"},
		{"date after midnight in Stockholm", sv.Date(lateInUTC), "2026-07-01"},
		{"calendar date from the store", sv.Date(midnightUTC), "2026-03-01"},
		{"long", sv.LongDate(afternoon), "22 november 2026"},
		{"long in English", en.LongDate(afternoon), "22 November 2026"},
		{"moment", sv.DateTime(afternoon), "22 nov 2026 kl.\u00a014.05"},
		{"moment in English", en.DateTime(afternoon), "22 November 2026, 14:05"},
		{"moment in summer", sv.DateTime(lateInUTC), "1 juli 2026 kl.\u00a000.30"},
		{"time", sv.Time(midnightUTC), "01.00"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.what, tc.got, tc.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]Lang{
		"":                        Swedish,
		"*":                       Swedish,
		"sv-SE,sv;q=0.9,en;q=0.8": Swedish,
		"en-GB,en;q=0.9":          English,
		"en;q=0.5, sv":            Swedish,
		"pl,sv;q=0.5,en;q=0.4":    Swedish,
		"pl-PL,pl;q=0.9":          English,
		"not a header;;;":         Swedish,
		"sv," + longHeader():      Swedish,
		longHeader():              Swedish,
	} {
		if got := Match(header); got != want {
			t.Errorf("Match(%.40q) = %s, want %s", header, got, want)
		}
	}
}

func longHeader() string {
	b := make([]byte, 10_000)
	for i := range b {
		b[i] = 'a'
	}
	return string(b)
}

func TestParseLang(t *testing.T) {
	for _, l := range Langs() {
		if got, ok := ParseLang(string(l)); !ok || got != l {
			t.Errorf("ParseLang(%s) = %q, %v", l, got, ok)
		}
	}
	if got, ok := ParseLang("fi"); ok {
		t.Errorf("ParseLang(fi) = %q, want none", got)
	}
}

func BenchmarkT(b *testing.B) {
	p := For(Swedish)
	for b.Loop() {
		p.T("status.active")
	}
}
