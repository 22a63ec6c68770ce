package card

import (
	"errors"

	"kortportal/internal/account"
)

// ErrNumber: not in the form of a card number. There is no check digit, so no other mistake can be found.
var ErrNumber = errors.New("card: not a card number")

// Number is a card number in its canonical form AA-NNNN-NNNNNN: two letters for the supplier, ten digits. Two spellings of one
// number are one value. The zero value is a card that has no number yet.
type Number string

const (
	numberLetters = 2
	numberDigits  = 10
)

// ParseNumber reads a card number in any case, with spaces and dashes of any kind or none, as people type it and scanners
// and input methods give it.
func ParseNumber(s string) (Number, error) {
	compact := account.Compact(s)
	if !isNumberPrefix(compact) || len(compact) != numberLetters+numberDigits {
		return "", ErrNumber
	}
	return Number(compact[:2] + "-" + compact[2:6] + "-" + compact[6:]), nil
}

// PartialNumber reads the beginning of a card number: both letters and one to nine digits. The prefix is in compact form
// (AB1234), without hyphens. A whole number is not partial.
func PartialNumber(s string) (prefix string, ok bool) {
	compact := account.Compact(s)
	if !isNumberPrefix(compact) || len(compact) == numberLetters+numberDigits {
		return "", false
	}
	return compact, true
}

// isNumberPrefix holds for two letters followed by one to ten digits.
func isNumberPrefix(s string) bool {
	if len(s) <= numberLetters || len(s) > numberLetters+numberDigits {
		return false
	}
	for i := range len(s) {
		first, last := byte('0'), byte('9')
		if i < numberLetters {
			first, last = 'A', 'Z'
		}
		if s[i] < first || s[i] > last {
			return false
		}
	}
	return true
}

// String is the canonical form, the one to show.
func (n Number) String() string { return string(n) }

// WithoutLastSix hides the digits by which a holder proves to have the card at hand. It is the form to show to the holder; empty before production.
func (n Number) WithoutLastSix() string {
	if n == "" {
		return ""
	}
	return string(n[:len(n)-6]) + "••••••"
}
