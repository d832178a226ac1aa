package auth

import (
	"slices"
	"strings"
	"testing"
)

// grantsOf reads "admin > write read; write > read".
func grantsOf(text string) []ScopeGrant {
	var list []ScopeGrant
	for entry := range strings.SplitSeq(text, ";") {
		if scope, granted, ok := strings.Cut(entry, ">"); ok {
			list = append(list, ScopeGrant{Scope: strings.TrimSpace(scope), Grants: strings.Fields(granted)})
		}
	}
	return list
}

// A scope that another one includes is held for every purpose.
func TestImplies(t *testing.T) {
	for _, tt := range []struct {
		name, implies, needed, held string
		missing                     string
	}{
		{"itself", "", "read", "read", ""},
		{"without", "", "read", "admin", "read"},
		{"by one", "admin > read", "read", "admin", ""},
		{"not the other way", "admin > read", "admin", "read", "admin"},
		{"by one of one", "root > admin; admin > read", "read", "root", ""},
		{"by one of one, in another order", "admin > read; root > admin", "read", "root", ""},
		{"in the middle", "root > admin; admin > read", "admin read", "root", ""},
		{"from the middle", "root > admin; admin > read", "root admin read", "admin", "root"},
		{"by either of two", "a > read; b > read", "read", "b", ""},
		{"a diamond", "root > a b; a > read; b > read", "read a b", "root", ""},
		{"a scope beside", "admin > read", "read write", "admin", "write"},
		{"a star includes nothing", "tool:* > read", "read tool:x", "tool:*", "tool:x"},
		{"in another case", "Admin > read", "read", "admin", "read"},
		// What Validate refuses ends all the same, and includes no more than it says.
		{"itself, refused", "a > a", "a b", "a", "b"},
		{"a circle", "a > b; b > c; c > a", "a b c d", "b", "d"},
		{"a circle below", "root > a; a > b; b > a", "a b root", "root", ""},
		{"a scope in two entries", "a > b; a > c", "b c", "a", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := accessWith(AccessRule{Tools: []string{"alpha"}, AllOf: strings.Fields(tt.needed)})
			c.Implies = grantsOf(tt.implies)
			p, caller := NewPolicy(c, nil, inventory()), holder(tt.held)
			d := p.Check(call("alpha"), caller)
			want := Allowed
			if tt.missing != "" {
				want = Denied
			}
			wantDecision(t, d, want, tt.needed, tt.missing, "access.rules[0]")
			if p.Lists(Tool("alpha"), true, caller) != (want == Allowed) {
				t.Error("the list says otherwise")
			}
			if p := NewPolicy(c, strings.Fields(tt.needed), inventory()); p.Check(call("free"), caller).Verdict != want {
				t.Error("auth.required_scopes are judged otherwise")
			}
			if missing, none := p.UnlocksNoTool(caller); none || len(missing) > 0 {
				t.Errorf("a tool is free: missing %q", missing)
			}
		})
	}
}

// One of several is held through another one, too; what is concealed opens by it.
func TestImpliesForAlternativesAndTheConcealed(t *testing.T) {
	c := accessWith(
		AccessRule{Tools: []string{"alpha"}, AnyOf: []string{"write", "read"}, AllOf: []string{"use"}},
		AccessRule{Tools: []string{"beta"}, AllOf: []string{"read"}, Conceal: true})
	c.Implies = grantsOf("admin > read")
	p := NewPolicy(c, nil, inventory())
	wantDecision(t, p.Check(call("alpha"), holder("admin use")), Allowed, "use write", "", "access.rules[0]")
	wantDecision(t, p.Check(call("alpha"), holder("admin")), Denied, "use read", "use", "access.rules[0]")
	wantDecision(t, p.Check(call("beta"), holder("admin")), Allowed, "read", "", "access.rules[1]")
	wantDecision(t, p.Check(call("beta"), holder("use")), NoTarget, "", "", "access.rules[1]")
	if slices.Contains(p.Scopes(), "admin") {
		t.Error("the metadata offers a scope that includes others, and that nothing needs")
	}
}
