package server

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/card"
	"kortportal/web/view"
)

// showReview is an order with what the decision needs.
func (s *Server) showReview(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	c, err := s.store.ReviewCase(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := v.reviewPage(c)
	if p.Done, err = s.deskDone(v, r); err != nil {
		return err
	}
	kept := s.takeKept(v, r)
	p.Reason, p.Note = kept.Get("reason"), kept.Get("note")
	return render(w, r, http.StatusOK, view.DeskReviewPage(p))
}

// decide takes the decision on the version that the clerk saw, and leads to the next order.
func (s *Server) decide(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := cardID(r)
	if err != nil {
		return err
	}
	do := card.Command{Card: id, Action: card.Action(chi.URLParam(r, "action")), Reason: card.Reason(field(r, "reason")), Note: field(r, "note")}
	if do.Action != card.Review && do.Action != card.Reject {
		return errNotFound
	}
	do.Version, err = strconv.Atoi(field(r, "version"))
	if err != nil || do.Version < 1 || do.Version >= math.MaxInt32 {
		do.Version = 0 // no version that ever was: whatever is current has changed since
	}
	_, err = s.store.Act(r.Context(), v.actor, do)
	if err == nil {
		return s.leadToReview(v, w, r, id, strconv.FormatInt(int64(id), 10))
	}
	var fault view.FieldError
	switch {
	case errors.Is(err, card.ErrReason):
		fault = view.FieldError{Field: "reason", Code: requiredOr("invalid", string(do.Reason))}
	case errors.Is(err, card.ErrNote):
		fault = view.FieldError{Field: "note", Code: requiredOr("too_long", do.Note)}
	case errors.Is(err, card.ErrStale), errors.Is(err, card.ErrNotAllowed):
	default:
		return err
	}
	c, lookErr := s.store.ReviewCase(r.Context(), v.actor, id)
	if lookErr != nil {
		return lookErr
	}
	p := v.reviewPage(c)
	p.Reason, p.Note = string(do.Reason), do.Note
	if (fault != view.FieldError{}) && p.CanReject && c.Version == do.Version {
		p.Errors = []view.FieldError{fault}
		return render(w, r, http.StatusUnprocessableEntity, view.DeskReviewPage(p))
	}
	p.Stale = true
	for _, e := range c.Events {
		if e.Seq > do.Version && do.Version > 0 {
			p.Changes = append(p.Changes, events([]card.Event{e})...)
		}
	}
	return render(w, r, http.StatusConflict, view.DeskReviewPage(p))
}

func (v visit) reviewPage(c card.ReviewCase) view.DeskReview {
	p := view.DeskReview{
		Layout: v.layout("/desk/review/" + strconv.FormatInt(int64(c.ID), 10)), Card: summary(c.Card), HasPhoto: c.Order.Photo != 0,
		GivenName: c.Order.Name.Given, FamilyName: c.Order.Name.Family, IdentityKind: string(c.IdentityKind), Citizenship: c.Order.Citizenship,
		Reference: c.Order.Reference, DeliverTo: c.Order.DeliverTo, LastDay: c.LastDay, Replaces: int64(c.Order.Replaces),
		ReplaceWhy: string(c.Order.ReplaceReason), Events: events(c.Events),
	}
	if c.ClaimedBy.Family != "" {
		p.ClaimedBy = c.ClaimedBy.Full()
	}
	for _, e := range c.Events {
		if e.Action == card.Reject || e.Action == card.Decline {
			p.Rejections = append(p.Rejections, events([]card.Event{e})...)
		}
	}
	for _, e := range c.Earlier {
		p.Earlier = append(p.Earlier, view.EarlierCard{CardSummary: rowSummary(e.Row), HasPhoto: e.HasPhoto})
	}
	review, ok := c.Choice(card.Review)
	p.CanReview = ok && review.Open()
	switch review.Refusal {
	case card.RulePhotoToReview:
		p.Why, p.HasPhoto = "photo", false
	case "":
	default:
		p.Why = "status"
	}
	if reject, ok := c.Choice(card.Reject); ok && reject.Open() {
		p.CanReject = true
		for _, reason := range reject.Reasons {
			p.Reasons = append(p.Reasons, string(reason))
		}
	}
	return p
}
