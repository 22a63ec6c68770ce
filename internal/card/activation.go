package card

import (
	"time"

	"kortportal/internal/account"
)

// Possession is what somebody who has a card in hand can read from it: its number, or the last six digits.
type Possession string

// ParsePossession reads a card number in any spelling, or six digits. ErrNumber: it is neither.
func ParsePossession(s string) (Possession, error) {
	compact := account.Compact(s)
	if len(compact) == lastDigits && isDigits(compact) {
		return Possession(compact), nil
	}
	n, err := ParseNumber(s)
	return Possession(n), err
}

const lastDigits = 6

// LastSix are the last six digits of what ParsePossession read.
func (p Possession) LastSix() string { return string(p[max(0, len(p)-lastDigits):]) }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// OwnCard is a card in its holder's list.
type OwnCard struct {
	Row
	// Next is what the holder must do for the card to go on: Approve, Activate, or nothing.
	Next  Action
	Newer Newer // as Card.Newer
}

// Approval is what will be printed on a card that waits for its holder, beside what the page of the card shows.
type Approval struct {
	HasPhoto bool
	ValidTo  time.Time // the last day of a card that is produced today
}

// Activation is what a holder should know before activating a card.
type Activation struct {
	Ends          []Number // the older cards of the same company that end with it
	WrongTooOften bool     // five wrong numbers were given today
}
