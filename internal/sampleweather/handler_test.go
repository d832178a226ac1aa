package sampleweather

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// noon is the clock of these tests: 14:37:21 in UTC is day in Dubai no more.
func noon() time.Time { return time.Date(2026, 11, 21, 14, 37, 21, 0, time.UTC) }

func get(t *testing.T, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(noon).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody))
	return w
}

const (
	dubai       = "latitude=25.07725&longitude=55.30927"
	allOfIt     = "&current=temperature_2m,apparent_temperature,relative_humidity_2m,is_day,precipitation,weather_code,cloud_cover,pressure_msl,wind_speed_10m,wind_direction_10m"
	dubaiInOWM  = "lat=25.07725&lon=55.30927&appid=k"
	openMeteoAt = "/v1/forecast?"
	owmAt       = "/data/2.5/weather?"
)

// The whole answers, byte for byte, as the services write theirs: the order of the
// members, their types and decimals, and the units' names.
func TestAnswers(t *testing.T) {
	const head = `{"latitude":25.07725,"longitude":55.30927,"generationtime_ms":0.05,"utc_offset_seconds":0,` +
		`"timezone":"GMT","timezone_abbreviation":"GMT","elevation":5.0`
	tests := []struct{ name, target, want string }{
		{
			"Open-Meteo, metric", openMeteoAt + dubai + allOfIt,
			head + `,"current_units":{"time":"iso8601","interval":"seconds","temperature_2m":"°C","apparent_temperature":"°C",` +
				`"relative_humidity_2m":"%","is_day":"","precipitation":"mm","weather_code":"wmo code","cloud_cover":"%",` +
				`"pressure_msl":"hPa","wind_speed_10m":"km/h","wind_direction_10m":"°"},` +
				`"current":{"time":"2026-11-21T14:30","interval":900,"temperature_2m":30.4,"apparent_temperature":30.2,` +
				`"relative_humidity_2m":45,"is_day":0,"precipitation":0.00,"weather_code":0,"cloud_cover":0,` +
				`"pressure_msl":1012.4,"wind_speed_10m":13.3,"wind_direction_10m":320}}`,
		},
		{
			"Open-Meteo, imperial", openMeteoAt + dubai + "&temperature_unit=fahrenheit&wind_speed_unit=mph&precipitation_unit=inch" + allOfIt,
			head + `,"current_units":{"time":"iso8601","interval":"seconds","temperature_2m":"°F","apparent_temperature":"°F",` +
				`"relative_humidity_2m":"%","is_day":"","precipitation":"inch","weather_code":"wmo code","cloud_cover":"%",` +
				`"pressure_msl":"hPa","wind_speed_10m":"mp/h","wind_direction_10m":"°"},` +
				`"current":{"time":"2026-11-21T14:30","interval":900,"temperature_2m":86.7,"apparent_temperature":86.4,` +
				`"relative_humidity_2m":45,"is_day":0,"precipitation":0.000,"weather_code":0,"cloud_cover":0,` +
				`"pressure_msl":1012.4,"wind_speed_10m":8.3,"wind_direction_10m":320}}`,
		},
		{
			"Open-Meteo, what was asked for, in that order", openMeteoAt + dubai + "&timezone=UTC&timeformat=unixtime&wind_speed_unit=ms&current=wind_speed_10m&current=temperature_2m",
			strings.ReplaceAll(head, "GMT", "UTC") + `,"current_units":{"time":"unixtime","interval":"seconds","wind_speed_10m":"m/s","temperature_2m":"°C"},` +
				`"current":{"time":1795271400,"interval":900,"wind_speed_10m":3.69,"temperature_2m":30.4}}`,
		},
		{
			"Open-Meteo, rain, by day", openMeteoAt + "latitude=15&longitude=-20&current=is_day,precipitation,weather_code",
			`{"latitude":15.0,"longitude":-20.0,"generationtime_ms":0.05,"utc_offset_seconds":0,"timezone":"GMT","timezone_abbreviation":"GMT","elevation":5.0,` +
				`"current_units":{"time":"iso8601","interval":"seconds","is_day":"","precipitation":"mm","weather_code":"wmo code"},` +
				`"current":{"time":"2026-11-21T14:30","interval":900,"is_day":1,"precipitation":0.40,"weather_code":63}}`,
		},
		{"Open-Meteo, nothing asked for", openMeteoAt + dubai, head + `}`},
		{
			"OpenWeatherMap, metric", owmAt + dubaiInOWM + "&units=metric",
			`{"coord":{"lon":55.30927,"lat":25.07725},"weather":[{"id":800,"main":"Clear","description":"clear sky","icon":"01n"}],` +
				`"base":"stations","main":{"temp":30.40,"feels_like":30.20,"temp_min":30.40,"temp_max":30.40,"pressure":1012,"humidity":45,` +
				`"sea_level":1012,"grnd_level":1012},"visibility":10000,"wind":{"speed":3.69,"deg":320},"clouds":{"all":0},"dt":1795271841,` +
				`"sys":{"sunrise":1795227525,"sunset":1795270725},"timezone":14400,"id":0,"name":"Sample","cod":200}`,
		},
		{
			"OpenWeatherMap, imperial", owmAt + dubaiInOWM + "&units=imperial",
			`{"coord":{"lon":55.30927,"lat":25.07725},"weather":[{"id":800,"main":"Clear","description":"clear sky","icon":"01n"}],` +
				`"base":"stations","main":{"temp":86.72,"feels_like":86.36,"temp_min":86.72,"temp_max":86.72,"pressure":1012,"humidity":45,` +
				`"sea_level":1012,"grnd_level":1012},"visibility":10000,"wind":{"speed":8.26,"deg":320},"clouds":{"all":0},"dt":1795271841,` +
				`"sys":{"sunrise":1795227525,"sunset":1795270725},"timezone":14400,"id":0,"name":"Sample","cod":200}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := get(t, tt.target)
			if w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if d := cmp.Diff(tt.want, w.Body.String()); d != "" {
				t.Error(d)
			}
			for name, want := range map[string]string{"Content-Type": "application/json; charset=utf-8", "X-Sample-Weather": "true"} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

// What falls is in OpenWeatherMap's answer as rain or as snow, and not at all where
// nothing does; the icon is that of the day where it is one.
func TestFall(t *testing.T) {
	tests := []struct {
		name, place   string
		want, without string
	}{
		{"clear, at night", "lat=25.1&lon=55.3", `"icon":"01n"}]`, `"1h"`},
		{"rain, by day", "lat=15&lon=-20", `"rain":{"1h":`, `"snow"`},
		{"snow, by day", "lat=65&lon=-20", `"snow":{"1h":`, `"rain"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := get(t, owmAt+tt.place+"&appid=k").Body.String()
			if !strings.Contains(body, tt.want) || strings.Contains(body, tt.without) {
				t.Error(body)
			}
			if day := !strings.Contains(tt.place, "lon=55.3"); strings.Contains(body, `d"}],`) != day {
				t.Errorf("day is %v: %s", day, body)
			}
			var parsed any
			if err := json.Unmarshal([]byte(body), &parsed); err != nil {
				t.Error(err)
			}
		})
	}
}

// Kelvin is what OpenWeatherMap gives whoever names no units.
func TestStandardUnits(t *testing.T) {
	for _, target := range []string{owmAt + dubaiInOWM, owmAt + dubaiInOWM + "&units=standard"} {
		if body := get(t, target).Body.String(); !strings.Contains(body, `"temp":303.55`) || !strings.Contains(body, `"speed":3.69`) {
			t.Errorf("%s: %s", target, body)
		}
	}
}

// Each refusal stands beside what is accepted once the fault is mended.
func TestRefusals(t *testing.T) {
	const openMeteoOK = openMeteoAt + dubai + "&current=temperature_2m"
	const owmOK = owmAt + dubaiInOWM
	tests := []struct {
		name, target string
		status       int
		body         string
		twin         string
	}{
		{"Open-Meteo, no latitude", openMeteoAt + "longitude=55", 400, `{"error":true,"reason":"Parameter 'latitude' and 'longitude' must not be empty"}`, openMeteoOK},
		{"Open-Meteo, no longitude", openMeteoAt + "latitude=25", 400, `{"error":true,"reason":"Parameter 'latitude' and 'longitude' must not be empty"}`, openMeteoOK},
		{"Open-Meteo, latitude too large", openMeteoAt + "latitude=90.5&longitude=0", 400, `{"error":true,"reason":"Latitude must be in range of -90 to 90°. Given: 90.5."}`, openMeteoAt + "latitude=90&longitude=0"},
		{"Open-Meteo, longitude too small", openMeteoAt + "latitude=0&longitude=-181", 400, `{"error":true,"reason":"Longitude must be in range of -180 to 180°. Given: -181."}`, openMeteoAt + "latitude=0&longitude=-180"},
		{"Open-Meteo, latitude not a number", openMeteoAt + "latitude=nan&longitude=0", 400, `{"error":true,"reason":"Latitude must be in range of -90 to 90°. Given: nan."}`, openMeteoAt + "latitude=0&longitude=0"},
		{"Open-Meteo, two latitudes", openMeteoAt + "latitude=1&latitude=2&longitude=0", 400, `{"error":true,"reason":"Latitude must be in range of -90 to 90°. Given: 1."}`, openMeteoAt + "latitude=1&longitude=0"},
		{"Open-Meteo, unknown variable", openMeteoAt + dubai + "&current=temperature_2m,mood", 400, `{"error":true,"reason":"Cannot initialize WeatherVariable from invalid String value mood for key current"}`, openMeteoOK},
		{"Open-Meteo, unknown temperature unit", openMeteoOK + "&temperature_unit=metric", 400, `{"error":true,"reason":"Cannot initialize TemperatureUnit from invalid String value metric for key temperature_unit"}`, openMeteoOK + "&temperature_unit=celsius"},
		{"Open-Meteo, unknown speed unit", openMeteoOK + "&wind_speed_unit=knots", 400, `{"error":true,"reason":"Cannot initialize WindspeedUnit from invalid String value knots for key wind_speed_unit"}`, openMeteoOK + "&wind_speed_unit=kn"},
		{"Open-Meteo, unknown precipitation unit", openMeteoOK + "&precipitation_unit=in", 400, `{"error":true,"reason":"Cannot initialize PrecipitationUnit from invalid String value in for key precipitation_unit"}`, openMeteoOK + "&precipitation_unit=inch"},
		{"Open-Meteo, unknown form of time", openMeteoOK + "&timeformat=rfc3339", 400, `{"error":true,"reason":"Cannot initialize Timeformat from invalid String value rfc3339 for key timeformat"}`, openMeteoOK + "&timeformat=iso8601"},
		{"Open-Meteo, a time zone that is not here", openMeteoOK + "&timezone=Asia/Dubai", 400, `{"error":true,"reason":"Invalid timezone"}`, openMeteoOK + "&timezone=GMT"},
		{"Open-Meteo, what is quoted is JSON", openMeteoOK + `&timeformat=%22%ff%0a`, 400, `{"error":true,"reason":"Cannot initialize Timeformat from invalid String value \"` + "�" + `\n for key timeformat"}`, openMeteoOK},
		{"Open-Meteo, a broken query", openMeteoOK + "&a=%zz", 400, `{"error":true,"reason":"The query cannot be read."}`, openMeteoOK + "&a=z"},
		{"OpenWeatherMap, no key", owmAt + "lat=25&lon=55", 401, `{"cod":401,"message":"Invalid API key. Please see https://openweathermap.org/faq#error401 for more info."}`, owmOK},
		{"OpenWeatherMap, an empty key", owmAt + "lat=25&lon=55&appid=", 401, `{"cod":401,"message":"Invalid API key. Please see https://openweathermap.org/faq#error401 for more info."}`, owmOK},
		{"OpenWeatherMap, no latitude", owmAt + "lon=55&appid=k", 400, `{"cod":"400","message":"Nothing to geocode"}`, owmOK},
		{"OpenWeatherMap, no longitude", owmAt + "lat=25&appid=k", 400, `{"cod":"400","message":"Nothing to geocode"}`, owmOK},
		{"OpenWeatherMap, latitude too large", owmAt + "lat=91&lon=55&appid=k", 400, `{"cod":"400","message":"wrong latitude"}`, owmAt + "lat=-90&lon=55&appid=k"},
		{"OpenWeatherMap, longitude not a number", owmAt + "lat=25&lon=east&appid=k", 400, `{"cod":"400","message":"wrong longitude"}`, owmOK},
		{"OpenWeatherMap, unknown units", owmOK + "&units=si", 400, `{"cod":"400","message":"wrong units"}`, owmOK + "&units=metric"},
		{"OpenWeatherMap, a broken query", owmOK + "&a=%zz", 400, `{"cod":"400","message":"Nothing to geocode"}`, owmOK + "&a=z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := get(t, tt.target)
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("%d %s\nwant %d %s", w.Code, w.Body, tt.status, tt.body)
			}
			if w := get(t, tt.twin); w.Code != http.StatusOK {
				t.Errorf("the twin: %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestOtherRequests(t *testing.T) {
	tests := []struct {
		name, method, target string
		want                 int
	}{
		{"another path", http.MethodGet, "/v1/archive?" + dubai, http.StatusNotFound},
		{"the root", http.MethodGet, "/", http.StatusNotFound},
		{"another method", http.MethodPost, openMeteoAt + dubai, http.StatusMethodNotAllowed},
		{"another method there", http.MethodDelete, owmAt + dubaiInOWM, http.StatusMethodNotAllowed},
		{"the twin", http.MethodGet, openMeteoAt + dubai, http.StatusOK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			Handler(nil).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, tt.target, http.NoBody))
			if w.Code != tt.want {
				t.Errorf("status %d, want %d", w.Code, tt.want)
			}
		})
	}
}

// Every answer is JSON, whatever is asked; the answers that are none of the
// services' are the router's own.
func FuzzHandler(f *testing.F) {
	f.Add("/v1/forecast", dubai+allOfIt)
	f.Add("/v1/forecast", "latitude=1&longitude=2&current=&timezone=\x00")
	f.Add("/data/2.5/weather", dubaiInOWM+"&units=imperial")
	f.Add("/data/2.5/weather", "lat=1e1&lon=-0&appid=%ff")
	h := Handler(noon)
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.URL.Path, r.URL.RawQuery = path, query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Header().Get("X-Sample-Weather") != "" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s?%s: %s", path, query, w.Body)
		}
	})
}
