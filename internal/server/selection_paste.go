package server

import (
	"net/http"
	"strconv"
	"strings"

	"kortportal/internal/card"
	"kortportal/web/view"
)

// maxPasteBody is the largest form of the paste box, in bytes: a line may take a hundred characters, each of which a form writes as three.
const maxPasteBody = 2 << 20

// askPaste shows the paste box.
func (s *Server) askPaste(v visit, w http.ResponseWriter, r *http.Request) error {
	if v.actor.Company == 0 {
		return errNotFound
	}
	return render(w, r, http.StatusOK, view.PastePage(view.Paste{Layout: v.layout("/selections/paste"), Most: card.MaxPasted}))
}

// paste looks for a card for each line, and selects those that it finds. What was pasted is in the answer and nowhere else.
func (s *Server) paste(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseFormOf(w, r, maxPasteBody); err != nil {
		return err
	}
	p := view.Paste{Layout: v.layout(""), Most: card.MaxPasted, Text: strings.ReplaceAll(strings.ToValidUTF8(r.PostForm.Get("lines"), "\uFFFD"), "\x00", "")}
	lines, more := card.ParseLines(p.Text, v.session.Now)
	switch {
	case len(lines) == 0:
		p.Errors = []view.FieldError{{Field: "lines", Code: "required"}}
	case more > 0:
		p.Errors = []view.FieldError{{Field: "lines", Code: "too_many"}}
	}
	if len(p.Errors) > 0 {
		return render(w, r, http.StatusUnprocessableEntity, view.PastePage(p))
	}
	matches, err := s.store.MatchLines(r.Context(), v.actor, lines)
	if err != nil {
		return err
	}
	answer := view.PasteAnswer{Layout: v.layout(""), Lines: len(lines)}
	var found []card.ID
	chosen := map[card.ID]bool{}
	for i, m := range matches {
		line := view.PastedLine{Nth: lines[i].Nth, Text: lines[i].Text, More: m.More}
		switch len(m.Cards) {
		case 0:
			answer.Missing = append(answer.Missing, line)
		case 1:
			answer.Found++
			if id := m.Cards[0].ID; !chosen[id] {
				chosen[id] = true
				found = append(found, id)
			}
		default:
			for _, row := range m.Cards {
				line.Cards = append(line.Cards, cardRow(row))
			}
			answer.Several = append(answer.Several, line)
		}
	}
	answer.Cards = len(found)
	if len(found) > 0 {
		id, err := s.store.Select(r.Context(), v.actor, found)
		if err != nil {
			return err
		}
		answer.Selection = int64(id)
	}
	return render(w, r, http.StatusOK, view.PasteAnswerPage(answer))
}

// selectPasted takes the cards that were chosen among several of a line, beside those that were found at once.
func (s *Server) selectPasted(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseFormOf(w, r, maxPasteBody); err != nil {
		return err
	}
	cards, err := cardIDs(r.PostForm["card"])
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(field(r, "selection"), 10, 64)
	switch {
	case err == nil && id > 0:
		err = s.store.ChangeSelection(r.Context(), v.actor, card.SelectionID(id), cards, nil)
	case len(cards) == 0:
		return redirect(w, r, "/selections/paste")
	default:
		var made card.SelectionID
		made, err = s.store.Select(r.Context(), v.actor, cards)
		id = int64(made)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, selectionAddress(card.SelectionID(id)))
}
