package demo

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// What identifies a person; the doc of the package says why nobody has these numbers.
const (
	personalNumber     = "personal_number"
	coordinationNumber = "coordination_number"
	passport           = "passport"
	nationalID         = "national_id"
)

// class is what kind of identity a person has, and the sex that a Swedish number tells.
type class struct {
	kind  string
	woman bool
}

// classes are the shares, of a hundred.
var classes = []struct {
	class
	share int
}{
	{class{personalNumber, false}, 70},
	{class{personalNumber, true}, 8},
	{class{coordinationNumber, false}, 7},
	{class{coordinationNumber, true}, 1},
	{class{passport, false}, 14},
}

// deck deals the classes to persons so that a person's class, and the how-many-eth of the class the person is, follow
// from the person's position alone.
type deck struct {
	slots  [100]int // index in classes
	before [100]int // how many slots of the same class come earlier
}

func newDeck(r *rand.Rand) deck {
	var d deck
	i := 0
	for c, of := range classes {
		for range of.share {
			d.slots[i] = c
			i++
		}
	}
	r.Shuffle(len(d.slots), func(i, j int) { d.slots[i], d.slots[j] = d.slots[j], d.slots[i] })
	seen := make([]int, len(classes))
	for i, c := range d.slots {
		d.before[i] = seen[c]
		seen[c]++
	}
	return d
}

// deal returns the class of the person at a position and the person's ordinal in it.
func (d deck) deal(position int64) (class, int64) {
	slot := position % int64(len(d.slots))
	c := classes[d.slots[slot]]
	return c.class, position/int64(len(d.slots))*int64(c.share) + int64(d.before[slot])
}

// births is a series of numbers: each day of some years with each of some birth numbers of one sex.
type births struct {
	from, to int // years
	serials  []int
}

var (
	longAgoMen   = serials(1)
	longAgoWomen = serials(2)
)

// serials are all birth numbers of one sex.
func serials(first int) []int {
	var s []int
	for n := first; n <= 999; n += 2 {
		s = append(s, n)
	}
	return s
}

// seriesOf are the series of a class of Swedish numbers: the authority's test series first, when that ends a century
// in which nobody alive was born.
func seriesOf(c class) [2]births {
	reserved, rest := []int{239}, longAgoMen
	if c.woman {
		reserved, rest = []int{238}, longAgoWomen
	}
	if c.kind == coordinationNumber {
		return [2]births{{1960, 1999, reserved}, {1860, 1889, rest}}
	}
	return [2]births{{1990, 2001, reserved}, {1840, 1889, rest}}
}

// swedishNumber is the nth number of a class, each once.
func swedishNumber(c class, n int64) string {
	series := seriesOf(c)
	s := series[0]
	if n >= s.len() {
		n -= s.len()
		s = series[1]
	}
	n = scatter(n, s.len())
	first, days := s.days()
	y, m, d := (first + day(n%days)).date().Date()
	if c.kind == coordinationNumber {
		d += 60
	}
	number := make([]byte, 0, 12)
	number = appendPadded(number, y, 4)
	number = appendPadded(number, int(m), 2)
	number = appendPadded(number, d, 2)
	number = appendPadded(number, s.serials[n/days], 3)
	return string(append(number, luhn(number[2:])))
}

func (b births) days() (first day, n int64) {
	first = dayOf(time.Date(b.from, 1, 1, 0, 0, 0, 0, time.UTC))
	return first, int64(dayOf(time.Date(b.to+1, 1, 1, 0, 0, 0, 0, time.UTC)) - first)
}

func (b births) len() int64 {
	_, days := b.days()
	return days * int64(len(b.serials))
}

// foreignNumber is in the form of no country's passports or identity numbers.
func foreignNumber(n int64) string {
	return string(appendPadded([]byte("DEMO"), int(n), 8))
}

// scatter maps 0 … n-1 onto itself so that neighbours part.
func scatter(i, n int64) int64 {
	return (i*coprime(n, n*618/1000) + n/3) % n
}

// coprime is the first number from start that shares no divisor with n.
func coprime(n, start int64) int64 {
	for a := start | 1; ; a++ {
		x, y := a, n
		for y != 0 {
			x, y = y, x%y
		}
		if x == 1 {
			return a
		}
	}
}

// luhn is the check digit of the digits.
func luhn(digits []byte) byte {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}

func appendPadded(b []byte, n, width int) []byte {
	for p := power10(width - 1); p > 1 && n < p; p /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(n), 10)
}

func power10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}
