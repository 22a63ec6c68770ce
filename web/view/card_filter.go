package view

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"kortportal/internal/i18n"
)

// URL is the address of the search page in this state. A personnummer never becomes part of it.
func (f CardFilter) URL() string { return f.at("/cards") }

// exportURL is the address of the page that writes a list of what is found.
func (f CardFilter) exportURL() string { return f.withAfter("").at("/cards/export") }

// saveURL is the address of the page that keeps the search under a name.
func (f CardFilter) saveURL() string { return f.withAfter("").at("/saved-searches/new") }

func (f CardFilter) at(path string) string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	if f.Sealed != "" {
		set("sealed", f.Sealed)
	} else {
		set("q", f.Query)
	}
	set("status", f.Status)
	set("kind", f.Kind)
	set("orderer", f.Orderer)
	set("expires_before", f.ExpiresBefore)
	set("cleanup", f.CleanUp)
	set("after", f.After)
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// withStatus is the first page of the same search with another status.
func (f CardFilter) withStatus(status string) CardFilter {
	f.Status, f.After = status, ""
	return f
}

func (f CardFilter) withAfter(after string) CardFilter {
	f.After = after
	return f
}

// narrowed reports whether one of the filters beside the status is set.
func (f CardFilter) narrowed() bool {
	return f.Kind != "" || f.Orderer != "" || f.ExpiresBefore != "" || f.CleanUp != ""
}

// activeFilter is a part of the search that the reader may take away.
type activeFilter struct {
	text    string
	without CardFilter
}

func (p CardSearch) activeFilters() []activeFilter {
	var active []activeFilter
	add := func(text string, drop func(*CardFilter)) {
		without := p.Filter.withAfter("")
		drop(&without)
		active = append(active, activeFilter{text, without})
	}
	f, w := p.Filter, p.Words
	switch {
	case f.Sealed != "":
		add(w.T("card_search.active_personal"), func(f *CardFilter) { f.Query, f.Sealed = "", "" })
	case f.Query != "":
		add(w.T("card_search.active_q", i18n.Str("q", f.Query)), func(f *CardFilter) { f.Query = "" })
	}
	if f.Status != "" {
		add(w.T(lookOf(f.Status).word), func(f *CardFilter) { f.Status = "" })
	}
	if f.Kind != "" {
		add(kindWord(w, f.Kind), func(f *CardFilter) { f.Kind = "" })
	}
	if f.Orderer != "" {
		add(w.T("card_search.active_orderer", i18n.Str("name", p.ordererName())), func(f *CardFilter) { f.Orderer = "" })
	}
	if f.ExpiresBefore != "" {
		add(w.T("card_search.active_expires", i18n.Str("date", f.ExpiresBefore)), func(f *CardFilter) { f.ExpiresBefore = "" })
	}
	if f.CleanUp != "" {
		add(w.T("card_search.active_cleanup", i18n.Str("kind", cleanUpWord(w, f.CleanUp))), func(f *CardFilter) { f.CleanUp = "" })
	}
	return active
}

func (p CardSearch) ordererName() string {
	for _, o := range slices.Concat(p.Orderers, p.Former) {
		if o.Value == p.Filter.Orderer {
			return o.Label
		}
	}
	for _, m := range p.Suggestions {
		if m.Value == p.Filter.Orderer {
			return m.Name
		}
	}
	return p.Filter.Orderer
}

// misread reports whether the search itself is at fault, so that there is no answer.
func (p CardSearch) misread() bool {
	return slices.ContainsFunc(p.Errors, func(e FieldError) bool { return e.Field != "cards" })
}

// pageTitle tells who hears the page, or looks for it among others, what was found; never what was searched.
func (p CardSearch) pageTitle() string {
	title := p.Words.T("card_search.title")
	if p.misread() || p.Prompt || p.NoCards || len(p.activeFilters()) == 0 {
		return title
	}
	return resultTitle(p) + " – " + title
}

func resultTitle(p CardSearch) string {
	if len(p.Rows) == 0 {
		return p.Words.T("card_search.nothing")
	}
	return cardCount(p.Words, p.Count, p.Capped)
}

// number writes a count; with a plus when it stopped there.
func number(w *i18n.Printer, n int, capped bool) string {
	if capped {
		return w.Number(int64(n)) + "+"
	}
	return w.Number(int64(n))
}

func cardCount(w *i18n.Printer, n int, capped bool) string {
	if capped {
		return w.T("card_search.count_capped", i18n.Count(n))
	}
	return w.T("card_search.count", i18n.Count(n))
}

func cardURL(id int64) templ.SafeURL { return templ.SafeURL("/cards/" + strconv.FormatInt(id, 10)) }

func myCardURL(id int64) templ.SafeURL {
	return templ.SafeURL("/my-cards/" + strconv.FormatInt(id, 10))
}
