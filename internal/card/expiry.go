package card

import (
	"time"

	"kortportal/internal/account"
)

// Step is how long before a card's last day people are reminded of it. The values are those of the table reminder_steps.
type Step string

// The steps.
const (
	SixMonths   Step = "six_months"
	ThreeMonths Step = "three_months"
	OneMonth    Step = "one_month"
	OneWeek     Step = "one_week"
)

// Steps are all of them, the nearest first.
func Steps() []Step { return []Step{OneWeek, OneMonth, ThreeMonths, SixMonths} }

// ExpiringCards are a page of the cards that are about to expire.
type ExpiringCards struct {
	Rows []ExpiringCard
	Next Cursor // empty on the last page
}

// ExpiringCard is a card in use with little time left, or one that nobody replaced in time.
type ExpiringCard struct {
	Row
	Successor       ID     // the card that takes its place, or zero
	SuccessorNumber Number // zero before production
	Renewable       bool   // the actor may order a new card in its place
}

// Reminder is that somebody was reminded of a card's last day.
type Reminder struct {
	At     time.Time
	Reader account.Role // as what
	Name   Name
	Mailed bool // there was an address to write to
}
