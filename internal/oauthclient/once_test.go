package oauthclient

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// parting sends what Once is for.
func parting(t *testing.T, a *Authorizer, needs ...string) result {
	t.Helper()
	return call(t, a.Once(), needs...)
}

func TestOnceUsesWhatThereIs(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t)
	if r := parting(t, a); r.status != http.StatusUnauthorized || r.body != "the server's own words" {
		t.Errorf("before there was a token: %+v", r)
	}
	if w.metadataReads != 0 || len(w.requests) != 0 {
		t.Errorf("%d documents were read and %d tokens asked for", w.metadataReads, len(w.requests))
	}
	good(t, call(t, a)) // the twin: it is worth a token
	good(t, parting(t, a))
	if want := []string{"", "", "token-1", "token-1"}; !slices.Equal(w.calls, want) {
		t.Errorf("calls with %q, want %q", w.calls, want)
	}
}

func TestOnceIsNotWorthAToken(t *testing.T) {
	tests := []struct {
		name   string
		change func(w *world)
		needs  []string
		want   int
	}{
		{"the token is refused", (*world).revoke, nil, http.StatusUnauthorized},
		{"the token has expired", func(*world) { time.Sleep(2 * time.Hour) }, nil, http.StatusUnauthorized},
		{"it is time to renew it", func(*world) { time.Sleep(59*time.Minute + time.Second) }, nil, http.StatusOK},
		{"it takes more scopes", func(*world) {}, []string{"more"}, http.StatusForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.baseline = []string{"base"}
				a := w.authorizer(t)
				good(t, call(t, a))
				tt.change(w)
				if r := parting(t, a, tt.needs...); r.err != nil || r.status != tt.want {
					t.Errorf("%+v, want status %d", r, tt.want)
				}
				if len(w.requests) != 1 || w.calls[len(w.calls)-1] != "token-1" {
					t.Errorf("%d token requests, calls with %q", len(w.requests), w.calls)
				}
				good(t, call(t, a, tt.needs...)) // the twin
				if len(w.requests) != 2 {
					t.Errorf("%d token requests, want 2", len(w.requests))
				}
			})
		})
	}
}

func TestOnceWithAStaticToken(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t, func(o *Options) { o.Client, o.StaticToken = Client{}, "static" })
	if r := parting(t, a); r.status != http.StatusUnauthorized || !slices.Equal(w.calls, []string{"static"}) {
		t.Errorf("%+v after calls with %q", r, w.calls)
	}
}

func TestOnceIsForTheEndpointAlone(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t)
	good(t, call(t, a))
	body := &countingBody{}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "https://other.example/mcp", body)
	if err != nil {
		t.Fatal(err)
	}
	if r := roundTrip(a.Once(), req); !errors.Is(r.err, ErrForeignOrigin) || !body.closed {
		t.Errorf("%+v, body closed: %v; want ErrForeignOrigin", r, body.closed)
	}
	req, err = http.NewRequestWithContext(t.Context(), http.MethodDelete, testEndpoint, strings.NewReader("bye"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer the-caller's")
	good(t, roundTrip(a.Once(), req)) // the twin, with the Authorizer's own header
}
