package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// list is what it took to send all cards of the largest company as one file.
type list struct {
	format      string
	size        int64 // bytes
	first, took time.Duration
	before      int64 // bytes of memory that the server had
	peak        int64 // and the most while it sent the list
}

// measureLists takes the largest company's cards as a list in each format.
func measureLists(ctx context.Context, c *country) error {
	for _, format := range []string{"csv", "xlsx"} {
		l := list{format: format}
		pid := c.real.cmd.Process.Pid
		// 5 makes the kernel forget the peak so far (proc(5)).
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
			return err
		}
		var err error
		if l.before, err = c.real.memory(); err != nil {
			return err
		}
		form := url.Values{"format": {format}, "step": {"download"}}
		r, err := post("/cards/export", func(int) url.Values { return form })(c.real.base, 0)
		if err != nil {
			return err
		}
		if err := c.member.fetch(r.WithContext(ctx), &l); err != nil {
			return err
		}
		if l.peak, err = c.real.memory(); err != nil {
			return err
		}
		c.result.lists = append(c.result.lists, l)
	}
	return nil
}

// fetch reads a file as it comes.
func (c *client) fetch(r *http.Request, l *list) error {
	for _, cookie := range c.cookies {
		r.AddCookie(cookie)
	}
	begin := time.Now()
	answer, err := c.wire.send(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", r.URL.Path, answer.Status)
	}
	n, err := io.ReadFull(answer.Body, make([]byte, 1))
	if err != nil {
		return err
	}
	l.first = time.Since(begin)
	rest, err := io.Copy(io.Discard, answer.Body)
	l.size, l.took = int64(n)+rest, time.Since(begin)
	return err
}
