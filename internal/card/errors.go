package card

import "errors"

// Rule is the name of the rule in Postgres that refused: a constraint, or a name that the guard of the events gives.
type Rule string

// The rules that pages have words of their own for.
const (
	RuleTransition         Rule = "card_events_transition"
	RulePermission         Rule = "card_events_permission"
	RuleResponsibleOrderer Rule = "card_events_responsible_orderer"
	RuleMember             Rule = "card_events_member"
	RuleOwnCard            Rule = "card_events_own_card"
	RuleNotExpired         Rule = "card_events_not_expired"
	RuleNoNewerActive      Rule = "card_events_no_newer_active"
	RuleSuccessorIsOrderer Rule = "card_events_successor_is_orderer"
	RulePhotoToReview      Rule = "card_events_photo_to_review"
	RuleOneOpenOrder       Rule = "cards_one_open_order"
	RuleRenewedOnce        Rule = "card_orders_renewed_once"
	RuleRenewedWithAddress Rule = "card_orders_renewed_with_address"
	RuleOfPerson           Rule = "card_orders_of_person"

	RuleDueFirst         Rule = "card_events_due_first"
	RuleGrace            Rule = "card_events_grace"
	RuleInGrace          Rule = "card_events_in_grace"
	RulePlanAhead        Rule = "planned_actions_ahead"
	RulePlansWithinAYear Rule = "plans_starts_on_within_a_year"
	RulePlanWithinAYear  Rule = "planned_actions_within_a_year"
	RulePlanOnePending   Rule = "planned_actions_one_pending"
	RulePlanWithoutGrace Rule = "planned_actions_without_grace"
	RulePlanOtherGrace   Rule = "planned_actions_other_grace"

	RuleClaimMadeAs     Rule = "claims_made_as_known"
	RuleClaimCardInUse  Rule = "claims_card_in_use"
	RuleClaimNotExpired Rule = "claims_not_expired"
	RuleClaimOneOpen    Rule = "claims_one_open"
)

// What the store answers when it refuses. A Refused error wraps one of them and names the rule.
var (
	// ErrNotFound: there is no such card, or the actor may not know of it. Nothing tells the two apart.
	ErrNotFound = errors.New("card: not found")
	// ErrStale: somebody changed the card after the actor saw it.
	ErrStale = errors.New("card: changed since it was seen")
	// ErrNotAllowed: the action is not possible from the card's status, or not for this actor.
	ErrNotAllowed = errors.New("card: action not allowed")
	// ErrReason: the action needs a reason, or not this one.
	ErrReason = errors.New("card: reason does not go with the action")
	// ErrNote: the note is too long, or missing where the reason is Other.
	ErrNote = errors.New("card: note missing or too long")
	// ErrFrom: the day is not to come, too far away, or the action is planned for another day already; the rule says which.
	ErrFrom = errors.New("card: cannot be planned from this day")
	// ErrGraceHours: a grace time is longer than is allowed.
	ErrGraceHours = errors.New("card: not a grace time")
	// ErrOpenOrder: the person has an open order for this kind of card at the company already.
	ErrOpenOrder = errors.New("card: an order is open already")
	// ErrOrder: what is ordered is not whole, or not of the right form; the rule says what.
	ErrOrder = errors.New("card: order is not whole")
	// ErrImport: a row of a spreadsheet is refused, or none is left, so nothing was ordered.
	ErrImport = errors.New("card: rows of the import are refused")
	// ErrTooMany: no cards were chosen, or more than can be taken at once.
	ErrTooMany = errors.New("card: none or too many")
	// ErrSuccessor: nobody is named to whom the cards can be handed over.
	ErrSuccessor = errors.New("card: no successor")
	// ErrNumberTaken: another card has the number.
	ErrNumberTaken = errors.New("card: number is taken")
	// ErrTooOften: the PIN has been asked for, or a wrong number has been given to activate the card, too often today; or somebody was
	// written to about the card within the hour.
	ErrTooOften = errors.New("card: asked for too often")
	// ErrPossession: what is to prove that the holder has the card is not its number.
	ErrPossession = errors.New("card: not the number of the card")
	// ErrFault: no such fault can be claimed.
	ErrFault = errors.New("card: unknown fault")
	// ErrPurpose: whole personal numbers need a purpose, not too long and without a personal number in it.
	ErrPurpose = errors.New("card: purpose missing or not of the right form")
	// ErrSearchName: a saved search has no name, one that is too long, or one with a personal number in it.
	ErrSearchName = errors.New("card: name of the search missing or not of the right form")
	// ErrSearchTaken: the person has a search of that name.
	ErrSearchTaken = errors.New("card: a search has the name already")
	// ErrSearchPersonal: a search by a personal number or a birth date is not kept.
	ErrSearchPersonal = errors.New("card: search by a personal number")
	// ErrSearchesFull: the person has as many saved searches as anybody may have.
	ErrSearchesFull = errors.New("card: too many saved searches")
	// ErrHeldStill: a fault at the reader is claimed before the card was held still and flat.
	ErrHeldStill = errors.New("card: not held still yet")
	// ErrLastSix: the six digits are not the last ones of the card's number.
	ErrLastSix = errors.New("card: not the last six digits")
	// ErrNotActive: the PIN is shown only while the card is active.
	ErrNotActive = errors.New("card: not active")
)

// Refused is an error that knows which rule refused.
type Refused struct {
	Rule Rule
	Err  error // one of the sentinels
}

func (r *Refused) Error() string { return r.Err.Error() + " (" + string(r.Rule) + ")" }

func (r *Refused) Unwrap() error { return r.Err }
