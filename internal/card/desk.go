package card

import (
	"time"

	"kortportal/internal/account"
)

// Queue is one of the piles on the issuer's desk.
type Queue string

// The queues.
const (
	ToReview  Queue = "review"  // ordered: photo and data are to be reviewed
	ToProduce Queue = "produce" // approved, or a reviewed visitor card, and in no batch
	AtBureau  Queue = "bureau"  // in a batch without an answer
	Sent      Queue = "sent"    // produced within the last 30 days
)

// QueueCount is how much lies in a queue.
type QueueCount struct {
	Queue Queue
	Count
	Oldest time.Time // since when the one waits that has waited longest; zero when none does
}

// QueueRow is a card in a queue.
type QueueRow struct {
	Row
	Since     time.Time // when it came into the queue
	NoPhoto   bool      // there is nothing to review yet
	Batch     BatchID   // AtBureau, Sent
	ClaimedBy Name      // ToReview: the other clerk who is looking at it; zero when nobody is
}

// Desk is the issuer's desk with one of its queues: the oldest first, of what is sent the latest.
type Desk struct {
	Counts []QueueCount
	Rows   []QueueRow
	Next   ID // the card after which the next page begins; zero on the last
}

// ReviewCase is what the issuer sees of an order to be reviewed.
type ReviewCase struct {
	Card
	Order        Draft
	IdentityKind account.IdentityKind
	LastDay      time.Time // of validity, were the card produced today
	Earlier      []EarlierCard
	ClaimedBy    Name // the other clerk who is looking at it; zero when nobody is
}

// EarlierCard is another card of the same person at the same company.
type EarlierCard struct {
	Row
	HasPhoto bool
}

// BatchID identifies what the card bureau is asked to make in one file.
type BatchID int64

// MaxBatch is the largest batch, in cards.
const MaxBatch = 10000

// Batch is what the card bureau is asked to make in one file.
type Batch struct {
	ID                              BatchID
	MadeBy                          Name
	MadeAt                          time.Time
	Cards, Made, Spoiled, Withdrawn int
	Open                            int // without an answer
}

// BatchCard is a card of a batch.
type BatchCard struct {
	Row     // with the number and the last day of validity that the batch gives
	Outcome Outcome
	Changed bool // it was corrected or cancelled after the batch was made: what the bureau makes of it is destroyed
}

// Outcome is what became of a card in a batch; empty without an answer.
type Outcome string

// The outcomes. The bureau answers with one of the first two.
const (
	Made      Outcome = "made"
	Spoiled   Outcome = "spoiled"   // the bureau failed: the card waits for another batch
	Withdrawn Outcome = "withdrawn" // it was changed meanwhile
)

// BatchPage is a batch with a page of its cards, by number.
type BatchPage struct {
	Batch
	Rows    []BatchCard
	Next    Number      // after which the next page begins; empty on the last
	Changed []BatchCard // those withdrawn or to be withdrawn, at most 200
}

// ProductionDesk is what the issuer knows before a batch is made.
type ProductionDesk struct {
	Standard   Count // waiting
	Visitor    Count
	NextNumber Number
	RulesFrom  time.Time // since when the rules hold
	Rules      []ValidityRule
	Batches    []Batch // the latest first
	Next       BatchID // before which the next page begins; zero on the last
}

// ValidityRule says how long a card is valid; the first that fits counts. An empty field fits all.
type ValidityRule struct {
	Kind        Kind
	Citizenship string // SE, EEA, other
	Identity    string // personal_number, coordination_number, foreign
	Company     string // SE, foreign
	Months      int
}

// Print is what the bureau prints on a card, and where the card is sent.
type Print struct {
	Number    Number
	Kind      Kind
	Name      Name // zero on a visitor card
	Company   string
	OrgNumber string
	ValidTo   time.Time
	HasPhoto  bool
	DeliverTo string // in lines
	Reference string
	MadeAt    time.Time // the batch
}

// PrintPhoto is the photo of a card of a batch.
type PrintPhoto struct {
	Number Number
	JPEG   []byte
}

// AnswerLine is a line of the bureau's answer, as it was read: a number and a chip in canonical form where they could be.
type AnswerLine struct{ Number, Chip, Outcome string }

// AnswerFault is what is wrong with a line. Field is number, chip or outcome; Code says what.
type AnswerFault struct {
	Line  int // from 1
	Field string
	Code  string
}

// Answered is what a bureau's answer brought.
type Answered struct{ Made, Spoiled, Withdrawn int }
