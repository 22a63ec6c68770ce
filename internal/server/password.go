package server

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

// forgottenTakes is how long the answer takes to who has forgotten the password, so that it does not tell whether a mail was written.
const forgottenTakes = 300 * time.Millisecond

func (s *Server) showForgotten(v visit, w http.ResponseWriter, r *http.Request) error {
	return render(w, r, http.StatusOK, view.ForgottenPage(view.Forgotten{Layout: v.layout("/forgot-password")}))
}

// sendReset sends a link to who has forgotten the password. The answer is the same whether there is such a login or not.
func (s *Server) sendReset(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p := view.Forgotten{Layout: v.layout("/forgot-password"), Email: field(r, "email")}
	email, fault := emailField(p.Email)
	if fault != "" {
		p.Errors = []view.FieldError{{Field: "email", Code: fault}}
		return render(w, r, http.StatusUnprocessableEntity, view.ForgottenPage(p))
	}
	over := time.NewTimer(forgottenTakes)
	defer over.Stop()
	var full account.Throttled
	switch err := s.store.AskReset(r.Context(), email, s.clientAddress(r)); {
	case errors.As(err, &full):
		p.Errors = throttled(w, full)
		return render(w, r, http.StatusTooManyRequests, view.ForgottenPage(p))
	case err != nil:
		return err
	}
	select {
	case <-over.C:
	case <-r.Context().Done():
	}
	sendReceipt(w, receiptForgotten)
	return redirect(w, r, "/login")
}

// emailField reads an address that was typed, or says what is wrong with it.
func emailField(typed string) (email account.Email, fault string) {
	email, err := account.ParseEmail(typed)
	switch {
	case strings.TrimSpace(typed) == "":
		return "", "required"
	case err != nil:
		return "", "invalid"
	}
	return email, ""
}

func (s *Server) showReset(v visit, w http.ResponseWriter, r *http.Request) error {
	o, err := s.store.OpenLink(r.Context(), messages.ResetPassword, linkToken(r))
	if err != nil {
		return v.failLink(w, r, messages.ResetPassword, err)
	}
	return render(w, r, http.StatusOK, view.PasswordResetPage(v.passwordReset(r, o)))
}

func (v visit) passwordReset(r *http.Request, o messages.Opened) view.PasswordReset {
	return view.PasswordReset{Layout: v.inLanguage(o.Language).linkLayout(), Action: linkPath(o.Purpose, r), Email: string(o.Email)}
}

// resetPassword gives the login a new password and leads to the login page: also whoever was logged in with the old one.
func (s *Server) resetPassword(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	o, err := s.store.OpenLink(r.Context(), messages.ResetPassword, linkToken(r))
	if err != nil {
		return v.failLink(w, r, messages.ResetPassword, err)
	}
	p := v.passwordReset(r, o)
	c := messages.Choice{Token: linkToken(r), Password: r.PostForm.Get("password"), Address: s.clientAddress(r)}
	if p.Errors = passwordFaults(c.Password, o.Email); len(p.Errors) > 0 {
		return render(w, r, http.StatusUnprocessableEntity, view.PasswordResetPage(p))
	}
	var full account.Throttled
	switch err := s.store.ResetPassword(r.Context(), c); {
	case errors.As(err, &full):
		p.Errors = throttled(w, full)
		return render(w, r, http.StatusTooManyRequests, view.PasswordResetPage(p))
	case err != nil:
		return v.failLink(w, r, messages.ResetPassword, err)
	}
	if v.session.Person != 0 {
		if err := s.sessions.Destroy(r.Context()); err != nil {
			return fmt.Errorf("server: log out: %w", err)
		}
	}
	sendReceipt(w, receiptPasswordReset)
	return redirect(w, r, "/login")
}
