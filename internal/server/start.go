package server

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// startStore knows what waits for whom.
type startStore interface {
	Start(ctx context.Context, by account.Actor) (card.Start, error)
	DeskStart(ctx context.Context, by account.Actor) (card.DeskStart, error)
}

// begin is where a login and the name of the portal lead: the search that the person chose to begin with, else the start page.
func (s *Server) begin(v visit, w http.ResponseWriter, r *http.Request) error {
	if v.actor.Company != 0 {
		switch search, err := s.store.StartSearch(r.Context(), v.actor); {
		case err == nil:
			return redirect(w, r, savedFilter(search.Filter).URL())
		case !errors.Is(err, card.ErrNotFound):
			return err
		}
	}
	return s.showStart(v, w, r)
}

// showStart is the start page of the place where the person works.
func (s *Server) showStart(v visit, w http.ResponseWriter, r *http.Request) error {
	switch {
	case v.actor.Is(account.Issuer):
		return s.showDeskStart(v, w, r)
	case v.actor.Is(account.Holder):
		return s.showHolderStart(v, w, r)
	case len(v.actor.Roles) == 0:
		return redirect(w, r, "/switch?"+url.Values{"next": {"/"}}.Encode())
	}
	found, err := s.store.Start(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p := view.Start{
		Layout: v.layout("/start"), Orderer: v.actor.Is(account.Orderer), Savings: savings(found.Savings), Searches: savedSearches(found.Searches),
		OwnCards: found.Own.N, OwnCapped: found.Own.Capped,
	}
	if p.Orderer {
		p.Whose = strconv.FormatInt(int64(v.actor.Person), 10)
	}
	for _, o := range found.Waits {
		p.Waits = append(p.Waits, view.StartWait{
			Role: string(o.Role), Status: string(o.Status), Kind: string(o.Kind), Count: o.N, Capped: o.Capped, Since: o.Since,
		})
	}
	for _, c := range found.Claims {
		p.Claims = append(p.Claims, view.AnsweredClaim{Card: int64(c.Card), Number: c.Number.String(), Holder: c.Holder.Full(), Accepted: c.Accepted, Decided: c.Decided})
	}
	for _, run := range found.Runs {
		p.Runs = append(p.Runs, runLine(run))
	}
	for _, c := range found.Statuses {
		p.Statuses = append(p.Statuses, view.StatusCount{Code: string(c.Status), Count: c.N, Capped: c.Capped})
	}
	for _, c := range found.Expiring {
		p.Expiring = append(p.Expiring, view.StepCount{Step: string(c.Step), Count: c.N, Capped: c.Capped})
	}
	return render(w, r, http.StatusOK, view.StartPage(p))
}

// showHolderStart shows the own cards that wait for their holder.
func (s *Server) showHolderStart(v visit, w http.ResponseWriter, r *http.Request) error {
	rows, err := s.store.MyCards(r.Context(), v.holder())
	if err != nil {
		return err
	}
	p := view.HolderStart{Layout: v.layout("/start"), All: len(rows)}
	for _, row := range rows {
		if row.Next != "" {
			p.Waiting = append(p.Waiting, view.MyCardRow{CardSummary: ownRow(row.Row), Next: string(row.Next)})
		}
	}
	return render(w, r, http.StatusOK, view.HolderStartPage(p))
}

// showDeskStart shows what waits at the issuer's desk.
func (s *Server) showDeskStart(v visit, w http.ResponseWriter, r *http.Request) error {
	found, err := s.store.DeskStart(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p := view.DeskStart{Layout: v.layout("/start"), Now: v.session.Now, Claims: found.Claims.N, ClaimsCapped: found.Claims.Capped}
	for _, q := range found.Queues {
		p.Queues = append(p.Queues, view.DeskQueue{Code: string(q.Queue), Count: q.N, Capped: q.Capped, Oldest: q.Oldest})
	}
	return render(w, r, http.StatusOK, view.DeskStartPage(p))
}
