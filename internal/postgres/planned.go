package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// SettleDue writes to the history what was planned and is due, of all cards that the person may see; for nobody, of all cards. It comes before
// anything that answers what a card is. Whether something is due the database's clock decides, so that it may be called at any time, by many at once.
//
// Each card is a transaction of its own: whoever settles never waits for one card while holding another.
func (s *Store) SettleDue(ctx context.Context, person account.PersonID) error {
	const q = `
		SELECT DISTINCT p.card_id
		FROM planned_actions p JOIN cards c ON c.id = p.card_id
		WHERE p.outcome IS NULL AND p.due_at <= (SELECT clock_now())
		  AND (@person = 0 OR c.person_id = @person
		       OR EXISTS (SELECT FROM memberships m WHERE m.company_id = p.company_id AND m.person_id = @person AND m.ended_at IS NULL)
		       OR EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = @person AND i.ended_at IS NULL))
		ORDER BY p.card_id`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"person": person})
	if err != nil {
		return fmt.Errorf("postgres: what is due: %w", err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowTo[card.ID])
	if err != nil {
		return fmt.Errorf("postgres: what is due: %w", err)
	}
	for _, id := range due {
		if _, err := s.db.Exec(ctx, `SELECT settle_card(@card)`, pgx.StrictNamedArgs{"card": id}); err != nil {
			return fmt.Errorf("postgres: settle what is due: %w", err)
		}
	}
	return nil
}

// planAction plans an action; without a day, a termination that can be withdrawn for as long as the company wants, which is so many hours if not zero.
// Errors as of Act.
func planAction(ctx context.Context, db queryer, by account.Actor, do card.Command, hours int) (card.Acted, error) {
	if do.Reason == "" {
		do.Reason = card.NoReason
	}
	const q = `SELECT plan_action(@card, @version, @company, @person, @action, @reason, @note, @from, @hours)`
	var v *int
	err := db.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"card": do.Card, "version": do.Version, "company": by.Company, "person": by.Person, "action": do.Action, "reason": do.Reason, "note": do.Note,
		"from": orNull(do.From), "hours": orNull(hours),
	}).Scan(&v)
	version, err := versionOf("plan", v, err)
	return card.Acted{Version: version, Planned: err == nil}, err
}

// Withdraw takes back what is planned for a card. restored is false where a grace had stopped the card and it stays blocked all the same: it has
// expired, a newer one is active, or it was to be blocked by now.
//
// ErrNotFound: no such plan for a card of this actor's company. ErrStale: it is due, or has had its outcome. ErrNotAllowed: the card is somebody else's.
func (s *Store) Withdraw(ctx context.Context, by account.Actor, id card.ID, plan card.PlannedID) (restored bool, err error) {
	if !ofItsCompany(by) {
		return false, card.ErrNotFound
	}
	return withdraw(ctx, s.db, by, id, plan)
}

func withdraw(ctx context.Context, db queryer, by account.Actor, id card.ID, plan card.PlannedID) (restored bool, err error) {
	const q = `SELECT withdraw_plan(@plan, @card, @company, @person)`
	var answer *bool
	err = db.QueryRow(ctx, q, pgx.StrictNamedArgs{"plan": plan, "card": id, "company": by.Company, "person": by.Person}).Scan(&answer)
	switch {
	case err != nil:
		return false, fmt.Errorf("postgres: withdraw: %w", refusal(err))
	case answer == nil:
		return false, fmt.Errorf("postgres: withdraw: %w", card.ErrNotFound)
	}
	return *answer, nil
}

// Planned is what is planned for the company's cards, or for the own: those the actor is responsible for, or stands in for today. What is due first
// comes first; those that were refused within the last thirty days come before all others. ErrNotFound: the actor sees no company's cards.
func (s *Store) Planned(ctx context.Context, by account.Actor, own bool, after card.Cursor) (card.PlannedCards, error) {
	if !ofItsCompany(by) {
		return card.PlannedCards{}, card.ErrNotFound
	}
	const q = `
		SELECT ` + rowColumns + `, json_build_object(` + plannedFields + `)
		FROM planned_actions pl ` + plannedTables + `
		JOIN cards c ON c.id = pl.card_id ` + rowTables + `
		WHERE pl.company_id = @company
		  AND (NOT @own OR c.orderer_id = @person
		       OR c.orderer_id IN (SELECT d.orderer_id FROM current_deputies d WHERE d.company_id = @company AND d.deputy_id = @person))
		  AND (pl.outcome IS NULL OR pl.outcome = 'refused' AND pl.settled_at > (SELECT clock_now() - interval '30 days'))
		  AND (pl.due_at, pl.id) > (@after_due, @after_id)
		ORDER BY pl.due_at, pl.id
		LIMIT @limit`
	start := placeOf(after)
	due, err := time.Parse(time.RFC3339Nano, start.Key)
	if err != nil {
		start, due = place{}, time.Time{} // no cursor of ours: the beginning
	}
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "person": by.Person, "roles": by.Roles, "own": own, "after_due": due, "after_id": start.ID, "limit": card.PageSize + 1,
	})
	if err != nil {
		return card.PlannedCards{}, fmt.Errorf("postgres: planned: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p card.PlannedCard, err error) {
		var plan plannedJSON
		p.Row, err = scanRowWith(row, &plan)
		p.PlannedAction = plan.plan()
		return p, err
	})
	if err != nil {
		return card.PlannedCards{}, fmt.Errorf("postgres: planned: %w", err)
	}
	if len(found) <= card.PageSize {
		return card.PlannedCards{Rows: found}, nil
	}
	last := found[card.PageSize-1].PlannedAction
	return card.PlannedCards{
		Rows: found[:card.PageSize], Next: place{Key: last.Due.Format(time.RFC3339Nano), ID: card.ID(last.ID)}.cursor(),
	}, nil
}

// What is told of a plan pl, as fields of an object. c is its card.
const plannedFields = `
		           'id', pl.id, 'action', pl.action, 'reason', pl.reason, 'due', pl.due_at, 'grace', pl.grace, 'at', pl.planned_at,
		           'note', CASE WHEN 'holder' <> ALL (@roles) THEN pl.note ELSE '' END,
		           'given', plp.given_name, 'family', plp.family_name,
		           'outcome', coalesce(pl.outcome, ''), 'settled_at', pl.settled_at, 'seq', coalesce(pl.seq, 0), 'refused_by', coalesce(pl.refused_by, ''),
		           'withdrawn_given', plw.given_name, 'withdrawn_family', plw.family_name,
		           'withdrawable', pl.outcome IS NULL AND 'orderer' = ANY (@roles) AND card_guard(c, 'withdraw', @person, 'orderer') IS NULL`

const plannedTables = `
		        JOIN persons plp ON plp.id = pl.planned_by
		        LEFT JOIN persons plw ON plw.id = pl.withdrawn_by`

type plannedJSON struct {
	ID              card.PlannedID
	Action          card.Action
	Reason          card.Reason
	Note            string
	Due, At         time.Time
	Grace           bool
	Given, Family   string
	Outcome         card.PlannedOutcome
	SettledAt       time.Time `json:"settled_at"`
	Seq             int
	RefusedBy       card.Rule `json:"refused_by"`
	WithdrawnGiven  string    `json:"withdrawn_given"`
	WithdrawnFamily string    `json:"withdrawn_family"`
	Withdrawable    bool
}

func (p plannedJSON) plan() card.PlannedAction {
	return card.PlannedAction{
		ID: p.ID, Action: p.Action, Reason: p.Reason, Note: p.Note, Due: p.Due, Grace: p.Grace, By: card.Name{Given: p.Given, Family: p.Family}, At: p.At,
		Outcome: p.Outcome, SettledAt: p.SettledAt, Seq: p.Seq, RefusedBy: p.RefusedBy,
		WithdrawnBy: card.Name{Given: p.WithdrawnGiven, Family: p.WithdrawnFamily}, Withdrawable: p.Withdrawable,
	}
}
