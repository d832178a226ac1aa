package main

import (
	"testing"
	"time"
)

func TestDistribution(t *testing.T) {
	upTo := func(n int) []time.Duration {
		var taken []time.Duration
		for i := n; i > 0; i-- { // unsorted
			taken = append(taken, time.Duration(i)*time.Millisecond)
		}
		return taken
	}
	for _, tt := range []struct {
		name  string
		taken []time.Duration
		want  latency
	}{
		{"none", nil, latency{}},
		{"one", upTo(1), latency{1, 1, 1}},
		{"two", upTo(2), latency{1, 2, 2}},
		{"a hundred", upTo(100), latency{50, 99, 100}},
		{"one more than a hundred", upTo(101), latency{51, 100, 101}},
		{"a thousand", upTo(1000), latency{500, 990, 1000}},
		{"one that is slow, of a hundred", append(upTo(99), time.Minute), latency{50, 99, 60000}},
		{"two that are slow, of a hundred", append(upTo(98), time.Minute, time.Minute), latency{50, 60000, 60000}},
		{"rounded to the microsecond", []time.Duration{1234567 * time.Nanosecond}, latency{1.235, 1.235, 1.235}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := distribution(tt.taken); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"none", nil, 0},
		{"one", []float64{3}, 3},
		{"an odd number", []float64{9, -1, 2}, 2},
		{"an even number", []float64{9, -1, 2, 3}, 2.5},
		{"one that is far off", []float64{1, 1, 1, 1, 1000}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := median(tt.values); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
