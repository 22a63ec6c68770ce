package account

import (
	"errors"

	organisationsnummer "github.com/organisationsnummer/go"
	"golang.org/x/text/language"
)

// ErrOrgNumber: not the number of an organisation in that country.
var ErrOrgNumber = errors.New("account: not an organisation number")

// OrgNumber identifies a company: two of them are one company when they are equal.
type OrgNumber struct {
	Country string // ISO 3166, two letters
	Number  string // ten digits for Sweden; capital letters and digits elsewhere
}

const sweden = "SE"

// ParseOrgNumber reads a Swedish organisationsnummer, NNNNNN-NNNN with its check digit, or 12 digits that begin with 16; any spaces
// and dashes. A sole trader's number is the person's own personnummer and is refused, because a value that everybody may see must
// not be one.
func ParseOrgNumber(s string) (OrgNumber, error) {
	digits := Compact(s)
	if len(digits) == 12 && digits[:2] == "16" {
		digits = digits[2:]
	}
	// The library also takes personal numbers; the third digit, never below 2, tells the two apart.
	if len(digits) != 10 || !isDigits(digits) || digits[2] < '2' || !organisationsnummer.Valid(digits) {
		return OrgNumber{}, ErrOrgNumber
	}
	return OrgNumber{Country: sweden, Number: digits}, nil
}

// ParseForeignOrgNumber reads the number under which another country registers a company. Country is an ISO 3166 code of two or
// three letters. Of the number only letters, digits and their order count.
func ParseForeignOrgNumber(country, s string) (OrgNumber, error) {
	code, ok := ParseCountry(country)
	number, fits := foreignNumber(s)
	if !ok || !fits || code == sweden {
		return OrgNumber{}, ErrOrgNumber
	}
	return OrgNumber{Country: code, Number: number}, nil
}

// String is NNNNNN-NNNN for Sweden, else the country and the number: PL 5260250995.
func (n OrgNumber) String() string {
	switch {
	case n == OrgNumber{}:
		return ""
	case n.Country == sweden && len(n.Number) == 10:
		return n.Number[:6] + "-" + n.Number[6:]
	}
	return n.Country + " " + n.Number
}

// ParseCountry makes an ISO 3166 code of two or three letters, in any case, the two-letter one.
func ParseCountry(s string) (string, bool) {
	s = Compact(s)
	if len(s) != 2 && len(s) != 3 || isDigits(s) {
		return "", false
	}
	region, err := language.ParseRegion(s)
	if err != nil || !region.IsCountry() {
		return "", false
	}
	code := region.Canonicalize().String()
	return code, len(code) == 2
}

// The shortest and longest numbers met in the world's passports and registers, with some room.
const (
	minForeignNumber = 4
	maxForeignNumber = 24
)

// foreignNumber keeps letters and digits, drops the punctuation that countries write between them, and refuses the rest.
func foreignNumber(s string) (string, bool) {
	number := make([]byte, 0, maxForeignNumber)
	for _, r := range Compact(s) {
		switch {
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			number = append(number, byte(r))
		case r == '.', r == '/', r == ',', r == ':', r == '\'':
		default:
			return "", false
		}
	}
	return string(number), minForeignNumber <= len(number) && len(number) <= maxForeignNumber
}
