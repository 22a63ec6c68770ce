package server_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"golang.org/x/net/html/atom"

	"kortportal/internal/card"
	"kortportal/internal/heic"
	"kortportal/internal/heic/heictest"
	"kortportal/internal/i18n"
	"kortportal/internal/photo"
	"kortportal/internal/postgres/pgtest"
	"kortportal/internal/server"
)

// portrait is a picture of nobody, in the shape of a photo for a card.
func portrait(t *testing.T, width, height int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{Y: uint8(i % 251)}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload sends a form of a page with a file, as a browser does: the file last.
func (b *browser) upload(path string, form url.Values, field, fileName string, file []byte) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			if err := w.WriteField(name, value); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	part, err := w.CreateFormFile(field, fileName)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		b.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	r := b.request(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.ask(r)
}

// Where a picture was deleted because its time was out, the pages say so, and show none.
func TestPicturesThatWereDeleted(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	id, err := p.Store.MakeClaim(t.Context(), k.Holder, card.NewClaim{
		Card: k.ID, Fault: "broken", Note: "gick itu", Picture: card.NewPicture{JPEG: make([]byte, 300), Width: 3, Height: 4},
	})
	if err == nil {
		err = p.Store.DecideClaim(t.Context(), p.Issuer, card.ClaimDecision{Claim: id, Note: "Det var inte kortet."})
	}
	if err != nil {
		t.Fatal(err)
	}
	k.Do(t, card.Terminate)
	images := func(a answer) int { return len(a.mustBe(http.StatusOK).elements(atom.Img)) }
	orderer := p.logIn(t, c.Orderer)
	if n := images(orderer.get(address(k))); n != 2 {
		t.Errorf("the card's page shows %d pictures, want the photo and the claim's", n)
	}
	p.MoveClock(t, 91*24*time.Hour)
	if _, err := p.App.Exec(t.Context(), `SELECT forget_pictures(0, 1000)`); err != nil {
		t.Fatal(err)
	}
	today := i18n.Str("date", i18n.For(i18n.Swedish).LongDate(p.Today(t)))
	photo, picture := swedish("card.photo_deleted", today), swedish("claim.picture_deleted", today)
	issuer, holder := p.logIn(t, p.Issuer), p.logIn(t, k.Holder)
	for name, a := range map[string]answer{
		"the company's":         p.logIn(t, c.Orderer).get(address(k)).mustSay(photo).mustSay(picture),
		"the issuer's":          issuer.get(address(k)).mustSay(photo),
		"the issuer's review":   issuer.get(under("/desk/review/", k.ID)),
		"the issuer's of claim": issuer.get(fmt.Sprintf("/desk/claims/%d", id)).mustSay(picture),
		"the holder's":          holder.get(myAddress(k)).mustSay(picture),
	} {
		if n := images(a); n != 0 {
			t.Errorf("%s page shows %d pictures", name, n)
		}
	}
	holder.get(fmt.Sprintf("/my-claims/%d/picture", id)).mustBe(http.StatusNotFound)
	// The next order for the person asks for a photo.
	form := p.logIn(t, c.Orderer).get(newOrder + fmt.Sprintf("?replaces=%d", k.ID)).mustBe(http.StatusOK).form(newOrder)
	if got := form.Get("photo_id"); got != "" {
		t.Errorf("a photo that is gone is offered again: %s", got)
	}
}

// A phone's own format is as good as JPEG; what cannot be read of it is said beside the field.
func TestPhotosInHEIC(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../photo/testdata/pattern.heic")
	if err != nil {
		t.Fatal(err)
	}
	program := heictest.Program(t)
	slow := program
	slow.Within = time.Millisecond
	avif := []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif")
	for name, tc := range map[string]struct {
		by       heic.Program
		file     []byte
		ordering i18n.Key // what is said of it, nothing of what is read
		claiming i18n.Key
	}{
		"whole":             {program, file, "", ""},
		"cut off":           {program, file[:len(file)/2], "error.photo_not_picture", "claim.error_picture_invalid"},
		"text":              {program, []byte("Det här är ingen bild."), "error.photo_not_picture", "claim.error_picture_invalid"},
		"AVIF":              {program, avif, "error.photo_format", "error.photo_format"},
		"takes too long":    {slow, file, "error.photo_too_slow", "error.photo_too_slow"},
		"nobody to read it": {heic.Program{}, file, "error.photo_format", "error.photo_format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortalWith(t, func(s server.Store) server.Store { return s }, server.Options{Photos: photo.Reader{HEIC: tc.by}})
			company := p.NewCompany(t)
			b := p.logIn(t, company.Orderer)
			a := b.upload(newOrder, filled(begin(b, freshNumber).form(newOrder), "details", person()...), "photo", "IMG_1.HEIC", tc.file)
			k := company.Card(t, pgtest.Spec{Status: card.Active})
			path := address(k) + "/claim"
			claim := b.upload(path, url.Values{"fault": {"broken"}, "held_still": {"no"}, "description": {"sprickan"}}, "picture", "IMG_2.HEIC", tc.file)
			if tc.ordering != "" {
				a.mustFail(http.StatusUnprocessableEntity, "photo").mustSay(swedish(tc.ordering))
				claim.mustFail(http.StatusUnprocessableEntity, "picture").mustSay(swedish(tc.claiming))
				return
			}
			a.mustBe(http.StatusOK).mustSay(swedish("order.preview_title"))
			claim.mustLeadTo(address(k))
			if got := query[string](t, p, `SELECT string_agg(purpose || ' ' || width || ' × ' || height, ', ' ORDER BY purpose) FROM pictures WHERE width NOT IN (7, 70)`); got != "claim 480 × 640, photo 630 × 810" {
				t.Errorf("kept are %s", got)
			}
		})
	}
}

// A process that cannot be started is the operator's to mend: the person's file is not blamed.
func TestNoProcessForHEIC(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../photo/testdata/pattern.heic")
	if err != nil {
		t.Fatal(err)
	}
	p := newPortalWith(t, func(s server.Store) server.Store { return s }, server.Options{Photos: photo.Reader{HEIC: heic.Program{Path: "/none"}}})
	b := p.logIn(t, p.NewCompany(t).Orderer)
	b.upload(newOrder, filled(begin(b, freshNumber).form(newOrder), "details", person()...), "photo", "IMG_1.HEIC", file).mustBe(http.StatusInternalServerError)
}
