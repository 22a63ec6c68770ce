package view

import "github.com/a-h/templ"

func (g sample) addCardExports(add func(string, templ.Component)) {
	p := CardExport{Layout: g.inside("/cards/export"), Filter: CardFilter{Status: "active"}, Count: 214, Format: "xlsx"}
	add("card-export", CardExportPage(p))
	p.Made = []MadeExport{
		{By: "Karin Exempelsson", At: at("2026-11-22 13:58"), Format: "xlsx", PersonalNumbers: true, Purpose: "Kontroll mot personalliggaren", Rows: 214, Ended: true},
		{By: "Łukasz Exempelsson-Żbikowski", At: at("2026-11-22 13:58"), Format: "csv"},
	}
	p.Filter, p.Count, p.Capped, p.Format, p.PersonalNumbers = CardFilter{Query: "x", Sealed: "c2VhbGVk"}, 100, true, "csv", true
	for _, code := range []string{"required", "too_long", "personal"} {
		p.Errors = []FieldError{{Field: "format", Code: "invalid"}, {Field: "purpose", Code: code}}
		add("card-export-purpose-"+code, CardExportPage(p))
	}
}
