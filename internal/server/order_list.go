package server

import (
	"net/http"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// showOrders lists what waits for somebody in the company; an orderer's own, unless all are asked for.
func (s *Server) showOrders(v visit, w http.ResponseWriter, r *http.Request) error {
	if v.actor.Company == 0 {
		return errNotFound
	}
	p := view.OrderList{Layout: v.layout("/orders"), Orderer: v.actor.Is(account.Orderer), Later: param(r, "after") != ""}
	p.Own = p.Orderer && param(r, "show") != "all"
	if p.Orderer && !p.Own {
		p.Path += "?show=all"
	}
	found, err := s.store.OpenOrders(r.Context(), v.actor, p.Own, card.Cursor(param(r, "after")))
	if err != nil {
		return err
	}
	p.Next = string(found.Next)
	for _, o := range found.Rows {
		row := view.OrderRow{
			CardRow: cardRow(o.Row), Waiting: string(o.WaitsFor), Since: o.Since, Reason: string(o.Reason), Note: o.Note, Reference: o.Reference,
		}
		row.Resendable, row.MailFailed = o.Resendable && p.Orderer, o.MailFailed
		for _, action := range o.Open {
			row.Open = append(row.Open, string(action))
		}
		p.Rows = append(p.Rows, row)
	}
	return render(w, r, http.StatusOK, view.OrderListPage(p))
}
