package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What becomes of junk, by how the server takes it.
func TestFlood(t *testing.T) {
	after := func(d time.Duration, status int) transport {
		return func(r *http.Request) (*http.Response, error) {
			select {
			case <-r.Context().Done():
				return nil, r.Context().Err()
			case <-time.After(d):
				return respond(status, "application/json", strings.NewReader("{}")), nil
			}
		}
	}
	for _, tt := range []struct {
		name   string
		rate   int
		server transport
		want   junkReport
	}{
		{"it is answered", 10, after(time.Millisecond, 401), junkReport{Sent: 10, Answers: map[string]int{"401": 10}}},
		{"it is accepted", 10, after(time.Millisecond, 200), junkReport{Sent: 10, Answers: map[string]int{"200": 10}}},
		{"it is answered just in time", 10, after(junkPatience-time.Millisecond, 503), junkReport{Sent: 10, Answers: map[string]int{"503": 10}}},
		{"it waits for longer than the sender does", 10, after(junkPatience+time.Millisecond, 401), junkReport{Sent: 10, HungUp: 10}},
		{"the connection breaks", 10, func(*http.Request) (*http.Response, error) {
			return nil, errors.New("broken")
		}, junkReport{Sent: 10, Answers: map[string]int{"connection failed": 10}}},
		// 64 connections are taken for 100 ms each: of a hundred, 36 find none. After 9
		// times that, 46 more are sent.
		{"every connection is taken", 995, after(time.Hour, 401), junkReport{Sent: 622, HungUp: 622, HeldBack: 324}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFlood(newServer("http://server/mcp", tt.server), tt.rate)
				ctx, cancel := context.WithTimeout(t.Context(), 950*time.Millisecond) // the last is in flight then
				defer cancel()
				f.run(ctx, newForger(token{raw: "e30.e30.e30", kid: "known"}))
				got := f.report()
				if got.Sent != tt.want.Sent || got.HungUp != tt.want.HungUp || got.HeldBack != tt.want.HeldBack || !maps.Equal(got.Answers, tt.want.Answers) {
					t.Errorf("%+v, want %+v", got, tt.want)
				}
			})
		})
	}
}

// Junk is mostly well formed, and no unknown key id comes twice.
func TestForger(t *testing.T) {
	f := newForger(token{raw: "head.claims.signature", kid: "known"})
	seen := map[string]int{}
	malformed := map[string]bool{}
	for n := range 1000 {
		junk := f.forge(n)
		if n%10 == 9 {
			malformed[junk] = true
			continue
		}
		kid, err := keyID(junk)
		if err != nil {
			t.Fatalf("number %d: %v", n, err)
		}
		seen[kid]++
		if claims := strings.Split(junk, ".")[1]; claims != "claims" {
			t.Errorf("number %d has the claims %q", n, claims)
		}
	}
	if seen["known"] != 100 {
		t.Errorf("%d name the known key, want 100", seen["known"])
	}
	delete(seen, "known")
	if len(seen) != 800 || slices.Max(slices.Collect(maps.Values(seen))) != 1 {
		t.Errorf("%d unknown key ids in 800 tokens", len(seen))
	}
	if len(malformed) != 9 {
		t.Errorf("%d malformed forms", len(malformed))
	}
}

// Over a real connection, too, and past every proxy that the environment names.
func TestTransports(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:1")
	var connections atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer good" {
			http.Error(w, strings.Repeat("no ", 10_000), http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, resultOf(13, 22.86))
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	calls, junk := newServer(srv.URL, callTransport()), newServer(srv.URL, junkTransport())
	flood := newFlood(junk, 1)
	for _, tt := range []struct {
		name string
		ask  func(token string) string
		want map[string]string
	}{
		{"calls", func(token string) string { return calls.call(t.Context(), 13, token) }, map[string]string{"good": good, "junk": "401"}},
		{"junk", func(token string) string {
			req, err := junk.request(t.Context(), 13, token)
			if err != nil {
				return err.Error()
			}
			status, err := flood.exchange(req)
			if err != nil {
				return err.Error()
			}
			return status
		}, map[string]string{"good": "200", "junk": "401"}},
	} {
		connections.Store(0)
		for _, token := range []string{"good", "junk", "junk", "good"} {
			if got := tt.ask(token); got != tt.want[token] {
				t.Errorf("%s: the token %s got %q, want %q", tt.name, token, got, tt.want[token])
			}
		}
		if n := connections.Load(); n != 1 {
			t.Errorf("%s: %d connections for calls one after the other", tt.name, n)
		}
	}
	calls.client.CloseIdleConnections()
	junk.client.CloseIdleConnections()
}
