package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kortportal/internal/heic"
	"kortportal/internal/heic/heictest"
)

func withHEIC(t testing.TB) Reader {
	t.Helper()
	return Reader{HEIC: heictest.Program(t)}
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// boxOf makes a box of the container.
func boxOf(kind string, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(content))), kind...), content...)
}

// numbers makes so many bytes of each.
func numbers(bytes int, values ...int) (all []byte) {
	for _, v := range values {
		all = append(all, binary.BigEndian.AppendUint64(nil, uint64(v))[8-bytes:]...)
	}
	return all
}

// heicItem is a picture in a file: coded, or put together of others.
type heicItem struct {
	kind       string
	data       []byte
	of         []int
	properties [][]byte
}

func ispe(width, height int) []byte { return boxOf("ispe", numbers(4, 0, width, height)) }

// coded is the picture of a file of heif-enc, which holds nothing else, with other properties.
func coded(t testing.TB, file []byte, properties ...[]byte) heicItem {
	t.Helper()
	ipco := box(box(box(file, "meta")[4:], "iprp"), "ipco")
	item := heicItem{kind: "hvc1", data: box(file, "mdat"), properties: append([][]byte{boxOf("hvcC", box(ipco, "hvcC"))}, properties...)}
	if len(item.data) == 0 || len(box(ipco, "hvcC")) == 0 {
		t.Fatal("there is no coded picture")
	}
	return item
}

// heicFile makes a file of pictures, of which the first is what it is for.
func heicFile(brands string, items ...heicItem) []byte {
	var infos, properties, associations, places, data, references []byte
	numbered := map[string]byte{} // what several have is there once
	for i, item := range items {
		id := i + 1
		infos = append(infos, boxOf("infe", numbers(4, 2<<24), numbers(2, id, 0), []byte(item.kind+"\x00"))...)
		places = append(places, numbers(2, id, 1, 0, 1)...)
		places = append(places, numbers(4, len(data), len(item.data))...)
		data = append(data, item.data...)
		associations = append(associations, numbers(2, id)...)
		associations = append(associations, byte(len(item.properties)))
		for _, p := range item.properties {
			if numbered[string(p)] == 0 {
				numbered[string(p)] = byte(len(numbered) + 1)
				properties = append(properties, p...)
			}
			associations = append(associations, 0x80|numbered[string(p)])
		}
		if len(item.of) > 0 {
			kind := map[bool]string{true: "cdsc", false: "dimg"}[item.kind == "Exif"] // describes it, or is made of it
			references = append(references, boxOf(kind, numbers(2, id, len(item.of)), numbers(2, item.of...))...)
		}
	}
	return append(boxOf("ftyp", []byte(brands[:4]), numbers(4, 0), []byte(brands)), boxOf("meta", numbers(4, 0),
		boxOf("hdlr", numbers(4, 0, 0), []byte("pict"), make([]byte, 13)),
		boxOf("pitm", numbers(4, 0), numbers(2, 1)),
		boxOf("iinf", numbers(4, 0), numbers(2, len(items)), infos),
		boxOf("iref", numbers(4, 0), references),
		boxOf("iprp", boxOf("ipco", properties), boxOf("ipma", numbers(4, 0, len(items)), associations)),
		boxOf("iloc", numbers(4, 1<<24), numbers(1, 0x44, 0), numbers(2, len(items)), places),
		boxOf("idat", data),
	)...)
}

// alike says whether a claim's picture shows what it should, but for what two codecs lose.
func alike(t *testing.T, got []byte, want image.Image) {
	t.Helper()
	img := decoded(t, got)
	if img.Bounds() != want.Bounds() {
		t.Fatalf("%v, want %v", img.Bounds(), want.Bounds())
	}
	width, height := want.Bounds().Dx(), want.Bounds().Dy()
	for _, at := range []image.Point{{40, 40}, {width - 40, 40}, {40, height - 40}, {width - 40, height - 40}, {width/2 - 20, height/2 - 20}} {
		if d := distance(img.At(at.X, at.Y), want.At(at.X, at.Y)); d > 12 {
			t.Errorf("at %v: %v, want %v", at, img.At(at.X, at.Y), want.At(at.X, at.Y))
		}
	}
}

func TestHEICIsRead(t *testing.T) {
	t.Parallel()
	reader := withHEIC(t)
	p := pattern(480, 640)
	file := sample(t, "pattern.heic")
	plain := coded(t, file, ispe(480, 640))
	turned := func(properties ...[]byte) []byte {
		return heicFile("heicmif1", coded(t, file, append([][]byte{ispe(480, 640)}, properties...)...))
	}
	irot, imir := func(angle int) []byte { return boxOf("irot", numbers(1, angle)) }, func(axis int) []byte { return boxOf("imir", numbers(1, axis)) }
	gray := image.NewGray(p.Rect)
	on(gray, p)
	tiles := image.NewNRGBA(image.Rect(0, 0, 900, 1200))
	for y := range 1200 {
		for x := range 900 {
			tiles.Set(x, y, p.At(x%480, y%640))
		}
	}
	for name, test := range map[string]struct {
		data []byte
		want image.Image
	}{
		"as heif-enc writes it":    {file, p},
		"gray":                     {sample(t, "gray.heic"), gray},
		"whole chroma":             {sample(t, "chroma444.heic"), p},
		"odd, cut by clap":         {sample(t, "odd.heic"), pattern(481, 643)},
		"EXIF alone does not turn": {sample(t, "exif.heic"), storedAs(p, "right", "top")},
		"of its own making":        {heicFile("heicmif1", plain), p},
		"HEIC by its second brand": {heicFile("mif1heic", plain), p},
		"turned left":              {turned(irot(1)), storedAs(p, "right", "top")},
		"turned half":              {turned(irot(2)), storedAs(p, "bottom", "right")},
		"turned right":             {turned(irot(3)), storedAs(p, "left", "bottom")},
		"upside down":              {turned(imir(0)), storedAs(p, "bottom", "left")},
		"mirrored":                 {turned(imir(1)), storedAs(p, "top", "right")},
		"turned left and mirrored": {turned(irot(1), imir(1)), storedAs(p, "right", "bottom")},
		"turned once, though EXIF says it too": {heicFile("heicmif1", coded(t, file, ispe(480, 640), irot(3)),
			heicItem{kind: "Exif", data: append(numbers(4, 0), littleExif(6)[len("Exif\x00\x00"):]...), of: []int{1}}), storedAs(p, "left", "bottom")},
		"of tiles, as phones have it": {heicFile("heicmif1",
			heicItem{kind: "grid", data: append([]byte{0, 0, 1, 1}, numbers(2, 900, 1200)...), of: []int{2, 3, 4, 5}, properties: [][]byte{ispe(900, 1200)}},
			plain, plain, plain, plain), tiles},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claim, err := reader.ReadClaimPicture(t.Context(), bytes.NewReader(test.data))
			if err != nil {
				t.Fatal(err)
			}
			alike(t, claim, test.want)
		})
	}
}

// A photo for a card is made of what is seen, not of what is stored.
func TestHEICForACard(t *testing.T) {
	t.Parallel()
	reader := withHEIC(t)
	file := sample(t, "pattern.heic")
	card, err := reader.Read(t.Context(), bytes.NewReader(file), Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, decoded(t, card.Card), 0.1, 0.1, color.NRGBA{220, 40, 43, 255})
	near(t, decoded(t, card.Card), 0.9, 0.9, color.NRGBA{220, 220, 67, 255})
	turned := heicFile("heicmif1", coded(t, file, ispe(480, 640), boxOf("irot", numbers(1, 1))))
	if _, err := reader.Read(t.Context(), bytes.NewReader(turned), Options{}); !errors.Is(err, ErrShape) {
		t.Errorf("one that lies when it is seen: %v", err)
	}
}

func TestHEICIsRefused(t *testing.T) {
	t.Parallel()
	reader := withHEIC(t)
	file := sample(t, "pattern.heic")
	declared := func(width, height int) []byte { return heicFile("heicmif1", coded(t, file, ispe(width, height))) }
	for _, test := range []struct {
		name string
		data []byte
		want error // nil: the twin that is read
	}{
		{"text that starts as HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + "Hej! Det här är inget foto."), ErrNotPicture},
		{"cut off in the pixels", file[:len(file)-100], ErrNotPicture},
		{"cut off in the header", file[:200], ErrNotPicture},
		{"without pixels", heicFile("heicmif1", heicItem{"hvc1", nil, nil, coded(t, file, ispe(480, 640)).properties}), ErrNotPicture},
		{"without a size", heicFile("heicmif1", coded(t, file)), ErrNotPicture},
		{"bomb", declared(50_000, 50_000), ErrTooManyPixels},
		{"bomb beyond counting", declared(math.MaxUint32, math.MaxUint32), ErrTooManyPixels},
		{"bomb by clap", heicFile("heicmif1", coded(t, file, ispe(480, 640), boxOf("clap", numbers(4, 50_000, 1, 50_000, 1, 0, 1, 0, 1)))), ErrTooManyPixels},
		{"grid of more than its tiles", heicFile("heicmif1",
			heicItem{"grid", append([]byte{0, 0, 255, 255}, numbers(2, 7000, 7000)...), []int{2}, [][]byte{ispe(7000, 7000)}},
			coded(t, file, ispe(480, 640))), ErrNotPicture},
		{"grid of itself", heicFile("heicmif1",
			heicItem{"grid", append([]byte{0, 0, 0, 0}, numbers(2, 480, 640)...), []int{1}, [][]byte{ispe(480, 640)}}), ErrNotPicture},
		{"AVIF", heicFile("avifmif1", coded(t, file, ispe(480, 640))), ErrFormat},
		{"film", heicFile("hevcmsf1", coded(t, file, ispe(480, 640))), ErrFormat},
		{"whole", file, nil},
		{"whole, of tiles", heicFile("heicmif1",
			heicItem{"grid", append([]byte{0, 0, 0, 0}, numbers(2, 480, 640)...), []int{2}, [][]byte{ispe(480, 640)}},
			coded(t, file, ispe(480, 640))), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := reader.Read(t.Context(), bytes.NewReader(test.data), Options{})
			if !errors.Is(err, test.want) || test.want == nil && err != nil {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
	if _, err := (Reader{}).Read(t.Context(), bytes.NewReader(file), Options{}); !errors.Is(err, ErrFormat) {
		t.Errorf("read by nobody: %v", err)
	}
}

// Whoever waits for a process that goes on and on hears of it, and it ends.
func TestHEICThatTakesForever(t *testing.T) {
	t.Parallel()
	reader := withHEIC(t)
	file := sample(t, "pattern.heic")
	forever := Reader{HEIC: heic.Program{Path: "/bin/sleep", Args: []string{"1000"}, Within: 50 * time.Millisecond}}
	if _, err := forever.Read(t.Context(), bytes.NewReader(file), Options{}); !errors.Is(err, ErrTooSlow) {
		t.Errorf("%v, want %v", err, ErrTooSlow)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := reader.Read(gone, bytes.NewReader(file), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("for nobody who waits: %v", err)
	}
	if _, err := reader.Read(t.Context(), bytes.NewReader(file), Options{}); err != nil {
		t.Errorf("for somebody with time: %v", err)
	}
}

// A process that cannot decode at all is no verdict on the picture.
func TestHEICWithoutItsProcess(t *testing.T) {
	t.Parallel()
	for name, program := range map[string]heic.Program{
		"not there":   {Path: filepath.Join(t.TempDir(), "none")},
		"says it all": {Path: "/bin/echo", Args: []string{strings.Repeat("Hej! ", 1000)}},
		"fails":       {Path: "/bin/false"},
	} {
		_, err := Reader{HEIC: program}.Read(t.Context(), bytes.NewReader(sample(t, "pattern.heic")), Options{})
		if !errors.Is(err, ErrDecoder) {
			t.Errorf("%s: %v, want %v", name, err, ErrDecoder)
		}
	}
}
