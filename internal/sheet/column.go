package sheet

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kortportal/internal/card"
)

// columnNames are what people call the columns, folded.
var columnNames = sync.OnceValue(func() map[string]card.Column {
	names := map[string]card.Column{}
	for column, all := range map[card.Column]string{
		card.ColumnPersonalNumber: "personnummer, persnr, pnr, personnr, svenskt personnummer, personnummer eller samordningsnummer, " +
			"personnummer/samordningsnummer, samordningsnummer, samordningsnr, identitet, id-nummer, identitetsnummer, identity, identity number, " +
			"personal number, personal identity number, swedish personal number, coordination number, personal or coordination number, pin",
		card.ColumnPassportCountry: "passland, passets land, land för pass, pass land, utfärdandeland, utfärdat i, passport country, country of passport, " +
			"issuing country, country of issue, passport issued in",
		card.ColumnPassportNumber: "passnummer, passnr, pass, pass nr, pass nummer, passets nummer, passport, passport number, passport no, passport nr, " +
			"number of passport",
		card.ColumnGivenName:   "förnamn, förnamn på kortet, tilltalsnamn, given name, given names, first name, forename, name given",
		card.ColumnFamilyName:  "efternamn, efternamn på kortet, släktnamn, family name, last name, surname",
		card.ColumnCitizenship: "medborgarskap, medborgare i, medborgarskapsland, nationalitet, citizenship, citizen of, nationality, country of citizenship",
		card.ColumnEmail: "e-post, epost, e-postadress, mejl, mejladress, mail, mailadress, email, e-mail, email address, e-mail address, " +
			"innehavarens e-post",
		card.ColumnLanguage:  "språk, innehavarens språk, kommunikationsspråk, language, preferred language, language of the holder",
		card.ColumnReference: "referens, er referens, beställningsreferens, ordernummer, inköpsordernummer, märkning, po, po-nummer, reference, order reference, your reference, po number, purchase order",
		card.ColumnDeliverTo: "leveransadress, leverans, adress för leverans, levereras till, skickas till, adress, delivery address, deliver to, " +
			"shipping address, ship to, send to, address",
	} {
		for _, name := range strings.Split(all, ",") {
			names[fold(name)] = column
		}
	}
	return names
})

// fold leaves of a name what people agree on: its letters and digits, in lower case and without marks.
func fold(s string) string {
	if len(s) > 400 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(s))
}
