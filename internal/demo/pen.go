package demo

import (
	"math/rand/v2"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// pen writes one life, forward in time. It stops where its time ends: what should come later has not happened.
type pen struct {
	*life
	c     *company
	r     *rand.Rand
	end   moment // nothing happens from here on
	ended bool
}

// newPen begins a life on one of the two sheets, which are used again and again.
func (w *world) newPen(sheet int, id, holder int64, kind card.Kind, c *company, r *rand.Rand, end moment) *pen {
	orderer := c.orderers[r.IntN(len(c.orderers))]
	l := &w.sheets[sheet]
	*l = life{id: id, kind: kind, holder: holder, orderedBy: orderer, orderer: orderer, status: none, events: l.events[:0]}
	return &pen{life: l, c: c, r: r, end: end}
}

func (p *pen) byOrderer(a card.Action, to card.Status, reason card.Reason, at moment) event {
	return event{action: a, to: to, actor: p.orderer, role: account.Orderer, reason: reason, at: at}
}

func (p *pen) byHolder(a card.Action, to card.Status, reason card.Reason, at moment) event {
	return event{action: a, to: to, actor: p.holder, role: account.Holder, reason: reason, at: at}
}

func (p *pen) byIssuer(a card.Action, to card.Status, reason card.Reason, at moment) event {
	return event{action: a, to: to, actor: issuers[p.r.IntN(len(issuers))], role: account.Issuer, reason: reason, at: at}
}

// write appends an event, unless the time is over.
func (p *pen) write(e event) bool {
	if p.ended || e.at >= p.end {
		p.ended = true
		return false
	}
	e.from = p.status
	p.status = e.to
	if e.successor != 0 {
		p.orderer = e.successor
	}
	if e.action == card.Produce {
		p.producedOn = e.at.day()
		years := standardYears
		if p.kind == card.Visitor {
			years = visitorYears
		}
		p.validTo = dayOf(p.producedOn.date().AddDate(years, 0, 0))
	}
	p.events = append(p.events, e)
	return true
}

func (p *pen) last() moment { return p.events[len(p.events)-1].at }

// office is a time on a weekday, some days on.
func (p *pen) office(least, most int) moment {
	last := p.last()
	d := (last.day() + day(least+p.r.IntN(max(most-least, 0)+1))).workday()
	return p.after(d.at(7+p.r.IntN(9), p.r.IntN(60), p.r.IntN(60)))
}

// anytime is a waking hour, some days on.
func (p *pen) anytime(least, most int) moment {
	d := p.last().day() + day(least+p.r.IntN(most-least+1))
	return p.after(d.at(6+p.r.IntN(16), p.r.IntN(60), p.r.IntN(60)))
}

// after moves a time of the same day behind what happened before.
func (p *pen) after(at moment) moment {
	if last := p.last(); at <= last {
		return last + moment(120+p.r.IntN(3600))
	}
	return at
}

func (p *pen) one(reasons ...card.Reason) card.Reason { return reasons[p.r.IntN(len(reasons))] }

// note is one of the notes in so many of a hundred cases.
func (p *pen) note(notes []string, share int) string {
	if p.r.IntN(100) < share {
		return notes[p.r.IntN(len(notes))]
	}
	return ""
}
