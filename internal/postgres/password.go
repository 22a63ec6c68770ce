package postgres

import (
	"context"
	"fmt"
	"runtime"

	"github.com/alexedwards/argon2id"
)

// passwords hashes with argon2id (OWASP's second choice of parameters: 19 MiB, two passes) on half of the cores, never more than two at a
// time: each takes a core for some 40 ms, and a burst of log-ins must neither starve everybody else nor fill the memory.
type passwords struct {
	turn  chan struct{}
	dummy string // checked where there is no login, so that the answer takes as long
}

func newPasswords() (*passwords, error) {
	dummy, err := HashPassword("nobody's password")
	if err != nil {
		return nil, err
	}
	atOnce := min(max(runtime.GOMAXPROCS(0)/2, 1), 2)
	return &passwords{turn: make(chan struct{}, atOnce), dummy: dummy}, nil
}

// HashPassword returns the argon2id hash of a password, with its parameters and salt.
func HashPassword(password string) (string, error) {
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		return "", fmt.Errorf("postgres: hash a password: %w", err)
	}
	return hash, nil
}

// hash is HashPassword in its turn, for passwords that people choose.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return HashPassword(password)
}

// matches compares a password with a hash; an empty hash never matches, and takes as long.
func (p *passwords) matches(ctx context.Context, password, hash string) (bool, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	exists := hash != ""
	if !exists {
		hash = p.dummy
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("postgres: compare a password: %w", err)
	}
	return match && exists, nil
}
