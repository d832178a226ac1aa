package devauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth/devauth"
)

func TestDrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inBubble(t)
		whole := s.get(t.Context(), s.JWKSURL())
		all := time.Duration(len(whole.body)-1) * time.Second
		tests := []struct {
			name string
			slow devauth.Slow
			want time.Duration
		}{
			{"to the end", devauth.Slow{Drip: true}, all},
			{"until the delay is over", devauth.Slow{Drip: true, Delay: longDelay}, longDelay},
			{"until the switch is over", devauth.Slow{Drip: true, For: 7500 * time.Millisecond}, 7500 * time.Millisecond},
			{"off", devauth.Slow{}, 0},
		}
		for _, tt := range tests {
			if err := s.SetSlow(tt.slow); err != nil {
				t.Fatal(err)
			}
			e := s.get(t.Context(), s.JWKSURL())
			if e.err != nil || e.begun != 0 || e.done != tt.want || e.body != whole.body {
				t.Errorf("%s: begun after %v, done after %v, whole = %v, error %v; want 0, %v",
					tt.name, e.begun, e.done, e.body == whole.body, e.err, tt.want)
			}
		}
	})
}

// One byte at a time: what has come after a while is as many bytes as seconds, and one.
func TestDripIsAByteASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inBubble(t)
		whole := s.get(t.Context(), s.JWKSURL()).body
		if err := s.SetSlow(devauth.Slow{Drip: true}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), longDelay+time.Second/2)
		defer cancel()
		e := s.get(ctx, s.JWKSURL())
		if !errors.Is(e.err, context.DeadlineExceeded) || len(e.body) != 41 || !strings.HasPrefix(whole, e.body) {
			t.Errorf("%d bytes, error %v; want 41 and the client's deadline", len(e.body), e.err)
		}
	})
}

// pieces counts the writes that reach the connection.
type pieces struct {
	*httptest.ResponseRecorder
	n int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.n++
	return p.ResponseRecorder.Write(b)
}

// When the drip ends the rest is sent in one piece, however large it is.
func TestDripEnds(t *testing.T) {
	tests := []struct {
		name, method string
		slow         devauth.Slow
		replace      time.Duration
		took         time.Duration
		pieces       int
	}{
		{"delay over", http.MethodGet, devauth.Slow{Drip: true, Delay: 3500 * time.Millisecond}, time.Hour, 3500 * time.Millisecond, 5},
		{"switch over", http.MethodGet, devauth.Slow{Drip: true, For: 2500 * time.Millisecond}, time.Hour, 2500 * time.Millisecond, 4},
		{"replaced", http.MethodGet, devauth.Slow{Drip: true}, 1500 * time.Millisecond, 1500 * time.Millisecond, 3},
		{"nothing to drip", http.MethodHead, devauth.Slow{Drip: true}, time.Hour, 0, 1},
	}
	synctest.Test(t, func(t *testing.T) {
		s := inBubble(t)
		for _, tt := range tests {
			if err := s.SetSlow(tt.slow); err != nil {
				t.Fatal(err)
			}
			replacing := time.AfterFunc(tt.replace, func() {
				if err := s.SetSlow(devauth.Slow{}); err != nil {
					t.Error(err)
				}
			})
			began, w := time.Now(), &pieces{ResponseRecorder: httptest.NewRecorder()}
			s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, s.JWKSURL(), nil))
			replacing.Stop()
			if took := time.Since(began); took != tt.took || w.n != tt.pieces {
				t.Errorf("%s: %d pieces in %v, want %d in %v", tt.name, w.n, took, tt.pieces, tt.took)
			}
		}
	})
}
