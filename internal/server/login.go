package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kortportal/internal/account"
	"kortportal/web/view"
)

const (
	languageCookie = "__Host-language"
	deviceCookie   = "__Host-device"
)

func (s *Server) showLogin(v visit, w http.ResponseWriter, r *http.Request) error {
	next := ownPath(r.URL.Query().Get("next"))
	if v.session.Person != 0 {
		return redirect(w, r, nextOr(next, "/"))
	}
	p := view.Login{Layout: v.layout("/login"), Next: next}
	if p.Next != "" && hasSessionCookie(r) {
		p.Notice = "expired"
	}
	return render(w, r, http.StatusOK, view.LoginPage(p))
}

func hasSessionCookie(r *http.Request) bool {
	_, err := r.Cookie("__Host-session")
	return err == nil
}

// askLogin sends somebody without a session to log in. What a form held comes back afterwards.
func (s *Server) askLogin(v visit, w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		next := ownPath(r.URL.RequestURI())
		if next == "/" {
			return redirect(w, r, "/login")
		}
		return redirect(w, r, "/login?"+url.Values{"next": {next}}.Encode())
	}
	p := view.Login{Layout: v.layout("")}
	if err := s.keep(&p, w, r); err != nil {
		return err
	}
	return render(w, r, http.StatusUnauthorized, view.LoginPage(p))
}

func (s *Server) logIn(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseFormOf(w, r, 2*maxBody); err != nil {
		return err
	}
	p := view.Login{Layout: v.layout("/login"), Email: field(r, "email"), Next: ownPath(field(r, "next"))}
	kept := travellingForm(r)
	if p.Kept = keptFields(kept); kept != nil {
		p.Path = "" // changing the language now would lose it
	}
	email, err := account.ParseEmail(p.Email)
	switch {
	case strings.TrimSpace(p.Email) == "":
		p.Errors = append(p.Errors, view.FieldError{Field: "email", Code: "required"})
	case err != nil:
		p.Errors = append(p.Errors, view.FieldError{Field: "email", Code: "invalid"})
	}
	password := r.PostForm.Get("password")
	if password == "" {
		p.Errors = append(p.Errors, view.FieldError{Field: "password", Code: "required"})
	}
	if len(p.Errors) > 0 {
		return render(w, r, http.StatusUnprocessableEntity, view.LoginPage(p))
	}

	attempt := account.Attempt{Email: email, Password: password, Address: s.clientAddress(r)}
	if cookie, err := r.Cookie(deviceCookie); err == nil {
		attempt.Device = cookie.Value
	}
	proof, err := s.store.LogIn(r.Context(), attempt)
	var full account.Throttled
	switch {
	case errors.As(err, &full):
		setRetryAfter(w, full)
		p.Errors = []view.FieldError{{Field: "form", Code: "throttled", Minutes: minutes(full)}}
		return render(w, r, http.StatusTooManyRequests, view.LoginPage(p))
	case errors.Is(err, account.ErrCredentials):
		p.Errors = []view.FieldError{{Field: "form", Code: "credentials"}}
		return render(w, r, http.StatusUnprocessableEntity, view.LoginPage(p))
	case err != nil:
		return err
	}
	if err := s.admit(w, r, proof, kept); err != nil {
		return err
	}
	return redirect(w, r, "/welcome?"+url.Values{"next": {p.Next}}.Encode())
}

// admit begins the session of somebody who has proved who he or she is. Its token is new, so that one planted before is worth nothing.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, proof account.Proof, kept *account.KeptForm) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return fmt.Errorf("server: renew session: %w", err)
	}
	s.keepSession(r.Context(), account.Session{Person: proof.Person, ProvedAt: proof.At, Kept: kept})
	rememberSearch(w, r, "") // whoever was here before
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie, Value: proof.Device, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 3600,
	})
	return nil
}

// welcome goes on from a login: to the choice of a place, where there is one, and then to where the person wanted to go.
func (s *Server) welcome(v visit, w http.ResponseWriter, r *http.Request) error {
	next := ownPath(param(r, "next"))
	if len(v.actor.Roles) == 0 {
		return redirect(w, r, "/switch?"+url.Values{"next": {next}}.Encode())
	}
	return redirect(w, r, nextOr(next, "/"))
}

func (s *Server) logOut(_ visit, w http.ResponseWriter, r *http.Request) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return fmt.Errorf("server: log out: %w", err)
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	rememberSearch(w, r, "")
	sendReceipt(w, receiptLogout)
	return redirect(w, r, "/login")
}

func (s *Server) logOutEverywhere(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := s.store.EndSessions(r.Context(), v.session.Person); err != nil {
		return err
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return fmt.Errorf("server: log out: %w", err)
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	rememberSearch(w, r, "")
	sendReceipt(w, receiptLogoutEverywhere)
	return redirect(w, r, "/login")
}

// ownPath is an address of this portal to go on to, without a personnummer that somebody wrote into it as a search; empty for anything else, another
// site's address above all.
func ownPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(s, "/") ||
		strings.HasPrefix(s, "//") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(s+u.Path, "\\\r\n\t") || strings.HasPrefix(u.Path, "/login") || len(s) > 2000 {
		return ""
	}
	query, err := url.ParseQuery(u.RawQuery)
	if personal := slices.ContainsFunc(query["q"], account.LooksLikePersonalNumber); err == nil && !personal {
		return s
	} else if personal {
		query.Del("q")
	}
	return (&url.URL{Path: u.Path, RawPath: u.EscapedPath(), RawQuery: query.Encode()}).String() // nor what could not be read
}
