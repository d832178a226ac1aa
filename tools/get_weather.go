package tools

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/places"
	"mcp-resource-server/internal/weather"
)

// WeatherConfig says who is asked for the weather.
type WeatherConfig struct {
	// open-meteo or openweathermap. Empty: openweathermap where there is a key, else
	// open-meteo, whose free service needs none and is for non-commercial use.
	Provider string `mapstructure:"provider"`
	// Where the provider is asked. Empty: at its own address, which for open-meteo with
	// a key is that of its paid service.
	BaseURL string `mapstructure:"base_url"`
	// The provider's key.
	APIKey string `mapstructure:"api_key" secret:"true"`
}

// Validate returns what is wrong with c, by key.
func (c WeatherConfig) Validate() faults.List {
	var l faults.List
	for _, fault := range c.options(Deps{}).Faults() {
		l.Add(fault.Option, "%s", fault.Problem)
	}
	return l
}

func (c WeatherConfig) options(d Deps) weather.Options {
	o := weather.Options{
		Provider: weather.Provider(c.Provider),
		BaseURL:  c.BaseURL,
		APIKey:   c.APIKey,
		Now:      d.Now,
	}
	if d.HTTP != nil { // a nil *http.Client would be a Doer that is not nil
		o.HTTP = d.HTTP
	}
	return o
}

// GetWeatherInput is what get_weather takes.
type GetWeatherInput struct {
	Location string `json:"location" jsonschema:"a city, alone or with its region or country: Dubai, or Springfield, Illinois, or Paris, France"`
	Units    string `json:"units,omitempty" jsonschema:"metric (the default: °C, km/h, mm) or imperial (°F, mph, inches)"`
}

// GetWeatherOutput is what get_weather gives. What the provider does not tell is
// left out.
type GetWeatherOutput struct {
	Location      string        `json:"location" jsonschema:"the place that was found, with its region and country"`
	Latitude      float64       `json:"latitude" jsonschema:"decimal degrees"`
	Longitude     float64       `json:"longitude" jsonschema:"decimal degrees"`
	ObservedAt    time.Time     `json:"observed_at,omitzero" jsonschema:"when the weather was so, RFC 3339 in UTC"`
	Condition     string        `json:"condition" jsonschema:"the weather in words, such as clear sky"`
	TimeOfDay     string        `json:"time_of_day,omitempty" jsonschema:"day or night, by the sun"`
	Temperature   Quantity      `json:"temperature" jsonschema:"the temperature of the air"`
	FeelsLike     Quantity      `json:"feels_like,omitzero" jsonschema:"the temperature that it feels like"`
	Humidity      Quantity      `json:"humidity,omitzero" jsonschema:"the relative humidity"`
	WindSpeed     Quantity      `json:"wind_speed,omitzero" jsonschema:"the speed of the wind"`
	WindDirection Quantity      `json:"wind_direction,omitzero" jsonschema:"where the wind comes from, clockwise from north"`
	Precipitation Precipitation `json:"precipitation,omitzero" jsonschema:"the rain and snow that fell"`
	Pressure      Quantity      `json:"pressure,omitzero" jsonschema:"the pressure of the air at sea level"`
	CloudCover    Quantity      `json:"cloud_cover,omitzero" jsonschema:"how much of the sky is covered"`
	Others        []string      `json:"others,omitempty" jsonschema:"other places of this name, less known; ask with one of these texts to get theirs"`
	Attribution   string        `json:"attribution" jsonschema:"where the data is from; it must be shown wherever the data is"`
}

// Quantity is a value with its unit.
type Quantity struct {
	Value float64 `json:"value" jsonschema:"the number"`
	Unit  string  `json:"unit" jsonschema:"its unit, such as °C or km/h"`
}

// Precipitation is an amount that fell in a time.
type Precipitation struct {
	Value         float64 `json:"value" jsonschema:"the number"`
	Unit          string  `json:"unit" jsonschema:"its unit, mm or in"`
	PeriodMinutes float64 `json:"period_minutes" jsonschema:"in how many minutes before observed_at it fell"`
}

// Words says what the weather is, and whose data that is.
func (o GetWeatherOutput) Words() string {
	return fmt.Sprintf("The weather in %s is %s with a temperature of %s %s. %s.",
		o.Location, o.Condition, strconv.FormatFloat(o.Temperature.Value, 'f', -1, 64), o.Temperature.Unit, o.Attribution)
}

// GetWeather returns the tool get_weather. c must be valid.
func GetWeather(c WeatherConfig, d Deps) Tool {
	client, err := weather.New(c.options(d))
	if err != nil {
		panic(fmt.Sprintf("tool get_weather: %v", err))
	}
	return Define("get_weather", Options{
		Title: "Current weather",
		Description: "Tells the current weather in a city, in words and in numbers with units. " +
			"A city whose name is ambiguous or unknown gets an answer that names the alternatives: ask again with one of them.",
		Annotations: Annotations{ReadOnly: true},
		Icons:       ownIcon("get_weather"),
	}, func(ctx context.Context, _ Caller, in GetWeatherInput) (GetWeatherOutput, error) {
		return getWeather(ctx, client, in)
	})
}

func getWeather(ctx context.Context, client *weather.Client, in GetWeatherInput) (GetWeatherOutput, error) {
	units := weather.Units(in.Units)
	switch units {
	case "":
		units = weather.Metric
	case weather.Metric, weather.Imperial:
	default:
		return GetWeatherOutput{}, Errorf("units must be metric or imperial")
	}
	if strings.TrimSpace(in.Location) == "" {
		return GetWeatherOutput{}, Errorf("location must not be empty")
	}
	found, err := places.Load().Find(in.Location)
	if err != nil {
		return GetWeatherOutput{}, placeError(err)
	}
	report, err := client.Current(ctx, found.Latitude, found.Longitude, units)
	if err != nil {
		return GetWeatherOutput{}, weatherError(fmt.Errorf("asking %s: %w", client.Provider(), err))
	}
	return weatherOutput(found, report), nil
}

// weatherError words for a caller what came of asking the provider. Package weather
// puts nothing of the provider's answer, and never the key, into an error.
func weatherError(err error) error {
	switch {
	case errors.Is(err, weather.ErrUnavailable):
		return ErrorBecause(err, "the weather service cannot be reached or gives no usable answer; try again later")
	case errors.Is(err, weather.ErrLimited):
		return ErrorBecause(err, "the weather service was asked too often; try again later")
	case errors.Is(err, weather.ErrKeyRefused):
		return ErrorBecause(err, "the weather service refuses this server's API key; its operator must set another")
	case errors.Is(err, weather.ErrRefused):
		return ErrorBecause(err, "the weather service refuses the request for this place")
	}
	return err
}

func weatherOutput(found places.Match, r weather.Report) GetWeatherOutput {
	out := GetWeatherOutput{
		Location:      found.String(),
		Latitude:      found.Latitude,
		Longitude:     found.Longitude,
		ObservedAt:    r.ObservedAt.UTC(),
		Condition:     r.Condition,
		TimeOfDay:     timeOfDay(r.IsDay),
		Temperature:   quantity(&r.Temperature, r.Units.Temperature),
		FeelsLike:     quantity(r.FeelsLike, r.Units.Temperature),
		Humidity:      quantity(r.Humidity, r.Units.Humidity),
		WindSpeed:     quantity(r.WindSpeed, r.Units.WindSpeed),
		WindDirection: quantity(r.WindDirection, r.Units.WindDirection),
		Pressure:      quantity(r.Pressure, r.Units.Pressure),
		CloudCover:    quantity(r.CloudCover, r.Units.CloudCover),
		Others:        placeNames(found.Others),
		Attribution:   r.Attribution,
	}
	if r.Precipitation != nil {
		out.Precipitation = Precipitation{*r.Precipitation, r.Units.Precipitation, r.PrecipitationPeriod.Minutes()}
	}
	return out
}

// quantity returns the zero Quantity, which is left out, for a value that is not
// known.
func quantity(value *float64, unit string) Quantity {
	if value == nil {
		return Quantity{}
	}
	return Quantity{*value + 0, unit} // adding 0 makes -0 a 0
}

func timeOfDay(isDay *bool) string {
	switch {
	case isDay == nil:
		return ""
	case *isDay:
		return "day"
	default:
		return "night"
	}
}
