package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// MatchLines finds the company's cards for each line of the paste box: one match for each, without cards where there is none. A number is one card, a
// personnummer the cards of a person; a name those of everybody whose name has all its words, whole and in any order, with or without diacritics.
// Where some of a line's cards can still be used, those at an end are not meant. ErrNotFound: the actor sees no company's cards.
func (s *Store) MatchLines(ctx context.Context, by account.Actor, lines []card.Line) ([]card.Match, error) {
	if !ofItsCompany(by) {
		return nil, card.ErrNotFound
	}
	var (
		places                        = map[card.QueryKind][]int{}
		numbers, persons, from, drive []string
		others                        []string // the other words of a name, each between spaces, with a bar between them
	)
	for i, line := range lines {
		switch q := line.Query; q.Kind {
		case card.ByNumber:
			numbers = append(numbers, q.Number.String())
		case card.ByPersonalNumber:
			short, _ := q.Personal.Short()
			long, ok := q.Personal.Long()
			if ok {
				short = long[len("19"):]
			}
			persons, from = append(persons, short), append(from, long)
		case card.ByName:
			drive, others = append(drive, q.Name), append(others, "")
		default:
			continue
		}
		places[line.Query.Kind] = append(places[line.Query.Kind], i)
	}
	matches := make([]card.Match, len(lines))
	var found []lineCard
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := takeTime(ctx, tx); err != nil {
			return err
		}
		if err := nameKeys(ctx, tx, drive, others); err != nil {
			return err
		}
		for _, q := range []struct {
			kind card.QueryKind
			sql  string
			args pgx.NamedArgs
		}{
			{card.ByNumber, linesByNumber, pgx.NamedArgs{"numbers": numbers}},
			{card.ByPersonalNumber, linesByPerson, pgx.NamedArgs{"short": persons, "long": from}},
			{card.ByName, linesByName, pgx.NamedArgs{"drivers": drive, "others": others, "most": card.MaxMatches + 1}},
		} {
			if len(places[q.kind]) == 0 {
				continue
			}
			more, err := findLines(ctx, tx, by, q.sql, q.args, places[q.kind])
			if err != nil {
				return err
			}
			found = append(found, more...)
		}
		return readMatches(ctx, tx, by, found, matches)
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: match lines: %w", err)
	}
	return matches, nil
}

// lineCard says that a line may mean a card.
type lineCard struct {
	line int
	card card.ID
}

const (
	linesByNumber = `
		SELECT n.nth::integer - 1, c.id, false
		FROM unnest(@numbers::text[]) WITH ORDINALITY n (number, nth)
		JOIN LATERAL (SELECT x.id, x.company_id FROM cards x WHERE x.number = n.number OFFSET 0) c ON true -- as in listedCards
		WHERE c.company_id = @company`
	// A number without its century may be two persons'.
	linesByPerson = `
		SELECT n.nth::integer - 1, c.id, s.final
		FROM ROWS FROM (unnest(@short::text[]), unnest(@long::text[])) WITH ORDINALITY n (short, long, nth)
		JOIN LATERAL (SELECT x.id, x.person_id, x.status FROM cards x WHERE x.company_id = @company AND x.personal_key = n.short OFFSET 0) c ON true
		JOIN persons p ON p.id = c.person_id AND (n.long = '' OR p.identity_number = n.long)
		JOIN card_statuses s ON s.status = c.status`
	// Each name is asked for once: its longest word is looked up, then the others are looked for in the whole name. Cards that can still be used
	// come first: however many have ended, they do not push those out.
	linesByName = `
		SELECT l.nth::integer - 1, k.id, k.final
		FROM (SELECT a.driver, a.others, array_agg(a.nth) AS lines
		      FROM ROWS FROM (unnest(@drivers::text[]), unnest(@others::text[])) WITH ORDINALITY a (driver, others, nth)
		      WHERE a.driver <> ''
		      GROUP BY a.driver, a.others) n
		CROSS JOIN LATERAL (
		    SELECT c.id, s.final
		    FROM card_names x
		    JOIN cards c ON c.id = x.card_id
		    JOIN card_statuses s ON s.status = c.status
		    WHERE x.company_id = @company AND x.word IN (n.driver, '~' || n.driver)
		      AND ' ' || fold_key(x.sort_key) || ' ' LIKE ALL (string_to_array(n.others, '|'))
		    GROUP BY c.id, s.final
		    ORDER BY s.final, c.id DESC
		    LIMIT @most) k
		CROSS JOIN unnest(n.lines) l (nth)`
)

// nameKeys turns each name into its longest word and patterns for the others, both without diacritics.
func nameKeys(ctx context.Context, tx pgx.Tx, names, others []string) error {
	if len(names) == 0 {
		return nil
	}
	const q = `SELECT fold_key(name_key(n.name)) FROM unnest(@names::text[]) WITH ORDINALITY n (name, nth) ORDER BY n.nth`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"names": names})
	if err != nil {
		return err
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for i, key := range keys {
		words := strings.Fields(key)
		if len(words) == 0 {
			names[i] = ""
			continue
		}
		longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
		names[i], others[i] = longest, "% "+strings.Join(words, " %|% ")+" %"
	}
	return nil
}

// findLines asks which cards the lines of one kind may mean. places says where those lines stand among all.
func findLines(ctx context.Context, tx pgx.Tx, by account.Actor, q string, args pgx.NamedArgs, places []int) ([]lineCard, error) {
	rows, err := tx.Query(ctx, q, merge(args, pgx.NamedArgs{"company": by.Company}))
	if err != nil {
		return nil, err
	}
	var usable, ended []lineCard
	var nth int
	var id card.ID
	var final bool
	_, err = pgx.ForEachRow(rows, []any{&nth, &id, &final}, func() error {
		found := lineCard{places[nth], id}
		if final {
			ended = append(ended, found)
		} else {
			usable = append(usable, found)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	has := map[int]bool{}
	for _, f := range usable {
		has[f.line] = true
	}
	for _, f := range ended {
		if !has[f.line] {
			usable = append(usable, f)
		}
	}
	return usable, nil
}

// readMatches fills in the cards as lists show them.
func readMatches(ctx context.Context, tx pgx.Tx, by account.Actor, found []lineCard, matches []card.Match) error {
	ids := make([]card.ID, len(found))
	for i, f := range found {
		ids[i] = f.card
	}
	const q = `SELECT ` + rowColumns + ` FROM ` + listedCards + rowTables + ` WHERE c.company_id = @company`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "cards": ids})
	if err != nil {
		return err
	}
	cards, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (card.Row, error) { return scanRowWith(row) })
	if err != nil {
		return err
	}
	byID := make(map[card.ID]card.Row, len(cards))
	for _, c := range cards {
		byID[c.ID] = c
	}
	slices.SortFunc(found, func(a, b lineCard) int { return int(b.card - a.card) }) // the newest first
	for _, f := range found {
		m := &matches[f.line]
		if len(m.Cards) == card.MaxMatches {
			m.More = true
			continue
		}
		m.Cards = append(m.Cards, byID[f.card])
	}
	return nil
}
