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

// measureSteps warms up, then measures latency on one connection and rate and CPU time on several.
func measureSteps(ctx context.Context, s settings, p *process, postmaster int, do step) (figure, error) {
	if _, err := drive(ctx, s.clients, s.time/3, do); err != nil {
		return figure{}, err
	}
	single, err := drive(ctx, 1, s.time, do)
	if err != nil {
		return figure{}, err
	}
	before, err := cpuTime(p.cmd.Process.Pid, postmaster)
	if err != nil {
		return figure{}, err
	}
	begin := time.Now()
	many, err := drive(ctx, s.clients, s.time, do)
	if err != nil {
		return figure{}, err
	}
	took := time.Since(begin)
	after, err := cpuTime(p.cmd.Process.Pid, postmaster)
	if err != nil {
		return figure{}, err
	}
	slices.Sort(single)
	return figure{
		p50:  single[len(single)/2],
		p99:  single[len(single)*99/100],
		rate: float64(len(many)) / took.Seconds(),
		cpu:  (after - before) / time.Duration(len(many)),
	}, nil
}

// client is a browser as far as a bench needs one: it keeps the session cookie and follows nothing.
type client struct {
	http    *http.Client
	cookies []*http.Cookie
}

func newClient(connections int) *client {
	return &client{http: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send makes a request, reads the whole answer and returns its size on the wire.
func (c *client) send(r *http.Request, status int) (header http.Header, size int, err error) {
	for _, cookie := range c.cookies {
		r.AddCookie(cookie)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := c.http.Do(r)
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
	c.cookies = append(c.cookies, answer.Cookies()...)
	return answer.Header, int(n), err
}
