package conformance

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestReadBaseline(t *testing.T) {
	const good = "unscored:\n  - {scenario: a, version: '1', reason: because}\n"
	tests := []struct{ name, raw, want string }{
		{"one excuse", good, ""},
		{"one scenario, two versions", good + "  - {scenario: a, version: '2', reason: because}\n", ""},
		{"twice", good + "  - {scenario: a, version: '1', reason: why not}\n", "reading the baseline: a is excused twice for 1"},
		{"no reason", "unscored:\n  - {scenario: a, version: '1'}\n", "reading the baseline: entry 1 needs a scenario, a version and a reason"},
		{"no version", "unscored:\n  - {scenario: a, reason: because}\n", "reading the baseline: entry 1 needs a scenario, a version and a reason"},
		{"unknown key", "required:\n  - {scenario: a, version: '1', reason: because}\n", "field required not found"},
		{"unknown key of an excuse", "unscored:\n  - {scenario: a, version: '1', reason: because, check: b}\n", "field check not found"},
		{"empty", "", "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readBaseline([]byte(tt.raw))
			if got := fmt.Sprint(err); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(got, tt.want) {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

// The table for people is the list that is judged by.
func TestBaselineIsDocumented(t *testing.T) {
	excuses, err := Baseline()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, e := range excuses {
		fmt.Fprintf(&want, "| %s | %s | %s |\n", e.Version, e.Scenario, e.Reason)
	}
	_, got, _ := strings.Cut(string(page), "| version | scenario | why it fails |\n|---|---|---|\n")
	if got != want.String() {
		t.Errorf("docs/conformance.md ends with\n%s\nwant\n%s", got, want.String())
	}
}
