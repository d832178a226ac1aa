package auth

import (
	"crypto/sha256"
	"errors"
	"time"
)

// standing is what of a token is needed to say later whether it is still good.
type standing struct {
	kid, jti string
	key      publicKey         // that verified it
	until    time.Time         // exp, or the end of max_token_age where that is earlier
	digest   [sha256.Size]byte // of a static token
}

// Ends returns the time at which p's token ends here, clock skew included. Whatever
// was opened with the token MUST NOT outlive it.
func (v *Verifier) Ends(p Principal) time.Time {
	if p.Issuer == StaticIssuer {
		return p.standing.until // a time of our own making
	}
	return p.standing.until.Add(v.skew)
}

// Standing says whether p, which a token was verified for, would still be accepted
// with it: nil, or a *Refusal. It judges what may come about while a token is in use:
// its end, the denylist, and that its key, its issuer or its entry in
// auth.static_tokens_file was taken back. It never waits: keys that cannot be had
// now end nothing.
func (v *Verifier) Standing(p Principal) error {
	reason := v.standingReason(p)
	if reason == "" {
		return nil
	}
	r := &Refusal{Reason: reason, Issuer: p.Issuer}
	if p.standing.kid != "" {
		r.KeyFingerprint = keyFingerprint(p.standing.kid)
	}
	return r
}

// standingReason judges in the order in which a verifier does.
func (v *Verifier) standingReason(p Principal) Reason {
	if !v.now().Before(v.Ends(p)) {
		return ReasonExpired
	}
	issuer, known := v.issuers[p.Issuer]
	if !known && p.Issuer != StaticIssuer {
		return ReasonIssuer
	}
	b := bearing{issuer: p.Issuer, kid: p.standing.kid, clientID: p.ClientID, subject: p.Subject, jti: p.standing.jti}
	switch {
	case v.trust.denylist.denies(b):
		return ReasonRevoked
	case !known:
		return v.trust.staticStanding(p.standing.digest, v.now())
	case issuer.withdrew(p.standing):
		return ReasonUnknownKID
	default:
		return ""
	}
}

// withdrew reports whether the issuer has no longer the key that verified a token,
// also where another took its id over.
func (i *issuer) withdrew(s standing) bool {
	k, err := i.keys.lookup(s.kid)
	return errors.Is(err, errUnknownKey) || err == nil && !k.sameKey(s.key)
}

// staticStanding is "" for a static token that the file still has.
func (t *Trust) staticStanding(digest [sha256.Size]byte, now time.Time) Reason {
	if t.static == nil {
		return ReasonUnknownToken
	}
	tokens := *t.static.tokens.Load()
	i := find(tokens, digest)
	switch {
	case i < 0:
		return ReasonUnknownToken
	case tokens[i].expired(now): // its end may have been moved
		return ReasonExpired
	default:
		return ""
	}
}
