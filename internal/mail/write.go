package mail

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"kortportal/internal/i18n"
	"kortportal/internal/messages"
	"kortportal/web/view"
)

// Write puts a letter into words, in the receiver's language. portal is where the links in it lead. A card's number goes to its holder alone, without
// its last six digits: whoever reads the mail must not seem to have the card at hand.
func Write(ctx context.Context, l messages.Letter, portal *url.URL) (Message, error) {
	v := view.Mail{
		Words: i18n.For(i18n.Lang(l.Language)), Template: string(l.Template), Name: l.Name, Company: l.Data.Company, Holder: l.Data.Holder,
		CardNumber: l.Data.CardNumber.WithoutLastSix(), Reason: string(l.Data.Reason), Until: l.Link.Expires,
		Cards: l.Data.Cards, Orderer: l.Data.Orderer, Plans: l.Data.Plans,
	}
	to := portal.JoinPath(path(l))
	if l.Template == messages.CardsTakenOver {
		to.RawQuery = fmt.Sprintf("orderer=%d", l.Person)
	}
	v.Link = to.String()
	if l.Data.LastDay != "" {
		day, err := time.Parse(time.DateOnly, l.Data.LastDay)
		if err != nil {
			return Message{}, fmt.Errorf("mail: the last day of message %d cannot be read", l.ID)
		}
		v.LastDay = day
	}
	for _, e := range l.Data.Expiring {
		v.Expiring = append(v.Expiring, view.MailExpiring{Step: string(e.Step), Cards: e.Cards})
	}
	var html strings.Builder
	if err := view.MailPage(v).Render(ctx, &html); err != nil {
		return Message{}, fmt.Errorf("mail: write message %d: %w", l.ID, err)
	}
	return Message{
		ID: fmt.Sprintf("message.%d@%s", l.ID, portal.Hostname()), To: string(l.Email), Subject: v.Subject(), Text: v.Text(), HTML: html.String(),
	}, nil
}

// path is where the mail's link leads: the personal one, the list of expiring cards, of what is planned or of all cards, the start, or the page of the card as the receiver sees it.
func path(l messages.Letter) string {
	switch {
	case l.Link.Token != "":
		return l.Link.Path()
	case l.Template == messages.CardsExpire:
		return "/expiring"
	case l.Template == messages.PlansRefused:
		return "/planned"
	case l.Template == messages.CardsHandedOver, l.Template == messages.CardsTakenOver:
		return "/cards"
	case l.Template == messages.JoinedCompany:
		return "/switch"
	case l.Card == 0:
		return "/account"
	case l.Own:
		return fmt.Sprintf("/my-cards/%d", l.Card)
	}
	return fmt.Sprintf("/cards/%d", l.Card)
}
