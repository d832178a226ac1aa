package oauthclient

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStepUp(t *testing.T) {
	tests := []struct {
		name  string
		world func(*world)
		needs [][]string // of one call after the other
		asked []string   // by each token request
	}{
		{
			"the union of what was asked for and what is",
			func(w *world) { w.baseline = []string{"base"} },
			[][]string{{"x"}, {"y"}, {"x"}, {"base"}},
			[]string{"base", "base x", "base x y"},
		},
		{
			"nothing was asked for: what came by itself",
			func(w *world) { w.granted = []string{"openid", "a", "x"}; w.narrows = true },
			[][]string{{"a"}, {"x"}},
			[]string{""},
		},
		{
			"nothing was asked for, and more is needed",
			func(w *world) { w.granted = []string{"a", "openid"} },
			[][]string{{"a"}},
			[]string{""},
		},
		{
			"all that is supported does not do",
			func(w *world) { w.supported = []string{"a", "b"} },
			[][]string{{"a"}, {"c"}},
			[]string{"a b", "a b c"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.world(w)
			a := w.authorizer(t)
			for _, needs := range tt.needs {
				good(t, call(t, a, needs...))
			}
			if got := w.asked(); !slices.Equal(got, tt.asked) {
				t.Errorf("asked for %q, want %q", got, tt.asked)
			}
			if err := a.LastRefusal(); err != nil {
				t.Errorf("LastRefusal = %v", err)
			}
		})
	}
}

// A client that asked for nothing has been given some; it does not lose them by asking
// for more.
func TestStepUpKeepsWhatCameByItself(t *testing.T) {
	w := newWorld()
	w.granted = []string{"a", "openid"}
	a := w.authorizer(t)
	good(t, call(t, a, "a"))
	w.set(func(w *world) { w.granted = append(w.granted, "b") })
	good(t, call(t, a, "b"))
	good(t, call(t, a, "a"))
	if want := []string{"", "a b"}; !slices.Equal(w.asked(), want) {
		t.Errorf("asked for %q, want %q", w.asked(), want)
	}
}

// The scopes of the token that was used count even if that token is gone meanwhile.
func TestStepUpFromATokenThatIsGone(t *testing.T) {
	w := newWorld()
	w.baseline = []string{"base"}
	a := w.authorizer(t)
	good(t, call(t, a))
	used := a.inUse()
	a.drop(used)
	if _, err := a.stepUp(t.Context(), used, []string{"x"}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"base", "base x"}; !slices.Equal(w.asked(), want) {
		t.Errorf("asked for %q, want %q", w.asked(), want)
	}
}

func TestStepUpTells(t *testing.T) {
	w := newWorld()
	w.baseline = []string{"base"}
	var told events
	a := w.authorizer(t, func(o *Options) { o.Observe = told.observe })
	good(t, call(t, a, "x"))
	if want := []EventKind{Discovered, TokenRequested, TokenRequested, SteppedUp}; !slices.Equal(told.kinds(), want) {
		t.Errorf("told %q, want %q", told.kinds(), want)
	}
	if want := []string{"base", "x"}; !slices.Equal(told.list[3].Scopes, want) {
		t.Errorf("stepped up to %q, want %q", told.list[3].Scopes, want)
	}
}

func TestStepUpRefused(t *testing.T) {
	w := newWorld()
	w.baseline, w.granted = []string{"base"}, []string{"base", "y"}
	var told events
	a := w.authorizer(t, func(o *Options) { o.Observe = told.observe })
	good(t, call(t, a, "base"))
	for range 100 {
		r := call(t, a, "x")
		if r.status != http.StatusForbidden || r.body != "the server's own words" {
			t.Fatalf("%+v, want the server's 403", r)
		}
	}
	refused, ok := errors.AsType[*TokenError](a.LastRefusal())
	if !ok || refused.Description != "Client has not been granted scopes" {
		t.Errorf("LastRefusal = %v", a.LastRefusal())
	}
	if want := []string{"base", "base x"}; !slices.Equal(w.asked(), want) || told.count(StepUpRefused) != 1 {
		t.Errorf("asked for %q, want %q; told %q", w.asked(), want, told.kinds())
	}
	good(t, call(t, a, "base")) // the old token stays in use
	if w.tokens() != 1 {
		t.Errorf("%d tokens, want 1", w.tokens())
	}
	if r := call(t, a, "x", "y"); r.status != http.StatusForbidden || len(w.requests) != 2 {
		t.Errorf("x and more: %+v after %d requests, want the 403 after 2", r, len(w.requests))
	}
	good(t, call(t, a, "y")) // the twin: what was not refused is asked for
}

func TestStepUpRefusedToManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.baseline, w.granted, w.latency = []string{"base"}, []string{"base"}, time.Second
		a := w.authorizer(t)
		inParallel(50, func(i int) {
			time.Sleep(time.Duration(i) * 70 * time.Millisecond)
			if r := call(t, a, "x"); r.status != http.StatusForbidden {
				t.Errorf("%+v, want the server's 403", r)
			}
		})
		if want := []string{"base", "base x"}; !slices.Equal(w.asked(), want) {
			t.Errorf("asked for %q, want %q", w.asked(), want)
		}
	})
}

// What failed for another reason than the issuer's no is tried again.
func TestStepUpThatFailed(t *testing.T) {
	w := newWorld()
	w.baseline = []string{"base"}
	a := w.authorizer(t)
	good(t, call(t, a))
	w.set(func(w *world) { w.down = true })
	if r := call(t, a, "x"); r.status != http.StatusForbidden || !errors.Is(a.LastRefusal(), ErrStatus) {
		t.Errorf("%+v, LastRefusal %v", r, a.LastRefusal())
	}
	good(t, call(t, a))
	w.set(func(w *world) { w.down = false })
	good(t, call(t, a, "x"))
}

func TestStepUpOfManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.baseline, w.latency = []string{"base"}, time.Second
		a := w.authorizer(t)
		inParallel(50, func(i int) {
			time.Sleep(time.Duration(i) * 10 * time.Millisecond)
			good(t, call(t, a, []string{"x", "y"}[i%2]))
		})
		if len(w.requests) > 3 {
			t.Errorf("asked for %q, want three requests at most", w.asked())
		}
	})
}

func TestNoStepUp(t *testing.T) {
	granted := func(w *world) { w.granted, w.narrows = []string{"base"}, true }
	tests := []struct {
		name      string
		world     func(*world)
		challenge string // of the 403, where not the server's own
		asked     []string
	}{
		{"the twin", func(*world) {}, "", []string{"base", "base x"}},
		{"no challenge: final", func(w *world) { w.finalForbidden = true }, "", []string{"base"}},
		{"another scheme", func(*world) {}, `Basic realm="x"`, []string{"base"}},
		{"another error", func(*world) {}, `Bearer error="invalid_token", scope="x"`, []string{"base"}},
		{"no error", func(*world) {}, `Bearer scope="x"`, []string{"base"}},
		{"no scopes", func(*world) {}, `Bearer error="insufficient_scope"`, []string{"base"}},
		{"malformed", func(*world) {}, `Bearer error="insufficient_scope", scope="x`, []string{"base"}},
		{"a parameter twice", func(*world) {}, `Bearer error="insufficient_scope", scope="x", scope="y"`, []string{"base"}},
		{"granted already", func(*world) {}, `Bearer error="insufficient_scope", scope="base"`, []string{"base"}},
		{"asked for in vain", granted, "", []string{"base", "base x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			w.baseline = []string{"base"}
			tt.world(w)
			a := w.authorizer(t, func(o *Options) {
				o.Base = roundTripFunc(func(r *http.Request) (*http.Response, error) {
					resp, err := w.RoundTrip(r)
					if resp != nil && resp.StatusCode == http.StatusForbidden && tt.challenge != "" {
						resp.Header.Set("WWW-Authenticate", tt.challenge)
					}
					return resp, err
				})
			})
			for range 3 {
				r := call(t, a, "x")
				if want := tt.name == "the twin"; r.err != nil || (r.status == http.StatusOK) != want {
					t.Fatalf("%+v", r)
				}
			}
			if got := w.asked(); !slices.Equal(got, tt.asked) {
				t.Errorf("asked for %q, want %q", got, tt.asked)
			}
		})
	}
}

// A server that asks for one more scope every time does not get one more token every
// time.
func TestStepUpsAreBounded(t *testing.T) {
	w := newWorld()
	n := 0
	const first = maxScopes - 10
	a := w.authorizer(t, func(o *Options) {
		for i := range first {
			o.Scopes = append(o.Scopes, fmt.Sprintf("first%d", i))
		}
		o.Base = roundTripFunc(func(r *http.Request) (*http.Response, error) {
			resp, err := w.RoundTrip(r)
			if resp != nil && resp.StatusCode == http.StatusOK {
				n++
				resp.StatusCode = http.StatusForbidden
				resp.Header.Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="insufficient_scope", scope="s%d"`, n))
			}
			return resp, err
		})
	})
	if r := call(t, a); r.status != http.StatusForbidden || w.tokens() != 1+maxStepUps {
		t.Errorf("%+v after %d tokens, want the 403 after %d", r, w.tokens(), 1+maxStepUps)
	}
	for range 2 * (maxScopes - first) {
		if r := call(t, a); r.status != http.StatusForbidden {
			t.Fatalf("%+v", r)
		}
	}
	if w.tokens() != 1+maxScopes-first || !errors.Is(a.LastRefusal(), errTooMuch) {
		t.Errorf("%d tokens, want %d; LastRefusal = %v", w.tokens(), 1+maxScopes-first, a.LastRefusal())
	}
	longest := slices.MaxFunc(w.asked(), func(a, b string) int { return strings.Count(a, " ") - strings.Count(b, " ") })
	if got := strings.Count(longest, " ") + 1; got != maxScopes {
		t.Errorf("%d scopes were asked for at once, want %d at most", got, maxScopes)
	}
}

func TestRefusalsAreBounded(t *testing.T) {
	w := newWorld()
	w.granted = []string{"base"}
	a := w.authorizer(t)
	for i := range 2 * maxRefusals {
		if r := call(t, a, fmt.Sprintf("s%d", i)); r.status != http.StatusForbidden {
			t.Fatalf("%+v", r)
		}
	}
	if len(w.requests) != 1+maxRefusals || len(a.refusals) != maxRefusals {
		t.Errorf("%d token requests and %d refusals, want %d and %d", len(w.requests), len(a.refusals), 1+maxRefusals, maxRefusals)
	}
}
