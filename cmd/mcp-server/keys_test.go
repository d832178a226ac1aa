package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/config"
)

func (s *stack) rotate() {
	s.t.Helper()
	resp, err := http.Post(s.issuer.Issuer()+"dev/rotate", "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("POST /dev/rotate: %d", resp.StatusCode)
	}
}

// junk is a token with a key id that the issuer never had.
func (s *stack) junk() string {
	s.t.Helper()
	claims := s.issuer.Claims(clientID, []string{s.mcpURL}, allScopes())
	raw, err := s.issuer.Mint(devauth.MintSpec{Claims: claims, KeyID: "junk"})
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

// TestRotation: keys are rotated under a steady stream of calls. No valid call
// fails, tokens of a new key work at once, also right after a junk key id.
func TestRotation(t *testing.T) {
	s := start(t)
	var current atomic.Value
	current.Store(s.token(nil))
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var calls atomic.Int64
	for _, era := range bothEras {
		session, err := s.connect(era, bearer{get: func() string { return current.Load().(string) }}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		for range 4 {
			wg.Go(func() {
				for ctx.Err() == nil {
					result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe"})
					if err != nil || result.IsError {
						t.Errorf("a valid call failed: %v %+v", err, result)
						return
					}
					calls.Add(1)
				}
			})
		}
	}
	body, header := callBody(modernEra, "probe", "{}")
	use := func(token string) int {
		return s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token)).status
	}
	previous := s.token(nil)
	// The issuer publishes its next key ahead of use, so the first rotation needs no
	// fetch; the others bring keys that the server has never seen.
	for i := range 3 {
		if i == 2 {
			if got := use(s.junk()); got != http.StatusUnauthorized {
				t.Errorf("junk: %d", got)
			}
		}
		s.rotate()
		fresh := s.token(nil)
		if got := use(fresh); got != http.StatusOK {
			t.Errorf("rotation %d: a token of the new key got %d", i, got)
		}
		if got := use(previous); got != http.StatusOK {
			t.Errorf("rotation %d: a token of the old key got %d", i, got)
		}
		current.Store(fresh)
		target := calls.Load() + 50
		eventually(t, "calls go on", func() bool { return calls.Load() >= target || t.Failed() })
	}
	cancel()
	wg.Wait()
	t.Logf("%d calls over three rotations", calls.Load())
}

// TestIssuerDownAtStart: the server starts, is alive and not ready, answers
// tokens with 503 and no challenge, and becomes ready by itself.
func TestIssuerDownAtStart(t *testing.T) {
	reserved := listen(t, "127.0.0.1:0")
	issuerAddr := reserved.Addr().String()
	reserved.Close() // nobody listens there now

	ln := listen(t, "127.0.0.1:0")
	clock := newClock()
	s := startServer(t, ln, "http://"+issuerAddr+"/", clock, func(c *config.Config) { c.Auth.JWKS.Cooldown = 2 * time.Second })
	base := strings.TrimSuffix(s.mcpURL, "/mcp")
	get := func(path string) answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s.do(req)
	}
	if got := get("/healthz"); got.status != http.StatusOK {
		t.Errorf("/healthz: %d", got.status)
	}
	if got := get("/readyz"); got.status != http.StatusServiceUnavailable || got.body != "{\"status\":\"not ready\"}\n" {
		t.Errorf("/readyz: %d %s", got.status, got.body)
	}
	eventually(t, "the failed fetch shows", func() bool {
		return strings.Contains(get("/readyz?verbose").body, `"last_error":"unreachable"`)
	})

	// A token that nobody can judge yet. Its issuer comes up with other keys, so
	// that it stays a bad one.
	elsewhere, err := devauth.New(listen(t, "127.0.0.1:0"), devauth.Config{
		Audiences: []string{s.mcpURL},
		Clients:   []devauth.Client{{ID: clientID, Secret: clientSecret}},
	})
	if err != nil {
		t.Fatal(err)
	}
	claims := elsewhere.Claims(clientID, []string{s.mcpURL}, allScopes())
	claims["iss"] = "http://" + issuerAddr + "/"
	unjudged, err := elsewhere.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		t.Fatal(err)
	}
	body, header := callBody(modernEra, "probe", "{}")
	header = with(header, "Authorization", "Bearer "+unjudged)
	got := s.send(http.MethodPost, body, header)
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "2" || got.header.Get("WWW-Authenticate") != "" {
		t.Errorf("a token: %d %v", got.status, got.header)
	}
	// What is bad whatever the keys are is told so at once.
	if got := s.send(http.MethodPost, body, with(header, "Authorization", "Bearer junk")); got.status != http.StatusUnauthorized {
		t.Errorf("junk: %d", got.status)
	}

	s.issuer = startIssuer(t, listen(t, issuerAddr), s.mcpURL, clock)
	eventually(t, "ready without a restart", func() bool { return get("/readyz").status == http.StatusOK })
	if got := s.send(http.MethodPost, body, header); got.status != http.StatusUnauthorized {
		t.Errorf("the token of other keys: %d", got.status)
	}
	if got := s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+s.token(url.Values{}))); got.status != http.StatusOK {
		t.Errorf("a good token: %d", got.status)
	}
}
