package view

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kortportal/internal/i18n"
)

func withoutHashes(page []byte) []byte {
	return regexp.MustCompile(`(/static/\w+)\.[0-9a-f]{12}\.`).ReplaceAll(page, []byte("$1."))
}

// TestPages holds each page of the gallery to what every page must be.
func TestPages(t *testing.T) {
	for _, p := range Gallery() {
		t.Run(string(p.Lang)+"/"+p.Name, func(t *testing.T) {
			page := render(t, p)
			for _, problem := range check(page, p.Lang) {
				t.Error(problem)
			}
			if len(page) > 120_000 {
				t.Errorf("%d bytes: too large a page", len(page))
			}
		})
	}
}

// TestCheckSees proves that each rule of the test above can fail.
func TestCheckSees(t *testing.T) {
	const good = `<!DOCTYPE html><html lang="sv"><head><title>Kort</title></head><body><h1 id="a">A</h1><h2>B</h2>` +
		`<label for="q">C</label><input id="q" name="q" aria-describedby="a"><a href="#a">D</a></body></html>`
	if problems := check([]byte(good), i18n.Swedish); len(problems) != 0 {
		t.Fatalf("a good page has problems: %v", problems)
	}
	for name, tc := range map[string]struct{ old, new, want string }{
		"language":        {`lang="sv"`, `lang="en"`, "lang"},
		"doctype":         {`<!DOCTYPE html>`, ``, "doctype"},
		"title":           {`<title>Kort</title>`, ``, "title"},
		"two h1":          {`<h2>B</h2>`, `<h1>B</h1>`, "h1"},
		"heading skipped": {`<h2>B</h2>`, `<h3>B</h3>`, "follows"},
		"id twice":        {`<h2>`, `<h2 id="a">`, "twice"},
		"no label":        {`<label for="q">C</label>`, ``, "no label"},
		"label for none":  {`for="q"`, `for="r"`, "no such id"},
		"aria to none":    {`aria-describedby="a"`, `aria-describedby="a b"`, "no such id"},
		"link to none":    {`href="#a"`, `href="#b"`, "no such id"},
		"empty link":      {`>D</a>`, `></a>`, "empty"},
		"style":           {`<h2>`, `<h2 style="color:red">`, "inline"},
		"handler":         {`<h2>`, `<h2 onclick="x()">`, "inline"},
		"script":          {`<h2>`, `<script>x()</script><h2>`, "inline"},
		"key shown":       {`<h2>B`, `<h2>card.title`, "key"},
		"parameter shown": {`<h2>B`, `<h2>{name}`, "parameter"},
		"other host":      {`href="#a"`, `href="https://exempel.test/"`, "leaves"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, tc.old, tc.new, 1)
			if bad == good {
				t.Fatal("nothing was changed")
			}
			problems := check([]byte(bad), i18n.Swedish)
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, tc.want) }) {
				t.Errorf("problems %v, want one about %q", problems, tc.want)
			}
		})
	}
}

// document is what the rules look at, collected in one walk.
type document struct {
	problems []string
	ids      map[string]bool
	uses     []string // ids that something refers to
	labelled map[string]bool
	fields   []*html.Node
	headings []int
	titles   int
	doctype  bool
}

func check(page []byte, lang i18n.Lang) []string {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	d := document{ids: make(map[string]bool), labelled: make(map[string]bool)}
	for n := range root.Descendants() {
		switch n.Type {
		case html.DoctypeNode:
			d.doctype = n.Data == "html"
		case html.ElementNode:
			d.element(n, lang)
		case html.TextNode:
			d.text(n)
		}
	}
	d.whole()
	return d.problems
}

func (d *document) problem(parts ...string) {
	d.problems = append(d.problems, strings.Join(parts, " "))
}

func (d *document) element(n *html.Node, lang i18n.Lang) {
	d.attributes(n)
	switch n.Data {
	case "html":
		if attr(n, "lang") != string(lang) {
			d.problem("html: lang is", attr(n, "lang"))
		}
	case "title":
		if text(n) != "" {
			d.titles++
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		d.headings = append(d.headings, int(n.Data[1]-'0'))
	case "label":
		d.labelled[attr(n, "for")] = true
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" {
			d.fields = append(d.fields, n)
		}
	case "a", "button":
		if text(n) == "" && attr(n, "aria-label") == "" {
			d.problem(n.Data, attr(n, "href"), "is empty")
		}
	case "style":
		d.problem("inline style")
	case "script":
		if attr(n, "src") == "" || n.FirstChild != nil {
			d.problem("inline script")
		}
	}
}

func (d *document) attributes(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "id":
			if d.ids[a.Val] {
				d.problem("id", a.Val, "stands twice")
			}
			d.ids[a.Val] = true
		case a.Key == "for" || a.Key == "aria-labelledby" || a.Key == "aria-describedby" || a.Key == "aria-controls" || a.Key == "form":
			d.uses = append(d.uses, strings.Fields(a.Val)...)
		case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
			d.uses = append(d.uses, a.Val[1:])
		case (a.Key == "href" || a.Key == "src" || a.Key == "action") && !strings.HasPrefix(a.Val, "/"):
			d.problem(n.Data, a.Key, a.Val, "leaves the portal")
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			d.problem(n.Data, "has an inline", a.Key)
		}
	}
}

func (d *document) text(n *html.Node) {
	if regexp.MustCompile(`^\s*[a-z_]+(\.[a-z0-9_]+)+\s*$`).MatchString(n.Data) {
		d.problem("a key is shown:", n.Data)
	}
	if regexp.MustCompile(`\{[a-z_]+\}`).MatchString(n.Data) {
		d.problem("a parameter is shown:", n.Data)
	}
}

func (d *document) whole() {
	if !d.doctype {
		d.problem("no doctype")
	}
	if d.titles != 1 {
		d.problem("not exactly one title")
	}
	ones := 0
	for i, level := range d.headings {
		if level == 1 {
			ones++
		}
		if i > 0 && level > d.headings[i-1]+1 {
			d.problem("a heading follows one that is two levels above it")
		}
	}
	if ones != 1 || d.headings[0] != 1 {
		d.problem("not exactly one h1, first of the headings")
	}
	for _, id := range d.uses {
		if !d.ids[id] {
			d.problem("there is no such id:", id)
		}
	}
	for _, f := range d.fields {
		if !d.labelled[attr(f, "id")] || attr(f, "name") == "" {
			d.problem(f.Data, attr(f, "name"), "has no label or no name")
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
