package sampleweather

import (
	"math"
	"testing"
	"time"
)

func TestDubai(t *testing.T) {
	tests := []struct {
		name                string
		latitude, longitude float64
		want                bool
	}{
		{"the city, by GeoNames", 25.07725, 55.30927, true},
		{"rounded", 25.08, 55.31, true},
		{"its old centre", 25.2697, 55.3095, true},
		{"Abu Dhabi", 24.4539, 54.3773, false},
		{"the other side of the earth", -25.07725, -124.69073, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := at(tt.latitude, tt.longitude)
			if got := s.temperature == 30.4 && s.description == "clear sky" && s.code == 0; got != tt.want {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestPlausible(t *testing.T) {
	seen := map[string]bool{}
	for latitude := -90.0; latitude <= 90; latitude += 2.5 {
		for longitude := -180.0; longitude <= 180; longitude += 2.5 {
			s := at(latitude, longitude)
			if s != at(latitude, longitude) {
				t.Fatalf("%v, %v has two weathers", latitude, longitude)
			}
			seen[s.description] = true
			snow := s.group == "Snow"
			wet := s.group == "Rain" || s.group == "Thunderstorm"
			if s.temperature < -16 || s.temperature > 33.1 || (snow && s.temperature > 0) || (wet && s.temperature <= 0) ||
				math.Abs(s.apparent-s.temperature) > 30 || s.windSpeed < 2 || s.windSpeed > 32 ||
				s.windDirection < 0 || s.windDirection >= 360 || s.pressure < 1000 || s.pressure > 1030 ||
				(s.precipitation > 0) != (snow || wet) {
				t.Errorf("%v, %v: %+v", latitude, longitude, s)
			}
		}
	}
	for _, k := range append(append([]sky{}, warm...), cold...) {
		if !seen[k.description] {
			t.Errorf("there is no place with %s", k.description)
		}
	}
}

// A client that rounds to two decimals finds the same weather, on both sides of zero.
func TestCells(t *testing.T) {
	tests := []struct {
		name string
		a, b [2]float64
		want bool
	}{
		{"rounded", [2]float64{51.50853, -0.12574}, [2]float64{51.51, -0.13}, true},
		{"a zero below and one above", [2]float64{-0.01, 10}, [2]float64{0.01, 10}, true},
		{"a zero of longitude", [2]float64{10, 0.04}, [2]float64{10, -0.04}, true},
		{"another cell", [2]float64{51.5, -0.1}, [2]float64{51.6, -0.1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := cellHash(tt.a[0], tt.a[1]) == cellHash(tt.b[0], tt.b[1]); got != tt.want {
				t.Errorf("%v and %v: the same is %v", tt.a, tt.b, got)
			}
		})
	}
}

func TestIsDay(t *testing.T) {
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 21, hour, minute, 0, 0, time.UTC) }
	tests := []struct {
		name      string
		longitude float64
		time      time.Time
		want      bool
	}{
		{"Greenwich at noon", 0, at(12, 0), true},
		{"at six", 0, at(6, 0), true},
		{"a minute before", 0, at(5, 59), false},
		{"at eighteen", 0, at(18, 0), false},
		{"a minute before that", 0, at(17, 59), true},
		{"the date line, from the east, at noon", 180, at(12, 0), false},
		{"the date line, from the west, at midnight", -180, at(0, 0), true},
		{"Dubai in the afternoon", 55.3, at(10, 0), true},
		{"Dubai in the evening", 55.3, at(14, 30), false},
		{"whatever the zone of the clock", 0, at(12, 0).In(time.FixedZone("", 9*3600)), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := isDay(tt.longitude, tt.time); got != tt.want {
				t.Errorf("isDay = %v, want %v", got, tt.want)
			}
		})
	}
}
