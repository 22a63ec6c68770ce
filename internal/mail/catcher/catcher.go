// Package catcher is a mail server for one's own machine that sends nothing on: mails become files in a folder, to be looked at.
package catcher

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// maxKept is how many mails are kept; the oldest go first.
const maxKept = 500

// maxBytes is the largest mail that is taken.
const maxBytes = 1 << 20

// ErrNotFound: there is no such mail.
var ErrNotFound = errors.New("catcher: no such mail")

// Catcher is a folder of mails and the server that fills it.
type Catcher struct {
	dir    string
	server *smtp.Server
	addr   string
	served chan error

	keeping sync.Mutex
}

// Start begins to listen on an address of this machine, chosen by the system, and keeps the mails in dir.
func Start(ctx context.Context, dir string, log *slog.Logger) (*Catcher, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("catcher: %w", err)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("catcher: %w", err)
	}
	c := &Catcher{dir: dir, addr: listener.Addr().String(), served: make(chan error, 1)}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{catcher: c}, nil }))
	c.server.Domain = "localhost"
	c.server.ReadTimeout, c.server.WriteTimeout = 30*time.Second, 30*time.Second
	c.server.MaxMessageBytes, c.server.MaxRecipients = maxBytes, 1
	c.server.EnableSMTPUTF8 = true
	c.server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	go func() { c.served <- c.server.Serve(listener) }()
	return c, nil
}

// Addr is where it listens.
func (c *Catcher) Addr() string { return c.addr }

// Close stops the server; the mails stay.
func (c *Catcher) Close() error {
	if err := errors.Join(c.server.Close(), <-c.served); err != nil {
		return fmt.Errorf("catcher: %w", err)
	}
	return nil
}

// session is one conversation.
type session struct{ catcher *Catcher }

func (*session) Reset()                               {}
func (*session) Logout() error                        { return nil }
func (*session) Mail(string, *smtp.MailOptions) error { return nil }
func (*session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return s.catcher.keep(content)
}

// keep writes a mail under a name that sorts by time; it is there whole or not at all.
func (c *Catcher) keep(content []byte) error {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	name := time.Now().UTC().Format("20060102T150405.000000000") + "-" + rand.Text()[:8]
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path+".part", content, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".part", path+".eml"); err != nil {
		return err
	}
	names, err := c.names()
	if err != nil {
		return err
	}
	for _, old := range names[min(len(names), maxKept):] {
		if err := os.Remove(filepath.Join(c.dir, old+".eml")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// names are those of the mails, the newest first.
func (c *Catcher) names() ([]string, error) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".eml"); ok && isName.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, nil
}

// isName keeps whatever else an address holds away from the file system.
var isName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{9}-[A-Z2-7]{8}$`)

// Mail is one that was caught.
type Mail struct {
	Name    string // names it among the others
	At      time.Time
	From    string
	To      string
	Subject string
	ID      string // its Message-ID
	Text    string
	HTML    string
}

// Mails are all that are kept, the newest first.
func (c *Catcher) Mails() ([]Mail, error) {
	names, err := c.names()
	if err != nil {
		return nil, fmt.Errorf("catcher: %w", err)
	}
	var all []Mail
	for _, name := range names {
		m, err := c.Mail(name)
		if errors.Is(err, ErrNotFound) {
			continue // it was the oldest, and went meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// Mail is one of them. ErrNotFound when there is none of that name.
func (c *Catcher) Mail(name string) (Mail, error) {
	if !isName.MatchString(name) {
		return Mail{}, ErrNotFound
	}
	content, err := os.ReadFile(filepath.Join(c.dir, name+".eml"))
	if errors.Is(err, fs.ErrNotExist) {
		return Mail{}, ErrNotFound
	}
	if err != nil {
		return Mail{}, fmt.Errorf("catcher: %w", err)
	}
	m, err := parse(content)
	if err != nil {
		return Mail{}, fmt.Errorf("catcher: %s: %w", name, err)
	}
	m.Name = name
	if m.At, err = time.Parse("20060102T150405.000000000", name[:len("20060102T150405.000000000")]); err != nil {
		return Mail{}, fmt.Errorf("catcher: %s: %w", name, err)
	}
	return m, nil
}

func parse(content []byte) (Mail, error) {
	msg, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return Mail{}, err
	}
	var words mime.WordDecoder
	header := func(name string) string {
		value := msg.Header.Get(name)
		if plain, err := words.DecodeHeader(value); err == nil {
			return plain
		}
		return value
	}
	m := Mail{From: header("From"), To: header("To"), Subject: header("Subject"), ID: header("Message-ID")}
	return m, m.read(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
}

// read collects the parts that can be shown.
func (m *Mail) read(contentType, encoding string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.read(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		m.Text += strings.ReplaceAll(string(text), "\r\n", "\n")
	case "text/html":
		m.HTML += string(text)
	}
	return nil
}
