package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/pin"
)

// scene is a card of the cast, made one action at a time by the schema's own triggers and functions.
type scene struct {
	company int64 // id
	holder  int64 // 0 for a visitor card
	orderer int64
	ago     int // days since the order
	steps   []step
}

// step is what happens next. Who does it follows from the action, unless it says so itself.
type step struct {
	action    card.Action
	after     int // days
	by        int64
	role      account.Role
	reason    card.Reason
	note      string
	successor int64
}

const (
	inNordbygge int64 = iota + 1
	inVrakenas
	inSnarestad
)

// produced and activated are the usual ways.
func produced(more ...step) []step {
	return append([]step{
		{action: card.Order}, {action: card.Review, after: 1}, {action: card.Approve, after: 2}, {action: card.Produce, after: 2},
	}, more...)
}

func activated(more ...step) []step {
	return produced(append([]step{{action: card.Activate, after: 5}}, more...)...)
}

// scenes show a newcomer everything: each status, with its history.
func scenes() []scene {
	return []scene{
		// The holder: a card that was replaced, the active one, one blocked and one to approve elsewhere, one suspended.
		{inNordbygge, elin, hakan, 1900, activated(step{action: card.Block, after: 700, by: elin, role: account.Holder, reason: card.Lost},
			step{action: card.Unblock, after: 2, reason: card.Found})},
		{inNordbygge, elin, hakan, 620, activated()},
		{inVrakenas, elin, orjan, 410, activated(step{action: card.Block, after: 320, reason: card.Leave, note: "Föräldraledig till hösten."})},
		{inVrakenas, elin, orjan, 9, []step{{action: card.Order}, {action: card.Review, after: 1}}},
		{inSnarestad, elin, pia, 300, activated()},

		// Administrator, orderer and holder in two companies: expired with its replacement on the way, and active.
		{inNordbygge, bjorn, hakan, 1530, activated()},
		{inNordbygge, bjorn, hakan, 25, produced()},
		{inVrakenas, bjorn, orjan, 1440, activated()},

		{inNordbygge, hakan, asa, 800, activated()},
		{inNordbygge, asa, hakan, 520, activated(step{action: card.Block, after: 380, by: asa, role: account.Holder, reason: card.Stolen})},
		{inNordbygge, asa, hakan, 6, []step{{action: card.Order}}},
		{inNordbygge, bozena, hakan, 14, []step{{action: card.Order}, {action: card.Review, after: 1}, {action: card.Approve, after: 3}}},
		{inNordbygge, mans, hakan, 1700, activated()},
		{inNordbygge, mans, hakan, 18, []step{{action: card.Order}, {action: card.Reject, after: 1, reason: card.Photo, note: "Bilden är för mörk."}}},
		{inNordbygge, freja, asa, 60, []step{{action: card.Order}, {action: card.Review, after: 1},
			{action: card.Decline, after: 2, reason: card.WrongData, note: "Fel stavning av efternamnet."},
			{action: card.Cancel, after: 4, reason: card.NotEmployed}}},
		{inNordbygge, freja, hakan, 30, produced()},
		{inNordbygge, rasmus, hakan, 900, activated(step{action: card.Terminate, after: 400, reason: card.EmploymentEnded, note: "Sista dagen var i fredags."})},
		{inNordbygge, janis, asa, 330, activated(step{action: card.HandOver, after: 120, reason: card.Leave, successor: hakan})},
		{inNordbygge, 0, hakan, 90, []step{{action: card.Order}, {action: card.Review, after: 1}, {action: card.Produce, after: 2}}},
		{inNordbygge, 0, asa, 400, []step{{action: card.Order}, {action: card.Review, after: 1}, {action: card.Produce, after: 2},
			{action: card.Terminate, after: 150, reason: card.NotInUse}}},
		{inNordbygge, 0, hakan, 4, []step{{action: card.Order}}},
		{inVrakenas, orjan, orjan, 700, activated()},
		{inSnarestad, pia, pia, 700, activated()},
		{inSnarestad, mans, pia, 650, activated(step{action: card.Block, after: 600, reason: card.NotInUse})},
	}
}

func scriptedCards() int { return len(scenes()) }

// play acts the scenes, each at its time: the portal's clock is moved, and set again in the end.
func (w *world) play(ctx context.Context, tx pgx.Tx, keyring *pin.Keyring) error {
	var moved time.Duration
	if err := tx.QueryRow(ctx, `SELECT moved_by FROM clock`).Scan(&moved); err != nil {
		return err
	}
	for i, s := range scenes() {
		if err := w.act(ctx, tx, keyring, s); err != nil {
			return fmt.Errorf("scene %d: %w", i+1, err)
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE clock SET moved_by = $1`, moved); err != nil {
		return err
	}
	const deputy = `
		INSERT INTO deputies (company_id, orderer_id, deputy_id, first_day, last_day, named_by) VALUES ($1, $2, $3, today() + 14, today() + 27, $2)`
	if _, err := tx.Exec(ctx, deputy, inNordbygge, asa, hakan); err != nil {
		return fmt.Errorf("a deputy: %w", err)
	}
	// Now, not at the end: what is deferred should fail while it is known why.
	_, err := tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`)
	return err
}

func (w *world) act(ctx context.Context, tx pgx.Tx, keyring *pin.Keyring, s scene) error {
	at := (w.today - day(s.ago)).lastWorkday().at(8, 40, 0)
	var id int64
	kind := card.Standard
	var holder *int64
	if s.holder == 0 {
		kind = card.Visitor
	} else {
		holder = &s.holder
	}
	orderer := s.orderer
	for i, step := range s.steps {
		at = (at.day()+day(step.after)).workday().at(8, 40, 0) + moment(i*37*60+int(s.orderer)*11)
		if _, err := tx.Exec(ctx, `UPDATE clock SET moved_by = $1::timestamptz - now()`, w.times.time(at)); err != nil {
			return err
		}
		var err error
		switch step.action {
		case card.Order:
			err = tx.QueryRow(ctx, `INSERT INTO cards (company_id, kind, person_id, ordered_by) VALUES ($1, $2, $3, $4) RETURNING id`,
				s.company, kind, holder, orderer).Scan(&id)
			if err == nil {
				err = appendEvent(ctx, tx, id, step, orderer, account.Orderer)
			}
			if err == nil {
				err = addOrder(ctx, tx, id)
			}
		case card.Produce:
			var uid *string
			years := visitorYears
			if s.holder != 0 {
				chip := chipUID(id)
				uid, years = &chip, standardYears
			}
			validTo := at.day().date().AddDate(years, 0, 0)
			_, err = tx.Exec(ctx, `SELECT produce_card($1, $2, $3, $4, $5, $6, $7)`, id, i, s.company, sofia, serialNumber(id), uid, validTo)
		case card.Activate:
			var ciphertext []byte
			if ciphertext, err = keyring.Encrypt(pin.Generate(), id); err == nil {
				_, err = tx.Exec(ctx, `SELECT activate_card($1, $2, $3, $4, $5, $6)`, id, i, s.holder, serialNumber(id), int64(keyring.PrimaryKeyID()), ciphertext)
			}
		default:
			by, role := step.by, step.role
			if by == 0 {
				by, role = s.doer(step.action, orderer)
			}
			err = appendEvent(ctx, tx, id, step, by, role)
			if step.successor != 0 {
				orderer = step.successor
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.action, err)
		}
	}
	return nil
}

// doer is who takes an action when the step does not say.
func (s scene) doer(a card.Action, orderer int64) (int64, account.Role) {
	switch a {
	case card.Review, card.Reject:
		return sofia, account.Issuer
	case card.Approve, card.Decline:
		return s.holder, account.Holder
	case card.HandOver:
		return namedCompanies[s.company-1].administrators[0], account.Administrator
	default:
		return orderer, account.Orderer
	}
}

// appendEvent appends one event as the application does: the status after it is the rules' answer.
func appendEvent(ctx context.Context, tx pgx.Tx, id int64, s step, by int64, role account.Role) error {
	reason := s.reason
	if reason == "" {
		reason = card.NoReason
	}
	var successor *int64
	if s.successor != 0 {
		successor = &s.successor
	}
	const q = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
		SELECT c.id, coalesce(e.seq, 0) + 1, c.company_id, c.kind, t.action, t.from_status, t.to_status, $3, $4, $5, $6, $7
		FROM cards c
		LEFT JOIN LATERAL (SELECT x.seq FROM card_events x WHERE x.card_id = c.id ORDER BY x.seq DESC LIMIT 1) e ON true
		JOIN card_transitions t ON t.kind = c.kind AND t.action = $2 AND t.from_status = CASE WHEN e.seq IS NULL THEN 'none' ELSE c.status END
		WHERE c.id = $1`
	tag, err := tx.Exec(ctx, q, id, s.action, by, role, reason, s.note, successor)
	if err == nil && tag.RowsAffected() != 1 {
		err = fmt.Errorf("no such move for card %d", id)
	}
	return err
}
