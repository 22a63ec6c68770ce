package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
)

// What a page shows of claim x, as JSON. Its words are for the company and the issuer; a holder reads the own ones only.
const claimObject = `json_build_object(
	'id', x.id, 'card', x.card_id, 'made_by', x.made_by, 'made_as', x.made_as, 'given', xp.given_name, 'family', xp.family_name, 'fault', x.fault,
	'held_still', x.held_still, 'effective', x.effective, 'at', x.created_at, 'decided', x.decided_at, 'accepted', coalesce(x.accepted, false),
	'note', CASE WHEN 'holder' <> ALL (@roles) OR x.made_by = @person THEN x.note ELSE '' END,
	'picture', ('holder' <> ALL (@roles) OR x.made_by = @person)
	           AND EXISTS (SELECT FROM pictures i WHERE i.id = x.picture_id AND i.there),
	'picture_gone', (SELECT i.deleted_at FROM pictures i WHERE i.id = x.picture_id AND ('holder' <> ALL (@roles) OR x.made_by = @person)),
	'decision_note', x.decision_note, 'replacement', coalesce((SELECT o.id FROM cards o WHERE o.id = x.order_card_id AND o.status <> 'cancelled'), 0))`

type claimJSON struct {
	ID            card.ClaimID
	Card          card.ID
	MadeBy        account.PersonID `json:"made_by"`
	MadeAs        account.Role     `json:"made_as"`
	Given, Family string
	Fault         card.Fault
	HeldStill     bool `json:"held_still"`
	Effective     card.Status
	Note          string
	Picture       bool
	PictureGone   *time.Time `json:"picture_gone"`
	At            time.Time
	Decided       *time.Time
	Accepted      bool
	DecisionNote  string `json:"decision_note"`
	Replacement   card.ID
}

func (c *claimJSON) claim() *card.Claim {
	if c == nil {
		return nil
	}
	return &card.Claim{
		ID: c.ID, Card: c.Card, MadeBy: c.MadeBy, MadeAs: c.MadeAs, Claimant: card.Name{Given: c.Given, Family: c.Family}, Fault: c.Fault,
		HeldStill: c.HeldStill, Effective: c.Effective, Note: c.Note, HasPicture: c.Picture, PictureGone: day(c.PictureGone), At: c.At, Decided: day(c.Decided), Accepted: c.Accepted,
		DecisionNote: c.DecisionNote, Replacement: c.Replacement,
	}
}

// claimsAs is the role in which an actor claims; empty for one who never does.
func claimsAs(by account.Actor) account.Role {
	for _, role := range []account.Role{account.Holder, account.Orderer} {
		if by.Is(role) {
			return role
		}
	}
	return ""
}

// ClaimCheck is whether the actor can claim a card, of which faults, and how its last claim stands. ErrNotFound as of Card.
func (s *Store) ClaimCheck(ctx context.Context, by account.Actor, id card.ID) (card.ClaimCheck, error) {
	where, err := scope(by)
	if err != nil {
		return card.ClaimCheck{}, err
	}
	var check card.ClaimCheck
	if err := s.ask(ctx, askClaim(by, where, id, &check)); err != nil {
		return card.ClaimCheck{}, err
	}
	return check, nil
}

func askClaim(by account.Actor, where string, id card.ID, check *card.ClaimCheck) question {
	const q = `
		SELECT CASE WHEN @as_role = '' THEN 'claims_made_as_known' ELSE coalesce(claim_refusal(c, @person, @as_role), '') END,
		       ` + isSuspended + `,
		       (SELECT json_agg(json_build_object('fault', f.fault, 'atReader', f.at_reader) ORDER BY f.position) FROM claim_faults f),
		       (SELECT ` + claimObject + ` FROM claims x JOIN persons xp ON xp.id = x.made_by WHERE x.card_id = c.id ORDER BY x.id DESC LIMIT 1)
		FROM cards c
		WHERE c.id = @card AND `
	return question{q + where, inScope(by, pgx.NamedArgs{"card": id, "as_role": claimsAs(by)}), func(row pgx.Row) error {
		var last *claimJSON
		if err := row.Scan(&check.Refusal, &check.Suspended, &check.Faults, &last); err != nil {
			return fmt.Errorf("postgres: claim check: %w", refusal(err))
		}
		check.Last = last.claim()
		return nil
	}}
}

// MakeClaim is the holder, or the responsible orderer, saying what is wrong with a card. ErrNotFound: no such card for this actor.
// ErrNotAllowed: not by this actor, not of this card, or there is a claim. ErrFault, ErrHeldStill, ErrNote: the claim is not whole.
func (s *Store) MakeClaim(ctx context.Context, by account.Actor, n card.NewClaim) (card.ClaimID, error) {
	where, err := scope(by)
	if err != nil {
		return 0, err
	}
	var picture newPicture
	if n.Picture.JPEG != nil {
		upload := `
			INSERT INTO pictures (company_id, purpose, width, height, uploaded_by, there)
			SELECT c.company_id, 'claim', @width, @height, @person, false FROM cards c WHERE c.id = @card AND ` + where + `
			RETURNING id, key`
		args := inScope(by, pgx.NamedArgs{"card": n.Card, "width": n.Picture.Width, "height": n.Picture.Height})
		if picture, err = s.uploadPicture(ctx, upload, args, n.Picture.JPEG); err != nil {
			return 0, fmt.Errorf("postgres: picture of a claim: %w", err)
		}
	}
	q := `
		INSERT INTO claims (card_id, company_id, made_by, made_as, fault, held_still, note, picture_id)
		SELECT c.id, c.company_id, @person, @as_role, @fault, @held_still, @note, nullif(@picture::bigint, 0)
		FROM cards c WHERE c.id = @card AND ` + where + `
		RETURNING id`
	var id card.ClaimID
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, q, inScope(by, pgx.NamedArgs{
			"card": n.Card, "as_role": claimsAs(by), "fault": n.Fault, "held_still": n.HeldStill, "note": n.Note, "picture": picture.id,
		})).Scan(&id)
		if err != nil || picture.id == 0 {
			return err
		}
		return picture.arrive(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: make claim: %w", refusal(err))
	}
	return id, nil
}

// OpenClaims are the claims that wait for the issuer, after the one given. ErrNotFound: the actor is not of the issuer's staff.
// Whose cards they are is a look, and logged.
func (s *Store) OpenClaims(ctx context.Context, by account.Actor, after card.ClaimID) (card.OpenClaims, error) {
	if !atIssuer(by) {
		return card.OpenClaims{}, card.ErrNotFound
	}
	const list = `
		SELECT ` + rowColumns + `, x.id, x.fault, x.created_at
		FROM claims x
		JOIN cards c ON c.id = x.card_id ` + rowTables + `
		WHERE x.accepted IS NULL AND x.id > @after
		ORDER BY x.id
		LIMIT @limit`
	const bound = 1000
	const count = `SELECT count(*) FROM (SELECT FROM claims x WHERE x.accepted IS NULL LIMIT @bound) y`
	var open card.OpenClaims
	rows, err := s.db.Query(ctx, list, pgx.StrictNamedArgs{"after": after, "limit": card.PageSize + 1})
	if err != nil {
		return card.OpenClaims{}, fmt.Errorf("postgres: open claims: %w", err)
	}
	open.Rows, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r card.ClaimRow, err error) {
		r.Row, err = scanRowWith(row, &r.Claim, &r.Fault, &r.At)
		return r, err
	})
	if err != nil {
		return card.OpenClaims{}, fmt.Errorf("postgres: open claims: %w", err)
	}
	if len(open.Rows) > card.PageSize {
		open.Rows = open.Rows[:card.PageSize]
		open.Next = open.Rows[card.PageSize-1].Claim
	}
	if err := s.db.QueryRow(ctx, count, pgx.StrictNamedArgs{"bound": bound + 1}).Scan(&open.All.N); err != nil {
		return card.OpenClaims{}, fmt.Errorf("postgres: open claims: %w", err)
	}
	if open.All.N > bound {
		open.All = card.Count{N: bound, Capped: true}
	}
	seen := make([]card.ID, len(open.Rows))
	for i, r := range open.Rows {
		seen[i] = r.ID
	}
	if len(seen) > 0 {
		if err := s.logLook(ctx, by, "claims", seen); err != nil {
			return card.OpenClaims{}, err
		}
	}
	return open, nil
}

// Claim is a claim as the issuer decides about it. ErrNotFound: there is none, or the actor is not of the issuer's staff. The look
// is logged with that at the card, which the page shows too.
func (s *Store) Claim(ctx context.Context, by account.Actor, id card.ClaimID) (card.Claim, error) {
	if !atIssuer(by) {
		return card.Claim{}, card.ErrNotFound
	}
	const q = `SELECT ` + claimObject + ` FROM claims x JOIN persons xp ON xp.id = x.made_by WHERE x.id = @claim`
	var c *claimJSON
	args := pgx.StrictNamedArgs{"claim": id, "roles": by.Roles, "person": by.Person}
	if err := s.db.QueryRow(ctx, q, args).Scan(&c); err != nil {
		return card.Claim{}, fmt.Errorf("postgres: claim: %w", refusal(err))
	}
	return *c.claim(), nil
}

// DecideClaim is the issuer's answer. ErrNotFound as of Claim; ErrStale: it has been decided; ErrNote: too long, or missing where
// the claim is declined.
func (s *Store) DecideClaim(ctx context.Context, by account.Actor, d card.ClaimDecision) error {
	if !atIssuer(by) {
		return card.ErrNotFound
	}
	const q = `SELECT decide_claim(@claim, @person, @accept, @note)`
	var id *card.ID
	err := s.db.QueryRow(ctx, q, pgx.StrictNamedArgs{"claim": d.Claim, "person": by.Person, "accept": d.Accept, "note": d.Note}).Scan(&id)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: decide claim: %w", refusal(err))
	case id == nil:
		return fmt.Errorf("postgres: decide claim: %w", card.ErrNotFound)
	}
	return nil
}

// ClaimPicture is the picture of a claim as JPEG: for the company, for the holder who sent it, and for the issuer, whose look is
// logged. ErrNotFound: none for this actor.
func (s *Store) ClaimPicture(ctx context.Context, by account.Actor, id card.ClaimID) ([]byte, error) {
	where, err := scope(by)
	if err != nil {
		return nil, err
	}
	q := `
		SELECT c.id, p.key
		FROM claims x
		JOIN cards c ON c.id = x.card_id
		JOIN pictures p ON p.id = x.picture_id
		WHERE x.id = @claim AND p.there AND ('holder' <> ALL (@roles) OR x.made_by = @person) AND ` + where
	var on card.ID
	var key string
	if err := s.db.QueryRow(ctx, q, inScope(by, pgx.NamedArgs{"claim": id})).Scan(&on, &key); err != nil {
		return nil, fmt.Errorf("postgres: claim picture: %w", refusal(err))
	}
	if where == ofAll {
		if err := s.logLook(ctx, by, "card", []card.ID{on}); err != nil {
			return nil, err
		}
	}
	return s.pictures.Get(ctx, key)
}

// atIssuer holds for somebody of the issuer's staff at the issuer's desk.
func atIssuer(by account.Actor) bool { return by.Company == 0 && by.Is(account.Issuer) }
