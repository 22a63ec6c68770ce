package i18n

import (
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language that the portal speaks. The values are language tags, fit for the HTML attribute lang.
type Lang string

// The languages.
const (
	Swedish Lang = "sv"
	English Lang = "en"
)

// Langs are all languages, the default first.
func Langs() []Lang { return []Lang{Swedish, English} }

// ParseLang reads a stored or posted language code.
func ParseLang(s string) (Lang, bool) {
	for _, l := range Langs() {
		if s == string(l) {
			return l, true
		}
	}
	return "", false
}

// maxAcceptLanguage bounds the work that a stranger's header can cause; browsers send less than a hundred bytes.
const maxAcceptLanguage = 256

// Match chooses the language for the value of an Accept-Language header. Without a usable header it is Swedish. Somebody
// whose browser names only other languages gets English, which most of the holders from abroad read better.
func Match(acceptLanguage string) Lang {
	if len(acceptLanguage) > maxAcceptLanguage {
		acceptLanguage = acceptLanguage[:maxAcceptLanguage]
		acceptLanguage = acceptLanguage[:strings.LastIndexByte(acceptLanguage, ',')+1]
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 || wanted[0] == anyLanguage() {
		return Swedish
	}
	for _, tag := range wanted {
		switch base, _ := tag.Base(); base.String() {
		case "sv":
			return Swedish
		case "en":
			return English
		}
	}
	return English
}

// anyLanguage is what x/text makes of "*".
func anyLanguage() language.Tag { return language.Make("mul") }
