package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// deskStore is what the issuer's desk asks for.
type deskStore interface {
	Desk(ctx context.Context, by account.Actor, queue card.Queue, after card.ID) (card.Desk, error)
	NextToReview(ctx context.Context, by account.Actor, after card.ID) (card.ID, error)
	ReviewCase(ctx context.Context, by account.Actor, id card.ID) (card.ReviewCase, error)
	OrderedPhoto(ctx context.Context, by account.Actor, id card.ID) ([]byte, error)
	Decided(ctx context.Context, by account.Actor, id card.ID) (card.Action, error)
}

// clerk serves a page of the issuer's desk. Elsewhere there is no such page; who has not chosen a place yet is led to the choice.
func (s *Server) clerk(h handler) http.HandlerFunc {
	return s.keeper(func(v visit, w http.ResponseWriter, r *http.Request) error {
		if !v.actor.Is(account.Issuer) {
			return errNotFound
		}
		return h(v, w, r)
	})
}

// showDesk is the desk with one of its queues.
func (s *Server) showDesk(v visit, w http.ResponseWriter, r *http.Request) error {
	queue := card.Queue(param(r, "queue"))
	if queue == "" {
		queue = card.ToReview
	}
	after, err := idParam(r, "after")
	if err != nil {
		return err
	}
	d, err := s.store.Desk(r.Context(), v.actor, queue, card.ID(after))
	if err != nil {
		return err
	}
	p := view.Desk{
		Layout: v.layout("/desk?queue=" + string(queue)), Queue: string(queue), Now: v.session.Now, Next: int64(d.Next), Later: after > 0,
		NoneLeft: param(r, "none") == "left",
	}
	if p.Done, err = s.deskDone(v, r); err != nil {
		return err
	}
	for _, c := range d.Counts {
		p.Queues = append(p.Queues, view.DeskQueue{Code: string(c.Queue), Count: c.N, Capped: c.Capped, Oldest: c.Oldest})
	}
	for _, row := range d.Rows {
		line := view.DeskRow{CardRow: cardRow(row.Row), Since: row.Since, NoPhoto: row.NoPhoto, Batch: int64(row.Batch)}
		if row.ClaimedBy.Family != "" {
			line.ClaimedBy = row.ClaimedBy.Full()
		}
		p.Rows = append(p.Rows, line)
	}
	return render(w, r, http.StatusOK, view.DeskPage(p))
}

// idParam is an id in the address's query, zero where there is none; errNotFound for what is no id.
func idParam(r *http.Request, name string) (int64, error) {
	text := param(r, name)
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, errNotFound
	}
	return id, nil
}

// deskDone is the decision that led here, when it was this person's and still stands.
func (s *Server) deskDone(v visit, r *http.Request) (*view.DeskDone, error) {
	id, err := idParam(r, "done")
	if id == 0 || err != nil {
		return nil, nil //nolint:nilerr // what is no card was decided by nobody
	}
	action, err := s.store.Decided(r.Context(), v.actor, card.ID(id))
	if err != nil || action == "" {
		return nil, err
	}
	return &view.DeskDone{Action: string(action), Card: id}, nil
}

// reviewNext leads to the next order that nobody else is looking at. Like the log of looks, the claim says who looks at what; it changes no
// card.
func (s *Server) reviewNext(v visit, w http.ResponseWriter, r *http.Request) error {
	after, err := idParam(r, "after")
	if err != nil {
		return err
	}
	return s.leadToReview(v, w, r, card.ID(after), "")
}

// leadToReview leads to the next order behind one. done says which card has just been decided on, or is empty.
func (s *Server) leadToReview(v visit, w http.ResponseWriter, r *http.Request, after card.ID, done string) error {
	id, err := s.store.NextToReview(r.Context(), v.actor, after)
	switch {
	case errors.Is(err, card.ErrNotFound):
		address := "/desk?none=left"
		if done != "" {
			address += "&done=" + done
		}
		return redirect(w, r, address)
	case err != nil:
		return err
	}
	address := "/desk/review/" + strconv.FormatInt(int64(id), 10)
	if done != "" {
		address += "?done=" + done
	}
	return redirect(w, r, address)
}

// showOrderPhoto is the photo of a card's order.
func (s *Server) showOrderPhoto(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	jpeg, err := s.store.OrderedPhoto(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	sendJPEG(w, jpeg)
	return nil
}
