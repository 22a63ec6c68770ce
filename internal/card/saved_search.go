package card

import (
	"time"

	"kortportal/internal/account"
)

// SearchID identifies a saved search.
type SearchID int64

// MaxSearchName is the longest name of a saved search, in characters.
const MaxSearchName = 60

// SavedFilter is what a saved search asks: as a Search, with the query as it was typed and no page.
type SavedFilter struct {
	Query         string
	Status        Status
	Kind          Kind
	Orderer       account.PersonID
	ExpiresBefore time.Time
	CleanUp       CleanUp
}

// NewSearch is a search to be saved.
type NewSearch struct {
	Name   string
	Shared bool // with the company's other people
	Filter SavedFilter
}

// SavedSearch is a search that somebody may use.
type SavedSearch struct {
	ID     SearchID
	Name   string
	Shared bool
	Own    bool // saved by whoever asks
	Owner  Name
	Starts bool // instead of the start page, for whoever asks
	Filter SavedFilter
}
