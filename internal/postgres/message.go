package postgres

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
)

// message is a mail to be sent.
type message struct {
	template messages.Template
	person   account.PersonID  // the receiver
	company  account.CompanyID // whose users see it; zero for mails about an account
	card     card.ID           // zero when it is about none
	email    account.Email     // empty for the address of the receiver's login
	language string            // empty for the language of the receiver's login, without one Swedish
	data     messages.Data
}

// enqueueMessage writes a message and the job that sends it, in the transaction of what it follows from: either both happen or neither.
// ErrNoAddress: no address was given and the receiver has no login.
func (s *Store) enqueueMessage(ctx context.Context, tx pgx.Tx, m message) error {
	n, err := s.enqueueMessages(ctx, tx, []message{m})
	if err == nil && n == 0 {
		err = messages.ErrNoAddress
	}
	if err != nil {
		return fmt.Errorf("postgres: message %s: %w", m.template, refusal(err))
	}
	return nil
}

// sendAll puts the jobs into the queue that send messages, in the transaction in which they were written.
func (s *Store) sendAll(ctx context.Context, tx pgx.Tx, written []messages.ID) error {
	if len(written) == 0 {
		return nil
	}
	jobs := make([]river.InsertManyParams, len(written))
	for i, id := range written {
		jobs[i].Args = sendMessage{Message: id}
	}
	_, err := s.jobs.InsertManyFastTx(ctx, tx, jobs)
	return err
}

// enqueueMessages is enqueueMessage for many, and says how many there are: a message without an address is left out.
func (s *Store) enqueueMessages(ctx context.Context, tx pgx.Tx, all []message) (int, error) {
	rows := make([]messageRow, len(all))
	for i, m := range all {
		rows[i] = messageRow{
			Company: orNull(m.company), Person: m.person, Card: orNull(m.card), Email: orNull(m.email), Template: m.template,
			Language: orNull(m.language), Data: m.data,
		}
	}
	data, err := json.Marshal(rows)
	if err != nil {
		return 0, err
	}
	const q = `
		INSERT INTO messages (company_id, person_id, card_id, card_kind, email, template, language, data)
		SELECT m.company_id, m.person_id, m.card_id, c.kind, coalesce(m.email, l.email), m.template, coalesce(m.language, l.language, 'sv'), m.data
		FROM jsonb_array_elements(@messages) WITH ORDINALITY e (element, nth)
		CROSS JOIN jsonb_populate_record(NULL::messages, e.element) m
		LEFT JOIN logins l ON l.person_id = m.person_id
		LEFT JOIN cards c ON c.id = m.card_id
		WHERE coalesce(m.email, l.email) IS NOT NULL
		ORDER BY e.nth
		RETURNING id`
	found, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"messages": string(data)})
	if err != nil {
		return 0, err
	}
	written, err := pgx.CollectRows(found, pgx.RowTo[messages.ID])
	if err != nil {
		return 0, err
	}
	return len(written), s.sendAll(ctx, tx, written)
}

// messageRow is a message as its table has it.
type messageRow struct {
	Company  *account.CompanyID `json:"company_id"`
	Person   account.PersonID   `json:"person_id"`
	Card     *card.ID           `json:"card_id"`
	Email    *account.Email     `json:"email"`
	Template messages.Template  `json:"template"`
	Language *string            `json:"language"`
	Data     messages.Data      `json:"data"`
}

// ofItsCompany reports whether the actor may see what the portal wrote about the company's cards.
func ofItsCompany(by account.Actor) bool {
	return by.Company != 0 && (by.Is(account.Administrator) || by.Is(account.Orderer))
}

// The columns of message m in a list, with its state t, its receiver p, its card c and the card's holder h, who is named as the company ordered it and
// not as others have registered the person. Whose own address it went to is nobody else's matter. Only the last message about a card is worth sending again.
const (
	messageColumns = `
		m.id, CASE WHEN p.id = h.id THEN coalesce(c.printed_given_name, h.given_name) ELSE p.given_name END,
		CASE WHEN p.id = h.id THEN coalesce(c.printed_family_name, h.family_name) ELSE p.family_name END, m.template, coalesce(c.id, 0), coalesce(c.number, ''),
		coalesce(c.printed_given_name, h.given_name, ''), coalesce(c.printed_family_name, h.family_name, ''),
		m.created_at, t.state, t.attempts, t.last_at, coalesce(t.error, ''),
		CASE WHEN EXISTS (SELECT FROM card_orders o WHERE o.card_id = m.card_id AND o.email = m.email) THEN m.email ELSE '' END,
		t.state <> 'waiting' AND NOT EXISTS (SELECT FROM messages n WHERE n.card_id = m.card_id AND n.id > m.id) AND resend_refusal(c) IS NULL`
	messageTables = `
		JOIN persons p ON p.id = m.person_id
		JOIN message_states t ON t.message_id = m.id
		LEFT JOIN cards c ON c.company_id = m.company_id AND c.id = m.card_id
		LEFT JOIN persons h ON h.id = c.person_id`
)

func scanMessage(row pgx.CollectableRow) (r messages.Row, err error) {
	var last *time.Time
	err = row.Scan(&r.ID, &r.Receiver.Given, &r.Receiver.Family, &r.Template, &r.Card, &r.Number, &r.Holder.Given, &r.Holder.Family,
		&r.Created, &r.State, &r.Attempts, &last, &r.Problem, &r.Address, &r.Resendable)
	r.LastAt = day(last)
	return r, err
}

// Messages are those of the actor's company, the newest first, from the one before a message on; zero for the first page.
// ErrNotFound: the actor works for no company.
func (s *Store) Messages(ctx context.Context, by account.Actor, before messages.ID) (messages.Page, error) {
	if !ofItsCompany(by) {
		return messages.Page{}, card.ErrNotFound
	}
	const q = `
		SELECT ` + messageColumns + `
		FROM (
		    SELECT x.* FROM messages x
		    WHERE x.company_id = @company AND x.id < coalesce(@before, 9223372036854775807)
		    ORDER BY x.id DESC LIMIT @limit
		) m ` + messageTables + `
		ORDER BY m.id DESC`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "before": orNull(before), "limit": messages.PageSize + 1})
	if err != nil {
		return messages.Page{}, fmt.Errorf("postgres: messages: %w", err)
	}
	var page messages.Page
	page.Rows, err = pgx.CollectRows(rows, scanMessage)
	if err != nil {
		return messages.Page{}, fmt.Errorf("postgres: messages: %w", err)
	}
	if len(page.Rows) > messages.PageSize {
		page.Rows = page.Rows[:messages.PageSize]
		page.Next = page.Rows[messages.PageSize-1].ID
	}
	return page, nil
}

// attempt is one that has begun.
type attempt struct {
	answer string // as of begin_attempt
	n      int
}

// beginAttempt writes down that a message is about to be sent, unless it has been.
func (s *Store) beginAttempt(ctx context.Context, id messages.ID) (attempt, error) {
	const q = `SELECT b.answer, coalesce(b.n, 0) FROM begin_attempt(@message) b`
	var a attempt
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"message": id}).Scan(&a.answer, &a.n); err != nil {
		return attempt{}, fmt.Errorf("postgres: begin an attempt: %w", err)
	}
	return a, nil
}

// endAttempt writes down what became of an attempt: sent without a problem, else failed, or deferred when there will be another.
func (s *Store) endAttempt(ctx context.Context, id messages.ID, n int, problem messages.Problem, final bool) error {
	outcome := "sent"
	switch {
	case problem != "" && final:
		outcome = "failed"
	case problem != "":
		outcome = "deferred"
	}
	const q = `SELECT end_attempt(@message, @n, @outcome, @error)`
	args := pgx.StrictNamedArgs{"message": id, "n": n, "outcome": outcome, "error": orNull(problem)}
	if _, err := s.db.Exec(ctx, q, args); err != nil {
		return fmt.Errorf("postgres: end an attempt: %w", err)
	}
	return nil
}

// letter is a message with what its mail needs. A link in it is made now, and kept as a hash only.
func (s *Store) letter(ctx context.Context, id messages.ID) (messages.Letter, error) {
	l := messages.Letter{ID: id}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		const q = `
			SELECT m.template, m.person_id, p.given_name, m.email, m.language, m.data, coalesce(m.card_id, 0), c.person_id IS NOT DISTINCT FROM m.person_id,
			       coalesce(t.purpose, '')
			FROM messages m
			JOIN persons p ON p.id = m.person_id
			JOIN message_templates t ON t.template = m.template
			LEFT JOIN cards c ON c.id = m.card_id
			WHERE m.id = @message`
		err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"message": id}).
			Scan(&l.Template, &l.Person, &l.Name, &l.Email, &l.Language, &l.Data, &l.Card, &l.Own, &l.Link.Purpose)
		if err != nil || l.Link.Purpose == "" {
			return err
		}
		l.Link.Token = messages.Token(rand.Text())
		const link = `SELECT make_link(@message, @hash)`
		args := pgx.StrictNamedArgs{"message": id, "hash": hashToken(l.Link.Token.Reveal())}
		return tx.QueryRow(ctx, link, args).Scan(&l.Link.Expires)
	})
	if err != nil {
		return messages.Letter{}, fmt.Errorf("postgres: letter: %w", err)
	}
	return l, nil
}
