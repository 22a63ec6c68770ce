package demo

import (
	"math/rand/v2"
)

// world is the plan of the country: everything else follows from it, row by row, as often as it is asked.
type world struct {
	seed   uint64
	today  day
	words  vocabulary
	times  calendar
	deck   deck
	cast   []actor
	sizes  []int32
	pcg    rand.PCG
	source *rand.Rand
	sheets [2]life // of the cards that are being written
	lives  []*life
	index  []string // words met so far
}

// What a random number is about, so that no two things share theirs.
const (
	aboutDeck = iota + 1
	aboutPersons
	aboutCompanies
	aboutCards
	aboutLives
)

func newWorld(o Options, today day, words vocabulary) (*world, error) {
	times, err := newCalendar(today)
	if err != nil {
		return nil, err
	}
	w := &world{seed: o.Seed, today: today, words: words, times: times, cast: cast()}
	w = w.alike()
	w.deck = newDeck(w.random(aboutDeck, 0))
	bulk := o.Cards - scriptedCards()
	for _, n := range namedCompanies {
		bulk -= n.size
	}
	w.sizes = sizes(bulk, min(o.Cards/largestShare, largestSize))
	return w, nil
}

// alike is the same plan, for another goroutine.
func (w *world) alike() *world {
	a := &world{seed: w.seed, today: w.today, words: w.words, times: w.times, deck: w.deck, cast: w.cast, sizes: w.sizes}
	a.source = rand.New(&a.pcg) //nolint:gosec // invented people are the same for the same seed; nothing here is secret
	a.lives = make([]*life, 0, len(a.sheets))
	return a
}

// random begins the random numbers of one thing. It is the world's only source: whoever asks for the next thing ends this one's.
func (w *world) random(about uint64, id int64) *rand.Rand {
	w.pcg.Seed(w.seed, uint64(id)*0x9e3779b97f4a7c15+about)
	return w.source
}

// listener hears of everything in the order of its ids, as far as it wants to know.
type listener struct {
	company func(*company) error
	person  func(id int64, of *company) error // holders and staff, not the cast
	life    func(*life, *company) error
}

// walk goes through the bulk of the country, with one company and one holder's cards in memory.
func (w *world) walk(to listener) error {
	nextPerson, nextCard := firstExtra+extraIssuers, int64(1)
	for i := range len(namedCompanies) + len(w.sizes) {
		var c company
		if i < len(namedCompanies) {
			c = w.named(i)
		} else {
			c = w.company(i-len(namedCompanies), nextPerson)
		}
		if to.company != nil {
			if err := to.company(&c); err != nil {
				return err
			}
		}
		if err := w.walkCompany(&c, &nextPerson, &nextCard, to); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) walkCompany(c *company, nextPerson, nextCard *int64, to listener) error {
	first := *nextPerson
	*nextPerson += int64(len(c.staff))
	staff := c.staff
	borrowed := make(map[int64]bool)
	if to.person != nil {
		for _, id := range c.staff {
			if err := to.person(id, c); err != nil {
				return err
			}
		}
	}
	for left := c.size; left > 0; {
		r := w.random(aboutCards, *nextCard)
		j := job{card: *nextCard, replaced: left > 1 && r.IntN(100) < replacedShare}
		switch x := r.IntN(100); {
		case x < visitorShare:
			j.visitor, j.replaced = true, false
		case len(staff) > 0:
			// Most of those who order cards for others carry one.
			j.holder = staff[0]
			staff = staff[1:]
		case x < visitorShare+twoCompaniesShare && first > firstExtra+extraIssuers:
			// Everybody with a lower id belongs to an earlier company. Each once, or the cards of one holder would overlap.
			if holder := firstExtra + extraIssuers + r.Int64N(first-firstExtra-extraIssuers); !borrowed[holder] {
				borrowed[holder] = true
				j.holder = holder
			}
		}
		if j.holder == 0 && !j.visitor {
			j.holder = *nextPerson
			*nextPerson++
			if to.person != nil {
				if err := to.person(j.holder, c); err != nil {
					return err
				}
			}
		}
		if to.life != nil {
			for _, l := range w.live(j, c) {
				if err := to.life(l, c); err != nil {
					return err
				}
			}
		}
		made := 1
		if j.replaced {
			made = 2
		}
		*nextCard += int64(made)
		left -= made
	}
	return nil
}

// Shares of a hundred.
const (
	visitorShare      = 3
	twoCompaniesShare = 4 // also of those whom the draw repeats
	replacedShare     = 11
)

// job is one holder in one company: who, and which cards.
type job struct {
	card     int64 // the first one's id
	holder   int64 // 0 for a visitor card
	visitor  bool
	replaced bool // there is an earlier card
}
