package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// morning moves the clock to nine o'clock of the next day in Sweden: the day does not turn during the test, and reminders are sent.
func morning(t *testing.T, r *pgtest.Register) {
	t.Helper()
	const q = `SELECT (today() + 1 + time '09:00') AT TIME ZONE 'Europe/Stockholm' - clock_now()`
	var ahead time.Duration
	if err := r.Owner.QueryRow(t.Context(), q).Scan(&ahead); err != nil {
		t.Fatal(err)
	}
	r.MoveClock(t, ahead)
}

// logInAs gives a person a log-in with an address, in a language.
func logInAs(t *testing.T, r *pgtest.Register, person account.PersonID, email, language string) {
	t.Helper()
	const q = `INSERT INTO logins (person_id, email, password_hash, language) VALUES ($1, $2, '-', $3)`
	if _, err := r.Owner.Exec(t.Context(), q, person, email, language); err != nil {
		t.Fatal(err)
	}
}

func remind(t *testing.T, r *pgtest.Register) {
	t.Helper()
	if err := r.Store.RemindOfExpiry(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// reminders are those of a card: step and reader.
func reminders(t *testing.T, r *pgtest.Register, k *pgtest.Card) []string {
	t.Helper()
	return texts(t, r.Owner, `
		SELECT x.step || ' to ' || x.reader || CASE WHEN x.message_id IS NULL THEN ' in vain' ELSE '' END
		FROM card_reminders x JOIN reminder_steps s ON s.step = x.step WHERE x.card_id = $1 ORDER BY s.position, x.reader`, k.ID)
}

func inUse(t *testing.T, c *pgtest.Company, validTo time.Time) *pgtest.Card {
	t.Helper()
	return c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: validTo})
}

// A reminder is due for a week from its step on, and on no other day.
func TestWhenARemindersDayIs(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	today := r.Today(t)
	days := func(date string) time.Time {
		t.Helper()
		var day time.Time
		if err := r.Owner.QueryRow(t.Context(), `SELECT (today() + $1::interval)::date`, date).Scan(&day); err != nil {
			t.Fatal(err)
		}
		return day
	}
	want := map[*pgtest.Card]string{}
	for step, before := range map[string]string{"six_months": "6 months", "three_months": "3 months", "one_month": "1 month", "one_week": "7 days"} {
		first := days(before)
		want[inUse(t, c, first.AddDate(0, 0, 1))] = ""
		want[inUse(t, c, first)] = step
		want[inUse(t, c, first.AddDate(0, 0, -6))] = step
		want[inUse(t, c, first.AddDate(0, 0, -7))] = ""
	}
	want[inUse(t, c, today)] = ""
	remind(t, r)
	for k, step := range want {
		got := strings.Join(reminders(t, r, k), ", ")
		if step != "" {
			step += " to holder, " + step + " to orderer in vain"
		}
		if got != step {
			t.Errorf("the card of %s: %q, want %q", value(t, r.OwnerURL, fmt.Sprintf(`SELECT valid_to::text FROM cards WHERE id = %d`, k.ID)), got, step)
		}
	}
}

// Nobody is woken: before six there is nothing to do, and at six there is.
func TestNobodyIsRemindedAtNight(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	r.MoveClock(t, -3*time.Hour-time.Minute)
	k := inUse(t, c, r.Today(t).AddDate(0, 0, 7))
	remind(t, r)
	if got := reminders(t, r, k); len(got) != 0 {
		t.Errorf("at one minute to six: %q", got)
	}
	r.MoveClock(t, time.Minute+time.Second)
	remind(t, r)
	if got := reminders(t, r, k); len(got) != 2 {
		t.Errorf("at six: %q", got)
	}
}

// Reminded is of cards that are in use and in whose place nothing comes.
func TestOfWhichCardsPeopleAreReminded(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	soon := r.Today(t).AddDate(0, 0, 7)
	want := map[*pgtest.Card]int{}
	for _, kind := range []card.Kind{card.Standard, card.Visitor} {
		for _, status := range pgtest.Statuses(kind) {
			k := c.Card(t, pgtest.Spec{Kind: kind, Status: status, ValidTo: soon})
			switch {
			case kind == card.Visitor && status == card.Produced:
				want[k] = 1 // it has no holder
			case status == card.Active, status == card.Blocked:
				want[k] = 2
			default:
				want[k] = 0
			}
		}
	}
	replaced, freed := inUse(t, c, soon), inUse(t, c, soon)
	for _, k := range []*pgtest.Card{replaced, freed} {
		id := renew(t, k)
		if k == freed {
			if _, err := r.Store.Act(t.Context(), c.Orderer, card.Command{Card: id, Version: 1, Action: card.Cancel}); err != nil {
				t.Fatal(err)
			}
		}
	}
	want[replaced], want[freed] = 0, 2
	// One that was rejected and waits for its orderer does not keep people quiet.
	stuck := inUse(t, c, soon)
	if _, err := r.Store.Act(t.Context(), r.Issuer, card.Command{Card: renew(t, stuck), Version: 1, Action: card.Reject, Reason: "photo"}); err != nil {
		t.Fatal(err)
	}
	want[stuck] = 2
	// A card that was ordered without a word about the old one takes its place as well, while it outlasts it.
	older, same := inUse(t, c, soon), inUse(t, c, soon)
	c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: older.Holder.Person})
	c.Card(t, pgtest.Spec{Status: card.Produced, Holder: same.Holder.Person, ValidTo: soon})
	want[older], want[same] = 0, 2
	// So does none of another company.
	elsewhere := inUse(t, c, soon)
	r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active, Holder: elsewhere.Holder.Person})
	want[elsewhere] = 2
	remind(t, r)
	for k, n := range want {
		if got := reminders(t, r, k); len(got) != n {
			t.Errorf("%s card %d, %s: %q, want %d", k.Kind, k.ID, k.Status, got, n)
		}
	}
}

// renew orders a new card in the place of one that expires.
func renew(t *testing.T, k *pgtest.Card) card.ID {
	t.Helper()
	o := k.Company.NewOrder(t, k.Kind, k.Holder.Person)
	o.Replaces, o.ReplaceReason = k.ID, card.Expires
	id, err := k.Company.Register.Store.Order(t.Context(), k.Orderer, o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Each reminder is sent once, whoever looks for it and however often: a mail for each card to the holder, one for all of them to the orderer.
func TestRemindersAreSentOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	logInAs(t, r, c.Orderer.Person, "bo@company.example", "en")
	week, month := r.Today(t).AddDate(0, 0, 5), r.Today(t).AddDate(0, 1, -2)
	first := inUse(t, c, week)
	for range 6 {
		inUse(t, c, month)
	}
	logInAs(t, r, first.Holder.Person, "karin@home.example", "en")
	silent := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: month, Orderer: c.OtherOrderer})
	mails := func() []string {
		t.Helper()
		return texts(t, r.Owner, `SELECT template || ' ' || email || ' ' || language || ' ' || count(*) FROM messages
			WHERE template LIKE 'card%expire%' GROUP BY template, email, language ORDER BY 1`)
	}
	store := wide(t, r, 16)
	for i, err := range atOnce(16, func(int) error { return store.RemindOfExpiry(t.Context()) }) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	remind(t, r)
	want := []string{"card_expires holder@company.example sv 7", "card_expires karin@home.example en 1", "cards_expire bo@company.example en 1"}
	if got := mails(); !slices.Equal(got, want) {
		t.Errorf("mails %q, want %q", got, want)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM river.river_job j JOIN messages m ON m.id = (j.args ->> 'message')::bigint WHERE m.template LIKE 'card%expire%'`); n != "9" {
		t.Errorf("%s jobs to send them", n)
	}
	if got := reminders(t, r, silent); !slices.Equal(got, []string{"one_month to holder", "one_month to orderer in vain"}) {
		t.Errorf("of the card of an orderer without an address: %q", got)
	}
	data := texts(t, r.Owner, `SELECT (data - 'company')::text FROM messages WHERE template = 'cards_expire'`)[0]
	if want := fmt.Sprintf(`{"expiring": [{"step": "one_week", "cards": 1}, {"step": "one_month", "cards": 6}], "last_day": "%s"}`, week.Format(time.DateOnly)); data != want {
		t.Errorf("the orderer is told %s, want %s", data, want)
	}
	// What becomes due later the same day waits until the next for the orderer, who has had a mail.
	late := inUse(t, c, month)
	remind(t, r)
	if got := reminders(t, r, late); !slices.Equal(got, []string{"one_month to holder"}) {
		t.Errorf("later that day: %q", got)
	}
	r.MoveClock(t, 24*time.Hour)
	remind(t, r)
	if got := reminders(t, r, late); !slices.Equal(got, []string{"one_month to holder", "one_month to orderer"}) {
		t.Errorf("the next day: %q", got)
	}
}

// A process that dies in the middle leaves neither row nor mail nor job; the next one sends.
func TestARunThatEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	soon := r.Today(t).AddDate(0, 0, 7)
	k := inUse(t, c, soon)
	before := lastMessage(t, r)
	conn, err := pgx.Connect(t.Context(), r.AppURL)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var written []int64
	if err := tx.QueryRow(t.Context(), `SELECT message_ids FROM remind_holders($1, 0, 100)`, soon).Scan(&written); err != nil || len(written) != 1 {
		t.Fatalf("%v, %v", written, err)
	}
	// Another run waits for the first, which dies.
	waiting := make(chan error, 1)
	go func() { waiting <- r.Store.RemindOfExpiry(context.WithoutCancel(t.Context())) }()
	until(t, r, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`)
	if err := conn.PgConn().Conn().Close(); err != nil { // no farewell, as of a process that was killed
		t.Fatal(err)
	}
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	if got := reminders(t, r, k); len(got) != 2 {
		t.Errorf("reminded %q", got)
	}
	if n := value(t, r.OwnerURL, fmt.Sprintf(`SELECT count(*)::text FROM messages WHERE id > %d`, before)); n != "1" {
		t.Errorf("%s mails", n)
	}
}

// An orderer is reminded while he or she is one.
func TestFormerOrderersAreNotReminded(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	k := inUse(t, c, r.Today(t).AddDate(0, 0, 7))
	c.LoseOrderer(t, c.Orderer.Person)
	remind(t, r)
	if got := reminders(t, r, k); !slices.Equal(got, []string{"one_week to holder"}) {
		t.Errorf("a former orderer: %q", got)
	}
	if err := r.Store.AddRole(t.Context(), c.Orderer.Person, c.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	remind(t, r)
	if got := reminders(t, r, k); len(got) != 2 {
		t.Errorf("an orderer: %q", got)
	}
}

// Reminders are written by the functions alone, and each only once.
func TestTheApplicationWritesNoReminders(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := inUse(t, r.NewCompany(t), r.Today(t).AddDate(2, 0, 0))
	const q = `INSERT INTO card_reminders (card_id, step, reader, person_id) VALUES ($1, 'one_week', 'holder', $2)`
	if _, err := r.App.Exec(t.Context(), q, k.ID, k.Holder.Person); ruleOf(err) != forbidden {
		t.Errorf("by the application: %v", err)
	}
	if _, err := r.Owner.Exec(t.Context(), q, k.ID, k.Holder.Person); err != nil {
		t.Errorf("by the owner: %v", err)
	}
	if _, err := r.Owner.Exec(t.Context(), q, k.ID, k.Holder.Person); ruleOf(err) != "card_reminders_pkey" {
		t.Errorf("a second time: %v", err)
	}
}

// The worker looks for what is due when it begins.
func TestTheWorkerReminds(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	inUse(t, c, r.Today(t).AddDate(0, 0, 7))
	sent := make(chan messages.Letter, 10)
	deliver := deliverer(func(l messages.Letter) error {
		sent <- l
		return nil
	})
	stops := []func(){work(t, r, deliver), work(t, r, deliver)}
	until(t, r, `SELECT EXISTS (SELECT FROM messages m JOIN message_states s ON s.message_id = m.id WHERE m.template = 'card_expires' AND s.state = 'sent')`)
	until(t, r, allSettled)
	for _, stop := range stops {
		stop()
	}
	close(sent)
	var got []messages.Template
	for l := range sent {
		if l.Template == messages.CardExpires {
			got = append(got, l.Template)
		}
	}
	if len(got) != 1 {
		t.Errorf("%d reminders were sent", len(got))
	}
}

// The card's page says who was reminded when, to the company and to the holder.
func TestACardTellsItsReminders(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	k := inUse(t, c, r.Today(t).AddDate(0, 0, 7))
	remind(t, r)
	for name, by := range map[string]account.Actor{"orderer": c.Orderer, "holder": k.Holder} {
		shown, err := r.Store.Card(t.Context(), by, k.ID)
		if err != nil || len(shown.Reminders) != 2 {
			t.Fatalf("%s: %+v, %v", name, shown.Reminders, err)
		}
		holder, orderer := shown.Reminders[0], shown.Reminders[1]
		if holder.Reader != account.Holder || holder.Name.Family != "Kortinnehavare" || !holder.Mailed || holder.At.IsZero() ||
			orderer.Reader != account.Orderer || orderer.Name.Given != "Bo" || orderer.Mailed {
			t.Errorf("%s reads %+v", name, shown.Reminders)
		}
	}
}

func TestExpiringCards(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	morning(t, r)
	today := r.Today(t)
	on := func(days int) *pgtest.Card { return inUse(t, c, today.AddDate(0, 0, days)) }
	gone, missed := on(2), on(3) // when they were made they were valid
	soon, later := on(40), on(100)
	theirs := c.Card(t, pgtest.Spec{Status: card.Blocked, ValidTo: today.AddDate(0, 0, 41), Orderer: c.OtherOrderer})
	visitor := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced, ValidTo: today.AddDate(0, 0, 42)})
	replaced := on(43)
	successor := renew(t, replaced)
	missedAndReplaced := on(4)
	renew(t, missedAndReplaced)
	on(400)
	c.Card(t, pgtest.Spec{Status: card.Produced, ValidTo: today.AddDate(0, 0, 44)})
	c.Card(t, pgtest.Spec{Status: card.Terminated, ValidTo: today.AddDate(0, 0, 45)})
	r.MoveClock(t, 33*24*time.Hour) // gone: 31 days ago, missed: 30 days ago
	for _, tc := range []struct {
		name   string
		by     account.Actor
		within card.Step
		own    bool
		want   []*pgtest.Card
	}{
		{"an orderer's own within six months", c.Orderer, card.SixMonths, true, []*pgtest.Card{missed, soon, visitor, replaced, later}},
		{"all", c.Orderer, card.SixMonths, false, []*pgtest.Card{missed, soon, theirs, visitor, replaced, later}},
		{"an administrator's", c.Administrator, card.OneMonth, false, []*pgtest.Card{missed, soon, theirs, visitor, replaced}},
		{"within a week", c.Orderer, card.OneWeek, true, []*pgtest.Card{missed, soon}},
		{"another orderer's", c.OtherOrderer, card.ThreeMonths, true, []*pgtest.Card{theirs}},
	} {
		found, err := r.Store.ExpiringCards(t.Context(), tc.by, tc.within, tc.own, "")
		if err != nil || found.Next != "" {
			t.Fatalf("%s: %v, next %q", tc.name, err, found.Next)
		}
		var got, want []card.ID
		for _, row := range found.Rows {
			got = append(got, row.ID)
			mine := tc.by.Is(account.Orderer) && (row.ID == theirs.ID) == (tc.by.Person == c.OtherOrderer.Person)
			if row.Renewable != (mine && row.Successor == 0) {
				t.Errorf("%s: card %d renewable %t", tc.name, row.ID, row.Renewable)
			}
			if row.ID == replaced.ID && row.Successor != successor || row.ID == missed.ID && row.Effective != card.Expired {
				t.Errorf("%s: %+v", tc.name, row)
			}
		}
		for _, k := range tc.want {
			want = append(want, k.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v (gone: %d)", tc.name, got, want, gone.ID)
		}
	}
}

// Page by page each card comes once, soonest first.
func TestPagesOfExpiringCards(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	today := r.Today(t)
	const all = 2*card.PageSize + 3
	for i := range all {
		c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced, ValidTo: today.AddDate(0, 0, 5+i%7)})
	}
	seen := map[card.ID]bool{}
	last := time.Time{}
	for after, pages := card.Cursor(""), 1; ; pages++ {
		found, err := r.Store.ExpiringCards(t.Context(), c.Orderer, card.SixMonths, true, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range found.Rows {
			if seen[row.ID] || row.ValidTo.Before(last) {
				t.Errorf("card %d of %v comes after %v, seen %t", row.ID, row.ValidTo, last, seen[row.ID])
			}
			seen[row.ID], last = true, row.ValidTo
		}
		if after = found.Next; after == "" {
			if len(seen) != all || pages != 3 {
				t.Errorf("%d cards on %d pages", len(seen), pages)
			}
			break
		}
	}
	if found, err := r.Store.ExpiringCards(t.Context(), c.Orderer, card.SixMonths, true, "nonsense"); err != nil || len(found.Rows) != card.PageSize {
		t.Errorf("after nonsense: %d cards, %v", len(found.Rows), err)
	}
}

// What replaces a card is ordered by who is responsible for it, of a card that exists; what renews one is ordered once and can be approved.
func TestWhoOrdersAReplacement(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	soon := r.Today(t).AddDate(0, 0, 7)
	try := func(by account.Actor, k *pgtest.Card, change func(*card.NewOrder)) (string, error) {
		t.Helper()
		o := c.NewOrder(t, k.Kind, k.Holder.Person)
		o.Replaces, o.ReplaceReason = k.ID, card.Expires
		change(&o)
		_, err := r.Store.Order(t.Context(), by, o)
		return ruleOf(err), err
	}
	as := func(*card.NewOrder) {}
	silent := func(o *card.NewOrder) { o.Email = "" }
	k := inUse(t, c, soon)
	visitor := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced, ValidTo: soon})
	unmade := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Ordered})
	for name, tc := range map[string]struct {
		by     account.Actor
		card   *pgtest.Card
		change func(*card.NewOrder)
		rule   string
		err    error
	}{
		"another orderer":        {c.OtherOrderer, k, as, "card_events_responsible_orderer", card.ErrNotAllowed},
		"who was lost":           {c.OtherOrderer, k, func(o *card.NewOrder) { o.ReplaceReason = card.Lost }, "card_events_responsible_orderer", card.ErrNotAllowed},
		"a card not made":        {c.Orderer, unmade, as, "card_orders_replaces_produced", card.ErrNotAllowed},
		"a holder nobody writes": {c.Orderer, k, silent, "card_orders_renewed_with_address", card.ErrOrder},
	} {
		if rule, err := try(tc.by, tc.card, tc.change); rule != tc.rule || !errors.Is(err, tc.err) {
			t.Errorf("%s: %v, want it refused by %s", name, err, tc.rule)
		}
	}
	for _, twin := range []*pgtest.Card{k, visitor} {
		if _, err := try(c.Orderer, twin, as); err != nil {
			t.Errorf("the responsible orderer: %v", err)
		}
	}
	if rule, err := try(c.Orderer, visitor, as); rule != "card_orders_renewed_once" || !errors.Is(err, card.ErrNotAllowed) {
		t.Errorf("a second time: %v", err)
	}
	other := inUse(t, c, soon)
	logInAs(t, r, other.Holder.Person, "other@home.example", "sv")
	if _, err := try(c.Orderer, other, silent); err != nil {
		t.Errorf("to a holder with a log-in: %v", err)
	}
	// However many order at once, a visitor card is renewed once.
	last := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced, ValidTo: soon})
	o := c.NewOrder(t, card.Visitor, 0)
	o.Replaces, o.ReplaceReason = last.ID, card.Expires
	store := wide(t, r, 16)
	made := 0
	for _, err := range atOnce(16, func(int) error {
		_, err := store.Order(t.Context(), c.Orderer, o)
		return err
	}) {
		if err == nil {
			made++
		} else if ruleOf(err) != "card_orders_renewed_once" {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d orders", made)
	}
}

// Whose card is replaced is told so, with the order.
func TestReplacementsAreTold(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := inUse(t, c, r.Today(t).AddDate(0, 0, 7))
	told := func() []string {
		t.Helper()
		return texts(t, r.Owner, `
			SELECT m.email || ' ' || m.card_id || ' ' || m.data::text FROM messages m WHERE m.template = 'replacement_ordered' ORDER BY m.id`)
	}
	o := c.NewOrder(t, card.Standard, k.Holder.Person)
	o.Replaces, o.ReplaceReason, o.Email = k.ID, card.Lost, "new@home.example"
	spoiled := o
	spoiled.DeliverTo = " "
	if _, err := r.Store.Order(t.Context(), c.Orderer, spoiled); err == nil || len(told()) != 0 {
		t.Errorf("told of what was not ordered: %v, %v", told(), err)
	}
	if _, err := r.Store.Order(t.Context(), c.Orderer, o); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`new@home.example %d {"company": %q, "card_number": %q}`, k.ID, c.Name, string(k.Number))
	if got := told(); !slices.Equal(got, []string{want}) {
		t.Errorf("told %q, want %q", got, want)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM river.river_job j JOIN messages m ON m.id = (j.args ->> 'message')::bigint WHERE m.template = 'replacement_ordered'`); n != "1" {
		t.Errorf("%s jobs", n)
	}
	c.Card(t, pgtest.Spec{Status: card.Ordered})
	if got := told(); len(got) != 1 {
		t.Errorf("a first card is told as a replacement: %q", got)
	}
}

// The queries of the reminders and of the list read no large table from end to end.
func TestExpiryReadsLittle(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	load(t, r)
	heard := &listener{asked: map[string]bool{}}
	s, err := postgres.OpenWith(t.Context(), r.AppURL, nil, 2, heard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn, err := r.Owner.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	if _, err := s.ExpiringCards(t.Context(), account.Actor{Person: 100001, Company: 1001, Roles: []account.Role{account.Orderer}}, card.SixMonths, true, ""); err != nil {
		t.Fatal(err)
	}
	asked := append(heard.taken(),
		`SELECT x.card_id FROM due_reminders x WHERE x.valid_to = $1 AND x.reader = 'holder' AND x.card_id > $2 ORDER BY x.card_id LIMIT $3`,
		`SELECT x.card_id FROM due_reminders x WHERE x.valid_to = $1 AND x.reader = 'orderer' AND x.card_id > $2 ORDER BY x.card_id LIMIT $3`,
		`SELECT x.card_id FROM due_reminders x WHERE x.company_id = $1 AND x.orderer_id = $2 AND x.reader = 'orderer'`)
	for _, sql := range asked {
		for _, relation := range plan(t, conn.Conn(), sql).whole() {
			if slices.Contains([]string{"cards", "persons", "card_events"}, relation) {
				t.Errorf("reads all of %s:\n%s", relation, sql)
			}
		}
	}
}
