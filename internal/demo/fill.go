package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"kortportal/internal/pin"
)

// connections is how many load at once. Each keeps a core of the database busy.
const connections = 2

// filled is a table with what fills it.
type filled struct {
	table   string
	columns []string
	fill    func(*world, *rows) error
	rows    int64 // how many it got
}

// fill writes the bulk of all tables and makes their indexes and foreign keys again. The plan is walked anew for each table, which costs
// less than keeping it.
func fill(ctx context.Context, owner *pgx.Conn, w *world, s structure, keyring *pin.Keyring, progress func(string)) (Country, error) {
	companies := &filled{table: "companies", columns: []string{"id", "name", "org_number", "created_at"}, fill: (*world).companyRows}
	persons := &filled{table: "persons", columns: []string{
		"id", "identity_kind", "identity_country", "identity_number", "given_name", "family_name", "created_at",
	}, fill: (*world).personRows}
	cards := &filled{table: "cards", columns: []string{
		"id", "company_id", "kind", "person_id", "ordered_by", "orderer_id", "status", "version", "number", "chip_uid", "valid_to",
		"printed_given_name", "printed_family_name", "printed_company", "printed_org_number", "sort_key", "other_key", "personal_key", "created_at",
	}, fill: (*world).cardRows}
	events := &filled{table: "card_events", columns: []string{
		"card_id", "seq", "company_id", "kind", "action", "from_status", "to_status", "actor_id", "actor_role", "reason", "note", "successor_id", "occurred_at",
	}, fill: (*world).eventRows}

	// Those first that take longest.
	all := []*filled{
		events, cards, persons,
		{table: "card_names", columns: []string{"company_id", "word", "sort_key", "card_id"}, fill: (*world).nameRows},
		{table: "card_orders", columns: []string{
			"card_id", "seq", "company_id", "kind", "given_name", "family_name", "citizenship", "photo_id", "email", "reference", "deliver_to",
		}, fill: (*world).orderRows},
		{table: "card_pins", columns: []string{"card_id", "key_id", "ciphertext"}, fill: func(w *world, r *rows) error { return w.pinRows(r, keyring) }},
		{table: "pictures", columns: []string{"id", "company_id", "purpose", "jpeg", "width", "height", "uploaded_by", "created_at"}, fill: (*world).pictureRows},
		companies,
		{table: "invoices", columns: []string{"id", "company_id", "number", "due_on", "paid_at"}, fill: (*world).invoiceRows},
		{table: "memberships", columns: []string{"company_id", "person_id", "role", "since"}, fill: (*world).membershipRows},
		{table: "orderer_names", columns: []string{"word", "person_id"}, fill: (*world).ordererNameRows},
		{table: "listed_orderers", columns: []string{"company_id", "person_id", "former", "name_key", "given_name", "family_name"}, fill: (*world).listedOrdererRows},
		{table: "issuer_staff", columns: []string{"person_id", "since"}, fill: (*world).staffRows},
		{table: "logins"},
	}
	err := atOnce(ctx, owner, all, func(ctx context.Context, conn *pgx.Conn, f *filled) error {
		progress("loading " + f.table)
		return f.load(ctx, conn, w.alike(), s)
	})
	if err != nil {
		return Country{}, err
	}
	progress("checking foreign keys")
	keys := s.of(foreignKey, "")
	err = pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error { return keys.unchecked().make(ctx, tx) })
	if err != nil {
		return Country{}, err
	}
	err = atOnce(ctx, owner, all, func(ctx context.Context, conn *pgx.Conn, f *filled) error {
		return keys.of(foreignKey, f.table).check(ctx, conn)
	})
	return Country{Companies: companies.rows, Persons: persons.rows, Cards: cards.rows}, err
}

// atOnce does something with each table, on several connections like the owner's. The first failure ends all.
func atOnce(ctx context.Context, owner *pgx.Conn, all []*filled, do func(context.Context, *pgx.Conn, *filled) error) error {
	queue := make(chan *filled, len(all))
	for _, f := range all {
		queue <- f
	}
	close(queue)
	group, ctx := errgroup.WithContext(ctx)
	for range connections {
		group.Go(func() (err error) {
			conn, err := pgx.ConnectConfig(ctx, owner.Config())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
			// Sorting in memory what fits; the foreign keys' checks are too short to be compiled.
			if _, err := conn.Exec(ctx, `SELECT set_config('maintenance_work_mem', '512MB', false), set_config('jit', 'off', false)`); err != nil {
				return err
			}
			for f := range queue {
				if err := do(ctx, conn, f); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// load fills the table and makes again what needs no other.
func (f *filled) load(ctx context.Context, conn *pgx.Conn, w *world, s structure) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// In the same transaction as COPY, which makes FREEZE possible.
		if err := truncate(ctx, tx, f.table); err != nil {
			return err
		}
		if f.fill != nil {
			var err error
			if f.rows, err = copyRows(ctx, tx, f.table, f.columns, func(r *rows) error { return f.fill(w, r) }); err != nil {
				return err
			}
		}
		if err := s.of(index, f.table).make(ctx, tx); err != nil {
			return err
		}
		return s.of(ownKey, f.table).make(ctx, tx)
	})
	if err != nil {
		return err
	}
	// Outside the transaction, as VACUUM must be; what is analyzed within it would be analyzed again a minute later.
	if _, err := conn.Exec(ctx, "VACUUM (ANALYZE) "+pgx.Identifier{f.table}.Sanitize()); err != nil {
		return fmt.Errorf("vacuum %s: %w", f.table, err)
	}
	return nil
}
