package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

// messageStore knows what the portal has written.
type messageStore interface {
	Messages(ctx context.Context, by account.Actor, before messages.ID) (messages.Page, error)
	Resend(ctx context.Context, by account.Actor, id card.ID) error
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
		line := messageRow(row)
		line.Resendable = row.Resendable && v.actor.Is(account.Orderer)
		p.Rows = append(p.Rows, line)
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
		Address: string(r.Address),
	}
}

// cardMessages are what the company reads on a card's page about its mails. Only an orderer sends one again.
func (v visit) cardMessages(of messages.OfCard, c card.Card) view.CardMessages {
	p := view.CardMessages{Correct: isOpen(c, card.Correct)}
	for _, row := range of.Rows {
		line := messageRow(row)
		line.Receiver = row.Receiver.Full()
		p.Rows = append(p.Rows, line)
	}
	if !v.actor.Is(account.Orderer) {
		return p
	}
	switch of.Refusal {
	case "":
		p.Resend = "open"
	case "messages_once_an_hour":
		p.Resend = "later"
	case "messages_address_known":
		p.Resend = "no_address"
	}
	return p
}

// resend writes to the holder of a card once more, and goes back to where that was asked for.
func (s *Server) resend(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := cardID(r)
	if err != nil {
		return err
	}
	err = s.store.Resend(r.Context(), v.actor, id)
	switch {
	case err == nil:
		sendReceipt(w, receiptResent)
	case errors.Is(err, card.ErrTooOften):
		sendReceipt(w, receiptResentAlready)
	case errors.Is(err, card.ErrNotAllowed):
		sendReceipt(w, receiptNotWaitedFor)
	case errors.Is(err, messages.ErrNoAddress):
		sendReceipt(w, receiptNoAddress)
	default:
		return err
	}
	switch field(r, "back") {
	case "orders":
		return redirect(w, r, "/orders")
	case "messages":
		return redirect(w, r, "/messages")
	}
	return redirect(w, r, "/cards/"+strconv.FormatInt(int64(id), 10))
}
