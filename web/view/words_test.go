package view

import (
	"testing"

	"kortportal/internal/i18n"
)

// Every code that a page may be given has a word in each language.
func TestEveryCodeHasAWord(t *testing.T) {
	codes := map[string]struct {
		word  func(*i18n.Printer, string) string
		codes []string
	}{
		"role":    {roleWord, []string{"administrator", "orderer", "holder", "issuer", "reader", "system"}},
		"kind":    {kindWord, []string{"standard", "visitor"}},
		"fault":   {faultWord, []string{"not_read", "sometimes_read", "broken", "print_worn", "print_wrong", "other"}},
		"action":  {actionWord, []string{"order", "review", "reject", "approve", "decline", "correct", "cancel", "produce", "activate", "block", "unblock", "terminate", "supersede", "hand_over"}},
		"event":   {eventWord, []string{"order", "review", "reject", "approve", "decline", "correct", "cancel", "produce", "activate", "block", "unblock", "terminate", "supersede", "hand_over"}},
		"cleanup": {cleanUpWord, cleanUpKinds()},
		"reason":  {reasonWord, []string{"none", "lost", "stolen", "damaged", "employment_ended", "leave", "not_in_use", "wrong_data", "found", "back_in_use", "mistake", "superseded", "reclaimed", "photo", "documents", "not_employed", "other"}},
	}
	for _, lang := range i18n.Langs() {
		w := i18n.For(lang)
		for name, c := range codes {
			words := make(map[string]string)
			for _, code := range c.codes {
				word := c.word(w, code)
				if word == code {
					t.Errorf("%s: %s %s has no word", lang, name, code)
				}
				if other, taken := words[word]; taken {
					t.Errorf("%s: %s %s and %s are called the same: %s", lang, name, code, other, word)
				}
				words[word] = code
			}
		}
	}
}

// Every error that the page structs list has a text of its own, not the one for an error that nobody knows.
func TestEveryErrorHasAText(t *testing.T) {
	w := i18n.For(i18n.Swedish)
	unknown := errorText(w, FieldError{Field: "form", Code: "lively"})
	for _, e := range []FieldError{
		{Field: "email", Code: "required"}, {Field: "email", Code: "invalid"}, {Field: "password", Code: "required"}, {Field: "password", Code: "wrong"},
		{Field: "form", Code: "credentials"}, {Field: "form", Code: "throttled", Minutes: 2},
		{Field: "context", Code: "gone"}, {Field: "context", Code: "required"},
		{Field: "q", Code: "too_long"}, {Field: "q", Code: "invalid"}, {Field: "q", Code: "personal"}, {Field: "expires_before", Code: "invalid"},
		{Field: "status", Code: "invalid"}, {Field: "kind", Code: "invalid"}, {Field: "orderer", Code: "invalid"}, {Field: "cleanup", Code: "invalid"},
		{Field: "reason", Code: "required"}, {Field: "reason", Code: "invalid"}, {Field: "note", Code: "required"}, {Field: "note", Code: "too_long"},
		{Field: "card_number", Code: "required"}, {Field: "card_number", Code: "invalid"}, {Field: "card_number", Code: "wrong"},
		{Field: "fault", Code: "required"}, {Field: "fault", Code: "invalid"}, {Field: "held_still", Code: "required"}, {Field: "held_still", Code: "first"},
		{Field: "description", Code: "required"}, {Field: "description", Code: "too_long"}, {Field: "picture", Code: "invalid"}, {Field: "picture", Code: "too_large"}, {Field: "decision", Code: "required"},
		{Field: "answer", Code: "required"}, {Field: "answer", Code: "too_long"},
		{Field: "last_six", Code: "required"}, {Field: "last_six", Code: "invalid"}, {Field: "last_six", Code: "wrong"},
		{Field: "cards", Code: "invalid"}, {Field: "form", Code: "nothing"}, {Field: "answer_file", Code: "required"}, {Field: "answer_file", Code: "unreadable"},
		{Field: "card", Code: "required"}, {Field: "card", Code: "too_many"}, {Field: "reason", Code: "renewed"}, {Field: "email_7", Code: "invalid"},
		{Field: "name", Code: "required"}, {Field: "name", Code: "too_long"}, {Field: "name", Code: "taken"}, {Field: "name_7", Code: "personal"},
		{Field: "form", Code: "search_personal"}, {Field: "form", Code: "searches_full"},
		{Field: "answer_file", Code: "too_long"}, {Field: "answer_file", Code: "faulty"}, {Field: "answer_file", Code: "stale"},
	} {
		if errorText(w, e) == unknown {
			t.Errorf("%s/%s has no text", e.Field, e.Code)
		}
	}
}

// The sentence about the gate follows what the card is, for the company and for the holder.
func TestGateText(t *testing.T) {
	w := i18n.For(i18n.Swedish)
	for _, tc := range []struct {
		name string
		card CardSummary
		want i18n.Key
	}{
		{"active", CardSummary{Kind: "standard", Status: "active", Effective: "active"}, "gate.works"},
		{"suspended", CardSummary{Kind: "standard", Status: "active", Effective: "suspended"}, "gate.suspended"},
		{"expired and blocked", CardSummary{Kind: "standard", Status: "blocked", Effective: "expired"}, "gate.expired"},
		{"produced", CardSummary{Kind: "standard", Status: "produced", Effective: "produced"}, "gate.not_activated"},
		{"visitor", CardSummary{Kind: "visitor", Status: "produced", Effective: "produced"}, "gate.visitor"},
		{"expired visitor", CardSummary{Kind: "visitor", Status: "produced", Effective: "expired"}, "gate.visitor"},
		{"terminated visitor", CardSummary{Kind: "visitor", Status: "terminated", Effective: "terminated"}, "gate.terminated"},
		{"ordered", CardSummary{Kind: "visitor", Status: "ordered", Effective: "ordered"}, "gate.not_produced"},
		{"cancelled", CardSummary{Kind: "standard", Status: "cancelled", Effective: "cancelled"}, "gate.cancelled"},
	} {
		if got := gateText(w, tc.card, false); got != w.T(tc.want) {
			t.Errorf("%s: %q, want %s", tc.name, got, tc.want)
		}
	}
}
