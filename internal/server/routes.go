package server

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"kortportal/internal/messages"
	"kortportal/web/static"
)

// routes lists every address of the portal. GET changes nothing anywhere.
func (s *Server) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(s.logRequests, s.recoverPanics, s.setHeaders, middleware.GetHead)
	r.Get("/livez", s.livez)
	r.Get("/readyz", s.readyz)
	r.Method(http.MethodGet, "/static/{name}", static.Handler())

	r.Group(func(r chi.Router) {
		r.Use(s.forbidCrossOrigin, compress(), s.loadSession)
		r.Get("/", s.member(s.begin))
		r.Get("/start", s.member(s.showStart))
		r.Get("/login", s.anyone(s.showLogin))
		r.Post("/login", s.anyone(s.logIn))
		r.Get("/welcome", s.member(s.welcome))
		r.Get(resumePath, s.member(s.resume))
		r.Post("/language", s.anyone(s.chooseLanguage))
		r.Get("/help", s.anyone(s.showHelp))
		r.Post("/logout", s.anyone(s.logOut))
		r.Post("/logout-everywhere", s.member(s.logOutEverywhere))
		r.Get("/account", s.member(s.showAccount))
		r.Get("/account/email", s.member(s.askEmail))
		r.Post("/account/email", s.member(s.sendEmailLink))
		r.Get("/switch", s.member(s.showSwitch))
		r.Post("/switch", s.member(s.switchPlace))

		// Behind the links in mails: GET looks at the link, POST uses it.
		r.Get("/approve/{token}", s.anyone(s.showInvitation(messages.Approve)))
		r.Post("/approve/{token}", s.anyone(s.acceptInvitation(messages.Approve)))
		r.Get("/invite/{token}", s.anyone(s.showInvitation(messages.Invite)))
		r.Post("/invite/{token}", s.anyone(s.acceptInvitation(messages.Invite)))
		r.Get("/forgot-password", s.anyone(s.showForgotten))
		r.Post("/forgot-password", s.anyone(s.sendReset))
		r.Get("/reset-password/{token}", s.anyone(s.showReset))
		r.Post("/reset-password/{token}", s.anyone(s.resetPassword))
		r.Get("/change-email/{token}", s.anyone(s.showConfirmEmail))
		r.Post("/change-email/{token}", s.anyone(s.confirmEmail))

		r.Get("/cards", s.member(s.searchCards))
		r.Post("/cards", s.member(s.postSearch))
		r.Get("/cards/export", s.keeper(s.askExport))
		r.Post("/cards/export", s.keeper(s.postExport))
		r.Get("/cards/{id}", s.keeper(s.showCard))
		r.Get("/cards/{id}/{action}", s.keeper(s.askAction))
		r.Post("/cards/{id}/{action}", s.keeper(s.takeAction))
		r.Get("/planned", s.keeper(s.showPlanned))
		r.Post("/cards/{id}/planned/{plan}", s.keeper(s.withdraw))
		r.Get("/company", s.administrator(s.showCompany))
		r.Post("/company", s.administrator(s.setCompany))

		r.Get("/clean-up", s.keeper(s.showCleanUp))
		r.Get("/saved-searches", s.keeper(s.showSearches))
		r.Get("/saved-searches/new", s.keeper(s.askSearchName))
		r.Post("/saved-searches/new", s.keeper(s.saveSearch))
		r.Post("/saved-searches/{id}", s.keeper(s.changeSearch))

		r.Get("/messages", s.keeper(s.showMessages))
		r.Post("/cards/{id}/resend", s.orderer(s.resend))
		if s.caught != nil {
			r.Get("/dev/mail", s.anyone(s.showDevMails))
			r.Get("/dev/mail/{name}", s.anyone(s.showDevMail))
			r.Get("/dev/mail/{name}/html", s.anyone(s.showDevMailHTML))
		}
		r.Get("/orders", s.keeper(s.showOrders))
		r.Get("/orders/new", s.orderer(s.startOrder))
		r.Post("/orders/new", s.orderer(s.postOrder))
		r.Get("/cards/{id}/correct", s.keeper(s.askCorrection))
		r.Post("/cards/{id}/correct", s.keeper(s.postCorrection))
		r.Get("/photos/{id}", s.member(s.showPhoto))
		r.Get("/orders/import", s.importer(s.askImport))
		r.Post("/orders/import", s.importer(s.readImport))
		r.Get("/orders/import/template.{format:csv|xlsx}", s.importer(s.showImportTemplate))
		r.Get("/orders/import/{id}", s.importer(s.showImport))
		r.Post("/orders/import/{id}", s.importer(s.applyImport))
		r.Get("/orders/import/{id}/faults.csv", s.importer(s.showImportFaults))
		r.Get("/expiring", s.keeper(s.showExpiring))
		r.Post("/expiring/renewals", s.orderer(s.chooseCards))
		r.Get("/expiring/renewals/{id}", s.orderer(s.showRenewal))
		r.Post("/expiring/renewals/{id}", s.orderer(s.applyRenewal))

		r.Post("/selections", s.keeper(s.selectTicked))
		r.Get("/selections/all", s.keeper(s.askAll))
		r.Post("/selections/all", s.keeper(s.selectAll))
		r.Get("/selections/paste", s.keeper(s.askPaste))
		r.Post("/selections/paste", s.keeper(s.paste))
		r.Post("/selections/pasted", s.keeper(s.selectPasted))
		r.Get("/selections/{id}", s.keeper(s.showSelection))
		r.Post("/selections/{id}", s.keeper(s.makePlan))
		r.Post("/selections/{id}/cards", s.keeper(s.changeSelection))
		r.Get("/plans/{id}", s.keeper(s.showPlan))
		r.Post("/plans/{id}", s.keeper(s.startRun))
		r.Post("/plans/{id}/instead", s.keeper(s.planInstead))
		r.Get("/runs", s.keeper(s.showRuns))
		r.Get("/runs/{id}", s.keeper(s.showRun))
		r.Get("/runs/{id}/receipt.{format:csv|xlsx}", s.keeper(s.downloadReceipt))
		r.Post("/runs/{id}/undo", s.keeper(s.undoRun))
		r.Post("/runs/{id}/retry", s.keeper(s.retryRun))
		r.Get("/users", s.administrator(s.showUsers))
		r.Get("/users/new", s.administrator(s.askInvitation))
		r.Post("/users/new", s.administrator(s.inviteUser))
		r.Get("/users/{id}", s.administrator(s.showUser))
		r.Post("/users/{id}/roles", s.administrator(s.changeRole))
		r.Post("/users/{id}/invitation", s.administrator(s.inviteAgain))
		r.Get("/users/{id}/hand-over", s.administrator(s.askHandOverAll))
		r.Post("/users/{id}/hand-over", s.administrator(s.handOverAll))
		r.Get("/users/{id}/remove", s.administrator(s.askRemoval))
		r.Post("/users/{id}/remove", s.administrator(s.removeUser))
		r.Get("/users/hand-overs/{hand_over}", s.administrator(s.showHandOver))
		r.Get("/users/{id}/deputy", s.keeper(s.askDeputy))
		r.Post("/users/{id}/deputy", s.keeper(s.nameDeputy))
		r.Post("/deputies/{deputy}/cancel", s.keeper(s.cancelDeputy))

		r.Get("/my-cards", s.member(s.showMyCards))
		r.Get("/my-cards/{id}", s.member(s.showMyCard))
		r.Get("/my-cards/{id}/pin", s.member(s.askPIN))
		r.Post("/my-cards/{id}/pin", s.member(s.showPIN))
		r.Get("/my-cards/{id}/photo", s.member(s.showOwnPhoto))
		r.Get("/my-cards/{id}/approve", s.member(s.askApproval))
		r.Post("/my-cards/{id}/approve", s.member(s.approve))
		r.Get("/my-cards/{id}/activate", s.member(s.askActivation))
		r.Post("/my-cards/{id}/activate", s.member(s.activate))
		r.Get("/my-cards/{id}/{action}", s.member(s.askMyAction))
		r.Post("/my-cards/{id}/{action}", s.member(s.takeMyAction))

		r.Get("/desk", s.clerk(s.showDesk))
		r.Get("/desk/review", s.clerk(s.reviewNext))
		r.Get("/desk/review/{id}", s.clerk(s.showReview))
		r.Post("/desk/review/{id}/{action}", s.clerk(s.decide))
		r.Get("/desk/photos/{id}", s.clerk(s.showOrderPhoto))
		r.Get("/desk/production", s.clerk(s.showProduction))
		r.Post("/desk/production", s.clerk(s.makeBatch))
		r.Get("/desk/production/{id}", s.clerk(s.showBatch))
		r.Get("/desk/production/{id}/cards.csv", s.clerk(s.downloadPrints))
		r.Get("/desk/production/{id}/cards.zip", s.clerk(s.downloadBatch))
		r.Get("/desk/production/{id}/delivery-notes", s.clerk(s.showDeliveryNotes))
		r.Post("/desk/production/{id}/answer", s.clerk(s.answerBatch))
		r.Get("/cards/{id}/claim", s.keeper(s.askClaim))
		r.Post("/cards/{id}/claim", s.keeper(s.makeClaim))
		r.Get("/my-cards/{id}/claim", s.member(s.askMyClaim))
		r.Post("/my-cards/{id}/claim", s.member(s.makeMyClaim))
		r.Get("/claims/{claim}/picture", s.keeper(s.showClaimPicture))
		r.Get("/my-claims/{claim}/picture", s.member(s.showMyClaimPicture))
		r.Get("/desk/claims", s.keeper(s.showOpenClaims))
		r.Get("/desk/claims/{claim}", s.keeper(s.showDeskClaim))
		r.Post("/desk/claims/{claim}", s.keeper(s.decideClaim))

		r.NotFound(s.anyone(func(visit, http.ResponseWriter, *http.Request) error { return errNotFound }))
		r.MethodNotAllowed(s.anyone(refuseMethod))
	})
	return r
}

// refuseMethod answers a method that the address does not have, and says which it has.
func refuseMethod(_ visit, w http.ResponseWriter, r *http.Request) error {
	routes := chi.RouteContext(r.Context()).Routes
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if routes.Match(chi.NewRouteContext(), method, r.URL.Path) {
			w.Header().Add("Allow", method)
			if method == http.MethodGet {
				w.Header().Add("Allow", http.MethodHead)
			}
		}
	}
	return errMethod
}
