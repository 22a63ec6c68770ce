package photo

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"testing"
)

// pattern draws a picture of nobody: four corners of different colours with a soft slope from left to right, so that a picture that is
// turned, mirrored or cut shows it.
func pattern(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	// A line of each half is drawn, and the others are copies of it.
	for y := range height {
		line := img.Pix[y*img.Stride:][:img.Stride]
		if y != 0 && y != (height+1)/2 {
			copy(line, img.Pix[(y-1)*img.Stride:])
			continue
		}
		for x := range width {
			c := color.NRGBA{R: 40, G: 40, B: 40, A: 255}
			switch {
			case y == 0 && 2*x < width:
				c.R = 220
			case y == 0:
				c.G = 220
			case 2*x < width:
				c.B = 220
			default:
				c.R, c.G = 220, 220
			}
			c.B += uint8(30 * x / width)
			copy(line[4*x:], []uint8{c.R, c.G, c.B, c.A})
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is an EXIF block as a phone writes it: the orientation between other tags, and a directory with a place on Earth.
func exif(order binary.AppendByteOrder, start string, o int) []byte {
	b := order.AppendUint32([]byte(start), 8)
	b = order.AppendUint16(b, 3)
	for _, entry := range [][3]int{{0x0100, 4, 4000}, {0x0112, 3, o}, {0x8825, 4, 50}} {
		b = order.AppendUint16(b, uint16(entry[0]))
		b = order.AppendUint16(b, uint16(entry[1]))
		b = order.AppendUint32(b, 1)
		if entry[1] == 3 {
			b = order.AppendUint16(order.AppendUint16(b, uint16(entry[2])), 0)
		} else {
			b = order.AppendUint32(b, uint32(entry[2]))
		}
	}
	b = order.AppendUint32(b, 0)
	return append(b, "GPS 59.3293 N 18.0686 E"...)
}

func littleExif(o int) []byte { return exif(binary.LittleEndian, "II*\x00", o) }

// withSegment puts a segment behind the JPEG's start.
func withSegment(data []byte, marker byte, payload []byte) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2))
	return bytes.Join([][]byte{data[:2], segment, payload, data[2:]}, nil)
}

func withExif(data, block []byte) []byte {
	return withSegment(data, 0xe1, append([]byte("Exif\x00\x00"), block...))
}

func chunk(kind string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = append(append(b, kind...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunk puts a chunk behind the PNG's header.
func withChunk(data []byte, kind string, payload []byte) []byte {
	const afterHeader = 8 + 25
	return bytes.Join([][]byte{data[:afterHeader], chunk(kind, payload), data[afterHeader:]}, nil)
}

// pngHeader is a PNG that says how large it is and then has next to nothing.
func pngHeader(width, height uint32, depth, kind, interlaced byte) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	ihdr = append(ihdr, depth, kind, 0, 0, interlaced)
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", ihdr), chunk("IDAT", []byte("x\x9c")), chunk("IEND", nil)}, nil)
}

// declaring is a JPEG whose frame says another size than it has.
func declaring(data []byte, width, height uint16) []byte {
	data = bytes.Clone(data)
	at := bytes.Index(data, []byte{0xff, 0xc0, 0, 17})
	binary.BigEndian.PutUint16(data[at+5:], height)
	binary.BigEndian.PutUint16(data[at+7:], width)
	return data
}

// progressive is a JPEG whose frame says that it is progressive and that no component is subsampled.
func progressive(data []byte) []byte {
	data = bytes.Clone(data)
	at := bytes.Index(data, []byte{0xff, 0xc0, 0, 17})
	data[at+1], data[at+11] = 0xc2, 0x11
	return data
}

// cmyk makes a JPEG of four components of one colour by hand, because the encoder has none: every block says "as the one before".
func cmyk(width, height uint16) []byte {
	b := []byte("\xff\xd8")
	segment := func(marker byte, payload ...byte) {
		b = binary.BigEndian.AppendUint16(append(b, 0xff, marker), uint16(len(payload)+2))
		b = append(b, payload...)
	}
	segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	frame := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, height), width)
	segment(0xc0, append(frame, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)...)
	for table := range 2 { // one code, a single 0: no difference, end of block
		segment(0xc4, append([]byte{byte(table << 4), 1}, make([]byte, 16)...)...)
	}
	segment(0xda, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)
	blocks := (int(width) + 7) / 8 * ((int(height) + 7) / 8) * 4
	b = append(b, make([]byte, (2*blocks+7)/8)...)
	return append(b, 0xff, 0xd9)
}

// lossless is a WebP made by hand: its upper half has one colour and its lower half another, a bit a pixel.
func lossless(width, height int, pixels bool) []byte {
	var stream []byte
	used := 0
	put := func(value, bits int) {
		for i := range bits {
			if used%8 == 0 {
				stream = append(stream, 0)
			}
			stream[used/8] |= byte(value >> i & 1 << (used % 8))
			used++
		}
	}
	put(0x2f, 8)
	put(width-1, 14)
	put(height-1, 14)
	put(0, 1+3)   // no alpha, version
	put(0, 1+1+1) // no transform, no cache, one group of codes
	put(1|1<<1|1<<2, 3)
	put(40, 8) // green: 40 is the bit 0, 200 the bit 1
	put(200, 8)
	for _, only := range []int{90, 160, 255} { // red, blue, alpha
		put(1|0<<1|1<<2, 3)
		put(only, 8)
	}
	put(1|0<<1|0<<2, 3) // distance
	put(0, 1)
	if pixels {
		for y := range height {
			for range width {
				put(2*y/height, 1)
			}
		}
	}
	return stream
}

type riffChunk struct {
	kind    string
	payload []byte
}

func webP(chunks ...riffChunk) []byte {
	body := []byte("WEBP")
	for _, c := range chunks {
		body = binary.LittleEndian.AppendUint32(append(body, c.kind...), uint32(len(c.payload)))
		body = append(body, c.payload...)
		if len(c.payload)%2 == 1 {
			body = append(body, 0)
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// canvas is the chunk that says how large an extended WebP is, and that it has EXIF.
func canvas(width, height int) riffChunk {
	b := []byte{1 << 3, 0, 0, 0, byte(width - 1), byte((width - 1) >> 8), byte((width - 1) >> 16), byte(height - 1), byte((height - 1) >> 8), byte((height - 1) >> 16)}
	return riffChunk{"VP8X", b}
}

// storedAs is the picture stored so that it is upright when an orientation is applied, told as EXIF tells it: on which side of the
// upright picture the first row and the first column of the stored one lie.
func storedAs(upright *image.NRGBA, firstRow, firstColumn string) *image.NRGBA {
	width, height := upright.Rect.Dx(), upright.Rect.Dy()
	rows, columns := height, width
	if firstRow == "left" || firstRow == "right" {
		rows, columns = width, height
	}
	stored := image.NewNRGBA(image.Rect(0, 0, columns, rows))
	// away is how far the n-th row or column that begins at a side is from the upper left corner.
	away := func(side string, n int) image.Point {
		switch side {
		case "top":
			return image.Pt(0, n)
		case "bottom":
			return image.Pt(0, height-1-n)
		case "left":
			return image.Pt(n, 0)
		default:
			return image.Pt(width-1-n, 0)
		}
	}
	for row := range rows {
		fromRow := away(firstRow, row)
		for column := range columns {
			from := fromRow.Add(away(firstColumn, column))
			stored.SetNRGBA(column, row, upright.NRGBAAt(from.X, from.Y))
		}
	}
	return stored
}

func on(model draw.Image, src image.Image) draw.Image {
	draw.Draw(model, model.Bounds(), src, image.Point{}, draw.Src)
	return model
}
