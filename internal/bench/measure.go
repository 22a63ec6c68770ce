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
	"runtime"
	"strconv"
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
	lists    []list
	orders   []bulk
}

const lastPage = 400

// country is a database of some size with the servers that are measured on it.
type country struct {
	*database
	postmaster int
	real, bare *process
	member     *client             // of the largest company, at the portal
	peerMember *client             // of the company to compare; nil in the first country
	files      map[string][]string // pgbench's scripts, by operation
	changing   *changing
	result     *result
}

// measure loads a country of each size and measures all of them in turns.
func measure(ctx context.Context, s settings, binary string, log *slog.Logger) (_ []result, err error) {
	var countries []*country
	defer func() {
		for _, c := range countries {
			err = errors.Join(err, c.stop())
		}
	}()
	folder, err := os.MkdirTemp("", "kortportal-bench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for _, n := range s.sizes {
		peer := 0
		if len(countries) > 0 {
			peer = countries[0].subject.Size
		}
		db, err := openDatabase(ctx, s.dir, n, peer, log)
		if err != nil {
			return nil, fmt.Errorf("%d cards: %w", n, err)
		}
		c := &country{database: db, result: &result{cards: n, loadTook: db.loadTook, size: db.size, company: db.subject.Size, peer: db.peer.Size}}
		countries = append(countries, c)
		if err := c.prepare(ctx, filepath.Join(folder, strconv.Itoa(n))); err != nil {
			return nil, fmt.Errorf("%d cards: %w", n, err)
		}
	}
	for i, c := range countries {
		if err := c.start(ctx, s, binary, 18080+10*i); err != nil {
			return nil, fmt.Errorf("%d cards: %w", c.result.cards, err)
		}
	}
	// Who asks keeps to one core at a time, as pgbench does with one thread.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	names := append(operationNames(), changeName, formName, loginName)
	for i, name := range names {
		log.Info("measuring", "operation", name)
		if err := measureLine(ctx, s, countries, i, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var results []result
	for _, c := range countries {
		if c.result.memory, err = c.real.memory(); err != nil {
			return nil, err
		}
		if err := measureLists(ctx, c); err != nil {
			return nil, fmt.Errorf("list: %w", err)
		}
	}
	for _, c := range countries {
		if err := c.stopServers(); err != nil { // the database is copied, which nobody may be using
			return nil, err
		}
		log.Info("measuring orders and production", "cards", c.result.cards)
		if c.result.orders, err = measureOrders(ctx, c.database, binary, c.postmaster); err != nil {
			return nil, fmt.Errorf("orders: %w", err)
		}
		results = append(results, *c.result)
	}
	return results, nil
}

// prepare finds what the operations need, and records what they send.
func (c *country) prepare(ctx context.Context, folder string) (err error) {
	if err := findPage(ctx, c.database, &c.subject); err != nil {
		return err
	}
	if c.peer.Company != 0 {
		if err := findPage(ctx, c.database, &c.peer); err != nil {
			return err
		}
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	if c.files, err = scripts(ctx, c.database, folder, operations(c.subject)); err != nil {
		return err
	}
	if c.changing, err = newChanging(ctx, c.database); err != nil {
		return err
	}
	c.postmaster, err = postmasterPID(filepath.Join(c.local.Dir(), "data"))
	return err
}

// start brings up both servers and logs in at the portal.
func (c *country) start(ctx context.Context, s settings, binary string, port int) (err error) {
	c.real, err = startProcess(ctx, binary, []string{"serve"}, []string{
		"DATABASE_URL=" + c.local.AppURL(), "PIN_KEYSET_FILE=" + c.keyset, "APP_ENV=dev",
	}, port)
	if err != nil {
		return err
	}
	c.result.start = c.real.start
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(c.subject)
	if err != nil {
		return err
	}
	c.bare, err = startProcess(ctx, self, []string{"-bare"}, []string{"DATABASE_URL=" + c.local.AppURL(), bareEnv + "=" + string(text)}, port+1)
	if err != nil {
		return err
	}
	if c.member, err = newMember(s, c.real, c.subject); err != nil {
		return err
	}
	if c.peer.Company != 0 {
		if c.peerMember, err = newMember(s, c.real, c.peer); err != nil {
			return err
		}
	}
	_, c.result.page, err = c.member.send(mustGet(c.real.base+"/cards"), http.StatusOK)
	return err
}

func (c *country) stop() error { return errors.Join(c.stopServers(), c.local.Stop()) }

func (c *country) stopServers() error {
	var errs []error
	for _, p := range []*process{c.real, c.bare} {
		if p != nil {
			errs = append(errs, p.stop())
		}
	}
	c.real, c.bare = nil, nil
	return errors.Join(errs...)
}

// measureLine measures one line of the table, in all countries: first each on its own until it is warm, then in turns.
func measureLine(ctx context.Context, s settings, countries []*country, i int, name string) error {
	var turns []interface {
		turn(ctx context.Context, s settings) error
	}
	for _, c := range countries {
		c.result.lines = append(c.result.lines, line{name: name})
	}
	for _, c := range countries {
		l := &c.result.lines[i]
		servers, err := c.servers(s, i, name, l)
		if err != nil {
			return err
		}
		for n, o := range servers {
			if err := o.warm(ctx, s, n == 0); err != nil {
				return err
			}
			turns = append(turns, o)
		}
		if files := c.files[name]; files != nil {
			turns = append(turns, &scripted{db: c.database, postmaster: c.postmaster, files: files, into: &l.pgbench})
		}
	}
	for range s.rounds {
		for _, t := range turns {
			if err := t.turn(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// servers are those that do the i-th operation in the country, the portal first.
func (c *country) servers(s settings, i int, name string, l *line) (all []*served, err error) {
	var errs []error
	at := func(p *process, do step, into *figure) {
		all = append(all, &served{p: p, postmaster: c.postmaster, do: do, into: into})
	}
	atEach := func(of subject, p *process, who *client, into *figure) {
		do, err := repeat(operations(of)[i], p, who)
		errs = append(errs, err)
		at(p, do, into)
	}
	switch name {
	case changeName:
		at(c.real, c.changing.step(s, c.real, c.member), &l.real)
		at(c.bare, c.changing.step(s, c.bare, newClient(s.clients)), &l.bare)
	case formName:
		var n hammer
		at(c.real, func(int) error {
			_, err := c.member.sendForm(posted(func(n int) string { return pick(c.subject.Personal, n) }), c.real, n.next())
			return err
		}, &l.real)
	case loginName:
		at(c.real, func(int) error {
			_, _, err := newClient(1).sendOnce(login(c.real.base, c.subject.Email), http.StatusSeeOther)
			return err
		}, &l.real)
	default:
		atEach(c.subject, c.real, c.member, &l.real)
		atEach(c.subject, c.bare, newClient(s.clients), &l.bare)
		if c.peerMember != nil {
			atEach(c.peer, c.real, c.peerMember, &l.peer)
		}
	}
	return all, errors.Join(errs...)
}

// repeat does an operation again and again, with other values each time.
func repeat(op operation, p *process, c *client) (step, error) {
	request := op.request
	if op.forms > 0 {
		pages := make([]string, op.forms)
		for n := range pages {
			var err error
			if pages[n], err = c.sendForm(op.request, p, n); err != nil {
				return nil, err
			}
		}
		request = get(func(n int) string { return pick(pages, n) })
	}
	var n hammer
	return func(int) error {
		if op.follow {
			page, err := c.sendForm(request, p, n.next())
			if err != nil {
				return err
			}
			_, _, err = c.send(mustGet(p.base+page), http.StatusOK)
			return err
		}
		r, err := request(p.base, n.next())
		if err != nil {
			return err
		}
		_, _, err = c.send(r, http.StatusOK)
		return err
	}, nil
}

// sendForm makes the n-th request and returns to where the answer leads.
func (c *client) sendForm(request func(string, int) (*http.Request, error), p *process, n int) (location string, err error) {
	r, err := request(p.base, n)
	if err != nil {
		return "", err
	}
	header, _, err := c.send(r, http.StatusSeeOther)
	return header.Get("Location"), err
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

// newMember is a browser in which the orderer of the subject works in its company.
func newMember(s settings, p *process, of subject) (*client, error) {
	c := newClient(s.clients)
	if _, _, err := c.send(login(p.base, of.Email), http.StatusSeeOther); err != nil {
		return nil, err
	}
	return c, c.choose(p.base, of.Company)
}

const (
	changeName = "block or unblock"
	formName   = "form of a search"
	loginName  = "log in"
)

// changing blocks and unblocks cards, each worker others. Portal and bare handler take turns with the same cards.
type changing struct {
	cards  []int64
	states map[int64]*cardState
}

func newChanging(ctx context.Context, db *database) (*changing, error) {
	store, err := postgres.Open(ctx, db.local.AppURL(), postgres.OpenOptions{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	c := &changing{cards: db.subject.Active, states: map[int64]*cardState{}}
	for _, id := range c.cards {
		now, err := store.Card(ctx, db.subject.actor(), card.ID(id))
		if err != nil {
			return nil, err
		}
		c.states[id] = &cardState{version: now.Version, blocked: now.Status == card.Blocked}
	}
	return c, nil
}

func (c *changing) step(s settings, p *process, at *client) step {
	turn := make([]int, s.clients)
	return func(worker int) error {
		own := len(c.cards) / s.clients
		if own == 0 {
			return errors.New("too few cards to block")
		}
		id := c.cards[worker*own+turn[worker]%own]
		turn[worker]++
		r, err := change(p.base, id, *c.states[id])
		if err != nil {
			return err
		}
		if _, _, err := at.send(r, http.StatusSeeOther); err != nil {
			return err
		}
		c.states[id].version++
		c.states[id].blocked = !c.states[id].blocked
		return nil
	}
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
	defer c.wire.closeIdle()
	return c.send(r, status)
}
