package demo

import (
	"math/rand/v2"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// life is a card with its whole history.
type life struct {
	id         int64
	kind       card.Kind
	holder     int64 // 0 on a visitor card
	orderedBy  int64
	orderer    int64 // responsible now
	status     card.Status
	producedOn day // 0 before production
	validTo    day
	events     []event
}

type event struct {
	action    card.Action
	from, to  card.Status
	actor     int64 // 0 for the system
	role      account.Role
	reason    card.Reason
	note      string
	successor int64
	at        moment
}

// validity of a card from the day of its production.
const (
	standardYears = 4
	visitorYears  = 1
)

// none is the status before the first event.
const none = card.Status("none")

// live writes the cards of one holder in one company, the earlier one first. They hold until the next call.
func (w *world) live(j job, c *company) []*life {
	r := w.random(aboutLives, j.card)
	now := w.today.at(0, 0, 0)
	if j.visitor {
		return append(w.lives[:0], w.visitorLife(j.card, c, r, now))
	}
	if !j.replaced {
		return append(w.lives[:0], w.latest(j.card, j.holder, c, r, now, false))
	}
	newer := w.latest(j.card+1, j.holder, c, r, now, true)
	older := w.earlier(j.card, newer, c, r)
	return append(w.lives[:0], older, newer)
}

// latest is the newest or only card.
func (w *world) latest(id, holder int64, c *company, r *rand.Rand, now moment, replaces bool) *life {
	p := w.newPen(0, id, holder, card.Standard, c, r, now)
	aim := p.aim(replaces)
	var age int
	switch aim {
	case card.Ordered, card.Reviewed, card.Approved, card.Rejected:
		age = 1 + r.IntN(12)
	case card.Cancelled:
		age = 20 + r.IntN(1800)
	case card.Produced:
		age = 8 + r.IntN(40)
		if r.IntN(8) == 0 {
			age += r.IntN(1600)
		}
	case card.Active:
		age = 25 + r.IntN(standardYears*365-25)
		if r.IntN(100) < 7 {
			age = standardYears*365 + r.IntN(500)
		}
	case card.Blocked:
		age = 60 + r.IntN(standardYears*365)
	default:
		age = 60 + r.IntN(2100)
	}
	p.order(w.today - day(age))
	p.proceed(aim)
	return p.life
}

// aim is where a card should get to, if its time lasts.
func (p *pen) aim(replaces bool) card.Status {
	x := p.r.IntN(1000)
	if replaces {
		// The earlier card of a pair ends by the newer's activation, most often.
		x = x * 760 / 1000
	}
	for _, of := range []struct {
		status card.Status
		share  int
	}{
		{card.Active, 630}, {card.Produced, 75}, {card.Blocked, 40},
		{card.Ordered, 20}, {card.Reviewed, 22}, {card.Approved, 14}, {card.Rejected, 13}, {card.Cancelled, 33},
	} {
		if x -= of.share; x < 0 {
			return of.status
		}
	}
	return card.Terminated
}

// earlier is the card that a newer one replaces.
func (w *world) earlier(id int64, newer *life, c *company, r *rand.Rand) *life {
	ordered := newer.events[0].at
	p := w.newPen(1, id, newer.holder, card.Standard, c, r, ordered)
	p.order(ordered.day() - day(500+r.IntN(standardYears*365-480)))
	switch x := r.IntN(100); {
	case x < 70:
		p.proceed(card.Active)
	case x < 85:
		p.proceed(card.Blocked)
	default:
		p.proceed(card.Terminated)
	}
	for _, e := range newer.events {
		if e.action != card.Activate {
			continue
		}
		switch p.status {
		case card.Produced, card.Active, card.Blocked:
			p.ended, p.end = false, e.at+1
			p.write(event{action: card.Supersede, to: card.Terminated, role: account.System, reason: card.Superseded, at: e.at})
		default: // over, or never made
		}
	}
	// An order that was still open when the newer one was made was called back first: one open order at a time.
	switch p.status {
	case card.Ordered, card.Reviewed, card.Approved, card.Rejected:
		p.ended, p.end = false, ordered
		last := p.events[len(p.events)-1].at
		p.write(event{action: card.Cancel, to: card.Cancelled, actor: p.orderer, role: account.Orderer, reason: card.Mistake, at: last + (ordered-last)/2})
	default:
	}
	return p.life
}

// visitorLife goes from order over review and production to the end.
func (w *world) visitorLife(id int64, c *company, r *rand.Rand, now moment) *life {
	p := w.newPen(0, id, 0, card.Visitor, c, r, now)
	age := 1 + r.IntN(700)
	p.order(w.today - day(age))
	if r.IntN(10) == 0 {
		p.write(p.byIssuer(card.Reject, card.Rejected, p.one(card.Documents, card.WrongData), p.office(0, 2)))
		p.write(p.byOrderer(card.Correct, card.Ordered, card.NoReason, p.office(0, 3)))
	}
	p.write(p.byIssuer(card.Review, card.Reviewed, card.NoReason, p.office(0, 2)))
	p.write(p.byIssuer(card.Produce, card.Produced, card.NoReason, p.office(1, 3)))
	if p.status == card.Produced && r.IntN(3) > 0 {
		p.write(p.byOrderer(card.Terminate, card.Terminated, p.one(card.NotInUse, card.Damaged, card.Lost), p.office(30, 330)))
	}
	return p.life
}

// order begins the life on a weekday.
func (p *pen) order(on day) {
	p.write(event{action: card.Order, to: card.Ordered, actor: p.orderedBy, role: account.Orderer, reason: card.NoReason,
		at: on.lastWorkday().at(7+p.r.IntN(9), p.r.IntN(60), p.r.IntN(60))})
}

// proceed takes an ordered standard card towards a status.
func (p *pen) proceed(aim card.Status) {
	switch aim {
	case card.Ordered:
		return
	case card.Rejected:
		if p.r.IntN(2) == 0 {
			p.refuse()
			return
		}
		p.write(p.byIssuer(card.Review, card.Reviewed, card.NoReason, p.office(0, 2)))
		p.decline()
		return
	case card.Cancelled:
		switch p.r.IntN(3) {
		case 0:
			p.write(p.byIssuer(card.Review, card.Reviewed, card.NoReason, p.office(0, 2)))
		case 1:
			p.refuse()
		}
		p.write(p.byOrderer(card.Cancel, card.Cancelled, p.one(card.NotEmployed, card.NoReason, card.WrongData, card.Mistake), p.office(1, 9)))
		return
	}
	p.paperwork()
	if aim == card.Reviewed {
		return
	}
	p.write(p.byHolder(card.Approve, card.Approved, card.NoReason, p.anytime(0, 4)))
	if aim == card.Approved {
		return
	}
	p.write(p.byIssuer(card.Produce, card.Produced, card.NoReason, p.office(1, 3)))
	if p.r.IntN(100) < handedOverShare {
		p.handOver()
	}
	if aim == card.Produced {
		return
	}
	if aim == card.Terminated && p.r.IntN(12) == 0 { // never fetched
		p.write(p.byOrderer(card.Terminate, card.Terminated, p.one(card.EmploymentEnded, card.WrongData, card.NotInUse), p.office(5, 90)))
		return
	}
	p.write(p.byHolder(card.Activate, card.Active, card.NoReason, p.anytime(2, 12)))
	p.use(aim)
}

// Shares of a hundred.
const (
	handedOverShare = 5
	pausedShare     = 10
	sentBackShare   = 9
)

// paperwork ends with a card that the issuer has reviewed.
func (p *pen) paperwork() {
	for p.r.IntN(100) < sentBackShare {
		if p.r.IntN(3) == 0 {
			p.write(p.byIssuer(card.Review, card.Reviewed, card.NoReason, p.office(0, 2)))
			p.decline()
		} else {
			p.refuse()
		}
		p.write(p.byOrderer(card.Correct, card.Ordered, card.NoReason, p.office(0, 3)))
	}
	p.write(p.byIssuer(card.Review, card.Reviewed, card.NoReason, p.office(0, 2)))
}

func (p *pen) refuse() {
	e := p.byIssuer(card.Reject, card.Rejected, p.one(card.Photo, card.Photo, card.Documents, card.WrongData, card.NotEmployed), p.office(0, 2))
	e.note = p.note(refusedNotes, 40)
	p.write(e)
}

func (p *pen) decline() {
	e := p.byHolder(card.Decline, card.Rejected, p.one(card.WrongData, card.Photo, card.Photo), p.anytime(0, 3))
	e.note = p.note(declinedNotes, 40)
	p.write(e)
}

// use is the time in which the card works, with pauses, until it gets to the status that is aimed at.
func (p *pen) use(aim card.Status) {
	if p.r.IntN(100) < pausedShare && aim != card.Blocked {
		e := p.block(p.office(20, 400))
		if !p.write(e) {
			return
		}
		back := card.BackInUse
		switch e.reason {
		case card.Lost:
			back = card.Found
		case card.Other:
			back = card.NoReason
		}
		if at := p.office(2, 60); at.day() <= p.validTo {
			p.write(p.byOrderer(card.Unblock, card.Active, back, at))
		}
	}
	if p.r.IntN(100) < handedOverShare {
		p.handOver()
	}
	if p.ended || p.status != card.Active {
		return
	}
	left := int(p.end.day() - p.last().day())
	if left < 3 {
		return
	}
	switch aim {
	case card.Blocked:
		p.write(p.block(p.office(1, min(left, 900))))
	case card.Terminated:
		if p.r.IntN(4) == 0 {
			p.write(p.block(p.office(1, left/2)))
		}
		e := p.byOrderer(card.Terminate, card.Terminated,
			p.one(card.EmploymentEnded, card.EmploymentEnded, card.EmploymentEnded, card.Lost, card.Damaged, card.NotInUse, card.Stolen, card.Other),
			p.office(1, max(int(p.end.day()-p.last().day())-3, 2)))
		e.note = p.note(endedNotes, 20)
		if e.reason == card.Other {
			e.note = endedNotes[p.r.IntN(len(endedNotes))]
		}
		p.write(e)
	}
}

// block is done by the orderer or by the holder who misses the card.
func (p *pen) block(at moment) event {
	if p.r.IntN(3) == 0 {
		return p.byHolder(card.Block, card.Blocked, p.one(card.Lost, card.Lost, card.Stolen), at+moment(p.r.IntN(3*3600)))
	}
	e := p.byOrderer(card.Block, card.Blocked, p.one(card.Leave, card.NotInUse, card.NotInUse, card.Lost, card.EmploymentEnded, card.Other), at)
	e.note = p.note(blockedNotes, 30)
	if e.reason == card.Other {
		e.note = blockedNotes[p.r.IntN(len(blockedNotes))]
	}
	return e
}

// handOver makes another orderer of the company responsible.
func (p *pen) handOver() {
	if p.ended || len(p.c.orderers) < 2 {
		return
	}
	successor := p.orderer
	for successor == p.orderer {
		successor = p.c.orderers[p.r.IntN(len(p.c.orderers))]
	}
	p.write(event{action: card.HandOver, to: p.status, actor: p.c.administrators[p.r.IntN(len(p.c.administrators))], role: account.Administrator,
		reason: p.one(card.NoReason, card.EmploymentEnded, card.Leave), successor: successor, at: p.office(1, 200)})
}

var (
	refusedNotes  = []string{"Bilden är för mörk.", "Ansiktet syns inte helt.", "Anställningsintyg saknas.", "Handlingen går inte att läsa.", "Namnet stämmer inte med handlingen."}
	declinedNotes = []string{"Fel stavning av efternamnet.", "Gammal bild, jag skickar en ny.", "Mellannamnet ska inte vara med.", "Bilden är på någon annan."}
	blockedNotes  = []string{"Föräldraledig till hösten.", "Borttappat på bygget, letar.", "Arbetar på kontoret över vintern.", "Uppehåll mellan två projekt.", "Kortet ligger kvar i bodens skåp."}
	endedNotes    = []string{"Sista dagen var i fredags.", "Kortet gick av i maskinen.", "Projektet är klart.", "Åter till bemanningsföretaget.", "Kortet är inlämnat och klippt."}
)
