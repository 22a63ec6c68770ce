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

// RelativeDate writes "i dag", "i går" or "i morgon" for the days around today, else LongDate. Today is any moment of that
// day by the clock that decides, the database's.
func (p *Printer) RelativeDate(t, today time.Time) string {
	if day, ok := p.nearDay(t, today); ok {
		return day
	}
	return p.LongDate(t)
}

// RelativeDateTime is RelativeDate with the time of day: i dag kl. 14.05; else DateTime.
func (p *Printer) RelativeDateTime(t, today time.Time) string {
	if day, ok := p.nearDay(t, today); ok {
		return day + p.words.beforeTime + p.Time(t)
	}
	return p.DateTime(t)
}

func (p *Printer) date(t time.Time, months *[12]string) string {
	year, month, day := t.In(stockholm()).Date()
	return strconv.Itoa(day) + " " + months[month-1] + " " + strconv.Itoa(year)
}

func (p *Printer) nearDay(t, today time.Time) (string, bool) {
	switch civilDay(t) - civilDay(today) {
	case -1:
		return p.words.yesterday, true
	case 0:
		return p.words.today, true
	case 1:
		return p.words.tomorrow, true
	}
	return "", false
}

// civilDay numbers the days of the calendar in Stockholm, where a day may have 23 or 25 hours.
func civilDay(t time.Time) int64 {
	year, month, day := t.In(stockholm()).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
