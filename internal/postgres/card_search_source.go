package postgres

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// source is one way of finding candidates: a limited number of cards c in an order, each with (word, key, id) as its
// place, and what its status follows from. Every part is a range over one btree in its order, so that the limit ends the reading.
type source struct {
	group  string // sources follow one another by their groups
	driver string // the word of the query that its ranges are of, where it has one
	parts  []part
	args   pgx.NamedArgs
}

// part is SELECT … FROM … WHERE …, without the conditions on the card and on the place.
type part struct {
	query string
	count string // another way to the same cards, where counting needs one
	once  string // conditions that make each card come once, AND first; counting does without them
	order string
	after string // the condition that the place lies after @after_word, @after_key, @after_id
}

const statusColumns = ", c.id, c.status, c.valid_to, c.company_id"

const (
	holderGroup  = ""
	ordererGroup = "o"
)

func (s source) candidates(conditions string, after bool) string {
	var b strings.Builder
	for i, p := range s.parts {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("(" + p.query + p.once + conditions)
		if after {
			b.WriteString(" AND " + p.after)
		}
		b.WriteString(" ORDER BY " + p.order + " LIMIT @limit)")
	}
	return b.String()
}

// counted is a query for what the statuses of the candidates follow from, in no order; a card may come twice.
func (s source) counted(conditions string) string {
	var b strings.Builder
	for i, p := range s.parts {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("(" + cmp.Or(p.count, p.query) + conditions + " LIMIT @limit)")
	}
	return b.String()
}

// byName sorts cards as lists do.
func byName(from string) part {
	return part{
		query: "SELECT '' AS word, c.sort_key AS key" + statusColumns + " FROM " + from,
		order: "c.sort_key, c.id",
		after: "(c.sort_key, c.id) > (@after_key, @after_id)",
	}
}

// ofOrderer are the cards that an orderer is responsible for in the company, sorted as lists do; more conditions on c may follow. Counting
// finds them first and looks at their status then: a covering index of the whole company has both, and looks cheaper for a company of average size.
func ofOrderer(parameter, more string) part {
	const cards = "cards c WHERE " + ofCompany + " AND c.orderer_id = "
	p := byName(cards + parameter + more)
	p.count = "SELECT '' AS word, '' AS key" + statusColumns + " FROM (SELECT c.id FROM " + cards + parameter + more + " OFFSET 0) k JOIN cards c ON c.id = k.id WHERE true"
	return p
}

// byNumber sorts cards by their number.
func byNumber(from string) part {
	return part{
		query: "SELECT '' AS word, c.number AS key" + statusColumns + " FROM " + from,
		order: "c.number, c.id",
		after: "(c.number, c.id) > (@after_key, @after_id)",
	}
}

// sources says how to find the cards that match, and which orderers match by name. None: nothing can match.
func (s *Store) sources(ctx context.Context, f *finder) ([]source, []card.OrdererMatch, error) {
	switch q := f.search.Query; q.Kind {
	case card.NoQuery:
		if f.where == ofAll {
			return []source{{parts: []part{byName(ordererEverywhere + "@orderer")}}}, nil, nil
		}
		if f.search.Orderer != 0 && f.search.CleanUp == "" {
			return []source{{parts: []part{ofOrderer("@orderer", "")}}}, nil, nil
		}
		if f.onlyCleanUp() {
			return []source{{parts: []part{byName("cleanup_cards c WHERE c.cleanup = @cleanup AND " + f.where)}}}, nil, nil
		}
		return []source{{parts: []part{byName("cards c WHERE " + f.where)}}}, nil, nil
	case card.ByNumber:
		// OFFSET 0 looks up the number first: beside the company's condition, going through a company of average size looks as cheap. The columns
		// are those that a source has and filters ask for.
		const numbered = `(SELECT n.id, n.number, n.company_id, n.person_id, n.orderer_id, n.kind, n.status, n.valid_to
			FROM cards n WHERE n.number = @number OFFSET 0) c`
		return []source{{
			parts: []part{byNumber(numbered + " WHERE " + f.where)},
			args:  pgx.NamedArgs{"number": q.Number},
		}}, nil, nil
	case card.ByNumberPrefix:
		return []source{{
			parts: []part{byNumber("cards c WHERE c.number >= @from AND c.number < @to AND " + f.where)},
			args:  pgx.NamedArgs{"from": q.Prefix, "to": q.Prefix + beyond},
		}}, nil, nil
	case card.ByPersonalNumber:
		return []source{withPersonalNumber(q.Personal, f.where)}, nil, nil
	case card.ByName:
		return s.withName(ctx, f, q.Name)
	}
	return nil, nil, fmt.Errorf("postgres: query of unknown kind %d", f.search.Query.Kind)
}

// beyond is larger than any continuation of a prefix, in the byte order of the keys.
const beyond = "\U0010FFFF"

// withPersonalNumber reads the index on the number without its century, then looks at the century where it is known.
// A company's search never leaves the company's own cards; the issuer's begins with the persons.
func withPersonalNumber(q account.PersonalNumberQuery, where string) source {
	from := "cards c JOIN persons p ON p.id = c.person_id WHERE " + where + " AND c.personal_key >= @from AND c.personal_key < @to"
	if where == ofAll {
		from = "persons p JOIN cards c ON c.person_id = p.id WHERE p.personal_key >= @from AND p.personal_key < @to"
	}
	if short, ok := q.Short(); ok {
		return source{parts: []part{byName(from)}, args: pgx.NamedArgs{"from": short, "to": short + beyond}}
	}
	long, _ := q.Long()
	short := long[len("19"):]
	return source{
		parts: []part{byName(from + " AND p.identity_number >= @long AND p.identity_number < @long_to")},
		args:  pgx.NamedArgs{"from": short, "to": short + beyond, "long": long, "long_to": long + beyond},
	}
}

// withName finds cards by the words of the holder's name, each a prefix, in any order; then the cards of the orderers
// whose name matches, when they are few.
func (s *Store) withName(ctx context.Context, f *finder, name string) ([]source, []card.OrdererMatch, error) {
	words, orderers, err := s.readNames(ctx, f, name)
	if err != nil || len(words) == 0 {
		return nil, nil, err
	}
	driver, others := wayIn(words, placeOf(f.search.After).Driver)
	sources := []source{holdersByName(driver, others, f.where)}
	if n := len(orderers); n > 0 && n <= maxOrderers {
		sources = append(sources, cardsOfOrderers(orderers, driver, others, f.where))
	}
	for i := range sources {
		sources[i].driver = driver
	}
	return sources, orderers[:min(len(orderers), maxOrderers)], nil
}

// holdersByName reads the range of the driver in card_names: first the names that begin with it as typed, then those
// that do without their å, ä and ö. The other words are tested on the whole name that the index carries.
func holdersByName(driver string, others []nameWord, where string) source {
	scoped := "true"
	if where == ofCompany {
		scoped = "n.company_id = @company"
	}
	const from = "SELECT n.word, n.sort_key AS key" + statusColumns + " FROM card_names n JOIN cards c ON c.id = n.card_id WHERE "
	const tests = ` AND ' ' || fold_key(n.sort_key) LIKE ALL (@others)`
	// A card whose both names match, or a name with two words in the range, stands there twice: the first one counts.
	printed := ` AND (n.sort_key = c.sort_key OR NOT ` + found("c.sort_key") + `)`
	first := printed + ` AND NOT EXISTS (SELECT FROM string_to_table(n.sort_key, ' ') t (word)
		WHERE t.word COLLATE "C" >= @from AND t.word COLLATE "C" < n.word)`
	firstFolded := printed + ` AND position(' ' || @from IN ' ' || n.sort_key) = 0
		AND NOT EXISTS (SELECT FROM string_to_table(n.sort_key, ' ') t (word)
		WHERE fold_key(t.word) <> t.word AND fold_key(t.word) COLLATE "C" >= @folded AND '~' || fold_key(t.word) COLLATE "C" < n.word)`
	const order = "n.word, n.sort_key, n.card_id"
	const after = "(n.word, n.sort_key, n.card_id) > (@after_word, @after_key, @after_id)"

	return source{
		group: holderGroup,
		parts: []part{
			{query: from + scoped + " AND n.word >= @from AND n.word < @to" + tests, once: first, order: order, after: after},
			{query: from + scoped + " AND n.word >= @alias AND n.word < @alias_to" + tests, once: firstFolded, order: order, after: after},
		},
		args: nameArgs(driver, others),
	}
}

func nameArgs(driver string, others []nameWord) pgx.NamedArgs {
	folded := fold(driver)
	return pgx.NamedArgs{
		"from": driver, "to": driver + beyond, "folded": folded, "alias": "~" + folded, "alias_to": "~" + folded + beyond,
		"others": patterns(others), "all": append(patterns(others), pattern(driver)),
	}
}

// found is the condition that holdersByName finds a card by this key of it.
func found(key string) string {
	return `(' ' || fold_key(` + key + `) LIKE ALL (@all) AND EXISTS (SELECT FROM key_words(` + key + `) w
		WHERE w COLLATE "C" >= @from AND w COLLATE "C" < @to OR w COLLATE "C" >= @alias AND w COLLATE "C" < @alias_to))`
}

// ordererEverywhere are the cards of an orderer over all companies; the parameter with the person follows.
const ordererEverywhere = `memberships m JOIN cards c ON c.company_id = m.company_id AND c.orderer_id = m.person_id
	WHERE m.role = 'orderer' AND m.person_id = `

// cardsOfOrderers are the cards these orderers are responsible for, but for those found by the holder's name: a range of
// the index for each of them.
func cardsOfOrderers(orderers []card.OrdererMatch, driver string, rest []nameWord, where string) source {
	others := " AND NOT " + found("c.sort_key") + " AND (c.other_key IS NULL OR NOT " + found("c.other_key") + ")"
	src := source{group: ordererGroup, args: nameArgs(driver, rest)}
	for i, o := range orderers {
		name := "orderer_" + strconv.Itoa(i)
		if where == ofAll {
			src.parts = append(src.parts, byName(ordererEverywhere+"@"+name+others))
		} else {
			src.parts = append(src.parts, ofOrderer("@"+name, others))
		}
		src.args[name] = o.ID
	}
	return src
}
