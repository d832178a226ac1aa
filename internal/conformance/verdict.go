package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Verdict is what came of one run of the suite for one version of MCP.
type Verdict struct {
	Version          string
	Passed, Required int // scenarios that are required
	Checks           int // of those, that passed
	// The unscored scenarios, by name.
	UnscoredPassed, Excused, UnscoredFailed []string
	// Warnings are those of required scenarios.
	Warnings []string
	// Faults say why the run failed; none: it did not.
	Faults []string
}

// Judge judges one run. The suite's own verdict is not asked.
func Judge(version string, r Requirements, results Results, excuses []Excuse) Verdict {
	v := Verdict{Version: version, Required: len(r.Required)}
	excused := map[string]bool{}
	for _, e := range excuses {
		if e.Version == version {
			excused[e.Scenario] = true
		}
	}
	for _, scenario := range r.Required {
		v.required(scenario, results, excused[scenario])
	}
	for _, scenario := range r.Unscored {
		v.unscored(scenario, results, excused[scenario])
	}
	for scenario := range results {
		if !slices.Contains(r.All(), scenario) {
			v.fault("%s was run, and is not among the requirements", scenario)
		}
	}
	for scenario := range excused {
		if !slices.Contains(r.All(), scenario) {
			v.fault("%s is excused, and there is no such scenario", scenario)
		}
	}
	slices.Sort(v.Faults)
	return v
}

func (v *Verdict) required(scenario string, results Results, excused bool) {
	checks, run := results[scenario]
	if excused {
		v.fault("%s is excused, and is required", scenario)
	}
	for _, w := range checks.Of(Warning) {
		v.Warnings = append(v.Warnings, scenario+": "+w.String())
	}
	switch {
	case !run:
		v.fault("%s was not run to its end", scenario)
	case !checks.Passed():
		v.fault("%s: %s", scenario, why(checks))
	default:
		v.Passed++
		v.Checks += len(checks.Of(Success))
	}
}

func (v *Verdict) unscored(scenario string, results Results, excused bool) {
	checks, run := results[scenario]
	switch passed := run && checks.Passed(); {
	case passed && excused:
		v.fault("%s is excused, and passes", scenario)
	case passed:
		v.UnscoredPassed = append(v.UnscoredPassed, scenario)
	case excused:
		v.Excused = append(v.Excused, scenario)
	default:
		v.UnscoredFailed = append(v.UnscoredFailed, scenario)
		v.fault("%s, which is not scored and not excused: %s", scenario, why(checks))
	}
}

func (v *Verdict) fault(format string, args ...any) {
	v.Faults = append(v.Faults, fmt.Sprintf(format, args...))
}

// why are the checks that failed.
func why(checks Checks) string {
	var lines []string
	for _, c := range checks.Of(Failure) {
		lines = append(lines, c.String())
	}
	if len(lines) == 0 {
		return "nothing was looked at"
	}
	return strings.Join(lines, "; ")
}

// Score is the verdict as it is counted, such as "2025-11-25: 30/30".
func (v Verdict) Score() string { return fmt.Sprintf("%s: %d/%d", v.Version, v.Passed, v.Required) }

// Row is the verdict in the table of docs/conformance.md.
func (v Verdict) Row() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d |", v.Version, v.Required, v.Passed, len(v.UnscoredPassed), len(v.Excused), len(v.UnscoredFailed))
}

// String is the verdict for people.
func (v Verdict) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d checks passed); not scored: %d passed, %d excused, %d failed\n",
		v.Score(), v.Checks, len(v.UnscoredPassed), len(v.Excused), len(v.UnscoredFailed))
	list := func(title string, lines []string) {
		for _, line := range lines {
			fmt.Fprintf(&b, "  %s %s\n", title, line)
		}
	}
	list("passed, not scored:", v.UnscoredPassed)
	list("excused:", v.Excused)
	list("warning:", v.Warnings)
	list("FAULT:", v.Faults)
	return b.String()
}
