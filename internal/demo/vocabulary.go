package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/jackc/pgx/v5"
)

// word is a name with what the schema's own functions make of it, so that the rules for keys stand in one place.
type word struct {
	Text  string
	Key   string   // name_key
	Plain string   // the key without diacritics, for an e-mail address
	Index []string // key_words
}

// list is a list of names, the frequent first.
type list struct {
	words []word
	sums  []float64 // of weights up to and including each
}

// zipfShift makes the first name about three times as frequent as the tenth, and the hundredth rare, as in the population.
const zipfShift = 4

func newList(names []string, keys map[string]word) list {
	var l list
	sum := 0.0
	for i, name := range names {
		sum += 1 / float64(i+zipfShift)
		l.words = append(l.words, keys[name])
		l.sums = append(l.sums, sum)
	}
	return l
}

func (l list) pick(r *rand.Rand) word {
	x := r.Float64() * l.sums[len(l.sums)-1]
	return l.words[sort.SearchFloat64s(l.sums, x)]
}

// people are the names of one origin.
type people struct {
	country            string
	family, men, women list
	menOnly            bool // family names differ for women
	share              int  // of a hundred foreigners
}

type vocabulary struct {
	swedish people
	foreign []people
	visitor word
}

// readVocabulary asks Postgres for the keys of all names.
func readVocabulary(ctx context.Context, tx pgx.Tx) (vocabulary, error) {
	families := slices.Concat(swedishFamilies, rareFamilies())
	all := slices.Concat([]string{visitorCard}, families, swedishMen, swedishWomen)
	for _, o := range origins {
		all = slices.Concat(all, o.families, o.men, o.women)
	}
	found, err := tx.Query(ctx, `
		SELECT n, name_key(n), replace(fold_key(name_key(n)), ' ', '.'), ARRAY(SELECT w FROM key_words(name_key(n)) w ORDER BY w) FROM unnest($1::text[]) n`, all)
	if err != nil {
		return vocabulary{}, err
	}
	words, err := pgx.CollectRows(found, pgx.RowToStructByPos[word])
	if err != nil {
		return vocabulary{}, fmt.Errorf("keys of the names: %w", err)
	}
	keys := make(map[string]word, len(words))
	for _, w := range words {
		keys[w.Text] = w
	}
	v := vocabulary{visitor: keys[visitorCard]}
	v.swedish = people{country: "SE", family: newList(families, keys), men: newList(swedishMen, keys), women: newList(swedishWomen, keys)}
	for _, o := range origins {
		v.foreign = append(v.foreign, people{
			country: o.country, share: o.share, menOnly: len(o.women) == 0,
			family: newList(o.families, keys), men: newList(o.men, keys), women: newList(o.women, keys),
		})
	}
	return v, nil
}

// origin picks where a foreigner comes from.
func (v vocabulary) origin(r *rand.Rand, woman bool) people {
	for {
		x := r.IntN(100)
		for _, p := range v.foreign {
			if x -= p.share; x < 0 {
				if woman && p.menOnly {
					break
				}
				return p
			}
		}
	}
}
