package i18n

import (
	"strconv"
	"time"
	_ "time/tzdata" // a small image has no time zones of its own
)

// All dates and times are shown in Europe/Stockholm. A calendar date held as midnight UTC, as the database driver returns
// it, stays that date, because Stockholm is never behind UTC.

// Date writes a date in digits: 2026-11-22, in both languages.
func (p *Printer) Date(t time.Time) string { return t.In(stockholm()).Format(time.DateOnly) }

// LongDate writes a date in words: 22 november 2026, 22 November 2026.
func (p *Printer) LongDate(t time.Time) string { return p.date(t, &p.words.months) }

// DateTime writes a moment: 22 nov 2026 kl. 14.05, 22 November 2026, 14:05.
func (p *Printer) DateTime(t time.Time) string {
	return p.date(t, &p.words.shortMonths) + p.words.beforeTime + p.Time(t)
}

// Time writes the time of day: 14.05, 14:05.
func (p *Printer) Time(t time.Time) string {
	t = t.In(stockholm())
	return twoDigits(t.Hour()) + p.words.timeSeparator + twoDigits(t.Minute())
}

func (p *Printer) date(t time.Time, months *[12]string) string {
	year, month, day := t.In(stockholm()).Date()
	return strconv.Itoa(day) + " " + months[month-1] + " " + strconv.Itoa(year)
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
