package card

import (
	"time"

	"kortportal/internal/account"
)

// PageSize is how many cards a page of results holds.
const PageSize = 25

// Search is what the search page asks: one query and filters, and where the page begins.
type Search struct {
	Query         Query
	Status        Status           // effective; empty for all
	Kind          Kind             // empty for both
	Orderer       account.PersonID // responsible now; zero for all
	ExpiresBefore time.Time        // zero for no limit
	CleanUp       CleanUp          // empty for all
	After         Cursor
}

// Cursor marks where a page begins: an opaque text made by the store. The zero value is the first page.
type Cursor string

// Results are a page of cards, with what surrounds it.
type Results struct {
	Rows   []Row
	Next   Cursor        // empty on the last page
	Counts []StatusCount // of the statuses that any matching card has, whatever status was asked for
	All    Count         // matching cards in all statuses
	Total  Count         // matching cards in the status asked for
	// Orderers are those whose name matches the query: at most five.
	Orderers []OrdererMatch
}

// Count is a number of cards; Capped says that there are more.
type Count struct {
	N      int
	Capped bool
}

// Plus adds up two numbers of cards.
func (c Count) Plus(d Count) Count { return Count{N: c.N + d.N, Capped: c.Capped || d.Capped} }

// StatusCount is how many of the matching cards have an effective status.
type StatusCount struct {
	Status Status
	Count
}

// OrdererMatch is an orderer whose name matches the query.
type OrdererMatch struct {
	ID   account.PersonID
	Name Name
	Count
}

// SearchForm is what the form of the search lets choose from; at the issuer's desk nothing.
type SearchForm struct {
	Orderers []Orderer
	Saved    []SavedSearch
}

// Orderer is somebody who is, or was, responsible for cards of the company.
type Orderer struct {
	ID   account.PersonID
	Name Name
	Now  bool // or was one
	// ActsUntil is the last day on which the actor is this orderer's deputy, when today is one of them; else zero.
	ActsUntil time.Time
}
