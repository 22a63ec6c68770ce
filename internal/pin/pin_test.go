package pin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

// Generate tries random bits until fromBits takes them, so all PINs are equally likely when each is made by equally many of
// all the bits there can be.
func TestEveryPINIsEquallyLikely(t *testing.T) {
	made := make(map[string]int)
	for random := range 1 << 16 {
		if p, ok := fromBits(uint16(random)); ok {
			made[p.Reveal()]++
		}
	}
	if len(made) != 10_000 {
		t.Errorf("%d different PINs can be made, want 10000", len(made))
	}
	for n := range 10_000 {
		if code := fmt.Sprintf("%04d", n); made[code] != 4 {
			t.Errorf("%s is made %d times, want 4", code, made[code])
		}
	}
}

func TestGenerate(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		code := Generate().Reveal()
		if _, err := Parse(code); err != nil {
			t.Fatalf("Generate made %q", code)
		}
		seen[code] = true
	}
	// Of 1000 random PINs 951 differ on average; fewer than 800 do not occur in the life of the universe.
	if len(seen) < 800 {
		t.Errorf("only %d of 1000 PINs differ", len(seen))
	}
}

func TestParse(t *testing.T) {
	for _, code := range []string{"0000", "0123", "9999"} {
		p, err := Parse(code)
		if err != nil || p.Reveal() != code {
			t.Errorf("Parse(%q) = %q, %v", code, p.Reveal(), err)
		}
	}
	for _, code := range []string{"", "123", "12345", "12a4", "-123", "١٢٣٤", "１２３４", " 123", "1234\n"} {
		p, err := Parse(code)
		if !errors.Is(err, ErrPIN) || p.Reveal() != "" {
			t.Errorf("Parse(%q) = %q, %v; want ErrPIN", code, p.Reveal(), err)
		}
	}
}

func TestEqual(t *testing.T) {
	if !pinOf(t, "0481").Equal(pinOf(t, "0481")) {
		t.Error("the same PIN is not equal")
	}
	if pinOf(t, "0481").Equal(pinOf(t, "0482")) || pinOf(t, "0481").Equal(PIN{}) || (PIN{}).Equal(pinOf(t, "0000")) {
		t.Error("different PINs are equal")
	}
	if !(PIN{}).Equal(PIN{}) {
		t.Error("no PIN is not equal to no PIN")
	}
}

func TestNothingRevealsThePIN(t *testing.T) {
	p := pinOf(t, "7391")
	for name, carried := range map[string]any{
		"pin":        p,
		"pointer":    &p,
		"slice":      []PIN{p},
		"map":        map[string]PIN{"pin": p},
		"exported":   struct{ PIN PIN }{p},
		"unexported": struct{ pin PIN }{p},
		"deep":       struct{ card struct{ pin PIN } }{struct{ pin PIN }{p}},
	} {
		t.Run(name, func(t *testing.T) {
			for how, out := range printedAll(carried) {
				if strings.Contains(out, "7391") || strings.Contains(out, "37333931") || strings.Contains(out, "55 51 57 49") {
					t.Errorf("%s reveals the PIN: %s", how, out)
				}
			}
		})
	}
}

// address is a place on Go's heap as %p, %x and %d print it.
var address = regexp.MustCompile(`(?i)\b(0x)?(c0|40)[0-9a-f]{8}\b|\b(82[4-8]|27[4-9])[0-9]{9}\b`)

// printedAll is the value in every way that Go programs print. Addresses, which may hold any digits, are taken out.
func printedAll(v any) map[string]string {
	out := make(map[string]string)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	out["Sprint"] = fmt.Sprint(v)
	out["Errorf"] = fmt.Errorf("failed for %v", v).Error()
	if data, err := json.Marshal(v); err == nil {
		out["json"] = string(data)
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("event", "value", v)
		_, out[name], _ = strings.Cut(b.String(), "msg") // the time before it may hold any digits
	}
	for how, text := range out {
		out[how] = address.ReplaceAllString(text, "address")
	}
	return out
}

func pinOf(t *testing.T, code string) PIN {
	t.Helper()
	p, err := Parse(code)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
