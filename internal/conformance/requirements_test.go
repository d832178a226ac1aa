package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestReadRequirements(t *testing.T) {
	const good = "server: [a, b]\nclient: [x]\n"
	tests := []struct {
		name, raw          string
		required, unscored string
		want               string
	}{
		{"required alone", good, "[a b]", "[]", ""},
		{
			"unscored ones, of which some are the client's",
			good + "not_scored:\n  - {scenario: c, leg: server, reason: pending, note: not yet}\n  - {scenario: d, leg: client, reason: extension}\n",
			"[a b]", "[c]", "",
		},
		{"nothing required", "client: [x]\n", "", "", "no scenario is required"},
		{"required twice", "server: [a, b, a]\n", "", "", `the scenario "a" stands there twice`},
		{"both required and not", good + "not_scored:\n  - {scenario: b, leg: server, reason: pending}\n", "", "", `the scenario "b" stands there twice`},
		{"no name", good + "not_scored:\n  - {leg: server, reason: pending}\n", "", "", "has no name"},
		{"unknown key", good + "optional: [c]\n", "", "", "field optional not found"},
		{"no YAML", "server: [", "", "", "yaml: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ReadRequirements([]byte(tt.raw))
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil || fmt.Sprint(r.Required) != tt.required || fmt.Sprint(r.Unscored) != tt.unscored {
				t.Errorf("%+v, %v; want %s and %s", r, err, tt.required, tt.unscored)
			}
			if !slices.Equal(r.All(), slices.Concat(r.Required, r.Unscored)) {
				t.Errorf("all: %q", r.All())
			}
		})
	}
}
