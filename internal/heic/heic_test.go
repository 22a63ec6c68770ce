package heic_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"kortportal/internal/heic"
)

const ready = "heic\n"

// header is what a process says of a picture.
func header(width, height, colours uint32) (all string) {
	for _, n := range []uint32{width, height, colours} {
		all += string(binary.LittleEndian.AppendUint32(nil, n))
	}
	return all
}

// printf is how a shell says it.
func printf(what string) string {
	var octal strings.Builder
	for _, b := range []byte(what) {
		fmt.Fprintf(&octal, `\%03o`, b)
	}
	return "printf '" + octal.String() + "'; "
}

func shell(script string) heic.Program {
	return heic.Program{Path: "/bin/sh", Args: []string{"-c", script}}
}

// What a process says and how it ends tells a picture that cannot be decoded from a process that cannot decode.
func TestHowAProcessEnds(t *testing.T) {
	t.Parallel()
	picture := ready + header(1, 1, 1) + strings.Repeat("\x07", 16)
	for name, test := range map[string]struct {
		script string
		want   error  // nil with fault "": it is read
		fault  string // the process is at fault, and this is said of it
	}{
		"a picture":                  {printf(picture), nil, ""},
		"another size":               {printf(ready + header(2, 1, 1)), heic.ErrDamaged, ""},
		"no picture":                 {printf(ready + header(0, 0, 0)), heic.ErrDamaged, ""},
		"killed by the picture":      {printf(ready) + "kill -9 $$", heic.ErrDamaged, ""},
		"out of memory":              {printf(ready) + "exit 2", heic.ErrDamaged, ""},
		"killed amid the pixels":     {printf(picture[:20]) + "kill -9 $$", heic.ErrDamaged, ""},
		"killed before there is one": {"kill -9 $$", nil, "killed"},
		"fails before there is one":  {"echo why >&2; exit 2", nil, "exit status 2: why"},
		"gives up":                   {printf(ready) + "echo why >&2; exit 1", nil, "exit status 1: why"},
		"gives up after it":          {printf(picture) + "exit 1", nil, "exit status 1"},
		"stops amid the pixels":      {printf(picture[:20]), nil, "unexpected EOF"},
		"goes on and on":             {printf(picture) + "exec cat /dev/zero", nil, "nobody asked"},
		"says something else":        {"exec cat /dev/zero", nil, "nobody asked"},
		"colours that nobody knows":  {printf(ready + header(1, 1, 9)), nil, "nobody asked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img, err := shell(test.script).Decode(t.Context(), nil, 1, 1)
			switch {
			case test.fault != "":
				if err == nil || errors.Is(err, heic.ErrDamaged) || errors.Is(err, heic.ErrTooSlow) || !strings.Contains(err.Error(), test.fault) {
					t.Errorf("%v, want a fault: %s", err, test.fault)
				}
			case test.want != nil:
				if !errors.Is(err, test.want) {
					t.Errorf("%v, want %v", err, test.want)
				}
			case err != nil:
				t.Error(err)
			default:
				if g, ok := img.(*image.Gray); !ok || g.GrayAt(0, 0).Y != 7 {
					t.Errorf("%v", img)
				}
			}
		})
	}
}

func TestAProcessThatTakesForever(t *testing.T) {
	t.Parallel()
	forever := shell(printf(ready) + "exec sleep 1000")
	forever.Within = 50 * time.Millisecond
	if _, err := forever.Decode(t.Context(), nil, 1, 1); !errors.Is(err, heic.ErrTooSlow) {
		t.Errorf("%v, want %v", err, heic.ErrTooSlow)
	}
	forever.Within = time.Hour
	gone, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer leave()
	if _, err := forever.Decode(gone, nil, 1, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody waits: %v", err)
	}
}

func TestAProcessKnowsNothing(t *testing.T) {
	t.Setenv("PIN_KEYSET", "secret")
	script := `[ -z "$PIN_KEYSET" ] || exit 1; ` + printf(ready+header(1, 1, 1)+strings.Repeat("\x07", 16))
	if _, err := shell(script).Decode(t.Context(), nil, 1, 1); err != nil {
		t.Error(err)
	}
}
