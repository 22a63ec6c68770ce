// Package account holds the words for who acts in Kortportal: persons, companies, roles and the actor of a request.
// It knows neither HTTP nor SQL and decides nothing: what a role may do is data in Postgres.
package account

import (
	"errors"
	"net/url"
	"slices"
	"time"
)

// PersonID identifies one human being; a person has one identity and at most one login.
type PersonID int64

// CompanyID identifies a company. The zero value means no company.
type CompanyID int64

// Role is what a person is in relation to a card. The values are those of the table roles.
type Role string

// The roles.
const (
	Administrator Role = "administrator"
	Orderer       Role = "orderer"
	Holder        Role = "holder"
	Issuer        Role = "issuer"
	Reader        Role = "reader"
	System        Role = "system"
)

// Actor is the person on whose behalf the store is asked, in the context chosen after login:
// one company with all roles the person has there, the issuer's desk, or the person's own cards.
type Actor struct {
	Person  PersonID
	Company CompanyID // zero at the issuer's desk and at Mina kort
	Roles   []Role
}

// Is reports whether the actor has the role in the chosen context.
func (a Actor) Is(r Role) bool { return slices.Contains(a.Roles, r) }

// AsHolder is the same person looking after his or her own cards, over all companies.
func (a Actor) AsHolder() Actor { return Actor{Person: a.Person, Roles: []Role{Holder}} }

// Place is where a person works after login.
type Place string

// The places.
const (
	AtCompany Place = "company" // in one company, with all roles the person has there
	AtIssuer  Place = "issuer"  // at the issuer's desk
	AtHolder  Place = "holder"  // at Mina kort
)

// Membership is one role in one company.
type Membership struct {
	Company CompanyID `json:"company"`
	Name    string    `json:"name"` // of the company
	Role    Role      `json:"role"`
}

// Context is a company that a person can work in, with all roles there.
type Context struct {
	Company CompanyID
	Name    string
	Roles   []Role
}

// Login is the person behind a session, read anew for each request.
type Login struct {
	Name        string       `json:"name"`
	Email       Email        `json:"email"`
	Language    string       `json:"language"`    // sv or en
	Memberships []Membership `json:"memberships"` // by company
	Issuer      bool         `json:"issuer"`
	Holder      bool         `json:"holder"` // has, or had, a card
}

// Companies are those the person can work in.
func (l Login) Companies() []Context {
	var companies []Context
	for _, m := range l.Memberships {
		if n := len(companies); n > 0 && companies[n-1].Company == m.Company {
			companies[n-1].Roles = append(companies[n-1].Roles, m.Role)
			continue
		}
		companies = append(companies, Context{Company: m.Company, Name: m.Name, Roles: []Role{m.Role}})
	}
	return companies
}

// Session is who is logged in and where he or she works. Login, Proved and Now are the store's to say; they are not kept.
type Session struct {
	Person  PersonID  `json:"person"`
	Place   Place     `json:"place,omitempty"` // empty until one is chosen
	Company CompanyID `json:"company,omitempty"`
	// ProvedAt is when the password was last given, by the database's clock.
	ProvedAt time.Time `json:"proved_at"`
	// Kept is a form that was sent after an earlier session had ended; it waits for its page to be opened.
	Kept *KeptForm `json:"kept_form,omitempty"`
	// Version is the one that was read: the store keeps a change only of the version that is current.
	Version int `json:"version"`

	Login  *Login    `json:"login,omitempty"`
	Proved bool      `json:"proved,omitempty"` // the password was given within the last minutes
	Now    time.Time `json:"now,omitzero"`     // by the database's clock, when the session was read
}

// KeptForm is what somebody had typed. Path is the page that it is given back on, or to which it may be sent again.
type KeptForm struct {
	Path   string     `json:"path"`
	Fields url.Values `json:"fields"`
	File   bool       `json:"file,omitempty"` // it had a file, which is not kept
}

// LiveSession is one place where a person is logged in.
type LiveSession struct {
	Started, LastSeen time.Time
	Current           bool
}

// Actor is the person in the chosen place, with the roles of this moment; without any where he or she has lost them.
func (s Session) Actor() Actor {
	a := Actor{Person: s.Person}
	switch {
	case s.Login == nil:
	case s.Place == AtIssuer && s.Login.Issuer:
		a.Roles = []Role{Issuer}
	case s.Place == AtHolder && s.Login.Holder:
		a.Roles = []Role{Holder}
	case s.Place == AtCompany:
		for _, c := range s.Login.Companies() {
			if c.Company == s.Company {
				a.Company, a.Roles = c.Company, c.Roles
			}
		}
	}
	return a
}

// Attempt is somebody trying to log in.
type Attempt struct {
	Email    Email
	Password string
	// Address is the network address the attempt comes from, as far as it identifies somebody: an IPv4 address or an IPv6 /64.
	Address string
	// Device is the token of a browser that has logged in before; empty for another.
	Device string
}

// Proof is an attempt that succeeded.
type Proof struct {
	Person PersonID
	At     time.Time // by the database's clock
	Device string    // the token for the browser to keep
}

// NewPerson is a person and a login to be made.
type NewPerson struct {
	Identity Identity
	Given    string
	Family   string
	Email    Email
	Password string
	Language string
}

// NewMember is a person to be invited to work for a company, with a login that is made when the invitation is accepted.
type NewMember struct {
	Identity Identity
	Given    string
	Family   string
	Email    Email
	Language string
	Company  CompanyID
	Roles    []Role
}

// Sentinels of login. Unknown, wrong and disabled are one error, so that nothing tells them apart.
var (
	// ErrCredentials: no such login, a wrong password, or a login that is disabled.
	ErrCredentials = errors.New("account: e-mail and password do not match")
	// ErrThrottled: too many failures from this address or for this account; RetryAfter tells how long.
	ErrThrottled = errors.New("account: too many attempts")
	// ErrNotFound: no such person, or one that the actor may not know of.
	ErrNotFound = errors.New("account: not found")
	// ErrTaken: the e-mail address belongs to another login.
	ErrTaken = errors.New("account: e-mail address is taken")
	// ErrWorksHere: the person works for the company already.
	ErrWorksHere = errors.New("account: works for the company already")
	// ErrLastAdministrator: the company would be left without an administrator who can log in.
	ErrLastAdministrator = errors.New("account: last administrator of the company")
	// ErrHasCards: an orderer answers for cards that are not at an end.
	ErrHasCards = errors.New("account: orderer answers for cards")
)

// Throttled is ErrThrottled with the time after which a new attempt is heard.
type Throttled struct{ RetryAfter time.Duration }

func (t Throttled) Error() string { return ErrThrottled.Error() }

// Is makes errors.Is(err, ErrThrottled) hold.
func (t Throttled) Is(target error) bool { return target == ErrThrottled }
