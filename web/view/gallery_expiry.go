package view

import "github.com/a-h/templ"

func (g sample) addExpiry(add func(string, templ.Component)) {
	list := func(change func(*Expiry)) templ.Component {
		p := Expiry{Layout: g.ordering("/expiring"), Own: true, Orderer: true, Within: "six_months", Rows: g.expiring(), Next: "eyJrIjoib3N0In0"}
		p.Nav = append(p.Nav[:2:2], append([]string{"expiring"}, p.Nav[2:]...)...)
		change(&p)
		return ExpiryPage(p)
	}
	add("expiring", list(func(*Expiry) {}))
	add("expiring-all", list(func(p *Expiry) { p.Own, p.Within, p.After = false, "three_months", "eyJrIjoib3N0In0" }))
	add("expiring-wrong", list(func(p *Expiry) { p.Errors = []FieldError{{Field: "card", Code: "required"}} }))
	add("expiring-too-many", list(func(p *Expiry) {
		p.Chosen, p.Errors = []int64{7, 9}, []FieldError{{Field: "card", Code: "too_many"}}
	}))
	add("expiring-none", list(func(p *Expiry) { p.Within, p.Rows, p.Next = "one_week", nil, "" }))
	add("expiring-administrator", list(func(p *Expiry) {
		p.Own, p.Orderer, p.Next = false, false, ""
		for i := range p.Rows {
			p.Rows[i].Renewable = false
		}
	}))

	reminders := []Reminder{
		{At: at("2026-06-15 06:00"), Name: "Žaneta Nowak-Łukasiewska", Role: "holder", Mailed: true},
		{At: at("2026-06-15 06:00"), Name: "Märta Sjöstrand-Widmark", Role: "orderer"},
	}
	c := g.card("active")
	add("card-reminders", CardPage(Card{Layout: g.inside("/cards/7"), Card: c.card, Open: c.open, Events: c.events, Reminders: reminders}))
	add("my-card-reminders", MyCardPage(MyCard{Layout: g.holder("/my-cards/7"), Card: g.own("active").card, Open: []string{"block"}, Events: c.events, PIN: "show", Reminders: reminders}))
}

// expiring are cards that expire, each with another state of what follows.
func (g sample) expiring() []ExpiringRow {
	rows := g.rows("active")
	all := make([]ExpiringRow, len(rows))
	for i, r := range rows {
		r.ValidTo = day("2026-11-27").AddDate(0, 0, 19*i)
		all[i] = ExpiringRow{CardRow: r, Renewable: true}
	}
	all[0].Effective, all[0].ValidTo = "expired", day("2026-11-02")
	all[1].Renewable, all[1].Successor = false, 31
	all[2].Renewable, all[2].Successor, all[2].SuccessorNumber = false, 32, "ZZ-2041-990001"
	return all
}

func (g sample) addRenewals(add func(string, templ.Component)) {
	page := func(change func(*Renewal)) Renewal {
		p := Renewal{Layout: g.ordering(""), ID: 4}
		for i, r := range g.expiring()[:6] {
			row := RenewalRow{
				CardRow: r.CardRow, Name: r.Holder, Citizenship: "PL", Email: "zaneta@exempel.test", Language: "sv", HasPhoto: i != 1, Pays: "company",
				Reference: "PO 2026-118", DeliverTo: "Norra Hamnen, bod 4\nHamnvägen 1\n000 00 Åmåla",
			}
			p.Rows = append(p.Rows, row)
		}
		change(&p)
		for _, r := range p.Rows {
			if r.Why == "" {
				p.Good++
			} else {
				p.Bad++
			}
		}
		return p
	}
	faulty := func(p *Renewal) {
		for i, why := range []string{"", "open_order", "renewed", "not_orderer", "address", "data"} {
			p.Rows[i].Why = why
		}
		p.Rows[4].Email, p.Rows[5].Citizenship = "", ""
	}
	add("renewal", RenewalPage(page(func(*Renewal) {})))
	add("renewal-faults", RenewalPage(page(faulty)))
	add("renewal-stopped", RenewalPage(page(func(p *Renewal) {
		p.Stopped, p.Rows[0].Why, p.Rows[1].Why = true, "deliver_to", "other"
	})))
	add("renewal-wrong", RenewalPage(page(func(p *Renewal) {
		id := renewalEmail(p.Rows[2].ID)
		p.Rows[2].Email, p.DeliverTo, p.Reference = "zaneta(at)exempel", "Norra Hamnen, bod 4", "PO 2026-118"
		p.Errors = []FieldError{{Field: id, Code: "invalid"}, {Field: "reference", Code: "too_long"}, {Field: "deliver_to", Code: "too_long"}}
	})))
	add("renewal-done", RenewalReceiptPage(page(func(p *Renewal) {
		faulty(p)
		p.Layout, p.Applied = g.ordering("/expiring/renewals/4"), true
		p.Rows[0].Ordered, p.Rows[0].HasPhoto = 41, false
	})))
}
