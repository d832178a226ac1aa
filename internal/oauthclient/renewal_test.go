package oauthclient

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestRenewalAheadOfExpiry(t *testing.T) {
	tests := []struct {
		name string
		ttl  time.Duration
		at   time.Duration // the age at which it is renewed
	}{
		{"an hour: a minute before", time.Hour, 59 * time.Minute},
		{"five minutes: a minute before", 5 * time.Minute, 4 * time.Minute},
		{"ten seconds: two before", 10 * time.Second, 8 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.ttl = tt.ttl
				a := w.authorizer(t)
				good(t, call(t, a))
				time.Sleep(tt.at - time.Millisecond)
				good(t, call(t, a))
				if w.tokens() != 1 {
					t.Fatalf("%d tokens a moment before it is time", w.tokens())
				}
				time.Sleep(time.Millisecond)
				inParallel(20, func(int) { good(t, call(t, a)) })
				if w.tokens() != 2 || slices.Contains(w.calls[3:], "token-1") {
					t.Errorf("%d tokens, calls with %q", w.tokens(), w.calls)
				}
			})
		})
	}
}

func TestRenewalOfAnExpiredToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a := w.authorizer(t)
		good(t, call(t, a))
		time.Sleep(2 * time.Hour)
		good(t, call(t, a))
		// The old one was not sent, and no request went without one.
		if want := []string{"", "token-1", "token-2"}; !slices.Equal(w.calls, want) {
			t.Errorf("calls with %q, want %q", w.calls, want)
		}
		time.Sleep(2 * time.Hour)
		w.set(func(w *world) { w.down = true })
		if r := call(t, a); !errors.Is(r.err, ErrStatus) {
			t.Errorf("with the issuer down: %+v", r)
		}
		w.set(func(w *world) { w.down = false })
		good(t, call(t, a))
	})
}

// The old token serves until it expires, and the issuer is not asked at every call.
func TestRenewalThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		var told events
		a := w.authorizer(t, func(o *Options) { o.Observe = told.observe })
		good(t, call(t, a))
		time.Sleep(59 * time.Minute)
		w.set(func(w *world) { w.down = true })
		for range 100 {
			good(t, call(t, a))
		}
		if len(w.requests) != 2 || told.count(RenewalFailed) != 1 {
			t.Errorf("%d token requests, %d failures told; want 2 and 1", len(w.requests), told.count(RenewalFailed))
		}
		time.Sleep(15 * time.Second)
		good(t, call(t, a))
		if len(w.requests) != 3 {
			t.Errorf("%d token requests after a while, want 3", len(w.requests))
		}
		w.set(func(w *world) { w.down = false })
		time.Sleep(15 * time.Second)
		good(t, call(t, a))
		if w.calls[len(w.calls)-1] != "token-2" {
			t.Errorf("the last call was with %q", w.calls[len(w.calls)-1])
		}
	})
}

// A call does not wait long for a renewal that it does not need yet.
func TestRenewalThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a := w.authorizer(t)
		good(t, call(t, a))
		time.Sleep(59*time.Minute + 10*time.Second)
		w.set(func(w *world) { w.latency = 20 * time.Second })
		began := time.Now()
		good(t, call(t, a))
		good(t, call(t, a))
		if took := time.Since(began); took != renewalPatience {
			t.Errorf("two calls took %v, want %v", took, renewalPatience)
		}
		time.Sleep(20 * time.Second)
		good(t, call(t, a))
		if last := w.calls[len(w.calls)-1]; last != "token-2" || len(w.requests) != 2 {
			t.Errorf("the last call was with %q after %d token requests, want token-2 after 2", last, len(w.requests))
		}
	})
}

func TestTokenWithoutExpiryIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.fault = func(rw http.ResponseWriter) bool {
			w.issued["forever"] = &issuedToken{expiry: time.Now().Add(1000 * time.Hour)}
			return answer200(`{"access_token":"forever","token_type":"bearer"}`)(rw)
		}
		a := w.authorizer(t)
		good(t, call(t, a))
		time.Sleep(999 * time.Hour)
		good(t, call(t, a))
		if len(w.requests) != 1 {
			t.Errorf("%d token requests, want 1", len(w.requests))
		}
	})
}

func answer200(body string) func(http.ResponseWriter) bool {
	return refusal400(http.StatusOK, body)
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		var told events
		a := w.authorizer(t, func(o *Options) { o.Observe = told.observe })
		good(t, call(t, a))
		w.revoke()
		good(t, call(t, a))
		if want := []string{"", "token-1", "token-1", "token-2"}; !slices.Equal(w.calls, want) {
			t.Errorf("calls with %q, want %q", w.calls, want)
		}
		if told.count(Retried401) != 1 {
			t.Errorf("told %q", told.kinds())
		}
		time.Sleep(rejectionPause)
		w.set(func(w *world) { w.refuseAll = true })
		r := call(t, a)
		if r.status != http.StatusUnauthorized || r.body != "the server's own words" || w.tokens() != 3 {
			t.Errorf("%+v after %d tokens, want the second 401 after 3", r, w.tokens())
		}
	})
}

// A server that takes each token once, as one with nodes of which some do not know the
// issuer's keys may seem to, must not cost one at every call either.
func TestServerThatTakesATokenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a := w.authorizer(t)
		good(t, call(t, a))
		w.revoke()
		good(t, call(t, a)) // a token that replaces none is replaced at once
		for range 50 {
			w.revoke()
			if r := call(t, a); r.status != http.StatusUnauthorized || r.body != "the server's own words" {
				t.Fatalf("%+v, want the server's 401", r)
			}
		}
		if w.tokens() != 2 {
			t.Errorf("%d tokens, want 2", w.tokens())
		}
		time.Sleep(rejectionPause)
		good(t, call(t, a))
		if w.tokens() != 3 {
			t.Errorf("%d tokens after a while, want 3", w.tokens())
		}
	})
}

// What is renewed because of its time has replaced no refused one.
func TestRenewedTokenThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a := w.authorizer(t)
		good(t, call(t, a))
		time.Sleep(2 * time.Hour)
		good(t, call(t, a))
		w.revoke()
		good(t, call(t, a))
		if w.tokens() != 3 {
			t.Errorf("%d tokens, want 3", w.tokens())
		}
	})
}

// One token request for one failed token, however many calls it failed.
func TestRefusedTokenOfManyCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.latency = time.Second
		a := w.authorizer(t)
		good(t, call(t, a))
		w.revoke()
		inParallel(50, func(i int) {
			time.Sleep(time.Duration(i) * 40 * time.Millisecond) // some come while, some after it is replaced
			good(t, call(t, a))
		})
		if len(w.requests) != 2 {
			t.Errorf("%d token requests, want 2", len(w.requests))
		}
	})
}

// A call whose 401 comes late uses the token that others have got meanwhile.
func TestRefusedTokenThatWasReplacedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		slow := make(chan struct{})
		a := w.authorizer(t, func(o *Options) {
			o.Base = roundTripFunc(func(r *http.Request) (*http.Response, error) {
				resp, err := w.RoundTrip(r)
				if r.Header.Get("X-Slow") != "" {
					<-slow
				}
				return resp, err
			})
		})
		good(t, call(t, a))
		w.revoke()
		done := make(chan result)
		go func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testEndpoint, http.NoBody)
			if err != nil {
				t.Error(err)
			}
			req.Header.Set("X-Slow", "1")
			done <- roundTrip(a, req)
		}()
		synctest.Wait()
		good(t, call(t, a))
		close(slow)
		good(t, <-done)
		if w.tokens() != 2 {
			t.Errorf("%d tokens, want 2", w.tokens())
		}
	})
}

// A server that refuses every token must not cost one at every call.
func TestServerThatRefusesNewTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.refuseAll = true
		a := w.authorizer(t)
		for range 100 {
			if r := call(t, a); r.status != http.StatusUnauthorized || r.body != "the server's own words" {
				t.Fatalf("%+v, want the server's 401", r)
			}
		}
		if w.tokens() != 1 {
			t.Errorf("%d tokens, want 1", w.tokens())
		}
		time.Sleep(rejectionPause)
		if r := call(t, a); r.status != http.StatusUnauthorized || w.tokens() != 2 {
			t.Errorf("after a while: %+v and %d tokens, want one more", r, w.tokens())
		}
		w.set(func(w *world) { w.refuseAll = false })
		good(t, call(t, a))
	})
}

// Other errors of a 401 are not about the token.
func TestOther401(t *testing.T) {
	for code, want := range map[string]int{
		"": 2, "invalid_token": 2, // the twins
		"invalid_request": 1, "insufficient_scope": 1, "something_else": 1,
	} {
		w := newWorld()
		a := w.authorizer(t, func(o *Options) {
			o.Base = roundTripFunc(func(r *http.Request) (*http.Response, error) {
				resp, err := w.RoundTrip(r)
				if resp != nil && resp.StatusCode == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
					resp.Header.Set("WWW-Authenticate", "Bearer")
					if code != "" {
						resp.Header.Set("WWW-Authenticate", `Bearer error="`+code+`"`)
					}
				}
				return resp, err
			})
		})
		good(t, call(t, a))
		w.revoke()
		r := call(t, a)
		if answered := r.status == http.StatusOK; r.err != nil || answered != (want == 2) || w.tokens() != want {
			t.Errorf("error %q: %+v after %d tokens, want %d", code, r, w.tokens(), want)
		}
	}
}

// The scopes that were added are not worth more than all calls.
func TestRenewalWhenTheAddedScopesAreTakenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.baseline = []string{"base"}
		a := w.authorizer(t)
		good(t, call(t, a, "base", "more"))
		w.set(func(w *world) { w.granted = []string{"base"} })
		time.Sleep(2 * time.Hour)
		good(t, call(t, a, "base"))
		if want := []string{"base", "base more", "base more", "base"}; !slices.Equal(w.asked(), want) {
			t.Errorf("asked for %q, want %q", w.asked(), want)
		}
	})
}

func TestAnswerThatIsNotSeenIsDrained(t *testing.T) {
	tests := []struct {
		name string
		body *countingBody
	}{
		{"a long body", &countingBody{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			a := w.authorizer(t, func(o *Options) {
				o.Base = roundTripFunc(func(r *http.Request) (*http.Response, error) {
					resp, err := w.RoundTrip(r)
					if resp != nil && resp.StatusCode == http.StatusUnauthorized {
						resp.Body = tt.body
					}
					return resp, err
				})
			})
			good(t, call(t, a))
			if !tt.body.closed || tt.body.read < maxDiscardBytes || tt.body.read > 2*maxDiscardBytes {
				t.Errorf("closed: %v, %d bytes read", tt.body.closed, tt.body.read)
			}
		})
	}
}

// stuckBody never gives a byte, as the body of a stream may not; Read ends with Close.
type stuckBody struct{ closed chan struct{} }

func (b *stuckBody) Read([]byte) (int, error) { <-b.closed; return 0, errors.New("closed") }
func (b *stuckBody) Close() error {
	select {
	case <-b.closed:
	default:
		close(b.closed)
	}
	return nil
}

func TestAnswerThatNeverEndsIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a := w.authorizer(t, func(o *Options) {
			o.Base = roundTripFunc(func(r *http.Request) (*http.Response, error) {
				resp, err := w.RoundTrip(r)
				if resp != nil && resp.StatusCode == http.StatusUnauthorized {
					resp.Body = &stuckBody{closed: make(chan struct{})}
				}
				return resp, err
			})
		})
		began := time.Now()
		good(t, call(t, a))
		if took := time.Since(began); took != maxDiscardTime {
			t.Errorf("the call took %v, want %v", took, maxDiscardTime)
		}
	})
}
