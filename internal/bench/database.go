package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/demo"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
)

// database is a loaded one, with who asks it.
type database struct {
	local    *postgres.Local
	keyset   string
	loadTook time.Duration // zero when it was there from an earlier run
	size     string
	subject  subject // of the largest company
	peer     subject // of a company as large as the first country's largest; zero in the first country
}

// password is that of the bench's own log-ins.
const password = "bench-password-of-nobody"

// openDatabase starts the cluster of that many cards, and loads it the first time. peer is the number of cards of the
// company to compare with another country's, or zero.
func openDatabase(ctx context.Context, dir string, cards, peer int, log *slog.Logger) (db *database, err error) {
	dir, err = filepath.Abs(filepath.Join(dir, strconv.Itoa(cards)))
	if err != nil {
		return nil, err
	}
	local, err := postgres.StartLocal(ctx, postgres.LocalOptions{Dir: filepath.Join(dir, "postgres"), Log: log})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, local.Stop())
		}
	}()
	db = &database{local: local, keyset: filepath.Join(dir, "pin-keyset.json")}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, err
	}
	if err := pin.Create(db.keyset); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	ring, err := pin.Open(db.keyset)
	if err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, local.OwnerURL(), log); err != nil {
		return nil, err
	}
	owner, err := pgx.Connect(ctx, local.OwnerURL())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, owner.Close(context.WithoutCancel(ctx))) }()

	start := time.Now()
	progress := func(what string) { log.Info("loading: " + what) }
	switch _, err := demo.Load(ctx, owner, ring, demo.Options{Cards: cards, Seed: 1, Progress: progress}); {
	case err == nil:
		db.loadTook = time.Since(start)
	case !errors.Is(err, demo.ErrNotEmpty):
		return nil, err
	}
	if err := owner.QueryRow(ctx, `SELECT pg_size_pretty(pg_database_size(current_database()))`).Scan(&db.size); err != nil {
		return nil, err
	}
	const largest = 1 << 30
	if db.subject, err = findSubject(ctx, owner, largest); err != nil {
		return nil, fmt.Errorf("find whom to ask for: %w", err)
	}
	if peer > 0 {
		if db.peer, err = findSubject(ctx, owner, peer); err != nil {
			return nil, fmt.Errorf("find whom to compare: %w", err)
		}
	}
	return db, nil
}

// subject is what the operations ask for: people, numbers and names that are in the data.
type subject struct {
	Company  int64
	Size     int   // cards of the company
	Orderer  int64 // of the company, with the most active cards there
	Email    string
	Numbers  []string
	Personal []string // twelve digits
	Rare     []string // family names of one word that find rareHits cards, or as near to it as there are
	Pairs    []string // given and family names that one person has
	Orderers []string // full names of orderers of the company
	Cards    []int64
	Active   []int64 // cards the orderer may block
	After    string  // the cursor of page 400, or of the last page
}

// rareHits is how many cards a rare name finds, in a small company as in a large one: what is compared is the search and not the length of its page.
const rareHits = 10

// findSubject takes the company whose number of cards is nearest to size.
func findSubject(ctx context.Context, owner *pgx.Conn, size int) (subject, error) {
	var s subject
	const nearest = `SELECT c.company_id, count(*) FROM cards c GROUP BY c.company_id ORDER BY abs(count(*) - $1), c.company_id LIMIT 1`
	if err := owner.QueryRow(ctx, nearest, size).Scan(&s.Company, &s.Size); err != nil {
		return subject{}, err
	}
	const orderer = `
		SELECT c.orderer_id FROM cards c JOIN memberships m ON m.company_id = c.company_id AND m.person_id = c.orderer_id AND m.role = 'orderer'
		WHERE c.company_id = $1 AND c.status = 'active' AND c.valid_to >= today() AND m.ended_at IS NULL
		GROUP BY c.orderer_id ORDER BY count(*) DESC, c.orderer_id LIMIT 1`
	if err := owner.QueryRow(ctx, orderer, s.Company).Scan(&s.Orderer); err != nil {
		return subject{}, err
	}
	hash, err := postgres.HashPassword(password)
	if err != nil {
		return subject{}, err
	}
	s.Email = fmt.Sprintf("bench%d@kortportal.example", s.Orderer)
	const login = `
		INSERT INTO logins (person_id, email, password_hash) VALUES ($1, $2, $3)
		ON CONFLICT (person_id) DO UPDATE SET email = excluded.email, password_hash = excluded.password_hash`
	if _, err := owner.Exec(ctx, login, s.Orderer, s.Email, hash); err != nil {
		return subject{}, err
	}
	// Every so many rows of the company, so that what is asked for is spread over it.
	const sample = `FROM (SELECT c.*, row_number() OVER (ORDER BY c.id) AS n, count(*) OVER () AS of FROM cards c
		WHERE c.company_id = $1 AND c.number IS NOT NULL AND c.kind = 'standard') c
		JOIN persons p ON p.id = c.person_id WHERE c.n % greatest(c.of / 200, 1) = 0`
	lists := []struct {
		into any
		sql  string
		args []any
	}{
		{&s.Numbers, `SELECT c.number ` + sample, []any{s.Company}},
		{&s.Cards, `SELECT c.id ` + sample, []any{s.Company}},
		{&s.Personal, `SELECT p.identity_number ` + sample + ` AND p.personal_key IS NOT NULL`, []any{s.Company}},
		{&s.Pairs, `SELECT p.given_name || ' ' || p.family_name FROM cards c JOIN persons p ON p.id = c.person_id WHERE c.company_id = $1
			GROUP BY 1 HAVING count(DISTINCT p.id) = 1 ORDER BY md5(p.given_name || ' ' || p.family_name) LIMIT 200`, []any{s.Company}},
		{&s.Rare, `SELECT f.name FROM (SELECT DISTINCT p.family_name AS name, name_key(p.family_name) AS word
				FROM cards c JOIN persons p ON p.id = c.person_id WHERE c.company_id = $1) f
			CROSS JOIN LATERAL (SELECT count(DISTINCT n.card_id) FROM card_names n WHERE n.company_id = $1 AND n.word >= f.word AND n.word < f.word || '~') h (hits)
			WHERE f.word !~ ' ' ORDER BY abs(h.hits - $2), f.name LIMIT 50`, []any{s.Company, rareHits}},
		{&s.Orderers, `SELECT p.given_name || ' ' || p.family_name FROM memberships m JOIN persons p ON p.id = m.person_id
			WHERE m.company_id = $1 AND m.role = 'orderer' ORDER BY p.id LIMIT 50`, []any{s.Company}},
		{&s.Active, `SELECT c.id FROM cards c WHERE c.company_id = $1 AND c.orderer_id = $2 AND c.status IN ('active', 'blocked')
			AND c.valid_to >= today() AND NOT EXISTS (SELECT FROM cards n WHERE n.company_id = c.company_id AND n.person_id = c.person_id
			AND n.id <> c.id AND n.status IN ('active', 'blocked')) ORDER BY c.id LIMIT 500`, []any{s.Company, s.Orderer}},
	}
	for _, l := range lists {
		rows, err := owner.Query(ctx, l.sql, l.args...)
		if err != nil {
			return subject{}, err
		}
		switch into := l.into.(type) {
		case *[]string:
			*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
		case *[]int64:
			*into, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		}
		if err != nil {
			return subject{}, err
		}
	}
	return s, nil
}
