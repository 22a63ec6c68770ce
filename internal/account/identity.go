package account

import (
	"errors"
	"fmt"
	"log/slog"
	"unique"
)

// ErrIdentity: a document that cannot be one of that kind and country. It never carries what was typed.
var ErrIdentity = errors.New("account: not an identity document")

// IdentityKind says what a person is known by. The values are those of the column identity_kind.
type IdentityKind string

// The kinds of identity.
const (
	PersonalNumberKind     IdentityKind = "personal_number"
	CoordinationNumberKind IdentityKind = "coordination_number"
	Passport               IdentityKind = "passport"
	NationalID             IdentityKind = "national_id"
)

// Identity is the one canonical identity of a person: the same person written two ways is one value, compared with ==. Only
// Number and Whole reveal the number, to the store and where it was asked for with a purpose; whatever else prints, logs or marshals the value
// writes Masked.
type Identity struct {
	Kind    IdentityKind
	Country string // ISO 3166, two letters
	number  unique.Handle[string]
}

// SwedishIdentity is a person known by personnummer or samordningsnummer.
func SwedishIdentity(n PersonalNumber) Identity {
	kind := PersonalNumberKind
	if n.IsCoordination() {
		kind = CoordinationNumberKind
	}
	return Identity{Kind: kind, Country: sweden, number: n.digits}
}

// PassportIdentity is a person known by a passport. Country is the ISO 3166 code of the state that issued it.
func PassportIdentity(country, number string) (Identity, error) {
	return foreignIdentity(Passport, country, number)
}

// NationalIdentity is a person known by another country's national number; Sweden's is a PersonalNumber.
func NationalIdentity(country, number string) (Identity, error) {
	id, err := foreignIdentity(NationalID, country, number)
	if err != nil || id.Country == sweden {
		return Identity{}, ErrIdentity
	}
	return id, nil
}

// StoredIdentity is an identity as its three columns hold it; the store's constraints have checked them.
func StoredIdentity(kind, country, number string) Identity {
	return Identity{Kind: IdentityKind(kind), Country: country, number: unique.Make(number)}
}

func foreignIdentity(kind IdentityKind, country, number string) (Identity, error) {
	code, ok := ParseCountry(country)
	canonical, fits := foreignNumber(number)
	if !ok || !fits {
		return Identity{}, ErrIdentity
	}
	return Identity{Kind: kind, Country: code, number: unique.Make(canonical)}, nil
}

// Number is the canonical number, for the store: twelve digits for a Swedish one, capital letters and digits for others.
// It must not reach a log, a URL, a title or a list.
func (id Identity) Number() string {
	if id.number == (unique.Handle[string]{}) {
		return ""
	}
	return id.number.Value()
}

// Whole is the identity as people write it: 19850101-1234, or the country and the number for others.
func (id Identity) Whole() string {
	number := id.Number()
	switch id.Kind {
	case PersonalNumberKind, CoordinationNumberKind:
		if len(number) == 12 {
			return number[:8] + "-" + number[8:]
		}
	}
	return id.Country + " " + number
}

// Masked is the identity as lists show it: 19850101-****, or the country and **** for others.
func (id Identity) Masked() string {
	number := id.Number()
	switch id.Kind {
	case PersonalNumberKind, CoordinationNumberKind:
		if len(number) == 12 {
			return number[:8] + "-****"
		}
	}
	if number == "" {
		return ""
	}
	return id.Country + " ****"
}

func (id Identity) String() string { return id.Masked() }

// GoString redacts too.
func (id Identity) GoString() string { return id.Masked() }

// Format writes Masked for every verb.
func (id Identity) Format(f fmt.State, _ rune) { writeMasked(f, id.Masked()) }

// LogValue keeps the number out of the log.
func (id Identity) LogValue() slog.Value { return slog.StringValue(id.Masked()) }

// MarshalText writes Masked.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.Masked()), nil }
