package server

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/sheet"
	"kortportal/web/static"
	"kortportal/web/view"
)

// printColumns are those of the production file. They are part of its format and the same in every language.
func printColumns() []string {
	return []string{"number", "kind", "given_name", "family_name", "company", "org_number", "valid_to", "photo", "deliver_to", "reference"}
}

// downloadPrints is the production file alone.
func (s *Server) downloadPrints(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := batchID(r)
	if err != nil {
		return err
	}
	prints, err := s.store.Prints(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	attach(w, "text/csv; charset=utf-8", fmt.Sprintf("produktion-%d.csv", id))
	return s.begun(r, writePrints(w, prints))
}

// downloadBatch is all that the bureau needs, in one file that is written while the photos are read.
func (s *Server) downloadBatch(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := batchID(r)
	if err != nil {
		return err
	}
	prints, err := s.store.Prints(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	attach(w, "application/zip", fmt.Sprintf("produktion-%d.zip", id))
	return s.begun(r, s.writeBatch(v, w, r, id, prints))
}

// attach names a file that is to be saved. The name says nothing of anybody.
func attach(w http.ResponseWriter, contentType, name string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// begun ends an answer whose first bytes are on their way: one that failed is broken off, so that nobody takes half a file for a whole one.
func (s *Server) begun(r *http.Request, err error) error {
	if err == nil {
		return nil
	}
	if r.Context().Err() == nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "download failed", slog.String("id", requestID(r.Context())), slog.String("error", err.Error()))
	}
	panic(http.ErrAbortHandler)
}

// writePrints writes the production file.
func writePrints(w io.Writer, prints []card.Print) error {
	table, err := sheet.NewCSV(w, ';')
	if err != nil {
		return err
	}
	if err := table.Row(printColumns()); err != nil {
		return err
	}
	for _, p := range prints {
		photo := ""
		if p.HasPhoto {
			photo = photoFile(p.Number)
		}
		err := table.Row([]string{
			p.Number.String(), string(p.Kind), p.Name.Given, p.Name.Family, p.Company, p.OrgNumber, p.ValidTo.Format(time.DateOnly), photo,
			strings.Join(strings.Split(strings.TrimSpace(p.DeliverTo), "\n"), ", "), p.Reference,
		})
		if err != nil {
			return err
		}
	}
	return table.Close()
}

func photoFile(n card.Number) string { return "photos/" + n.String() + ".jpg" }

// photosAtOnce is how many photos are in memory.
const photosAtOnce = 25

func (s *Server) writeBatch(v visit, w http.ResponseWriter, r *http.Request, id card.BatchID, prints []card.Print) error {
	z := zip.NewWriter(w)
	file := func(name string, method uint16) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: prints[0].MadeAt})
	}
	table, err := file(fmt.Sprintf("produktion-%d.csv", id), zip.Deflate)
	if err != nil {
		return err
	}
	if err := writePrints(table, prints); err != nil {
		return err
	}
	notes, err := file("foljesedlar.html", zip.Deflate)
	if err != nil {
		return err
	}
	if err := view.DeliveryNotesPage(deliveryNotes(v, id, prints, "foljesedlar.css")).Render(r.Context(), notes); err != nil {
		return err
	}
	style, err := file("foljesedlar.css", zip.Deflate)
	if err != nil {
		return err
	}
	if _, err := style.Write(static.Content("delivery_note.css")); err != nil {
		return err
	}
	var wanted []card.Number
	for i, p := range prints {
		if p.HasPhoto {
			wanted = append(wanted, p.Number)
		}
		if len(wanted) < photosAtOnce && i < len(prints)-1 {
			continue
		}
		if err := s.patience(w); err != nil {
			return err
		}
		photos, err := s.store.PrintPhotos(r.Context(), v.actor, id, wanted)
		if err != nil {
			return err
		}
		for _, photo := range photos {
			picture, err := file(photoFile(photo.Number), zip.Store) // a JPEG is compressed already
			if err != nil {
				return err
			}
			if _, err := picture.Write(photo.JPEG); err != nil {
				return err
			}
		}
		wanted = wanted[:0]
	}
	return z.Close()
}

// patience gives the next photos a minute of their own: ten thousand take longer than a page may.
func (s *Server) patience(w http.ResponseWriter) error {
	err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute))
	if errors.Is(err, http.ErrNotSupported) {
		return nil // a writer of a test
	}
	return err
}

var (
	errAnswer        = errors.New("server: answer cannot be read")
	errAnswerTooLong = errors.New("server: answer has too many lines")
)

// answer is the bureau's, as it was read.
type answer struct {
	lines []card.AnswerLine
	at    []int // the lines of the file
}

// readAnswer reads a CSV file of three columns: number, chip, made or spoiled. A first line that names the columns is passed over. What
// stands in the cells is judged by the store.
func readAnswer(text []byte) (answer, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if !utf8.Valid(text) || bytes.ContainsRune(text, 0) {
		return answer{}, errAnswer
	}
	c := csv.NewReader(bytes.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = separator(text), -1, true
	var a answer
	for first := true; ; first = false {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
		}
		cell := func(i int) string {
			if i >= len(cells) {
				return ""
			}
			return strings.TrimPrefix(strings.TrimSpace(cells[i]), "'")
		}
		if first && isColumnName(cell(0)) || strings.Join(cells, "") == "" {
			continue
		}
		line := card.AnswerLine{Number: cell(0), Chip: chipOf(cell(1)), Outcome: strings.ToLower(cell(2))}
		if n, err := card.ParseNumber(line.Number); err == nil {
			line.Number = n.String()
		}
		if len(a.lines) == card.MaxBatch {
			return answer{}, errAnswerTooLong
		}
		at, _ := c.FieldPos(0)
		a.lines, a.at = append(a.lines, line), append(a.at, at)
	}
	if len(a.lines) == 0 {
		return answer{}, errAnswer
	}
	return a, nil
}

// separator is what stands between the cells of the first line.
func separator(text []byte) rune {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	for _, s := range ";\t," {
		if bytes.ContainsRune(first, s) {
			return s
		}
	}
	return ';'
}

func isColumnName(cell string) bool {
	return strings.EqualFold(cell, "number") || strings.EqualFold(cell, "kortnummer")
}

// chipOf is a chip's number without what people and readers put between its pairs.
func chipOf(cell string) string { return account.Compact(strings.ReplaceAll(cell, ":", "")) }

// told says what the faults are about: the lines of the file, and what stands there.
func (a answer) told(faults []card.AnswerFault) []view.AnswerFault {
	all := make([]view.AnswerFault, len(faults))
	for i, f := range faults {
		line := a.lines[f.Line-1]
		all[i] = view.AnswerFault{Line: a.at[f.Line-1], Field: f.Field, Code: f.Code}
		switch f.Field {
		case "number":
			all[i].Value = line.Number
		case "chip":
			all[i].Value = line.Chip
		default:
			all[i].Value = line.Outcome
		}
		if r := []rune(all[i].Value); len(r) > 60 {
			all[i].Value = string(r[:60]) + "…"
		}
	}
	return all
}
