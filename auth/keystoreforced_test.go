package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The first tokens of a new key: one forced fetch, shared, then all are accepted.
func TestKeyStoreNewKeyIsOneSharedFetch(t *testing.T) {
	slow := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.latency = 50 * time.Millisecond }
	inBubble(t, slow, func(t *testing.T, r running) {
		time.Sleep(time.Second)
		r.issuer.publish("one", "new")
		before, _ := r.issuer.counts()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				time.Sleep(time.Duration(i%50) * time.Millisecond) // while the fetch runs, too
				r.wants("new", nil)
			})
		}
		wg.Wait()
		if after, _ := r.issuer.counts(); after != before+1 {
			t.Errorf("%d fetches, want exactly one", after-before)
		}
	})
}

// One client that retries with one stale key does not use up everybody's fetches,
// and the log tells of a rotation.
func TestKeyStoreRepeatedJunkCostsOneFetch(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		before, _ := r.issuer.counts()
		for range 20 {
			r.wants("stale", errUnknownKey)
		}
		if after, _ := r.issuer.counts(); after != before+1 {
			t.Errorf("%d fetches, want one", after-before)
		}
		r.issuer.publish("one", "new")
		r.wants("new", nil)
		if !strings.Contains(r.log.String(), "key set changed") {
			t.Errorf("log:\n%s", r.log.String())
		}
	})
}

// While an issuer hangs, requests with unknown key ids do not pile up: beyond a
// number they are told at once that nobody can say.
func TestKeyStoreWaitersAreBounded(t *testing.T) {
	hang := func(ctx context.Context) fakeAnswer { return fakeAnswer{status: 503, err: pause(ctx, 4*time.Second)} }
	inBubble(t, nil, func(t *testing.T, r running) {
		r.issuer.set(func(f *fakeIssuer) { f.fault = hang })
		begin := time.Now()
		var atOnce atomic.Int64
		var wg sync.WaitGroup
		for i := range maxWaiting + 50 {
			wg.Go(func() {
				r.wants(fmt.Sprintf("junk-%d", i), errKeysUnavailable)
				if time.Since(begin) == 0 {
					atOnce.Add(1)
				}
			})
		}
		wg.Wait()
		if n := atOnce.Load(); n != 50 {
			t.Errorf("%d were told at once, want 50", n)
		}
		r.wants("one", nil)
	})
}

// Whoever asks while a fetch is asked for joins it, and pays nothing.
func TestKeyStoreRequestIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the bucket does not fill meanwhile
		s := newKeyStore(IssuerConfig{Issuer: testIssuer}, DefaultConfig().JWKS, nil, testLogger(io.Discard))
		first := s.request()
		for range 10 {
			if s.request() != first {
				t.Error("another fetch was asked for")
			}
		}
		if left := s.bucket.Tokens(); left != forcedFetchBurst-1 {
			t.Errorf("%v fetches are left in the bucket", left)
		}
	})
}

// Once a single junk kid was enough to keep every fresh key out for a cooldown.
func TestKeyStoreNewKeyAfterJunk(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		r.wants("junk", errUnknownKey)
		r.issuer.publish("one", "new")
		r.wants("new", nil)
	})
}

// A fetch that began before the question cannot prove that the key is absent:
// its answer may be older than the key.
func TestKeyStoreOlderFetchJudgesNobody(t *testing.T) {
	slow := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.latency = time.Second }
	inBubble(t, slow, func(t *testing.T, r running) {
		time.Sleep(2 * time.Second)
		junk := make(chan error)
		go func() {
			_, err := r.key(t.Context(), "junk")
			junk <- err
		}()
		synctest.Wait() // the fetch for it is under way …
		r.issuer.publish("one", "new")
		before, _ := r.issuer.counts()
		r.wants("new", nil) // … and does not bring this one
		if err := <-junk; !errors.Is(err, errUnknownKey) {
			t.Errorf("junk: %v", err)
		}
		if after, _ := r.issuer.counts(); after != before+1 {
			t.Errorf("%d fetches more, want one", after-before)
		}
	})
}

func TestKeyStoreEmptyBucket(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		for i := range forcedFetchBurst {
			r.wants(fmt.Sprint("junk-", i), errUnknownKey)
		}
		before, _ := r.issuer.counts()
		r.wants("junk-3", errKeysUnavailable)
		r.wants("junk-2", errUnknownKey) // the last fetch has shown it to be absent
		r.wants("one", nil)
		if after, _ := r.issuer.counts(); after != before {
			t.Errorf("%d fetches with an empty bucket", after-before)
		}
		// A key that appears now waits for the bucket, and is not called bad meanwhile.
		r.issuer.publish("one", "new")
		r.wants("new", errKeysUnavailable)
		time.Sleep(r.cfg.Cooldown)
		r.wants("new", nil)
	})
}

// A key that the issuer has taken back is bad for certain, whatever uses up the
// fetches; one that comes back is good again.
func TestKeyStoreWithdrawnKey(t *testing.T) {
	conf := func(_ *IssuerConfig, cfg *JWKSConfig, f *fakeIssuer) {
		cfg.RefreshInterval, cfg.Cooldown = time.Minute, time.Hour
		f.keys = []object{good("one"), good("two")}
	}
	inBubble(t, conf, func(t *testing.T, r running) {
		for i := range forcedFetchBurst {
			r.wants(fmt.Sprint("junk-", i), errUnknownKey)
		}
		r.wants("one", nil)
		r.wants("never", errKeysUnavailable)
		r.issuer.publish("two")
		time.Sleep(2 * time.Minute)
		before, _ := r.issuer.counts()
		r.wants("one", errUnknownKey)
		r.wants("two", nil)
		r.wants("never", errKeysUnavailable) // of this nobody can say it
		time.Sleep(30 * time.Minute)
		r.wants("one", errUnknownKey)
		if after, _ := r.issuer.counts(); after-before > 35 {
			t.Errorf("%d fetches in half an hour", after-before)
		}
		r.issuer.publish("one", "two")
		time.Sleep(2 * time.Minute)
		r.wants("one", nil)
	})
}

// However many keys an issuer takes back, little is kept of them.
func TestWithdrawnKeysAreBounded(t *testing.T) {
	var snap *keySnapshot
	for i := range 30 {
		keys := map[string]publicKey{}
		for j := range maxKeys {
			keys[fmt.Sprint(i, "-", j)] = publicKey{}
		}
		snap = &keySnapshot{keys: keys, withdrawn: withdrawnBy(snap, keys)}
	}
	if len(snap.withdrawn) != maxWithdrawn {
		t.Errorf("%d withdrawn keys are kept, want %d", len(snap.withdrawn), maxWithdrawn)
	}
	if _, ok := snap.withdrawn["28-0"]; !ok {
		t.Error("the last ones are not among them")
	}
}

// What a fetch has shown is worth a cooldown and no more.
func TestKeyStoreAbsenceExpires(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		for i := range forcedFetchBurst {
			r.wants(fmt.Sprint("junk-", i), errUnknownKey)
		}
		time.Sleep(r.cfg.Cooldown)
		r.wants("junk-2", errUnknownKey) // pays for a fetch of its own again
		time.Sleep(r.cfg.Cooldown + time.Second)
		r.bucket.AllowN(time.Now(), 1) // somebody else takes what has come in
		r.wants("junk-2", errKeysUnavailable)
	})
}

// A failed fetch has shown nothing.
func TestKeyStoreFailedForcedFetch(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		r.issuer.set(func(f *fakeIssuer) { f.down = true })
		r.wants("new", errKeysUnavailable)
		r.issuer.set(func(f *fakeIssuer) { f.down = false })
		r.issuer.publish("one", "new")
		r.wants("new", nil)
	})
}

// A caller that leaves does not take the fetch with it.
func TestKeyStoreWaiterLeaves(t *testing.T) {
	slow := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.latency = time.Second }
	inBubble(t, slow, func(t *testing.T, r running) {
		time.Sleep(2 * time.Second)
		r.issuer.publish("one", "new")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := r.key(ctx, "new"); !errors.Is(err, errKeysUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
		// While the same fetch still runs, somebody else comes and leaves.
		ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := r.key(ctx, "new"); !errors.Is(err, errKeysUnavailable) {
			t.Errorf("err = %v", err)
		}
		before, _ := r.issuer.counts()
		r.wants("new", nil)
		if after, _ := r.issuer.counts(); after != before {
			t.Errorf("%d fetches more: the one under way was not shared", after-before)
		}
	})
}

// Ten thousand junk kids in ten seconds from 64 connections: the issuer sees what
// the bucket pays for, memory stays flat, valid tokens do not notice, and a key
// that appears meanwhile is found within a cooldown.
func TestKeyStoreFlood(t *testing.T) {
	const connections, each = 64, 157
	slow := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.latency = 20 * time.Millisecond }
	inBubble(t, slow, func(t *testing.T, r running) {
		time.Sleep(time.Minute)
		before, _ := r.issuer.counts()
		start := time.Now()
		var unknown, unavailable, other, refused atomic.Int64
		var wg sync.WaitGroup
		for c := range connections {
			wg.Go(func() {
				for i := range each {
					time.Sleep(10 * time.Second / each)
					_, err := r.key(t.Context(), fmt.Sprintf("junk-%d-%d", c, i))
					switch {
					case errors.Is(err, errUnknownKey):
						unknown.Add(1)
					case errors.Is(err, errKeysUnavailable):
						unavailable.Add(1)
					default:
						other.Add(1)
					}
				}
			})
		}
		wg.Go(func() { // valid tokens
			for range 1000 {
				time.Sleep(10 * time.Millisecond)
				at := time.Now()
				if _, err := r.key(t.Context(), "one"); err != nil || time.Since(at) > 0 {
					refused.Add(1)
				}
			}
		})
		wg.Wait()
		elapsed := time.Since(start)
		after, _ := r.issuer.counts()
		bound := forcedFetchBurst + int(elapsed/r.cfg.Cooldown) + int(elapsed/r.cfg.RefreshInterval) + 1
		if got := after - before; got > bound || got < forcedFetchBurst {
			t.Errorf("%d fetches in %v, want at most %d", got, elapsed, bound)
		}
		if other.Load() > 0 || refused.Load() > 0 {
			t.Errorf("%d junk kids were found, %d valid tokens were refused or waited", other.Load(), refused.Load())
		}
		if n := unknown.Load() + unavailable.Load(); n < 10_000 {
			t.Errorf("%d junk kids were answered", n)
		}
		if n := len(r.snapshot.Load().absent.seen); n > maxAbsentKeys {
			t.Errorf("%d absent keys are remembered", n)
		}
		if log := r.log.String(); strings.Contains(log, "junk") || strings.Count(log, "\n") > 10 {
			t.Errorf("the flood is in the log:\n%s", log)
		}
		r.issuer.publish("one", "new")
		time.Sleep(r.cfg.Cooldown)
		r.wants("new", nil)
	})
}

// However many key ids are made up, and however often the issuer is asked meanwhile,
// they leave nothing behind.
func TestKeyStoreFloodLeavesMemoryFlat(t *testing.T) {
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	inBubble(t, nil, func(t *testing.T, r running) {
		flood := func(n int) {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range n / 8 {
						_, _ = r.key(t.Context(), rand.Text())
						time.Sleep(10 * time.Millisecond)
					}
				})
			}
			wg.Wait()
		}
		flood(1_000) // what is made once is made now
		before := heap()
		flood(40_000)
		if grown := heap() - before; grown > 128<<10 {
			t.Errorf("the heap grew by %d bytes", grown)
		}
		r.wants("one", nil)
	})
}

func TestAbsentKeysAreBounded(t *testing.T) {
	var a absentKeys
	if a.has("x", time.Hour) {
		t.Error("the zero value knows something")
	}
	for i := range 10_000 {
		a.add(fmt.Sprint(i))
	}
	if len(a.seen) != maxAbsentKeys {
		t.Errorf("%d are kept, want %d", len(a.seen), maxAbsentKeys)
	}
	if !a.has("0", time.Hour) || a.has("9999", time.Hour) {
		t.Error("the first are not the ones that are kept")
	}
}
