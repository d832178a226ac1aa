package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// candidate is a token on its way through the checks: each adds what it has
// found out, and nothing of it is believed before the last.
type candidate struct {
	raw    string
	now    time.Time
	token  token
	issuer *issuer
	claims claims
	key    publicKey
}

// check is one step of the judgement.
type check struct {
	name checkName
	// needed says that no later check can be made where this one fails.
	needed bool
	judge  func(context.Context, *Verifier, *candidate) error
}

// checkName names a check, as `mcp-server explain` shows it.
type checkName string

const (
	checkForm         checkName = "form"
	checkHeader       checkName = "header"
	checkClaims       checkName = "claims"
	checkIssuerName   checkName = "issuer"
	checkAlgorithm    checkName = "algorithm"
	checkType         checkName = "type"
	checkKeyID        checkName = "key id"
	checkSubject      checkName = "subject"
	checkBinding      checkName = "sender constraint"
	checkAudiences    checkName = "audience"
	checkExpiry       checkName = "expiry"
	checkNotBefore    checkName = "not before"
	checkAge          checkName = "age"
	checkClient       checkName = "client"
	checkOrganization checkName = "organization"
	checkRequired     checkName = "required claims"
	checkGrants       checkName = "grants"
	checkRevocation   checkName = "denylist"
	checkKey          checkName = "key"
	checkSignature    checkName = "signature"
)

// checks is the whole judgement, in its order: what costs least comes first, and
// whatever can be refused without a key costs no fetch. A verifier stops at the
// first that fails; explain runs as many as it can.
var checks = []check{
	{checkForm, true, func(_ context.Context, _ *Verifier, c *candidate) (err error) {
		c.token, err = parseToken(c.raw)
		return err
	}},
	{checkHeader, true, func(_ context.Context, _ *Verifier, c *candidate) (err error) {
		c.token.header, err = parseHeader(c.token.rawHeader)
		return err
	}},
	{checkClaims, true, func(_ context.Context, _ *Verifier, c *candidate) (err error) {
		c.claims.set, err = parseClaimSet(c.token.rawClaims)
		return err
	}},
	{checkIssuerName, true, judgeIssuer},
	{checkAlgorithm, false, judgeAlgorithm},
	{checkType, false, judgeType},
	{checkKeyID, false, judgeKeyID},
	{checkSubject, false, judgeSubject},
	{checkBinding, false, judgeBinding},
	{checkAudiences, false, judgeAudience},
	{checkExpiry, false, judgeExpiry},
	{checkNotBefore, false, judgeNotBefore},
	{checkAge, false, judgeAge},
	{checkClient, false, judgeClient},
	{checkOrganization, false, judgeOrganization},
	{checkRequired, false, judgeRequiredClaims},
	{checkGrants, false, judgeGrants},
	{checkRevocation, false, judgeRevocation},
	{checkKey, true, judgeKey},
	{checkSignature, true, judgeSignature},
}

// judgeIssuer chooses the issuer before all that depends on it, so that no
// issuer's key can ever verify another's token (RFC 8725 §3.8).
func judgeIssuer(_ context.Context, v *Verifier, c *candidate) error {
	name, _ := c.claims.set.text("iss")
	iss, ok := v.issuers[name]
	if !ok {
		return refuse(ReasonIssuer)
	}
	c.issuer = iss
	return nil
}

func judgeAlgorithm(_ context.Context, _ *Verifier, c *candidate) error {
	if !slices.Contains(c.issuer.Algorithms, c.token.header.alg) {
		return refuse(ReasonUnsupportedAlg)
	}
	return nil
}

// judgeType keeps tokens for other purposes out (RFC 8725 §3.11). Media types are
// compared whatever their case (RFC 2045 §5.1).
func judgeType(_ context.Context, _ *Verifier, c *candidate) error {
	if !slices.ContainsFunc(c.issuer.TokenTypes, func(t string) bool { return strings.EqualFold(t, c.token.header.typ) }) {
		return refuse(ReasonTokenType)
	}
	return nil
}

func judgeKeyID(_ context.Context, _ *Verifier, c *candidate) error {
	if c.keyID() == "" {
		return refuse(ReasonHeader)
	}
	return nil
}

func judgeRevocation(_ context.Context, v *Verifier, c *candidate) error {
	if v.trust.denylist.denies(c.bearing()) {
		return refuse(ReasonRevoked)
	}
	return nil
}

// bearing is what the denylist is asked about. A token that does not name its key
// is one of the sole key all the same.
func (c *candidate) bearing() bearing {
	return bearing{
		issuer:   c.issuer.Issuer,
		kid:      c.keyID(),
		clientID: c.claims.clientID,
		subject:  c.claims.subject,
		jti:      c.claims.id,
	}
}

// keyID is the id of the token's key: as the token names it, or the sole key's, or
// "" where neither is to be had.
func (c *candidate) keyID() string {
	if kid := c.token.header.kid; kid != "" {
		return kid
	}
	return c.issuer.keys.soleKeyID()
}

// judgeKey finds the key. It alone may wait on the network, and only where the
// issuer's key set does not have the key id yet.
func judgeKey(ctx context.Context, _ *Verifier, c *candidate) error {
	key, err := c.issuer.keys.key(ctx, c.token.header.kid)
	switch {
	case errors.Is(err, errUnknownKey):
		return refuse(ReasonUnknownKID)
	case err != nil:
		return refuse(ReasonKeysUnavailable)
	}
	c.key = key
	// A key that the issuer made for one algorithm is not used for another.
	if !key.fits(c.token.header.alg) {
		return refuse(ReasonUnsupportedAlg)
	}
	return nil
}

func judgeSignature(_ context.Context, _ *Verifier, c *candidate) error {
	if err := verifySignature(c.token.header.alg, c.key, c.token.signingInput, c.token.signature); err != nil {
		return refuse(ReasonSignature)
	}
	return nil
}
