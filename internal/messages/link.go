package messages

// Opened is a link that somebody has opened, with what its page tells.
type Opened struct {
	Grant
	Company  string // the name of the company that asks; empty when none does
	Language string // of the mail: sv or en
	HasLogin bool   // the person has a login already
}

// Choice is a password that somebody chooses by a link.
type Choice struct {
	Token    Token
	Password string
	// Address is the network address it comes from, as of account.Attempt.
	Address string
}
