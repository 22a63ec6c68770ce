package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/photo"
	"kortportal/web/view"
)

// claimStore keeps what people say is wrong with a card, and what the issuer answers.
type claimStore interface {
	ClaimCheck(ctx context.Context, by account.Actor, id card.ID) (card.ClaimCheck, error)
	MakeClaim(ctx context.Context, by account.Actor, n card.NewClaim) (card.ClaimID, error)
	ClaimPicture(ctx context.Context, by account.Actor, id card.ClaimID) ([]byte, error)
	OpenClaims(ctx context.Context, by account.Actor, after card.ClaimID) (card.OpenClaims, error)
	Claim(ctx context.Context, by account.Actor, id card.ClaimID) (card.Claim, error)
	DecideClaim(ctx context.Context, by account.Actor, d card.ClaimDecision) error
}

func (s *Server) askClaim(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.askClaimAt(v, v.companyDesk(), w, r)
}

func (s *Server) makeClaim(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.makeClaimAt(v, v.companyDesk(), w, r)
}

func (s *Server) askMyClaim(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.askClaimAt(v, v.holderDesk(), w, r)
}

func (s *Server) makeMyClaim(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.makeClaimAt(v, v.holderDesk(), w, r)
}

// askClaimAt shows the checklist, answered as far as the card's data answer it, and the form.
func (s *Server) askClaimAt(v visit, d desk, w http.ResponseWriter, r *http.Request) error {
	c, check, err := s.claimable(d, r)
	if err != nil {
		return err
	}
	if check.Refusal != "" {
		return s.refuseClaim(v, d, w, r, c, check)
	}
	return render(w, r, http.StatusOK, view.ClaimPage(v.claimPage(d, c, check)))
}

func (s *Server) makeClaimAt(v visit, d desk, w http.ResponseWriter, r *http.Request) error {
	id, err := cardID(r)
	if err != nil {
		return err
	}
	picture, err := s.parseClaimForm(w, r)
	n := card.NewClaim{
		Card: id, Fault: card.Fault(field(r, "fault")), HeldStill: field(r, "held_still") == "yes", Note: field(r, "description"), Picture: picture,
	}
	if err == nil {
		_, err = s.store.MakeClaim(r.Context(), d.by, n)
	}
	var fault view.FieldError
	switch {
	case err == nil:
		sendReceipt(w, receiptClaim)
		return redirect(w, r, d.address(id))
	case errors.Is(err, photo.ErrTooLarge), errors.Is(err, photo.ErrTooManyPixels):
		fault = view.FieldError{Field: "picture", Code: "too_large"}
	case errors.Is(err, photo.ErrNotPicture):
		fault = view.FieldError{Field: "picture", Code: "invalid"}
	case errors.Is(err, photo.ErrFormat):
		fault = view.FieldError{Field: "picture", Code: "format"}
	case errors.Is(err, photo.ErrTooSlow):
		fault = view.FieldError{Field: "picture", Code: "too_slow"}
	case errors.Is(err, card.ErrFault):
		fault = view.FieldError{Field: "fault", Code: requiredOr("invalid", string(n.Fault))}
	case errors.Is(err, card.ErrHeldStill):
		fault = view.FieldError{Field: "held_still", Code: requiredOr("first", field(r, "held_still"))}
	case errors.Is(err, card.ErrNote):
		fault = view.FieldError{Field: "description", Code: requiredOr("too_long", n.Note)}
	case errors.Is(err, card.ErrNotAllowed):
	default:
		return err
	}
	c, check, err := s.claimable(d, r)
	if err != nil {
		return err
	}
	if check.Refusal != "" || fault == (view.FieldError{}) {
		return s.refuseClaim(v, d, w, r, c, check)
	}
	p := v.claimPage(d, c, check)
	p.Fault, p.HeldStill, p.Description, p.Errors = string(n.Fault), field(r, "held_still"), n.Note, []view.FieldError{fault}
	return render(w, r, http.StatusUnprocessableEntity, view.ClaimPage(p))
}

// parseClaimForm reads a claim's form with its picture, if there is one. Its errors are those of parseForm and of package photo.
func (s *Server) parseClaimForm(w http.ResponseWriter, r *http.Request) (picture card.NewPicture, err error) {
	if !hasParts(r) {
		return card.NewPicture{}, parseForm(w, r)
	}
	given := false
	var fault error // does not keep the texts after the picture from being read
	r.PostForm, err = readParts(w, r, photo.MaxBytes+maxBody, func(file *multipart.Part) error {
		if file.FormName() == "picture" && !given {
			given = true
			picture, fault = s.claimPicture(r.Context(), file)
		}
		return nil
	})
	if err = errors.Join(err, fault); given && isTooLarge(err) {
		err = photo.ErrTooLarge
	}
	return picture, err
}

// claimPicture is a picture made anew, so that nothing of the file is kept but what it shows.
func (s *Server) claimPicture(ctx context.Context, file io.Reader) (card.NewPicture, error) {
	made, err := s.photos.ReadClaimPicture(ctx, file)
	if err != nil {
		return card.NewPicture{}, fmt.Errorf("server: claim picture: %w", err)
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(made))
	if err != nil {
		return card.NewPicture{}, fmt.Errorf("server: claim picture: %w", err)
	}
	return card.NewPicture{Purpose: "claim", JPEG: made, Width: size.Width, Height: size.Height}, nil
}

func (s *Server) claimable(d desk, r *http.Request) (card.Card, card.ClaimCheck, error) {
	id, err := cardID(r)
	if err != nil {
		return card.Card{}, card.ClaimCheck{}, err
	}
	c, err := s.store.Card(r.Context(), d.by, id)
	if err != nil {
		return card.Card{}, card.ClaimCheck{}, err
	}
	check, err := s.store.ClaimCheck(r.Context(), d.by, id)
	return c, check, err
}

func (v visit) claimPage(d desk, c card.Card, check card.ClaimCheck) view.Claim {
	p := view.Claim{
		Layout: v.layout(d.address(c.ID) + "/claim"), Card: d.summary(c), Own: d.own, Paid: !check.Suspended, CanActivate: d.own && isOpen(c, card.Activate),
	}
	for _, f := range check.Faults {
		p.Faults = append(p.Faults, string(f.Fault))
	}
	return p
}

// refuseClaim says why the card cannot be claimed: 403 to somebody whose card it is not to claim, else 409.
func (s *Server) refuseClaim(v visit, d desk, w http.ResponseWriter, r *http.Request, c card.Card, check card.ClaimCheck) error {
	p := view.ClaimRefused{Layout: v.layout(d.address(c.ID)), Card: d.summary(c), Own: d.own, Why: claimWhy(check.Refusal)}
	status := http.StatusConflict
	if p.Why == "role" {
		status = http.StatusForbidden
	}
	return render(w, r, status, view.ClaimRefusedPage(p))
}

// claimWhy is the code of the words for a rule that stands in the way of a claim.
func claimWhy(rule card.Rule) string {
	switch rule {
	case card.RuleClaimMadeAs, card.RuleMember, card.RuleOwnCard, card.RuleResponsibleOrderer:
		return "role"
	case card.RuleClaimNotExpired:
		return "expired"
	case card.RuleClaimOneOpen:
		return "one_open"
	}
	return "not_in_use"
}

// claimOf is what a card's page says about claims; nothing for a card that was never produced.
func claimOf(d desk, c card.Card, check card.ClaimCheck) view.CardClaim {
	if c.Number == "" {
		return view.CardClaim{}
	}
	p := view.CardClaim{Open: check.Refusal == "", Works: c.Works, Last: claimStatus(d, check.Last)}
	if last := check.Last; last != nil && last.Accepted && last.Replacement == 0 {
		p.CanOrder = d.by.Is(account.Orderer)
	}
	return p
}

func claimStatus(d desk, c *card.Claim) *view.ClaimStatus {
	if c == nil {
		return nil
	}
	p := &view.ClaimStatus{
		ID: int64(c.ID), At: c.At, Claimant: c.Claimant.Full(), Role: string(c.MadeAs), Fault: string(c.Fault), HeldStill: c.HeldStill,
		Effective: string(c.Effective), Description: c.Note, State: "open", PictureGone: c.PictureGone, Decided: c.Decided, Answer: c.DecisionNote, Desk: d.by.Is(account.Issuer),
	}
	switch {
	case c.Decided.IsZero():
	case c.Accepted:
		p.State = "accepted"
	default:
		p.State = "declined"
	}
	if c.HasPicture {
		p.Picture = "/claims/" + strconv.FormatInt(int64(c.ID), 10) + "/picture"
		if d.own {
			p.Picture = "/my-claims/" + strconv.FormatInt(int64(c.ID), 10) + "/picture"
		}
	}
	if c.Replacement != 0 {
		p.Replacement = int64(c.Replacement)
	}
	return p
}

func (s *Server) showClaimPicture(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.showClaimPictureAt(v.companyDesk(), w, r)
}

func (s *Server) showMyClaimPicture(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.showClaimPictureAt(v.holderDesk(), w, r)
}

func (s *Server) showClaimPictureAt(d desk, w http.ResponseWriter, r *http.Request) error {
	id, err := claimID(r)
	if err != nil {
		return err
	}
	jpeg, err := s.store.ClaimPicture(r.Context(), d.by, id)
	if err != nil {
		return err
	}
	sendJPEG(w, jpeg)
	return nil
}

// claimID is the claim in the address; errNotFound for what is none.
func claimID(r *http.Request) (card.ClaimID, error) {
	text := chi.URLParam(r, "claim")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, errNotFound
	}
	return card.ClaimID(id), nil
}

// showOpenClaims lists what waits for the issuer.
func (s *Server) showOpenClaims(v visit, w http.ResponseWriter, r *http.Request) error {
	var after card.ClaimID
	if text := param(r, "after"); text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return errNotFound
		}
		after = card.ClaimID(id)
	}
	open, err := s.store.OpenClaims(r.Context(), v.actor, after)
	if err != nil {
		return err
	}
	p := view.DeskClaims{Layout: v.layout("/desk/claims"), Count: open.All.N, Capped: open.All.Capped, Next: int64(open.Next), Later: after != 0}
	for _, row := range open.Rows {
		p.Rows = append(p.Rows, view.DeskClaimRow{Claim: int64(row.Claim), Card: rowSummary(row.Row), Fault: string(row.Fault), At: row.At})
	}
	return render(w, r, http.StatusOK, view.DeskClaimsPage(p))
}

// showDeskClaim shows a claim to the issuer, with the form for the answer while there is none.
func (s *Server) showDeskClaim(v visit, w http.ResponseWriter, r *http.Request) error {
	return s.showDeskClaimWith(v, w, r, http.StatusOK, view.DeskClaim{})
}

func (s *Server) decideClaim(v visit, w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	id, err := claimID(r)
	if err != nil {
		return err
	}
	typed := view.DeskClaim{Decision: field(r, "decision"), Answer: field(r, "answer")}
	if !slices.Contains([]string{"accept", "decline"}, typed.Decision) {
		typed.Errors = []view.FieldError{{Field: "decision", Code: "required"}}
		return s.showDeskClaimWith(v, w, r, http.StatusUnprocessableEntity, typed)
	}
	accept := typed.Decision == "accept"
	err = s.store.DecideClaim(r.Context(), v.actor, card.ClaimDecision{Claim: id, Accept: accept, Note: typed.Answer})
	switch {
	case errors.Is(err, card.ErrNote):
		typed.Errors = []view.FieldError{{Field: "answer", Code: requiredOr("too_long", typed.Answer)}}
		return s.showDeskClaimWith(v, w, r, http.StatusUnprocessableEntity, typed)
	case errors.Is(err, card.ErrStale):
		typed.Late = true
		return s.showDeskClaimWith(v, w, r, http.StatusConflict, typed)
	case err != nil:
		return err
	case accept:
		sendReceipt(w, receiptClaimAccepted)
	default:
		sendReceipt(w, receiptClaimDeclined)
	}
	return redirect(w, r, "/desk/claims")
}

func (s *Server) showDeskClaimWith(v visit, w http.ResponseWriter, r *http.Request, status int, p view.DeskClaim) error {
	id, err := claimID(r)
	if err != nil {
		return err
	}
	claim, err := s.store.Claim(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	c, err := s.store.Card(r.Context(), v.actor, claim.Card)
	if err != nil {
		return err
	}
	p.Layout, p.Card, p.Claim = v.layout("/desk/claims/"+strconv.FormatInt(int64(id), 10)), summary(c), *claimStatus(v.companyDesk(), &claim)
	return render(w, r, status, view.DeskClaimPage(p))
}
