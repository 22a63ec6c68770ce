package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"kortportal/internal/card"
	"kortportal/internal/postgres"
)

// line is one operation on all that were measured.
type line struct {
	name    string
	real    figure
	bare    figure  // zero for an operation that the bare handler has not
	pgbench float64 // zero where pgbench has no script
	peer    figure  // of a company as large as the first country's largest; zero in the first country
}

// result is all about one size.
type result struct {
	cards    int
	loadTook time.Duration
	size     string
	start    time.Duration
	memory   int64
	page     int // bytes of the first page on the wire
	company  int // cards of the largest company
	peer     int // cards of the company that is compared with the first country's largest
	lines    []line
}

const lastPage = 400

func measure(ctx context.Context, s settings, cards, peer int, binary string, log *slog.Logger) (_ result, err error) {
	db, err := openDatabase(ctx, s.dir, cards, peer, log)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, db.local.Stop()) }()
	if err := findPage(ctx, db, &db.subject); err != nil {
		return result{}, err
	}
	if peer > 0 {
		if err := findPage(ctx, db, &db.peer); err != nil {
			return result{}, err
		}
	}
	ops := operations(db.subject)
	folder, err := os.MkdirTemp("", "kortportal-bench")
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	files, err := scripts(ctx, db, folder, ops)
	if err != nil {
		return result{}, err
	}
	postmaster, err := postmasterPID(filepath.Join(db.local.Dir(), "data"))
	if err != nil {
		return result{}, err
	}
	r := result{cards: cards, loadTook: db.loadTook, size: db.size, company: db.subject.Size, peer: db.peer.Size}
	log.Info("measuring the portal", "cards", cards)
	if err := measureReal(ctx, s, db, binary, postmaster, ops, &r); err != nil {
		return result{}, fmt.Errorf("portal: %w", err)
	}
	log.Info("measuring the bare handler", "cards", cards)
	if err := measureBare(ctx, s, db, postmaster, ops, &r); err != nil {
		return result{}, fmt.Errorf("bare handler: %w", err)
	}
	log.Info("measuring pgbench", "cards", cards)
	for i := range r.lines {
		if list := files[r.lines[i].name]; list != nil {
			if r.lines[i].pgbench, err = pgbench(ctx, s, db, list); err != nil {
				return result{}, err
			}
		}
	}
	return r, nil
}

// findPage walks to the last page to be asked for.
func findPage(ctx context.Context, db *database, of *subject) error {
	store, err := postgres.Open(ctx, db.local.AppURL(), postgres.OpenOptions{})
	if err != nil {
		return err
	}
	defer store.Close()
	var search card.Search
	for range lastPage - 1 {
		found, err := store.SearchCards(ctx, of.actor(), search)
		if err != nil {
			return err
		}
		if found.Next == "" {
			break
		}
		search.After = found.Next
	}
	of.After = string(search.After)
	return nil
}

func measureReal(ctx context.Context, s settings, db *database, binary string, postmaster int, ops []operation, r *result) (err error) {
	p, err := startProcess(ctx, binary, []string{"serve"}, []string{
		"DATABASE_URL=" + db.local.AppURL(), "PIN_KEYSET_FILE=" + db.keyset, "APP_ENV=dev",
	}, 18080)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	r.start = p.start
	c, err := newMember(s, p, db.subject)
	if err != nil {
		return err
	}
	if _, r.page, err = c.send(mustGet(p.base+"/cards"), http.StatusOK); err != nil {
		return err
	}
	for _, op := range ops {
		f, err := measureOperation(ctx, s, p, postmaster, c, op)
		if err != nil {
			return err
		}
		r.lines = append(r.lines, line{name: op.name, real: f})
	}
	f, err := measureChange(ctx, s, p, postmaster, c, db)
	if err != nil {
		return err
	}
	r.lines = append(r.lines, line{name: changeName, real: f})
	f, err = measureSteps(ctx, s, p, postmaster, func(int) error {
		_, _, err := newClient(1).sendOnce(login(p.base, db.subject.Email), http.StatusSeeOther)
		return err
	})
	if err != nil {
		return err
	}
	r.lines = append(r.lines, line{name: "log in", real: f})
	if db.peer.Company != 0 {
		if err := measurePeer(ctx, s, p, postmaster, db.peer, r); err != nil {
			return err
		}
	}
	r.memory, err = p.memory()
	return err
}

// measurePeer measures the same operations for a company of the size of the first country's largest.
func measurePeer(ctx context.Context, s settings, p *process, postmaster int, peer subject, r *result) error {
	c, err := newMember(s, p, peer)
	if err != nil {
		return err
	}
	for i, op := range operations(peer) {
		if r.lines[i].peer, err = measureOperation(ctx, s, p, postmaster, c, op); err != nil {
			return err
		}
	}
	return nil
}

// newMember is a browser in which the orderer of the subject works in its company.
func newMember(s settings, p *process, of subject) (*client, error) {
	c := newClient(s.clients)
	if _, _, err := c.send(login(p.base, of.Email), http.StatusSeeOther); err != nil {
		return nil, err
	}
	return c, c.choose(p.base, of.Company)
}

const changeName = "block or unblock"

func measureBare(ctx context.Context, s settings, db *database, postmaster int, ops []operation, r *result) (err error) {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(db.subject)
	if err != nil {
		return err
	}
	p, err := startProcess(ctx, self, []string{"-bare"}, []string{"DATABASE_URL=" + db.local.AppURL(), bareEnv + "=" + string(text)}, 18081)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	c := newClient(s.clients)
	for i, op := range ops {
		if r.lines[i].bare, err = measureOperation(ctx, s, p, postmaster, c, op); err != nil {
			return err
		}
	}
	r.lines[len(ops)].bare, err = measureChange(ctx, s, p, postmaster, c, db)
	return err
}

func measureOperation(ctx context.Context, s settings, p *process, postmaster int, c *client, op operation) (figure, error) {
	var n hammer
	f, err := measureSteps(ctx, s, p, postmaster, func(int) error {
		r, err := op.request(p.base, n.next())
		if err != nil {
			return err
		}
		if !op.follow {
			_, _, err = c.send(r, http.StatusOK)
			return err
		}
		header, _, err := c.send(r, http.StatusSeeOther)
		if err != nil {
			return err
		}
		_, _, err = c.send(mustGet(p.base+header.Get("Location")), http.StatusOK)
		return err
	})
	if err != nil {
		return figure{}, fmt.Errorf("%s: %w", op.name, err)
	}
	return f, nil
}

// measureChange blocks and unblocks cards, each worker others.
func measureChange(ctx context.Context, s settings, p *process, postmaster int, c *client, db *database) (figure, error) {
	store, err := postgres.Open(ctx, db.local.AppURL(), postgres.OpenOptions{})
	if err != nil {
		return figure{}, err
	}
	defer store.Close()
	states := map[int64]*cardState{}
	for _, id := range db.subject.Active {
		now, err := store.Card(ctx, db.subject.actor(), card.ID(id))
		if err != nil {
			return figure{}, err
		}
		states[id] = &cardState{version: now.Version, blocked: now.Status == card.Blocked}
	}
	turn := make([]int, s.clients)
	return measureSteps(ctx, s, p, postmaster, func(worker int) error {
		turn[worker]++
		id := pick(db.subject.Active, turn[worker]*s.clients+worker)
		if len(db.subject.Active) < s.clients || len(db.subject.Active)%s.clients != 0 {
			id = db.subject.Active[worker%len(db.subject.Active)]
		}
		r, err := change(p.base, id, *states[id])
		if err != nil {
			return err
		}
		if _, _, err := c.send(r, http.StatusSeeOther); err != nil {
			return err
		}
		states[id].version++
		states[id].blocked = !states[id].blocked
		return nil
	})
}

func login(base, email string) *http.Request {
	r, err := post("/login", func(int) url.Values { return url.Values{"email": {email}, "password": {password}} })(base, 0)
	if err != nil {
		panic(err) // the address is ours
	}
	return r
}

func mustGet(address string) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		panic(err) // the address is ours
	}
	return r
}

// choose works in the company of the subject, if the person has several.
func (c *client) choose(base string, company int64) error {
	r, err := post("/switch", func(int) url.Values { return url.Values{"context": {fmt.Sprint("company:", company)}} })(base, 0)
	if err != nil {
		return err
	}
	_, _, err = c.send(r, http.StatusSeeOther)
	return err
}

// sendOnce is send on a connection that is closed afterwards.
func (c *client) sendOnce(r *http.Request, status int) (http.Header, int, error) {
	defer c.http.CloseIdleConnections()
	return c.send(r, status)
}
