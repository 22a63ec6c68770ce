package photo

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

func read(t *testing.T, data []byte, o Options) Photo {
	t.Helper()
	p, err := Reader{}.Read(t.Context(), bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func readClaim(t *testing.T, data []byte) []byte {
	t.Helper()
	claim, err := Reader{}.ReadClaimPicture(t.Context(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// near compares a pixel, at a fraction of the picture, with what it should be but for what JPEG loses.
func near(t *testing.T, img image.Image, x, y float64, want color.Color) {
	t.Helper()
	at := img.Bounds().Min.Add(image.Pt(int(x*float64(img.Bounds().Dx())), int(y*float64(img.Bounds().Dy()))))
	if d := distance(img.At(at.X, at.Y), want); d > 10 {
		t.Errorf("at %v: %v, want %v", at, img.At(at.X, at.Y), want)
	}
}

// distance is the largest difference of a channel, of 255.
func distance(a, b color.Color) int {
	r, g, bl, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	return max(abs(int(r)-int(r2)), abs(int(g)-int(g2)), abs(int(bl)-int(b2))) >> 8
}

func abs(n int) int { return max(n, -n) }

func TestReadMakesTheCardsFormat(t *testing.T) {
	for _, size := range [][2]int{{240, 308}, {630, 810}, {631, 811}, {1000, 1000}, {1291, 1931}} {
		p := read(t, asPNG(t, pattern(size[0], size[1])), Options{})
		if got := decoded(t, p.Card).Bounds(); got != image.Rect(0, 0, 630, 810) {
			t.Errorf("card of %v: %v", size, got)
		}
		if got := decoded(t, p.Preview).Bounds(); got != image.Rect(0, 0, 140, 180) {
			t.Errorf("preview of %v: %v", size, got)
		}
		if len(p.Card) > 100<<10 || len(p.Preview) > 10<<10 {
			t.Errorf("%v: card of %d bytes, preview of %d", size, len(p.Card), len(p.Preview))
		}
	}
}

// A picture that has the card's size already comes out pixel for pixel, but for JPEG's loss; one twice as large comes out
// the same.
func TestReadKeepsThePixels(t *testing.T) {
	want := pattern(630, 810)
	large := image.NewNRGBA(image.Rect(0, 0, 2*630, 2*810))
	for y := range 4 * 810 {
		for x := range 4 * 630 {
			large.SetNRGBA(x, y, want.NRGBAAt(x/2, y/2))
		}
	}
	kept := asDecoded(t, want)
	for name, img := range map[string]image.Image{"same": want, "twice": large} {
		if worst := furthest(decoded(t, read(t, asPNG(t, img), Options{}).Card), kept); worst != 0 {
			t.Errorf("%s: a pixel is %d off", name, worst)
		}
	}
}

// asDecoded is what of a picture is left by encoding it as the package does.
func asDecoded(t *testing.T, img image.Image) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, on(image.NewRGBA(img.Bounds()), img), &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return decoded(t, b.Bytes())
}

// furthest is the largest distance of two pictures' pixels.
func furthest(a, b image.Image) int {
	if a.Bounds() != b.Bounds() {
		return math.MaxInt
	}
	worst := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			worst = max(worst, distance(a.At(x, y), b.At(x, y)))
		}
	}
	return worst
}

func orientations() [8][2]string {
	return [8][2]string{
		{"top", "left"}, {"top", "right"}, {"bottom", "right"}, {"bottom", "left"},
		{"left", "top"}, {"right", "top"}, {"right", "bottom"}, {"left", "bottom"},
	}
}

// PNG loses nothing, so the same pixels give the same file. The picture is of no round size, so that a pixel lost on the wrong
// side shows.
func TestReadTurnsAllOrientationsUpright(t *testing.T) {
	upright := pattern(653, 851)
	o := Options{Crop: Crop{X: 0.01, Y: 0.03, Width: 0.98, Height: 0.95}}
	want := read(t, asPNG(t, upright), o)
	claim := pattern(201, 1703)
	wantClaim := readClaim(t, asPNG(t, claim))
	for i, sides := range orientations() {
		stored := withChunk(asPNG(t, storedAs(upright, sides[0], sides[1])), "eXIf", littleExif(i+1))
		if got := read(t, stored, o); !bytes.Equal(got.Card, want.Card) || !bytes.Equal(got.Preview, want.Preview) {
			t.Errorf("%d: not the upright picture", i+1)
		}
		stored = withChunk(asPNG(t, storedAs(claim, sides[0], sides[1])), "eXIf", littleExif(i+1))
		if !bytes.Equal(readClaim(t, stored), wantClaim) {
			t.Errorf("%d: for a claim: not the upright picture", i+1)
		}
	}
}

// A JPEG keeps its blocks of 16 pixels when it is turned, if its sides are multiples of them; then it loses the same.
func TestReadTurnsJPEGsUpright(t *testing.T) {
	upright := pattern(640, 832)
	want := decoded(t, read(t, asJPEG(t, upright), Options{}).Preview)
	for i, sides := range orientations() {
		stored := asJPEG(t, storedAs(upright, sides[0], sides[1]))
		block := littleExif(i + 1)
		if i%2 == 1 {
			block = exif(binary.BigEndian, "MM\x00*", i+1)
		}
		got := decoded(t, read(t, withExif(stored, block), Options{}).Preview)
		if worst := furthest(got, want); worst > 16 {
			t.Errorf("%d: a pixel is %d off", i+1, worst)
		}
	}
}

func TestStoredPictureWithoutItsOrientationIsRefused(t *testing.T) {
	data := asJPEG(t, storedAs(pattern(600, 800), "right", "top"))
	if _, err := (Reader{}).Read(t.Context(), bytes.NewReader(data), Options{}); !errors.Is(err, ErrShape) {
		t.Errorf("without EXIF: %v, want ErrShape", err)
	}
	read(t, withExif(data, littleExif(6)), Options{})
}

func TestDamagedExifIsAsStored(t *testing.T) {
	good := littleExif(6)
	if got := readOrientation(good); got != turnRight {
		t.Errorf("%q: %d, want %d", good, got, turnRight)
	}
	endless, beyond, otherType := bytes.Clone(good), bytes.Clone(good), bytes.Clone(good)
	binary.LittleEndian.PutUint32(endless[4:], math.MaxUint32)
	binary.LittleEndian.PutUint32(beyond[4:], uint32(len(good)-1))
	otherType[8+2+12+2] = 4
	damaged := [][]byte{littleExif(0), littleExif(9), endless, beyond, otherType, exif(binary.LittleEndian, "II+\x00", 6)}
	for n := range 8 + 2 + 2*12 {
		damaged = append(damaged, good[:n])
	}
	for _, block := range damaged {
		if got := readOrientation(block); got != asStored {
			t.Errorf("%q: %d, want as stored", block, got)
		}
	}
	read(t, withExif(asJPEG(t, pattern(600, 800)), endless), Options{})
}

func TestReadReadsEveryKind(t *testing.T) {
	p := pattern(630, 810)
	gray := color.Gray{Y: 110}
	half := image.NewNRGBA(p.Rect)
	for i := range half.Pix {
		half.Pix[i] = 128
	}
	paletted := image.NewPaletted(p.Rect, color.Palette{color.NRGBA{R: 200, A: 255}, color.NRGBA{}})
	for i := range paletted.Pix {
		paletted.Pix[i] = uint8(2 * (i / paletted.Stride) / 810)
	}
	for _, test := range []struct {
		name         string
		data         []byte
		above, below color.Color
	}{
		{"JPEG", asJPEG(t, p), color.NRGBA{R: 220, G: 40, B: 43, A: 255}, color.NRGBA{R: 40, G: 40, B: 223, A: 255}},
		{"gray JPEG", asJPEG(t, on(image.NewGray(p.Rect), image.NewUniform(gray))), gray, gray},
		{"CMYK JPEG", cmyk(630, 810), color.Gray{Y: 64}, color.Gray{Y: 64}},
		{"PNG", asPNG(t, p), color.NRGBA{R: 220, G: 40, B: 43, A: 255}, color.NRGBA{R: 40, G: 40, B: 223, A: 255}},
		{"gray PNG", asPNG(t, on(image.NewGray(p.Rect), image.NewUniform(gray))), gray, gray},
		{"16-bit gray PNG", asPNG(t, on(image.NewGray16(p.Rect), image.NewUniform(gray))), gray, gray},
		{"16-bit PNG", asPNG(t, on(image.NewNRGBA64(p.Rect), p)), color.NRGBA{R: 220, G: 40, B: 43, A: 255}, color.NRGBA{R: 40, G: 40, B: 223, A: 255}},
		{"PNG seen through", asPNG(t, half), color.Gray{Y: 191}, color.Gray{Y: 191}},
		{"empty PNG", asPNG(t, image.NewNRGBA(p.Rect)), color.White, color.White},
		{"palette PNG with a hole", asPNG(t, paletted), color.NRGBA{R: 200, A: 255}, color.White},
		{"animated PNG", withChunk(asPNG(t, p), "acTL", []byte{0, 0, 0, 9, 0, 0, 0, 0}), color.NRGBA{R: 220, G: 40, B: 43, A: 255}, color.NRGBA{R: 40, G: 40, B: 223, A: 255}},
		{"WebP", webP(riffChunk{"VP8L", lossless(630, 810, true)}), color.NRGBA{R: 90, G: 40, B: 160, A: 255}, color.NRGBA{R: 90, G: 200, B: 160, A: 255}},
		{
			"WebP upside down", webP(canvas(630, 810), riffChunk{"VP8L", lossless(630, 810, true)}, riffChunk{"EXIF", littleExif(3)}),
			color.NRGBA{R: 90, G: 200, B: 160, A: 255}, color.NRGBA{R: 90, G: 40, B: 160, A: 255},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := read(t, test.data, Options{})
			for _, img := range []image.Image{decoded(t, p.Card), decoded(t, p.Preview)} {
				near(t, img, 0.1, 0.1, test.above)
				near(t, img, 0.1, 0.9, test.below)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	jpg, png := asJPEG(t, pattern(630, 810)), asPNG(t, pattern(630, 810))
	var moving bytes.Buffer
	if err := gif.Encode(&moving, pattern(630, 810), nil); err != nil {
		t.Fatal(err)
	}
	scan := jpg[bytes.Index(jpg, []byte{0xff, 0xda}):]
	for _, test := range []struct {
		name string
		data []byte
		want error // nil: the twin that is read
	}{
		{"nothing", nil, ErrNotPicture},
		{"text named .jpg", []byte("Hej! Det här är inget foto.\n"), ErrNotPicture},
		{"HTML", []byte("<!doctype html><script>alert(1)</script>"), ErrNotPicture},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), ErrNotPicture},
		{"PDF", []byte("%PDF-1.7\n"), ErrNotPicture},
		{"text that starts as JPEG", append([]byte("\xff\xd8\xff"), "Hej! Det här är inget foto."...), ErrNotPicture},
		{"text that starts as PNG", append([]byte("\x89PNG\r\n\x1a\n"), "Hej! Det här är inget foto, hur man än ser på det."...), ErrNotPicture},
		{"text that starts as WebP", []byte("RIFF\x20\x00\x00\x00WEBPHej! Det här är inget foto."), ErrNotPicture},
		{"zip", archive(t), ErrNotPicture},
		{"zip, then JPEG", append(archive(t), jpg...), ErrNotPicture},
		{"JPEG, then zip", append(bytes.Clone(jpg), archive(t)...), nil},
		{"GIF", moving.Bytes(), ErrFormat},
		{"HEIC of a header", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), ErrNotPicture},
		{"AVIF", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), ErrFormat},
		{"video", []byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42"), ErrNotPicture},
		{"moving WebP", webP(canvas(630, 810), riffChunk{"ANIM", make([]byte, 6)}, riffChunk{"ANMF", lossless(630, 810, true)}), ErrNotPicture},
		{"JPEG cut off", jpg[:len(jpg)-len(scan)/2], ErrNotPicture},
		{"JPEG of a header", jpg[:len(jpg)-len(scan)], ErrNotPicture},
		{"JPEG", jpg, nil},
		{"PNG cut off", png[:len(png)/2], ErrNotPicture},
		{"PNG", png, nil},
		{"JPEG with a second frame", withSegment(jpg, 0xc0, jpg[bytes.Index(jpg, []byte{0xff, 0xc0})+4:][:15]), ErrNotPicture},
		{"too many bytes", append(bytes.Clone(jpg), make([]byte, MaxBytes+1-len(jpg))...), ErrTooLarge},
		{"as many bytes as may be", append(bytes.Clone(jpg), make([]byte, MaxBytes-len(jpg))...), nil},
		{"PNG bomb", pngHeader(50_000, 50_000, 8, 2, 0), ErrTooManyPixels},
		{"PNG bomb beyond counting", pngHeader(math.MaxInt32, math.MaxInt32, 16, 6, 0), ErrTooManyPixels},
		{"PNG bomb beyond all", pngHeader(math.MaxUint32, math.MaxUint32, 16, 6, 0), ErrTooManyPixels},
		{"interlaced PNG of 16 bits, 49 megapixels", pngHeader(7000, 7000, 16, 6, 1), ErrTooManyPixels},
		{"PNG of 8 bits, 49 megapixels, and none of them there", pngHeader(7000, 7000, 8, 6, 0), ErrNotPicture},
		{"PNG of none", pngHeader(0, 0, 8, 2, 0), ErrNotPicture},
		{"JPEG bomb", declaring(jpg, 65500, 65500), ErrTooManyPixels},
		{"progressive JPEG of 48 megapixels", progressive(declaring(jpg, 6000, 8000)), ErrTooManyPixels},
		{"JPEG of 48 megapixels, and few of them there", declaring(jpg, 6000, 8000), ErrNotPicture},
		{"WebP bomb", webP(riffChunk{"VP8L", lossless(16384, 16384, false)}), ErrTooManyPixels},
		{"WebP bomb in a small frame", webP(canvas(630, 810), riffChunk{"VP8L", lossless(16384, 16384, false)}), ErrNotPicture},
		{"too small", asPNG(t, pattern(237, 400)), ErrTooSmall},
		{"too low", asPNG(t, pattern(300, 305)), ErrTooSmall},
		{"just large enough", asPNG(t, pattern(238, 306)), nil},
		{"landscape", asPNG(t, pattern(801, 800)), ErrShape},
		{"square", asPNG(t, pattern(800, 800)), nil},
		{"strip", asPNG(t, pattern(400, 1001)), ErrShape},
		{"high", asPNG(t, pattern(400, 1000)), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := Reader{}.Read(t.Context(), bytes.NewReader(test.data), Options{})
			if !errors.Is(err, test.want) || test.want == nil && err != nil {
				t.Fatalf("%v, want %v", err, test.want)
			}
			if (err == nil) != (len(p.Card) > 0) {
				t.Errorf("%v and a card of %d bytes", err, len(p.Card))
			}
			_, err = Reader{}.ReadClaimPicture(t.Context(), bytes.NewReader(test.data))
			want := test.want
			if errors.Is(want, ErrTooSmall) || errors.Is(want, ErrShape) {
				want = nil
			}
			if !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("for a claim: %v, want %v", err, want)
			}
		})
	}
}

func archive(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("run.sh")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "#!/bin/sh\n"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A bomb is refused for less memory than a small picture takes.
func TestBombsAllocateNothing(t *testing.T) {
	jpg := asJPEG(t, pattern(630, 810))
	for name, data := range map[string][]byte{
		"PNG": pngHeader(50_000, 50_000, 16, 6, 0), "JPEG": declaring(jpg, 65500, 65500),
		"WebP":           webP(riffChunk{"VP8L", lossless(16384, 16384, false)}),
		"WebP in a WebP": webP(canvas(630, 810), riffChunk{"VP8L", lossless(16384, 16384, false)}),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Reader{}.Read(t.Context(), bytes.NewReader(data), Options{})
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: read", name)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
			t.Errorf("%s: refused after %d bytes", name, got)
		}
	}
}

// A scan may be a few bytes and go over the whole picture.
func TestScansAreCounted(t *testing.T) {
	jpg := asJPEG(t, pattern(630, 810))
	at := bytes.Index(jpg, []byte{0xff, 0xda})
	scan := jpg[at : len(jpg)-2]
	for _, test := range []struct {
		scans int
		want  error
	}{{3, nil}, {maxScans, nil}, {maxScans + 1, ErrNotPicture}} {
		data := append(bytes.Clone(jpg[:at]), bytes.Repeat(scan, test.scans)...)
		data = append(data, 0xff, 0xd9)
		if _, err := readHeader(data); !errors.Is(err, test.want) {
			t.Errorf("%d scans: %v, want %v", test.scans, err, test.want)
		}
		// What stands in another segment is no scan.
		hidden := withSegment(jpg, 0xfe, bytes.Repeat([]byte{0xff, 0xda, 0, 2}, test.scans))
		if _, err := readHeader(hidden); err != nil {
			t.Errorf("%d scans in a comment: %v", test.scans, err)
		}
	}
}

func TestBrokenUploadIsNoVerdict(t *testing.T) {
	broken := errors.New("connection reset")
	_, err := Reader{}.Read(t.Context(), io.MultiReader(strings.NewReader("\xff\xd8\xff"), iotest.ErrReader(broken)), Options{})
	if !errors.Is(err, broken) || errors.Is(err, ErrNotPicture) {
		t.Errorf("%v, want the reader's error", err)
	}
}

func TestNoMetadataIsLeft(t *testing.T) {
	data := asJPEG(t, pattern(630, 810))
	data = withSegment(data, 0xfe, []byte("comment: home of the photographer"))
	data = withSegment(data, 0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), make([]byte, 500)...))
	data = withSegment(data, 0xed, []byte("Photoshop 3.0\x008BIM IPTC"))
	data = withSegment(data, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>"))
	data = withExif(data, littleExif(1))
	data = append(data, archive(t)...)
	picture := withChunk(withChunk(asPNG(t, pattern(630, 810)), "eXIf", littleExif(1)), "tEXt", []byte("comment\x00home of the photographer"))
	for _, upload := range [][]byte{data, picture} {
		p := read(t, upload, Options{})
		for _, kept := range [][]byte{p.Card, p.Preview, readClaim(t, upload)} {
			for _, word := range []string{"Exif", "GPS", "ICC_PROFILE", "8BIM", "xmp", "comment", "59.3293", "II*\x00", "MM\x00*", "PK\x03\x04", "JFIF"} {
				if bytes.Contains(kept, []byte(word)) {
					t.Errorf("%q is left", word)
				}
			}
			if got := markers(t, kept); got != "d8 db c0 c4 da d9" {
				t.Errorf("segments %s", got)
			}
		}
	}
}

// markers are those of a JPEG, from its start to its end.
func markers(t *testing.T, data []byte) string {
	t.Helper()
	found := []string{fmt.Sprintf("%x", data[1])}
	i := 2
	for data[i] == 0xff && data[i+1] != 0xda {
		found = append(found, fmt.Sprintf("%x", data[i+1]))
		i += 2 + int(binary.BigEndian.Uint16(data[i+2:]))
	}
	found = append(found, fmt.Sprintf("%x", data[i+1]))
	end := bytes.Index(data, []byte{0xff, 0xd9})
	if end != len(data)-2 {
		t.Errorf("%d bytes after the picture's end", len(data)-2-end)
	}
	return strings.Join(append(found, fmt.Sprintf("%x", data[end+1])), " ")
}

func TestCrop(t *testing.T) {
	for _, test := range []struct {
		name          string
		crop          Crop
		width, height int
		want          image.Rectangle
	}{
		{"none", Crop{}, 630, 810, image.Rect(0, 0, 630, 810)},
		{"none, wide", Crop{}, 900, 900, image.Rect(100, 0, 800, 900)},
		{"none, high: a quarter of what is too much goes from above", Crop{}, 700, 1500, image.Rect(0, 150, 700, 1050)},
		{"all", Crop{Width: 1, Height: 1}, 900, 900, image.Rect(100, 0, 800, 900)},
		{"of the format", Crop{X: 0.25, Y: 0.1, Width: 0.5, Height: 0.5}, 1400, 1800, image.Rect(350, 180, 1050, 1080)},
		{"of another: its middle", Crop{Y: 0.5, Width: 1, Height: 0.5}, 1000, 1800, image.Rect(150, 900, 850, 1800)},
		{"rounded by the browser", Crop{X: 0.1, Width: 0.9000001, Height: 1}, 1000, 900, image.Rect(200, 0, 900, 900)},
	} {
		got, err := test.crop.part(test.width, test.height)
		if err != nil || got.Rectangle != test.want {
			t.Errorf("%s: %v, %v; want %v", test.name, got, err, test.want)
		}
	}
	for _, crop := range []Crop{
		{X: -0.1, Width: 0.5, Height: 0.5}, {Y: -0.1, Width: 0.5, Height: 0.5}, {X: 0.6, Width: 0.5, Height: 0.5},
		{Y: 0.6, Width: 0.5, Height: 0.5}, {Width: 0, Height: 1}, {Width: 1, Height: -1}, {Width: 1.1, Height: 1},
		{X: math.NaN(), Width: 0.5, Height: 0.5}, {Width: math.NaN(), Height: 0.5}, {Width: math.Inf(1), Height: 1},
	} {
		if _, err := crop.part(1000, 1000); !errors.Is(err, ErrCrop) {
			t.Errorf("%v: %v, want ErrCrop", crop, err)
		}
	}
	if _, err := (Crop{Width: 0.2, Height: 0.2}).part(1000, 1000); !errors.Is(err, ErrTooSmall) {
		t.Errorf("a corner of a picture: %v, want ErrTooSmall", err)
	}
}

func TestReadTakesTheCrop(t *testing.T) {
	data := asPNG(t, pattern(700, 900))
	for _, test := range []struct {
		crop Crop
		want color.NRGBA
	}{
		{Crop{Width: 0.5, Height: 0.5}, color.NRGBA{R: 220, G: 40, B: 47, A: 255}},
		{Crop{X: 0.5, Width: 0.5, Height: 0.5}, color.NRGBA{R: 40, G: 220, B: 62, A: 255}},
		{Crop{Y: 0.5, Width: 0.5, Height: 0.5}, color.NRGBA{R: 40, G: 40, B: 227, A: 255}},
		{Crop{X: 0.5, Y: 0.5, Width: 0.5, Height: 0.5}, color.NRGBA{R: 220, G: 220, B: 62, A: 255}},
	} {
		near(t, decoded(t, read(t, data, Options{Crop: test.crop}).Card), 0.5, 0.5, test.want)
	}
}

func TestReadClaimPictureKeepsTheShape(t *testing.T) {
	for _, test := range []struct{ width, height, wantWidth, wantHeight int }{
		{1, 1, 1, 1}, {300, 200, 300, 200}, {1600, 300, 1600, 300}, {1601, 1200, 1600, 1199}, {2001, 3301, 969, 1600}, {20_000, 3, 1600, 1},
	} {
		data, err := Reader{}.ReadClaimPicture(t.Context(), bytes.NewReader(asPNG(t, pattern(test.width, test.height))))
		if err != nil {
			t.Errorf("%d × %d: %v", test.width, test.height, err)
			continue
		}
		if got := decoded(t, data).Bounds(); got != image.Rect(0, 0, test.wantWidth, test.wantHeight) {
			t.Errorf("%d × %d became %v, want %d × %d", test.width, test.height, got, test.wantWidth, test.wantHeight)
		}
	}
}

// While two pictures are decoded a third waits, already read, so that a slow sender keeps nobody from decoding.
func TestTwoAreDecodedAtATime(t *testing.T) {
	data := asPNG(t, pattern(238, 306))
	synctest.Test(t, func(t *testing.T) {
		defer func(before chan struct{}) { turns = before }(turns)
		turns = make(chan struct{}, cap(turns))
		turns <- struct{}{}
		turns <- struct{}{}
		var results []error
		upload := bytes.NewReader(data)
		go func() {
			_, err := Reader{}.Read(t.Context(), upload, Options{})
			results = append(results, err)
			_, err = Reader{}.ReadClaimPicture(t.Context(), bytes.NewReader(data))
			results = append(results, err)
			// A damaged one gives its turn back too.
			_, err = Reader{}.Read(t.Context(), bytes.NewReader(data[:len(data)/2]), Options{})
			results = append(results, err)
		}()
		synctest.Wait()
		if len(results) != 0 || upload.Len() != 0 {
			t.Errorf("%d results, %d bytes left to read; want none of either", len(results), upload.Len())
		}
		<-turns
		synctest.Wait()
		if len(results) != 3 || results[0] != nil || results[1] != nil || !errors.Is(results[2], ErrNotPicture) {
			t.Errorf("with a turn free: %v", results)
		}
		if len(turns) != 1 {
			t.Errorf("%d turns taken, want the one of this test", len(turns))
		}
	})
}

func FuzzRead(f *testing.F) {
	p := pattern(240, 310)
	jpg, png := asJPEG(f, p), asPNG(f, p)
	f.Add([]byte("Hej!"))
	f.Add(jpg)
	f.Add(jpg[:len(jpg)/2])
	f.Add(withExif(jpg, littleExif(6)))
	f.Add(withExif(asJPEG(f, pattern(310, 240)), exif(binary.BigEndian, "MM\x00*", 8)))
	f.Add(declaring(jpg, 65500, 65500))
	f.Add(cmyk(240, 310))
	f.Add(png)
	f.Add(withChunk(png, "eXIf", littleExif(3)))
	f.Add(pngHeader(math.MaxInt32, math.MaxInt32, 16, 6, 0))
	f.Add(webP(riffChunk{"VP8L", lossless(240, 310, true)}))
	f.Add(webP(canvas(310, 240), riffChunk{"VP8L", lossless(310, 240, true)}, riffChunk{"EXIF", littleExif(6)}))
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Reader{}.Read(t.Context(), bytes.NewReader(data), Options{})
		claim, claimErr := Reader{}.ReadClaimPicture(t.Context(), bytes.NewReader(data))
		if err == nil && claimErr != nil {
			t.Errorf("good for a card and not for a claim: %v", claimErr)
		}
		for _, err := range []error{err, claimErr} {
			if err != nil && !isVerdict(err) {
				t.Errorf("an error of no name: %v", err)
			}
		}
		for kept, err := range map[*[]byte]error{&p.Card: err, &p.Preview: err, &claim: claimErr} {
			if err == nil {
				markers(t, *kept)
				decoded(t, *kept)
			}
		}
	})
}

func isVerdict(err error) bool {
	for _, verdict := range []error{ErrNotPicture, ErrFormat, ErrTooLarge, ErrTooManyPixels, ErrTooSlow, ErrTooSmall, ErrShape, ErrCrop} {
		if errors.Is(err, verdict) {
			return true
		}
	}
	return false
}

// A phone's 20 megapixels, on its side.
func BenchmarkRead20Megapixels(b *testing.B) {
	data := withExif(asJPEG(b, pattern(5160, 3870)), littleExif(6))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Reader{}).Read(b.Context(), bytes.NewReader(data), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
