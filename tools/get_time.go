package tools

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the image has no zone files

	"mcp-resource-server/internal/places"
)

// GetTimeInput is what get_time takes.
type GetTimeInput struct {
	Timezone string `json:"timezone,omitempty" jsonschema:"an IANA time zone, such as Asia/Kolkata"`
	City     string `json:"city,omitempty" jsonschema:"a city, alone or with its region or country: Bengaluru, or Springfield, Illinois, or Paris, France"`
}

// GetTimeOutput is what get_time gives.
type GetTimeOutput struct {
	Time      time.Time `json:"time" jsonschema:"the current time there, RFC 3339 with the zone's offset"`
	Weekday   string    `json:"weekday" jsonschema:"the day of the week there, in English"`
	Timezone  string    `json:"timezone" jsonschema:"the IANA time zone; Local for the server's own where that has no name"`
	UTCOffset string    `json:"utc_offset" jsonschema:"the offset from UTC that holds there now, such as +05:30"`
	Place     string    `json:"place,omitempty" jsonschema:"the place that was found, with its region and country"`
	Others    []string  `json:"others,omitempty" jsonschema:"other places of this name, less known; ask with one of these texts to get theirs"`

	server bool // neither a zone nor a place was asked for
}

// Words says the time and where it is that.
func (o GetTimeOutput) Words() string {
	where, zone := "in the time zone "+o.Timezone, ""
	switch {
	case o.Place != "":
		where, zone = "in "+o.Place, o.Timezone+", "
	case o.server:
		where, zone = "at the server", o.Timezone+", "
	}
	return fmt.Sprintf("The time %s is %s (%sUTC%s).", where, o.Time.Format("15:04:05 on Monday, 2 January 2006"), zone, o.UTCOffset)
}

// localZone is what package time calls a zone whose name it was not told.
const localZone = "Local"

// GetTime returns the tool get_time.
func GetTime(d Deps) Tool {
	return Define("get_time", Options{
		Title: "Current time",
		Description: "Tells the current date and time in a city or in an IANA time zone; without either, the server's own. " +
			"A city whose name is ambiguous or unknown gets an answer that names the alternatives: ask again with one of them.",
		Annotations: Annotations{ReadOnly: true, Closed: true},
		Icons:       ownIcon("get_time"),
	}, func(_ context.Context, _ Caller, in GetTimeInput) (GetTimeOutput, error) {
		now := d.Now()
		w, err := findZone(now, strings.TrimSpace(in.Timezone), strings.TrimSpace(in.City))
		if err != nil {
			return GetTimeOutput{}, err
		}
		return w.at(now), nil
	})
}

// whereabouts is a time zone, and the place that it was found by.
type whereabouts struct {
	zone   *time.Location // nil: the clock's own
	place  string         // "": the zone was named itself
	others []string
}

func (w whereabouts) at(now time.Time) GetTimeOutput {
	if w.zone != nil {
		now = now.In(w.zone)
	}
	now = now.Truncate(time.Second)
	zone := now.Location().String()
	if w.zone == nil && !zoneName.MatchString(zone) {
		zone = localZone // TZ may be a path, or rules
	}
	return GetTimeOutput{
		Time:      now,
		Weekday:   now.Weekday().String(),
		Timezone:  zone,
		UTCOffset: now.Format("-07:00"),
		Place:     w.place,
		Others:    w.others,
		server:    w.zone == nil,
	}
}

// findZone finds the zone that the input names. Models put a city where a zone
// belongs and a zone where a city belongs: what it is decides, not where it stands.
func findZone(now time.Time, zone, city string) (whereabouts, error) {
	switch {
	case zone == "" && city == "":
		return whereabouts{}, nil
	case city == "":
		return zoneOrPlace(now, zone)
	case zone == "":
		return placeOrZone(now, city)
	}
	named, err := zoneOrPlace(now, zone)
	if err != nil {
		return whereabouts{}, err
	}
	found, err := placeOrZone(now, city)
	if err != nil {
		return whereabouts{}, err
	}
	if named.zone.String() != found.zone.String() {
		return whereabouts{}, Errorf("%q is in the time zone %s, not in %s: give the one or the other", clip(city), found.zone, named.zone)
	}
	return found, nil
}

func zoneOrPlace(now time.Time, name string) (whereabouts, error) {
	if zone, ok := loadZone(name); ok {
		return whereabouts{zone: zone}, nil
	}
	switch {
	case strings.Contains(name, "/"):
		return whereabouts{}, unknownZone(name)
	case offset.MatchString(name):
		return whereabouts{}, Errorf("%q is an offset: name an IANA time zone, such as Asia/Kolkata, or a city", clip(name))
	}
	return placeOrZone(now, name)
}

func placeOrZone(now time.Time, name string) (whereabouts, error) {
	// A zone's name with a slash is no city's, and UTC is none; one like a city's
	// (Singapore) is that of the city.
	if zone, ok := loadZone(name); ok && (strings.Contains(name, "/") || zone == time.UTC) {
		return whereabouts{zone: zone}, nil
	}
	match, err := places.Load().Find(name)
	if err == nil {
		return zoneOf(match.Zone, match.String(), placeNames(match.Others))
	}
	if zone, ok := loadZone(name); ok {
		return whereabouts{zone: zone}, nil
	}
	if offered, ok := zoneAbbreviations[strings.ToUpper(name)]; ok {
		return whereabouts{}, Errorf("%q is not an IANA time zone: did you mean %s?", clip(name), strings.Join(offered, " or "))
	}
	if area, ok := errors.AsType[*places.AreaError](err); ok && len(area.Zones) > 0 {
		return areaZone(now, area)
	}
	return whereabouts{}, placeError(err)
}

// areaZone answers for a whole country or region, where it has one time now: Malaysia
// has two zones and one clock.
func areaZone(now time.Time, area *places.AreaError) (whereabouts, error) {
	if len(area.Areas) == 1 && oneClock(now, area.Zones) {
		place := area.Areas[0]
		if slices.Contains(zonesWithoutCity, place) {
			place = "most of " + place
		}
		return zoneOf(area.Zones[0], place, placeNames(area.Namesakes))
	}
	return whereabouts{}, Errorf("%q has several time zones: name a city, such as %s, or a time zone, such as %s", area.Query,
		strings.Join(placeNames(area.Largest), " or "), strings.Join(area.Zones[:min(len(area.Zones), maxZonesOffered)], " or "))
}

// oneClock reports whether it is the same time in all zones.
func oneClock(now time.Time, zones []string) bool {
	offsets := map[int]bool{}
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return false
		}
		_, offset := now.In(zone).Zone()
		offsets[offset] = true
	}
	return len(offsets) == 1
}

// zonesWithoutCity are the countries with a time in which no city of the table lives,
// on islands of theirs mostly.
var zonesWithoutCity = []string{
	"Chile", "Ecuador", "French Polynesia", "Greenland", "Kiribati", "Micronesia", "New Zealand", "Papua New Guinea",
}

// zoneOf loads the zone of a place, which must be there: it is in the table.
func zoneOf(name, place string, others []string) (whereabouts, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return whereabouts{}, fmt.Errorf("loading the zone of a place: %w", err)
	}
	return whereabouts{zone: zone, place: place, others: others}, nil
}

func placeNames(list []places.Place) []string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.String()
	}
	return names
}

// placeError words what package places could not find: its errors are made to be
// shown.
func placeError(err error) error {
	var (
		ambiguous *places.AmbiguousError
		area      *places.AreaError
		unknown   *places.UnknownError
	)
	if errors.As(err, &ambiguous) || errors.As(err, &area) || errors.As(err, &unknown) {
		return Errorf("%s", err)
	}
	return fmt.Errorf("finding a place: %w", err)
}

// offset is the form of an offset from UTC. It is no zone: summer would not change
// it.
var offset = regexp.MustCompile(`(?i)^(utc|gmt)? ?[+-][0-9]{1,2}(:?[0-9]{2})?$`)

// zoneName is the form of a zone's name. It keeps out paths, and what lies beside
// the zones in some systems' folder.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$`)

// loadZone returns the zone of this name, in the spelling that it has. One that some
// city of the table has is found in any case, and so is UTC.
func loadZone(name string) (*time.Location, bool) {
	zones := places.Load().Zones()
	if i := slices.IndexFunc(zones, func(known string) bool { return strings.EqualFold(name, known) }); i >= 0 {
		name = zones[i]
	}
	if strings.EqualFold(name, "utc") || strings.EqualFold(name, "gmt") || strings.EqualFold(name, "z") {
		name = "UTC"
	}
	if !zoneName.MatchString(name) || name == localZone || name == "Factory" {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// maxZonesOffered bounds how many zones an answer names.
const maxZonesOffered = 5

// unknownZone names the zones that may have been meant: that of the city behind the
// slash (America/San Francisco), or those whose name holds it.
func unknownZone(name string) error {
	last := name[strings.LastIndex(name, "/")+1:]
	var offered []string
	if match, err := places.Load().Find(strings.ReplaceAll(last, "_", " ")); err == nil {
		offered = append(offered, match.Zone)
	}
	for _, known := range places.Load().Zones() {
		if len(last) >= 3 && strings.Contains(strings.ToLower(known), strings.ToLower(last)) && !slices.Contains(offered, known) {
			offered = append(offered, known)
		}
	}
	if len(offered) == 0 {
		return Errorf("%q is not an IANA time zone; they look like Asia/Kolkata. Or name a city", clip(name))
	}
	return Errorf("%q is not an IANA time zone: did you mean %s?", clip(name), strings.Join(offered[:min(len(offered), maxZonesOffered)], " or "))
}

// zoneAbbreviations are letters that people write for a zone and that are not the
// name of one: the zones that are most often meant.
var zoneAbbreviations = map[string][]string{
	"ACST": {"Australia/Adelaide", "Australia/Darwin"},
	"AEST": {"Australia/Sydney", "Australia/Brisbane"},
	"AEDT": {"Australia/Sydney"},
	"AST":  {"America/Halifax", "Asia/Riyadh"},
	"AWST": {"Australia/Perth"},
	"BRT":  {"America/Sao_Paulo"},
	"BST":  {"Europe/London", "Asia/Dhaka"},
	"CAT":  {"Africa/Maputo"},
	"CDT":  {"America/Chicago", "America/Havana"},
	"CEST": {"Europe/Berlin"},
	"CST":  {"America/Chicago", "Asia/Shanghai", "America/Mexico_City"},
	"EAT":  {"Africa/Nairobi"},
	"EDT":  {"America/New_York"},
	"EEST": {"Europe/Athens", "Europe/Kyiv"},
	"GST":  {"Asia/Dubai"},
	"HKT":  {"Asia/Hong_Kong"},
	"IST":  {"Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"},
	"JST":  {"Asia/Tokyo"},
	"KST":  {"Asia/Seoul"},
	"MDT":  {"America/Denver"},
	"MSK":  {"Europe/Moscow"},
	"NZDT": {"Pacific/Auckland"},
	"NZST": {"Pacific/Auckland"},
	"PDT":  {"America/Los_Angeles"},
	"PKT":  {"Asia/Karachi"},
	"PST":  {"America/Los_Angeles", "Asia/Manila"},
	"SAST": {"Africa/Johannesburg"},
	"SGT":  {"Asia/Singapore"},
	"WAT":  {"Africa/Lagos"},
	"WIB":  {"Asia/Jakarta"},
}
