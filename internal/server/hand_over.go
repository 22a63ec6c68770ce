package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// handOverStore moves cards from one orderer to another.
type handOverStore interface {
	HandOver(ctx context.Context, by account.Actor, do card.Command) (card.Acted, error)
	HandOverAll(ctx context.Context, by account.Actor, n card.NewHandOver) (card.HandOverID, error)
	HandOverOf(ctx context.Context, by account.Actor, id card.HandOverID) (card.HandOverAll, error)
	HandOvers(ctx context.Context, by account.Actor, person account.PersonID) ([]card.HandOverAll, error)
	HandOverReasons(ctx context.Context) ([]card.Reason, error)
}

// ordererChoice are the orderers of the company but one, to choose between.
func (s *Server) ordererChoice(ctx context.Context, v visit, but account.PersonID) ([]view.Option, error) {
	orderers, err := s.store.Orderers(ctx, v.actor)
	if err != nil {
		return nil, err
	}
	var options []view.Option
	for _, o := range orderers {
		if o.Now && o.ID != but {
			options = append(options, view.Option{Value: strconv.FormatInt(int64(o.ID), 10), Label: listName(o.Name)})
		}
	}
	return options, nil
}

// offerSuccessors adds to the form of a hand-over who can take a card over.
func (s *Server) offerSuccessors(ctx context.Context, v visit, c card.Card, f *view.ActionForm) (err error) {
	if f.Action == string(card.HandOver) {
		f.Successors, err = s.ordererChoice(ctx, v, c.OrdererID)
	}
	return err
}

// successorFault is what is wrong with a successor; false when something else is.
func successorFault(err error) (view.FieldError, bool) {
	var refused *card.Refused
	if !errors.As(err, &refused) {
		return view.FieldError{}, false
	}
	switch refused.Rule {
	case "card_events_successor_when_handed_over":
		return view.FieldError{Field: "successor", Code: "required"}, true
	case "card_events_successor", "card_events_successor_is_orderer", "hand_overs_to_an_orderer", "hand_overs_to_another":
		return view.FieldError{Field: "successor", Code: "invalid"}, true
	case "hand_overs_one_way", "hand_overs_one_at_a_time":
		return view.FieldError{Field: "successor", Code: "one_way"}, true
	}
	return view.FieldError{}, false
}

// askHandOverAll asks who takes over all cards of a user.
func (s *Server) askHandOverAll(v visit, w http.ResponseWriter, r *http.Request) error {
	p, err := s.handOverForm(v, r, false)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, view.HandOverFormPage(p))
}

// askRemoval says what follows when a user leaves the company.
func (s *Server) askRemoval(v visit, w http.ResponseWriter, r *http.Request) error {
	p, err := s.handOverForm(v, r, true)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, view.HandOverFormPage(p))
}

// handOverForm is the form as it is before anything was typed. Who works for the company no more cannot be removed.
func (s *Server) handOverForm(v visit, r *http.Request, remove bool) (p view.HandOverForm, err error) {
	id, err := personID(r)
	if err != nil {
		return p, err
	}
	u, _, err := s.store.User(r.Context(), v.actor, id)
	if err != nil {
		return p, err
	}
	if remove && len(u.Roles) == 0 {
		return p, errNotFound
	}
	p = view.HandOverForm{
		Layout: v.layout(userAddress(id) + "/hand-over"), User: int64(id), Name: u.Full(), Cards: u.Cards, Remove: remove, Self: id == v.session.Person,
		Later: u.Cards > card.HandedOverAtOnce, Orderer: u.Orders(), Administrator: slices.Contains(u.Roles, account.Administrator),
	}
	if remove {
		p.Path = userAddress(id) + "/remove"
	}
	if p.Successors, err = s.ordererChoice(r.Context(), v, id); err != nil {
		return p, err
	}
	reasons, err := s.store.HandOverReasons(r.Context())
	for _, reason := range reasons {
		if reason != card.NoReason {
			p.Reasons = append(p.Reasons, string(reason))
		}
	}
	return p, err
}

// handOverAll hands all cards of a user over.
func (s *Server) handOverAll(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p, err := s.handOverForm(v, r, false)
	if err != nil {
		return err
	}
	p.ThenEnds = field(r, "then_ends")
	ends := card.EndsNothing
	if p.ThenEnds == string(card.EndsOrderer) {
		ends = card.EndsOrderer
	}
	return s.carryOut(v, w, r, p, ends)
}

// removeUser removes a user from the company: at once, or with the last of the cards that somebody else takes over.
func (s *Server) removeUser(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p, err := s.handOverForm(v, r, true)
	if err != nil {
		return err
	}
	if p.Cards > 0 {
		return s.carryOut(v, w, r, p, card.EndsMembership)
	}
	err = s.store.RemoveUser(r.Context(), v.actor, account.PersonID(p.User))
	switch {
	case errors.Is(err, account.ErrLastAdministrator):
		p.Errors = []view.FieldError{{Field: "form", Code: "last_administrator"}}
		return render(w, r, http.StatusConflict, view.HandOverFormPage(p))
	case errors.Is(err, account.ErrHasCards): // some were ordered meanwhile
		if p, err = s.handOverForm(v, r, true); err != nil {
			return err
		}
		p.Errors = []view.FieldError{{Field: "successor", Code: "required"}}
		return render(w, r, http.StatusConflict, view.HandOverFormPage(p))
	case err != nil:
		return err
	}
	sendReceipt(w, receiptUserRemoved)
	if p.Self {
		return redirect(w, r, "/") // whoever has left sees no users any more
	}
	return redirect(w, r, "/users")
}

// carryOut hands over what the form says, and leads to the page that tells how far it has come.
func (s *Server) carryOut(v visit, w http.ResponseWriter, r *http.Request, p view.HandOverForm, ends card.ThenEnds) error {
	p.Successor, p.Reason, p.Note = field(r, "successor"), field(r, "reason"), field(r, "note")
	n := card.NewHandOver{
		From: account.PersonID(p.User), To: account.PersonID(number(r, "successor")), Reason: card.Reason(p.Reason), Note: p.Note, ThenEnds: ends,
	}
	if n.To == 0 {
		p.Errors = []view.FieldError{{Field: "successor", Code: "required"}}
		return render(w, r, http.StatusUnprocessableEntity, view.HandOverFormPage(p))
	}
	id, err := s.store.HandOverAll(r.Context(), v.actor, n)
	fault, ofSuccessor := successorFault(err)
	switch {
	case err == nil:
		return s.leadToHandOver(v, w, r, id, p.Self)
	case ofSuccessor:
	case errors.Is(err, account.ErrLastAdministrator):
		p.Errors = []view.FieldError{{Field: "form", Code: "last_administrator"}}
		return render(w, r, http.StatusConflict, view.HandOverFormPage(p))
	case errors.Is(err, card.ErrReason):
		fault = view.FieldError{Field: "reason", Code: "invalid"}
	case errors.Is(err, card.ErrNote):
		fault = view.FieldError{Field: "note", Code: requiredOr("too_long", p.Note)}
	default:
		return err
	}
	p.Errors = []view.FieldError{fault}
	return render(w, r, http.StatusUnprocessableEntity, view.HandOverFormPage(p))
}

// leadToHandOver leads to the page that tells how far a hand-over has come, but for somebody who has just left by it.
func (s *Server) leadToHandOver(v visit, w http.ResponseWriter, r *http.Request, id card.HandOverID, self bool) error {
	if self {
		h, err := s.store.HandOverOf(r.Context(), v.actor, id)
		if err != nil {
			return err
		}
		if h.ThenEnds == card.EndsMembership && !h.Finished.IsZero() && h.Refusal == "" {
			sendReceipt(w, receiptUserRemoved)
			return redirect(w, r, "/")
		}
	}
	return redirect(w, r, "/users/hand-overs/"+strconv.FormatInt(int64(id), 10))
}

// showHandOver is how far a hand-over has come.
func (s *Server) showHandOver(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := addressID(r, "hand_over")
	if err != nil {
		return err
	}
	h, err := s.store.HandOverOf(r.Context(), v.actor, card.HandOverID(id))
	if err != nil {
		return err
	}
	p := view.HandOverProgress{Layout: v.layout("/users/hand-overs/" + strconv.FormatInt(id, 10)), HandOver: handOverView(h)}
	return render(w, r, http.StatusOK, view.HandOverPage(p))
}

func handOverView(h card.HandOverAll) view.HandOver {
	p := view.HandOver{
		ID: int64(h.ID), FromID: int64(h.FromID), From: h.From.Full(), To: h.To.Full(), By: h.By.Full(), Asked: h.Asked, Cards: h.Cards, Done: h.Done,
		Finished: h.Finished, Reason: string(h.Reason), Note: h.Note, ThenEnds: string(h.ThenEnds),
	}
	switch h.Refusal {
	case "":
	case "card_events_successor_is_orderer":
		p.Stopped = "successor"
	case card.RuleMember, "membership_events_by_administrator":
		p.Stopped = "administrator"
	case "memberships_last_administrator":
		p.Stopped = "last_administrator"
	default:
		p.Stopped = "other"
	}
	return p
}
