package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"kortportal/internal/account"
)

// A session is one value of type account.Session, kept by scs under this key.
const sessionKey = "session"

// sessionLifetime is how long the browser keeps the cookie at most. When a session really ends the store decides, by
// the database's clock.
const sessionLifetime = 12 * time.Hour

func newSessions(store scs.CtxStore) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Codec = sessionCodec{}
	m.Lifetime = sessionLifetime
	m.Cookie.Name = "__Host-session"
	m.Cookie.Path = "/"
	m.Cookie.Secure = true
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Persist = false
	return m
}

// sessionCodec writes a session as JSON. What the store adds when it reads one is not written back.
type sessionCodec struct{}

func (sessionCodec) Encode(_ time.Time, values map[string]interface{}) ([]byte, error) {
	session, _ := values[sessionKey].(account.Session)
	session.Login, session.Proved, session.Now = nil, false, time.Time{}
	data, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("server: encode session: %w", err)
	}
	return data, nil
}

func (sessionCodec) Decode(data []byte) (time.Time, map[string]interface{}, error) {
	var session account.Session
	if err := json.Unmarshal(data, &session); err != nil {
		return time.Time{}, nil, fmt.Errorf("server: decode session: %w", err)
	}
	return session.Now.Add(sessionLifetime), map[string]interface{}{sessionKey: session}, nil
}

// session is that of the request; false when nobody is logged in.
func (s *Server) session(ctx context.Context) (account.Session, bool) {
	session, _ := s.sessions.Get(ctx, sessionKey).(account.Session)
	return session, session.Person != 0
}

func (s *Server) keepSession(ctx context.Context, session account.Session) {
	s.sessions.Put(ctx, sessionKey, session)
}
