package server

import (
	"errors"
	"net/http"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// askCorrection shows what the order says, to be changed.
func (s *Server) askCorrection(v visit, w http.ResponseWriter, r *http.Request) error {
	o, open, err := s.correction(v, r)
	if err != nil {
		return err
	}
	if !open {
		return s.refuse(v, v.companyDesk(), w, r, o.card, card.Correct)
	}
	p := v.orderPage(o, nil)
	p.Rejected = rejectionOf(o.card)
	return render(w, r, http.StatusOK, view.OrderPage(p))
}

// postCorrection takes each step of a correction, on the version of the order that the person saw.
func (s *Server) postCorrection(v visit, w http.ResponseWriter, r *http.Request) error {
	var up upload
	var err error
	if v.actor.Is(account.Orderer) { // nobody else's pictures are read
		up, err = s.parsePhotoForm(w, r)
	} else {
		err = parseForm(w, r)
	}
	if err != nil {
		return err
	}
	o, open, err := s.correction(v, r)
	if err != nil {
		return err
	}
	if !open {
		return s.refuse(v, v.companyDesk(), w, r, o.card, card.Correct)
	}
	typed := typedOrder(r)
	typed.CardID, typed.Version, typed.Kind = o.form.CardID, seenVersion(r), o.form.Kind
	o.form = typed
	if o.form.Version != o.card.Version {
		return s.answerLateCorrection(v, w, r, o, up)
	}
	return s.continueOrder(v, w, r, o, up)
}

// correction is the order of the card in the address; open says whether this person may correct it now.
func (s *Server) correction(v visit, r *http.Request) (o ordering, open bool, err error) {
	id, err := cardID(r)
	if err != nil {
		return o, false, err
	}
	if o.card, err = s.store.Card(r.Context(), v.actor, id); err != nil {
		return o, false, err
	}
	if !isOpen(o.card, card.Correct) {
		return o, false, nil
	}
	if o.draft, err = s.store.Draft(r.Context(), v.actor, id); err != nil {
		return o, false, err
	}
	o.start.Company, o.start.OrgNumber = o.card.Company, o.card.OrgNumber
	o.form = formOf(o.draft)
	o.form.CardID, o.form.Version = int64(id), o.card.Version
	if o.card.Kind == card.Standard {
		o.holder, err = s.store.Holder(r.Context(), v.actor, o.draft.Holder)
	}
	return o, true, err
}

// correct asks the store for the correction.
func (s *Server) correct(v visit, w http.ResponseWriter, r *http.Request, o ordering, do card.NewOrder) error {
	version, err := s.store.Correct(r.Context(), v.actor, o.card.ID, o.form.Version, do)
	switch {
	case err == nil:
		return redirect(w, r, "/cards/"+strconv.FormatInt(int64(o.card.ID), 10)+"?receipt="+strconv.Itoa(version))
	case errors.Is(err, card.ErrStale), errors.Is(err, card.ErrNotAllowed):
		// Somebody was faster, between the look at the card and the correction.
		now, lookErr := s.store.Card(r.Context(), v.actor, o.card.ID)
		if lookErr != nil {
			return lookErr
		}
		o.card = now
		if !isOpen(now, card.Correct) {
			return s.refuse(v, v.companyDesk(), w, r, now, card.Correct)
		}
		return s.answerLateCorrection(v, w, r, o, upload{})
	}
	return s.answerOrderFault(v, w, r, o, err)
}

// answerLateCorrection tells who changed the card since the form was opened, and keeps what was typed.
func (s *Server) answerLateCorrection(v visit, w http.ResponseWriter, r *http.Request, o ordering, up upload) error {
	seen := o.form.Version
	_, faults, err := s.understandOrder(v, r, &o, up)
	if err != nil {
		return err
	}
	o.form.Version = o.card.Version
	p := v.orderPage(o, faults)
	p.Rejected, p.Late = rejectionOf(o.card), true
	for _, e := range o.card.Events {
		if e.Seq > seen && seen > 0 {
			p.Changes = append(p.Changes, events([]card.Event{e})...)
		}
	}
	return render(w, r, http.StatusConflict, view.OrderPage(p))
}

// rejectionOf is why the order came back, if that was the last that happened to it.
func rejectionOf(c card.Card) *view.Event {
	last := c.Events[len(c.Events)-1]
	if last.Action != card.Reject && last.Action != card.Decline {
		return nil
	}
	return &events([]card.Event{last})[0]
}
