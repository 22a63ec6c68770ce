// Package mail makes mails out of letters and hands them to a mail server. What a mail says stands in web/view and internal/i18n; to whom one
// is sent, and when again, is the store's affair.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	gomail "github.com/wneessen/go-mail"

	"kortportal/internal/messages"
)

// Message is a mail.
type Message struct {
	// ID is the Message-ID, without the angle brackets. A receiver drops a second mail with the same.
	ID      string
	To      string
	Subject string
	Text    string
	HTML    string
}

// Sender hands a mail to a mail server. Its error is a messages.Problem.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// TLS says how much encryption is asked of the mail server.
type TLS string

// The choices.
const (
	TLSRequired      TLS = "required"      // STARTTLS, or no mail
	TLSOpportunistic TLS = "opportunistic" // STARTTLS where the server offers it
	TLSNone          TLS = "none"          // for a server on this machine
)

// SMTP is a mail server. It is a Sender.
type SMTP struct {
	Addr     string // host:port
	User     string // empty to send without logging in
	Password string
	TLS      TLS
	From     string // the address that mails come from, such as "Kortportal <no-reply@example.com>"
	// HELO is how the portal names itself to the server; empty for the name of the machine.
	HELO string
}

// smtpTimeout is how long a whole conversation with the mail server may take.
const smtpTimeout = 30 * time.Second

// Send is one conversation with the mail server.
func (s SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	client, err := s.client(ctx)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, smtpTimeout)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return problem(err)
	}
	// What counts is the answer to the mail itself: a server that hangs up afterwards has taken it.
	err = client.Send(msg)
	closeErr := client.Close()
	if err != nil {
		return errors.Join(problem(err), closeErr)
	}
	return nil
}

func (s SMTP) compose(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDate()
	msg.Subject(m.Subject)
	// RFC 3834: no answers from those who are on holiday.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if err := msg.From(s.From); err != nil {
		return nil, errors.New("mail: the sender's address cannot be read")
	}
	if err := msg.To(m.To); err != nil {
		return nil, messages.AddressRefused // the error would quote the address
	}
	return msg, nil
}

func (s SMTP) client(ctx context.Context) (*gomail.Client, error) {
	host, portName, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "tcp", portName)
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(smtpTimeout), gomail.WithTLSPolicy(s.policy()), gomail.WithDialContextFunc(dial),
		gomail.WithoutRset(), // one mail, one conversation: its answer could only make a mail that was taken look as if it was not
	}
	if s.HELO != "" {
		options = append(options, gomail.WithHELO(s.HELO))
	}
	if s.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(host, options...)
}

func (s SMTP) policy() gomail.TLSPolicy {
	switch s.TLS {
	case TLSNone:
		return gomail.NoTLS
	case TLSOpportunistic:
		return gomail.TLSOpportunistic
	}
	return gomail.TLSMandatory
}

// dial opens a connection that ends with the time that the whole conversation has, whatever the server does.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(smtpTimeout)
	}
	return deadlined{conn, until}, conn.SetDeadline(until)
}

// deadlined keeps the deadline that the library would move with each step.
type deadlined struct {
	net.Conn
	until time.Time
}

// SetDeadline never goes beyond the end of the conversation.
func (c deadlined) SetDeadline(t time.Time) error {
	if t.IsZero() || t.After(c.until) {
		t = c.until
	}
	return c.Conn.SetDeadline(t)
}

// problem says what an error of the mail server means. Its text may hold the receiver's address and goes no further.
func problem(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return messages.Unreachable
	}
	permanent := failed.ErrorCode() >= 500
	switch {
	case permanent && failed.Reason == gomail.ErrSMTPRcptTo:
		return messages.AddressRefused
	case permanent:
		return messages.Refused
	case failed.ErrorCode() >= 400:
		return messages.Busy
	}
	return messages.Unreachable
}

// Post is what delivers letters: it writes the mail and hands it to the sender.
type Post struct {
	Sender Sender
	// URL is where people find the portal, such as https://kort.example.com.
	URL *url.URL
}

// Deliver sends a letter. Its error is a messages.Problem.
func (p Post) Deliver(ctx context.Context, l messages.Letter) error {
	m, err := Write(ctx, l, p.URL)
	if err != nil {
		return err
	}
	return p.Sender.Send(ctx, m)
}
