package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// batchesOnPage is how many batches a page lists.
const batchesOnPage = 25

// Production is what waits to be produced, by which rules, and the batches made so far, before one or from the latest.
func (s *Store) Production(ctx context.Context, by account.Actor, before card.BatchID) (card.ProductionDesk, error) {
	if err := atDesk(by); err != nil {
		return card.ProductionDesk{}, err
	}
	const waiting = `
		SELECT count(*) FILTER (WHERE w.kind = 'standard'), count(*) FILTER (WHERE w.kind = 'visitor'),
		       (SELECT s.supplier || '-' || left(d.digits, 4) || '-' || substr(d.digits, 5)
		        FROM card_series s CROSS JOIN LATERAL (SELECT lpad(s.next_number::text, 10, '0') AS digits) d ORDER BY s.supplier LIMIT 1),
		       (SELECT max(v.valid_from) FROM validity_rules v WHERE v.valid_from <= today())
		FROM (SELECT c.kind FROM cards_to_produce c WHERE c.status IN ('reviewed', 'approved') LIMIT @limit) w`
	var p card.ProductionDesk
	err := s.db.QueryRow(ctx, waiting, pgx.StrictNamedArgs{"limit": card.MaxBatch + 1}).Scan(&p.Standard.N, &p.Visitor.N, &p.NextNumber, &p.RulesFrom)
	if err != nil {
		return card.ProductionDesk{}, fmt.Errorf("postgres: production: %w", err)
	}
	if p.Standard.N+p.Visitor.N > card.MaxBatch {
		p.Standard.Capped, p.Visitor.Capped = true, true
	}
	const rules = `
		SELECT coalesce(r.kind, ''), coalesce(r.citizenship, ''), coalesce(r.identity, ''), coalesce(r.company, ''), r.months
		FROM validity_rules r WHERE r.valid_from = @from ORDER BY r.position`
	rows, err := s.db.Query(ctx, rules, pgx.StrictNamedArgs{"from": p.RulesFrom})
	if err != nil {
		return card.ProductionDesk{}, fmt.Errorf("postgres: validity rules: %w", err)
	}
	if p.Rules, err = pgx.CollectRows(rows, pgx.RowToStructByPos[card.ValidityRule]); err != nil {
		return card.ProductionDesk{}, fmt.Errorf("postgres: validity rules: %w", err)
	}
	const batches = `
		SELECT ` + batchColumns + `
		FROM production_batches b JOIN persons m ON m.id = b.made_by ` + batchCounts + `
		WHERE @before::bigint = 0 OR b.id < @before
		ORDER BY b.id DESC
		LIMIT @limit`
	rows, err = s.db.Query(ctx, batches, pgx.StrictNamedArgs{"before": before, "limit": batchesOnPage + 1})
	if err != nil {
		return card.ProductionDesk{}, fmt.Errorf("postgres: batches: %w", err)
	}
	if p.Batches, err = pgx.CollectRows(rows, scanBatch); err != nil {
		return card.ProductionDesk{}, fmt.Errorf("postgres: batches: %w", err)
	}
	if len(p.Batches) > batchesOnPage {
		p.Batches = p.Batches[:batchesOnPage]
		p.Next = p.Batches[batchesOnPage-1].ID
	}
	return p, nil
}

const batchColumns = `b.id, m.given_name, m.family_name, b.created_at, n.cards, n.made, n.spoiled, n.withdrawn, n.open`

const batchCounts = `
	CROSS JOIN LATERAL (
	    SELECT count(*) AS cards, count(*) FILTER (WHERE p.outcome = 'made') AS made, count(*) FILTER (WHERE p.outcome = 'spoiled') AS spoiled,
	           count(*) FILTER (WHERE p.outcome = 'withdrawn') AS withdrawn, count(*) FILTER (WHERE p.outcome IS NULL) AS open
	    FROM production_cards p WHERE p.batch_id = b.id
	) n`

func scanBatch(row pgx.CollectableRow) (b card.Batch, err error) {
	err = row.Scan(&b.ID, &b.MadeBy.Given, &b.MadeBy.Family, &b.MadeAt, &b.Cards, &b.Made, &b.Spoiled, &b.Withdrawn, &b.Open)
	return b, err
}

// MakeBatch puts the oldest cards that wait for production into a batch, at most so many, and gives each its number and its last day of
// validity. ErrNotFound: nothing waits, or the actor is not at the desk.
func (s *Store) MakeBatch(ctx context.Context, by account.Actor, cards int) (card.BatchID, error) {
	if err := atDesk(by); err != nil {
		return 0, err
	}
	const q = `SELECT make_batch(@person, (SELECT min(s.supplier) FROM card_series s), @cards)`
	var id *card.BatchID
	if err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"person": by.Person, "cards": cards}).Scan(&id); err != nil {
		return 0, fmt.Errorf("postgres: make a batch: %w", refusal(err))
	}
	if id == nil {
		return 0, card.ErrNotFound
	}
	return *id, nil
}

// Batch is a batch with a page of its cards, after a number or from the first. ErrNotFound: there is none, or not for this actor. A look
// is logged, or not given.
func (s *Store) Batch(ctx context.Context, by account.Actor, id card.BatchID, after card.Number) (card.BatchPage, error) {
	if err := atDesk(by); err != nil {
		return card.BatchPage{}, err
	}
	const q = `SELECT ` + batchColumns + ` FROM production_batches b JOIN persons m ON m.id = b.made_by ` + batchCounts + ` WHERE b.id = @batch`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"batch": id})
	if err != nil {
		return card.BatchPage{}, fmt.Errorf("postgres: batch: %w", err)
	}
	var p card.BatchPage
	if p.Batch, err = pgx.CollectExactlyOneRow(rows, scanBatch); err != nil {
		return card.BatchPage{}, fmt.Errorf("postgres: batch: %w", refusal(err))
	}
	p.Rows, err = s.batchCards(ctx, `b.number > @after ORDER BY b.number LIMIT @limit`, pgx.StrictNamedArgs{"batch": id, "after": after, "limit": card.PageSize + 1})
	if err != nil {
		return card.BatchPage{}, err
	}
	if len(p.Rows) > card.PageSize {
		p.Rows = p.Rows[:card.PageSize]
		p.Next = p.Rows[card.PageSize-1].Number
	}
	p.Changed, err = s.batchCards(ctx, `(b.outcome = 'withdrawn' OR b.outcome IS NULL AND c.version <> b.version) ORDER BY b.number LIMIT 200`, pgx.StrictNamedArgs{"batch": id})
	if err != nil {
		return card.BatchPage{}, err
	}
	var seen []card.ID
	for _, list := range [][]card.BatchCard{p.Rows, p.Changed} {
		for _, r := range list {
			seen = append(seen, r.ID)
		}
	}
	return p, s.logLook(ctx, by, "production", seen)
}

func (s *Store) batchCards(ctx context.Context, which string, args pgx.StrictNamedArgs) ([]card.BatchCard, error) {
	q := `
		SELECT ` + rowColumns + `, b.number, b.valid_to, coalesce(b.outcome, ''), b.outcome IS NULL AND c.version <> b.version
		FROM production_cards b JOIN cards c ON c.id = b.card_id ` + rowTables + `
		WHERE b.batch_id = @batch AND ` + which
	rows, err := s.db.Query(ctx, q, args)
	if err != nil {
		return nil, fmt.Errorf("postgres: cards of a batch: %w", err)
	}
	cards, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (b card.BatchCard, err error) {
		var number card.Number
		var validTo time.Time
		b.Row, err = scanRowWith(row, &number, &validTo, &b.Outcome, &b.Changed)
		b.Number, b.ValidTo = number, validTo
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: cards of a batch: %w", err)
	}
	return cards, nil
}

// Prints are what the bureau makes of a batch, by number: its cards as they were approved, but for those changed since and those
// spoiled. ErrNotFound: there is no such batch, or not for this actor. The look is logged, or not given.
func (s *Store) Prints(ctx context.Context, by account.Actor, id card.BatchID) ([]card.Print, error) {
	if err := atDesk(by); err != nil {
		return nil, err
	}
	const q = `
		SELECT b.card_id, b.number, c.kind, coalesce(b.printed_given_name, ''), coalesce(b.printed_family_name, ''), b.printed_company,
		       b.printed_org_number, b.valid_to, coalesce(ph.there, false), coalesce(o.deliver_to, ''), coalesce(o.reference, ''),
		       m.created_at
		FROM production_batches m
		JOIN production_cards b ON b.batch_id = m.id
		JOIN cards c ON c.id = b.card_id
		LEFT JOIN LATERAL (SELECT x.* FROM card_orders x WHERE x.card_id = b.card_id AND x.seq <= b.version ORDER BY x.seq DESC LIMIT 1) o ON true
		LEFT JOIN pictures ph ON ph.id = o.photo_id
		WHERE m.id = @batch AND (b.outcome = 'made' OR b.outcome IS NULL AND c.version = b.version)
		ORDER BY b.number`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"batch": id})
	if err != nil {
		return nil, fmt.Errorf("postgres: prints: %w", err)
	}
	var seen []card.ID
	prints, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p card.Print, err error) {
		var id card.ID
		err = row.Scan(&id, &p.Number, &p.Kind, &p.Name.Given, &p.Name.Family, &p.Company, &p.OrgNumber, &p.ValidTo, &p.HasPhoto, &p.DeliverTo,
			&p.Reference, &p.MadeAt)
		seen = append(seen, id)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: prints: %w", err)
	}
	if len(prints) == 0 {
		return nil, card.ErrNotFound
	}
	return prints, s.logLook(ctx, by, "production", seen)
}

// PrintPhotos are the photos of some cards of a batch, as they were approved. Whoever has seen the Prints asks for them.
func (s *Store) PrintPhotos(ctx context.Context, by account.Actor, id card.BatchID, numbers []card.Number) ([]card.PrintPhoto, error) {
	if err := atDesk(by); err != nil {
		return nil, err
	}
	const q = `
		SELECT b.number, y.key
		FROM production_cards b
		JOIN LATERAL (SELECT x.photo_id FROM card_orders x WHERE x.card_id = b.card_id AND x.seq <= b.version ORDER BY x.seq DESC LIMIT 1) o ON true
		JOIN pictures y ON y.id = o.photo_id
		WHERE b.batch_id = @batch AND b.number = ANY (@numbers) AND y.there
		ORDER BY b.number`
	rows, err := s.db.Query(ctx, q, pgx.StrictNamedArgs{"batch": id, "numbers": numbers})
	if err != nil {
		return nil, fmt.Errorf("postgres: photos of a batch: %w", err)
	}
	var keys []string
	photos, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p card.PrintPhoto, err error) {
		var key string
		err = row.Scan(&p.Number, &key)
		keys = append(keys, key)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: photos of a batch: %w", err)
	}
	for i, key := range keys {
		if photos[i].JPEG, err = s.pictures.Get(ctx, key); err != nil {
			return nil, err
		}
	}
	return photos, nil
}

// AnswerBatch takes the bureau's answer: the cards made are produced, the spoiled ones wait again. With faults nothing is done. ErrNotFound:
// there is no such batch, or not for this actor. ErrStale: a card was changed at the same moment; the same answer is taken when given again.
func (s *Store) AnswerBatch(ctx context.Context, by account.Actor, id card.BatchID, lines []card.AnswerLine) (done card.Answered, faults []card.AnswerFault, err error) {
	if err := atDesk(by); err != nil {
		return card.Answered{}, nil, err
	}
	numbers, chips, outcomes := make([]string, len(lines)), make([]string, len(lines)), make([]string, len(lines))
	made, given := make([]bool, len(lines)), make([]*string, len(lines))
	for i, l := range lines {
		numbers[i], chips[i], outcomes[i] = l.Number, l.Chip, l.Outcome
		made[i], given[i] = card.Outcome(l.Outcome) == card.Made, orNull(l.Chip)
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		// Answers to one batch come one after another, each with a look at what the one before has left.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('answer', @batch))`, pgx.StrictNamedArgs{"batch": id}); err != nil {
			return err
		}
		before, err := batchOutcomes(ctx, tx, id)
		if err != nil {
			return err
		}
		const check = `SELECT f.line, f.field, f.fault FROM answer_faults(@batch, @numbers, @chips, @outcomes) f LIMIT 200`
		rows, err := tx.Query(ctx, check, pgx.StrictNamedArgs{"batch": id, "numbers": numbers, "chips": chips, "outcomes": outcomes})
		if err != nil {
			return err
		}
		if faults, err = pgx.CollectRows(rows, pgx.RowToStructByPos[card.AnswerFault]); err != nil || len(faults) > 0 {
			return err
		}
		// Ten thousand cards take longer than a page may.
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = '50s'`); err != nil {
			return err
		}
		const answer = `SELECT answer_batch(@person, @batch, @numbers, @chips, @made)`
		if _, err := tx.Exec(ctx, answer, pgx.StrictNamedArgs{"person": by.Person, "batch": id, "numbers": numbers, "chips": given, "made": made}); err != nil {
			return err
		}
		if err := s.tellOfBatch(ctx, tx, id); err != nil {
			return err
		}
		after, err := batchOutcomes(ctx, tx, id)
		done = card.Answered{Made: after.Made - before.Made, Spoiled: after.Spoiled - before.Spoiled, Withdrawn: after.Withdrawn - before.Withdrawn}
		return err
	})
	if err != nil {
		return card.Answered{}, nil, fmt.Errorf("postgres: answer a batch: %w", refusal(err))
	}
	return done, faults, nil
}

// tellOfBatch writes to the holders of the cards that this transaction has produced: those answered at its own time.
func (s *Store) tellOfBatch(ctx context.Context, tx pgx.Tx, id card.BatchID) error {
	const q = `
		SELECT p.card_id FROM production_cards p
		WHERE p.batch_id = @batch AND p.outcome = 'made' AND p.answered_at = clock_now()
		ORDER BY p.card_id`
	rows, err := tx.Query(ctx, q, pgx.StrictNamedArgs{"batch": id})
	if err != nil {
		return err
	}
	produced, err := pgx.CollectRows(rows, pgx.RowTo[card.ID])
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, card.Produce, produced...)
}

// batchOutcomes are what became of the cards of a batch so far.
func batchOutcomes(ctx context.Context, tx pgx.Tx, id card.BatchID) (a card.Answered, err error) {
	const q = `
		SELECT n.made, n.spoiled, n.withdrawn FROM production_batches b ` + batchCounts + ` WHERE b.id = @batch`
	err = tx.QueryRow(ctx, q, pgx.StrictNamedArgs{"batch": id}).Scan(&a.Made, &a.Spoiled, &a.Withdrawn)
	return a, err
}
