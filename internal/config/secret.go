package config

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// Secret is a setting that no log, error or dump shows.
type Secret string

const hidden = "[hidden]"

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret, and shows whether there is one.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format hides the secret from every verb, %x and %#v too.
func (s Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, s.String()) // fmt.State reports no errors
}

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from JSON and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// user is the role in a database's address.
func (s Secret) user() string {
	u, err := url.Parse(string(s))
	if err != nil {
		return ""
	}
	return u.User.Username()
}
