package tools

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/sampleweather"
	"mcp-resource-server/internal/weather"
)

const weatherKey = "0123456789abcdef"

// weatherTool returns get_weather, set up as c says, against a fake of the provider
// that h is.
func weatherTool(t *testing.T, c WeatherConfig, h http.Handler) Tool {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c.BaseURL = srv.URL
	return GetWeather(c, Deps{Now: winter, HTTP: srv.Client()})
}

func TestGetWeather(t *testing.T) {
	openWeather := WeatherConfig{APIKey: weatherKey}
	const attributed = " Weather data by Open-Meteo.com (CC BY 4.0)."
	tests := []struct {
		name      string
		config    WeatherConfig
		arguments string
		words     string
		want      map[string]any
	}{
		{
			"metric by default",
			WeatherConfig{},
			`{"location":"Dubai"}`,
			"The weather in Dubai, United Arab Emirates is clear sky with a temperature of 30.4 °C." + attributed,
			map[string]any{
				"location": "Dubai, United Arab Emirates", "condition": "clear sky", "observed_at": "2026-11-21T14:30:00Z",
				"temperature": map[string]any{"value": 30.4, "unit": "°C"}, "attribution": "Weather data by Open-Meteo.com (CC BY 4.0)",
			},
		},
		{
			"metric by name",
			WeatherConfig{Provider: "open-meteo"},
			`{"location":"dubai, uae","units":"metric"}`,
			"The weather in Dubai, United Arab Emirates is clear sky with a temperature of 30.4 °C." + attributed, nil,
		},
		{
			"imperial",
			WeatherConfig{},
			`{"location":"Dubai","units":"imperial"}`,
			"The weather in Dubai, United Arab Emirates is clear sky with a temperature of 86.7 °F." + attributed,
			map[string]any{"temperature": map[string]any{"value": 86.7, "unit": "°F"}},
		},
		{
			"a key and no provider", openWeather, `{"location":"Dubai"}`,
			"The weather in Dubai, United Arab Emirates is clear sky with a temperature of 30.4 °C. Weather data provided by OpenWeather (https://openweathermap.org/).",
			map[string]any{"temperature": map[string]any{"value": 30.4, "unit": "°C"}},
		},
		{
			"by an old name",
			WeatherConfig{},
			`{"location":"Bangalore"}`,
			"The weather in Bengaluru, Karnataka, India is ", nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tool := weatherTool(t, tt.config, sampleweather.Handler(winter))
			result, err := tool.Call(t.Context(), Caller{}, raw(tt.arguments))
			if err != nil {
				t.Fatal(err)
			}
			said := texts(t, result)
			if result.IsError || len(said) != 2 || !strings.HasPrefix(said[0], tt.words) {
				t.Fatalf("IsError = %v, %q; want %q", result.IsError, said, tt.words)
			}
			var got map[string]any
			if err := json.Unmarshal([]byte(said[1]), &got); err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.want {
				if diff := cmp.Diff(want, got[name]); diff != "" {
					t.Errorf("%s: -want +got:\n%s", name, diff)
				}
			}
		})
	}
}

// What the provider does not tell is left out, and not a zero that looks measured.
func TestGetWeatherLeavesOut(t *testing.T) {
	tool := weatherTool(t, WeatherConfig{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"current_units":{"temperature_2m":"°C"},"current":{"temperature_2m":0,"weather_code":3,"wind_speed_10m":0}}`))
	}))
	wantSaid(t, tool, Caller{}, `{"location":"Singapore"}`,
		"The weather in Singapore is overcast with a temperature of 0 °C. Weather data by Open-Meteo.com (CC BY 4.0).",
		`{"location":"Singapore","latitude":1.28967,"longitude":103.85007,"condition":"overcast","temperature":{"value":0,"unit":"°C"},
		  "wind_speed":{"value":0,"unit":"km/h"},"attribution":"Weather data by Open-Meteo.com (CC BY 4.0)"}`)
}

func TestGetWeatherRefuses(t *testing.T) {
	tests := []struct {
		name, arguments, want string
	}{
		{"no place", `{"location":" "}`, "location must not be empty"},
		{"other units", `{"location":"Dubai","units":"kelvin"}`, "units must be metric or imperial"},
		{"an unknown place", `{"location":"Nowhereville"}`, `"Nowhereville" is no known city of 15,000 people or more`},
		{"a country", `{"location":"Iceland"}`, `"Iceland" names a whole country or region (Iceland); name a city there, such as Reykjavik, Capital Region, Iceland; Kopavogur, Capital Region, Iceland; Hafnarfjordur, Capital Region, Iceland; Akureyri, Northeast, Iceland`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			tool := weatherTool(t, WeatherConfig{}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
			wantShownError(t, tool, tt.arguments, tt.want)
			if asked != 0 {
				t.Errorf("the provider was asked %d times", asked)
			}
		})
	}
}

// Whatever comes of asking the provider, a caller is told what it can do about it,
// the log gets the reason, and neither the key.
func TestGetWeatherProviderFaults(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	const unusable = "the weather service cannot be reached or gives no usable answer; try again later"
	tests := []struct {
		name    string
		handler http.HandlerFunc
		shown   string
		logged  string
	}{
		{"broken", answer(http.StatusBadGateway, "<html>"+weatherKey), unusable, "the weather service is unavailable: status 502"},
		{"not JSON", answer(http.StatusOK, "<html>"+weatherKey), unusable, "the weather service is unavailable: its answer has not the documented form"},
		{"gone in the middle", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, unusable, "the weather service is unavailable: the connection was closed without an answer"},
		{"too much", answer(http.StatusOK, strings.Repeat(" ", 1<<20)), unusable, "the weather service is unavailable: its answer has more than 256 KiB"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/"+weatherKey, http.StatusFound) }, unusable, "status 302"},
		{"a bad key", answer(http.StatusUnauthorized, `{"cod":401,"message":"Invalid API key `+weatherKey+`"}`), "the weather service refuses this server's API key; its operator must set another", "refuses the API key: status 401"},
		{"too many requests", answer(http.StatusTooManyRequests, `{"cod":429}`), "the weather service was asked too often; try again later", "status 429"},
		{"another refusal", answer(http.StatusBadRequest, `{"cod":"400","message":"wrong latitude"}`), "the weather service refuses the request for this place", "status 400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tool := weatherTool(t, WeatherConfig{APIKey: weatherKey}, tt.handler)
			result, err := tool.Call(t.Context(), Caller{}, raw(`{"location":"Dubai"}`))
			if got := onlyText(t, result); !result.IsError || got != tt.shown {
				t.Errorf("shown: %q, want %q", got, tt.shown)
			}
			if err == nil || !strings.Contains(err.Error(), tt.logged) || strings.Contains(err.Error(), weatherKey) {
				t.Errorf("logged: %v, want %q", err, tt.logged)
			}
		})
	}
}

func TestWeatherConfigValidate(t *testing.T) {
	tests := []struct {
		name   string
		config WeatherConfig
		want   []string // the keys with a fault
	}{
		{"the default", DefaultConfig().Weather, nil},
		{"a key alone", WeatherConfig{APIKey: weatherKey}, nil},
		{"the paid service of Open-Meteo", WeatherConfig{Provider: "open-meteo", APIKey: weatherKey}, nil},
		{"a service of one's own", WeatherConfig{Provider: "open-meteo", BaseURL: "http://weather.internal:8080/meteo"}, nil},
		{"a provider that is none", WeatherConfig{Provider: "accuweather"}, []string{"provider"}},
		{"one that needs a key", WeatherConfig{Provider: string(weather.OpenWeatherMap)}, []string{"api_key"}},
		{"an address that is none", WeatherConfig{BaseURL: "weather.internal"}, []string{"base_url"}},
		{"a key in the address", WeatherConfig{BaseURL: "https://weather.internal/?apikey=" + weatherKey}, []string{"base_url"}},
		{"a key with white space", WeatherConfig{APIKey: weatherKey + " "}, []string{"api_key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := Config{Weather: tt.config}.Validate()
			var got []string
			for _, fault := range l {
				got = append(got, strings.TrimPrefix(fault.Path, "weather."))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s%v", diff, l)
			}
			if strings.Contains(faults.List(l).Error(), weatherKey) {
				t.Errorf("the key is shown: %v", l)
			}
		})
	}
}
