package auth

import (
	"slices"
	"strings"
	"testing"
)

// A hint says what is accepted and may not be meant.
func TestExplainHints(t *testing.T) {
	for _, tt := range []struct {
		name string
		conf func(*IssuerConfig)
		edit func(*draft)
		want string
	}{
		{"scp", nil, claim("scp", `["a","b"]`), `the token has scp ("a" and "b"), which is not read`},
		{"permissions", nil, claim("permissions", `["a"]`), `the token has permissions ("a"), which is not read: if it is meant to grant, set scope_claims: [scope, permissions]`},
		{"roles of Keycloak", nil, claim("realm_access", `{"roles":["a"]}`), "realm_access.roles"},
		{"scope beside scp", func(c *IssuerConfig) { c.ScopeClaims = []string{"scp"} }, claim("scp", `"a"`), `the token has scope ("tool:alpha" and "tool:beta")`},
		{"Keycloak's own roles beside another", nil, claim("realm_access", `{"roles":["default-roles-main","admin"]}`), `realm_access.roles ("admin")`},
		{"commas in scope", nil, claim("scope", `"a,b"`), `"a,b" is one scope: between scopes stands a space, and no comma`},
		{"expired within the skew", nil, claim("exp", at(-10)), "expired 10 s ago, and is accepted for clock_skew (30 s) alone"},
		{"iat ahead within the skew", nil, claim("iat", at(10)), "iat lies 10 s ahead"},
		{"ID token", func(c *IssuerConfig) { c.Audiences = []string{"client"} }, asJWT(claimsWith("aud", `"client"`, "azp", `"client"`, "client_id", "")), "looks like an ID token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft()
			tt.edit(&d)
			v, _ := row{conf: tt.conf}.verifier(d.now)
			e := v.Explain(t.Context(), d.token())
			agrees(t, e, "")
			if !slices.ContainsFunc(e.Hints, func(h string) bool { return strings.Contains(h, tt.want) }) {
				t.Errorf("hints %q, want %q", e.Hints, tt.want)
			}
		})
	}
	for _, tt := range []struct {
		name string
		conf func(*IssuerConfig)
		edit func(*draft)
	}{
		{"a claim that is read", func(c *IssuerConfig) { c.ScopeClaims = []string{"scope", "scp"} }, claim("scp", `"a"`)},
		{"the roles that Keycloak gives to everybody", nil, claim("realm_access", `{"roles":["default-roles-main","offline_access","uma_authorization"]}`)},
		{"one claim more, which could only take away", func(c *IssuerConfig) {
			c.ScopeClaims, c.ScopeClaimsMode = []string{"scope", "permissions"}, ScopeClaimsIntersection
		}, claim("roles", `["a"]`)},
	} {
		t.Run("none for "+tt.name, func(t *testing.T) {
			d := goodDraft()
			tt.edit(&d)
			v, _ := row{conf: tt.conf}.verifier(d.now)
			if e := v.Explain(t.Context(), d.token()); e.Refusal != nil || len(e.Hints) > 0 {
				t.Errorf("%v, hints %q", e.Refusal, e.Hints)
			}
		})
	}
}
