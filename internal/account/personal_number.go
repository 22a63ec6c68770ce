package account

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unique"

	personnummer "github.com/personnummer/go/v3"
)

// ErrPersonalNumber: neither a personnummer nor a samordningsnummer. It never carries what was typed.
var ErrPersonalNumber = errors.New("account: not a Swedish personal number")

// PersonalNumber is a Swedish personnummer or samordningsnummer. Only Canonical reveals it: whatever else prints, logs or
// marshals the value writes Masked. Values compare with ==.
type PersonalNumber struct {
	// A handle instead of a string: fmt follows unexported fields of other structs without asking for a method, and
	// here finds an address.
	digits unique.Handle[string]
}

// Coordination numbers are dated sixty days late, so that nobody takes them for personal numbers.
const coordinationDays = 60

// firstYear is a little before the birth of the oldest persons that were given a number, in 1947.
const firstYear = 1840

// ParsePersonalNumber reads 10 or 12 digits with any spaces and dashes. Today decides the century of ten digits (the latest
// in which the birth lies not after today; with "+" one hundred years or more ago) and which dates are still to come.
// Twelve digits say their century themselves. Check digit and date must be right. A samordningsnummer may have
// month 00 or day 60, which Skatteverket gives to people whose birth date is not known.
func ParsePersonalNumber(s string, today time.Time) (PersonalNumber, error) {
	digits, plus, ok := splitPersonalNumber(s)
	if !ok {
		return PersonalNumber{}, ErrPersonalNumber
	}
	switch len(digits) {
	case 10:
		century, ok := centuryOf(digits, plus, today)
		if !ok {
			return PersonalNumber{}, ErrPersonalNumber
		}
		digits = century + digits
	case 12:
	default:
		return PersonalNumber{}, ErrPersonalNumber
	}
	if !isBirthDate(digits[:8], today) || !isPersonalNumber(digits) {
		return PersonalNumber{}, ErrPersonalNumber
	}
	return PersonalNumber{unique.Make(digits)}, nil
}

// splitPersonalNumber takes the separators out. A plus may stand only before the last four digits.
func splitPersonalNumber(s string) (digits string, plus, ok bool) {
	date, number, plus := strings.Cut(Compact(s), "+")
	digits = date + number
	if !isDigits(digits) || plus && (len(number) != 4 || len(digits) < 10) {
		return "", false, false
	}
	return digits, plus, true
}

// centuryOf finds the century of a number or date that starts with a two-digit year.
func centuryOf(digits string, plus bool, today time.Time) (string, bool) {
	latest := today.Year() / 100
	for century := latest; century >= firstYear/100; century-- {
		date := strconv.Itoa(century) + digits[:6]
		year, _ := strconv.Atoi(date[:4])
		if plus && today.Year()-year < 100 {
			continue
		}
		if isBirthDate(date, today) {
			return date[:2], true
		}
	}
	return "", false
}

// isBirthDate reports whether YYYYMMDD is a day of the calendar between firstYear and today, with a coordination number's
// day and its unknown parts.
func isBirthDate(date string, today time.Time) bool {
	year, _ := strconv.Atoi(date[:4])
	month, _ := strconv.Atoi(date[4:6])
	day, _ := strconv.Atoi(date[6:])
	if day >= coordinationDays {
		day -= coordinationDays
		// An unknown part counts as the first, which is as early as the birth can have been.
		if day == 0 {
			day = 1
		}
		if month == 0 {
			month = 1
		}
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day {
		return false
	}
	y, m, d := today.Date()
	return year >= firstYear && !t.After(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

// isPersonalNumber checks the last four of twelve digits. The library is asked only for twelve digits with a date that
// isBirthDate accepts: of itself it takes day 00, dates to come and the interim letters of hospitals, decides
// centuries by the computer's clock, drops "+" when a century is given, and refuses the unknown month.
func isPersonalNumber(digits string) bool {
	if digits[4:6] == "00" {
		return digits[8:11] != "000" && luhn(digits[2:])
	}
	return personnummer.Valid(digits)
}

// luhn reports whether the last digit is the check digit of the ten.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[i] - '0')
		if i%2 == 0 {
			n = n*2/10 + n*2%10
		}
		sum += n
	}
	return sum%10 == 0
}

// Canonical is the number in twelve digits, for the store. It must not reach a log, a URL, a title or a list.
func (n PersonalNumber) Canonical() string {
	if n.IsZero() {
		return ""
	}
	return n.digits.Value()
}

// IsZero reports whether there is no number.
func (n PersonalNumber) IsZero() bool { return n == PersonalNumber{} }

// IsCoordination tells a samordningsnummer from a personnummer.
func (n PersonalNumber) IsCoordination() bool {
	return !n.IsZero() && n.digits.Value()[6] >= '0'+coordinationDays/10
}

// Masked is the number as lists show it: 19850101-****.
func (n PersonalNumber) Masked() string {
	if n.IsZero() {
		return ""
	}
	return n.digits.Value()[:8] + "-****"
}

func (n PersonalNumber) String() string { return n.Masked() }

// GoString redacts too.
func (n PersonalNumber) GoString() string { return n.Masked() }

// Format writes Masked for every verb.
func (n PersonalNumber) Format(f fmt.State, _ rune) { writeMasked(f, n.Masked()) }

// LogValue keeps the number out of the log.
func (n PersonalNumber) LogValue() slog.Value { return slog.StringValue(n.Masked()) }

// MarshalText writes Masked: a number cannot be marshalled, nor read back from what was.
func (n PersonalNumber) MarshalText() ([]byte, error) { return []byte(n.Masked()), nil }

// writeMasked ignores an error as fmt's own writing does.
func writeMasked(f fmt.State, masked string) { _, _ = f.Write([]byte(masked)) }
