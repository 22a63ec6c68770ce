// Package i18n holds every word that a person reads, in Swedish and English, and writes dates, times and numbers as
// these languages do. Pages ask a Printer; the words are in sv.json (the reference) and en.json, one flat object each:
//
//	"card.title": "Kort {number}",
//	"card_search.found": {"one": "{count} kort hittades", "other": "{count} kort hittades"}
//
// A name in braces is a parameter. An object holds plural forms, chosen by the argument Count. Keys are written as
// literals wherever they are used, so that grep and the tests of this package find them.
package i18n

import (
	"strconv"
	"strings"
)

// Key names a text in the catalogs: "feature.thing". Being a type of its own it takes literals, and keeps
// variables and composed strings out.
type Key string

// Printer writes in one language. It is immutable and safe for concurrent use.
type Printer struct {
	lang  Lang
	texts catalog
	words *words
}

// For returns the printer of a language; for an unknown one that of the default.
func For(l Lang) *Printer {
	ps := printers()
	if p, ok := ps[l]; ok {
		return p
	}
	return ps[Swedish]
}

// Lang is the language that the printer writes.
func (p *Printer) Lang() Lang { return p.lang }

// T is the text of a key with its parameters filled in. The tests prove that every key that is used exists and is given
// its parameters; should one be missing all the same, the reader sees the key, or the name of the parameter in braces.
func (p *Printer) T(key Key, args ...Arg) string {
	m, ok := p.texts[key]
	if !ok {
		return string(key)
	}
	return m.render(p, args)
}

// Arg is the value of one parameter.
type Arg struct {
	name  string
	text  string
	n     int64
	isInt bool
}

// Str is a parameter that is put in as it is.
func Str(name, value string) Arg { return Arg{name: name, text: value} }

// Int is a parameter that is written as a number of the language, with its digits grouped.
func Int[N ~int | ~int32 | ~int64](name string, n N) Arg {
	return Arg{name: name, n: int64(n), isInt: true}
}

// Count is the parameter {count}. It also chooses the plural form.
func Count[N ~int | ~int32 | ~int64](n N) Arg { return Int(countParam, n) }

const countParam = "count"

// Number writes an integer: 1 234 with a no-break space in Swedish, 1,234 in English.
func (p *Printer) Number(n int64) string {
	digits, negative := strings.CutPrefix(strconv.FormatInt(n, 10), "-")
	var b strings.Builder
	if negative {
		b.WriteString(p.words.minus)
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(p.words.group)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Kronor writes an amount of öre as Swedish kronor, without decimals when it is whole: 1 234 kr, 1 234,50 kr;
// in English SEK 1,234 and SEK 1,234.50. The parts never break over two lines.
func (p *Printer) Kronor(ore int64) string {
	kronor, rest := ore/100, ore%100
	amount := p.Number(kronor)
	if rest < 0 {
		rest = -rest
		if kronor == 0 {
			amount = p.words.minus + amount
		}
	}
	if rest != 0 {
		amount += p.words.decimal + twoDigits(int(rest))
	}
	return p.words.beforeAmount + amount + p.words.afterAmount
}
