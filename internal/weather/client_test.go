package weather

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/internal/sampleweather"
)

const (
	secretKey = "s3cr3t-0f-the-operator"

	dubaiLatitude, dubaiLongitude = 25.07725, 55.30927
)

// today is the clock of the tests that have no bubble.
func today() time.Time { return time.Date(2026, 11, 21, 14, 37, 21, 0, time.UTC) }

// doer answers without a network.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// through makes a doer of a handler.
func through(h http.Handler) doer {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

// bubble runs a test whose clock stands still while anything runs.
func bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// serve starts a server for one test.
func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func client(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keyed are the options of a provider that has a key.
func keyed(p Provider, base string) Options {
	return Options{Provider: p, BaseURL: base, APIKey: secretKey, Now: today}
}

func (c *Client) dubai(ctx context.Context) (Report, error) {
	return c.Current(ctx, dubaiLatitude, dubaiLongitude, Metric)
}

// Both services, both systems of units, over the network.
func TestCurrent(t *testing.T) {
	srv := serve(t, sampleweather.Handler(today))
	metric := UnitNames{
		Temperature: "°C", WindSpeed: "km/h", WindDirection: "°", Precipitation: "mm", Pressure: "hPa", Humidity: "%", CloudCover: "%",
	}
	imperial := metric
	imperial.Temperature, imperial.WindSpeed, imperial.Precipitation = "°F", "mph", "in"
	const (
		ofOpenMeteo   = "Weather data by Open-Meteo.com (CC BY 4.0)"
		ofOpenWeather = "Weather data provided by OpenWeather (https://openweathermap.org/)"
	)
	quarter := time.Date(2026, 11, 21, 14, 30, 0, 0, time.UTC)
	tests := []struct {
		name     string
		provider Provider
		units    Units
		want     Report
	}{
		{"Open-Meteo, metric", OpenMeteo, Metric, Report{
			Condition: "clear sky", Temperature: 30.4, FeelsLike: new(30.2), Humidity: new(45.), WindSpeed: new(13.3), WindDirection: new(320.),
			Precipitation: new(0.), PrecipitationPeriod: 15 * time.Minute, Pressure: new(1012.4), CloudCover: new(0.), IsDay: new(false),
			ObservedAt: quarter, Units: metric, Attribution: ofOpenMeteo,
		}},
		{"Open-Meteo, imperial", OpenMeteo, Imperial, Report{
			Condition: "clear sky", Temperature: 86.7, FeelsLike: new(86.4), Humidity: new(45.), WindSpeed: new(8.3), WindDirection: new(320.),
			Precipitation: new(0.), PrecipitationPeriod: 15 * time.Minute, Pressure: new(1012.4), CloudCover: new(0.), IsDay: new(false),
			ObservedAt: quarter, Units: imperial, Attribution: ofOpenMeteo,
		}},
		{"OpenWeatherMap, metric", OpenWeatherMap, Metric, Report{
			Condition: "clear sky", Temperature: 30.4, FeelsLike: new(30.2), Humidity: new(45.), WindSpeed: new(13.3), WindDirection: new(320.),
			Pressure: new(1012.), CloudCover: new(0.), IsDay: new(false),
			ObservedAt: today(), Units: metric, Attribution: ofOpenWeather,
		}},
		{"OpenWeatherMap, imperial", OpenWeatherMap, Imperial, Report{
			Condition: "clear sky", Temperature: 86.72, FeelsLike: new(86.36), Humidity: new(45.), WindSpeed: new(8.26), WindDirection: new(320.),
			Pressure: new(1012.), CloudCover: new(0.), IsDay: new(false),
			ObservedAt: today(), Units: imperial, Attribution: ofOpenWeather,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, keyed(tt.provider, srv.URL))
			got, err := c.Current(t.Context(), dubaiLatitude, dubaiLongitude, tt.units)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// What is asked for, to the letter.
func TestRequest(t *testing.T) {
	const current = "current=temperature_2m%2Capparent_temperature%2Crelative_humidity_2m%2Cis_day%2Cprecipitation%2C" +
		"weather_code%2Ccloud_cover%2Cpressure_msl%2Cwind_speed_10m%2Cwind_direction_10m"
	tests := []struct {
		name    string
		options Options
		units   Units
		want    string
	}{
		{"Open-Meteo without a key", Options{}, Metric, "https://api.open-meteo.com/v1/forecast?" + current + "&latitude=25.08&longitude=-55.31&timezone=UTC"},
		{"with a key", Options{Provider: OpenMeteo, APIKey: "k&y"}, Metric, "https://customer-api.open-meteo.com/v1/forecast?apikey=k%26y&" + current + "&latitude=25.08&longitude=-55.31&timezone=UTC"},
		{"in imperial units", Options{}, Imperial, "https://api.open-meteo.com/v1/forecast?" + current +
			"&latitude=25.08&longitude=-55.31&precipitation_unit=inch&temperature_unit=fahrenheit&timezone=UTC&wind_speed_unit=mph"},
		{"a key alone is one of OpenWeatherMap", Options{APIKey: "k&y"}, Metric, "https://api.openweathermap.org/data/2.5/weather?appid=k%26y&lat=25.08&lon=-55.31&units=metric"},
		{"in imperial units, too", keyed(OpenWeatherMap, ""), Imperial, "https://api.openweathermap.org/data/2.5/weather?appid=" + secretKey + "&lat=25.08&lon=-55.31&units=imperial"},
		{"a path before the service's own", Options{BaseURL: "http://proxy.example:8080/weather%2Fa/"}, Metric, "http://proxy.example:8080/weather%2Fa/v1/forecast?" + current + "&latitude=25.08&longitude=-55.31&timezone=UTC"},
		{"with the whole address", keyed(OpenWeatherMap, "https://proxy.example/data/2.5/weather"), Metric, "https://proxy.example/data/2.5/weather?appid=" + secretKey + "&lat=25.08&lon=-55.31&units=metric"},
		{"with a part of it", keyed(OpenWeatherMap, "https://proxy.example/x/data/2.5/"), Metric, "https://proxy.example/x/data/2.5/weather?appid=" + secretKey + "&lat=25.08&lon=-55.31&units=metric"},
		{"with a path and a key", keyed(OpenWeatherMap, "https://proxy.example/owm"), Metric, "https://proxy.example/owm/data/2.5/weather?appid=" + secretKey + "&lat=25.08&lon=-55.31&units=metric"},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			var got *http.Request
			tt.options.HTTP = doer(func(r *http.Request) (*http.Response, error) {
				got = r
				return nil, errors.New("enough")
			})
			if _, err := client(t, tt.options).Current(t.Context(), dubaiLatitude, -dubaiLongitude, tt.units); !errors.Is(err, ErrUnavailable) {
				t.Fatalf("err = %v", err)
			}
			if got.Method != http.MethodGet || got.URL.String() != tt.want || got.Header.Get("Accept") != "application/json" {
				t.Errorf("%s %s %v\nwant %s", got.Method, got.URL, got.Header, tt.want)
			}
		})
	}
}

func TestProvider(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		want    Provider
	}{
		{"nothing said", Options{}, OpenMeteo},
		{"a key", Options{APIKey: "k"}, OpenWeatherMap},
		{"a key and a provider", Options{APIKey: "k", Provider: OpenMeteo}, OpenMeteo},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := client(t, tt.options).Provider(); got != tt.want {
				t.Errorf("provider %q, want %q", got, tt.want)
			}
		})
	}
}

func TestInvalid(t *testing.T) {
	c := client(t, Options{HTTP: through(sampleweather.Handler(today)), Now: today})
	tests := []struct {
		name                string
		latitude, longitude float64
		units               Units
		want                string
	}{
		{"too far north", 90.01, 0, Metric, "the weather cannot be asked for: the latitude is not between -90 and 90"},
		{"too far south", -90.01, 0, Metric, "the weather cannot be asked for: the latitude is not between -90 and 90"},
		{"latitude not a number", math.NaN(), 0, Metric, "the weather cannot be asked for: the latitude is not between -90 and 90"},
		{"too far east", 0, 180.01, Metric, "the weather cannot be asked for: the longitude is not between -180 and 180"},
		{"infinitely far west", 0, math.Inf(-1), Metric, "the weather cannot be asked for: the longitude is not between -180 and 180"},
		{"longitude not a number", 0, math.NaN(), Metric, "the weather cannot be asked for: the longitude is not between -180 and 180"},
		{"no units", 0, 0, "", "the weather cannot be asked for: the units are neither metric nor imperial"},
		{"other units", 0, 0, "standard", "the weather cannot be asked for: the units are neither metric nor imperial"},
		{"the north pole", 90, 0, Metric, ""},
		{"the date line", -90, -180, Imperial, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.Current(t.Context(), tt.latitude, tt.longitude, tt.units)
			if errors.Is(err, ErrInvalid) != (tt.want != "") || text(err) != tt.want {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// status answers with a status and a body.
func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// Each error of a service: its class, its words, and how often the service was
// asked. What it says, the key within, is in no error. The twin of all is
// TestCurrent.
func TestErrors(t *testing.T) {
	const quoting = `,"message":"Invalid API key ` + secretKey + `"}`
	tests := []struct {
		name     string
		provider Provider
		handler  http.HandlerFunc
		class    error
		want     string
		tries    int
	}{
		{"OpenWeatherMap refuses the key", OpenWeatherMap, status(401, `{"cod":401`+quoting), ErrKeyRefused, "the weather service refuses the API key: status 401", 1},
		{"forbidden", OpenWeatherMap, status(403, `{"cod":403`+quoting), ErrKeyRefused, "the weather service refuses the API key: status 403", 1},
		{"Open-Meteo wants a key", OpenMeteo, status(401, `{"error":true,"reason":"API key required. Please add &apikey= to the URL."}`), ErrKeyRefused, "the weather service refuses the API key: status 401", 1},
		{"Open-Meteo refuses the key", OpenMeteo, status(400, `{"reason":"The supplied API key is invalid.","error":true}`), ErrKeyRefused, "the weather service refuses the API key: status 400", 1},
		{"and says so with a status of 200", OpenMeteo, status(200, `{"reason":"The supplied API key is invalid.","error":true}`), ErrKeyRefused, "the weather service refuses the API key: by an error in its answer", 1},
		{"Open-Meteo refuses something else", OpenMeteo, status(400, `{"error":true,"reason":"No data is available for this location"}`), ErrRefused, "the weather service refuses the request: status 400", 1},
		{"and says so with a status of 200", OpenMeteo, status(200, `{"error":true,"reason":"No data is available for this location"}`), ErrRefused, "the weather service refuses the request: by an error in its answer", 1},
		{"a text about a key that is no error", OpenMeteo, status(400, `{"error":false,"reason":"API key"}`), ErrRefused, "the weather service refuses the request: status 400", 1},
		{"a body that is none of Open-Meteo's", OpenMeteo, status(400, `API key`), ErrRefused, "the weather service refuses the request: status 400", 1},
		{"OpenWeatherMap refuses the place", OpenWeatherMap, status(400, `{"cod":"400","message":"wrong latitude"}`), ErrRefused, "the weather service refuses the request: status 400", 1},
		{"no such path", OpenWeatherMap, status(404, `{"cod":"404","message":"Internal error"}`), ErrRefused, "the weather service refuses the request: status 404", 1},
		{"OpenWeatherMap's limit", OpenWeatherMap, status(429, `{"cod":429,"message":"Your account is temporary blocked"}`), ErrLimited, "the request limit of the weather service is reached: status 429", 1},
		{"Open-Meteo's limit", OpenMeteo, status(429, `{"error":true,"reason":"Minutely API request limit exceeded. Please try again in one minute."}`), ErrLimited, "the request limit of the weather service is reached: status 429", 1},
		{"broken", OpenMeteo, status(500, secretKey), ErrUnavailable, "the weather service is unavailable: status 500", 2},
		{"a broken gateway", OpenWeatherMap, status(502, secretKey), ErrUnavailable, "the weather service is unavailable: status 502", 2},
		{"an odd success", OpenMeteo, status(204, ""), ErrUnavailable, "the weather service is unavailable: status 204", 1},
		{"a page", OpenMeteo, status(200, "<html>"+secretKey), ErrUnavailable, "the weather service is unavailable: its answer has not the documented form", 1},
		{"an empty answer", OpenWeatherMap, status(200, ""), ErrUnavailable, "the weather service is unavailable: its answer has not the documented form", 1},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			var tries int
			o := keyed(tt.provider, "")
			o.HTTP = through(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tries++
				tt.handler(w, r)
			}))
			_, err := client(t, o).dubai(t.Context())
			if !errors.Is(err, tt.class) || text(err) != tt.want || tries != tt.tries {
				t.Errorf("err = %v after %d tries, want %s after %d", err, tries, tt.want, tt.tries)
			}
		})
	}
}

// Without a key a 403 is about something else, such as a proxy's rule.
func TestForbiddenWithoutKey(t *testing.T) {
	srv := serve(t, status(403, "no"))
	if _, err := client(t, Options{BaseURL: srv.URL}).dubai(t.Context()); !errors.Is(err, ErrRefused) || errors.Is(err, ErrKeyRefused) {
		t.Errorf("err = %v, want %v", err, ErrRefused)
	}
}

// A flight has a goroutine of its own, where no caller could recover a panic: without
// the recovery there the process would end, and this test with it.
func TestPanicInAFlight(t *testing.T) {
	calls := 0
	good := through(sampleweather.Handler(today))
	c := client(t, Options{Now: today, HTTP: doer(func(r *http.Request) (*http.Response, error) {
		if calls++; calls == 1 {
			panic("x")
		}
		return good(r)
	})})
	if _, err := c.dubai(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("err = %v, want %v", err, ErrUnavailable)
	}
	if _, err := c.dubai(t.Context()); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// The second try counts as the first does.
func TestRetry(t *testing.T) {
	sample := sampleweather.Handler(today)
	tests := []struct {
		name   string
		first  http.HandlerFunc
		second http.Handler
		class  error
		tries  int
	}{
		{"well after a 500", status(500, ""), sample, nil, 2},
		{"well after a 503", status(503, ""), sample, nil, 2},
		{"limited after a 500", status(500, ""), status(429, ""), ErrLimited, 2},
		{"no third time", status(500, ""), status(500, ""), ErrUnavailable, 2},
		{"no second after a limit", status(429, ""), sample, ErrLimited, 1},
		{"nor after a refusal", status(400, ""), sample, ErrRefused, 1},
		{"nor after nonsense", status(200, "{}"), sample, ErrUnavailable, 1},
		{"nor without need", sample.ServeHTTP, status(500, ""), nil, 1},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			var tries int
			o := Options{Now: today, HTTP: through(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tries++; tries == 1 {
					tt.first(w, r)
					return
				}
				tt.second.ServeHTTP(w, r)
			}))}
			start := time.Now()
			_, err := client(t, o).dubai(t.Context())
			if !errors.Is(err, tt.class) || tries != tt.tries {
				t.Errorf("err = %v after %d tries, want %v after %d", err, tries, tt.class, tt.tries)
			}
			if took := time.Since(start); took != time.Duration(tt.tries-1)*retryPause {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// A connection that breaks is worth another try, too.
func TestBrokenConnection(t *testing.T) {
	tests := []struct {
		name  string
		why   string
		first http.HandlerFunc
	}{
		{"before the answer", "without an answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"within the body", "in the middle of the answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		}},
	}
	for _, tt := range tests {
		for want, second := range map[string]http.Handler{
			"": sampleweather.Handler(today),
			"the weather service is unavailable: the connection was closed " + tt.why: tt.first,
		} {
			t.Run(tt.name+", "+want, func(t *testing.T) {
				var tries atomic.Int32
				srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if tries.Add(1) == 1 {
						tt.first(w, r)
						return
					}
					second.ServeHTTP(w, r)
				}))
				_, err := client(t, Options{BaseURL: srv.URL, Now: today}).dubai(t.Context())
				if text(err) != want || tries.Load() != 2 {
					t.Errorf("err = %v after %d tries, want %q after 2", err, tries.Load(), want)
				}
			})
		}
	}
}

// A redirect would take the key to wherever it leads.
func TestRedirect(t *testing.T) {
	var reached atomic.Int32
	elsewhere := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		sampleweather.Handler(today).ServeHTTP(w, r)
	}))
	for _, given := range []*http.Client{nil, {}} {
		for _, p := range []Provider{OpenMeteo, OpenWeatherMap} {
			srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL+r.URL.String(), http.StatusFound)
			}))
			o := keyed(p, srv.URL)
			if given != nil {
				o.HTTP = given
			}
			_, err := client(t, o).dubai(t.Context())
			const want = "the weather service is unavailable: status 302, a redirect, which is not followed"
			if !errors.Is(err, ErrUnavailable) || text(err) != want {
				t.Errorf("%s: err = %v, want %s", p, err, want)
			}
			if given != nil && given.CheckRedirect != nil {
				t.Error("the client that was passed in was changed")
			}
		}
	}
	if reached.Load() != 0 {
		t.Error("a redirect was followed")
	}
	if _, err := client(t, keyed(OpenWeatherMap, elsewhere.URL)).dubai(t.Context()); err != nil {
		t.Errorf("the twin, asked directly: %v", err)
	}
}

func TestSizeLimit(t *testing.T) {
	const body = `{"utc_offset_seconds":0,"current_units":{"time":"iso8601","temperature_2m":"°C"},` +
		`"current":{"time":"2026-11-21T14:30","temperature_2m":30.4}}`
	tests := []struct {
		name string
		size int
		want string
	}{
		{"as large as may be", maxBody, ""},
		{"one byte more", maxBody + 1, "the weather service is unavailable: its answer has more than 256 KiB"},
		{"much more", 64 * maxBody, "the weather service is unavailable: its answer has more than 256 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := serve(t, status(http.StatusOK, body+strings.Repeat(" ", tt.size-len(body))))
			_, err := client(t, Options{BaseURL: srv.URL, Now: today}).dubai(t.Context())
			if text(err) != tt.want || errors.Is(err, ErrUnavailable) != (tt.want != "") {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
		})
	}
}

// A body that drips is as slow as one that does not come.
func TestSlowBody(t *testing.T) {
	var tries atomic.Int32
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tries.Add(1)
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	o := keyed(OpenMeteo, srv.URL)
	o.HTTP = &http.Client{Timeout: 50 * time.Millisecond} // shorter than ours, for the test's sake
	_, err := client(t, o).dubai(t.Context())
	const want = "the weather service is unavailable: no answer in time"
	if !errors.Is(err, ErrUnavailable) || text(err) != want || tries.Load() != 2 {
		t.Errorf("err = %v after %d tries, want %s", err, tries.Load(), want)
	}
}

// keyInURL is an error as net/http makes them.
func keyInURL(cause error) error {
	return &url.Error{Op: "Get", URL: "https://api.openweathermap.org/data/2.5/weather?appid=" + secretKey, Err: cause}
}
