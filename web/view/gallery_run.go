package view

import (
	"time"

	"github.com/a-h/templ"
)

func (g sample) addSelections(add func(string, templ.Component)) {
	all := func(change func(*SelectAll)) templ.Component {
		p := SelectAll{Layout: g.ordering(""), Filter: CardFilter{Status: "produced"}, Count: 214, Most: 50000}
		change(&p)
		return SelectAllPage(p)
	}
	add("select-all", all(func(*SelectAll) {}))
	add("select-all-changed", all(func(p *SelectAll) { p.Changed, p.Count = true, 1 }))
	add("select-all-too-many", all(func(p *SelectAll) { p.TooMany, p.Count = true, 50001 }))
	add("select-all-personal", all(func(p *SelectAll) { p.Filter = CardFilter{Query: "19900101-9828", Sealed: "c2VhbGVk"} }))
	add("select-all-none", all(func(p *SelectAll) { p.Count = 0 }))

	page := func(action string, change func(*Selection)) templ.Component {
		p := Selection{
			Layout: g.ordering("/selections/4"), ID: 4, N: 300, Rows: g.rows("active"), Next: "eyJrIjoiw7ZzdCJ9",
			Statuses: []StatusCount{{Code: "active", Count: 180}, {Code: "blocked", Count: 12}, {Code: "produced", Count: 108}},
			Actions:  []string{"block", "unblock", "terminate", "cancel", "hand_over", "replace"},
			Form:     ActionForm{Action: action},
		}
		change(&p)
		return SelectionPage(p)
	}
	reasons := []string{"employment_ended", "lost", "stolen", "damaged", "not_in_use", "wrong_data", "mistake", "other"}
	add("selection", page("", func(*Selection) {}))
	add("selection-terminate", page("terminate", func(p *Selection) { p.Form.Reasons, p.Form.Reason, p.After = reasons, "not_in_use", "eyJrIjoiw7ZzdCJ9" }))
	add("selection-wrong", page("terminate", func(p *Selection) {
		p.Form.Reasons = reasons
		p.Form.Errors = []FieldError{{Field: "reason", Code: "required"}}
	}))
	add("selection-again", page("block", func(p *Selection) {
		p.Form.Reasons, p.Form.Reason, p.Form.Note = []string{"leave", "lost", "stolen", "not_in_use", "other"}, "leave", "Tjänstlediga till våren"
		p.Form.Plannable, p.Form.From = true, "2026-11-20"
		p.Form.Errors = []FieldError{{Field: "from", Code: "past"}}
	}))
	handOver := func(p *Selection) {
		p.Form.Reasons, p.Form.Optional = []string{"employment_ended", "leave", "other"}, true
		p.Successors = []Option{{Value: "8", Label: "Sjödal, Åke"}, {Value: "9", Label: "Östervall, Bengt-Åke"}}
	}
	add("selection-hand-over", page("hand_over", handOver))
	add("selection-hand-over-wrong", page("hand_over", func(p *Selection) {
		handOver(p)
		p.Form.Reason = "other"
		p.Form.Errors = []FieldError{{Field: "successor", Code: "required"}, {Field: "note", Code: "required"}}
	}))
	add("selection-hand-over-again", page("hand_over", func(p *Selection) {
		handOver(p)
		p.Form.Reason, p.Form.Errors = "leave", []FieldError{{Field: "successor", Code: "invalid"}}
	}))
	add("selection-replace-too-many", page("replace", func(p *Selection) {
		p.Form.Reasons, p.Form.Reason = []string{"damaged", "expires", "lost", "stolen", "wrong_data"}, "stolen"
		p.Form.Errors = []FieldError{{Field: "cards", Code: "too_many"}}
	}))
	add("selection-empty", page("", func(p *Selection) { p.N, p.Rows, p.Statuses, p.Next = 0, nil, nil, "" }))

	add("paste", PastePage(Paste{Layout: g.ordering("/selections/paste"), Most: 5000}))
	add("paste-wrong", PastePage(Paste{Layout: g.ordering(""), Most: 5000, Errors: []FieldError{{Field: "lines", Code: "required"}}}))
	add("paste-too-many", PastePage(Paste{Layout: g.ordering(""), Most: 5000, Text: "ZZ-2041-118349\nÅsa Ek", Errors: []FieldError{{Field: "lines", Code: "too_many"}}}))
	add("paste-answer", PasteAnswerPage(PasteAnswer{
		Layout: g.ordering(""), Lines: 214, Found: 210, Cards: 208, Selection: 4,
		Several: []PastedLine{{Nth: 12, Text: "ANDERSSON ANNA", Cards: g.rows("active")[:2]}, {Nth: 13, Text: "Ek", Cards: g.rows("active")[2:8], More: true}},
		Missing: []PastedLine{{Nth: 40, Text: "Kortnummer;Namn"}, {Nth: 41, Text: "ZZ-0000-000000 en mycket lång rad ur ett kalkylblad som ingen har läst innan den klistrades in"}},
	}))
	add("paste-answer-several", PasteAnswerPage(PasteAnswer{
		Layout: g.ordering(""), Lines: 1, Several: []PastedLine{{Nth: 1, Text: "Ek", Cards: g.rows("active")[2:4]}},
	}))
	add("paste-answer-nothing", PasteAnswerPage(PasteAnswer{Layout: g.ordering(""), Lines: 1, Missing: []PastedLine{{Nth: 1, Text: "Bertil Finnsinte"}}}))
	add("search-unticked", CardSearchPage(CardSearch{
		Layout: g.ordering("/cards"), Rows: g.rows("active"), Count: 12, Errors: []FieldError{{Field: "cards", Code: "required"}},
	}))
}

func (g sample) planRows(why string) []PlanRow {
	rows := g.rows("active")[:4]
	all := make([]PlanRow, len(rows))
	for i, r := range rows {
		all[i] = PlanRow{ID: r.ID, Number: r.Number, Kind: r.Kind, Holder: r.Holder, Effective: "active", Orderer: r.Orderer}
		switch why {
		case "instead":
			all[i].Effective = "produced"
		case "status":
			all[i].Effective = "terminated"
		case "already":
			all[i].Effective = "blocked"
		}
	}
	return all
}

func (g sample) addPlans(add func(string, templ.Component)) {
	page := func(action string, change func(*Plan)) Plan {
		p := Plan{
			Layout: g.ordering("/plans/17"), ID: 17, N: 312, Change: 300, Saves: 300, Price: 3500, Undo: true,
			Terms: PlanTerms{Action: action, Reason: "not_in_use", Note: "Städning inför kvartalsskiftet", Made: at("2026-11-22 13:05")},
			Groups: []PlanGroup{
				{Verdict: "change", N: 300, Rows: g.planRows("")},
				{Verdict: "instead", Why: "status", Instead: "terminate", N: 4, Rows: g.planRows("instead")},
				{Verdict: "refused", Why: "not_orderer", N: 3, Rows: g.planRows("")},
				{Verdict: "refused", Why: "status", N: 1, Rows: g.planRows("status")[:1]},
				{Verdict: "changed", N: 1, Rows: g.planRows("")[:1]},
				{Verdict: "already", N: 3, Rows: g.planRows("already")[:3]},
			},
		}
		change(&p)
		return p
	}
	add("plan", PlanPage(page("block", func(*Plan) {})))
	add("plan-terminate", PlanPage(page("terminate", func(p *Plan) {
		p.Final, p.Undo, p.Groups[1].Instead = true, false, "cancel"
	})))
	add("plan-hand-over", PlanPage(page("hand_over", func(p *Plan) {
		p.Saves, p.Terms.Reason, p.Terms.Successor, p.Groups = 0, "", "Åke Sjödal", p.Groups[:1]
	})))
	for _, action := range []string{"unblock", "cancel", "replace"} {
		add("plan-"+action, PlanPage(page(action, func(p *Plan) {
			p.Saves, p.Undo, p.Change = -300, action == "replace", 1
			p.Groups = []PlanGroup{
				{Verdict: "change", N: 1, Rows: g.planRows("")[:1]},
				{Verdict: "refused", Why: "expired", N: 1, Rows: g.planRows("")[:1]},
				{Verdict: "refused", Why: "newer_card", N: 1, Rows: g.planRows("")[:1]},
				{Verdict: "refused", Why: "role", N: 1, Rows: g.planRows("")[:1]},
				{Verdict: "refused", Why: "successor", N: 1, Rows: g.planRows("")[:1]},
				{Verdict: "refused", Why: "open_order", N: 1, Rows: g.planRows("")[:1]},
			}
		})))
	}
	add("plan-withdraw", PlanPage(page("withdraw", func(p *Plan) { // tried again
		p.Saves, p.Undo, p.Terms.Reason, p.Change, p.Groups = -1, false, "", 1, []PlanGroup{{Verdict: "change", N: 1, Rows: g.planRows("")[:1]}}
	})))
	add("plan-refused", PlanPage(page("terminate", func(p *Plan) {
		p.Change, p.Groups = 0, nil
		for _, why := range []string{"in_grace", "grace", "pending", "ahead", "other"} {
			p.Groups = append(p.Groups, PlanGroup{Verdict: "refused", Why: why, N: 1, Rows: g.planRows("")[:1]})
		}
	})))
	add("plan-nothing", PlanPage(page("block", func(p *Plan) { p.Change, p.Saves, p.Groups = 0, 0, p.Groups[5:] })))
	add("plan-started", PlanPage(page("block", func(p *Plan) { p.Started = true })))
	add("plan-old", PlanPage(page("block", func(p *Plan) { p.Old = true })))
	add("plan-group", PlanGroupPage(page("block", func(p *Plan) { p.Only, p.After, p.Next = 3, "eyJrIjoiYSJ9", "eyJrIjoiw7ZzdCJ9" })))
}

func (g sample) addRuns(add func(string, templ.Component)) {
	line := RunLine{
		ID: 17, Terms: PlanTerms{Action: "block", Reason: "leave", Note: "Tjänstlediga till våren"}, By: "Märta Sjöstrand-Widmark",
		Started: at("2026-11-22 13:06"), Finished: at("2026-11-22 13:07"), N: 312, Done: 297,
	}
	undo := line
	undo.ID, undo.Undoes, undo.Terms.Action, undo.Finished = 18, 17, "unblock", time.Time{}
	add("runs", RunsPage(Runs{Layout: g.ordering("/runs"), Rows: []RunLine{undo, line}, Next: 17}))
	add("runs-more", RunsPage(Runs{Layout: g.ordering("/runs"), Rows: []RunLine{line}, Before: 18}))
	add("runs-none", RunsPage(Runs{Layout: g.ordering("/runs")}))
	page := func(change func(*Run)) templ.Component {
		p := Run{
			Layout: g.ordering("/runs/17"), RunLine: line, Own: true, Touched: 300, ToTouch: 300, Failed: 3, Undo: true, Saves: 297, Price: 3500,
			Counts: []StatusCount{
				{Code: "done", Count: 297}, {Code: "changed", Count: 2}, {Code: "refused", Count: 1}, {Code: "instead", Count: 4},
				{Code: "left_refused", Count: 4}, {Code: "left_changed", Count: 1}, {Code: "already", Count: 3},
			},
			Next: "eyJrIjoiw7ZzdCJ9",
		}
		for i, result := range []string{"done", "changed", "refused", "instead"} {
			row := RunRow{PlanRow: g.planRows("")[i], Result: result, At: at("2026-11-22 13:06")}
			switch result {
			case "refused":
				row.Why = "not_orderer"
			case "instead":
				row.Why, row.Effective = "status", "produced"
			}
			p.Rows = append(p.Rows, row)
		}
		change(&p)
		return RunPage(p)
	}
	add("run", page(func(*Run) {}))
	add("run-result", page(func(p *Run) { p.Result, p.After, p.Rows, p.UndoneBy = "changed", "eyJrIjoiYSJ9", p.Rows[1:2], 18 }))
	add("run-under-way", page(func(p *Run) { p.Finished, p.Touched, p.Undo = time.Time{}, 120, false }))
	add("run-of-somebody-else", page(func(p *Run) { p.Own, p.Undo, p.Undoes, p.UndoneBy = false, false, 16, 18 }))
	add("run-too-late", page(func(p *Run) {
		p.Undo, p.TooLate, p.Failed, p.Counts, p.Rows = false, true, 0, []StatusCount{{Code: "planned", Count: 297}}, p.Rows[:1]
		p.Rows[0].Result = "planned"
	}))
	add("run-stays-blocked", page(func(p *Run) {
		p.Terms.Action, p.Undo, p.Undoes, p.Failed, p.Saves = "withdraw", false, 16, 0, -296
		p.Counts, p.Rows = []StatusCount{{Code: "done", Count: 296}, {Code: "stays_blocked", Count: 1}}, p.Rows[:2]
		p.Rows[1].Result = "stays_blocked"
	}))
	add("run-replaced", page(func(p *Run) {
		p.Terms.Action, p.Counts, p.Rows, p.Failed, p.Next, p.Saves = "replace", p.Counts[:1], p.Rows[:1], 0, "", 0
		p.Rows[0].Made = 31
	}))
}
