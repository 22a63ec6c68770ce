package sheet

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
)

// Options are what the file does not say.
type Options struct {
	Today     time.Time // decides the century of ten digits
	DeliverTo string    // for rows without a delivery address of their own
}

// order is what a row orders, and what is wrong with its cells.
func (h header) order(l line, o Options) card.ImportRow {
	row := card.ImportRow{Row: l.row, Order: card.NewOrder{Kind: card.Standard}}
	wrong := func(c card.Column, code card.FaultCode) {
		row.Faults = append(row.Faults, card.RowFault{Column: c, Code: code})
	}
	h.readIdentity(l, o, &row.Order, wrong)

	// text is the cell of a column, of one that must hold something a fault when it is empty.
	text := func(c card.Column, needed bool) string {
		s := h.cell(l, c)
		switch {
		case isFormulaError(s):
			wrong(c, card.FaultFormula)
			return ""
		case s == "" && needed:
			wrong(c, card.FaultEmpty)
		}
		return s
	}
	row.Order.Name = card.Name{Given: oneLine(text(card.ColumnGivenName, true)), Family: oneLine(text(card.ColumnFamilyName, true))}
	if s := text(card.ColumnCitizenship, true); s != "" {
		code, ok := country(s)
		if !ok {
			wrong(card.ColumnCitizenship, card.FaultInvalid)
		}
		row.Order.Citizenship = code
	}
	if s := text(card.ColumnEmail, false); s != "" {
		email, err := account.ParseEmail(s)
		if err != nil {
			wrong(card.ColumnEmail, card.FaultInvalid)
		}
		row.Order.Email = email
	}
	row.Order.Language = "sv"
	if s := text(card.ColumnLanguage, false); s != "" {
		code, ok := languages()[fold(s)]
		if !ok {
			wrong(card.ColumnLanguage, card.FaultInvalid)
		}
		row.Order.Language = code
	}
	row.Order.Reference = oneLine(text(card.ColumnReference, false))
	row.Order.DeliverTo = text(card.ColumnDeliverTo, o.DeliverTo == "")
	if row.Order.DeliverTo == "" {
		row.Order.DeliverTo = o.DeliverTo
	}
	return row
}

// readIdentity reads who the holder is: by Swedish number, or where there is none by passport.
func (h header) readIdentity(l line, o Options, order *card.NewOrder, wrong func(card.Column, card.FaultCode)) {
	personal, land, passport := h.cell(l, card.ColumnPersonalNumber), h.cell(l, card.ColumnPassportCountry), h.cell(l, card.ColumnPassportNumber)
	for c, s := range map[card.Column]string{card.ColumnPersonalNumber: personal, card.ColumnPassportNumber: passport} {
		if code, bad := badNumber(s); bad {
			wrong(c, code)
			return
		}
	}
	if personal != "" {
		n, err := account.ParsePersonalNumber(whole(personal), o.Today)
		switch {
		case err == nil:
			order.Identity = account.SwedishIdentity(n)
		case lacksZeros(personal):
			wrong(card.ColumnPersonalNumber, card.FaultShort)
		default:
			wrong(card.ColumnPersonalNumber, card.FaultInvalid)
		}
		return
	}
	_, swedish := h.at[card.ColumnPersonalNumber]
	if passport == "" && (swedish || land != "") {
		if land == "" {
			wrong(card.ColumnPersonalNumber, card.FaultEmpty)
		} else {
			wrong(card.ColumnPassportNumber, card.FaultEmpty)
		}
		return
	}
	code, ok := country(land)
	switch {
	case passport == "":
		wrong(card.ColumnPassportNumber, card.FaultEmpty)
		return
	case land == "":
		wrong(card.ColumnPassportCountry, card.FaultEmpty)
		return
	case !ok:
		wrong(card.ColumnPassportCountry, card.FaultInvalid)
		return
	}
	identity, err := account.PassportIdentity(code, whole(passport))
	if err != nil {
		wrong(card.ColumnPassportNumber, card.FaultInvalid)
		return
	}
	order.Identity = identity
}

// badNumber tells what a spreadsheet program left of a number: the error of a formula, or its first digits (8.501E+09).
func badNumber(s string) (card.FaultCode, bool) {
	if isFormulaError(s) {
		return card.FaultFormula, true
	}
	if m, _, ok := strings.Cut(strings.ToUpper(s), "E+"); ok && strings.Trim(m, "0123456789., ") == "" && !isWritten(s) {
		return card.FaultRounded, true
	}
	return "", false
}

// isWritten holds for a power of ten that still has all its digits, as workbooks keep large numbers: 1.98501011234E+11.
func isWritten(s string) bool {
	_, ok := written(s)
	return ok
}

func written(s string) (digits string, ok bool) {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(s), "E+")
	if !ok {
		return "", false
	}
	before, after, _ := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	exponent = strings.TrimLeft(exponent, "0")
	if before == "" || strings.Trim(before+after+exponent, "0123456789") != "" || len(exponent) > 2 {
		return "", false
	}
	places := 0
	for _, d := range exponent {
		places = places*10 + int(d-'0')
	}
	return before + after, places == len(after)
}

// whole is a number as it was before a program took it for an amount: all digits, no fraction.
func whole(s string) string {
	if digits, ok := written(s); ok {
		return digits
	}
	if before, after, ok := strings.Cut(s, "."); ok && after != "" && strings.Trim(after, "0") == "" {
		return before
	}
	return s
}

// lacksZeros holds for bare digits of which there are too few: of numbers that begin with zeros, programs leave the rest. The zeros
// are not put back: the number would be somebody's, but perhaps another's.
func lacksZeros(s string) bool {
	s = account.Compact(whole(s))
	return len(s) >= 4 && len(s) < 10 && strings.Trim(s, "0123456789") == ""
}

// isFormulaError holds for what a program writes where it could not compute: #N/A, #VÄRDEFEL!
func isFormulaError(s string) bool {
	return len(s) > 3 && len(s) < 24 && s[0] == '#' && !strings.ContainsFunc(s[1:], func(r rune) bool {
		return !unicode.IsUpper(r) && !strings.ContainsRune("/!?0", r)
	})
}

// oneLine puts a single space for every stretch of spaces and line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// country is that of a code or of a name in Swedish or English.
func country(s string) (string, bool) {
	if code, ok := countryNames()[fold(s)]; ok {
		return code, true
	}
	return account.ParseCountry(s)
}

var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{"svensk": "SE", "svenskt": "SE", "swedish": "SE", "usa": "US", "uk": "GB", "england": "GB"}
	for _, lang := range slices.Backward(i18n.Langs()) {
		for _, c := range i18n.For(lang).Countries() {
			names[fold(c.Name)] = c.Code
		}
	}
	return names
})

// languages are those that the portal writes to holders in, by what people call them, folded.
var languages = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"sv": "sv", "swe": "sv", "se": "sv", fold("svenska"): "sv", "swedish": "sv", "en": "en", "eng": "en", "gb": "en", "engelska": "en", "english": "en",
	}
})
