package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kortportal/internal/card"
	"kortportal/internal/photo"
	"kortportal/internal/postgres/pgtest"
)

func TestClaiming(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	p.log.forbid("piper inte")
	path := myAddress(k, "claim")
	if !strings.Contains(fmt.Sprint(b.get(myAddress(k)).links()), path) {
		t.Error("the card's page does not lead to the claim")
	}
	page := b.get(path).mustBe(http.StatusOK).mustSay(swedish("claim.activated"), swedish("claim.paid"))
	long := strings.Repeat("å", 501)
	for name, tc := range map[string]struct{ fault, held, description, field, say string }{
		"no fault":       {"", "yes", "piper inte", "fault", swedish("claim.error_fault_required")},
		"another fault":  {"boring", "yes", "piper inte", "fault", swedish("claim.error_fault_invalid")},
		"no answer":      {"not_read", "", "piper inte", "held_still", swedish("claim.error_held_still_required")},
		"waved":          {"sometimes_read", "no", "piper inte", "held_still", swedish("claim.error_held_still_first")},
		"no description": {"broken", "no", " \n", "description", swedish("claim.error_description_required")},
		"a long one":     {"broken", "no", long, "description", swedish("claim.error_description_too_long")},
	} {
		a := b.sendForm(page, path, "fault", tc.fault, "held_still", tc.held, "description", tc.description)
		a.mustFail(http.StatusUnprocessableEntity, tc.field).mustSay(tc.say)
		kept := a.form(path)
		if kept.Get("description") != strings.TrimSpace(tc.description) || kept.Get("held_still") != tc.held || tc.fault != "boring" && kept.Get("fault") != tc.fault {
			t.Errorf("%s: kept is %v", name, kept)
		}
	}
	a := b.sendForm(page, path, "fault", "not_read", "held_still", "yes", "description", "piper inte").mustLeadTo(myAddress(k))
	b.follow(a).mustSay(swedish("claim.receipt"), swedish("claim.state_open"), "piper inte")
	b.get(path).mustBe(http.StatusConflict).mustSay(swedish("claim.why_one_open"))
	b.sendForm(page, path, "fault", "not_read", "held_still", "yes", "description", "piper inte").mustBe(http.StatusConflict)

	orderer := p.logIn(t, k.Orderer)
	orderer.get(address(k)).mustSay(swedish("claim.state_open"), "piper inte")
	orderer.get(address(k, "claim")).mustBe(http.StatusConflict)
}

// The holder and the responsible orderer claim; others of the company are told whom to ask, and strangers nothing.
func TestWhoClaims(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Produced})
	claim := []string{"fault", "broken", "held_still", "no", "description", "gick itu"}
	for name, b := range map[string]*browser{"another orderer": p.logIn(t, c.OtherOrderer), "administrator": p.logIn(t, c.Administrator), "issuer": p.logIn(t, p.Issuer)} {
		b.get(address(k, "claim")).mustBe(http.StatusForbidden).mustSay("Bo Beställare")
		b.post(address(k, "claim"), claim...).mustBe(http.StatusForbidden)
		if strings.Contains(fmt.Sprint(b.get(address(k)).links()), address(k, "claim")) {
			t.Errorf("%s is offered the claim", name)
		}
	}
	stranger := p.logIn(t, p.NewCompany(t).Orderer)
	stranger.get(address(k, "claim")).mustBe(http.StatusNotFound)
	stranger.post(address(k, "claim"), claim...).mustBe(http.StatusNotFound)
	approved := c.Card(t, pgtest.Spec{Status: card.Approved})
	b := p.logIn(t, k.Orderer)
	b.get(address(approved, "claim")).mustBe(http.StatusConflict).mustSay(swedish("claim.why_not_in_use"))
	b.get(address(k, "claim")).mustBe(http.StatusOK).mustSay(swedish("claim.not_activated"))
	b.post(address(k, "claim"), claim...).mustLeadTo(address(k))
	if n := query[int](t, p, `SELECT count(*) FROM claims`); n != 1 {
		t.Errorf("%d claims", n)
	}
}

func TestDecidingClaims(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k, second := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	issuer := p.logIn(t, p.Issuer)
	issuer.get("/desk/claims").mustBe(http.StatusOK).mustSay(swedish("claim.desk_none"))
	p.log.forbid("piper aldrig", "fungerar hos oss")
	holder := p.logIn(t, k.Holder)
	holder.post(myAddress(k, "claim"), "fault", "not_read", "held_still", "yes", "description", "piper aldrig").mustBe(http.StatusSeeOther)
	p.logIn(t, second.Orderer).post(address(second, "claim"), "fault", "broken", "held_still", "no", "description", "gick itu").mustBe(http.StatusSeeOther)

	issuer.get("/desk/claims").mustShow(k.Number.String(), second.Number.String())
	id := query[int64](t, p, `SELECT min(id) FROM claims`)
	path := fmt.Sprintf("/desk/claims/%d", id)
	for name, b := range map[string]*browser{"holder": holder, "orderer": p.logIn(t, k.Orderer), "administrator": p.logIn(t, c.Administrator)} {
		b.get("/desk/claims").mustBe(http.StatusNotFound)
		b.get(path).mustBe(http.StatusNotFound)
		b.post(path, "decision", "accept").mustBe(http.StatusNotFound)
		if n := query[int](t, p, `SELECT count(*) FROM claims WHERE accepted IS NOT NULL`); n != 0 {
			t.Fatalf("%s decides", name)
		}
	}
	page := issuer.get(path).mustBe(http.StatusOK).mustSay("piper aldrig", swedish("claim.fault_not_read"))
	issuer.sendForm(page, path, "decision", "", "answer", "fungerar hos oss").mustFail(http.StatusUnprocessableEntity, "decision").mustSay("fungerar hos oss")
	issuer.sendForm(page, path, "decision", "decline").mustFail(http.StatusUnprocessableEntity, "answer")
	a := issuer.sendForm(page, path, "decision", "decline", "answer", strings.Repeat("å", 501)).mustFail(http.StatusUnprocessableEntity, "answer")
	if kept := a.form(path); kept.Get("decision") != "decline" || len([]rune(kept.Get("answer"))) != 501 {
		t.Errorf("kept is %v", kept)
	}
	a = issuer.sendForm(page, path, "decision", "decline", "answer", "fungerar hos oss").mustLeadTo("/desk/claims")
	issuer.follow(a).mustSay(swedish("claim.receipt_declined")).mustShow(second.Number.String())
	late := issuer.sendForm(page, path, "decision", "accept", "answer", "nytt kort").mustBe(http.StatusConflict).mustSay(swedish("claim.late"), "fungerar hos oss", "nytt kort")
	if late.hasForm(path) {
		t.Error("it can be decided again")
	}
	holder.get(myAddress(k)).mustSay(swedish("claim.state_declined"), "fungerar hos oss", swedish("claim.again"))

	path = fmt.Sprintf("/desk/claims/%d", id+1)
	a = issuer.sendForm(issuer.get(path), path, "decision", "accept").mustLeadTo("/desk/claims")
	issuer.follow(a).mustSay(swedish("claim.receipt_accepted"))
	p.logIn(t, second.Orderer).get(address(second)).mustSay(swedish("claim.state_accepted"), swedish("claim.pays_issuer"), swedish("claim.order"))
	p.logIn(t, second.Holder).get(myAddress(second)).mustSay(swedish("claim.state_accepted")).mustNotSay("gick itu", swedish("claim.order"))
	for _, nobody := range []string{"0", "x", "007", "999999"} {
		issuer.get("/desk/claims/" + nobody).mustBe(http.StatusNotFound)
		issuer.post("/desk/claims/"+nobody, "decision", "accept").mustBe(http.StatusNotFound)
	}
	issuer.get("/desk/claims?after=x").mustBe(http.StatusNotFound)
	if allow := issuer.post("/desk/claims").mustBe(http.StatusMethodNotAllowed).header.Values("Allow"); len(allow) == 0 || allow[0] != http.MethodGet {
		t.Errorf("allowed is %v", allow)
	}
}

// A file that is no picture is refused beside its field; a picture is kept as the portal has made it.
func TestClaimWithPicture(t *testing.T) {
	t.Parallel()
	p, b, k := newHolder(t)
	path := myAddress(k, "claim")
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	send := func(file []byte) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range map[string]string{"fault": "broken", "held_still": "no", "description": "sprickan"} {
			if err := form.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		part, err := form.CreateFormFile("picture", "bild.jpg")
		if err == nil {
			_, err = part.Write(file)
		}
		if err := errors.Join(err, form.Close()); err != nil {
			t.Fatal(err)
		}
		r := b.request(http.MethodPost, path, &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		return b.ask(r)
	}
	a := send([]byte("en textfil som heter bild.jpg")).mustFail(http.StatusUnprocessableEntity, "picture").mustSay(swedish("claim.error_picture_invalid"))
	if kept := a.form(path); kept.Get("description") != "sprickan" || kept.Get("fault") != "broken" {
		t.Errorf("kept is %v", kept)
	}
	for _, size := range []int{photo.MaxBytes + 1, photo.MaxBytes + 1<<20} { // the second is more than is read of a form
		a = send(bytes.Repeat([]byte("\xff\xd8\xff\xe0"), size/4+1)).mustFail(http.StatusUnprocessableEntity, "picture").mustSay(swedish("claim.error_picture_too_large"))
		if kept := a.form(path); kept.Get("description") != "sprickan" || kept.Get("held_still") != "no" {
			t.Errorf("kept is %v", kept)
		}
	}
	send(drawn.Bytes()).mustLeadTo(myAddress(k))
	shown := b.get(myAddress(k)).all(func(n *html.Node) bool { return attr(n, "class") == "claim-picture" })
	if len(shown) != 1 {
		t.Fatalf("the card's page shows %d pictures", len(shown))
	}
	picture, err := jpeg.Decode(strings.NewReader(b.get(attr(shown[0], "src")).mustBe(http.StatusOK).body))
	if err != nil || picture.Bounds().Dx() != 300 {
		t.Errorf("the picture is %v, %v", picture, err)
	}
	if n := query[int](t, p, `SELECT width FROM pictures WHERE purpose = 'claim'`); n != 300 {
		t.Errorf("the width is %d", n)
	}
}

// The picture of a claim is for the company and the issuer, and for the holder who sent it.
func TestClaimPicture(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	id, err := p.Store.MakeClaim(t.Context(), k.Orderer, card.NewClaim{
		Card: k.ID, Fault: "broken", Note: "gick itu", Picture: card.NewPicture{JPEG: make([]byte, 300), Width: 3, Height: 4},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/claims/%d/picture", id)
	for _, b := range []*browser{p.logIn(t, k.Orderer), p.logIn(t, c.Administrator), p.logIn(t, p.Issuer)} {
		if a := b.get(path).mustBe(http.StatusOK); len(a.body) != 300 || a.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%d bytes with %v", len(a.body), a.header)
		}
	}
	p.logIn(t, p.NewCompany(t).Orderer).get(path).mustBe(http.StatusNotFound)
	holder := p.logIn(t, k.Holder)
	holder.get(path).mustBe(http.StatusNotFound)
	holder.get("/my" + strings.Replace(path, "/claims", "-claims", 1)).mustBe(http.StatusNotFound)
	if n := query[int](t, p, `SELECT count(*) FROM issuer_looks WHERE card_ids = ARRAY[$1::bigint]`, k.ID); n != 1 {
		t.Errorf("%d looks of the issuer are logged", n)
	}
}
