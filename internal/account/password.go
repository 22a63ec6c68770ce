package account

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ShortestPassword is in characters; length is what makes a password hard to guess.
const ShortestPassword = 12

// longestPassword is in characters: enough for a sentence, and nothing that takes long to hash.
const longestPassword = 200

// Why a password cannot be chosen.
var (
	// ErrPasswordShort: fewer characters than ShortestPassword.
	ErrPasswordShort = errors.New("account: password is too short")
	// ErrPasswordLong: more than can be typed.
	ErrPasswordLong = errors.New("account: password is too long")
	// ErrPasswordPlain: it is the e-mail address, or one character over and over.
	ErrPasswordPlain = errors.New("account: password is easily guessed")
)

// CheckPassword tells why the owner of an address cannot choose a password; nil when nothing is in the way.
func CheckPassword(password string, email Email) error {
	switch n := utf8.RuneCountInString(password); {
	case n < ShortestPassword:
		return ErrPasswordShort
	case n > longestPassword:
		return ErrPasswordLong
	case strings.EqualFold(password, string(email)):
		return ErrPasswordPlain
	}
	first, _ := utf8.DecodeRuneInString(password)
	if strings.Trim(password, string(first)) == "" {
		return ErrPasswordPlain
	}
	return nil
}
