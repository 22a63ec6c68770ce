package view

import "github.com/a-h/templ"

func (g sample) addOrderImports(add func(string, templ.Component)) {
	upload := func(change func(*OrderImport)) templ.Component {
		p := OrderImport{Layout: g.inside("/orders/import")}
		change(&p)
		return OrderImportPage(p)
	}
	add("order-import", upload(func(*OrderImport) {}))
	add("order-import-columns", upload(func(p *OrderImport) {
		p.DeliverTo = "Exempelbygg AB\nExempelgatan 1\n123 45 Exempelstad"
		p.Missing, p.Twice, p.Unknown = []string{"personal_number", "citizenship"}, []string{"email"}, []string{"Skonummer", "Anställd sedan"}
		p.Errors = []FieldError{{Field: "file", Code: "columns"}}
	}))
	for _, code := range []string{"required", "too_large", "too_many", "empty", "unreadable", "old"} {
		add("order-import-"+code, upload(func(p *OrderImport) {
			p.Errors = []FieldError{{Field: "deliver_to", Code: "import_too_long"}, {Field: "file", Code: code}}
		}))
	}
	var faults []ImportFault
	for i, f := range []ImportFault{
		{Column: "personal_number", Code: "no_identity"}, {Column: "personal_number", Code: "personal_number"}, {Column: "personal_number", Code: "short"},
		{Column: "personal_number", Code: "rounded"}, {Column: "passport_country", Code: "country"}, {Column: "passport_number", Code: "passport_number"},
		{Column: "given_name", Code: "empty"}, {Column: "family_name", Code: "name_length"}, {Column: "email", Code: "email"},
		{Column: "language", Code: "language"}, {Column: "reference", Code: "reference_length"}, {Column: "deliver_to", Code: "deliver_to_length"},
		{Column: "citizenship", Code: "formula"}, {Code: "open_order"}, {Code: "twin", Twin: 12}, {Code: "refused"},
	} {
		f.Row, f.Name = 14+37*i, "Łukasz Exempelsson-Żbikowski"
		faults = append(faults, f)
	}
	result := ImportResult{Layout: g.inside("/orders/import/7"), ID: 7, Good: 4984, Bad: 16, Ignored: []string{"Skonummer", "Anställd sedan"}, Faults: faults, FaultCount: len(faults)}
	result.Next = 15
	result.Rows = []ImportRow{
		{Row: 2, Name: "Åsa Exempelsson", PersonalNumber: "19900101-****", Citizenship: "SE", Email: "asa@exempelbygg.example"},
		{Row: 15, Name: "Łukasz Exempelsson-Żbikowski", PersonalNumber: "PL ****", Citizenship: "PL", Email: "lukasz@exempelbygg.example"},
	}
	add("order-import-result", ImportResultPage(result))
	result.Rows, result.Next = nil, 0
	result.Good, result.Bad, result.FaultCount = 0, 5000, 5000
	add("order-import-result-none-good", ImportResultPage(result))
	result.Good, result.Bad, result.Ignored, result.Faults, result.FaultCount = 42, 0, nil, nil, 0
	add("order-import-result-all-good", ImportResultPage(result))
	result.Good, result.Bad, result.Faults, result.FaultCount, result.Stopped = 41, 1, faults[13:14], 1, true
	add("order-import-result-stopped", ImportResultPage(result))
	add("order-import-done", ImportReceiptPage(ImportReceipt{Layout: g.inside("/orders/import/7"), Made: 4984, LeftOut: 16}))
	add("order-import-done-all", ImportReceiptPage(ImportReceipt{Layout: g.inside("/orders/import/7"), Made: 42}))
}
