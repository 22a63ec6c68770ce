package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/sheet"
	"kortportal/web/view"
)

// runStore does plans, and tells what became of each card.
type runStore interface {
	Run(ctx context.Context, by account.Actor, id card.PlanID) (card.Run, error)
	Runs(ctx context.Context, by account.Actor, before card.PlanID) (runs []card.Run, next card.PlanID, err error)
	RunRows(ctx context.Context, by account.Actor, id card.PlanID, result card.Result, after card.Cursor, size int) ([]card.RunRow, card.Cursor, error)
	RetryRun(ctx context.Context, by account.Actor, id card.PlanID) (card.PlanID, error)
	SelectFailed(ctx context.Context, by account.Actor, id card.PlanID) (card.SelectionID, error)
	UndoRun(ctx context.Context, by account.Actor, id card.PlanID) (card.PlanID, error)
}

// refreshSeconds is how often the page of a run on its way asks for itself again.
const refreshSeconds = "2"

// receiptAtOnce is how many lines of a receipt are in memory while it is written to a file.
const receiptAtOnce = 1000

func runAddress(id card.PlanID) string { return "/runs/" + strconv.FormatInt(int64(id), 10) }

// showRuns lists the company's runs.
func (s *Server) showRuns(v visit, w http.ResponseWriter, r *http.Request) error {
	before, err := strconv.ParseInt(param(r, "before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	runs, next, err := s.store.Runs(r.Context(), v.actor, card.PlanID(before))
	if err != nil {
		return err
	}
	p := view.Runs{Layout: v.layout("/runs"), Before: before, Next: int64(next)}
	for _, run := range runs {
		p.Rows = append(p.Rows, runLine(run))
	}
	return render(w, r, http.StatusOK, view.RunsPage(p))
}

func runLine(run card.Run) view.RunLine {
	return view.RunLine{
		ID: int64(run.Plan.ID), Terms: planTerms(run.Plan), By: run.By.Full(), Started: run.Started, Finished: run.Finished, N: run.Plan.N,
		Done: run.Of(card.Done), Undoes: int64(run.Undoes),
	}
}

// showRun is the progress of a run, then its receipt.
func (s *Server) showRun(v visit, w http.ResponseWriter, r *http.Request) error {
	n, err := addressID(r, "id")
	if err != nil {
		return err
	}
	id := card.PlanID(n)
	run, err := s.store.Run(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := view.Run{Layout: v.layout(runAddress(id)), RunLine: runLine(run), Own: run.Own, UndoneBy: int64(run.UndoneBy), Saves: run.Saves, Price: run.Plan.Price}
	p.N = run.N()
	for _, c := range run.Counts {
		p.Counts = append(p.Counts, view.StatusCount{Code: string(c.Result), Count: c.N})
	}
	p.Failed = run.Of(card.ChangedSince) + run.Of(card.RefusedThen)
	p.Done += run.Of(card.IsPlanned) + run.Of(card.StaysBlocked)
	p.Touched = p.Done + p.Failed
	p.ToTouch = p.Touched + run.Of(card.StillToDo)
	if run.Finished.IsZero() {
		w.Header().Set("Refresh", refreshSeconds)
		return render(w, r, http.StatusOK, view.RunPage(p))
	}
	p.Undo = run.Own && run.Undoable
	p.TooLate = run.Own && run.Plan.Undo && p.Done > 0 && !run.Undoable && run.UndoneBy == 0
	result := card.Result(param(r, "result"))
	if !slices.Contains(card.RunResults(), result) {
		result = ""
	}
	rows, next, err := s.store.RunRows(r.Context(), v.actor, id, result, card.Cursor(param(r, "after")), card.PageSize)
	if err != nil {
		return err
	}
	p.Result, p.After, p.Next, p.Rows = string(result), param(r, "after"), string(next), runRows(run.Plan.Action, rows)
	return render(w, r, http.StatusOK, view.RunPage(p))
}

func runRows(action card.Action, rows []card.RunRow) []view.RunRow {
	lines := make([]view.RunRow, len(rows))
	for i, row := range rows {
		lines[i] = view.RunRow{
			PlanRow: planRow(row.PlanRow), Result: string(row.Result), Why: planWhy(action, row.Rule), At: row.At, Made: int64(row.Made),
		}
	}
	return lines
}

// undoRun takes back what a run did.
func (s *Server) undoRun(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.followUp(w, r, func(id card.PlanID) error {
		undo, err := s.store.UndoRun(r.Context(), v.actor, id)
		switch {
		case errors.Is(err, card.ErrStale):
			undo = id // whose receipt says so
		case errors.Is(err, card.ErrNotAllowed):
			return errForbidden
		case err != nil:
			return err
		}
		return redirect(w, r, runAddress(undo))
	})
}

// retryRun plans once more what failed; where that cannot be planned on the same terms any more, the person is asked.
func (s *Server) retryRun(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.followUp(w, r, func(id card.PlanID) error {
		plan, refused := s.store.RetryRun(r.Context(), v.actor, id)
		if refused == nil {
			return redirect(w, r, planAddress(plan))
		}
		run, err := s.store.Run(r.Context(), v.actor, id)
		if err != nil {
			return err
		}
		return s.askAgain(v, w, r, refused, run.Plan.Action, run.Plan, func() (card.SelectionID, error) {
			return s.store.SelectFailed(r.Context(), v.actor, id)
		})
	})
}

func (s *Server) followUp(w http.ResponseWriter, r *http.Request, do func(card.PlanID) error) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	n, err := addressID(r, "id")
	if err != nil {
		return err
	}
	return do(card.PlanID(n))
}

// downloadReceipt sends the receipt as a file, while it is read.
func (s *Server) downloadReceipt(v visit, w http.ResponseWriter, r *http.Request) error {
	n, err := addressID(r, "id")
	if err != nil {
		return err
	}
	id := card.PlanID(n)
	run, err := s.store.Run(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return s.begun(r, s.sendReceiptFile(v, w, r, run))
}

func (s *Server) sendReceiptFile(v visit, w http.ResponseWriter, r *http.Request, run card.Run) error {
	id, format := run.Plan.ID, card.Format(chi.URLParam(r, "format"))
	name := "kortportal-kvitto-" + strconv.FormatInt(int64(id), 10)
	table, err := v.table(w, format, name, view.ReceiptColumns(v.words))
	if err != nil {
		return err
	}
	for after, more := card.Cursor(""), true; more; more = after != "" {
		rows, next, err := s.store.RunRows(r.Context(), v.actor, id, "", after, receiptAtOnce)
		if err != nil {
			return err
		}
		if err := s.patience(w); err != nil {
			return err
		}
		for _, row := range runRows(run.Plan.Action, rows) {
			if err := table.Row(view.ReceiptLine(v.words, string(run.Plan.Action), row)); err != nil {
				return err
			}
		}
		if err := sendRows(w, table); err != nil {
			return err
		}
		after = next
	}
	return table.Close()
}

// sendRows puts what was written of a table on its way.
func sendRows(w http.ResponseWriter, table sheet.Table) error {
	if err := table.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}
