package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/pin"
)

// ErrNoPins is returned where a PIN is needed by a store that was opened without a keyring.
var ErrNoPins = errors.New("postgres: opened without a keyring for PINs")

// Act takes an action on the version of a card that the actor saw. From a day to come on it is planned; and where the company gives a termination
// time to be withdrawn, the card is stopped and the termination is planned. Done tells which.
//
// ErrNotFound: no such card for this actor. ErrStale: another version is current, or what was planned is due and came first. ErrNotAllowed: not from
// this status, or not by this actor. ErrReason, ErrNote: the justification does not fit. ErrFrom: it cannot be planned from that day. All but the
// first are a *card.Refused. Nobody is written to about a hand-over: HandOver does that for one card, tellOfHandOver for many.
func (s *Store) Act(ctx context.Context, by account.Actor, do card.Command) (done card.Acted, err error) {
	if _, err := scope(by); err != nil {
		return card.Acted{}, err
	}
	if !do.From.IsZero() {
		return planAction(ctx, s.db, by, do, 0)
	}
	if _, _, tells := told(do.Action); tells {
		err = s.inTx(ctx, func(tx pgx.Tx) error {
			if done.Version, err = takeAction(ctx, tx, by, do); err != nil {
				return err
			}
			return s.tell(ctx, tx, do.Action, do.Card)
		})
	} else {
		done.Version, err = takeAction(ctx, s.db, by, do)
	}
	if err == nil {
		return done, nil
	}
	err = refusal(err)
	var refused *card.Refused
	if errors.As(err, &refused) {
		switch refused.Rule {
		case card.RuleGrace:
			return planAction(ctx, s.db, by, do, 0)
		case card.RuleDueFirst:
			if err := s.SettleDue(ctx, by.Person); err != nil {
				return card.Acted{}, err
			}
		}
	}
	return card.Acted{}, fmt.Errorf("postgres: %s: %w", do.Action, err)
}

func takeAction(ctx context.Context, db queryer, by account.Actor, do card.Command) (version int, err error) {
	where, err := scope(by)
	if err != nil {
		return 0, err
	}
	err = db.QueryRow(ctx, insertEvent+where+" RETURNING seq", eventArgs(by, do)).Scan(&version)
	return version, err
}

// queryer is the pool or a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// insertEvent asks for an event on a card that the actor may see; the condition on c follows. The rules judge it. OFFSET 0 looks up the card first: beside
// the company's condition, going through a covering index of a company of average size looks cheaper (decision 32).
const insertEvent = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
		SELECT c.id, @version::integer + 1, c.company_id, c.kind, @action, c.status, coalesce(t.to_status, c.status), @person,
		       coalesce((SELECT m.role FROM card_permissions m WHERE m.action = @action AND m.role = ANY (@roles)), (@roles::text[])[1]),
		       @reason, @note, @successor
		FROM (SELECT n.id, n.company_id, n.person_id, n.kind, n.status FROM cards n WHERE n.id = @card OFFSET 0) c
		LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = @action AND t.from_status = c.status
		WHERE `

func eventArgs(by account.Actor, do card.Command) pgx.NamedArgs {
	if do.Reason == "" {
		do.Reason = card.NoReason
	}
	return inScope(by, pgx.NamedArgs{
		"card": do.Card, "version": do.Version, "action": do.Action, "reason": do.Reason, "note": do.Note,
		"successor": orNull(do.Successor),
	})
}

// Produce gives an approved card (a visitor card: a reviewed one) its number, chip and validity, and freezes what is
// printed on it. Errors as of Act; ErrNumberTaken when another card has the number.
func (s *Store) Produce(ctx context.Context, by account.Actor, p card.Production) (version int, err error) {
	if !by.Is(account.Issuer) {
		return 0, card.ErrNotFound
	}
	const q = `SELECT produce_card(@card, @version, @company, @person, @number, @chip_uid, @valid_to)`
	var v *int
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{
			"card": p.Card, "version": p.Version, "company": p.Company, "person": by.Person,
			"number": p.Number, "chip_uid": orNull(p.ChipUID), "valid_to": p.ValidTo,
		}).Scan(&v)
		if err != nil || v == nil {
			return err
		}
		return s.tell(ctx, tx, card.Produce, p.Card)
	})
	return versionOf("produce", v, err)
}

// Activate is the holder activating an own card, with its number in hand: it makes the PIN, and ends the older card of the same
// person and company in the same transaction. ErrPossession: it is not the card's number, which is counted. ErrTooOften: five
// wrong ones today. Otherwise errors as of Act.
func (s *Store) Activate(ctx context.Context, by account.Actor, id card.ID, version int, number card.Possession) (newVersion int, err error) {
	if s.pins == nil {
		return 0, ErrNoPins
	}
	ciphertext, err := s.pins.Encrypt(pin.Generate(), int64(id))
	if err != nil {
		return 0, fmt.Errorf("postgres: activate: %w", err)
	}
	const q = `SELECT a.version, coalesce(a.refused_by, '') FROM activate_card(@card, @version, @person, @number, @key_id, @ciphertext) a`
	var v *int
	var rule card.Rule
	err = s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"card": id, "version": version, "person": by.Person, "number": number, "key_id": int64(s.pins.PrimaryKeyID()), "ciphertext": ciphertext,
	}).Scan(&v, &rule)
	if err == nil && rule != "" {
		err = refusedBy(rule)
	}
	return versionOf("activate", v, err)
}

// versionOf reads the answer of a function that returns the new version, or null for a card that is not the actor's.
func versionOf(what string, v *int, err error) (int, error) {
	switch {
	case err != nil:
		return 0, fmt.Errorf("postgres: %s: %w", what, refusal(err))
	case v == nil:
		return 0, fmt.Errorf("postgres: %s: %w", what, card.ErrNotFound)
	}
	return *v, nil
}

// orNull is the value, or null for a zero one.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
