package auth

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeyStoreStartsWithTheIssuerDown(t *testing.T) {
	down := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) { f.down = true }
	inBubble(t, down, func(t *testing.T, r running) {
		r.wants("one", errKeysUnavailable)
		if ok, all := r.ready(); ok || all[0].LastError != "unreachable" {
			t.Errorf("ready: %v, %+v", ok, all)
		}
		time.Sleep(10 * time.Minute) // the back-off is at its longest
		r.wants("one", errKeysUnavailable)
		if _, metadata := r.issuer.counts(); metadata < 20 || metadata > 35 {
			t.Errorf("%d attempts in ten minutes, want one each 24 to 30 s and some at the start", metadata)
		}
		r.issuer.set(func(f *fakeIssuer) { f.down = false })
		r.eventually("one", maxBackoff)
		if ok, all := r.ready(); !ok || all[0].LastError != "" || all[0].Keys != 1 {
			t.Errorf("ready: %v, %+v", ok, all)
		}
	})
}

// Whatever the issuer answers, the last good keys stay, with no valid token
// refused, and its recovery is noticed without a restart.
func TestKeyStoreFaultsKeepTheLastGoodKeys(t *testing.T) {
	for name, fault := range keyFaults() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, r running) {
				r.wants("one", nil)
				r.issuer.set(func(f *fakeIssuer) { f.fault = fault.give })
				refused := 0
				for range 200 {
					time.Sleep(5 * time.Second) // more than a refresh_interval in all
					if r.refuses("one") {
						refused++
					}
				}
				if refused > 0 {
					t.Errorf("%d of 200 valid tokens were refused in the outage", refused)
				}
				status := r.Status()
				if status.LastError != fault.class || !status.Usable || status.Keys != 1 {
					t.Errorf("status %+v, want the error class %q and usable keys", status, fault.class)
				}
				r.issuer.set(func(f *fakeIssuer) { f.fault = nil })
				r.issuer.publish("one", "two")
				r.eventually("two", maxBackoff+r.cfg.Timeout+time.Second)
				if status := r.Status(); status.LastError != "" || status.Keys != 2 {
					t.Errorf("status after the recovery %+v", status)
				}
				if log := r.log.String(); !strings.Contains(log, "the last good ones stay") || !strings.Contains(log, "again after failures") {
					t.Errorf("the log does not tell of it:\n%s", log)
				}
			})
		})
	}
}

// An hour without the issuer refuses nobody, whether it answers wrongly or not at
// all, metadata included.
func TestKeyStoreOutageOfAnHour(t *testing.T) {
	for name, change := range map[string]func(*fakeIssuer){
		"errors":   func(f *fakeIssuer) { f.fault = keyFaults()["500"].give },
		"silence":  func(f *fakeIssuer) { f.fault = keyFaults()["hangs"].give },
		"all down": func(f *fakeIssuer) { f.down = true },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, r running) {
				r.issuer.set(change)
				refused := 0
				for range 3600 {
					time.Sleep(time.Second)
					if at := time.Now(); r.refuses("one") || !time.Now().Equal(at) {
						refused++
					}
				}
				if refused > 0 {
					t.Errorf("%d of 3600 valid tokens were refused or waited", refused)
				}
				r.issuer.set(func(f *fakeIssuer) { f.down, f.fault = false, nil })
				r.issuer.publish("two")
				r.eventually("two", maxBackoff+r.cfg.Timeout+time.Second)
			})
		})
	}
}

// A fetch that hangs ends at the configured timeout, and nobody with a known key
// waits for it.
func TestKeyStoreHangEndsAtItsTimeout(t *testing.T) {
	for _, name := range []string{"hangs", "one byte a second"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, r running) {
				r.issuer.set(func(f *fakeIssuer) { f.fault = keyFaults()[name].give })
				start := time.Now()
				r.wants("new", errKeysUnavailable)
				if took := time.Since(start); took != r.cfg.Timeout {
					t.Errorf("the fetch took %v, want %v", took, r.cfg.Timeout)
				}
				start = time.Now()
				r.wants("one", nil)
				if took := time.Since(start); took != 0 {
					t.Errorf("a known key took %v", took)
				}
			})
		})
	}
}

func TestKeyStoreMaxStale(t *testing.T) {
	hour := func(_ *IssuerConfig, j *JWKSConfig, _ *fakeIssuer) { j.MaxStale = time.Hour }
	inBubble(t, hour, func(t *testing.T, r running) {
		r.issuer.set(func(f *fakeIssuer) { f.down = true })
		time.Sleep(time.Hour)
		r.wants("one", nil)
		time.Sleep(time.Nanosecond)
		before, _ := r.issuer.counts()
		r.wants("one", errKeysUnavailable)
		r.wants("junk", errKeysUnavailable) // nobody can say that it is bad
		if after, _ := r.issuer.counts(); after != before {
			t.Error("a stale store lets tokens force fetches")
		}
		if ok, all := r.ready(); ok || all[0].Usable {
			t.Errorf("ready: %v, %+v", ok, all)
		}
		r.issuer.set(func(f *fakeIssuer) { f.down = false })
		r.eventually("one", maxBackoff)
	})
}

// max_stale may be set shorter than refresh_interval: an issuer that answers must
// not make its own keys go stale.
func TestKeyStoreShortMaxStaleRefreshesInTime(t *testing.T) {
	short := func(_ *IssuerConfig, j *JWKSConfig, f *fakeIssuer) {
		j.MaxStale, f.latency = 2*time.Second, 100*time.Millisecond
	}
	inBubble(t, short, func(t *testing.T, r running) {
		time.Sleep(time.Second)
		for range 6000 {
			time.Sleep(100 * time.Millisecond)
			if _, err := r.lookup("one"); err != nil {
				t.Fatalf("at %v: %v", time.Now(), err)
			}
		}
	})
}

func TestKeyStoreRefreshInterval(t *testing.T) {
	for _, tt := range []struct {
		name         string
		refresh      time.Duration
		cacheControl string
		want         time.Duration
	}{
		{"as configured", 10 * time.Minute, "", 10 * time.Minute},
		{"shorter max-age", 10 * time.Minute, "public, max-age=300", 5 * time.Minute},
		{"longer max-age", 10 * time.Minute, "max-age=3600", 10 * time.Minute},
		{"max-age below a minute", 10 * time.Minute, "max-age=5", time.Minute},
		{"max-age zero", 10 * time.Minute, "max-age=0", time.Minute},
		{"max-age above an hour", 3 * time.Hour, "max-age=7200", time.Hour},
		{"max-age without end", 3 * time.Hour, "max-age=99999999999999999999", time.Hour},
		{"max-age that is no number", 10 * time.Minute, "max-age=soon", 10 * time.Minute},
		{"an interval above an hour, as configured", 3 * time.Hour, "", 3 * time.Hour},
		{"an interval below a minute, as configured", time.Second, "max-age=0", time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conf := func(_ *IssuerConfig, j *JWKSConfig, f *fakeIssuer) {
				j.RefreshInterval = tt.refresh
				if tt.cacheControl != "" {
					f.header.Set("Cache-Control", tt.cacheControl)
				}
			}
			inBubble(t, conf, func(t *testing.T, r running) {
				next := r.Status().NextFetch
				time.Sleep(10 * tt.want)
				var at []time.Time
				r.issuer.set(func(f *fakeIssuer) { at = slices.Clone(f.fetches) })
				if !at[1].Equal(next) {
					t.Errorf("the second fetch came at %v, the status said %v", at[1], next)
				}
				for i := 1; i < len(at); i++ {
					if gap := at[i].Sub(at[i-1]); gap > tt.want || gap < tt.want*9/10 {
						t.Errorf("gap %d is %v, want %v or up to a tenth less", i, gap, tt.want)
					}
				}
				if len(at) < 11 {
					t.Errorf("%d fetches", len(at))
				}
			})
		})
	}
}

// Run ends with its context, in the middle of a fetch too, and lets go of
// everybody who waits, or comes to wait later.
func TestKeyStoreRunEnds(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		r.issuer.set(func(f *fakeIssuer) { f.fault = keyFaults()["hangs"].give })
		errs := make(chan error, 3)
		ask := func(kid string) {
			_, err := r.key(context.Background(), kid)
			errs <- err
		}
		go ask("new") // begins a fetch
		synctest.Wait()
		go ask("newer") // waits for it, and would ask for another
		synctest.Wait()
		start := time.Now()
		r.stop()
		synctest.Wait()
		go ask("late") // nobody is left to fetch it
		for range 3 {
			if err := <-errs; !errors.Is(err, errKeysUnavailable) {
				t.Errorf("err = %v, want %v", err, errKeysUnavailable)
			}
		}
		r.wants("one", nil)
		if took := time.Since(start); took != 0 {
			t.Errorf("the end took %v", took)
		}
	})
}

func TestKeyStoreRunWithAnEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		issuer := newFakeIssuer()
		store := newKeyStore(IssuerConfig{Issuer: testIssuer}, DefaultConfig().JWKS, issuer, testLogger(io.Discard))
		asked := store.request() // by somebody who came before the store ran
		store.Run(ctx)
		<-asked.done
		if asked.good || store.request() != nil {
			t.Error("a fetch is promised that will not come")
		}
		if keys, metadata := issuer.counts(); keys+metadata > 0 {
			t.Error("a store that was stopped before it began has fetched")
		}
	})
}

func TestReady(t *testing.T) {
	issuers := []IssuerConfig{{Issuer: "https://b.example"}, {Issuer: "https://a.example", Required: true}, {Issuer: "https://c.example"}}
	for _, tt := range []struct {
		name   string
		usable []string
		want   bool
	}{
		{"none", nil, false},
		{"the required one", []string{"https://a.example"}, true},
		{"all but the required one", []string{"https://b.example", "https://c.example"}, false},
		{"all", []string{"https://a.example", "https://b.example", "https://c.example"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stores := map[string]keySource{}
			for _, ic := range issuers {
				s := newKeyStore(ic, DefaultConfig().JWKS, nil, testLogger(io.Discard))
				if slices.Contains(tt.usable, ic.Issuer) {
					s.snapshot.Store(&keySnapshot{fetched: time.Now()})
				}
				stores[ic.Issuer] = s
			}
			ok, all := (&Trust{keys: stores}).Ready()
			if ok != tt.want {
				t.Errorf("ready = %v, want %v", ok, tt.want)
			}
			if len(all) != 3 || all[0].Issuer != "https://a.example" || all[2].Issuer != "https://c.example" || !all[0].Required {
				t.Errorf("statuses %+v", all)
			}
		})
	}
	if ok, all := (&Trust{}).Ready(); ok || len(all) != 0 {
		t.Errorf("no issuer at all: %v, %v", ok, all)
	}
}
