package weather

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	openMeteoURL         = "https://api.open-meteo.com"
	openMeteoCustomerURL = "https://customer-api.open-meteo.com"
)

// openMeteo speaks to Open-Meteo (https://open-meteo.com/en/docs).
type openMeteo struct {
	forecast string // the URL
	key      string
}

func (s openMeteo) address(q query) string {
	v := url.Values{
		"latitude":  {q.latitude},
		"longitude": {q.longitude},
		"current": {"temperature_2m,apparent_temperature,relative_humidity_2m,is_day,precipitation," +
			"weather_code,cloud_cover,pressure_msl,wind_speed_10m,wind_direction_10m"},
		"timezone": {"UTC"},
	}
	if q.units == Imperial {
		v.Set("temperature_unit", "fahrenheit")
		v.Set("wind_speed_unit", "mph")
		v.Set("precipitation_unit", "inch")
	}
	if s.key != "" {
		v.Set("apikey", s.key)
	}
	return s.forecast + "?" + v.Encode()
}

// openMeteoVariables are the members that both the values and their units have.
// What cannot be computed is null.
type openMeteoVariables[T any] struct {
	Temperature   T `json:"temperature_2m"`
	FeelsLike     T `json:"apparent_temperature"`
	Humidity      T `json:"relative_humidity_2m"`
	Precipitation T `json:"precipitation"`
	CloudCover    T `json:"cloud_cover"`
	Pressure      T `json:"pressure_msl"`
	WindSpeed     T `json:"wind_speed_10m"`
	WindDirection T `json:"wind_direction_10m"`
}

// openMeteoAnswer is what is used of an answer.
type openMeteoAnswer struct {
	Error     bool   `json:"error"`
	Reason    string `json:"reason"`
	UTCOffset *int64 `json:"utc_offset_seconds"`
	Units     struct {
		Time     string `json:"time"`
		Interval string `json:"interval"`
		openMeteoVariables[string]
	} `json:"current_units"`
	Current *struct {
		Time        string `json:"time"`
		Interval    *int64 `json:"interval"`
		IsDay       *int64 `json:"is_day"`
		WeatherCode *int64 `json:"weather_code"`
		openMeteoVariables[*float64]
	} `json:"current"`
}

// parse reads an answer to address's request.
func (s openMeteo) parse(body []byte, u Units) (Report, error) {
	var a openMeteoAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return Report{}, broken("not the documented form") // the cause may quote it
	}
	switch {
	case a.Error && aboutKey(a.Reason):
		return Report{}, failed(ErrKeyRefused, "by an error in its answer")
	case a.Error:
		return Report{}, failed(ErrRefused, "by an error in its answer")
	case a.Current == nil || a.Current.Temperature == nil:
		return Report{}, broken("no temperature")
	}
	return a.report(u)
}

// report takes from an answer what can be relied on. A value in another unit than
// was asked for, or an amount without its time, is left out; the answer is for the
// others' sake still worth having.
func (a *openMeteoAnswer) report(u Units) (Report, error) {
	temperature, speed, length := []string{"°C"}, []string{"km/h"}, []string{"mm"}
	if u == Imperial {
		temperature, speed, length = []string{"°F"}, []string{"mp/h", "mph"}, []string{"inch"}
	}
	c, units := a.Current, a.Units
	if c.Temperature = in(temperature, units.Temperature, c.Temperature); c.Temperature == nil {
		return Report{}, broken("a temperature in another unit than was asked for")
	}
	r := Report{
		Condition:     wmoCondition(c.WeatherCode),
		Temperature:   *c.Temperature,
		FeelsLike:     in(temperature, units.FeelsLike, c.FeelsLike),
		Humidity:      in([]string{"%"}, units.Humidity, c.Humidity),
		WindSpeed:     in(speed, units.WindSpeed, c.WindSpeed),
		WindDirection: in([]string{"°"}, units.WindDirection, c.WindDirection),
		Pressure:      in([]string{"hPa"}, units.Pressure, c.Pressure),
		CloudCover:    in([]string{"%"}, units.CloudCover, c.CloudCover),
		ObservedAt:    a.observedAt(),
		Attribution:   "Weather data by Open-Meteo.com (CC BY 4.0)",
	}
	r.Units, _ = u.names()
	if c.IsDay != nil {
		r.IsDay = new(*c.IsDay == 1)
	}
	if period := a.interval(); period > 0 {
		if r.Precipitation = in(length, units.Precipitation, c.Precipitation); r.Precipitation != nil {
			r.PrecipitationPeriod = period
		}
	}
	return r, nil
}

// in returns value if it is in one of the units that were asked for, or its unit is
// not told.
func in(wanted []string, unit string, value *float64) *float64 {
	if unit != "" && !slices.Contains(wanted, unit) {
		return nil
	}
	return value
}

// observedAt returns the zero time where the answer's cannot be read.
func (a *openMeteoAnswer) observedAt() time.Time {
	local, err := time.Parse("2006-01-02T15:04", a.Current.Time)
	if err != nil {
		local, err = time.Parse("2006-01-02T15:04:05", a.Current.Time)
	}
	if err != nil || (a.Units.Time != "" && a.Units.Time != "iso8601") {
		return time.Time{}
	}
	if a.UTCOffset == nil { // UTC, as was asked for
		return local
	}
	if offset := *a.UTCOffset; offset < -86400 || offset > 86400 {
		return time.Time{}
	}
	return local.Add(-time.Duration(*a.UTCOffset) * time.Second)
}

// interval returns the time in which the precipitation fell, or 0.
func (a *openMeteoAnswer) interval() time.Duration {
	seconds := a.Current.Interval
	if seconds == nil || *seconds <= 0 || *seconds > 86400 || (a.Units.Interval != "" && a.Units.Interval != "seconds") {
		return 0
	}
	return time.Duration(*seconds) * time.Second
}

// keyRefused finds the one refusal of a key that is a 400: "The supplied API key is
// invalid."
func (s openMeteo) keyRefused(body []byte) bool {
	var a struct {
		Error  bool   `json:"error"`
		Reason string `json:"reason"`
	}
	return json.Unmarshal(body, &a) == nil && a.Error && aboutKey(a.Reason)
}

func aboutKey(reason string) bool {
	reason = strings.ToLower(reason)
	return strings.Contains(reason, "api key") || strings.Contains(reason, "apikey")
}
