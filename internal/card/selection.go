package card

// MaxSelection is how many cards are chosen at a time.
const MaxSelection = 50000

// SelectionID names cards that somebody chose, to do something with all of them.
type SelectionID int64

// Selection is a page of the chosen cards, by name.
type Selection struct {
	N        int // all of them
	Statuses []StatusCount
	Rows     []Row
	Next     Cursor // empty on the last page
}
