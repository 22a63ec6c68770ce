package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/messages"
)

// refusals says what it means when a rule refuses: the names of the constraints, and those that the guards of the
// schema give. A constraint that is missing here can only be broken by a fault of ours.
func refusals() map[string]error {
	return map[string]error{
		"card_events_pkey":                       card.ErrStale,
		"card_events_status_unique":              card.ErrStale,
		"card_events_chain":                      card.ErrStale,
		"card_events_first_is_order":             card.ErrStale,
		"card_events_seq_positive":               card.ErrStale,
		"card_events_transition":                 card.ErrNotAllowed,
		"card_events_permission":                 card.ErrNotAllowed,
		"card_events_member":                     card.ErrNotAllowed,
		"card_events_responsible_orderer":        card.ErrNotAllowed,
		"card_events_own_card":                   card.ErrNotAllowed,
		"card_events_not_expired":                card.ErrNotAllowed,
		"card_events_no_newer_active":            card.ErrNotAllowed,
		"card_events_system_only":                card.ErrNotAllowed,
		"card_events_successor":                  card.ErrNotAllowed,
		"card_events_successor_is_orderer":       card.ErrNotAllowed,
		"card_events_successor_when_handed_over": card.ErrNotAllowed,
		"card_events_activated_with_pin":         card.ErrNotAllowed,
		"card_events_append_only":                card.ErrNotAllowed,
		"cards_one_active":                       card.ErrNotAllowed,
		"cards_printed_frozen":                   card.ErrNotAllowed,
		"cards_printed_when_produced":            card.ErrNotAllowed,
		"card_events_card":                       card.ErrNotFound,
		"cards_person":                           card.ErrNotFound,
		"cards_holder_known":                     card.ErrNotFound,
		"card_events_reason":                     card.ErrReason,
		"card_events_other_needs_note":           card.ErrNote,
		"card_events_note_length":                card.ErrNote,
		"cards_one_open_order":                   card.ErrOpenOrder,
		"card_events_photo_to_review":            card.ErrNotAllowed,
		"card_orders_with_event":                 card.ErrNotAllowed,
		"card_orders_append_only":                card.ErrNotAllowed,
		"card_orders_photo":                      card.ErrNotFound,
		"card_orders_photo_there":                card.ErrNotFound,
		"card_orders_replaces":                   card.ErrNotFound,
		"card_orders_replaces_another":           card.ErrNotFound,
		"card_orders_replaces_same_holder":       card.ErrNotFound,
		"card_orders_replaces_produced":          card.ErrNotAllowed,
		"card_orders_given_name_length":          card.ErrOrder,
		"card_orders_family_name_length":         card.ErrOrder,
		"card_orders_given_name_no_number":       card.ErrOrder,
		"card_orders_family_name_no_number":      card.ErrOrder,
		"card_orders_citizenship_format":         card.ErrOrder,
		"card_orders_email_format":               card.ErrOrder,
		"card_orders_language_known":             card.ErrOrder,
		"card_orders_reference_length":           card.ErrOrder,
		"card_orders_deliver_to_length":          card.ErrOrder,
		"card_orders_replace_reason_known":       card.ErrOrder,
		"card_orders_replaces_why":               card.ErrOrder,
		"card_orders_of_person":                  card.ErrOrder,
		"card_orders_of_nobody":                  card.ErrOrder,
		"card_orders_renewed_once":               card.ErrNotAllowed,
		"card_orders_renewed_with_address":       card.ErrOrder,
		"renewals_deliver_to_length":             card.ErrOrder,
		"renewals_reference_length":              card.ErrOrder,
		"renewal_cards_email_format":             card.ErrOrder,
		"persons_given_name_length":              card.ErrOrder,
		"persons_family_name_length":             card.ErrOrder,
		"persons_identity_kind_known":            card.ErrOrder,
		"persons_identity_country_format":        card.ErrOrder,
		"pictures_size":                          card.ErrOrder,
		"production_cards_number_unique":         card.ErrNumberTaken,
		"cards_number_unique":                    card.ErrNumberTaken,
		"pin_views_five_a_day":                   card.ErrTooOften,
		"activation_tries_five_a_day":            card.ErrTooOften,
		"card_events_possession":                 card.ErrPossession,
		"card_orders_reclaimed_with_claim":       card.ErrNotAllowed,
		"claims_made_as_known":                   card.ErrNotAllowed,
		"claims_standard":                        card.ErrNotAllowed,
		"claims_card_in_use":                     card.ErrNotAllowed,
		"claims_not_expired":                     card.ErrNotAllowed,
		"claims_one_open":                        card.ErrNotAllowed,
		"claims_decided_once":                    card.ErrStale,
		"claims_card":                            card.ErrNotFound,
		"claims_fault":                           card.ErrFault,
		"claims_held_still":                      card.ErrHeldStill,
		"claims_note_length":                     card.ErrNote,
		"claims_declined_needs_note":             card.ErrNote,
		"claims_decision_note_length":            card.ErrNote,
		"card_events_due_first":                  card.ErrStale,
		"card_events_grace":                      card.ErrNotAllowed,
		"card_events_in_grace":                   card.ErrNotAllowed,
		"planned_actions_version":                card.ErrStale,
		"planned_actions_settled_once":           card.ErrStale,
		"planned_actions_plannable":              card.ErrNotAllowed,
		"planned_actions_without_grace":          card.ErrNotAllowed,
		"planned_actions_other_grace":            card.ErrNotAllowed,
		"planned_actions_append_only":            card.ErrNotAllowed,
		"planned_actions_ahead":                  card.ErrFrom,
		"planned_actions_within_a_year":          card.ErrFrom,
		"planned_actions_one_pending":            card.ErrFrom,
		"planned_actions_reason":                 card.ErrReason,
		"planned_actions_other_needs_note":       card.ErrNote,
		"planned_actions_note_length":            card.ErrNote,
		"companies_grace_hours_range":            card.ErrGraceHours,
		"grace_changes_by_administrator":         card.ErrNotAllowed,
		"card_exports_purpose":                   card.ErrPurpose,
		"card_exports_purpose_length":            card.ErrPurpose,
		"card_exports_no_personal_number":        card.ErrPurpose,
		"plans_reason":                           card.ErrReason,
		"plans_replace_reason":                   card.ErrReason,
		"plans_not_reclaimed":                    card.ErrReason,
		"plans_note_length":                      card.ErrNote,
		"plans_other_needs_note":                 card.ErrNote,
		"plans_action":                           card.ErrNotFound,
		"plans_starts_on_ahead":                  card.ErrFrom,
		"plans_starts_on_within_a_year":          card.ErrFrom,
		"plans_starts_on_with_action":            card.ErrFrom,
		"plan_cards_most":                        card.ErrTooMany,
		"plan_cards_of_company":                  card.ErrNotFound,
		"runs_plan":                              card.ErrNotFound,
		"runs_plan_of_today":                     card.ErrStale,
		"logins_email_unique":                    account.ErrTaken,
		"logins_pkey":                            account.ErrTaken,
		"logins_email_format":                    account.ErrEmail,
		"persons_identity_unique":                account.ErrTaken,
		"companies_org_number_unique":            account.ErrTaken,
		"messages_email_format":                  account.ErrEmail,
		"messages_holder_waited_for":             card.ErrNotAllowed,
		"messages_address_known":                 messages.ErrNoAddress,
		"messages_once_an_hour":                  card.ErrTooOften,
		"links_other_purpose":                    account.ErrNotFound,
		"links_used_once":                        messages.ErrLinkUsed,
		"links_newest":                           messages.ErrLinkReplaced,
		"links_not_expired":                      messages.ErrLinkExpired,
		"links_still_meant":                      messages.ErrLinkWithdrawn,
		"links_known_elsewhere":                  messages.ErrKnownElsewhere,
		"saved_searches_name_length":             card.ErrSearchName,
		"saved_searches_name_no_personal_number": card.ErrSearchName,
		"saved_searches_name_unique":             card.ErrSearchTaken,
		"saved_searches_query_not_personal":      card.ErrSearchPersonal,
		"saved_searches_at_most_fifty":           card.ErrSearchesFull,
		"start_searches_search":                  card.ErrNotFound,
		"memberships_last_administrator":         account.ErrLastAdministrator,
		"memberships_orderer_has_cards":          account.ErrHasCards,
		"membership_events_by_administrator":     card.ErrNotAllowed,
		"membership_events_append_only":          card.ErrNotAllowed,
		"hand_overs_by_administrator":            card.ErrNotAllowed,
		"hand_overs_to_an_orderer":               card.ErrNotAllowed,
		"hand_overs_to_another":                  card.ErrNotAllowed,
		"hand_overs_one_way":                     card.ErrNotAllowed,
		"hand_overs_one_at_a_time":               card.ErrNotAllowed,
		"hand_overs_reason":                      card.ErrReason,
		"hand_overs_other_needs_note":            card.ErrNote,
		"hand_overs_note_length":                 card.ErrNote,
		"deputies_named_by_right":                card.ErrNotAllowed,
		"deputies_for_an_orderer":                card.ErrNotAllowed,
		"deputies_is_orderer":                    card.ErrNotAllowed,
		"deputies_another":                       card.ErrNotAllowed,
		"deputies_days_in_order":                 card.ErrNotAllowed,
		"deputies_a_year_at_most":                card.ErrNotAllowed,
		"deputies_not_backdated":                 card.ErrNotAllowed,
		"deputies_one_at_a_time":                 card.ErrNotAllowed,
	}
}

// IsUnavailable reports whether an error says that the database cannot answer now: it is stopped, full, or too slow.
func (s *Store) IsUnavailable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// Classes of SQLSTATE: connection exceptions, insufficient resources, operator intervention (a timeout is one).
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57")
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF)
}

// deadlock is the SQLSTATE of a statement that was given up so that another could go on.
const deadlock = "40P01"

// refusal turns an error of Postgres into what it means; others stay as they are.
func refusal(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return card.ErrNotFound
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch pg.Code {
	case deadlock, "40001": // deadlock, serialization failure: somebody else was first
		return &card.Refused{Rule: card.Rule(pg.Code), Err: card.ErrStale}
	}
	if refused := refusedBy(card.Rule(pg.ConstraintName)); refused != nil {
		return refused
	}
	return err
}

// refusedBy is what it means that a rule refused; nil for a rule that only a fault of ours can break.
func refusedBy(rule card.Rule) error {
	if meaning, ok := refusals()[string(rule)]; ok {
		return &card.Refused{Rule: rule, Err: meaning}
	}
	return nil
}
