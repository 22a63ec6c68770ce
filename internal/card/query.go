package card

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kortportal/internal/account"
)

// QueryKind is what a search query was understood as.
type QueryKind int

// What a query can be.
const (
	NoQuery          QueryKind = iota
	ByNumber                   // one whole card number
	ByNumberPrefix             // the beginning of a card number
	ByPersonalNumber           // a personnummer, or the birth date it begins with
	ByName                     // the name of a cardholder or of an orderer
)

// MaxQuery is the longest query, in characters.
const MaxQuery = 100

// What is wrong with a query.
var (
	// ErrQueryTooLong: more than MaxQuery characters.
	ErrQueryTooLong = errors.New("card: query is too long")
	// ErrQueryPersonal: it looks like a personnummer and is none.
	ErrQueryPersonal = errors.New("card: query is no personnummer")
	// ErrQueryInvalid: there is neither a letter nor a digit in it, or it is no text.
	ErrQueryInvalid = errors.New("card: query has no letters or digits")
)

// Query is one search query, understood.
type Query struct {
	Kind     QueryKind
	Number   Number                      // ByNumber
	Prefix   string                      // ByNumberPrefix, in canonical form: AB-12
	Personal account.PersonalNumberQuery // ByPersonalNumber
	Name     string                      // ByName, as typed
}

// ParseQuery understands what somebody typed into the search field: any spelling of a card number or of its beginning, a
// personnummer or a birth date, also where words stand around it, otherwise a name. today decides the century of a short personnummer.
func ParseQuery(s string, today time.Time) (Query, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Query{}, nil
	}
	// The end of a sentence that was copied along, and that of a personnummer as lists show it: 19850101-****.
	if text := strings.TrimRight(s, " .,;:*-"); text != "" {
		s = text
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return Query{}, ErrQueryInvalid
	}
	if utf8.RuneCountInString(s) > MaxQuery {
		return Query{}, ErrQueryTooLong
	}
	if n, err := ParseNumber(s); err == nil {
		return Query{Kind: ByNumber, Number: n}, nil
	}
	if prefix, ok := PartialNumber(s); ok {
		return Query{Kind: ByNumberPrefix, Prefix: hyphenate(prefix)}, nil
	}
	if p, ok := account.ParsePersonalNumberPrefix(s, today); ok {
		return Query{Kind: ByPersonalNumber, Personal: p}, nil
	}
	if q, ok := numberIn(s, today); ok {
		return q, nil
	}
	if account.LooksLikePersonalNumber(s) {
		return Query{}, ErrQueryPersonal
	}
	if !strings.ContainsFunc(s, isWordRune) {
		return Query{}, ErrQueryInvalid
	}
	return Query{Kind: ByName, Name: s}, nil
}

// numberIn is the one number that stands in a text: it says more than the words around it.
func numberIn(s string, today time.Time) (Query, bool) {
	cards, personal := account.NumbersIn(s, today)
	switch {
	case len(cards) == 1 && len(personal) == 0:
		n, err := ParseNumber(cards[0])
		return Query{Kind: ByNumber, Number: n}, err == nil
	case len(cards) == 0 && len(personal) == 1:
		return Query{Kind: ByPersonalNumber, Personal: personal[0]}, true
	}
	return Query{}, false
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// hyphenate writes the beginning of a number as the canonical form begins.
func hyphenate(compact string) string {
	if len(compact) > numberLetters+4 {
		compact = compact[:numberLetters+4] + "-" + compact[numberLetters+4:]
	}
	return compact[:numberLetters] + "-" + compact[numberLetters:]
}
