package card

import "time"

// PlannedID identifies a planned action in addresses and in the store.
type PlannedID int64

// PlannedOutcome is what became of a plan; empty while it is still to come.
type PlannedOutcome string

// The outcomes.
const (
	PlannedDone      PlannedOutcome = "done"
	PlannedWithdrawn PlannedOutcome = "withdrawn"
	PlannedRefused   PlannedOutcome = "refused"   // a rule was in the way when it was due
	PlannedOvertaken PlannedOutcome = "overtaken" // the card was ended, or already was what it was to become
)

// PlannedAction is what somebody wants done with a card at a time to come.
type PlannedAction struct {
	ID          PlannedID
	Action      Action
	Reason      Reason
	Note        string
	Due         time.Time // midnight in Stockholm, or the end of the grace time
	Grace       bool      // a termination that stopped the card already and can be withdrawn until it is due
	By          Name
	At          time.Time
	Outcome     PlannedOutcome
	SettledAt   time.Time
	Seq         int // PlannedDone: the event that came of it
	RefusedBy   Rule
	WithdrawnBy Name
	// Withdrawable: the actor may withdraw it now.
	Withdrawable bool
}

// Pending reports whether the plan is still to come.
func (p PlannedAction) Pending() bool { return p.Outcome == "" }

// Acted is what an action came to.
type Acted struct {
	// Version is the card's, which an action that is only planned leaves as it was.
	Version int
	// Planned: the action itself is still to come, from the day that was asked for, or when the company's grace time is out.
	Planned bool
}

// PlannedCards are a page of what is planned for the cards of a company.
type PlannedCards struct {
	Rows []PlannedCard
	Next Cursor // empty on the last page
}

// PlannedCard is a card with a plan that is to come, or that was refused lately.
type PlannedCard struct {
	Row
	PlannedAction PlannedAction
}

// Grace is for how long a company's terminations can be withdrawn.
type Grace struct {
	Hours   int           // zero: they are final at once
	Changes []GraceChange // the latest first, at most 20
}

// GraceChange is that somebody changed it.
type GraceChange struct {
	Hours int
	At    time.Time
	By    Name
}
