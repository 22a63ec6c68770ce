package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/card"
)

// portrait draws nobody: a head and shoulders before a plain wall, in the format of a card's photo. n varies the colours.
func portrait(n, width, height int) ([]byte, error) {
	walls := []color.Color{color.RGBA{0xdc, 0xe6, 0xee, 0xff}, color.RGBA{0xe9, 0xe4, 0xd8, 0xff}, color.RGBA{0xe2, 0xea, 0xdf, 0xff}}
	coats := []color.Color{
		color.RGBA{0x2f, 0x4b, 0x6e, 0xff}, color.RGBA{0xc4, 0x6a, 0x1f, 0xff}, color.RGBA{0x3d, 0x5c, 0x45, 0xff}, color.RGBA{0x5b, 0x3f, 0x55, 0xff},
	}
	skin := []color.Color{color.RGBA{0xe8, 0xc4, 0xa2, 0xff}, color.RGBA{0xc9, 0x96, 0x6d, 0xff}, color.RGBA{0x8d, 0x5c, 0x3c, 0xff}}
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	within := func(x, y, cx, cy, rx, ry float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		return dx*dx+dy*dy <= 1
	}
	for py := range height {
		for px := range width {
			x, y := float64(px)/float64(width), float64(py)/float64(height)
			switch {
			case within(x, y, 0.5, 0.42, 0.19, 0.20):
				picture.Set(px, py, skin[n%len(skin)])
			case within(x, y, 0.5, 1.02, 0.42, 0.36):
				picture.Set(px, py, coats[n%len(coats)])
			default:
				picture.Set(px, py, walls[n%len(walls)])
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 60}); err != nil {
		return nil, fmt.Errorf("draw a portrait: %w", err)
	}
	return b.Bytes(), nil
}

// hasData says whether the card's order is there. Open orders have data, as those that are made in the portal, and so have the orders of cards that
// expire soon: another begins with them.
func (w *world) hasData(l *life) bool {
	switch l.status {
	case card.Ordered, card.Reviewed, card.Approved, card.Rejected:
		return true
	case card.Produced, card.Active, card.Blocked:
		return l.validTo >= w.today-30 && l.validTo <= w.today+200
	default:
		return false
	}
}

// pictureRows are one photo for all orders of a company, with the company's id.
func (w *world) pictureRows(r *rows) error {
	photo, err := portrait(0, 140, 180)
	if err != nil {
		return err
	}
	last := int64(0)
	return w.walk(listener{life: func(l *life, c *company) error {
		if c.id == last || l.kind != card.Standard || !w.hasData(l) {
			return nil
		}
		last = c.id
		r.big(c.id)
		r.big(c.id)
		r.text("photo")
		r.bytes(photo)
		r.integer(140)
		r.integer(180)
		r.big(c.orderers[0])
		r.time(w.times.unix(c.created))
		return r.end()
	}})
}

func (w *world) orderRows(r *rows) error {
	return w.walk(listener{life: func(l *life, c *company) error {
		if !w.hasData(l) {
			return nil
		}
		seq := 0
		for i, e := range l.events {
			if e.action == card.Order || e.action == card.Correct {
				seq = i + 1
			}
		}
		r.big(l.id)
		r.integer(seq)
		r.big(c.id)
		r.text(string(l.kind))
		if l.holder == 0 {
			for range 5 {
				r.null()
			}
		} else {
			p := w.person(l.holder)
			r.text(p.given.text)
			r.text(p.family.text)
			r.text(p.country)
			r.big(c.id)
			r.text(fmt.Sprintf("%s.%s.%d@example.com", p.given.plain(), p.family.plain(), p.id))
		}
		r.text(fmt.Sprintf("PO %d", 1000+l.id%9000))
		r.text(fmt.Sprintf("%s\nExempelgatan %d\n123 45 Exempelstad", c.name, 1+l.id%90))
		return r.end()
	}})
}

// addOrder gives a card of the cast what its order says.
func addOrder(ctx context.Context, tx pgx.Tx, id int64) error {
	photo, err := portrait(int(id), 630, 810)
	if err != nil {
		return err
	}
	const q = `
		WITH c AS (
		    SELECT c.id, c.version, c.company_id, c.kind, c.ordered_by, co.name, p.given_name, p.family_name, p.identity_country
		    FROM cards c JOIN companies co ON co.id = c.company_id LEFT JOIN persons p ON p.id = c.person_id
		    WHERE c.id = $1
		), ph AS (
		    INSERT INTO pictures (company_id, purpose, jpeg, width, height, uploaded_by)
		    SELECT c.company_id, 'photo', $2, 630, 810, c.ordered_by FROM c WHERE c.kind = 'standard'
		    RETURNING id
		)
		INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, reference, deliver_to)
		SELECT c.id, c.version, c.company_id, c.kind, c.given_name, c.family_name, c.identity_country, ph.id, 'PO ' || 1000 + c.id % 9000,
		       c.name || E'\nExempelgatan 1\n123 45 Exempelstad'
		FROM c LEFT JOIN ph ON true`
	if _, err := tx.Exec(ctx, q, id, photo); err != nil {
		return fmt.Errorf("order of card %d: %w", id, err)
	}
	return nil
}
