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

// selectionStore keeps cards that somebody chose, to do something with all of them.
type selectionStore interface {
	Select(ctx context.Context, by account.Actor, cards []card.ID) (card.SelectionID, error)
	CountFound(ctx context.Context, by account.Actor, search card.Search) (int, error)
	SelectFound(ctx context.Context, by account.Actor, search card.Search, told int) (card.SelectionID, error)
	ChangeSelection(ctx context.Context, by account.Actor, id card.SelectionID, add, remove []card.ID) error
	Selection(ctx context.Context, by account.Actor, id card.SelectionID, after card.Cursor) (card.Selection, error)
	MatchLines(ctx context.Context, by account.Actor, lines []card.Line) ([]card.Match, error)
}

func selectionAddress(id card.SelectionID) string {
	return "/selections/" + strconv.FormatInt(int64(id), 10)
}

// cardIDs are the cards of a form; errNotFound for what is none.
func cardIDs(texts []string) ([]card.ID, error) {
	var ids []card.ID
	seen := map[string]bool{}
	for _, text := range texts {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return nil, errNotFound
		}
		if !seen[text] {
			seen[text] = true
			ids = append(ids, card.ID(id))
		}
	}
	return ids, nil
}

// selectTicked takes the cards that were ticked on a page of the search.
func (s *Server) selectTicked(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	cards, err := cardIDs(r.PostForm["card"])
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return s.answerUnticked(v, w, r)
	}
	id, err := s.store.Select(r.Context(), v.actor, cards)
	if err != nil {
		return err
	}
	return redirect(w, r, selectionAddress(id))
}

// answerUnticked shows the search again, with a word on what is missing.
func (s *Server) answerUnticked(v visit, w http.ResponseWriter, r *http.Request) error {
	f := s.postedFilter(r)
	f.After = field(r, "after")
	return s.answerSearchWith(v, w, r, f, []view.FieldError{{Field: "cards", Code: "required"}})
}

// askAll is the numbered step between a search and all that it finds, by its address.
func (s *Server) askAll(v visit, w http.ResponseWriter, r *http.Request) error {
	f, whole := s.addressedFilter(r)
	if !whole {
		return redirect(w, r, f.URL())
	}
	return s.answerAll(v, w, r, http.StatusOK, view.SelectAll{Filter: f})
}

// selectAll takes all cards that a search finds, as many as the person was told; who was told no number is asked first.
func (s *Server) selectAll(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p := view.SelectAll{Filter: s.postedFilter(r), Action: field(r, "action"), Reason: field(r, "reason")}
	told, err := strconv.Atoi(field(r, "count"))
	if err != nil {
		return s.answerAll(v, w, r, http.StatusOK, p)
	}
	search, faults := s.understand(v, p.Filter)
	if len(faults) > 0 {
		return errNotFound // no form of ours
	}
	id, err := s.store.SelectFound(r.Context(), v.actor, search, told)
	switch {
	case errors.Is(err, card.ErrStale), errors.Is(err, card.ErrNotFound):
		p.Changed = true
		return s.answerAll(v, w, r, http.StatusConflict, p)
	case errors.Is(err, card.ErrTooMany):
		return s.answerAll(v, w, r, http.StatusUnprocessableEntity, p)
	case err != nil:
		return err
	}
	return redirect(w, r, view.SelectionURL(int64(id), p.Action, p.Reason))
}

func (s *Server) answerAll(v visit, w http.ResponseWriter, r *http.Request, status int, p view.SelectAll) error {
	search, faults := s.understand(v, p.Filter)
	if v.actor.Company == 0 || len(faults) > 0 {
		return errNotFound // the search page says what is wrong with a filter
	}
	count, err := s.store.CountFound(r.Context(), v.actor, search)
	if err != nil {
		return err
	}
	p.Layout, p.Count, p.TooMany, p.Most = v.layout(""), count, count > card.MaxSelection, card.MaxSelection
	return render(w, r, status, view.SelectAllPage(p))
}

// showSelection shows the chosen cards and asks what to do with them.
func (s *Server) showSelection(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := addressID(r, "id")
	if err != nil {
		return err
	}
	p := view.Selection{ID: id, After: param(r, "after")}
	p.Form.Action, p.Form.Reason = param(r, "action"), param(r, "reason")
	return s.answerSelection(v, w, r, http.StatusOK, p)
}

func (s *Server) answerSelection(v visit, w http.ResponseWriter, r *http.Request, status int, p view.Selection) error {
	sel, err := s.store.Selection(r.Context(), v.actor, card.SelectionID(p.ID), card.Cursor(p.After))
	if err != nil {
		return err
	}
	choices, successors, err := s.store.PlanChoices(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p.Layout = v.layout(view.SelectionURL(p.ID, p.Form.Action, p.Form.Reason))
	if status != http.StatusOK || typedInPlan(p) {
		p.Layout = v.layout("") // leaving the page would lose what was typed
	}
	p.N, p.Next = sel.N, string(sel.Next)
	for _, c := range sel.Statuses {
		p.Statuses = append(p.Statuses, view.StatusCount{Code: string(c.Status), Count: c.N})
	}
	for _, row := range sel.Rows {
		p.Rows = append(p.Rows, cardRow(row))
	}
	for _, o := range successors {
		p.Successors = append(p.Successors, view.Option{Value: strconv.FormatInt(int64(o.ID), 10), Label: listName(o.Name)})
	}
	for _, c := range choices {
		p.Actions = append(p.Actions, string(c.Action))
		if string(c.Action) == p.Form.Action {
			p.Form.Reasons, p.Form.Optional = reasonCodes(c.Reasons)
			p.Form.Plannable = c.Plannable
		}
	}
	if !slices.Contains(p.Actions, p.Form.Action) {
		p.Form.Action = ""
	}
	return render(w, r, status, view.SelectionPage(p))
}

// reasonCodes are the reasons to choose between, and whether none is needed.
func reasonCodes(reasons []card.Reason) (codes []string, optional bool) {
	for _, reason := range reasons {
		if reason == card.NoReason {
			optional = true
		} else {
			codes = append(codes, string(reason))
		}
	}
	return codes, optional
}

// changeSelection adds the cards of a form to a selection, or takes one out.
func (s *Server) changeSelection(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := addressID(r, "id")
	if err != nil {
		return err
	}
	add, err := cardIDs(r.PostForm["card"])
	if err != nil {
		return err
	}
	remove, err := cardIDs(r.PostForm["remove"])
	if err != nil {
		return err
	}
	if err := s.store.ChangeSelection(r.Context(), v.actor, card.SelectionID(id), add, remove); err != nil {
		return err
	}
	p := postedSelection(r, id)
	if typedInPlan(p) {
		return s.answerSelection(v, w, r, http.StatusOK, p)
	}
	return redirect(w, r, view.SelectionURL(id, p.Form.Action, p.Form.Reason))
}

// postedSelection is a selection with what its form says.
func postedSelection(r *http.Request, id int64) view.Selection {
	p := view.Selection{ID: id, Successor: field(r, "successor")}
	p.Form.Action, p.Form.Reason, p.Form.Note, p.Form.From = field(r, "action"), field(r, "reason"), field(r, "note"), field(r, "from")
	return p
}

// typedInPlan: the form holds what must not stand in an address, or does not.
func typedInPlan(p view.Selection) bool {
	return p.Form.Note != "" || p.Form.From != "" || p.Successor != ""
}
