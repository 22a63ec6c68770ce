package server

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/sheet"
	"kortportal/web/view"
)

// orderImporter keeps spreadsheets of orders between the look at them and the order.
type orderImporter interface {
	KeepImport(ctx context.Context, by account.Actor, n card.NewImport) (card.ImportID, error)
	Import(ctx context.Context, by account.Actor, id card.ImportID) (card.Import, error)
	ApplyImport(ctx context.Context, by account.Actor, id card.ImportID, mode card.ImportMode) (card.Import, error)
}

const (
	// maxImportBody is a file and the fields beside it.
	maxImportBody = sheet.MaxBytes + maxBody
	// maxShownFaults is how many faults a page lists; all are in the list to download.
	maxShownFaults = 250
	// shownRows is how many of the good rows a page lists.
	shownRows    = 50
	maxDeliverTo = 400 // characters, as of an order
)

// importer serves the pages of imports to an orderer of a company. To others of the company they are closed, elsewhere there are none.
func (s *Server) importer(h handler) http.HandlerFunc {
	return s.keeper(func(v visit, w http.ResponseWriter, r *http.Request) error {
		switch {
		case v.actor.Is(account.Orderer):
			return h(v, w, r)
		case v.actor.Company != 0:
			return errForbidden
		}
		return errNotFound
	})
}

func (s *Server) askImport(v visit, w http.ResponseWriter, r *http.Request) error {
	return render(w, r, http.StatusOK, view.OrderImportPage(view.OrderImport{Layout: v.layout("/orders/import")}))
}

// readImport reads the file, has its rows judged and keeps them.
func (s *Server) readImport(v visit, w http.ResponseWriter, r *http.Request) error {
	p := view.OrderImport{Layout: v.layout("/orders/import")}
	refuse := func(code string) error {
		p.Errors = append(p.Errors, view.FieldError{Field: "file", Code: code})
		return render(w, r, http.StatusUnprocessableEntity, view.OrderImportPage(p))
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxImportBody)
	// All of it stays in memory: temporary files would hold personal data.
	if err := r.ParseMultipartForm(maxImportBody); err != nil { //nolint:gosec // the body is bounded right above
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return refuse("too_large")
		}
		return fmt.Errorf("%w: %w", errForm, err)
	}
	p.DeliverTo = field(r, "deliver_to")
	if utf8.RuneCountInString(p.DeliverTo) > maxDeliverTo {
		p.Errors = append(p.Errors, view.FieldError{Field: "deliver_to", Code: "import_too_long"})
	}
	file, err := uploaded(r, "file")
	switch {
	case err != nil:
		return err
	case len(file) == 0:
		return refuse("required")
	}
	n, err := sheet.Read(file, sheet.Options{Today: v.session.Now, DeliverTo: p.DeliverTo})
	var columns *sheet.ColumnsError
	switch {
	case errors.As(err, &columns):
		p.Missing, p.Twice, p.Unknown = codes(columns.Missing), codes(columns.Twice), columns.Unknown
		return refuse("columns")
	case errors.Is(err, sheet.ErrTooLarge):
		return refuse("too_large")
	case errors.Is(err, sheet.ErrTooMany):
		return refuse("too_many")
	case errors.Is(err, sheet.ErrEmpty):
		return refuse("empty")
	case errors.Is(err, sheet.ErrOld):
		return refuse("old")
	case errors.Is(err, sheet.ErrUnreadable):
		return refuse("unreadable")
	case err != nil:
		return err
	case len(p.Errors) > 0:
		return render(w, r, http.StatusUnprocessableEntity, view.OrderImportPage(p))
	}
	id, err := s.store.KeepImport(r.Context(), v.actor, n)
	switch {
	case errors.Is(err, card.ErrNotAllowed):
		return errForbidden
	case err != nil:
		return err
	}
	return redirect(w, r, importAddress(id))
}

// uploaded is the content of a file of a form; nothing when none was chosen.
func uploaded(r *http.Request, name string) ([]byte, error) {
	file, _, err := r.FormFile(name)
	switch {
	case errors.Is(err, http.ErrMissingFile):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	data, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	return data, nil
}

func codes(columns []card.Column) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = string(c)
	}
	return all
}

func importAddress(id card.ImportID) string {
	return "/orders/import/" + strconv.FormatInt(int64(id), 10)
}

// importID is the import in the address; errNotFound for what is none.
func importID(r *http.Request) (card.ImportID, error) {
	text := chi.URLParam(r, "id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, errNotFound
	}
	return card.ImportID(id), nil
}

// showImport shows what would become of each row, or what became of them.
func (s *Server) showImport(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := importID(r)
	if err != nil {
		return err
	}
	i, err := s.store.Import(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if i.Applied {
		p := view.ImportReceipt{Layout: v.layout(importAddress(id)), Made: i.Made, LeftOut: i.LeftOut}
		return render(w, r, http.StatusOK, view.ImportReceiptPage(p))
	}
	after, err := strconv.Atoi(param(r, "after"))
	if err != nil {
		after = 0 // no page of ours: the first
	}
	return render(w, r, http.StatusOK, view.ImportResultPage(v.importPage(id, i, after)))
}

// applyImport orders the rows, all or the good ones.
func (s *Server) applyImport(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := importID(r)
	if err != nil {
		return err
	}
	mode := card.AllOrNothing
	if card.ImportMode(field(r, "mode")) == card.OnlyGood {
		mode = card.OnlyGood
	}
	i, err := s.store.ApplyImport(r.Context(), v.actor, id, mode)
	switch {
	case errors.Is(err, card.ErrImport):
		p := v.importPage(id, i, 0)
		p.Stopped = true
		return render(w, r, http.StatusConflict, view.ImportResultPage(p))
	case errors.Is(err, card.ErrNotAllowed):
		return errForbidden
	case err != nil:
		return err
	}
	return redirect(w, r, importAddress(id))
}

// importPage lists the good rows from the one after a row on.
func (v visit) importPage(id card.ImportID, i card.Import, after int) view.ImportResult {
	p := view.ImportResult{Layout: v.layout(importAddress(id)), ID: int64(id), Good: i.Good(), Ignored: i.Ignored}
	p.Bad = len(i.Rows) - p.Good
	p.Faults = importFaults(i.Rows)
	p.FaultCount = len(p.Faults)
	p.Faults = p.Faults[:min(maxShownFaults, p.FaultCount)]
	for _, r := range i.Rows {
		switch {
		case len(r.Faults) > 0 || r.Row <= after:
		case len(p.Rows) == shownRows:
			p.Next = p.Rows[shownRows-1].Row
			return p
		default:
			p.Rows = append(p.Rows, view.ImportRow{
				Row: r.Row, Name: r.Order.Name.Full(), PersonalNumber: r.Order.Identity.Masked(), Citizenship: r.Order.Citizenship, Email: string(r.Order.Email),
			})
		}
	}
	return p
}

func importFaults(rows []card.ImportRow) []view.ImportFault {
	var all []view.ImportFault
	for _, r := range rows {
		for _, f := range r.Faults {
			fault := view.ImportFault{Row: r.Row, Name: r.Order.Name.Full(), Column: string(f.Column), Code: faultCode(f), Twin: f.Twin}
			if f.Rule != "" {
				fault.Column, fault.Code = ruleFault(f)
			}
			all = append(all, fault)
		}
	}
	return all
}

// faultCode is what the page has words for.
func faultCode(f card.RowFault) string {
	switch {
	case f.Code == card.FaultEmpty && f.Column == card.ColumnPersonalNumber:
		return "no_identity"
	case f.Code != card.FaultInvalid:
		return string(f.Code)
	case f.Column == card.ColumnPassportCountry, f.Column == card.ColumnCitizenship:
		return "country"
	}
	return string(f.Column)
}

// ruleFault is the column that a rule of orders is about, and what the page has words for.
func ruleFault(f card.RowFault) (column, code string) {
	switch f.Rule {
	case card.RuleOneOpenOrder:
		if f.Twin != 0 {
			return "", "twin"
		}
		return "", "open_order"
	case "persons_given_name_length", "card_orders_given_name_length":
		return string(card.ColumnGivenName), "name_length"
	case "persons_family_name_length", "card_orders_family_name_length":
		return string(card.ColumnFamilyName), "name_length"
	case "card_orders_given_name_no_number":
		return string(card.ColumnGivenName), "name_personal"
	case "card_orders_family_name_no_number":
		return string(card.ColumnFamilyName), "name_personal"
	case "card_orders_citizenship_format":
		return string(card.ColumnCitizenship), "country"
	case "card_orders_email_format":
		return string(card.ColumnEmail), "email"
	case "card_orders_reference_length":
		return string(card.ColumnReference), "reference_length"
	case "card_orders_deliver_to_length":
		return string(card.ColumnDeliverTo), "deliver_to_length"
	}
	return "", "refused"
}

// showImportFaults is the list of all faults, for whoever corrects the file.
func (s *Server) showImportFaults(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := importID(r)
	if err != nil {
		return err
	}
	i, err := s.store.Import(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	b := bytes.NewBufferString("\ufeff")
	list := csv.NewWriter(b)
	list.Comma, list.UseCRLF = listSeparator(v.words), true
	// An error of the buffer is kept until Flush.
	_ = list.Write([]string{v.words.T("order_import.row"), v.words.T("order_import.column"), v.words.T("order_import.fault")})
	for _, f := range importFaults(i.Rows) {
		_ = list.Write([]string{strconv.Itoa(f.Row), view.ImportColumnName(v.words, f.Column), view.ImportFaultText(v.words, f)})
	}
	list.Flush()
	if err := list.Error(); err != nil {
		return fmt.Errorf("server: list of faults: %w", err)
	}
	return download(w, r, "text/csv; charset=utf-8", "kortportal-rader.csv", b.Bytes())
}

// showImportTemplate is an empty file with the names of the columns.
func (s *Server) showImportTemplate(v visit, w http.ResponseWriter, r *http.Request) error {
	var names []string
	for _, c := range view.ImportColumns() {
		names = append(names, view.ImportColumnName(v.words, c))
	}
	if chi.URLParam(r, "format") == "csv" {
		file, err := sheet.CSVTemplate(names, listSeparator(v.words))
		if err != nil {
			return err
		}
		return download(w, r, "text/csv; charset=utf-8", "kortportal-mall.csv", file)
	}
	file, err := sheet.XLSXTemplate(v.words.T("order_import.template_name"), names)
	if err != nil {
		return err
	}
	return download(w, r, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "kortportal-mall.xlsx", file)
}

// listSeparator is what Excel in the language expects between the cells of a list.
func listSeparator(words *i18n.Printer) rune {
	if words.Lang() == i18n.Swedish {
		return ';'
	}
	return ','
}

// download sends a file to be kept under a name of ours.
func download(w http.ResponseWriter, r *http.Request, mime, name string, file []byte) error {
	dropReceipt(w, r)
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(file) // an error says that the browser has gone
	return nil
}
