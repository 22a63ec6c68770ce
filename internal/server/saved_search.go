package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// searchKeeper keeps searches under a name.
type searchKeeper interface {
	SavedSearches(ctx context.Context, by account.Actor) ([]card.SavedSearch, error)
	SaveSearch(ctx context.Context, by account.Actor, n card.NewSearch) (card.SearchID, error)
	RenameSearch(ctx context.Context, by account.Actor, id card.SearchID, name string) error
	ShareSearch(ctx context.Context, by account.Actor, id card.SearchID, shared bool) error
	DeleteSearch(ctx context.Context, by account.Actor, id card.SearchID) error
	StartSearch(ctx context.Context, by account.Actor) (card.SavedSearch, error)
	StartWith(ctx context.Context, by account.Actor, id card.SearchID) error
	StartAsUsual(ctx context.Context, by account.Actor) error
}

// askSearchName asks for the name of the search in the address.
func (s *Server) askSearchName(v visit, w http.ResponseWriter, r *http.Request) error {
	f, whole := s.addressedFilter(r)
	if !whole || f.Sealed != "" {
		return redirect(w, r, f.URL()) // where it says that such a search is not saved
	}
	return s.showSearchName(v, w, r, http.StatusOK, view.SaveSearch{Filter: f})
}

// saveSearch keeps a search and goes back to it.
func (s *Server) saveSearch(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	p := view.SaveSearch{Filter: filterOf(r.PostForm), Name: field(r, "name"), Shared: field(r, "shared") == "yes"}
	if account.LooksLikePersonalNumber(p.Filter.Query) {
		p.Filter.Query = "" // it stands nowhere any more
		p.Errors = []view.FieldError{{Field: "form", Code: "search_personal"}}
		return s.showSearchName(v, w, r, http.StatusUnprocessableEntity, p)
	}
	search, faults := s.understand(v, p.Filter)
	if v.actor.Company == 0 || len(faults) > 0 {
		return errNotFound // no search of ours
	}
	n := card.NewSearch{Name: p.Name, Shared: p.Shared, Filter: card.SavedFilter{
		Query: savedQuery(p.Filter.Query, search.Query), Status: search.Status, Kind: search.Kind, Orderer: search.Orderer, ExpiresBefore: search.ExpiresBefore, CleanUp: search.CleanUp,
	}}
	err := searchNameFault(p.Name)
	if err == nil {
		_, err = s.store.SaveSearch(r.Context(), v.actor, n)
	}
	switch code := searchFault(err, p.Name); {
	case errors.Is(err, card.ErrSearchPersonal):
		p.Filter.Query = ""
		p.Errors = []view.FieldError{{Field: "form", Code: "search_personal"}}
	case errors.Is(err, card.ErrSearchesFull):
		p.Errors = []view.FieldError{{Field: "form", Code: "searches_full"}}
	case code != "":
		p.Errors = []view.FieldError{{Field: "name", Code: code}}
	case err != nil:
		return err
	default:
		sendReceipt(w, receiptSearchSaved)
		return redirect(w, r, p.Filter.URL())
	}
	return s.showSearchName(v, w, r, http.StatusUnprocessableEntity, p)
}

// savedQuery is what is kept of a query: a card number as it is printed, so that it is not taken for a personnummer, and all else as typed.
func savedQuery(typed string, q card.Query) string {
	switch q.Kind {
	case card.ByNumber:
		return q.Number.String()
	case card.ByNumberPrefix:
		return q.Prefix
	}
	return typed
}

// searchNameFault is ErrSearchName for a name that holds a personnummer, however it is written; the store knows some of the ways.
func searchNameFault(name string) error {
	if account.HoldsPersonalNumber(name) {
		return card.ErrSearchName
	}
	return nil
}

// searchFault is what is wrong with the name of a search that was refused; empty when the name is not to blame.
func searchFault(err error, name string) string {
	switch {
	case errors.Is(err, card.ErrSearchTaken):
		return "taken"
	case !errors.Is(err, card.ErrSearchName):
		return ""
	case name == "":
		return "required"
	case utf8.RuneCountInString(name) > card.MaxSearchName:
		return "too_long"
	}
	return "personal"
}

func (s *Server) showSearchName(v visit, w http.ResponseWriter, r *http.Request, status int, p view.SaveSearch) error {
	if _, faults := s.understand(v, p.Filter); v.actor.Company == 0 || len(faults) > 0 {
		return errNotFound // the search page says what is wrong with a filter
	}
	orderers, err := s.store.Orderers(r.Context(), v.actor)
	if err != nil {
		return err
	}
	now, former := ordererOptions(orderers)
	p.Layout, p.Orderers = v.layout(""), slices.Concat(now, former)
	return render(w, r, status, view.SaveSearchPage(p))
}

// showSearches lists the saved searches that the visitor may use.
func (s *Server) showSearches(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.answerSearches(v, w, r, http.StatusOK, nil)
}

// answerSearches shows the list; change puts in what was typed, and what is wrong with it.
func (s *Server) answerSearches(v visit, w http.ResponseWriter, r *http.Request, status int, change func(*view.SavedSearches)) error {
	found, err := s.store.SavedSearches(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p := view.SavedSearches{Layout: v.layout("/saved-searches"), Searches: savedSearches(found), Administrator: v.actor.Is(account.Administrator)}
	if change != nil {
		change(&p)
	}
	return render(w, r, status, view.SavedSearchesPage(p))
}

// changeSearch renames, shares or deletes a search, or makes it the one to begin with.
func (s *Server) changeSearch(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	number, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil || number <= 0 {
		return errNotFound
	}
	id, name := card.SearchID(number), field(r, "name")
	switch field(r, "step") {
	case "rename":
		if err = searchNameFault(name); err == nil {
			err = s.store.RenameSearch(r.Context(), v.actor, id, name)
		}
	case "share":
		err = s.store.ShareSearch(r.Context(), v.actor, id, true)
	case "unshare":
		err = s.store.ShareSearch(r.Context(), v.actor, id, false)
	case "delete":
		err = s.store.DeleteSearch(r.Context(), v.actor, id)
	case "start":
		err = s.store.StartWith(r.Context(), v.actor, id)
	case "start_as_usual":
		err = s.store.StartAsUsual(r.Context(), v.actor)
	default:
		return errNotFound
	}
	if code := searchFault(err, name); code != "" {
		return s.answerSearches(v, w, r, http.StatusUnprocessableEntity, func(p *view.SavedSearches) {
			p.Path, p.Errors = "", []view.FieldError{{Field: view.SearchNameField(number), Code: code}}
			for i := range p.Searches {
				if p.Searches[i].ID == number {
					p.Searches[i].Typed = name
				}
			}
		})
	}
	if err != nil {
		return err
	}
	sendReceipt(w, receiptSearchChanged)
	return redirect(w, r, "/saved-searches")
}

func savedSearches(found []card.SavedSearch) []view.SavedSearch {
	all := make([]view.SavedSearch, len(found))
	for i, s := range found {
		all[i] = view.SavedSearch{
			ID: int64(s.ID), Name: s.Name, Typed: s.Name, Shared: s.Shared, Own: s.Own, Starts: s.Starts, Owner: s.Owner.Full(), Filter: savedFilter(s.Filter),
		}
	}
	return all
}

func savedFilter(f card.SavedFilter) view.CardFilter {
	kept := view.CardFilter{Query: f.Query, Status: string(f.Status), Kind: string(f.Kind), CleanUp: string(f.CleanUp)}
	if f.Orderer != 0 {
		kept.Orderer = strconv.FormatInt(int64(f.Orderer), 10)
	}
	if !f.ExpiresBefore.IsZero() {
		kept.ExpiresBefore = f.ExpiresBefore.Format(time.DateOnly)
	}
	return kept
}
