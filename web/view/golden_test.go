package view

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, p Page) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := p.Component.Render(t.Context(), &buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestGolden compares each page of the gallery with the HTML that was looked at and found good. The names of the static
// files carry a hash of their content, which is no matter of the page and left out.
func TestGolden(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range Gallery() {
		name := string(p.Lang) + "-" + p.Name + ".html"
		if seen[name] {
			t.Errorf("%s: two pages of the gallery have the name", name)
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			got := readable(withoutHashes(render(t, p)))
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("page changed (-want +got); if that is meant: go test ./web/view -update\n%s", diff)
			}
		})
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		switch name := f.Name(); {
		case seen[name]:
		case *update:
			if err := os.Remove(filepath.Join("testdata", name)); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("testdata/%s: no page of the gallery has this name", name)
		}
	}
}

// readable puts each element on a line of its own, so that a diff shows what changed.
func readable(page []byte) []byte {
	return append(bytes.ReplaceAll(page, []byte("><"), []byte(">\n<")), '\n')
}
