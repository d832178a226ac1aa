package auth

import (
	"context"
	"slices"
	"unicode/utf8"

	"mcp-resource-server/internal/strictjson"
)

const maxSubjectLength = 1024 // characters

func judgeSubject(_ context.Context, _ *Verifier, c *candidate) error {
	subject, ok := c.claims.set.text("sub")
	if !ok || subject == "" || utf8.RuneCountInString(subject) > maxSubjectLength {
		return refuse(ReasonClaim)
	}
	c.claims.subject = subject
	if c.claims.set.has("jti") {
		if c.claims.id, ok = c.claims.set.text("jti"); !ok {
			return refuse(ReasonClaim)
		}
	}
	return nil
}

// judgeBinding refuses a token that is bound to a key (RFC 7800, RFC 9449):
// whoever holds it must prove that key, which a bearer does not.
func judgeBinding(_ context.Context, _ *Verifier, c *candidate) error {
	if c.claims.set.has("cnf") {
		return refuse(ReasonSenderConstrained)
	}
	return nil
}

func judgeAudience(_ context.Context, _ *Verifier, c *candidate) error {
	audiences, ok := stringOrList(c.claims.set.at(c.issuer.AudienceClaim))
	if !ok {
		return refuse(ReasonAudience)
	}
	ours := func(a string) bool { return slices.Contains(c.issuer.Audiences, a) }
	if !slices.ContainsFunc(audiences, ours) {
		return refuse(ReasonAudience)
	}
	if c.issuer.StrictAudience && slices.ContainsFunc(audiences, func(a string) bool { return !ours(a) }) {
		return refuse(ReasonAudience)
	}
	return nil
}

// judgeExpiry judges exp (RFC 7519 §4.1.4) by our clock, give or take the skew. An
// exp of zero or before 1970 is no time at which a token was ever good.
func judgeExpiry(_ context.Context, v *Verifier, c *candidate) error {
	expires, ok := numericDate(c.claims.set.raw("exp"))
	if !ok || expires.Unix() <= 0 {
		return refuse(ReasonLifetime)
	}
	c.claims.expires = expires
	if !c.now.Before(expires.Add(v.skew)) {
		return refuse(ReasonExpired)
	}
	return nil
}

// judgeNotBefore judges nbf and iat (RFC 7519 §4.1.5, §4.1.6), where they are.
func judgeNotBefore(_ context.Context, v *Verifier, c *candidate) error {
	for _, name := range []string{"nbf", "iat"} {
		raw := c.claims.set.raw(name)
		if raw == nil {
			continue
		}
		from, ok := numericDate(raw)
		if !ok {
			return refuse(ReasonLifetime)
		}
		if c.now.Add(v.skew).Before(from) {
			return refuse(ReasonNotYetValid)
		}
	}
	return nil
}

// judgeAge bounds how long after its issue a token is accepted, whatever its exp.
func judgeAge(_ context.Context, v *Verifier, c *candidate) error {
	if c.issuer.MaxTokenAge == 0 {
		return nil
	}
	issued, ok := numericDate(c.claims.set.raw("iat"))
	if !ok || !c.now.Before(issued.Add(c.issuer.MaxTokenAge+v.skew)) {
		return refuse(ReasonLifetime)
	}
	return nil
}

// judgeClient reads the client that the token was issued to. Where several
// claims name it, they agree.
func judgeClient(_ context.Context, _ *Verifier, c *candidate) error {
	id := ""
	for _, name := range c.issuer.ClientIDClaims {
		raw := c.claims.set.at(name)
		if raw == nil {
			continue
		}
		s, ok := strictjson.String(raw)
		if !ok || s == "" {
			return refuse(ReasonClaim)
		}
		if id != "" && s != id {
			return refuse(ReasonClient)
		}
		id = s
	}
	c.claims.clientID = id
	if allowed := c.issuer.AllowedClients; len(allowed) > 0 && !slices.Contains(allowed, id) {
		return refuse(ReasonClient)
	}
	return nil
}

// organizationClaim names the organization through which a user logged in (Auth0).
// Its sibling org_name is not read: names can be given away again.
const organizationClaim = "org_id"

func judgeOrganization(_ context.Context, _ *Verifier, c *candidate) error {
	allowed := c.issuer.AllowedOrganizations
	if len(allowed) == 0 {
		return nil
	}
	id, ok := c.claims.set.text(organizationClaim)
	if !ok || !slices.Contains(allowed, id) {
		return refuse(ReasonOrganization)
	}
	return nil
}

func judgeRequiredClaims(_ context.Context, _ *Verifier, c *candidate) error {
	for _, required := range c.issuer.RequiredClaims {
		if !required.met(c.claims.set) {
			return refuse(ReasonRequiredClaim)
		}
	}
	return nil
}

// met reports whether the claim is the value: as a string, as true or false, or as
// one string of a list.
func (r RequiredClaim) met(claims claimSet) bool {
	raw := claims.at(r.Claim)
	switch raw.Kind() {
	case 't', 'f':
		return string(raw) == r.Value
	case '"', '[':
		values, ok := stringOrList(raw)
		return ok && slices.Contains(values, r.Value)
	default:
		return false
	}
}
