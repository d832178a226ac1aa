package auth

import (
	"slices"
	"strings"
	"testing"
)

// What a client can ask for depends on the claims that its issuer grants by: scope, scp
// and scopes follow what was asked, all others what an administrator assigned.
func TestCanAskFor(t *testing.T) {
	const union, intersection = ScopeClaimsUnion, ScopeClaimsIntersection
	claims := goodClaims().
		with("scp", `["a"]`).with("scopes", `["a"]`).with("permissions", `["a","b"]`).with("roles", `["b","c"]`).
		with("groups", `["a"]`).with("realm_access", `{"roles":["a"]}`).with("https://x.example/roles", `["a"]`).with("scope", `"a x"`)
	for _, tt := range []struct {
		name, claims, mode string
		can, cannot        string
	}{
		{"none configured", "", "", "a b other", ""},
		{"scope", "scope", "", "a b other", ""},
		{"scp", "scp", "", "a b other", ""},
		{"scopes", "scopes", "", "a b other", ""},
		{"permissions", "permissions", "", "", "a b other"},
		{"roles", "roles", "", "", "a b other"},
		{"groups", "groups", "", "", "a b other"},
		{"roles in an object", "realm_access.roles", "", "", "a b other"},
		{"roles under a URL", "https://x.example/roles", "", "", "a b other"},
		{"in another case", "Scope", "", "", "a b other"},
		{"roles and permissions", "roles permissions", union, "", "a b other"},
		{"union: one that follows", "scope permissions", union, "a b other", ""},
		{"union: one that follows, last", "permissions roles scp", union, "a b other", ""},
		{"no mode is union", "permissions scope", "", "a b other", ""},
		{"intersection: what is assigned", "scope permissions", intersection, "a b", "c x other"},
		{"intersection: what is assigned, first", "permissions scope", intersection, "a b", "c x other"},
		{"intersection: what is assigned by both", "permissions scope roles", intersection, "b", "a c x other"},
		{"intersection: nothing is assigned", "scope absent", intersection, "", "a b c x other"},
		{"intersection: nothing by the second", "permissions absent scope", intersection, "", "a b c x other"},
		{"intersection of two that follow", "scope scp", intersection, "a b other", ""},
		{"intersection of two that are assigned", "permissions roles", intersection, "", "a b other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := granted(t, claims.String(), tt.claims, tt.mode)
			for _, s := range strings.Fields(tt.can) {
				if !p.CanAskFor(s) {
					t.Errorf("cannot ask for %s", s)
				}
			}
			for _, s := range strings.Fields(tt.cannot) {
				if p.CanAskFor(s) {
					t.Errorf("can ask for %s", s)
				}
			}
			policy := ruled(nil, AccessRule{Tools: []string{"alpha"}, AllOf: []string{"other"}})
			if d := policy.Check(call("alpha"), p); d.Verdict != Denied || d.Final != strings.Contains(tt.cannot, "other") {
				t.Errorf("the decision: %+v", d)
			}
		})
	}
}

// Who keeps the file of static tokens assigns what they hold.
func TestStaticTokensCannotAsk(t *testing.T) {
	raw, entry := staticTokenOf(t, "agent", "tool:alpha")
	v, _ := testVerifier(testNow, nil)
	v.trust.static = holding(t, entry)
	p, err := v.Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"tool:alpha", "tool:beta"} {
		if p.CanAskFor(s) {
			t.Errorf("can ask for %s", s)
		}
	}
	if d := ruled(nil).Check(call("alpha"), p); d.Verdict != Allowed || d.Final {
		t.Errorf("what it holds: %+v", d)
	}
	if d := ruled(nil).Check(call("beta"), p); d.Verdict != Denied || !d.Final {
		t.Errorf("what it does not hold: %+v", d)
	}
}

// The zero Principal is nobody.
func TestZeroPrincipalHoldsNothing(t *testing.T) {
	for _, s := range append([]string{""}, everyScope...) {
		if (Principal{}).HasScope(s) {
			t.Errorf("holds %q", s)
		}
	}
	p := ruled(nil)
	for _, r := range p.Rows() {
		for _, modern := range []bool{false, true} {
			d := p.Check(Operation{Method: r.Method, Target: r.Target, Modern: modern}, Principal{})
			if d.Verdict == Allowed && len(r.Needs.AllOf)+len(r.Needs.AnyOf) > 0 {
				t.Errorf("%+v: %+v", r, d)
			}
		}
	}
}

// What a union of claims grants and no claim that follows a request does was assigned.
func TestAskedScopes(t *testing.T) {
	claims := goodClaims().with("scope", `"a x"`).with("permissions", `["a","b"]`)
	for _, tt := range []struct{ name, claims, mode, asked, assigned string }{
		{"scope alone", "scope", "", "a x", ""},
		{"a union", "scope permissions", ScopeClaimsUnion, "a x", "b"},
		{"a union, the other way round", "permissions scope", "", "a x", "b"},
		{"an intersection", "scope permissions", ScopeClaimsIntersection, "a", ""},
		{"assigned alone", "permissions", "", "", "a b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := granted(t, claims.String(), tt.claims, tt.mode)
			for _, s := range p.Scopes {
				if asked := slices.Contains(strings.Fields(tt.asked), s); p.asked(s) != asked || asked == slices.Contains(strings.Fields(tt.assigned), s) {
					t.Errorf("%s: asked for %v, want %v", s, p.asked(s), asked)
				}
			}
			if n := len(strings.Fields(tt.asked + " " + tt.assigned)); len(p.Scopes) != n {
				t.Errorf("the scopes are %q", p.Scopes)
			}
		})
	}
}

// granted is the caller of a token with claims, whose issuer grants by scopeClaims.
func granted(t *testing.T, claims, scopeClaims, mode string) Principal {
	t.Helper()
	v, _ := testVerifier(testNow, func(c *Config) {
		c.Issuers[0].ScopeClaims, c.Issuers[0].ScopeClaimsMode = strings.Fields(scopeClaims), mode
	})
	d := goodDraft()
	d.claims = claims
	p, err := v.Verify(t.Context(), d.token())
	if err != nil {
		t.Fatal(err)
	}
	return p
}
