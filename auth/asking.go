package auth

import "slices"

// askedClaims say what a client asked for and was granted (RFC 6749 §3.3). What
// stands in any other claim (permissions, roles, groups) an administrator assigned,
// and no request of a client adds to it.
var askedClaims = []string{"scope", "scp", "scopes"}

// asked reports a claim that says what a client asked for, and was granted.
func asked(claim string) bool { return slices.Contains(askedClaims, claim) }

// asking is what a client can get by asking its issuer for it. The zero value is
// anything: it is for the issuer to refuse.
type asking struct {
	final bool // nothing
	// within, where it is not nil, is all that was assigned and can be asked for.
	within []string
	// assigned are the scopes that the caller holds without having asked for them.
	assigned []string
}

// asked reports whether p's client got a scope that it holds by asking for it.
func (p Principal) asked(scope string) bool {
	return !p.asking.final && !slices.Contains(p.asking.assigned, scope)
}

// CanAskFor reports whether p's client can get a token with scope by asking for it.
func (p Principal) CanAskFor(scope string) bool {
	if p.asking.within != nil {
		return slices.Contains(p.asking.within, scope)
	}
	return !p.asking.final
}

// unasked are the scopes that no claim which follows a request grants.
func (c *candidate) unasked() []string {
	var requested []string
	for _, name := range c.issuer.ScopeClaims {
		if asked(name) {
			found, _ := grants(c.claims.set.at(name)) // judgeGrants has refused what cannot be read
			requested = append(requested, found...)
		}
	}
	return slices.DeleteFunc(slices.Clone(c.claims.scopes), func(s string) bool { return slices.Contains(requested, s) })
}

// asking says how the issuer grants. Where one claim is enough, one that follows what
// a client asks for is a way; where all have to grant, what was assigned is the limit.
func (c *candidate) asking() asking {
	claims := c.issuer.ScopeClaims
	assigned := func(claim string) bool { return !asked(claim) }
	switch {
	case !slices.ContainsFunc(claims, assigned):
		return asking{}
	case !slices.ContainsFunc(claims, asked):
		return asking{final: true}
	case c.issuer.ScopeClaimsMode != ScopeClaimsIntersection:
		return asking{assigned: c.unasked()}
	}
	var within []string
	for _, name := range claims {
		if asked(name) {
			continue
		}
		found, _ := grants(c.claims.set.at(name)) // judgeGrants has refused what cannot be read
		if within == nil {
			within = append([]string{}, found...) // never nil: nothing assigned is a limit, too
			continue
		}
		within = slices.DeleteFunc(within, func(s string) bool { return !slices.Contains(found, s) })
	}
	return asking{within: within}
}
