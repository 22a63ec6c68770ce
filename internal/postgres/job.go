package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"kortportal/internal/messages"
)

// jobClient is the job queue's library at our database.
type jobClient = river.Client[pgx.Tx]

// Times of a job. Who delivers a letter has sendTimeout; an attempt without an outcome that is older than a minute (begin_attempt) is
// therefore nobody's any more, and a job that is running for longer than rescueAfter was a killed process's.
const (
	sendTimeout = 45 * time.Second
	jobTimeout  = time.Minute
	rescueAfter = 90 * time.Second
	stopTimeout = 20 * time.Second
	lookAgain   = 15 * time.Second // at an attempt that may be under way
)

// maxSendAttempts spread over a day; then the message has failed.
const maxSendAttempts = 14

// jobConns are what the worker needs of the pool for itself: one listens, one keeps house.
const jobConns = 2

// sendWorkers is how many mails are under way at once.
const sendWorkers = 4

// The queues. Mails have one of their own, which only a process works that can send them; the last release, which knows neither the new mails
// nor the new jobs, works the library's default queue alone.
const (
	mailQueue  = "mail"
	houseQueue = "house"
	runQueue   = "runs"
)

// sendMessage is the job that sends a message.
type sendMessage struct {
	Message messages.ID `json:"message"`
}

// Kind names the job in the queue.
func (sendMessage) Kind() string { return "send_message" }

// InsertOpts makes sure that the queue never gives up before the message has an outcome: our own attempts are counted with the message.
func (sendMessage) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1000, Queue: mailQueue}
}

// newJobClient makes one that puts jobs into the queue and does none.
func newJobClient(db *pgxpool.Pool) (*jobClient, error) {
	client, err := river.NewClient(riverpgxv5.New(db), &river.Config{Schema: jobSchema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("postgres: job queue: %w", err)
	}
	return client, nil
}

// Deliverer puts a letter into a mail and hands it to a mail server. Its error is a messages.Problem where it knows what went wrong.
type Deliverer interface {
	Deliver(ctx context.Context, l messages.Letter) error
}

// WorkOptions are what tests vary. The zero value is for everybody else.
type WorkOptions struct {
	Log *slog.Logger
	// RescueAfter is when a job that is running is taken for a killed process's; zero for 90 seconds.
	RescueAfter time.Duration
}

// Work does the jobs of the queues until ctx ends, then finishes those it has begun. Several processes may work at once. Without a deliverer
// messages wait, and nobody is reminded of anything.
//
// A message is sent at least once: an attempt is written down before the mail goes out, its outcome after. When the process is killed in
// between, another attempt follows, with a mail that says by its Message-ID that it is the same. A message that was sent is never sent again.
func (s *Store) Work(ctx context.Context, deliver Deliverer, o WorkOptions) error {
	workers := river.NewWorkers()
	queues := map[string]river.QueueConfig{houseQueue: {MaxWorkers: 1}, runQueue: {MaxWorkers: runWorkers}}
	periodic := []*river.PeriodicJob{hourly(forget{}), every(time.Minute, settleDue{})}
	err := errors.Join(
		river.AddWorkerSafely(workers, &forgetWorker{store: s}),
		river.AddWorkerSafely(workers, &settleWorker{store: s}),
		river.AddWorkerSafely(workers, &runWorker{store: s}),
		river.AddWorkerSafely(workers, &handOverWorker{store: s}))
	if deliver != nil {
		queues[mailQueue] = river.QueueConfig{MaxWorkers: sendWorkers}
		queues[river.QueueDefault] = river.QueueConfig{MaxWorkers: sendWorkers} // what the last release has left there
		periodic = append(periodic, hourly(remindOfExpiry{}))
		err = errors.Join(err,
			river.AddWorkerSafely(workers, &messageWorker{store: s, deliver: deliver, log: o.Log}),
			river.AddWorkerSafely(workers, &expiryWorker{store: s}))
	}
	if err != nil {
		return fmt.Errorf("postgres: work: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(s.db), s.workConfig(workers, queues, periodic, o))
	if err != nil {
		return fmt.Errorf("postgres: work: %w", err)
	}
	life := context.WithoutCancel(ctx) // a job that has begun is finished
	if err := s.resumeRuns(life); err != nil {
		return fmt.Errorf("postgres: work: %w", err)
	}
	if err := client.Start(life); err != nil {
		return fmt.Errorf("postgres: start to work: %w", err)
	}
	<-ctx.Done()
	patience, cancel := context.WithTimeout(life, stopTimeout)
	defer cancel()
	err = client.Stop(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		patience, cancel := context.WithTimeout(life, stopTimeout)
		defer cancel()
		err = client.StopAndCancel(patience)
	}
	if err != nil {
		return fmt.Errorf("postgres: stop working: %w", err)
	}
	return nil
}

func (s *Store) workConfig(
	workers *river.Workers, queues map[string]river.QueueConfig, periodic []*river.PeriodicJob, o WorkOptions,
) *river.Config {
	c := &river.Config{
		Schema:               jobSchema,
		Queues:               queues,
		Workers:              workers,
		PeriodicJobs:         periodic,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		ReindexerSchedule:    river.NeverSchedule(), // it would have to own the tables
		Logger:               slog.New(warnings{o.Log.Handler()}),
	}
	if o.RescueAfter != 0 {
		c.RescueStuckJobsAfter, c.JobTimeout = o.RescueAfter, min(jobTimeout, o.RescueAfter)
		c.TestOnly = true
	}
	return c
}

// hourly is a job that is done every hour.
func hourly(job river.JobArgs) *river.PeriodicJob { return every(time.Hour, job) }

// every is a job that is done when a process begins to lead the others, and at an interval from then on. What it does twice has no effect, and
// whether it is time for it the database's clock decides.
func every(interval time.Duration, job river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(interval), func() (river.JobArgs, *river.InsertOpts) { return job, nil },
		&river.PeriodicJobOpts{RunOnStart: true})
}

// onceInQueue keeps a job out of the queue while another of its kind waits there or is being done. One that failed rests: the next hour brings
// another.
func onceInQueue() river.InsertOpts {
	return river.InsertOpts{Queue: houseQueue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

// warnings lets through what an operator has to know: the library tells a lot.
type warnings struct{ slog.Handler }

// Enabled is for warnings and errors.
func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// WithAttrs keeps the limit.
func (w warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{w.Handler.WithAttrs(a)} }

// WithGroup keeps the limit.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// messageWorker sends messages.
type messageWorker struct {
	river.WorkerDefaults[sendMessage]
	store   *Store
	deliver Deliverer
	log     *slog.Logger
}

// Work is one attempt to send a message.
func (w *messageWorker) Work(ctx context.Context, job *river.Job[sendMessage]) error {
	id := job.Args.Message
	a, err := w.store.beginAttempt(ctx, id)
	if err != nil {
		return err
	}
	switch a.answer {
	case "begun":
	case "under_way":
		return river.JobSnooze(lookAgain)
	case "sent", "failed":
		return nil
	default:
		return river.JobCancel(fmt.Errorf("postgres: message %d: %s", id, a.answer))
	}
	problem := w.send(ctx, id)
	final := problem.Permanent() || a.n >= maxSendAttempts
	// Whatever has been sent is written down, also when the process is asked to stop.
	if err := w.store.endAttempt(context.WithoutCancel(ctx), id, a.n, problem, final); err != nil {
		return err
	}
	if problem == "" {
		return nil
	}
	if final {
		w.log.Warn("message given up", "message", int64(id), "attempts", a.n, "problem", string(problem))
		return nil
	}
	return problem // the queue tries again
}

// send is what happens between the beginning of an attempt and its end.
func (w *messageWorker) send(ctx context.Context, id messages.ID) messages.Problem {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	l, err := w.store.letter(ctx, id)
	if err == nil {
		err = w.deliver.Deliver(ctx, l)
	}
	var problem messages.Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &problem):
		return problem
	case ctx.Err() != nil:
		return messages.Unreachable
	}
	w.log.Error("message cannot be written", "message", int64(id), "error", err)
	return messages.Fault
}

// NextRetry leaves more time after each attempt: a second, then 16, 81 …, in the end some hours. All of them together last a day.
func (*messageWorker) NextRetry(job *river.Job[sendMessage]) time.Time {
	n := min(len(job.Errors)+1, maxSendAttempts)
	return time.Now().Add(time.Duration(n*n*n*n) * time.Second)
}
