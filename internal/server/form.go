package server

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/card"
)

// field is a posted text as the store can keep it: valid UTF-8, no NUL, line ends as one character, no space around it and nothing that cannot be seen.
func field(r *http.Request, name string) string { return clean(r.PostForm.Get(name)) }

// param is the same for a value of the address.
func param(r *http.Request, name string) string { return clean(r.URL.Query().Get(name)) }

func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimFunc(lineEnds.Replace(s), func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

var lineEnds = strings.NewReplacer("\x00", "", "\r\n", "\n", "\r", "\n")

// cardID is the card in the address; errNotFound for what is no card.
func cardID(r *http.Request) (card.ID, error) {
	id, err := addressID(r, "id")
	return card.ID(id), err
}

// addressID is a number in the address, written in the one way there is; errNotFound for what is none.
func addressID(r *http.Request, name string) (int64, error) {
	text := chi.URLParam(r, name)
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, errNotFound
	}
	return id, nil
}
