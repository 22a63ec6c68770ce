package heic

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"os"

	"github.com/gen2brain/heic"
)

// Serve is all that the process does: it decodes the file that comes in and writes its pixels out. It lays limits on the process that cannot
// be taken back. Its errors are faults of ours; of a file that cannot be decoded it says so, or dies.
func Serve(in io.Reader, out io.Writer) error {
	if err := limitProcess(); err != nil {
		return fmt.Errorf("heic: limit the process: %w", err)
	}
	os.Stdout = os.Stderr // what the library prints is no pixels
	heic.ForceWasmMode = true
	heic.Init()
	if _, err := io.WriteString(out, ready); err != nil {
		return fmt.Errorf("heic: write: %w", err)
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("heic: read: %w", err)
	}
	s, planes := decode(data)
	if err := binary.Write(out, binary.LittleEndian, s); err != nil {
		return fmt.Errorf("heic: write: %w", err)
	}
	for _, p := range planes {
		if _, err := out.Write(p); err != nil {
			return fmt.Errorf("heic: write: %w", err)
		}
	}
	return nil
}

// decode returns nothing of what cannot be decoded.
func decode(data []byte) (said, [][]byte) {
	const brand = 8
	if len(data) < brand+4 {
		return said{}, nil
	}
	copy(data[brand:], "heic") // by the first brand alone the library would refuse what is HEIC by another
	img, err := heic.Decode(bytes.NewReader(data))
	if err != nil {
		return said{}, nil
	}
	s := said{Width: uint32(img.Bounds().Dx()), Height: uint32(img.Bounds().Dy())}
	switch img := img.(type) {
	case *image.Gray:
		s.Colours = gray
		return s, [][]byte{img.Pix}
	case *image.NRGBA:
		s.Colours = nrgba
		return s, [][]byte{img.Pix}
	case *image.RGBA:
		s.Colours = rgba
		return s, [][]byte{img.Pix}
	case *image.YCbCr:
		for colours, ratio := range ratios {
			if ratio == img.SubsampleRatio {
				s.Colours = colours
			}
		}
		return s, [][]byte{img.Y, img.Cb, img.Cr}
	}
	return said{}, nil
}
