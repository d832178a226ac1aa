package main

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func (p *pool) kids() []string {
	var kids []string
	for _, t := range *p.tokens.Load() {
		kids = append(kids, t.kid)
	}
	slices.Sort(kids)
	return slices.Compact(kids)
}

// Tokens of the old key go on until they are retired, and none comes back.
func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(smallPlan(), faults{})
		p := w.drill().pool
		steps := []struct {
			name string
			do   func() error
			want []string
		}{
			{"the first tokens", func() error { return p.fill(t.Context()) }, []string{"key-2"}},
			{"a rotation uses the key that was published as the next", func() error { return p.rotate(t.Context()) }, []string{"key-1", "key-2"}},
			{"a key that nobody has fetched", func() error { return p.rotateUnseen(t.Context()) }, []string{"key-1", "key-2", "key-4"}},
			{"the old ones are retired", func() error {
				retired, err := p.retire(t.Context())
				if len(retired) != 2 || retired[0].kid != "key-2" || retired[1].kid != "key-1" {
					t.Errorf("retired: %+v", retired)
				}
				return err
			}, []string{"key-4"}},
			{"a renewal brings none of them back", func() error { return p.renew(t.Context()) }, []string{"key-4"}},
		}
		for _, s := range steps {
			if err := s.do(); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			if got := p.kids(); !slices.Equal(got, s.want) {
				t.Errorf("%s: tokens of %q, want %q", s.name, got, s.want)
			}
		}
	})
}

func TestPoolRotateUnseen(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fetched int // attempts during which the server fetches the keys
		rotated int
		want    error
	}{
		{"nobody fetches", 0, 2, nil},
		{"once the server was faster", 1, 4, nil},
		{"the last attempt", 3, 8, nil},
		{"the server is always faster", 4, 8, errSeen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(smallPlan(), faults{})
			rotated := 0
			w.mischief = func(path string) {
				if path == "/dev/rotate" {
					if rotated%2 == 1 && rotated/2 < tt.fetched {
						w.fetch()
					}
					rotated++
				}
			}
			p := w.drill().pool
			if err := p.rotateUnseen(t.Context()); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if rotated != tt.rotated {
				t.Errorf("%d rotations, want %d", rotated, tt.rotated)
			}
			if tt.want == nil && slices.Contains(w.known, p.pick(0).kid) {
				t.Error("the server knows the key")
			}
		})
	}
}

func TestPoolAnotherKey(t *testing.T) {
	for _, tt := range []struct {
		name string
		lies bool
		want error
	}{
		{"the issuer signs with the key that it names", false, nil},
		{"the issuer signs with another", true, errAnotherKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(smallPlan(), faults{})
			w.mischief = func(path string) {
				if path == "/oauth/token" && tt.lies {
					w.kids[1] = "another"
				}
			}
			if err := w.drill().pool.rotate(t.Context()); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// Tokens are renewed long before they expire, and an outage in between is outlasted.
func TestPoolKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(smallPlan(), faults{})
		p := w.drill().pool
		if err := p.fill(t.Context()); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- p.keep(t.Context()) }()
		down := func(status int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.answers["/oauth/token"] = status
		}
		for range 20 {
			time.Sleep(45 * time.Second) // of the bubble
			down(http.StatusServiceUnavailable)
			time.Sleep(45 * time.Second)
			down(0)
			if left := p.left(); left <= 0 {
				t.Fatalf("a token expired %v ago", -left)
			}
		}
		// The twin: an issuer that does not come back.
		down(http.StatusServiceUnavailable)
		err := <-ended
		if !errors.Is(err, errNoTokens) || p.left() <= 0 {
			t.Errorf("error %v, with %v left", err, p.left())
		}
	})
}
