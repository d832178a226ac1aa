package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
)

// Status is how a check ended.
type Status string

// The statuses that the suite writes.
const (
	Success Status = "SUCCESS"
	Failure Status = "FAILURE"
	Warning Status = "WARNING"
	Skipped Status = "SKIPPED"
	Info    Status = "INFO"
)

// Check is one thing that a scenario looked at.
type Check struct {
	ID      string `json:"id"`
	Status  Status `json:"status"`
	Message string `json:"errorMessage"`
}

// String is the check in one line.
func (c Check) String() string { return fmt.Sprintf("%s %s: %s", c.Status, c.ID, c.Message) }

// Checks are all of a scenario.
type Checks []Check

// Of are those with the status.
func (c Checks) Of(status Status) Checks {
	return slices.DeleteFunc(slices.Clone(c), func(one Check) bool { return one.Status != status })
}

// Passed reports whether something was looked at, and nothing of it failed. A warning is
// no failure: it is about what a server SHOULD do.
func (c Checks) Passed() bool { return len(c.Of(Success)) > 0 && len(c.Of(Failure)) == 0 }

// Has reports whether the check with the id ended so.
func (c Checks) Has(id string, status Status) bool {
	return slices.ContainsFunc(c, func(one Check) bool { return one.ID == id && one.Status == status })
}

// Results are the checks of each scenario that was run to its end.
type Results map[string]Checks

// directory is how the suite calls that of a scenario's results.
var directory = regexp.MustCompile(`^server-(.+)-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z$`)

// ReadResults reads what one run of the suite wrote. A scenario that broke off has a
// directory and no file: it is not among the results.
func ReadResults(dir fs.FS) (Results, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the results: %w", err)
	}
	results := Results{}
	for _, e := range entries {
		m := directory.FindStringSubmatch(e.Name())
		if m == nil || !e.IsDir() {
			return nil, fmt.Errorf("reading the results: %q is not what the suite writes", e.Name())
		}
		scenario := m[1]
		if _, twice := results[scenario]; twice {
			return nil, fmt.Errorf("reading the results: %s was run twice", scenario)
		}
		checks, err := ReadChecks(dir, e.Name()+"/checks.json")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the results of %s: %w", scenario, err)
		}
		results[scenario] = checks
	}
	return results, nil
}

// ReadChecks reads one file of the suite's.
func ReadChecks(dir fs.FS, name string) (Checks, error) {
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, err
	}
	var checks Checks
	if err := json.Unmarshal(raw, &checks); err != nil {
		return nil, err
	}
	for _, c := range checks {
		if c.ID == "" || !slices.Contains([]Status{Success, Failure, Warning, Skipped, Info}, c.Status) {
			return nil, fmt.Errorf("a check %q has the status %q", c.ID, c.Status)
		}
	}
	return checks, nil
}
