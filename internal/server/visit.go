package server

import (
	"net/http"

	"kortportal/internal/account"
	"kortportal/internal/i18n"
	"kortportal/web/view"
)

// visit is who makes a request and in which language: what every handler is told beside the request itself.
type visit struct {
	session account.Session // zero when nobody is logged in
	actor   account.Actor   // in the chosen place; without roles where none is chosen
	words   *i18n.Printer
	receipt *view.Receipt // of the request before; nil when there is nothing to tell
}

// handler is a page: it writes an answer, or returns an error for fail to answer.
type handler func(v visit, w http.ResponseWriter, r *http.Request) error

// anyone serves a page that needs no login.
func (s *Server) anyone(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.visitOf(r)
		if err := h(v, w, r); err != nil {
			s.fail(v, w, r, err)
		}
	}
}

// member serves a page to somebody who is logged in. Others are asked to log in, and find what they typed again.
func (s *Server) member(h handler) http.HandlerFunc {
	return s.anyone(func(v visit, w http.ResponseWriter, r *http.Request) error {
		if v.session.Person == 0 {
			return s.askLogin(v, w, r)
		}
		return h(v, w, r)
	})
}

// keeper serves a page about a card of the company, or at the issuer's desk of any. Elsewhere there is no such page; who has
// not chosen a place yet is led to the choice.
func (s *Server) keeper(h handler) http.HandlerFunc {
	return s.member(func(v visit, w http.ResponseWriter, r *http.Request) error {
		switch {
		case v.seesCards():
			return h(v, w, r)
		case len(v.actor.Roles) == 0 && r.Method != http.MethodPost:
			return s.leadToPlace(v, w, r)
		}
		return errNotFound
	})
}

func (s *Server) visitOf(r *http.Request) visit {
	kept, _ := s.session(r.Context())
	session := inOnlyPlace(kept)
	if session.Place != kept.Place && session.Place != account.AtHolder {
		// Who is given a second place meanwhile goes on working in the first, and own cards are at hand anywhere.
		s.keepSession(r.Context(), session)
	}
	v := visit{session: session, actor: session.Actor()}
	v.words = i18n.For(language(session, r))
	v.receipt = v.sentReceipt(r)
	return v
}

// inOnlyPlace spares somebody who works in one place only the choice of it. Own cards are at hand in every place.
func inOnlyPlace(session account.Session) account.Session {
	if session.Login == nil {
		return session
	}
	companies, login := session.Login.Companies(), session.Login
	onlyOwnCards := len(companies) == 0 && !login.Issuer && login.Holder
	switch {
	case onlyOwnCards: // also when the place that was chosen is there no more
		session.Place, session.Company = account.AtHolder, 0
	case session.Place != "":
	case len(companies) == 1 && !login.Issuer:
		session.Place, session.Company = account.AtCompany, companies[0].Company
	case len(companies) == 0 && login.Issuer:
		session.Place = account.AtIssuer
	}
	return session
}

// words are in the language of a request that no session was read for.
func words(r *http.Request) *i18n.Printer { return i18n.For(language(account.Session{}, r)) }

// language is the person's; before login what the browser was told to keep, or what it asks for.
func language(session account.Session, r *http.Request) i18n.Lang {
	if session.Login != nil {
		if lang, ok := i18n.ParseLang(session.Login.Language); ok {
			return lang
		}
	}
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if lang, ok := i18n.ParseLang(cookie.Value); ok {
			return lang
		}
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}

// layout is the frame of a page. path is where the language switch comes back to.
func (v visit) layout(path string) view.Layout {
	l := view.Layout{Words: v.words, Path: path, Receipt: v.receipt}
	if v.session.Login == nil {
		return l
	}
	login := v.session.Login
	l.Person = login.Name
	if len(v.actor.Roles) > 0 {
		l.Place = string(v.session.Place)
	}
	l.Company = v.companyName()
	l.CanSwitch = len(v.places()) > 1
	if len(v.actor.Roles) > 0 {
		l.Nav = append(l.Nav, "start")
	}
	if v.actor.Is(account.Issuer) {
		l.Nav = append(l.Nav, "desk")
	}
	if v.seesCards() {
		l.Nav = append(l.Nav, "cards")
	}
	if v.seesCards() && v.actor.Company != 0 {
		l.Nav = append(l.Nav, "orders", "expiring", "clean_up", "messages")
	}
	if v.administers() {
		l.Nav = append(l.Nav, "users")
	}
	if v.actor.Is(account.Issuer) {
		l.Nav = append(l.Nav, "claims")
	}
	if login.Holder {
		l.Nav = append(l.Nav, "my_cards")
	}
	if v.actor.Is(account.Administrator) {
		l.Nav = append(l.Nav, "company")
	}
	l.Nav = append(l.Nav, "account", "help")
	return l
}

func (v visit) seesCards() bool {
	return v.actor.Is(account.Administrator) || v.actor.Is(account.Orderer) || v.actor.Is(account.Issuer)
}

func (v visit) companyName() string {
	for _, m := range v.session.Login.Memberships {
		if m.Company == v.actor.Company {
			return m.Name
		}
	}
	return ""
}

// holder is the visitor as the holder of own cards, in whatever place.
func (v visit) holder() account.Actor { return v.actor.AsHolder() }
