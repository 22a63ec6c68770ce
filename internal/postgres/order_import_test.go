package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// sheetOf is a spreadsheet of so many people whom nobody knows yet, in the rows from 2 on.
func sheetOf(people int) card.NewImport {
	var n card.NewImport
	for i := range people {
		n.Rows = append(n.Rows, card.ImportRow{Row: i + 2, Order: card.NewOrder{
			Kind: card.Standard, Identity: account.StoredIdentity("passport", "XX", fmt.Sprintf("SHEET%06d", i)),
			Name: card.Name{Given: "Rad", Family: fmt.Sprintf("Radsson %d", i)}, Citizenship: "SE", Email: "holder@company.example", Language: "sv",
			Reference: "PO 17", DeliverTo: "Testbygge AB\nTestgatan 1",
		}})
	}
	return n
}

// rulesOf are the rules by which rows are refused, each as row: rule, or row: rule (twin).
func rulesOf(rows []card.ImportRow) []string {
	var all []string
	for _, r := range rows {
		for _, f := range r.Faults {
			text := fmt.Sprintf("%d: %s%s", r.Row, f.Rule, f.Code)
			if f.Twin != 0 {
				text += fmt.Sprintf(" (%d)", f.Twin)
			}
			all = append(all, text)
		}
	}
	return all
}

func keep(t *testing.T, r *pgtest.Register, by account.Actor, n card.NewImport) (card.ImportID, card.Import) {
	t.Helper()
	id, err := r.Store.KeepImport(t.Context(), by, n)
	if err != nil {
		t.Fatal(err)
	}
	i, err := r.Store.Import(t.Context(), by, id)
	if err != nil {
		t.Fatal(err)
	}
	return id, i
}

func cardsOf(t *testing.T, r *pgtest.Register, c *pgtest.Company) (n int) {
	t.Helper()
	if err := r.Owner.QueryRow(t.Context(), `SELECT count(*) FROM cards WHERE company_id = $1`, c.ID).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Each row is judged by the rules of an order, and the look at it leaves nothing behind.
func TestAnImportIsJudgedByTheRulesOfAnOrder(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	n := sheetOf(12)
	spoil := map[int]func(*card.NewOrder){
		0: func(o *card.NewOrder) { o.Name.Family = "" },
		1: func(o *card.NewOrder) { o.Name.Given = "  " },
		2: func(o *card.NewOrder) { o.Citizenship = "" },
		3: func(o *card.NewOrder) { o.Email = "nobody" },
		4: func(o *card.NewOrder) { o.Language = "fi" },
		5: func(o *card.NewOrder) { o.DeliverTo = " " },
		6: func(o *card.NewOrder) { o.Identity = account.Identity{} },
		8: func(o *card.NewOrder) { o.Identity = n.Rows[7].Order.Identity },
	}
	for i, f := range spoil {
		f(&n.Rows[i].Order)
	}
	open, err := r.Store.Order(t.Context(), c.Orderer, n.Rows[9].Order)
	if err != nil {
		t.Fatal(err)
	}
	n.Rows[11].Order.Identity = n.Rows[9].Order.Identity
	n.Rows[10].Faults = []card.RowFault{{Column: card.ColumnEmail, Code: card.FaultInvalid}}
	const everything = `SELECT (SELECT count(*) FROM persons) || ' ' || (SELECT count(*) FROM cards) || ' ' || (SELECT count(*) FROM card_orders)`
	before := texts(t, r.Owner, everything)
	id, kept := keep(t, r, c.Orderer, n)
	if after := texts(t, r.Owner, everything); !slices.Equal(before, after) {
		t.Errorf("persons, cards and orders are %v after the look, %v before", after, before)
	}
	want := []string{
		"2: persons_family_name_length", "3: card_orders_given_name_length", "4: card_orders_of_person", "5: card_orders_email_format",
		"6: card_orders_language_known", "7: card_orders_deliver_to_length", "8: persons_identity_country_format", "10: cards_one_open_order (9)",
		"11: cards_one_open_order", "12: invalid", "13: cards_one_open_order",
	}
	if diff := cmp.Diff(want, rulesOf(kept.Rows)); diff != "" {
		t.Errorf("judged (-want +got):\n%s", diff)
	}
	for i, o := range kept.Rows {
		if diff := cmp.Diff(n.Rows[i].Order, o.Order, cmp.Comparer(func(a, b account.Identity) bool { return a == b })); diff != "" {
			t.Errorf("row %d is kept otherwise:\n%s", o.Row, diff)
		}
		_, err := r.Store.Order(t.Context(), r.NewCompany(t).Orderer, n.Rows[i].Order)
		rule := ""
		if _, spoiled := spoil[i]; spoiled && i != 8 {
			rule = string(kept.Rows[i].Faults[0].Rule)
		}
		if ruleOf(err) != rule {
			t.Errorf("row %d as an order: %v, want %q as in the import", o.Row, err, rule)
		}
	}
	// When the open order is gone, the first of its two rows can be ordered.
	if _, err := r.Store.Act(t.Context(), c.Orderer, card.Command{Card: open, Version: 1, Action: card.Cancel}); err != nil {
		t.Fatal(err)
	}
	i, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.AllOrNothing)
	if !errors.Is(err, card.ErrImport) {
		t.Errorf("all or nothing: %v", err)
	}
	want = append(slices.Delete(want, 8, 9)[:9:9], "13: cards_one_open_order (11)")
	if diff := cmp.Diff(want, rulesOf(i.Rows)); diff != "" {
		t.Errorf("judged anew (-want +got):\n%s", diff)
	}
	if n := cardsOf(t, r, c); n != 1 {
		t.Errorf("after nothing was ordered there are %d cards", n)
	}
}

// What an import orders is what an order orders.
func TestAnImportedOrderIsAnOrder(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	n := sheetOf(2)
	single, err := r.Store.Order(t.Context(), c.Orderer, n.Rows[0].Order)
	if err != nil {
		t.Fatal(err)
	}
	n.Rows[1].Order.Name = n.Rows[0].Order.Name
	n.Rows = n.Rows[1:]
	id, _ := keep(t, r, c.Orderer, n)
	if n := cardsOf(t, r, c); n != 1 {
		t.Errorf("a look at the rows made %d cards", n-1)
	}
	if i, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.AllOrNothing); err != nil || i.Made != 1 || i.LeftOut != 0 || len(i.Rows) != 0 {
		t.Fatalf("applied: %+v, %v", i, err)
	}
	const q = `
		SELECT (to_jsonb(c) - '{id,person_id,created_at}'::text[])::text || (to_jsonb(e) - '{card_id,occurred_at}'::text[])::text ||
		       (to_jsonb(o) - 'card_id')::text || (SELECT jsonb_agg(n.word ORDER BY n.word) FROM card_names n WHERE n.card_id = c.id)::text
		FROM cards c JOIN card_events e ON e.card_id = c.id JOIN card_orders o ON o.card_id = c.id
		WHERE c.company_id = $1 AND (c.id = $2) = $3`
	if diff := cmp.Diff(texts(t, r.Owner, q, c.ID, single, true), texts(t, r.Owner, q, c.ID, single, false)); diff != "" {
		t.Errorf("an order and an imported one differ:\n%s", diff)
	}
}

// Five thousand rows, two hundred of them bad: each bad row is named, the others are ordered.
func TestImportOfFiveThousand(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	n := sheetOf(5000)
	var bad []string
	for i := 10; i < 5000; i += 25 {
		if i%2 == 0 {
			n.Rows[i].Order.Email = "nobody"
			bad = append(bad, fmt.Sprintf("%d: card_orders_email_format", i+2))
		} else {
			n.Rows[i].Order.Identity = n.Rows[i-1].Order.Identity
			bad = append(bad, fmt.Sprintf("%d: cards_one_open_order (%d)", i+2, i+1))
		}
	}
	id, kept := keep(t, r, c.Orderer, n)
	if diff := cmp.Diff(bad, rulesOf(kept.Rows)); diff != "" || len(bad) != 200 || kept.Good() != 4800 {
		t.Fatalf("%d are good; bad (-want +got):\n%s", kept.Good(), diff)
	}
	if _, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.AllOrNothing); !errors.Is(err, card.ErrImport) {
		t.Errorf("all or nothing: %v", err)
	}
	if n := cardsOf(t, r, c); n != 0 {
		t.Errorf("all or nothing made %d cards", n)
	}
	i, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.OnlyGood)
	if err != nil || i.Made != 4800 || i.LeftOut != 200 || !i.Applied {
		t.Errorf("only the good: %+v, %v", i, err)
	}
	if n := cardsOf(t, r, c); n != 4800 {
		t.Errorf("there are %d cards", n)
	}
	if left := texts(t, r.Owner, `SELECT coalesce(rows::text, 'gone') FROM order_imports`); !slices.Equal(left, []string{"gone"}) {
		t.Errorf("the rows are kept")
	}
}

// A refusal that no look at the rows foresees is told of its row as well, and the others are ordered.
func TestAnImportMeetsARuleThatNobodyForesees(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	if _, err := r.Owner.Exec(t.Context(), `CREATE UNIQUE INDEX card_orders_test_once ON card_orders (reference) WHERE reference <> 'PO 17'`); err != nil {
		t.Fatal(err)
	}
	n := sheetOf(9)
	for _, i := range []int{2, 5, 7} {
		n.Rows[i].Order.Reference = "once"
	}
	n.Rows[8].Order.Identity = n.Rows[5].Order.Identity // the row before is refused, so that this one is ordered
	id, kept := keep(t, r, c.Orderer, n)
	if diff := cmp.Diff([]string{"7: card_orders_test_once", "9: card_orders_test_once"}, rulesOf(kept.Rows)); diff != "" {
		t.Errorf("judged (-want +got):\n%s", diff)
	}
	if i, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.OnlyGood); err != nil || i.Made != 7 || i.LeftOut != 2 {
		t.Errorf("applied: %+v, %v", i, err)
	}
	// Whoever is refused leaves nobody in the register.
	if got := texts(t, r.Owner, `SELECT count(*)::text FROM persons WHERE identity_number LIKE 'SHEET%'`); got[0] != "7" {
		t.Errorf("%s people were entered, want those of the 7 orders", got[0])
	}
}

// However many confirm an import at once, it is ordered once, and all are told the same.
func TestAnImportIsAppliedOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	id, _ := keep(t, r, c.Orderer, sheetOf(20))
	store := wide(t, r, 32)
	for i, err := range atOnce(32, func(int) error {
		i, err := store.ApplyImport(t.Context(), c.Orderer, id, card.AllOrNothing)
		if err == nil && i.Made != 20 {
			err = fmt.Errorf("told %+v", i)
		}
		return err
	}) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := cardsOf(t, r, c); n != 20 {
		t.Errorf("there are %d cards", n)
	}
}

// Two files with the same people in opposite order: the people are ordered for once, and nobody is locked up.
func TestTwoImportsOfTheSamePeople(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	there, back := sheetOf(200), sheetOf(200)
	slices.Reverse(back.Rows)
	for i := range back.Rows {
		back.Rows[i].Row = i + 2
	}
	first, _ := keep(t, r, c.Orderer, there)
	second, _ := keep(t, r, c.OtherOrderer, back)
	made := make([]int, 2)
	results := atOnce(2, func(i int) error {
		id, by := first, c.Orderer
		if i == 1 {
			id, by = second, c.OtherOrderer
		}
		applied, err := r.Store.ApplyImport(t.Context(), by, id, card.OnlyGood)
		made[i] = applied.Made
		return err
	})
	refused := 0
	for _, err := range results {
		if errors.Is(err, card.ErrImport) {
			refused++
		} else if err != nil {
			t.Errorf("applied: %v", err)
		}
	}
	if n := cardsOf(t, r, c); n != 200 || made[0]+made[1] != 200 || refused != 1 {
		t.Errorf("%d cards, made %v, %d refused", n, made, refused)
	}
}

// The rows are its orderer's own, for an hour, and nobody's afterwards.
func TestAnImportIsForgotten(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	id, _ := keep(t, r, c.Orderer, sheetOf(1))
	elsewhere := account.Actor{Person: c.Orderer.Person, Company: other.ID, Roles: c.Orderer.Roles}
	for name, by := range map[string]account.Actor{"another orderer": c.OtherOrderer, "another company's": other.Orderer, "in another company": elsewhere} {
		if _, err := r.Store.Import(t.Context(), by, id); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("read by %s: %v", name, err)
		}
		if _, err := r.Store.ApplyImport(t.Context(), by, id, card.OnlyGood); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("applied by %s: %v", name, err)
		}
	}
	r.MoveClock(t, 59*time.Minute)
	if _, err := r.Store.Import(t.Context(), c.Orderer, id); err != nil {
		t.Errorf("after 59 minutes: %v", err)
	}
	r.MoveClock(t, 61*time.Minute)
	if _, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.OnlyGood); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("after 61 minutes: %v", err)
	}
	next, _ := keep(t, r, other.Orderer, sheetOf(1))
	forgetAll(t, r)
	if left := texts(t, r.Owner, `SELECT id::text FROM order_imports`); !slices.Equal(left, []string{fmt.Sprint(next)}) {
		t.Errorf("kept are %v, want %d alone", left, next)
	}
}

// Who is no orderer any more is refused as such, whatever the rows say.
func TestAnImportNeedsAnOrderer(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	id, _ := keep(t, r, c.Orderer, sheetOf(2))
	membership := func(ended string) {
		t.Helper()
		if _, err := r.Owner.Exec(t.Context(), `UPDATE memberships SET ended_at = `+ended+` WHERE person_id = $1 AND role = 'orderer'`, c.Orderer.Person); err != nil {
			t.Fatal(err)
		}
	}
	membership("clock_now()")
	if _, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.OnlyGood); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleMember) {
		t.Errorf("applied by a former orderer: %v", err)
	}
	if _, err := r.Store.KeepImport(t.Context(), c.Orderer, sheetOf(1)); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleMember) {
		t.Errorf("kept by a former orderer: %v", err)
	}
	membership("NULL")
	if i, err := r.Store.ApplyImport(t.Context(), c.Orderer, id, card.OnlyGood); err != nil || i.Made != 2 {
		t.Errorf("applied by an orderer: %+v, %v", i, err)
	}
}

// Five thousand rows: the look, and the order.
func BenchmarkImport(b *testing.B) {
	r := pgtest.NewRegister(b)
	for b.Loop() {
		c := r.NewCompany(b)
		start := time.Now()
		id, err := r.Store.KeepImport(b.Context(), c.Orderer, sheetOf(5000))
		if err != nil {
			b.Fatal(err)
		}
		judged := time.Now()
		if i, err := r.Store.ApplyImport(b.Context(), c.Orderer, id, card.AllOrNothing); err != nil || i.Made != 5000 {
			b.Fatalf("made %d, %v", i.Made, err)
		}
		b.ReportMetric(judged.Sub(start).Seconds(), "s/look")
		b.ReportMetric(time.Since(judged).Seconds(), "s/order")
	}
}
