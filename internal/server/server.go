// Package server is the portal over HTTP. Each page has a file: its handlers parse the request, ask the store once or
// twice, and fill a page struct of web/view. Handlers return errors; one place turns them into answers.
//
// The package knows no SQL and no rules. What may be done to a card comes with the card from the store.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"

	"kortportal/internal/account"
	"kortportal/internal/photo"
)

// Store is everything the server asks for.
type Store interface {
	cardFinder
	cardKeeper
	holderStore
	orderStore
	approvalStore
	activationStore
	claimStore
	exportStore
	loginStore
	messageStore
	orderImporter
	expiryStore
	cleanUpStore
	searchKeeper
	startStore
	renewalStore
	selectionStore
	planStore
	runStore
	plannedStore
	companyStore
	deskStore
	productionStore
	linkStore
	userStore
	handOverStore
	deputyStore
	Ping(ctx context.Context) error
	// IsUnavailable reports whether an error of the store says that it cannot answer now.
	IsUnavailable(err error) bool
}

// loginStore knows people and their passwords.
type loginStore interface {
	LogIn(ctx context.Context, a account.Attempt) (account.Proof, error)
	Prove(ctx context.Context, person account.PersonID, password string) (time.Time, error)
	SetLanguage(ctx context.Context, person account.PersonID, language string) error
	LiveSessions(ctx context.Context, person account.PersonID, token string) ([]account.LiveSession, error)
	EndSessions(ctx context.Context, person account.PersonID) error
}

// Options are what differs between one server and another.
type Options struct {
	Log *slog.Logger
	// TrustedProxies may say in X-Forwarded-For whom they speak for.
	TrustedProxies []netip.Prefix
	// HTTPS makes browsers insist on it: for servers that are reached through TLS only.
	HTTPS bool
	// Caught are mails to be shown under /dev/mail; nil for a portal that sends them.
	Caught Catcher
	// Photos reads pictures that people upload.
	Photos photo.Reader
}

// Server holds what its handlers share.
type Server struct {
	store    Store
	sessions *scs.SessionManager
	log      *slog.Logger
	proxies  []netip.Prefix
	https    bool
	caught   Catcher
	photos   photo.Reader
}

// New makes the portal's handler. sessions is where the store keeps them for scs.
func New(store Store, sessions scs.CtxStore, o Options) http.Handler {
	s := &Server{store: store, sessions: newSessions(sessions), log: o.Log, proxies: o.TrustedProxies, https: o.HTTPS, caught: o.Caught, photos: o.Photos}
	return s.routes()
}
