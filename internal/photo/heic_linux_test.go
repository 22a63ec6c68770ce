package photo

import (
	"bytes"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"kortportal/internal/heic"
)

// A file that declares little and becomes much meets the limit of memory, and is refused as one that is damaged.
func TestHEICThatGrows(t *testing.T) {
	t.Parallel()
	reader := withHEIC(t)
	reader.HEIC.Within = 10 * heic.Deadline // the machine may have more to do
	tile := coded(t, sample(t, "pattern.heic"), ispe(480, 640))
	grid := func(columns, rows, declaredWidth, declaredHeight int) []byte {
		var of []int
		tiles := slices.Repeat([]heicItem{tile}, columns*rows)
		for i := range tiles {
			of = append(of, 2+i)
		}
		data := append([]byte{0, 1, byte(rows - 1), byte(columns - 1)}, numbers(4, 480*columns, 640*rows)...)
		all := heicItem{"grid", data, of, [][]byte{ispe(declaredWidth, declaredHeight)}}
		return heicFile("heicmif1", append([]heicItem{all}, tiles...)...)
	}
	much := grid(60, 45, 480, 640)
	if _, err := reader.Read(t.Context(), bytes.NewReader(much), Options{}); !errors.Is(err, ErrNotPicture) {
		t.Errorf("%v, want %v", err, ErrNotPicture)
	}
	child := exec.CommandContext(t.Context(), reader.HEIC.Path)
	child.Stdin = bytes.NewReader(much)
	var says strings.Builder
	child.Stderr = &says
	if err := child.Run(); child.ProcessState.ExitCode() != 2 || !strings.Contains(says.String(), "out of memory") {
		t.Errorf("%v: %.200s", err, &says)
	}
	if _, err := reader.HEIC.Decode(t.Context(), grid(12, 13, 12*480, 13*640), 12*480, 13*640); err != nil {
		t.Errorf("48 megapixels that it says it has: %v", err)
	}
}
