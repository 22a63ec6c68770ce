package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
)

// OpenLink is LookAtLink for the page of a link: it changes nothing, because programs that look for harm in mails open links too.
func (s *Store) OpenLink(ctx context.Context, purpose messages.Purpose, token messages.Token) (messages.Opened, error) {
	const q = `
		SELECT ` + grantColumns + `, coalesce(c.name, m.data ->> 'company', ''), m.language,
		       EXISTS (SELECT FROM logins g WHERE g.person_id = l.person_id), coalesce(link_refusal(l, @purpose), '')
		FROM links l
		JOIN messages m ON m.id = l.message_id
		LEFT JOIN companies c ON c.id = l.company_id
		WHERE l.token_hash = @hash`
	var o messages.Opened
	var rule string
	var err error
	row := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"purpose": purpose, "hash": hashToken(token.Reveal())})
	o.Grant, err = scanGrant(row, &o.Company, &o.Language, &o.HasLogin, &rule)
	if err == nil && rule != "" {
		err = &card.Refused{Rule: card.Rule(rule), Err: refusals()[rule]}
	}
	if err != nil {
		return messages.Opened{}, fmt.Errorf("postgres: open a link: %w", notFound(err))
	}
	return o, nil
}

// guessed counts an attempt to use a link by the address it comes from, together with the log-ins that fail there.
func guessed(address string) []bucket { return []bucket{{"address", address, failuresOfAddress}} }

// choose uses a link that gives a password, in one transaction with what the password is for. The password is hashed for no link but one that
// looks good. Errors as of LookAtLink; a Throttled error when there have been too many failures from the address.
func (s *Store) choose(ctx context.Context, purpose messages.Purpose, c messages.Choice, do func(tx pgx.Tx, g messages.Grant, hash string) error) error {
	buckets := guessed(c.Address)
	if err := s.throttle(ctx, buckets); err != nil {
		return err
	}
	if _, err := s.LookAtLink(ctx, purpose, c.Token); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, c.Password)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		g, err := useLink(ctx, tx, purpose, c.Token)
		if err != nil {
			return err
		}
		if err := do(tx, g, hash); err != nil {
			return err
		}
		return s.forgive(ctx, tx, buckets)
	})
}

// Accept uses the link of an invitation or of an order to approve: it makes the person's login, with the address that the link was sent to
// and the language of the mail, and logs in. ErrTaken: the person has a login, or the address is another login's; the link can be used
// again. Other errors as of choose.
func (s *Store) Accept(ctx context.Context, purpose messages.Purpose, c messages.Choice) (account.Proof, messages.Grant, error) {
	var proof account.Proof
	var grant messages.Grant
	err := s.choose(ctx, purpose, c, func(tx pgx.Tx, g messages.Grant, hash string) error {
		const q = `
			INSERT INTO logins (person_id, email, password_hash, language)
			SELECT l.person_id, l.email, @hash, m.language
			FROM links l JOIN messages m ON m.id = l.message_id
			WHERE l.token_hash = @token
			RETURNING person_id, clock_now()`
		args := pgx.StrictNamedArgs{"hash": hash, "token": hashToken(c.Token.Reveal())}
		if err := tx.QueryRow(ctx, q, args).Scan(&proof.Person, &proof.At); err != nil {
			return fmt.Errorf("postgres: make a login: %w", refusal(err))
		}
		grant = g
		return nil
	})
	if err != nil {
		return account.Proof{}, messages.Grant{}, err
	}
	proof.Device = rand.Text()
	return proof, grant, s.settle(ctx, proof, nil, true)
}

// How often the portal writes where somebody asks it to, within the window of the throttle.
const (
	resetsFromAddress = 20 // for any accounts, from one network address
	resetsOfAccount   = 3
	changesOfPerson   = 5
)

// AskReset sends a link with which a new password can be chosen, where the address is that of a login. Nothing tells whether it is, and
// who asks again and again is heard a few times only. A Throttled error when the network address has asked too often.
func (s *Store) AskReset(ctx context.Context, email account.Email, address string) error {
	if err := s.throttle(ctx, []bucket{{"reset from", address, resetsFromAddress}}); err != nil {
		return err
	}
	err := s.throttle(ctx, []bucket{{"reset of", string(email), resetsOfAccount}})
	if errors.Is(err, account.ErrThrottled) {
		return nil // the mails of the last minutes are there
	}
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		const q = `SELECT l.person_id FROM logins l WHERE l.email = @email AND l.disabled_at IS NULL`
		var person account.PersonID
		switch err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"email": email}).Scan(&person); {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("postgres: ask for a new password: %w", err)
		}
		return s.enqueueMessage(ctx, tx, message{template: messages.PasswordReset, person: person})
	})
}

// ResetPassword uses the link that AskReset sent: the login has a new password, and all its sessions end. ErrNotFound: the login is closed,
// or has another address than the link was sent to. Other errors as of choose.
func (s *Store) ResetPassword(ctx context.Context, c messages.Choice) error {
	return s.choose(ctx, messages.ResetPassword, c, func(tx pgx.Tx, g messages.Grant, hash string) error {
		const q = `UPDATE logins SET password_hash = @hash WHERE person_id = @person AND email = @email AND disabled_at IS NULL`
		tag, err := tx.Exec(ctx, q, pgx.StrictNamedArgs{"hash": hash, "person": g.Person, "email": g.Email})
		if err != nil {
			return fmt.Errorf("postgres: reset a password: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return account.ErrNotFound
		}
		return endSessions(ctx, tx, g.Person)
	})
}

// AskEmail sends a link to a new address, with which the person shows that it is his or hers. Whether it is another login's already is not
// told here. A Throttled error when the person has asked too often.
func (s *Store) AskEmail(ctx context.Context, person account.PersonID, email account.Email) error {
	if err := s.throttle(ctx, []bucket{{"new address of", fmt.Sprint(person), changesOfPerson}}); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		return s.enqueueMessage(ctx, tx, message{template: messages.ConfirmEmail, person: person, email: email})
	})
}

// ConfirmEmail uses the link that AskEmail sent: the person logs in with the new address from now on, and the old one is told. ErrTaken:
// the address is another login's. ErrNotFound: the login is closed. Other errors as of LookAtLink, or Throttled.
func (s *Store) ConfirmEmail(ctx context.Context, token messages.Token, address string) error {
	buckets := guessed(address)
	if err := s.throttle(ctx, buckets); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		g, err := useLink(ctx, tx, messages.ChangeEmail, token)
		if err != nil {
			return err
		}
		const q = `
			UPDATE logins l SET email = @email
			FROM (SELECT o.person_id, o.email FROM logins o WHERE o.person_id = @person AND o.disabled_at IS NULL FOR UPDATE) old
			WHERE l.person_id = old.person_id
			RETURNING old.email`
		var old account.Email
		if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"email": g.Email, "person": g.Person}).Scan(&old); err != nil {
			return fmt.Errorf("postgres: change an e-mail address: %w", notFound(err))
		}
		if err := s.enqueueMessage(ctx, tx, message{template: messages.EmailChanged, person: g.Person, email: old}); err != nil {
			return err
		}
		return s.forgive(ctx, tx, buckets)
	})
}
