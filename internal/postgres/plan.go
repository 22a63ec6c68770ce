package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// rowsOfGroup is how many cards of each group a plan shows.
const rowsOfGroup = 10

// planned are the cards of a plan to be made.
type planned struct {
	cards      []card.ID
	versions   []int              // that they must still have; nil for as they are
	successors []account.PersonID // nil for the one of the terms
	planned    []card.PlannedID   // to be withdrawn; nil for all else
	undoes     card.PlanID
	after      card.PlanID
}

// PlanChoices are what the actor's roles may do with many cards at once, in the order of the page, and to whom cards can be handed over.
// ErrNotFound: the actor sees no company's cards.
func (s *Store) PlanChoices(ctx context.Context, by account.Actor) (choices []card.PlanChoice, successors []card.Orderer, err error) {
	if !ofItsCompany(by) {
		return nil, nil, card.ErrNotFound
	}
	const q = `
		SELECT a.action, CASE WHEN a.action = 'replace'
		    THEN ARRAY(SELECT r.reason FROM replace_reasons r WHERE r.reason <> 'reclaimed' ORDER BY r.reason)
		    ELSE ARRAY(SELECT r.reason FROM card_reasons r WHERE r.action = a.action AND r.offered ORDER BY r.position) END,
		    EXISTS (SELECT FROM card_actions x WHERE x.action = a.action AND x.plannable)
		FROM plan_actions a
		WHERE a.offered AND EXISTS (SELECT FROM card_permissions m WHERE m.action = a.event AND m.role = ANY (@roles))
		ORDER BY a.position`
	const orderers = `
		SELECT p.id, p.given_name, p.family_name
		FROM memberships m JOIN persons p ON p.id = m.person_id
		WHERE m.company_id = @company AND m.role = 'orderer' AND m.ended_at IS NULL
		ORDER BY p.name_key, p.id
		LIMIT 500`
	batch := &pgx.Batch{}
	batch.Queue(q, pgx.StrictNamedArgs{"roles": by.Roles}).Query(func(rows pgx.Rows) (err error) {
		choices, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c card.PlanChoice, err error) {
			err = row.Scan(&c.Action, &c.Reasons, &c.Plannable)
			return c, err
		})
		return err
	})
	batch.Queue(orderers, pgx.StrictNamedArgs{"company": by.Company}).Query(func(rows pgx.Rows) (err error) {
		successors, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (o card.Orderer, err error) {
			err = row.Scan(&o.ID, &o.Name.Given, &o.Name.Family)
			return o, err
		})
		return err
	})
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, fmt.Errorf("postgres: plan choices: %w", err)
	}
	return choices, successors, nil
}

// MakePlan says what would become of each card of a selection and keeps it. Nothing else changes.
//
// ErrNotFound: the actor has no such selection. ErrNotAllowed: the actor works for the company no more. ErrReason, ErrNote: the justification
// does not fit. ErrFrom: the day is not to come, or too far away. ErrSuccessor: nobody is named, or nobody to whom a card of the company can be handed over. ErrTooMany: more cards than can be
// replaced at once, or none.
func (s *Store) MakePlan(ctx context.Context, by account.Actor, id card.SelectionID, terms card.PlanTerms) (plan card.PlanID, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := takeTime(ctx, tx); err != nil {
			return err
		}
		if err := ownSelection(ctx, tx, by, id); err != nil {
			return err
		}
		const q = `SELECT x.card_id FROM selection_cards x WHERE x.selection_id = @selection ORDER BY x.card_id`
		cards, err := ids(tx.Query(ctx, q, pgx.StrictNamedArgs{"selection": id}))
		if err != nil {
			return err
		}
		plan, err = makePlan(ctx, tx, by, terms, planned{cards: cards})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: make plan: %w", refusal(err))
	}
	return plan, nil
}

// PlanInstead makes another plan of those cards of a plan of the actor's for which it says that something else would lead there. Errors as of MakePlan.
func (s *Store) PlanInstead(ctx context.Context, by account.Actor, id card.PlanID, instead card.Action) (plan card.PlanID, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		terms, cards, err := insteadOf(ctx, tx, by, id, instead)
		if err != nil {
			return err
		}
		plan, err = makePlan(ctx, tx, by, terms, planned{cards: cards, after: id})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: plan instead: %w", refusal(err))
	}
	return plan, nil
}

// SelectInstead selects the cards of PlanInstead, where they cannot be planned on the terms of the first plan.
func (s *Store) SelectInstead(ctx context.Context, by account.Actor, id card.PlanID, instead card.Action) (sel card.SelectionID, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		_, cards, err := insteadOf(ctx, tx, by, id, instead)
		if err != nil {
			return err
		}
		sel, err = selectCards(ctx, tx, by, cards)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: select instead: %w", refusal(err))
	}
	return sel, nil
}

func insteadOf(ctx context.Context, tx pgx.Tx, by account.Actor, id card.PlanID, instead card.Action) (terms card.PlanTerms, cards []card.ID, err error) {
	if err := takeTime(ctx, tx); err != nil {
		return terms, nil, err
	}
	const q = `
		SELECT p.reason, p.note, p.starts_on FROM plans p WHERE p.id = @plan AND p.company_id = @company AND p.made_by = @person`
	args := pgx.StrictNamedArgs{"plan": id, "company": by.Company, "person": by.Person}
	var from *time.Time
	if err := tx.QueryRow(ctx, q, args).Scan(&terms.Reason, &terms.Note, &from); err != nil {
		return terms, nil, err
	}
	if instead != card.Cancel { // an order is not cancelled from a day on
		terms.From = day(from)
	}
	const which = `SELECT x.card_id FROM plan_cards x WHERE x.plan_id = @plan AND x.verdict = 'instead' AND x.instead = @instead ORDER BY x.card_id`
	cards, err = ids(tx.Query(ctx, which, pgx.StrictNamedArgs{"plan": id, "instead": instead}))
	if err == nil && len(cards) == 0 {
		err = card.ErrNotFound
	}
	terms.Action = instead
	return terms, cards, err
}

func ids(rows pgx.Rows, err error) ([]card.ID, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[card.ID])
}

// makePlan keeps a plan of some cards of the actor's company.
func makePlan(ctx context.Context, tx pgx.Tx, by account.Actor, terms card.PlanTerms, p planned) (id card.PlanID, err error) {
	if !ofItsCompany(by) {
		return 0, card.ErrNotFound
	}
	var refused []*card.Rule
	switch terms.Action {
	case card.Replace:
		// make_plan's own rule, asked before each card is tried.
		const q = `SELECT cardinality(@cards::bigint[]) > a.most FROM plan_actions a WHERE a.action = @action`
		var tooMany bool
		if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"cards": p.cards, "action": terms.Action}).Scan(&tooMany); err != nil {
			return 0, err
		}
		if tooMany {
			return 0, refusedBy("plan_cards_most")
		}
		if refused, err = tryReplacements(ctx, tx, by, terms, p.cards); err != nil {
			return 0, err
		}
	case card.HandOver:
		if p.successors == nil {
			if p.successors, err = successors(ctx, tx, by, terms.Successor, len(p.cards)); err != nil {
				return 0, err
			}
		}
	}
	const q = `
		SELECT make_plan(@company, @person, @roles, @action, @reason, @note, @from, @undoes, @after, @cards, @versions, @successors, @planned, @refused)`
	err = tx.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "person": by.Person, "roles": by.Roles, "action": terms.Action, "reason": cmp.Or(terms.Reason, card.NoReason),
		"note": terms.Note, "from": orNull(terms.From), "undoes": orNull(p.undoes), "after": orNull(p.after), "cards": p.cards, "versions": p.versions,
		"successors": p.successors, "planned": p.planned, "refused": refused,
	}).Scan(&id)
	return id, err
}

// successors names one person for each card. ErrSuccessor: nobody who orders cards in the company.
func successors(ctx context.Context, tx pgx.Tx, by account.Actor, successor account.PersonID, n int) ([]account.PersonID, error) {
	const q = `
		SELECT EXISTS (SELECT FROM memberships m
		               WHERE m.company_id = @company AND m.person_id = @successor AND m.role = 'orderer' AND m.ended_at IS NULL)`
	var ok bool
	if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "successor": successor}).Scan(&ok); err != nil {
		return nil, err
	}
	if !ok {
		return nil, card.ErrSuccessor
	}
	all := make([]account.PersonID, n)
	for i := range all {
		all[i] = successor
	}
	return all, nil
}

// tryReplacements orders a card in the place of each and takes it all back: the rules that refused, nil where none did.
func tryReplacements(ctx context.Context, tx pgx.Tx, by account.Actor, terms card.PlanTerms, cards []card.ID) ([]*card.Rule, error) {
	drafts, err := replacements(ctx, tx, by, terms.Reason, cards)
	if err != nil {
		return nil, err
	}
	try, err := tx.Begin(ctx)
	if err != nil {
		return nil, err
	}
	refused := make([]*card.Rule, len(cards))
	for i, id := range cards {
		_, rule, err := orderReplacement(ctx, try, by, drafts[id])
		if err != nil {
			return nil, errors.Join(err, try.Rollback(ctx))
		}
		refused[i] = orNull(rule)
	}
	return refused, try.Rollback(ctx)
}

// orderReplacement orders one card in the place of another, or says which rule refuses it.
func orderReplacement(ctx context.Context, tx pgx.Tx, by account.Actor, o card.NewOrder) (made card.ID, rule card.Rule, err error) {
	err = pgx.BeginFunc(ctx, tx, func(try pgx.Tx) error {
		ids, err := orderCards(ctx, try, by, o, 1)
		if err == nil {
			made = ids[0]
		}
		return err
	})
	var refused *card.Refused
	switch err := refusal(err); {
	case err == nil:
		return made, "", nil
	case errors.As(err, &refused) && !errors.Is(err, card.ErrStale):
		return 0, refused.Rule, nil
	default:
		return 0, "", err
	}
}

// replacements are orders of cards in the place of others, as the orders of those were. One that the issuer owes the company is ordered as such.
func replacements(ctx context.Context, tx pgx.Tx, by account.Actor, why card.Reason, cards []card.ID) (map[card.ID]card.NewOrder, error) {
	start, err := orderStart(ctx, tx, by)
	if err != nil {
		return nil, err
	}
	const q = `
		SELECT c.id, ` + draftColumns + `, ` + reclaimed + `
		FROM ` + listedCards + `
		LEFT JOIN persons p ON p.id = c.person_id
		LEFT JOIN LATERAL (SELECT y.* FROM card_orders y WHERE y.card_id = c.id ORDER BY y.seq DESC LIMIT 1) d ON true
		WHERE c.company_id = @company`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "cards": cards})
	if err != nil {
		return nil, err
	}
	drafts := make(map[card.ID]card.NewOrder, len(cards))
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var id card.ID
		var o card.NewOrder
		var faulty bool
		err := row.Scan(append(append([]any{&id}, draftFields(&o)...), &faulty)...)
		o.Replaces, o.ReplaceReason = id, why
		if faulty {
			o.ReplaceReason = card.Reclaimed
		}
		o.DeliverTo = cmp.Or(o.DeliverTo, start.DeliverTo)
		drafts[id] = o
		return struct{}{}, err
	})
	return drafts, err
}

// The columns of a plan's head. p is the plan.
const planColumns = `
	p.id, p.action, p.reason, p.note, p.starts_on, p.created_at, coalesce(p.price, 0), p.grace_hours,
	a.undo IS NOT NULL OR p.starts_on IS NOT NULL OR p.grace_hours > 0,
	p.grace_hours = 0 AND p.starts_on IS NULL AND EXISTS (SELECT FROM card_transitions t JOIN card_statuses s ON s.status = t.to_status WHERE t.action = p.event_action AND s.final),
	EXISTS (SELECT FROM runs r WHERE r.plan_id = p.id), coalesce(p.after_id, 0),
	coalesce(u.given_name, ''), coalesce(u.family_name, '')`

// Where cards go back to whomever each came from, nobody is named.
const planTables = `
	JOIN plan_actions a ON a.action = p.action
	LEFT JOIN LATERAL (
		SELECT min(x.successor_id) AS successor_id FROM plan_cards x WHERE p.action = 'hand_over' AND x.plan_id = p.id
		HAVING min(x.successor_id) = max(x.successor_id)) k ON true
	LEFT JOIN persons u ON u.id = k.successor_id`

func planFields(p *card.Plan, from **time.Time) []any {
	return []any{
		&p.ID, &p.Action, &p.Reason, &p.Note, from, &p.Made, &p.Price, &p.GraceHours, &p.Undo, &p.Final, &p.Started, &p.After, &p.SuccessorName.Given, &p.SuccessorName.Family,
	}
}

// The columns of a card k of a plan, with the card c as it is now, its holder h and whoever was responsible, o.
const planRowColumns = `
	c.id, coalesce(c.number, ''), c.kind, coalesce(c.printed_given_name, h.given_name, ''), coalesce(c.printed_family_name, h.family_name, ''),
	k.effective, o.given_name, o.family_name`

const planRowTables = `
	JOIN cards c ON c.id = k.card_id
	JOIN persons o ON o.id = k.orderer_id
	LEFT JOIN persons h ON h.id = c.person_id`

func planRowFields(r *card.PlanRow) []any {
	return []any{&r.ID, &r.Number, &r.Kind, &r.Holder.Given, &r.Holder.Family, &r.Effective, &r.Orderer.Given, &r.Orderer.Family}
}

// Plan is a plan of the actor's. ErrNotFound: the actor has made none of this number in the company.
func (s *Store) Plan(ctx context.Context, by account.Actor, id card.PlanID) (p card.Plan, err error) {
	const head = `SELECT ` + planColumns + ` FROM plans p ` + planTables + ` WHERE p.id = @plan AND p.company_id = @company AND p.made_by = @person`
	const groups = `
		SELECT k.verdict, k.rule, k.instead, count(*)::integer, sum(k.saves)::integer
		FROM plan_cards k
		WHERE k.plan_id = @plan
		GROUP BY 1, 2, 3
		ORDER BY array_position(ARRAY['change', 'instead', 'refused', 'changed', 'already'], k.verdict), 4 DESC, 2, 3`
	var from *time.Time
	err = s.db.QueryRow(ctx, head, pgx.StrictNamedArgs{"plan": id, "company": by.Company, "person": by.Person}).Scan(planFields(&p, &from)...)
	if err != nil {
		return card.Plan{}, fmt.Errorf("postgres: plan: %w", refusal(err))
	}
	p.From = day(from)
	rows, err := s.db.Query(ctx, groups, pgx.StrictNamedArgs{"plan": id})
	if err != nil {
		return card.Plan{}, fmt.Errorf("postgres: groups of a plan: %w", err)
	}
	p.Groups, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (g card.PlanGroup, err error) {
		err = row.Scan(&g.Verdict, &g.Rule, &g.Instead, &g.N, &g.Saves)
		return g, err
	})
	if err != nil {
		return card.Plan{}, fmt.Errorf("postgres: groups of a plan: %w", err)
	}
	for i := range p.Groups {
		g := &p.Groups[i]
		p.N += g.N
		if g.Rows, _, err = s.planRows(ctx, id, *g, "", rowsOfGroup); err != nil {
			return card.Plan{}, err
		}
	}
	return p, nil
}

// PlanRows is a page of one group of a plan of the actor's. ErrNotFound as of Plan.
func (s *Store) PlanRows(ctx context.Context, by account.Actor, id card.PlanID, g card.PlanGroup, after card.Cursor) ([]card.PlanRow, card.Cursor, error) {
	const q = `SELECT p.id FROM plans p WHERE p.id = @plan AND p.company_id = @company AND p.made_by = @person`
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"plan": id, "company": by.Company, "person": by.Person}).Scan(&id); err != nil {
		return nil, "", fmt.Errorf("postgres: rows of a plan: %w", refusal(err))
	}
	return s.planRows(ctx, id, g, after, card.PageSize)
}

// planRows are cards of one group, by name, and where the next page begins.
func (s *Store) planRows(ctx context.Context, id card.PlanID, g card.PlanGroup, after card.Cursor, size int) ([]card.PlanRow, card.Cursor, error) {
	const q = `
		SELECT ` + planRowColumns + `, c.sort_key
		FROM plan_cards k ` + planRowTables + `
		WHERE k.plan_id = @plan AND k.verdict = @verdict AND k.rule = @rule AND k.instead = @instead AND (c.sort_key, c.id) > (@after_key, @after_id)
		ORDER BY c.sort_key, c.id
		LIMIT @limit`
	start := placeOf(after)
	answer, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{
		"plan": id, "verdict": g.Verdict, "rule": g.Rule, "instead": g.Instead, "after_key": start.Key, "after_id": start.ID, "limit": size + 1,
	})
	if err != nil {
		return nil, "", fmt.Errorf("postgres: rows of a plan: %w", err)
	}
	var keys []string
	rows, err := pgx.CollectRows(answer, func(row pgx.CollectableRow) (r card.PlanRow, err error) {
		var key string
		err = row.Scan(append(planRowFields(&r), &key)...)
		keys = append(keys, key)
		return r, err
	})
	if err != nil {
		return nil, "", fmt.Errorf("postgres: rows of a plan: %w", err)
	}
	rows, next := page(rows, size, func(i int) place { return place{Key: keys[i], ID: rows[i].ID} })
	return rows, next, nil
}
