// Package heic decodes HEIC, the format of an iPhone's photos, as if each file were an attack: in a process of its own, which ends with the file, and
// there in a WebAssembly machine that reaches nothing but its memory. It judges no picture; what may be decoded, and what becomes of it, is
// left to others.
package heic

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"time"
)

var (
	// ErrDamaged: it cannot be decoded, is not what its header says, or takes more memory than a picture needs.
	ErrDamaged = errors.New("heic: damaged")
	// ErrTooSlow: it took longer than somebody waits.
	ErrTooSlow = errors.New("heic: takes too long")

	errNonsense = errors.New("it says what nobody asked")
)

// Deadline is when a process that decodes is killed. A phone's 12 megapixels take it 2 to 5 seconds of a core, 48 take 7 to 12.
const Deadline = 30 * time.Second

// Program starts the process: a program and arguments with which it calls Serve and does nothing else. The zero Program is none.
type Program struct {
	Path string
	Args []string
	// Within is when it is killed, zero for Deadline. For tests.
	Within time.Duration
}

// Decode decodes a picture of that size. Its errors are those above, that of ctx, and those of a process that does not do what it should.
func (p Program) Decode(ctx context.Context, data []byte, width, height int) (image.Image, error) {
	if p.Within == 0 {
		p.Within = Deadline
	}
	within, cancel := context.WithTimeout(ctx, p.Within)
	defer cancel()
	child := exec.CommandContext(within, p.Path, p.Args...)
	child.Env = []string{} // not nil, which would be ours with all its secrets
	child.Dir = "/"
	child.Stdin = bytes.NewReader(data)
	child.WaitDelay = time.Second
	says := &start{}
	child.Stderr = says
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("heic: %w", err)
	}
	if err := child.Start(); err != nil {
		return nil, fmt.Errorf("heic: %w", err)
	}
	isReady, img, err := readAnswer(out, width, height)
	if errors.Is(err, ErrDamaged) || errors.Is(err, errNonsense) {
		cancel() // nobody reads on
	}
	ended := child.Wait()
	switch {
	case err == nil && ended == nil:
		return img, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("heic: %w", ctx.Err())
	case errors.Is(within.Err(), context.DeadlineExceeded):
		return nil, ErrTooSlow
	case errors.Is(err, ErrDamaged), isReady && !errors.Is(err, errNonsense) && died(ended):
		return nil, ErrDamaged
	}
	return nil, fmt.Errorf("heic: %w: %s", errors.Join(err, ended), says)
}

// died tells an end that the process did not choose, by a signal or by Go when there is no memory, from the 1 of a command that fails.
func died(ended error) bool {
	const signal, fatal = -1, 2
	var exit *exec.ExitError
	return errors.As(ended, &exit) && (exit.ExitCode() == signal || exit.ExitCode() == fatal)
}

// start keeps the beginning of what a process says.
type start struct{ bytes.Buffer }

// Write takes it all, and keeps what is not too much for a line of the log.
func (s *start) Write(p []byte) (int, error) {
	s.Buffer.Write(p[:min(len(p), 500-s.Len())])
	return len(p), nil
}

// ready is what the process says when it waits for a file. What kills it later is the file.
const ready = "heic\n"

// How the colours of a picture are stored, as the process says it.
const (
	gray = iota + 1
	nrgba
	rgba
	yCbCr420
	yCbCr422
	yCbCr444
)

var ratios = map[uint32]image.YCbCrSubsampleRatio{
	yCbCr420: image.YCbCrSubsampleRatio420, yCbCr422: image.YCbCrSubsampleRatio422, yCbCr444: image.YCbCrSubsampleRatio444,
}

// said comes before the pixels; all zero for a picture that cannot be decoded.
type said struct{ Width, Height, Colours uint32 }

// planes are how a picture's pixels follow each other: of Y and RGBA so many bytes for a line, then twice of Cb and Cr. Lines are padded, as
// the library has them.
type planes struct{ stride, lines, chromaStride, chromaLines int }

func (s said) planes() (p planes, err error) {
	const pad = 16
	width, height := int(s.Width), int(s.Height)
	p.stride, p.lines = width, height
	switch s.Colours {
	case gray:
	case nrgba, rgba:
		p.stride = 4 * width
	case yCbCr420:
		p.chromaStride, p.chromaLines = (width+1)/2, (height+1)/2
	case yCbCr422:
		p.chromaStride, p.chromaLines = (width+1)/2, height
	case yCbCr444:
		p.chromaStride, p.chromaLines = width, height
	default:
		return planes{}, errNonsense
	}
	p.stride, p.chromaStride = (p.stride+pad-1)/pad*pad, (p.chromaStride+pad-1)/pad*pad
	return p, nil
}

func (p planes) size() int { return p.stride*p.lines + 2*p.chromaStride*p.chromaLines }

// readAnswer reads what Serve has written, and no more than a picture of that size takes.
func readAnswer(r io.Reader, width, height int) (isReady bool, img image.Image, err error) {
	word := make([]byte, len(ready))
	if _, err := io.ReadFull(r, word); err != nil {
		return false, nil, err
	}
	if string(word) != ready {
		return false, nil, errNonsense
	}
	if img, err = readPicture(r, width, height); err != nil {
		return true, nil, err
	}
	if n, _ := io.ReadFull(r, word[:1]); n > 0 {
		return true, nil, errNonsense
	}
	return true, img, nil
}

func readPicture(r io.Reader, width, height int) (image.Image, error) {
	var s said
	if err := binary.Read(r, binary.LittleEndian, &s); err != nil {
		return nil, err
	}
	if int(s.Width) != width || int(s.Height) != height {
		return nil, ErrDamaged
	}
	p, err := s.planes()
	if err != nil {
		return nil, err
	}
	pixels := make([]byte, p.size())
	if _, err := io.ReadFull(r, pixels); err != nil {
		return nil, err
	}
	rect := image.Rect(0, 0, width, height)
	switch s.Colours {
	case gray:
		return &image.Gray{Pix: pixels, Stride: p.stride, Rect: rect}, nil
	case nrgba:
		return &image.NRGBA{Pix: pixels, Stride: p.stride, Rect: rect}, nil
	case rgba:
		return &image.RGBA{Pix: pixels, Stride: p.stride, Rect: rect}, nil
	}
	y, chroma := p.stride*p.lines, p.chromaStride*p.chromaLines
	return &image.YCbCr{
		Y: pixels[:y], Cb: pixels[y : y+chroma], Cr: pixels[y+chroma:], YStride: p.stride, CStride: p.chromaStride,
		SubsampleRatio: ratios[s.Colours], Rect: rect,
	}, nil
}
