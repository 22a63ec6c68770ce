package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/pin"
	"kortportal/web/view"
)

// holderStore is what a holder asks about own cards.
type holderStore interface {
	MyCards(ctx context.Context, by account.Actor) ([]card.OwnCard, error)
	PINStatus(ctx context.Context, by account.Actor, id card.ID) (card.PINStatus, error)
	ViewPIN(ctx context.Context, by account.Actor, id card.ID, lastSix string) (pin.PIN, error)
}

func (s *Server) showMyCards(v visit, w http.ResponseWriter, r *http.Request) error {
	rows, err := s.store.MyCards(r.Context(), v.holder())
	if err != nil {
		return err
	}
	p := view.MyCards{Layout: v.layout("/my-cards"), ActiveOnly: param(r, "show") == "active", All: len(rows)}
	if p.ActiveOnly {
		p.Path += "?show=active"
	}
	for _, row := range rows {
		active := isInUse(row.Row)
		if active {
			p.Active++
		}
		if active || !p.ActiveOnly {
			own := view.MyCardRow{CardSummary: ownRow(row.Row), Next: string(row.Next)}
			own.Newer = newerOf(row.Newer)
			p.Cards = append(p.Cards, own)
		}
	}
	return render(w, r, http.StatusOK, view.MyCardsPage(p))
}

func (s *Server) showMyCard(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	all, _, err := s.store.CardPage(r.Context(), v.holder(), id)
	if err != nil {
		return err
	}
	status, err := s.store.PINStatus(r.Context(), v.holder(), id)
	if err != nil {
		return err
	}
	p := v.myCardPage(all, status)
	p.Receipt = v.receiptOf(v.holderDesk(), all.Card, param(r, "receipt"))
	return render(w, r, http.StatusOK, view.MyCardPage(p))
}

// myCard is the own card in the address; errors as for a card that does not exist.
func (s *Server) myCard(v visit, r *http.Request) (card.Card, card.PINStatus, error) {
	id, err := cardID(r)
	if err != nil {
		return card.Card{}, card.PINStatus{}, err
	}
	c, err := s.store.Card(r.Context(), v.holder(), id)
	if err != nil {
		return card.Card{}, card.PINStatus{}, err
	}
	status, err := s.store.PINStatus(r.Context(), v.holder(), id)
	return c, status, err
}

func (v visit) myCardPage(all card.Page, status card.PINStatus) view.MyCard {
	c := all.Card
	p := view.MyCard{
		Layout: v.layout("/my-cards/" + strconv.FormatInt(int64(c.ID), 10)), Card: v.holderDesk().summary(c), Events: history(c), PlannedActions: pending(c),
		Views: pinViews(status), Reminders: reminders(c.Reminders), Claim: claimOf(v.holderDesk(), c, all.Claim),
	}
	if all.Order.Photo != 0 {
		p.Card.Photo = v.holderDesk().address(c.ID) + "/photo"
	}
	if p.PIN = pinClosed(c, status); p.PIN == "" {
		p.PIN = "show"
	}
	p.Open, p.Closed = choices(c, ownActions())
	for _, next := range []card.Action{card.Approve, card.Activate} {
		if isOpen(c, next) {
			p.Next = string(next)
		}
	}
	return p
}

// isInUse says which cards a holder calls active: activated and not expired, also while the company owes a fee. Those have a PIN to
// show; the store decides again when it is asked for.
func isInUse(r card.Row) bool { return r.Effective == card.Active || r.Effective == card.Suspended }

func pinViews(status card.PINStatus) []view.PINView {
	views := make([]view.PINView, len(status.Views))
	for i, at := range status.Views {
		views[i] = view.PINView{At: at}
	}
	return views
}

// pinSeconds is how long a PIN stays on the screen.
const pinSeconds = 30

func (s *Server) askPIN(v visit, w http.ResponseWriter, r *http.Request) error {
	c, status, err := s.myCard(v, r)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, view.PINRequestPage(v.pinRequest(c, status)))
}

func (v visit) pinRequest(c card.Card, status card.PINStatus) view.PINRequest {
	p := view.PINRequest{
		Layout: v.layout("/my-cards/" + strconv.FormatInt(int64(c.ID), 10) + "/pin"), Card: v.holderDesk().summary(c), Left: status.Left, Views: pinViews(status),
		Proved: v.session.Proved,
	}
	p.Closed = pinClosed(c, status)
	return p
}

// pinClosed is why the PIN cannot be shown; empty when it can.
func pinClosed(c card.Card, status card.PINStatus) string {
	switch {
	case !isInUse(c.Row):
		return "not_active"
	case status.WrongTooOften:
		return "wrong_limit"
	case status.Left <= 0:
		return "limit"
	}
	return ""
}

// showPIN shows the PIN to a holder who proves presence, by the password, and possession, by the card's last six digits.
func (s *Server) showPIN(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	c, status, err := s.myCard(v, r)
	if err != nil {
		return err
	}
	again := func(code int, faults ...view.FieldError) error {
		p := v.pinRequest(c, status)
		p.LastSix, p.Errors = field(r, "last_six"), faults
		return render(w, r, code, view.PINRequestPage(p))
	}
	closed := func(code int, why string) error {
		p := v.pinRequest(c, status)
		p.Closed = why
		return render(w, r, code, view.PINRequestPage(p))
	}
	switch p := v.pinRequest(c, status); p.Closed {
	case "":
	case "limit", "wrong_limit":
		return closed(http.StatusTooManyRequests, p.Closed)
	default:
		return closed(http.StatusConflict, p.Closed)
	}
	if left := field(r, "left"); left != "" && left != strconv.Itoa(status.Left) {
		// The form of an earlier view, which a browser sends again by a reload: whoever sits there proves anew that the card is at hand.
		r.PostForm.Del("last_six")
		return again(http.StatusConflict, view.FieldError{Field: "last_six", Code: "used"})
	}
	var faults []view.FieldError
	lastSix, err := card.ParsePossession(field(r, "last_six"))
	if err != nil {
		faults = append(faults, view.FieldError{Field: "last_six", Code: requiredOr("invalid", field(r, "last_six"))})
	}
	password := r.PostForm.Get("password")
	if password == "" && !v.session.Proved {
		faults = append(faults, view.FieldError{Field: "password", Code: "required"})
	}
	if len(faults) > 0 {
		return again(http.StatusUnprocessableEntity, faults...)
	}
	if !v.session.Proved {
		var full account.Throttled
		switch at, err := s.store.Prove(r.Context(), v.session.Person, password); {
		case errors.As(err, &full):
			setRetryAfter(w, full)
			return again(http.StatusTooManyRequests, view.FieldError{Field: "form", Code: "throttled", Minutes: minutes(full)})
		case errors.Is(err, account.ErrCredentials):
			return again(http.StatusUnprocessableEntity, view.FieldError{Field: "password", Code: "wrong"})
		case err != nil:
			return err
		default:
			v = s.prove(v, r, at)
		}
	}
	p, err := s.store.ViewPIN(r.Context(), v.holder(), c.ID, lastSix.LastSix())
	switch {
	case errors.Is(err, card.ErrLastSix):
		if status, err = s.store.PINStatus(r.Context(), v.holder(), c.ID); err != nil {
			return err
		}
		if status.WrongTooOften {
			return closed(http.StatusTooManyRequests, "wrong_limit")
		}
		return again(http.StatusUnprocessableEntity, view.FieldError{Field: "last_six", Code: "wrong"})
	case errors.Is(err, card.ErrTooOften):
		return closed(http.StatusTooManyRequests, "limit")
	case errors.Is(err, card.ErrNotActive):
		return closed(http.StatusConflict, "not_active")
	case err != nil:
		return err
	}
	if status, err = s.store.PINStatus(r.Context(), v.holder(), c.ID); err != nil {
		return err
	}
	// Not compressed: the length of a compressed page would depend on the digits.
	w.Header().Set("No-Gzip-Compression", "1")
	w.Header().Set("Refresh", strconv.Itoa(pinSeconds)+"; url=/my-cards/"+strconv.FormatInt(int64(c.ID), 10))
	return render(w, r, http.StatusOK, view.PINShownPage(view.PINShown{
		Layout: v.layout("/my-cards/" + strconv.FormatInt(int64(c.ID), 10)), Card: v.holderDesk().summary(c), PIN: p.Reveal(),
		Seconds: pinSeconds, Left: status.Left, Views: pinViews(status),
	}))
}

// prove keeps that the person is present, so that the password is not asked for again within the next minutes.
func (s *Server) prove(v visit, r *http.Request, at time.Time) visit {
	v.session.ProvedAt, v.session.Proved = at, true
	s.keepSession(r.Context(), v.session)
	return v
}

// ownRow is an own card in a list.
func ownRow(r card.Row) view.CardSummary {
	s := rowSummary(r)
	s.Number = r.Number.WithoutLastSix()
	return s
}
