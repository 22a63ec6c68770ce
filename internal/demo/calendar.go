package demo

import (
	"time"
	_ "time/tzdata" // the country has one time zone, the machine may have none
)

// day counts from 1970-01-01.
type day int32

// moment is a local time in Sweden, in seconds from 1970-01-01 00:00 local time.
type moment int64

const daySeconds = 24 * 60 * 60

func (m moment) day() day { return day(m / daySeconds) }

func (d day) at(hour, minute, second int) moment {
	return moment(d)*daySeconds + moment(hour*3600+minute*60+second)
}

func (d day) date() time.Time { return time.Unix(int64(d)*daySeconds, 0).UTC() }

func dayOf(t time.Time) day { return day(t.Unix() / daySeconds) }

// workday is the day itself or the Monday after a weekend.
func (d day) workday() day {
	switch (d + 4) % 7 { // 1970-01-01 was a Thursday
	case 6:
		return d + 2
	case 0:
		return d + 1
	}
	return d
}

// lastWorkday is the day itself or the Friday before a weekend.
func (d day) lastWorkday() day {
	switch (d + 4) % 7 {
	case 6:
		return d - 1
	case 0:
		return d - 2
	}
	return d
}

// historyDays is how far back the oldest event can lie.
const historyDays = 5000

// calendar turns local times into UTC. The hours in which the clocks change hold no events.
type calendar struct {
	first   day
	offsets []int32
}

func newCalendar(today day) (calendar, error) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return calendar{}, err
	}
	c := calendar{first: today - historyDays}
	for d := c.first; d <= today; d++ {
		y, m, dd := d.date().Date()
		_, offset := time.Date(y, m, dd, 12, 0, 0, 0, zone).Zone()
		c.offsets = append(c.offsets, int32(offset))
	}
	return c, nil
}

// unix is the moment in seconds since 1970-01-01 UTC.
func (c calendar) unix(m moment) int64 {
	return int64(m) - int64(c.offsets[m.day()-c.first])
}

func (c calendar) time(m moment) time.Time { return time.Unix(c.unix(m), 0).UTC() }
