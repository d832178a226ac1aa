package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// sampleReport is short, and has one of everything.
func sampleReport() report {
	return report{
		Bounds: []bound{
			{Name: "no valid call is refused", Held: true, Figures: "1200 sent, 0 refused"},
			{Name: "the outage was felt", Figures: "0 requests met it"},
		},
		Phases: []phaseReport{
			{Name: "warm-up", Seconds: 2, Sent: 200, Refused: map[string]int{}, latency: latency{P50: 1.234, P99: 9.9, Max: 10}, Fetches: fetches{1, 2, 4}},
			{Name: "unseen key", Seconds: 10, Sent: 1000, Refused: map[string]int{"503": 2, "401": 1}, latency: latency{P50: 1, P99: 2, Max: 1234.5}},
		},
		Pairs:      []pairReport{{Quiet: 2, Storm: 3.5, Difference: 1.5}, {Quiet: 12, Storm: 11, Difference: -1}},
		Revocation: revocationReport{Before: map[string]int{"200": 1}, After: map[string]int{"401": 2}, Stopped: true, Seconds: 0.5},
		Junk:       junkReport{Sent: 3, Answers: map[string]int{"401": 2}, HungUp: 1},
		Memory:     &memoryReport{Before: 1, After: 2},
	}
}

func TestReportText(t *testing.T) {
	const want = `Valid calls, by what happened meanwhile, and what the issuer was asked for:

  phase       seconds  sent  refused  p50 ms  p99 ms   max ms  keys  metadata  tokens
  warm-up         2.0   200        0    1.23    9.90    10.00     1         2       4
  unseen key     10.0  1000        3    1.00    2.00  1234.50     0         0       0

The 99th percentile of valid calls, without and with a storm:

  pair  quiet ms  storm ms  difference
  1         2.00      3.50       +1.50
  2        12.00     11.00       -1.00

held    no valid call is refused  1200 sent, 0 refused
FAILED  the outage was felt       0 requests met it

1 of 2 bounds FAILED.
`
	if got := sampleReport().text(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	all := sampleReport()
	all.Bounds, all.Held = all.Bounds[:1], true
	if got := all.verdict(); got != "held    no valid call is refused  1200 sent, 0 refused\n\nEvery bound held.\n" {
		t.Errorf("got:\n%s", got)
	}
}

func TestReportJSON(t *testing.T) {
	const want = `{
 "held": false,
 "bounds": [
  {"name": "no valid call is refused", "held": true, "figures": "1200 sent, 0 refused"},
  {"name": "the outage was felt", "held": false, "figures": "0 requests met it"}
 ],
 "phases": [
  {"name": "warm-up", "seconds": 2, "sent": 200, "refused": {}, "p50_ms": 1.234, "p99_ms": 9.9, "max_ms": 10,
   "fetches": {"jwks": 1, "metadata": 2, "token": 4}},
  {"name": "unseen key", "seconds": 10, "sent": 1000, "refused": {"401": 1, "503": 2}, "p50_ms": 1, "p99_ms": 2, "max_ms": 1234.5,
   "fetches": {"jwks": 0, "metadata": 0, "token": 0}}
 ],
 "pairs": [
  {"quiet_p99_ms": 2, "storm_p99_ms": 3.5, "difference_ms": 1.5},
  {"quiet_p99_ms": 12, "storm_p99_ms": 11, "difference_ms": -1}
 ],
 "revocation": {"before": {"200": 1}, "after": {"401": 2}, "stopped": true, "seconds": 0.5},
 "junk": {"sent": 3, "answers": {"401": 2}, "hung_up": 1, "held_back": 0},
 "memory": {"before_bytes": 1, "after_bytes": 2}
}`
	var got, compact bytes.Buffer
	if err := write(&got, options{json: true}, sampleReport()); err != nil {
		t.Fatal(err)
	}
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if got.String() != compact.String()+"\n" {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), compact.String())
	}
}
