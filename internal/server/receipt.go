package server

import (
	"net/http"

	"kortportal/internal/account"
	"kortportal/web/view"
)

// receiptCookie carries, over the redirect that follows a POST, the receipt of what no card tells. It needs no session, so it reaches
// the login page too, and no link can make it up. It is gone with the next page.
const receiptCookie = "__Host-receipt"

// receiptSeconds is how long a receipt waits for its page.
const receiptSeconds = 60

// What such a receipt may tell.
const (
	receiptOrderVisitors    = "order_visitors"
	receiptSwitch           = "switch"
	receiptLanguage         = "language"
	receiptLogout           = "logout"
	receiptLogoutEverywhere = "logout_everywhere"
	receiptClaim            = "claim"
	receiptClaimAccepted    = "claim_accepted"
	receiptClaimDeclined    = "claim_declined"
	receiptResent           = "resent"
	receiptResentAlready    = "resent_already"
	receiptNotWaitedFor     = "resend_not_waited_for"
	receiptNoAddress        = "resend_no_address"
	receiptForgotten        = "forgotten"
	receiptPasswordReset    = "password_reset"
	receiptEmailAsked       = "email_asked"
	receiptEmailChanged     = "email_changed"
	receiptPlanned          = "planned"
	receiptGrace            = "grace"
	receiptWithdrawn        = "withdrawn"
	receiptStaysBlocked     = "withdrawn_blocked"
	receiptCompany          = "company"
	receiptSearchSaved      = "search_saved"
	receiptSearchChanged    = "search_changed"
	receiptUserInvited      = "user_invited"
	receiptInvitedAgain     = "invited_again"
	receiptRoleGiven        = "role_given"
	receiptRoleTaken        = "role_taken"
	receiptUserRemoved      = "user_removed"
	receiptDeputyNamed      = "deputy_named"
	receiptDeputyCancelled  = "deputy_cancelled"
)

func sendReceipt(w http.ResponseWriter, code string) { setReceipt(w, code, receiptSeconds) }

// dropReceipt ends a receipt with the page that is being written.
func dropReceipt(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(receiptCookie); err == nil {
		setReceipt(w, "", -1)
	}
}

func setReceipt(w http.ResponseWriter, code string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: receiptCookie, Value: code, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: seconds,
	})
}

// sentReceipt is what the request brings along; nil when there is nothing to tell.
func (v visit) sentReceipt(r *http.Request) *view.Receipt {
	cookie, err := r.Cookie(receiptCookie)
	if err != nil {
		return nil
	}
	switch cookie.Value {
	case receiptOrderVisitors, receiptLanguage, receiptLogout, receiptLogoutEverywhere, receiptForgotten, receiptPasswordReset,
		receiptEmailAsked, receiptEmailChanged, receiptClaim, receiptClaimAccepted, receiptClaimDeclined,
		receiptResent, receiptResentAlready, receiptNotWaitedFor, receiptNoAddress, receiptUserInvited, receiptInvitedAgain,
		receiptRoleGiven, receiptRoleTaken, receiptUserRemoved, receiptDeputyNamed, receiptDeputyCancelled,
		receiptPlanned, receiptGrace, receiptWithdrawn, receiptStaysBlocked, receiptCompany, receiptSearchSaved, receiptSearchChanged:
		return &view.Receipt{Code: cookie.Value}
	case receiptSwitch:
		if len(v.actor.Roles) > 0 { // else the place has been lost meanwhile
			return &view.Receipt{Code: cookie.Value}
		}
	}
	return nil
}

// switched reports whether a session has moved from one place to another: to choose the first is no switch.
func switched(from, to account.Session) bool {
	return from.Place != "" && (from.Place != to.Place || from.Company != to.Company)
}
