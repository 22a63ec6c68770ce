package card

import (
	"time"

	"kortportal/internal/account"
)

// DeputyID identifies a time for which somebody is a deputy.
type DeputyID int64

// NewDeputy names one orderer to act in another's place, from one day to another, both included.
type NewDeputy struct {
	Orderer, Deputy account.PersonID
	First, Last     time.Time
}

// Deputy is a time for which one orderer acts in another's place.
type Deputy struct {
	ID          DeputyID
	OrdererID   account.PersonID
	DeputyID    account.PersonID
	Orderer     Name
	Deputy      Name
	First, Last time.Time // days, both included
	By          Name      // who named the deputy
	Now         bool      // today is one of the days
}
