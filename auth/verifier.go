package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mcp-resource-server/internal/strictjson"
)

// Verifier turns access tokens into Principals. It is immutable, and safe for
// concurrent use.
type Verifier struct {
	issuers map[string]*issuer
	skew    time.Duration
	now     func() time.Time
}

// issuer is one authorization server whose tokens are accepted.
type issuer struct {
	name       string
	audiences  []string
	algorithms []string
	tokenTypes []string // in lower case
	keys       KeySource
}

// KeySource gives the keys of one issuer.
type KeySource interface {
	// key returns the key with the given id, or errUnknownKey where the issuer
	// has just been seen not to have it, or errKeysUnavailable where that cannot
	// be said now.
	key(ctx context.Context, kid string) (publicKey, error)
}

// NewVerifier returns a verifier for the issuers of c, which must be valid.
// keys has the key source of each issuer, by issuer identifier. now is the clock
// that exp, nbf and iat are held against.
func NewVerifier(c Config, keys map[string]*KeyStore, now func() time.Time) *Verifier {
	v := &Verifier{issuers: map[string]*issuer{}, skew: c.ClockSkew, now: now}
	for _, ic := range c.IssuerList() {
		types := make([]string, len(ic.TokenTypes))
		for i, t := range ic.TokenTypes {
			types[i] = strings.ToLower(t)
		}
		v.issuers[ic.Issuer] = &issuer{
			name:       ic.Issuer,
			audiences:  ic.Audiences,
			algorithms: ic.Algorithms,
			tokenTypes: types,
			keys:       keys[ic.Issuer],
		}
	}
	return v
}

// Verify checks a raw access token and returns its Principal. The error is
// always a *Refusal. It waits on the network only where the token is good in all
// but a key id that its issuer's key set does not have yet.
func (v *Verifier) Verify(ctx context.Context, raw string) (Principal, error) {
	t, err := parseToken(raw)
	if err != nil {
		return Principal{}, err
	}
	// The issuer is chosen before all else, so that no issuer's key can ever
	// verify another's token (RFC 8725 §3.8).
	name, _ := strictjson.String(t.claims["iss"])
	iss, ok := v.issuers[name]
	if !ok {
		return Principal{}, &Refusal{Reason: ReasonIssuer, KeyFingerprint: keyFingerprint(t.header.kid)}
	}
	c, err := parseClaims(t.claims)
	if err == nil {
		err = v.check(ctx, iss, t, c)
	}
	if err != nil {
		return Principal{}, &Refusal{Reason: reasonOf(err), Issuer: iss.name, KeyFingerprint: keyFingerprint(t.header.kid)}
	}
	return Principal{
		Issuer:    iss.name,
		Subject:   c.subject,
		ClientID:  c.clientID,
		Scopes:    c.scopes,
		ExpiresAt: c.expires,
		claims:    t.claims,
	}, nil
}

// check holds a token against its issuer's settings, the clock and at last a
// key: whatever can be refused without a key costs no fetch.
func (v *Verifier) check(ctx context.Context, iss *issuer, t token, c claims) error {
	if !slices.Contains(iss.algorithms, t.header.alg) {
		return refuse(ReasonUnsupportedAlg)
	}
	// RFC 8725 §3.11; media types are compared whatever their case (RFC 2045 §5.1).
	if !slices.Contains(iss.tokenTypes, strings.ToLower(t.header.typ)) {
		return refuse(ReasonTokenType)
	}
	if !slices.ContainsFunc(c.audience, func(a string) bool { return slices.Contains(iss.audiences, a) }) {
		return refuse(ReasonAudience)
	}
	if err := v.checkTimes(c); err != nil {
		return err
	}
	key, err := iss.keys.key(ctx, t.header.kid)
	switch {
	case errors.Is(err, errUnknownKey):
		return refuse(ReasonUnknownKID)
	case err != nil:
		return refuse(ReasonKeysUnavailable)
	}
	// A key that the issuer made for one algorithm is not used for another.
	if !key.fits(t.header.alg) {
		return refuse(ReasonUnsupportedAlg)
	}
	if err := verifySignature(t.header.alg, key, t.signingInput, t.signature); err != nil {
		return refuse(ReasonSignature)
	}
	return nil
}

// checkTimes judges exp, nbf and iat (RFC 7519 §4.1.4 to §4.1.6) by our clock,
// give or take the skew.
func (v *Verifier) checkTimes(c claims) error {
	now := v.now()
	if !now.Before(c.expires.Add(v.skew)) {
		return refuse(ReasonExpired)
	}
	for _, from := range []time.Time{c.notBefore, c.issuedAt} {
		if !from.IsZero() && now.Add(v.skew).Before(from) {
			return refuse(ReasonNotYetValid)
		}
	}
	return nil
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
