package photo

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	xdraw "golang.org/x/image/draw"
)

// The card's format is 35 × 45 mm, 7:9. Sizes of that format are counted in units of 7 × 9 pixels, so that nothing is stretched.
const (
	cardUnit     = 90 // 630 × 810
	previewUnit  = 20 // 140 × 180
	smallestUnit = 34 // 238 × 306
	claimSide    = 1600
)

// part is what is taken of the upright picture. Its sides are multiples of the factor by which it is shrunk first.
type part struct {
	image.Rectangle

	factor int
}

// part is what goes on the card of an upright picture of that size.
func (c Crop) part(width, height int) (part, error) {
	area, above := image.Rect(0, 0, width, height), 0.25
	if c != (Crop{}) {
		// Written so that NaN is outside. The margin is for sums that a browser rounded.
		const one = 1 + 1e-6
		if !(c.X >= 0 && c.Y >= 0 && c.Width > 0 && c.Height > 0 && c.X+c.Width <= one && c.Y+c.Height <= one) {
			return part{}, ErrCrop
		}
		pixel := func(fraction float64, size int) int { return int(math.Round(min(fraction, 1) * float64(size))) }
		area = image.Rect(pixel(c.X, width), pixel(c.Y, height), pixel(c.X+c.Width, width), pixel(c.Y+c.Height, height))
		above = 0.5
	}
	unit := min(area.Dx()/7, area.Dy()/9)
	if unit < smallestUnit {
		return part{}, ErrTooSmall
	}
	factor := max(1, unit/cardUnit)
	unit -= unit % factor
	at := area.Min.Add(image.Pt((area.Dx()-7*unit)/2, int(above*float64(area.Dy()-9*unit))))
	return part{Rectangle: image.Rect(0, 0, 7*unit, 9*unit).Add(at), factor: factor}, nil
}

// whole is all of an upright picture, but for the pixels at its edges that do not fill one of the shrunk picture.
func whole(width, height int) part {
	factor := max(1, min(max(width, height)/claimSide, width, height))
	return part{Rectangle: image.Rect(0, 0, width-width%factor, height-height%factor), factor: factor}
}

// shrink averages squares of factor × factor pixels into one, over white paper. The good filter would do all of the way,
// but at 20 megapixels in seconds and with 32 bytes for a pixel; from at most double the size on it shows no difference.
func shrink(src image.Image, r image.Rectangle, factor int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, r.Dx()/factor, r.Dy()/factor))
	band := image.NewRGBA(image.Rect(0, 0, r.Dx(), factor))
	paper := image.NewUniform(color.White)
	sums := make([][3]int, dst.Rect.Dx())
	count := factor * factor
	for y := range dst.Rect.Dy() {
		draw.Draw(band, band.Rect, paper, image.Point{}, draw.Src)
		draw.Draw(band, band.Rect, src, r.Min.Add(image.Pt(0, y*factor)), draw.Over)
		clear(sums)
		for line := range factor {
			pixels := band.Pix[line*band.Stride:]
			for x := range sums {
				for range factor {
					sums[x][0] += int(pixels[0])
					sums[x][1] += int(pixels[1])
					sums[x][2] += int(pixels[2])
					pixels = pixels[4:]
				}
			}
		}
		row := dst.Pix[y*dst.Stride:]
		for x, sum := range sums {
			copy(row[4*x:], []uint8{mean(sum[0], count), mean(sum[1], count), mean(sum[2], count), 0xff})
		}
	}
	return dst
}

func mean(sum, count int) uint8 { return uint8((sum + count/2) / count) }

// scale returns the picture in another size.
func scale(src *image.RGBA, width, height int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	xdraw.CatmullRom.Scale(dst, dst.Rect, src, src.Rect, xdraw.Src, nil)
	return dst
}
