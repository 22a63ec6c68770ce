package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/internal/pin"
)

// OpenWith is Open for a test that needs many connections at once, or to see what is asked of Postgres. The store hashes
// no passwords.
func OpenWith(ctx context.Context, url string, ring *pin.Keyring, conns int, tracer pgx.QueryTracer) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = int32(conns)
	cfg.ConnConfig.Tracer = tracer
	cfg.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	db, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	jobs, err := newJobClient(db)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &Store{db: db, pins: ring, jobs: jobs, pictures: column{db}}, nil
}

// Message is a message as a method of the store would write it.
type Message struct {
	Template messages.Template
	Person   account.PersonID
	Company  account.CompanyID
	Card     card.ID
	Email    account.Email
	Language string
	Data     messages.Data
}

// Enqueue writes messages in one transaction, which afterwards may still refuse.
func (s *Store) Enqueue(ctx context.Context, after func(pgx.Tx) error, all ...Message) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		for _, m := range all {
			if err := s.enqueueMessage(ctx, tx, message{m.Template, m.Person, m.Company, m.Card, m.Email, m.Language, m.Data}); err != nil {
				return err
			}
		}
		if after == nil {
			return nil
		}
		return after(tx)
	})
}

// Letter is what a worker would send now, with its link.
func (s *Store) Letter(ctx context.Context, id messages.ID) (messages.Letter, error) {
	return s.letter(ctx, id)
}

// UseLinkIn uses a link in a transaction that afterwards may still refuse.
func (s *Store) UseLinkIn(ctx context.Context, purpose messages.Purpose, token messages.Token, after func() error) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := useLink(ctx, tx, purpose, token); err != nil {
			return err
		}
		return after()
	})
}

// BeginAttempt and EndAttempt are what a worker does before and after the mail server is spoken to.
func (s *Store) BeginAttempt(ctx context.Context, id messages.ID) (answer string, n int, err error) {
	a, err := s.beginAttempt(ctx, id)
	return a.answer, a.n, err
}

// EndAttempt is final where there will be no other.
func (s *Store) EndAttempt(ctx context.Context, id messages.ID, n int, problem messages.Problem, final bool) error {
	return s.endAttempt(ctx, id, n, problem, final)
}

// Forget is what a worker does every hour.
func (s *Store) Forget(ctx context.Context) error {
	return (&forgetWorker{store: s}).Work(ctx, &river.Job[forget]{})
}

// SettleAndTell is what a worker does every minute.
func (s *Store) SettleAndTell(ctx context.Context) error {
	return (&settleWorker{store: s}).Work(ctx, &river.Job[settleDue]{})
}

// ApplyNext does the next cards of a run, as its job does until more is false.
func (s *Store) ApplyNext(ctx context.Context, id card.PlanID) (more bool, err error) {
	return s.applyNext(ctx, id)
}

// Refusals are the names that have a meaning in the domain.
func Refusals() map[string]error { return refusals() }
