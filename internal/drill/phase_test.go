package main

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A phase that is entered again goes on, and requests to the issuer belong to the
// phase in which they came.
func TestChronicle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c chronicle
		during := func(name string, before fetches, lasts time.Duration, faults ...string) {
			c.enter(name, before)
			for i, fault := range faults {
				c.current().record(time.Duration(i+1)*time.Millisecond, fault)
			}
			time.Sleep(lasts) // of the bubble
		}
		during("one", fetches{Keys: 10, Metadata: 10, Token: 10}, time.Second, good, good, "503")
		during("two", fetches{Keys: 11, Metadata: 12, Token: 13}, 2*time.Second, "503", "401")
		during("one", fetches{Keys: 11, Metadata: 12, Token: 14}, 3*time.Second, "503")
		late := c.current()
		c.leave(fetches{Keys: 15, Metadata: 12, Token: 14})
		late.record(9*time.Millisecond, good)
		want := []phaseReport{
			{
				Name: "one", Seconds: 4, Sent: 5, Refused: map[string]int{"503": 2},
				latency: latency{P50: 2, P99: 9, Max: 9}, Fetches: fetches{Keys: 5, Metadata: 2, Token: 3},
			},
			{
				Name: "two", Seconds: 2, Sent: 2, Refused: map[string]int{"401": 1, "503": 1},
				latency: latency{P50: 1, P99: 2, Max: 2}, Fetches: fetches{Token: 1},
			},
		}
		same := func(a, b phaseReport) bool {
			return a.Name == b.Name && a.Seconds == b.Seconds && a.Sent == b.Sent && maps.Equal(a.Refused, b.Refused) &&
				a.latency == b.latency && a.Fetches == b.Fetches
		}
		if got := c.reports(); !slices.EqualFunc(got, want, same) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}
