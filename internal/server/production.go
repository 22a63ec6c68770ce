package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/static"
	"kortportal/web/view"
)

// productionStore is what the issuer's production asks for.
type productionStore interface {
	Production(ctx context.Context, by account.Actor, before card.BatchID) (card.ProductionDesk, error)
	MakeBatch(ctx context.Context, by account.Actor, cards int) (card.BatchID, error)
	Batch(ctx context.Context, by account.Actor, id card.BatchID, after card.Number) (card.BatchPage, error)
	Prints(ctx context.Context, by account.Actor, id card.BatchID) ([]card.Print, error)
	PrintPhotos(ctx context.Context, by account.Actor, id card.BatchID, numbers []card.Number) ([]card.PrintPhoto, error)
	AnswerBatch(ctx context.Context, by account.Actor, id card.BatchID, lines []card.AnswerLine) (card.Answered, []card.AnswerFault, error)
}

// usualBatch is how many cards the form proposes.
const usualBatch = "500"

func (s *Server) showProduction(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.answerProduction(v, w, r, http.StatusOK, usualBatch)
}

func (s *Server) answerProduction(v visit, w http.ResponseWriter, r *http.Request, status int, cards string, faults ...view.FieldError) error {
	before, err := idParam(r, "before")
	if err != nil {
		return err
	}
	d, err := s.store.Production(r.Context(), v.actor, card.BatchID(before))
	if err != nil {
		return err
	}
	p := view.Production{
		Layout: v.layout("/desk/production"), Standard: d.Standard.N, Visitor: d.Visitor.N, Capped: d.Standard.Capped, NextNumber: d.NextNumber.String(),
		RulesFrom: d.RulesFrom, Next: int64(d.Next), Later: before > 0, Cards: cards, Errors: faults,
	}
	for _, rule := range d.Rules {
		p.Rules = append(p.Rules, view.ValidityRule{
			Kind: string(rule.Kind), Citizenship: rule.Citizenship, Identity: rule.Identity, Company: rule.Company, Months: rule.Months,
		})
	}
	for _, b := range d.Batches {
		p.Batches = append(p.Batches, batchSummary(b))
	}
	return render(w, r, status, view.ProductionPage(p))
}

func batchSummary(b card.Batch) view.Batch {
	return view.Batch{
		ID: int64(b.ID), MadeBy: b.MadeBy.Full(), MadeAt: b.MadeAt, Cards: b.Cards, Made: b.Made, Spoiled: b.Spoiled, Withdrawn: b.Withdrawn, Open: b.Open,
	}
}

func (s *Server) makeBatch(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	typed := field(r, "cards")
	cards, err := strconv.Atoi(strings.Join(strings.Fields(typed), "")) // 1 000 as well
	if err != nil || cards < 1 || cards > card.MaxBatch {
		return s.answerProduction(v, w, r, http.StatusUnprocessableEntity, typed, view.FieldError{Field: "cards", Code: "invalid"})
	}
	id, err := s.store.MakeBatch(r.Context(), v.actor, cards)
	switch {
	case errors.Is(err, card.ErrNotFound):
		return s.answerProduction(v, w, r, http.StatusConflict, typed, view.FieldError{Field: "form", Code: "nothing"})
	case err != nil:
		return err
	}
	return redirect(w, r, batchAddress(id))
}

func batchAddress(id card.BatchID) string {
	return "/desk/production/" + strconv.FormatInt(int64(id), 10)
}

// batchID is the batch in the address; errNotFound for what is none.
func batchID(r *http.Request) (card.BatchID, error) {
	id, err := cardID(r)
	return card.BatchID(id), err
}

func (s *Server) showBatch(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := batchID(r)
	if err != nil {
		return err
	}
	p, err := s.batchPage(v, r, id)
	if err != nil {
		return err
	}
	p.Answered = answeredBefore(r)
	return render(w, r, http.StatusOK, view.BatchPage(p))
}

func (s *Server) batchPage(v visit, r *http.Request, id card.BatchID) (view.BatchDetail, error) {
	after := card.Number(param(r, "after"))
	b, err := s.store.Batch(r.Context(), v.actor, id, after)
	if err != nil {
		return view.BatchDetail{}, err
	}
	return view.BatchDetail{
		Layout: v.layout(batchAddress(id)), Batch: batchSummary(b.Batch), Rows: batchRows(b.Rows), Next: b.Next.String(), Later: after != "",
		Changed: batchRows(b.Changed),
	}, nil
}

func batchRows(cards []card.BatchCard) []view.BatchRow {
	rows := make([]view.BatchRow, len(cards))
	for i, c := range cards {
		rows[i] = view.BatchRow{CardRow: cardRow(c.Row), Outcome: string(c.Outcome), Changed: c.Changed}
	}
	return rows
}

// maxAnswer is the largest answer that is read, in bytes: 10,000 lines with room to spare.
const maxAnswer = 2 << 20

// answerBatch takes the bureau's answer, whole or not at all.
func (s *Server) answerBatch(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := batchID(r)
	if err != nil {
		return err
	}
	again := func(status int, code string, faults ...view.AnswerFault) error {
		p, err := s.batchPage(v, r, id)
		if err != nil {
			return err
		}
		p.Errors, p.Faults = []view.FieldError{{Field: "answer_file", Code: code}}, faults
		return render(w, r, status, view.BatchPage(p))
	}
	text, err := uploadedWithin(w, r, "answer_file", maxAnswer)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return again(http.StatusUnprocessableEntity, "required")
	}
	a, err := readAnswer(text)
	switch {
	case errors.Is(err, errAnswerTooLong):
		return again(http.StatusUnprocessableEntity, "too_long")
	case err != nil:
		return again(http.StatusUnprocessableEntity, "unreadable")
	}
	done, faults, err := s.store.AnswerBatch(r.Context(), v.actor, id, a.lines)
	switch {
	case errors.Is(err, card.ErrStale):
		return again(http.StatusConflict, "stale")
	case err != nil:
		return err
	case len(faults) > 0:
		return again(http.StatusUnprocessableEntity, "faulty", a.told(faults)...)
	}
	sendReceipt(w, fmt.Sprintf("%s%d-%d-%d", receiptAnswer, done.Made, done.Spoiled, done.Withdrawn))
	return redirect(w, r, batchAddress(id))
}

// receiptAnswer begins the receipt of an answer; three numbers follow.
const receiptAnswer = "answer-"

// answeredBefore is what the answer brought that led here; nil when none did.
func answeredBefore(r *http.Request) *view.BatchAnswer {
	cookie, err := r.Cookie(receiptCookie)
	if err != nil {
		return nil
	}
	var a view.BatchAnswer
	if n, err := fmt.Sscanf(cookie.Value, receiptAnswer+"%d-%d-%d", &a.Made, &a.Spoiled, &a.Withdrawn); n != 3 || err != nil {
		return nil
	}
	return &a
}

// uploadedWithin is the content of a posted file within a limit; empty when none was chosen.
func uploadedWithin(w http.ResponseWriter, r *http.Request, name string, limit int64) ([]byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	file, _, err := r.FormFile(name)
	switch {
	case errors.Is(err, http.ErrMissingFile):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	text, err := io.ReadAll(file)
	return text, errors.Join(err, file.Close())
}

// showDeliveryNotes is a document of its own, to be printed.
func (s *Server) showDeliveryNotes(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := batchID(r)
	if err != nil {
		return err
	}
	prints, err := s.store.Prints(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, view.DeliveryNotesPage(deliveryNotes(v, id, prints, static.Path("delivery_note.css"))))
}

// deliveryNotes are one for each address, in the order of the first number that goes there.
func deliveryNotes(v visit, id card.BatchID, prints []card.Print, style string) view.DeliveryNotes {
	p := view.DeliveryNotes{Words: v.words, Style: style, Batch: int64(id), MadeAt: prints[0].MadeAt}
	nth := map[string]int{}
	for _, c := range prints {
		to := strings.TrimSpace(c.DeliverTo)
		i, known := nth[to]
		if !known {
			i = len(p.Notes)
			nth[to] = i
			p.Notes = append(p.Notes, view.DeliveryNote{To: to})
		}
		line := view.DeliveredCard{Number: c.Number.String(), Kind: string(c.Kind), Company: c.Company, Reference: c.Reference}
		if c.Name.Family != "" {
			line.Holder = c.Name.Full()
		}
		p.Notes[i].Cards = append(p.Notes[i].Cards, line)
	}
	return p
}
