package pgtest

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/pin"
	"kortportal/internal/postgres"
)

// Register is a database with the store on it, and one of the issuer's staff. Tests that share one make a company each.
type Register struct {
	*DB
	Store  *postgres.Store // as the application's role
	Issuer account.Actor
	Keyset string // the file with the keys of the PINs

	made atomic.Int64
}

// NewRegister makes a register for the test. It ends with the test.
func NewRegister(t testing.TB) *Register {
	t.Helper()
	return NewRegisterWith(t, nil)
}

// NewRegisterWith makes one whose pictures are in a place of the test's choice.
func NewRegisterWith(t testing.TB, pictures postgres.Pictures) *Register {
	t.Helper()
	r := &Register{DB: New(t), Keyset: filepath.Join(t.TempDir(), "keyset.json")}
	if err := pin.Create(r.Keyset); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	ring, err := pin.Open(r.Keyset)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	r.Store, err = postgres.Open(context.Background(), r.AppURL, postgres.OpenOptions{Pins: ring, Pictures: pictures, Unsafe: true})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(r.Store.Close)
	r.Issuer = r.NewIssuer(t)
	return r
}

// next is a number that the register has given to nothing else.
func (r *Register) next() int64 { return r.made.Add(1) }

// NewIssuer makes one of the issuer's staff.
func (r *Register) NewIssuer(t testing.TB) account.Actor {
	t.Helper()
	person := r.NewPerson(t, card.Name{Given: "Ulla", Family: "Utfärdare"})
	if err := postgres.AddIssuer(context.Background(), r.Owner, person); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return account.Actor{Person: person, Roles: []account.Role{account.Issuer}}
}

// NewPerson makes somebody with a passport of a country that does not exist.
func (r *Register) NewPerson(t testing.TB, name card.Name) account.PersonID {
	t.Helper()
	return r.NewPersonWith(t, name, account.StoredIdentity("passport", "XX", fmt.Sprintf("TEST%08d", r.next())))
}

// NewPersonWith makes somebody with an identity of the test's choice.
func (r *Register) NewPersonWith(t testing.TB, name card.Name, identity account.Identity) account.PersonID {
	t.Helper()
	const q = `
		INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
		VALUES ($1, $2, $3, $4, $5) RETURNING id`
	var id account.PersonID
	err := r.App.QueryRow(context.Background(), q, identity.Kind, identity.Country, identity.Number(), name.Given, name.Family).Scan(&id)
	if err != nil {
		t.Fatalf("pgtest: new person: %v", err)
	}
	return id
}

// Password is that of every login that NewLogin makes.
const Password = "korrekt häst batteri"

// NewLogin makes somebody who can log in with Password.
func (r *Register) NewLogin(t testing.TB) (account.PersonID, account.Email) {
	t.Helper()
	n := r.next()
	email := account.Email(fmt.Sprintf("person%d@example.com", n))
	id, err := r.Store.AddPerson(context.Background(), account.NewPerson{
		Identity: account.StoredIdentity("passport", "XX", fmt.Sprintf("TEST%08d", n)),
		Given:    "Inger", Family: "Inloggad", Email: email, Password: Password, Language: "sv",
	})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return id, email
}

// Today is the day by the database's clock, in Sweden.
func (r *Register) Today(t testing.TB) time.Time {
	t.Helper()
	var day time.Time
	if err := r.App.QueryRow(context.Background(), `SELECT today()`).Scan(&day); err != nil {
		t.Fatalf("pgtest: today: %v", err)
	}
	return day
}

// Company is a company with its people.
type Company struct {
	ID            account.CompanyID
	Name          string
	Administrator account.Actor
	Orderer       account.Actor // whose cards Card makes
	OtherOrderer  account.Actor
	Register      *Register
}

// NewCompany makes a company with an administrator and two orderers.
func (r *Register) NewCompany(t testing.TB) *Company {
	t.Helper()
	n := r.next()
	c := &Company{Name: fmt.Sprintf("Bygg %d AB", n), Register: r}
	var err error
	number := account.OrgNumber{Country: "XX", Number: fmt.Sprintf("TEST%d", n)}
	if c.ID, err = r.Store.AddCompany(context.Background(), c.Name, number); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	c.Administrator = c.NewMember(t, card.Name{Given: "Ada", Family: "Administratör"}, account.Administrator)
	c.Orderer = c.NewMember(t, card.Name{Given: "Bo", Family: "Beställare"}, account.Orderer)
	c.OtherOrderer = c.NewMember(t, card.Name{Given: "Berit", Family: "Beställare"}, account.Orderer)
	return c
}

// NewMember makes somebody with roles in the company.
func (c *Company) NewMember(t testing.TB, name card.Name, roles ...account.Role) account.Actor {
	t.Helper()
	person := c.Register.NewPerson(t, name)
	for _, role := range roles {
		if err := c.Register.Store.AddRole(context.Background(), person, c.ID, role); err != nil {
			t.Fatalf("pgtest: %v", err)
		}
	}
	return account.Actor{Person: person, Company: c.ID, Roles: roles}
}

// LoseOrderer ends the role of an orderer who answers for cards, as was possible once and leaves them without an orderer.
func (c *Company) LoseOrderer(t testing.TB, person account.PersonID) {
	t.Helper()
	const q = `
		ALTER TABLE memberships DISABLE TRIGGER memberships_end;
		INSERT INTO membership_events (company_id, person_id, role, action) VALUES (%d, %d, 'orderer', 'end');
		ALTER TABLE memberships ENABLE ALWAYS TRIGGER memberships_end`
	if _, err := c.Register.Owner.Exec(context.Background(), fmt.Sprintf(q, c.ID, person)); err != nil {
		t.Fatalf("pgtest: lose an orderer: %v", err)
	}
}

// Suspend gives the company an unpaid invoice that is overdue, and returns its id.
func (c *Company) Suspend(t testing.TB) (invoice int64) {
	t.Helper()
	const q = `INSERT INTO invoices (company_id, number, due_on) VALUES ($1, $2, today() - 1) RETURNING id`
	number := fmt.Sprintf("F-%d", c.Register.next())
	if err := c.Register.Owner.QueryRow(context.Background(), q, c.ID, number).Scan(&invoice); err != nil {
		t.Fatalf("pgtest: suspend: %v", err)
	}
	return invoice
}

// Pay pays an invoice.
func (r *Register) Pay(t testing.TB, invoice int64) {
	t.Helper()
	tag, err := r.Owner.Exec(context.Background(), `UPDATE invoices SET paid_at = clock_now() WHERE id = $1`, invoice)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("pgtest: pay invoice %d: %v, %v", invoice, tag, err)
	}
}
