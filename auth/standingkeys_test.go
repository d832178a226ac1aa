package auth

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// standingClock is that of the tokens, while the keys age by the bubble's.
func standingClock() time.Time { return testNow }

// Over a whole life of an issuer: what was opened with a key ends with the refresh that
// shows it withdrawn, and with nothing else.
func TestStandingBesideAnIssuer(t *testing.T) {
	two := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.keys = []object{good("one"), good("two")} }
	inBubble(t, two, func(t *testing.T, r running) {
		v := NewVerifier(testConfig(), &Trust{keys: map[string]keySource{testIssuer: r.keyStore}}, standingClock)
		p := verified(t, v, named(rsaKey(), "one"))
		refresh := r.cfg.RefreshInterval + time.Second

		r.issuer.set(func(f *fakeIssuer) { f.down = true })
		time.Sleep(refresh)
		stands(t, v, p, "")
		time.Sleep(r.cfg.MaxStale)
		if ready, _ := r.ready(); ready {
			t.Fatal("the keys have not grown stale")
		}
		stands(t, v, p, "")
		r.issuer.set(func(f *fakeIssuer) { f.down = false })
		time.Sleep(refresh)
		stands(t, v, p, "")

		r.issuer.publish("two")
		stands(t, v, p, "") // nobody has told us
		time.Sleep(refresh)
		fetches, _ := r.issuer.counts()
		stands(t, v, p, ReasonUnknownKID)
		if now, _ := r.issuer.counts(); now != fetches {
			t.Error("the question was a reason to fetch")
		}
		r.issuer.set(func(f *fakeIssuer) { f.keys = []object{good2("one")} })
		time.Sleep(refresh)
		stands(t, v, p, ReasonUnknownKID) // another key under its id
		r.issuer.set(func(f *fakeIssuer) { f.keys = []object{good("one"), good2("one"), good("two")} })
		time.Sleep(refresh)
		stands(t, v, p, ReasonUnknownKID) // two keys under its id: none of them is used
		r.issuer.publish("one")
		time.Sleep(refresh)
		stands(t, v, p, "")
	})
}

// Before the first keys have come, after a restart, nothing can be said.
func TestStandingBeforeTheFirstKeys(t *testing.T) {
	c := testConfig()
	store := newKeyStore(c.IssuerList()[0], c.JWKS, neverAsked{t}, testLogger(&syncBuffer{}))
	v, _, _, p := clocked(t, nil, goodClaims())
	v.issuers[testIssuer].keys = store
	stands(t, v, p, "")
}

// Keys of a file, of tokens that name their key and of such that need not.
func TestStandingBesideAKeyFile(t *testing.T) {
	one := thumbprintOf(&rsaKey().PublicKey)
	for _, tt := range []struct {
		name, keyID, token string
	}{
		{"named by its thumbprint", "", named(rsaKey(), one)},
		{"not named", "", anonymous(rsaKey())},
		{"named by key_id", testKID, named(rsaKey(), testKID)},
		{"not named, beside key_id", testKID, anonymous(rsaKey())},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "keys.pem")
				put(t, path, rsaPEM())
				c := withStaticKeys(func(ic *IssuerConfig) { ic.PublicKeyFile, ic.KeyID = path, tt.keyID })
				trust := staticTrust(t, c, &syncBuffer{})
				go trust.Run(t.Context())
				v := NewVerifier(c, trust, standingClock)
				p := verified(t, v, tt.token)
				for _, step := range []struct {
					name, content string
					want          Reason
				}{
					{"another key", rsa2PEM(), ReasonUnknownKID},
					{"a broken file", "x", ReasonUnknownKID},
					{"the key again", rsaPEM(), ""},
					{"a broken file", "x", ""},
				} {
					put(t, path, step.content)
					time.Sleep(2 * time.Second) // of the bubble
					synctest.Wait()
					if got := reason(t, v.Standing(p)); got != step.want {
						t.Errorf("%s: %q, want %q", step.name, got, step.want)
					}
				}
				if tt.keyID != "" {
					return // it can name one key only
				}
				put(t, path, rsa2PEM()+rsaPEM())
				time.Sleep(2 * time.Second)
				synctest.Wait()
				stands(t, v, p, "") // beside a second one it is the same key
			})
		})
	}
}
