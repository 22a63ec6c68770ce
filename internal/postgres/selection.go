package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Select keeps cards for the actor to do something with all of them, for a day. ErrNotFound: the actor sees no company's cards, or one of
// them is not the company's. ErrTooMany: none, or more than MaxSelection.
func (s *Store) Select(ctx context.Context, by account.Actor, cards []card.ID) (id card.SelectionID, err error) {
	if !ofItsCompany(by) {
		return 0, card.ErrNotFound
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		id, err = selectCards(ctx, tx, by, cards)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: select: %w", refusal(err))
	}
	return id, nil
}

func selectCards(ctx context.Context, tx pgx.Tx, by account.Actor, cards []card.ID) (id card.SelectionID, err error) {
	if len(cards) == 0 || len(cards) > card.MaxSelection {
		return 0, card.ErrTooMany
	}
	const q = `INSERT INTO selections (company_id, made_by) VALUES (@company, @person) RETURNING id`
	if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "person": by.Person}).Scan(&id); err != nil {
		return 0, err
	}
	return id, addToSelection(ctx, tx, by, id, cards)
}

// addToSelection adds cards, those that are in it already once more without effect. ErrNotFound: one is not the company's.
func addToSelection(ctx context.Context, tx pgx.Tx, by account.Actor, id card.SelectionID, cards []card.ID) error {
	const q = `
		WITH chosen AS (
		    SELECT c.company_id, c.id, c.kind FROM ` + listedCards + `WHERE c.company_id = @company
		), added AS (
		    INSERT INTO selection_cards (selection_id, company_id, card_id, kind)
		    SELECT @selection, c.company_id, c.id, c.kind FROM chosen c
		    ON CONFLICT DO NOTHING)
		SELECT count(*) = (SELECT count(DISTINCT x) FROM unnest(@cards::bigint[]) x) FROM chosen`
	var all bool
	if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "selection": id, "cards": cards}).Scan(&all); err != nil {
		return err
	}
	if !all {
		return card.ErrNotFound
	}
	return nil
}

// ownSelection makes sure that a selection is the actor's, in this company, and live.
func ownSelection(ctx context.Context, tx pgx.Tx, by account.Actor, id card.SelectionID) error {
	const q = `
		SELECT s.id FROM live_selections s WHERE s.id = @selection AND s.company_id = @company AND s.made_by = @person`
	return tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"selection": id, "company": by.Company, "person": by.Person}).Scan(&id)
}

// ChangeSelection adds cards to a selection of the actor's and takes others out. ErrNotFound: the actor has none of this number, or one of
// the cards to add is not the company's. ErrTooMany: there would be more than MaxSelection.
func (s *Store) ChangeSelection(ctx context.Context, by account.Actor, id card.SelectionID, add, remove []card.ID) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := ownSelection(ctx, tx, by, id); err != nil {
			return err
		}
		const q = `DELETE FROM selection_cards x WHERE x.selection_id = @selection AND x.card_id = ANY (@cards)`
		if _, err := tx.Exec(ctx, q, pgx.StrictNamedArgs{"selection": id, "cards": remove}); err != nil {
			return err
		}
		if err := addToSelection(ctx, tx, by, id, add); err != nil {
			return err
		}
		var n int
		const count = `SELECT count(*) FROM selection_cards x WHERE x.selection_id = @selection`
		if err := tx.QueryRow(ctx, count, pgx.StrictNamedArgs{"selection": id}).Scan(&n); err != nil {
			return err
		}
		if n > card.MaxSelection {
			return card.ErrTooMany
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("postgres: change selection: %w", refusal(err))
	}
	return nil
}

// CountFound is exactly how many cards a search finds, on all its pages: up to MaxSelection, above it one more. ErrNotFound: the actor sees no
// company's cards.
func (s *Store) CountFound(ctx context.Context, by account.Actor, search card.Search) (int, error) {
	found, err := s.foundCards(ctx, by, search)
	return len(found), err
}

// SelectFound is Select of all cards that a search finds. ErrStale: there are not so many as the actor was told; ErrNotFound: there is none.
func (s *Store) SelectFound(ctx context.Context, by account.Actor, search card.Search, told int) (card.SelectionID, error) {
	found, err := s.foundCards(ctx, by, search)
	if err != nil {
		return 0, err
	}
	switch {
	case len(found) == 0:
		return 0, card.ErrNotFound
	case len(found) != told:
		return 0, card.ErrStale
	}
	return s.Select(ctx, by, found)
}

func (s *Store) foundCards(ctx context.Context, by account.Actor, search card.Search) ([]card.ID, error) {
	if !ofItsCompany(by) {
		return nil, card.ErrNotFound
	}
	f := newFinder(by, ofCompany, search)
	sources, _, err := s.sources(ctx, f)
	if err != nil || len(sources) == 0 {
		return nil, err
	}
	conditions := f.narrow
	args := merge(f.args, pgx.NamedArgs{"limit": 2 * card.MaxSelection}) // a card may come twice
	if search.Status != "" {
		conditions += ofStatus
		args["status"] = search.Status
	}
	union := ""
	for i, src := range sources {
		if i > 0 {
			union += " UNION ALL "
		}
		union += src.counted(conditions)
		args = merge(args, src.args)
	}
	args["most"] = card.MaxSelection + 1
	rows, err := s.db.Query(ctx, `SELECT DISTINCT a.id FROM (`+union+`) a LIMIT @most`, args)
	if err != nil {
		return nil, fmt.Errorf("postgres: found cards: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[card.ID])
	if err != nil {
		return nil, fmt.Errorf("postgres: found cards: %w", err)
	}
	return found, nil
}

// Selection is a page of a selection of the actor's. ErrNotFound: the actor has none of this number in the company within the last day.
func (s *Store) Selection(ctx context.Context, by account.Actor, id card.SelectionID, after card.Cursor) (sel card.Selection, err error) {
	const counts = `
		SELECT ` + effective + `, count(*)::integer
		FROM selection_cards x JOIN cards c ON c.id = x.card_id
		WHERE x.selection_id = @selection
		GROUP BY 1`
	const rowsOfPage = `
		SELECT ` + rowColumns + `, c.sort_key
		FROM selection_cards x JOIN cards c ON c.id = x.card_id ` + rowTables + `
		WHERE x.selection_id = @selection AND (c.sort_key, c.id) > (@after_key, @after_id)
		ORDER BY c.sort_key, c.id
		LIMIT @limit`
	start := placeOf(after)
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := ownSelection(ctx, tx, by, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, counts, pgx.StrictNamedArgs{"selection": id})
		if err != nil {
			return err
		}
		n := map[card.Status]int{}
		var status card.Status
		var count int
		if _, err := pgx.ForEachRow(rows, []any{&status, &count}, func() error {
			n[status], sel.N = count, sel.N+count
			return nil
		}); err != nil {
			return err
		}
		for _, status := range card.EffectiveStatuses() {
			if n[status] > 0 {
				sel.Statuses = append(sel.Statuses, card.StatusCount{Status: status, Count: card.Count{N: n[status]}})
			}
		}
		rows, err = tx.Query(ctx, rowsOfPage, pgx.StrictNamedArgs{
			"selection": id, "after_key": start.Key, "after_id": start.ID, "limit": card.PageSize + 1,
		})
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r placed, err error) {
			r.row, err = scanRowWith(row, &r.place.Key)
			r.place.ID = r.row.ID
			return r, err
		})
		found, sel.Next = page(found, card.PageSize, func(i int) place { return found[i].place })
		for _, r := range found {
			sel.Rows = append(sel.Rows, r.row)
		}
		return err
	})
	if err != nil {
		return card.Selection{}, fmt.Errorf("postgres: selection: %w", refusal(err))
	}
	return sel, nil
}
