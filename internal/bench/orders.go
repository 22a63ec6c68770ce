package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/postgres"
)

// bulk is one piece of work on many rows at once, done once.
type bulk struct {
	name string
	rows int
	took time.Duration
	cpu  time.Duration // of the server and of Postgres together
}

const (
	importRows = 5000
	batchCards = 2000
	// ordersDatabase is a copy of the country that the orders are made in, so that the country is the same in the next run.
	ordersDatabase = "kortportal_orders"
)

// measureOrders imports a spreadsheet into the largest company, and produces cards, by the pages that people use.
func measureOrders(ctx context.Context, db *database, binary string, postmaster int) (all []bulk, err error) {
	super, err := pgx.Connect(ctx, db.local.SuperuserURL())
	if err != nil {
		return nil, err
	}
	drop := func() error {
		_, err := super.Exec(context.WithoutCancel(ctx), `DROP DATABASE IF EXISTS `+ordersDatabase+` WITH (FORCE)`)
		return err
	}
	defer func() { err = errors.Join(err, drop(), super.Close(context.WithoutCancel(ctx))) }()
	if err := errors.Join(drop(), postgres.CreateDatabase(ctx, super, ordersDatabase, postgres.Database)); err != nil {
		return nil, err
	}
	owner, err := pgx.Connect(ctx, db.local.URL(postgres.OwnerRole, ordersDatabase))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, owner.Close(context.WithoutCancel(ctx))) }()
	clerk, err := addClerk(ctx, owner)
	if err != nil {
		return nil, err
	}
	p, err := startProcess(ctx, binary, []string{"serve"}, []string{
		"DATABASE_URL=" + db.local.URL(postgres.AppRole, ordersDatabase), "PIN_KEYSET_FILE=" + db.keyset, "APP_ENV=dev",
	}, 18082)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	w := work{process: p, postmaster: postmaster}
	if err := w.importOrders(db.subject); err != nil {
		return nil, err
	}
	if err := approveOrders(ctx, owner, db.subject, clerk); err != nil {
		return nil, err
	}
	if err := w.produce(ctx, owner); err != nil {
		return nil, err
	}
	if err := w.runs(ctx, owner, db.subject); err != nil {
		return nil, err
	}
	return w.done, nil
}

// work is done on a server, and what it took is written down.
type work struct {
	process    *process
	postmaster int
	done       []bulk
}

// measure sends one request and returns where its answer leads.
func (w *work) measure(name string, rows int, c *client, r *http.Request) (location string, err error) {
	err = w.timed(name, rows, func() error {
		header, _, err := c.send(r, http.StatusSeeOther)
		location = header.Get("Location")
		return err
	})
	return location, err
}

// timed writes down what a piece of work takes.
func (w *work) timed(name string, rows int, do func() error) error {
	before, err := cpuTime(w.process.cmd.Process.Pid, w.postmaster)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	took := time.Since(begin)
	after, err := cpuTime(w.process.cmd.Process.Pid, w.postmaster)
	w.done = append(w.done, bulk{name, rows, took, after - before})
	return err
}

func (w *work) importOrders(s subject) error {
	c, err := newMember(settings{clients: 1}, w.process, s)
	if err != nil {
		return err
	}
	file := [][]string{{"passport country", "passport number", "given name", "family name", "citizenship", "e-mail", "language", "deliver to"}}
	for i := range importRows {
		name := strings.Fields(pick(s.Pairs, i))
		file = append(file, []string{
			"AQ", fmt.Sprintf("BENCH%05d", i), name[0], name[len(name)-1], "SE", "holder@kortportal.example", "sv", "Exempelgatan 1, 123 45 Exempelstad",
		})
	}
	upload, err := uploadOf(w.process.base+"/orders/import", "file", file)
	if err != nil {
		return err
	}
	location, err := w.measure("import of 5,000 rows: dry run", importRows, c, upload)
	if err != nil {
		return err
	}
	order, err := post(location, func(int) url.Values { return url.Values{"mode": {"all"}} })(w.process.base, 0)
	if err != nil {
		return err
	}
	_, err = w.measure("import of 5,000 rows: order", importRows, c, order)
	return err
}

func (w *work) produce(ctx context.Context, owner *pgx.Conn) error {
	c := newClient(1)
	if _, _, err := c.send(login(w.process.base, clerkEmail), http.StatusSeeOther); err != nil {
		return err
	}
	order, err := post("/desk/production", func(int) url.Values { return url.Values{"cards": {strconv.Itoa(batchCards)}} })(w.process.base, 0)
	if err != nil {
		return err
	}
	location, err := w.measure("production of 2,000 cards: batch", batchCards, c, order)
	if err != nil {
		return err
	}
	const made = `
		SELECT b.number, CASE c.kind WHEN 'standard' THEN 'BE' || lpad(to_hex(c.id), 12, '0') ELSE '' END, 'made'
		FROM production_cards b JOIN cards c ON c.id = b.card_id
		WHERE b.outcome IS NULL AND b.batch_id = (SELECT max(x.id) FROM production_batches x)`
	rows, err := owner.Query(ctx, made)
	if err != nil {
		return err
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]string, error) {
		cells := make([]string, 3)
		return cells, row.Scan(&cells[0], &cells[1], &cells[2])
	})
	if err != nil {
		return err
	}
	if len(lines) != batchCards {
		return fmt.Errorf("%d cards wait to be produced, want %d", len(lines), batchCards)
	}
	answer, err := uploadOf(w.process.base+location+"/answer", "answer_file", lines)
	if err != nil {
		return err
	}
	_, err = w.measure("production of 2,000 cards: answer", batchCards, c, answer)
	return err
}

// uploadOf is the form that brings a spreadsheet as a file.
func uploadOf(address, field string, file [][]string) (*http.Request, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, "bench.csv")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(csv.NewWriter(part).WriteAll(file), form.Close()); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, &body)
	if err == nil {
		r.Header.Set("Content-Type", form.FormDataContentType())
	}
	return r, err
}

const clerkEmail = "bench-clerk@kortportal.example"

// addClerk makes one of the issuer's staff, who can log in.
func addClerk(ctx context.Context, owner *pgx.Conn) (clerk int64, err error) {
	hash, err := postgres.HashPassword(password)
	if err != nil {
		return 0, err
	}
	const q = `
		WITH p AS (
		    INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
		    VALUES ('passport', 'AQ', 'BENCHCLERK', 'Ulla', 'Utfärdare') RETURNING id
		), i AS (
		    INSERT INTO issuer_staff (person_id) SELECT p.id FROM p
		)
		SELECT p.id FROM p`
	if err := owner.QueryRow(ctx, q).Scan(&clerk); err != nil {
		return 0, err
	}
	_, err = owner.Exec(ctx, `INSERT INTO logins (person_id, email, password_hash) VALUES ($1, $2, $3)`, clerk, clerkEmail, hash)
	return clerk, err
}

// approveOrders takes the latest orders of the subject, which the import has made, to where they wait for production: each gets a photo,
// is reviewed by the clerk and approved by its holder.
func approveOrders(ctx context.Context, owner *pgx.Conn, s subject, clerk int64) error {
	const latest = `(SELECT c.* FROM cards c WHERE c.company_id = $1 AND c.kind = 'standard' AND c.status = $2 ORDER BY c.id DESC LIMIT $3)`
	const correct = `
		WITH ph AS (
		    INSERT INTO pictures (company_id, purpose, jpeg, width, height, uploaded_by)
		    VALUES ($1, 'photo', decode(repeat('00', 200), 'hex'), 70, 90, $4) RETURNING id
		), e AS (
		    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
		    SELECT c.id, c.version + 1, c.company_id, c.kind, 'correct', c.status, c.status, c.orderer_id, 'orderer' FROM ` + latest + ` c
		    RETURNING card_id, seq
		)
		INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, email, language, deliver_to)
		SELECT e.card_id, e.seq, o.company_id, o.kind, o.given_name, o.family_name, o.citizenship, ph.id, o.email, o.language, o.deliver_to
		FROM e JOIN card_orders o ON o.card_id = e.card_id AND o.seq = e.seq - 1 CROSS JOIN ph`
	const step = `
		INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
		SELECT c.id, c.version + 1, c.company_id, c.kind, t.action, t.from_status, t.to_status, coalesce($6, c.person_id), $5
		FROM ` + latest + ` c JOIN card_transitions t ON t.kind = c.kind AND t.action = $4 AND t.from_status = c.status`
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{correct, []any{s.Company, "ordered", batchCards, s.Orderer}},
		{step, []any{s.Company, "ordered", batchCards, "review", "issuer", &clerk}},
		{step, []any{s.Company, "reviewed", batchCards, "approve", "holder", (*int64)(nil)}},
	} {
		if _, err := owner.Exec(ctx, statement.sql, statement.args...); err != nil {
			return fmt.Errorf("orders to produce: %w", err)
		}
	}
	_, err := owner.Exec(ctx, `VACUUM (ANALYZE) cards, card_events, card_orders, persons`)
	return err
}

// printOrders writes the table of what is done to many rows at once.
func printOrders(w *strings.Builder, all []bulk) {
	w.WriteString("\n| many at once | s | CPU s | rows/s |\n|---|--:|--:|--:|\n")
	for _, b := range all {
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.0f |\n", b.name, b.took.Seconds(), b.cpu.Seconds(), float64(b.rows)/b.took.Seconds())
	}
}
