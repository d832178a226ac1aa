package conformance

import (
	_ "embed"
	"fmt"
	"slices"
)

//go:embed baseline.yaml
var baseline []byte

// Excuse is an unscored scenario that fails, and why that is right.
type Excuse struct {
	Scenario string
	Version  string
	Reason   string
}

// Baseline are the excuses of this repository.
func Baseline() ([]Excuse, error) { return readBaseline(baseline) }

// readBaseline reads excuses.
func readBaseline(raw []byte) ([]Excuse, error) {
	var file struct{ Unscored []Excuse }
	if err := strictly(raw, &file); err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	for i, e := range file.Unscored {
		if e.Scenario == "" || e.Version == "" || e.Reason == "" {
			return nil, fmt.Errorf("reading the baseline: entry %d needs a scenario, a version and a reason", i+1)
		}
		same := func(o Excuse) bool { return o.Scenario == e.Scenario && o.Version == e.Version }
		if slices.ContainsFunc(file.Unscored[:i], same) {
			return nil, fmt.Errorf("reading the baseline: %s is excused twice for %s", e.Scenario, e.Version)
		}
	}
	return file.Unscored, nil
}
