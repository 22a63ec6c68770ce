package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// Pictures is where the bytes of pictures are, by keys that say nothing and are never given again. Who may see a picture and when it goes is not
// its business: the store asks it for what the database's rules have let through, and nobody else does.
type Pictures interface {
	// Put keeps bytes. What an earlier try has left under the key is replaced.
	Put(ctx context.Context, key string, jpeg []byte) error
	// Get returns what Put has kept. card.ErrNotFound: nothing is there.
	Get(ctx context.Context, key string) ([]byte, error)
	// Forget deletes. A key under which nothing is, is no error.
	Forget(ctx context.Context, keys []string) error
}

// column is the place that comes with the portal: beside the row, in the database.
type column struct{ db *pgxpool.Pool }

// Put fills the column of a picture that is not there yet.
func (c column) Put(ctx context.Context, key string, jpeg []byte) error {
	var put bool
	err := c.db.QueryRow(ctx, `SELECT put_jpeg(@key, @jpeg)`, pgx.StrictNamedArgs{"key": key, "jpeg": jpeg}).Scan(&put)
	if err != nil {
		return fmt.Errorf("postgres: put a picture: %w", refusal(err))
	}
	if !put {
		return errors.New("postgres: put a picture: no row waits for it")
	}
	return nil
}

// Get reads the column.
func (c column) Get(ctx context.Context, key string) (jpeg []byte, err error) {
	const q = `SELECT p.jpeg FROM pictures p WHERE p.key = @key AND p.jpeg IS NOT NULL`
	if err := c.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"key": key}).Scan(&jpeg); err != nil {
		return nil, fmt.Errorf("postgres: get a picture: %w", refusal(err))
	}
	return jpeg, nil
}

// Forget empties the column of pictures whose time is out, and of no others.
func (c column) Forget(ctx context.Context, keys []string) error {
	if _, err := c.db.Exec(ctx, `SELECT forget_jpegs(@keys)`, pgx.StrictNamedArgs{"keys": keys}); err != nil {
		return fmt.Errorf("postgres: forget pictures: %w", err)
	}
	return nil
}

// newPicture is a row whose picture is not there yet. Where the process ends before it has arrived, nobody has heard of it, and its time is out
// like that of any upload that is not used; so no bytes are left that no row knows.
type newPicture struct {
	id  card.PictureID
	key string
}

// uploadPicture makes the row by a statement that returns it, and puts the bytes where they belong.
func (s *Store) uploadPicture(ctx context.Context, insert string, args pgx.QueryRewriter, jpeg []byte) (p newPicture, err error) {
	if err := s.db.QueryRow(ctx, insert, args).Scan(&p.id, &p.key); err != nil {
		return newPicture{}, refusal(err)
	}
	return p, s.pictures.Put(ctx, p.key, jpeg)
}

// arrive lets a picture be seen from now on.
func (p newPicture) arrive(ctx context.Context, db queryer) error {
	var arrived bool
	if err := db.QueryRow(ctx, `SELECT picture_arrived(@picture)`, pgx.StrictNamedArgs{"picture": p.id}).Scan(&arrived); err != nil {
		return err
	}
	if !arrived {
		return errors.New("it had arrived before, or came too late")
	}
	return nil
}

// AddPicture keeps a photo for a card of the actor's company. ErrNotFound: the actor works for no company.
func (s *Store) AddPicture(ctx context.Context, by account.Actor, p card.NewPicture) (card.PictureID, error) {
	if by.Company == 0 || !by.Is(account.Orderer) {
		return 0, card.ErrNotFound
	}
	const q = `
		INSERT INTO pictures (company_id, purpose, width, height, uploaded_by, there)
		VALUES (@company, @purpose, @width, @height, @person, false)
		RETURNING id, key`
	added, err := s.uploadPicture(ctx, q, pgx.StrictNamedArgs{
		"company": by.Company, "purpose": p.Purpose, "width": p.Width, "height": p.Height, "person": by.Person,
	}, p.JPEG)
	if err == nil {
		err = added.arrive(ctx, s.db)
	}
	if err != nil {
		return 0, fmt.Errorf("postgres: add picture: %w", err)
	}
	return added.id, nil
}

// Picture is a picture as JPEG: one of the actor's company, one on a card of the holder's own, or for the issuer any
// that was ordered with a card, and the look is logged. ErrNotFound: no such picture for this actor, or it was deleted because its time was out.
func (s *Store) Picture(ctx context.Context, by account.Actor, id card.PictureID) ([]byte, error) {
	where, err := scope(by)
	if err != nil {
		return nil, err
	}
	q := `SELECT p.key FROM pictures p WHERE p.id = @picture AND p.there AND `
	switch where {
	case ofCompany:
		q += `p.company_id = @company`
	case ofHolder:
		q += `EXISTS (SELECT FROM card_orders o JOIN cards c ON c.id = o.card_id
		              WHERE o.photo_id = p.id AND NOT EXISTS (SELECT FROM card_orders n WHERE n.card_id = o.card_id AND n.seq > o.seq) AND ` + where + `)`
	default:
		q += `EXISTS (SELECT FROM card_orders o WHERE o.photo_id = p.id)`
	}
	var key string
	if err := s.db.QueryRow(ctx, q, inScope(by, pgx.NamedArgs{"picture": id})).Scan(&key); err != nil {
		return nil, fmt.Errorf("postgres: picture: %w", refusal(err))
	}
	if where == ofAll {
		const shown = `SELECT DISTINCT o.card_id FROM card_orders o WHERE o.photo_id = @picture ORDER BY o.card_id`
		rows, err := s.db.Query(ctx, shown, pgx.StrictNamedArgs{"picture": id})
		if err != nil {
			return nil, fmt.Errorf("postgres: whose picture: %w", err)
		}
		cards, err := pgx.CollectRows(rows, pgx.RowTo[card.ID])
		if err != nil {
			return nil, fmt.Errorf("postgres: whose picture: %w", err)
		}
		if err := s.logLook(ctx, by, "photo", cards); err != nil {
			return nil, err
		}
	}
	return s.pictures.Get(ctx, key)
}
