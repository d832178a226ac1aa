package auth

import (
	"cmp"
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
		named                       string // by the decision: what is held by the scope that was granted; "" as needed
	}{
		{"itself", "", "read", "read", "", ""},
		{"without", "", "read", "admin", "read", ""},
		{"by one", "admin > read", "read", "admin", "", ""},
		{"not the other way", "admin > read", "admin", "read", "admin", ""},
		{"by one of one", "root > admin; admin > read", "read", "root", "", ""},
		{"by one of one, in another order", "admin > read; root > admin", "read", "root", "", ""},
		{"in the middle", "root > admin; admin > read", "admin read", "root", "", ""},
		{"from the middle", "root > admin; admin > read", "root admin read", "admin", "root", "root admin"},
		{"by either of two", "a > read; b > read", "read", "b", "", ""},
		{"a diamond", "root > a b; a > read; b > read", "read a b", "root", "", ""},
		{"a scope beside", "admin > read", "read write", "admin", "write", "admin write"},
		{"a star includes nothing", "tool:* > read", "read tool:x", "tool:*", "tool:x", "tool:* tool:x"},
		{"in another case", "Admin > read", "read", "admin", "read", ""},
		// What Validate refuses ends all the same, and includes no more than it says.
		{"itself, refused", "a > a", "a b", "a", "b", ""},
		{"a circle", "a > b; b > c; c > a", "a b c d", "b", "d", "b d"},
		{"a circle below", "root > a; a > b; b > a", "a b root", "root", "", ""},
		{"a scope in two entries", "a > b; a > c", "b c", "a", "", ""},
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
			wantDecision(t, d, want, cmp.Or(tt.named, tt.needed), tt.missing, "access.rules[0]")
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
	wantDecision(t, p.Check(call("alpha"), holder("admin")), Denied, "use admin", "use", "access.rules[0]")
	wantDecision(t, p.Check(call("beta"), holder("admin")), Allowed, "read", "", "access.rules[1]")
	wantDecision(t, p.Check(call("beta"), holder("use")), NoTarget, "", "", "access.rules[1]")
	if slices.Contains(p.Scopes(), "admin") {
		t.Error("the metadata offers a scope that includes others, and that nothing needs")
	}
}

// A client asks for what the challenge names and gets no more: what it holds by a scope
// that includes others is named by that scope, or it would lose it and be sent for the
// other again.
func TestChallengeKeepsWhatIsHeldThroughAnother(t *testing.T) {
	c := accessWith(AccessRule{Tools: []string{"alpha"}, AllOf: []string{"greet", "read"}})
	c.Implies = grantsOf("write > read")
	p := NewPolicy(c, nil, inventory())
	first := p.Check(call("alpha"), holder("write"))
	wantDecision(t, first, Denied, "greet write", "greet", "access.rules[0]")
	if first.Final {
		t.Error("final, although the client can ask for it")
	}
	wantDecision(t, p.Check(call("alpha"), Principal{Scopes: first.Scopes}), Allowed, "greet read", "", "access.rules[0]")
}

// Where what is missing was not assigned, but a scope that includes it was, the client
// is told to ask for that one; and it is final where neither was.
func TestFinalKnowsOfScopesThatIncludeOthers(t *testing.T) {
	c := accessWith(
		AccessRule{Tools: []string{"alpha"}, AllOf: []string{"read"}},
		AccessRule{Tools: []string{"beta"}, AnyOf: []string{"other", "read"}})
	c.Implies = grantsOf("write > read")
	p := NewPolicy(c, nil, inventory())
	for _, tt := range []struct {
		name     string
		assigned []string
		missing  string
		final    bool
	}{
		{"the scope itself", []string{"read"}, "read", false},
		{"one that includes it", []string{"write"}, "write", false},
		{"neither", []string{"tool:x"}, "read", true},
		{"nothing at all", []string{}, "read", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			caller := Principal{asking: asking{within: tt.assigned}}
			d := p.Check(call("alpha"), caller)
			wantDecision(t, d, Denied, tt.missing, tt.missing, "access.rules[0]")
			if d.Final != tt.final {
				t.Errorf("final %v, want %v", d.Final, tt.final)
			}
			if d := p.Check(call("beta"), caller); d.Final != tt.final || (!tt.final && d.Missing[0] != tt.missing) {
				t.Errorf("as one of two: %+v, want final %v", d, tt.final)
			}
		})
	}
}

// A challenge asks for as little as will do, whatever includes it.
func TestChallengeAsksForTheLeast(t *testing.T) {
	within := func(assigned ...string) asking { return asking{within: assigned} }
	for _, tt := range []struct {
		name         string
		rule         AccessRule
		implies      string
		caller       Principal
		want, lacked string
	}{
		{
			"an alternative itself before one by an admin's scope",
			AccessRule{AnyOf: []string{"read", "guest"}},
			"admin > read",
			Principal{asking: within("admin", "guest")},
			"guest", "guest",
		},
		{
			"the alternative that is held itself",
			AccessRule{AllOf: []string{"x"}, AnyOf: []string{"read", "guest"}},
			"admin > read",
			Principal{Scopes: []string{"admin", "guest"}},
			"x guest", "x",
		},
		{
			"the narrowest that can be asked for",
			AccessRule{AllOf: []string{"read"}},
			"admin > write; write > read",
			Principal{asking: within("admin", "write")},
			"write", "write",
		},
		{
			"the narrowest that is held",
			AccessRule{AllOf: []string{"x", "read"}},
			"admin > write; write > read",
			Principal{Scopes: []string{"admin", "write"}},
			"x write", "x",
		},
		{
			"a role is assigned, and is no scope to ask for",
			AccessRule{AllOf: []string{"x", "read"}},
			"admin > read",
			Principal{Scopes: []string{"admin"}, asking: asking{assigned: []string{"admin"}}},
			"x read", "x",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.rule.Tools = []string{"alpha"}
			c := accessWith(tt.rule)
			c.Implies = grantsOf(tt.implies)
			d := NewPolicy(c, nil, inventory()).Check(call("alpha"), tt.caller)
			wantDecision(t, d, Denied, tt.want, tt.lacked, "access.rules[0]")
			if d.Final {
				t.Error("final, although the client can ask for it")
			}
		})
	}
}
