package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/i18n"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

// linkStore knows the links in mails, and what they are good for.
type linkStore interface {
	OpenLink(ctx context.Context, purpose messages.Purpose, token messages.Token) (messages.Opened, error)
	Accept(ctx context.Context, purpose messages.Purpose, c messages.Choice) (account.Proof, messages.Grant, error)
	AskReset(ctx context.Context, email account.Email, address string) error
	ResetPassword(ctx context.Context, c messages.Choice) error
	AskEmail(ctx context.Context, person account.PersonID, email account.Email) error
	ConfirmEmail(ctx context.Context, token messages.Token, address string) error
}

// linkToken is the token in the address. It stands in no other address, in no hidden field and in no log.
func linkToken(r *http.Request) messages.Token { return messages.Token(chi.URLParam(r, "token")) }

func linkPath(purpose messages.Purpose, r *http.Request) string {
	return messages.Link{Purpose: purpose, Token: linkToken(r)}.Path()
}

// linkLayout is the frame of a page behind a link: without a language switch, which would have to come back to the link.
func (v visit) linkLayout() view.Layout { return v.layout("") }

// inLanguage is the visit in the language of the mail, unless somebody is logged in.
func (v visit) inLanguage(language string) visit {
	if lang, ok := i18n.ParseLang(language); ok && v.session.Person == 0 {
		v.words = i18n.For(lang)
	}
	return v
}

// failLink answers for a link that is good for nothing with a page that says why and what to do; other errors are fail's.
func (v visit) failLink(w http.ResponseWriter, r *http.Request, purpose messages.Purpose, err error) error {
	p := view.DeadLink{Layout: v.linkLayout(), Purpose: string(purpose)}
	switch {
	case errors.Is(err, messages.ErrLinkUsed):
		p.Why = "used"
	case errors.Is(err, messages.ErrLinkExpired):
		p.Why = "expired"
	case errors.Is(err, messages.ErrLinkReplaced):
		p.Why = "replaced"
	case errors.Is(err, messages.ErrLinkWithdrawn):
		p.Why = "withdrawn"
	case errors.Is(err, messages.ErrKnownElsewhere):
		p.Why = "elsewhere"
	case errors.Is(err, account.ErrNotFound):
		p.Why = "unknown"
		return render(w, r, http.StatusNotFound, view.DeadLinkPage(p))
	default:
		return err
	}
	return render(w, r, http.StatusGone, view.DeadLinkPage(p))
}

// passwordFaults are what is wrong with a password that somebody chooses.
func passwordFaults(password string, email account.Email) []view.FieldError {
	var code string
	switch err := account.CheckPassword(password, email); {
	case password == "":
		code = "required"
	case errors.Is(err, account.ErrPasswordShort):
		code = "short"
	case errors.Is(err, account.ErrPasswordLong):
		code = "long"
	case err != nil:
		code = "plain"
	default:
		return nil
	}
	return []view.FieldError{{Field: "password", Code: code}}
}

// throttled is what a form says to somebody who has tried too often.
func throttled(w http.ResponseWriter, full account.Throttled) []view.FieldError {
	setRetryAfter(w, full)
	return []view.FieldError{{Field: "form", Code: "throttled", Minutes: minutes(full)}}
}

// showInvitation is the page behind the link of an invitation, or of an order to approve.
func (s *Server) showInvitation(purpose messages.Purpose) handler {
	return func(v visit, w http.ResponseWriter, r *http.Request) error {
		o, err := s.store.OpenLink(r.Context(), purpose, linkToken(r))
		if err != nil {
			return v.failLink(w, r, purpose, err)
		}
		if v.session.Person == o.Person {
			return redirect(w, r, nextOr(afterInvitation(o.Grant), "/"))
		}
		return render(w, r, http.StatusOK, view.InvitedPage(v.invited(r, o)))
	}
}

// afterInvitation is where the link leads: to the card, or empty for the start.
func afterInvitation(g messages.Grant) string {
	if g.Purpose != messages.Approve {
		return ""
	}
	return "/my-cards/" + strconv.FormatInt(int64(g.Card), 10) + "/approve"
}

func (v visit) invited(r *http.Request, o messages.Opened) view.Invited {
	p := view.Invited{
		Layout: v.inLanguage(o.Language).linkLayout(), Action: linkPath(o.Purpose, r), Approve: o.Purpose == messages.Approve,
		Company: o.Company, Email: string(o.Email), State: "choose", Next: afterInvitation(o.Grant),
	}
	switch {
	case v.session.Person != 0:
		p.State = "other"
	case o.HasLogin:
		p.State = "login"
	}
	return p
}

// acceptInvitation makes the login of somebody who has chosen a password, and logs in.
func (s *Server) acceptInvitation(purpose messages.Purpose) handler {
	return func(v visit, w http.ResponseWriter, r *http.Request) error {
		if err := parseForm(w, r); err != nil {
			return err
		}
		o, err := s.store.OpenLink(r.Context(), purpose, linkToken(r))
		if err != nil {
			return v.failLink(w, r, purpose, err)
		}
		p := v.invited(r, o)
		if p.State != "choose" {
			return render(w, r, http.StatusConflict, view.InvitedPage(p))
		}
		c := messages.Choice{Token: linkToken(r), Password: r.PostForm.Get("password"), Address: s.clientAddress(r)}
		if p.Errors = passwordFaults(c.Password, o.Email); len(p.Errors) > 0 {
			return render(w, r, http.StatusUnprocessableEntity, view.InvitedPage(p))
		}
		proof, grant, err := s.store.Accept(r.Context(), purpose, c)
		var full account.Throttled
		switch {
		case errors.As(err, &full):
			p.Errors = throttled(w, full)
			return render(w, r, http.StatusTooManyRequests, view.InvitedPage(p))
		case errors.Is(err, account.ErrTaken):
			return s.loginIsTaken(v, w, r, purpose)
		case err != nil:
			return v.failLink(w, r, purpose, err)
		}
		if err := s.admit(w, r, proof, nil); err != nil {
			return err
		}
		return redirect(w, r, nextOr(afterInvitation(grant), "/welcome"))
	}
}

// loginIsTaken says whose: the person has got a login meanwhile, or somebody else logs in with the address.
func (s *Server) loginIsTaken(v visit, w http.ResponseWriter, r *http.Request, purpose messages.Purpose) error {
	o, err := s.store.OpenLink(r.Context(), purpose, linkToken(r))
	if err != nil {
		return v.failLink(w, r, purpose, err)
	}
	p := v.invited(r, o)
	if !o.HasLogin {
		p.State = "taken"
	}
	return render(w, r, http.StatusConflict, view.InvitedPage(p))
}
