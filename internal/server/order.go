package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/web/view"
)

// orderStore takes orders, and knows what they begin with.
type orderStore interface {
	OrderStart(ctx context.Context, by account.Actor) (card.OrderStart, error)
	FindHolders(ctx context.Context, by account.Actor, query card.Query) ([]card.Holder, error)
	Holder(ctx context.Context, by account.Actor, person account.PersonID) (card.Holder, error)
	HolderByIdentity(ctx context.Context, by account.Actor, identity account.Identity) (card.Holder, error)
	Draft(ctx context.Context, by account.Actor, id card.ID) (card.Draft, error)
	Order(ctx context.Context, by account.Actor, o card.NewOrder) (card.ID, error)
	OrderVisitorCards(ctx context.Context, by account.Actor, o card.NewOrder, count int) ([]card.ID, error)
	Correct(ctx context.Context, by account.Actor, id card.ID, version int, o card.NewOrder) (newVersion int, err error)
	OpenOrders(ctx context.Context, by account.Actor, own bool, after card.Cursor) (card.OpenOrders, error)
	AddPicture(ctx context.Context, by account.Actor, p card.NewPicture) (card.PictureID, error)
	Picture(ctx context.Context, by account.Actor, id card.PictureID) ([]byte, error)
}

// ordering is an order on its way: what the form holds, and for whom and what it is.
type ordering struct {
	form     view.OrderForm
	holder   card.Holder      // somebody the company knows; zero for a new person
	identity account.Identity // of a new person
	card     card.Card        // whose order is corrected, or which is replaced; zero otherwise
	draft    card.Draft       // of that card
	start    card.OrderStart
}

// startOrder is the first page of an order: who is to have the card; or the form for visitor cards or for a replacement.
func (s *Server) startOrder(v visit, w http.ResponseWriter, r *http.Request) error {
	switch {
	case param(r, "kind") == string(card.Visitor):
		return s.askVisitorCards(v, w, r)
	case param(r, "replaces") != "":
		o, err := s.replacement(v, r, param(r, "replaces"))
		if err != nil {
			return err
		}
		if o.holder.Open != 0 {
			return s.answerOpenOrder(v, w, r, o)
		}
		o.form = formOf(o.draft)
		o.form.Replaces, o.form.Reason = int64(o.card.ID), param(r, "reason")
		o.giveReason()
		return s.showForm(v, w, r, http.StatusOK, o, nil)
	}
	return render(w, r, http.StatusOK, view.OrderHolderPage(view.OrderHolder{Layout: v.layout("/orders/new")}))
}

// postOrder takes each step of an order.
func (s *Server) postOrder(v visit, w http.ResponseWriter, r *http.Request) error {
	up, err := s.parsePhotoForm(w, r)
	if err != nil {
		return err
	}
	step := field(r, "step")
	switch {
	case field(r, "kind") == string(card.Visitor):
		return s.orderVisitorCards(v, w, r)
	case step == "find":
		return s.findHolders(v, w, r)
	}
	o, faults, err := s.whoseOrder(v, r)
	switch {
	case err != nil:
		return err
	case len(faults) > 0:
		p := view.OrderHolder{Layout: v.layout("/orders/new"), Form: o.form, Errors: faults}
		return render(w, r, http.StatusUnprocessableEntity, view.OrderHolderPage(p))
	case o.holder.Open != 0:
		return s.answerOpenOrder(v, w, r, o)
	case step == "holder":
		o.form = o.filledIn()
		return s.showForm(v, w, r, http.StatusOK, o, nil)
	}
	return s.continueOrder(v, w, r, o, up)
}

// findHolders searches among the people the company knows.
func (s *Server) findHolders(v visit, w http.ResponseWriter, r *http.Request) error {
	p := view.OrderHolder{Layout: v.layout("/orders/new"), Query: field(r, "q")}
	query, err := card.ParseQuery(p.Query, v.session.Now)
	switch {
	case p.Query == "":
		p.Errors = []view.FieldError{{Field: "q", Code: "required"}}
	case errors.Is(err, card.ErrQueryTooLong):
		p.Errors = []view.FieldError{{Field: "q", Code: "too_long"}}
	case errors.Is(err, card.ErrQueryPersonal):
		p.Errors = []view.FieldError{{Field: "q", Code: "personal"}}
	case err != nil:
		p.Errors = []view.FieldError{{Field: "q", Code: "invalid"}}
	}
	if len(p.Errors) > 0 {
		return render(w, r, http.StatusUnprocessableEntity, view.OrderHolderPage(p))
	}
	found, err := s.store.FindHolders(r.Context(), v.actor, query)
	if err != nil {
		return err
	}
	p.Searched = true
	for _, h := range found {
		p.Found = append(p.Found, orderPerson(h))
	}
	return render(w, r, http.StatusOK, view.OrderHolderPage(p))
}

func orderPerson(h card.Holder) view.OrderPerson {
	return view.OrderPerson{ID: int64(h.ID), Name: listName(h.Name), PersonalNumber: h.Identity, Open: int64(h.Open)}
}

// whoseOrder finds out whom the form is for: the holder of the card that is replaced, somebody the company knows, or whoever has the number.
func (s *Server) whoseOrder(v visit, r *http.Request) (o ordering, faults []view.FieldError, err error) {
	f := typedOrder(r)
	if replaces := field(r, "replaces"); replaces != "" {
		if o, err = s.replacement(v, r, replaces); err != nil {
			return o, nil, err
		}
		f.Replaces = int64(o.card.ID)
		o.form = f
		o.giveReason()
		return o, nil, nil
	}
	o.form = f
	if o.start, err = s.store.OrderStart(r.Context(), v.actor); err != nil {
		return o, nil, err
	}
	if f.Holder != 0 {
		o.holder, err = s.store.Holder(r.Context(), v.actor, account.PersonID(f.Holder))
		return o, nil, err
	}
	if o.identity, faults = readIdentity(f, v); len(faults) > 0 {
		return o, faults, nil
	}
	o.holder, err = s.store.HolderByIdentity(r.Context(), v.actor, o.identity)
	if errors.Is(err, card.ErrNotFound) {
		err = nil
	}
	return o, nil, err
}

// replacement is an order of a card in another's place, which is for the same holder whatever the form says.
func (s *Server) replacement(v visit, r *http.Request, replaces string) (o ordering, err error) {
	id, err := strconv.ParseInt(replaces, 10, 64)
	if err != nil || id <= 0 {
		return o, errNotFound
	}
	if o.card, err = s.store.Card(r.Context(), v.actor, card.ID(id)); err != nil {
		return o, err
	}
	if o.draft, err = s.store.Draft(r.Context(), v.actor, card.ID(id)); err != nil {
		return o, err
	}
	if o.draft.Refusal != "" {
		return o, &notReplaceable{o.card, o.draft.Refusal}
	}
	if o.start, err = s.store.OrderStart(r.Context(), v.actor); err != nil {
		return o, err
	}
	if o.draft.DeliverTo == "" {
		o.draft.DeliverTo = o.start.DeliverTo
	}
	o.holder, err = s.store.Holder(r.Context(), v.actor, o.draft.Holder)
	return o, err
}

// giveReason: an accepted claim is why a card is replaced, whatever the form says.
func (o *ordering) giveReason() {
	if o.draft.Reclaimed {
		o.form.Reason = string(card.Reclaimed)
	}
}

// notReplaceable says by which rule a replacement cannot be ordered for a card.
type notReplaceable struct {
	card card.Card
	rule card.Rule
}

func (e *notReplaceable) Error() string {
	return "server: no replacement for the card: " + string(e.rule)
}

// orderer serves a page to somebody who orders cards for the company. Others there are told that it is not theirs to do.
func (s *Server) orderer(h handler) http.HandlerFunc {
	return s.keeper(func(v visit, w http.ResponseWriter, r *http.Request) error {
		switch {
		case v.actor.Company == 0:
			return errNotFound
		case !v.actor.Is(account.Orderer):
			return errForbidden
		}
		err := h(v, w, r)
		var not *notReplaceable
		if errors.As(err, &not) {
			return s.refuseReplacement(v, w, r, not)
		}
		return err
	})
}

// refuseReplacement shows the card, with why it cannot be replaced on top.
func (s *Server) refuseReplacement(v visit, w http.ResponseWriter, r *http.Request, not *notReplaceable) error {
	all, mails, err := s.store.CardPage(r.Context(), v.actor, not.card.ID)
	if err != nil {
		return err
	}
	p := v.companyCard(all, mails)
	refused := closedAction(not.card, replaceAction, not.rule)
	refused.Instead = ""
	p.Refused = &refused
	status := http.StatusConflict
	if refused.Why != "status" {
		status = http.StatusForbidden
	}
	return render(w, r, status, view.CardPage(p))
}

// replaceAction stands among a card's actions, and leads to an order.
const replaceAction card.Action = "replace"

// typedOrder is the form as it was posted.
func typedOrder(r *http.Request) view.OrderForm {
	return view.OrderForm{
		Kind: string(card.Standard), Holder: number(r, "holder"), Identity: field(r, "identity"), Number: field(r, "number"),
		Country: field(r, "country"), Given: field(r, "given_name"), Family: field(r, "family_name"), Citizenship: field(r, "citizenship"),
		Email: field(r, "holder_email"), Language: field(r, "language"), Reference: field(r, "reference"), DeliverTo: field(r, "deliver_to"),
		Photo: number(r, "photo_id"), Reason: field(r, "reason"),
	}
}

// number is a posted id, or zero.
func number(r *http.Request, name string) int64 {
	n, err := strconv.ParseInt(field(r, name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// readIdentity understands by what number a new person is known.
func readIdentity(f view.OrderForm, v visit) (account.Identity, []view.FieldError) {
	fault := func(field, code string) (account.Identity, []view.FieldError) {
		return account.Identity{}, []view.FieldError{{Field: field, Code: code}}
	}
	kind := account.IdentityKind(f.Identity)
	switch {
	case kind != account.PersonalNumberKind && kind != account.Passport && kind != account.NationalID:
		return fault("identity", "invalid")
	case f.Number == "":
		return fault("number", "required")
	case kind == account.PersonalNumberKind:
		n, err := account.ParsePersonalNumber(f.Number, v.session.Now)
		if err != nil {
			return fault("number", "personal")
		}
		return account.SwedishIdentity(n), nil
	case f.Country == "":
		return fault("country", "required")
	}
	parse := account.PassportIdentity
	if kind == account.NationalID {
		parse = account.NationalIdentity
	}
	identity, err := parse(f.Country, f.Number)
	if err != nil {
		return fault("number", "invalid")
	}
	return identity, nil
}

// filledIn is the form with what is known before anything is typed.
func (o ordering) filledIn() view.OrderForm {
	f, h := o.form, o.holder
	f.DeliverTo = o.start.DeliverTo
	if h.ID == 0 {
		if o.identity.Kind == account.PersonalNumberKind {
			f.Citizenship = "SE"
		} else if o.identity.Kind != account.CoordinationNumberKind {
			f.Citizenship = o.identity.Country
		}
		return f
	}
	f.Given, f.Family, f.Citizenship = h.Name.Given, h.Name.Family, h.Citizenship
	f.Email, f.Language, f.Photo = string(h.Email), h.Language, int64(h.Photo)
	return f
}

// formOf is the form with what a card's order says.
func formOf(d card.Draft) view.OrderForm {
	return view.OrderForm{
		Kind: string(d.Kind), Given: d.Name.Given, Family: d.Name.Family, Citizenship: d.Citizenship, Email: string(d.Email), Language: d.Language,
		Reference: d.Reference, DeliverTo: d.DeliverTo, Photo: int64(d.Photo),
	}
}

// showForm shows the form of an order, with what is wrong with it.
func (s *Server) showForm(v visit, w http.ResponseWriter, r *http.Request, status int, o ordering, faults []view.FieldError) error {
	return render(w, r, status, view.OrderPage(v.orderPage(o, faults)))
}

// orderPage has no language switch: leaving it would lose what was typed.
func (v visit) orderPage(o ordering, faults []view.FieldError) view.Order {
	p := view.Order{Layout: v.layout(""), Form: o.form, PersonalNumber: o.identity.Masked(), Errors: faults}
	if o.holder.ID != 0 {
		p.Holder, p.PersonalNumber = o.holder.Name.Full(), o.holder.Identity
		p.Known = o.form.Holder == 0
	}
	if o.card.ID != 0 {
		p.Card = summary(o.card)
		p.Reclaimed = o.draft.Reclaimed && o.form.Replaces != 0
		p.Pays = o.pays()
	}
	return p
}

// pays says who pays for a card that replaces another; nothing of others. Until the reason is chosen it is whoever pays for all that are offered.
func (o ordering) pays() string {
	if o.form.CardID != 0 {
		return string(o.draft.Pays)
	}
	if o.form.Replaces == 0 {
		return ""
	}
	return string(o.start.Pays[card.Reason(cmp.Or(o.form.Reason, view.ReplaceReasons()[0]))])
}

// answerOpenOrder says that the person has an order already, and leads to it.
func (s *Server) answerOpenOrder(v visit, w http.ResponseWriter, r *http.Request, o ordering) error {
	person := orderPerson(o.holder)
	person.Name = o.holder.Name.Full()
	p := view.OrderHolder{Layout: v.layout("/orders/new"), Open: &person}
	return render(w, r, http.StatusConflict, view.OrderHolderPage(p))
}

// continueOrder takes the form of an order, whether new or corrected, to its next page.
func (s *Server) continueOrder(v visit, w http.ResponseWriter, r *http.Request, o ordering, up upload) error {
	step := field(r, "step")
	if step == "known_name" && o.holder.ID != 0 {
		o.form.Given, o.form.Family = o.holder.Name.Given, o.holder.Name.Family
	}
	do, faults, err := s.understandOrder(v, r, &o, up)
	switch {
	case err != nil:
		return err
	case step == "edit":
		return s.showForm(v, w, r, http.StatusOK, o, nil)
	case len(faults) > 0:
		return s.showForm(v, w, r, http.StatusUnprocessableEntity, o, faults)
	case step != "order":
		return render(w, r, http.StatusOK, view.OrderPreviewPage(v.preview(o)))
	case o.form.CardID != 0:
		return s.correct(v, w, r, o, do)
	}
	id, err := s.store.Order(r.Context(), v.actor, do)
	switch {
	case errors.Is(err, card.ErrOpenOrder):
		return s.answerNewlyOpen(v, w, r, o)
	case err != nil:
		return s.answerOrderFault(v, w, r, o, err)
	}
	return redirect(w, r, "/cards/"+strconv.FormatInt(int64(id), 10)+"?receipt=1")
}

// answerNewlyOpen is answerOpenOrder for an order that came between the form and its answer.
func (s *Server) answerNewlyOpen(v visit, w http.ResponseWriter, r *http.Request, o ordering) error {
	var err error
	if o.holder.ID != 0 {
		o.holder, err = s.store.Holder(r.Context(), v.actor, o.holder.ID)
	} else {
		o.holder, err = s.store.HolderByIdentity(r.Context(), v.actor, o.identity)
	}
	if err != nil {
		return err
	}
	return s.answerOpenOrder(v, w, r, o)
}

// answerOrderFault turns a rule that refused what is ordered into an error beside its field.
func (s *Server) answerOrderFault(v visit, w http.ResponseWriter, r *http.Request, o ordering, err error) error {
	if fault, ok := orderFault(err); ok {
		if fault.Field == "photo" {
			o.form.Photo = 0 // nothing to show or to order with any more
		}
		return s.showForm(v, w, r, http.StatusUnprocessableEntity, o, []view.FieldError{fault})
	}
	if errors.Is(err, card.ErrNotAllowed) {
		return errForbidden // the role was lost meanwhile
	}
	return err
}

// orderFault is the field that a rule about an order speaks of.
func orderFault(err error) (view.FieldError, bool) {
	var refused *card.Refused
	if !errors.As(err, &refused) {
		return view.FieldError{}, false
	}
	fault := func(field, code string) (view.FieldError, bool) {
		return view.FieldError{Field: field, Code: code}, true
	}
	switch refused.Rule {
	case "card_orders_given_name_length", "persons_given_name_length":
		return fault("given_name", "too_long")
	case "card_orders_family_name_length", "persons_family_name_length":
		return fault("family_name", "too_long")
	case "card_orders_given_name_no_number":
		return fault("given_name", "personal")
	case "card_orders_family_name_no_number":
		return fault("family_name", "personal")
	case "card_orders_citizenship_format":
		return fault("citizenship", "invalid")
	case "card_orders_email_format":
		return fault("holder_email", "invalid")
	case "card_orders_language_known":
		return fault("language", "invalid")
	case "card_orders_reference_length":
		return fault("reference", "too_long")
	case "card_orders_deliver_to_length":
		return fault("deliver_to", "too_long")
	case "card_orders_replace_reason_known":
		return fault("reason", "invalid")
	case card.RuleRenewedOnce:
		return fault("reason", "renewed")
	case "card_orders_photo", "card_orders_photo_there":
		return fault("photo", "gone")
	}
	return view.FieldError{}, false
}

// understandOrder reads the form; what is wrong with it stands beside its fields. A photo that came with it is kept even then.
func (s *Server) understandOrder(v visit, r *http.Request, o *ordering, up upload) (do card.NewOrder, faults []view.FieldError, err error) {
	f := &o.form
	fault := func(field, code string) { faults = append(faults, view.FieldError{Field: field, Code: code}) }
	do = card.NewOrder{
		Kind: card.Kind(f.Kind), Holder: o.holder.ID, Identity: o.identity, Name: card.Name{Given: f.Given, Family: f.Family}, Language: f.Language,
		Reference: f.Reference, DeliverTo: f.DeliverTo, Replaces: card.ID(f.Replaces), ReplaceReason: card.Reason(f.Reason),
	}
	if f.CardID != 0 { // what it replaces is no matter of a correction
		do.Replaces, do.ReplaceReason = o.draft.Replaces, o.draft.ReplaceReason
	} else if f.Replaces != 0 && !o.draft.Reclaimed && !slices.Contains(view.ReplaceReasons(), f.Reason) {
		fault("reason", requiredOr("invalid", f.Reason))
	}
	if do.Kind == card.Standard {
		if f.Given == "" {
			fault("given_name", "required")
		}
		if f.Family == "" {
			fault("family_name", "required")
		}
		var ok bool
		if do.Citizenship, ok = account.ParseCountry(f.Citizenship); !ok {
			fault("citizenship", "required")
		}
		if do.Email, err = account.ParseEmail(f.Email); err != nil {
			fault("holder_email", requiredOr("invalid", f.Email))
		}
		if f.Language != "sv" && f.Language != "en" {
			fault("language", "invalid")
		}
	} else {
		do.Language = "sv" // nobody is written to
	}
	if f.DeliverTo == "" {
		fault("deliver_to", "required")
	}
	if do.Kind == card.Standard {
		code, err := s.understandPhoto(v, r, f, up)
		if err != nil {
			return do, nil, err
		}
		if code != "" {
			fault("photo", code)
		}
		do.Photo = card.PictureID(f.Photo)
	}
	return do, faults, nil
}

// understandPhoto keeps the photo that came with the form, or looks whether the one that came before is there and the company's own. The
// code says what is wrong; empty when nothing is.
func (s *Server) understandPhoto(v visit, r *http.Request, f *view.OrderForm, up upload) (code string, err error) {
	if up.given && up.fault == "" {
		id, err := s.store.AddPicture(r.Context(), v.actor, card.NewPicture{Purpose: "photo", JPEG: up.photo.Card, Width: 630, Height: 810})
		f.Photo = int64(id)
		return "", err
	}
	if f.Photo != 0 {
		_, err := s.store.Picture(r.Context(), v.actor, card.PictureID(f.Photo))
		if errors.Is(err, card.ErrNotFound) {
			f.Photo, code, err = 0, "gone", nil
		}
		if err != nil {
			return "", err
		}
	} else {
		code = "required"
	}
	if up.given {
		code = up.fault
	}
	return code, nil
}

// preview shows the card as it would be.
func (v visit) preview(o ordering) view.OrderPreview {
	name := card.Name{Given: o.form.Given, Family: o.form.Family}
	p := view.OrderPreview{Layout: v.layout(""), Form: o.form, Pays: o.pays(), Card: view.CardSummary{
		Kind: o.form.Kind, Holder: name.Full(), PersonalNumber: o.identity.Masked(), Company: o.start.Company, OrgNumber: o.start.OrgNumber,
		Photo: photoAddress(card.PictureID(o.form.Photo)),
	}}
	if o.holder.ID != 0 {
		p.Card.PersonalNumber = o.holder.Identity
		if o.holder.Name != name && o.form.CardID == 0 {
			p.Known = o.holder.Name.Full()
		}
	}
	return p
}

func photoAddress(id card.PictureID) string {
	if id == 0 {
		return ""
	}
	return "/photos/" + strconv.FormatInt(int64(id), 10)
}
