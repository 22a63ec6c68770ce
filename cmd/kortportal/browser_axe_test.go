package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"kortportal/internal/i18n"
	"kortportal/web/view"
)

// axeSource is the script that .ci/setup installs; read before a test leaves the package's folder.
var axeSource = sync.OnceValues(func() (string, error) {
	script, err := os.ReadFile("../../.ci/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		return "", fmt.Errorf("%w (.ci/setup installs it)", err)
	}
	return string(script), nil
})

// violation is what axe finds against a rule.
type violation struct {
	ID     string
	Help   string
	Target []string
}

// contrast is the rule that depends on colours, and takes most of the time.
const contrast = "color-contrast"

// axe reads the page as it is shown now: by all of axe's rules, or by those it names only.
func (s *screen) axe(rules ...string) {
	s.t.Helper()
	s.mustBeWithout(s.violations(rules, nil))
}

func (s *screen) axeBut(rules ...string) {
	s.t.Helper()
	s.mustBeWithout(s.violations(nil, rules))
}

func (s *screen) mustBeWithout(found []violation) {
	s.t.Helper()
	for _, v := range found {
		s.t.Errorf("%s: %s: %s: %s", eval[string](s, "location.pathname"), v.ID, v.Help, strings.Join(v.Target, ", "))
	}
}

type axeOptions struct {
	RunOnly     []string           `json:"runOnly"`
	Rules       map[string]axeRule `json:"rules,omitempty"`
	ResultTypes []string           `json:"resultTypes"`
	Preload     bool               `json:"preload"` // no rule that we use needs what it loads
}

type axeRule struct {
	Enabled bool `json:"enabled"`
}

// violations are what axe finds by some rules, or by all but some.
func (s *screen) violations(only, without []string) []violation {
	s.t.Helper()
	script, err := axeSource()
	if err != nil {
		s.t.Fatal(err)
	}
	o := axeOptions{RunOnly: only, ResultTypes: []string{"violations"}}
	if len(only) == 0 {
		o.RunOnly = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}
		o.Rules = map[string]axeRule{}
	}
	for _, rule := range without {
		o.Rules[rule] = axeRule{}
	}
	options, err := json.Marshal(o)
	if err != nil {
		s.t.Fatal(err)
	}
	if !eval[bool](s, `typeof axe === 'object'`) {
		s.do(chromedp.Evaluate(script+"; true", nil))
	}
	var found []violation
	s.do(chromedp.Evaluate(`axe.run(document, `+string(options)+`).then(r => r.violations.map(v => (
		{ID: v.id, Help: v.help, Target: v.nodes.map(n => n.target.join(' '))})))`, &found, awaited))
	return found
}

// TestAxe holds every page of the gallery to axe's rules, in the light and in the dark. The two languages have the same colours. No page has to be moved sideways on a phone.
func TestAxe(t *testing.T) {
	base := started(t, "the gallery is ready", environment(), "gallery", "--addr", "127.0.0.1:0")
	pages := view.Gallery()
	for name, half := range map[string][]view.Page{"one half": pages[:len(pages)/2], "other half": pages[len(pages)/2:]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScreen(t, base)
			s.open("/sv/login")
			for _, p := range half {
				s.swap("/" + string(p.Lang) + "/" + p.Name)
				if p.Lang == i18n.Swedish {
					s.colours("light")
					s.axe()
					if !strings.HasPrefix(p.Name, "mail-") { // which has no colours of its own, in the dark neither
						s.colours("dark")
						s.axe(contrast)
					}
				} else {
					s.axeBut(contrast)
				}
				s.resize(360)
				s.fits()
				s.resize(1280)
			}
		})
	}
}

// swap puts another page in the place of this one without loading axe and the style sheet again, which takes most of the time.
func (s *screen) swap(path string) {
	s.t.Helper()
	var swapped bool
	s.do(chromedp.Evaluate(`(async path => {
		const text = await (await fetch(path)).text();
		const page = new DOMParser().parseFromString(text, 'text/html').documentElement;
		const sheet = page.querySelector('link[rel=stylesheet]'); // a mail has none
		const styled = sheet && new Promise((done, fail) => { sheet.onload = done; sheet.onerror = fail; });
		document.replaceChild(document.adoptNode(page), document.documentElement);
		history.replaceState(null, '', path);
		await styled;
		return true;
	})(`+strconv.Quote(path)+`)`, &swapped, awaited))
}

// TestAxeSees proves that the test above can fail, on a page with one fault of each kind that it is there for.
func TestAxeSees(t *testing.T) {
	s := newScreen(t, "")
	s.do(chromedp.Navigate("data:text/html," + `<html><title>x</title><main><h1>x</h1><input><img src="x"><p style="color:%23999;background:%23fff">pale</p></main>`))
	found := map[string]bool{}
	for _, v := range s.violations(nil, nil) {
		found[v.ID] = true
	}
	for _, want := range []string{"html-has-lang", "label", "image-alt", contrast} {
		if !found[want] {
			t.Errorf("axe does not see %s", want)
		}
	}
	if got := s.violations([]string{contrast}, nil); len(got) != 1 || got[0].ID != contrast {
		t.Errorf("the rule alone finds %v", got)
	}
	if got := s.violations(nil, []string{contrast}); len(got) != len(found)-1 {
		t.Errorf("all but the rule find %d faults, want %d", len(got), len(found)-1)
	}
}
