package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/internal/oauthclient"
)

// byHost leads each request to the issuer of its host.
type byHost map[string]oauthclient.Doer

func (b byHost) Do(r *http.Request) (*http.Response, error) {
	if d, ok := b[r.URL.Host]; ok {
		return d.Do(r)
	}
	return nil, errors.New("no such host")
}

// neighbours are two issuers of one configuration.
type neighbours struct {
	trust        *Trust
	first, quiet *fakeIssuer
}

// inTwoBubble runs f with two issuers, of which the first may have any trouble.
func inTwoBubble(t *testing.T, f func(*testing.T, neighbours)) {
	t.Helper()
	rsaKey()
	synctest.Test(t, func(t *testing.T) {
		n := neighbours{first: newFakeIssuer(), quiet: newFakeIssuer()}
		n.quiet.metadataIssuer, n.quiet.jwksURI = otherIssuer, otherIssuer+fakeJWKSPath
		client := byHost{"issuer.example": n.first, "second.example": n.quiet}
		var err error
		if n.trust, err = NewTrust(testConfig(), client, testLogger(&syncBuffer{})); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go n.trust.Run(ctx)
		synctest.Wait()
		f(t, n)
		stop()
		synctest.Wait()
	})
}

// Whatever one issuer does, or is done to, the other's tokens do not wait, its keys are
// fetched as ever, and its bucket pays for its own new keys alone.
func TestIssuersAreIsolated(t *testing.T) {
	fault := func(name string) func(*fakeIssuer) {
		return func(f *fakeIssuer) { f.fault = keyFaults()[name].give }
	}
	for _, tt := range []struct {
		name    string
		trouble func(*fakeIssuer)
		flood   bool
	}{
		{"none", func(*fakeIssuer) {}, false},
		{"it hangs", fault("hangs"), false},
		{"it sends a byte a second", fault("one byte a second"), false},
		{"it is slow", func(f *fakeIssuer) { f.latency = 4 * time.Second }, false},
		{"it is down", func(f *fakeIssuer) { f.down = true }, false},
		{"its metadata hangs", func(f *fakeIssuer) { f.metadataHangs = true }, false},
		{"it is asked for junk", func(*fakeIssuer) {}, true},
		{"it hangs and is asked for junk", fault("hangs"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inTwoBubble(t, func(t *testing.T, n neighbours) {
				n.first.set(tt.trouble)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				var asked atomic.Int64
				var wg sync.WaitGroup
				for c := range 16 {
					wg.Go(func() {
						for i := 0; tt.flood && ctx.Err() == nil; i++ {
							_, _ = n.trust.keys[testIssuer].key(ctx, fmt.Sprintf("junk-%d-%d", c, i))
							asked.Add(1)
							_ = pause(ctx, time.Second)
						}
					})
				}
				quiet := n.trust.keys[otherIssuer]
				waited := 0
				for range 1800 {
					time.Sleep(time.Second)
					at := time.Now()
					if _, err := quiet.key(t.Context(), "one"); err != nil || !time.Now().Equal(at) {
						waited++
					}
				}
				if waited > 0 {
					t.Errorf("%d of 1800 valid tokens were refused or waited", waited)
				}
				// At the start, then each 9 to 10 minutes; not once more.
				before, _ := n.quiet.counts()
				if before < 4 || before > 5 {
					t.Errorf("%d fetches in half an hour", before)
				}
				n.quiet.publish("one", "new")
				at := time.Now()
				if _, err := quiet.key(t.Context(), "new"); err != nil || !time.Now().Equal(at) {
					t.Errorf("its new key: %v, after %v", err, time.Since(at))
				}
				if after, _ := n.quiet.counts(); after != before+1 {
					t.Errorf("%d fetches for the new key", after-before)
				}
				stop()
				wg.Wait()
				if tt.flood && asked.Load() < 4_000 {
					t.Errorf("only %d junk key ids were asked for", asked.Load())
				}
			})
		})
	}
}

// A bucket that one issuer's junk has emptied is not the other's.
func TestIssuersHaveTheirOwnBuckets(t *testing.T) {
	inTwoBubble(t, func(t *testing.T, n neighbours) {
		for i := range forcedFetchBurst + 1 {
			want := errUnknownKey
			if i == forcedFetchBurst {
				want = errKeysUnavailable
			}
			if _, err := n.trust.keys[testIssuer].key(t.Context(), fmt.Sprint("junk-", i)); !errors.Is(err, want) {
				t.Errorf("junk-%d: %v, want %v", i, err, want)
			}
		}
		for i := range forcedFetchBurst {
			if _, err := n.trust.keys[otherIssuer].key(t.Context(), fmt.Sprint("junk-", i)); !errors.Is(err, errUnknownKey) {
				t.Errorf("the other issuer's junk-%d: %v", i, err)
			}
		}
		// Nor is a key of one a key of the other.
		n.first.publish("one", "only-there")
		time.Sleep(DefaultConfig().JWKS.RefreshInterval)
		if _, err := n.trust.keys[testIssuer].key(t.Context(), "only-there"); err != nil {
			t.Errorf("where it is: %v", err)
		}
		if _, err := n.trust.keys[otherIssuer].key(t.Context(), "only-there"); !errors.Is(err, errUnknownKey) {
			t.Errorf("where it is not: %v", err)
		}
	})
}
