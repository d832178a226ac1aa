package auth

import (
	"fmt"
	"slices"
	"strings"

	"mcp-resource-server/internal/strictjson"
)

// scopeClaims are the claims that are read for what the token grants.
func (x *explaining) scopeClaims() []string {
	if len(x.issuer.ScopeClaims) > 0 {
		return x.issuer.ScopeClaims
	}
	return []string{"scope"}
}

func (x *explaining) expectedGrants() string {
	if len(x.issuer.ScopeClaims) == 0 {
		return "scope, if any, is text"
	}
	names := plains(x.issuer.ScopeClaims)
	expected := phrases(names) + ", if any: text or a list of texts"
	if x.intersects() {
		expected += " (what all of them grant)"
	}
	return expected
}

func (x *explaining) gotGrants() string {
	if x.failed[checkGrants] {
		var got []string
		for _, name := range x.scopeClaims() {
			got = append(got, plain(name)+" "+showRaw(x.claims.set.at(name)))
		}
		return strings.Join(got, ", ")
	}
	if len(x.claims.scopes) == 0 {
		return "no scopes"
	}
	return showAll(x.claims.scopes)
}

func (x *explaining) fixGrants(Reason) string {
	for _, name := range x.scopeClaims() {
		raw := x.claims.set.at(name)
		if len(x.issuer.ScopeClaims) > 0 {
			if _, ok := grants(raw); ok {
				continue
			}
		}
		text, isText := strictjson.String(raw)
		switch {
		case isText && strings.TrimSpace(text) != text, isText && strings.Contains(text, "  "):
			return plain(name) + " has spaces in front, behind, or two together: between scopes stands one"
		case isText && strings.ContainsAny(text, ",;"):
			return plain(name) + " separates scopes by something else: between scopes stands one space, and no comma (RFC 6749 3.3)"
		case isText:
			return plain(name) + " has a character that no scope has: printable ASCII without quote and backslash (RFC 6749 3.3)"
		case isOddList(raw):
			return plain(name) + " is a list with other things than text: the issuer must write text, or a list of texts alone"
		case raw.Kind() == '[':
			return "scope is a list, and the standards have it as text (RFC 8693 4.2): set scope_claims: [scope], which reads lists, too"
		default:
			return fmt.Sprintf("%s is %s: the issuer must write text, or a list of texts", plain(name), kindOf(raw))
		}
	}
	return "look at the claims that scope_claims names"
}

func isOddList(raw strictjson.Raw) bool {
	_, texts := strictjson.Strings(raw)
	return raw.Kind() == '[' && !texts
}

// grantClaims are those in which issuers put what a token grants.
var grantClaims = []string{"scope", "scp", "scopes", "permissions", "roles", "realm_access.roles", "groups", "cognito:groups"}

// unreadGrants tells of grants that the token has, and nobody reads. Where every
// claim has to grant, one more could only take away.
func (x *explaining) unreadGrants() []string {
	if x.intersects() {
		return nil
	}
	var hints []string
	for _, name := range grantClaims {
		if slices.Contains(x.scopeClaims(), name) {
			continue
		}
		found, ok := grants(x.claims.set.at(name))
		if found = slices.DeleteFunc(found, isOrdinaryRole); ok && len(found) > 0 {
			hints = append(hints, fmt.Sprintf("the token has %s (%s), which is not read: if it is meant to grant, set scope_claims: [%s]",
				name, showAll(found), strings.Join(append(plains(x.scopeClaims()), name), ", ")))
		}
	}
	return hints
}

// isOrdinaryRole reports the roles that Keycloak gives to everybody.
func isOrdinaryRole(role string) bool {
	return role == "offline_access" || role == "uma_authorization" || strings.HasPrefix(role, "default-roles-")
}
