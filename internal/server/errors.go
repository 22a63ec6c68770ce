package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

var (
	errNotFound  = errors.New("server: no such page")
	errMethod    = errors.New("server: method not allowed")
	errForm      = errors.New("server: form cannot be read")
	errForeign   = errors.New("server: request comes from another site")
	errPanic     = errors.New("server: panic")
	errForbidden = errors.New("server: not with this role")
)

// fail answers a request whose handler returned an error: the one place where errors become status codes.
func (s *Server) fail(v visit, w http.ResponseWriter, r *http.Request, err error) {
	page := view.Error{Layout: v.layout("/"), Status: s.statusOf(err), Role: errors.Is(err, errForbidden), ID: requestID(r.Context())}
	told := errors.Is(err, errPanic) || errors.Is(r.Context().Err(), context.Canceled)
	if page.Status == http.StatusInternalServerError && !told {
		s.log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("id", page.ID), slog.String("error", err.Error()))
	}
	if err := render(w, r, page.Status, view.ErrorPage(page)); err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "error page failed", slog.String("id", page.ID), slog.String("error", err.Error()))
	}
}

func (s *Server) statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errNotFound), errors.Is(err, card.ErrNotFound), errors.Is(err, account.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, card.ErrStale): // of two at once the one that was given up, where a page has nothing better to say
		return http.StatusConflict
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errForm):
		return http.StatusBadRequest
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errForeign), errors.Is(err, errForbidden):
		return http.StatusForbidden
	case errors.Is(err, context.DeadlineExceeded), s.store.IsUnavailable(err):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// minutes until a throttled person is heard again, at least one.
func minutes(t account.Throttled) int { return max(1, int(math.Ceil(t.RetryAfter.Minutes()))) }

func setRetryAfter(w http.ResponseWriter, t account.Throttled) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(t.RetryAfter.Seconds()))))
}

// parseForm reads a posted form within the limit on its size.
func parseForm(w http.ResponseWriter, r *http.Request) error { return parseFormOf(w, r, maxBody) }

// parseFormOf reads a posted form of at most so many bytes.
func parseFormOf(w http.ResponseWriter, r *http.Request, most int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	return nil
}
