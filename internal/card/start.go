package card

import (
	"time"

	"kortportal/internal/account"
)

// Start is what a person of a company sees first.
type Start struct {
	Waits    []Wait
	Claims   []AnsweredClaim // the latest first, at most five
	Own      Count           // own cards, of whatever company, that wait for the person as their holder
	Statuses []StatusCount   // of all cards of the company
	Savings  Savings
	Expiring []StepCount
	Searches []SavedSearch
	Runs     []Run // of the company, the latest three, each with the number of all its cards and of those that were done
}

// Wait is how many cards of a status wait for somebody.
type Wait struct {
	Role   account.Role // who must act
	Status Status
	Kind   Kind // of these cards; empty where those of every kind wait for the same
	Count
	Since time.Time // of the one that has waited longest; zero when not all were looked at
}

// StepCount is how many cards in use expire within a step, those of the nearer steps among them.
type StepCount struct {
	Step Step
	Count
}

// AnsweredClaim is a claim that the issuer decided lately.
type AnsweredClaim struct {
	Card     ID
	Number   Number
	Holder   Name
	Accepted bool
	Decided  time.Time
}

// DeskStart is what waits at the issuer's desk.
type DeskStart struct {
	Queues []QueueCount
	Claims Count // to be decided
}
