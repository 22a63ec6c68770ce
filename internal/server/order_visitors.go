package server

import (
	"net/http"
	"strconv"

	"kortportal/internal/card"
	"kortportal/web/view"
)

func (v visit) visitorsPage() view.OrderVisitors {
	return view.OrderVisitors{Layout: v.layout("/orders/new?kind=visitor"), Max: card.MaxVisitorCards}
}

func (s *Server) askVisitorCards(v visit, w http.ResponseWriter, r *http.Request) error {
	start, err := s.store.OrderStart(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p := v.visitorsPage()
	p.Count, p.Form.DeliverTo = "1", start.DeliverTo
	return render(w, r, http.StatusOK, view.OrderVisitorsPage(p))
}

// orderVisitorCards orders all of them, or none.
func (s *Server) orderVisitorCards(v visit, w http.ResponseWriter, r *http.Request) error {
	p := v.visitorsPage()
	p.Form, p.Count = typedOrder(r), field(r, "count")
	count, err := strconv.Atoi(p.Count)
	if err != nil || count < 1 || count > card.MaxVisitorCards {
		p.Errors = append(p.Errors, view.FieldError{Field: "count", Code: requiredOr("invalid", p.Count)})
	}
	if p.Form.DeliverTo == "" {
		p.Errors = append(p.Errors, view.FieldError{Field: "deliver_to", Code: "required"})
	}
	if len(p.Errors) > 0 {
		return render(w, r, http.StatusUnprocessableEntity, view.OrderVisitorsPage(p))
	}
	_, err = s.store.OrderVisitorCards(r.Context(), v.actor, card.NewOrder{
		Kind: card.Visitor, Language: "sv", Reference: p.Form.Reference, DeliverTo: p.Form.DeliverTo,
	}, count)
	if fault, ok := orderFault(err); ok {
		p.Errors = []view.FieldError{fault}
		return render(w, r, http.StatusUnprocessableEntity, view.OrderVisitorsPage(p))
	}
	if err != nil {
		return err
	}
	sendReceipt(w, receiptOrderVisitors)
	return redirect(w, r, "/orders")
}
