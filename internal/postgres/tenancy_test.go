package postgres_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// A tenancyCase asks one method of the store about the card of a company, and says how much it was told.
type tenancyCase struct {
	ask func(by account.Actor) (told int, err error)
	// shut names those of the card's own people and of the issuer who have no business here either.
	shut []string
	// twin has business here, and must be told or obeyed.
	twin account.Actor
}

func tenancyCases(t *testing.T, r *pgtest.Register, c, other *pgtest.Company) map[string]tenancyCase {
	ctx := t.Context()
	c.Card(t, pgtest.Spec{Status: card.Approved})
	batch, err := r.Store.MakeBatch(ctx, r.Issuer, 1)
	if err != nil {
		t.Fatal(err)
	}
	c.Card(t, pgtest.Spec{Status: card.Approved})
	active := c.Card(t, pgtest.Spec{Status: card.Active})
	holder := active.Holder
	plannedFor := c.Card(t, pgtest.Spec{Status: card.Active})
	pending := planned(t, plannedFor, card.Block, 3)
	planned(t, c.Card(t, pgtest.Spec{Status: card.Active}), card.Block, 4) // stays when the other is withdrawn, in whatever order the methods are tried
	blockable := c.Card(t, pgtest.Spec{Status: card.Active})
	produced := c.Card(t, pgtest.Spec{Status: card.Produced})
	approved := c.Card(t, pgtest.Spec{Status: card.Approved})
	seen := func(rows []card.Row) (n int) {
		for _, row := range rows {
			if row.ID == active.ID || row.ID == blockable.ID || row.ID == produced.ID || row.ID == approved.ID {
				n++
			}
		}
		return n
	}
	reviewed := c.Card(t, pgtest.Spec{Status: card.Reviewed})
	rejected := c.Card(t, pgtest.Spec{Status: card.Rejected})
	order := c.NewOrder(t, card.Standard, approved.Holder.Person)
	photo := c.NewPhoto(t)
	enqueue(t, r, postgres.Message{Template: messages.CardProduced, Person: produced.Holder.Person, Company: c.ID, Card: produced.ID, Email: "k@example.com"})
	written := lastMessage(t, r)
	imported, err := r.Store.KeepImport(ctx, c.Orderer, sheetOf(1))
	if err != nil {
		t.Fatal(err)
	}
	ordered, decided := c.Card(t, pgtest.Spec{Status: card.Ordered}), c.Card(t, pgtest.Spec{Status: card.Rejected})
	expiring := c.Card(t, pgtest.Spec{Status: card.Active, ValidTo: r.Today(t).AddDate(0, 1, 0)})
	c.Card(t, pgtest.Spec{Status: card.Produced, ValidTo: r.Today(t).AddDate(0, 0, -1)}) // to be tidied up
	renewal, _ := keepRenewal(t, r, c.Orderer, expiring)
	chosenCard := c.Card(t, pgtest.Spec{Status: card.Active})
	sel := selected(t, r, c.Orderer, chosenCard.ID)
	own := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Lost}, chosenCard.ID, produced.ID, rejected.ID).ID
	overtaken := c.Card(t, pgtest.Spec{Status: card.Active})
	ran := makePlan(t, r, c.Orderer, card.PlanTerms{Action: card.Block, Reason: card.Lost}, c.Card(t, pgtest.Spec{Status: card.Active}).ID, overtaken.ID).ID
	overtaken.Do(t, card.Block)
	doRun(t, r, c.Orderer, ran)
	itsMaker := []string{"administrator", "another orderer", "holder", "issuer"}
	everyCompany := []string{"administrator", "orderer", "another orderer", "holder"}
	everybodyElse := []string{"administrator", "orderer", "another orderer", "issuer"}
	noOrderers := []string{"administrator", "holder", "issuer"}
	claimed, claimable := c.Card(t, pgtest.Spec{Status: card.Active}), c.Card(t, pgtest.Spec{Status: card.Active})
	claim := makeClaim(t, claimed, claimed.Orderer)
	makeClaim(t, blockable, blockable.Orderer) // stays open, whatever becomes of the other
	exported(t, r, c.Orderer, card.Search{}, card.Export{Format: card.CSV})
	search, deletable := saveSearch(t, r, c.Orderer, "Delad", true), saveSearch(t, r, c.Orderer, "Delad också", true)
	if err := r.Store.StartWith(ctx, c.Orderer, search); err != nil {
		t.Fatal(err)
	}
	noAdministrators := []string{"orderer", "another orderer", "holder", "issuer"}
	invited := c.NewMember(t, card.Name{Given: "Iris", Family: "Inbjuden"}, account.Orderer)
	leaving := c.NewMember(t, card.Name{Given: "Lo", Family: "Lämnar"}, account.Orderer)
	handed := c.Card(t, pgtest.Spec{Status: card.Active})
	made, err := r.Store.HandOverAll(ctx, c.Administrator, card.NewHandOver{From: invited.Person, To: c.Orderer.Person})
	if err != nil {
		t.Fatal(err)
	}
	deputy := stand(t, c, c.Orderer, c.Orderer, invited, 3, 4)
	stand(t, c, invited, invited, c.Orderer, 3, 4) // stays, whatever becomes of the other
	told := func(err error) int {
		if err != nil {
			return 0
		}
		return 1
	}
	itsOrderers := func(list []card.Orderer) (n int) {
		for _, o := range list {
			if o.ID == c.Orderer.Person || o.ID == c.OtherOrderer.Person {
				n++
			}
		}
		return n
	}
	itsForm := func(form card.SearchForm) int {
		n := itsOrderers(form.Orderers)
		for _, s := range form.Saved {
			if s.ID == search || s.ID == deletable {
				n++
			}
		}
		return n
	}
	return map[string]tenancyCase{
		"Card": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			k, err := r.Store.Card(ctx, by, active.ID)
			return len(k.Events) + len(k.Choices) + int(k.ID), err
		}},
		"SearchCards": {twin: c.Orderer, shut: []string{"holder"}, ask: func(by account.Actor) (told int, err error) {
			for _, q := range []card.Query{{Kind: card.ByNumber, Number: active.Number}, {Kind: card.ByNumberPrefix, Prefix: "TE-"}, {Kind: card.ByName, Name: "Karin"}} {
				for _, orderer := range []account.PersonID{0, c.Orderer.Person} {
					results, e := r.Store.SearchCards(ctx, by, card.Search{Query: q, Orderer: orderer})
					told, err = told+seen(results.Rows)+results.All.N+len(results.Counts), errors.Join(err, e)
				}
			}
			return told, err
		}},
		"SearchPage": {twin: c.Orderer, shut: []string{"holder"}, ask: func(by account.Actor) (int, error) {
			results, form, err := r.Store.SearchPage(ctx, by, card.Search{Orderer: c.Orderer.Person})
			return seen(results.Rows) + results.All.N + len(results.Counts) + itsForm(form), err
		}},
		"SearchForm": {twin: c.Orderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			form, err := r.Store.SearchForm(ctx, by)
			return itsForm(form), err
		}},
		"MyCards": {twin: holder, shut: everybodyElse, ask: func(by account.Actor) (int, error) {
			own, err := r.Store.MyCards(ctx, by)
			var rows []card.Row
			for _, o := range own {
				rows = append(rows, o.Row)
			}
			return seen(rows), err
		}},
		"Orderers": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			orderers, err := r.Store.Orderers(ctx, by)
			return itsOrderers(orderers), err
		}},
		"Act": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			done, err := r.Store.Act(ctx, by, card.Command{Card: blockable.ID, Version: blockable.Version, Action: card.Block, Reason: card.Lost})
			return done.Version, err
		}},
		"Act from a day on": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			done, err := r.Store.Act(ctx, by, card.Command{
				Card: plannedFor.ID, Version: plannedFor.Version, Action: card.Terminate, Reason: card.Lost, From: r.Today(t).AddDate(0, 0, 9),
			})
			return done.Version, err
		}},
		"Planned": {twin: c.OtherOrderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			list, err := r.Store.Planned(ctx, by, false, "")
			return len(list.Rows), err
		}},
		"Withdraw": {twin: c.Orderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			restored, err := r.Store.Withdraw(ctx, by, plannedFor.ID, pending.ID)
			if restored {
				return 1, err
			}
			return 0, err
		}},
		"Grace": {twin: c.Administrator, shut: []string{"orderer", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			if by.Company == other.ID {
				return 0, nil // one's own
			}
			_, err := r.Store.Grace(ctx, by)
			return told(err), err
		}},
		"SetGrace": {twin: c.Administrator, shut: []string{"orderer", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			if by.Company == other.ID {
				return 0, nil // one's own
			}
			err := r.Store.SetGrace(ctx, by, 0)
			return told(err), err
		}},
		"Order": {twin: c.Orderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.Order(ctx, by, order)
			switch {
			case by.Company == other.ID && errors.Is(err, card.ErrNotAllowed):
				return 0, nil // the administrator's own company is asked, where this one's order plays no part
			case errors.Is(err, card.ErrOpenOrder):
				return 1, nil // only the card's own company may know that there is one
			}
			return int(id), err
		}},
		"Order of a known holder": {twin: c.Orderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			o := order
			o.Identity, o.Holder, o.Photo = account.Identity{}, approved.Holder.Person, 0
			if _, err := r.Store.Order(ctx, by, o); err != nil && !errors.Is(err, card.ErrOpenOrder) {
				return 0, err
			}
			return 1, nil
		}},
		"Correct": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			return r.Store.Correct(ctx, by, rejected.ID, rejected.Version, order)
		}},
		"Resend": {twin: c.OtherOrderer, shut: []string{"administrator", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.Resend(ctx, by, reviewed.ID)
			if errors.Is(err, card.ErrTooOften) { // it was just written to
				return 1, nil
			}
			return 0, err
		}},
		"Draft": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			d, err := r.Store.Draft(ctx, by, active.ID)
			return int(d.Holder) + int(d.Photo), err
		}},
		"OrderStart": {twin: c.Orderer, shut: noOrderers, ask: func(by account.Actor) (int, error) {
			start, err := r.Store.OrderStart(ctx, by)
			if start.Company == other.Name {
				return 0, err // one's own
			}
			return len(start.Company) + len(start.DeliverTo), err
		}},
		"FindHolders": {twin: c.Orderer, shut: noOrderers, ask: func(by account.Actor) (told int, err error) {
			found, err := r.Store.FindHolders(ctx, by, card.Query{Kind: card.ByNumber, Number: active.Number})
			return len(found), err
		}},
		"Holder": {twin: c.Orderer, shut: noOrderers, ask: func(by account.Actor) (int, error) {
			h, err := r.Store.Holder(ctx, by, approved.Holder.Person)
			return int(h.ID) + int(h.Photo) + int(h.Open), err
		}},
		"HolderByIdentity": {twin: c.Orderer, shut: noOrderers, ask: func(by account.Actor) (int, error) {
			h, err := r.Store.HolderByIdentity(ctx, by, order.Identity)
			return int(h.ID) + int(h.Photo) + int(h.Open), err
		}},
		"OrderVisitorCards": {twin: c.Orderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			ids, err := r.Store.OrderVisitorCards(ctx, by, card.NewOrder{Language: "sv", DeliverTo: "Testgatan 1"}, 2)
			if by.Company == other.ID && (err == nil || errors.Is(err, card.ErrNotAllowed)) {
				return 0, nil // one's own
			}
			return len(ids), err
		}},
		"ExportCards": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (told int, err error) {
			e := card.Export{Format: card.CSV, PersonalNumbers: true, Purpose: "prov"}
			err = r.Store.ExportCards(ctx, by, card.Search{}, e, func(rows []card.ExportRow) error {
				for _, row := range rows {
					told += seen([]card.Row{row.Row})
				}
				return nil
			})
			return told, err
		}},
		"Exports": {twin: c.Orderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			if by.Company == other.ID {
				return 0, nil // those of its own, from above
			}
			made, err := r.Store.Exports(ctx, by)
			return len(made), err
		}},
		"OpenOrders": {twin: c.Orderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (told int, err error) {
			for _, own := range []bool{true, false} {
				open, e := r.Store.OpenOrders(ctx, by, own, "")
				err = errors.Join(err, e)
				for _, o := range open.Rows {
					told += seen([]card.Row{o.Row})
				}
			}
			return told, err
		}},
		"AddPicture": {twin: c.Orderer, shut: []string{"administrator", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			if by.Company == other.ID {
				return 0, nil // one's own
			}
			id, err := r.Store.AddPicture(ctx, by, card.NewPicture{Purpose: "photo", JPEG: make([]byte, 200), Width: 7, Height: 9})
			return int(id), err
		}},
		"Picture": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			jpeg, err := r.Store.Picture(ctx, by, photo)
			return len(jpeg), err
		}},
		"KeepImport": {twin: c.Orderer, shut: []string{"administrator", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			if by.Company == other.ID && by.Is(account.Orderer) {
				return 0, nil // one's own
			}
			id, err := r.Store.KeepImport(ctx, by, sheetOf(1))
			return int(id), err
		}},
		"Import": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			i, err := r.Store.Import(ctx, by, imported)
			return len(i.Rows) + i.Made, err
		}},
		"ApplyImport": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			i, err := r.Store.ApplyImport(ctx, by, imported, card.AllOrNothing)
			return i.Made, err
		}},
		"ExpiringCards": {twin: c.OtherOrderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			told := 0
			found, err := r.Store.ExpiringCards(ctx, by, card.SixMonths, false, "")
			for _, e := range found.Rows {
				if e.ID == expiring.ID {
					told++
				}
			}
			return told, err
		}},
		"Select": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.Select(ctx, by, []card.ID{active.ID})
			return int(id), err
		}},
		"CountFound": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			return r.Store.CountFound(ctx, by, card.Search{Query: card.Query{Kind: card.ByNumber, Number: active.Number}})
		}},
		"SelectFound": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.SelectFound(ctx, by, card.Search{Query: card.Query{Kind: card.ByNumber, Number: active.Number}}, 1)
			return int(id), err
		}},
		"MatchLines": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (told int, err error) {
			lines, _ := card.ParseLines(active.Number.String()+"\nKarin Kortinnehavare\n"+c.Name, r.Today(t))
			matches, err := r.Store.MatchLines(ctx, by, lines)
			for _, m := range matches {
				told += seen(m.Cards)
			}
			return told, err
		}},
		"Selection": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			s, err := r.Store.Selection(ctx, by, sel, "")
			return s.N + len(s.Rows), err
		}},
		"ChangeSelection": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			err := r.Store.ChangeSelection(ctx, by, sel, []card.ID{active.ID}, nil)
			return told(err), err
		}},
		"PlanChoices": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			if by.Company == other.ID {
				return 0, nil // what its own people may do
			}
			choices, successors, err := r.Store.PlanChoices(ctx, by)
			return len(choices) + len(successors), err
		}},
		"MakePlan": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.MakePlan(ctx, by, sel, card.PlanTerms{Action: card.Unblock})
			return int(id), err
		}},
		"Plan": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			p, err := r.Store.Plan(ctx, by, own)
			return p.N, err
		}},
		"PlanRows": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			rows, _, err := r.Store.PlanRows(ctx, by, own, card.PlanGroup{Verdict: card.WillChange}, "")
			return len(rows), err
		}},
		"PlanInstead": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.PlanInstead(ctx, by, own, card.Terminate)
			return int(id), err
		}},
		"SelectInstead": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.SelectInstead(ctx, by, own, card.Terminate)
			return int(id), err
		}},
		"StartRun": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			err := r.Store.StartRun(ctx, by, own)
			return told(err), err
		}},
		"Run": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			n, err := r.Store.Run(ctx, by, ran)
			return n.N(), err
		}},
		"Runs": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			runs, _, err := r.Store.Runs(ctx, by, 0)
			return len(runs), err
		}},
		"RunRows": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			rows, _, err := r.Store.RunRows(ctx, by, ran, "", "", 10)
			return len(rows), err
		}},
		"RetryRun": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.RetryRun(ctx, by, ran)
			return int(id), err
		}},
		"SelectFailed": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.SelectFailed(ctx, by, ran)
			return int(id), err
		}},
		"UndoRun": {twin: c.Orderer, shut: itsMaker, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.UndoRun(ctx, by, ran)
			return int(id), err
		}},
		"CleanUp": {twin: c.OtherOrderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (told int, err error) {
			counts, err := r.Store.CleanUp(ctx, by, false)
			for _, k := range counts.Kinds {
				told += k.N
			}
			return told, err
		}},
		"SavedSearches": {twin: c.OtherOrderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			found, err := r.Store.SavedSearches(ctx, by)
			found = slices.DeleteFunc(found, func(s card.SavedSearch) bool { return s.Own })
			return len(found), err
		}},
		"StartSearch": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			found, err := r.Store.StartSearch(ctx, by)
			return int(found.ID), err
		}},
		"SaveSearch": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.SaveSearch(ctx, by, card.NewSearch{Name: "Min"})
			if by.Company == other.ID {
				return 0, err // one's own
			}
			return int(id), err
		}},
		"RenameSearch": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.RenameSearch(ctx, by, search, "Ny")
			return told(err), err
		}},
		"ShareSearch": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.ShareSearch(ctx, by, search, true)
			return told(err), err
		}},
		"DeleteSearch": {twin: c.Administrator, shut: []string{"another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.DeleteSearch(ctx, by, deletable)
			return told(err), err
		}},
		"StartWith": {twin: c.OtherOrderer, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.StartWith(ctx, by, search)
			return told(err), err
		}},
		"StartAsUsual": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.StartAsUsual(ctx, by)
			if by.Company == other.ID {
				return 0, err // one's own
			}
			return told(err), err
		}},
		"Start": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (told int, err error) {
			start, err := r.Store.Start(ctx, by)
			for _, e := range start.Expiring {
				told += e.N
			}
			return told + len(start.Claims), err
		}},
		"DeskStart": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			start, err := r.Store.DeskStart(ctx, by)
			return len(start.Queues) + start.Claims.N, err
		}},
		"KeepRenewal": {twin: c.Orderer, shut: noOrderers, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.KeepRenewal(ctx, by, []card.ID{expiring.ID})
			return int(id), err
		}},
		"Renewal": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			n, err := r.Store.Renewal(ctx, by, renewal)
			return len(n.Rows), err
		}},
		"CheckRenewal": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.CheckRenewal(ctx, by, renewal, card.RenewalTerms{})
			return told(err), err
		}},
		"ApplyRenewal": {twin: c.Orderer, shut: []string{"administrator", "another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			n, err := r.Store.ApplyRenewal(ctx, by, renewal, card.RenewalTerms{}, card.AllOrNothing)
			return n.Good(), err
		}},
		"Desk": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			d, err := r.Store.Desk(ctx, by, card.ToReview, 0)
			return len(d.Rows) + len(d.Counts), err
		}},
		"NextToReview": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.NextToReview(ctx, by, 0)
			return int(id), err
		}},
		"ReviewCase": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			review, err := r.Store.ReviewCase(ctx, by, ordered.ID)
			return int(review.ID) + len(review.Events), err
		}},
		"OrderedPhoto": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			jpeg, err := r.Store.OrderedPhoto(ctx, by, ordered.ID)
			return len(jpeg), err
		}},
		"Decided": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			action, err := r.Store.Decided(ctx, by, decided.ID)
			return len(action), err
		}},
		"Production": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			p, err := r.Store.Production(ctx, by, 0)
			return len(p.Batches) + len(p.Rules) + p.Standard.N, err
		}},
		"MakeBatch": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.MakeBatch(ctx, by, 1)
			return int(id), err
		}},
		"Batch": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			p, err := r.Store.Batch(ctx, by, batch, "")
			return len(p.Rows) + p.Cards, err
		}},
		"Prints": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			prints, err := r.Store.Prints(ctx, by, batch)
			return len(prints), err
		}},
		"PrintPhotos": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			photos, err := r.Store.PrintPhotos(ctx, by, batch, []card.Number{"KP-0000-000001"})
			return len(photos), err
		}},
		"AnswerBatch": {twin: r.Issuer, shut: everyCompany, ask: func(by account.Actor) (int, error) {
			done, faults, err := r.Store.AnswerBatch(ctx, by, batch, []card.AnswerLine{{Number: "KP-0000-000001", Chip: "04A1B2C4", Outcome: "made"}})
			return done.Made + len(faults), err
		}},
		"Produce": {twin: r.Issuer, shut: []string{"administrator", "orderer", "another orderer", "holder"}, ask: func(by account.Actor) (int, error) {
			return r.Store.Produce(ctx, by, card.Production{
				Card: approved.ID, Company: c.ID, Version: approved.Version, Number: "TN-0000-000001", ChipUID: "04A1B2C3", ValidTo: r.Today(t),
			})
		}},
		"Activate": {twin: produced.Holder, shut: everybodyElse, ask: func(by account.Actor) (int, error) {
			return r.Store.Activate(ctx, by, produced.ID, produced.Version, card.Possession(produced.Number))
		}},
		"Activation": {twin: produced.Holder, shut: everybodyElse, ask: func(by account.Actor) (int, error) {
			_, err := r.Store.Activation(ctx, by, produced.ID)
			return told(err), err
		}},
		"Approval": {twin: produced.Holder, shut: everybodyElse, ask: func(by account.Actor) (int, error) {
			_, err := r.Store.Approval(ctx, by, produced.ID)
			return told(err), err
		}},
		"OwnPhoto": {twin: produced.Holder, shut: everybodyElse, ask: func(by account.Actor) (int, error) {
			jpeg, err := r.Store.OwnPhoto(ctx, by, produced.ID)
			return len(jpeg), err
		}},
		"ClaimCheck": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			check, err := r.Store.ClaimCheck(ctx, by, claimed.ID)
			return len(check.Faults), err
		}},
		"MakeClaim": {twin: c.Orderer, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.MakeClaim(ctx, by, newClaim(claimable))
			return int(id), err
		}},
		"ClaimPicture": {twin: c.Orderer, shut: []string{"holder"}, ask: func(by account.Actor) (int, error) {
			jpeg, err := r.Store.ClaimPicture(ctx, by, claim)
			return len(jpeg), err
		}},
		"OpenClaims": {twin: r.Issuer, shut: []string{"administrator", "orderer", "another orderer", "holder"}, ask: func(by account.Actor) (int, error) {
			open, err := r.Store.OpenClaims(ctx, by, 0)
			return len(open.Rows), err
		}},
		"Claim": {twin: r.Issuer, shut: []string{"administrator", "orderer", "another orderer", "holder"}, ask: func(by account.Actor) (int, error) {
			c, err := r.Store.Claim(ctx, by, claim)
			return int(c.ID), err
		}},
		"DecideClaim": {twin: r.Issuer, shut: []string{"administrator", "orderer", "another orderer", "holder"}, ask: func(by account.Actor) (int, error) {
			err := r.Store.DecideClaim(ctx, by, card.ClaimDecision{Claim: claim, Accept: true})
			return told(err), err
		}},
		"ViewPIN": {twin: holder, shut: everybodyElse, ask: func(by account.Actor) (int, error) {
			p, err := r.Store.ViewPIN(ctx, by, active.ID, active.LastSix())
			return len(p.Reveal()), err
		}},
		"Messages": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			page, err := r.Store.Messages(ctx, by, 0)
			told := 0
			for _, m := range page.Rows {
				if m.Card == produced.ID || m.ID == written {
					told++
				}
			}
			return told, err
		}},
		"CardPage": {twin: c.Administrator, ask: func(by account.Actor) (int, error) {
			p, mails, err := r.Store.CardPage(ctx, by, produced.ID)
			return int(p.Card.ID) + int(p.Order.Holder) + len(p.Claim.Faults) + len(mails.Rows), err
		}},
		"Users": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (told int, err error) {
			users, err := r.Store.Users(ctx, by)
			for _, u := range users {
				if u.Person == c.Orderer.Person || u.Person == c.OtherOrderer.Person {
					told++
				}
			}
			return told, err
		}},
		"User": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			u, changes, err := r.Store.User(ctx, by, c.Orderer.Person)
			return int(u.Person) + len(changes), err
		}},
		"InviteUser": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			if by.Company == other.ID {
				return 0, nil // one's own
			}
			id, err := r.Store.InviteUser(ctx, by, newMember(9, account.Orderer))
			return int(id), err
		}},
		"InviteAgain": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			err := r.Store.InviteAgain(ctx, by, invited.Person, "invited@company.example")
			return told(err), err
		}},
		"GiveRole": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			err := r.Store.GiveRole(ctx, by, invited.Person, account.Administrator)
			return told(err), err
		}},
		"TakeRole": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			err := r.Store.TakeRole(ctx, by, invited.Person, account.Administrator)
			return told(err), err
		}},
		"RemoveUser": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			err := r.Store.RemoveUser(ctx, by, leaving.Person)
			return told(err), err
		}},
		"HandOver": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			done, err := r.Store.HandOver(ctx, by, card.Command{Card: handed.ID, Version: handed.Version, Successor: c.OtherOrderer.Person})
			return done.Version, err
		}},
		"HandOverAll": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.HandOverAll(ctx, by, card.NewHandOver{From: invited.Person, To: c.OtherOrderer.Person})
			return int(id), err
		}},
		"HandOverOf": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			h, err := r.Store.HandOverOf(ctx, by, made)
			return int(h.ID), err
		}},
		"HandOvers": {twin: c.Administrator, shut: noAdministrators, ask: func(by account.Actor) (int, error) {
			all, err := r.Store.HandOvers(ctx, by, invited.Person)
			return len(all), err
		}},
		"NameDeputy": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			id, err := r.Store.NameDeputy(ctx, by, card.NewDeputy{Orderer: c.OtherOrderer.Person, Deputy: c.Orderer.Person, First: r.Today(t), Last: r.Today(t)})
			return int(id), err
		}},
		"CancelDeputy": {twin: c.Orderer, shut: []string{"another orderer", "holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			whose, err := r.Store.CancelDeputy(ctx, by, deputy)
			return int(whose), err
		}},
		"Deputies": {twin: c.Administrator, shut: []string{"holder", "issuer"}, ask: func(by account.Actor) (int, error) {
			all, err := r.Store.Deputies(ctx, by)
			return len(all), err
		}},
		"PINStatus": {twin: holder, shut: everybodyElse, ask: func(by account.Actor) (int, error) {
			status, err := r.Store.PINStatus(ctx, by, active.ID)
			return len(status.Views) + status.Left, err
		}},
	}
}

func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	theirs := other.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Stina", Family: "Främmande"}})
	// Their search must find something, or it would prove nothing.
	cases := tenancyCases(t, r, c, other)
	strangers := map[string]account.Actor{
		"another company's administrator": other.Administrator, "another company's orderer": other.Orderer, "another holder": theirs.Holder,
		"an orderer who has chosen no company": {Person: c.Orderer.Person, Roles: []account.Role{account.Orderer}},
		"nobody":                               {},
	}
	insiders := map[string]account.Actor{
		"administrator": c.Administrator, "orderer": c.Orderer, "another orderer": c.OtherOrderer, "issuer": r.Issuer,
		"holder": cases["MyCards"].twin,
	}
	for method, tc := range cases {
		tried := map[string]account.Actor{}
		for name, by := range strangers {
			tried[name] = by
		}
		for _, name := range tc.shut {
			tried[name] = insiders[name]
		}
		for name, by := range tried {
			if told, err := tc.ask(by); err != nil && !errors.Is(err, card.ErrNotFound) || told != 0 && !ownNumbers(method, name) {
				t.Errorf("%s as %s: told %d, %v; want nothing or ErrNotFound", method, name, told, err)
			}
		}
	}
	for method, tc := range cases {
		if told, err := tc.ask(tc.twin); err != nil || told == 0 {
			t.Errorf("%s by who may: told %d, %v", method, told, err)
		}
	}
}

// ownNumbers: the other company counts its own card when it searches by what both have.
func ownNumbers(method, name string) bool {
	return method == "SearchCards" && (name == "another company's administrator" || name == "another company's orderer")
}

// The counts of a search are the company's own, too.
func TestCountsAreTheCompanysOwn(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	for range 3 {
		c.Card(t, pgtest.Spec{Status: card.Produced})
	}
	own := other.Card(t, pgtest.Spec{Status: card.Produced})
	for _, q := range []card.Query{{}, {Kind: card.ByNumberPrefix, Prefix: "TE-"}, {Kind: card.ByName, Name: "karin"}, {Kind: card.ByName, Name: "bo"}, {Kind: card.ByName, Name: "beställare"}} {
		results, err := r.Store.SearchCards(t.Context(), other.Administrator, card.Search{Query: q})
		if err != nil || !slices.Equal(idsOf(results.Rows), []card.ID{own.ID}) || results.All.N != 1 || results.Total.N != 1 {
			t.Errorf("%v: %v, %v, %v", q, results.Rows, results.All, err)
		}
		for _, o := range results.Orderers {
			if o.ID != other.Orderer.Person && o.ID != other.OtherOrderer.Person || o.N > 1 {
				t.Errorf("%v: matches orderer %+v", q, o)
			}
		}
	}
	results, err := r.Store.SearchCards(t.Context(), other.Administrator, card.Search{Orderer: c.Orderer.Person})
	if err != nil || results.All.N != 0 {
		t.Errorf("by another company's orderer: %v, %v", results.All, err)
	}
}

// A forged company is found out by the membership.
func TestAnOrdererElsewhereIsNoneHere(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c, other := r.NewCompany(t), r.NewCompany(t)
	k := c.Card(t, pgtest.Spec{Status: card.Active})
	forged := account.Actor{Person: other.Orderer.Person, Company: c.ID, Roles: []account.Role{account.Orderer}}
	if err := k.Try(t, forged, card.Block); !errors.Is(err, card.ErrNotAllowed) || ruleOf(err) != "card_events_member" {
		t.Errorf("an orderer of another company blocks: %v", err)
	}
	k.Do(t, card.Block)
}

// A new method that works for an actor needs a case above.
func TestEveryMethodForAnActorIsTried(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	cases := tenancyCases(t, r, r.NewCompany(t), r.NewCompany(t))
	store := reflect.TypeFor[*postgres.Store]()
	var methods []string
	for i := range store.NumMethod() {
		m := store.Method(i)
		for j := range m.Type.NumIn() {
			if m.Type.In(j) != reflect.TypeFor[account.Actor]() {
				continue
			}
			methods = append(methods, m.Name)
			if _, ok := cases[m.Name]; !ok {
				t.Errorf("%s works for an actor and is never tried as a stranger", m.Name)
			}
		}
	}
	for name := range cases {
		if method, _, _ := strings.Cut(name, " "); !slices.ContainsFunc(methods, func(m string) bool { return m == method }) {
			t.Errorf("%s is tried and is no method for an actor", name)
		}
	}
}

func TestTheIssuersLooksAreWrittenDown(t *testing.T) {
	t.Parallel()
	r := pgtest.NewRegister(t)
	c := r.NewCompany(t)
	a := c.Card(t, pgtest.Spec{Status: card.Active, Name: card.Name{Given: "Anna", Family: "Hemlig"}})
	b := c.Card(t, pgtest.Spec{Status: card.Ordered, Name: card.Name{Given: "Bertil", Family: "Hemlig"}})
	looks := func() []string {
		return texts(t, r.Owner, `SELECT person_id || ' ' || page || ' ' || card_ids::text FROM issuer_looks ORDER BY id`)
	}
	look := func(by account.Actor) error {
		_, err := r.Store.SearchCards(t.Context(), by, card.Search{Query: card.Query{Kind: card.ByName, Name: "hemlig"}})
		_, err2 := r.Store.Card(t.Context(), by, a.ID)
		return errors.Join(err, err2)
	}
	if err := look(c.Administrator); err != nil {
		t.Fatal(err)
	}
	if got := looks(); len(got) > 0 {
		t.Errorf("the company's own looks are written down: %v", got)
	}
	if err := look(r.Issuer); err != nil {
		t.Fatal(err)
	}
	who := texts(t, r.Owner, `SELECT $1::bigint::text`, r.Issuer.Person)[0]
	ids := texts(t, r.Owner, `SELECT ARRAY[$1, $2]::bigint[]::text`, a.ID, b.ID)[0]
	one := texts(t, r.Owner, `SELECT ARRAY[$1]::bigint[]::text`, a.ID)[0]
	if diff := cmp.Diff([]string{who + " card_search " + ids, who + " card " + one}, looks()); diff != "" {
		t.Error(diff)
	}
	// A count tells as much as a row, and so does that there is nothing.
	for q, saw := range map[card.Search]string{
		{Query: card.Query{Kind: card.ByName, Name: "hemlig"}, Status: card.Terminated}:  ids,
		{Query: card.Query{Kind: card.ByName, Name: "ingen"}}:                            "{}",
		{Query: card.Query{Kind: card.ByName, Name: "hemlig"}, Orderer: r.Issuer.Person}: "{}",
	} {
		results, err := r.Store.SearchCards(t.Context(), r.Issuer, q)
		if err != nil || len(results.Rows) > 0 {
			t.Errorf("%v finds %d: %v", q, len(results.Rows), err)
		}
		if got := looks(); got[len(got)-1] != who+" card_search "+saw {
			t.Errorf("after %v the last look is %q, want at %s", q, got[len(got)-1], saw)
		}
	}
	// There is no room for what was typed.
	columns := texts(t, r.Owner, `
		SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
		WHERE a.attrelid = 'issuer_looks'::regclass AND a.attnum > 0 ORDER BY a.attnum`)
	want := []string{"id bigint", "person_id bigint", "looked_at timestamp with time zone", "page text", "card_ids bigint[]"}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
	// What cannot be written down is not shown.
	if _, err := r.Owner.Exec(t.Context(), `REVOKE INSERT (person_id, page, card_ids) ON issuer_looks FROM kortportal_app`); err != nil {
		t.Fatal(err)
	}
	k, err := r.Store.Card(t.Context(), r.Issuer, a.ID)
	if ruleOf(err) != forbidden || k.ID != 0 {
		t.Errorf("without a log the issuer sees card %d: %v", k.ID, err)
	}
	results, err := r.Store.SearchCards(t.Context(), r.Issuer, card.Search{Query: card.Query{Kind: card.ByNumber, Number: a.Number}})
	if ruleOf(err) != forbidden || len(results.Rows) > 0 {
		t.Errorf("without a log the issuer finds %d cards: %v", len(results.Rows), err)
	}
}
