package auth

import (
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A key that the issuer removed stops within one refresh.
func TestKeyStoreRemovedKeyStops(t *testing.T) {
	two := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.keys = []object{good("one"), good("two")} }
	inBubble(t, two, func(t *testing.T, r running) {
		r.wants("one", nil)
		r.wants("two", nil)
		r.issuer.publish("two")
		time.Sleep(r.cfg.RefreshInterval + time.Second)
		r.wants("one", errUnknownKey)
		r.wants("two", nil)
	})
}

// A whole rotation as an issuer makes it: the next key is published, then used, then
// the old one is taken away. No valid token is refused at any moment, and the old key
// stops within one refresh.
func TestKeyStoreRotation(t *testing.T) {
	for _, tt := range []struct {
		name string
		lead time.Duration // from when the next key is published until it signs
	}{
		{"announced before it is used", 15 * time.Minute},
		{"used at once", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			slow := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.latency = 100 * time.Millisecond }
			inBubble(t, slow, func(t *testing.T, r running) {
				time.Sleep(5 * time.Minute)
				var refused atomic.Int64
				signs := func(kid string, d time.Duration) {
					for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
						if r.refuses(kid) {
							refused.Add(1)
						}
					}
				}
				r.issuer.publish("one", "next")
				signs("one", tt.lead)
				go signs("one", 5*time.Minute) // tokens that were issued before
				signs("next", 10*time.Minute)
				r.issuer.publish("next")
				time.Sleep(r.cfg.RefreshInterval + time.Second)
				r.wants("one", errUnknownKey)
				signs("next", time.Hour)
				if n := refused.Load(); n > 0 {
					t.Errorf("%d valid tokens were refused", n)
				}
			})
		})
	}
}

// Odd keys among good ones are counted and never used, and the good ones are.
func TestKeyStoreIgnoresOddKeys(t *testing.T) {
	odd := map[string]object{
		"ec":       jwkOf(&ec256Key().PublicKey, "ec"),
		"okp":      {"kty": `"OKP"`, "crv": `"Ed25519"`, "kid": `"okp"`, "x": `"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`},
		"oct":      {"kty": `"oct"`, "kid": `"oct"`, "k": `"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"`},
		"unknown":  {"kty": `"XYZ"`, "kid": `"unknown"`},
		"enc":      good("enc").with("use", `"enc"`),
		"small":    jwkOf(&rsaSmall().PublicKey, "small"),
		"exponent": good("exponent").with("e", `"Aw"`),
		"no kid":   good("no kid").with("kid", ""),
	}
	among := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) {
		f.keys = append(slices.Collect(maps.Values(odd)), good("one"), good2("two"))
	}
	inBubble(t, among, func(t *testing.T, r running) {
		r.wants("one", nil)
		r.wants("two", nil)
		for kid := range odd {
			if !r.refuses(kid) {
				t.Errorf("the key %q is used", kid)
			}
		}
		if status := r.Status(); status.Keys != 2 || status.LastError != "" || !strings.Contains(r.log.String(), `"ignored":8`) {
			t.Errorf("status %+v, log %s", status, r.log)
		}
	})
}

// A clock on the wall that is set forward or back ages no key, brings no fetch and
// fills no bucket: every time that is compared has its monotonic reading, and timers
// have no other. Nobody can set the clock in a test; that the readings are there can be
// seen. They are not within a bubble. The one time that is read from the wall is that
// of kept keys: see TestKeyCacheOddFiles.
func TestKeyStoreClockJumps(t *testing.T) {
	cfg := DefaultConfig().JWKS
	cfg.CacheDir = filepath.Join(t.TempDir(), "keys")
	ic := IssuerConfig{Issuer: testIssuer}.withDefaults()
	fetched := newKeyStore(ic, cfg, newFakeIssuer(), testLogger(io.Discard))
	answer, err := fetched.fetcher.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fetched.publish(answer.set, time.Minute)
	fetched.keep(answer.document)
	fetched.snapshot.Load().absent.add("junk")
	restored := newKeyStore(ic, cfg, newFakeIssuer(), testLogger(io.Discard))
	times := map[string]time.Time{
		"when keys were fetched":             fetched.snapshot.Load().fetched,
		"when kept keys were fetched":        restored.snapshot.Load().fetched,
		"when the metadata is read again":    fetched.fetcher.rediscover,
		"when the next fetch is":             fetched.Status().NextFetch,
		"when keys were fetched, as is told": fetched.Status().LastSuccess,
	}
	for _, at := range fetched.snapshot.Load().absent.seen {
		times["when a key was shown to be absent"] = at
	}
	if len(times) != 6 {
		t.Errorf("%d times are looked at", len(times))
	}
	for what, at := range times {
		if !strings.Contains(at.String(), " m=") {
			t.Errorf("%s: %v has no monotonic reading", what, at)
		}
	}
}
