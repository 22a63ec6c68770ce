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

// userStore knows who works for a company, and changes it.
type userStore interface {
	Users(ctx context.Context, by account.Actor) ([]account.User, error)
	User(ctx context.Context, by account.Actor, person account.PersonID) (account.User, []account.RoleChange, error)
	InviteUser(ctx context.Context, by account.Actor, n account.NewMember) (account.PersonID, error)
	InviteAgain(ctx context.Context, by account.Actor, person account.PersonID, email account.Email) error
	GiveRole(ctx context.Context, by account.Actor, person account.PersonID, role account.Role) error
	TakeRole(ctx context.Context, by account.Actor, person account.PersonID, role account.Role) error
	RemoveUser(ctx context.Context, by account.Actor, person account.PersonID) error
}

// maxName is how long a name may be, in characters.
const maxName = 100

// administers holds for an administrator of the chosen company.
func (v visit) administers() bool { return v.actor.Company != 0 && v.actor.Is(account.Administrator) }

// administrator serves a page to an administrator of the company. Others there are told that it is not theirs to do.
func (s *Server) administrator(h handler) http.HandlerFunc {
	return s.keeper(func(v visit, w http.ResponseWriter, r *http.Request) error {
		switch {
		case v.actor.Company == 0:
			return errNotFound
		case !v.administers():
			return errForbidden
		}
		err := h(v, w, r)
		var refused *card.Refused
		if errors.As(err, &refused) && refused.Rule == "membership_events_by_administrator" { // was one when the page was asked for
			return errForbidden
		}
		return err
	})
}

// personID is the person in the address; errNotFound for what is nobody.
func personID(r *http.Request) (account.PersonID, error) {
	id, err := addressID(r, "id")
	return account.PersonID(id), err
}

func userAddress(id account.PersonID) string { return "/users/" + strconv.FormatInt(int64(id), 10) }

// showUsers is Användare.
func (s *Server) showUsers(v visit, w http.ResponseWriter, r *http.Request) error {
	users, err := s.store.Users(r.Context(), v.actor)
	if err != nil {
		return err
	}
	deputies, err := s.store.Deputies(r.Context(), v.actor)
	if err != nil {
		return err
	}
	going, err := s.store.HandOvers(r.Context(), v.actor, 0)
	if err != nil {
		return err
	}
	p := view.Users{Layout: v.layout("/users")}
	for _, u := range users {
		row := userRow(u, deputies)
		if len(u.Roles) > 0 {
			p.Rows = append(p.Rows, row)
		}
		if !u.Orders() && u.Cards > 0 {
			p.Former = append(p.Former, row)
		}
	}
	for _, h := range going {
		p.Going = append(p.Going, handOverView(h))
	}
	return render(w, r, http.StatusOK, view.UsersPage(p))
}

// userRow is a user with whoever is, or will next be, the deputy.
func userRow(u account.User, deputies []card.Deputy) view.UserRow {
	row := view.UserRow{
		ID: int64(u.Person), Name: u.Full(), Identity: u.Identity, LogIn: string(u.LogIn), Invited: u.Invited.At, Mail: u.Invited.State,
		Expired: u.Invited.Expired, Cards: u.Cards,
	}
	for _, role := range u.Roles {
		row.Roles = append(row.Roles, string(role))
	}
	if i := slices.IndexFunc(deputies, func(d card.Deputy) bool { return d.OrdererID == u.Person }); i >= 0 {
		row.Deputy, row.Since, row.Until = deputies[i].Deputy.Full(), deputies[i].First, deputies[i].Last
	}
	return row
}

// showUser is the page of a user.
func (s *Server) showUser(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := personID(r)
	if err != nil {
		return err
	}
	return s.answerUser(v, w, r, http.StatusOK, id, nil, "")
}

// answerUser shows a user, with what was wrong with a form on the page and the address that was typed there.
func (s *Server) answerUser(v visit, w http.ResponseWriter, r *http.Request, status int, id account.PersonID, faults []view.FieldError, typed string) error {
	u, changes, err := s.store.User(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	deputies, err := s.store.Deputies(r.Context(), v.actor)
	if err != nil {
		return err
	}
	handOvers, err := s.store.HandOvers(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := view.User{Layout: v.layout(userAddress(id)), UserRow: userRow(u, deputies), Email: string(u.Invited.Email), Errors: faults}
	if len(faults) > 0 && faults[0].Field == "user_email" {
		p.Email = typed
	}
	p.Acts = actsFor(deputies, id)
	for _, c := range changes {
		p.Changes = append(p.Changes, view.RoleChange{At: c.At, Role: string(c.Role), Begun: c.Begun, By: c.By})
	}
	for _, h := range handOvers {
		p.HandOvers = append(p.HandOvers, handOverView(h))
	}
	return render(w, r, status, view.UserPage(p))
}

// changeRole gives a user a role, or takes it away.
func (s *Server) changeRole(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := personID(r)
	if err != nil {
		return err
	}
	role := account.Role(field(r, "role"))
	if role != account.Administrator && role != account.Orderer {
		return errForm
	}
	if field(r, "step") == "take" {
		err = s.store.TakeRole(r.Context(), v.actor, id, role)
	} else {
		err = s.store.GiveRole(r.Context(), v.actor, id, role)
	}
	switch {
	case errors.Is(err, account.ErrLastAdministrator):
		return s.answerUser(v, w, r, http.StatusConflict, id, []view.FieldError{{Field: "form", Code: "last_administrator"}}, "")
	case errors.Is(err, account.ErrHasCards):
		return s.answerUser(v, w, r, http.StatusConflict, id, []view.FieldError{{Field: "form", Code: "has_cards"}}, "")
	case err != nil:
		return err
	}
	if field(r, "step") == "take" {
		sendReceipt(w, receiptRoleTaken)
	} else {
		sendReceipt(w, receiptRoleGiven)
	}
	if id == v.session.Person && role == account.Administrator {
		return redirect(w, r, "/") // whoever gives up the role sees no users any more
	}
	return redirect(w, r, userAddress(id))
}

// inviteAgain sends an invitation once more, to the address in the form.
func (s *Server) inviteAgain(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := personID(r)
	if err != nil {
		return err
	}
	typed := field(r, "user_email")
	email, code := readUserEmail(typed)
	if code == "" {
		switch err := s.store.InviteAgain(r.Context(), v.actor, id, email); {
		case errors.Is(err, account.ErrTaken):
			code = "taken"
		case errors.Is(err, card.ErrTooOften):
			code = "too_often"
		case err != nil:
			return err
		}
	}
	if code != "" {
		return s.answerUser(v, w, r, http.StatusUnprocessableEntity, id, []view.FieldError{{Field: "user_email", Code: code}}, typed)
	}
	sendReceipt(w, receiptInvitedAgain)
	return redirect(w, r, userAddress(id))
}

func readUserEmail(typed string) (account.Email, string) {
	email, err := account.ParseEmail(typed)
	if err != nil {
		return "", requiredOr("invalid", typed)
	}
	return email, ""
}

// askInvitation is the form by which somebody is invited.
func (s *Server) askInvitation(v visit, w http.ResponseWriter, r *http.Request) error {
	return render(w, r, http.StatusOK, view.UserInvitePage(view.UserInvite{Layout: v.layout("/users/new"), Roles: []string{string(account.Orderer)}}))
}

// inviteUser takes somebody into the company.
func (s *Server) inviteUser(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p := view.UserInvite{
		Layout: v.layout("/users/new"), Given: field(r, "given_name"), Family: field(r, "family_name"), Email: field(r, "user_email"),
		Language: field(r, "language"), Number: view.OrderForm{Identity: field(r, "identity"), Number: field(r, "number"), Country: field(r, "country")},
	}
	n, faults := understandInvitation(v, r, &p)
	var person account.PersonID
	if len(faults) == 0 {
		var err error
		person, err = s.store.InviteUser(r.Context(), v.actor, n)
		switch {
		case errors.Is(err, account.ErrWorksHere):
			u, _, err := s.store.User(r.Context(), v.actor, person)
			if err != nil {
				return err
			}
			p.Known, p.KnownName = int64(u.Person), u.Full()
			faults = append(faults, view.FieldError{Field: "number", Code: "works_here"})
		case errors.Is(err, account.ErrTaken):
			faults = append(faults, view.FieldError{Field: "user_email", Code: "taken"})
		case err != nil:
			return err
		}
	}
	if len(faults) > 0 {
		p.Errors = faults
		return render(w, r, http.StatusUnprocessableEntity, view.UserInvitePage(p))
	}
	sendReceipt(w, receiptUserInvited)
	return redirect(w, r, userAddress(person))
}

// understandInvitation reads the form; what is wrong with it stands beside its fields.
func understandInvitation(v visit, r *http.Request, p *view.UserInvite) (account.NewMember, []view.FieldError) {
	n := account.NewMember{Given: p.Given, Family: p.Family, Language: p.Language}
	var faults []view.FieldError
	fault := func(field, code string) { faults = append(faults, view.FieldError{Field: field, Code: code}) }
	n.Identity, faults = readIdentity(p.Number, v)
	for _, name := range []struct{ field, value string }{{"given_name", p.Given}, {"family_name", p.Family}} {
		switch {
		case name.value == "":
			fault(name.field, "required")
		case utf8.RuneCountInString(name.value) > maxName:
			fault(name.field, "too_long")
		}
	}
	var code string
	if n.Email, code = readUserEmail(p.Email); code != "" {
		fault("user_email", code)
	}
	if p.Language != "sv" && p.Language != "en" {
		fault("language", "invalid")
	}
	for _, typed := range r.PostForm["roles"] {
		role := account.Role(typed)
		if (role == account.Administrator || role == account.Orderer) && !slices.Contains(n.Roles, role) {
			n.Roles, p.Roles = append(n.Roles, role), append(p.Roles, typed)
		}
	}
	if len(n.Roles) == 0 {
		fault("roles", "required")
	}
	return n, faults
}
