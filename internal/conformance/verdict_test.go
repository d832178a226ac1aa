package conformance

import (
	"slices"
	"testing"
)

func TestJudge(t *testing.T) {
	r := Requirements{Required: []string{"a", "b"}, Unscored: []string{"x"}}
	success, failure := Checks{{ID: "one", Status: Success}}, Checks{{ID: "one", Status: Success}, {ID: "two", Status: Failure, Message: "no"}}
	good := func(change func(Results)) Results {
		results := Results{"a": success, "b": success, "x": success}
		change(results)
		return results
	}
	excuse := func(scenario, version string) []Excuse { return []Excuse{{scenario, version, "because"}} }
	tests := []struct {
		name    string
		results Results
		excuses []Excuse
		score   string
		faults  []string
	}{
		{"all is well", good(func(Results) {}), nil, "1: 2/2", nil},
		{"a required one fails", good(func(r Results) { r["a"] = failure }), nil, "1: 1/2", []string{"a: FAILURE two: no"}},
		{
			"a required one fails, and is excused", good(func(r Results) { r["a"] = failure }), excuse("a", "1"), "1: 1/2",
			[]string{"a is excused, and is required", "a: FAILURE two: no"},
		},
		{"a required one passes, and is excused", good(func(Results) {}), excuse("a", "1"), "1: 2/2", []string{"a is excused, and is required"}},
		{"a required one was not run", good(func(r Results) { delete(r, "b") }), nil, "1: 1/2", []string{"b was not run to its end"}},
		{"a required one looked at nothing", good(func(r Results) { r["b"] = Checks{} }), nil, "1: 1/2", []string{"b: nothing was looked at"}},
		{
			"another fails", good(func(r Results) { r["x"] = failure }), nil, "1: 2/2",
			[]string{"x, which is not scored and not excused: FAILURE two: no"},
		},
		{"another fails, and is excused", good(func(r Results) { r["x"] = failure }), excuse("x", "1"), "1: 2/2", nil},
		{
			"another fails, and is excused for another version", good(func(r Results) { r["x"] = failure }), excuse("x", "2"), "1: 2/2",
			[]string{"x, which is not scored and not excused: FAILURE two: no"},
		},
		{"another passes, and is excused", good(func(Results) {}), excuse("x", "1"), "1: 2/2", []string{"x is excused, and passes"}},
		{
			"another was not run", good(func(r Results) { delete(r, "x") }), nil, "1: 2/2",
			[]string{"x, which is not scored and not excused: nothing was looked at"},
		},
		{"an excuse for nothing", good(func(Results) {}), excuse("y", "1"), "1: 2/2", []string{"y is excused, and there is no such scenario"}},
		{"an excuse for nothing, of another version", good(func(Results) {}), excuse("y", "2"), "1: 2/2", nil},
		{"one that nobody knows", good(func(r Results) { r["y"] = success }), nil, "1: 2/2", []string{"y was run, and is not among the requirements"}},
		{
			"nothing was run",
			Results{},
			excuse("x", "1"), "1: 0/2",
			[]string{"a was not run to its end", "b was not run to its end"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := Judge("1", r, tt.results, tt.excuses)
			if v.Score() != tt.score || !slices.Equal(v.Faults, tt.faults) {
				t.Errorf("%s %q, want %s %q", v.Score(), v.Faults, tt.score, tt.faults)
			}
		})
	}
}

func TestVerdictString(t *testing.T) {
	v := Judge("1", Requirements{Required: []string{"a", "b"}, Unscored: []string{"x", "y", "z"}}, Results{
		"a": {{"one", Success, ""}, {"two", Success, ""}, {"three", Warning, "should"}},
		"b": {{"one", Success, ""}, {"two", Failure, "must"}},
		"x": {{"one", Success, ""}, {"two", Warning, "not told: it is not required"}},
		"y": {{"one", Failure, "known"}},
		"z": {{"one", Failure, "new"}},
	}, []Excuse{{"y", "1", "because"}})
	want := `1: 1/2 (2 checks passed); not scored: 1 passed, 1 excused, 1 failed
  passed, not scored: x
  excused: y
  warning: a: WARNING three: should
  FAULT: b: FAILURE two: must
  FAULT: z, which is not scored and not excused: FAILURE one: new
`
	if got := v.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	v = Verdict{Version: "1", Required: 7, Passed: 6, UnscoredPassed: make([]string, 5), Excused: make([]string, 4), UnscoredFailed: make([]string, 3)}
	if got, want := v.Row(), "| 1 | 7 | 6 | 5 | 4 | 3 |"; got != want {
		t.Errorf("row %s, want %s", got, want)
	}
}
