package i18n

// words are what a language needs for writing dates, times and numbers.
type words struct {
	months, shortMonths       [12]string
	beforeTime, timeSeparator string
	group, decimal, minus     string
	beforeAmount, afterAmount string
}

const (
	noBreakSpace = "\u00a0"
	minusSign    = "\u2212"
)

func swedishWords() *words {
	return &words{
		months: [12]string{
			"januari", "februari", "mars", "april", "maj", "juni",
			"juli", "augusti", "september", "oktober", "november", "december",
		},
		shortMonths: [12]string{"jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"},
		beforeTime:  " kl." + noBreakSpace, timeSeparator: ".",
		group: noBreakSpace, decimal: ",", minus: minusSign,
		afterAmount: noBreakSpace + "kr",
	}
}

func englishWords() *words {
	months := [12]string{
		"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December",
	}
	return &words{
		months: months, shortMonths: months,
		beforeTime: ", ", timeSeparator: ":",
		group: ",", decimal: ".", minus: "-",
		beforeAmount: "SEK" + noBreakSpace,
	}
}
