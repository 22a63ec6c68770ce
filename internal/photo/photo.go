// Package photo makes of what somebody uploads the picture that is kept: freshly encoded, upright, of the card's format, and
// without anything that the file said besides its pixels. It judges files, not faces: whether a photo shows the person is the
// issuer's to see. Where pictures are kept, who may see them and for how long is left to others.
package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"kortportal/internal/heic"
)

var (
	// ErrNotPicture: no picture by its content, whatever its name, or one that is cut off or damaged.
	ErrNotPicture = errors.New("photo: not a picture")
	// ErrFormat: a picture, but of a kind that is not read here: AVIF, GIF, TIFF or BMP. It can be saved as JPEG.
	ErrFormat = errors.New("photo: a picture of another format")
	// ErrTooLarge: more than MaxBytes.
	ErrTooLarge = errors.New("photo: too many bytes")
	// ErrTooManyPixels: decoding it would take more than a server has to spare. It is judged by what the file declares, before
	// anything is decoded.
	ErrTooManyPixels = errors.New("photo: too many pixels")
	// ErrTooSlow: decoding it takes longer than somebody waits. It can be saved as JPEG.
	ErrTooSlow = errors.New("photo: takes too long")
	// ErrDecoder: nothing is known of the picture, because the process that decodes HEIC does not do what it should.
	ErrDecoder = errors.New("photo: the decoder does not work")
	// ErrTooSmall: too few pixels for the card, in the picture or in what the crop leaves of it.
	ErrTooSmall = errors.New("photo: too few pixels")
	// ErrShape: wider than high, or a strip, when seen upright.
	ErrShape = errors.New("photo: not of a portrait's shape")
	// ErrCrop: the rectangle does not lie in the picture.
	ErrCrop = errors.New("photo: the crop is outside the picture")
)

// MaxBytes is how large an upload may be. A phone's 20 megapixels are 5 to 12 MB.
const MaxBytes = 20 << 20

const (
	maxPixels = 50_000_000
	// maxMemory is for one decoded picture. 50 megapixels of a camera fit, and 20 of anything: of interlaced 16-bit PNG, of
	// progressive JPEG.
	maxMemory = 384 << 20
	// maxScans is ten times what encoders write. Each scan of a progressive JPEG goes over the whole picture, and may be a few bytes.
	maxScans = 100

	quality = 88
)

// A Photo is the picture of a person for a card, as JPEG without metadata.
type Photo struct {
	Card    []byte // 630 × 810: the card's 35 × 45 mm
	Preview []byte // 140 × 180
}

// Options are what the one who uploads may choose.
type Options struct {
	// Crop is the part of the picture that goes on the card. The zero Crop takes as much as fits, from the middle and
	// rather the upper part, where a face is.
	Crop Crop
}

// Crop is a rectangle in fractions of the upright picture. Of one that is not of the card's format the middle is taken.
type Crop struct {
	X, Y, Width, Height float64
}

// turns bounds how many pictures are decoded at a time, in the whole process: each may take maxMemory.
var turns = make(chan struct{}, 2)

// Reader reads uploads. The zero Reader reads JPEG, PNG and WebP.
type Reader struct {
	// HEIC decodes HEIC; where there is none, that is ErrFormat.
	HEIC heic.Program
}

// Read makes a card's photo of an upload. Its errors are the sentinels of this package, and those of r and ctx. It may
// wait for others to be done.
func (d Reader) Read(ctx context.Context, r io.Reader, o Options) (Photo, error) {
	data, h, err := d.open(ctx, r)
	if err != nil {
		return Photo{}, err
	}
	width, height := h.orientation.size(h.width, h.height)
	if width > height || 2*height > 5*width {
		return Photo{}, ErrShape
	}
	part, err := o.Crop.part(width, height)
	if err != nil {
		return Photo{}, err
	}

	if err := takeTurn(ctx); err != nil {
		return Photo{}, err
	}
	defer func() { <-turns }()
	small, err := decode(data, h, part)
	if err != nil {
		return Photo{}, err
	}
	card := scale(small, 7*cardUnit, 9*cardUnit)
	preview := scale(card, 7*previewUnit, 9*previewUnit)
	var p Photo
	if p.Card, err = encode(card); err != nil {
		return Photo{}, err
	}
	p.Preview, err = encode(preview)
	return p, err
}

// ReadClaimPicture makes a JPEG without metadata of a picture that goes with a claim: all of it, of any shape, at most 1600
// pixels on its long side. Otherwise it is as Read, without ErrTooSmall, ErrShape and ErrCrop.
func (d Reader) ReadClaimPicture(ctx context.Context, r io.Reader) ([]byte, error) {
	data, h, err := d.open(ctx, r)
	if err != nil {
		return nil, err
	}
	width, height := h.orientation.size(h.width, h.height)

	if err := takeTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-turns }()
	small, err := decode(data, h, whole(width, height))
	if err != nil {
		return nil, err
	}
	if long := max(width, height); long > claimSide {
		small = scale(small, max(1, width*claimSide/long), max(1, height*claimSide/long))
	}
	return encode(small)
}

// takeTurn waits until a picture may be decoded, or nobody waits for it any more.
func takeTurn(ctx context.Context) error {
	select {
	case turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("photo: %w", ctx.Err())
	}
}

// open reads an upload and judges what can be judged without decoding it.
func (d Reader) open(ctx context.Context, r io.Reader) ([]byte, header, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, header{}, fmt.Errorf("photo: read the upload: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, header{}, ErrTooLarge
	}
	h, err := readHeader(data)
	if err != nil {
		return nil, header{}, err
	}
	if h.width < 1 || h.height < 1 {
		return nil, header{}, ErrNotPicture
	}
	if h.width > maxPixels/h.height || h.memory > maxMemory {
		return nil, header{}, ErrTooManyPixels
	}
	if h.decode == nil {
		if d.HEIC.Path == "" {
			return nil, header{}, ErrFormat
		}
		h.decode = func(data []byte) (image.Image, error) {
			img, err := d.HEIC.Decode(ctx, data, h.width, h.height)
			switch {
			case errors.Is(err, heic.ErrDamaged):
				err = ErrNotPicture
			case errors.Is(err, heic.ErrTooSlow):
				err = ErrTooSlow
			case err != nil && ctx.Err() != nil: // it was ended, because nobody waits any more
				err = fmt.Errorf("photo: %w", ctx.Err())
			case err != nil: // without what it wraps: errors of the system look like those of a network
				err = fmt.Errorf("%w: %s", ErrDecoder, err.Error())
			}
			return img, err
		}
	}
	return data, h, nil
}

// decode returns a part of the picture, shrunk and upright. The decoded picture itself is garbage when it returns.
func decode(data []byte, h header, p part) (*image.RGBA, error) {
	img, err := h.decode(data)
	if err != nil {
		return nil, err
	}
	if img.Bounds().Dx() != h.width || img.Bounds().Dy() != h.height {
		return nil, ErrNotPicture
	}
	stored := h.orientation.stored(p.Rectangle, h.width, h.height).Add(img.Bounds().Min)
	return h.orientation.upright(shrink(img, stored, p.factor)), nil
}

func encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("photo: encode: %w", err)
	}
	return b.Bytes(), nil
}
