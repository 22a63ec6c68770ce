package server

import (
	"context"
	"net/http"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

// messageStore knows what the portal has written.
type messageStore interface {
	Messages(ctx context.Context, by account.Actor, before messages.ID) (messages.Page, error)
}

// showMessages is Meddelanden: what was written about the company's cards, the newest first.
func (s *Server) showMessages(v visit, w http.ResponseWriter, r *http.Request) error {
	if v.actor.Is(account.Issuer) {
		return errNotFound // the messages are the company's
	}
	var before messages.ID
	if typed := param(r, "before"); typed != "" {
		var ok bool
		if before, ok = messages.ParseID(typed); !ok {
			return errNotFound
		}
	}
	page, err := s.store.Messages(r.Context(), v.actor, before)
	if err != nil {
		return err
	}
	p := view.Messages{Layout: v.layout("/messages"), Later: before != 0}
	for _, row := range page.Rows {
		p.Rows = append(p.Rows, messageRow(row))
	}
	if before != 0 {
		p.Path += "?before=" + strconv.FormatInt(int64(before), 10)
	}
	if page.Next != 0 {
		p.Next = strconv.FormatInt(int64(page.Next), 10)
	}
	return render(w, r, http.StatusOK, view.MessagesPage(p))
}

func messageRow(r messages.Row) view.MessageRow {
	return view.MessageRow{
		ID: int64(r.ID), Receiver: listName(r.Receiver), Template: string(r.Template), Card: int64(r.Card), Number: r.Number.String(),
		Holder: listName(r.Holder), Created: r.Created, State: string(r.State), Attempts: r.Attempts, Problem: string(r.Problem),
	}
}
