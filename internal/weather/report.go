package weather

import "time"

// Units is a system of units.
type Units string

// The systems of units.
const (
	Metric   Units = "metric"   // °C, km/h, mm
	Imperial Units = "imperial" // °F, mph, in
)

// Report is the weather at one place and time. A pointer that is nil says that the
// service did not tell; the value's unit is in Units.
type Report struct {
	// Condition is the weather in words, such as "clear sky", or "unknown
	// conditions".
	Condition   string
	Temperature float64
	FeelsLike   *float64
	Humidity    *float64 // relative
	WindSpeed   *float64
	// WindDirection is where the wind comes from, in degrees clockwise from north.
	WindDirection *float64
	// Precipitation is what fell in the time PrecipitationPeriod that ended at
	// ObservedAt: 15 minutes, mostly, with Open-Meteo, an hour with
	// OpenWeatherMap, which tells of it only when something fell.
	Precipitation       *float64
	PrecipitationPeriod time.Duration
	Pressure            *float64 // at sea level
	CloudCover          *float64
	IsDay               *bool
	ObservedAt          time.Time // UTC; the zero time where the service did not tell
	Units               UnitNames
	// Attribution names the service, as its terms ask for wherever the data is
	// shown.
	Attribution string
}

// UnitNames are the units of a Report's values, as they are shown.
type UnitNames struct {
	Temperature   string // and of FeelsLike: °C or °F
	WindSpeed     string // km/h or mph
	WindDirection string // °
	Precipitation string // mm or in
	Pressure      string // hPa
	Humidity      string // %
	CloudCover    string // %
}

// names returns the units that a system consists of, and false for a system that is
// none of the two.
func (u Units) names() (UnitNames, bool) {
	n := UnitNames{
		Temperature: "°C", WindSpeed: "km/h", WindDirection: "°",
		Precipitation: "mm", Pressure: "hPa", Humidity: "%", CloudCover: "%",
	}
	switch u {
	case Metric:
		return n, true
	case Imperial:
		n.Temperature, n.WindSpeed, n.Precipitation = "°F", "mph", "in"
		return n, true
	default:
		return UnitNames{}, false
	}
}

// clone makes the copy that one caller may keep and change.
func (r Report) clone() Report {
	for _, p := range []**float64{
		&r.FeelsLike, &r.Humidity, &r.WindSpeed, &r.WindDirection, &r.Precipitation, &r.Pressure, &r.CloudCover,
	} {
		*p = copied(*p)
	}
	r.IsDay = copied(r.IsDay)
	return r
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// bounds is what a measure can be.
type bounds struct{ low, high float64 }

// Wider than what was ever measured on earth, and the same in both systems.
var (
	metricBounds = [...]bounds{
		{-100, 70}, {-150, 120}, {0, 500}, {0, 500}, // temperature, feels like, wind, precipitation
	}
	imperialBounds = [...]bounds{
		{-148, 158}, {-238, 248}, {0, 311}, {0, 20},
	}
	percent  = bounds{0, 100}
	degrees  = bounds{0, 360}
	pressure = bounds{500, 1200}
)

// plausible returns what about a report cannot be, or "".
func (r Report) plausible(u Units) string {
	b := metricBounds
	if u == Imperial {
		b = imperialBounds
	}
	for _, m := range []struct {
		name  string
		value *float64
		bounds
	}{
		{"temperature", &r.Temperature, b[0]},
		{"apparent temperature", r.FeelsLike, b[1]},
		{"wind speed", r.WindSpeed, b[2]},
		{"precipitation", r.Precipitation, b[3]},
		{"wind direction", r.WindDirection, degrees},
		{"humidity", r.Humidity, percent},
		{"cloud cover", r.CloudCover, percent},
		{"pressure", r.Pressure, pressure},
	} {
		// Turned around so that NaN, too, is refused.
		if m.value != nil && !(*m.value >= m.low && *m.value <= m.high) {
			return "an impossible " + m.name
		}
	}
	return ""
}
