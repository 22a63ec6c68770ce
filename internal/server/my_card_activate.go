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

// activationStore lets a holder activate an own card.
type activationStore interface {
	Activation(ctx context.Context, by account.Actor, id card.ID) (card.Activation, error)
	Activate(ctx context.Context, by account.Actor, id card.ID, version int, number card.Possession) (newVersion int, err error)
}

// askActivation shows what an activation does, and asks for the number of the card.
func (s *Server) askActivation(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	c, err := s.store.Card(r.Context(), v.holder(), id)
	if err != nil {
		return err
	}
	if !isOpen(c, card.Activate) {
		return s.refuse(v, v.holderDesk(), w, r, c, card.Activate)
	}
	return s.showActivation(v, w, r, http.StatusOK, c, view.MyCardActivate{})
}

// activate asks the store, which judges the number too.
func (s *Server) activate(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := cardID(r)
	if err != nil {
		return err
	}
	do := card.Command{Card: id, Version: seenVersion(r), Action: card.Activate}
	typed := view.MyCardActivate{Number: field(r, "card_number")}
	number, numberErr := card.ParsePossession(typed.Number)
	if numberErr == nil {
		var version int
		version, err = s.store.Activate(r.Context(), v.holder(), id, do.Version, number)
		var refused *card.Refused
		switch {
		case err == nil:
			return redirect(w, r, v.holderDesk().address(id)+"?receipt="+strconv.Itoa(version))
		case !errors.As(err, &refused):
			return err
		}
	}
	c, lookErr := s.store.Card(r.Context(), v.holder(), id)
	if lookErr != nil {
		return lookErr
	}
	wrong := func(code string) error {
		typed.Errors = []view.FieldError{{Field: "card_number", Code: code}}
		return s.showActivation(v, w, r, http.StatusUnprocessableEntity, c, typed)
	}
	open := isOpen(c, card.Activate)
	switch {
	case numberErr != nil && open:
		return wrong(requiredOr("invalid", typed.Number))
	case errors.Is(err, card.ErrPossession) && open:
		return wrong("wrong")
	case errors.Is(err, card.ErrTooOften) && open:
		return s.showActivation(v, w, r, http.StatusTooManyRequests, c, typed)
	case open:
		typed.Changed, typed.Changes = true, events(eventsAfter(c, do.Version))
		return s.showActivation(v, w, r, http.StatusConflict, c, typed)
	case c.Version != do.Version:
		return s.answerConflict(v, v.holderDesk(), w, r, c, do)
	}
	return s.refuse(v, v.holderDesk(), w, r, c, card.Activate)
}

// showActivation shows the form, or why there is none today. typed is what came with it.
func (s *Server) showActivation(v visit, w http.ResponseWriter, r *http.Request, status int, c card.Card, p view.MyCardActivate) error {
	a, err := s.store.Activation(r.Context(), v.holder(), c.ID)
	if err != nil {
		return err
	}
	choice, _ := c.Choice(card.Activate)
	d := v.holderDesk()
	p.Layout, p.Card, p.TooOften = v.layout(d.address(c.ID)+"/activate"), d.summary(c), a.WrongTooOften
	p.Form = actionForm(d, c, choice)
	for _, number := range a.Ends {
		p.Ends = append(p.Ends, number.WithoutLastSix())
	}
	if p.TooOften {
		p.Errors = nil
		if status == http.StatusUnprocessableEntity {
			status = http.StatusTooManyRequests // the fifth wrong number ends the day
		}
	}
	return render(w, r, status, view.MyCardActivatePage(p))
}
