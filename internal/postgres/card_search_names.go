package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/card"
)

// maxOrderers is how many orderers a name may match for their cards to be listed; of more only the first are named.
const maxOrderers = 5

// nameWord is one word of a query in the form of the name keys, and how many cards begin with it, counted up to a bound.
type nameWord struct {
	key  string
	rows int
}

// readNames brings a name into the form of the keys, and finds the orderers that it matches.
func (s *Store) readNames(ctx context.Context, f *finder, name string) ([]nameWord, []card.OrdererMatch, error) {
	// Only several words need to be weighed against each other.
	const weigh = `
		SELECT w.word,
		       CASE WHEN count(*) OVER () > 1 THEN
		           (SELECT count(*) FROM (SELECT FROM card_names n WHERE n.word >= w.word AND n.word < w.word || @beyond AND IN_SCOPE LIMIT 300) x)
		           + (SELECT count(*) FROM (SELECT FROM card_names n WHERE n.word >= '~' || fold_key(w.word) AND n.word < '~' || fold_key(w.word) || @beyond AND IN_SCOPE LIMIT 300) x)
		       ELSE 0 END
		FROM (SELECT DISTINCT w COLLATE "C" AS word FROM string_to_table(name_key(@name), ' ') w WHERE w <> '') w`
	const matching = `LIKE ALL (ARRAY(SELECT '% ' || fold_key(w) || '%' FROM string_to_table(name_key(@name), ' ') w))`
	const ofTheCompany = `
		SELECT o.person_id, o.given_name, o.family_name,
		       (SELECT count(*) FROM (SELECT FROM cards c WHERE c.company_id = @company AND c.orderer_id = o.person_id LIMIT @limit) x)
		FROM (SELECT o.person_id, o.given_name, o.family_name
		      FROM listed_orderers o
		      WHERE o.company_id = @company AND ' ' || fold_key(o.name_key) ` + matching + `
		      ORDER BY o.former, o.name_key, o.person_id
		      LIMIT @orderers) o`
	// The longest word is the way in across companies.
	const ofTheLongest = `
		SELECT o.person_id
		FROM (SELECT w COLLATE "C" AS word FROM string_to_table(name_key(@name), ' ') w ORDER BY length(w) DESC, w LIMIT 1) w
		CROSS JOIN LATERAL (
		    SELECT n.person_id FROM orderer_names n WHERE n.word >= w.word AND n.word < w.word || @beyond
		    UNION ALL
		    SELECT n.person_id FROM orderer_names n WHERE n.word >= '~' || fold_key(w.word) AND n.word < '~' || fold_key(w.word) || @beyond
		) o
		LIMIT 2000`
	const ofAnyCompany = `
		SELECT p.id, p.given_name, p.family_name,
		       (SELECT count(*) FROM (SELECT FROM ` + ordererEverywhere + `p.id LIMIT @limit) x)
		FROM (SELECT p.id, p.given_name, p.family_name
		      FROM persons p
		      WHERE ' ' || fold_key(p.name_key) ` + matching + ` AND p.id IN (` + ofTheLongest + `)
		      ORDER BY p.name_key, p.id
		      LIMIT @orderers) p`
	inNames, orderersOf := "n.company_id = @company", ofTheCompany
	if f.where == ofAll {
		inNames, orderersOf = "true", ofAnyCompany
	}

	var words []nameWord
	var orderers []card.OrdererMatch
	batch := &pgx.Batch{}
	args := merge(f.args, pgx.NamedArgs{"name": name, "beyond": beyond, "limit": countBound + 1, "orderers": maxOrderers + 1})
	batch.Queue(strings.ReplaceAll(weigh, "IN_SCOPE", inNames), args).Query(func(answer pgx.Rows) error {
		for answer.Next() {
			var w nameWord
			if err := answer.Scan(&w.key, &w.rows); err != nil {
				return err
			}
			words = append(words, w)
		}
		return answer.Err()
	})
	batch.Queue(orderersOf, args).Query(func(answer pgx.Rows) error {
		for answer.Next() {
			var o card.OrdererMatch
			var n int
			if err := answer.Scan(&o.ID, &o.Name.Given, &o.Name.Family, &n); err != nil {
				return err
			}
			o.Count = bounded(n, countBound)
			orderers = append(orderers, o)
		}
		return answer.Err()
	})
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, err
	}
	return words, orderers, nil
}

// wayIn takes out the word by which cards are looked up: that of the page before, or the one that the fewest cards have.
func wayIn(words []nameWord, before string) (driver string, others []nameWord) {
	at := 0
	for i, w := range words {
		if w.key == before {
			at = i
			break
		}
		if w.rows < words[at].rows || w.rows == words[at].rows && len(w.key) > len(words[at].key) {
			at = i
		}
	}
	others = slices.Clone(words[:at])
	return words[at].key, append(others, words[at+1:]...)
}

// pattern matches a name with a space before it, folded, that has a word beginning with the key.
func pattern(key string) string { return "% " + fold(key) + "%" }

func patterns(words []nameWord) []string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = pattern(w.key)
	}
	return texts
}

// fold is fold_key of the schema.
func fold(key string) string { return strings.NewReplacer("{", "a", "|", "a", "}", "o").Replace(key) }
