package tools

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/places"
)

// winter is a moment at which no zone of the north has summer time.
func winter() time.Time { return time.Date(2026, 11, 21, 14, 44, 5, 678, time.UTC) }

func getTimeAt(now time.Time) Tool { return GetTime(Deps{Now: func() time.Time { return now }}) }

func TestGetTime(t *testing.T) {
	const (
		bengaluru = `{"time":"2026-11-21T20:14:05+05:30","weekday":"Saturday","timezone":"Asia/Kolkata","utc_offset":"+05:30","place":"Bengaluru, Karnataka, India"}`
		inBeng    = "The time in Bengaluru, Karnataka, India is 20:14:05 on Saturday, 21 November 2026 (Asia/Kolkata, UTC+05:30)."
		kolkata   = `{"time":"2026-11-21T20:14:05+05:30","weekday":"Saturday","timezone":"Asia/Kolkata","utc_offset":"+05:30"}`
		inKolkata = "The time in the time zone Asia/Kolkata is 20:14:05 on Saturday, 21 November 2026 (UTC+05:30)."
		utc       = `{"time":"2026-11-21T14:44:05Z","weekday":"Saturday","timezone":"UTC","utc_offset":"+00:00"}`
		atServer  = "The time at the server is 14:44:05 on Saturday, 21 November 2026 (UTC, UTC+00:00)."
		inUTC     = "The time in the time zone UTC is 14:44:05 on Saturday, 21 November 2026 (UTC+00:00)."
	)
	tests := []struct {
		name, arguments, words, want string
	}{
		{"a city", `{"city":"Bengaluru"}`, inBeng, bengaluru},
		{"by its old name", `{"city":"Bangalore"}`, inBeng, bengaluru},
		{"with space around it", `{"city":" bengaluru\n"}`, inBeng, bengaluru},
		{"where the zone belongs", `{"timezone":"Bengaluru"}`, inBeng, bengaluru},
		{"with its zone", `{"timezone":"Asia/Kolkata","city":"Bengaluru"}`, inBeng, bengaluru},
		{
			"with its state", `{"city":"Springfield, Illinois"}`,
			"The time in Springfield, Illinois, United States is 08:44:05 on Saturday, 21 November 2026 (America/Chicago, UTC-06:00).",
			`{"time":"2026-11-21T08:44:05-06:00","weekday":"Saturday","timezone":"America/Chicago","utc_offset":"-06:00","place":"Springfield, Illinois, United States"}`,
		},
		{
			"one of several, which most people mean", `{"city":"London"}`,
			"The time in London, England, United Kingdom is 14:44:05 on Saturday, 21 November 2026 (Europe/London, UTC+00:00).",
			`{"time":"2026-11-21T14:44:05Z","weekday":"Saturday","timezone":"Europe/London","utc_offset":"+00:00","place":"London, England, United Kingdom","others":["London, Ontario, Canada"]}`,
		},
		{
			"on the next day", `{"city":"Auckland"}`,
			"The time in Auckland, New Zealand is 03:44:05 on Sunday, 22 November 2026 (Pacific/Auckland, UTC+13:00).",
			`{"time":"2026-11-22T03:44:05+13:00","weekday":"Sunday","timezone":"Pacific/Auckland","utc_offset":"+13:00","place":"Auckland, New Zealand"}`,
		},
		{
			"a country with one time", `{"city":"India"}`,
			"The time in India is 20:14:05 on Saturday, 21 November 2026 (Asia/Kolkata, UTC+05:30).",
			strings.Replace(bengaluru, "Bengaluru, Karnataka, India", "India", 1),
		},
		{"a zone", `{"timezone":"Asia/Kolkata"}`, inKolkata, kolkata},
		{"in small letters", `{"timezone":"asia/kolkata"}`, inKolkata, kolkata},
		{"where the city belongs", `{"city":"Asia/Kolkata"}`, inKolkata, kolkata},
		{"UTC", `{"timezone":"UTC"}`, inUTC, utc},
		{"by its letter", `{"timezone":"z"}`, inUTC, utc},
		{"UTC where the city belongs", `{"city":"utc"}`, inUTC, utc},
		{"neither: the server's own", `{}`, atServer, utc},
		{"both empty", `{"timezone":"","city":" "}`, atServer, utc},
		{
			"a country with two zones and one clock", `{"city":"Malaysia"}`,
			"The time in Malaysia is 22:44:05 on Saturday, 21 November 2026 (Asia/Kuala_Lumpur, UTC+08:00).",
			`{"time":"2026-11-21T22:44:05+08:00","weekday":"Saturday","timezone":"Asia/Kuala_Lumpur","utc_offset":"+08:00","place":"Malaysia"}`,
		},
		{
			"a country with an island of another time", `{"city":"Ecuador"}`,
			"The time in most of Ecuador is 09:44:05 on Saturday, 21 November 2026 (America/Guayaquil, UTC-05:00).",
			`{"time":"2026-11-21T09:44:05-05:00","weekday":"Saturday","timezone":"America/Guayaquil","utc_offset":"-05:00","place":"most of Ecuador"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantSaid(t, getTimeAt(winter()), Caller{}, tt.arguments, tt.words, tt.want)
		})
	}
	t.Run("summer time", func(t *testing.T) {
		wantSaid(t, getTimeAt(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)), Caller{}, `{"timezone":"Europe/Berlin"}`,
			"The time in the time zone Europe/Berlin is 14:00:00 on Wednesday, 1 July 2026 (UTC+02:00).",
			`{"time":"2026-07-01T14:00:00+02:00","weekday":"Wednesday","timezone":"Europe/Berlin","utc_offset":"+02:00"}`)
	})
	t.Run("a server whose zone has no name", func(t *testing.T) {
		for _, name := range []string{"Local", "/usr/share/zoneinfo/Europe/Berlin", "CET-1CEST,M3.5.0", ""} {
			wantSaid(t, getTimeAt(winter().In(time.FixedZone(name, 3600))), Caller{}, `{}`,
				"The time at the server is 15:44:05 on Saturday, 21 November 2026 (Local, UTC+01:00).",
				`{"time":"2026-11-21T15:44:05+01:00","weekday":"Saturday","timezone":"Local","utc_offset":"+01:00"}`)
		}
	})
}

func TestGetTimeRefuses(t *testing.T) {
	const springfields = `"Springfield" could be Springfield, Missouri, United States; Springfield, Massachusetts, United States; ` +
		`Springfield, Illinois, United States; Springfield, Oregon, United States; Springfield, Ohio, United States and 3 more`
	tests := []struct {
		name, arguments, want string
	}{
		{"an ambiguous city", `{"city":"Springfield"}`, springfields},
		{"an unknown city", `{"city":"Nowhereville"}`, `"Nowhereville" is no known city of 15,000 people or more`},
		{"a city where the zone's own folder would be", `{"timezone":"America/San Francisco"}`, `"America/San Francisco" is not an IANA time zone: did you mean America/Los_Angeles?`},
		{"an old name in a zone", `{"timezone":"Asia/Bangalore"}`, `"Asia/Bangalore" is not an IANA time zone: did you mean Asia/Kolkata?`},
		{"a zone of nowhere", `{"timezone":"Mars/Olympus"}`, `"Mars/Olympus" is not an IANA time zone; they look like Asia/Kolkata. Or name a city`},
		{"letters that are several zones", `{"timezone":"IST"}`, `"IST" is not an IANA time zone: did you mean Asia/Kolkata or Asia/Jerusalem or Europe/Dublin?`},
		{"the same where the city belongs", `{"city":"pst"}`, `"pst" is not an IANA time zone: did you mean America/Los_Angeles or Asia/Manila?`},
		{"an offset", `{"timezone":"UTC+5:30"}`, `"UTC+5:30" is an offset: name an IANA time zone, such as Asia/Kolkata, or a city`},
		{"a path", `{"timezone":"../../etc/passwd"}`, `"../../etc/passwd" is not an IANA time zone; they look like Asia/Kolkata. Or name a city`},
		{"what lies beside the zones", `{"timezone":"posix/Asia/Kolkata"}`, `"posix/Asia/Kolkata" is not an IANA time zone: did you mean Asia/Kolkata?`},
		{"the server's own by a name", `{"timezone":"Local"}`, `"Local" is no known city of 15,000 people or more; similar: Losal, Rajasthan, India`},
		{"a zone and a city of another", `{"timezone":"Europe/Paris","city":"Mumbai"}`, `"Mumbai" is in the time zone Asia/Kolkata, not in Europe/Paris: give the one or the other`},
		{"a zone and an unknown city", `{"timezone":"Europe/Paris","city":"Nowhereville"}`, `"Nowhereville" is no known city of 15,000 people or more`},
		{"an unknown zone and a city", `{"timezone":"Mars/Olympus","city":"Paris"}`, `"Mars/Olympus" is not an IANA time zone; they look like Asia/Kolkata. Or name a city`},
		{
			"a country with several times", `{"city":"Australia"}`,
			`"Australia" has several time zones: name a city, such as Sydney, New South Wales, Australia or Melbourne, Victoria, Australia or ` +
				`Brisbane, Queensland, Australia or Perth, Western Australia, Australia or Adelaide, South Australia, Australia, or a time zone, such as ` +
				`Australia/Sydney or Australia/Melbourne or Australia/Brisbane or Australia/Perth or Australia/Adelaide`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantShownError(t, getTimeAt(winter()), tt.arguments, tt.want)
		})
	}
	t.Run("a name without end", func(t *testing.T) {
		for _, field := range []string{"timezone", "city"} {
			result, err := getTimeAt(winter()).Call(t.Context(), Caller{}, raw(fmt.Sprintf(`{%q:%q}`, field, strings.Repeat("x/", 100_000))))
			if err != nil || !result.IsError || len(onlyText(t, result)) > 2*maxErrorBytes {
				t.Errorf("%s: %d bytes, %v", field, len(onlyText(t, result)), err)
			}
		}
	})
}

// Each alternative that an answer offers is found when it is given back.
func TestGetTimeOffersWhatItTakes(t *testing.T) {
	for letters, zones := range zoneAbbreviations {
		for _, zone := range zones {
			if _, ok := loadZone(zone); !ok {
				t.Errorf("%s offers %s, which is no zone", letters, zone)
			}
		}
		if _, ok := loadZone(letters); ok {
			t.Errorf("%s is a zone of its own", letters)
		}
	}
	for _, country := range zonesWithoutCity {
		if name, _, ok := places.Load().ZonesOfCountry(country); !ok || name != country {
			t.Errorf("%s is no country of the table", country)
		}
	}
	for _, zone := range places.Load().Zones() {
		if _, ok := loadZone(zone); !ok {
			t.Errorf("the zone %s of the table is unknown", zone)
		}
	}
}
