package card

import (
	"time"

	"kortportal/internal/account"
)

// HandedOverAtOnce is how many of a person's cards are handed over while the administrator waits for the answer; of more, the others follow.
const HandedOverAtOnce = 200

// HandOverID identifies the hand-over of all cards of an orderer.
type HandOverID int64

// ThenEnds is what ends when all cards are handed over.
type ThenEnds string

// What can end.
const (
	EndsNothing    ThenEnds = "nothing"
	EndsOrderer    ThenEnds = "orderer"    // the role
	EndsMembership ThenEnds = "membership" // all roles in the company; that of another administrator already before
)

// NewHandOver asks for all cards of one person to be handed over to an orderer.
type NewHandOver struct {
	From, To account.PersonID
	Reason   Reason
	Note     string
	ThenEnds ThenEnds // empty for EndsNothing
}

// HandOverAll is the hand-over of all cards of one person, and how far it has come.
type HandOverAll struct {
	ID       HandOverID
	FromID   account.PersonID
	From, To Name
	Reason   Reason
	Note     string
	ThenEnds ThenEnds
	By       Name
	Asked    time.Time
	Cards    int // how many there were to begin with
	Done     int // how many have been handed over
	Finished time.Time
	// Refusal is the rule that stopped it, or that kept the role from ending; empty when none did.
	Refusal Rule
}
