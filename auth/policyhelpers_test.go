package auth

import (
	"slices"
	"strings"
	"testing"
)

// inventory is what the policy's tests have: two targets of each kind, and more tools.
func inventory() []Protected {
	return []Protected{
		{Target: Tool("alpha"), Scopes: []string{"tool:alpha"}},
		{Target: Tool("beta"), Scopes: []string{"tool:beta"}},
		{Target: Tool("beta-two"), Scopes: []string{"tool:beta-two", "data:read"}},
		{Target: Tool("free")},
		{Target: Prompt("alpha"), Scopes: []string{"prompt:alpha"}},
		{Target: Prompt("plan"), Scopes: []string{"prompt:plan"}},
		{Target: Resource("docs://alpha"), Scopes: []string{"docs:read"}},
		{Target: Resource("docs://plan/1"), Scopes: []string{"docs:read"}},
	}
}

// everyScope is all that the inventory's targets and the tests' rules ask for.
var everyScope = []string{
	"tool:alpha", "tool:beta", "tool:beta-two", "data:read", "prompt:alpha", "prompt:plan", "docs:read",
	"s", "a", "b", "c", "mcp:use",
}

// ruled is a policy of these rules over the inventory.
func ruled(required []string, rules ...AccessRule) *Policy {
	c := DefaultAccessConfig()
	c.Rules = rules
	return NewPolicy(c, required, inventory())
}

// holder is a caller with these scopes, whose issuer may be asked for any.
func holder(scopes string) Principal { return Principal{Scopes: strings.Fields(scopes)} }

func get(prompt string) Operation { return Operation{Method: "prompts/get", Target: Prompt(prompt)} }

func read(uri string) Operation { return Operation{Method: "resources/read", Target: Resource(uri)} }

// wantDecision compares what a caller can see of a decision, and what decided.
func wantDecision(t *testing.T, got Decision, verdict Verdict, scopes, missing, rule string) {
	t.Helper()
	if got.Verdict != verdict || got.Rule != rule ||
		!slices.Equal(got.Scopes, strings.Fields(scopes)) || !slices.Equal(got.Missing, strings.Fields(missing)) {
		t.Errorf("%+v, want the verdict %v by %q, the scopes %q and missing %q", got, verdict, rule, scopes, missing)
	}
}
