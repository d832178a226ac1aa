package auth

import (
	"context"
	"slices"

	"mcp-resource-server/internal/strictjson"
)

// judgeGrants reads the scopes that the token grants, from the claims that the
// issuer is configured to grant by.
func judgeGrants(_ context.Context, _ *Verifier, c *candidate) error {
	if len(c.issuer.ScopeClaims) == 0 {
		return c.judgeScope()
	}
	var granted []string
	for i, name := range c.issuer.ScopeClaims {
		found, ok := grants(c.claims.set.at(name))
		if !ok {
			return refuse(ReasonClaim)
		}
		switch {
		case i == 0:
			granted = found
		case c.issuer.ScopeClaimsMode == ScopeClaimsIntersection:
			granted = slices.DeleteFunc(granted, func(s string) bool { return !slices.Contains(found, s) })
		default:
			for _, s := range found {
				if !slices.Contains(granted, s) {
					granted = append(granted, s)
				}
			}
		}
	}
	c.claims.scopes = granted
	return nil
}

// judgeScope reads scope where no claims are configured: text, as the standards
// have it (RFC 8693 §4.2, RFC 9068 §2.2.3).
func (c *candidate) judgeScope() error {
	if !c.claims.set.has("scope") {
		return nil
	}
	scope, isText := c.claims.set.text("scope")
	granted, ok := parseScope(scope)
	if !isText || !ok {
		return refuse(ReasonClaim)
	}
	c.claims.scopes = granted
	return nil
}

// grants reads one claim: words with single spaces between them (RFC 8693 §4.2),
// or an array of strings, of which one with a space in it stays one. An entry that
// no scope can be (a role such as "Team Lead") names nothing here, and is left out.
func grants(raw strictjson.Raw) ([]string, bool) {
	if raw == nil {
		return nil, true
	}
	if s, ok := strictjson.String(raw); ok {
		return parseScope(s)
	}
	entries, ok := strictjson.Strings(raw)
	return slices.DeleteFunc(entries, func(s string) bool { return !ValidScope(s) }), ok
}
