package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/config"
	"mcp-resource-server/tools"
)

// The two eras, as the SDK's client asks for them.
const (
	modernEra = "2026-07-28"
	legacyEra = "2025-11-25"
)

var bothEras = []string{modernEra, legacyEra}

// clock is a clock that stands until it is moved.
type clock struct {
	start  time.Time
	offset atomic.Int64
}

func newClock() *clock                   { return &clock{start: time.Now().Truncate(time.Second)} }
func (c *clock) now() time.Time          { return c.start.Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

// logBuffer collects what the program logs.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// len and since read what came after a moment, without a copy of all before it.
func (b *logBuffer) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Len()
}

func (b *logBuffer) since(n int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.buf.Bytes()[n:])
}

// forget lets go of all that was logged, and of the memory.
func (b *logBuffer) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = bytes.Buffer{}
}

// stack is the program as newApp wires it, on a real listener, with a development
// issuer beside it.
type stack struct {
	t      *testing.T
	issuer *devauth.Server
	app    *app
	mcpURL string
	clock  *clock
	logs   *logBuffer
	audit  *logBuffer   // what goes to stdout where audit.file is not set
	probed atomic.Int64 // how often the tool probe has begun
	ended  atomic.Int64 // and how often it has ended
	stop   func() error // stops the server and returns what run returned
}

const (
	clientID     = "agent"
	clientSecret = "agent-secret"
	// poorClient may ask for no scope at all.
	poorClient = "poor"
)

// allTools are the names of every tool that a stack has, in order: whoever adds a
// tool has no test to mend.
func allTools() []string { return slices.Clone(everyTool()) }

var everyTool = sync.OnceValue(func() []string {
	names := []string{"probe"}
	for _, t := range tools.Everything(tools.DefaultConfig(), tools.Deps{}).Tools {
		names = append(names, t.Name())
	}
	slices.Sort(names)
	return names
})

// allScopes are what a token needs for all of them.
func allScopes() []string { return slices.Clone(everyScope()) }

var everyScope = sync.OnceValue(func() []string {
	scopes := []string{"tool:probe"}
	for _, t := range tools.Everything(tools.DefaultConfig(), tools.Deps{}).Tools {
		scopes = append(scopes, t.Scopes()...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
})

func listen(t *testing.T, addr string) net.Listener {
	t.Helper()
	ln, err := devauth.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

func startIssuer(t *testing.T, ln net.Listener, audience string, clock *clock) *devauth.Server {
	t.Helper()
	issuer, err := devauth.New(ln, devauth.Config{
		Now:       clock.now,
		Audiences: []string{audience},
		Clients: []devauth.Client{
			{ID: clientID, Secret: clientSecret, Scopes: allScopes()},
			{ID: poorClient, Secret: clientSecret},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- issuer.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("issuer: %v", err)
		}
	})
	return issuer
}

// start starts everything on free ports and waits until tokens are accepted.
func start(t *testing.T, change ...func(*config.Config)) *stack {
	t.Helper()
	ln := listen(t, "127.0.0.1:0")
	mcpURL := "http://" + ln.Addr().String() + "/mcp"
	clock := newClock()
	issuer := startIssuer(t, listen(t, "127.0.0.1:0"), mcpURL, clock)
	s := startServer(t, ln, issuer.Issuer(), clock, change...)
	s.issuer = issuer
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.app.waitReady(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// ownTools are those that come with the server, by the stack's clock.
func (s *stack) ownTools(cfg config.Config) []tools.Tool {
	return tools.Everything(cfg.Tools, toolDeps(s.clock.now)).Tools
}

// startServer starts the resource server alone.
func startServer(t *testing.T, ln net.Listener, issuer string, clock *clock, change ...func(*config.Config)) *stack {
	t.Helper()
	s := &stack{t: t, mcpURL: "http://" + ln.Addr().String() + "/mcp", clock: clock, logs: &logBuffer{}, audit: &logBuffer{}}
	cfg := config.Default()
	cfg.HTTP.Addr = ln.Addr().String()
	cfg.HTTP.PublicURL = s.mcpURL
	cfg.Auth.Issuer = issuer
	cfg.Auth.Audience = s.mcpURL
	for _, c := range change {
		c(&cfg)
	}
	a, err := newApp(cfg, runtimeDeps{
		log:       slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		now:       s.clock.now,
		listener:  ln,
		inventory: tools.Inventory{Tools: append(s.ownTools(cfg), s.probeTool())},
		audit:     s.audit,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.app = a
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.run(ctx) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return s
}

type probeInput struct {
	WaitMS int `json:"wait_ms,omitempty"`
	Steps  int `json:"steps,omitempty"`
}

type probeOutput struct {
	ClientID  string `json:"client_id"`
	Subject   string `json:"subject"`
	RequestID string `json:"request_id"`
}

// probeTool counts its calls and tells whom it saw.
func (s *stack) probeTool() tools.Tool {
	return tools.Define("probe", tools.Options{Title: "Probe", Description: "Counts and tells its caller."},
		func(ctx context.Context, c tools.Caller, in probeInput) (probeOutput, error) {
			s.probed.Add(1)
			defer s.ended.Add(1)
			for i := range in.Steps {
				if err := c.Progress(ctx, float64(i+1), float64(in.Steps), "step"); err != nil {
					return probeOutput{}, err
				}
			}
			select {
			case <-time.After(time.Duration(in.WaitMS) * time.Millisecond):
			case <-ctx.Done():
				return probeOutput{}, ctx.Err()
			}
			return probeOutput{ClientID: c.Principal.ClientID, Subject: c.Principal.Subject, RequestID: c.RequestID}, nil
		})
}

// token fetches a token over HTTP, as an agent does.
func (s *stack) token(form url.Values) string {
	s.t.Helper()
	full := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientID},
		"client_secret": {clientSecret}, "audience": {s.mcpURL},
	}
	for k, v := range form {
		full[k] = v
	}
	resp, err := http.PostForm(s.issuer.TokenURL(), full)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		s.t.Fatalf("no token: status %d, %v", resp.StatusCode, err)
	}
	return answer.AccessToken
}

// mint signs a good token's claims after change.
func (s *stack) mint(change func(claims map[string]any)) string {
	s.t.Helper()
	claims := s.issuer.Claims(clientID, []string{s.mcpURL}, allScopes())
	if change != nil {
		change(claims)
	}
	raw, err := s.issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

// bearer sends a token with each request; get may be nil for none.
type bearer struct {
	get  func() string
	seen func(*http.Request, *http.Response)
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if b.get != nil {
		r.Header.Set("Authorization", "Bearer "+b.get())
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && b.seen != nil {
		b.seen(r, resp)
	}
	return resp, err
}

// connect opens a session of the SDK's client.
func (s *stack) connect(era string, b bearer, opts *mcp.ClientOptions) (*mcp.ClientSession, error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, opts)
	return client.Connect(s.t.Context(), &mcp.StreamableClientTransport{
		Endpoint: s.mcpURL, HTTPClient: &http.Client{Transport: b}, MaxRetries: -1,
	}, &mcp.ClientSessionOptions{ProtocolVersion: era})
}

func (s *stack) mustConnect(era, token string) *mcp.ClientSession {
	s.t.Helper()
	session, err := s.connect(era, bearer{get: func() string { return token }}, nil)
	if err != nil {
		s.t.Fatalf("connecting in %s: %v", era, err)
	}
	s.t.Cleanup(func() { _ = session.Close() })
	return session
}

// answer is an HTTP answer, read.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends one request as written.
func (s *stack) send(method, body string, header map[string]string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.mcpURL, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	return s.do(req)
}

func (s *stack) do(req *http.Request) answer {
	s.t.Helper()
	resp, err := (&http.Client{Timeout: 2 * time.Minute}).Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// callBody is a tools/call of either era, and its headers.
func callBody(era, tool, arguments string) (string, map[string]string) {
	header := map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"MCP-Protocol-Version": era,
	}
	meta := ""
	if era == modernEra {
		header["Mcp-Method"], header["Mcp-Name"] = "tools/call", tool
		meta = `,"_meta":{"io.modelcontextprotocol/protocolVersion":"` + modernEra + `","io.modelcontextprotocol/clientCapabilities":{}}`
	}
	return `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + meta + `}}`, header
}

// openSession opens a legacy session by hand, as the SDK's client would, and
// returns its id.
func (s *stack) openSession(token string) string {
	s.t.Helper()
	_, header := callBody(legacyEra, "", "")
	header = with(header, "Authorization", "Bearer "+token)
	got := s.send(http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"`+legacyEra+
		`","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`, header)
	id := got.header.Get("Mcp-Session-Id")
	if got.status != http.StatusOK || id == "" {
		s.t.Fatalf("initialize: %d %s", got.status, got.body)
	}
	if got := s.send(http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, with(header, "Mcp-Session-Id", id)); got.status != http.StatusAccepted {
		s.t.Fatalf("initialized: %d %s", got.status, got.body)
	}
	return id
}

func with(header map[string]string, key, value string) map[string]string {
	out := map[string]string{key: value}
	for k, v := range header {
		if k != key {
			out[k] = v
		}
	}
	return out
}

func structured(t *testing.T, result *mcp.CallToolResult) map[string]any {
	t.Helper()
	if result.IsError {
		t.Fatalf("tool error: %+v", result.Content)
	}
	m, ok := result.StructuredContent.(map[string]any)
	if !ok {
		t.Fatalf("structured content is %T", result.StructuredContent)
	}
	return m
}

// within receives from ch, and says what it waited for where nothing comes. It is for the
// test's own goroutine.
func within[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(2 * time.Minute): // with the race detector, on a busy machine
		t.Fatalf("not after 2 min: %s", what)
		panic("unreachable")
	}
}

// eventually waits for a condition that other goroutines bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not after 10 s: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
