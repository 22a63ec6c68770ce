package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// approvalStore is what a holder asks before approving an own card.
type approvalStore interface {
	Approval(ctx context.Context, by account.Actor, id card.ID) (card.Approval, error)
	OwnPhoto(ctx context.Context, by account.Actor, id card.ID) ([]byte, error)
}

// askApproval shows what will be printed.
func (s *Server) askApproval(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	c, err := s.store.Card(r.Context(), v.holder(), id)
	if err != nil {
		return err
	}
	if !isOpen(c, card.Approve) {
		return s.refuse(v, v.holderDesk(), w, r, c, card.Approve)
	}
	return s.showApproval(v, w, r, http.StatusOK, c, nil)
}

// approve takes the holder's word for the data that the holder saw: they are those of the version that is sent.
func (s *Server) approve(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := cardID(r)
	if err != nil {
		return err
	}
	do := card.Command{Card: id, Version: seenVersion(r), Action: card.Approve}
	done, err := s.store.Act(r.Context(), v.holder(), do)
	switch {
	case err == nil:
		return redirect(w, r, v.holderDesk().address(id)+"?receipt="+strconv.Itoa(done.Version))
	case !errors.Is(err, card.ErrStale) && !errors.Is(err, card.ErrNotAllowed):
		return err
	}
	c, err := s.store.Card(r.Context(), v.holder(), id)
	if err != nil {
		return err
	}
	since := eventsAfter(c, do.Version)
	corrected := slices.ContainsFunc(since, func(e card.Event) bool { return e.Action == card.Correct })
	switch {
	case isOpen(c, card.Approve) || corrected && c.Number == "":
		return s.showApproval(v, w, r, http.StatusConflict, c, since)
	case c.Version != do.Version:
		return s.answerConflict(v, v.holderDesk(), w, r, c, do)
	}
	return s.refuse(v, v.holderDesk(), w, r, c, card.Approve)
}

// showApproval shows the data as they are now. since is what has happened after the holder opened the page.
func (s *Server) showApproval(v visit, w http.ResponseWriter, r *http.Request, status int, c card.Card, since []card.Event) error {
	a, err := s.store.Approval(r.Context(), v.holder(), c.ID)
	if err != nil {
		return err
	}
	d := v.holderDesk()
	address := d.address(c.ID)
	p := view.MyCardApprove{
		Layout: v.layout(address + "/approve"), Card: d.summary(c), ValidTo: a.ValidTo, Open: isOpen(c, card.Approve), Changes: events(since),
		Changed: status == http.StatusConflict,
	}
	if a.HasPhoto {
		p.Card.Photo = address + "/photo"
	}
	return render(w, r, status, view.MyCardApprovePage(p))
}

// showOwnPhoto sends the photo of an own card. No answer of the portal is kept by a browser.
func (s *Server) showOwnPhoto(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	jpeg, err := s.store.OwnPhoto(r.Context(), v.holder(), id)
	if err != nil {
		return err
	}
	sendJPEG(w, jpeg)
	return nil
}

// sendJPEG answers with a picture from the store.
func sendJPEG(w http.ResponseWriter, jpeg []byte) {
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(len(jpeg)))
	// An error means that the browser has gone, and nobody is left to tell.
	_, _ = w.Write(jpeg)
}

// seenVersion is the version of the card that the form was made from; zero, which no card ever has, for what is no version.
func seenVersion(r *http.Request) int {
	version, err := strconv.Atoi(field(r, "version"))
	if err != nil || version < 1 || version >= math.MaxInt32 {
		return 0
	}
	return version
}

// eventsAfter are those that have happened since a version that somebody saw.
func eventsAfter(c card.Card, version int) []card.Event {
	var since []card.Event
	for _, e := range c.Events {
		if e.Seq > version && version > 0 {
			since = append(since, e)
		}
	}
	return since
}
