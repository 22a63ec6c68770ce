package server

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/sheet"
	"kortportal/web/view"
)

// exportStore hands out all cards that a search finds, and writes down who took them.
type exportStore interface {
	ExportCards(ctx context.Context, by account.Actor, search card.Search, e card.Export, write func([]card.ExportRow) error) error
	Exports(ctx context.Context, by account.Actor) ([]card.MadeExport, error)
}

const maxPurpose = 200 // characters, as of an export

// askExport is the page of a list by its address.
func (s *Server) askExport(v visit, w http.ResponseWriter, r *http.Request) error {
	f, whole := s.addressedFilter(r)
	if !whole {
		return redirect(w, r, f.URL())
	}
	return s.showExport(v, w, r, http.StatusOK, view.CardExport{Filter: f, Format: string(card.XLSX)})
}

// postExport sends the list.
func (s *Server) postExport(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p := view.CardExport{
		Filter: s.postedFilter(r), Format: field(r, "format"), PersonalNumbers: field(r, "personal_numbers") == "yes", Purpose: field(r, "purpose"),
	}
	e := card.Export{Format: card.Format(p.Format), PersonalNumbers: p.PersonalNumbers, Purpose: p.Purpose}
	if e.Format != card.CSV && e.Format != card.XLSX {
		p.Errors = append(p.Errors, view.FieldError{Field: "format", Code: "invalid"})
		return s.showExport(v, w, r, http.StatusUnprocessableEntity, p)
	}
	search, faults := s.understand(v, p.Filter)
	if v.actor.Company == 0 || len(faults) > 0 {
		return errNotFound // no list of ours
	}
	started, err := s.sendExport(v, w, r, search, e)
	switch {
	case started:
		return s.begun(r, err)
	case errors.Is(err, card.ErrPurpose):
		p.Errors = append(p.Errors, view.FieldError{Field: "purpose", Code: purposeFault(p.Purpose)})
		return s.showExport(v, w, r, http.StatusUnprocessableEntity, p)
	}
	return err
}

// purposeFault is what is wrong with a purpose that was refused.
func purposeFault(purpose string) string {
	switch {
	case purpose == "":
		return "required"
	case utf8.RuneCountInString(purpose) > maxPurpose:
		return "too_long"
	}
	return "personal"
}

func (s *Server) showExport(v visit, w http.ResponseWriter, r *http.Request, status int, p view.CardExport) error {
	search, faults := s.understand(v, p.Filter)
	if v.actor.Company == 0 || len(faults) > 0 {
		return errNotFound // the issuer takes no lists, and the search page says what is wrong with a filter
	}
	found, err := s.store.SearchCards(r.Context(), v.actor, search)
	if err != nil {
		return err
	}
	made, err := s.store.Exports(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p.Layout, p.Count, p.Capped = v.layout(""), found.Total.N, found.Total.Capped
	for _, m := range made {
		p.Made = append(p.Made, view.MadeExport{
			By: m.By.Full(), At: m.At, Format: string(m.Format), PersonalNumbers: m.PersonalNumbers, Purpose: m.Purpose, Rows: m.Rows, Ended: m.Ended,
		})
	}
	return render(w, r, status, view.CardExportPage(p))
}

// sendExport writes the list while it is read. Nothing has been sent as long as started is false.
func (s *Server) sendExport(v visit, w http.ResponseWriter, r *http.Request, search card.Search, e card.Export) (started bool, err error) {
	var table sheet.Table
	err = s.store.ExportCards(r.Context(), v.actor, search, e, func(rows []card.ExportRow) error {
		if !started {
			started = true
			dropReceipt(w, r)
			if table, err = v.table(w, e.Format, "kortportal-kort", view.ExportColumns(v.words)); err != nil {
				return err
			}
		}
		if err := s.patience(w); err != nil {
			return err
		}
		for _, row := range rows {
			line := cardRow(row.Row)
			if e.PersonalNumbers && row.Identity.Kind != "" {
				line.PersonalNumber = row.Identity.Whole()
			}
			if err := table.Row(view.ExportLine(v.words, line)); err != nil {
				return err
			}
		}
		return sendRows(w, table) // while the rest is read
	})
	if err == nil {
		err = table.Close()
	}
	return started, err
}

// table begins a file of a table. Its name ends in the day and says nothing of anybody.
func (v visit) table(w http.ResponseWriter, format card.Format, name string, columns []string) (sheet.Table, error) {
	var table sheet.Table
	var err error
	name += "-" + v.words.Date(v.session.Now)
	if format == card.CSV {
		attach(w, "text/csv; charset=utf-8", name+".csv")
		table, err = sheet.NewCSV(w, ';')
	} else {
		attach(w, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name+".xlsx")
		table, err = sheet.NewXLSX(w, v.words.T("card_export.sheet"), len(columns))
	}
	if err != nil {
		return nil, err
	}
	return table, table.Row(columns)
}
