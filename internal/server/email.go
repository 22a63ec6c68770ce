package server

import (
	"errors"
	"net/http"

	"kortportal/internal/account"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

func (s *Server) askEmail(v visit, w http.ResponseWriter, r *http.Request) error {
	return render(w, r, http.StatusOK, view.EmailChangePage(v.emailChange()))
}

func (v visit) emailChange() view.EmailChange {
	return view.EmailChange{Layout: v.layout("/account/email"), Now: string(v.session.Login.Email)}
}

// sendEmailLink sends a link to the new address of somebody who gives the password. Whether the address is free is told when it is confirmed.
func (s *Server) sendEmailLink(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p := v.emailChange()
	p.Email = field(r, "email")
	email, fault := emailField(p.Email)
	if fault == "" && email == v.session.Login.Email {
		fault = "same"
	}
	if fault != "" {
		p.Errors = append(p.Errors, view.FieldError{Field: "email", Code: fault})
	}
	password := r.PostForm.Get("password")
	if password == "" {
		p.Errors = append(p.Errors, view.FieldError{Field: "password", Code: "required"})
	}
	if len(p.Errors) > 0 {
		return render(w, r, http.StatusUnprocessableEntity, view.EmailChangePage(p))
	}
	_, err := s.store.Prove(r.Context(), v.session.Person, password)
	if err == nil {
		err = s.store.AskEmail(r.Context(), v.session.Person, email)
	}
	var full account.Throttled
	switch {
	case errors.As(err, &full):
		p.Errors = throttled(w, full)
		return render(w, r, http.StatusTooManyRequests, view.EmailChangePage(p))
	case errors.Is(err, account.ErrCredentials):
		p.Errors = []view.FieldError{{Field: "password", Code: "wrong"}}
		return render(w, r, http.StatusUnprocessableEntity, view.EmailChangePage(p))
	case err != nil:
		return err
	}
	sendReceipt(w, receiptEmailAsked)
	return redirect(w, r, "/account")
}

func (s *Server) showConfirmEmail(v visit, w http.ResponseWriter, r *http.Request) error {
	o, err := s.store.OpenLink(r.Context(), messages.ChangeEmail, linkToken(r))
	if err != nil {
		return v.failLink(w, r, messages.ChangeEmail, err)
	}
	return render(w, r, http.StatusOK, view.EmailConfirmPage(v.emailConfirm(r, o)))
}

func (v visit) emailConfirm(r *http.Request, o messages.Opened) view.EmailConfirm {
	return view.EmailConfirm{
		Layout: v.inLanguage(o.Language).linkLayout(), Action: linkPath(o.Purpose, r), Email: string(o.Email), Proved: v.session.Person == o.Person,
	}
}

// confirmEmail changes the address of somebody who has the link and is logged in, or gives the password: who once sat at somebody else's
// browser and asked for the link cannot use it after the password was changed.
func (s *Server) confirmEmail(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	o, err := s.store.OpenLink(r.Context(), messages.ChangeEmail, linkToken(r))
	if err != nil {
		return v.failLink(w, r, messages.ChangeEmail, err)
	}
	p := v.emailConfirm(r, o)
	again := func(status int, faults ...view.FieldError) error {
		p.Errors = faults
		return render(w, r, status, view.EmailConfirmPage(p))
	}
	if !p.Proved {
		password := r.PostForm.Get("password")
		if password == "" {
			return again(http.StatusUnprocessableEntity, view.FieldError{Field: "password", Code: "required"})
		}
		_, err = s.store.Prove(r.Context(), o.Person, password)
	}
	if err == nil {
		err = s.store.ConfirmEmail(r.Context(), linkToken(r), s.clientAddress(r))
	}
	var full account.Throttled
	switch {
	case errors.As(err, &full):
		return again(http.StatusTooManyRequests, throttled(w, full)...)
	case errors.Is(err, account.ErrCredentials):
		return again(http.StatusUnprocessableEntity, view.FieldError{Field: "password", Code: "wrong"})
	case errors.Is(err, account.ErrTaken):
		return again(http.StatusConflict, view.FieldError{Field: "form", Code: "not_changed"})
	case err != nil:
		return v.failLink(w, r, messages.ChangeEmail, err)
	}
	sendReceipt(w, receiptEmailChanged)
	if p.Proved {
		return redirect(w, r, "/account")
	}
	return redirect(w, r, "/login")
}
