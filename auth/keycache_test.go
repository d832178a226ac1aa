package auth

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// cached makes each run keep its keys in one directory of the test's own.
func cached(t *testing.T) func(*IssuerConfig, *JWKSConfig, *fakeIssuer) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new", "keys")
	return func(_ *IssuerConfig, j *JWKSConfig, _ *fakeIssuer) { j.CacheDir = dir }
}

// again stops the store and makes another of the same settings, as the next run of the
// program does. It has not begun to run.
func (r running) again() running {
	r.t.Helper()
	r.stop()
	synctest.Wait()
	r.log = &syncBuffer{}
	r.keyStore = newKeyStore(r.fetcher.issuer, r.cfg, r.issuer, testLogger(r.log))
	return r
}

// run starts the store, and ends it with the test.
func (r running) run() running {
	ctx, stop := context.WithCancel(r.t.Context())
	r.t.Cleanup(stop)
	r.stop = stop
	go r.Run(ctx)
	synctest.Wait()
	return r
}

// A restart while the issuer is down refuses nobody where keys are kept, and everybody
// where they are not.
func TestKeyCacheRestartDuringAnOutage(t *testing.T) {
	none := func(*IssuerConfig, *JWKSConfig, *fakeIssuer) {}
	for _, tt := range []struct {
		name string
		conf func(*IssuerConfig, *JWKSConfig, *fakeIssuer)
		want int // of 3600 tokens how many are refused
	}{
		{"with a cache", cached(t), 0},
		{"without", none, 3600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, tt.conf, func(t *testing.T, r running) {
				r.wants("one", nil)
				r.issuer.set(func(f *fakeIssuer) { f.down = true })
				refused := 0
				for range 4 {
					r = r.again()
					if r.refuses("one") != (tt.want > 0) { // before the first fetch, too
						t.Error("the first token of the run was judged otherwise")
					}
					r = r.run()
					for range 900 {
						time.Sleep(time.Second)
						if at := time.Now(); r.refuses("one") || !time.Now().Equal(at) {
							refused++
						}
					}
				}
				if refused != tt.want {
					t.Errorf("%d of 3600 valid tokens were refused or waited, want %d", refused, tt.want)
				}
				if ok, all := r.ready(); ok != (tt.want == 0) || all[0].Cached != ok || all[0].LastError != "unreachable" {
					t.Errorf("ready: %v, %+v", ok, all)
				}
				r.issuer.set(func(f *fakeIssuer) { f.down = false })
				r.issuer.publish("one", "two")
				r.eventually("two", maxBackoff+time.Second)
				if status := r.Status(); status.Cached || status.Keys != 2 {
					t.Errorf("status after the recovery: %+v", status)
				}
			})
		})
	}
}

// Keys grow no younger by a restart: max_stale holds from their fetch on.
func TestKeyCacheAgeCounts(t *testing.T) {
	inBubble(t, cached(t), func(t *testing.T, r running) {
		fetched := r.Status().LastSuccess
		r.issuer.set(func(f *fakeIssuer) { f.down = true })
		time.Sleep(r.cfg.MaxStale - time.Hour)
		r = r.again()
		status := r.Status()
		if !status.Cached || !status.Usable || status.Keys != 1 || !status.LastSuccess.Equal(fetched) {
			t.Errorf("status %+v, want keys of %v", status, fetched)
		}
		if log := r.log.String(); !strings.Contains(log, "read from disk") || !strings.Contains(log, `"age":82800000000000`) {
			t.Errorf("log: %s", log)
		}
		r = r.run()
		time.Sleep(time.Until(fetched.Add(r.cfg.MaxStale)))
		r.wants("one", nil)
		time.Sleep(time.Nanosecond)
		r.wants("one", errKeysUnavailable)
		r = r.again() // which does not help
		r.wants("one", errKeysUnavailable)
		if log := r.log.String(); !strings.Contains(log, errKeptKeysTooOld.Error()) || r.Status().Cached {
			t.Errorf("log: %s", log)
		}
	})
}

// Kept keys keep nobody from asking: the first fetch begins at once, and what it brings
// takes their place.
func TestKeyCacheIsReplacedAtOnce(t *testing.T) {
	inBubble(t, cached(t), func(t *testing.T, r running) {
		time.Sleep(time.Hour)
		r.issuer.set(func(f *fakeIssuer) { f.latency = time.Second })
		r.issuer.publish("two")
		r = r.again()
		before, _ := r.issuer.counts()
		start := time.Now()
		r = r.run()
		if after, _ := r.issuer.counts(); after != before+1 {
			t.Errorf("%d fetches at the start, want one", after-before)
		}
		r.wants("one", nil) // meanwhile
		if took := time.Since(start); took != 0 {
			t.Errorf("a kept key took %v", took)
		}
		r.wants("two", nil) // waits for the fetch that is under way
		if took := time.Since(start); took != time.Second {
			t.Errorf("the new key took %v", took)
		}
		r.wants("one", errUnknownKey)
		if status := r.Status(); status.Cached || !strings.Contains(r.log.String(), "key set changed") {
			t.Errorf("status %+v, log: %s", status, r.log)
		}
		r = r.again() // the next run has the new ones
		r.wants("two", nil)
	})
}

// What kept keys do not hold, nobody can call bad while the issuer is silent.
func TestKeyCacheShowsNoAbsence(t *testing.T) {
	inBubble(t, cached(t), func(t *testing.T, r running) {
		r.issuer.set(func(f *fakeIssuer) { f.down = true })
		r = r.again().run()
		r.wants("one", nil)
		r.wants("new", errKeysUnavailable)
	})
}

// Each good answer is written, with its time, also where it is the same; no other is.
func TestKeyCacheIsKeptFresh(t *testing.T) {
	inBubble(t, cached(t), func(t *testing.T, r running) {
		read := func() keptKeys {
			t.Helper()
			var kept keptKeys
			data, err := os.ReadFile(r.cache.path)
			if err = errors.Join(err, json.Unmarshal(data, &kept)); err != nil {
				t.Fatal(err)
			}
			return kept
		}
		first := read()
		if first.Issuer != testIssuer || first.JWKSURL != "" || first.Fetched != time.Now().Unix() {
			t.Errorf("kept %+v", first)
		}
		if _, err := parseKeySet(first.KeySet, defaultAlgorithms); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * r.cfg.RefreshInterval)
		second := read()
		if string(second.KeySet) != string(first.KeySet) || second.Fetched != r.Status().LastSuccess.Unix() || second.Fetched == first.Fetched {
			t.Errorf("kept at %d, then at %d", first.Fetched, second.Fetched)
		}
		r.issuer.set(func(f *fakeIssuer) { f.fault = keyFaults()["HTML"].give })
		time.Sleep(2 * r.cfg.RefreshInterval)
		if third := read(); third.Fetched != second.Fetched || string(third.KeySet) != string(second.KeySet) {
			t.Error("an answer that is no key set was kept")
		}
	})
}

// A directory that cannot be used stops neither the start nor a refresh, and is told
// once, until it could be used and then cannot again.
func TestKeyCacheDirThatCannotBeUsed(t *testing.T) {
	file := func(t *testing.T) string { t.Helper(); return fileOf(t, "") }
	for _, tt := range []struct {
		name string
		dir  func(t *testing.T) string
	}{
		{"a file", file},
		{"below a file", func(t *testing.T) string { t.Helper(); return filepath.Join(file(t), "keys") }},
		{"no name for one", func(*testing.T) string { return "a\x00b" }},
		{"others may write to it", func(t *testing.T) string {
			t.Helper()
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := tt.dir(t)
			conf := func(_ *IssuerConfig, j *JWKSConfig, _ *fakeIssuer) { j.CacheDir = dir }
			inBubble(t, conf, func(t *testing.T, r running) {
				time.Sleep(5 * r.cfg.RefreshInterval)
				r.wants("one", nil)
				if keys, _ := r.issuer.counts(); keys < 6 {
					t.Errorf("%d fetches", keys)
				}
				if told := strings.Count(r.log.String(), `"level":"WARN"`); told != 1 {
					t.Errorf("it was told %d times:\n%s", told, r.log)
				}
			})
		})
	}
	t.Run("for a while", func(t *testing.T) {
		inBubble(t, cached(t), func(t *testing.T, r running) {
			for want := 1; want <= 2; want++ {
				if err := os.Chmod(r.cache.dir, 0o777); err != nil {
					t.Fatal(err)
				}
				time.Sleep(3 * r.cfg.RefreshInterval)
				if told := strings.Count(r.log.String(), "cannot be kept on disk"); told != want {
					t.Errorf("it was told %d times, want %d", told, want)
				}
				if err := os.Chmod(r.cache.dir, 0o700); err != nil {
					t.Fatal(err)
				}
				time.Sleep(r.cfg.RefreshInterval)
				if _, age, err := r.cache.load(time.Now()); err != nil || age > r.cfg.RefreshInterval {
					t.Errorf("then it holds keys of %v ago, %v", age, err)
				}
			}
		})
	})
}

// The keys of an issuer that is never fetched from are never kept.
func TestKeyCacheHoldsNoStaticKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	rsaKey()
	synctest.Test(t, func(t *testing.T) {
		c := testConfig()
		c.JWKS.CacheDir = dir
		der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		c.Issuers[1].PublicKey = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		if err := c.Validate().Err(); err != nil {
			t.Fatal(err)
		}
		trust, err := NewTrust(c, newFakeIssuer(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go trust.Run(ctx)
		synctest.Wait()
		time.Sleep(c.JWKS.RefreshInterval)
		stop()
		synctest.Wait()
		own := filepath.Base(newKeyCache(c.Issuers[0], c.JWKS).path)
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 || files[0].Name() != own {
			t.Errorf("in the directory are %v, %v; want %s alone", files, err, own)
		}
	})
}
