package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// answer is what came back, as a reader and a browser see it.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	asked  *url.URL
	wire   int // bytes of the body as sent
	body   string
}

func (a answer) mustBe(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s answers %d, want %d\n%s", a.asked, a.status, status, a.text())
	}
	return a
}

func (a answer) location() string { return a.header.Get("Location") }

func (a answer) mustLeadTo(address string) answer {
	a.t.Helper()
	if a.status != http.StatusSeeOther || a.location() != address {
		a.t.Fatalf("%s answers %d to %q, want 303 to %q", a.asked, a.status, a.location(), address)
	}
	return a
}

// mustSay fails unless the reader sees all the texts.
func (a answer) mustSay(texts ...string) answer {
	a.t.Helper()
	seen := a.text()
	for _, text := range texts {
		if !strings.Contains(seen, squeeze(text)) {
			a.t.Errorf("%s does not say %q:\n%s", a.asked, text, seen)
		}
	}
	return a
}

func (a answer) mustNotSay(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, html.EscapeString(text)) || strings.Contains(a.text(), squeeze(text)) {
			a.t.Errorf("%s says %q", a.asked, text)
		}
	}
	return a
}

func (a answer) doc() *html.Node {
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err) // the parser refuses nothing
	}
	return doc
}

// all are the elements for which the condition holds, in the order of the page.
func (a answer) all(is func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range a.doc().Descendants() {
		if n.Type == html.ElementNode && is(n) {
			found = append(found, n)
		}
	}
	return found
}

func (a answer) elements(tag atom.Atom) []*html.Node {
	return a.all(func(n *html.Node) bool { return n.DataAtom == tag })
}

// byID is the element, nil when there is none.
func (a answer) byID(id string) *html.Node {
	found := a.all(func(n *html.Node) bool { return attr(n, "id") == id })
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

func attr(n *html.Node, name string) string {
	i := slices.IndexFunc(n.Attr, func(at html.Attribute) bool { return at.Key == name })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(at html.Attribute) bool { return at.Key == name })
}

// textOf is what a reader sees of an element, with one space where there is any.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.DataAtom != atom.Script && d.Parent.DataAtom != atom.Style {
			b.WriteString(d.Data)
		}
	}
	return squeeze(b.String())
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func (a answer) text() string {
	body := a.elements(atom.Body)
	if len(body) == 0 {
		return ""
	}
	return textOf(body[0])
}

func (a answer) title() string {
	titles := a.elements(atom.Title)
	if len(titles) != 1 {
		a.t.Fatalf("%s has %d titles", a.asked, len(titles))
	}
	return textOf(titles[0])
}

// form is what a browser would send of the form that posts to the path, nothing typed.
func (a answer) form(path string) url.Values {
	a.t.Helper()
	for _, f := range a.elements(atom.Form) {
		if attr(f, "action") == path {
			return fieldsOf(f)
		}
	}
	a.t.Fatalf("%s has no form to %s:\n%s", a.asked, path, a.text())
	return nil
}

func (a answer) hasForm(path string) bool {
	return slices.ContainsFunc(a.elements(atom.Form), func(f *html.Node) bool { return attr(f, "action") == path })
}

func fieldsOf(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		name := ""
		if n.Type == html.ElementNode {
			name = attr(n, "name")
		}
		if name == "" {
			continue
		}
		kind := attr(n, "type")
		switch {
		case n.DataAtom == atom.Textarea:
			values.Set(name, strings.TrimPrefix(rawText(n), "\n"))
		case n.DataAtom == atom.Select:
			values.Set(name, chosen(n))
		case n.DataAtom == atom.Button, (kind == "radio" || kind == "checkbox") && !hasAttr(n, "checked"):
		default:
			values.Add(name, attr(n, "value"))
		}
	}
	return values
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func chosen(menu *html.Node) string {
	var options []*html.Node
	for n := range menu.Descendants() {
		switch {
		case n.DataAtom != atom.Option:
		case hasAttr(n, "selected"):
			return attr(n, "value")
		default:
			options = append(options, n)
		}
	}
	if len(options) == 0 {
		return ""
	}
	return attr(options[0], "value")
}

// links are the addresses that the page leads to.
func (a answer) links() []string {
	var all []string
	for _, n := range a.elements(atom.A) {
		all = append(all, attr(n, "href"))
	}
	return all
}

// linkTo is the first address that the page leads to and that holds the part.
func (a answer) linkTo(part string) string {
	a.t.Helper()
	for _, address := range a.links() {
		if strings.Contains(address, part) {
			return address
		}
	}
	a.t.Fatalf("%s leads nowhere with %q, but to %q", a.asked, part, a.links())
	return ""
}

// shownCard is what the outside may rely on about a card in a page. An own card in a list is known by its address: its number is not shown in whole.
type shownCard struct{ number, status, effective, version string }

func (a answer) cards() []shownCard {
	var all []shownCard
	for _, n := range a.all(func(n *html.Node) bool { return hasAttr(n, "data-card") }) {
		number := attr(n, "data-card")
		for d := range n.Descendants() {
			if strings.Contains(number, "•") && d.DataAtom == atom.A {
				number = attr(d, "href")
			}
		}
		all = append(all, shownCard{number, attr(n, "data-status"), attr(n, "data-effective-status"), attr(n, "data-version")})
	}
	return all
}

// mustFail holds an invalid form's page to what every such page must be: 422 or another status, the error in the title, a summary
// whose links lead to fields, and each field marked and described by its error.
func (a answer) mustFail(status int, fields ...string) answer {
	a.t.Helper()
	a.mustBe(status)
	if !strings.HasPrefix(a.title(), "Fel: ") && !strings.HasPrefix(a.title(), "Error: ") {
		a.t.Errorf("%s: the title %q does not begin with the error", a.asked, a.title())
	}
	summary := a.byID("error-summary")
	if summary == nil {
		a.t.Fatalf("%s has no error summary:\n%s", a.asked, a.text())
	}
	if attr(summary, "role") != "alert" || !hasAttr(summary, "tabindex") {
		a.t.Errorf("%s: the summary cannot take the focus", a.asked)
	}
	for n := range summary.Descendants() {
		if n.DataAtom == atom.A && a.byID(strings.TrimPrefix(attr(n, "href"), "#")) == nil {
			a.t.Errorf("%s: the summary leads to %s, which is not there", a.asked, attr(n, "href"))
		}
	}
	for _, field := range fields {
		id := strings.ReplaceAll(field, "_", "-") + "-error"
		if a.byID(id) == nil {
			a.t.Errorf("%s: no %s", a.asked, id)
			continue
		}
		marked := a.all(func(n *html.Node) bool {
			return attr(n, "aria-invalid") == "true" && slices.Contains(strings.Fields(attr(n, "aria-describedby")), id)
		})
		if len(marked) != 1 {
			a.t.Errorf("%s: %d fields are invalid and described by %s, want 1", a.asked, len(marked), id)
		}
	}
	errorIDs := a.all(func(n *html.Node) bool { return strings.HasSuffix(attr(n, "id"), "-error") })
	if len(errorIDs) != len(fields) {
		a.t.Errorf("%s: %d errors beside fields, want %v", a.asked, len(errorIDs), fields)
	}
	return a
}

var requestIDText = regexp.MustCompile(`<code class="error-id">[A-Z2-7]{12}</code>`)

// anonymous is the body without the request's id.
func (a answer) anonymous() string { return requestIDText.ReplaceAllString(a.body, "") }

func isErrorID(n *html.Node) bool { return attr(n, "class") == "error-id" }
