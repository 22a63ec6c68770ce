package photo

import (
	"encoding/binary"
	"slices"
)

// isHEIC holds for a file that says so among its brands: HEVC in the container that AVIF and films have in common with it.
func isHEIC(data []byte) bool {
	return slices.ContainsFunc(brands(data), func(b string) bool { return b == "heic" || b == "heix" || b == "heim" || b == "heis" })
}

// brands are what a file of that container calls itself; none for any other.
func brands(data []byte) []string {
	const mostBrands = 256 // in bytes
	kind, first, _ := nextBox(data)
	if kind != "ftyp" || len(first) < 8 {
		return nil
	}
	all := []string{string(first[:4])}
	for rest := first[8:min(len(first), mostBrands)]; len(rest) >= 4; rest = rest[4:] {
		all = append(all, string(rest[:4]))
	}
	return all
}

// nextBox is the box at the beginning of data, without its header, and what comes after it; no kind where there is none.
func nextBox(data []byte) (kind string, content, rest []byte) {
	if len(data) < 8 {
		return "", nil, nil
	}
	header, size := 8, uint64(binary.BigEndian.Uint32(data))
	switch {
	case size == 0: // to the end
		size = uint64(len(data))
	case size == 1 && len(data) >= 16:
		header, size = 16, binary.BigEndian.Uint64(data[8:])
	}
	if size < uint64(header) || size > uint64(len(data)) {
		return "", nil, nil
	}
	return string(data[4:8]), data[header:size], data[size:]
}

// box is the first box of a kind, none where there is none.
func box(data []byte, kind string) []byte {
	for {
		k, content, rest := nextBox(data)
		if k == kind || k == "" {
			return content
		}
		data = rest
	}
}

// cut takes numbers from the beginning of bytes; short turns true where there are too few.
type cut struct {
	data  []byte
	short bool
}

func (c *cut) number(bytes int) (n int) {
	if len(c.data) < bytes {
		c.short = true
		return 0
	}
	for _, b := range c.data[:bytes] {
		n = n<<8 | int(b)
	}
	c.data = c.data[bytes:]
	return n
}

// versioned takes the version of a box that has one, and its flags.
func (c *cut) versioned() (version, flags int) { return c.number(1), c.number(3) }

// readHEIC finds the picture that the file is for, and its size after what the file wants done with it. The decoder turns and cuts by itself,
// and does not turn by EXIF: so the format has it.
func readHEIC(data []byte) (header, error) {
	const perPixel = 4
	meta := cut{data: box(data, "meta")}
	meta.versioned()
	primary := cut{data: box(meta.data, "pitm")}
	idBytes := 2
	if version, _ := primary.versioned(); version > 0 {
		idBytes = 4
	}
	id := primary.number(idBytes)
	if primary.short {
		return header{}, ErrNotPicture
	}
	h := header{orientation: asStored}
	properties := box(meta.data, "iprp")
	for _, n := range propertiesOf(id, box(properties, "ipma")) {
		kind, content, rest := "", []byte(nil), box(properties, "ipco")
		for range n {
			kind, content, rest = nextBox(rest)
		}
		switch p := (cut{data: content}); kind {
		case "ispe":
			p.versioned()
			h.width, h.height = p.number(4), p.number(4)
		case "irot":
			if p.number(1)%2 == 1 {
				h.width, h.height = h.height, h.width
			}
		case "clap":
			width, widthParts, height, heightParts := p.number(4), p.number(4), p.number(4), p.number(4)
			h.width, h.height = width/max(1, widthParts), height/max(1, heightParts)
		}
	}
	if h.width > maxPixels || h.height > maxPixels {
		return header{}, ErrTooManyPixels
	}
	h.memory = h.width * h.height * perPixel
	return h, nil
}

// propertiesOf are the numbers of the properties of a picture, in the order in which they are applied.
func propertiesOf(id int, associations []byte) (all []int) {
	c := cut{data: associations}
	version, flags := c.versioned()
	idBytes, numberBytes := 2, 1
	if version > 0 {
		idBytes = 4
	}
	if flags&1 == 1 {
		numberBytes = 2
	}
	for range c.number(4) {
		of := c.number(idBytes)
		for range c.number(1) {
			n := c.number(numberBytes)
			if of == id {
				all = append(all, n&(1<<(8*numberBytes-1)-1)) // without the bit that says whether it matters
			}
		}
		if c.short || of == id {
			break
		}
	}
	return all
}
