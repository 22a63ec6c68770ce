package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// companyStore knows what a company has decided for itself.
type companyStore interface {
	Grace(ctx context.Context, by account.Actor) (card.Grace, error)
	SetGrace(ctx context.Context, by account.Actor, hours int16) error
}

func (s *Server) showCompany(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.answerCompany(v, w, r, http.StatusOK, view.Company{})
}

// setCompany changes the grace time.
func (s *Server) setCompany(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	typed := field(r, "grace_hours")
	hours, err := strconv.ParseInt(typed, 10, 16)
	if err == nil {
		err = s.store.SetGrace(r.Context(), v.actor, int16(hours))
	} else {
		err = card.ErrGraceHours
	}
	switch {
	case errors.Is(err, card.ErrGraceHours):
		p := view.Company{GraceHours: typed, Errors: []view.FieldError{{Field: "grace_hours", Code: "invalid"}}}
		return s.answerCompany(v, w, r, http.StatusUnprocessableEntity, p)
	case err != nil:
		return err
	}
	sendReceipt(w, receiptCompany)
	return redirect(w, r, "/company")
}

func (s *Server) answerCompany(v visit, w http.ResponseWriter, r *http.Request, status int, p view.Company) error {
	g, err := s.store.Grace(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p.Layout = v.layout("/company")
	if len(p.Errors) == 0 {
		p.GraceHours = strconv.Itoa(g.Hours)
	}
	for _, c := range g.Changes {
		p.Changes = append(p.Changes, view.GraceChange{At: c.At, By: c.By.Full(), Hours: c.Hours})
	}
	return render(w, r, status, view.CompanyPage(p))
}
