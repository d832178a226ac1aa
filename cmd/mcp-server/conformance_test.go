//go:build conformance

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"mcp-resource-server/internal/conformance"
)

// TestConformance runs the official suite against the server: for both eras on one URL,
// behind a proxy that sends a token, because the suite has none. `make conformance`
// installs the suite. docs/conformance.md tells of it.
func TestConformance(t *testing.T) {
	suite := newConformanceSuite(t, "server")
	runs, err := strconv.Atoi(os.Getenv("CONFORMANCE_RUNS"))
	if err != nil && os.Getenv("CONFORMANCE_RUNS") != "" || runs < 0 {
		t.Fatalf("CONFORMANCE_RUNS: want a number, have %q", os.Getenv("CONFORMANCE_RUNS"))
	}
	for n := range max(runs, 1) {
		t.Run(fmt.Sprintf("run %d", n+1), func(t *testing.T) {
			s := startConformance(t)
			for _, era := range []string{legacyEra, modernEra} {
				suite.passes(t, s, era)
			}
		})
	}
	// What passes without a token has looked at nothing that a token protects.
	t.Run("without a token", func(t *testing.T) {
		s := startConformance(t)
		for _, era := range []string{legacyEra, modernEra} {
			suite.fails(t, s, era)
		}
	})
}

// requiredScenarios is how many a version requires, so that an empty list of them, or
// a shorter one, is no success.
var requiredScenarios = map[string]int{legacyEra: 30, modernEra: 37}

// passes runs the suite with a token.
func (suite conformanceSuite) passes(t *testing.T, s *conformanceStack, era string) {
	t.Helper()
	r := suite.requirements(t, era)
	if len(r.Required) != requiredScenarios[era] {
		t.Fatalf("%s: %d scenarios are required, want %d", era, len(r.Required), requiredScenarios[era])
	}
	excuses, err := conformance.Baseline()
	if err != nil {
		t.Fatal(err)
	}
	run := suite.run(t, s.proxyURL, era)
	v := conformance.Judge(era, r, run.results, excuses)
	fmt.Print(v)
	for _, fault := range v.Faults {
		t.Errorf("%s: %s", era, fault)
	}
	// The suite judges the required scenarios alone, and has to agree on these.
	if (v.Passed == v.Required) != (run.exit == nil) {
		t.Errorf("%s, and the suite does not agree: it ended with %v", v.Score(), run.exit)
	}
	page, err := os.ReadFile("../../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), v.Row()+"\n") {
		t.Errorf("docs/conformance.md does not say %s", v.Row())
	}
}

// fails runs the suite without one.
func (suite conformanceSuite) fails(t *testing.T, s *conformanceStack, era string) {
	t.Helper()
	before := s.logs.len()
	run := suite.run(t, s.mcpURL, era)
	v := conformance.Judge(era, suite.requirements(t, era), run.results, nil)
	answers := s.answers(s.logs.since(before))
	fmt.Printf("%s without a token (%d requests, %d of them answered with 401)\n", v.Score(), answers.all, answers.unauthorized)
	if v.Passed != 0 || run.exit == nil {
		t.Errorf("%s without a token, and the suite ended with %v: want none to pass", v.Score(), run.exit)
	}
	if answers.unauthorized == 0 || answers.good != 0 {
		t.Errorf("without a token: %+v", answers)
	}
}
