package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// started is a command of the program that runs until the test ends.
func started(t *testing.T, ready string, getenv func(string) string, args ...string) (address string) {
	t.Helper()
	return startedFor(t, io.Discard, ready, getenv, args...)
}

// startedFor is started by somebody who reads what it prints before it is ready.
func startedFor(t *testing.T, reader io.Writer, ready string, getenv func(string) string, args ...string) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	logReader, logWriter := io.Pipe()
	ended, found := make(chan error, 1), make(chan string, 1)
	go func() {
		err := run(ctx, args, getenv, reader, logWriter)
		ended <- errors.Join(err, logWriter.Close())
	}()
	line := regexp.MustCompile(regexp.QuoteMeta(ready) + `" address=(\S+)`)
	go func() {
		for lines := bufio.NewScanner(logReader); lines.Scan(); {
			if match := line.FindStringSubmatch(lines.Text()); match != nil {
				found <- match[1]
			}
		}
	}()
	select {
	case address = <-found:
	case err := <-ended:
		cancel()
		t.Fatalf("kortportal %v ended: %v", args, err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("kortportal %v: %v", args, err)
		}
	})
	return address
}

// screen is a window of a real Chromium, on a profile of its own.
type screen struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // the window is its context, and both end with the test
	base string
	name string // of the screenshots
	hand string // the text in which the numbers of the cards at hand stand
}

// patience is what one test may take of the browser on a busy machine.
const patience = 8 * time.Minute

func newScreen(t *testing.T, base string) *screen {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(chromium(t)), chromedp.WindowSize(1280, 900),
		chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Headless, chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("lang", "sv"), chromedp.Flag("accept-lang", "sv"),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	s := &screen{t: t, ctx: ctx, base: base}
	s.do() // starts it
	return s
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium: .ci/setup installs one")
	return ""
}

func (s *screen) do(actions ...chromedp.Action) {
	s.t.Helper()
	if err := chromedp.Run(s.ctx, actions...); err != nil {
		s.t.Fatalf("%v\non the page: %.1500s", err, s.seen())
	}
}

// seen is the text of the page, as far as there is one.
func (s *screen) seen() string {
	var text string
	if err := chromedp.Run(s.ctx, chromedp.Evaluate(`location.href + "\n" + document.body.innerText`, &text)); err != nil {
		return err.Error()
	}
	return text
}

// leads does what makes the browser go to another page, and returns the status of the answer.
func (s *screen) leads(actions ...chromedp.Action) int {
	s.t.Helper()
	response, err := chromedp.RunResponse(s.ctx, actions...)
	if err != nil || response == nil {
		s.t.Fatalf("%v\non the page: %.1500s", err, s.seen())
	}
	return int(response.Status)
}

func (s *screen) mustLead(status int, actions ...chromedp.Action) {
	s.t.Helper()
	if got := s.leads(actions...); got != status {
		s.t.Fatalf("answered %d, want %d: %.1500s", got, status, s.seen())
	}
}

func (s *screen) open(path string) {
	s.t.Helper()
	s.mustLead(http.StatusOK, chromedp.Navigate(s.base+path))
}

// click follows a link or sends a form with the mouse.
func (s *screen) click(selector string) {
	s.t.Helper()
	s.mustLead(http.StatusOK, chromedp.Click(selector, chromedp.ByQuery))
}

// choose marks a radio button as people do, by its label.
func (s *screen) choose(value string) {
	s.t.Helper()
	s.do(chromedp.Click(fmt.Sprintf(`input[name=reason][value=%s] + span`, value), chromedp.ByQuery))
}

func (s *screen) write(selector, text string) {
	s.t.Helper()
	s.do(chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

// eval is the value of an expression in the page.
func eval[T any](s *screen, expression string) T {
	s.t.Helper()
	var v T
	s.do(chromedp.Evaluate(expression, &v))
	return v
}

// is waits for a condition in the page, also while the browser is on its way to another one.
func (s *screen) is(condition string) {
	s.t.Helper()
	// The page itself waits a moment before it answers.
	question := `new Promise(done => setTimeout(() => done(!!(` + condition + `)), 20))`
	s.until(condition, func() (ok bool, err error) {
		err = chromedp.Run(s.ctx, chromedp.Evaluate(question, &ok, awaited))
		return ok, err
	})
}

// until asks again and again. Between two pages there is nobody to answer, which is no fault.
func (s *screen) until(what string, ask func() (bool, error)) {
	s.t.Helper()
	ok, err := ask()
	for ; !ok || err != nil; ok, err = ask() {
		if s.ctx.Err() != nil {
			s.t.Fatalf("in vain for %s: %v", what, err)
		}
	}
}

// awaited is for the promise of an expression.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// travel goes back or forward in the browser's history. The page may come out of a cache, and then it is not loaded again.
func (s *screen) travel(steps int64) {
	s.t.Helper()
	var from, at int64
	var entries []*page.NavigationEntry
	s.until("the way", func() (bool, error) {
		return true, chromedp.Run(s.ctx, chromedp.NavigationEntries(&from, &entries), chromedp.ActionFunc(func(ctx context.Context) error {
			return page.NavigateToHistoryEntry(entries[from+steps].ID).Do(ctx)
		}))
	})
	s.until("the other page", func() (bool, error) {
		err := chromedp.Run(s.ctx, chromedp.NavigationEntries(&at, &entries))
		return at == from+steps, err
	})
	s.is(`document.readyState === 'complete'`)
}

func (s *screen) card() (status, number, version string) {
	s.t.Helper()
	card := eval[[]string](s, `(d => [d.status, d.card, d.version])(document.querySelector('[data-card]').dataset)`)
	return card[0], card[1], card[2]
}

func (s *screen) mustBe(status string) {
	s.t.Helper()
	if got, _, _ := s.card(); got != status {
		s.t.Fatalf("the card is %s, want %s: %.1500s", got, status, s.seen())
	}
}

// logIn types what a demo log-in needs, and sends it with Enter.
func (s *screen) logIn(role string) {
	s.t.Helper()
	who := demoLogin(s.t, role)
	s.open("/login")
	s.write("#email", who.Email)
	s.mustLead(http.StatusOK, chromedp.SendKeys("#password", who.Password+kb.Enter, chromedp.ByQuery))
}

func (s *screen) logOut() {
	s.t.Helper()
	s.click(`form[action="/logout"] button`)
}

// resize is the width of a window or of a phone.
func (s *screen) resize(width int64) {
	s.t.Helper()
	s.do(chromedp.EmulateViewport(width, 900))
}

func (s *screen) colours(scheme string) {
	s.t.Helper()
	s.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

// fits fails when the page has to be moved sideways.
func (s *screen) fits() {
	s.t.Helper()
	if got := eval[[]int](s, `[document.documentElement.scrollWidth, innerWidth]`); got[0] > got[1] {
		wide := eval[string](s, `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + '.' + e.className).slice(0, 8).join(' ')`)
		s.t.Errorf("%s is %d wide in a window of %d: %s", eval[string](s, "location.pathname"), got[0], got[1], wide)
	}
}

// picturesFolder is where the pages' pictures go, for somebody who wants to look at them.
const picturesFolder = "KORTPORTAL_SCREENSHOTS"

// picture keeps what the page looks like, when somebody asked for it.
func (s *screen) picture(name string) {
	s.t.Helper()
	s.fits()
	folder := os.Getenv(picturesFolder)
	if folder == "" {
		return
	}
	var png []byte
	s.do(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(filepath.Join(folder, s.name+name+".png"), png, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// sees fails unless the reader sees the text, in whatever case the style sets it.
func (s *screen) sees(texts ...string) {
	s.t.Helper()
	seen := strings.ToLower(s.seen())
	for _, text := range texts {
		if !strings.Contains(seen, strings.ToLower(text)) {
			s.t.Errorf("the page does not say %q: %.1500s", text, seen)
		}
	}
}
