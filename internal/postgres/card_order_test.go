package postgres_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres/pgtest"
)

// What an order says must be whole: each fault is refused by its own rule, and without the fault the order is taken.
func TestWhatIsOrderedIsWhole(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	theirs := other.Card(t, pgtest.Spec{Status: card.Active})
	for name, try := range map[string]struct {
		kind  card.Kind
		spoil func(*card.NewOrder)
		want  error
		rule  string
	}{
		"no name":                       {card.Standard, func(o *card.NewOrder) { o.Name.Family = "" }, card.ErrOrder, "persons_family_name_length"},
		"a name of spaces":              {card.Standard, func(o *card.NewOrder) { o.Name.Given = "  " }, card.ErrOrder, "card_orders_given_name_length"},
		"a number for a given name":     {card.Standard, func(o *card.NewOrder) { o.Name.Given = "Nils 900101-2385" }, card.ErrOrder, "card_orders_given_name_no_number"},
		"a number for a family name":    {card.Standard, func(o *card.NewOrder) { o.Name.Family = "199001012385" }, card.ErrOrder, "card_orders_family_name_no_number"},
		"no citizenship":                {card.Standard, func(o *card.NewOrder) { o.Citizenship = "" }, card.ErrOrder, "card_orders_of_person"},
		"a country in small letters":    {card.Standard, func(o *card.NewOrder) { o.Citizenship = "se" }, card.ErrOrder, "card_orders_citizenship_format"},
		"nobody":                        {card.Standard, func(o *card.NewOrder) { o.Identity = account.Identity{} }, card.ErrOrder, "persons_identity_country_format"},
		"no address":                    {card.Standard, func(o *card.NewOrder) { o.DeliverTo = " " }, card.ErrOrder, "card_orders_deliver_to_length"},
		"another language":              {card.Standard, func(o *card.NewOrder) { o.Language = "fi" }, card.ErrOrder, "card_orders_language_known"},
		"no e-mail address":             {card.Standard, func(o *card.NewOrder) { o.Email = "nobody" }, card.ErrOrder, "card_orders_email_format"},
		"another company's photo":       {card.Standard, func(o *card.NewOrder) { o.Photo = other.NewPhoto(t) }, card.ErrNotFound, "card_orders_photo"},
		"another company's card":        {card.Standard, func(o *card.NewOrder) { o.Replaces, o.ReplaceReason = theirs.ID, card.Lost }, card.ErrNotFound, "card_orders_replaces"},
		"a card replaced for no reason": {card.Standard, func(o *card.NewOrder) { o.Replaces = theirs.ID }, card.ErrOrder, "card_orders_replaces_why"},
		"a visitor with a name":         {card.Visitor, func(o *card.NewOrder) { o.Name.Given = "Vera" }, card.ErrOrder, "card_orders_of_nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var holder account.PersonID
			if try.kind == card.Standard {
				holder = r.NewPerson(t, card.Name{Given: "Olle", Family: "Ödman"})
			}
			whole := c.NewOrder(t, try.kind, holder)
			spoiled := whole
			try.spoil(&spoiled)
			if _, err := r.Store.Order(t.Context(), c.Orderer, spoiled); !errors.Is(err, try.want) || ruleOf(err) != try.rule {
				t.Errorf("ordered: %v, want %v by %s", err, try.want, try.rule)
			}
			if _, err := r.Store.Order(t.Context(), c.Orderer, whole); err != nil {
				t.Errorf("the whole order: %v", err)
			}
		})
	}
}

// A holder is known to the company, or named by identity: an id alone tells nothing of people elsewhere.
func TestAnOrderIsForSomebodyKnown(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k := other.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Register", Family: "Registersson"}})
	o := c.NewOrder(t, card.Standard, k.Holder.Person)
	byID := o
	byID.Identity, byID.Holder = account.Identity{}, k.Holder.Person
	if _, err := r.Store.Order(t.Context(), c.Orderer, byID); !errors.Is(err, card.ErrNotFound) || ruleOf(err) != "cards_holder_known" {
		t.Errorf("ordered for somebody else's holder: %v", err)
	}
	o.Name = card.Name{Given: "Reg", Family: "Som Skrivet"}
	id, err := r.Store.Order(t.Context(), c.Orderer, o)
	if err != nil {
		t.Fatal(err)
	}
	// The company reads what it wrote, not what the register has.
	shown, err := r.Store.Card(t.Context(), c.Orderer, id)
	if err != nil || shown.Holder != o.Name {
		t.Errorf("the card shows %v, %v; want %v", shown.Holder, err, o.Name)
	}
	found, err := r.Store.SearchCards(t.Context(), c.Orderer, card.Search{Query: card.Query{Kind: card.ByName, Name: "skrivet"}})
	if err != nil || len(found.Rows) != 1 || found.Rows[0].ID != id {
		t.Errorf("by the name as written: %v, %v", found.Rows, err)
	}
	byID.Photo = c.NewPhoto(t)
	if _, err := r.Store.Order(t.Context(), c.Orderer, byID); !errors.Is(err, card.ErrOpenOrder) {
		t.Errorf("now the company knows the holder, but there is an open order: %v", err)
	}
	// One person, however often entered.
	if now, err := r.Store.Draft(t.Context(), c.Orderer, id); err != nil || now.Holder != k.Holder.Person || now.Name != o.Name {
		t.Errorf("the order is for %v: %v", now, err)
	}
}

// What the holder approved is printed, and is the person's name from then on; a correction begins again.
func TestWhatIsApprovedIsPrinted(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed, Name: card.Name{Given: "Ana", Family: "Fel"}})
	right := c.NewOrder(t, card.Standard, k.Holder.Person)
	right.Name = card.Name{Given: "Anna", Family: "Rätt"}
	if _, err := r.Store.Correct(t.Context(), c.OtherOrderer, k.ID, k.Version, right); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RuleResponsibleOrderer) {
		t.Errorf("corrected by another orderer: %v", err)
	}
	if _, err := r.Store.Correct(t.Context(), c.Orderer, k.ID, k.Version-1, right); !errors.Is(err, card.ErrStale) {
		t.Errorf("corrected from an old page: %v", err)
	}
	if _, err := r.Store.Correct(t.Context(), c.Orderer, k.ID, k.Version, right); err != nil {
		t.Fatal(err)
	}
	k.See(t)
	registered := func() string {
		return value(t, r.OwnerURL, `SELECT string_agg(given_name, ', ' ORDER BY id) FROM persons WHERE given_name IN ('Ana', 'Anna')`)
	}
	if got := registered(); got != "Ana" {
		t.Errorf("before the approval the register has %s", got)
	}
	for _, action := range []card.Action{card.Review, card.Approve} {
		k.Do(t, action)
	}
	if got := registered(); got != "Anna" {
		t.Errorf("after the approval the register has %s", got)
	}
	if _, err := r.Owner.Exec(t.Context(), `UPDATE persons SET family_name = 'Senare' WHERE id = $1`, k.Holder.Person); err != nil {
		t.Fatal(err)
	}
	k.Do(t, card.Produce)
	shown, err := r.Store.Card(t.Context(), c.Orderer, k.ID)
	if err != nil || shown.Holder != right.Name {
		t.Errorf("printed %v, %v; want what was approved", shown.Holder, err)
	}
	for _, name := range []string{"rätt", "senare"} {
		found, err := r.Store.SearchCards(t.Context(), c.Orderer, card.Search{Query: card.Query{Kind: card.ByName, Name: name}})
		if err != nil || len(found.Rows) != 1 {
			t.Errorf("by %s: %d cards, %v", name, len(found.Rows), err)
		}
	}
}

// Without a photo there is nothing to review; a visitor card needs none.
func TestAPhotoIsReviewed(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	o := c.NewOrder(t, card.Standard, r.NewPerson(t, card.Name{Given: "Utan", Family: "Foto"}))
	o.Photo = 0
	id, err := r.Store.Order(t.Context(), c.Orderer, o)
	if err != nil {
		t.Fatal(err)
	}
	review := card.Command{Card: id, Version: 1, Action: card.Review}
	if _, err := r.Store.Act(t.Context(), r.Issuer, review); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != string(card.RulePhotoToReview) {
		t.Errorf("reviewed without a photo: %v", err)
	}
	o.Photo = c.NewPhoto(t)
	if review.Version, err = r.Store.Correct(t.Context(), c.Orderer, id, 1, o); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.Act(t.Context(), r.Issuer, review); err != nil {
		t.Errorf("reviewed with a photo: %v", err)
	}
}

// The application appends what was ordered, beside its event, and changes nothing of it.
func TestWhatWasOrderedStays(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	const add = `INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, deliver_to)
		SELECT c.id, $2, c.company_id, c.kind, 'Fel', 'Namn', 'SE', 'Gatan 1' FROM cards c WHERE c.id = $1`
	if _, err := r.App.Exec(t.Context(), add, k.ID, k.Version); ruleOf(err) != "card_orders_with_event" {
		t.Errorf("an order's data beside a review: %v", err)
	}
	if _, err := r.App.Exec(t.Context(), `UPDATE card_orders SET given_name = 'Fel'`); ruleOf(err) != forbidden {
		t.Errorf("an order changed by the application: %v", err)
	}
	if _, err := r.Owner.Exec(t.Context(), `DELETE FROM card_orders`); ruleOf(err) != "card_orders_append_only" {
		t.Errorf("an order deleted by the owner: %v", err)
	}
	k.Do(t, card.Correct)
}

// The issuer's look at a photo is written down; a photo of no order is nobody's at the desk.
func TestTheIssuersLookAtAPhotoIsWrittenDown(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Ordered})
	o, err := r.Store.Draft(t.Context(), c.Orderer, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.Picture(t.Context(), r.Issuer, c.NewPhoto(t)); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("a photo of no order: %v", err)
	}
	if jpeg, err := r.Store.Picture(t.Context(), r.Issuer, o.Photo); err != nil || len(jpeg) == 0 {
		t.Errorf("the photo of an order: %d bytes, %v", len(jpeg), err)
	}
	if n := value(t, r.OwnerURL, `SELECT count(*)::text FROM issuer_looks WHERE page = 'photo' AND cardinality(card_ids) = 1`); n != "1" {
		t.Errorf("%s looks at photos are written down", n)
	}
}

// What a replacement replaces is a card that was made, of the same person, or for a visitor of the same kind: whoever writes the statement.
func TestAReplacementIsForTheSamePerson(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	holder := r.NewPerson(t, card.Name{Given: "Rut", Family: "Redan"})
	made := c.Card(t, pgtest.Spec{Status: card.Active, Holder: holder})
	others := c.Card(t, pgtest.Spec{Status: card.Active})
	unmade := c.Card(t, pgtest.Spec{Status: card.Cancelled, Holder: holder})
	visitors, unmadeVisitors := c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Produced}), c.Card(t, pgtest.Spec{Kind: card.Visitor, Status: card.Ordered})
	order := func(kind card.Kind, replaced card.ID) error {
		o := c.NewOrder(t, kind, holder)
		o.Replaces, o.ReplaceReason = replaced, card.Damaged
		id, err := r.Store.Order(t.Context(), c.Orderer, o)
		if err != nil {
			return err
		}
		_, err = r.Store.Act(t.Context(), c.Orderer, card.Command{Card: id, Version: 1, Action: card.Cancel})
		return err
	}
	for name, tc := range map[string]struct {
		kind     card.Kind
		replaced *pgtest.Card
		want     error
		rule     string
		twin     *pgtest.Card
	}{
		"somebody else's":                 {card.Standard, others, card.ErrNotFound, "card_orders_replaces_same_holder", made},
		"one that was never made":         {card.Standard, unmade, card.ErrNotAllowed, "card_orders_replaces_produced", made},
		"a visitor card":                  {card.Standard, visitors, card.ErrNotFound, "card_orders_replaces", made},
		"a standard card for a visitor":   {card.Visitor, made, card.ErrNotFound, "card_orders_replaces", visitors},
		"a visitor card that is not made": {card.Visitor, unmadeVisitors, card.ErrNotAllowed, "card_orders_replaces_produced", visitors},
	} {
		if err := order(tc.kind, tc.replaced.ID); !errors.Is(err, tc.want) || ruleOf(err) != tc.rule {
			t.Errorf("replacing %s: %v, want %v by %s", name, err, tc.want, tc.rule)
		}
		if err := order(tc.kind, tc.twin.ID); err != nil {
			t.Errorf("the twin of replacing %s: %v", name, err)
		}
	}
	// The same beside an event that the application writes itself.
	k := c.Card(t, pgtest.Spec{Status: card.Ordered, Holder: holder})
	correct := func(replaced card.ID) func(pgx.Tx) error {
		const q = `
			WITH e AS (
				INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
				SELECT c.id, 2, c.company_id, c.kind, 'correct', 'ordered', 'ordered', c.orderer_id, 'orderer' FROM cards c WHERE c.id = $1
				RETURNING card_id, seq, company_id, kind
			)
			INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, deliver_to, replaces_id, replace_reason)
			SELECT e.card_id, e.seq, e.company_id, e.kind, 'Rut', 'Redan', 'SE', 'Gatan 1', $2, 'lost' FROM e`
		return statement(q, k.ID, replaced)
	}
	inApp(t, r, func(tx pgx.Tx) {
		judge(t, tx, []attack{
			{"a correction for somebody else's card", correct(others.ID), "card_orders_replaces_same_holder", correct(made.ID)},
			{"a correction for a card never made", correct(unmade.ID), "card_orders_replaces_produced", correct(made.ID)},
		})
	})
}

// A photo was uploaded as one, and the picture of a claim as that.
func TestAPictureIsWhatItWasUploadedAs(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	fault, err := r.Store.AddPicture(t.Context(), c.Orderer, card.NewPicture{Purpose: "claim", JPEG: make([]byte, 200), Width: 70, Height: 90})
	if err != nil {
		t.Fatal(err)
	}
	photo := c.NewPhoto(t)
	o := c.NewOrder(t, card.Standard, r.NewPerson(t, card.Name{Given: "Fia", Family: "Foto"}))
	o.Photo = fault
	if _, err := r.Store.Order(t.Context(), c.Orderer, o); !errors.Is(err, card.ErrNotFound) || ruleOf(err) != "card_orders_photo" {
		t.Errorf("a card with the picture of a fault: %v", err)
	}
	o.Photo = photo
	if _, err := r.Store.Order(t.Context(), c.Orderer, o); err != nil {
		t.Errorf("a card with a photo: %v", err)
	}
	claim := func(picture card.PictureID) func(pgx.Tx) error {
		return statement(`INSERT INTO claims (card_id, company_id, made_by, made_as, fault, held_still, note, picture_id)
			VALUES ($1, $2, $3, 'holder', 'broken', true, 'Trasigt', $4)`, k.ID, c.ID, k.Holder.Person, picture)
	}
	inApp(t, r, func(tx pgx.Tx) {
		judge(t, tx, []attack{{"a claim with a card's photo", claim(photo), "claims_picture", claim(fault)}})
	})
}

func inApp(t *testing.T, r *pgtest.Register, do func(tx pgx.Tx)) {
	t.Helper()
	tx, err := r.App.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	do(tx)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// An order by one call, and one by statements of the application's own, leave the same card behind, whatever the register says.
func TestHoweverOrderedACardIsTheSame(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	for _, written := range []card.Name{{Given: "Åsa", Family: "Ek-Öst"}, {Given: "Asa", Family: "Ek-Öst"}, {Given: "ÅSA", Family: "EK ÖST"}} {
		c := r.NewCompany(t)
		o := c.NewOrder(t, card.Standard, r.NewPerson(t, card.Name{Given: "Åsa", Family: "Ek-Öst"}))
		o.Name = written
		id, err := r.Store.Order(t.Context(), c.Orderer, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Store.Act(t.Context(), c.Orderer, card.Command{Card: id, Version: 1, Action: card.Cancel}); err != nil {
			t.Fatal(err)
		}
		const q = `
			WITH c AS (
				INSERT INTO cards (company_id, kind, person_id, ordered_by) SELECT c.company_id, c.kind, c.person_id, c.ordered_by FROM cards c WHERE c.id = $1
				RETURNING id, company_id, kind
			), e AS (
				INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
				SELECT c.id, 1, c.company_id, c.kind, 'order', 'none', 'ordered', $2, 'orderer' FROM c RETURNING card_id, seq, company_id, kind
			)
			INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, email, language, reference, deliver_to)
			SELECT e.card_id, e.seq, e.company_id, e.kind, o.given_name, o.family_name, o.citizenship, o.photo_id, o.email, o.language, o.reference, o.deliver_to
			FROM e, card_orders o WHERE o.card_id = $1
			RETURNING card_id`
		var raw card.ID
		if err := r.App.QueryRow(t.Context(), q, id, c.Orderer.Person).Scan(&raw); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Store.Act(t.Context(), c.Orderer, card.Command{Card: raw, Version: 1, Action: card.Cancel}); err != nil {
			t.Fatal(err)
		}
		const all = `
			SELECT (to_jsonb(c) - '{id,created_at}'::text[])::text || (to_jsonb(o) - 'card_id')::text
			       || (SELECT jsonb_agg(to_jsonb(n) - 'card_id' ORDER BY n.word, n.sort_key) FROM card_names n WHERE n.card_id = c.id)::text
			FROM cards c JOIN card_orders o ON o.card_id = c.id WHERE c.id = $1`
		if diff := cmp.Diff(texts(t, r.Owner, all, raw), texts(t, r.Owner, all, id)); diff != "" {
			t.Errorf("%v, by statements and by the store:\n%s", written, diff)
		}
	}
}
