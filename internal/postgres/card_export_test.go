package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// exported is everything that an export hands out, and in how many parts.
func exported(t *testing.T, r *pgtest.Register, by account.Actor, search card.Search, e card.Export) (rows []card.ExportRow, parts int) {
	t.Helper()
	err := r.Store.ExportCards(t.Context(), by, search, e, func(part []card.ExportRow) error {
		rows, parts = append(rows, part...), parts+1
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, parts
}

// An export holds what the pages of the search show, in their order, however many pages there are.
func TestExportIsAllPagesOfTheSearch(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	c.Card(t, pgtest.Spec{Status: card.Active})
	c.Card(t, pgtest.Spec{Status: card.Blocked})
	if _, err := r.Store.OrderVisitorCards(t.Context(), c.Orderer, card.NewOrder{Language: "sv", DeliverTo: "Testgatan 1"}, 1100); err != nil {
		t.Fatal(err)
	}
	for name, search := range map[string]card.Search{
		"everything":       {},
		"a status":         {Status: card.Blocked},
		"visitor cards":    {Kind: card.Visitor},
		"a name":           {Query: card.Query{Kind: card.ByName, Name: "karin"}},
		"an orderer":       {Orderer: c.Orderer.Person},
		"nothing":          {Status: card.Terminated},
		"a number's start": {Query: card.Query{Kind: card.ByNumberPrefix, Prefix: "TE-"}},
	} {
		var want []card.ID
		for page := search; ; {
			found, err := r.Store.SearchCards(t.Context(), c.Administrator, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range found.Rows {
				want = append(want, row.ID)
			}
			if page.After = found.Next; page.After == "" {
				break
			}
		}
		rows, parts := exported(t, r, c.Administrator, search, card.Export{Format: card.CSV})
		got := make([]card.ID, len(rows))
		for i, row := range rows {
			got[i] = row.ID
		}
		if !slices.Equal(got, want) || parts != 1+len(want)/1001 {
			t.Errorf("%s: %d cards in %d parts; the pages show %d", name, len(got), parts, len(want))
		}
	}
}

// Whole personal numbers need a purpose, and that they left is written down before they do.
func TestExportWithPersonalNumbers(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	number := texts(t, r.Owner, fmt.Sprintf(`SELECT identity_number FROM persons WHERE id = %d`, k.Holder.Person))[0]
	masked, _ := exported(t, r, c.Orderer, card.Search{}, card.Export{Format: card.XLSX})
	if masked[0].Identity != (account.Identity{}) || !strings.HasSuffix(masked[0].Row.Identity, "****") {
		t.Errorf("not asked for, and there: %+v", masked[0])
	}
	for rule, purpose := range map[string]string{
		"card_exports_purpose":            " \t",
		"card_exports_purpose_length":     strings.Repeat("å", 201),
		"card_exports_no_personal_number": "om 19900101-9828",
	} {
		err := r.Store.ExportCards(t.Context(), c.Orderer, card.Search{}, card.Export{Format: card.CSV, PersonalNumbers: true, Purpose: purpose},
			func([]card.ExportRow) error {
				t.Errorf("%s: rows are handed out", rule)
				return nil
			})
		var refused *card.Refused
		if !errors.As(err, &refused) || !errors.Is(err, card.ErrPurpose) || string(refused.Rule) != rule {
			t.Errorf("%v, not refused by %s", err, rule)
		}
	}
	whole, _ := exported(t, r, c.Orderer, card.Search{}, card.Export{Format: card.CSV, PersonalNumbers: true, Purpose: strings.Repeat("å", 200)})
	if whole[0].Identity.Number() != number {
		t.Error("the whole number is not there")
	}
	broken := errors.New("the browser has gone")
	err := r.Store.ExportCards(t.Context(), c.Orderer, card.Search{}, card.Export{Format: card.CSV, PersonalNumbers: true, Purpose: "lön"},
		func([]card.ExportRow) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("a writer that fails: %v", err)
	}
	made, err := r.Store.Exports(t.Context(), c.Administrator)
	if err != nil || len(made) != 3 {
		t.Fatalf("exports %+v, %v", made, err)
	}
	if m := made[0]; m.Ended || !m.PersonalNumbers || m.Purpose != "lön" || m.Format != card.CSV {
		t.Errorf("the one that broke off: %+v", m)
	}
	if m := made[2]; !m.Ended || m.PersonalNumbers || m.Rows != 1 || m.Format != card.XLSX {
		t.Errorf("the first: %+v", m)
	}
}

// What was written down about an export stays.
func TestExportsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	exported(t, r, c.Orderer, card.Search{}, card.Export{Format: card.CSV})
	_, err := r.App.Exec(t.Context(), `UPDATE card_exports SET rows = 7`)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.ConstraintName != "card_exports_written_once" {
		t.Errorf("ended again: %v", err)
	}
	for _, q := range []string{`DELETE FROM card_exports`, `UPDATE card_exports SET purpose = 'x'`, `UPDATE card_exports SET made_by = 1`} {
		if _, err := r.App.Exec(t.Context(), q); !errors.As(err, &pg) || pg.Code != "42501" {
			t.Errorf("%s: %v", q, err)
		}
	}
	if _, err := r.App.Exec(t.Context(), `INSERT INTO card_exports (company_id, made_by, format, personal_numbers) VALUES ($1, $2, 'csv', false)`,
		c.ID, c.Orderer.Person); err != nil {
		t.Error(err)
	}
	if _, err := r.App.Exec(t.Context(), `UPDATE card_exports SET rows = 7 WHERE rows IS NULL`); err != nil {
		t.Errorf("one that is under way: %v", err)
	}
}
