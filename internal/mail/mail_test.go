package mail_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"kortportal/internal/card"
	"kortportal/internal/mail"
	"kortportal/internal/mail/catcher"
	"kortportal/internal/messages"
)

func portal() *url.URL { return &url.URL{Scheme: "https", Host: "kort.example.com"} }

func templates() []messages.Template {
	return []messages.Template{
		messages.OrderToApprove, messages.OrderRejected, messages.CardProduced, messages.CardExpires, messages.CardsExpire, messages.ReplacementOrdered,
		messages.Invitation, messages.PasswordReset, messages.ConfirmEmail, messages.EmailChanged,
		messages.JoinedCompany, messages.CardsHandedOver, messages.CardsTakenOver, messages.PlansRefused,
	}
}

// letterOf has everything that any template needs.
func letterOf(template messages.Template, language string) messages.Letter {
	l := messages.Letter{
		ID: 17, Template: template, Name: "Žaneta", Email: "zaneta@example.com", Language: language, Card: 7, Own: true,
		Data: messages.Data{Company: "Bygg & Betong i Åmåla AB", Holder: "Tuva Öberg", CardNumber: "ZZ-2041-118205", LastDay: "2026-12-31", Reason: card.Photo, Cards: 3, Plans: 2, Orderer: "Märta Sjöstrand",
			Expiring: []messages.Expiring{{Step: card.OneWeek, Cards: 1}, {Step: card.SixMonths, Cards: 112}}},
	}
	switch template {
	case messages.OrderToApprove:
		l.Link.Purpose = messages.Approve
	case messages.Invitation:
		l.Link.Purpose = messages.Invite
	case messages.PasswordReset:
		l.Link.Purpose = messages.ResetPassword
	case messages.ConfirmEmail:
		l.Link.Purpose = messages.ChangeEmail
	}
	if l.Link.Purpose != "" {
		l.Link.Token, l.Link.Expires = "TOKENOFNOBODY", time.Date(2026, 12, 6, 13, 5, 0, 0, time.UTC)
	}
	return l
}

// Every template says something in both languages, as text and as HTML, and leads somewhere.
func TestEveryTemplateIsWhole(t *testing.T) {
	holes := regexp.MustCompile(`\{[a-z_]+\}|mail\.[a-z_]+|  |\b(19|20)?\d{6}[-+]?\d{4}\b`)
	for _, template := range templates() {
		subjects := map[string]bool{}
		for _, language := range []string{"sv", "en"} {
			m, err := mail.Write(t.Context(), letterOf(template, language), portal())
			if err != nil {
				t.Fatal(err)
			}
			subjects[m.Subject] = true
			link := regexp.MustCompile(`https://kort\.example\.com/\S+`).FindString(m.Text)
			if link == "" || !strings.Contains(m.HTML, `href="`+link+`"`) {
				t.Errorf("%s in %s: text and HTML do not lead to the same place: %q", template, language, link)
			}
			if secret := letterOf(template, language).Link.Token.Reveal(); secret != "" && (!strings.HasSuffix(link, "/"+secret) || strings.Contains(m.Subject, secret)) {
				t.Errorf("%s in %s: leads to %s", template, language, link)
			}
			for _, part := range []string{m.Subject, m.Text} {
				if hole := holes.FindString(part); hole != "" || part == "" || part == string(template) {
					t.Errorf("%s in %s: %q in %q", template, language, hole, part)
				}
			}
			if !strings.Contains(m.Text, "Žaneta") || !strings.Contains(m.HTML, `lang="`+language+`"`) || strings.Contains(m.HTML, "style=") {
				t.Errorf("%s in %s:\n%s\n%s", template, language, m.Text, m.HTML)
			}
		}
		if len(subjects) != 2 {
			t.Errorf("%s: one subject in both languages: %v", template, subjects)
		}
	}
}

// The last six digits of a card's number prove that its holder has it at hand; a mail that told them would prove it to whoever reads the mail.
func TestNoMailTellsTheDigitsThatProvePossession(t *testing.T) {
	for _, template := range templates() {
		for _, language := range []string{"sv", "en"} {
			m, err := mail.Write(t.Context(), letterOf(template, language), portal())
			if err != nil {
				t.Fatal(err)
			}
			all := m.Subject + m.Text + m.HTML
			if strings.Contains(all, "118205") {
				t.Errorf("%s in %s tells the whole number:\n%s", template, language, all)
			}
			names := template == messages.CardExpires || template == messages.ReplacementOrdered
			if names != strings.Contains(m.Text, "ZZ-2041-••••••") {
				t.Errorf("%s in %s names the card: %v, want %v", template, language, !names, names)
			}
		}
	}
}

func TestWhereAMailLeads(t *testing.T) {
	for want, change := range map[string]func(*messages.Letter){
		"https://kort.example.com/my-cards/7": func(*messages.Letter) {},
		"https://kort.example.com/cards/7":    func(l *messages.Letter) { l.Own = false },
		"https://kort.example.com/account":    func(l *messages.Letter) { l.Card = 0 },
	} {
		l := letterOf(messages.ReplacementOrdered, "sv")
		change(&l)
		m, err := mail.Write(t.Context(), l, portal())
		if err != nil || !strings.Contains(m.Text, want+"\n") {
			t.Errorf("%v: %s, want %s", err, m.Text, want)
		}
	}
}

func TestWhereAMailAboutAHandOverLeads(t *testing.T) {
	for template, want := range map[messages.Template]string{
		messages.CardsTakenOver: "https://kort.example.com/cards?orderer=12", messages.CardsHandedOver: "https://kort.example.com/cards",
		messages.JoinedCompany: "https://kort.example.com/switch",
	} {
		l := letterOf(template, "sv")
		l.Person, l.Card = 12, 0
		m, err := mail.Write(t.Context(), l, portal())
		if err != nil || !strings.Contains(m.Text, want+"\n") || !strings.Contains(m.HTML, `href="`+want+`"`) {
			t.Errorf("%v: %s, want %s", err, m.Text, want)
		}
	}
}

func TestAMailArrivesWhole(t *testing.T) {
	c, err := catcher.Start(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sender := mail.SMTP{Addr: c.Addr(), TLS: mail.TLSNone, From: "Kortportal <kort@example.com>", HELO: "localhost"}
	post := mail.Post{Sender: sender, URL: portal()}
	for range 2 { // a second time it is the same mail
		if err := post.Deliver(t.Context(), letterOf(messages.CardExpires, "sv")); err != nil {
			t.Fatal(err)
		}
	}
	sender.TLS = mail.TLSRequired
	if err := (mail.Post{Sender: sender, URL: portal()}).Deliver(t.Context(), letterOf(messages.CardExpires, "sv")); !errors.Is(err, messages.Unreachable) {
		t.Errorf("without the encryption that is required: %v", err)
	}
	mails, err := c.Mails()
	if err != nil || len(mails) != 2 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	written, err := mail.Write(t.Context(), letterOf(messages.CardExpires, "sv"), portal())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		if m.ID != "<message.17@kort.example.com>" || m.To != "<zaneta@example.com>" || m.Subject != written.Subject ||
			strings.TrimSpace(m.Text) != strings.TrimSpace(written.Text) || strings.TrimSpace(m.HTML) != strings.TrimSpace(written.HTML) {
			t.Errorf("%+v\nwas written\n%+v", m, written)
		}
	}
	if _, err := c.Mail("../../etc/passwd"); !errors.Is(err, catcher.ErrNotFound) {
		t.Errorf("a mail outside the folder: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := post.Deliver(t.Context(), letterOf(messages.CardExpires, "sv")); !errors.Is(err, messages.Unreachable) {
		t.Errorf("when nobody listens: %v", err)
	}
}

// stubborn is a mail server that refuses at one step.
type stubborn struct{ rcpt, data error }

func (stubborn) Reset()                                 {}
func (stubborn) Logout() error                          { return nil }
func (stubborn) Mail(string, *smtp.MailOptions) error   { return nil }
func (s stubborn) Rcpt(string, *smtp.RcptOptions) error { return s.rcpt }
func (s stubborn) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	return s.data
}

func TestWhatTheMailServerSays(t *testing.T) {
	says := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "zaneta@example.com: no"}
	}
	for name, c := range map[string]struct {
		server    stubborn
		want      messages.Problem
		permanent bool
	}{
		"taken":                    {stubborn{}, "", false},
		"no such receiver":         {stubborn{rcpt: says(550)}, messages.AddressRefused, true},
		"receiver later":           {stubborn{rcpt: says(451)}, messages.Busy, false},
		"not this mail":            {stubborn{data: says(554)}, messages.Refused, true},
		"this mail, but not today": {stubborn{data: says(452)}, messages.Busy, false},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return c.server, nil }))
			server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
			served := make(chan error, 1)
			go func() { served <- server.Serve(listener) }()
			post := mail.Post{URL: portal(), Sender: mail.SMTP{Addr: listener.Addr().String(), TLS: mail.TLSOpportunistic, From: "kort@example.com", HELO: "localhost"}}
			err = post.Deliver(t.Context(), letterOf(messages.CardProduced, "sv"))
			var problem messages.Problem
			if errors.As(err, &problem); problem != c.want || problem.Permanent() != c.permanent || c.want == "" && err != nil {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "zaneta") {
				t.Errorf("the error shows the address: %v", err)
			}
			if err := server.Close(); err != nil {
				t.Error(err)
			}
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
}
