package sampleweather

import (
	"fmt"
	"hash/fnv"
	"math"
	"time"
)

// sample is made-up weather, in metric units.
type sample struct {
	sky
	temperature   float64 // °C
	apparent      float64 // °C
	pressure      float64 // hPa at sea level
	windSpeed     float64 // km/h
	windDirection float64 // degrees
	precipitation float64 // mm in an hour
}

// sky is a kind of weather as each service names it.
type sky struct {
	code        int // Open-Meteo: WMO code
	id          int // OpenWeatherMap: condition id, group, words and icon
	group       string
	description string
	icon        string
	cloudCover  int     // %
	humidity    int     // %
	fall        float64 // mm of rain or snow in an hour
}

// The skies that occur, above and below freezing.
var (
	warm = []sky{
		{0, 800, "Clear", "clear sky", "01", 0, 45, 0},
		{1, 801, "Clouds", "few clouds", "02", 20, 50, 0},
		{2, 802, "Clouds", "scattered clouds", "03", 45, 55, 0},
		{3, 804, "Clouds", "overcast clouds", "04", 96, 70, 0},
		{45, 741, "Fog", "fog", "50", 100, 98, 0},
		{61, 500, "Rain", "light rain", "10", 90, 82, 0.4},
		{63, 501, "Rain", "moderate rain", "10", 100, 88, 1.6},
		{80, 520, "Rain", "light intensity shower rain", "09", 75, 80, 0.9},
		{95, 211, "Thunderstorm", "thunderstorm", "11", 100, 90, 3.2},
	}
	cold = []sky{
		{0, 800, "Clear", "clear sky", "01", 0, 60, 0},
		{2, 802, "Clouds", "scattered clouds", "03", 45, 65, 0},
		{3, 804, "Clouds", "overcast clouds", "04", 97, 78, 0},
		{71, 600, "Snow", "light snow", "13", 95, 88, 0.3},
		{75, 602, "Snow", "heavy snow", "13", 100, 94, 1.5},
	}
)

// at returns the weather at a coordinate: that of its cell of a tenth of a degree,
// so that a client that rounds finds what one that does not rounds finds.
func at(latitude, longitude float64) sample {
	if isDubai(latitude, longitude) {
		return feel(sample{sky: warm[0], temperature: 30.4, pressure: 1012.4, windSpeed: 13.3, windDirection: 320})
	}
	h := cellHash(latitude, longitude)
	sin := math.Sin(latitude * math.Pi / 180)
	s := sample{
		// The mean of a year, roughly, four degrees up or down.
		temperature:   round(29-40*sin*sin+float64(h%81)/10-4, 1),
		pressure:      1000 + float64(h>>8%300)/10,
		windSpeed:     2 + float64(h>>16%300)/10,
		windDirection: float64(h >> 24 % 360),
	}
	skies := warm
	if s.temperature <= 0 {
		skies = cold
	}
	s.sky = skies[h>>32%uint64(len(skies))]
	s.precipitation = s.fall
	return feel(s)
}

// isDubai tells whether a coordinate is in or near Dubai, whichever point of the
// city a table of places gives. The documentation shows the weather there.
func isDubai(latitude, longitude float64) bool {
	return math.Abs(latitude-25.1) <= 0.25 && math.Abs(longitude-55.3) <= 0.25
}

func cellHash(latitude, longitude float64) uint64 {
	h := fnv.New64a()
	// Adding 0 makes -0 a 0.
	_, _ = fmt.Fprintf(h, "%.0f,%.0f", math.Round(latitude*10)+0, math.Round(longitude*10)+0)
	return h.Sum64()
}

// feel adds the apparent temperature: Steadman's, without the sun, as the
// Australian Bureau of Meteorology gives it.
func feel(s sample) sample {
	vapour := float64(s.humidity) / 100 * 6.105 * math.Exp(17.27*s.temperature/(237.7+s.temperature))
	s.apparent = round(s.temperature+0.33*vapour-0.7*s.windSpeed/3.6-4, 1)
	return s
}

// isDay tells whether the sun is up, as it is at the equator: from six to six by
// the sun.
func isDay(longitude float64, t time.Time) bool {
	hour := sunHour(longitude, t)
	return hour >= 6 && hour < 18
}

func sunHour(longitude float64, t time.Time) float64 {
	utc := t.UTC()
	hours := float64(utc.Hour()) + float64(utc.Minute())/60 + float64(utc.Second())/3600
	return math.Mod(hours+longitude/15+24, 24)
}

func round(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}
