package server

import (
	"errors"
	"io"
	"net/http"
	"regexp"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/mail/catcher"
	"kortportal/web/view"
)

// Catcher has the mails that went nowhere, on one's own machine.
type Catcher interface {
	Mails() ([]catcher.Mail, error)
	Mail(name string) (catcher.Mail, error)
}

// showDevMails lists what the mail catcher has.
func (s *Server) showDevMails(v visit, w http.ResponseWriter, r *http.Request) error {
	mails, err := s.caught.Mails()
	if err != nil {
		return err
	}
	p := view.DevMails{Layout: v.layout("/dev/mail")}
	for _, m := range mails {
		p.Mails = append(p.Mails, devMail(m))
	}
	return render(w, r, http.StatusOK, view.DevMailsPage(p))
}

func (s *Server) showDevMail(v visit, w http.ResponseWriter, r *http.Request) error {
	m, err := s.caughtMail(r)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, view.DevMailPage(view.DevMailOne{
		Layout: v.layout("/dev/mail/" + m.Name), Mail: devMail(m), HTML: m.HTML != "", Text: clickable(m.Text),
		Headers: []view.DevHeader{{Name: "From", Value: m.From}, {Name: "To", Value: m.To}, {Name: "Message-ID", Value: m.ID}},
	}))
}

// showDevMailHTML is the mail as it came. The browser treats it as a stranger's: no script, nothing loaded, no cookie.
func (s *Server) showDevMailHTML(_ visit, w http.ResponseWriter, r *http.Request) error {
	m, err := s.caughtMail(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := io.WriteString(w, m.HTML); err != nil {
		return nil //nolint:nilerr // the browser has gone; nobody is left to tell
	}
	return nil
}

func (s *Server) caughtMail(r *http.Request) (catcher.Mail, error) {
	m, err := s.caught.Mail(chi.URLParam(r, "name"))
	if errors.Is(err, catcher.ErrNotFound) {
		err = errNotFound
	}
	return m, err
}

func devMail(m catcher.Mail) view.DevMail {
	return view.DevMail{Name: m.Name, To: m.To, Subject: m.Subject, At: m.At}
}

// clickable cuts a text where its links begin and end.
func clickable(text string) []view.DevText {
	var all []view.DevText
	at := 0
	for _, link := range regexp.MustCompile(`https?://\S+`).FindAllStringIndex(text, -1) {
		all = append(all, view.DevText{Text: text[at:link[0]]}, view.DevText{Text: text[link[0]:link[1]], Link: text[link[0]:link[1]]})
		at = link[1]
	}
	return append(all, view.DevText{Text: text[at:]})
}
