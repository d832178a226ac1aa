package sampleweather

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// system is one of OpenWeatherMap's systems of units. Precipitation is in mm and
// pressure in hPa in all of them.
type system struct {
	temperature, speed unit
}

var systems = map[string]system{
	"standard": {unit{"K", 2, func(c float64) float64 { return c + 273.15 }}, unit{"m/s", 2, factor(1 / 3.6)}},
	"metric":   {unit{"°C", 2, same}, unit{"m/s", 2, factor(1 / 3.6)}},
	"imperial": {unit{"°F", 2, fahrenheit}, unit{"mph", 2, factor(1 / 1.609344)}},
}

func openWeatherMap(now func() time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, err := url.ParseQuery(r.URL.RawQuery)
		latitude, okLat := coordinate(q, "lat", 90)
		longitude, okLon := coordinate(q, "lon", 180)
		units, okUnits := systems[cmp.Or(q.Get("units"), "standard")]
		switch {
		case q.Get("appid") == "":
			// The number is no string in this one answer.
			refuse(w, http.StatusUnauthorized, "401", "Invalid API key. Please see https://openweathermap.org/faq#error401 for more info.")
		case err != nil || len(q["lat"]) == 0 || len(q["lon"]) == 0:
			refuse(w, http.StatusBadRequest, `"400"`, "Nothing to geocode")
		case !okLat:
			refuse(w, http.StatusBadRequest, `"400"`, "wrong latitude")
		case !okLon:
			refuse(w, http.StatusBadRequest, `"400"`, "wrong longitude")
		case !okUnits:
			refuse(w, http.StatusBadRequest, `"400"`, "wrong units")
		default:
			write(w, http.StatusOK, observation(latitude, longitude, units, now().UTC()))
		}
	}
}

func refuse(w http.ResponseWriter, status int, cod, message string) {
	write(w, status, new(encoder).open("").raw("cod", cod).text("message", message).close())
}

func observation(latitude, longitude float64, u system, t time.Time) *encoder {
	s := at(latitude, longitude)
	whole := func(v int) string { return strconv.Itoa(v) }
	e := new(encoder).open("").
		open("coord").raw("lon", decimal(longitude)).raw("lat", decimal(latitude)).close().
		raw("weather", "["+s.condition(isDay(longitude, t))+"]").
		text("base", "stations").
		open("main").
		raw("temp", u.temperature.format(s.temperature)).
		raw("feels_like", u.temperature.format(s.apparent)).
		raw("temp_min", u.temperature.format(s.temperature)).
		raw("temp_max", u.temperature.format(s.temperature)).
		raw("pressure", whole(int(round(s.pressure, 0)))).
		raw("humidity", whole(s.humidity)).
		raw("sea_level", whole(int(round(s.pressure, 0)))).
		raw("grnd_level", whole(int(round(s.pressure, 0)))).
		close().
		raw("visibility", "10000").
		open("wind").raw("speed", u.speed.format(s.windSpeed)).raw("deg", whole(int(s.windDirection))).close()
	if s.fall > 0 { // the member is not there when nothing falls
		kind := "rain"
		if s.group == "Snow" {
			kind = "snow"
		}
		e.open(kind).raw("1h", unit{"mm", 2, same}.format(s.precipitation)).close()
	}
	return s.end(e, longitude, t)
}

// end adds what stands behind the measures.
func (s sample) end(e *encoder, longitude float64, t time.Time) *encoder {
	midnight := t.Add(-time.Duration(sunHour(longitude, t) * float64(time.Hour)))
	seconds := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	return e.
		open("clouds").raw("all", strconv.Itoa(s.cloudCover)).close().
		raw("dt", seconds(t)).
		open("sys").
		raw("sunrise", seconds(midnight.Add(6*time.Hour))).
		raw("sunset", seconds(midnight.Add(18*time.Hour))).
		close().
		raw("timezone", strconv.Itoa(int(round(longitude/15, 0))*3600)).
		raw("id", "0").
		text("name", "Sample").
		raw("cod", "200").
		close()
}

func (k sky) condition(day bool) string {
	icon := k.icon + "n"
	if day {
		icon = k.icon + "d"
	}
	e := new(encoder).open("").
		raw("id", strconv.Itoa(k.id)).text("main", k.group).text("description", k.description).text("icon", icon)
	return string(e.close().buf)
}
