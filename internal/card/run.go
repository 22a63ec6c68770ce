package card

import "time"

// Result is what became of a card of a run.
type Result string

// The results. Those of cards that the plan left out are its verdicts.
const (
	Done         Result = "done"
	IsPlanned    Result = "planned"       // it is still to come
	StaysBlocked Result = "stays_blocked" // its termination is withdrawn, but something else keeps the card blocked
	ChangedSince Result = "changed"       // after the plan was made, so it was left alone
	RefusedThen  Result = "refused"       // by a rule
	StillToDo    Result = "waiting"
	LeftAlready  Result = "already"
	LeftInstead  Result = "instead"
	LeftRefused  Result = "left_refused"
	LeftChanged  Result = "left_changed"
)

// RunResults are all of them, in the order in which a receipt lists them.
func RunResults() []Result {
	return []Result{Done, IsPlanned, StaysBlocked, ChangedSince, RefusedThen, StillToDo, LeftInstead, LeftRefused, LeftChanged, LeftAlready}
}

// ResultCount is of how many cards of a run became the same.
type ResultCount struct {
	Result Result
	N      int
}

// Run is a plan on its way or done: the receipt.
type Run struct {
	Plan     Plan // without groups
	By       Name
	Own      bool // the actor began it, and may undo it or try what failed once more
	Started  time.Time
	Finished time.Time // zero while it is on its way
	Counts   []ResultCount
	Saves    int    // how many cards fewer are billed by what was done; negative for more
	Undoes   PlanID // the run that it takes back, or zero
	UndoneBy PlanID // the last run that takes it back, or zero
	Undoable bool   // some of it is still as the run left it and can be taken back, and no run does so yet
}

// Of is of how many cards a result was the end.
func (r Run) Of(o Result) int {
	for _, c := range r.Counts {
		if c.Result == o {
			return c.N
		}
	}
	return 0
}

// N is how many cards the run accounts for: as many as were chosen.
func (r Run) N() (n int) {
	for _, c := range r.Counts {
		n += c.N
	}
	return n
}

// RunRow is a line of a receipt.
type RunRow struct {
	PlanRow
	Result Result
	Rule   Rule      // in the way, empty when there was none
	At     time.Time // zero for a card that was not touched
	Made   ID        // the card that was ordered in its place, or zero
}
