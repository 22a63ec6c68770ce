package card

// ImportID names orders that were read from a spreadsheet and wait for their orderer to confirm them.
type ImportID int64

// ImportMode says what becomes of a spreadsheet in which a row is refused.
type ImportMode string

// The modes.
const (
	AllOrNothing ImportMode = "all"  // then nothing is ordered
	OnlyGood     ImportMode = "good" // the other rows are ordered
)

// Column is a column of a spreadsheet of orders.
type Column string

// The columns, in the order of the template.
const (
	ColumnPersonalNumber  Column = "personal_number"
	ColumnPassportCountry Column = "passport_country"
	ColumnPassportNumber  Column = "passport_number"
	ColumnGivenName       Column = "given_name"
	ColumnFamilyName      Column = "family_name"
	ColumnCitizenship     Column = "citizenship"
	ColumnEmail           Column = "email"
	ColumnLanguage        Column = "language"
	ColumnReference       Column = "reference"
	ColumnDeliverTo       Column = "deliver_to"
)

// FaultCode says how a cell is wrongly written.
type FaultCode string

// The codes.
const (
	FaultEmpty   FaultCode = "empty"   // where something is needed
	FaultInvalid FaultCode = "invalid" // not what the column holds
	FaultShort   FaultCode = "short"   // a number that lacks digits: a program took the zeros in front for superfluous
	FaultRounded FaultCode = "rounded" // a number of which a program kept the first digits only
	FaultFormula FaultCode = "formula" // the error of a formula instead of its value
)

// RowFault is what keeps a row of a spreadsheet from being ordered: how a cell is written, or the rule that refuses the order.
type RowFault struct {
	Column Column // of Code
	Code   FaultCode
	Rule   Rule
	Twin   int // the row that orders for the same person already, or zero
}

// ImportRow is one row of a spreadsheet of orders.
type ImportRow struct {
	Row    int // as spreadsheet programs count: the first line is 1
	Order  NewOrder
	Faults []RowFault // the order can be made when there are none
}

// NewImport is a spreadsheet as it was read.
type NewImport struct {
	Rows    []ImportRow
	Ignored []string // names of columns that say nothing to an order
}

// Import is a spreadsheet between its upload and an hour later.
type Import struct {
	NewImport // without rows once it was applied
	Applied   bool
	Made      int // orders, once it was applied
	LeftOut   int // rows, once it was applied
}

// Good is how many rows can be ordered.
func (n NewImport) Good() (good int) {
	for _, r := range n.Rows {
		if len(r.Faults) == 0 {
			good++
		}
	}
	return good
}
