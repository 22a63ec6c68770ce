package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/pin"
)

// ViewPIN is the PIN of the actor's own active card, for somebody who gives the last six digits of its number. The view
// is written down. ErrNotFound, ErrNotActive, ErrLastSix, ErrTooOften: it is not shown.
func (s *Store) ViewPIN(ctx context.Context, by account.Actor, id card.ID, lastSix string) (pin.PIN, error) {
	if s.pins == nil {
		return pin.PIN{}, ErrNoPins
	}
	const view = `SELECT view_pin(@card, @person, @last_six)`
	var outcome string
	if err := s.db.QueryRow(ctx, view, pgx.StrictNamedArgs{"card": id, "person": by.Person, "last_six": lastSix}).Scan(&outcome); err != nil {
		return pin.PIN{}, fmt.Errorf("postgres: view PIN: %w", refusal(err))
	}
	switch outcome {
	case "shown":
		// In a transaction of its own: it is handed out when the view is counted for good.
		var ciphertext []byte
		if err := s.db.QueryRow(ctx, `SELECT read_pin(@card, @person)`, pgx.StrictNamedArgs{"card": id, "person": by.Person}).Scan(&ciphertext); err != nil {
			return pin.PIN{}, fmt.Errorf("postgres: read PIN: %w", refusal(err))
		}
		if ciphertext == nil {
			return pin.PIN{}, card.ErrNotActive // blocked that very moment
		}
		p, err := s.pins.Decrypt(ciphertext, int64(id))
		if err != nil {
			return pin.PIN{}, fmt.Errorf("postgres: view PIN: %w", err)
		}
		return p, nil
	case "wrong_number":
		return pin.PIN{}, card.ErrLastSix
	case "too_often":
		return pin.PIN{}, card.ErrTooOften
	case "not_active":
		return pin.PIN{}, card.ErrNotActive
	}
	return pin.PIN{}, card.ErrNotFound
}

// PINStatus tells when the PIN of the actor's own card was shown, and how often it may still be asked for today.
// ErrNotFound: the actor has no such card.
func (s *Store) PINStatus(ctx context.Context, by account.Actor, id card.ID) (card.PINStatus, error) {
	const q = `
		SELECT coalesce((SELECT array_agg(v.viewed_at ORDER BY v.viewed_at DESC)
		                 FROM (SELECT v.viewed_at FROM pin_views v
		                       WHERE v.card_id = c.id AND v.outcome = 'shown'
		                       ORDER BY v.viewed_on DESC, v.nth DESC LIMIT 20) v), '{}'),
		       CASE WHEN d.wrong >= 5 THEN 0 ELSE 5 - d.shown END, d.wrong >= 5
		FROM cards c
		CROSS JOIN LATERAL (
		    SELECT count(*) FILTER (WHERE v.outcome = 'shown') AS shown, count(*) FILTER (WHERE v.outcome = 'wrong_number') AS wrong
		    FROM pin_views v WHERE v.card_id = c.id AND v.viewed_on = (SELECT today())
		) d
		WHERE c.id = @card AND c.person_id = @person`
	var status card.PINStatus
	err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": id, "person": by.Person}).Scan(&status.Views, &status.Left, &status.WrongTooOften)
	if err != nil {
		return card.PINStatus{}, fmt.Errorf("postgres: PIN status: %w", refusal(err))
	}
	return status, nil
}

// ReencryptPINs brings every PIN that another key encrypted under the keyring's primary key, some hundred at a time, and
// returns how many. It may be ended and started again at any point. It needs the owner's connection: the application's
// role reads no ciphertexts.
func ReencryptPINs(ctx context.Context, owner *pgx.Conn, ring *pin.Keyring) (count int, err error) {
	const next = `SELECT card_id, ciphertext FROM card_pins WHERE key_id <> @key ORDER BY key_id, card_id LIMIT 500 FOR UPDATE`
	const store = `UPDATE card_pins SET key_id = @key, ciphertext = @ciphertext WHERE card_id = @card`
	key := int64(ring.PrimaryKeyID())
	for {
		done := 0
		err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, next, pgx.StrictNamedArgs{"key": key})
			if err != nil {
				return err
			}
			old, err := pgx.CollectRows(rows, pgx.RowToStructByPos[storedPIN])
			if err != nil {
				return err
			}
			batch := &pgx.Batch{}
			for _, o := range old {
				p, err := ring.Decrypt(o.Ciphertext, o.Card)
				if err != nil {
					return fmt.Errorf("card %d: %w", o.Card, err)
				}
				ciphertext, err := ring.Encrypt(p, o.Card)
				if err != nil {
					return fmt.Errorf("card %d: %w", o.Card, err)
				}
				batch.Queue(store, pgx.StrictNamedArgs{"key": key, "ciphertext": ciphertext, "card": o.Card})
			}
			done = len(old)
			return tx.SendBatch(ctx, batch).Close()
		})
		if err != nil {
			return count, fmt.Errorf("postgres: re-encrypt PINs: %w", err)
		}
		if done == 0 {
			return count, nil
		}
		count += done
	}
}

type storedPIN struct {
	Card       int64
	Ciphertext []byte
}
