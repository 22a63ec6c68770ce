package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// AddPerson makes a login, and the person where the identity is nobody's yet; one who is there keeps the name. ErrTaken: the person
// has a login, or the e-mail address is somebody's.
func (s *Store) AddPerson(ctx context.Context, p account.NewPerson) (account.PersonID, error) {
	hash, err := HashPassword(p.Password)
	if err != nil {
		return 0, err
	}
	const q = `
		WITH new AS (
		    INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
		    VALUES (@kind, @country, @number, @given, @family)
		    ON CONFLICT ON CONSTRAINT persons_identity_unique DO NOTHING
		    RETURNING id
		), p AS (
		    SELECT new.id FROM new
		    UNION ALL
		    SELECT o.id FROM persons o
		    WHERE o.identity_country = @country AND o.identity_kind = @kind AND o.identity_number = @number
		)
		INSERT INTO logins (person_id, email, password_hash, language)
		SELECT p.id, @email, @hash, @language FROM p
		RETURNING person_id`
	var id account.PersonID
	err = s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"kind": p.Identity.Kind, "country": p.Identity.Country, "number": p.Identity.Number(),
		"given": p.Given, "family": p.Family, "email": p.Email, "hash": hash, "language": p.Language,
	}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("postgres: add person: %w", refusal(err))
	}
	return id, nil
}

// Invite gives a person a role in a company, and writes a mail with a link by which he or she makes the login. The person is made where the
// identity is nobody's yet. ErrTaken: the person has a login, or the e-mail address is somebody's.
func (s *Store) Invite(ctx context.Context, n account.NewMember) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		person, err := findOrMakePerson(ctx, tx, n)
		if err != nil {
			return fmt.Errorf("postgres: invite: %w", err)
		}
		if person.hasLogin || person.addressTaken {
			return account.ErrTaken
		}
		return s.takeIn(ctx, tx, account.Actor{Company: n.Company}, person, n)
	})
}

// PersonByEmail finds a person by the e-mail address of the login. ErrNotFound when there is none.
func (s *Store) PersonByEmail(ctx context.Context, email account.Email) (account.PersonID, error) {
	var id account.PersonID
	const q = `SELECT l.person_id FROM logins l WHERE l.email = @email`
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"email": email}).Scan(&id); err != nil {
		return 0, fmt.Errorf("postgres: person by e-mail: %w", notFound(err))
	}
	return id, nil
}

// CompanyByOrgNumber finds a company. ErrNotFound when there is none.
func (s *Store) CompanyByOrgNumber(ctx context.Context, n account.OrgNumber) (account.CompanyID, error) {
	var id account.CompanyID
	const q = `SELECT c.id FROM companies c WHERE c.org_country = @country AND c.org_number = @number`
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"country": n.Country, "number": storedNumber(n)}).Scan(&id); err != nil {
		return 0, fmt.Errorf("postgres: company by number: %w", notFound(err))
	}
	return id, nil
}

// AddCompany makes a company. ErrTaken: there is one with this number.
func (s *Store) AddCompany(ctx context.Context, name string, n account.OrgNumber) (account.CompanyID, error) {
	const q = `INSERT INTO companies (name, org_country, org_number) VALUES (@name, @country, @number) RETURNING id`
	var id account.CompanyID
	err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"name": name, "country": n.Country, "number": storedNumber(n)}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("postgres: add company: %w", refusal(err))
	}
	return id, nil
}

// storedNumber is the number as the register keeps it, which is how it is printed: a Swedish one with its hyphen.
func storedNumber(n account.OrgNumber) string {
	if n.Country == "SE" {
		return n.String()
	}
	return n.Number
}

// AddRole makes a person administrator or orderer of a company, again if need be.
func (s *Store) AddRole(ctx context.Context, person account.PersonID, company account.CompanyID, role account.Role) error {
	const q = `INSERT INTO membership_events (company_id, person_id, role, action) VALUES (@company, @person, @role, 'begin')`
	if _, err := s.db.Exec(ctx, q, pgx.StrictNamedArgs{"company": company, "person": person, "role": role}); err != nil {
		return fmt.Errorf("postgres: add role: %w", refusal(err))
	}
	return nil
}

// EndRole ends it from now on; what the person did stays in the history. ErrNotFound: the person has no such role. ErrLastAdministrator,
// ErrHasCards: the company cannot do without.
func (s *Store) EndRole(ctx context.Context, person account.PersonID, company account.CompanyID, role account.Role) error {
	const q = `INSERT INTO membership_events (company_id, person_id, role, action) VALUES (@company, @person, @role, 'end')`
	tag, err := s.db.Exec(ctx, q, pgx.StrictNamedArgs{"company": company, "person": person, "role": role})
	if err != nil {
		return fmt.Errorf("postgres: end role: %w", refusal(err))
	}
	if tag.RowsAffected() == 0 {
		return account.ErrNotFound
	}
	return nil
}

// AddIssuer makes a person one of the issuer's staff. It needs the owner's connection: the application's role could otherwise
// make itself an issuer.
func AddIssuer(ctx context.Context, owner execer, person account.PersonID) error {
	const q = `INSERT INTO issuer_staff (person_id) VALUES (@person) ON CONFLICT (person_id) DO UPDATE SET ended_at = NULL`
	if _, err := owner.Exec(ctx, q, pgx.StrictNamedArgs{"person": person}); err != nil {
		return fmt.Errorf("postgres: add issuer: %w", refusal(err))
	}
	return nil
}

// EndIssuer ends it from now on. ErrNotFound: the person is none.
func EndIssuer(ctx context.Context, owner execer, person account.PersonID) error {
	const q = `UPDATE issuer_staff SET ended_at = clock_now() WHERE person_id = @person AND ended_at IS NULL`
	tag, err := owner.Exec(ctx, q, pgx.StrictNamedArgs{"person": person})
	if err != nil {
		return fmt.Errorf("postgres: end issuer: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return account.ErrNotFound
	}
	return nil
}

// SetPassword gives a login a new password and ends all its sessions.
func (s *Store) SetPassword(ctx context.Context, person account.PersonID, password string) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		const q = `UPDATE logins SET password_hash = @hash WHERE person_id = @person`
		tag, err := tx.Exec(ctx, q, pgx.StrictNamedArgs{"hash": hash, "person": person})
		if err != nil {
			return fmt.Errorf("postgres: set password: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return account.ErrNotFound
		}
		return endSessions(ctx, tx, person)
	})
}

// SetLanguage chooses the language of a person's pages: sv or en.
func (s *Store) SetLanguage(ctx context.Context, person account.PersonID, language string) error {
	const q = `UPDATE logins SET language = @language WHERE person_id = @person`
	if _, err := s.db.Exec(ctx, q, pgx.StrictNamedArgs{"language": language, "person": person}); err != nil {
		return fmt.Errorf("postgres: set language: %w", err)
	}
	return nil
}

// DisableLogin closes a login and ends all its sessions.
func (s *Store) DisableLogin(ctx context.Context, person account.PersonID) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		const q = `UPDATE logins SET disabled_at = clock_now() WHERE person_id = @person AND disabled_at IS NULL`
		if _, err := tx.Exec(ctx, q, pgx.StrictNamedArgs{"person": person}); err != nil {
			return fmt.Errorf("postgres: disable login: %w", err)
		}
		return endSessions(ctx, tx, person)
	})
}

// notFound is refusal for what is no card.
func notFound(err error) error {
	if err := refusal(err); !errors.Is(err, card.ErrNotFound) {
		return err
	}
	return account.ErrNotFound
}
