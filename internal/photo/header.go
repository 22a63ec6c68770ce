package photo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"golang.org/x/image/webp"
)

// header is what a file declares of its picture, read without decoding it.
type header struct {
	width, height int // as stored
	memory        int // what decoding it takes, in bytes
	orientation   orientation
	decode        func(data []byte) (image.Image, error) // nil for HEIC, which takes a process
}

// readHeader decides by the first bytes what kind of picture it is. Whether the rest is one shows when it is decoded.
func readHeader(data []byte) (header, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return readJPEG(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return readPNG(data)
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return readWebP(data)
	case isHEIC(data):
		return readHEIC(data)
	case isOtherPicture(data):
		return header{}, ErrFormat
	}
	return header{}, ErrNotPicture
}

func isOtherPicture(data []byte) bool {
	for _, start := range []string{"GIF87a", "GIF89a", "II*\x00", "MM\x00*", "BM"} {
		if bytes.HasPrefix(data, []byte(start)) {
			return true
		}
	}
	return slices.ContainsFunc(brands(data), func(b string) bool {
		switch b {
		case "avif", "avis", "mif1", "msf1", "hevc", "hevx":
			return true
		}
		return false
	})
}

// by is a decoder of the library, of which every error says that the file is no picture.
func by(decode func(io.Reader) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(data []byte) (image.Image, error) {
		img, err := decode(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotPicture, err)
		}
		return img, nil
	}
}

// readJPEG goes from marker to marker, as the decoder does, which stops with an error rather than pass over one: so both
// see the same frame and the same scans.
func readJPEG(data []byte) (header, error) {
	const (
		sof0, sof2 = 0xc0, 0xc2 // the frames that the decoder knows; sof2 is progressive
		rst0, rst7 = 0xd0, 0xd7
		eoi, sos   = 0xd9, 0xda
		app1       = 0xe1
	)
	h := header{orientation: asStored, decode: by(jpeg.Decode)}
	scans, seenExif := 0, false
	for rest := data[2:]; ; {
		at := bytes.IndexByte(rest, 0xff)
		if at < 0 {
			break
		}
		for at < len(rest) && rest[at] == 0xff {
			at++
		}
		if at == len(rest) || rest[at] == eoi {
			break
		}
		marker := rest[at]
		rest = rest[at+1:]
		if marker == 0 || marker >= rst0 && marker <= rst7 {
			continue
		}
		if len(rest) < 2 {
			break
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			return header{}, ErrNotPicture
		}
		segment := rest[2:length]
		rest = rest[length:]
		switch {
		case marker >= sof0 && marker <= sof2:
			if h.width != 0 || len(segment) < 6 {
				return header{}, ErrNotPicture
			}
			h.height, h.width = int(binary.BigEndian.Uint16(segment[1:])), int(binary.BigEndian.Uint16(segment[3:]))
			h.memory = h.width * h.height * bytesOfSamples(segment[6:], marker == sof2) / 16
		case marker == app1 && !seenExif && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
			seenExif = true
			h.orientation = readOrientation(segment)
		case marker == sos:
			if scans++; scans > maxScans {
				return header{}, ErrNotPicture
			}
		}
	}
	return h, nil
}

// bytesOfSamples is what sixteen pixels of a JPEG take while it is decoded, by the sampling of its components: a byte a
// sample, four more for the coefficients of a progressive one, and four a pixel for what becomes of RGB and CMYK.
func bytesOfSamples(components []byte, progressive bool) int {
	full, samples := 1, 0
	for c := components; len(c) >= 3; c = c[3:] {
		area := max(1, int(c[1]>>4)*int(c[1]&0xf))
		full = max(full, area)
		samples += area
	}
	perSample := 1
	if progressive {
		perSample = 5
	}
	n := 16 * samples * perSample / full
	if len(components) >= 12 || samples >= 3*full { // three components that are not subsampled may be RGB
		n += 16 * 4
	}
	return n
}

// readPNG reads the header, which comes first, and the EXIF block, if it stands before the pixels.
func readPNG(data []byte) (header, error) {
	const chunks, paletted = 8, 3
	h := header{orientation: asStored, decode: by(png.Decode)}
	if len(data) < chunks+25 || string(data[chunks+4:chunks+8]) != "IHDR" {
		return header{}, ErrNotPicture
	}
	ihdr := data[chunks+8:]
	h.width, h.height = int(binary.BigEndian.Uint32(ihdr)), int(binary.BigEndian.Uint32(ihdr[4:]))
	depth, kind, interlaced := ihdr[8], ihdr[9], ihdr[12] != 0
	if h.width > maxPixels || h.height > maxPixels {
		return header{}, ErrTooManyPixels
	}
	perPixel := 4
	switch {
	case depth == 16:
		perPixel = 8
	case kind == paletted:
		perPixel = 1
	}
	if interlaced {
		perPixel *= 2
	}
	h.memory = h.width * h.height * perPixel
	for rest := data[chunks:]; len(rest) >= 12; {
		length := int(binary.BigEndian.Uint32(rest))
		if length > len(rest)-12 || string(rest[4:8]) == "IDAT" {
			break
		}
		if string(rest[4:8]) == "eXIf" {
			h.orientation = readOrientation(rest[8 : 8+length])
		}
		rest = rest[length+12:]
	}
	return h, nil
}

// readWebP leaves the header to the decoder, which holds the frame to it, and looks for the EXIF block.
func readWebP(data []byte) (header, error) {
	const perPixel = 8
	config, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return header{}, fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	h := header{width: config.Width, height: config.Height, orientation: asStored, decode: by(webp.Decode)}
	h.memory = h.width * h.height * perPixel
	for rest := data[12:]; len(rest) >= 8; {
		length := int(binary.LittleEndian.Uint32(rest[4:]))
		if length > len(rest)-8 {
			break
		}
		if string(rest[:4]) == "EXIF" {
			h.orientation = readOrientation(rest[8 : 8+length])
		}
		rest = rest[min(len(rest), 8+length+length%2):]
	}
	return h, nil
}
