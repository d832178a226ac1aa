package sampleweather

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// interval is the step of Open-Meteo's current weather.
const interval = 15 * time.Minute

// unit is how a service shows a measure: its name, and what it makes of the metric
// value.
type unit struct {
	name     string
	decimals int
	from     func(metric float64) float64
}

func (u unit) format(metric float64) string {
	return strconv.FormatFloat(round(u.from(metric), u.decimals), 'f', u.decimals, 64)
}

func same(v float64) float64       { return v }
func fahrenheit(c float64) float64 { return c*9/5 + 32 }

func factor(f float64) func(float64) float64 {
	return func(v float64) float64 { return v * f }
}

// choice is one query parameter that chooses a unit. Its names are the API's.
type choice struct {
	parameter string
	kind      string // the name of the type in the API's error message
	byDefault string
	units     map[string]unit
}

var (
	temperatureUnits = choice{"temperature_unit", "TemperatureUnit", "celsius", map[string]unit{
		"celsius": {"°C", 1, same}, "fahrenheit": {"°F", 1, fahrenheit},
	}}
	speedUnits = choice{"wind_speed_unit", "WindspeedUnit", "kmh", map[string]unit{
		"kmh": {"km/h", 1, same}, "ms": {"m/s", 2, factor(1 / 3.6)},
		// The API does write it like that.
		"mph": {"mp/h", 1, factor(1 / 1.609344)}, "kn": {"kn", 1, factor(1 / 1.852)},
	}}
	precipitationUnits = choice{"precipitation_unit", "PrecipitationUnit", "mm", map[string]unit{
		"mm": {"mm", 2, same}, "inch": {"inch", 3, factor(1 / 25.4)},
	}}
)

// reason is why the API refuses a request, in its own words.
type reason string

// Error gives the words.
func (r reason) Error() string { return string(r) }

// forecast is one valid request.
type forecast struct {
	latitude, longitude               float64
	current                           []string // the variables that were asked for
	zone                              string
	unixTime                          bool
	temperature, speed, precipitation unit
}

func openMeteo(now func() time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, err := parseForecast(r.URL.RawQuery)
		if err != nil {
			body := new(encoder).open("").raw("error", "true").text("reason", err.Error()).close()
			write(w, http.StatusBadRequest, body)
			return
		}
		write(w, http.StatusOK, f.answer(now()))
	}
}

func parseForecast(query string) (forecast, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return forecast{}, reason("The query cannot be read.")
	}
	var f forecast
	steps := []func(url.Values) error{f.place, f.variables, f.time, f.units}
	for _, step := range steps {
		if err := step(q); err != nil {
			return forecast{}, err
		}
	}
	return f, nil
}

func (f *forecast) place(q url.Values) error {
	var okLat, okLon bool
	f.latitude, okLat = coordinate(q, "latitude", 90)
	f.longitude, okLon = coordinate(q, "longitude", 180)
	switch {
	case len(q["latitude"]) == 0 || len(q["longitude"]) == 0:
		return reason("Parameter 'latitude' and 'longitude' must not be empty")
	case !okLat:
		return reason("Latitude must be in range of -90 to 90°. Given: " + q.Get("latitude") + ".")
	case !okLon:
		return reason("Longitude must be in range of -180 to 180°. Given: " + q.Get("longitude") + ".")
	}
	return nil
}

// coordinate reads a parameter that stands once and is a number between -limit and
// limit.
func coordinate(q url.Values, name string, limit float64) (float64, bool) {
	if len(q[name]) != 1 {
		return 0, false
	}
	v, err := strconv.ParseFloat(q.Get(name), 64)
	return v, err == nil && math.Abs(v) <= limit // false for NaN
}

// variables reads the list of what is wanted: with commas, as several parameters,
// or both.
func (f *forecast) variables(q url.Values) error {
	for _, list := range q["current"] {
		for name := range strings.SplitSeq(list, ",") {
			if !slices.Contains(known, name) {
				return invalid("WeatherVariable", name, "current")
			}
			f.current = append(f.current, name)
		}
	}
	return nil
}

// time reads the time zone, of which there are only the names of UTC, and the form
// of times.
func (f *forecast) time(q url.Values) error {
	f.zone = cmp.Or(q.Get("timezone"), "GMT")
	if f.zone != "GMT" && f.zone != "UTC" {
		return reason("Invalid timezone")
	}
	switch form := cmp.Or(q.Get("timeformat"), "iso8601"); form {
	case "iso8601":
	case "unixtime":
		f.unixTime = true
	default:
		return invalid("Timeformat", form, "timeformat")
	}
	return nil
}

func (f *forecast) units(q url.Values) error {
	for _, c := range []struct {
		choice
		unit *unit
	}{
		{temperatureUnits, &f.temperature},
		{speedUnits, &f.speed},
		{precipitationUnits, &f.precipitation},
	} {
		value := cmp.Or(q.Get(c.parameter), c.byDefault)
		chosen, ok := c.units[value]
		if !ok {
			return invalid(c.kind, value, c.parameter)
		}
		*c.unit = chosen
	}
	return nil
}

// invalid is the API's answer to a value that is none of an enumeration.
func invalid(kind, value, key string) error {
	return reason("Cannot initialize " + kind + " from invalid String value " + value + " for key " + key)
}

// known are the variables that there is a sample of.
var known = []string{
	"temperature_2m", "apparent_temperature", "relative_humidity_2m", "is_day", "precipitation",
	"weather_code", "cloud_cover", "pressure_msl", "wind_speed_10m", "wind_direction_10m",
}

// variable returns the unit and the value of one of the known.
func (f *forecast) variable(name string, s sample, t time.Time) (unitName, value string) {
	whole := func(name string) unit { return unit{name, 0, same} }
	show := func(u unit, metric float64) (string, string) { return u.name, u.format(metric) }
	switch name {
	case "temperature_2m":
		return show(f.temperature, s.temperature)
	case "apparent_temperature":
		return show(f.temperature, s.apparent)
	case "relative_humidity_2m":
		return show(whole("%"), float64(s.humidity))
	case "is_day":
		if isDay(f.longitude, t) {
			return "", "1"
		}
		return "", "0"
	case "precipitation":
		// It is that of the interval.
		return show(f.precipitation, s.precipitation*interval.Hours())
	case "weather_code":
		return show(whole("wmo code"), float64(s.code))
	case "cloud_cover":
		return show(whole("%"), float64(s.cloudCover))
	case "pressure_msl":
		return show(unit{"hPa", 1, same}, s.pressure)
	case "wind_speed_10m":
		return show(f.speed, s.windSpeed)
	default: // wind_direction_10m
		return show(whole("°"), s.windDirection)
	}
}

func (f *forecast) answer(now time.Time) *encoder {
	t := now.UTC().Truncate(interval)
	s := at(f.latitude, f.longitude)
	e := new(encoder).open("").
		raw("latitude", decimal(f.latitude)).
		raw("longitude", decimal(f.longitude)).
		raw("generationtime_ms", "0.05").
		raw("utc_offset_seconds", "0").
		text("timezone", f.zone).
		text("timezone_abbreviation", f.zone).
		raw("elevation", "5.0")
	if len(f.current) == 0 {
		return e.close()
	}
	timeUnit, timeValue := "iso8601", strconv.Quote(t.Format("2006-01-02T15:04"))
	if f.unixTime {
		timeUnit, timeValue = "unixtime", strconv.FormatInt(t.Unix(), 10)
	}
	units := new(encoder).open("").text("time", timeUnit).text("interval", "seconds")
	values := new(encoder).open("").raw("time", timeValue).raw("interval", strconv.Itoa(int(interval.Seconds())))
	for _, name := range f.current {
		unitName, value := f.variable(name, s, t)
		units.text(name, unitName)
		values.raw(name, value)
	}
	return e.raw("current_units", string(units.close().buf)).raw("current", string(values.close().buf)).close()
}

// decimal writes a coordinate, at least one decimal with it.
func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
