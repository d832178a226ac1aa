package main

import (
	"math"
	"slices"
	"time"
)

// latency is a distribution in milliseconds.
type latency struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

// distribution sorts its argument.
func distribution(taken []time.Duration) latency {
	slices.Sort(taken)
	return latency{
		P50: millis(percentile(taken, 50)),
		P99: millis(percentile(taken, 99)),
		Max: millis(percentile(taken, 100)),
	}
}

// percentile gives, by the nearest rank, the smallest value that p percent of the
// sorted values do not exceed; of none, 0.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[max(rank, 1)-1]
}

// median gives the mean of the two in the middle where there is no middle one; of
// none, 0.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// millis is a time in milliseconds, to the microsecond.
func millis(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }

// seconds is a time in seconds, to the hundredth.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*100) / 100 }
