package auth

import (
	"context"
	"errors"
	"time"
)

// Verifier turns access tokens into Principals. It is immutable, and safe for
// concurrent use.
type Verifier struct {
	issuers map[string]*issuer
	trust   *Trust
	skew    time.Duration
	now     func() time.Time
}

// issuer is one authorization server whose tokens are accepted.
type issuer struct {
	IssuerConfig
	keys keySource
}

// NewVerifier returns a verifier for the issuers of c, which must be valid. trust
// was made of the same c. now is the clock that exp, nbf and iat are held against.
func NewVerifier(c Config, trust *Trust, now func() time.Time) *Verifier {
	v := &Verifier{issuers: map[string]*issuer{}, trust: trust, skew: c.ClockSkew, now: now}
	for _, ic := range c.IssuerList() {
		v.issuers[ic.Issuer] = &issuer{IssuerConfig: ic, keys: trust.keys[ic.Issuer]}
	}
	return v
}

// Verify checks a raw access token and returns its Principal. The error is
// always a *Refusal. It waits on the network only where the token is good in all
// but a key id that its issuer's key set does not have yet.
func (v *Verifier) Verify(ctx context.Context, raw string) (Principal, error) {
	if v.trust.static != nil && isStaticToken(raw) {
		return v.trust.staticPrincipal(raw, v.now())
	}
	c := candidate{raw: raw, now: v.now()}
	for _, check := range checks {
		if err := check.judge(ctx, v, &c); err != nil {
			return Principal{}, c.refusal(err)
		}
	}
	// The key may have been waited for: what may have come about meanwhile is judged
	// once more.
	c.now = v.now()
	for _, judge := range []func(context.Context, *Verifier, *candidate) error{judgeExpiry, judgeAge, judgeRevocation} {
		if err := judge(ctx, v, &c); err != nil {
			return Principal{}, c.refusal(err)
		}
	}
	return c.principal(), nil
}

// principal is the caller, once all checks have passed.
func (c *candidate) principal() Principal {
	return Principal{
		Issuer:    c.issuer.Issuer,
		Subject:   c.claims.subject,
		ClientID:  c.claims.clientID,
		Scopes:    c.claims.scopes,
		ExpiresAt: c.claims.expires,
		claims:    c.claims.set,
		asking:    c.asking(),
		standing:  standing{kid: c.keyID(), key: c.key, jti: c.claims.id, until: c.until()},
	}
}

// until is when the token ends, skew aside.
func (c *candidate) until() time.Time {
	if c.issuer.MaxTokenAge > 0 {
		if issued, ok := numericDate(c.claims.set.raw("iat")); ok { // judgeAge has seen to that
			if aged := issued.Add(c.issuer.MaxTokenAge); aged.Before(c.claims.expires) {
				return aged
			}
		}
	}
	return c.claims.expires
}

// refusal adds to the reason what the log may know of the token.
func (c *candidate) refusal(err error) *Refusal {
	r := &Refusal{Reason: reasonOf(err)}
	if c.issuer != nil {
		r.Issuer = c.issuer.Issuer
	}
	if kid := c.token.header.kid; kid != "" {
		r.KeyFingerprint = keyFingerprint(kid)
	}
	return r
}

// reasonOf returns the reason of a refusal. An error that is none would be a
// fault of ours, and is answered as one of the issuer's: not as a bad token.
func reasonOf(err error) Reason {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	return ReasonKeysUnavailable
}
