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
	"testing"
	"time"

	"golang.org/x/net/html/atom"

	"kortportal/internal/card"
	"kortportal/internal/i18n"
	"kortportal/internal/postgres/pgtest"
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
