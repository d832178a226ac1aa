package main

import (
	"maps"
	"testing"
	"time"
)

func TestJudgeProbes(t *testing.T) {
	asked := time.Now()
	revoked := asked.Add(20 * time.Millisecond)
	at := func(ms int, fault string) probe {
		begun := asked.Add(time.Duration(ms) * time.Millisecond)
		return probe{begun: begun, ended: begun.Add(10 * time.Millisecond), fault: fault}
	}
	for _, tt := range []struct {
		name   string
		probes []probe
		want   revocationReport
	}{
		{"none", nil, revocationReport{}},
		{
			"good before, bad after",
			[]probe{at(-100, good), at(-50, good), at(50, good), at(150, "401"), at(250, "401")},
			revocationReport{Before: map[string]int{"200": 2}, After: map[string]int{"401": 2}, Stopped: true, Seconds: 0.15},
		},
		{
			"in any order",
			[]probe{at(250, "503"), at(50, good), at(-50, good), at(150, "401"), at(-100, good)},
			revocationReport{Before: map[string]int{"200": 2}, After: map[string]int{"401": 1, "503": 1}, Stopped: true, Seconds: 0.15},
		},
		{
			"bad at once",
			[]probe{at(-50, good), at(20, "401")},
			revocationReport{Before: map[string]int{"200": 1}, After: map[string]int{"401": 1}, Stopped: true, Seconds: 0.02},
		},
		{
			"under way meanwhile, and answered in either way",
			[]probe{at(-50, good), at(-10, "401"), at(-5, good), at(5, "401"), at(10, good), at(100, "401")},
			revocationReport{Before: map[string]int{"200": 1}, After: map[string]int{"401": 1}, Stopped: true, Seconds: 0.1},
		},
		{
			"under way meanwhile, and bad",
			[]probe{at(-50, good), at(5, "401"), at(100, "401")},
			revocationReport{Before: map[string]int{"200": 1}, After: map[string]int{"401": 1}, Stopped: true, Seconds: 0.1},
		},
		{
			"bad, and good once more",
			[]probe{at(-50, good), at(100, "401"), at(200, good), at(300, "401")},
			revocationReport{Before: map[string]int{"200": 1}, After: map[string]int{"401": 1}, Stopped: true, Seconds: 0.3},
		},
		{
			"good to the end",
			[]probe{at(-50, good), at(100, "401"), at(200, good)},
			revocationReport{Before: map[string]int{"200": 1}},
		},
		{
			"bad before",
			[]probe{at(-50, "503"), at(100, "401")},
			revocationReport{Before: map[string]int{"503": 1}, After: map[string]int{"401": 1}, Stopped: true, Seconds: 0.1},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := judgeProbes(tt.probes, asked, revoked)
			if got.Stopped != tt.want.Stopped || got.Seconds != tt.want.Seconds ||
				!maps.Equal(got.Before, tt.want.Before) || !maps.Equal(got.After, tt.want.After) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}
