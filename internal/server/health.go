package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// livez says that the process runs.
func (s *Server) livez(w http.ResponseWriter, _ *http.Request) {
	answerProbe(w, http.StatusOK, "alive\n")
}

// readyz says that requests can be served: the database answers.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelWarn, "not ready", slog.String("error", err.Error()))
		answerProbe(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	answerProbe(w, http.StatusOK, "ready\n")
}

func answerProbe(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	// A failed write means that whoever asked has gone.
	_, _ = io.WriteString(w, text)
}
