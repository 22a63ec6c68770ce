package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"kortportal/internal/mail"
	"kortportal/internal/messages"
)

// certificate is one for this machine that nobody has signed, and as PEM for those who are to trust it.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// guarded is a mail server that takes mails only from whoever has logged in, and only encrypted. It tells who tried and what was taken.
type guarded struct {
	stubborn
	conn        *smtp.Conn
	tried, took chan string
	user        string
}

func (*guarded) AuthMechanisms() []string { return []string{sasl.Plain} }

func (g *guarded) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		g.tried <- user
		if user != "kortportal" || password != "hemligt" {
			return smtp.ErrAuthFailed
		}
		g.user = user
		return nil
	}), nil
}

func (g *guarded) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, encrypted := g.conn.TLSConnectionState(); g.user == "" || !encrypted {
		return smtp.ErrAuthRequired
	}
	g.took <- to
	return nil
}

// The portal logs in to its mail server after STARTTLS, to one whose certificate it can trust, and to no other.
func TestLogInToTheMailServer(t *testing.T) {
	trusted, pemOfTrusted := certificate(t)
	stranger, _ := certificate(t)
	authorities := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authorities, pemOfTrusted, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", authorities) // read once, by the first who asks in this process: nobody did before
	for _, c := range []struct {
		name       string
		server     tls.Certificate
		policy     mail.TLS
		password   string
		want       messages.Problem
		tried, got int
	}{
		{"as required", trusted, mail.TLSRequired, "hemligt", "", 1, 1},
		{"where it is offered", trusted, mail.TLSOpportunistic, "hemligt", "", 1, 1},
		{"a wrong password", trusted, mail.TLSRequired, "gissat", messages.Unreachable, 1, 0},
		{"a server that is another", stranger, mail.TLSRequired, "hemligt", messages.Unreachable, 0, 0},
		{"another, where it is offered", stranger, mail.TLSOpportunistic, "hemligt", messages.Unreachable, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tried, took := make(chan string, 9), make(chan string, 9)
			server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
				return &guarded{conn: conn, tried: tried, took: took}, nil
			}))
			server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{c.server}, MinVersion: tls.VersionTLS12}
			server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- server.Serve(listener) }()
			post := mail.Post{URL: portal(), Sender: mail.SMTP{
				Addr: listener.Addr().String(), User: "kortportal", Password: c.password, TLS: c.policy, From: "kort@example.com", HELO: "localhost",
			}}
			err = post.Deliver(t.Context(), letterOf(messages.CardProduced, "sv"))
			var problem messages.Problem
			if errors.As(err, &problem); problem != c.want || c.want == "" && err != nil {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err := errors.Join(server.Close(), <-served); err != nil {
				t.Error(err)
			}
			if len(tried) != c.tried || len(took) != c.got {
				t.Errorf("%d log-ins and %d mails, want %d and %d", len(tried), len(took), c.tried, c.got)
			}
		})
	}
}
