package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// plannedStore knows what is planned for cards.
type plannedStore interface {
	Planned(ctx context.Context, by account.Actor, own bool, after card.Cursor) (card.PlannedCards, error)
	Withdraw(ctx context.Context, by account.Actor, id card.ID, plan card.PlannedID) (restored bool, err error)
}

// showPlanned lists what is planned for the company's cards; for those an orderer answers or stands in for, unless all are asked for.
func (s *Server) showPlanned(v visit, w http.ResponseWriter, r *http.Request) error {
	if v.actor.Company == 0 {
		return errNotFound
	}
	p := view.Planned{Orderer: v.actor.Is(account.Orderer), After: param(r, "after")}
	p.Own = p.Orderer && param(r, "show") != "all"
	p.Layout = v.layout(p.URL())
	found, err := s.store.Planned(r.Context(), v.actor, p.Own, card.Cursor(p.After))
	if err != nil {
		return err
	}
	p.Next = string(found.Next)
	for _, row := range found.Rows {
		p.Rows = append(p.Rows, view.PlannedRow{CardRow: cardRow(row.Row), PlannedAction: plan(row.PlannedAction)})
	}
	return render(w, r, http.StatusOK, view.PlannedPage(p))
}

// withdraw takes back what is planned for a card, and shows the card.
func (s *Server) withdraw(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := cardID(r)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(chi.URLParam(r, "plan"), 10, 64)
	if err != nil {
		return errNotFound
	}
	restored, err := s.store.Withdraw(r.Context(), v.actor, id, card.PlannedID(number))
	switch {
	case err == nil && restored:
		sendReceipt(w, receiptWithdrawn)
	case err == nil:
		sendReceipt(w, receiptStaysBlocked)
	case errors.Is(err, card.ErrStale), errors.Is(err, card.ErrNotAllowed):
		return s.refuseWithdrawal(v, w, r, id, err)
	default:
		return err
	}
	return redirect(w, r, v.companyDesk().address(id))
}

// refuseWithdrawal shows the card as it is, with why nothing was taken back on top.
func (s *Server) refuseWithdrawal(v visit, w http.ResponseWriter, r *http.Request, id card.ID, reason error) error {
	all, mails, err := s.store.CardPage(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := v.companyCard(all, mails)
	status, refused := http.StatusConflict, view.ClosedAction{Action: "withdraw", Why: "settled"}
	var rule *card.Refused
	if errors.Is(reason, card.ErrNotAllowed) && errors.As(reason, &rule) {
		status, refused = http.StatusForbidden, closedAction(all.Card, "withdraw", rule.Rule)
		refused.Instead = ""
	}
	p.Refused = &refused
	return render(w, r, status, view.CardPage(p))
}

// from is the day that was typed, where one is asked for.
func (d desk) from(r *http.Request) string {
	if d.own {
		return ""
	}
	return field(r, "from")
}

// startOf is the day that was typed; card.ErrFrom when it is none. The zero time would mean now.
func startOf(typed string) (time.Time, error) {
	from, err := time.Parse(time.DateOnly, typed)
	if err != nil || from.IsZero() {
		return time.Time{}, card.ErrFrom
	}
	return from, nil
}

// fromFault says what is wrong with the day.
func fromFault(err error) string {
	var refused *card.Refused
	if !errors.As(err, &refused) {
		return "invalid"
	}
	switch refused.Rule {
	case card.RulePlanWithinAYear, card.RulePlansWithinAYear:
		return "far"
	case card.RulePlanOnePending:
		return "pending"
	}
	return "past"
}

func plan(p card.PlannedAction) view.PlannedAction {
	planned := view.PlannedAction{
		ID: int64(p.ID), Action: string(p.Action), Reason: string(p.Reason), Due: p.Due, Grace: p.Grace, By: p.By.Full(), At: p.At,
		Note: p.Note, Withdrawable: p.Withdrawable,
	}
	if p.Outcome == card.PlannedRefused {
		planned.Why = closedAction(card.Card{}, p.Action, p.RefusedBy).Why
	}
	return planned
}

// pending is what is still to come for a card, what is due first.
func pending(c card.Card) []view.PlannedAction {
	var plans []view.PlannedAction
	for _, p := range c.PlannedActions {
		if p.Pending() {
			plans = append(plans, plan(p))
		}
	}
	slices.SortStableFunc(plans, func(a, b view.PlannedAction) int { return a.Due.Compare(b.Due) })
	return plans
}

// history is what happened to a card and what was planned for it, in order. A plan's event says whose plan it was.
func history(c card.Card) []view.Event {
	lines := events(c.Events)
	for _, p := range c.PlannedActions {
		line := view.Event{At: p.At, Step: "planned", PlannedAction: plan(p), Actor: p.By.Full(), Role: string(account.Orderer)}
		lines = append(lines, line)
		switch p.Outcome {
		case card.PlannedDone:
			if i := slices.IndexFunc(c.Events, func(e card.Event) bool { return e.Seq == p.Seq }); i >= 0 {
				lines[i].PlannedBy, lines[i].PlannedAt = p.By.Full(), p.At
			}
		case card.PlannedWithdrawn:
			line.At, line.Step, line.Actor = p.SettledAt, "withdrawn", p.WithdrawnBy.Full()
			lines = append(lines, line)
		case card.PlannedRefused:
			line.At, line.Step, line.Actor, line.Role = p.SettledAt, "refused", "", string(account.System)
			lines = append(lines, line)
		}
	}
	slices.SortStableFunc(lines, func(a, b view.Event) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return lines
}
