package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/mail"
	"kortportal/internal/mail/catcher"
	"kortportal/internal/messages"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// Set for a copy of the test binary that only sends messages: the database, and the mail server.
const (
	childWorker     = "KORTPORTAL_TEST_WORKER_DATABASE"
	childWorkerMail = "KORTPORTAL_TEST_WORKER_MAIL"
)

func toCatcher(addr string) mail.Post {
	return mail.Post{
		Sender: mail.SMTP{Addr: addr, TLS: mail.TLSNone, From: "Kortportal <kort@example.com>", HELO: "localhost"},
		URL:    &url.URL{Scheme: "https", Host: "kort.example.com"},
	}
}

// workUntilKilled is the child: it tells when it begins.
func workUntilKilled(database, mailAddr string) error {
	ctx := context.Background()
	store, err := postgres.Open(ctx, database, postgres.OpenOptions{Unsafe: true})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(os.Stdout, "ready"); err != nil {
		return err
	}
	return store.Work(ctx, toCatcher(mailAddr), postgres.WorkOptions{Log: slog.New(slog.DiscardHandler)})
}

// killedWorker runs a worker in a process of its own and kills it a random time after it has begun, or has come as far as is waited for.
func killedWorker(t *testing.T, database, mailAddr string, begun func(), most time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childWorker+"="+database, childWorkerMail+"="+mailAddr)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Errorf("the worker says %q, %v", line, err)
	}
	begun()
	<-time.After(rand.N(most))
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) {
		t.Errorf("the worker ended by itself: %v", err)
	}
}

func startCatcher(t *testing.T) *catcher.Catcher {
	t.Helper()
	c, err := catcher.Start(t.Context(), filepath.Join(t.TempDir(), "mail"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// work runs a worker in this process until the returned function is called.
func work(t *testing.T, r *pgtest.Register, deliver postgres.Deliverer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- r.Store.Work(ctx, deliver, postgres.WorkOptions{Log: slog.New(slog.DiscardHandler), RescueAfter: 10 * time.Second})
	}()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("work: %v", err)
		}
	}
}

// until waits for the database to say true.
func until(t *testing.T, r *pgtest.Register, query string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(2 * time.Minute); ; {
		var done bool
		if err := r.Owner.QueryRow(t.Context(), query).Scan(&done); err != nil {
			t.Fatal(err)
		}
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in time: %s\n%s", query, texts(t, r.Owner, `
				SELECT string_agg(format('%s %s %s %s', j.id, j.state, j.scheduled_at, j.errors), E'\n') FROM river.river_job j WHERE j.state <> 'completed'`))
		}
	}
}

const allSettled = `SELECT NOT EXISTS (SELECT FROM message_states WHERE state = 'waiting')`

// A worker that is killed 50 times loses no message, and sends none twice without writing down that it tried twice.
func TestTheWorkerIsKilled(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	caught := startCatcher(t)
	k := r.NewCompany(t).Card(t, pgtest.Spec{Status: card.Ordered})
	const kills, each = 50, 6
	for range kills {
		for range each {
			enqueue(t, r, approval(k))
		}
		killedWorker(t, r.AppURL, caught.Addr(), func() {}, 250*time.Millisecond)
	}
	if texts(t, r.Owner, `SELECT count(*)::text FROM message_attempts WHERE outcome IS NULL`)[0] == "0" {
		t.Log("no kill hit a mail under way")
	}
	r.MoveClock(t, 2*time.Minute) // no attempt is under way any more
	// Who was killed as the leader of the queue's housekeeping would be one for another 15 seconds.
	if _, err := r.Owner.Exec(t.Context(), `DELETE FROM river.river_leader`); err != nil {
		t.Fatal(err)
	}
	stop := work(t, r, toCatcher(caught.Addr()))
	until(t, r, allSettled)
	stop()

	mails, err := caught.Mails()
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, m := range mails {
		times[m.ID]++
	}
	rows, err := r.Owner.Query(t.Context(), `SELECT s.message_id, s.state, s.attempts FROM message_states s ORDER BY s.message_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all, again, twice := 0, 0, 0
	for rows.Next() {
		var id messages.ID
		var state messages.State
		var attempts int
		if err := rows.Scan(&id, &state, &attempts); err != nil {
			t.Fatal(err)
		}
		n := times[fmt.Sprintf("<message.%d@kort.example.com>", id)]
		if state != messages.Sent || n < 1 || n > attempts {
			t.Errorf("message %d is %s after %d attempts and came %d times", id, state, attempts, n)
		}
		all++
		if attempts > 1 {
			again++
		}
		if n > 1 {
			twice++
		}
	}
	if err := rows.Err(); err != nil || all != kills*each {
		t.Errorf("%d messages, want %d; %v", all, kills*each, err)
	}
	t.Logf("%d messages, %d tried more than once, %d of them came twice", all, again, twice)
}

// deliverer is a mail server of the test's choice.
type deliverer func(l messages.Letter) error

func (d deliverer) Deliver(_ context.Context, l messages.Letter) error { return d(l) }

func TestWhatBecomesOfAMessage(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	seen := map[account.Email]int{}
	seenBefore := make(chan map[account.Email]int, 1)
	seenBefore <- seen
	for _, email := range []account.Email{"good@example.com", "nobody@example.com", "busy@example.com", "fault@example.com"} {
		enqueue(t, r, postgres.Message{Template: messages.EmailChanged, Person: person, Email: email})
	}
	stop := work(t, r, deliverer(func(l messages.Letter) error {
		times := <-seenBefore
		times[l.Email]++
		n := times[l.Email]
		seenBefore <- times
		switch {
		case l.Email == "nobody@example.com":
			return fmt.Errorf("the server says: %w", messages.AddressRefused)
		case l.Email == "busy@example.com" && n == 1:
			return messages.Busy
		case l.Email == "fault@example.com" && n == 1:
			return errors.New("out of ink")
		}
		return nil
	}))
	until(t, r, allSettled)
	stop()
	want := map[string]string{
		"good@example.com": "sent", "nobody@example.com": "failed:address_refused", "busy@example.com": "deferred:busy sent", "fault@example.com": "deferred:fault sent",
	}
	for email, outcomes := range want {
		got := texts(t, r.Owner, `
			SELECT string_agg(concat_ws(':', a.outcome, a.error), ' ' ORDER BY a.n) FROM message_attempts a JOIN messages m ON m.id = a.message_id
			WHERE m.email = $1`, email)[0]
		if got != outcomes {
			t.Errorf("%s: %s, want %s", email, got, outcomes)
		}
	}
}

// A worker that is asked to stop finishes the mail that it has begun.
func TestTheWorkerStops(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	person, _ := r.NewLogin(t)
	enqueue(t, r, postgres.Message{Template: messages.EmailChanged, Person: person})
	begun, goOn := make(chan struct{}), make(chan struct{})
	stop := work(t, r, deliverer(func(messages.Letter) error {
		close(begun)
		<-goOn
		return nil
	}))
	<-begun
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("the worker stopped in the middle")
	case <-time.After(100 * time.Millisecond):
	}
	close(goOn)
	<-stopped
	until(t, r, `SELECT state = 'sent' AND attempts = 1 FROM message_states`)
}
