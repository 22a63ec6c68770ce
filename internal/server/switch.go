package server

import (
	"net/http"
	"net/url"
	"strconv"

	"kortportal/internal/account"
	"kortportal/web/view"
)

// places are all the person can work in, each with the value that the form sends.
func (v visit) places() []view.Place {
	if v.session.Login == nil {
		return nil
	}
	var places []view.Place
	for _, c := range v.session.Login.Companies() {
		p := view.Place{Value: "company:" + strconv.FormatInt(int64(c.Company), 10), Kind: "company", Company: c.Name}
		for _, role := range c.Roles {
			p.Roles = append(p.Roles, string(role))
		}
		p.Current = v.session.Place == account.AtCompany && v.session.Company == c.Company
		places = append(places, p)
	}
	if v.session.Login.Issuer {
		places = append(places, view.Place{
			Value: "issuer", Kind: "issuer", Roles: []string{"issuer"}, Current: v.session.Place == account.AtIssuer,
		})
	}
	if v.session.Login.Holder {
		places = append(places, view.Place{
			Value: "holder", Kind: "holder", Roles: []string{"holder"}, Current: v.session.Place == account.AtHolder,
		})
	}
	return places
}

// at is the session moved to the place of a form value; false when it is not one of the person's.
func (v visit) at(value string) (account.Session, bool) {
	for _, p := range v.places() {
		if p.Value != value {
			continue
		}
		moved := v.session
		moved.Place, moved.Company = account.Place(p.Kind), 0
		for _, c := range v.session.Login.Companies() {
			if p.Kind == "company" && p.Value == "company:"+strconv.FormatInt(int64(c.Company), 10) {
				moved.Company = c.Company
			}
		}
		return moved, true
	}
	return account.Session{}, false
}

func (s *Server) showSwitch(v visit, w http.ResponseWriter, r *http.Request) error {
	next := ownPath(param(r, "next"))
	p := view.Switch{Layout: v.layout("/switch"), Places: v.places(), Next: next}
	if v.session.Place != "" && len(v.actor.Roles) == 0 {
		p.Errors = []view.FieldError{{Field: "context", Code: "gone"}}
	}
	return render(w, r, http.StatusOK, view.SwitchPage(p))
}

func (s *Server) switchPlace(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	next := ownPath(field(r, "next"))
	session, ok := v.at(field(r, "context"))
	if !ok {
		p := view.Switch{Layout: v.layout("/switch"), Places: v.places(), Next: next}
		p.Errors = []view.FieldError{{Field: "context", Code: "gone"}}
		if field(r, "context") == "" {
			p.Errors[0].Code = "required"
		}
		return render(w, r, http.StatusUnprocessableEntity, view.SwitchPage(p))
	}
	s.keepSession(r.Context(), session)
	if switched(v.session, session) {
		sendReceipt(w, receiptSwitch)
	}
	return redirect(w, r, nextOr(next, "/"))
}

func nextOr(next, otherwise string) string {
	if next != "" {
		return next
	}
	return otherwise
}

// leadToPlace answers a page of the companies' cards for somebody who works elsewhere: at own cards, or nowhere yet.
func (s *Server) leadToPlace(v visit, w http.ResponseWriter, r *http.Request) error {
	if len(v.actor.Roles) > 0 {
		return redirect(w, r, "/my-cards")
	}
	return redirect(w, r, "/switch?"+url.Values{"next": {ownPath(r.URL.RequestURI())}}.Encode())
}
