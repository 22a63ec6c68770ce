// Package card holds the words of the card domain: what a card is, what may be asked of the store about it, and how the
// store refuses. It knows neither HTTP nor SQL nor the rules: which action leads from which status where, and who may
// take it, are rows and constraints in Postgres.
package card

import (
	"time"

	"kortportal/internal/account"
)

// ID identifies a card in addresses and in the store.
type ID int64

// Kind tells a standard card from a visitor card, which has no chip, no holder, no activation and no PIN.
type Kind string

// The kinds.
const (
	Standard Kind = "standard"
	Visitor  Kind = "visitor"
)

// Status is where a card is in its life. Expired and Suspended are derived and only ever effective statuses.
type Status string

// The statuses.
const (
	Ordered    Status = "ordered"
	Reviewed   Status = "reviewed"
	Approved   Status = "approved"
	Rejected   Status = "rejected"
	Cancelled  Status = "cancelled"
	Produced   Status = "produced"
	Active     Status = "active"
	Blocked    Status = "blocked"
	Terminated Status = "terminated"

	Expired   Status = "expired"
	Suspended Status = "suspended"
)

// EffectiveStatuses are all that a card can effectively be, in the order in which pages list them.
func EffectiveStatuses() []Status {
	return []Status{Active, Blocked, Suspended, Expired, Produced, Ordered, Reviewed, Approved, Rejected, Cancelled, Terminated}
}

// Action is what somebody does with a card.
type Action string

// The actions.
const (
	Order     Action = "order"
	Review    Action = "review"
	Reject    Action = "reject"
	Approve   Action = "approve"
	Decline   Action = "decline"
	Correct   Action = "correct"
	Cancel    Action = "cancel"
	Produce   Action = "produce"
	Activate  Action = "activate"
	Block     Action = "block"
	Unblock   Action = "unblock"
	Terminate Action = "terminate"
	Supersede Action = "supersede"
	HandOver  Action = "hand_over"
)

// Reason says why an action is taken. Each action allows its own subset; Other needs a note.
type Reason string

// The reasons.
const (
	NoReason        Reason = "none"
	Lost            Reason = "lost"
	Stolen          Reason = "stolen"
	Damaged         Reason = "damaged"
	EmploymentEnded Reason = "employment_ended"
	Leave           Reason = "leave"
	NotInUse        Reason = "not_in_use"
	WrongData       Reason = "wrong_data"
	Found           Reason = "found"
	BackInUse       Reason = "back_in_use"
	Mistake         Reason = "mistake"
	Superseded      Reason = "superseded"
	Reclaimed       Reason = "reclaimed"
	Expires         Reason = "expires"
	Photo           Reason = "photo"
	Documents       Reason = "documents"
	NotEmployed     Reason = "not_employed"
	Other           Reason = "other"
)

// Name is a person's name in its two parts.
type Name struct{ Given, Family string }

// Full is the name as it is spoken and printed.
func (n Name) Full() string { return n.Given + " " + n.Family }

// Row is a card in a list.
type Row struct {
	ID        ID
	Version   int
	Kind      Kind
	Number    Number // zero before production
	Status    Status
	Effective Status
	ValidTo   time.Time // the last day of validity; zero before production
	Company   string
	Holder    Name   // as printed, before production the person's; zero on a visitor card
	Identity  string // masked: the birth date of a Swedish number, the country of a foreign one; empty on a visitor card
	Orderer   Name   // who is responsible now
}

// Card is one card as its page shows it to one actor.
type Card struct {
	Row
	OrgNumber      string
	OrdererID      account.PersonID // who is responsible now
	OrderedBy      Name
	Since          time.Time // when the effective status began
	Works          bool      // at the gate, now
	Billed         bool      // costs the quarterly fee, now
	WaitsFor       account.Role
	Choices        []Choice
	Events         []Event         // oldest first
	PlannedActions []PlannedAction // oldest first, whatever became of them
	Reminders      []Reminder      // that it expires, oldest first

	// Who acts today in the place of the orderer, and the last day of that; zero when nobody does.
	Deputy      Name
	DeputyID    account.PersonID
	DeputyUntil time.Time

	// Newer is the card that a terminated or expired one has given way to, or will; zero where there is none.
	Newer Newer
}

// Newer is a card of the same person and company that was ordered later and is of use still, or will be.
type Newer struct {
	ID     ID
	Status Status
}

// Choice is an action that belongs to one of the actor's roles, or in a company to an orderer: open, or refused by a rule.
type Choice struct {
	Action  Action
	Role    account.Role
	Refusal Rule // empty when the action is open
	To      State
	Final   bool // nothing follows, ever
	Undo    bool // the responsible orderer can take it back, as the card is today
	Reasons []Reason
	// Plannable: it may be taken from a day to come on.
	Plannable bool
	// Later: it is not open now, but will be after what is planned for the card, and so may be planned itself. To is what it then leads to.
	Later bool
	// GraceHours is for how long it can be withdrawn after it stopped the card; zero where it cannot.
	GraceHours int
}

// Open reports whether the action can be taken now.
func (c Choice) Open() bool { return c.Refusal == "" }

// State is what a card would be after an action, as far as people ask before they take it.
type State struct {
	Effective Status
	Works     bool
	Billed    bool
}

// Choice returns the actor's choice for an action; false when the action belongs to none of the actor's roles.
func (c Card) Choice(a Action) (Choice, bool) {
	for _, choice := range c.Choices {
		if choice.Action == a {
			return choice, true
		}
	}
	return Choice{}, false
}

// Event is one entry of a card's history.
type Event struct {
	Seq       int
	At        time.Time
	Action    Action
	From, To  Status // From is empty for the first
	ActorID   account.PersonID
	Actor     Name // zero when the system acted
	Role      account.Role
	Reason    Reason
	Note      string
	Successor Name // HandOver: who became responsible
}

// Command asks the store for an action on the version of the card that the actor saw.
type Command struct {
	Card      ID
	Version   int
	Action    Action
	Reason    Reason
	Note      string
	Successor account.PersonID // HandOver only
	From      time.Time        // the day from which on it is to hold; zero: now
}

// PINStatus is what a holder may know of the PIN of an own card without seeing it.
type PINStatus struct {
	Views []time.Time // when it was shown, the latest first, at most 20
	Left  int         // how often it may still be shown today
	// WrongTooOften: so many wrong numbers were given that it is not shown any more today.
	WrongTooOften bool
}

// PictureID names a photo or a claim's picture of one company.
type PictureID int64

// NewPicture is a picture to be kept, read and made small by package photo.
type NewPicture struct {
	Purpose       string // photo or claim
	JPEG          []byte
	Width, Height int // pixels
}

// NewOrder is what an orderer orders or, in the same order, corrects. A visitor card has only Language, Reference and DeliverTo.
type NewOrder struct {
	Kind          Kind
	Holder        account.PersonID // who carries the card, known to the company; or zero and
	Identity      account.Identity // by whom a new holder is known
	Name          Name             // as it will be printed
	Citizenship   string           // ISO 3166, two letters
	Photo         PictureID        // zero while there is none: then it cannot be reviewed
	Email         account.Email    // where the holder is asked to approve; empty for a holder with a login
	Language      string           // in which the holder is written to: sv or en
	Reference     string           // the company's own order number
	DeliverTo     string           // name and address, in lines
	Replaces      ID               // the card that this one takes the place of, or zero
	ReplaceReason Reason           // why, where it replaces one
}

// Production is what the issuer gives to a card.
type Production struct {
	Card    ID
	Company account.CompanyID
	Version int
	Number  Number
	ChipUID string // upper-case hexadecimal; empty on a visitor card
	ValidTo time.Time
}
