package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// planStore says what would become of many cards.
type planStore interface {
	PlanChoices(ctx context.Context, by account.Actor) ([]card.PlanChoice, []card.Orderer, error)
	MakePlan(ctx context.Context, by account.Actor, id card.SelectionID, terms card.PlanTerms) (card.PlanID, error)
	PlanInstead(ctx context.Context, by account.Actor, id card.PlanID, instead card.Action) (card.PlanID, error)
	SelectInstead(ctx context.Context, by account.Actor, id card.PlanID, instead card.Action) (card.SelectionID, error)
	Plan(ctx context.Context, by account.Actor, id card.PlanID) (card.Plan, error)
	PlanRows(ctx context.Context, by account.Actor, id card.PlanID, g card.PlanGroup, after card.Cursor) ([]card.PlanRow, card.Cursor, error)
	StartRun(ctx context.Context, by account.Actor, id card.PlanID) error
}

func planAddress(id card.PlanID) string { return "/plans/" + strconv.FormatInt(int64(id), 10) }

// makePlan says what would become of the cards of a selection.
func (s *Server) makePlan(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := addressID(r, "id")
	if err != nil {
		return err
	}
	p := postedSelection(r, id)
	terms := card.PlanTerms{Action: card.Action(p.Form.Action), Reason: card.Reason(p.Form.Reason), Note: p.Form.Note}
	if successor, err := strconv.ParseInt(p.Successor, 10, 64); err == nil && successor > 0 {
		terms.Successor = account.PersonID(successor)
	}
	if p.Form.From != "" {
		terms.From, err = startOf(p.Form.From)
	}
	var plan card.PlanID
	if err == nil {
		plan, err = s.store.MakePlan(r.Context(), v.actor, card.SelectionID(id), terms)
	}
	if err == nil {
		return redirect(w, r, planAddress(plan))
	}
	fault, err := planFault(err, p.Form, p.Successor)
	if err != nil {
		return err
	}
	p.Form.Errors = []view.FieldError{fault}
	return s.answerSelection(v, w, r, http.StatusUnprocessableEntity, p)
}

// planFault is what is wrong with the terms of a plan; what is wrong with anything else is an error still.
func planFault(err error, typed view.ActionForm, successor string) (view.FieldError, error) {
	switch {
	case errors.Is(err, card.ErrReason):
		return view.FieldError{Field: "reason", Code: requiredOr("invalid", typed.Reason)}, nil
	case errors.Is(err, card.ErrNote):
		return view.FieldError{Field: "note", Code: requiredOr("too_long", typed.Note)}, nil
	case errors.Is(err, card.ErrFrom):
		return view.FieldError{Field: "from", Code: fromFault(err)}, nil
	case errors.Is(err, card.ErrSuccessor):
		return view.FieldError{Field: "successor", Code: requiredOr("invalid", successor)}, nil
	case errors.Is(err, card.ErrTooMany):
		return view.FieldError{Field: "cards", Code: "too_many"}, nil
	case errors.Is(err, card.ErrNotAllowed):
		return view.FieldError{}, errForbidden
	}
	return view.FieldError{}, err
}

// askAgain puts the question of a plan once more, of other cards, with what was asked of the first ones and why that does not do for these.
func (s *Server) askAgain(
	v visit, w http.ResponseWriter, r *http.Request, why error, action card.Action, first card.Plan, choose func() (card.SelectionID, error),
) error {
	terms := planTerms(first)
	p := view.Selection{}
	p.Form.Action, p.Form.Reason, p.Form.Note = string(action), terms.Reason, terms.Note
	if !terms.From.IsZero() {
		p.Form.From = terms.From.Format(time.DateOnly)
	}
	fault, err := planFault(why, p.Form, terms.Successor)
	if err != nil {
		return err
	}
	p.Form.Errors = []view.FieldError{fault}
	id, err := choose()
	if err != nil {
		return err
	}
	p.ID = int64(id)
	return s.answerSelection(v, w, r, http.StatusUnprocessableEntity, p)
}

// showPlan shows what would become of the cards, in groups, or all cards of one group.
func (s *Server) showPlan(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := addressID(r, "id")
	if err != nil {
		return err
	}
	return s.answerPlan(v, w, r, http.StatusOK, card.PlanID(id), false)
}

func (s *Server) answerPlan(v visit, w http.ResponseWriter, r *http.Request, status int, id card.PlanID, old bool) error {
	plan, err := s.store.Plan(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := planPage(v, plan)
	p.Old = old
	only, _ := strconv.Atoi(param(r, "group"))
	if only < 1 || only > len(plan.Groups) {
		return render(w, r, status, view.PlanPage(p))
	}
	rows, next, err := s.store.PlanRows(r.Context(), v.actor, id, plan.Groups[only-1], card.Cursor(param(r, "after")))
	if err != nil {
		return err
	}
	p.Groups[only-1].Rows = planRows(rows)
	p.Only, p.After, p.Next = only, param(r, "after"), string(next)
	return render(w, r, status, view.PlanGroupPage(p))
}

func planPage(v visit, plan card.Plan) view.Plan {
	p := view.Plan{
		Layout: v.layout(planAddress(plan.ID)), ID: int64(plan.ID), Terms: planTerms(plan), N: plan.N, Change: plan.Of(card.WillChange),
		Saves: plan.Saves(), Price: plan.Price, GraceHours: plan.GraceHours, Final: plan.Final, Undo: plan.Undo, Started: plan.Started,
	}
	for _, g := range plan.Groups {
		p.Groups = append(p.Groups, view.PlanGroup{
			Verdict: string(g.Verdict), Why: planWhy(plan.Action, g.Rule), Instead: string(g.Instead), N: g.N, Rows: planRows(g.Rows),
		})
	}
	return p
}

func planTerms(plan card.Plan) view.PlanTerms {
	t := view.PlanTerms{Action: string(plan.Action), Note: plan.Note, From: plan.From, Made: plan.Made}
	if plan.Reason != card.NoReason {
		t.Reason = string(plan.Reason)
	}
	if plan.SuccessorName.Family != "" {
		t.Successor = plan.SuccessorName.Full()
	}
	return t
}

func planRows(rows []card.PlanRow) []view.PlanRow {
	lines := make([]view.PlanRow, len(rows))
	for i, row := range rows {
		lines[i] = planRow(row)
	}
	return lines
}

func planRow(row card.PlanRow) view.PlanRow {
	return view.PlanRow{
		ID: int64(row.ID), Number: row.Number.String(), Kind: string(row.Kind), Holder: listName(row.Holder), Effective: string(row.Effective),
		Orderer: row.Orderer.Full(),
	}
}

// planWhy is what the pages have words for, of the rule in the way of an action.
func planWhy(action card.Action, rule card.Rule) string {
	switch rule {
	case "":
		return ""
	case card.RuleTransition:
		return "status"
	case card.RulePermission, card.RuleMember:
		return "role"
	case card.RuleResponsibleOrderer:
		return "not_orderer"
	case card.RuleNotExpired:
		return "expired"
	case card.RuleNoNewerActive:
		return "newer_card"
	case card.RuleSuccessorIsOrderer:
		return "successor"
	case card.RuleInGrace:
		return "in_grace"
	case card.RuleGrace, card.RulePlanWithoutGrace, card.RulePlanOtherGrace:
		return "grace"
	case card.RulePlanOnePending:
		return "pending"
	case card.RulePlanAhead:
		return "ahead"
	}
	if action == card.Replace {
		return renewalFault(rule)
	}
	return "other"
}

// startRun has a plan done.
func (s *Server) startRun(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	n, err := addressID(r, "id")
	if err != nil {
		return err
	}
	id := card.PlanID(n)
	switch err := s.store.StartRun(r.Context(), v.actor, id); {
	case errors.Is(err, card.ErrStale):
		return s.answerPlan(v, w, r, http.StatusConflict, id, true)
	case err != nil:
		return err
	}
	return redirect(w, r, runAddress(id))
}

// planInstead plans what else leads there, for the cards of a plan that need it; where that cannot be planned on the same terms, the person is asked.
func (s *Server) planInstead(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	n, err := addressID(r, "id")
	if err != nil {
		return err
	}
	id, instead := card.PlanID(n), card.Action(field(r, "action"))
	plan, refused := s.store.PlanInstead(r.Context(), v.actor, id, instead)
	if refused == nil {
		return redirect(w, r, planAddress(plan))
	}
	first, err := s.store.Plan(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return s.askAgain(v, w, r, refused, instead, first, func() (card.SelectionID, error) {
		return s.store.SelectInstead(r.Context(), v.actor, id, instead)
	})
}
