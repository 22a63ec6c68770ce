package postgres_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// inEachPlace runs a test with the pictures in the database, and with the pictures elsewhere.
func inEachPlace(t *testing.T, test func(t *testing.T, newRegister func(t *testing.T) *pgtest.Register)) {
	t.Helper()
	t.Run("database", func(t *testing.T) {
		t.Parallel()
		test(t, func(t *testing.T) *pgtest.Register { t.Helper(); return pgtest.NewRegister(t) })
	})
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		test(t, func(t *testing.T) *pgtest.Register { t.Helper(); return pgtest.NewRegisterWith(t, pgtest.NewFolder(t)) })
	})
}

// bytesLeft is how many pictures the database holds, or may hold elsewhere.
func bytesLeft(t *testing.T, r *pgtest.Register) string {
	t.Helper()
	return texts(t, r.Owner, `SELECT count(*)::text FROM pictures WHERE jpeg IS NOT NULL OR key IS NOT NULL`)[0]
}

// Whoever sees a picture sees its bytes, from the order to the end of its time, wherever they are; nobody else does.
func TestPicturesAreSeenWhereverTheyAre(t *testing.T) {
	t.Parallel()
	inEachPlace(t, func(t *testing.T, newRegister func(t *testing.T) *pgtest.Register) {
		r := newRegister(t)
		c, other := r.NewCompany(t), r.NewCompany(t)
		bytes := func(filled byte) []byte { return slices.Repeat([]byte{filled}, 150) }
		add := func(filled byte) card.PictureID {
			id, err := r.Store.AddPicture(t.Context(), c.Orderer, card.NewPicture{Purpose: "photo", JPEG: bytes(filled), Width: 7, Height: 9})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		holder := r.NewPerson(t, card.Name{Given: "Karin", Family: "Kortinnehavare"})
		o := c.NewOrder(t, card.Standard, holder)
		o.Photo = add(1)
		add(2)
		id, err := r.Store.Order(t.Context(), c.Orderer, o)
		if err != nil {
			t.Fatal(err)
		}
		owner := account.Actor{Person: holder, Roles: []account.Role{account.Holder}}
		for _, step := range []struct {
			by     account.Actor
			action card.Action
		}{{r.Issuer, card.Review}, {owner, card.Approve}} {
			k, err := r.Store.Card(t.Context(), step.by, id)
			if err == nil {
				_, err = r.Store.Act(t.Context(), step.by, card.Command{Card: id, Version: k.Version, Action: step.action})
			}
			if err != nil {
				t.Fatalf("%s: %v", step.action, err)
			}
		}
		batch, err := r.Store.MakeBatch(t.Context(), r.Issuer, 1)
		if err != nil {
			t.Fatal(err)
		}
		prints, err := r.Store.Prints(t.Context(), r.Issuer, batch)
		if err != nil || len(prints) != 1 || !prints[0].HasPhoto {
			t.Fatalf("%+v, %v", prints, err)
		}
		k := c.Card(t, pgtest.Spec{Status: card.Active})
		n := newClaim(k)
		n.Picture.JPEG = bytes(3)
		claim, err := r.Store.MakeClaim(t.Context(), k.Orderer, n)
		if err != nil {
			t.Fatal(err)
		}
		looks := map[string]struct {
			filled byte
			look   func(by account.Actor) ([]byte, error)
			sees   map[string]account.Actor
		}{
			"the photo by itself": {1, func(by account.Actor) ([]byte, error) { return r.Store.Picture(t.Context(), by, o.Photo) },
				map[string]account.Actor{"orderer": c.Orderer, "administrator": c.Administrator, "holder": owner, "issuer": r.Issuer}},
			"the own photo": {1, func(by account.Actor) ([]byte, error) { return r.Store.OwnPhoto(t.Context(), by, id) },
				map[string]account.Actor{"holder": owner}},
			"the photo at the desk": {1, func(by account.Actor) ([]byte, error) { return r.Store.OrderedPhoto(t.Context(), by, id) },
				map[string]account.Actor{"issuer": r.Issuer}},
			"the photo that is printed": {1, func(by account.Actor) ([]byte, error) {
				photos, err := r.Store.PrintPhotos(t.Context(), by, batch, []card.Number{prints[0].Number})
				if err != nil {
					return nil, err
				}
				return photos[0].JPEG, nil
			}, map[string]account.Actor{"issuer": r.Issuer}},
			"the claim's picture": {3, func(by account.Actor) ([]byte, error) { return r.Store.ClaimPicture(t.Context(), by, claim) },
				map[string]account.Actor{"orderer": c.Orderer, "administrator": c.Administrator, "issuer": r.Issuer}},
		}
		for what, l := range looks {
			for who, by := range l.sees {
				if jpeg, err := l.look(by); err != nil || !slices.Equal(jpeg, bytes(l.filled)) {
					t.Errorf("%s sees %s: %v, %v", who, what, jpeg, err)
				}
			}
			for who, by := range map[string]account.Actor{"orderer": other.Orderer, "administrator": other.Administrator} {
				if jpeg, err := l.look(by); !errors.Is(err, card.ErrNotFound) || jpeg != nil {
					t.Errorf("the %s of another company sees %s: %v, %v", who, what, jpeg, err)
				}
			}
		}
		r.MoveClock(t, 3000*day) // the order is still open
		decide(t, r, claim, true, "")
		r.MoveClock(t, 91*day)
		forgetAll(t, r)
		if n := bytesLeft(t, r); n != "1" {
			t.Errorf("the bytes of %s pictures are there, want those of the open order", n)
		}
		for who, by := range looks["the claim's picture"].sees {
			if jpeg, err := looks["the claim's picture"].look(by); !errors.Is(err, card.ErrNotFound) {
				t.Errorf("%s sees a claim's picture whose time is out: %v, %v", who, jpeg, err)
			}
		}
		if _, err := looks["the photo at the desk"].look(r.Issuer); err != nil {
			t.Errorf("the photo of the open order: %v", err)
		}
	})
}

// interrupted is a place where bytes are put, or deleted, and the process ends before it hears of it.
type interrupted struct {
	postgres.Pictures
	put, forget bool
}

var errInterrupted = errors.New("the process ended")

func (i *interrupted) Put(ctx context.Context, key string, jpeg []byte) error {
	if err := i.Pictures.Put(ctx, key, jpeg); err != nil || !i.put {
		return err
	}
	return errInterrupted
}

func (i *interrupted) Forget(ctx context.Context, keys []string) error {
	if i.forget {
		return errInterrupted
	}
	return i.Pictures.Forget(ctx, keys)
}

// Bytes whose row never came to be seen go like any upload that is not used.
func TestBytesThatArrivedUnheardOfAreForgotten(t *testing.T) {
	t.Parallel()
	folder := pgtest.NewFolder(t)
	place := &interrupted{Pictures: folder}
	r := pgtest.NewRegisterWith(t, place)
	c := r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	whole := folder.Files(t)

	place.put = true
	if _, err := r.Store.AddPicture(t.Context(), c.Orderer, card.NewPicture{Purpose: "photo", JPEG: make([]byte, 200), Width: 7, Height: 9}); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	if _, err := r.Store.MakeClaim(t.Context(), k.Orderer, newClaim(k)); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	place.put = false
	if n := texts(t, r.Owner, `SELECT count(*)::text FROM claims`)[0]; n != "0" {
		t.Errorf("%s claims were made", n)
	}
	unheard := texts(t, r.Owner, `SELECT id::text FROM pictures WHERE NOT there`)
	if len(unheard) != 2 || folder.Files(t) != whole+2 {
		t.Fatalf("%d pictures are on their way, and %d files more there", len(unheard), folder.Files(t)-whole)
	}
	var photo card.PictureID
	if err := r.Owner.QueryRow(t.Context(), `SELECT id FROM pictures WHERE NOT there AND purpose = 'photo'`).Scan(&photo); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.Picture(t.Context(), c.Orderer, photo); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("a photo on its way is seen: %v", err)
	}
	o := c.NewOrder(t, card.Standard, r.NewPerson(t, card.Name{Given: "Karin", Family: "Kortinnehavare"}))
	good := o.Photo
	o.Photo = photo
	if _, err := r.Store.Order(t.Context(), c.Orderer, o); ruleOf(err) != "card_orders_photo_there" {
		t.Errorf("ordered with a photo on its way: %v", err)
	}
	o.Photo = good
	if _, err := r.Store.Order(t.Context(), c.Orderer, o); err != nil {
		t.Errorf("ordered with one that is there: %v", err)
	}
	r.MoveClock(t, 2*day)
	forgetAll(t, r)
	if n := folder.Files(t); n != whole+1 {
		t.Errorf("%d files, want those of the card and of the order", n)
	}
}

// A picture whose time is out is seen by nobody at once; its bytes are deleted by whoever comes next, where a process ended in between.
func TestBytesLeftBehindAreForgotten(t *testing.T) {
	t.Parallel()
	folder := pgtest.NewFolder(t)
	place := &interrupted{Pictures: folder, forget: true}
	r := pgtest.NewRegisterWith(t, place)
	c := r.NewCompany(t)
	id := c.NewPhoto(t)
	r.MoveClock(t, 2*day)
	if err := r.Store.Forget(t.Context()); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	if isThere(t, r, id) {
		t.Error("the picture is seen")
	}
	if _, err := r.Store.Picture(t.Context(), c.Orderer, id); !errors.Is(err, card.ErrNotFound) {
		t.Errorf("the picture is seen: %v", err)
	}
	if n := folder.Files(t); n != 1 || bytesLeft(t, r) != "1" {
		t.Fatalf("%d files, %s known", n, bytesLeft(t, r))
	}
	place.forget = false
	forgetAll(t, r)
	if n := folder.Files(t); n != 0 || bytesLeft(t, r) != "0" {
		t.Errorf("%d files are left, %s known", n, bytesLeft(t, r))
	}
}

// What the application may do with bytes it does by functions that look whether it is time: none is deleted early, and none exchanged.
func TestTheApplicationExchangesNoPicture(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	id := c.NewPhoto(t)
	state := func() []string {
		return texts(t, r.Owner, `SELECT concat_ws(' ', length(jpeg), key IS NOT NULL, there) FROM pictures WHERE id = $1`, id)
	}
	key := texts(t, r.Owner, `SELECT key::text FROM pictures WHERE id = $1`, id)[0]
	do := func(want string) {
		t.Helper()
		for _, q := range []string{
			`SELECT put_jpeg($1::uuid, decode(repeat('00', 300), 'hex'))`, `SELECT forget_jpegs(ARRAY[$1::uuid])`, `SELECT pictures_forgotten(ARRAY[$1::uuid])`,
		} {
			if _, err := r.App.Exec(t.Context(), q, key); err != nil {
				t.Errorf("%s: %v", q, err)
			}
		}
		if diff := cmp.Diff([]string{want}, state()); diff != "" {
			t.Error(diff)
		}
	}
	do("200 t t")
	// The twins: one that is on its way gets its bytes, and one whose time is out loses them, with the key last.
	if _, err := r.Owner.Exec(t.Context(), `UPDATE pictures SET there = false WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	do("300 t f")
	r.MoveClock(t, 2*day)
	if _, err := r.App.Exec(t.Context(), `SELECT forget_pictures(0, 100)`); err != nil {
		t.Fatal(err)
	}
	if _, err := r.App.Exec(t.Context(), `SELECT pictures_forgotten(ARRAY[$1::uuid])`, key); ruleOf(err) != "pictures_keyed" {
		t.Errorf("bytes to which nothing leads: %v", err)
	}
	do("f f")
}

// The rules ask whether a picture is there, never for its bytes: so they hold wherever those are.
func TestNoRuleLooksAtBytes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	got := texts(t, db.Owner, `
		SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosrc ~ 'jpeg'
		UNION ALL SELECT v.viewname::text FROM pg_views v WHERE v.schemaname = 'public' AND v.definition ~ 'jpeg'
		ORDER BY 1`)
	if diff := cmp.Diff("forget_jpegs put_jpeg", strings.Join(got, " ")); diff != "" {
		t.Error(diff)
	}
}
