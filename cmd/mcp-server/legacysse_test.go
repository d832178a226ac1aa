package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/config"
)

func withSSE(c *config.Config) { c.MCP.LegacySSE = true }

// connectSSE opens a session of the SDK's client for the older transport.
func (s *stack) connectSSE(token func() string, opts *mcp.ClientOptions) (*mcp.ClientSession, error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, opts)
	return client.Connect(s.t.Context(), &mcp.SSEClientTransport{
		Endpoint:   strings.TrimSuffix(s.mcpURL, "/mcp") + "/sse",
		HTTPClient: &http.Client{Transport: bearer{get: token}},
	}, nil)
}

func (s *stack) mustConnectSSE(token string, opts *mcp.ClientOptions) *mcp.ClientSession {
	s.t.Helper()
	session, err := s.connectSSE(func() string { return token }, opts)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = session.Close() })
	return session
}

// TestLegacySSE: the SDK's own client of the older transport lists the tools, calls
// one and is told of its progress.
func TestLegacySSE(t *testing.T) {
	s := start(t, withSSE)
	var mu sync.Mutex
	var steps []float64
	session := s.mustConnectSSE(s.token(nil), &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			mu.Lock()
			defer mu.Unlock()
			steps = append(steps, r.Params.Progress)
		},
	})
	if got := session.InitializeResult().ProtocolVersion; got != legacyEra {
		t.Errorf("protocol version %s", got)
	}
	listed, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range listed.Tools {
		names = append(names, tool.Name)
	}
	if !slices.Equal(names, allTools()) {
		t.Errorf("listed %q", names)
	}
	params := &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"steps": 3}}
	params.SetProgressToken("p")
	result, err := session.CallTool(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	if got := structured(t, result); got["client_id"] != clientID || got["request_id"] == "" {
		t.Errorf("the tool saw %v", got)
	}
	// The client handles notifications in their turn, and the answer at once.
	eventually(t, "the client is told of three steps", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.Equal(steps, []float64{1, 2, 3})
	})
}

// TestLegacySSECancel: notifications/cancelled ends the call, and nothing else of the
// session.
func TestLegacySSECancel(t *testing.T) {
	s := start(t, withSSE)
	session := s.mustConnectSSE(s.token(nil), nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"wait_ms": 60_000}})
		done <- err
	}()
	eventually(t, "the call is under way", func() bool { return s.probed.Load() == 1 })
	cancel()
	if err := within(t, "the cancelled call has an end", done); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("the call: %v", err)
	}
	eventually(t, "the tool has ended", func() bool { return s.ended.Load() == 1 })
	if err := session.Ping(t.Context(), nil); err != nil {
		t.Errorf("the session: %v", err)
	}
}

// TestLegacySSEListChanged: a client on the older transport hears of new tools.
func TestLegacySSEListChanged(t *testing.T) {
	s := start(t, withSSE)
	changed := make(chan struct{}, 1)
	session := s.mustConnectSSE(s.token(nil), &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} },
	})
	s.install(2, "probe")
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("no notification")
	}
	listed, err := session.ListTools(t.Context(), nil)
	if err != nil || len(listed.Tools) != 1 {
		t.Errorf("%+v, %v", listed, err)
	}
}

// TestLegacySSEEndsWithItsToken: the stream ends when the token that opened it does,
// and the call that runs in it is cancelled.
func TestLegacySSEEndsWithItsToken(t *testing.T) {
	t.Parallel()
	s := start(t, withSSE, func(c *config.Config) { c.Auth.ClockSkew = time.Second })
	session := s.mustConnectSSE(s.mint(func(claims map[string]any) {
		claims["exp"] = s.clock.now().Add(time.Minute).Unix()
	}), nil)
	ended := make(chan error, 1)
	go func() { ended <- session.Wait() }()
	go func() {
		_, _ = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"wait_ms": 60_000}})
	}()
	eventually(t, "the call is under way", func() bool { return s.probed.Load() == 1 })
	s.clock.advance(time.Minute)
	select {
	case <-ended:
		t.Fatal("it ended before the clock skew was over")
	case <-time.After(1500 * time.Millisecond): // longer than the token is judged apart
	}
	s.clock.advance(time.Second)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the stream goes on")
	}
	eventually(t, "the tool has ended", func() bool { return s.ended.Load() == 1 })
}

// TestLegacySSEShutdown: a stop lets a call in flight finish, and its answer arrive;
// then the stream ends.
func TestLegacySSEShutdown(t *testing.T) {
	t.Parallel()
	s := start(t, withSSE)
	session := s.mustConnectSSE(s.token(nil), nil)
	result := make(chan error, 1)
	go func() {
		r, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"wait_ms": 500}})
		if err == nil && r.IsError {
			t.Errorf("the call in flight: %+v", r.Content)
		}
		result <- err
	}()
	eventually(t, "the call is under way", func() bool { return s.probed.Load() == 1 })
	http.DefaultClient.CloseIdleConnections()
	begin := time.Now()
	if err := s.stop(); err != nil {
		t.Errorf("run: %v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if err := within(t, "the call in flight has an end", result); err != nil {
		t.Errorf("the call in flight failed: %v", err)
	}
}

// TestLegacySSEDenied: a call without its scope is a 403 with the challenge, and an
// error that the client comes to know of, however it looks for it.
func TestLegacySSEDenied(t *testing.T) {
	s := start(t, withSSE)
	token := s.mint(func(claims map[string]any) { claims["scope"] = "tool:greet" })
	answers := make(chan *http.Response, 100)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.SSEClientTransport{
		Endpoint:   strings.TrimSuffix(s.mcpURL, "/mcp") + "/sse",
		HTTPClient: &http.Client{Transport: bearer{get: func() string { return token }, seen: func(_ *http.Request, r *http.Response) { answers <- r }}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if r, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "greet", Arguments: map[string]any{"name": "Asha"}}); err != nil || r.IsError {
		t.Errorf("the twin: %+v, %v", r, err)
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe"}); err == nil {
		t.Error("the call was let pass")
	}
	if s.probed.Load() > 0 {
		t.Error("the tool ran")
	}
	for {
		answer := within(t, "the call that is refused has its answer", answers) //nolint:bodyclose // its client does
		if answer.StatusCode != http.StatusForbidden {
			continue
		}
		if got := answer.Header.Get("WWW-Authenticate"); !strings.Contains(got, `error="insufficient_scope"`) || !strings.Contains(got, `scope="tool:probe"`) {
			t.Errorf("challenge %q", got)
		}
		return
	}
}

// TestLegacySSERefusesTheStart: an endpoint where the transport has its own paths.
func TestLegacySSERefusesTheStart(t *testing.T) {
	cfg := config.Default()
	cfg.Auth.Issuer, cfg.Auth.Audience = "https://issuer.example/", "https://mcp.example.com/sse"
	cfg.HTTP.PublicURL = cfg.Auth.Audience
	if err := cfg.Validate().Err(); err != nil {
		t.Fatalf("switched off: %v", err)
	}
	withSSE(&cfg)
	const want = "http.public_url: must not have the path of /sse or below /messages/ while mcp.legacy_sse is on: the older transport is served there"
	if err := cfg.Validate().Err(); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
