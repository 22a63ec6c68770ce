package card

import (
	"time"

	"kortportal/internal/account"
)

// ClaimID identifies a claim in addresses and in the store.
type ClaimID int64

// Fault is what is wrong with a card that is claimed.
type Fault string

// ClaimCheck is what somebody should know before claiming a card, and how its last claim stands.
type ClaimCheck struct {
	Refusal   Rule // empty when a claim can be made
	Suspended bool // the company has an overdue unpaid fee
	Faults    []FaultChoice
	Last      *Claim // nil when there is none
}

// FaultChoice is a fault that can be claimed.
type FaultChoice struct {
	Fault    Fault
	AtReader bool // it shows at a reader: the card must have been held still and flat first
}

// NewClaim is what somebody says is wrong with a card.
type NewClaim struct {
	Card      ID
	Fault     Fault
	HeldStill bool // against the reader, and that did not help
	Note      string
	Picture   NewPicture // without JPEG where there is none
}

// Claim is a claim with what the issuer answered.
type Claim struct {
	ID           ClaimID
	Card         ID
	MadeBy       account.PersonID
	MadeAs       account.Role
	Claimant     Name
	Fault        Fault
	HeldStill    bool
	Effective    Status // of the card when the claim was made
	Note         string // empty for a holder who did not write it
	HasPicture   bool
	PictureGone  time.Time // when the picture was deleted because its time was out; zero otherwise
	At           time.Time
	Decided      time.Time // zero while it is open
	Accepted     bool
	DecisionNote string
	Replacement  ID // the card ordered for it, free of charge, and not cancelled; or zero
}

// ClaimRow is an open claim in the issuer's list.
type ClaimRow struct {
	Row
	Claim ClaimID
	Fault Fault
	At    time.Time
}

// OpenClaims are a page of the claims that wait for the issuer, the oldest first.
type OpenClaims struct {
	Rows []ClaimRow
	All  Count
	Next ClaimID // after which the next page begins; zero on the last
}

// ClaimDecision is the issuer's answer to a claim.
type ClaimDecision struct {
	Claim  ClaimID
	Accept bool
	Note   string
}

// Page is what the page of a card shows.
type Page struct {
	Card  Card
	Order Draft
	Claim ClaimCheck
}
