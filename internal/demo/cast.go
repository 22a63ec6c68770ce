package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
)

// actor is one of the people with a part of their own. Their numbers are in Skatteverket's published list of test numbers.
type actor struct {
	given, family   string
	kind            string
	country, number string
	login           string // the part of the e-mail address and of the password that tells them apart; empty without a log-in
	domain          string
	role            string // as the table of log-ins has it
	company         string
}

// The cast, by person id.
const (
	marianne int64 = iota + 1 // administrator
	hakan                     // orderer
	asa                       // the second orderer
	bjorn                     // administrator, orderer and holder in two companies
	elin                      // holder
	sofia                     // issuer
	orjan                     // orderer of the other company
	pia                       // orderer of the suspended company
	bozena
	mans
	freja
	rasmus
	janis

	firstExtra // everybody from here on is generated

	// extraIssuers are the staff of the issuer without log-ins; they come first of the generated.
	extraIssuers = 3
)

// issuers are the scheme's staff.
var issuers = [...]int64{sofia, firstExtra, firstExtra + 1, firstExtra + 2}

const (
	nordbygge = "Nordbygge Demo AB"
	vrakenas  = "Vråkenäs Demo Plåt AB"
	snarestad = "Snårestad Demo Måleri AB"
)

// cast is by person id, from 1.
func cast() []actor {
	return []actor{
		{"Marianne", "Östberg", personalNumber, "SE", "198701022389", "administrator", "nordbygge.example", "administrator", nordbygge},
		{"Håkan", "Sjöstedt", personalNumber, "SE", "198701092390", "orderer", "nordbygge.example", "orderer", nordbygge},
		{"Åsa", "Lindqvist", personalNumber, "SE", "198702192389", "orderer2", "nordbygge.example", "orderer", nordbygge},
		{"Björn", "Ahlgren-Öst", personalNumber, "SE", "198702072391", "both", "nordbygge.example", "administrator, orderer, holder", nordbygge + "; " + vrakenas},
		{"Elin", "Ågren", personalNumber, "SE", "198802192388", "holder", "nordbygge.example", "holder", nordbygge + "; " + vrakenas + "; " + snarestad},
		{"Sofia", "Norén", personalNumber, "SE", "198804152380", "issuer", "kortportal.example", "issuer", ""},
		{"Örjan", "Hägglund", personalNumber, "SE", "198805192393", "orderer", "vrakenas.example", "orderer", vrakenas},
		{"Pia", "Strömberg", personalNumber, "SE", "198806242387", "orderer", "snarestad.example", "administrator, orderer", snarestad},
		{"Bożena", "Kowalczyk", coordinationNumber, "SE", "195904732384", "", "", "", ""},
		{"Måns", "Törnqvist", personalNumber, "SE", "198901172398", "", "", "", ""},
		{"Freja", "Öhman", personalNumber, "SE", "198903082389", "", "", "", ""},
		{"Rasmus", "Björklund", personalNumber, "SE", "198905112390", "", "", "", ""},
		{"Jānis", "Bērziņš", passport, "LV", "DEMO99999999", "", "", "", ""},
	}
}

// namedCompanies come first of all; their size is that of the bulk beside the scripted cards.
var namedCompanies = [...]struct {
	name           string
	size           int
	suspended      bool
	administrators []int64
	orderers       []int64
}{
	{nordbygge, 45, false, []int64{marianne, bjorn}, []int64{hakan, asa, bjorn}},
	{vrakenas, 20, false, []int64{bjorn}, []int64{orjan, bjorn}},
	{snarestad, 8, true, []int64{pia}, []int64{pia}},
}

// named is one of the named companies.
func (w *world) named(i int) company {
	n := namedCompanies[i]
	return company{
		id: int64(i + 1), name: n.name, orgNumber: orgNumber(int64(i + 1)), size: n.size, suspended: n.suspended,
		created:        (w.today - historyDays + 1).workday().at(9, 0, 0),
		administrators: n.administrators, orderers: n.orderers,
	}
}

// Login is one of the demo log-ins.
type Login struct {
	Role     string `json:"role"` // several are separated by a comma
	Email    string `json:"email"`
	Password string `json:"password"`
	Company  string `json:"company"` // several are separated by a semicolon; empty for the issuer
	// Cards are the numbers of the cards that the person has at hand, separated by a semicolon: a real one reads them from the card, and has to prove by
	// them to have it. Empty where there is no database.
	Cards string `json:"cards,omitempty"`
}

// Logins are the people who can log in to every demo country.
func Logins() []Login {
	var logins []Login
	for _, a := range cast() {
		if a.login != "" {
			logins = append(logins, a.credentials())
		}
	}
	return logins
}

// LoginsIn are those of Logins that are in a database and not disabled.
func LoginsIn(ctx context.Context, conn *pgx.Conn) ([]Login, error) {
	const q = `
		SELECT l.email, coalesce((SELECT string_agg(c.number, '; ' ORDER BY c.id) FROM cards c
		                          WHERE c.person_id = l.person_id AND c.status IN ('produced', 'active') AND c.valid_to >= today()), '')
		FROM logins l WHERE l.disabled_at IS NULL AND l.email = ANY (@emails)`
	logins := Logins()
	emails := make([]string, len(logins))
	for i, l := range logins {
		emails[i] = l.Email
	}
	rows, err := conn.Query(ctx, q, pgx.StrictNamedArgs{"emails": emails})
	if err != nil {
		return nil, fmt.Errorf("demo: log-ins: %w", err)
	}
	cards := map[string]string{}
	var email, numbers string
	if _, err := pgx.ForEachRow(rows, []any{&email, &numbers}, func() error {
		cards[email] = numbers
		return nil
	}); err != nil {
		return nil, fmt.Errorf("demo: log-ins: %w", err)
	}
	for i := range logins {
		logins[i].Cards = cards[logins[i].Email]
	}
	return slices.DeleteFunc(logins, func(l Login) bool { _, there := cards[l.Email]; return !there }), nil
}

func (a actor) credentials() Login {
	secret := a.login
	if a.login == string(account.Orderer) && a.company != nordbygge {
		secret = a.login + "-" + a.domain[:len(a.domain)-len(".example")]
	}
	return Login{Role: a.role, Email: a.login + "@" + a.domain, Password: "demo-" + secret + "-2026", Company: a.company}
}
