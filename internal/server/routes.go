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
		r.Get("/", s.member(s.showStart))
		r.Get("/login", s.anyone(s.showLogin))
		r.Post("/login", s.anyone(s.logIn))
		r.Get("/welcome", s.member(s.welcome))
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
		r.Get("/cards/{id}", s.keeper(s.showCard))
		r.Get("/cards/{id}/{action}", s.keeper(s.askAction))
		r.Post("/cards/{id}/{action}", s.keeper(s.takeAction))

		r.Get("/messages", s.keeper(s.showMessages))
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

		r.Get("/my-cards", s.member(s.showMyCards))
		r.Get("/my-cards/{id}", s.member(s.showMyCard))
		r.Get("/my-cards/{id}/pin", s.member(s.askPIN))
		r.Post("/my-cards/{id}/pin", s.member(s.showPIN))
		r.Get("/my-cards/{id}/{action}", s.member(s.askMyAction))
		r.Post("/my-cards/{id}/{action}", s.member(s.takeMyAction))

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
