// Package pin makes the PIN of a card and keeps it secret: generation, encryption, the file with the keys, nothing else.
// Who may see a PIN, when and how often is decided elsewhere.
package pin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
)

const digits = 4

// ErrPIN: not four digits. It never carries what was given.
var ErrPIN = errors.New("pin: not a PIN")

// PIN is four digits that only Reveal shows: whatever else prints, logs or marshals the value writes "****". The zero value is no
// PIN. Compare with Equal; == compares identity.
type PIN struct {
	// A pointer, because fmt follows unexported fields of other structs without asking for a method, and here finds an
	// address. It would print an array behind the pointer.
	code *string
}

// Generate makes a PIN; each of 0000 to 9999 is equally likely.
func Generate() PIN {
	for {
		var b [2]byte
		rand.Read(b[:]) // never fails: the runtime ends the program rather than return bad randomness
		if p, ok := fromBits(binary.BigEndian.Uint16(b[:])); ok {
			return p
		}
	}
}

// fromBits makes a PIN of 14 random bits. It refuses those beyond 9999 instead of folding them back, which would make
// low PINs likelier.
func fromBits(random uint16) (PIN, bool) {
	n := random & (1<<14 - 1)
	if n > 9999 {
		return PIN{}, false
	}
	p, err := Parse(fmt.Sprintf("%04d", n))
	return p, err == nil
}

// Parse makes a PIN of four digits.
func Parse(s string) (PIN, error) {
	if len(s) != digits {
		return PIN{}, ErrPIN
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return PIN{}, ErrPIN
		}
	}
	return PIN{&s}, nil
}

// Reveal is the PIN in digits, for the one page that shows it to the holder.
func (p PIN) Reveal() string {
	if p.code == nil {
		return ""
	}
	return *p.code
}

// Equal reports whether both are the same PIN, in the same time whatever they are.
func (p PIN) Equal(other PIN) bool {
	if p.code == nil || other.code == nil {
		return p.code == other.code
	}
	return subtle.ConstantTimeCompare([]byte(*p.code), []byte(*other.code)) == 1
}

const masked = "****"

func (p PIN) String() string { return masked }

// GoString redacts too.
func (p PIN) GoString() string { return masked }

// Format writes "****" for every verb. An error is ignored as fmt's own writing does.
func (p PIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue keeps the PIN out of the log.
func (p PIN) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText writes "****": a PIN cannot be marshalled.
func (p PIN) MarshalText() ([]byte, error) { return []byte(masked), nil }
