package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

// operation is one thing that people do, again and again with other values.
type operation struct {
	name    string
	request func(base string, n int) (*http.Request, error)
	follow  bool // the answer leads to the page that was wanted, which belongs to the operation
	forms   int  // so many forms are sent beforehand, and the pages to which they lead are what is measured
}

// hammer gives each request of a run another number.
type hammer struct{ n atomic.Int64 }

func (h *hammer) next() int { return int(h.n.Add(1)) }

func pick[T any](list []T, n int) T { return list[n%len(list)] }

func get(path func(n int) string) func(string, int) (*http.Request, error) {
	return func(base string, n int) (*http.Request, error) {
		return http.NewRequestWithContext(context.Background(), http.MethodGet, base+path(n), nil)
	}
}

func post(path string, form func(n int) url.Values) func(string, int) (*http.Request, error) {
	return func(base string, n int) (*http.Request, error) {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+path, strings.NewReader(form(n).Encode()))
		if err == nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return r, err
	}
}

func query(values func(n int) string) func(string, int) (*http.Request, error) {
	return get(func(n int) string { return "/cards?" + url.Values{"q": {values(n)}}.Encode() })
}

func posted(values func(n int) string) func(string, int) (*http.Request, error) {
	return post("/cards", func(n int) url.Values { return url.Values{"q": {values(n)}} })
}

// operations are those of the goals. Those that change a card and the log-in are built where they are run.
func operations(s subject) []operation {
	return []operation{
		{name: "card number, to the card", follow: true, request: query(func(n int) string { return pick(s.Numbers, n) })},
		{name: "personnummer, 6 digits", forms: len(s.Personal), request: posted(func(n int) string { return pick(s.Personal, n)[2:8] })},
		{name: "personnummer, 8 digits", forms: len(s.Personal), request: posted(func(n int) string { return pick(s.Personal, n)[:8] })},
		{name: "personnummer, 12 digits", forms: len(s.Personal), request: posted(func(n int) string { return pick(s.Personal, n) })},
		{name: "common name", request: query(func(n int) string { return pick([]string{"andersson", "johansson", "karlsson"}, n) })},
		{name: "rare name", request: query(func(n int) string { return pick(s.Rare, n) })},
		{name: "two words", request: query(func(n int) string { return pick(s.Pairs, n) })},
		{name: "orderer", request: query(func(n int) string { return pick(s.Orderers, n) })},
		{name: "first page of the company", request: get(func(int) string { return "/cards" })},
		{name: "page 400 of the company", request: get(func(int) string { return "/cards?" + url.Values{"after": {s.After}}.Encode() })},
		{name: "open a card", request: get(func(n int) string { return "/cards/" + strconv.FormatInt(pick(s.Cards, n), 10) })},
	}
}

func operationNames() []string {
	var names []string
	for _, op := range operations(subject{}) {
		names = append(names, op.name)
	}
	return names
}

// cardState is what the next action on a card is.
type cardState struct {
	version int
	blocked bool
}

// change is the form that blocks an active card or unblocks a blocked one.
func change(base string, id int64, state cardState) (*http.Request, error) {
	action, form := "block", url.Values{"reason": {"not_in_use"}, "version": {strconv.Itoa(state.version)}}
	if state.blocked {
		action = "unblock"
		form.Set("reason", "back_in_use")
	}
	return post(fmt.Sprintf("/cards/%d/%s", id, action), func(int) url.Values { return form })(base, 0)
}
