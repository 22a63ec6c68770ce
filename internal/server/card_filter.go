package server

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"

	"kortportal/internal/account"
	"kortportal/web/view"
)

// filterOf is the search that an address or a form holds, without its page.
func filterOf(values url.Values) view.CardFilter {
	get := func(name string) string { return clean(values.Get(name)) }
	return view.CardFilter{
		Query: get("q"), Status: get("status"), Kind: get("kind"), Orderer: get("orderer"), ExpiresBefore: get("expires_before"), CleanUp: get("cleanup"),
	}
}

// addressedFilter is the search that the address holds. whole is false where that is not what was searched: somebody wrote a personnummer into the
// address, where it goes no further, or what it holds was sealed in another session, of which understand tells.
func (s *Server) addressedFilter(r *http.Request) (f view.CardFilter, whole bool) {
	f = filterOf(r.URL.Query())
	if account.LooksLikePersonalNumber(f.Query) {
		f.Query = ""
		return f, false
	}
	f.Sealed = param(r, "sealed")
	if f.Sealed == "" {
		return f, true
	}
	f.Query = s.unseal(r.Context(), f.Sealed)
	return f, f.Query != ""
}

// postedFilter is the search that a form holds.
func (s *Server) postedFilter(r *http.Request) view.CardFilter {
	return s.seal(r.Context(), filterOf(r.PostForm))
}

// seal gives a search whose query may hold a personnummer something that stands for it in addresses: the query itself, encrypted with a key that
// follows from the session's token. Nobody but the browser has that, and no longer than until it logs out.
func (s *Server) seal(ctx context.Context, f view.CardFilter) view.CardFilter {
	f.Sealed = ""
	if account.LooksLikePersonalNumber(f.Query) {
		//nolint:gosec // this cipher makes its own random nonce, and none is to be given
		f.Sealed = base64.RawURLEncoding.EncodeToString(s.queryCipher(ctx).Seal(nil, nil, []byte(f.Query), nil))
	}
	return f
}

// unseal is the query; empty for what was sealed in another session, or never.
func (s *Server) unseal(ctx context.Context, sealed string) string {
	text, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return ""
	}
	query, err := s.queryCipher(ctx).Open(nil, nil, text, nil)
	if err != nil {
		return ""
	}
	return string(query)
}

func (s *Server) queryCipher(ctx context.Context) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, []byte(s.sessions.Token(ctx)), nil, "kortportal: query of a search", 32)
	if err != nil {
		panic(err) // the length is a constant
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // as before
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // it is AES
	}
	return aead
}
