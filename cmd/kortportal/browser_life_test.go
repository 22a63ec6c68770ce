package main

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheWholeLifeInABrowser: four people in turn bring a card from its order to the gate, the holder by the link in a mail.
func TestTheWholeLifeInABrowser(t *testing.T) {
	inFolder(t)
	base := started(t, "Kortportal is ready", environment("LISTEN_ADDR", "127.0.0.1:0"), "serve")
	orderer, issuer, holder := newScreen(t, base), newScreen(t, base), newScreen(t, base)

	orderer.open("/login")
	orderer.logIn("orderer")
	orderer.open("/orders/new")
	orderer.write(`input[name=number]`, "19900101-9828")
	orderer.click(`button[name=step][value=holder]`)
	orderer.write(`input[name=given_name]`, "Nora")
	orderer.write(`input[name=family_name]`, "Nykvist")
	orderer.write(`input[name=holder_email]`, "nora@exempel.example")
	orderer.do(chromedp.SetUploadFiles(`input[name=photo]`, []string{drawing(t)}, chromedp.ByQuery))
	orderer.click(`button[name=step][value=details]`)
	orderer.sees("Nora Nykvist", "Nordbygge Demo AB")
	orderer.click(`button[name=step][value=order]`)
	orderer.mustBe("ordered")
	path := eval[string](orderer, `location.pathname`)
	id := filepath.Base(path)

	issuer.open("/login")
	issuer.logIn("issuer")
	issuer.open("/desk/review/" + id)
	issuer.sees("Nora", "Nykvist")
	issuer.click(`.review-approve button`)

	holder.open(orderer.mailedLink("approve"))
	holder.write(`input[type=password]`, "ett riktigt långt lösenord")
	holder.click(`main form button[type=submit]`)
	holder.sees("Nora Nykvist", "Nordbygge Demo AB")
	holder.click(`form[action$="/approve"] button[type=submit]`)
	holder.mustBe("approved")

	issuer.open("/desk/production")
	issuer.do(chromedp.SetValue(`input[name=cards]`, "10000", chromedp.ByQuery))
	issuer.click(`main form button[type=submit]`)
	batch := eval[string](issuer, `location.pathname`)
	const mine = `[...document.querySelectorAll('tr[data-card]')].find(r => r.innerText.includes('Nykvist'))`
	for !eval[bool](issuer, `!!`+mine) {
		issuer.click(`a[rel=next]`)
	}
	number := eval[string](issuer, mine+`.dataset.card`)
	answer := filepath.Join(t.TempDir(), "svar.csv")
	if err := os.WriteFile(answer, []byte(fmt.Sprintf("number;chip;outcome\n%s;04A1B2C3D4E5F6;made\n", number)), 0o600); err != nil {
		t.Fatal(err)
	}
	issuer.open(batch)
	issuer.do(chromedp.SetUploadFiles(`#answer-file`, []string{answer}, chromedp.ByQuery))
	issuer.click(`form[action$="/answer"] button[type=submit]`)

	holder.open("/my-cards/" + id + "/activate")
	// Who has not the card in hand cannot activate it.
	holder.write(`input[name=card_number]`, "KP-9999-999999")
	holder.mustLead(http.StatusUnprocessableEntity, chromedp.Click(`form[action$="/activate"] button[type=submit]`, chromedp.ByQuery))
	holder.do(chromedp.SetValue(`input[name=card_number]`, number, chromedp.ByQuery))
	holder.click(`form[action$="/activate"] button[type=submit]`)
	holder.mustBe("active")

	orderer.open(path)
	orderer.mustBe("active")
	orderer.sees(number)
	orderer.open("/messages")
	orderer.sees("Nykvist")
}

// drawing is a file with a picture in the format of a photo, which shows nobody.
func drawing(t *testing.T) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 700, 900))
	for y := range 900 {
		for x := range 700 {
			picture.Set(x, y, color.RGBA{uint8(x / 3), uint8(y / 4), 128, 255})
		}
	}
	path := filepath.Join(t.TempDir(), "foto.jpg")
	f, err := os.Create(path)
	if err == nil {
		err = jpeg.Encode(f, picture, nil)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
