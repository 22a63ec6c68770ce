package view

import "kortportal/internal/i18n"

// roleWord names a role.
func roleWord(w *i18n.Printer, role string) string {
	switch role {
	case "administrator":
		return w.T("role.administrator")
	case "orderer":
		return w.T("role.orderer")
	case "holder":
		return w.T("role.holder")
	case "issuer":
		return w.T("role.issuer")
	case "reader":
		return w.T("role.reader")
	case "system":
		return w.T("role.system")
	}
	return role
}

// kindWord names a kind of card.
func kindWord(w *i18n.Printer, kind string) string {
	switch kind {
	case "standard":
		return w.T("kind.standard")
	case "visitor":
		return w.T("kind.visitor")
	}
	return kind
}

// actionWord is the verb of an action, as a button says it.
func actionWord(w *i18n.Printer, action string) string {
	switch action {
	case "order":
		return w.T("action.order")
	case "review":
		return w.T("action.review")
	case "reject":
		return w.T("action.reject")
	case "approve":
		return w.T("action.approve")
	case "decline":
		return w.T("action.decline")
	case "correct":
		return w.T("action.correct")
	case "cancel":
		return w.T("action.cancel")
	case "replace":
		return w.T("action.replace")
	case "produce":
		return w.T("action.produce")
	case "activate":
		return w.T("action.activate")
	case "block":
		return w.T("action.block")
	case "unblock":
		return w.T("action.unblock")
	case "terminate":
		return w.T("action.terminate")
	case "supersede":
		return w.T("action.supersede")
	case "hand_over":
		return w.T("action.hand_over")
	case "withdraw":
		return w.T("action.withdraw")
	}
	return action
}

// eventWord says that an action was taken.
func eventWord(w *i18n.Printer, action string) string {
	switch action {
	case "order":
		return w.T("event.order")
	case "review":
		return w.T("event.review")
	case "reject":
		return w.T("event.reject")
	case "approve":
		return w.T("event.approve")
	case "decline":
		return w.T("event.decline")
	case "correct":
		return w.T("event.correct")
	case "cancel":
		return w.T("event.cancel")
	case "produce":
		return w.T("event.produce")
	case "activate":
		return w.T("event.activate")
	case "block":
		return w.T("event.block")
	case "unblock":
		return w.T("event.unblock")
	case "terminate":
		return w.T("event.terminate")
	case "supersede":
		return w.T("event.supersede")
	case "hand_over":
		return w.T("event.hand_over")
	}
	return action
}

// reasonWord is a reason in words.
func reasonWord(w *i18n.Printer, reason string) string {
	switch reason {
	case "none":
		return w.T("card_action.reason_none")
	case "lost":
		return w.T("reason.lost")
	case "stolen":
		return w.T("reason.stolen")
	case "damaged":
		return w.T("reason.damaged")
	case "employment_ended":
		return w.T("reason.employment_ended")
	case "leave":
		return w.T("reason.leave")
	case "not_in_use":
		return w.T("reason.not_in_use")
	case "wrong_data":
		return w.T("reason.wrong_data")
	case "found":
		return w.T("reason.found")
	case "back_in_use":
		return w.T("reason.back_in_use")
	case "mistake":
		return w.T("reason.mistake")
	case "superseded":
		return w.T("reason.superseded")
	case "reclaimed":
		return w.T("reason.reclaimed")
	case "expires":
		return w.T("reason.expires")
	case "photo":
		return w.T("reason.photo")
	case "documents":
		return w.T("reason.documents")
	case "not_employed":
		return w.T("reason.not_employed")
	case "other":
		return w.T("reason.other")
	}
	return reason
}

// given reports whether a reason was given at all.
func given(reason string) bool { return reason != "" && reason != "none" }

func yesNo(w *i18n.Printer, yes bool) string {
	if yes {
		return w.T("layout.yes")
	}
	return w.T("layout.no")
}
