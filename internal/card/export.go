package card

import (
	"time"

	"kortportal/internal/account"
)

// Format is what a list of cards is written as.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Export is what somebody wants of the cards that a search finds.
type Export struct {
	Format          Format
	PersonalNumbers bool   // whole ones; else masked, as on the pages
	Purpose         string // what they are needed for
}

// ExportRow is a card in a list, with the whole identity number where it was asked for.
type ExportRow struct {
	Row
	Identity account.Identity
}

// MadeExport is a list that was taken out of the portal.
type MadeExport struct {
	By              Name
	At              time.Time
	Format          Format
	PersonalNumbers bool
	Purpose         string
	Rows            int  // of an export that was ended
	Ended           bool // false for one that is under way or broke off
}
