package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// countBound is up to where cards are counted: beyond it a page says "more than".
const countBound = 100

// ofCleanUp is the condition that a card is of a kind to be tidied up, asked for one card at a time.
const ofCleanUp = ` AND EXISTS (SELECT FROM cleanup_cards u WHERE u.id = c.id AND u.cleanup = @cleanup OFFSET 0)`

// SearchCards finds cards among those the actor may see: those of the company, or for the issuer of all companies, where
// a query or an orderer is needed and every look is logged. ErrNotFound: the actor sees no company's cards.
func (s *Store) SearchCards(ctx context.Context, by account.Actor, search card.Search) (card.Results, error) {
	return s.search(ctx, by, search, &pgx.Batch{})
}

// SearchPage is SearchCards with what the form above the answer needs.
func (s *Store) SearchPage(ctx context.Context, by account.Actor, search card.Search) (card.Results, card.SearchForm, error) {
	var form card.SearchForm
	batch := &pgx.Batch{}
	queueForm(batch, by, &form)
	results, err := s.search(ctx, by, search, batch)
	return results, form, err
}

// SearchForm is what the form needs where nothing is searched.
func (s *Store) SearchForm(ctx context.Context, by account.Actor) (card.SearchForm, error) {
	var form card.SearchForm
	batch := &pgx.Batch{}
	queueForm(batch, by, &form)
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return card.SearchForm{}, fmt.Errorf("postgres: search form: %w", err)
	}
	return form, nil
}

func queueForm(batch *pgx.Batch, by account.Actor, form *card.SearchForm) {
	if ofItsCompany(by) {
		queueOrderers(batch, by, &form.Orderers)
		queueSearches(batch, by, &form.Saved)
	}
}

// search finds cards; what is in the batch already travels with the first question.
func (s *Store) search(ctx context.Context, by account.Actor, search card.Search, batch *pgx.Batch) (card.Results, error) {
	where, err := scope(by)
	if err != nil {
		return card.Results{}, err
	}
	if where == ofHolder {
		return card.Results{}, card.ErrNotFound
	}
	if where == ofAll && search.Query.Kind == card.NoQuery && search.Orderer == 0 {
		return card.Results{}, nil
	}
	results, err := s.find(ctx, newFinder(by, where, search), batch)
	if err != nil {
		return card.Results{}, fmt.Errorf("postgres: search cards: %w", err)
	}
	if where == ofAll {
		if err := s.logSearch(ctx, by, search, results); err != nil {
			return card.Results{}, err
		}
	}
	return results, nil
}

// logSearch writes down what a search over all companies told: the cards on the page or, where it has none, the first of those that it counted. That
// nothing was found tells something too.
func (s *Store) logSearch(ctx context.Context, by account.Actor, search card.Search, told card.Results) error {
	if len(told.Rows) == 0 && told.All.N > 0 {
		search.Status, search.After = "", ""
		var err error
		if told, err = s.find(ctx, newFinder(by, ofAll, search), &pgx.Batch{}); err != nil {
			return fmt.Errorf("postgres: search cards: %w", err)
		}
	}
	ids := make([]card.ID, len(told.Rows))
	for i, r := range told.Rows {
		ids[i] = r.ID
	}
	return s.logLook(ctx, by, "card_search", ids)
}

// finder is one search on its way to SQL.
type finder struct {
	where  string // the scope, as a condition on c
	search card.Search
	narrow string // the filters but that on the status, as conditions on c
	args   pgx.NamedArgs
	size   int  // rows of a page
	counts bool // whether it counts what matches
}

func newFinder(by account.Actor, where string, search card.Search) *finder {
	f := &finder{where: where, search: search, args: pgx.NamedArgs{"company": by.Company}, size: card.PageSize, counts: true}
	if search.Kind != "" {
		f.narrow += " AND c.kind = @kind"
		f.args["kind"] = search.Kind
	}
	if search.Orderer != 0 {
		f.narrow += " AND c.orderer_id = @orderer"
		f.args["orderer"] = search.Orderer
	}
	if !search.ExpiresBefore.IsZero() {
		f.narrow += " AND c.valid_to < @expires_before"
		f.args["expires_before"] = search.ExpiresBefore
	}
	if search.CleanUp != "" {
		f.args["cleanup"] = search.CleanUp
		if !f.onlyCleanUp() {
			f.narrow += ofCleanUp
		}
	}
	return f
}

// onlyCleanUp: a kind of cards of a company, narrowed by nothing but filters. It is read from its view, and the others are never looked at.
func (f *finder) onlyCleanUp() bool {
	return f.where == ofCompany && f.search.CleanUp != "" && f.search.Query.Kind == card.NoQuery
}

func (s *Store) find(ctx context.Context, f *finder, batch *pgx.Batch) (card.Results, error) {
	sources, orderers, err := s.sources(ctx, f)
	if err != nil {
		return card.Results{}, err
	}
	results := card.Results{Orderers: orderers}
	start := placeOf(f.search.After)

	// A first page in all statuses that is not full tells the counts itself; most queries find that little. Where that cannot be, or is not
	// likely, they are asked for at once.
	kind := f.search.Query.Kind
	tells := kind != card.NoQuery && f.search.Status == "" && start.ID == 0
	counts := f.counts && len(sources) > 0
	if counts && !tells {
		f.queueCounts(batch, sources, &results)
	}
	var rows []placed
	for _, src := range sources {
		if src.group < start.Group || len(rows) > f.size {
			continue // an earlier page showed it, or this one is full
		}
		f.queueRows(batch, src, start, &rows)
		if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
			return card.Results{}, err
		}
		batch = &pgx.Batch{}
	}
	switch full := len(rows) > f.size; {
	case full && counts && tells:
		f.queueCounts(batch, sources, &results)
	case counts && tells:
		countRows(rows, &results)
	}
	if batch.Len() > 0 {
		if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
			return card.Results{}, err
		}
	}
	if len(rows) > f.size {
		rows = rows[:f.size]
		results.Next = rows[len(rows)-1].place.cursor()
	}
	for _, r := range rows {
		results.Rows = append(results.Rows, r.row)
	}
	return results, nil
}

// placed is a row with its place in the order.
type placed struct {
	row   card.Row
	place place
}

// ofStatus is the condition for an effective status: by the index on the stored one, then exactly.
const ofStatus = ` AND c.status = ANY ((SELECT array_agg(b.status) FROM card_statuses b
		WHERE b.status = @status OR @status = 'expired' AND b.can_expire OR @status = 'suspended' AND b.works)::text[])
	AND ` + effective + ` = @status`

// queueRows asks for the rows of one source from the start on, one more than a page holds.
func (f *finder) queueRows(batch *pgx.Batch, src source, start place, rows *[]placed) {
	const head = `SELECT ` + rowColumns + `, k.word, k.key FROM (`
	const tail = `) k JOIN cards c ON c.id = k.id ` + rowTables + ` ORDER BY k.word, k.key, k.id LIMIT @limit`

	conditions := f.narrow
	args := merge(f.args, src.args, pgx.NamedArgs{"limit": f.size + 1})
	if f.search.Status != "" {
		conditions += ofStatus
		args["status"] = f.search.Status
	}
	after := start.Group == src.group && start.ID != 0
	if after {
		args["after_word"], args["after_key"], args["after_id"] = start.Word, start.Key, start.ID
	}
	batch.Queue(head+src.candidates(conditions, after)+tail, args).Query(func(answer pgx.Rows) error {
		for answer.Next() {
			r := placed{place: place{Group: src.group, Driver: src.driver}}
			row, err := scanRowWith(answer, &r.place.Word, &r.place.Key)
			if err != nil {
				return err
			}
			r.row, r.place.ID = row, row.ID
			*rows = append(*rows, r)
		}
		return answer.Err()
	})
}

// queueCounts asks how many cards match in each status, up to the bound, whatever status is chosen.
func (f *finder) queueCounts(batch *pgx.Batch, sources []source, results *card.Results) {
	// Without a query or a filter each status is a range of an index; the counts are exact up to the bound, one by one.
	// Counts of one range each, so that nothing but the index stands between a card and its count.
	const ofWholeCompany = `
		SELECT CASE WHEN s.works AND (SELECT EXISTS (SELECT FROM suspended_companies x WHERE x.company_id = @company)) THEN 'suspended' ELSE s.status END, n.count, 0
		FROM card_statuses s CROSS JOIN LATERAL (
		    SELECT count(*) FROM (SELECT FROM cards c WHERE c.company_id = @company AND c.status = s.status AND c.valid_to >= (SELECT today()) LIMIT @limit) c) n
		WHERE s.can_expire AND n.count > 0
		UNION ALL
		SELECT 'expired', n.count, 0
		FROM card_statuses s CROSS JOIN LATERAL (
		    SELECT count(*) FROM (SELECT FROM cards c WHERE c.company_id = @company AND c.status = s.status AND c.valid_to < (SELECT today()) LIMIT @limit) c) n
		WHERE s.can_expire AND n.count > 0
		UNION ALL
		SELECT s.status, n.count, 0
		FROM card_statuses s CROSS JOIN LATERAL (
		    SELECT count(*) FROM (SELECT FROM cards c WHERE c.company_id = @company AND c.status = s.status LIMIT @limit) c) n
		WHERE NOT s.can_expire AND n.count > 0`
	// With a query the matching cards are gathered, up to the bound for all of them together.
	const head = `
		SELECT effective_status(c.status, CASE WHEN c.past THEN '-infinity'::date END, ` + isSuspended + `, (SELECT today())), sum(c.count)::integer, max(c.gathered)::integer
		FROM (SELECT m.status, m.company_id, m.valid_to < (SELECT today()) AS past, count(*) AS count, max(m.gathered) AS gathered
		      FROM (SELECT DISTINCT u.id, u.status, u.valid_to, u.company_id, count(*) OVER () AS gathered
		            FROM (SELECT a.id, a.status, a.valid_to, a.company_id FROM (`
	const tail = `) a LIMIT @limit) u) m GROUP BY 1, 2, 3) c GROUP BY 1`

	if f.search.Query.Kind == card.NoQuery && f.narrow == "" && f.search.CleanUp == "" {
		args := merge(f.args, pgx.NamedArgs{"limit": countBound + 1})
		batch.Queue(ofWholeCompany, args).Query(func(answer pgx.Rows) error {
			return readCounts(answer, f.search.Status, countBound, 0, results)
		})
		return
	}
	bound := countBound
	if f.onlyCleanUp() {
		bound = cleanUpBound // as far as the page counts that leads here
	}
	args := merge(f.args, pgx.NamedArgs{"limit": bound + 1})
	union := ""
	for _, src := range sources {
		if union != "" {
			union += " UNION ALL "
		}
		union += src.counted(f.narrow)
		args = merge(args, src.args)
	}
	batch.Queue(head+union+tail, args).Query(func(answer pgx.Rows) error {
		return readCounts(answer, f.search.Status, bound, bound, results)
	})
}

// countRows counts matching cards that are all there.
func countRows(rows []placed, results *card.Results) {
	sum := map[card.Status]int{}
	for _, r := range rows {
		sum[r.row.Effective]++
	}
	for _, status := range card.EffectiveStatuses() {
		if n := sum[status]; n > 0 {
			results.Counts = append(results.Counts, card.StatusCount{Status: status, Count: card.Count{N: n}})
		}
	}
	results.All = card.Count{N: len(rows)}
	results.Total = results.All
}

// readCounts reads (status, count, gathered). each is where a count stops; together is the bound that all share, or zero where each has its own:
// when so many were gathered, the same card more than once as may be, every count may be more.
func readCounts(answer pgx.Rows, chosen card.Status, each, together int, results *card.Results) error {
	sum := map[card.Status]card.Count{}
	capped := false
	for answer.Next() {
		var status card.Status
		var n, gathered int
		if err := answer.Scan(&status, &n, &gathered); err != nil {
			return err
		}
		sum[status] = sum[status].Plus(bounded(n, each))
		results.All = results.All.Plus(bounded(n, each))
		capped = capped || together > 0 && gathered > together
	}
	if capped {
		results.All = card.Count{N: min(results.All.N, together), Capped: true}
	}
	for _, status := range card.EffectiveStatuses() {
		if c, ok := sum[status]; ok {
			c.Capped = c.Capped || capped
			sum[status] = c
			results.Counts = append(results.Counts, card.StatusCount{Status: status, Count: c})
		}
	}
	results.Total = results.All
	if chosen != "" {
		results.Total = sum[chosen]
	}
	return answer.Err()
}

func bounded(n, bound int) card.Count {
	if n > bound {
		return card.Count{N: bound, Capped: true}
	}
	return card.Count{N: n}
}

// merge is one set of arguments of several; later ones win.
func merge(sets ...pgx.NamedArgs) pgx.NamedArgs {
	all := pgx.NamedArgs{}
	for _, set := range sets {
		for name, value := range set {
			all[name] = value
		}
	}
	return all
}

// Orderers are those who may be responsible for cards of the actor's company: first who is an orderer now, then who was one, each in alphabetical
// order, five hundred at most.
func (s *Store) Orderers(ctx context.Context, by account.Actor) ([]card.Orderer, error) {
	var orderers []card.Orderer
	batch := &pgx.Batch{}
	queueOrderers(batch, by, &orderers)
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("postgres: orderers: %w", err)
	}
	return orderers, nil
}

func queueOrderers(batch *pgx.Batch, by account.Actor, orderers *[]card.Orderer) {
	// One row of lists, those of now first: to send and read sixty rows costs more than to find them.
	const q = `
		WITH d AS MATERIALIZED (SELECT d.orderer_id, d.last_day FROM current_deputies d WHERE d.company_id = @company AND d.deputy_id = @person)
		SELECT array_agg(o.person_id), array_agg(o.given_name), array_agg(o.family_name), count(*) FILTER (WHERE NOT o.former),
		       array_agg(o.person_id) FILTER (WHERE o.last_day IS NOT NULL), array_agg(o.last_day) FILTER (WHERE o.last_day IS NOT NULL)
		FROM (SELECT o.person_id, o.given_name, o.family_name, o.former, d.last_day
		      FROM listed_orderers o LEFT JOIN d ON d.orderer_id = o.person_id
		      WHERE o.company_id = @company
		      ORDER BY o.former, o.name_key, o.person_id
		      LIMIT 500) o`
	args := pgx.StrictNamedArgs{"company": by.Company, "person": by.Person}
	batch.Queue(q, args).QueryRow(func(row pgx.Row) error {
		var ids, acting []int64 // which pgx reads faster than other types of the same kind
		var given, family []string
		var now int
		var until []time.Time
		if err := row.Scan(&ids, &given, &family, &now, &acting, &until); err != nil {
			return err
		}
		*orderers = make([]card.Orderer, len(ids))
		for i, id := range ids {
			o := card.Orderer{ID: account.PersonID(id), Name: card.Name{Given: given[i], Family: family[i]}, Now: i < now}
			if n := slices.Index(acting, id); n >= 0 {
				o.ActsUntil = until[n]
			}
			(*orderers)[i] = o
		}
		return nil
	})
}
