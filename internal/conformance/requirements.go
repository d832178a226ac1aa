package conformance

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Requirements are what the suite says of a version of MCP: the scenarios that a server
// has to pass, and those that are run beside them.
type Requirements struct {
	Required []string
	// Unscored are scenarios of extensions, and such as were added later or that the
	// suite's own server does not pass.
	Unscored []string
}

// ReadRequirements reads a file requirements/<version>.yaml of the suite.
func ReadRequirements(raw []byte) (Requirements, error) {
	var file struct {
		Server    []string
		Client    []string
		NotScored []struct{ Scenario, Leg, Reason, Note string } `yaml:"not_scored"`
	}
	if err := strictly(raw, &file); err != nil {
		return Requirements{}, fmt.Errorf("reading the requirements: %w", err)
	}
	r := Requirements{Required: file.Server}
	for _, n := range file.NotScored {
		if n.Leg == "server" {
			r.Unscored = append(r.Unscored, n.Scenario)
		}
	}
	seen := map[string]bool{}
	for _, name := range r.All() {
		if name == "" || seen[name] {
			return Requirements{}, fmt.Errorf("reading the requirements: the scenario %q stands there twice, or has no name", name)
		}
		seen[name] = true
	}
	if len(r.Required) == 0 {
		return Requirements{}, fmt.Errorf("reading the requirements: no scenario is required")
	}
	return r, nil
}

// All are the required scenarios and the others.
func (r Requirements) All() []string { return append(append([]string{}, r.Required...), r.Unscored...) }

// strictly reads YAML, and refuses a key that it does not know.
func strictly(raw []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}
