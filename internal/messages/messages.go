// Package messages holds the words for what the portal writes to people by e-mail: the templates, the state of a message, and the personal
// links that some of them carry. It knows neither HTTP nor SQL nor SMTP and decides nothing: when a link may be used is data in Postgres.
package messages

import (
	"errors"
	"strconv"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// ID identifies a message.
type ID int64

// Template is which mail a message is. The values are those of the table message_templates.
type Template string

// The templates.
const (
	OrderToApprove     Template = "order_to_approve"    // to the holder, with a link
	OrderRejected      Template = "order_rejected"      // to the orderer
	CardProduced       Template = "card_produced"       // to the holder
	CardExpires        Template = "card_expires"        // to the holder
	CardsExpire        Template = "cards_expire"        // to the orderer, of all cards at once
	ReplacementOrdered Template = "replacement_ordered" // to the holder
	Invitation         Template = "invitation"          // to whoever is to have a log-in, with a link
	PasswordReset      Template = "password_reset"      // with a link
	ConfirmEmail       Template = "confirm_email"       // to the new address, with a link
	EmailChanged       Template = "email_changed"       // to the old address
	JoinedCompany      Template = "joined_company"      // to whoever has a log-in already
	CardsHandedOver    Template = "cards_handed_over"   // to the orderer who answered for them
	CardsTakenOver     Template = "cards_taken_over"    // to the orderer who answers for them now
	PlansRefused       Template = "plans_refused"       // to the orderer, of all at once
)

// Data are words that a template needs. It has no place for a personnummer, a PIN or a token.
type Data struct {
	Company    string      `json:"company,omitempty"`     // the company's name
	Holder     string      `json:"holder,omitempty"`      // whose card it is, where that is not the receiver
	CardNumber card.Number `json:"card_number,omitempty"` // from production on
	LastDay    string      `json:"last_day,omitempty"`    // YYYY-MM-DD, on which the card is valid
	Reason     card.Reason `json:"reason,omitempty"`      // why an order was rejected
	Expiring   []Expiring  `json:"expiring,omitempty"`    // cards that are about to expire, those with the first LastDay first
	Cards      int         `json:"cards,omitempty"`       // how many were handed over
	Orderer    string      `json:"orderer,omitempty"`     // to whom, or from whom
	Plans      int         `json:"plans,omitempty"`       // how many planned actions could not be done
}

// Expiring is how many cards expire within the time of a step.
type Expiring struct {
	Step  card.Step `json:"step"`
	Cards int       `json:"cards"`
}

// Letter is a message on its way into a mail.
type Letter struct {
	ID       ID
	Template Template
	Person   account.PersonID
	Name     string // the receiver's given name
	Email    account.Email
	Language string // sv or en
	Data     Data
	Card     card.ID // zero when it is about none
	Own      bool    // the receiver is the card's holder
	Link     Link    // without a token when the template carries no link
}

// Link is what a mail's personal link is to hold.
type Link struct {
	Purpose Purpose
	Token   Token
	Expires time.Time
}

// Purpose is the one thing a link is good for.
type Purpose string

// The purposes.
const (
	Invite        Purpose = "invite"         // choose a password for a new log-in
	Approve       Purpose = "approve"        // the holder approves an order
	ResetPassword Purpose = "reset_password" // choose a new password
	ChangeEmail   Purpose = "change_email"   // the new address is the person's
)

// Token is the secret in a link.
type Token string

// String hides the token.
func (Token) String() string { return "[token]" }

// GoString hides it too.
func (t Token) GoString() string { return t.String() }

// Reveal is the token itself, for the link.
func (t Token) Reveal() string { return string(t) }

// Path is where a link leads, below the portal's address: the page looks at the link with GET, and uses it with POST.
func (l Link) Path() string {
	switch l.Purpose {
	case Invite:
		return "/invite/" + l.Token.Reveal()
	case Approve:
		return "/approve/" + l.Token.Reveal()
	case ResetPassword:
		return "/reset-password/" + l.Token.Reveal()
	case ChangeEmail:
		return "/change-email/" + l.Token.Reveal()
	}
	return "/"
}

// Grant is what a link gives to whoever holds it.
type Grant struct {
	Purpose Purpose
	Person  account.PersonID
	Card    card.ID           // zero when it is about none
	Company account.CompanyID // zero when it is about none
	Email   account.Email     // where the link was sent
	Expires time.Time
}

// Why a link is good for nothing. One that does not exist, or is for another purpose, is account.ErrNotFound.
var (
	// ErrLinkUsed: it was used before.
	ErrLinkUsed = errors.New("messages: link has been used")
	// ErrLinkExpired: its time is over.
	ErrLinkExpired = errors.New("messages: link has expired")
	// ErrLinkReplaced: a later message brought another for the same.
	ErrLinkReplaced = errors.New("messages: link has been replaced by a newer one")
	// ErrLinkWithdrawn: who sent it does not want it used any more: the person was removed, or the card has ended.
	ErrLinkWithdrawn = errors.New("messages: link has been withdrawn")
	// ErrKnownElsewhere: it would make the log-in of a person whom another company knows, at an address that this company does not know.
	ErrKnownElsewhere = errors.New("messages: the person is known elsewhere by another address")
	// ErrNoAddress: the receiver has no e-mail address that the portal knows.
	ErrNoAddress = errors.New("messages: the receiver has no e-mail address")
)

// State is what became of a message.
type State string

// The states.
const (
	Waiting State = "waiting" // not sent yet; it will be tried again
	Sent    State = "sent"    // taken by the mail server
	Failed  State = "failed"  // given up
)

// Problem is why an attempt did not succeed. It is also the error that says so.
type Problem string

// The problems. The first two are for ever.
const (
	AddressRefused Problem = "address_refused" // the mail server knows no such receiver
	Refused        Problem = "refused"         // the mail server does not take the mail
	Busy           Problem = "busy"            // the mail server wants it later
	Unreachable    Problem = "unreachable"     // no mail server answered in time
	Fault          Problem = "fault"           // the mail could not be written
)

func (p Problem) Error() string { return "messages: not sent: " + string(p) }

// Permanent reports whether another attempt would end the same way.
func (p Problem) Permanent() bool { return p == AddressRefused || p == Refused }

// PageSize is how many messages a page holds.
const PageSize = 25

// Row is a message in a list.
type Row struct {
	ID       ID
	Receiver card.Name
	Template Template
	Card     card.ID     // zero when it is about none
	Number   card.Number // of the card; empty before production
	Holder   card.Name   // of the card; empty for a visitor card
	Created  time.Time
	State    State
	Attempts int
	LastAt   time.Time // when the last attempt began or ended; zero before the first
	Problem  Problem   // of the last attempt, empty when there was none
	// Address is where it went, as the company typed it in an order; empty for an address that is the receiver's own.
	Address account.Email
	// Resendable: it is the last about its card, it was sent or has failed, and its holder can be written to once more.
	Resendable bool
}

// Page is a part of a list, the newest first.
type Page struct {
	Rows []Row
	Next ID // where the next page begins; zero on the last
}

// OfCard are the messages about a card, the newest first, and whether its holder can be written to once more.
type OfCard struct {
	Rows []Row
	// Refusal is the rule in the way of another mail; empty when there is none.
	Refusal card.Rule
}

// ParseID reads the cursor of a page.
func ParseID(s string) (ID, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return ID(n), err == nil && n > 0 && strconv.FormatInt(n, 10) == s
}
