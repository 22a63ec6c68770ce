package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// cardFinder finds cards.
type cardFinder interface {
	SearchCards(ctx context.Context, by account.Actor, search card.Search) (card.Results, error)
	SearchPage(ctx context.Context, by account.Actor, search card.Search) (card.Results, card.SearchForm, error)
	SearchForm(ctx context.Context, by account.Actor) (card.SearchForm, error)
	Orderers(ctx context.Context, by account.Actor) ([]card.Orderer, error)
}

// searchCards is Hantera kort by its address.
func (s *Server) searchCards(v visit, w http.ResponseWriter, r *http.Request) error {
	if !v.seesCards() {
		return s.leadToPlace(v, w, r)
	}
	if kept := s.takeKept(v, r); kept != nil {
		return s.searchFor(v, w, r, filterOf(kept))
	}
	f, whole := s.addressedFilter(r)
	if !whole && f.Sealed == "" {
		return redirect(w, r, f.URL())
	}
	f.After = param(r, "after")
	rememberSearch(w, r, f.URL())
	return s.answerSearch(v, w, r, f)
}

// postSearch takes the search form.
func (s *Server) postSearch(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	if !v.seesCards() {
		return errForbidden
	}
	return s.searchFor(v, w, r, filterOf(r.PostForm))
}

// searchFor sends the browser to the address of the answer, or says what is wrong with the search.
func (s *Server) searchFor(v visit, w http.ResponseWriter, r *http.Request, f view.CardFilter) error {
	f = s.seal(r.Context(), f)
	if _, faults := s.understand(v, f); len(faults) > 0 {
		return s.answerSearch(v, w, r, f)
	}
	return redirect(w, r, f.URL())
}

func (s *Server) answerSearch(v visit, w http.ResponseWriter, r *http.Request, f view.CardFilter) error {
	return s.answerSearchWith(v, w, r, f, nil)
}

// answerSearchWith shows what is found, and what is wrong with what was to be done with it.
func (s *Server) answerSearchWith(v visit, w http.ResponseWriter, r *http.Request, f view.CardFilter, wrong []view.FieldError) error {
	p := view.CardSearch{
		Layout: v.layout(f.URL()), Filter: f, AllCompanies: v.actor.Is(account.Issuer),
		StatusMeant: string(statusMeant(f.Query)), OtherCompanies: v.actor.Company != 0 && len(v.session.Login.Companies()) > 1, Misused: isMisused(f.Query), Errors: wrong,
	}
	search, faults := s.understand(v, f)
	if len(faults) > 0 {
		p.Errors = faults
		form, err := s.store.SearchForm(r.Context(), v.actor)
		if err != nil {
			return err
		}
		return renderSearch(w, r, http.StatusUnprocessableEntity, p, form)
	}
	if search.Query.Kind == card.ByNumber {
		search = card.Search{Query: search.Query} // a whole number says it all
		if len(wrong) == 0 {
			found, err := s.store.SearchCards(r.Context(), v.actor, search)
			if err != nil {
				return err
			}
			if len(found.Rows) == 1 {
				return redirect(w, r, "/cards/"+strconv.FormatInt(int64(found.Rows[0].ID), 10))
			}
		}
	}
	found, form, err := s.store.SearchPage(r.Context(), v.actor, search)
	if rest := withoutVerb(f.Query); err == nil && p.Misused && rest != "" && len(found.Rows)+found.All.N+len(found.Orderers) == 0 {
		if again, wrong := s.understand(v, withQuery(f, rest)); len(wrong) == 0 { // whom it is to be done to
			found, form, err = s.store.SearchPage(r.Context(), v.actor, again)
		}
	}
	if err != nil {
		return err
	}
	p.Count, p.Capped = found.Total.N, found.Total.Capped
	p.Next = string(found.Next)
	p.Statuses = statusLinks(found, search.Status)
	for _, o := range found.Orderers {
		p.Suggestions = append(p.Suggestions, view.OrdererMatch{
			Value: strconv.FormatInt(int64(o.ID), 10), Name: o.Name.Full(), Count: o.N, Capped: o.Capped,
		})
	}
	for _, row := range found.Rows {
		p.Rows = append(p.Rows, cardRow(row))
	}
	nothingAsked := search.Query == card.Query{} && search.Orderer == 0
	p.Prompt = p.AllCompanies && nothingAsked
	p.NoCards = !p.AllCompanies && found.All.N == 0 && search == card.Search{}
	if len(wrong) > 0 {
		return renderSearch(w, r, http.StatusUnprocessableEntity, p, form)
	}
	return renderSearch(w, r, http.StatusOK, p, form)
}

func renderSearch(w http.ResponseWriter, r *http.Request, status int, p view.CardSearch, form card.SearchForm) error {
	p.Orderers, p.Former = ordererOptions(form.Orderers)
	p.Acting, p.Saved = acting(form.Orderers), savedSearches(form.Saved)
	if p.AllCompanies && len(p.Rows) > 0 && p.Filter.Orderer != "" {
		// Across companies there is no list to choose from; the one that was chosen stands in every row.
		p.Orderers = []view.Option{{Value: p.Filter.Orderer, Label: p.Rows[0].Orderer}}
	}
	return render(w, r, status, view.CardSearchPage(p))
}

// understand reads the filter; what is wrong with it stands beside its fields.
func (s *Server) understand(v visit, f view.CardFilter) (card.Search, []view.FieldError) {
	search := card.Search{Status: card.Status(f.Status), Kind: card.Kind(f.Kind), CleanUp: card.CleanUp(f.CleanUp), After: card.Cursor(f.After)}
	var faults []view.FieldError
	fault := func(field, code string) { faults = append(faults, view.FieldError{Field: field, Code: code}) }
	if f.Sealed != "" && f.Query == "" {
		fault("q", "sealed")
	}
	var err error
	switch search.Query, err = card.ParseQuery(f.Query, v.session.Now); {
	case errors.Is(err, card.ErrQueryTooLong):
		fault("q", "too_long")
	case errors.Is(err, card.ErrQueryPersonal):
		fault("q", "personal")
	case err != nil:
		fault("q", "invalid")
	}
	if search.Status != "" && !slices.Contains(card.EffectiveStatuses(), search.Status) {
		fault("status", "invalid")
	}
	if search.Kind != "" && search.Kind != card.Standard && search.Kind != card.Visitor {
		fault("kind", "invalid")
	}
	if search.CleanUp != "" && (v.actor.Company == 0 || !slices.Contains(card.CleanUps(), search.CleanUp)) {
		fault("cleanup", "invalid") // what there is to tidy up is the company's affair
	}
	if f.Orderer != "" {
		id, err := strconv.ParseInt(f.Orderer, 10, 64)
		if err != nil || id <= 0 {
			fault("orderer", "invalid")
		}
		search.Orderer = account.PersonID(id)
	}
	if f.ExpiresBefore != "" {
		search.ExpiresBefore, err = time.Parse(time.DateOnly, f.ExpiresBefore)
		if err != nil || search.ExpiresBefore.Year() < 1900 {
			fault("expires_before", "invalid")
		}
	}
	return search, faults
}

// ordererOptions are those who are orderers now and those who were.
func ordererOptions(orderers []card.Orderer) (now, former []view.Option) {
	now = make([]view.Option, 0, len(orderers))
	for _, o := range orderers {
		option := view.Option{Value: strconv.FormatInt(int64(o.ID), 10), Label: listName(o.Name)}
		if o.Now {
			now = append(now, option)
		} else {
			former = append(former, option)
		}
	}
	return now, former
}

// statusLinks are all statuses that any match has, and the chosen one in any case.
func statusLinks(found card.Results, chosen card.Status) []view.StatusCount {
	links := []view.StatusCount{{Count: found.All.N, Capped: found.All.Capped}}
	for _, status := range card.EffectiveStatuses() {
		i := slices.IndexFunc(found.Counts, func(c card.StatusCount) bool { return c.Status == status })
		switch {
		case i >= 0:
			links = append(links, view.StatusCount{Code: string(status), Count: found.Counts[i].N, Capped: found.Counts[i].Capped})
		case status == chosen:
			links = append(links, view.StatusCount{Code: string(status)})
		}
	}
	return links
}

func cardRow(r card.Row) view.CardRow {
	return view.CardRow{
		ID: int64(r.ID), Version: r.Version, Number: r.Number.String(), Kind: string(r.Kind), Status: string(r.Status),
		Effective: string(r.Effective), Holder: listName(r.Holder), PersonalNumber: r.Identity, Company: r.Company,
		Orderer: r.Orderer.Full(), ValidTo: r.ValidTo,
	}
}

// listName is a name as lists sort it.
func listName(n card.Name) string {
	if n.Family == "" {
		return n.Given
	}
	return n.Family + ", " + n.Given
}

// statusMeant is the status that a query is a word for; empty for any other query.
func statusMeant(q string) card.Status {
	word, _, _ := strings.Cut(strings.ToLower(q), " ")
	switch word {
	case "spärrad", "spärrade", "spärrat", "blocked":
		return card.Blocked
	case "terminerad", "terminerade", "terminerat", "terminated":
		return card.Terminated
	case "aktiverad", "aktiverade", "aktiverat", "aktiva", "aktivt", "active":
		return card.Active
	case "utgången", "utgångna", "utgånget", "expired":
		return card.Expired
	case "suspenderad", "suspenderade", "suspenderat", "suspended":
		return card.Suspended
	}
	return ""
}

// isMisused reports whether a query is a word for what is done with cards, Spärra and Terminera or one that people use for both.
func isMisused(q string) bool {
	q = strings.ToLower(q)
	switch q {
	case "block", "lock", "cancel", "revoke", "häv", "häva", "lås", "låsa": // within a longer query some of them begin names
		return true
	}
	return slices.ContainsFunc(misusedWords(), func(word string) bool { return strings.HasPrefix(q, word) || strings.Contains(q, " "+word) })
}

// misusedWords are how such words begin.
func misusedWords() []string {
	return []string{
		"avslut", "inaktiv", "avaktiv", "deaktiv", "stäng", "ta bort", "radera", "makuler", "upphör", "annuller",
		"deactivat", "inactiv", "disable", "delete", "remove", "close card", "end card", "cancel card", "lock card", "block card", "blocked", "unlock", "unblock", "terminat",
		"spärr", "häv spärr", "häva spärr", "blockera", "stoppa", "lås upp", "lås kort", "låsa kort", "låsa upp", "avregistrera", "terminer",
	}
}

// withoutVerb is what such a query names beside what is to be done: avsluta kortet för Andersson.
func withoutVerb(q string) string {
	words := strings.Fields(q)
	var rest []string
	for len(words) > 0 {
		text, verb := strings.ToLower(strings.Join(words, " ")), 0
		for _, word := range misusedWords() {
			if strings.HasPrefix(text, word) {
				verb = max(verb, len(strings.Fields(word)))
			}
		}
		switch {
		case verb > 0:
			words = words[verb:]
			continue
		case !slices.Contains([]string{"kort", "kortet", "korten", "för", "till", "av", "upp", "card", "cards", "the", "for", "of", "up"}, strings.ToLower(words[0])):
			rest = append(rest, words[0])
		}
		words = words[1:]
	}
	return strings.Join(rest, " ")
}

func withQuery(f view.CardFilter, q string) view.CardFilter {
	f.Query, f.Sealed = q, ""
	return f
}
