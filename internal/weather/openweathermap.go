package weather

import (
	"math"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

const openWeatherMapURL = "https://api.openweathermap.org"

// openWeatherMap speaks to OpenWeatherMap (https://openweathermap.org/current).
type openWeatherMap struct {
	weather string // the URL
	key     string
}

func (s openWeatherMap) address(q query) string {
	return s.weather + "?" + url.Values{
		"lat":   {q.latitude},
		"lon":   {q.longitude},
		"units": {string(q.units)}, // the API's names are the same
		"appid": {s.key},
	}.Encode()
}

// openWeatherMapAnswer is what is used of an answer. What a place has no data of is
// missing or null, the direction of the wind for instance.
type openWeatherMapAnswer struct {
	Weather []struct {
		Description string `json:"description"`
		Icon        string `json:"icon"`
	} `json:"weather"`
	Main struct {
		Temperature *float64 `json:"temp"`
		FeelsLike   *float64 `json:"feels_like"`
		Humidity    *float64 `json:"humidity"`
		Pressure    *float64 `json:"pressure"`
	} `json:"main"`
	Wind struct {
		Speed     *float64 `json:"speed"`
		Direction *float64 `json:"deg"`
	} `json:"wind"`
	Clouds struct {
		All *float64 `json:"all"`
	} `json:"clouds"`
	Rain openWeatherMapFall `json:"rain"`
	Snow openWeatherMapFall `json:"snow"`
	Time *int64             `json:"dt"`
}

// openWeatherMapFall is in mm, whatever the units.
type openWeatherMapFall struct {
	Hour *float64 `json:"1h"`
}

// parse reads an answer to address's request.
func (s openWeatherMap) parse(body []byte, u Units) (Report, error) {
	var a openWeatherMapAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return Report{}, broken("not the documented form") // the cause may quote it
	}
	switch {
	case a.Main.Temperature == nil:
		return Report{}, broken("no temperature")
	case len(a.Weather) == 0:
		return Report{}, broken("no description of the weather")
	}
	r := Report{
		Condition:     plainWords(a.Weather[0].Description),
		Temperature:   *a.Main.Temperature,
		FeelsLike:     a.Main.FeelsLike,
		Humidity:      a.Main.Humidity,
		WindDirection: a.Wind.Direction,
		Pressure:      a.Main.Pressure,
		CloudCover:    a.Clouds.All,
		IsDay:         dayIcon(a.Weather[0].Icon),
		ObservedAt:    a.observedAt(),
		Attribution:   "Weather data provided by OpenWeather (https://openweathermap.org/)",
	}
	r.Units, _ = u.names()
	a.convert(&r, u)
	return r, nil
}

// observedAt returns the zero time where the answer has none, or one beyond the
// calendar (RFC 3339 has four digits for the year).
func (a *openWeatherMapAnswer) observedAt() time.Time {
	if a.Time == nil || *a.Time <= 0 || *a.Time >= 253402300800 {
		return time.Time{}
	}
	return time.Unix(*a.Time, 0).UTC()
}

// convert fills in what the API has in other units than a Report: wind in m/s where
// the units are metric, precipitation always in mm.
func (a *openWeatherMapAnswer) convert(r *Report, u Units) {
	if v := a.Wind.Speed; v != nil && u == Metric {
		r.WindSpeed = new(round(*v*3.6, 1))
	} else {
		r.WindSpeed = v
	}
	if a.Rain.Hour == nil && a.Snow.Hour == nil {
		return
	}
	fall, decimals := value(a.Rain.Hour)+value(a.Snow.Hour), 2
	if u == Imperial {
		fall, decimals = fall/25.4, 3
	}
	r.Precipitation, r.PrecipitationPeriod = new(round(fall, decimals)), time.Hour
}

func value(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}

func round(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}

// description is what the API's descriptions look like: "clear sky", "light shower
// sleet", "sand/dust whirls", "few clouds: 11-25%". It is all that goes from an
// answer to whoever reads the report, a model perhaps, as text.
var description = regexp.MustCompile(`^[a-z][a-z0-9 /,:%-]{0,47}$`)

func plainWords(s string) string {
	if s = strings.ToLower(s); description.MatchString(s) {
		return s
	}
	return unknownConditions
}

// dayIcon tells day and night from the name of an icon: "01d", "01n".
func dayIcon(icon string) *bool {
	switch {
	case strings.HasSuffix(icon, "d"):
		return new(true)
	case strings.HasSuffix(icon, "n"):
		return new(false)
	default:
		return nil
	}
}

// keyRefused finds nothing: a refused key is a 401.
func (s openWeatherMap) keyRefused([]byte) bool { return false }
