package devauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth/devauth"
)

// Twice as long as the server waits for a request and for its answer: neither may cut a delay short.
const longDelay = 40 * time.Second

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inBubble(t)
		fast := s.get(t.Context(), s.JWKSURL())
		if fast.err != nil || fast.status != http.StatusOK || fast.done != 0 {
			t.Fatalf("switched off: %+v", fast)
		}
		if err := s.SetSlow(devauth.Slow{Delay: longDelay}); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{".well-known/jwks.json", ".well-known/openid-configuration", ".well-known/oauth-authorization-server"} {
			if e := s.get(t.Context(), s.Issuer()+path); e.err != nil || e.status != http.StatusOK || e.begun != longDelay {
				t.Errorf("%s: %+v, want an answer after %v", path, e, longDelay)
			}
		}
		for _, path := range []string{"", "dev/state"} {
			if e := s.get(t.Context(), s.Issuer()+path); e.err != nil || e.status != http.StatusOK || e.done != 0 {
				t.Errorf("/%s: %+v, want it at once", path, e)
			}
		}
		if e := s.token(t.Context()); e.err != nil || e.status != http.StatusOK || e.done != 0 {
			t.Errorf("token: %+v, want it at once", e)
		}
		if err := s.SetSlow(devauth.Slow{}); err != nil {
			t.Fatal(err)
		}
		if e := s.get(t.Context(), s.JWKSURL()); e != fast {
			t.Errorf("switched off again: %+v", e)
		}
	})
}

func TestSlowEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inBubble(t)
		if err := s.SetSlow(devauth.Slow{Delay: 3 * time.Second, For: 5 * time.Second}); err != nil {
			t.Fatal(err)
		}
		if e := s.get(t.Context(), s.Issuer()+"dev/state"); !strings.Contains(e.body, `"slow":{"delay":"3s","drip":false,"left":"5s"}`) {
			t.Errorf("state = %s", e.body)
		}
		for i, want := range []time.Duration{3 * time.Second, 2 * time.Second, 0} {
			if e := s.get(t.Context(), s.JWKSURL()); e.err != nil || e.status != http.StatusOK || e.begun != want {
				t.Errorf("request %d: %+v, want an answer after %v: no request is held beyond the end", i, e, want)
			}
		}
		if e := s.get(t.Context(), s.Issuer()+"dev/state"); !strings.Contains(e.body, `"slow":null`) {
			t.Errorf("state = %s", e.body)
		}
	})
}

// Whoever is held is answered at once when the switch is set again, also to another delay.
func TestSlowReplaced(t *testing.T) {
	for name, slow := range map[string]devauth.Slow{"off": {}, "another delay": {Delay: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := inBubble(t)
				if err := s.SetSlow(devauth.Slow{Delay: longDelay}); err != nil {
					t.Fatal(err)
				}
				held := make(chan exchange, 2)
				for range cap(held) {
					go func() { held <- s.get(t.Context(), s.JWKSURL()) }()
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if err := s.SetSkew(time.Hour); err != nil { // another switch does not count
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if err := s.SetSlow(slow); err != nil {
					t.Fatal(err)
				}
				for range cap(held) {
					if e := <-held; e.err != nil || e.status != http.StatusOK || e.done != 2*time.Second {
						t.Errorf("held request: %+v, want it after 2s", e)
					}
				}
			})
		})
	}
}

// endingOf tells how each request of a handler ends: nil, or what the handler panics with.
func endingOf(next http.Handler, ended chan<- any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			reason := recover()
			ended <- reason
			if reason != nil {
				panic(reason)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// A held request costs nothing once its client has left: the twin is TestSlow, where it stays and is answered.
func TestSlowClientLeaves(t *testing.T) {
	for name, slow := range map[string]devauth.Slow{"delay": {Delay: longDelay}, "drip": {Drip: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := inBubble(t)
				if err := s.SetSlow(slow); err != nil {
					t.Fatal(err)
				}
				ended := make(chan any, 1)
				ln := newWire()
				outer := &http.Server{Handler: endingOf(s.Handler(), ended), ReadTimeout: 10 * time.Second}
				go func() { _ = outer.Serve(ln) }()
				defer func() { _ = outer.Close() }()
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				if e := ln.client(t).get(ctx, s.JWKSURL()); !errors.Is(e.err, context.DeadlineExceeded) || e.done != 15*time.Second {
					t.Errorf("client: %+v, want its own deadline", e)
				}
				synctest.Wait()
				select {
				case reason := <-ended:
					if err, _ := reason.(error); !errors.Is(err, http.ErrAbortHandler) {
						t.Errorf("the handler ended with %v", reason)
					}
				default:
					t.Error("the request is still held")
				}
			})
		})
	}
}

func TestSlowServerStops(t *testing.T) {
	for name, slow := range map[string]devauth.Slow{"delay": {Delay: longDelay}, "drip": {Drip: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := inBubble(t)
				if err := s.SetSlow(slow); err != nil {
					t.Fatal(err)
				}
				held := make(chan exchange, 1)
				go func() { held <- s.get(t.Context(), s.JWKSURL()) }()
				time.Sleep(12500 * time.Millisecond)
				began := time.Now()
				if err := s.stop(); err != nil {
					t.Errorf("Serve: %v", err)
				}
				if took := time.Since(began); took >= time.Second {
					t.Errorf("the stop took %v", took)
				}
				// What has begun must not look whole.
				if e := <-held; !errors.Is(e.err, io.EOF) && !errors.Is(e.err, io.ErrUnexpectedEOF) {
					t.Errorf("held request: %+v, want none or a broken answer", e)
				}
			})
		})
	}
}
