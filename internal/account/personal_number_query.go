package account

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unique"
)

// PersonalNumberQuery is what somebody typed in a search field to find a person by number, or by birth date alone. Like
// PersonalNumber it reveals itself to the store only.
type PersonalNumberQuery struct {
	digits unique.Handle[string]
}

// Long is the beginning of the 12-digit form to search for: 8 or all 12 digits. Either Long or Short is ok.
func (q PersonalNumberQuery) Long() (prefix string, ok bool) {
	if q.isZero() || !q.hasCentury() {
		return "", false
	}
	return q.digits.Value(), true
}

// Short is the beginning of the 10-digit form, without century: 6 or all 10 digits.
func (q PersonalNumberQuery) Short() (prefix string, ok bool) {
	if q.isZero() || q.hasCentury() {
		return "", false
	}
	return q.digits.Value(), true
}

// IsWhole reports whether it is a whole number and not only a birth date.
func (q PersonalNumberQuery) IsWhole() bool { return !q.isZero() && len(q.digits.Value()) >= 10 }

func (q PersonalNumberQuery) isZero() bool { return q == PersonalNumberQuery{} }

func (q PersonalNumberQuery) hasCentury() bool { return len(q.digits.Value())%4 == 0 }

// Masked says what was searched for without the last four: 850101-****, 19850101.
func (q PersonalNumberQuery) Masked() string {
	if q.isZero() {
		return ""
	}
	digits := q.digits.Value()
	switch len(digits) {
	case 10, 12:
		return digits[:len(digits)-4] + "-****"
	}
	return digits
}

func (q PersonalNumberQuery) String() string { return q.Masked() }

// GoString redacts too.
func (q PersonalNumberQuery) GoString() string { return q.Masked() }

// Format writes Masked for every verb.
func (q PersonalNumberQuery) Format(f fmt.State, _ rune) { writeMasked(f, q.Masked()) }

// LogValue keeps the number out of the log.
func (q PersonalNumberQuery) LogValue() slog.Value { return slog.StringValue(q.Masked()) }

// MarshalText writes Masked.
func (q PersonalNumberQuery) MarshalText() ([]byte, error) { return []byte(q.Masked()), nil }

// oldestHolder is the age up to which ten digits may also mean somebody born a century earlier.
const oldestHolder = 125

// ParsePersonalNumberPrefix reads a birth date (YYMMDD or YYYYMMDD, also with a samordningsnummer's day) or a whole number of 10
// or 12 digits, with any separators. Ten digits that only one living person's number can mean become twelve. Digits that no
// number begins with, such as a wrong check digit or an impossible date, are not ok.
func ParsePersonalNumberPrefix(s string, today time.Time) (PersonalNumberQuery, bool) {
	digits, plus, ok := splitPersonalNumber(s)
	if !ok {
		return PersonalNumberQuery{}, false
	}
	switch len(digits) {
	case 6:
		_, ok = centuryOf(digits, false, today)
	case 8:
		ok = isBirthDate(digits, today)
	case 10, 12:
		n, err := ParsePersonalNumber(s, today)
		ok = err == nil
		if ok && (plus || !hasElderTwin(n, today)) {
			digits = n.Canonical()
		}
	default:
		ok = false
	}
	if !ok {
		return PersonalNumberQuery{}, false
	}
	return PersonalNumberQuery{unique.Make(digits)}, true
}

// hasElderTwin reports whether the same ten digits may also belong to somebody alive who was born a century earlier. People
// write "-" for "+", so the separator does not tell.
func hasElderTwin(n PersonalNumber, today time.Time) bool {
	digits := n.Canonical()
	year, _ := strconv.Atoi(digits[:4])
	elder := strconv.Itoa(year-100) + digits[4:8]
	return today.Year()-(year-100) <= oldestHolder && isBirthDate(elder, today)
}

// LooksLikePersonalNumber reports whether a text may hold a personal number or a birth date, also a mistyped one, so that it is
// kept out of addresses and logs. It errs towards true. Card numbers and the beginnings of one are not meant, unless they
// can be read both ways: Bo 850101-1234.
func LooksLikePersonalNumber(s string) bool {
	runs, onlyDigits := digitRuns(s)
	for _, r := range runs {
		switch n := len(r.digits); {
		case n < 6:
		case onlyDigits:
			return true
		case r.isCard():
		case n >= 10, looksDated(r.digits):
			return true
		}
	}
	return false
}

// HoldsPersonalNumber is LooksLikePersonalNumber for a text in which a date may stand: it means ten digits and more, however they are written.
func HoldsPersonalNumber(s string) bool {
	runs, _ := digitRuns(s)
	return slices.ContainsFunc(runs, func(r digitRun) bool { return len(r.digits) >= 10 && !r.isCard() })
}

// NumbersIn are the numbers that stand in a text among words: whole card numbers, without separators, and personal numbers or the birth dates they begin
// with. today decides the century of a short one.
func NumbersIn(s string, today time.Time) (cards []string, personal []PersonalNumberQuery) {
	runs, _ := digitRuns(s)
	for _, r := range runs {
		if len(r.digits) == 10 && r.isCard() {
			cards = append(cards, r.letters+r.digits)
		} else if q, ok := ParsePersonalNumberPrefix(r.digits, today); ok && !r.isCard() {
			personal = append(personal, q)
		}
	}
	return cards, personal
}

// digitRun is a stretch of digits with nothing but separators in between.
type digitRun struct {
	digits  string // the first of them, enoughDigits at most
	groups  []int  // how many digits stand together
	letters string // the word before it
	spaced  bool   // that word ends in a space
}

// enoughDigits is more than any number has, and bounds the work for a text of nothing but digits.
const enoughDigits = 16

// digitRuns finds the runs of a text, and whether it holds nothing else.
func digitRuns(s string) (runs []digitRun, onlyDigits bool) {
	onlyDigits = true
	var run *digitRun
	var word strings.Builder
	spaced, apart := false, true
	for _, r := range normal(s) {
		switch {
		case unicode.IsDigit(r):
			if run == nil {
				runs = append(runs, digitRun{letters: word.String(), spaced: spaced})
				run, apart = &runs[len(runs)-1], true
				word.Reset()
			}
			if apart {
				run.groups, apart = append(run.groups, 0), false
			}
			run.groups[len(run.groups)-1]++
			if r > unicode.MaxASCII {
				r = '0' // digits of another script: how many there are is what counts
			}
			if len(run.digits) < enoughDigits {
				run.digits += string(r)
			}
		case unicode.Is(unicode.Cf, r):
		case !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r): // whatever people put between digits
			apart = true
			if isBlank(r) && run == nil {
				spaced = true
			}
			if !isBlank(r) && !isDash(r) && !strings.ContainsRune("+./,:*_", r) {
				onlyDigits = false
			}
		default:
			onlyDigits = false
			if run != nil || spaced || apart {
				word.Reset()
			}
			run, spaced, apart = nil, false, false
			word.WriteRune(r)
		}
	}
	return runs, onlyDigits
}

// isCard holds for six digits and more of a card number, whole or begun: two letters, then at most ten digits. The two letters may be a
// short word, so digits that stand as a personal number's do, or are one by date and check digit (pn9001012385), are not taken
// for a card's unless they are grouped as printed.
func (r digitRun) isCard() bool {
	letters := strings.ToUpper(r.letters)
	if len(letters) != 2 || strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || len(r.digits) > 10 {
		return false
	}
	whole := len(r.digits) == 10
	glued := len(r.groups) == 1 && !r.spaced
	asPrinted := r.groups[0] == 4 && len(r.groups) <= 2
	asPersonal := len(r.groups) == 2 && r.groups[0] == 6
	switch {
	case glued && !whole, asPrinted && len(r.digits) != 8:
		return true
	case whole && !asPersonal:
		return !looksDated(r.digits) || !luhn(r.digits)
	}
	return !looksDated(r.digits)
}

// looksDated holds when digits begin like a birth date that is at most a slip away from a real one.
func looksDated(digits string) bool {
	if len(digits) >= 8 && strings.Contains("18 19 20", digits[:2]) && looksLikeMonthAndDay(digits[4:8]) {
		return true
	}
	return looksLikeMonthAndDay(digits[2:6])
}

func looksLikeMonthAndDay(mmdd string) bool {
	return mmdd[0] <= '1' && (mmdd[2] <= '3' || mmdd[2] >= '6')
}
