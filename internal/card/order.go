package card

import (
	"time"

	"kortportal/internal/account"
)

// MaxVisitorCards is how many visitor cards are ordered at a time.
const MaxVisitorCards = 50

// Holder is somebody the company knows, by a card or a role, with what a new order for him or her begins with: what the latest one said.
type Holder struct {
	ID          account.PersonID
	Name        Name   // as the company has it: of the latest card, otherwise the person's
	Identity    string // masked
	Citizenship string
	Email       account.Email
	Language    string
	Photo       PictureID // zero where there is none, or none any more
	Open        ID        // the order that is open for this person, or zero
}

// OrderStart is what every order of a company begins with.
type OrderStart struct {
	Company   string
	OrgNumber string
	DeliverTo string // where the company's latest order goes; empty before the first
	Pays      map[Reason]Payer
}

// Payer is who pays for a card that replaces another.
type Payer string

// The payers.
const (
	CompanyPays Payer = "company"
	IssuerPays  Payer = "issuer" // the old card was faulty
)

// Draft is what an order begins with that corrects a card's, or replaces the card: what its order says, or for a card from before orders
// were kept what the card says.
type Draft struct {
	NewOrder
	// PhotoDeleted is when its photo was deleted because its time was out; zero while it is there, and where there was none.
	PhotoDeleted time.Time
	Replaced     Number // of the card that this one replaces, zero when that has none
	ReplacedBy   ID     // the latest card ordered to take this one's place and not cancelled, or zero
	Successor    Number // of ReplacedBy, zero before production
	// Reclaimed: a claim for the card was accepted and gives a replacement that costs nothing, which has not been ordered or was cancelled.
	Reclaimed bool
	Pays      Payer // for a card that replaces another
	// Refusal is the rule that keeps the actor from ordering a replacement for the card; empty when there is none.
	Refusal Rule
}

// OpenOrders are a page of the orders for which somebody must act.
type OpenOrders struct {
	Rows []OpenOrder
	Next Cursor // empty on the last page
}

// OpenOrder is a card on its way to its holder.
type OpenOrder struct {
	Row
	WaitsFor  account.Role
	Since     time.Time // when it began to wait
	Reason    Reason    // why it was rejected, otherwise none
	Note      string
	Reference string
	Open      []Action // correct and cancel, as far as the actor may
	// Resendable: it waits for its holder, who can be written to once more.
	Resendable bool
	// MailFailed: the last mail that asks the holder for the next step was given up.
	MailFailed bool
}
