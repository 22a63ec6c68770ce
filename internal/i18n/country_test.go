package i18n

import (
	"slices"
	"testing"
)

func TestCountries(t *testing.T) {
	for _, lang := range Langs() {
		p := For(lang)
		all := p.Countries()
		if len(all) < 230 || len(all) > 250 {
			t.Errorf("%s: %d countries", lang, len(all))
		}
		seen := map[string]bool{}
		for _, c := range all {
			if c.Name == "" || c.Name == c.Code || seen[c.Name] {
				t.Errorf("%s: %s is called %q", lang, c.Code, c.Name)
			}
			seen[c.Name] = true
		}
	}
	sv, en := For(Swedish), For(English)
	for code, want := range map[string]string{"SE": "Sverige", "PL": "Polen", "UA": "Ukraina", "MK": "Nordmakedonien", "GR": "Grekland", "XX": "XX"} {
		if got := sv.Country(code); got != want {
			t.Errorf("%s is called %q, want %q", code, got, want)
		}
	}
	if got := en.Country("SE"); got != "Sweden" {
		t.Errorf("SE is called %q", got)
	}
	at := func(code string) int {
		return slices.IndexFunc(sv.Countries(), func(c Country) bool { return c.Code == code })
	}
	if at("ZM") > at("AT") || at("AX") > at("AT") { // Zambia, Åland, Österrike
		t.Error("Å and Ö do not come last in Swedish")
	}
}
