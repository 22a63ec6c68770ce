package card

// CleanUp is a kind of cards that a company pays for or carries along without need. The values are those of the table cleanup_rules.
type CleanUp string

// The kinds. What each is exactly says the view cleanup_cards.
const (
	NeverActivated CleanUp = "never_activated"
	LongBlocked    CleanUp = "long_blocked"
	Several        CleanUp = "several" // for the same person
	PastEnd        CleanUp = "expired"
	NoEmail        CleanUp = "no_email"     // of the holder
	OrdererGone    CleanUp = "orderer_gone" // so that nobody may act
)

// CleanUps are all of them, in the order in which pages show them.
func CleanUps() []CleanUp {
	return []CleanUp{NeverActivated, LongBlocked, Several, PastEnd, NoEmail, OrdererGone}
}

// CleanUpCount is how many cards of a kind there are.
type CleanUpCount struct {
	CleanUp CleanUp
	Days    int  // for how long at least; zero where time plays no part
	Ends    bool // the remedy is to end the card
	Count
	Billed Count // those that cost a fee
}

// CleanUpCounts are the cards of all kinds.
type CleanUpCounts struct {
	Kinds   []CleanUpCount
	Savings Savings
}

// Savings are the billed cards of the kinds whose remedy is to end them, each counted once, and what a card costs.
type Savings struct {
	Count
	Price int64 // of one card for one quarter, in öre without VAT
}
