package card

import "kortportal/internal/account"

// MaxRenewal is how many cards are renewed at a time.
const MaxRenewal = 100

// RenewalID names new cards for many that expire, on their way to be ordered.
type RenewalID int64

// RenewalTerms are what an orderer says of all new cards at once.
type RenewalTerms struct {
	DeliverTo string // empty: each goes where the old one went
	Reference string // empty: each keeps the old one's
	// Emails are addresses of holders that take the place of those in the old orders.
	Emails map[ID]account.Email
}

// Renewal is new cards for many that expire, from the choice of the cards until a day later.
type Renewal struct {
	DeliverTo string // as of RenewalTerms
	Reference string
	Applied   bool
	Rows      []RenewalRow // those that expire first come first
}

// Good is how many of the cards can be ordered, or were.
func (r Renewal) Good() (good int) {
	for _, row := range r.Rows {
		if row.Refusal == "" {
			good++
		}
	}
	return good
}

// RenewalRow is a card and the one to be ordered in its place.
type RenewalRow struct {
	Row
	Order   NewOrder
	Pays    Payer
	Refusal Rule // the rule in the way, empty when there is none
	Ordered ID   // the new card, zero until it is ordered
}
