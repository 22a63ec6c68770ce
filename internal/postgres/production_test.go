package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

func idOf(n int64) account.PersonID { return account.PersonID(n) }

func idText(id card.ID) string { return strconv.FormatInt(int64(id), 10) }

// approved makes n approved cards of the company, each with its order and photo, by whole sets of events.
func approved(t testing.TB, r *pgtest.Register, c *pgtest.Company, n int) {
	t.Helper()
	const order = `
		WITH person AS (
			INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
			SELECT 'passport', 'XX', 'MANY' || $1::bigint || 'N' || n, 'Maj', 'Många' || n FROM generate_series(1, $4::integer) n
			RETURNING id, given_name, family_name
		), c AS (
			INSERT INTO cards (company_id, kind, person_id, ordered_by) SELECT $1, 'standard', p.id, $2 FROM person p
			RETURNING id, company_id, kind, person_id
		), e AS (
			INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
			SELECT c.id, 1, c.company_id, c.kind, 'order', 'none', 'ordered', $2, 'orderer' FROM c RETURNING card_id, seq
		)
		INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, language, deliver_to)
		SELECT e.card_id, e.seq, c.company_id, c.kind, p.given_name, p.family_name, 'SE', $3, 'sv', 'Testgatan ' || e.card_id % 7
		FROM e JOIN c ON c.id = e.card_id JOIN person p ON p.id = c.person_id`
	const step = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
		SELECT c.id, c.version + 1, c.company_id, c.kind, $2, t.from_status, t.to_status,
		       CASE WHEN $2 = 'review' THEN $3::bigint ELSE c.person_id END, CASE WHEN $2 = 'review' THEN 'issuer' ELSE 'holder' END
		FROM cards c JOIN card_transitions t ON t.kind = c.kind AND t.action = $2 AND t.from_status = c.status
		WHERE c.company_id = $1 AND c.kind = 'standard'`
	ctx := context.Background()
	_, err := r.App.Exec(ctx, order, c.ID, c.Orderer.Person, c.NewPhoto(t), n)
	for _, action := range []string{"review", "approve"} {
		if err == nil {
			_, err = r.App.Exec(ctx, step, c.ID, action, r.Issuer.Person)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// madeAll is the answer of a bureau that has made every card of a batch.
func madeAll(t testing.TB, r *pgtest.Register, batch card.BatchID) []card.AnswerLine {
	t.Helper()
	prints, err := r.Store.Prints(context.Background(), r.Issuer, batch)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]card.AnswerLine, len(prints))
	for i, p := range prints {
		lines[i] = card.AnswerLine{Number: p.Number.String(), Outcome: "made"}
		if p.Kind == card.Standard {
			lines[i].Chip = fmt.Sprintf("04%012X", int(batch)<<20+i)
		}
	}
	return lines
}

// Two clerks make batches of the same 2,000 cards at once: each card is in one batch, each number is given once and none is left out.
func TestTwoClerksProduce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	approved(t, r, c, 2000)
	before := texts(t, r.Owner, `SELECT next_number::text FROM card_series`)[0]
	s := wide(t, r, 2)
	clerks := []account.Actor{r.Issuer, r.NewIssuer(t)}
	batches := make([][]card.BatchID, len(clerks))
	results := atOnce(len(clerks), func(i int) error {
		for {
			id, err := s.MakeBatch(t.Context(), clerks[i], 300)
			if errors.Is(err, card.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			batches[i] = append(batches[i], id)
		}
	})
	if err := errors.Join(results...); err != nil {
		t.Fatal(err)
	}
	// A clerk whose cards were taken away at the last moment has found nothing; what is left is for the next one.
	for {
		id, err := s.MakeBatch(t.Context(), clerks[0], 300)
		if errors.Is(err, card.ErrNotFound) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		batches[0] = append(batches[0], id)
	}
	if before != "1" {
		t.Errorf("the series begins at %s", before)
	}
	got := texts(t, r.Owner, `
		SELECT count(*) || ' cards, ' || count(DISTINCT card_id) || ' of them different, numbers ' || min(number) || ' to ' || max(number) || ', '
		       || count(DISTINCT number) || ' different; next ' || (SELECT next_number FROM card_series)
		FROM production_cards`)[0]
	if want := "2000 cards, 2000 of them different, numbers KP-0000-000001 to KP-0000-002000, 2000 different; next 2001"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for _, made := range batches {
		for _, id := range made {
			lines := madeAll(t, r, id)
			if done, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, id, lines); err != nil || len(faults) > 0 || done.Made != len(lines) {
				t.Fatalf("batch %d: %v %v %v", id, done, faults, err)
			}
		}
	}
	got = texts(t, r.Owner, `
		SELECT count(*) FILTER (WHERE c.status = 'produced' AND c.number = p.number AND c.valid_to = p.valid_to AND c.chip_uid IS NOT NULL
		                          AND c.printed_company IS NOT NULL)::text
		FROM production_cards p JOIN cards c ON c.id = p.card_id`)[0]
	if got != "2000" {
		t.Errorf("%s cards carry the number that was drawn for them", got)
	}
}

// The same answer given 32 times at once produces each card once.
func TestManyAnswersAtOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	approved(t, r, c, 60)
	batch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 100)
	if err != nil {
		t.Fatal(err)
	}
	lines := madeAll(t, r, batch)
	lines[3].Outcome, lines[3].Chip = "spoiled", ""
	const n = 32
	s := wide(t, r, n)
	done := make([]card.Answered, n)
	results := atOnce(n, func(i int) error {
		var faults []card.AnswerFault
		var err error
		done[i], faults, err = s.AnswerBatch(t.Context(), r.Issuer, batch, lines)
		if len(faults) > 0 {
			return fmt.Errorf("faults %v", faults)
		}
		return err
	})
	if err := errors.Join(results...); err != nil {
		t.Fatal(err)
	}
	var sum card.Answered
	for _, d := range done {
		sum.Made, sum.Spoiled, sum.Withdrawn = sum.Made+d.Made, sum.Spoiled+d.Spoiled, sum.Withdrawn+d.Withdrawn
	}
	if want := (card.Answered{Made: 59, Spoiled: 1}); sum != want {
		t.Errorf("answered %+v, want %+v", sum, want)
	}
	got := texts(t, r.Owner, `SELECT count(*) || ' ' || count(DISTINCT card_id) FROM card_events WHERE action = 'produce'`)[0]
	if got != "59 59" {
		t.Errorf("produced: %s", got)
	}
	// The spoiled card waits for another batch and gets another number.
	again, err := r.Store.MakeBatch(t.Context(), r.Issuer, 100)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := r.Store.Batch(t.Context(), r.Issuer, again, ""); err != nil || len(p.Rows) != 1 || p.Rows[0].Number != "KP-0000-000061" {
		t.Errorf("the second batch has %v, %v", p.Rows, err)
	}
}

// What the orderer changes while the bureau works is withdrawn: the number is not on the card.
func TestCardsChangedMeanwhileAreWithdrawn(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	keep, cancel := c.Card(t, pgtest.Spec{Status: card.Approved}), c.Card(t, pgtest.Spec{Status: card.Approved})
	correct := c.Card(t, pgtest.Spec{Status: card.Reviewed, Kind: card.Visitor})
	batch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 100)
	if err != nil {
		t.Fatal(err)
	}
	lines := madeAll(t, r, batch)
	cancel.Do(t, card.Cancel)
	correct.Do(t, card.Correct)
	prints, err := r.Store.Prints(t.Context(), r.Issuer, batch)
	if err != nil || len(prints) != 1 || prints[0].Number.String() != lines[0].Number {
		t.Errorf("what is printed now: %v, %v", prints, err)
	}
	if p, err := r.Store.Batch(t.Context(), r.Issuer, batch, ""); err != nil || len(p.Changed) != 2 || !p.Changed[0].Changed || p.Open != 3 {
		t.Errorf("before the answer: %+v, %v", p, err)
	}
	done, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, lines)
	if want := (card.Answered{Made: 1, Withdrawn: 2}); err != nil || len(faults) > 0 || done != want {
		t.Fatalf("answered %+v, %v, %v; want %+v", done, faults, err, want)
	}
	p, err := r.Store.Batch(t.Context(), r.Issuer, batch, "")
	if err != nil || len(p.Changed) != 2 || p.Changed[0].Outcome != card.Withdrawn || p.Changed[0].Changed {
		t.Errorf("after the answer: %+v, %v", p.Changed, err)
	}
	for k, want := range map[*pgtest.Card]string{keep: "KP-0000-000001 produced", cancel: "none cancelled", correct: "none ordered"} {
		if got := texts(t, r.Owner, `SELECT coalesce(number, 'none') || ' ' || status FROM cards WHERE id = $1`, k.ID)[0]; got != want {
			t.Errorf("card %d is %s, want %s", k.ID, got, want)
		}
	}
	// The corrected one begins again, with another number.
	correct.Do(t, card.Review)
	again, err := r.Store.MakeBatch(t.Context(), r.Issuer, 100)
	if err != nil {
		t.Fatal(err)
	}
	if lines := madeAll(t, r, again); len(lines) != 1 || lines[0].Number != "KP-0000-000004" {
		t.Errorf("the next batch has %v", lines)
	}
}

// Register and plastic say the same: what the bureau was asked to print, whatever is renamed before it answers.
func TestWhatTheBureauWasAskedToPrintIsPrinted(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k, visitor := c.Card(t, pgtest.Spec{Status: card.Approved}), c.Card(t, pgtest.Spec{Status: card.Reviewed, Kind: card.Visitor})
	single := c.Card(t, pgtest.Spec{Status: card.Approved})
	batch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE companies SET name = 'Nytt Namn AB' WHERE id = $1`, c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE persons SET family_name = 'Senare' WHERE id = $1`, k.Holder.Person); err != nil {
		t.Fatal(err)
	}
	prints, err := r.Store.Prints(t.Context(), r.Issuer, batch)
	if err != nil || len(prints) != 3 {
		t.Fatal(prints, err)
	}
	lines := madeAll(t, r, batch)
	// One of them is produced by itself, with its number of the batch.
	p := card.Production{Card: single.ID, Version: single.Version, Company: c.ID, Number: prints[2].Number, ChipUID: "04A1B2C3", ValidTo: prints[2].ValidTo}
	if _, err := r.Store.Produce(t.Context(), r.Issuer, p); err != nil {
		t.Fatal(err)
	}
	if done, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, lines[:2]); err != nil || len(faults) > 0 || done.Made != 2 {
		t.Fatal(done, faults, err)
	}
	const q = `SELECT coalesce(printed_given_name || ' ' || printed_family_name, '') || ', ' || printed_company || ', ' || printed_org_number FROM cards WHERE id = $1`
	for i, id := range []card.ID{k.ID, visitor.ID, single.ID} {
		want := strings.TrimSpace(prints[i].Name.Given+" "+prints[i].Name.Family) + ", " + c.Name + ", " + prints[i].OrgNumber
		if got := texts(t, r.Owner, q, id)[0]; got != want || prints[i].Company != c.Name {
			t.Errorf("card %d carries %q, want %q", i, got, want)
		}
	}
	// The next batch has the new name.
	c.Card(t, pgtest.Spec{Status: card.Approved})
	if batch, err = r.Store.MakeBatch(t.Context(), r.Issuer, 100); err != nil {
		t.Fatal(err)
	}
	if prints, err := r.Store.Prints(t.Context(), r.Issuer, batch); err != nil || len(prints) != 1 || prints[0].Company != "Nytt Namn AB" {
		t.Errorf("the next batch prints %+v, %v", prints, err)
	}
}

// A faulty line keeps the whole answer out, with its line and column; without the fault it is taken.
func TestFaultyAnswersAreRefusedWhole(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	approved(t, r, c, 3)
	c.Card(t, pgtest.Spec{Status: card.Reviewed, Kind: card.Visitor})
	batch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 10)
	if err != nil {
		t.Fatal(err)
	}
	other := c.Card(t, pgtest.Spec{Status: card.Approved})
	otherBatch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 10)
	if err != nil {
		t.Fatal(err)
	}
	foreign := madeAll(t, r, otherBatch)[0]
	whole := madeAll(t, r, batch)
	for name, tc := range map[string]struct {
		spoil func(lines []card.AnswerLine)
		want  card.AnswerFault
	}{
		"no such number":           {func(l []card.AnswerLine) { l[1].Number = "KP-9999-000001" }, card.AnswerFault{Line: 2, Field: "number", Code: "unknown"}},
		"no number at all":         {func(l []card.AnswerLine) { l[1].Number = "abc" }, card.AnswerFault{Line: 2, Field: "number", Code: "unknown"}},
		"another batch's number":   {func(l []card.AnswerLine) { l[0].Number = foreign.Number }, card.AnswerFault{Line: 1, Field: "number", Code: "unknown"}},
		"a number twice":           {func(l []card.AnswerLine) { l[2].Number = l[0].Number }, card.AnswerFault{Line: 3, Field: "number", Code: "repeated"}},
		"a chip twice":             {func(l []card.AnswerLine) { l[2].Chip = l[0].Chip }, card.AnswerFault{Line: 3, Field: "chip", Code: "repeated"}},
		"no chip":                  {func(l []card.AnswerLine) { l[0].Chip = "" }, card.AnswerFault{Line: 1, Field: "chip", Code: "required"}},
		"a wrong chip":             {func(l []card.AnswerLine) { l[2].Chip = "04A1B2CG" }, card.AnswerFault{Line: 3, Field: "chip", Code: "invalid"}},
		"a chip too short":         {func(l []card.AnswerLine) { l[2].Chip = "04A1B2" }, card.AnswerFault{Line: 3, Field: "chip", Code: "invalid"}},
		"a chip in a visitor card": {func(l []card.AnswerLine) { l[3].Chip = "04A1B2C3" }, card.AnswerFault{Line: 4, Field: "chip", Code: "visitor"}},
		"no outcome":               {func(l []card.AnswerLine) { l[1].Outcome = "" }, card.AnswerFault{Line: 2, Field: "outcome", Code: "required"}},
		"another outcome":          {func(l []card.AnswerLine) { l[1].Outcome = "withdrawn" }, card.AnswerFault{Line: 2, Field: "outcome", Code: "invalid"}},
	} {
		lines := slices.Clone(whole)
		tc.spoil(lines)
		done, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, lines)
		if diff := cmp.Diff([]card.AnswerFault{tc.want}, faults); err != nil || done != (card.Answered{}) || diff != "" {
			t.Errorf("%s: %v, %v\n%s", name, done, err, diff)
		}
	}
	// The rule itself stands behind the look: a wrong chip that gets past it refuses all.
	_, err = r.App.Exec(t.Context(), `SELECT answer_batch($1, $2, $3, $4, $5)`, r.Issuer.Person, batch,
		[]string{whole[0].Number, whole[1].Number}, []string{whole[0].Chip, "04A1B2CG"}, []bool{true, true})
	if ruleOf(err) != "cards_chip_uid_format" {
		t.Errorf("a wrong chip past the look: %v", err)
	}
	if n := texts(t, r.Owner, `SELECT count(*)::text FROM production_cards WHERE outcome IS NOT NULL`)[0]; n != "0" {
		t.Errorf("%s cards were answered by refused files", n)
	}
	if done, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, whole); err != nil || len(faults) > 0 || done.Made != 4 {
		t.Fatalf("the whole answer: %v, %v, %v", done, faults, err)
	}
	// Once more says nothing new; something else is a fault.
	if done, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, whole); err != nil || len(faults) > 0 || done != (card.Answered{}) {
		t.Errorf("the same again: %v, %v, %v", done, faults, err)
	}
	whole[0].Outcome = "spoiled"
	_, faults, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, whole)
	if diff := cmp.Diff([]card.AnswerFault{{Line: 1, Field: "number", Code: "answered"}}, faults); err != nil || diff != "" {
		t.Errorf("something else: %v\n%s", err, diff)
	}
	if _, _, err := r.Store.AnswerBatch(t.Context(), r.Issuer, 999_999, whole); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("no such batch: %v", err)
	}
	if other.See(t); other.Status != card.Approved {
		t.Errorf("the card of the other batch is %s", other.Status)
	}
}

// Only the issuer's staff makes batches and answers them, in the database too.
func TestOnlyTheIssuerProduces(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	approved(t, r, c, 1)
	forged := account.Actor{Person: c.Orderer.Person, Roles: []account.Role{account.Issuer}}
	if _, err := r.Store.MakeBatch(t.Context(), forged, 1); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleMember) {
		t.Errorf("a batch by somebody else: %v", err)
	}
	if _, err := r.Store.NextToReview(t.Context(), forged, 0); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleMember) {
		t.Errorf("a claim by somebody else: %v", err)
	}
	batch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 1)
	if err != nil {
		t.Fatal(err)
	}
	lines := madeAll(t, r, batch)
	if _, _, err := r.Store.AnswerBatch(t.Context(), forged, batch, lines); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleMember) {
		t.Errorf("an answer by somebody else: %v", err)
	}
	if _, _, err := r.Store.AnswerBatch(t.Context(), r.Issuer, batch, lines); err != nil {
		t.Fatal(err)
	}
}

// How long a card is valid follows the table that the page shows.
func TestTheRulesOfValidity(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	p, err := r.Store.Production(t.Context(), r.Issuer, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []card.ValidityRule{
		{Kind: card.Visitor, Months: 24},
		{Kind: card.Standard, Identity: "personal_number", Company: "SE", Months: 60},
		{Kind: card.Standard, Citizenship: "EEA", Identity: "coordination_number", Company: "SE", Months: 36},
		{Kind: card.Standard, Citizenship: "other", Months: 12},
		{Kind: card.Standard, Months: 24},
	}
	if diff := cmp.Diff(want, p.Rules); diff != "" {
		t.Error(diff)
	}
	if p.NextNumber != "KP-0000-000001" {
		t.Errorf("the next number is %s", p.NextNumber)
	}
}

// What 2,000 cards cost: go test ./internal/postgres -run - -bench Produce
func BenchmarkProduce2000(b *testing.B) {
	var batching, answering time.Duration
	for range b.N {
		b.StopTimer()
		r := pgtest.NewRegister(b)
		approved(b, r, r.NewCompany(b), 2000)
		b.StartTimer()
		start := time.Now()
		batch, err := r.Store.MakeBatch(b.Context(), r.Issuer, 2000)
		if err != nil {
			b.Fatal(err)
		}
		batching += time.Since(start)
		lines := madeAll(b, r, batch)
		start = time.Now()
		if _, faults, err := r.Store.AnswerBatch(b.Context(), r.Issuer, batch, lines); err != nil || len(faults) > 0 {
			b.Fatal(faults, err)
		}
		answering += time.Since(start)
	}
	b.ReportMetric(float64(batching.Milliseconds())/float64(b.N), "ms/batch")
	b.ReportMetric(float64(answering.Milliseconds())/float64(b.N), "ms/answer")
}
