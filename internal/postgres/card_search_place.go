package postgres

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"kortportal/internal/card"
)

// place is where a row stands in the order of a search; the next page begins after it.
type place struct {
	Group  string  // which source it came from
	Driver string  `json:",omitempty"` // the word of the query by which cards were looked up
	Word   string  // the word by which it was found, where it was
	Key    string  // what its source sorts by
	ID     card.ID // zero: the beginning
}

// cursor is the place as an opaque text.
func (p place) cursor() card.Cursor {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and an integer
	}
	return card.Cursor(base64.RawURLEncoding.EncodeToString(text))
}

// placeOf reads a cursor. One that is not ours is the beginning.
func placeOf(c card.Cursor) place {
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return place{}
	}
	var p place
	if err := json.Unmarshal(text, &p); err != nil || strings.ContainsRune(p.Group+p.Driver+p.Word+p.Key, 0) {
		return place{}
	}
	return p
}

// page cuts off what lies behind a page of rows, of which one more was asked for, and says where the next page begins: nowhere when there is none.
func page[T any](rows []T, size int, at func(i int) place) ([]T, card.Cursor) {
	if len(rows) <= size {
		return rows, ""
	}
	return rows[:size], at(size - 1).cursor()
}
