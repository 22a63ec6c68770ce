package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// deputyStore knows who acts in whose place.
type deputyStore interface {
	NameDeputy(ctx context.Context, by account.Actor, n card.NewDeputy) (card.DeputyID, error)
	CancelDeputy(ctx context.Context, by account.Actor, id card.DeputyID) (account.PersonID, error)
	Deputies(ctx context.Context, by account.Actor) ([]card.Deputy, error)
}

// actsFor are those for whom a person is the deputy today.
func actsFor(deputies []card.Deputy, person account.PersonID) (acts []view.ActingFor) {
	for _, d := range deputies {
		if d.Now && d.DeputyID == person {
			acts = append(acts, view.ActingFor{OrdererID: int64(d.OrdererID), Orderer: d.Orderer.Full(), Until: d.Last})
		}
	}
	return acts
}

// askDeputy is where an orderer, or an administrator, says who acts in the orderer's place.
func (s *Server) askDeputy(v visit, w http.ResponseWriter, r *http.Request) error {
	p, err := s.deputyPage(v, r)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, view.DeputyPage(p))
}

// deputyPage is the page as it is before anything was typed: an administrator's for any orderer, an orderer's for the own place.
func (s *Server) deputyPage(v visit, r *http.Request) (p view.Deputy, err error) {
	id, err := personID(r)
	switch {
	case err != nil:
		return p, err
	case v.actor.Company == 0:
		return p, errNotFound
	case !v.administers() && id != v.session.Person:
		return p, errForbidden
	}
	orderers, err := s.store.Orderers(r.Context(), v.actor)
	if err != nil {
		return p, err
	}
	i := slices.IndexFunc(orderers, func(o card.Orderer) bool { return o.ID == id && o.Now })
	if i < 0 {
		return p, errNotFound
	}
	deputies, err := s.store.Deputies(r.Context(), v.actor)
	if err != nil {
		return p, err
	}
	p = view.Deputy{Layout: v.layout(userAddress(id) + "/deputy"), User: int64(id), Name: orderers[i].Name.Full(), Own: id == v.session.Person}
	p.Acts = actsFor(deputies, id)
	for _, d := range deputies {
		if d.OrdererID == id {
			p.Named = append(p.Named, view.DeputyTime{ID: int64(d.ID), Deputy: d.Deputy.Full(), By: d.By.Full(), First: d.First, Last: d.Last})
		}
	}
	p.Deputies, err = s.ordererChoice(r.Context(), v, id)
	return p, err
}

// nameDeputy names one for some days.
func (s *Server) nameDeputy(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p, err := s.deputyPage(v, r)
	if err != nil {
		return err
	}
	p.Deputy, p.FirstDay, p.LastDay = field(r, "deputy"), field(r, "first_day"), field(r, "last_day")
	n := card.NewDeputy{Orderer: account.PersonID(p.User), Deputy: account.PersonID(number(r, "deputy"))}
	fault := func(field, code string) { p.Errors = append(p.Errors, view.FieldError{Field: field, Code: code}) }
	if n.Deputy == 0 {
		fault("deputy", "required")
	}
	for _, d := range []struct {
		field, typed string
		day          *time.Time
	}{{"first_day", p.FirstDay, &n.First}, {"last_day", p.LastDay, &n.Last}} {
		if *d.day, err = time.Parse(time.DateOnly, d.typed); err != nil {
			fault(d.field, requiredOr("invalid", d.typed))
		}
	}
	if len(p.Errors) == 0 {
		_, err = s.store.NameDeputy(r.Context(), v.actor, n)
		var refused *card.Refused
		switch {
		case err == nil:
			sendReceipt(w, receiptDeputyNamed)
			return redirect(w, r, userAddress(n.Orderer)+"/deputy")
		case !errors.As(err, &refused):
			return err
		}
		where, code := deputyFault(refused.Rule)
		if code == "" {
			return errForbidden // who named the deputy, or is to have one, has lost the role meanwhile
		}
		fault(where, code)
	}
	return render(w, r, http.StatusUnprocessableEntity, view.DeputyPage(p))
}

// deputyFault is the field that a rule is about, and what is wrong there.
func deputyFault(rule card.Rule) (field, code string) {
	switch rule {
	case "deputies_is_orderer", "deputies_another":
		return "deputy", "invalid"
	case "deputies_not_backdated":
		return "first_day", "past"
	case "deputies_one_at_a_time":
		return "first_day", "taken"
	case "deputies_days_in_order":
		return "last_day", "before"
	case "deputies_a_year_at_most":
		return "last_day", "too_long"
	}
	return "", ""
}

// cancelDeputy ends the time of a deputy at once.
func (s *Server) cancelDeputy(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := addressID(r, "deputy")
	if err != nil {
		return err
	}
	whose, err := s.store.CancelDeputy(r.Context(), v.actor, card.DeputyID(id))
	if err != nil {
		return err
	}
	sendReceipt(w, receiptDeputyCancelled)
	return redirect(w, r, userAddress(whose)+"/deputy")
}

// ownDeputy is who leads from the account to the choice of a deputy: an orderer of the chosen company; zero for others.
func (v visit) ownDeputy() int64 {
	if v.actor.Company != 0 && v.actor.Is(account.Orderer) {
		return int64(v.session.Person)
	}
	return 0
}

// acting are those for whom the visitor is the deputy, of the orderers of the company.
func acting(orderers []card.Orderer) (acts []view.ActingFor) {
	for _, o := range orderers {
		if !o.ActsUntil.IsZero() {
			acts = append(acts, view.ActingFor{OrdererID: int64(o.ID), Orderer: o.Name.Full(), Until: o.ActsUntil})
		}
	}
	return acts
}
