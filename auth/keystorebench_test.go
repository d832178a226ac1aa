package auth

import (
	"crypto/rand"
	"errors"
	"io"
	"strconv"
	"testing"
	"time"
)

// heldStore is a store with a good set, which nobody fetches for.
func heldStore(keys int) *keyStore {
	s := newKeyStore(IssuerConfig{Issuer: testIssuer}, DefaultConfig().JWKS, nil, testLogger(io.Discard))
	set := keySet{keys: map[string]publicKey{}}
	for i := range keys {
		set.keys[strconv.Itoa(i)] = publicKey{key: &rsaKey().PublicKey}
	}
	s.publish(set, time.Minute)
	return s
}

// What each valid token asks.
func BenchmarkKeyLookup(b *testing.B) {
	s := heldStore(3)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.key(b.Context(), "1"); err != nil {
				b.Error(err)
			}
		}
	})
}

// What each token of a flood asks.
func BenchmarkUnknownKeyEmptyBucket(b *testing.B) {
	s := heldStore(3)
	s.bucket.SetLimit(0)
	s.bucket.AllowN(time.Now(), forcedFetchBurst)
	for range 2 * maxAbsentKeys {
		s.snapshot.Load().absent.add(rand.Text())
	}
	junk := rand.Text()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.key(b.Context(), junk); !errors.Is(err, errKeysUnavailable) {
				b.Error(err)
			}
		}
	})
}
