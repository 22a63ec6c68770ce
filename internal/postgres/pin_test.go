package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/card"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

func viewPIN(t *testing.T, k *pgtest.Card) string {
	t.Helper()
	p, err := k.Company.Register.Store.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix())
	if err != nil {
		t.Fatal(err)
	}
	return p.Reveal()
}

func TestThePINIsForItsHolderWhileTheCardIsActive(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	for _, status := range pgtest.Statuses(card.Standard) {
		k := c.Card(t, pgtest.Spec{Status: status})
		p, err := r.Store.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix())
		if status == card.Active {
			if err != nil || len(p.Reveal()) != 4 {
				t.Errorf("active: %d digits, %v", len(p.Reveal()), err)
			}
		} else if !errors.Is(err, card.ErrNotActive) || p.Reveal() != "" {
			t.Errorf("%s: %v, want ErrNotActive", status, err)
		}
	}
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	before := viewPIN(t, k)
	k.Do(t, card.Block)
	if _, err := r.Store.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix()); !errors.Is(err, card.ErrNotActive) {
		t.Errorf("blocked: %v", err)
	}
	k.Do(t, card.Unblock)
	if after := viewPIN(t, k); after != before {
		t.Error("the PIN is another after the block was lifted")
	}
	r.MoveClock(t, 3*365*24*time.Hour)
	if _, err := r.Store.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix()); !errors.Is(err, card.ErrNotActive) {
		t.Errorf("expired: %v", err)
	}
}

// Whoever sends SQL as the application gets no PIN without a view that is counted for good, nor for longer than a minute.
func TestAViewIsNotTakenBack(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	const view, read = `SELECT view_pin($1, $2, $3)`, `SELECT read_pin($1, $2)`
	handed := func(on db) bool {
		t.Helper()
		var ciphertext []byte
		if err := on.QueryRow(t.Context(), read, k.ID, k.Holder.Person).Scan(&ciphertext); err != nil {
			t.Fatal(err)
		}
		return ciphertext != nil
	}
	if handed(r.App) {
		t.Error("the PIN is handed out without any view")
	}
	tx := begin(t, r.App)
	var outcome string
	if err := tx.QueryRow(t.Context(), view, k.ID, k.Holder.Person, k.LastSix()).Scan(&outcome); err != nil || outcome != "shown" {
		t.Fatalf("%q, %v", outcome, err)
	}
	if handed(tx) || handed(r.App) {
		t.Error("the PIN is handed out before its view is counted for good")
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if handed(r.App) {
		t.Error("the PIN is handed out after its view was taken back")
	}
	if _, err := r.App.Exec(t.Context(), view, k.ID, k.Holder.Person, "000000"); err != nil {
		t.Fatal(err)
	}
	if handed(r.App) {
		t.Error("the PIN is handed out after a wrong number")
	}
	if _, err := r.App.Exec(t.Context(), view, k.ID, k.Holder.Person, k.LastSix()); err != nil {
		t.Fatal(err)
	}
	var others []byte
	if err := r.App.QueryRow(t.Context(), read, k.ID, k.Orderer.Person).Scan(&others); err != nil || others != nil {
		t.Errorf("another person gets %x, %v", others, err)
	}
	if !handed(r.App) {
		t.Error("the PIN is not handed out after its view")
	}
	k.Do(t, card.Block)
	if handed(r.App) {
		t.Error("the PIN is handed out after the card was blocked")
	}
	k.Do(t, card.Unblock)
	r.MoveClock(t, 2*time.Minute)
	if handed(r.App) {
		t.Error("the PIN is handed out long after its view")
	}
}

// A card that is being blocked has no PIN to show, whoever waits for whom.
func TestNoViewOverlapsABlock(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	const view = `SELECT view_pin($1, $2, $3)`
	first := begin(t, r.App)
	if _, err := first.Exec(t.Context(), view, k.ID, k.Holder.Person, k.LastSix()); err != nil {
		t.Fatal(err)
	}
	blocked := make(chan error, 1)
	go func() { blocked <- k.Try(t, k.Orderer, card.Block) }()
	select {
	case err := <-blocked:
		t.Fatalf("the card is blocked while a view is being counted: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := first.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-blocked; err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix()); !errors.Is(err, card.ErrNotActive) {
		t.Errorf("afterwards: %v", err)
	}
}

// A suspended card is active underneath: its holder may need the PIN where fees are of no interest.
func TestThePINOfASuspendedCompany(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	c.Suspend(t)
	if len(viewPIN(t, k)) != 4 {
		t.Error("no PIN")
	}
}

func TestThePINFiveTimesADay(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	c := r.NewCompany(t)
	k, other := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	first := viewPIN(t, k)
	for n := 2; n <= 5; n++ {
		if got := viewPIN(t, k); got != first {
			t.Errorf("the PIN is another at view %d", n)
		}
	}
	if _, err := r.Store.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix()); !errors.Is(err, card.ErrTooOften) {
		t.Errorf("the sixth time: %v", err)
	}
	viewPIN(t, other)
	status, err := r.Store.PINStatus(t.Context(), k.Holder, k.ID)
	if err != nil || len(status.Views) != 5 || status.Left != 0 {
		t.Errorf("status %+v, %v; want five views and none left", status, err)
	}
	r.MoveClock(t, 24*time.Hour)
	viewPIN(t, k)
	if status, err := r.Store.PINStatus(t.Context(), k.Holder, k.ID); err != nil || len(status.Views) != 6 || status.Left != 4 {
		t.Errorf("the next day: status %+v, %v", status, err)
	}
}

// atNoon moves the clock to twelve o'clock, so that a test does not run over midnight.
func atNoon(t *testing.T, r *pgtest.Register) {
	t.Helper()
	const q = `UPDATE clock SET moved_by = moved_by + ((today() + time '12:00') AT TIME ZONE 'Europe/Stockholm' - clock_now())`
	if _, err := r.Owner.Exec(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

func TestWrongNumbersAreLimited(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	viewPIN(t, k)
	for _, typed := range []string{"000000", "", k.LastSix()[1:], " " + k.LastSix(), string(k.Number)} {
		if _, err := r.Store.ViewPIN(t.Context(), k.Holder, k.ID, typed); !errors.Is(err, card.ErrLastSix) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if _, err := r.Store.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix()); !errors.Is(err, card.ErrTooOften) {
		t.Errorf("the right number after five wrong ones: %v", err)
	}
	if status, err := r.Store.PINStatus(t.Context(), k.Holder, k.ID); err != nil || len(status.Views) != 1 || status.Left != 0 {
		t.Errorf("status %+v, %v", status, err)
	}
	r.MoveClock(t, 24*time.Hour)
	viewPIN(t, k)
}

func TestViewsAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	atNoon(t, r)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	s := wide(t, r, 20)
	shown := 0
	for _, err := range atOnce(20, func(int) error {
		_, err := s.ViewPIN(t.Context(), k.Holder, k.ID, k.LastSix())
		return err
	}) {
		switch {
		case err == nil:
			shown++
		case !errors.Is(err, card.ErrTooOften):
			t.Errorf("a view ended with %v", err)
		}
	}
	if shown != 5 {
		t.Errorf("shown %d times, want 5", shown)
	}
}

func TestADumpHoldsNoPIN(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	ended := c.Card(t, pgtest.Spec{Status: card.Active})
	ended.Do(t, card.Terminate)
	// A PIN of four digits is found by chance in any dump; this one is where a dump could show it.
	code := viewPIN(t, k)
	for _, line := range strings.Split(everything(t, r), "\n") {
		for _, field := range strings.Split(line, "\t") {
			if field == code || strings.HasPrefix(field, `\\x`) && strings.Contains(field, hexOf(code)) {
				t.Errorf("the PIN stands in the dump: %s", line)
			}
		}
	}
	var ciphertext []byte
	if err := r.Owner.QueryRow(t.Context(), `SELECT ciphertext FROM card_pins WHERE card_id = $1`, k.ID).Scan(&ciphertext); err != nil {
		t.Fatal(err)
	}
	if len(ciphertext) != pin.CiphertextSize || strings.Contains(string(ciphertext), code) {
		t.Errorf("%d bytes of ciphertext", len(ciphertext))
	}
	if n := texts(t, r.Owner, `SELECT count(*)::text FROM card_pins WHERE card_id = $1`, ended.ID)[0]; n != "0" {
		t.Error("a terminated card has a PIN")
	}
	if _, err := r.App.Exec(t.Context(), `SELECT FROM card_pins`); ruleOf(err) != forbidden {
		t.Errorf("the application reads PINs: %v", err)
	}
	// Another card's ciphertext is of no use.
	other := c.Card(t, pgtest.Spec{Status: card.Active})
	if _, err := r.Owner.Exec(t.Context(), `UPDATE card_pins SET ciphertext = $1 WHERE card_id = $2`, ciphertext, other.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.ViewPIN(t.Context(), other.Holder, other.ID, other.LastSix()); !errors.Is(err, pin.ErrDecrypt) {
		t.Errorf("with another card's ciphertext: %v", err)
	}
}

func hexOf(digits string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, d := range []byte(digits) {
		b.WriteByte(hex[d>>4])
		b.WriteByte(hex[d&15])
	}
	return b.String()
}

// stopper ends a context at the nth query that begins so.
type stopper struct {
	prefix string
	left   int
	stop   context.CancelFunc
}

func (s *stopper) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.HasPrefix(q.SQL, s.prefix) {
		if s.left--; s.left == 0 {
			s.stop()
		}
	}
	return ctx
}

func (s *stopper) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestPINsUnderANewKey(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Active})
	before := viewPIN(t, k)
	old, err := pin.Open(r.Keyset)
	if err != nil {
		t.Fatal(err)
	}
	// More than are done at a time.
	const many = 700
	batch := &pgx.Batch{}
	for _, id := range bulk(t, r, r.NewCompany(t), many) {
		ciphertext, err := old.Encrypt(pin.Generate(), int64(id))
		if err != nil {
			t.Fatal(err)
		}
		batch.Queue(`INSERT INTO card_pins (card_id, key_id, ciphertext) VALUES ($1, $2, $3)
			ON CONFLICT (card_id) DO UPDATE SET key_id = excluded.key_id, ciphertext = excluded.ciphertext`, id, int64(old.PrimaryKeyID()), ciphertext)
	}
	if err := r.Owner.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	if err := pin.Rotate(r.Keyset); err != nil {
		t.Fatal(err)
	}
	ring, err := pin.Open(r.Keyset)
	if err != nil {
		t.Fatal(err)
	}
	if viewPIN(t, k) != before {
		t.Error("after the rotation the PIN is another")
	}
	underOld := func() string {
		return texts(t, r.Owner, `SELECT count(*)::text FROM card_pins WHERE key_id <> $1`, int64(ring.PrimaryKeyID()))[0]
	}

	ctx, stop := context.WithCancel(t.Context())
	cfg, err := pgx.ParseConfig(r.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Tracer = &stopper{prefix: "SELECT card_id", left: 2, stop: stop}
	interrupted, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	n, err := postgres.ReencryptPINs(ctx, interrupted, ring)
	if !errors.Is(err, context.Canceled) || n != 500 || underOld() != "201" {
		t.Errorf("interrupted: %d done, %s left, %v", n, underOld(), err)
	}
	if err := interrupted.Close(t.Context()); err != nil && !interrupted.IsClosed() {
		t.Fatal(err)
	}
	if viewPIN(t, k) != before {
		t.Error("in between the PIN is another")
	}

	conn, err := r.Owner.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, want := range []int{201, 0} {
		if n, err := postgres.ReencryptPINs(t.Context(), conn.Conn(), ring); err != nil || n != want || underOld() != "0" {
			t.Errorf("%d done, want %d, %s left, %v", n, want, underOld(), err)
		}
	}
	if viewPIN(t, k) != before {
		t.Error("under the new key the PIN is another")
	}
}
