package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
)

// handedOverByJob is how many cards the job hands over in one transaction.
const handedOverByJob = 500

// handOverFor is how long a job goes on. What is left then is done by its next turn, so that none keeps a process from stopping.
const handOverFor = 10 * time.Second

// HandOver is Act for a hand-over of one card, after which both orderers are written to.
func (s *Store) HandOver(ctx context.Context, by account.Actor, do card.Command) (done card.Acted, err error) {
	do.Action = card.HandOver
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		told := handedOver{company: by.Company, to: do.Successor, cards: 1}
		// Another version is refused below, so that this is whose card it was.
		const q = `SELECT c.orderer_id FROM cards c WHERE c.id = @card AND c.company_id = @company`
		if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"card": do.Card, "company": by.Company}).Scan(&told.from); err != nil {
			return fmt.Errorf("postgres: hand over: %w", refusal(err))
		}
		if done.Version, err = takeAction(ctx, tx, by, do); err != nil {
			return fmt.Errorf("postgres: hand over: %w", refusal(err))
		}
		return s.tellOfHandOver(ctx, tx, told)
	})
	return done, err
}

// handedOver is how many cards of a company one orderer took over from another.
type handedOver struct {
	company  account.CompanyID
	from, to account.PersonID
	cards    int
}

// tellOfHandOver writes to both orderers, one mail each however many cards there are. Who has no log-in is told by the pages alone.
func (s *Store) tellOfHandOver(ctx context.Context, tx pgx.Tx, h handedOver) error {
	if h.cards == 0 {
		return nil
	}
	handed := message{template: messages.CardsHandedOver, company: h.company, person: h.from, data: messages.Data{Cards: h.cards}}
	taken := message{template: messages.CardsTakenOver, company: h.company, person: h.to, data: messages.Data{Cards: h.cards}}
	const q = `
		SELECT c.name, f.given_name || ' ' || f.family_name, t.given_name || ' ' || t.family_name
		FROM companies c CROSS JOIN persons f CROSS JOIN persons t
		WHERE c.id = @company AND f.id = @from AND t.id = @to`
	err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"company": h.company, "from": h.from, "to": h.to}).
		Scan(&handed.data.Company, &taken.data.Orderer, &handed.data.Orderer)
	if err != nil {
		return fmt.Errorf("postgres: tell of a hand-over: %w", err)
	}
	taken.data.Company = handed.data.Company
	if _, err := s.enqueueMessages(ctx, tx, []message{handed, taken}); err != nil {
		return fmt.Errorf("postgres: tell of a hand-over: %w", refusal(err))
	}
	return nil
}

// HandOverAll hands all cards of a person over to an orderer, a few at once and many by a job, and ends with the last of them what is to end.
// Who is removed by another is no administrator from now on. Both are written to when it is done. ErrNotFound: nobody of the actor's company,
// or the actor is no administrator. ErrNotAllowed: the successor is no orderer or the same person, or another hand-over is in the way.
// ErrReason, ErrNote: the justification does not fit. ErrLastAdministrator: the company cannot do without who is to be removed. ErrStale: what
// was planned for a card became due just now.
func (s *Store) HandOverAll(ctx context.Context, by account.Actor, n card.NewHandOver) (id card.HandOverID, err error) {
	if !administers(by) {
		return 0, card.ErrNotFound
	}
	if n.Reason == "" {
		n.Reason = card.NoReason
	}
	if n.ThenEnds == "" {
		n.ThenEnds = card.EndsNothing
	}
	if err := s.SettleDue(ctx, by.Person); err != nil {
		return 0, err
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		const q = `
			INSERT INTO hand_overs (company_id, from_id, to_id, reason, note, then_ends, asked_by)
			SELECT @company, @from, @to, @reason, @note, @then_ends, @person
			WHERE EXISTS (SELECT FROM memberships m WHERE m.company_id = @company AND m.person_id = @from)
			   OR EXISTS (SELECT FROM cards c WHERE c.company_id = @company AND c.orderer_id = @from)
			RETURNING id`
		err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{
			"company": by.Company, "from": n.From, "to": n.To, "reason": n.Reason, "note": n.Note, "then_ends": n.ThenEnds, "person": by.Person,
		}).Scan(&id)
		if err != nil {
			return refusal(err)
		}
		more, err := s.handOverSome(ctx, tx, id, card.HandedOverAtOnce)
		if err == nil && more {
			_, err = s.jobs.InsertTx(ctx, tx, handOver{HandOver: id}, nil)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: hand over all: %w", err)
	}
	return id, nil
}

// handOverSome hands over the next cards, and says whether more are left. Both orderers are written to with the last.
func (s *Store) handOverSome(ctx context.Context, tx pgx.Tx, id card.HandOverID, limit int) (more bool, err error) {
	var answer string
	args := pgx.StrictNamedArgs{"hand_over": id, "limit": limit}
	if err := tx.QueryRow(ctx, `SELECT hand_over_some(@hand_over, @limit)`, args).Scan(&answer); err != nil {
		return false, refusal(err)
	}
	if answer != "finished" {
		return answer == "more", nil
	}
	var told handedOver
	const q = `SELECT h.company_id, h.from_id, h.to_id, h.done FROM hand_overs h WHERE h.id = @hand_over`
	if err := tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"hand_over": id}).Scan(&told.company, &told.from, &told.to, &told.cards); err != nil {
		return false, err
	}
	return false, s.tellOfHandOver(ctx, tx, told)
}

// handOver is the job that carries out a hand-over of many cards.
type handOver struct {
	HandOver card.HandOverID `json:"hand_over"`
}

// Kind names the job in the queue.
func (handOver) Kind() string { return "hand_over" }

// InsertOpts makes sure that the queue never gives up before the hand-over is finished.
func (handOver) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1000, Queue: houseQueue}
}

// handOverWorker hands over many cards.
type handOverWorker struct {
	river.WorkerDefaults[handOver]
	store *Store
}

// Work hands over some hundred cards in each transaction. Interrupted, it goes on where it was: what is done belongs to the successor.
func (w *handOverWorker) Work(ctx context.Context, job *river.Job[handOver]) error {
	for began := time.Now(); time.Since(began) < handOverFor; {
		if err := w.store.SettleDue(ctx, 0); err != nil {
			return err
		}
		var more bool
		err := w.store.inTx(ctx, func(tx pgx.Tx) (err error) {
			more, err = w.store.handOverSome(ctx, tx, job.Args.HandOver, handedOverByJob)
			return err
		})
		switch {
		case errors.Is(err, card.ErrStale): // an action on one of the cards came at the same moment, or became due
		case err != nil:
			return fmt.Errorf("postgres: hand over: %w", err)
		case !more:
			return nil
		}
	}
	return river.JobSnooze(0)
}

// handOverColumns of hand-over h, with the persons it is about.
const handOverColumns = `
	h.id, h.from_id, f.given_name, f.family_name, t.given_name, t.family_name, h.reason, h.note, h.then_ends, a.given_name, a.family_name, h.asked_at,
	h.cards, h.done, h.finished_at, coalesce(h.refused_by, '')
	FROM hand_overs h
	JOIN persons f ON f.id = h.from_id
	JOIN persons t ON t.id = h.to_id
	JOIN persons a ON a.id = h.asked_by`

func scanHandOver(row pgx.CollectableRow) (h card.HandOverAll, err error) {
	var finished *time.Time
	err = row.Scan(&h.ID, &h.FromID, &h.From.Given, &h.From.Family, &h.To.Given, &h.To.Family, &h.Reason, &h.Note, &h.ThenEnds,
		&h.By.Given, &h.By.Family, &h.Asked, &h.Cards, &h.Done, &finished, &h.Refusal)
	h.Finished = day(finished)
	return h, err
}

// HandOverOf is a hand-over of all cards of somebody in the actor's company. ErrNotFound: there is none, or the actor is no administrator.
func (s *Store) HandOverOf(ctx context.Context, by account.Actor, id card.HandOverID) (card.HandOverAll, error) {
	if !administers(by) {
		return card.HandOverAll{}, card.ErrNotFound
	}
	const q = `SELECT ` + handOverColumns + ` WHERE h.id = @hand_over AND h.company_id = @company`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"hand_over": id, "company": by.Company})
	if err != nil {
		return card.HandOverAll{}, fmt.Errorf("postgres: hand-over: %w", err)
	}
	h, err := pgx.CollectExactlyOneRow(rows, scanHandOver)
	if err != nil {
		return card.HandOverAll{}, fmt.Errorf("postgres: hand-over: %w", refusal(err))
	}
	return h, nil
}

// HandOvers are those from one person in the actor's company, or those that go on there when person is zero; the newest first.
// ErrNotFound: the actor is no administrator.
func (s *Store) HandOvers(ctx context.Context, by account.Actor, person account.PersonID) ([]card.HandOverAll, error) {
	if !administers(by) {
		return nil, card.ErrNotFound
	}
	const q = `
		SELECT ` + handOverColumns + `
		WHERE h.company_id = @company AND CASE WHEN @person = 0 THEN h.finished_at IS NULL ELSE h.from_id = @person END
		ORDER BY h.id DESC
		LIMIT 50`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"company": by.Company, "person": person})
	if err != nil {
		return nil, fmt.Errorf("postgres: hand-overs: %w", err)
	}
	all, err := pgx.CollectRows(rows, scanHandOver)
	if err != nil {
		return nil, fmt.Errorf("postgres: hand-overs: %w", err)
	}
	return all, nil
}

// HandOverReasons are those that go with a hand-over, in the order of the pages.
func (s *Store) HandOverReasons(ctx context.Context) ([]card.Reason, error) {
	const q = `SELECT r.reason FROM card_reasons r WHERE r.action = @action ORDER BY r.position`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"action": card.HandOver})
	if err != nil {
		return nil, fmt.Errorf("postgres: reasons of a hand-over: %w", err)
	}
	reasons, err := pgx.CollectRows(rows, pgx.RowTo[card.Reason])
	if err != nil {
		return nil, fmt.Errorf("postgres: reasons of a hand-over: %w", err)
	}
	return reasons, nil
}
