package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
)

// administers holds for an administrator of the chosen company.
func administers(by account.Actor) bool { return by.Company != 0 && by.Is(account.Administrator) }

// What administrators read of person p in the company. The cards are counted on the way through the company's part of one index.
const (
	userColumns = `
		p.id, p.given_name, p.family_name,
		CASE WHEN p.personal_key IS NOT NULL THEN left(p.identity_number, 8) || '-****' ELSE p.identity_country || ' ****' END,
		ARRAY(SELECT m.role FROM memberships m WHERE m.company_id = @company AND m.person_id = p.id AND m.ended_at IS NULL ORDER BY m.role) AS roles,
		CASE WHEN l.disabled_at IS NOT NULL THEN 'closed' WHEN l.person_id IS NOT NULL THEN 'open' WHEN i.id IS NOT NULL THEN 'invited' ELSE 'none' END,
		i.created_at, coalesce(i.email, ''), coalesce(i.state, ''), coalesce(i.expired, false), coalesce(a.cards, 0)`
	userTables = `
		JOIN persons p ON p.id = x.person_id
		LEFT JOIN logins l ON l.person_id = p.id
		LEFT JOIN LATERAL (
		    SELECT m.id, m.created_at, m.email, t.state,
		           (SELECT max(k.expires_at) <= clock_now() FROM links k WHERE k.message_id = m.id) AS expired
		    FROM messages m JOIN message_states t ON t.message_id = m.id
		    WHERE m.person_id = p.id AND m.company_id = @company AND m.template = @invitation
		    ORDER BY m.id DESC LIMIT 1) i ON true
		LEFT JOIN answers a ON a.orderer_id = p.id`
	answers = `
		answers AS (
		    SELECT c.orderer_id, count(*) AS cards
		    FROM cards c JOIN card_statuses s ON s.status = c.status
		    WHERE c.company_id = @company AND NOT s.final
		    GROUP BY c.orderer_id)`
)

func scanUser(row pgx.CollectableRow) (u account.User, err error) {
	var invited *time.Time
	err = row.Scan(&u.Person, &u.Given, &u.Family, &u.Identity, &u.Roles, &u.LogIn,
		&invited, &u.Invited.Email, &u.Invited.State, &u.Invited.Expired, &u.Cards)
	u.Invited.At = day(invited)
	return u, err
}

// maxUsers is how many users a list holds.
const maxUsers = 500

// Users are who works for the actor's company, and who else answers for cards of it, by name. ErrNotFound: the actor is no administrator.
func (s *Store) Users(ctx context.Context, by account.Actor) ([]account.User, error) {
	if !administers(by) {
		return nil, card.ErrNotFound
	}
	const q = `
		WITH ` + answers + `
		SELECT ` + userColumns + `
		FROM (
		    SELECT m.person_id FROM memberships m WHERE m.company_id = @company AND m.ended_at IS NULL
		    UNION
		    SELECT a.orderer_id FROM answers a) x ` + userTables + `
		ORDER BY p.name_key, p.id
		LIMIT @limit`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "invitation": messages.Invitation, "limit": maxUsers})
	if err != nil {
		return nil, fmt.Errorf("postgres: users: %w", err)
	}
	users, err := pgx.CollectRows(rows, scanUser)
	if err != nil {
		return nil, fmt.Errorf("postgres: users: %w", err)
	}
	return users, nil
}

// User is one who works or worked for the actor's company, or answers for cards of it, with the history of the roles, the newest first.
// ErrNotFound: nobody of the company, or the actor is no administrator.
func (s *Store) User(ctx context.Context, by account.Actor, person account.PersonID) (account.User, []account.RoleChange, error) {
	if !administers(by) {
		return account.User{}, nil, card.ErrNotFound
	}
	const one = `
		WITH ` + answers + `
		SELECT ` + userColumns + `
		FROM (
		    SELECT m.person_id FROM memberships m WHERE m.company_id = @company AND m.person_id = @person
		    UNION
		    SELECT a.orderer_id FROM answers a WHERE a.orderer_id = @person) x ` + userTables
	const history = `
		SELECT e.occurred_at, e.role, e.action = 'begin', coalesce(p.given_name || ' ' || p.family_name, '')
		FROM membership_events e LEFT JOIN persons p ON p.id = e.actor_id
		WHERE e.company_id = @company AND e.person_id = @person
		ORDER BY e.id DESC
		LIMIT 100`
	var u account.User
	var changes []account.RoleChange
	batch := &pgx.Batch{}
	args := pgx.NamedArgs{"company": by.Company, "person": person, "invitation": messages.Invitation}
	batch.Queue(one, args).Query(func(rows pgx.Rows) (err error) {
		u, err = pgx.CollectExactlyOneRow(rows, scanUser)
		return err
	})
	batch.Queue(history, args).Query(func(rows pgx.Rows) (err error) {
		changes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[account.RoleChange])
		return err
	})
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return account.User{}, nil, fmt.Errorf("postgres: user: %w", refusal(err))
	}
	return u, changes, nil
}

// newcomer is a person to be taken in.
type newcomer struct {
	id           account.PersonID
	worksHere    bool
	hasLogin     bool
	addressTaken bool // by another person's login
}

// findOrMakePerson finds the person of an identity, or enters one in the register. Who is there keeps the name.
func findOrMakePerson(ctx context.Context, tx pgx.Tx, n account.NewMember) (p newcomer, err error) {
	const person = `
		INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
		VALUES (@kind, @country, @number, @given, @family)
		ON CONFLICT ON CONSTRAINT persons_identity_unique DO NOTHING`
	identity := pgx.NamedArgs{"kind": n.Identity.Kind, "country": n.Identity.Country, "number": n.Identity.Number()}
	if _, err := tx.Exec(ctx, person, merge(identity, pgx.NamedArgs{"given": n.Given, "family": n.Family})); err != nil {
		return newcomer{}, refusal(err)
	}
	const find = `
		SELECT p.id, EXISTS (SELECT FROM memberships m WHERE m.company_id = @company AND m.person_id = p.id AND m.ended_at IS NULL),
		       EXISTS (SELECT FROM logins l WHERE l.person_id = p.id), EXISTS (SELECT FROM logins l WHERE l.email = @email AND l.person_id <> p.id)
		FROM persons p
		WHERE p.identity_country = @country AND p.identity_kind = @kind AND p.identity_number = @number`
	err = tx.QueryRow(ctx, find, merge(identity, pgx.NamedArgs{"company": n.Company, "email": n.Email})).
		Scan(&p.id, &p.worksHere, &p.hasLogin, &p.addressTaken)
	return p, refusal(err)
}

// takeIn gives a person the roles, and writes to him or her: with a link to make the log-in, or where there is one to its own address.
func (s *Store) takeIn(ctx context.Context, tx pgx.Tx, by account.Actor, p newcomer, n account.NewMember) error {
	const begin = `
		INSERT INTO membership_events (company_id, person_id, role, action, actor_id)
		SELECT @company, @person, r, 'begin', @actor FROM unnest(@roles::text[]) r`
	args := pgx.StrictNamedArgs{"company": by.Company, "person": p.id, "roles": n.Roles, "actor": orNull(by.Person)}
	if _, err := tx.Exec(ctx, begin, args); err != nil {
		return fmt.Errorf("postgres: take in: %w", refusal(err))
	}
	m := message{template: messages.Invitation, person: p.id, company: by.Company, email: n.Email, language: n.Language}
	if p.hasLogin {
		m = message{template: messages.JoinedCompany, person: p.id, company: by.Company}
	}
	return s.writeOfCompany(ctx, tx, m)
}

// writeOfCompany is enqueueMessage for a mail that names the company.
func (s *Store) writeOfCompany(ctx context.Context, tx pgx.Tx, m message) error {
	const q = `SELECT c.name FROM companies c WHERE c.id = @company`
	if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"company": m.company}).Scan(&m.data.Company); err != nil {
		return fmt.Errorf("postgres: name of the company: %w", err)
	}
	return s.enqueueMessage(ctx, tx, m)
}

// InviteUser takes somebody into the actor's company with at least one role, and says who it is. Who has a log-in keeps it and is written to
// at its address, others at the one given. ErrWorksHere: the person works there already. ErrTaken: the address is the log-in of somebody
// else. ErrNotFound: the actor is no administrator; ErrNotAllowed: not any more.
func (s *Store) InviteUser(ctx context.Context, by account.Actor, n account.NewMember) (person account.PersonID, err error) {
	if !administers(by) {
		return 0, card.ErrNotFound
	}
	n.Company = by.Company
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		// Of two who invite the same person at once the second waits, and then sees that the person works here.
		const lock = `SELECT pg_advisory_xact_lock(hashtextextended('invite to', @company))`
		if _, err := tx.Exec(ctx, lock, pgx.StrictNamedArgs{"company": by.Company}); err != nil {
			return fmt.Errorf("postgres: invite: %w", err)
		}
		p, err := findOrMakePerson(ctx, tx, n)
		person = p.id
		switch {
		case err != nil:
			return fmt.Errorf("postgres: invite: %w", err)
		case p.worksHere:
			return account.ErrWorksHere
		case p.addressTaken:
			return account.ErrTaken
		}
		return s.takeIn(ctx, tx, by, p, n)
	})
	return person, err
}

// InviteAgain sends the invitation of a user who has no log-in once more, to an address that may be another; the earlier link ends.
// ErrNotFound: no such user, one with a log-in, or the actor is no administrator. ErrTooOften: one was sent within the hour.
// ErrTaken: the address is the log-in of somebody else.
func (s *Store) InviteAgain(ctx context.Context, by account.Actor, person account.PersonID, email account.Email) error {
	if !administers(by) {
		return card.ErrNotFound
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		// Of two clicks at once the second waits, and then sees the first one's mail.
		const lock = `SELECT pg_advisory_xact_lock(hashtextextended('invite', @person))`
		if _, err := tx.Exec(ctx, lock, pgx.StrictNamedArgs{"person": person}); err != nil {
			return fmt.Errorf("postgres: invite again: %w", err)
		}
		const q = `
			SELECT coalesce((SELECT m.language FROM messages m
			                 WHERE m.person_id = @person AND m.company_id = @company AND m.template = @invitation ORDER BY m.id DESC LIMIT 1), 'sv'),
			       EXISTS (SELECT FROM messages m WHERE m.person_id = @person AND m.company_id = @company AND m.template = @invitation
			                                        AND m.created_at > clock_now() - interval '1 hour'),
			       EXISTS (SELECT FROM logins l WHERE l.email = @email)
			WHERE EXISTS (SELECT FROM memberships x WHERE x.company_id = @company AND x.person_id = @person AND x.ended_at IS NULL)
			  AND NOT EXISTS (SELECT FROM logins l WHERE l.person_id = @person)`
		m := message{template: messages.Invitation, person: person, company: by.Company, email: email}
		var recent, taken bool
		args := pgx.StrictNamedArgs{"person": person, "company": by.Company, "invitation": messages.Invitation, "email": email}
		err := tx.QueryRow(ctx, q, args).Scan(&m.language, &recent, &taken)
		switch {
		case err != nil:
			return fmt.Errorf("postgres: invite again: %w", refusal(err))
		case taken:
			return account.ErrTaken
		case recent:
			return card.ErrTooOften
		}
		return s.writeOfCompany(ctx, tx, m)
	})
}

// GiveRole makes a user administrator or orderer of the actor's company. ErrNotFound: nobody who works or worked there, or the actor is no
// administrator; ErrNotAllowed: not any more. Who has the role keeps it.
func (s *Store) GiveRole(ctx context.Context, by account.Actor, person account.PersonID, role account.Role) error {
	return s.changeRole(ctx, by, person, role, "begin")
}

// TakeRole ends a role of a user from the next request on. ErrLastAdministrator, ErrHasCards: the company cannot do without. Other errors as
// of GiveRole. Who does not have the role is left alone.
func (s *Store) TakeRole(ctx context.Context, by account.Actor, person account.PersonID, role account.Role) error {
	return s.changeRole(ctx, by, person, role, "end")
}

func (s *Store) changeRole(ctx context.Context, by account.Actor, person account.PersonID, role account.Role, action string) error {
	if !administers(by) {
		return card.ErrNotFound
	}
	const q = `
		WITH known AS (
		    SELECT FROM memberships m WHERE m.company_id = @company AND m.person_id = @person LIMIT 1
		), changed AS (
		    INSERT INTO membership_events (company_id, person_id, role, action, actor_id)
		    SELECT @company, @person, @role, @action, @actor FROM known
		)
		SELECT count(*) FROM known`
	var known int
	err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "person": person, "role": role, "action": action, "actor": by.Person,
	}).Scan(&known)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: %s role: %w", action, refusal(err))
	case known == 0:
		return card.ErrNotFound
	}
	return nil
}

// RemoveUser ends all roles of a user in the actor's company. ErrNotFound: who works there no more, or the actor is no administrator.
// Other errors as of TakeRole.
func (s *Store) RemoveUser(ctx context.Context, by account.Actor, person account.PersonID) error {
	if !administers(by) {
		return card.ErrNotFound
	}
	const q = `
		INSERT INTO membership_events (company_id, person_id, role, action, actor_id)
		SELECT m.company_id, m.person_id, m.role, 'end', @actor
		FROM memberships m
		WHERE m.company_id = @company AND m.person_id = @person AND m.ended_at IS NULL`
	tag, err := s.db.Exec(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "person": person, "actor": by.Person})
	if err != nil {
		return fmt.Errorf("postgres: remove user: %w", refusal(err))
	}
	if tag.RowsAffected() == 0 {
		return card.ErrNotFound
	}
	return nil
}
