package demo_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/demo"
	"kortportal/internal/pin"
	"kortportal/internal/postgres/pgtest"
)

func newKeyring(t *testing.T) *pin.Keyring {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := pin.Create(path); err != nil {
		t.Fatal(err)
	}
	keyring, err := pin.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return keyring
}

// load fills the test's database through a connection of its owner.
func load(t *testing.T, db *pgtest.DB, keyring *pin.Keyring, o demo.Options) (demo.Country, error) {
	t.Helper()
	conn, err := db.Owner.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	return demo.Load(t.Context(), conn.Conn(), keyring, o)
}

func mustLoad(t *testing.T, db *pgtest.DB, o demo.Options) *pin.Keyring {
	t.Helper()
	keyring := newKeyring(t)
	country, err := load(t, db, keyring, o)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if country.Cards != int64(o.Cards) {
		t.Errorf("Load made %d cards, want %d", country.Cards, o.Cards)
	}
	return keyring
}

func query[T any](t *testing.T, db *pgtest.DB, sql string, args ...any) []T {
	t.Helper()
	found, err := db.Owner.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(found, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

// structure is everything that Load takes away for a while.
func structure(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	return query[string](t, db, `
		SELECT format('constraint %s %s %s %s %s', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'))
		FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL
		SELECT format('trigger %s %s %s', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL
		SELECT format('enforcement of a foreign key %s %s %s', tgrelid::regclass, tgenabled, tgfoid::regproc) FROM pg_trigger WHERE tgisinternal
		UNION ALL
		SELECT format('index %s %s %s', i.indisvalid, pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class'))
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
		UNION ALL
		SELECT format('clock %s', extract(epoch FROM moved_by)) FROM clock
		UNION ALL
		SELECT format('rights %s', nspacl) FROM pg_namespace WHERE nspname = 'public'
		UNION ALL
		SELECT format('table %s', oid::regclass) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
		ORDER BY 1`)
}

// contents are checksums of all tables, without what is random by design.
func contents(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	var sums []string
	for _, from := range []string{
		"companies", "persons", "memberships", "issuer_staff", "invoices", "cards", "card_events", "card_names", "orderer_names",
		"(SELECT person_id, email, language, disabled_at, created_at FROM logins)", "(SELECT card_id FROM card_pins)",
		"(SELECT id, company_id, purpose, jpeg, uploaded_by FROM pictures)", "card_orders",
	} {
		sums = append(sums, query[string](t, db, `SELECT $1 || ' ' || count(*) || ' ' || md5(coalesce(string_agg(x::text, E'\n' ORDER BY x::text COLLATE "C"), '')) FROM `+from+` x`, from)...)
	}
	return sums
}

func TestSameSeedSameCountry(t *testing.T) {
	t.Parallel()
	var countries [3][]string
	for i, seed := range []uint64{7, 7, 8} {
		db := pgtest.New(t)
		setClock(t, db, "2026-11-22 12:00") // midnight stays out of the test
		mustLoad(t, db, demo.Options{Cards: 700, Seed: seed})
		countries[i] = contents(t, db)
	}
	if diff := cmp.Diff(countries[0], countries[1]); diff != "" {
		t.Errorf("two loads of one seed differ:\n%s", diff)
	}
	if slices.Equal(countries[0], countries[2]) {
		t.Error("another seed gives the same country")
	}
}

func setClock(t *testing.T, db *pgtest.DB, to string) {
	t.Helper()
	if _, err := db.Owner.Exec(t.Context(), `UPDATE clock SET moved_by = $1::text::timestamp AT TIME ZONE 'Europe/Stockholm' - now()`, to); err != nil {
		t.Fatal(err)
	}
}

// Whatever day it is: the days of a week, among them the last of February in a leap year, the days on which the clocks
// change, and the end of a year.
func TestAnyDay(t *testing.T) {
	t.Parallel()
	for _, day := range []string{
		"2028-02-28", "2028-02-29", "2028-03-01", "2028-03-02", "2028-03-03", "2028-03-04", "2028-03-05", "2027-03-28", "2027-10-31", "2026-12-31", "2027-01-01",
	} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			setClock(t, db, day+" 09:30")
			mustLoad(t, db, demo.Options{Cards: 300, Seed: 3})
			if today := query[string](t, db, `SELECT today()::text`)[0]; today != day {
				t.Errorf("the clock is at %s after the load", today)
			}
			guardRules(t, db)
		})
	}
}

func TestStructureIsBackAsBefore(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	before := structure(t, db)
	if len(before) < 100 {
		t.Fatalf("only %d constraints, triggers and indexes were found", len(before))
	}
	mustLoad(t, db, demo.Options{Cards: 300, Seed: 1})
	if diff := cmp.Diff(before, structure(t, db)); diff != "" {
		t.Errorf("the structure changed:\n%s", diff)
	}
	// The sequences go on where the load ended, and the triggers derive, judge and apply again.
	const order = `
		WITH c AS (INSERT INTO cards (company_id, kind, person_id, ordered_by) VALUES (1, 'visitor', NULL, $1) RETURNING id)
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
		SELECT id, 1, 1, 'visitor', 'order', 'none', 'ordered', $1, 'orderer' FROM c RETURNING card_id`
	const ordererOfOne, ordererOfTwo = 2, 7
	id := query[int64](t, db, order, ordererOfOne)[0]
	if id <= 300 {
		t.Errorf("a new card got the id %d", id)
	}
	if n := query[int64](t, db, `SELECT count(*) FROM card_names WHERE card_id = $1`, id)[0]; n != 4 {
		t.Errorf("a new visitor card is found by %d words", n)
	}
	if _, err := db.Owner.Exec(t.Context(), order, ordererOfTwo); constraintOf(err) != "card_events_member" {
		t.Errorf("an order of another company's orderer: %v", err)
	}
	if _, err := db.Owner.Exec(t.Context(), `INSERT INTO cards (company_id, kind, person_id, ordered_by) VALUES (1, 'visitor', NULL, $1)`,
		ordererOfOne); constraintOf(err) != "cards_status_of_last_event" {
		t.Errorf("a card without an event: %v", err)
	}
}

func constraintOf(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.ConstraintName
	}
	return ""
}

func TestLoadRefusesWhatIsInUse(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	mustLoad(t, db, demo.Options{Cards: 200, Seed: 1})
	before := contents(t, db)
	if _, err := load(t, db, newKeyring(t), demo.Options{Cards: 200, Seed: 2}); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("second load: %v", err)
	}
	if diff := cmp.Diff(before, contents(t, db)); diff != "" {
		t.Errorf("the refused load changed something:\n%s", diff)
	}
	for _, cards := range []int{demo.MinCards - 1, demo.MaxCards + 1} {
		if _, err := load(t, pgtest.New(t), newKeyring(t), demo.Options{Cards: cards}); err == nil {
			t.Errorf("%d cards were accepted", cards)
		}
	}
}

// A rule that the generated country breaks stops the load, and everything is as if it had not begun. This also shows
// that the foreign keys judge what the load brings.
func TestFailureLeavesEverythingAsBefore(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{
		"checked while loading": `ALTER TABLE card_events ADD CONSTRAINT broken CHECK (action <> 'hand_over')`,
		"checked afterwards":    `DELETE FROM card_permissions WHERE action = 'supersede'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			if _, err := db.Owner.Exec(t.Context(), rule); err != nil {
				t.Fatal(err)
			}
			structureBefore, contentsBefore := structure(t, db), contents(t, db)
			_, err := load(t, db, newKeyring(t), demo.Options{Cards: 500, Seed: 1})
			if got := constraintOf(err); got != "broken" && got != "card_events_permission" {
				t.Errorf("Load: %v", err)
			}
			if diff := cmp.Diff(structureBefore, structure(t, db)); diff != "" {
				t.Errorf("the structure changed:\n%s", diff)
			}
			if diff := cmp.Diff(contentsBefore, contents(t, db)); diff != "" {
				t.Errorf("rows are left:\n%s", diff)
			}
		})
	}
}

// loadAndHang names the stage at which this program, run again by a test, stays in the middle of a load until it is killed.
const loadAndHang = "DEMO_TEST_LOAD_AND_HANG"

func TestMain(m *testing.M) {
	if stage := os.Getenv(loadAndHang); stage != "" {
		fmt.Fprintln(os.Stderr, hang(stage))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// hang loads the database of its arguments, until it gets to the stage.
func hang(stage string) error {
	ctx := context.Background()
	keyring, err := pin.Open(os.Args[2])
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, os.Args[1])
	if err != nil {
		return err
	}
	_, err = demo.Load(ctx, conn, keyring, demo.Options{Cards: 300, Seed: 5, Progress: func(what string) {
		if what == stage {
			_, _ = fmt.Fprintln(os.Stdout, what) // the test hears it, or fails
			select {}
		}
	}})
	return errors.Join(err, errors.New("the load was over before it was killed"))
}

// Of a load that is killed at any stage nothing can be used, and the next load begins as if it had never been.
func TestKilledLoadIsTakenBackByTheNext(t *testing.T) {
	t.Parallel()
	const noon = "2026-11-22 12:00"
	undisturbed := pgtest.New(t)
	setClock(t, undisturbed, noon)
	mustLoad(t, undisturbed, demo.Options{Cards: 300, Seed: 5})
	for _, stage := range []string{"loading card_events", "loading logins", "checking foreign keys", "people with log-ins and their cards"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			setClock(t, db, noon)
			before := structure(t, db)
			killAt(t, db, stage)
			if err := usedBy(t, db); !refused(err) {
				t.Errorf("the application in a load that was killed: %v", err)
			}
			mustLoad(t, db, demo.Options{Cards: 300, Seed: 5})
			if err := usedBy(t, db); err != nil {
				t.Errorf("the application after the load: %v", err)
			}
			if diff := cmp.Diff(before, structure(t, db)); diff != "" {
				t.Errorf("the structure changed:\n%s", diff)
			}
			if diff := cmp.Diff(contents(t, undisturbed), contents(t, db)); diff != "" {
				t.Errorf("the country is another than after one load:\n%s", diff)
			}
		})
	}
}

// Who migrates finds the schema whole, whatever was killed before.
func TestKilledLoadIsTakenBackBeforeTheSchemaChanges(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	structureBefore, contentsBefore := structure(t, db), contents(t, db)
	killAt(t, db, "checking foreign keys")
	asked := false
	err := demo.BetweenLoads(t.Context(), db.OwnerURL, func() error {
		asked = true
		if diff := cmp.Diff(structureBefore, structure(t, db)); diff != "" {
			t.Errorf("the structure changed:\n%s", diff)
		}
		if diff := cmp.Diff(contentsBefore, contents(t, db)); diff != "" {
			t.Errorf("rows are left:\n%s", diff)
		}
		return usedBy(t, db)
	})
	if err != nil || !asked {
		t.Errorf("after a load that was killed: asked %v, %v", asked, err)
	}
}

// The load that was killed may have been another release's, which knew other tables.
func TestKilledLoadOfAnotherReleaseIsTakenBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	killAt(t, db, "checking foreign keys")
	const without = `DROP TABLE listed_orderers; DELETE FROM demo_load WHERE of_table = 'listed_orderers' OR make LIKE '% listed_orderers %'`
	if _, err := db.Owner.Exec(t.Context(), without); err != nil {
		t.Fatal(err)
	}
	if err := demo.BetweenLoads(t.Context(), db.OwnerURL, func() error { return usedBy(t, db) }); err != nil {
		t.Error(err)
	}
}

// killAt kills a load in a process of its own when it has got to the stage.
func killAt(t *testing.T, db *pgtest.DB, stage string) {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "keys")
	if err := pin.Create(keys); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], db.OwnerURL, keys)
	cmd.Env = append(os.Environ(), loadAndHang+"="+stage)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err := errors.Join(err, cmd.Process.Kill()); err != nil || line != stage+"\n" {
		t.Fatalf("the load said %q: %v", line, err)
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) {
		t.Fatalf("the load ended: %v", err)
	}
}

// usedBy is what the application hears when it asks.
func usedBy(t *testing.T, db *pgtest.DB) error {
	t.Helper()
	_, err := db.App.Exec(t.Context(), `SELECT FROM companies`)
	return err
}

// refused says that the application does not get to the tables.
func refused(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == undefinedTable
}

// undefinedTable is what PostgreSQL says of a table in a schema that a role may not enter.
const undefinedTable = "42P01"

// A load waits for one that is under way, during which the application gets to nothing.
func TestSecondLoadWaits(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	second := make(chan error, 1)
	keyring := newKeyring(t)
	conn, err := pgx.Connect(t.Context(), db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	_, err = demo.Load(t.Context(), conn, keyring, demo.Options{Cards: 300, Seed: 5, Progress: func(what string) {
		if what != "checking foreign keys" {
			return
		}
		go func() {
			_, err := load(t, db, keyring, demo.Options{Cards: 200, Seed: 6})
			second <- err
		}()
		for waiting := false; !waiting; {
			waiting = query[bool](t, db, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`)[0]
		}
		if err := usedBy(t, db); !refused(err) {
			t.Errorf("the application in the middle of a load: %v", err)
		}
	}})
	if err != nil {
		t.Errorf("the first load: %v", err)
	}
	if err := <-second; !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("the second load: %v", err)
	}
	if n := query[int64](t, db, `SELECT count(*) FROM cards`)[0]; n != 300 {
		t.Errorf("there are %d cards", n)
	}
}

func TestLoginsAreAlwaysTheSame(t *testing.T) {
	t.Parallel()
	want := []demo.Login{
		{Role: "administrator", Email: "administrator@nordbygge.example", Password: "demo-administrator-2026", Company: "Nordbygge Demo AB"},
		{Role: "orderer", Email: "orderer@nordbygge.example", Password: "demo-orderer-2026", Company: "Nordbygge Demo AB"},
		{Role: "orderer", Email: "orderer2@nordbygge.example", Password: "demo-orderer2-2026", Company: "Nordbygge Demo AB"},
		{Role: "administrator, orderer, holder", Email: "both@nordbygge.example", Password: "demo-both-2026", Company: "Nordbygge Demo AB; Vråkenäs Demo Plåt AB"},
		{Role: "holder", Email: "holder@nordbygge.example", Password: "demo-holder-2026", Company: "Nordbygge Demo AB; Vråkenäs Demo Plåt AB; Snårestad Demo Måleri AB"},
		{Role: "issuer", Email: "issuer@kortportal.example", Password: "demo-issuer-2026"},
		{Role: "orderer", Email: "orderer@vrakenas.example", Password: "demo-orderer-vrakenas-2026", Company: "Vråkenäs Demo Plåt AB"},
		{Role: "administrator, orderer", Email: "orderer@snarestad.example", Password: "demo-orderer-snarestad-2026", Company: "Snårestad Demo Måleri AB"},
	}
	if diff := cmp.Diff(want, demo.Logins()); diff != "" {
		t.Errorf("Logins:\n%s", diff)
	}
}

// The load ends with its context, and leaves nothing behind.
func TestLoadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	before := structure(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	conn, err := pgx.Connect(t.Context(), db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = demo.Load(ctx, conn, newKeyring(t), demo.Options{Cards: 500, Seed: 1, Progress: func(what string) {
		if what == "loading card_events" {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Load: %v", err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, structure(t, db)); diff != "" {
		t.Errorf("the structure changed:\n%s", diff)
	}
	if n := query[int64](t, db, `SELECT count(*) FROM persons`)[0]; n != 0 {
		t.Errorf("%d persons are left", n)
	}
}
