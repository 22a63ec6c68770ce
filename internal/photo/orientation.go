package photo

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how the stored picture has to be turned to be upright, by the numbers of EXIF. Of all that EXIF holds it is
// the only thing that is read.
type orientation int

const (
	asStored orientation = iota + 1
	mirrored
	halfTurned
	flipped
	transposed
	turnRight
	transversed
	turnLeft
)

// readOrientation finds the orientation in an EXIF block (a TIFF header and its first directory). What it cannot read is
// as stored.
func readOrientation(exif []byte) orientation {
	const tag, short = 0x0112, 3
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if len(exif) < 8 {
		return asStored
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return asStored
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return asStored
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			if o := orientation(order.Uint16(entries[8:])); o >= asStored && o <= turnLeft {
				return o
			}
			break
		}
		entries = entries[12:]
	}
	return asStored
}

// size is that of the upright picture.
func (o orientation) size(width, height int) (int, int) {
	if o >= transposed {
		return height, width
	}
	return width, height
}

// place is where the pixel x, y of the upright picture stands in the stored one of that size.
func (o orientation) place(x, y, width, height int) (int, int) {
	right, bottom := width-1, height-1
	switch o {
	case mirrored:
		return right - x, y
	case halfTurned:
		return right - x, bottom - y
	case flipped:
		return x, bottom - y
	case transposed:
		return y, x
	case turnRight:
		return y, bottom - x
	case transversed:
		return right - y, bottom - x
	case turnLeft:
		return right - y, x
	default:
		return x, y
	}
}

// stored is where a rectangle of the upright picture stands in the stored one of that size.
func (o orientation) stored(r image.Rectangle, width, height int) image.Rectangle {
	x0, y0 := o.place(r.Min.X, r.Min.Y, width, height)
	x1, y1 := o.place(r.Max.X-1, r.Max.Y-1, width, height)
	return image.Rect(min(x0, x1), min(y0, y1), max(x0, x1)+1, max(y0, y1)+1)
}

// upright turns a picture.
func (o orientation) upright(src *image.RGBA) *image.RGBA {
	if o == asStored {
		return src
	}
	width, height := src.Rect.Dx(), src.Rect.Dy()
	uprightWidth, uprightHeight := o.size(width, height)
	dst := image.NewRGBA(image.Rect(0, 0, uprightWidth, uprightHeight))
	for y := range uprightHeight {
		for x := range uprightWidth {
			fromX, fromY := o.place(x, y, width, height)
			from := src.PixOffset(fromX, fromY)
			copy(dst.Pix[dst.PixOffset(x, y):], src.Pix[from:from+4])
		}
	}
	return dst
}
