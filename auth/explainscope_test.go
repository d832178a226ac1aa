package auth

import (
	"testing"
)

// What a token lacks is granted where the issuer's scope claims come from.
func TestExplanationFixScopes(t *testing.T) {
	claimed := func(mode string, names ...string) func(*IssuerConfig) {
		return func(c *IssuerConfig) { c.ScopeClaims, c.ScopeClaimsMode = names, mode }
	}
	const (
		admin  = "have an administrator of https://issuer.example/ "
		toUser = ` to the user, or to the client "client-of-the-token"`
	)
	for _, tt := range []struct {
		name string
		conf func(*IssuerConfig)
		edit func(*draft)
		want string
	}{
		{"scope", nil, nil, admin + `grant x y to the client "client-of-the-token", have the client ask for it, and get a new token`},
		{"nobody's", nil, claim("client_id", ""), admin + "grant x y to its client, have the client ask for it, and get a new token"},
		{"commas", nil, claim("scope", `"x,y"`), `"x,y" is one scope: between scopes stands a space, and no comma (RFC 6749 3.3); have the issuer write them so`},
		{"permissions", claimed("", "permissions"), nil, admin + "assign x y" + toUser + ": no client can ask for what stands in permissions; then get a new token"},
		{"either", claimed("", "scope", "permissions"), nil, admin + "assign x y" + toUser + " (permissions); or have the client ask for it, so that it stands in scope; then get a new token"},
		{
			"both, asked for and not assigned", claimed(ScopeClaimsIntersection, "scope", "permissions"), claimsWith("scope", `"x y"`, "permissions", `["x"]`),
			"scope_claims_mode is intersection, and permissions lacks it: " + admin + "assign x y" + toUser + ": no client can ask for what stands in permissions; then get a new token",
		},
		{
			"both, assigned and not asked for", claimed(ScopeClaimsIntersection, "scope", "permissions"), claimsWith("scope", `"z"`, "permissions", `["x","y"]`),
			"scope_claims_mode is intersection, and scope lacks it: " + admin + `grant x y to the client "client-of-the-token", have the client ask for it, and get a new token`,
		},
		{
			"both, in none", claimed(ScopeClaimsIntersection, "scope", "permissions"), nil,
			"scope_claims_mode is intersection, and scope and permissions lack it: " + admin + "assign x y" + toUser + " in permissions, and have the client ask for it; then get a new token",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft()
			if tt.edit != nil {
				tt.edit(&d)
			}
			v, _ := row{conf: tt.conf}.verifier(d.now)
			e := v.Explain(t.Context(), d.token())
			agrees(t, e, "")
			if got := e.FixScopes([]string{"x", "y"}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	static := Explanation{Principal: Principal{Issuer: StaticIssuer, Subject: "ci"}}
	if got, want := static.FixScopes([]string{"x"}), `add x to the scopes of "ci" in auth.static_tokens_file`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := (Explanation{}).FixScopes([]string{"x"}), "have the issuer grant x"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
