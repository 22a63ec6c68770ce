package server

import (
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/web/view"
)

// A form that is sent after the session has ended travels with the login: in fields of the login form, then in the new session, until the page
// that it is of takes it, or one that offers to send it again.

const (
	keptPrefix   = "kept_" // of the fields
	keptPathName = "form"
	keptFileName = "file" // the form had a file, which does not travel
)

// restoredAt is the page that takes a kept form and shows what was typed, by the route of its POST. The values of the route are the page's too.
var restoredAt = map[string]string{
	"/cards":                     "/cards",
	"/cards/{id}/{action}":       "/cards/{id}/{action}",
	"/my-cards/{id}/{action}":    "/my-cards/{id}/{action}",
	"/desk/review/{id}/{action}": "/desk/review/{id}",
}

// sentAgain are the routes whose forms are offered to be sent again as they were, because what follows is a page, or can be undone. All others lead
// to where they were: nothing that ends a card or a role is done by a button that does not say so.
var sentAgain = map[string]bool{
	"/account/email": true, "/cards/export": true, "/cards/{id}/claim": true, "/cards/{id}/correct": true, "/company": true, "/desk/claims/{claim}": true,
	"/expiring/renewals": true, "/my-cards/{id}/claim": true, "/orders/new": true, "/saved-searches/new": true, "/saved-searches/{id}": true,
	"/selections": true, "/selections/all": true, "/selections/paste": true, "/selections/pasted": true, "/selections/{id}": true,
	"/selections/{id}/cards": true, "/users/new": true, "/users/{id}/deputy": true,
}

const resumePath = "/resume"

// keep fills a login page with the form of a request that came without a session.
func (s *Server) keep(p *view.Login, w http.ResponseWriter, r *http.Request) error {
	routes := chi.RouteContext(r.Context())
	pattern := routes.RoutePattern()
	page, restored := restoredAt[pattern]
	p.Next, p.Notice = pageOf(r), "lost"
	if !restored && !sentAgain[pattern] {
		return nil
	}
	fields, file, err := readFields(w, r)
	if err != nil {
		return err
	}
	if fields == nil {
		return nil
	}
	form := ownPath(r.URL.Path)
	if restored {
		for i, name := range routes.URLParams.Keys {
			page = strings.ReplaceAll(page, "{"+name+"}", routes.URLParams.Values[i])
		}
		form = ownPath(page)
		p.Next = form
	} else {
		p.Next = resumePath
	}
	p.Notice = "kept"
	p.Kept = keptFields(&account.KeptForm{Path: form, Fields: fields, File: file})
	return nil
}

// pageOf is the page to go on with after a POST that is not kept: the one of that address, or the one that its button stood on.
func pageOf(r *http.Request) string {
	routes, page := chi.RouteContext(r.Context()), chi.NewRouteContext()
	if routes.Routes.Match(page, http.MethodGet, r.URL.Path) && page.RoutePattern() == routes.RoutePattern() {
		return ownPath(r.URL.Path)
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || !routes.Routes.Match(chi.NewRouteContext(), http.MethodGet, from.Path) {
		return ""
	}
	return ownPath(from.RequestURI())
}

// readFields reads the texts of a form, however it was sent, without passwords; nil for more than a form has. file: there was a file too.
func readFields(w http.ResponseWriter, r *http.Request) (fields url.Values, file bool, err error) {
	if hasParts(r) {
		fields, err = readParts(w, r, maxPhotoBody, func(*multipart.Part) error {
			file = true
			return nil
		})
	} else {
		err = parseForm(w, r)
		fields = r.PostForm
	}
	switch {
	case isTooLarge(err):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return withoutPasswords(fields), file, nil
}

// withoutPasswords are the fields of a form but those that prove something; nil where they are more than a session keeps.
func withoutPasswords(values url.Values) url.Values {
	fields, size := url.Values{}, 0
	for name, all := range values {
		if strings.Contains(name, "password") {
			continue
		}
		for _, value := range all {
			size += len(name) + len(value)
		}
		fields[name] = all
	}
	if size > maxBody/2 { // which leaves room for what the login form adds to each
		return nil
	}
	return fields
}

// keptFields are the fields by which a form travels with the login page; none for nil.
func keptFields(kept *account.KeptForm) []view.KeptField {
	if kept == nil {
		return nil
	}
	fields := []view.KeptField{{Name: keptPathName, Value: kept.Path}}
	if kept.File {
		fields = append(fields, view.KeptField{Name: keptFileName, Value: "yes"})
	}
	return append(fields, flat(keptPrefix, kept.Fields)...)
}

// flat are the fields in the order of their names, each with the prefix.
func flat(prefix string, values url.Values) (fields []view.KeptField) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			fields = append(fields, view.KeptField{Name: prefix + name, Value: value})
		}
	}
	return fields
}

// travellingForm is the form that a login form has with it; nil when there is none.
func travellingForm(r *http.Request) *account.KeptForm {
	path := ownPath(field(r, keptPathName))
	if path == "" {
		return nil
	}
	kept := &account.KeptForm{Path: path, Fields: url.Values{}, File: field(r, keptFileName) != ""}
	for name, all := range r.PostForm {
		if name, ok := strings.CutPrefix(name, keptPrefix); ok {
			for _, value := range all { // as the store can keep it
				kept.Fields.Add(clean(name), clean(value))
			}
		}
	}
	return kept
}

// takeKept gives back, once, what was typed on this page before the session had ended; nil when nothing was.
func (s *Server) takeKept(v visit, r *http.Request) url.Values {
	kept := v.session.Kept
	if kept == nil || kept.Path != r.URL.Path {
		return nil
	}
	s.forgetKept(v, r)
	return kept.Fields
}

func (s *Server) forgetKept(v visit, r *http.Request) {
	session := v.session
	session.Kept = nil
	s.keepSession(r.Context(), session)
}

// resume offers, once, to send a form that was sent after the session had ended.
func (s *Server) resume(v visit, w http.ResponseWriter, r *http.Request) error {
	kept := v.session.Kept
	if kept == nil {
		return redirect(w, r, "/")
	}
	to := chi.NewRouteContext()
	if !chi.RouteContext(r.Context()).Routes.Match(to, http.MethodPost, kept.Path) || !sentAgain[to.RoutePattern()] {
		return redirect(w, r, "/")
	}
	s.forgetKept(v, r)
	p := view.Resume{Layout: v.layout(""), Form: kept.Path, Fields: flat("", kept.Fields), File: kept.File}
	return render(w, r, http.StatusOK, view.ResumePage(p))
}
