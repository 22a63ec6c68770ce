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

// What card c effectively is today. The day is asked once for a statement. OFFSET 0 asks for the card's company alone: without it Postgres gathers
// all suspended companies of the country first, for each list of a few cards.
const (
	isSuspended = "EXISTS (SELECT FROM suspended_companies x WHERE x.company_id = c.company_id OFFSET 0)"
	effective   = "effective_status(c.status, c.valid_to, " + isSuspended + ", (SELECT today()))"
)

// The columns of a card in a list. c is the card, p its holder, co its company, o its orderer.
const rowColumns = `
	c.id, c.version, c.kind, coalesce(c.number, ''), c.status,
	` + effective + `, c.valid_to,
	coalesce(c.printed_company, co.name),
	coalesce(c.printed_given_name, p.given_name, ''), coalesce(c.printed_family_name, p.family_name, ''),
	CASE WHEN p.personal_key IS NOT NULL THEN left(p.identity_number, 8) || '-****' ELSE coalesce(p.identity_country || ' ****', '') END,
	o.given_name, o.family_name`

// listedCards are the cards of the list @cards, as c; a condition on the company follows. OFFSET 0 looks them up first, one by one: beside the company's
// condition going through a company of average size looks as cheap, and compares each of its cards with the whole list.
const listedCards = "(SELECT n.* FROM cards n WHERE n.id = ANY (@cards::bigint[]) OFFSET 0) c "

// newerTable is nw, the card that a terminated or expired c has given way to or will, if there is one.
const newerTable = `
	LEFT JOIN LATERAL (
	    SELECT n.id, n.status FROM cards n
	    WHERE n.person_id = c.person_id AND n.company_id = c.company_id AND n.id > c.id AND (c.status = 'terminated' OR c.valid_to < (SELECT today()))
	      AND n.status NOT IN ('terminated', 'cancelled') AND (n.valid_to IS NULL OR n.valid_to >= (SELECT today()))
	    ORDER BY n.id DESC LIMIT 1) nw ON true`

const rowTables = `
	JOIN companies co ON co.id = c.company_id
	JOIN persons o ON o.id = c.orderer_id
	LEFT JOIN persons p ON p.id = c.person_id`

// rowFields are the places that rowColumns are scanned into.
func rowFields(r *card.Row, validTo **time.Time) []any {
	return []any{
		&r.ID, &r.Version, &r.Kind, &r.Number, &r.Status, &r.Effective, validTo, &r.Company,
		&r.Holder.Given, &r.Holder.Family, &r.Identity, &r.Orderer.Given, &r.Orderer.Family,
	}
}

// The three ways in which a card may be an actor's to see. Each uses exactly one of the arguments @company and @person.
const (
	ofCompany = "c.company_id = @company"
	ofHolder  = "c.person_id = @person"
	ofAll     = "true"
)

// scope is which cards the actor may see at all.
func scope(by account.Actor) (where string, err error) {
	switch {
	case by.Company != 0 && (by.Is(account.Orderer) || by.Is(account.Administrator)):
		return ofCompany, nil
	case by.Company == 0 && by.Is(account.Issuer):
		return ofAll, nil
	case by.Company == 0 && by.Is(account.Holder):
		return ofHolder, nil
	}
	return "", card.ErrNotFound
}

// inScope are the arguments of a query about the actor's cards: NamedArgs, because not every scope uses all of them.
func inScope(by account.Actor, more pgx.NamedArgs) pgx.NamedArgs {
	args := pgx.NamedArgs{"company": by.Company, "person": by.Person, "roles": by.Roles}
	for name, value := range more {
		args[name] = value
	}
	return args
}

// Card is the card with its history and with what this actor may do about it.
// ErrNotFound: there is none, or not for this actor. A look by the issuer is logged, or not given.
func (s *Store) Card(ctx context.Context, by account.Actor, id card.ID) (card.Card, error) {
	where, err := scope(by)
	if err != nil {
		return card.Card{}, err
	}
	var c card.Card
	if err := s.ask(ctx, askCard(by, where, id, &c)); err != nil {
		return card.Card{}, err
	}
	if where == ofAll {
		if err := s.logLook(ctx, by, "card", []card.ID{c.ID}); err != nil {
			return card.Card{}, err
		}
	}
	return c, nil
}

// CardPage is what the page of a card shows to a company or the issuer: the card, its order, whether it can be claimed and, to the company,
// its mails. All of it is asked for at once. Errors and the issuer's look as of Card.
func (s *Store) CardPage(ctx context.Context, by account.Actor, id card.ID) (p card.Page, mails messages.OfCard, err error) {
	where, err := scope(by)
	if err != nil {
		return card.Page{}, messages.OfCard{}, err
	}
	batch := &pgx.Batch{}
	for _, q := range []question{askCard(by, where, id, &p.Card), askDraft(by, where, id, &p.Order), askClaim(by, where, id, &p.Claim)} {
		batch.Queue(q.sql, q.args).QueryRow(q.read)
	}
	if ofItsCompany(by) {
		queueMessages(batch, by, id, &mails)
	}
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return card.Page{}, messages.OfCard{}, fmt.Errorf("postgres: page of a card: %w", refusal(err))
	}
	if where == ofAll {
		err = s.logLook(ctx, by, "card", []card.ID{id})
	}
	return p, mails, err
}

// question is a query for one row, and what reads it.
type question struct {
	sql  string
	args pgx.NamedArgs
	read func(pgx.Row) error
}

func (s *Store) ask(ctx context.Context, q question) error {
	return q.read(s.db.QueryRow(ctx, q.sql, q.args))
}

func askCard(by account.Actor, where string, id card.ID, c *card.Card) question {
	const q = `
		SELECT ` + rowColumns + `,
		       co.org_number, c.orderer_id, b.given_name, b.family_name,
		       s.works AND c.kind = 'standard' AND NOT x.expired AND NOT x.suspended,
		       NOT x.expired AND c.status = ANY (x.billed),
		       CASE WHEN x.expired OR x.ending THEN '' ELSE coalesce(w.role, '') END,
		       CASE WHEN x.expired THEN (c.valid_to + 1)::timestamp AT TIME ZONE 'Europe/Stockholm'
		            WHEN x.suspended AND s.works THEN (
		                SELECT u.since::timestamp AT TIME ZONE 'Europe/Stockholm' FROM suspended_companies u WHERE u.company_id = c.company_id) END,
		       (SELECT json_agg(json_build_object(
		                   'action', m.action, 'role', m.role,
		                   -- As card_refusal, of what is joined here already.
		                   'refusal', CASE WHEN t.action IS NULL THEN 'card_events_transition' ELSE coalesce(card_guard(c, m.action, @person, m.role), '') END,
		                   'plannable', a.plannable AND m.role = 'orderer',
		                   'later', l.action IS NOT NULL AND card_guard(c, m.action, @person, m.role) IS NULL,
		                   'grace_hours', CASE WHEN m.action = 'terminate' THEN co.grace_hours ELSE 0 END,
		                   'final', coalesce(ts.final, false),
		                   'undo', EXISTS (
		                       SELECT FROM card_transitions u JOIN card_permissions up ON up.action = u.action AND up.role = 'orderer'
		                       WHERE u.kind = c.kind AND u.from_status = t.to_status AND u.to_status = c.status AND u.action <> m.action
		                         AND card_guard(c, u.action, c.orderer_id, 'orderer') IS NULL),
		                   'to', json_build_object(
		                       'effective', effective_status(ts.status, c.valid_to, x.suspended, x.day),
		                       'works', coalesce(ts.works AND c.kind = 'standard' AND NOT x.expired AND NOT x.suspended, false),
		                       'billed', NOT x.expired AND coalesce(ts.status = ANY (x.billed), false)),
		                   'reasons', (SELECT json_agg(r.reason ORDER BY r.position) FROM card_reasons r WHERE r.action = m.action AND r.offered))
		               ORDER BY a.position)
		        FROM card_permissions m
		        JOIN card_actions a ON a.action = m.action
		        LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = m.action AND t.from_status = c.status
		        LEFT JOIN card_transitions l ON l.kind = c.kind AND l.action = m.action AND l.from_status = x.later
		             AND t.action IS NULL AND a.plannable AND m.role = 'orderer'
		        LEFT JOIN card_statuses ts ON ts.status = coalesce(t.to_status, l.to_status)
		        WHERE m.role = ANY (@shown_roles) AND m.action <> 'order'),
		       (SELECT json_agg(json_build_object(
		                   'seq', e.seq, 'at', e.occurred_at, 'action', e.action, 'from', e.from_status, 'to', e.to_status,
		                   'actor_id', e.actor_id, 'role', e.actor_role, 'reason', e.reason,
		                   'note', CASE WHEN 'holder' <> ALL (@roles) OR e.actor_id = @person THEN e.note ELSE '' END,
		                   'given', CASE WHEN e.actor_role <> 'issuer' OR 'issuer' = ANY (@roles) THEN ep.given_name END,
		                   'family', CASE WHEN e.actor_role <> 'issuer' OR 'issuer' = ANY (@roles) THEN ep.family_name END,
		                   'successor_given', sp.given_name, 'successor_family', sp.family_name)
		               ORDER BY e.seq)
		        FROM card_events e
		        LEFT JOIN persons ep ON ep.id = e.actor_id
		        LEFT JOIN persons sp ON sp.id = e.successor_id
		        WHERE e.card_id = c.id),
		       (SELECT json_agg(json_build_object(
		                   'at', m.created_at, 'reader', m.reader, 'given', mp.given_name, 'family', mp.family_name, 'mailed', m.message_id IS NOT NULL)
		               ORDER BY m.created_at, m.reader)
		        FROM card_reminders m JOIN persons mp ON mp.id = m.person_id
		        WHERE m.card_id = c.id),
		       coalesce(dp.id, 0), coalesce(dp.given_name, ''), coalesce(dp.family_name, ''), dp.last_day,
		       (SELECT json_agg(json_build_object(` + plannedFields + `) ORDER BY pl.id)
		        FROM planned_actions pl ` + plannedTables + `
		        WHERE pl.card_id = c.id),
		       coalesce(nw.id, 0), coalesce(nw.status, '')
		FROM cards c ` + rowTables + `
		JOIN persons b ON b.id = c.ordered_by
		JOIN card_statuses s ON s.status = c.status
		LEFT JOIN card_waits w ON w.kind = c.kind AND w.status = c.status
		CROSS JOIN LATERAL (
		    SELECT d.day, coalesce(s.can_expire AND c.valid_to < d.day, false) AS expired, ` + isSuspended + ` AS suspended,
		           ARRAY(SELECT f.status FROM billed_statuses f) AS billed,
		           CASE WHEN EXISTS (SELECT FROM planned_actions pl WHERE pl.card_id = c.id AND pl.outcome IS NULL) THEN planned_status(c, 'infinity') END AS later,
		           EXISTS (SELECT FROM planned_actions pl WHERE pl.card_id = c.id AND pl.grace AND pl.outcome IS NULL) AS ending
		    FROM (SELECT today() AS day OFFSET 0) d
		    OFFSET 0 -- asked once, not at each of its places
		) x
		LEFT JOIN LATERAL (
		    SELECT y.id, y.given_name, y.family_name, d.last_day FROM current_deputies d JOIN persons y ON y.id = d.deputy_id
		    WHERE d.company_id = c.company_id AND d.orderer_id = c.orderer_id LIMIT 1) dp ON true
		` + newerTable + `
		WHERE c.id = @card AND `

	return question{q + where, inScope(by, pgx.NamedArgs{"card": id, "shown_roles": shownRoles(by)}), func(row pgx.Row) error {
		if err := readCard(row, c); err != nil {
			return fmt.Errorf("postgres: card: %w", refusal(err))
		}
		return nil
	}}
}

func readCard(row pgx.Row, c *card.Card) error {
	var (
		validTo *time.Time
		since   *time.Time
		choices []choiceJSON
		events  []eventJSON
		told    []reminderJSON
		plans   []plannedJSON
		until   *time.Time
	)
	fields := append(rowFields(&c.Row, &validTo),
		&c.OrgNumber, &c.OrdererID, &c.OrderedBy.Given, &c.OrderedBy.Family, &c.Works, &c.Billed, &c.WaitsFor, &since, &choices, &events, &told,
		&c.DeputyID, &c.Deputy.Given, &c.Deputy.Family, &until, &plans, &c.Newer.ID, &c.Newer.Status)
	if err := row.Scan(fields...); err != nil {
		return err
	}
	c.ValidTo, c.DeputyUntil = day(validTo), day(until)
	for _, e := range events {
		event := e.event()
		if event.From != event.To {
			c.Since = event.At
		}
		c.Events = append(c.Events, event)
	}
	if since != nil && since.After(c.Since) {
		c.Since = *since
	}
	for _, choice := range choices {
		c.Choices = append(c.Choices, choice.choice())
	}
	for _, r := range told {
		c.Reminders = append(c.Reminders, card.Reminder{
			At: r.At, Reader: r.Reader, Name: card.Name{Given: r.Given, Family: r.Family}, Mailed: r.Mailed,
		})
	}
	for _, p := range plans {
		c.PlannedActions = append(c.PlannedActions, p.plan())
	}
	return nil
}

// shownRoles are the roles whose actions a card's page speaks of: the actor's own, and in a company always the orderer's,
// so that an administrator reads who may end a card.
func shownRoles(by account.Actor) []account.Role {
	if by.Company == 0 || by.Is(account.Orderer) {
		return by.Roles
	}
	return append([]account.Role{account.Orderer}, by.Roles...)
}

// MyCards are the actor's own cards over all companies, at most 200: those that wait for the actor first, then the newest.
func (s *Store) MyCards(ctx context.Context, by account.Actor) ([]card.OwnCard, error) {
	const q = `
		SELECT ` + rowColumns + `, coalesce(n.action, ''), coalesce(nw.id, 0), coalesce(nw.status, '')
		FROM cards c ` + rowTables + newerTable + `
		LEFT JOIN LATERAL (
		    SELECT m.action
		    FROM card_waits w
		    JOIN card_permissions m ON m.role = w.role
		    JOIN card_transitions t ON t.kind = w.kind AND t.from_status = w.status AND t.action = m.action
		    JOIN card_actions a ON a.action = m.action
		    WHERE w.kind = c.kind AND w.status = c.status AND w.role = 'holder' AND card_guard(c, m.action, @person, 'holder') IS NULL
		    ORDER BY a.position
		    LIMIT 1
		) n ON true
		WHERE c.person_id = @person
		ORDER BY n.action IS NULL, c.id DESC
		LIMIT 200`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"person": by.Person})
	if err != nil {
		return nil, fmt.Errorf("postgres: my cards: %w", err)
	}
	cards, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (own card.OwnCard, err error) {
		own.Row, err = scanRowWith(row, &own.Next, &own.Newer.ID, &own.Newer.Status)
		return own, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: my cards: %w", err)
	}
	return cards, nil
}

// scanRowWith scans rowColumns and what follows them.
func scanRowWith(row pgx.CollectableRow, more ...any) (card.Row, error) {
	var r card.Row
	var validTo *time.Time
	if err := row.Scan(append(rowFields(&r, &validTo), more...)...); err != nil {
		return card.Row{}, err
	}
	r.ValidTo = day(validTo)
	return r, nil
}

func day(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

type choiceJSON struct {
	Action  card.Action
	Role    account.Role
	Refusal card.Rule
	Final   bool
	Undo    bool

	Plannable, Later bool
	GraceHours       int `json:"grace_hours"`

	To struct {
		Effective card.Status
		Works     bool
		Billed    bool
	}
	Reasons []card.Reason
}

func (c choiceJSON) choice() card.Choice {
	return card.Choice{
		Action: c.Action, Role: c.Role, Refusal: c.Refusal, Final: c.Final, Undo: c.Undo, To: card.State(c.To), Reasons: c.Reasons,
		Plannable: c.Plannable, Later: c.Later, GraceHours: c.GraceHours,
	}
}

type eventJSON struct {
	Seq             int
	At              time.Time
	Action          card.Action
	From, To        card.Status
	ActorID         account.PersonID `json:"actor_id"`
	Role            account.Role
	Reason          card.Reason
	Note            string
	Given, Family   string
	SuccessorGiven  string `json:"successor_given"`
	SuccessorFamily string `json:"successor_family"`
}

func (e eventJSON) event() card.Event {
	event := card.Event{
		Seq: e.Seq, At: e.At, Action: e.Action, From: e.From, To: e.To, ActorID: e.ActorID,
		Actor: card.Name{Given: e.Given, Family: e.Family}, Role: e.Role, Reason: e.Reason, Note: e.Note,
		Successor: card.Name{Given: e.SuccessorGiven, Family: e.SuccessorFamily},
	}
	if e.From == "none" {
		event.From = ""
	}
	return event
}

type reminderJSON struct {
	At            time.Time
	Reader        account.Role
	Given, Family string
	Mailed        bool
}
