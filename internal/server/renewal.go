package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// renewalStore orders new cards for many that expire, after a look at what would become of them.
type renewalStore interface {
	KeepRenewal(ctx context.Context, by account.Actor, cards []card.ID) (card.RenewalID, error)
	Renewal(ctx context.Context, by account.Actor, id card.RenewalID) (card.Renewal, error)
	CheckRenewal(ctx context.Context, by account.Actor, id card.RenewalID, terms card.RenewalTerms) error
	ApplyRenewal(ctx context.Context, by account.Actor, id card.RenewalID, terms card.RenewalTerms, mode card.ImportMode) (card.Renewal, error)
}

// maxReference is how long an order's reference may be, in characters.
const maxReference = 100

// chooseCards takes the cards ticked in the list, or all that it showed, and has their orders judged.
func (s *Server) chooseCards(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	names := "card"
	if field(r, "all") != "" {
		names = "shown"
	}
	var chosen []card.ID
	for _, text := range r.PostForm[names] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return errNotFound
		}
		if !slices.Contains(chosen, card.ID(id)) {
			chosen = append(chosen, card.ID(id))
		}
	}
	if len(chosen) == 0 || len(chosen) > card.MaxRenewal {
		p := v.expiryPage(field(r, "within"), field(r, "show"), field(r, "after"))
		p.Errors = []view.FieldError{{Field: "card", Code: "required"}}
		if len(chosen) > 0 {
			p.Errors[0].Code = "too_many"
		}
		for _, id := range chosen {
			p.Chosen = append(p.Chosen, int64(id))
		}
		return s.answerExpiring(v, w, r, http.StatusUnprocessableEntity, p)
	}
	id, err := s.store.KeepRenewal(r.Context(), v.actor, chosen)
	if err != nil {
		return renewalError(err)
	}
	return redirect(w, r, renewalAddress(id))
}

func renewalAddress(id card.RenewalID) string {
	return "/expiring/renewals/" + strconv.FormatInt(int64(id), 10)
}

// renewalID is the renewal in the address; errNotFound for what is none.
func renewalID(r *http.Request) (card.RenewalID, error) {
	id, err := addressID(r, "id")
	return card.RenewalID(id), err
}

// renewalError: who is refused has lost the role meanwhile; a card that is refused is told on the page.
func renewalError(err error) error {
	if errors.Is(err, card.ErrNotAllowed) {
		return errForbidden
	}
	return err
}

// showRenewal shows what would be ordered, or what was.
func (s *Server) showRenewal(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := renewalID(r)
	if err != nil {
		return err
	}
	renewal, err := s.store.Renewal(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := v.renewalPage(id, renewal)
	if p.Applied {
		return render(w, r, http.StatusOK, view.RenewalReceiptPage(p))
	}
	return render(w, r, http.StatusOK, view.RenewalPage(p))
}

// applyRenewal orders the new cards, all or those that can be, or only looks again at what was typed.
func (s *Server) applyRenewal(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := renewalID(r)
	if err != nil {
		return err
	}
	kept, err := s.store.Renewal(r.Context(), v.actor, id)
	switch {
	case err != nil:
		return err
	case kept.Applied:
		return redirect(w, r, renewalAddress(id))
	}
	p := v.renewalPage(id, kept)
	terms := understandRenewal(r, &p)
	if len(p.Errors) > 0 {
		return render(w, r, http.StatusUnprocessableEntity, view.RenewalPage(p))
	}
	mode := card.AllOrNothing
	switch field(r, "step") {
	case "order_all":
	case "order_good":
		mode = card.OnlyGood
	default:
		if err := s.store.CheckRenewal(r.Context(), v.actor, id, terms); err != nil {
			return renewalError(err)
		}
		return redirect(w, r, renewalAddress(id))
	}
	tried, err := s.store.ApplyRenewal(r.Context(), v.actor, id, terms, mode)
	if errors.Is(err, card.ErrImport) {
		p := v.renewalPage(id, tried)
		p.Stopped = true
		return render(w, r, http.StatusConflict, view.RenewalPage(p))
	}
	if err != nil {
		return renewalError(err)
	}
	return redirect(w, r, renewalAddress(id))
}

// understandRenewal reads what was typed into the page; what is wrong with it stands there beside its field.
func understandRenewal(r *http.Request, p *view.Renewal) card.RenewalTerms {
	fault := func(field, code string) { p.Errors = append(p.Errors, view.FieldError{Field: field, Code: code}) }
	p.DeliverTo, p.Reference = field(r, "deliver_to"), field(r, "reference")
	terms := card.RenewalTerms{DeliverTo: p.DeliverTo, Reference: p.Reference, Emails: map[card.ID]account.Email{}}
	for i := range p.Rows {
		row := &p.Rows[i]
		name := "email_" + strconv.FormatInt(row.ID, 10)
		if !r.PostForm.Has(name) {
			continue
		}
		before := row.Email
		row.Email = field(r, name)
		email, err := account.ParseEmail(row.Email)
		switch {
		case row.Email == "" && before != "":
			fault(name, "required") // nobody is written to at an address that was taken away
		case err != nil && row.Email != "":
			fault(name, "invalid")
		}
		terms.Emails[card.ID(row.ID)] = email
	}
	if utf8.RuneCountInString(p.Reference) > maxReference {
		fault("reference", "too_long")
	}
	if utf8.RuneCountInString(p.DeliverTo) > maxDeliverTo {
		fault("deliver_to", "too_long")
	}
	return terms
}

// renewalPage has no language switch: leaving it would lose what was typed.
func (v visit) renewalPage(id card.RenewalID, renewal card.Renewal) view.Renewal {
	p := view.Renewal{
		Layout: v.layout(""), ID: int64(id), Good: renewal.Good(), DeliverTo: renewal.DeliverTo, Reference: renewal.Reference, Applied: renewal.Applied,
	}
	if p.Applied {
		p.Layout = v.layout(renewalAddress(id))
	}
	p.Bad = len(renewal.Rows) - p.Good
	for _, row := range renewal.Rows {
		o := row.Order
		p.Rows = append(p.Rows, view.RenewalRow{
			CardRow: cardRow(row.Row), Name: listName(o.Name), Citizenship: o.Citizenship, Email: string(o.Email), Language: o.Language,
			HasPhoto: o.Photo != 0, Pays: string(row.Pays), Reference: o.Reference, DeliverTo: o.DeliverTo, Why: renewalFault(row.Refusal), Ordered: int64(row.Ordered),
		})
	}
	return p
}

// renewalFault is what the page has words for.
func renewalFault(rule card.Rule) string {
	switch rule {
	case "":
		return ""
	case card.RuleOneOpenOrder:
		return "open_order"
	case card.RuleRenewedOnce:
		return "renewed"
	case card.RuleResponsibleOrderer:
		return "not_orderer"
	case card.RuleRenewedWithAddress:
		return "address"
	case card.RuleOfPerson:
		return "data"
	case "card_orders_deliver_to_length":
		return "deliver_to"
	}
	return "other"
}
