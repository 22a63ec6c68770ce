package account

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestParseEmail(t *testing.T) {
	longest := strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 93) + "se."[:2] + "x"
	if len(longest) > maxEmail {
		t.Fatalf("the longest address here has %d bytes", len(longest))
	}
	for typed, want := range map[string]Email{
		"anna@example.se":             "anna@example.se",
		" Anna.Berg@Example.SE\n":     "anna.berg@example.se",
		"anna+kort@mail.example.org":  "anna+kort@mail.example.org",
		"åsa@exämple.se":              "åsa@exämple.se",
		"a\u030asa@example.se":        "åsa@example.se", // a and a ring of its own
		longest:                       Email(longest),
		"o'neill@example.org":         "o'neill@example.org",
		"under_score@example.org":     "under_score@example.org",
		"anna@xn--exmple-cua.example": "anna@xn--exmple-cua.example",
	} {
		if got, err := ParseEmail(typed); err != nil || got != want {
			t.Errorf("ParseEmail(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestParseEmailRefuses(t *testing.T) {
	for _, typed := range []string{
		"", "anna", "@example.se", "anna@", "anna@localhost", "anna@example..se", "anna@.example.se", "anna@example.se.",
		"Anna <anna@example.se>", "<anna@example.se>", "anna@example.se, bo@example.se", "anna@example.se (Anna)",
		"anna berg@example.se", `"anna berg"@example.se`, "anna@[192.0.2.1]", "anna@-example.se", "anna@example-.se", "anna@exam_ple.se",
		"anna@example.se\nBcc: bo@example.se", "anna\x00@example.se", "anna@@example.se", ".anna@example.se",
		strings.Repeat("a", 65) + "@example.se", "a@" + strings.Repeat("b.", 130) + "se", strings.Repeat(" ", 300) + strings.Repeat("a", 255),
	} {
		if got, err := ParseEmail(typed); !errors.Is(err, ErrEmail) || got != "" {
			t.Errorf("ParseEmail(%q) = %q, %v; want ErrEmail", typed, got, err)
		}
	}
}

func TestEmailStaysOutOfTheLog(t *testing.T) {
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("login", "email", Email("anna@example.se"))
	if strings.Contains(b.String(), "anna") || strings.Contains(b.String(), "example") {
		t.Errorf("the log holds the address: %s", b.String())
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"", "anna@example.se", "Anna <anna@example.se>", `"a@b"@example.se`, "å@ä.ö"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEmail(s)
		if err != nil {
			return
		}
		if again, err := ParseEmail(string(e)); err != nil || again != e {
			t.Fatalf("%q: %q gives %q, %v", s, e, again, err)
		}
		if strings.ContainsAny(string(e), "\r\n\x00<>, ") {
			t.Fatalf("%q: %q holds what no address does", s, e)
		}
	})
}
