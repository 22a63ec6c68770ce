package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"

	"github.com/jackc/pgx/v5"
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

// Open orders have data, as those that are made in the portal, and so have the orders of cards that expire soon: another begins with them. One
// photo for all of a company must do.
const withData = `(c.status IN ('ordered', 'reviewed', 'approved', 'rejected')
		OR c.status IN ('produced', 'active', 'blocked') AND c.valid_to BETWEEN (SELECT today() - 30) AND (SELECT today() + 200))`

func addOrders(ctx context.Context, tx pgx.Tx) error {
	photo, err := portrait(0, 140, 180)
	if err != nil {
		return err
	}
	const pictures = `
		INSERT INTO pictures (company_id, purpose, jpeg, width, height, uploaded_by, created_at)
		SELECT c.company_id, 'photo', $1, 140, 180, min(c.ordered_by), min(c.created_at)
		FROM cards c WHERE ` + withData + ` AND c.kind = 'standard'
		GROUP BY c.company_id`
	if _, err := tx.Exec(ctx, pictures, photo); err != nil {
		return fmt.Errorf("photos: %w", err)
	}
	const orders = `
		INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, email, reference, deliver_to)
		SELECT c.id, e.seq, c.company_id, c.kind, p.given_name, p.family_name, p.identity_country, ph.id,
		       replace(fold_key(name_key(p.given_name || ' ' || p.family_name)), ' ', '.') || '.' || p.id || '@example.com', 'PO ' || 1000 + c.id % 9000,
		       co.name || E'\nExempelgatan ' || 1 + c.id % 90 || E'\n123 45 Exempelstad'
		FROM cards c
		JOIN (SELECT x.card_id, max(x.seq) AS seq FROM card_events x WHERE x.action IN ('order', 'correct') GROUP BY x.card_id) e ON e.card_id = c.id
		JOIN companies co ON co.id = c.company_id
		LEFT JOIN persons p ON p.id = c.person_id
		LEFT JOIN pictures ph ON ph.company_id = c.company_id AND c.kind = 'standard'
		WHERE ` + withData
	if _, err := tx.Exec(ctx, orders); err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	return nil
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
