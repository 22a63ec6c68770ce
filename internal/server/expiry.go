package server

import (
	"context"
	"net/http"
	"slices"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// expiryStore knows which cards are about to expire.
type expiryStore interface {
	ExpiringCards(ctx context.Context, by account.Actor, within card.Step, own bool, after card.Cursor) (card.ExpiringCards, error)
}

// showExpiring lists the company's cards that are about to expire; an orderer's own, unless all are asked for.
func (s *Server) showExpiring(v visit, w http.ResponseWriter, r *http.Request) error {
	if v.actor.Company == 0 {
		return errNotFound
	}
	return s.answerExpiring(v, w, r, http.StatusOK, v.expiryPage(param(r, "within"), param(r, "show"), param(r, "after")))
}

// expiryPage is the list in the state that an address or a form asks for, without its cards.
func (v visit) expiryPage(within, show, after string) view.Expiry {
	p := view.Expiry{Orderer: v.actor.Is(account.Orderer), Within: within, After: after}
	if !slices.Contains(card.Steps(), card.Step(within)) {
		p.Within = string(card.SixMonths)
	}
	p.Own = p.Orderer && show != "all"
	p.Layout = v.layout(p.URL())
	return p
}

func (s *Server) answerExpiring(v visit, w http.ResponseWriter, r *http.Request, status int, p view.Expiry) error {
	found, err := s.store.ExpiringCards(r.Context(), v.actor, card.Step(p.Within), p.Own, card.Cursor(p.After))
	if err != nil {
		return err
	}
	p.Next = string(found.Next)
	for _, e := range found.Rows {
		p.Rows = append(p.Rows, view.ExpiringRow{
			CardRow: cardRow(e.Row), Successor: int64(e.Successor), SuccessorNumber: e.SuccessorNumber.String(), Renewable: e.Renewable,
		})
	}
	return render(w, r, status, view.ExpiryPage(p))
}

// reminders are the lines about a card's reminders.
func reminders(all []card.Reminder) []view.Reminder {
	lines := make([]view.Reminder, len(all))
	for i, r := range all {
		lines[i] = view.Reminder{At: r.At, Name: r.Name.Full(), Role: string(r.Reader), Mailed: r.Mailed}
	}
	return lines
}
