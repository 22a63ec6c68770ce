package i18n

import (
	"cmp"
	"slices"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country is a country by its name in one language.
type Country struct {
	Code string // ISO 3166, two letters
	Name string
}

// Countries are all, in the order of the language.
func (p *Printer) Countries() []Country {
	if p.lang == English {
		return englishCountries()
	}
	return swedishCountries()
}

// Country is the name of a country; for an unknown code the code.
func (p *Printer) Country(code string) string {
	all := p.Countries()
	if i := slices.IndexFunc(all, func(c Country) bool { return c.Code == code }); i >= 0 {
		return all[i].Name
	}
	return code
}

var (
	swedishCountries = sync.OnceValue(func() []Country {
		return countries(language.Swedish, map[string]string{"MK": "Nordmakedonien", "SZ": "Eswatini"})
	})
	englishCountries = sync.OnceValue(func() []Country {
		return countries(language.English, map[string]string{"MK": "North Macedonia", "SZ": "Eswatini"})
	})
)

// countries are the regions that give out passports, or have codes of their own. renamed are those whose names are younger than
// the tables of x/text.
func countries(tag language.Tag, renamed map[string]string) []Country {
	names := display.Regions(tag)
	var all []Country
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.String() != code || region.Canonicalize() != region || isNoCountry(code) {
				continue
			}
			if name := cmp.Or(renamed[code], names.Name(region)); name != "" {
				all = append(all, Country{code, name})
			}
		}
	}
	order := collate.New(tag)
	slices.SortStableFunc(all, func(a, b Country) int { return order.CompareString(a.Name, b.Name) })
	return all
}

// isNoCountry holds for codes that the tables know and that no state has: of islands, groups of states and currencies.
func isNoCountry(code string) bool {
	return slices.Contains([]string{"AC", "AN", "AQ", "BV", "CP", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TA", "UM", "UN", "ZZ"}, code)
}
