package server

import (
	"context"
	"net/http"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// cleanUpStore knows which cards a company pays for or carries along without need.
type cleanUpStore interface {
	CleanUp(ctx context.Context, by account.Actor, own bool) (card.CleanUpCounts, error)
}

// showCleanUp is Städa: what there is to tidy up among an orderer's own cards, unless all are asked for.
func (s *Server) showCleanUp(v visit, w http.ResponseWriter, r *http.Request) error {
	if v.actor.Company == 0 {
		return errNotFound
	}
	p := view.CleanUp{Orderer: v.actor.Is(account.Orderer)}
	p.Own = p.Orderer && param(r, "show") != "all"
	p.Layout = v.layout(p.URL())
	found, err := s.store.CleanUp(r.Context(), v.actor, p.Own)
	if err != nil {
		return err
	}
	p.Savings = savings(found.Savings)
	orderer := ""
	if p.Own {
		orderer = strconv.FormatInt(int64(v.actor.Person), 10)
	}
	for _, k := range found.Kinds {
		p.Kinds = append(p.Kinds, view.CleanUpKind{
			Code: string(k.CleanUp), Days: k.Days, Ends: k.Ends, Count: k.N, Capped: k.Capped,
			Fee: savings(card.Savings{Count: k.Billed, Price: found.Savings.Price}), Review: view.CardFilter{CleanUp: string(k.CleanUp), Orderer: orderer},
		})
	}
	return render(w, r, http.StatusOK, view.CleanUpPage(p))
}

// savings are what so many cards cost in a quarter.
func savings(s card.Savings) view.Fee {
	return view.Fee{Cards: s.N, Capped: s.Capped, Ore: int64(s.N) * s.Price}
}
