package server

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/a-h/templ"
)

// pages are buffers for whole pages, used again.
var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a page, whole or not at all.
func render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	b, ok := pages.Get().(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
	}
	defer pages.Put(b)
	b.Reset()
	if err := page.Render(r.Context(), b); err != nil {
		return fmt.Errorf("server: render: %w", err)
	}
	dropReceipt(w, r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		// The browser has gone; nobody is left to tell.
		return nil
	}
	return nil
}

// redirect answers a POST: the browser asks for the address with GET.
func redirect(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}
