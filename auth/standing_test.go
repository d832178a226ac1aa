package auth

import (
	"errors"
	"testing"
	"time"
)

// clocked is a verifier whose clock can be set, and the caller of a good token.
func clocked(t *testing.T, conf func(*Config), claims object) (*Verifier, *fakeKeys, *time.Time, Principal) {
	t.Helper()
	v, keys := testVerifier(testNow, conf)
	now := testNow
	v.now = func() time.Time { return now }
	d := goodDraft()
	d.claims = claims.String()
	return v, keys, &now, verified(t, v, d.token())
}

// verified is the caller of a token, which is good, and stands.
func verified(t *testing.T, v *Verifier, raw string) Principal {
	t.Helper()
	p, err := v.Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	stands(t, v, p, "")
	return p
}

// stands asserts what Standing says: "" for a good token.
func stands(t *testing.T, v *Verifier, p Principal, want Reason) {
	t.Helper()
	err := v.Standing(p)
	if got := reason(t, err); got != want {
		t.Errorf("standing: %q, want %q", got, want)
	}
	if r, ok := errors.AsType[*Refusal](err); ok && r.Issuer != p.Issuer {
		t.Errorf("the refusal is of issuer %q", r.Issuer)
	}
}

// A token ends where Verify would refuse it, to the nanosecond.
func TestStandingEnds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		age    time.Duration
		skew   time.Duration
		claims object
		ends   time.Duration // after testNow
		reason Reason        // of Verify
	}{
		{"exp", 0, 30 * time.Second, goodClaims(), time.Hour + 30*time.Second, ReasonExpired},
		{"exp without skew", 0, 0, goodClaims(), time.Hour, ReasonExpired},
		{"exp that is over, within the skew", 0, time.Minute, goodClaims().with("exp", at(-30)), 30 * time.Second, ReasonExpired},
		{"exp before max_token_age", 2 * time.Hour, 30 * time.Second, goodClaims(), time.Hour + 30*time.Second, ReasonExpired},
		{"max_token_age", 10 * time.Minute, 30 * time.Second, goodClaims(), 10*time.Minute + 30*time.Second, ReasonLifetime},
		{"max_token_age of an older token", 10 * time.Minute, 0, goodClaims().with("iat", at(-300)), 5 * time.Minute, ReasonLifetime},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conf := func(c *Config) { c.Issuers[0].MaxTokenAge, c.ClockSkew = tt.age, tt.skew }
			v, _, now, p := clocked(t, conf, tt.claims)
			end := testNow.Add(tt.ends)
			if got := v.Ends(p); !got.Equal(end) {
				t.Errorf("ends %v, want %v", got.Sub(testNow), tt.ends)
			}
			d := goodDraft()
			d.claims = tt.claims.String()
			*now = end.Add(-1)
			stands(t, v, p, "")
			if _, err := v.Verify(t.Context(), d.token()); err != nil {
				t.Errorf("a moment before, Verify says %v", err)
			}
			*now = end
			stands(t, v, p, ReasonExpired)
			if _, err := v.Verify(t.Context(), d.token()); reason(t, err) != tt.reason {
				t.Errorf("at the end, Verify says %v", err)
			}
		})
	}
}

func TestStandingBesideTheDenylist(t *testing.T) {
	for _, tt := range []struct{ name, denied, other string }{
		{"issuer", "issuers: ['" + testIssuer + "']", "issuers: ['" + otherIssuer + "']"},
		{"kid", "kids: [" + testKID + "]", "kids: [another]"},
		{"client", "client_ids: [client-of-the-token]", "client_ids: [subject-of-the-token]"},
		{"subject", "subjects: [subject-of-the-token]", "subjects: [client-of-the-token]"},
		{"jti", "jti: [identifier-of-the-token]", "jti: [" + testKID + "]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _, now, p := clocked(t, nil, goodClaims())
			v.trust.denylist = denying(t, tt.other)
			stands(t, v, p, "")
			v.trust.denylist = denying(t, tt.denied)
			stands(t, v, p, ReasonRevoked)
			*now = v.Ends(p)
			stands(t, v, p, ReasonExpired)
			*now = testNow
			v.trust.denylist = denying(t, "kids: []")
			stands(t, v, p, "")
		})
	}
}

// A key that the issuer takes back ends what its tokens opened, also where another key
// stands under its id; that nobody can say now which keys there are ends nothing.
func TestStandingOfAKey(t *testing.T) {
	v, keys, _, p := clocked(t, nil, goodClaims())
	mine := keys.keys[testKID]

	delete(keys.keys, testKID)
	stands(t, v, p, ReasonUnknownKID)
	keys.keys[testKID] = publicKey{key: &rsaKey2().PublicKey}
	stands(t, v, p, ReasonUnknownKID)
	keys.keys[testKID] = publicKey{key: &ec256Key().PublicKey}
	stands(t, v, p, ReasonUnknownKID)
	keys.keys[testKID] = publicKey{key: mine.key, algs: []string{"RS256", "RS512"}}
	stands(t, v, p, "")
	delete(keys.keys, testKID)
	keys.keys["under another id"] = mine
	stands(t, v, p, ReasonUnknownKID)
	keys.errs[testKID] = errKeysUnavailable
	stands(t, v, p, "")
	delete(keys.errs, testKID)
	keys.keys[testKID] = mine
	stands(t, v, p, "")

	asked := keys.asked
	stands(t, v, p, "")
	if keys.asked != asked {
		t.Error("a key was asked for, which may wait")
	}

	var refusal *Refusal
	delete(keys.keys, testKID)
	if err := v.Standing(p); !errors.As(err, &refusal) || refusal.KeyFingerprint != keyFingerprint(testKID) || refusal.Issuer != testIssuer {
		t.Errorf("%+v", refusal)
	}
}

// An issuer that is no longer configured, and a caller that never was.
func TestStandingOfAnIssuer(t *testing.T) {
	v, _, _, p := clocked(t, nil, goodClaims())
	kept := v.issuers[testIssuer]
	delete(v.issuers, testIssuer)
	stands(t, v, p, ReasonIssuer)
	v.issuers[testIssuer] = kept
	stands(t, v, p, "")

	stands(t, v, Principal{}, ReasonExpired)
	stands(t, v, Principal{Issuer: testIssuer, Subject: p.Subject, ExpiresAt: p.ExpiresAt}, ReasonExpired)
}

// A static token stands as long as its entry does, and no skew is added to its end.
func TestStandingOfAStaticToken(t *testing.T) {
	raw, entry := staticTokenOf(t, "agent", "tool:alpha")
	_, other := staticTokenOf(t, "agent", "tool:alpha") // of the same name
	v, _ := testVerifier(testNow, nil)
	now := testNow
	v.now = func() time.Time { return now }
	v.trust.static = holding(t, entry)
	p := verified(t, v, raw)

	if got := v.Ends(p); !got.Equal(testNow.Add(time.Hour)) {
		t.Errorf("ends %v after", got.Sub(testNow))
	}
	now = testNow.Add(time.Hour - 1)
	stands(t, v, p, "")
	now = testNow.Add(time.Hour)
	stands(t, v, p, ReasonExpired)
	now = testNow

	v.trust.static = holding(t, other)
	stands(t, v, p, ReasonUnknownToken)
	v.trust.static = nil
	stands(t, v, p, ReasonUnknownToken)
	v.trust.static = holding(t, entry)
	stands(t, v, p, "")

	// Its end may be moved while it is in use, in either direction: no later than the one
	// that it was accepted with counts for what it has opened.
	tokens := *v.trust.static.tokens.Load()
	tokens[0].expires = testNow.Add(time.Minute)
	now = testNow.Add(time.Minute - 1)
	stands(t, v, p, "")
	now = testNow.Add(time.Minute)
	stands(t, v, p, ReasonExpired)
	tokens[0].expires = testNow.Add(2 * time.Hour)
	stands(t, v, p, "")
	now = testNow.Add(time.Hour)
	stands(t, v, p, ReasonExpired)
	now = testNow

	for _, denied := range []string{"issuers: [static]", "subjects: [agent]", "client_ids: [agent]"} {
		v.trust.denylist = denying(t, denied)
		stands(t, v, p, ReasonRevoked)
	}
	v.trust.denylist = denying(t, "subjects: [agents]")
	stands(t, v, p, "")
}
