package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

func enqueue(t *testing.T, r *pgtest.Register, all ...postgres.Message) {
	t.Helper()
	if err := r.Store.Enqueue(t.Context(), nil, all...); err != nil {
		t.Fatal(err)
	}
}

func lastMessage(t *testing.T, r *pgtest.Register) messages.ID {
	t.Helper()
	var id messages.ID
	if err := r.App.QueryRow(t.Context(), `SELECT coalesce(max(id), 0) FROM messages`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// A message and its job are there together with what they follow from, or not at all.
func TestAMessageGoesWithItsTransaction(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, email := r.NewLogin(t)
	m := postgres.Message{Template: messages.PasswordReset, Person: person}
	count := func() []string {
		return texts(t, r.Owner, `SELECT (SELECT count(*) FROM messages) || ' messages, ' || (SELECT count(*) FROM river.river_job) || ' jobs'`)
	}
	refused := errors.New("refused")
	if err := r.Store.Enqueue(t.Context(), func(pgx.Tx) error { return refused }, m); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if got := count()[0]; got != "0 messages, 0 jobs" {
		t.Errorf("after a rollback: %s", got)
	}
	enqueue(t, r, m)
	if got := count()[0]; got != "1 messages, 1 jobs" {
		t.Errorf("after a commit: %s", got)
	}
	if got := texts(t, r.Owner, `SELECT email || ' ' || language FROM messages`)[0]; got != string(email)+" sv" {
		t.Errorf("without an address of its own it goes to %s", got)
	}
	stranger := r.NewPerson(t, card.Name{Given: "Ada", Family: "Adresslös"})
	m.Person = stranger
	if err := r.Store.Enqueue(t.Context(), nil, m); !errors.Is(err, messages.ErrNoAddress) {
		t.Errorf("to somebody without an address: %v", err)
	}
	m.Email = "ada@example.com"
	enqueue(t, r, m)
}

func TestWhatAMessageMayHold(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	own, theirs := c.Card(t, pgtest.Spec{Status: card.Ordered}), other.Card(t, pgtest.Spec{Status: card.Ordered})
	good := postgres.Message{
		Template: messages.CardExpires, Person: own.Holder.Person, Company: c.ID, Card: own.ID, Email: "k@example.com", Language: "en",
		Data: messages.Data{Company: "Bygg 556677-8899 AB", CardNumber: "TE-0000-000001", LastDay: "2027-01-31"},
	}
	enqueue(t, r, good)
	for rule, change := range map[string]func(*postgres.Message){
		"messages_template":           func(m *postgres.Message) { m.Template = "spam" },
		"messages_card":               func(m *postgres.Message) { m.Card = theirs.ID },
		"messages_card_whole":         func(m *postgres.Message) { m.Company = 0 },
		"messages_person":             func(m *postgres.Message) { m.Person = 999_999_999 },
		"messages_email_format":       func(m *postgres.Message) { m.Email = "Karin" },
		"messages_language_known":     func(m *postgres.Message) { m.Language = "fi" },
		"messages_no_personal_number": func(m *postgres.Message) { m.Data.Holder = "Karin 850101-1234" },
	} {
		bad := good
		change(&bad)
		if err := r.Store.Enqueue(t.Context(), nil, bad); ruleOf(err) != rule {
			t.Errorf("%v, want it refused by %s", err, rule)
		}
	}
	if n := lastMessage(t, r); len(texts(t, r.Owner, `SELECT id::text FROM messages`)) != 1 {
		t.Errorf("message %d is there", n)
	}
}

// The application writes messages and never changes them, and of attempts and links it writes only what the functions do.
func TestMessagesAreKept(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	enqueue(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})
	for _, q := range []string{
		`UPDATE messages SET email = 'x@example.com'`, `DELETE FROM messages`, `INSERT INTO message_attempts (message_id, n) VALUES (1, 1)`,
		`UPDATE message_attempts SET outcome = 'sent'`, `DELETE FROM message_attempts`, `UPDATE links SET used_at = NULL`, `DELETE FROM links`,
		`INSERT INTO messages (person_id, email, template, language, created_at) VALUES (1, 'a@example.com', 'invitation', 'sv', now())`,
		`UPDATE link_purposes SET lasts = '1 year'`, `SELECT FROM river.river_migration`,
	} {
		if _, err := r.App.Exec(t.Context(), q); ruleOf(err) != forbidden {
			t.Errorf("%s: %v", q, err)
		}
	}
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	ctx := t.Context()
	begin := func(id messages.ID, answer string, n int) {
		t.Helper()
		if a, got, err := r.Store.BeginAttempt(ctx, id); a != answer || got != n || err != nil {
			t.Fatalf("begin: %s %d, %v; want %s %d", a, got, err, answer, n)
		}
	}
	end := func(id messages.ID, n int, problem messages.Problem, final bool) {
		t.Helper()
		if err := r.Store.EndAttempt(ctx, id, n, problem, final); err != nil {
			t.Fatal(err)
		}
	}
	state := func(id messages.ID) string {
		return texts(t, r.App, `SELECT concat_ws(' ', state, attempts, error) FROM message_states WHERE message_id = $1`, id)[0]
	}
	must := func(id messages.ID, want string) {
		t.Helper()
		if got := state(id); got != want {
			t.Fatalf("the message is %q, want %q", got, want)
		}
	}
	enqueue(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})
	id := lastMessage(t, r)
	must(id, "waiting 0")
	begin(id, "begun", 1)
	begin(id, "under_way", 0) // another worker, while the first may be sending
	must(id, "waiting 1")
	r.MoveClock(t, 61e9)
	begin(id, "begun", 2) // the first was killed
	end(id, 2, messages.Busy, false)
	must(id, "waiting 2 busy")
	begin(id, "begun", 3)
	end(id, 3, "", false)
	must(id, "sent 3")
	end(id, 3, messages.Refused, true) // too late to say something else
	begin(id, "sent", 0)
	must(id, "sent 3")
	begin(999_999_999, "not_found", 0)

	enqueue(t, r, postgres.Message{Template: messages.PasswordReset, Person: person})
	id = lastMessage(t, r)
	begin(id, "begun", 1)
	end(id, 1, messages.AddressRefused, true)
	begin(id, "failed", 0)
	must(id, "failed 1 address_refused")
}

func TestMessagesByPage(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k, theirs := c.Card(t, pgtest.Spec{Status: card.Ordered}), other.Card(t, pgtest.Spec{Status: card.Ordered})
	for range 2*messages.PageSize + 1 {
		enqueue(t, r,
			postgres.Message{Template: messages.CardProduced, Person: k.Holder.Person, Company: c.ID, Card: k.ID, Email: "k@example.com"},
			postgres.Message{Template: messages.CardProduced, Person: theirs.Holder.Person, Company: other.ID, Card: theirs.ID, Email: "k@example.com"},
			postgres.Message{Template: messages.EmailChanged, Person: k.Holder.Person, Email: "k@example.com"})
	}
	var seen []messages.ID
	var sizes []int
	for before := messages.ID(0); ; {
		page, err := r.Store.Messages(t.Context(), c.Orderer, before)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Rows))
		for _, row := range page.Rows {
			if row.Card != k.ID || row.Number != k.Number || row.Receiver.Family != "Kortinnehavare" || row.State != messages.Waiting {
				t.Fatalf("%+v", row)
			}
			seen = append(seen, row.ID)
		}
		if before = page.Next; before == 0 {
			break
		}
	}
	if diff := cmp.Diff([]int{messages.PageSize, messages.PageSize, 1}, sizes); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSortedFunc(seen, func(a, b messages.ID) int { return int(b - a) }) || len(slices.Compact(seen)) != 2*messages.PageSize+1 {
		t.Errorf("the pages are %v", seen)
	}
}

// The words of the domain are those of the tables.
func TestTemplatesAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var ours []string
	for _, template := range []messages.Template{
		messages.OrderToApprove, messages.OrderRejected, messages.CardProduced, messages.CardExpires, messages.CardsExpire,
		messages.ReplacementOrdered, messages.Invitation, messages.PasswordReset, messages.ConfirmEmail, messages.EmailChanged,
		messages.JoinedCompany, messages.CardsHandedOver, messages.CardsTakenOver, messages.PlansRefused,
	} {
		ours = append(ours, string(template))
	}
	slices.Sort(ours)
	if diff := cmp.Diff(texts(t, db.App, `SELECT template FROM message_templates ORDER BY template COLLATE "C"`), ours); diff != "" {
		t.Error(diff)
	}
	for _, purpose := range texts(t, db.App, `SELECT purpose FROM link_purposes`) {
		if path := (messages.Link{Purpose: messages.Purpose(purpose), Token: "T"}).Path(); path == "/" || !strings.HasSuffix(path, "/T") {
			t.Errorf("a link to %s leads to %s", purpose, path)
		}
	}
}

func TestATokenDoesNotShow(t *testing.T) {
	token := messages.Token("HEMLIG")
	l := messages.Letter{Link: messages.Link{Token: token}}
	if s := fmt.Sprintf("%v %s %+v %#v %q", token, token, l, l, token); strings.Contains(s, "HEMLIG") {
		t.Error(s)
	}
}
