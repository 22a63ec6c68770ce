package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// figure is what was measured of one operation on one server.
type figure struct {
	p50, p99 time.Duration // one connection
	rate     float64       // requests per second, several connections
	cpu      time.Duration // for a request, of the server and of Postgres together
}

// turnTime is how long one is measured before the next has its turn; leadIn is for how long it works before that, so that nobody's figures hold what
// another one's turn has put out of the processor's caches.
const (
	turnTime = time.Second
	leadIn   = 200 * time.Millisecond
)

// step makes and checks one request; worker tells those that run at once apart.
type step func(worker int) error

// drive runs steps one after another on so many workers until the time is out, and returns how long each took.
func drive(ctx context.Context, workers int, d time.Duration, do step) ([]time.Duration, error) {
	took := make([][]time.Duration, workers)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	end := time.Now().Add(d)
	for w := range workers {
		wg.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				begin := time.Now()
				if err := do(w); err != nil {
					errs[w] = err
					return
				}
				took[w] = append(took[w], time.Since(begin))
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(took...), ctx.Err()
}

// served is one operation on one server. Its figure grows by turns.
type served struct {
	p          *process
	postmaster int
	do         step
	into       *figure

	requests  int
	took, cpu time.Duration
}

// warm makes the server do the operation until what it keeps is kept, and measures latency on one connection where that is wanted.
func (o *served) warm(ctx context.Context, s settings, latency bool) error {
	if _, err := drive(ctx, s.clients, turnTime, o.do); err != nil || !latency {
		return err
	}
	single, err := drive(ctx, 1, s.time(), o.do)
	if err != nil {
		return err
	}
	slices.Sort(single)
	o.into.p50, o.into.p99 = single[len(single)/2], single[len(single)*99/100]
	return nil
}

// turn measures rate and CPU time on several connections.
func (o *served) turn(ctx context.Context, s settings) error {
	if _, err := drive(ctx, s.clients, leadIn, o.do); err != nil {
		return err
	}
	before, err := cpuTime(o.p.cmd.Process.Pid, o.postmaster)
	if err != nil {
		return err
	}
	begin := time.Now()
	many, err := drive(ctx, s.clients, turnTime, o.do)
	if err != nil {
		return err
	}
	o.took += time.Since(begin)
	after, err := cpuTime(o.p.cmd.Process.Pid, o.postmaster)
	if err != nil {
		return err
	}
	o.requests += len(many)
	o.cpu += after - before
	o.into.rate, o.into.cpu = float64(o.requests)/o.took.Seconds(), o.cpu/time.Duration(o.requests)
	return nil
}

// client is a browser as far as a bench needs one: it keeps the session cookie and follows nothing.
type client struct {
	wire    *wire
	cookies []*http.Cookie
}

func newClient(connections int) *client { return &client{wire: newWire(connections)} }

// send makes a request, reads the whole answer and returns its size on the wire.
func (c *client) send(r *http.Request, status int) (header http.Header, size int, err error) {
	for _, cookie := range c.cookies {
		r.AddCookie(cookie)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := c.wire.send(r)
	if err != nil {
		return nil, 0, err
	}
	n, err := io.Copy(io.Discard, answer.Body)
	if closeErr := answer.Body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && status != 0 && answer.StatusCode != status {
		err = fmt.Errorf("%s %s: %s", r.Method, r.URL.Path, answer.Status)
	}
	for _, cookie := range answer.Cookies() {
		if cookie.Name == "__Host-session" {
			c.cookies = []*http.Cookie{cookie}
		}
	}
	return answer.Header, int(n), err
}
