package account

import (
	"errors"
	"strings"
	"testing"
)

func TestSwedishIdentity(t *testing.T) {
	for _, tc := range []struct {
		typed string
		kind  IdentityKind
	}{
		{"199001012385", PersonalNumberKind},
		{"197010632391", CoordinationNumberKind},
	} {
		id := SwedishIdentity(personal(t, tc.typed))
		if id.Kind != tc.kind || id.Country != "SE" || id.Number() != tc.typed {
			t.Errorf("%s: %s, %s, %s", tc.typed, id.Kind, id.Country, id.Number())
		}
		if want := tc.typed[:8] + "-****"; id.Masked() != want {
			t.Errorf("%s: Masked() = %q, want %q", tc.typed, id.Masked(), want)
		}
	}
}

func TestForeignIdentitiesAreCanonical(t *testing.T) {
	one, err := PassportIdentity("pol", " zs 000-0177 ")
	if err != nil {
		t.Fatal(err)
	}
	other, err := PassportIdentity("PL", "ZS0000177")
	if err != nil {
		t.Fatal(err)
	}
	if one != other || one.Number() != "ZS0000177" || one.Country != "PL" || one.Kind != Passport {
		t.Errorf("%s %s %s and %s %s %s are not one person", one.Kind, one.Country, one.Number(), other.Kind, other.Country, other.Number())
	}
	national, err := NationalIdentity("BE", "00.00.00-000.97")
	if err != nil || national.Number() != "00000000097" || national.Kind != NationalID {
		t.Errorf("NationalIdentity = %s, %v", national.Number(), err)
	}
	if same, err := NationalIdentity("PL", "ZS0000177"); err != nil || same == one {
		t.Errorf("a passport and a national number of the same digits are one person, or %v", err)
	}
}

func TestForeignIdentityRefuses(t *testing.T) {
	for _, tc := range []struct{ country, number string }{
		{"", "ZS0000177"}, {"XX", "ZS0000177"}, {"PL", ""}, {"PL", "ZS"}, {"PL", strings.Repeat("A", 25)}, {"PL", "ZS?0000177"},
	} {
		for _, parse := range []func(string, string) (Identity, error){PassportIdentity, NationalIdentity} {
			if id, err := parse(tc.country, tc.number); !errors.Is(err, ErrIdentity) || id != (Identity{}) {
				t.Errorf("%q, %q: %v, %v; want ErrIdentity", tc.country, tc.number, id, err)
			}
		}
	}
	if id, err := NationalIdentity("SE", "199001012385"); !errors.Is(err, ErrIdentity) || id != (Identity{}) {
		t.Errorf("a personal number as national identity: %v, %v; want ErrIdentity", id, err)
	}
}

func TestStoredIdentity(t *testing.T) {
	id := SwedishIdentity(personal(t, "199001012385"))
	if got := StoredIdentity(string(id.Kind), id.Country, id.Number()); got != id {
		t.Errorf("read back %v, want %v", got, id)
	}
}

func TestNothingRevealsAForeignNumber(t *testing.T) {
	id, err := PassportIdentity("PL", "ZS0000177")
	if err != nil {
		t.Fatal(err)
	}
	for _, carried := range []any{id, &id, struct{ identity Identity }{id}} {
		for how, out := range printedAll(t, carried) {
			if strings.Contains(out, "0177") || strings.Contains(out, "30313737") {
				t.Errorf("%s reveals the number: %s", how, out)
			}
		}
	}
	if got := id.Masked(); got != "PL ****" {
		t.Errorf("Masked() = %q", got)
	}
	if got := (Identity{}).Masked() + (Identity{}).Number(); got != "" {
		t.Errorf("no identity shows as %q", got)
	}
}
