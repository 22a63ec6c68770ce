package account

import (
	"errors"
	"log/slog"
	"net/mail"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// ErrEmail: not one plain e-mail address.
var ErrEmail = errors.New("account: not an e-mail address")

// Email is the address a person logs in with, in lower case. Two spellings of one address are one value.
type Email string

// What SMTP carries (RFC 5321, 4.5.3.1).
const (
	maxEmail      = 254
	maxEmailLocal = 64
)

// ParseEmail reads one bare address: no display name, no list, no comment, a domain with a dot.
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxEmail {
		return "", ErrEmail
	}
	s = strings.ToLower(norm.NFC.String(s))
	address, err := mail.ParseAddress(s)
	if err != nil || address.Address != s || address.Name != "" {
		return "", ErrEmail
	}
	local, domain, _ := strings.Cut(s, "@")
	if len(s) > maxEmail || len(local) > maxEmailLocal || strings.HasPrefix(local, `"`) || !isDomain(domain) {
		return "", ErrEmail
	}
	return Email(s), nil
}

func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") || strings.ContainsAny(l, "[]@:_") {
			return false
		}
	}
	return len(labels) > 1
}

// LogValue keeps the address out of the log.
func (e Email) LogValue() slog.Value { return slog.StringValue("[e-mail]") }
