package auth

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"mcp-resource-server/internal/faults"
)

// hierarchy says by which scopes a scope is held beside itself: by all that include
// it, however far up, those first that include the least.
type hierarchy map[string][]string

// newHierarchy returns the hierarchy of grants. One that leads back to itself, which
// is not valid, ends there.
func newHierarchy(list []ScopeGrant) hierarchy {
	direct, h := directGrants(list), hierarchy{}
	for _, scope := range slices.Sorted(maps.Keys(direct)) {
		for _, s := range included(direct, scope) {
			h[s] = append(h[s], scope)
		}
	}
	for _, ways := range h {
		slices.SortStableFunc(ways, func(a, b string) int {
			return cmp.Compare(len(included(direct, a)), len(included(direct, b)))
		})
	}
	return h
}

// directGrants are the scopes that each scope names as its own.
func directGrants(list []ScopeGrant) map[string][]string {
	direct := map[string][]string{}
	for _, g := range list {
		direct[g.Scope] = append(direct[g.Scope], g.Grants...)
	}
	return direct
}

// included returns the scopes that scope includes, without itself unless they lead back
// to it.
func included(direct map[string][]string, scope string) []string {
	var all []string
	seen := map[string]bool{}
	for open := []string{scope}; len(open) > 0; open = open[1:] {
		for _, s := range direct[open[0]] {
			if !seen[s] {
				seen[s] = true
				all, open = append(all, s), append(open, s)
			}
		}
	}
	return all
}

// held reports whether principal was granted scope, or one that includes it.
func (h hierarchy) held(scope string, principal Principal) bool {
	return principal.HasScope(scope) || slices.ContainsFunc(h[scope], principal.HasScope)
}

func validateImplies(list []ScopeGrant) faults.List {
	var l faults.List
	direct, seen := directGrants(list), map[string]bool{}
	for i, g := range list {
		at := fmt.Sprintf("implies[%d]", i)
		switch {
		case slices.Contains(oidcScopes, g.Scope):
			l.Add(at+".scope", "is the issuer's own (OpenID Connect), and grants nothing here")
		case !ValidScope(g.Scope):
			l.Add(at+".scope", notAScope, g.Scope)
		case seen[g.Scope]:
			l.Add(at+".scope", "stands in another entry already: all that it grants belongs there")
		case slices.Contains(included(direct, g.Scope), g.Scope):
			l.Add(at+".grants", "lead back to the scope itself")
		}
		seen[g.Scope] = true
		if len(g.Grants) == 0 {
			l.Add(at+".grants", "is required: the scopes that it includes")
		}
		checkScopeList(&l, at+".grants", g.Grants)
	}
	return l
}
