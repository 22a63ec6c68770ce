package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres"
)

// tape records the statements that the store sends, for pgbench to send them again.
type tape struct {
	mu         sync.Mutex
	statements []string
	err        error
}

func (t *tape) TraceQueryStart(ctx context.Context, conn *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	t.record(ctx, conn, d.SQL, d.Args)
	return ctx
}

func (*tape) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (t *tape) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (t *tape) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, d pgx.TraceBatchQueryData) {
	t.record(ctx, conn, d.SQL, d.Args)
}

func (*tape) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (t *tape) record(ctx context.Context, conn *pgx.Conn, sql string, args []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(args) > 0 {
		if r, ok := args[0].(pgx.QueryRewriter); ok {
			var err error
			if sql, args, err = r.RewriteQuery(ctx, conn, sql, args); err != nil {
				t.err = errors.Join(t.err, err)
			}
		}
	}
	text, err := literal(sql, args)
	t.err = errors.Join(t.err, err)
	t.statements = append(t.statements, text)
}

// take returns what was recorded since the last take.
func (t *tape) take() ([]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	statements := t.statements
	t.statements = nil
	return statements, t.err
}

var (
	parameter = regexp.MustCompile(`\$\d+`)
	comment   = regexp.MustCompile(`--[^\n]*`)
)

// literal puts arguments into a statement as untyped literals, which Postgres gives the types that the parameters had.
func literal(sql string, args []any) (string, error) {
	var fault error
	text := parameter.ReplaceAllStringFunc(comment.ReplaceAllString(sql, ""), func(p string) string {
		n, _ := strconv.Atoi(p[1:])
		value, err := encode(args[n-1])
		if err != nil {
			fault = err
		}
		return value
	})
	return strings.Join(strings.Fields(text), " ") + ";", fault
}

func encode(arg any) (string, error) {
	v := reflect.ValueOf(arg)
	switch {
	case !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil():
		return "NULL", nil
	case v.Kind() == reflect.Pointer:
		return encode(v.Elem().Interface())
	case v.Type() == reflect.TypeFor[[]byte]():
		return quote(fmt.Sprintf(`\x%x`, arg)), nil
	case v.Kind() == reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = strconv.Quote(fmt.Sprint(v.Index(i)))
		}
		return quote("{" + strings.Join(parts, ",") + "}"), nil
	}
	switch a := arg.(type) {
	case time.Time:
		return quote(a.Format(time.RFC3339Nano)), nil
	case fmt.Stringer:
		return quote(a.String()), nil
	}
	switch v.Kind() {
	case reflect.String, reflect.Int, reflect.Int32, reflect.Int64, reflect.Bool:
		return quote(fmt.Sprint(v)), nil
	}
	return "", fmt.Errorf("an argument of type %T has no literal", arg)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// scripts records, for each operation that only reads, what the store sends for a number of its values.
func scripts(ctx context.Context, db *database, dir string, ops []operation) (map[string][]string, error) {
	t := &tape{}
	store, err := postgres.Open(ctx, db.local.AppURL(), postgres.OpenOptions{Tracer: t})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if _, err := t.take(); err != nil {
		return nil, err
	}
	by := db.subject.actor()
	sessions := store.Sessions()
	token := rand.Text() // the session of an earlier run has ended
	session, err := json.Marshal(account.Session{Person: by.Person, Place: account.AtCompany, Company: by.Company})
	if err != nil {
		return nil, err
	}
	if err := sessions.CommitCtx(ctx, token, session, time.Time{}); err != nil {
		return nil, err
	}
	if _, err := t.take(); err != nil {
		return nil, err
	}
	files := map[string][]string{}
	for i, op := range ops {
		for n := range 3 { // each is prepared on each of pgbench's connections
			if err := ask(ctx, store, token, by, op, n); err != nil {
				return nil, fmt.Errorf("%s: %w", op.name, err)
			}
			statements, err := t.take()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", op.name, err)
			}
			path := filepath.Join(dir, fmt.Sprintf("%02d-%d.sql", i, n))
			if err := os.WriteFile(path, []byte(strings.Join(statements, "\n")+"\n"), 0o600); err != nil {
				return nil, err
			}
			files[op.name] = append(files[op.name], path)
		}
	}
	return files, nil
}

// ask makes the store do what a request of the operation asks of it: find the session, then what is on the page.
func ask(ctx context.Context, store *postgres.Store, token string, by account.Actor, op operation, n int) error {
	r, err := op.request("", n)
	if err != nil {
		return err
	}
	if _, found, err := store.Sessions().FindCtx(ctx, token); err != nil {
		return err
	} else if !found {
		return errors.New("the session has ended")
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/cards/"); ok {
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return err
		}
		_, _, err = store.CardPage(ctx, by, card.ID(number))
		return err
	}
	values := r.URL.Query()
	if r.Body != nil {
		if err := r.ParseForm(); err != nil {
			return err
		}
		values = mergeValues(values, r.PostForm)
	}
	q, err := card.ParseQuery(values.Get("q"), time.Now())
	if err != nil {
		return err
	}
	search := card.Search{Query: q, After: card.Cursor(values.Get("after"))}
	var found card.Results
	if q.Kind == card.ByNumber {
		if found, err = store.SearchCards(ctx, by, search); err != nil {
			return err
		}
	}
	if op.follow {
		if _, _, err := store.Sessions().FindCtx(ctx, token); err != nil {
			return err
		}
	}
	if q.Kind == card.ByNumber {
		_, _, err = store.CardPage(ctx, by, found.Rows[0].ID)
		return err
	}
	_, _, err = store.SearchPage(ctx, by, search)
	return err
}

func mergeValues(a, b url.Values) url.Values {
	for name, values := range b {
		a[name] = values
	}
	return a
}

var (
	first = regexp.MustCompile(`progress: ([0-9.]+) s, ([0-9.]+) tps`)
	done  = regexp.MustCompile(`transactions actually processed: ([0-9]+)`)
)

// scripted is pgbench sending, prepared and in turn, what the store sends for an operation.
type scripted struct {
	db         *database
	postmaster int
	files      []string
	into       *float64

	turns int
	sum   float64
}

// turn lets pgbench prepare its statements for the time of a turn, as the servers' connections have long done, and counts from then on.
func (o *scripted) turn(ctx context.Context, s settings) error {
	seconds := turnTime.Seconds()
	args := []string{
		"-n", "-M", "prepared", "-c", strconv.Itoa(s.clients), "-j", "1", "-T", strconv.Itoa(int(2 * seconds)), "-P", strconv.Itoa(int(seconds)),
	}
	for _, f := range o.files {
		args = append(args, "-f", f)
	}
	address, err := url.Parse(o.db.local.AppURL())
	if err != nil {
		return err
	}
	before, err := children(o.postmaster)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, o.db.local.Program("pgbench"), append(args, address.String())...)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c plan_cache_mode=force_generic_plan")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("pgbench: %w: %s", err, out)
	}
	// Its backends end a little later, and are no part of the next one's turn.
	for end := time.Now().Add(turnTime); time.Now().Before(end); time.Sleep(leadIn / 10) {
		if now, err := children(o.postmaster); err != nil || now <= before {
			break
		}
	}
	warmed, all := first.FindSubmatch(out), done.FindSubmatch(out)
	if warmed == nil || all == nil {
		return fmt.Errorf("pgbench did not say: %s", out)
	}
	var numbers [3]float64
	for i, text := range [][]byte{warmed[1], warmed[2], all[1]} {
		if numbers[i], err = strconv.ParseFloat(string(text), 64); err != nil {
			return fmt.Errorf("pgbench: %w", err)
		}
	}
	until, rate, n := numbers[0], numbers[1], numbers[2]
	o.turns++
	o.sum += (n - until*rate) / (2*seconds - until)
	*o.into = o.sum / float64(o.turns)
	return nil
}
