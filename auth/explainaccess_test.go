package auth

import (
	"maps"
	"slices"
	"testing"
)

// Explain decides as Check does, and tells an operator of what is concealed as well.
func TestPolicyExplain(t *testing.T) {
	config := DefaultAccessConfig()
	config.Rules = []AccessRule{
		{Tools: []string{"beta"}, AllOf: []string{"secret"}, AnyOf: []string{"two", "one"}, Conceal: true},
		{Tools: []string{"alpha"}, AnyOf: []string{"two", "one"}},
	}
	config.Implies = []ScopeGrant{{Scope: "top", Grants: []string{"two", "secret"}}, {Scope: "over", Grants: []string{"top"}}}
	targets := []Protected{{Target: Tool("alpha")}, {Target: Tool("beta")}, {Target: Tool("gamma"), Scopes: []string{"tool:gamma"}}}
	policy := NewPolicy(config, []string{"base"}, targets)
	for _, tt := range []struct {
		name, tool string
		held       []string
		verdict    Verdict
		lacks      []string
		through    map[string]string
	}{
		{"nothing is missing", "gamma", []string{"base", "tool:gamma"}, Allowed, nil, nil},
		{"a scope is missing", "gamma", []string{"base"}, Denied, []string{"tool:gamma"}, nil},
		{"an alternative", "alpha", []string{"base", "one"}, Allowed, nil, nil},
		{"no alternative", "alpha", []string{"base"}, Denied, []string{"two"}, nil},
		{"an alternative through another", "alpha", []string{"base", "top"}, Allowed, nil, map[string]string{"two": "top"}},
		{"held, and through another", "alpha", []string{"base", "two", "top"}, Allowed, nil, nil},
		{"concealed", "beta", []string{"base"}, NoTarget, []string{"secret", "two"}, nil},
		{"concealed, a part through another", "beta", []string{"over"}, Denied, []string{"base"}, map[string]string{"secret": "over", "two": "over"}},
		{"concealed from others", "beta", []string{"base", "over"}, Allowed, nil, map[string]string{"secret": "over", "two": "over"}},
		{"unknown", "delta", []string{"base"}, NoTarget, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			principal := Principal{Scopes: tt.held}
			op := Tool(tt.tool).Use(true)
			x, d := policy.Explain(op, principal), policy.Check(op, principal)
			if x.Verdict != tt.verdict || x.Verdict != d.Verdict || x.Rule != d.Rule || x.Concealed != d.Concealed {
				t.Errorf("%+v, and Check says %+v, want the verdict %d", x.Decision, d, tt.verdict)
			}
			if !slices.Equal(x.Lacks, tt.lacks) || !maps.Equal(x.Through, tt.through) {
				t.Errorf("lacks %q, through %q, want %q and %q", x.Lacks, x.Through, tt.lacks, tt.through)
			}
			if d.Verdict == Denied && !d.Concealed && !slices.Equal(x.Lacks, d.Missing) {
				t.Errorf("lacks %q, and Check says %q", x.Lacks, d.Missing)
			}
		})
	}
}
