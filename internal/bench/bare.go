package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres"
	"kortportal/web/view"
)

// The bare handler: the same statements and the same templates as the portal, and nothing around them. No session, no log,
// no headers, no compression, no checks of forms.

// bareEnv passes the subject to the child process.
const bareEnv = "KORTPORTAL_BENCH_SUBJECT"

type bare struct {
	store *postgres.Store
	by    account.Actor
	words *i18n.Printer
}

func serveBare(ctx context.Context) error {
	var s subject
	if err := json.Unmarshal([]byte(os.Getenv(bareEnv)), &s); err != nil {
		return err
	}
	store, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"), postgres.OpenOptions{})
	if err != nil {
		return err
	}
	defer store.Close()
	b := bare{store: store, by: s.actor(), words: i18n.For(i18n.Swedish)}
	r := chi.NewRouter()
	r.Get("/readyz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	r.Get("/cards", answer(b.search))
	r.Post("/cards", answer(b.ask))
	r.Get("/cards/{id}", answer(b.open))
	r.Post("/cards/{id}/{action}", answer(b.act))
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", os.Getenv("LISTEN_ADDR"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

func (s subject) actor() account.Actor {
	return account.Actor{Person: account.PersonID(s.Orderer), Company: account.CompanyID(s.Company), Roles: []account.Role{account.Orderer}}
}

func answer(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

// ask leads from the form to the address of the answer.
func (bare) ask(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/cards?"+url.Values{"q": {r.FormValue("q")}}.Encode(), http.StatusSeeOther)
	return nil
}

func (b bare) search(w http.ResponseWriter, r *http.Request) error {
	q, err := card.ParseQuery(r.FormValue("q"), time.Now())
	if err != nil {
		return err
	}
	search := card.Search{Query: q, After: card.Cursor(r.FormValue("after"))}
	if q.Kind == card.ByNumber {
		found, err := b.store.SearchCards(r.Context(), b.by, search)
		if err != nil {
			return err
		}
		if len(found.Rows) == 1 {
			http.Redirect(w, r, "/cards/"+strconv.FormatInt(int64(found.Rows[0].ID), 10), http.StatusSeeOther)
			return nil
		}
	}
	found, form, err := b.store.SearchPage(r.Context(), b.by, search)
	if err != nil {
		return err
	}
	p := view.CardSearch{Layout: b.layout(), Count: found.Total.N, Next: string(found.Next)}
	for _, o := range form.Orderers {
		p.Orderers = append(p.Orderers, view.Option{Value: strconv.FormatInt(int64(o.ID), 10), Label: o.Name.Full()})
	}
	for _, c := range found.Counts {
		p.Statuses = append(p.Statuses, view.StatusCount{Code: string(c.Status), Count: c.N})
	}
	for _, row := range found.Rows {
		p.Rows = append(p.Rows, view.CardRow{
			ID: int64(row.ID), Version: row.Version, Number: row.Number.String(), Kind: string(row.Kind), Status: string(row.Status),
			Effective: string(row.Effective), Holder: row.Holder.Full(), PersonalNumber: row.Identity, Orderer: row.Orderer.Full(), ValidTo: row.ValidTo,
		})
	}
	return write(w, r, view.CardSearchPage(p))
}

func (b bare) open(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return err
	}
	all, mails, err := b.store.CardPage(r.Context(), b.by, card.ID(id))
	if err != nil {
		return err
	}
	c, o := all.Card, all.Order
	p := view.Card{Layout: b.layout(), Card: view.CardSummary{
		ID: id, Version: c.Version, Number: c.Number.String(), Kind: string(c.Kind), Status: string(c.Status), Effective: string(c.Effective),
		Since: c.Since, Works: c.Works, Billed: c.Billed, Holder: c.Holder.Full(), PersonalNumber: c.Identity, Company: c.Company,
		OrgNumber: c.OrgNumber, Orderer: c.Orderer.Full(), ValidTo: c.ValidTo,
	}, Order: view.OrderData{
		Email: string(o.Email), Language: o.Language, Citizenship: o.Citizenship, Reference: o.Reference, DeliverTo: o.DeliverTo,
		Replaces: int64(o.Replaces), ReplacesNumber: o.Replaced.String(), ReplaceReason: string(o.ReplaceReason), Pays: string(o.Pays),
		ReplacedBy: int64(o.ReplacedBy), ReplacedByNumber: o.Successor.String(),
	}, Claim: view.CardClaim{Open: all.Claim.Refusal == "", Works: c.Works}}
	for _, m := range mails.Rows {
		p.Messages.Rows = append(p.Messages.Rows, view.MessageRow{
			ID: int64(m.ID), Receiver: m.Receiver.Full(), Template: string(m.Template), Created: m.Created, State: string(m.State), Attempts: m.Attempts,
		})
	}
	for _, choice := range c.Choices {
		if choice.Open() {
			p.Open = append(p.Open, string(choice.Action))
		}
	}
	for _, e := range c.Events {
		p.Events = append(p.Events, view.Event{
			At: e.At, Action: string(e.Action), From: string(e.From), To: string(e.To), Actor: e.Actor.Full(), Role: string(e.Role),
			Reason: string(e.Reason), Note: e.Note,
		})
	}
	return write(w, r, view.CardPage(p))
}

func (b bare) act(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(r.FormValue("version"))
	if err != nil {
		return err
	}
	_, err = b.store.Act(r.Context(), b.by, card.Command{
		Card: card.ID(id), Version: version, Action: card.Action(chi.URLParam(r, "action")), Reason: card.Reason(r.FormValue("reason")),
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/cards/"+strconv.FormatInt(id, 10), http.StatusSeeOther)
	return nil
}

func (b bare) layout() view.Layout {
	return view.Layout{Words: b.words, Path: "/cards", Person: "Bench", Place: "company", Company: "Bench AB", Nav: []string{"cards", "account", "help"}}
}

func write(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	var buffer bytes.Buffer
	if err := page.Render(r.Context(), &buffer); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write(buffer.Bytes())
	return err
}
