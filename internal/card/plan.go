package card

import (
	"time"

	"kortportal/internal/account"
)

// PlanID names a plan, and the run that does it.
type PlanID int64

// Replace is what a plan may do beside actions: order a card in the place of each.
const Replace Action = "replace"

// Withdraw is what undoes a run of what is to come: it takes back what is planned for each card.
const Withdraw Action = "withdraw"

// PlanChoice is what somebody may do with many cards at once.
type PlanChoice struct {
	Action  Action
	Reasons []Reason // NoReason among them where none is needed
	// Plannable: it may be taken from a day to come on.
	Plannable bool
}

// PlanTerms are what is to be done with all cards of a plan.
type PlanTerms struct {
	Action    Action
	Reason    Reason
	Note      string
	Successor account.PersonID // HandOver only
	From      time.Time        // the day from which on it is to hold; zero: at once
}

// Verdict is what a plan says of a card.
type Verdict string

// The verdicts.
const (
	WillChange Verdict = "change"
	AlreadySo  Verdict = "already" // nothing to do
	NeedsOther Verdict = "instead" // something else would lead there
	WillRefuse Verdict = "refused" // a rule is in the way
	HasChanged Verdict = "changed" // since it was chosen
)

// PlanGroup are the cards of a plan of which it says the same.
type PlanGroup struct {
	Verdict Verdict
	Rule    Rule   // in the way, where Verdict is NeedsOther or WillRefuse
	Instead Action // NeedsOther only
	N       int
	Saves   int // how many cards fewer are billed afterwards; negative for more
	Rows    []PlanRow
}

// PlanRow is a card of a plan as it was when the plan was made.
type PlanRow struct {
	ID        ID
	Number    Number
	Kind      Kind
	Holder    Name
	Effective Status
	Orderer   Name
}

// Plan is what would become of many cards, as the rules judged when it was made. It never changes.
type Plan struct {
	ID PlanID
	PlanTerms
	SuccessorName Name // HandOver only; nobody where there are several
	Made          time.Time
	Groups        []PlanGroup // what will change comes first; each with the first cards of it
	N             int         // all cards
	Price         int64       // of a billed card for a quarter when the plan was made, in öre
	GraceHours    int         // for how long its terminations can be withdrawn; zero where they cannot, and for all else
	Final         bool        // what it does can never be taken back
	Undo          bool        // its run can be undone
	Started       bool        // its run has begun
	After         PlanID      // from where its cards come, or zero
}

// Of are how many cards of the plan have a verdict.
func (p Plan) Of(v Verdict) (n int) {
	for _, g := range p.Groups {
		if g.Verdict == v {
			n += g.N
		}
	}
	return n
}

// Saves is how many cards fewer are billed afterwards; negative for more.
func (p Plan) Saves() (n int) {
	for _, g := range p.Groups {
		n += g.Saves
	}
	return n
}
