package account

import "time"

// User is somebody who works for a company, or answers for cards of it, as the company's administrators see him or her.
type User struct {
	Person        PersonID
	Given, Family string
	Identity      string // masked
	Roles         []Role // none for somebody who works there no more
	LogIn         LogIn
	Invited       Invited // the last invitation that the company sent; zero for none
	// Cards is for how many cards that are not at an end the person answers.
	Cards int
}

// Full is the name as it is spoken.
func (u User) Full() string { return u.Given + " " + u.Family }

// Orders reports whether the person is an orderer of the company now.
func (u User) Orders() bool {
	for _, r := range u.Roles {
		if r == Orderer {
			return true
		}
	}
	return false
}

// LogIn is whether a person can log in.
type LogIn string

// The states of a log-in.
const (
	LogInOpen    LogIn = "open"
	LogInInvited LogIn = "invited" // none yet, but a link to make it was sent
	LogInClosed  LogIn = "closed"
	LogInNone    LogIn = "none"
)

// Invited is what became of an invitation.
type Invited struct {
	At      time.Time
	Email   Email  // as the company typed it
	State   string // of the mail, as of package messages: waiting, sent or failed
	Expired bool   // the link ended unused
}

// RoleChange is one entry of the history of a user.
type RoleChange struct {
	At    time.Time
	Role  Role
	Begun bool   // or ended
	By    string // the administrator's name; empty for the operator
}
