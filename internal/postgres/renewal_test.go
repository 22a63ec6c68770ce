package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

func keepRenewal(t *testing.T, r *pgtest.Register, by account.Actor, cards ...*pgtest.Card) (card.RenewalID, card.Renewal) {
	t.Helper()
	var ids []card.ID
	for _, k := range cards {
		ids = append(ids, k.ID)
	}
	id, err := r.Store.KeepRenewal(t.Context(), by, ids)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := r.Store.Renewal(t.Context(), by, id)
	if err != nil {
		t.Fatal(err)
	}
	return id, kept
}

// outcomes are the rules in the way by card, none for those that can be or were ordered.
func outcomes(r card.Renewal) map[card.ID]card.Rule {
	all := map[card.ID]card.Rule{}
	for _, row := range r.Rows {
		all[row.ID] = row.Refusal
	}
	return all
}

// The look orders nothing and says of each card what is in the way; then the good ones are ordered, prefilled and linked both ways.
func TestARenewal(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	soon := r.Today(t).AddDate(0, 0, 20)
	good := inUse(t, c, soon)
	visitor := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced, ValidTo: soon.AddDate(0, 0, 1)})
	theirs := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: soon.AddDate(0, 0, 2), Orderer: c.OtherOrderer})
	ordered := inUse(t, c, soon.AddDate(0, 0, 3))
	renew(t, ordered)
	silent := inUse(t, c, soon.AddDate(0, 0, 4))
	// Nothing but the order says of what country somebody with a coordination number is a citizen.
	stranger := r.NewPersonWith(t, card.Name{Given: "Karin", Family: "Kortinnehavare"}, account.StoredIdentity("coordination_number", "SE", "199001612386"))
	old := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: soon.AddDate(0, 0, 5), Holder: stranger})
	swede := r.NewPersonWith(t, card.Name{Given: "Sven", Family: "Svensson"}, account.StoredIdentity("personal_number", "SE", "199001012385"))
	older := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: soon.AddDate(0, 0, 6), Holder: swede})
	for _, sql := range []string{
		`ALTER TABLE card_orders DISABLE TRIGGER card_orders_keep`,
		fmt.Sprintf(`UPDATE card_orders SET email = NULL WHERE card_id = %d`, silent.ID),
		fmt.Sprintf(`DELETE FROM card_orders WHERE card_id IN (%d, %d)`, old.ID, older.ID), // as of a time before orders were kept
		`ALTER TABLE card_orders ENABLE ALWAYS TRIGGER card_orders_keep`,
	} {
		if _, err := r.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := r.Store.Draft(t.Context(), c.Orderer, older.ID); err != nil || d.Citizenship != "SE" {
		t.Errorf("somebody with a personal number is taken for a citizen of %q, %v", d.Citizenship, err)
	}
	cards := cardsOf(t, r, c)
	id, kept := keepRenewal(t, r, c.Orderer, old, silent, ordered, theirs, visitor, good)
	want := map[card.ID]card.Rule{
		good.ID: "", visitor.ID: "", theirs.ID: card.RuleResponsibleOrderer, ordered.ID: card.RuleOneOpenOrder,
		silent.ID: card.RuleRenewedWithAddress, old.ID: card.RuleOfPerson,
	}
	if diff := cmp.Diff(want, outcomes(kept)); diff != "" || kept.Applied || kept.Rows[0].ID != good.ID || kept.Rows[5].ID != old.ID {
		t.Errorf("the look (-want +got):\n%s", diff)
	}
	if n := cardsOf(t, r, c); n != cards {
		t.Errorf("the look made %d cards", n-cards)
	}
	if o := kept.Rows[0].Order; o.Holder != good.Holder.Person || o.Name.Family != "Kortinnehavare" || o.Citizenship != "SE" || o.Photo == 0 ||
		o.Email != "holder@company.example" || o.Language != "sv" || o.Reference != "PO 17" || !strings.HasPrefix(o.DeliverTo, "Testbygge AB") {
		t.Errorf("prefilled with %+v", o)
	}
	if o := kept.Rows[5].Order; o.DeliverTo == "" || o.Name.Family != "Kortinnehavare" {
		t.Errorf("a card from before orders were kept is prefilled with %+v", o)
	}

	terms := card.RenewalTerms{DeliverTo: "Norra Hamnen\nbod 4", Reference: "PO 99", Emails: map[card.ID]account.Email{silent.ID: "silent@home.example"}}
	if i, err := r.Store.ApplyRenewal(t.Context(), c.Orderer, id, terms, card.AllOrNothing); !errors.Is(err, card.ErrImport) || i.Good() != 3 || i.Applied {
		t.Errorf("all or nothing: %d good, %v", i.Good(), err)
	}
	if n := cardsOf(t, r, c); n != cards {
		t.Errorf("all or nothing made %d cards", n-cards)
	}
	done, err := r.Store.ApplyRenewal(t.Context(), c.Orderer, id, terms, card.OnlyGood)
	if err != nil || !done.Applied || done.Good() != 3 {
		t.Fatalf("only the good: %d, %v", done.Good(), err)
	}
	kept, err = r.Store.Renewal(t.Context(), c.Orderer, id)
	if err != nil || !kept.Applied || len(kept.Rows) != 6 {
		t.Fatalf("%+v, %v", kept, err)
	}
	for _, row := range kept.Rows {
		if (row.Ordered != 0) != (row.Refusal == "") {
			t.Errorf("card %d: ordered %d, refused by %q", row.ID, row.Ordered, row.Refusal)
		}
		if row.Ordered == 0 {
			continue
		}
		o, err := r.Store.Draft(t.Context(), c.Orderer, row.Ordered)
		if err != nil || o.Replaces != row.ID || o.ReplaceReason != card.Expires || o.DeliverTo != terms.DeliverTo || o.Reference != "PO 99" || o.Kind != row.Kind {
			t.Errorf("ordered %+v, %v", o, err)
		}
		if row.ID == silent.ID && o.Email != "silent@home.example" || row.ID == good.ID && o.Photo == 0 {
			t.Errorf("ordered %+v", o)
		}
		if old, err := r.Store.Draft(t.Context(), c.Orderer, row.ID); err != nil || old.ReplacedBy != row.Ordered {
			t.Errorf("card %d is replaced by %d, %v", row.ID, old.ReplacedBy, err)
		}
	}
	told := texts(t, r.Owner, `SELECT email FROM messages WHERE template = 'replacement_ordered' AND created_at = (SELECT max(created_at) FROM messages) ORDER BY 1`)
	if !slices.Equal(told, []string{"holder@company.example", "silent@home.example"}) {
		t.Errorf("told %q", told)
	}
}

// The card that the issuer owes for a faulty one is ordered as such, by many as by one, and ends the claim's account.
func TestARenewalOfAClaimedCard(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := inUse(t, c, r.Today(t).AddDate(0, 0, 20))
	decide(t, r, makeClaim(t, k, k.Holder), true, "")
	id, kept := keepRenewal(t, r, c.Orderer, k)
	if row := kept.Rows[0]; row.Refusal != "" || row.Pays != card.IssuerPays || row.Order.ReplaceReason != card.Reclaimed {
		t.Errorf("the look says %+v", row)
	}
	done, err := r.Store.ApplyRenewal(t.Context(), c.Orderer, id, card.RenewalTerms{}, card.AllOrNothing)
	if err != nil {
		t.Fatal(err)
	}
	if check, err := r.Store.ClaimCheck(t.Context(), c.Orderer, k.ID); err != nil || check.Last.Replacement != done.Rows[0].Ordered {
		t.Errorf("the claim knows of %+v, %v", check.Last, err)
	}
}

// An order made one by one and one made with many are the same.
func TestARenewalOrdersAsASingleOrder(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	soon := r.Today(t).AddDate(0, 0, 20)
	one, many := inUse(t, c, soon), inUse(t, c, soon)
	first, last := renew(t, one), lastMessage(t, r)
	id, _ := keepRenewal(t, r, c.Orderer, many)
	if n := lastMessage(t, r); n != last {
		t.Errorf("the look wrote message %d", n)
	}
	done, err := r.Store.ApplyRenewal(t.Context(), c.Orderer, id, card.RenewalTerms{}, card.AllOrNothing)
	if err != nil {
		t.Fatal(err)
	}
	const q = `
		SELECT (to_jsonb(c) - '{id,person_id,created_at}'::text[])::text || (to_jsonb(e) - '{card_id,occurred_at}'::text[])::text ||
		       (to_jsonb(o) - '{card_id,photo_id,replaces_id}'::text[])::text
		FROM cards c JOIN card_events e ON e.card_id = c.id JOIN card_orders o ON o.card_id = c.id WHERE c.id = $1`
	if diff := cmp.Diff(texts(t, r.Owner, q, first), texts(t, r.Owner, q, done.Rows[0].Ordered)); diff != "" {
		t.Errorf("a single order and one of many differ:\n%s", diff)
	}
}

// However often and at once it is confirmed, each card is ordered once, and all are told the same.
func TestARenewalIsAppliedOnce(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	soon := r.Today(t).AddDate(0, 0, 20)
	var all []*pgtest.Card
	for range 5 {
		all = append(all, inUse(t, c, soon), c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced, ValidTo: soon}))
	}
	first, _ := keepRenewal(t, r, c.Orderer, all...)
	second, _ := keepRenewal(t, r, c.Orderer, all...)
	before := cardsOf(t, r, c)
	store := wide(t, r, 16)
	for i, err := range atOnce(16, func(i int) error {
		id := first
		if i%2 == 1 {
			id = second
		}
		done, err := store.ApplyRenewal(t.Context(), c.Orderer, id, card.RenewalTerms{}, card.OnlyGood)
		if err == nil && done.Good() != 10 {
			err = fmt.Errorf("told of %d", done.Good())
		}
		if errors.Is(err, card.ErrImport) { // the other renewal was first
			return nil
		}
		return err
	}) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := cardsOf(t, r, c); n != before+10 {
		t.Errorf("%d cards were made", n-before)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM messages WHERE template = 'replacement_ordered'`); n != "5" {
		t.Errorf("%s mails", n)
	}
}

// A renewal is its orderer's own, of the own company's cards, for a day.
func TestARenewalIsForgotten(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	validTo := r.Today(t).AddDate(0, 0, 20)
	k, theirs := inUse(t, c, validTo), inUse(t, other, validTo)
	if _, err := r.Store.KeepRenewal(t.Context(), c.Orderer, []card.ID{k.ID, theirs.ID}); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("with another company's card: %v", err)
	}
	id, _ := keepRenewal(t, r, c.Orderer, k)
	for name, by := range map[string]account.Actor{"another orderer": c.OtherOrderer, "another company's": other.Orderer, "the administrator": c.Administrator} {
		if _, err := r.Store.Renewal(t.Context(), by, id); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("read by %s: %v", name, err)
		}
		if err := r.Store.CheckRenewal(t.Context(), by, id, card.RenewalTerms{Reference: "x"}); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("changed by %s: %v", name, err)
		}
		if _, err := r.Store.ApplyRenewal(t.Context(), by, id, card.RenewalTerms{}, card.OnlyGood); !errors.Is(err, card.ErrNotFound) {
			t.Errorf("applied by %s: %v", name, err)
		}
	}
	r.MoveClock(t, 23*time.Hour)
	if _, err := r.Store.Renewal(t.Context(), c.Orderer, id); err != nil {
		t.Errorf("after 23 hours: %v", err)
	}
	r.MoveClock(t, 2*time.Hour)
	if _, err := r.Store.ApplyRenewal(t.Context(), c.Orderer, id, card.RenewalTerms{}, card.OnlyGood); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("after 25 hours: %v", err)
	}
	next, _ := keepRenewal(t, r, other.Orderer, theirs)
	forgetAll(t, r)
	if left := texts(t, r.Owner, `SELECT id::text FROM renewals`); !slices.Equal(left, []string{fmt.Sprint(next)}) {
		t.Errorf("kept are %v, want %d alone", left, next)
	}
}

// What is said of all cards is judged anew; too long a text is refused by its own rule, and who is no orderer any more as such.
func TestTheTermsOfARenewal(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := inUse(t, c, r.Today(t).AddDate(0, 0, 20))
	id, _ := keepRenewal(t, r, c.Orderer, k)
	for rule, terms := range map[string]card.RenewalTerms{
		"renewals_deliver_to_length": {DeliverTo: strings.Repeat("x", 401)},
		"renewals_reference_length":  {Reference: strings.Repeat("x", 101)},
		"renewal_cards_email_format": {Emails: map[card.ID]account.Email{k.ID: "nobody"}},
	} {
		if err := r.Store.CheckRenewal(t.Context(), c.Orderer, id, terms); !errors.Is(err, card.ErrOrder) || ruleOf(err) != rule {
			t.Errorf("%v, want it refused by %s", err, rule)
		}
	}
	terms := card.RenewalTerms{DeliverTo: strings.Repeat("x", 400), Reference: strings.Repeat("x", 100), Emails: map[card.ID]account.Email{k.ID: "a@home.example"}}
	if err := r.Store.CheckRenewal(t.Context(), c.Orderer, id, terms); err != nil {
		t.Fatal(err)
	}
	kept, err := r.Store.Renewal(t.Context(), c.Orderer, id)
	if err != nil || kept.DeliverTo != terms.DeliverTo || kept.Rows[0].Order.Reference != terms.Reference || kept.Rows[0].Order.Email != "a@home.example" || kept.Good() != 1 {
		t.Errorf("%+v, %v", kept, err)
	}
	c.LoseOrderer(t, c.Orderer.Person)
	if _, err := r.Store.ApplyRenewal(t.Context(), c.Orderer, id, terms, card.OnlyGood); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleMember) {
		t.Errorf("by a former orderer: %v", err)
	}
	if err := r.Store.AddRole(t.Context(), c.Orderer.Person, c.ID, account.Orderer); err != nil {
		t.Fatal(err)
	}
	if done, err := r.Store.ApplyRenewal(t.Context(), c.Orderer, id, terms, card.OnlyGood); err != nil || done.Good() != 1 {
		t.Errorf("by an orderer: %v", err)
	}
	// What was ordered stays as it is.
	if err := r.Store.CheckRenewal(t.Context(), c.Orderer, id, card.RenewalTerms{Reference: "other"}); err != nil {
		t.Fatal(err)
	}
	if kept, err := r.Store.Renewal(t.Context(), c.Orderer, id); err != nil || kept.Reference != terms.Reference || !kept.Applied {
		t.Errorf("%+v, %v", kept, err)
	}
}
