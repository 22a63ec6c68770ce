package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"kortportal/internal/card"
	"kortportal/internal/photo"
)

// maxPhotoBody is the largest form with a photo that is read, in bytes.
const maxPhotoBody = 15 << 20

// upload is the photo that came with a form.
type upload struct {
	given bool
	photo photo.Photo
	fault string // why it is none, as a code; empty when it is one
}

// parsePhotoForm reads a form that may hold a photo. The texts are read by field; of a file that is too large those that came before it.
func (s *Server) parsePhotoForm(w http.ResponseWriter, r *http.Request) (up upload, err error) {
	if !hasParts(r) {
		return upload{}, parseForm(w, r)
	}
	r.PostForm, err = readParts(w, r, maxPhotoBody, func(file *multipart.Part) error {
		if file.FormName() != "photo" || up.given {
			return nil // more than the form asks for
		}
		up.given = true
		var err error
		if up.photo, err = s.photos.Read(r.Context(), file, photo.Options{}); errors.Is(err, photo.ErrDecoder) {
			return fmt.Errorf("server: photo: %w", err)
		} else if err != nil {
			if up.fault = photoFault(err); up.fault == "" {
				return fmt.Errorf("%w: %w", errForm, err)
			}
		}
		return nil
	})
	if err != nil && up.given && isTooLarge(err) {
		up.fault, err = "too_large", nil
	}
	return up, err
}

// hasParts holds for a form that was sent as one with files is.
func hasParts(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// readParts reads a form with files: it returns the texts, maxBody of them at most, and gives each file that was chosen to read, limit bytes in
// all. With an error come the texts that were read before it.
func readParts(w http.ResponseWriter, r *http.Request, limit int64, read func(file *multipart.Part) error) (url.Values, error) {
	texts := url.Values{}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	parts, err := r.MultipartReader()
	if err != nil {
		return texts, fmt.Errorf("%w: %w", errForm, err)
	}
	for left := int64(maxBody); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			return texts, fmt.Errorf("%w: %w", errForm, err)
		}
		if part.FileName() != "" {
			if err := read(part); err != nil {
				return texts, err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return texts, fmt.Errorf("%w: %w", errForm, err)
		}
		if left -= int64(len(text)); left < 0 {
			return texts, fmt.Errorf("%w: %w", errForm, &http.MaxBytesError{Limit: maxBody})
		}
		texts.Add(part.FormName(), string(text))
	}
}

func isTooLarge(err error) bool {
	var tooLarge *http.MaxBytesError
	return errors.As(err, &tooLarge)
}

// photoFault is the code of what is wrong with a picture; empty when the error is another.
func photoFault(err error) string {
	switch {
	case errors.Is(err, photo.ErrTooLarge), isTooLarge(err):
		return "too_large"
	case errors.Is(err, photo.ErrTooManyPixels):
		return "too_many_pixels"
	case errors.Is(err, photo.ErrTooSlow):
		return "too_slow"
	case errors.Is(err, photo.ErrTooSmall):
		return "too_small"
	case errors.Is(err, photo.ErrShape):
		return "shape"
	case errors.Is(err, photo.ErrFormat):
		return "format"
	case errors.Is(err, photo.ErrNotPicture):
		return "not_picture"
	}
	return ""
}

// showPhoto is a picture that the store lets this person see.
func (s *Server) showPhoto(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	jpeg, err := s.store.Picture(r.Context(), v.actor, card.PictureID(id))
	if err != nil {
		return err
	}
	sendJPEG(w, jpeg)
	return nil
}
