package server

import (
	"net/http"

	"kortportal/internal/i18n"
	"kortportal/web/view"
)

func (s *Server) showAccount(v visit, w http.ResponseWriter, r *http.Request) error {
	sessions, err := s.store.LiveSessions(r.Context(), v.session.Person, s.sessions.Token(r.Context()))
	if err != nil {
		return err
	}
	p := view.Account{Layout: v.layout("/account"), Email: string(v.session.Login.Email), Deputy: v.ownDeputy()}
	for _, l := range sessions {
		p.Sessions = append(p.Sessions, view.Session{Started: l.Started, LastSeen: l.LastSeen, Current: l.Current})
	}
	return render(w, r, http.StatusOK, view.AccountPage(p))
}

// chooseLanguage keeps the choice with the person, or before login in the browser, and goes back to the page.
func (s *Server) chooseLanguage(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	lang, ok := i18n.ParseLang(field(r, "lang"))
	if !ok {
		return errForm
	}
	if v.session.Person != 0 {
		if err := s.store.SetLanguage(r.Context(), v.session.Person, string(lang)); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: string(lang), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 3600,
	})
	sendReceipt(w, receiptLanguage)
	back := field(r, "next")
	if back != "/login" {
		back = ownPath(back)
	}
	return redirect(w, r, nextOr(back, "/"))
}

func (s *Server) showHelp(v visit, w http.ResponseWriter, r *http.Request) error {
	return render(w, r, http.StatusOK, view.HelpPage(view.Help{Layout: v.layout("/help")}))
}
