package server

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

// desk is where somebody acts on a card: in the company at /cards, or as the holder at /my-cards.
type desk struct {
	by   account.Actor
	base string
	own  bool
}

func (v visit) companyDesk() desk { return desk{by: v.actor, base: "/cards/"} }
func (v visit) holderDesk() desk  { return desk{by: v.holder(), base: "/my-cards/", own: true} }

// summary is a card as it is shown there: at the own cards without the digits by which its holder proves to have it at hand.
func (d desk) summary(c card.Card) view.CardSummary {
	s := summary(c)
	if d.own {
		s.Number = c.Number.WithoutLastSix()
	}
	return s
}

// offered are the actions that have a page at the desk.
func (d desk) offered() []card.Action {
	if d.own {
		return ownActions()
	}
	return offeredActions()
}

func (d desk) address(id card.ID) string { return d.base + strconv.FormatInt(int64(id), 10) }

func (s *Server) askAction(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.ask(v, v.companyDesk(), w, r)
}

func (s *Server) takeAction(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.take(v, v.companyDesk(), w, r)
}

func (s *Server) askMyAction(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.ask(v, v.holderDesk(), w, r)
}

func (s *Server) takeMyAction(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.take(v, v.holderDesk(), w, r)
}

// offeredAction is the action in the address; errNotFound when it has no page.
func (d desk) offeredAction(r *http.Request) (card.Action, error) {
	action := card.Action(chi.URLParam(r, "action"))
	if !slices.Contains(d.offered(), action) {
		return "", errNotFound
	}
	return action, nil
}

// ask shows what an action means before it is taken.
func (s *Server) ask(v visit, d desk, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	action, err := d.offeredAction(r)
	if err != nil {
		return err
	}
	all, mails, err := s.store.CardPage(r.Context(), d.by, id)
	if err != nil {
		return err
	}
	c := all.Card
	choice, ok := c.Choice(action)
	if !ok || !choice.Open() && !choice.Later {
		return v.refuse(d, w, r, all, mails, action)
	}
	p := v.actionPage(d, c, choice)
	kept := s.takeKept(v, r)
	p.Form.Reason, p.Form.Note, p.Form.From, p.Form.Successor = kept.Get("reason"), kept.Get("note"), kept.Get("from"), kept.Get("successor")
	if err := s.offerSuccessors(r.Context(), v, c, &p.Form); err != nil {
		return err
	}
	return render(w, r, http.StatusOK, view.CardActionPage(p))
}

// take asks the store for the action on the version that the person saw.
func (s *Server) take(v visit, d desk, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := cardID(r)
	if err != nil {
		return err
	}
	action, err := d.offeredAction(r)
	if err != nil {
		return err
	}
	do := card.Command{Card: id, Action: action, Reason: card.Reason(field(r, "reason")), Note: field(r, "note")}
	do.Version = seenVersion(r)
	from := d.from(r)
	if from != "" {
		do.From, err = startOf(from)
	}
	act := s.store.Act
	if action == card.HandOver {
		act, do.Successor = s.store.HandOver, account.PersonID(number(r, "successor"))
	}
	var done card.Acted
	if err == nil {
		done, err = act(r.Context(), d.by, do)
	}
	switch {
	case err == nil && done.Planned && from != "":
		sendReceipt(w, receiptPlanned)
		return redirect(w, r, d.address(id))
	case err == nil && done.Planned:
		sendReceipt(w, receiptGrace)
		return redirect(w, r, d.address(id))
	case err == nil:
		return redirect(w, r, d.address(id)+"?receipt="+strconv.Itoa(done.Version))
	}

	fault, ofSuccessor := successorFault(err)
	switch {
	case errors.Is(err, card.ErrFrom):
		fault = view.FieldError{Field: "from", Code: fromFault(err)}
	case ofSuccessor:
	case errors.Is(err, card.ErrReason):
		fault = view.FieldError{Field: "reason", Code: requiredOr("invalid", string(do.Reason))}
	case errors.Is(err, card.ErrNote):
		fault = view.FieldError{Field: "note", Code: requiredOr("too_long", do.Note)}
	case errors.Is(err, card.ErrStale), errors.Is(err, card.ErrNotAllowed):
	default:
		return err
	}
	all, mails, lookErr := s.store.CardPage(r.Context(), d.by, id)
	if lookErr != nil {
		return lookErr
	}
	c := all.Card
	choice, ok := c.Choice(action)
	open := ok && (choice.Open() || choice.Later)
	if choice.Later && from == "" {
		fault = view.FieldError{Field: "from", Code: "required"}
	}
	switch {
	case errors.Is(err, card.ErrStale), c.Version != do.Version:
		return s.answerConflict(v, d, w, r, c, do)
	case fault != view.FieldError{} && open:
		p := v.actionPage(d, c, choice)
		p.Form.Reason, p.Form.Note, p.Form.From, p.Form.Errors = string(do.Reason), do.Note, from, []view.FieldError{fault}
		p.Form.Successor = field(r, "successor")
		if err := s.offerSuccessors(r.Context(), v, c, &p.Form); err != nil {
			return err
		}
		return render(w, r, http.StatusUnprocessableEntity, view.CardActionPage(p))
	}
	return v.refuse(d, w, r, all, mails, action)
}

func requiredOr(otherwise, value string) string {
	if value == "" {
		return "required"
	}
	return otherwise
}

func (v visit) actionPage(d desk, c card.Card, choice card.Choice) view.CardAction {
	p := view.CardAction{Layout: v.layout(d.address(c.ID) + "/" + string(choice.Action)), Card: d.summary(c)}
	p.Form = actionForm(d, c, choice)
	return p
}

func actionForm(d desk, c card.Card, choice card.Choice) view.ActionForm {
	f := view.ActionForm{
		Action: string(choice.Action), Own: d.own, Version: c.Version,
		Before: view.Consequence{Effective: string(c.Effective), Works: c.Works, Billed: c.Billed},
		After:  view.Consequence{Effective: string(choice.To.Effective), Works: choice.To.Works, Billed: choice.To.Billed},
		Told:   []string{"orderer", "administrator", "issuer"},

		Planned: pending(c), Plannable: choice.Plannable && !d.own, Later: choice.Later, GraceHours: choice.GraceHours,
	}
	for _, reason := range choice.Reasons {
		if reason != card.NoReason {
			f.Reasons = append(f.Reasons, string(reason))
		} else {
			f.Optional = true
		}
	}
	if c.Kind == card.Standard {
		f.Told = append([]string{"holder"}, f.Told...)
	}
	if planned, ok := lastPlanned(c); ok && choice.Later {
		f.Before = view.Consequence{Effective: string(planned.Effective), Works: planned.Works, Billed: planned.Billed}
	}
	switch {
	case choice.Action == card.Decline:
		f.Reversible = "corrected"
	case choice.GraceHours > 0:
		f.Reversible = "grace"
	case choice.Action == card.HandOver:
		f.Reversible = "administrator"
	case choice.Final || choice.Action == card.Activate:
		f.Reversible = "no"
	case !choice.Undo && !choice.Later:
		f.Reversible = "expired"
	case d.own:
		f.Reversible = "orderer"
	default:
		f.Reversible = "yes"
	}
	return f
}

// lastPlanned is what the card is after all that is planned for it; false where nothing is.
func lastPlanned(c card.Card) (after card.State, ok bool) {
	var last card.PlannedAction
	for _, p := range c.PlannedActions {
		if p.Pending() && !p.Due.Before(last.Due) {
			last = p
		}
	}
	choice, ok := c.Choice(last.Action)
	return choice.To, ok
}

// refuse is visit.refuse for a page that has asked for the card alone.
func (s *Server) refuse(v visit, d desk, w http.ResponseWriter, r *http.Request, c card.Card, action card.Action) error {
	all, mails, err := s.store.CardPage(r.Context(), d.by, c.ID)
	if err != nil {
		return err
	}
	return v.refuse(d, w, r, all, mails, action)
}

// refuse shows the card as it is, with why the action is not possible on top and what is possible instead.
func (v visit) refuse(d desk, w http.ResponseWriter, r *http.Request, all card.Page, mails messages.OfCard, action card.Action) error {
	c := all.Card
	choice, ok := c.Choice(action)
	status, rule := http.StatusConflict, choice.Refusal
	if !ok {
		rule = card.RulePermission
	}
	switch rule {
	case card.RulePermission, card.RuleMember, card.RuleOwnCard, card.RuleResponsibleOrderer:
		status = http.StatusForbidden
	}
	refused := closedAction(c, action, rule)
	if d.own {
		p := v.myCardPage(all, card.PINStatus{})
		p.Refused = &refused
		return render(w, r, status, view.MyCardPage(p))
	}
	p := v.companyCard(all, mails)
	p.Refused = &refused
	return render(w, r, status, view.CardPage(p))
}

// answerConflict tells who changed the card since the person saw it, and keeps what was typed.
func (s *Server) answerConflict(v visit, d desk, w http.ResponseWriter, r *http.Request, c card.Card, do card.Command) error {
	p := view.Conflict{
		Layout: v.layout(d.address(c.ID)), Card: d.summary(c), Action: string(do.Action), Reason: string(do.Reason), Note: do.Note, Own: d.own,
	}
	since := eventsAfter(c, do.Version)
	p.Changes = events(since)
	p.Repeated = len(since) == 1 && since[0].ActorID == v.session.Person && since[0].Action == do.Action &&
		cmp.Or(since[0].Reason, card.NoReason) == cmp.Or(do.Reason, card.NoReason) && since[0].Note == do.Note
	if choice, ok := c.Choice(do.Action); ok && (choice.Open() || choice.Later) {
		f := actionForm(d, c, choice)
		f.Reason, f.Note, f.From, f.Successor = string(do.Reason), do.Note, d.from(r), field(r, "successor")
		if err := s.offerSuccessors(r.Context(), v, c, &f); err != nil {
			return err
		}
		p.Retry = &f
	}
	return render(w, r, http.StatusConflict, view.ConflictPage(p))
}
