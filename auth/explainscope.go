package auth

import (
	"fmt"
	"slices"
	"strings"
)

// FixScopes says what to do so that the token's caller gets the scopes, which the
// token lacks. It says nothing of use where the token is refused.
func (e Explanation) FixScopes(scopes []string) string {
	if e.Principal.Issuer == StaticIssuer {
		return fmt.Sprintf("add %s to the scopes of %s in auth.static_tokens_file", scopeList(scopes), show(e.Principal.Subject))
	}
	if e.judged == nil || e.judged.issuer == nil {
		return "have the issuer grant " + scopeList(scopes)
	}
	return e.judged.fixScopes(scopes)
}

func scopeList(scopes []string) string { return strings.Join(plains(scopes), " ") }

func (x *explaining) fixScopes(scopes []string) string {
	if joined := joinedScope(x.claims.scopes); joined != "" {
		return oneScope(joined)
	}
	claims := x.scopeClaims()
	lead := ""
	if x.intersects() {
		claims = slices.DeleteFunc(slices.Clone(claims), func(name string) bool {
			found, _ := grants(x.claims.set.at(name))
			return !slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(found, s) })
		})
		lead = "scope_claims_mode is intersection, and " + phrases(plains(claims)) + lacks(len(claims)) + "it: "
	}
	return lead + x.fixClaimsOf(scopes, claims)
}

func lacks(claims int) string {
	if claims == 1 {
		return " lacks "
	}
	return " lack "
}

// fixClaimsOf says who can put the scopes into the claims. A client can ask for what
// stands in scope (RFC 6749 §3.3), and for nothing else.
func (x *explaining) fixClaimsOf(scopes, claims []string) string {
	list, admin := scopeList(scopes), "have an administrator of "+plain(x.issuer.Issuer)
	client := "its client"
	if x.claims.clientID != "" {
		client = "the client " + show(x.claims.clientID)
	}
	assigned := slices.DeleteFunc(slices.Clone(claims), asked)
	assign := fmt.Sprintf("%s assign %s to the user, or to %s", admin, list, client)
	switch in := phrases(plains(assigned)); {
	case len(assigned) == 0:
		return fmt.Sprintf("%s grant %s to %s, have the client ask for it, and get a new token", admin, list, client)
	case len(assigned) == len(claims):
		return assign + ": no client can ask for what stands in " + in + "; then get a new token"
	case x.intersects():
		return assign + " in " + in + ", and have the client ask for it; then get a new token"
	default:
		return assign + " (" + in + "); or have the client ask for it, so that it stands in scope; then get a new token"
	}
}

// intersects reports that each of several claims has to grant a scope.
func (x *explaining) intersects() bool {
	return len(x.issuer.ScopeClaims) > 1 && x.issuer.ScopeClaimsMode == ScopeClaimsIntersection
}

// joinedScope returns a scope that is several with something else than a space
// between them, or "".
func joinedScope(scopes []string) string {
	for _, s := range scopes {
		if len(strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' })) > 1 {
			return s
		}
	}
	return ""
}

func oneScope(joined string) string {
	return show(joined) + " is one scope: between scopes stands a space, and no comma (RFC 6749 3.3); have the issuer write them so"
}
