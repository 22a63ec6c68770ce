package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

// cardKeeper shows a card and takes actions on it.
type cardKeeper interface {
	Card(ctx context.Context, by account.Actor, id card.ID) (card.Card, error)
	CardPage(ctx context.Context, by account.Actor, id card.ID) (card.Page, messages.OfCard, error)
	Act(ctx context.Context, by account.Actor, do card.Command) (card.Acted, error)
}

// offeredActions are those that have a page, in the order of the page.
func offeredActions() []card.Action {
	return []card.Action{card.Block, card.Unblock, card.Terminate, card.Cancel, card.HandOver}
}

// ownActions are those that have a page for the holder of a card.
func ownActions() []card.Action {
	return []card.Action{card.Approve, card.Decline, card.Activate, card.Block, card.Unblock, card.Terminate, card.Cancel}
}

func (s *Server) showCard(v visit, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	all, mails, err := s.store.CardPage(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := v.companyCard(all, mails)
	p.Receipt = v.receiptOf(v.companyDesk(), all.Card, param(r, "receipt"))
	p.Back = searchBehind(r)
	return render(w, r, http.StatusOK, view.CardPage(p))
}

// companyCard is the page of a card with what was ordered, its claim and what the company reads about its mails.
func (v visit) companyCard(all card.Page, mails messages.OfCard) view.Card {
	c, d := all.Card, all.Order
	p := v.cardPage(c)
	p.Card.Photo, p.Card.PhotoDeleted = photoAddress(d.Photo), d.PhotoDeleted
	p.Order = view.OrderData{
		Email: string(d.Email), Language: d.Language, Citizenship: d.Citizenship, Reference: d.Reference, DeliverTo: d.DeliverTo,
		Unfinished: c.Number == "" && c.WaitsFor != "",
		Replaces:   int64(d.Replaces), ReplacesNumber: d.Replaced.String(), ReplaceReason: string(d.ReplaceReason), Pays: string(d.Pays),
		ReplacedBy: int64(d.ReplacedBy), ReplacedByNumber: d.Successor.String(),
	}
	if v.actor.Is(account.Orderer) && d.Refusal == "" && c.Newer.ID == 0 {
		p.Open = append(p.Open, string(replaceAction))
	}
	p.Messages = v.cardMessages(mails, c)
	p.Claim = claimOf(v.companyDesk(), c, all.Claim)
	return p
}

func (v visit) cardPage(c card.Card) view.Card {
	p := view.Card{
		Layout: v.layout("/cards/" + strconv.FormatInt(int64(c.ID), 10)), Card: summary(c), Events: history(c), PlannedActions: pending(c),
		Logged: v.actor.Is(account.Issuer), Reminders: reminders(c.Reminders),
	}
	p.Open, p.Closed = choices(c, shownActions())
	p.Card.ActsAsDeputy = v.actor.Is(account.Orderer) && c.DeputyID == v.actor.Person
	if c.DeputyID != 0 {
		p.Card.Deputy, p.Card.DeputyUntil = c.Deputy.Full(), c.DeputyUntil
	}
	return p
}

// shownActions are those that a card's page speaks of, in its order: a correction has a page of its own.
func shownActions() []card.Action { return append([]card.Action{card.Correct}, offeredActions()...) }

// choices sorts the actions that have a page into those that are open and those that are worth a word on why they are not.
func choices(c card.Card, offered []card.Action) (open []string, closed []view.ClosedAction) {
	for _, action := range offered {
		choice, ok := c.Choice(action)
		switch {
		case !ok:
		case choice.Open(), choice.Later:
			open = append(open, string(action))
		case choice.Refusal != card.RuleTransition || action == card.Block || action == card.Terminate:
			closed = append(closed, closedAction(c, action, choice.Refusal))
		}
	}
	return open, closed
}

// closedAction says why an action is not possible, and which open one leads to what the person wants.
func closedAction(c card.Card, action card.Action, rule card.Rule) view.ClosedAction {
	closed := view.ClosedAction{Action: string(action), Why: "status"}
	switch rule {
	case card.RulePermission, card.RuleMember, card.RuleOwnCard:
		closed.Why, closed.Orderer = "role", c.Orderer.Full()
	case card.RuleResponsibleOrderer:
		closed.Why, closed.Orderer = "not_orderer", c.Orderer.Full()
	case card.RuleNotExpired:
		closed.Why = "expired"
	case card.RuleNoNewerActive:
		closed.Why = "newer_card"
	case card.RuleInGrace:
		closed.Why, closed.Orderer = "in_grace", c.Orderer.Full()
	}
	if isOpen(c, card.Unblock) {
		return closed // what the person wants is done already
	}
	// What serves the same end, the milder one first: nobody who wants a card that works is led to stop it.
	for _, instead := range map[card.Action][]card.Action{card.Block: {card.Terminate}, card.Terminate: {card.Block}, card.Cancel: {card.Terminate}}[action] {
		if isOpen(c, instead) {
			closed.Instead = string(instead)
			break
		}
	}
	return closed
}

func isOpen(c card.Card, action card.Action) bool {
	choice, ok := c.Choice(action)
	return ok && choice.Open()
}

// receiptOf tells the person what he or she just did: the event of that number, if it is his or her own and nothing has happened to the card since,
// or else what was sent along.
func (v visit) receiptOf(d desk, c card.Card, seq string) *view.Receipt {
	n, err := strconv.Atoi(seq)
	if err != nil {
		return v.receipt
	}
	i := slices.IndexFunc(c.Events, func(e card.Event) bool {
		justOrdered := e.Action == card.Order && len(c.Events) == 1
		known := e.Action == card.Correct || e.Action == card.HandOver || slices.Contains(ownActions(), e.Action)
		return e.Seq == n && n == c.Version && e.ActorID == v.session.Person && (justOrdered || known)
	})
	if i < 0 {
		return v.receipt
	}
	code := string(c.Events[i].Action)
	if c.Events[i].Action == card.Unblock && c.Effective == card.Suspended {
		code = "unblock_suspended" // the block was not all that keeps it from working
	}
	return &view.Receipt{Code: code, Card: d.summary(c).Number, CardID: int64(c.ID)}
}

// searchCookie holds the address of the search that was last looked at, for the way back from what is done with its cards.
const searchCookie = "__Host-search"

// searchBehind is the search from which the browser came to a card, so that the way back keeps its state: the page before, or else the search last
// looked at.
func searchBehind(r *http.Request) string {
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host && u.Path == "/cards" {
		return ownPath(u.RequestURI())
	}
	cookie, err := r.Cookie(searchCookie)
	if err != nil {
		return ""
	}
	address, err := url.QueryUnescape(cookie.Value)
	if u, parseErr := url.Parse(address); err != nil || parseErr != nil || u.Path != "/cards" {
		return ""
	}
	return ownPath(address)
}

// rememberSearch is for searchBehind; an empty address forgets.
func rememberSearch(w http.ResponseWriter, r *http.Request, address string) {
	before, err := r.Cookie(searchCookie)
	value := url.QueryEscape(address)
	if err == nil && before.Value == value || err != nil && address == "" || len(value) > 2000 {
		return
	}
	cookie := &http.Cookie{Name: searchCookie, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if address == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

func summary(c card.Card) view.CardSummary {
	s := rowSummary(c.Row)
	s.Since, s.Works, s.Billed, s.Waiting, s.OrgNumber = c.Since, c.Works, c.Billed, string(c.WaitsFor), c.OrgNumber
	s.Ending = slices.ContainsFunc(c.PlannedActions, func(p card.PlannedAction) bool { return p.Grace && p.Pending() })
	if terminate, ok := c.Choice(card.Terminate); ok {
		s.GraceHours = terminate.GraceHours
	}
	s.Newer = newerOf(c.Newer)
	if unblock, ok := c.Choice(card.Unblock); ok {
		s.StillSuspended = unblock.To.Effective == card.Suspended
	}
	if c.OrderedBy != c.Orderer {
		s.OrderedBy = c.OrderedBy.Full()
	}
	return s
}

func newerOf(n card.Newer) view.NewerCard {
	return view.NewerCard{ID: int64(n.ID), Status: string(n.Status)}
}

func rowSummary(r card.Row) view.CardSummary {
	s := view.CardSummary{
		ID: int64(r.ID), Version: r.Version, Number: r.Number.String(), Kind: string(r.Kind), Status: string(r.Status),
		Effective: string(r.Effective), PersonalNumber: r.Identity, Company: r.Company, Orderer: r.Orderer.Full(), ValidTo: r.ValidTo,
	}
	if r.Holder.Family != "" {
		s.Holder = r.Holder.Full()
	}
	return s
}

func events(all []card.Event) []view.Event {
	lines := make([]view.Event, len(all))
	for i, e := range all {
		lines[i] = view.Event{
			At: e.At, Action: string(e.Action), From: string(e.From), To: string(e.To), Role: string(e.Role),
			Reason: string(e.Reason), Note: e.Note,
		}
		if e.Actor.Family != "" {
			lines[i].Actor = e.Actor.Full()
		}
		if e.Successor.Family != "" {
			lines[i].Receiver = e.Successor.Full()
		}
	}
	return lines
}
