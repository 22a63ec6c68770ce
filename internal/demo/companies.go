package demo

import "math"

// company is one company with those who act for it.
type company struct {
	id             int64
	name           string
	orgNumber      string
	size           int // cards, without those made one by one for the people with log-ins
	created        moment
	suspended      bool    // owes an overdue fee
	administrators []int64 // the first is also the first orderer
	orderers       []int64
	staff          []int64 // both, each once, in the order of their ids; empty in the named companies
}

// share of all cards that the largest company has, and the most it ever has.
const (
	largestShare = 20 // one in
	largestSize  = 50_000
	averageSize  = 10
)

// sizes are those of the companies, the largest first: Zipf's law with the power that makes them add up to all cards.
func sizes(cards, largest int) []int32 {
	n := max(cards/averageSize, 1)
	total := func(power float64) (sum int) {
		for i := range n {
			sum += zipfSize(largest, i, power)
		}
		return sum
	}
	low, high := 0.0, 4.0
	for range 50 {
		if mid := (low + high) / 2; total(mid) > cards {
			low = mid
		} else {
			high = mid
		}
	}
	all := make([]int32, n)
	left := cards
	for i := range all {
		all[i] = int32(zipfSize(largest, i, high))
		left -= int(all[i])
	}
	// What rounding left over goes to the small ones, one each.
	for i := 0; left > 0; i++ {
		all[n-1-i%n]++
		left--
	}
	return all
}

func zipfSize(largest, rank int, power float64) int {
	return max(1, int(float64(largest)/math.Pow(float64(rank+1), power)))
}

// maxOrderers is how many the largest companies have.
const maxOrderers = 60

func ordererCount(size int) int { return min(maxOrderers, 1+int(0.27*math.Sqrt(float64(size)))) }

// administratorCount counts those who are not also the first orderer.
func administratorCount(size int) int {
	if size < 20 {
		return 0
	}
	return 1 + min(size/5000, 4)
}

// company makes the company of a position in the list of sizes; the ids of its staff begin with first.
func (w *world) company(position int, first int64) company {
	id := int64(len(namedCompanies) + 1 + position)
	r := w.random(aboutCompanies, id)
	c := company{
		id:        id,
		name:      companyName(scatter(int64(position), int64(len(w.sizes)))),
		orgNumber: orgNumber(id),
		// Large and small in any order.
		size:      int(w.sizes[scatter(int64(position), int64(len(w.sizes)))]),
		created:   (w.today - historyDays + day(r.IntN(300))).workday().at(8+r.IntN(9), r.IntN(60), r.IntN(60)),
		suspended: position%61 == 7,
	}
	for range ordererCount(c.size) {
		c.orderers = append(c.orderers, first)
		c.staff = append(c.staff, first)
		first++
	}
	c.administrators = append(c.administrators, c.orderers[0])
	for range administratorCount(c.size) {
		c.administrators = append(c.administrators, first)
		c.staff = append(c.staff, first)
		first++
	}
	return c
}

// orgNumber is right in form and check digit and in no register: no legal form has the group 4. The third digit
// is at least 2 in every organisation number.
func orgNumber(id int64) string {
	const million = 1_000_000
	n := scatter(id, 10*8*million)
	digits := append(make([]byte, 0, 11), '4', byte('0'+n/million/8), byte('2'+n/million%8))
	digits = appendPadded(digits, int(n%million), 6)
	digits = append(digits, luhn(digits))
	return string(digits[:6]) + "-" + string(digits[6:])
}

// companyName puts an invented place, a trade and sometimes a part of the country together.
func companyName(n int64) string {
	places := int64(len(placeStarts) * len(placeEnds))
	p := scatter(n%places, places)
	place := placeStarts[p%int64(len(placeStarts))] + placeEnds[p/int64(len(placeStarts))]
	n = n/places + n // each round of places begins with another trade
	trade := trades[n%int64(len(trades))]
	part := parts[n/int64(len(trades))%int64(len(parts))]
	return place + " " + trade + part + " AB"
}

var (
	placeStarts = []string{
		"Vråk", "Skrim", "Tjäl", "Gnist", "Ljumm", "Kvidd", "Snår", "Vimpel", "Knarr", "Flinger", "Mossel", "Drill", "Spräk", "Bläns",
		"Rimm", "Skarv", "Torvel", "Hummel", "Äppel", "Öring", "Årt", "Pjäx", "Grynn", "Lommer", "Fjäder", "Kärv", "Nypon", "Skval",
	}
	placeEnds = []string{
		"enäs", "ebråna", "olunda", "eryda", "amåla", "istad", "ehylte", "åsen", "ebodane", "ekulle", "avrå", "efors", "emyra", "esjöle",
		"ögärde", "ahede", "evret", "inge", "ebacka", "estenen",
	}
	trades = []string{
		"Bygg", "Måleri", "Plåt & Tak", "El", "Rör", "Mark & Anläggning", "Betong", "Snickeri", "Golv", "Ställning", "Puts & Murning", "Schakt",
		"Ventilation", "Isolering", "Glas & Fasad", "Kakel & Bad", "Rivning", "Stål", "Kran & Lyft", "Armering", "Asfalt", "Fönster & Dörr",
		"Sprinkler", "Håltagning", "Trädgård & Mark", "Sanering", "Undertak", "Hiss", "Låssmide", "Energiteknik", "Stenarbeten", "Entreprenad",
	}
	parts = []string{"", " i Norr", " i Väst", " i Syd", " i Öst", " i Mitten", " Förvaltning", " Service"}
)
