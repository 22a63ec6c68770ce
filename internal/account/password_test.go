package account_test

import (
	"errors"
	"strings"
	"testing"

	"kortportal/internal/account"
)

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]error{
		"":                           account.ErrPasswordShort,
		"elva tecken":                account.ErrPasswordShort,
		"tolv tecken!":               nil,
		"åäöåäöåäöåä":                account.ErrPasswordShort, // characters, not bytes
		"åäöåäöåäöåäö":               nil,
		strings.Repeat("ab", 100):    nil,
		strings.Repeat("ab", 101):    account.ErrPasswordLong,
		strings.Repeat("a", 20):      account.ErrPasswordPlain,
		strings.Repeat("å", 20):      account.ErrPasswordPlain,
		"Karin@Example.com":          account.ErrPasswordPlain,
		"Karin@Example.com och hund": nil,
	} {
		if err := account.CheckPassword(password, "karin@example.com"); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
}
