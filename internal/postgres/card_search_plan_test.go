package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// listener keeps what is asked of Postgres.
type listener struct {
	mu    sync.Mutex
	asked map[string]bool
}

func (l *listener) hear(sql string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(sql, "SELECT") {
		l.asked[sql] = true
	}
}

func (l *listener) TraceQueryStart(ctx context.Context, conn *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if len(q.Args) == 1 {
		if named, ok := q.Args[0].(pgx.QueryRewriter); ok {
			if sql, _, err := named.RewriteQuery(ctx, conn, q.SQL, nil); err == nil {
				q.SQL = sql
			}
		}
	}
	l.hear(q.SQL)
	return ctx
}

func (l *listener) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (l *listener) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (l *listener) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	l.hear(q.SQL)
}

func (l *listener) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// taken are the queries since the last call.
func (l *listener) taken() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for sql := range l.asked {
		all = append(all, sql)
	}
	clear(l.asked)
	return all
}

// load fills a database of the test's own with cards that only the planner looks at: statistics of 20,000 cards of 2,000
// companies, the first with a tenth of them. Rules and history would make it a hundred times slower and change no plan.
func load(t *testing.T, r *pgtest.Register) {
	t.Helper()
	for _, sql := range []string{
		`ALTER TABLE card_events DISABLE TRIGGER USER`,
		`ALTER TABLE cards DISABLE TRIGGER USER`,
		`ALTER TABLE cards DROP CONSTRAINT cards_status_of_last_event, DROP CONSTRAINT cards_company, DROP CONSTRAINT cards_person,
			DROP CONSTRAINT cards_ordered_by, DROP CONSTRAINT cards_orderer, DROP CONSTRAINT cards_kind, DROP CONSTRAINT cards_status`,
		`ALTER TABLE card_events DROP CONSTRAINT card_events_chain, DROP CONSTRAINT card_events_card, DROP CONSTRAINT card_events_actor,
			DROP CONSTRAINT card_events_transition, DROP CONSTRAINT card_events_permission, DROP CONSTRAINT card_events_reason`,
		`INSERT INTO companies (id, name, org_country, org_number) SELECT n, 'Bygg ' || n, 'XX', 'PLAN' || n FROM generate_series(1001, 3000) n`,
		`INSERT INTO persons (id, identity_kind, identity_number, given_name, family_name)
			SELECT n, 'personal_number', (18500101 + n % 28 + n / 28 % 12 * 100 + n / 336 % 40 * 10000)::text || lpad((n / 13440)::text, 4, '0'),
			       (ARRAY['Anna', 'Bo', 'Åke', 'Märta', 'Jože', 'Karin'])[n % 6 + 1] || n % 97, 'Familj' || chr(97 + n % 26) || n % 1009
			FROM generate_series(100001, 120000) n`,
		`INSERT INTO memberships (company_id, person_id, role) SELECT 1001 + n % 200, 100001 + n, 'orderer' FROM generate_series(0, 599) n`,
		`INSERT INTO cards (id, company_id, kind, person_id, ordered_by, orderer_id, sort_key, personal_key, status, version, number, chip_uid, valid_to,
			printed_given_name, printed_family_name, printed_company, printed_org_number)
			SELECT p.id, CASE WHEN p.id % 10 = 0 THEN 1001 ELSE 1001 + p.id % 2000 END, 'standard', p.id, 100001 + p.id % 600, 100001 + p.id % 600, p.name_key, p.personal_key,
			       (ARRAY['active', 'active', 'active', 'terminated', 'blocked', 'produced'])[p.id / 10 % 6 + 1], 5,
			       'PL-' || lpad((p.id / 10000)::text, 4, '0') || '-' || lpad(p.id::text, 6, '0'), lpad(p.id::text, 8, '0'), today() + (p.id % 2000)::integer - 300,
			       p.given_name, p.family_name, 'Bygg', '1'
			FROM persons p WHERE p.id > 100000`,
		`INSERT INTO card_names (company_id, word, sort_key, card_id) SELECT c.company_id, w, c.sort_key, c.id FROM cards c, key_words(c.sort_key) w`,
		`INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
			SELECT c.id, n, c.company_id, c.kind, 'order', CASE n WHEN 1 THEN 'none' ELSE 'x' END, 'x' || n, 1, 'orderer' FROM cards c, generate_series(1, 5) n`,
		`INSERT INTO invoices (company_id, number, due_on, paid_at) SELECT n, 'F' || n || '-' || i, today() - i, CASE WHEN n % 2 = 0 OR i < 50 THEN now() END
			FROM generate_series(1001, 1200) n, generate_series(1, 50) i`,
		`VACUUM ANALYZE`,
	} {
		if _, err := r.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
}

type planNode struct {
	Type     string     `json:"Node Type"`
	Relation string     `json:"Relation Name"`
	Name     string     `json:"Index Name"`
	Index    string     `json:"Index Cond"`
	Filter   string     `json:"Filter"`
	Hash     string     `json:"Hash Cond"`
	Plans    []planNode `json:"Plans"`
}

// whole are the relations that it reads from end to end; the invoices also where it reads those of all companies.
func (n planNode) whole() (relations []string) {
	if n.Type == "Seq Scan" || n.Relation == "invoices" && !strings.Contains(n.Index, "company_id") {
		relations = append(relations, n.Relation)
	}
	for _, p := range n.Plans {
		relations = append(relations, p.whole()...)
	}
	return relations
}

// lookedUp is by what a list of cards is joined, whose cards are looked up one by one.
var lookedUp = regexp.MustCompile(`c\.(number|personal_key)\b`)

var ofCompanyAlone = regexp.MustCompile(`^\(company_id = \$\d+\)$`)

// detour reports whether it goes through all cards of a company for one card, for a list of cards, for numbers or for an orderer's. The beginning of a number may be that of
// many companies' cards, and is looked for there.
func (n planNode) detour() bool {
	if n.Relation == "cards" && strings.Contains(n.Index, "(id = ") && n.Name != "cards_pkey" && n.Name != "cards_company_id_kind_unique" {
		return true
	}
	if n.Relation == "cards" && ofCompanyAlone.MatchString(n.Index) && !strings.Contains(n.Filter, "(number >= ") &&
		(strings.Contains(n.Filter, "(number = ") || strings.Contains(n.Filter, "(orderer_id = ") || strings.Contains(n.Filter, "(id = ANY ")) {
		return true
	}
	if lookedUp.MatchString(n.Hash) && slices.ContainsFunc(n.Plans, func(p planNode) bool { return p.Relation == "cards" }) {
		return true
	}
	return slices.ContainsFunc(n.Plans, planNode.detour)
}

// plan is the generic plan of a query: the one that every value gets.
func plan(t *testing.T, conn *pgx.Conn, sql string) planNode {
	t.Helper()
	simple := func(sql string) []byte {
		t.Helper()
		results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
		if err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		if last := results[len(results)-1]; len(last.Rows) > 0 {
			return last.Rows[0][0]
		}
		return nil
	}
	parameters := 0
	for parameters < 30 && strings.Contains(sql, fmt.Sprintf("$%d", parameters+1)) {
		parameters++
	}
	arguments := ""
	if parameters > 0 {
		arguments = "(" + strings.TrimSuffix(strings.Repeat("NULL, ", parameters), ", ") + ")"
	}
	simple(`SET plan_cache_mode = force_generic_plan; PREPARE asked AS ` + sql)
	text := simple(`EXPLAIN (FORMAT JSON) EXECUTE asked` + arguments)
	simple(`DEALLOCATE asked`)
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal(text, &plans); err != nil {
		t.Fatal(err)
	}
	return plans[0].Plan
}

// listening is a store whose questions are heard, and a connection to ask for their plans.
func listening(t *testing.T, r *pgtest.Register) (*postgres.Store, *listener, *pgx.Conn) {
	t.Helper()
	heard := &listener{asked: map[string]bool{}}
	s, err := postgres.OpenWith(t.Context(), r.AppURL, nil, 2, heard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn, err := r.App.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	return s, heard, conn.Conn()
}

// No search reads a large table from end to end, whatever is searched for.
func TestNoSearchReadsEverything(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	load(t, r)
	s, heard, conn := listening(t, r)
	large := []string{"cards", "card_names", "card_events", "persons", "invoices"}
	judge := func(what string) {
		t.Helper()
		asked := heard.taken()
		if len(asked) == 0 {
			t.Errorf("%s asked nothing", what)
		}
		for _, sql := range asked {
			p := plan(t, conn, sql)
			for _, relation := range p.whole() {
				if slices.Contains(large, relation) {
					t.Errorf("%s reads all of %s:\n%s", what, relation, sql)
				}
			}
			if p.detour() {
				t.Errorf("%s goes through the cards of a company:\n%s", what, sql)
			}
		}
	}
	if got := plan(t, conn, `SELECT c.id FROM cards c WHERE c.chip_uid = $1`).whole(); !slices.Equal(got, []string{"cards"}) {
		t.Fatalf("a query without an index reads %v", got)
	}
	orderer := account.Actor{Person: 100001, Company: 1001, Roles: []account.Role{account.Orderer}}
	var found card.ID
	for place, by := range map[string]account.Actor{"a company": orderer, "the issuer": r.Issuer} {
		for name, typed := range map[string]string{
			"number": "PL-0010-100010", "beginning of a number": "PL-001", "birth date": "850101", "birth date with century": "18500615", "first name": "anna1",
			"name with å": "åke", "two words": "familja anna", "three letters": "fam", "orderer's name": "anna0",
		} {
			search := card.Search{Query: query(t, r, typed)}
			results, err := s.SearchCards(t.Context(), by, search)
			if err != nil {
				t.Fatal(err)
			}
			judge(place + " by " + name)
			if len(results.Rows) > 0 {
				found = results.Rows[0].ID
			}
			if results.Next != "" {
				search.After, search.Status, search.Kind = results.Next, card.Expired, card.Standard
				search.Orderer, search.ExpiresBefore = 100001, r.Today(t)
				if _, err := s.SearchCards(t.Context(), by, search); err != nil {
					t.Fatal(err)
				}
				judge(place + " by " + name + ", next page with filters")
			}
		}
		if found == 0 {
			t.Fatalf("%s finds nothing", place)
		}
		if place == "the issuer" {
			if _, err := s.Card(t.Context(), by, found); err != nil {
				t.Fatal(err)
			}
			judge("the card page")
		}
	}
	if got := plan(t, conn, `SELECT c.id, EXISTS (SELECT FROM suspended_companies x WHERE x.company_id = c.company_id) FROM cards c WHERE c.company_id = $1`).whole(); !slices.Equal(got, []string{"invoices"}) {
		t.Fatalf("a query for who is suspended, company by company, reads %v", got)
	}
	for name, search := range map[string]card.Search{
		"the first page": {}, "one status": {Status: card.Blocked}, "expired": {Status: card.Expired}, "one orderer": {Orderer: 100001},
		"expiring": {ExpiresBefore: r.Today(t)}, "visitor cards": {Kind: card.Visitor},
	} {
		if _, _, err := s.SearchPage(t.Context(), orderer, search); err != nil {
			t.Fatal(err)
		}
		judge(name + " of a company")
	}
	administrator := account.Actor{Person: 100001, Company: 1001, Roles: []account.Role{account.Administrator}}
	if _, err := s.Users(t.Context(), administrator); err != nil {
		t.Fatal(err)
	}
	judge("the users of a company")
	if _, _, err := s.User(t.Context(), administrator, 100001); err != nil {
		t.Fatal(err)
	}
	judge("a user")
	if _, err := s.Orderers(t.Context(), orderer); err != nil {
		t.Fatal(err)
	}
	judge("the orderers of a company")
	if _, err := s.MyCards(t.Context(), account.Actor{Person: 100500}.AsHolder()); err != nil {
		t.Fatal(err)
	}
	judge("Mina kort")
	if got := plan(t, conn, `SELECT c.status, c.kind FROM cards c WHERE c.id = $1 AND c.company_id = $2`); !got.detour() {
		t.Fatalf("a query for a card of a company is made so: %+v", got)
	}
	block := card.Command{Card: 100010, Version: 5, Action: card.Block, Reason: card.NotInUse}
	if _, err := s.Act(t.Context(), orderer, block); err != nil {
		t.Fatal(err)
	}
	judge("an action")
	lines, _ := card.ParseLines("PL-0010-100010\n19900101-9828\nFamilja2 Anna0\nBo1", r.Today(t))
	if _, err := s.MatchLines(t.Context(), orderer, lines); err != nil {
		t.Fatal(err)
	}
	judge("the paste box")
	cards := []card.ID{100010, 100020, 100030}
	if _, err := s.Select(t.Context(), orderer, cards); err != nil {
		t.Fatal(err)
	}
	judge("a selection")
	if _, err := s.KeepRenewal(t.Context(), orderer, cards); err == nil {
		t.Error("cards without rules were ordered again") // the choice was made before
	}
	judge("the choice of what to renew")
	if _, err := s.FindHolders(t.Context(), orderer, query(t, r, "familja")); err != nil {
		t.Fatal(err)
	}
	judge("the search for a holder")
	whole := card.Export{Format: "csv", PersonalNumbers: true, Purpose: "staff_ledger"}
	if err := s.ExportCards(t.Context(), orderer, card.Search{}, whole, func([]card.ExportRow) error { return nil }); err != nil {
		t.Fatal(err)
	}
	judge("a list with whole personal numbers")
	selection, err := s.Select(t.Context(), orderer, cards)
	if err != nil {
		t.Fatal(err)
	}
	heard.taken()
	if _, err := s.MakePlan(t.Context(), orderer, selection, card.PlanTerms{Action: card.Replace, Reason: card.Damaged}); err == nil {
		t.Error("cards without rules were ordered in the place of others")
	}
	judge("a plan of replacements")
}
