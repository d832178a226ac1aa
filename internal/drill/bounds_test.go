package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// goodReport is one in which every bound of boundsPlan just holds.
func goodReport() report {
	calls := func(name string, f fetches) phaseReport {
		return phaseReport{Name: name, Sent: 100, Refused: map[string]int{}, Fetches: f}
	}
	return report{
		Phases: []phaseReport{
			calls("warm-up", fetches{}),
			calls("outage", fetches{Keys: 1}),
			calls("storm 1", fetches{Keys: 10, Metadata: 10}),
			calls("storm 2", fetches{Metadata: 1}),
			calls("storm 3", fetches{Keys: 1}),
		},
		Pairs: []pairReport{{Quiet: 5, Difference: 2}, {Quiet: 5, Difference: 9}, {Quiet: 5, Difference: -1}},
		Revocation: revocationReport{
			Before: map[string]int{"200": 3}, After: map[string]int{"401": 2, "503": 1}, Stopped: true, Seconds: 6,
		},
		Junk:   junkReport{Sent: 9, Answers: map[string]int{"401": 2, "503": 3}, HungUp: 4, HeldBack: 5},
		Memory: &memoryReport{Before: 20 << 20, After: 84 << 20},
	}
}

// boundsPlan allows 20 requests in a storm: 4 x (1 refresh, 3 at once and 1 more).
var boundsPlan = plan{
	pairs: 3, judgeLatency: true,
	refresh: 5 * time.Second, cooldown: time.Minute, hang: time.Second,
}

// Each row spoils one thing of a report that is good.
func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name    string
		spoil   func(*report)
		failed  string // the bound
		figures string
	}{
		{
			"a call was refused", func(r *report) { r.Phases[1].Refused = map[string]int{"503": 2, "401": 1} },
			"no valid call is refused", "500 sent, 3 refused (outage: 1 x 401, outage: 2 x 503)",
		},
		{"nothing was called", func(r *report) {
			for i := range r.Phases {
				r.Phases[i].Sent = 0
			}
		}, "no valid call is refused", "0 sent, 0 refused"},
		{
			"the key stopped too late", func(r *report) { r.Revocation.Seconds = 6.01 },
			"a revoked key stops within one refresh", "after 6.0 s; 6.0 s are allowed",
		},
		{
			"the key never stopped", func(r *report) { r.Revocation.Stopped = false },
			"a revoked key stops within one refresh", "it was accepted to the end; 6.0 s are allowed",
		},
		{
			"the key was never good", func(r *report) { r.Revocation.Before = map[string]int{} },
			"a revoked key stops within one refresh", "its tokens were refused before it was revoked: none",
		},
		{
			"the key was not always good", func(r *report) { r.Revocation.Before["401"] = 1 },
			"a revoked key stops within one refresh", "its tokens were refused before it was revoked: 3 x 200, 1 x 401",
		},
		{
			"nobody ever said that the key is bad", func(r *report) { delete(r.Revocation.After, "401") },
			"a revoked key stops within one refresh", "its tokens were answered with something else than 401: 1 x 503",
		},
		{
			"a revoked key broke something", func(r *report) { r.Revocation.After["500"] = 1 },
			"a revoked key stops within one refresh", "its tokens were answered with something else than 401: 2 x 401, 1 x 500, 1 x 503",
		},
		{
			"the outage met nobody", func(r *report) { r.Phases[1].Fetches = fetches{Token: 1} },
			"the outage was felt", "0 requests met it",
		},
		{
			"there was no outage", func(r *report) { r.Phases[1].Name = "another" },
			"the outage was felt", "0 requests met it",
		},
		{
			"one of the hangs met nobody", func(r *report) { r.Phases[3].Fetches = fetches{} },
			"every hang was felt", "requests that met it, by storm: 20, 0, 1",
		},
		{
			"one request too many", func(r *report) { r.Phases[2].Fetches.Keys++ },
			"junk is not passed on to the issuer", "at most 21 requests in a storm, 20 allowed",
		},
		{
			"junk was accepted", func(r *report) { r.Junk.Answers["200"] = 1 },
			"junk gets 401 or 503", "9 sent: 1 x 200, 2 x 401, 3 x 503; 4 hung up first, 5 held back",
		},
		{
			"a connection broke", func(r *report) { r.Junk.Answers["connection closed"] = 1 },
			"junk gets 401 or 503", "9 sent: 2 x 401, 3 x 503, 1 x connection closed; 4 hung up first, 5 held back",
		},
		{
			"no junk was called junk", func(r *report) { delete(r.Junk.Answers, "401") },
			"junk gets 401 or 503", "9 sent: 3 x 503; 4 hung up first, 5 held back",
		},
		{
			"a storm slows down by a little too much", func(r *report) { r.Pairs[0].Difference = 2.01 },
			"a storm does not slow valid calls down", "p99 +2.01 ms (median of 3 pairs), +2.00 ms allowed",
		},
		{
			"no pair was made", func(r *report) { r.Pairs = nil },
			"a storm does not slow valid calls down", "p99 +0.00 ms (median of 0 pairs), +2.00 ms allowed",
		},
		{
			"memory grew", func(r *report) { r.Memory.After++ },
			"junk is not remembered", "memory 20 MiB before the storms, 84 MiB after; 64 MiB more allowed",
		},
		{
			"the server was killed", func(r *report) { r.Exit = "killed" },
			"the server stops cleanly", "killed",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := goodReport()
			tt.spoil(&r)
			r.Bounds = judge(boundsPlan, r)
			if got := failed(r); !slices.Equal(got, []string{tt.failed}) {
				t.Fatalf("failed: %q, want %q alone", got, tt.failed)
			}
			i := slices.IndexFunc(r.Bounds, func(b bound) bool { return !b.Held })
			if got := r.Bounds[i].Figures; got != tt.figures {
				t.Errorf("figures %q, want %q", got, tt.figures)
			}
		})
	}
	t.Run("nothing is spoilt", func(t *testing.T) {
		r := goodReport()
		r.Bounds = judge(boundsPlan, r)
		if got := failed(r); len(got) != 0 {
			t.Errorf("failed: %q", got)
		}
	})
}

// The bound on latency: a tenth of the quiet p99 where that is more than 2 ms.
func TestJudgeLatency(t *testing.T) {
	for _, tt := range []struct {
		name       string
		quiet      []float64
		difference []float64
		want       bool
	}{
		{"2 ms of little", []float64{1, 1, 1}, []float64{2, 2, 2}, true},
		{"more than 2 ms of little", []float64{1, 1, 1}, []float64{2.1, 2.1, 2.1}, false},
		{"a tenth of much", []float64{50, 50, 50}, []float64{5, 5, 5}, true},
		{"more than a tenth of much", []float64{50, 50, 50}, []float64{5.1, 5.1, 5.1}, false},
		{"two bad pairs of five", []float64{1, 1, 1, 1, 1}, []float64{0, 90, 0, 90, 0}, true},
		{"three bad pairs of five", []float64{1, 1, 1, 1, 1}, []float64{90, 90, 0, 90, 0}, false},
		{"faster in a storm", []float64{1}, []float64{-90}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var pairs []pairReport
			for i := range tt.quiet {
				pairs = append(pairs, pairReport{Quiet: tt.quiet[i], Difference: tt.difference[i]})
			}
			if got := judgeLatency(pairs); got.Held != tt.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A short drill has no bound on latency, and without /proc there is none on memory.
func TestJudgeLeavesOut(t *testing.T) {
	r := goodReport()
	all := len(judge(boundsPlan, r))
	short := boundsPlan
	short.judgeLatency = false
	r.Memory = nil
	bounds := judge(short, r)
	if len(bounds) != all-2 {
		t.Errorf("%d bounds of %d", len(bounds), all)
	}
	for _, b := range bounds {
		if strings.Contains(b.Name, "slow") || strings.Contains(b.Name, "remembered") {
			t.Errorf("there is still the bound %q", b.Name)
		}
	}
}
