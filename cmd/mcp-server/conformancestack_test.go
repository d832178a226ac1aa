//go:build conformance

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/conformance"
	"mcp-resource-server/server"
	"mcp-resource-server/tools"
)

// conformanceStack is the program with the fixture for its tools, and the proxy before
// it that adds a token to each request.
type conformanceStack struct {
	*stack
	proxyURL string
}

// startConformance starts everything as serve does: authentication, the policy by the
// scopes of the tools, sessions, one URL for both eras.
func startConformance(t *testing.T) *conformanceStack {
	t.Helper()
	ln := listen(t, "127.0.0.1:0")
	s := &stack{t: t, mcpURL: "http://" + ln.Addr().String() + "/mcp", clock: newClock(), logs: &logBuffer{}, audit: &logBuffer{}}
	s.issuer = startIssuer(t, listen(t, "127.0.0.1:0"), s.mcpURL, s.clock)
	target, err := url.Parse("http://" + ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	var token atomic.Pointer[string]
	proxy := httptest.NewServer(conformance.NewProxy(target, func() string { return *token.Load() }))
	t.Cleanup(func() {
		proxy.CloseClientConnections() // the suite leaves streams open
		proxy.Close()
	})

	cfg := config.Default()
	cfg.HTTP.Addr, cfg.HTTP.PublicURL = ln.Addr().String(), s.mcpURL
	cfg.HTTP.AllowedOrigins = []string{proxy.URL}
	cfg.Auth.Issuer, cfg.Auth.Audience = s.issuer.Issuer(), s.mcpURL
	var generations atomic.Uint64
	generations.Store(1)
	fixture := conformance.NewFixture(func(set tools.Set) {
		verifier := auth.NewVerifier(cfg.Auth, s.app.trust, s.clock.now)
		s.app.server.Install(server.NewGeneration(generations.Add(1), verifier, cfg.Access, cfg.Auth.RequiredScopes, set))
	})
	s.app, err = newApp(cfg, runtimeDeps{
		log:       slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		now:       s.clock.now,
		listener:  ln,
		inventory: fixture.Always(),
		audit:     s.audit,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.serve()
	good := s.tokenFor(fixture.Scopes())
	token.Store(&good)
	s.wantGuarded(good)
	return &conformanceStack{s, proxy.URL + "/mcp"}
}

// serve runs the program until the test ends.
func (s *stack) serve() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.app.run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("server: %v", err)
		}
	})
	waiting, stop := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer stop()
	if err := s.app.waitReady(waiting); err != nil {
		s.t.Fatal(err)
	}
}

// tokenFor signs a token that has the scopes, and no others.
func (s *stack) tokenFor(scopes []string) string {
	return s.mint(func(claims map[string]any) { claims["scope"] = strings.Join(scopes, " ") })
}

// wantGuarded expects that the policy is in force: the suite's token is let through for
// its scopes.
func (s *stack) wantGuarded(good string) {
	s.t.Helper()
	for _, era := range bothEras {
		body, header := callBody(era, "test_simple_text", "{}")
		for _, tt := range []struct {
			token string
			want  int
		}{{good, http.StatusOK}, {s.tokenFor([]string{"tool:test_image_content"}), http.StatusForbidden}} {
			sent := with(header, "Authorization", "Bearer "+tt.token)
			if era == legacyEra {
				sent["Mcp-Session-Id"] = s.openSession(tt.token)
			}
			if got := s.send(http.MethodPost, body, sent); got.status != tt.want {
				s.t.Errorf("%s: %d %s, want %d", era, got.status, got.body, tt.want)
			}
		}
	}
}

// answered counts the requests of a log.
type answered struct{ all, good, unauthorized int }

func (s *stack) answers(log string) (n answered) {
	s.t.Helper()
	for line := range strings.Lines(log) {
		var l struct {
			Msg    string
			Status int
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			s.t.Fatal(err)
		}
		if l.Msg != "request" {
			continue
		}
		n.all++
		if l.Status < http.StatusBadRequest {
			n.good++
		}
		if l.Status == http.StatusUnauthorized {
			n.unauthorized++
		}
	}
	return n
}
