package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/internal/oauthclient"
	"mcp-resource-server/tools"
)

var update = flag.Bool("update", false, "write the golden files anew")

const publicURL = "https://mcp.example.com/team/mcp"

// rig is a server with an issuer, in front of which requests are put by hand.
type rig struct {
	t      testing.TB
	server *Server
	issuer *devauth.Server
	trust  *auth.Trust
	opts   Options
	logs   *syncBuffer
	ran    *[]string // the tools that ran
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// sharedIssuer is one issuer for all tests of the package: its keys take time to
// make.
var sharedIssuer = sync.OnceValues(func() (*devauth.Server, error) {
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	issuer, err := devauth.New(ln, devauth.Config{
		Audiences: []string{publicURL},
		Clients:   []devauth.Client{{ID: "agent", Secret: "secret"}},
	})
	if err != nil {
		return nil, err
	}
	go func() { _ = issuer.Serve(context.Background()) }()
	return issuer, nil
})

func newRig(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	issuer, err := sharedIssuer()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, issuer: issuer, logs: &syncBuffer{}, ran: &[]string{}}
	authConfig := auth.DefaultConfig()
	authConfig.Issuer, authConfig.Audience = issuer.Issuer(), publicURL
	httpConfig := DefaultHTTPConfig()
	httpConfig.PublicURL = publicURL
	log := slog.New(slog.NewJSONHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	trust, err := auth.NewTrust(authConfig, oauthclient.NewHTTPClient(time.Second), log)
	if err != nil {
		t.Fatal(err)
	}
	r.trust = trust
	r.opts = Options{
		HTTP: httpConfig, MCP: DefaultMCPConfig(), Auth: authConfig, Version: "test",
		Trust: r.trust, Logger: log,
	}
	for _, c := range change {
		c(&r.opts)
	}
	if r.server, err = New(r.opts, r.generation(1, "alpha", "beta")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go r.trust.Run(ctx)
	t.Cleanup(cancel)
	deadline := time.Now().Add(10 * time.Second)
	for ready := false; !ready; ready, _ = r.trust.Ready() {
		if time.Now().After(deadline) {
			t.Fatal("the issuer's keys did not come within 10 s")
		}
		time.Sleep(time.Millisecond)
	}
	return r
}

type emptyInput struct{}

type emptyOutput struct{}

// generation has one tool for each name, which notes that it ran.
func (r *rig) generation(number uint64, names ...string) *Generation {
	var list []tools.Tool
	for _, name := range names {
		list = append(list, tools.Define(name, tools.Options{Title: name, Description: "A tool called " + name + "."},
			func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
				*r.ran = append(*r.ran, name)
				return emptyOutput{}, nil
			}))
	}
	return r.generationOf(number, list...)
}

func (r *rig) generationOf(number uint64, list ...tools.Tool) *Generation {
	verifier := auth.NewVerifier(r.opts.Auth, r.trust, time.Now)
	return NewGeneration(number, verifier, auth.DefaultAccessConfig(), r.opts.Auth.RequiredScopes, tools.NewSet(tools.Inventory{Tools: list}, tools.Config{}))
}

// token is a good token with the given scopes.
func (r *rig) token(scopes ...string) string {
	r.t.Helper()
	raw, err := r.issuer.Mint(devauth.MintSpec{Claims: r.issuer.Claims("agent", []string{publicURL}, scopes)})
	if err != nil {
		r.t.Fatal(err)
	}
	return raw
}

// post is a POST of body with a good token that has every scope.
func (r *rig) post(body string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(body))
	req.Host = "mcp.example.com"
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("Authorization", "Bearer "+r.token("tool:alpha", "tool:beta"))
	return req
}

// modernCall is a tools/call of MCP 2026-07-28.
func (r *rig) modernCall(tool string) *http.Request {
	req := r.post(`{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"` + tool +
		`","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	req.Header.Set("MCP-Protocol-Version", "2026-07-28")
	req.Header.Set("Mcp-Method", "tools/call")
	req.Header.Set("Mcp-Name", tool)
	return req
}

func (r *rig) serve(req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.server.Handler().ServeHTTP(w, req)
	return w
}

// within receives from ch, and says what it waited for where nothing comes. It is for the
// test's own goroutine.
func within[T any](t testing.TB, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(2 * time.Minute): // with the race detector, on a busy machine
		t.Fatalf("not after 2 min: %s", what)
		panic("unreachable")
	}
}

// allDone waits for wg as within does for a channel.
func allDone(t testing.TB, what string, wg *sync.WaitGroup) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		wg.Wait()
	}()
	within(t, what, done)
}

// foreignKey is no issuer's. It takes seconds to make with the race detector.
var foreignKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// foreignToken is a token that is good in all but its key.
func (r *rig) foreignToken() string {
	r.t.Helper()
	key, err := foreignKey()
	if err != nil {
		r.t.Fatal(err)
	}
	raw, err := r.issuer.Mint(devauth.MintSpec{Claims: r.issuer.Claims("agent", []string{publicURL}, nil), Key: key, KeyID: r.issuer.KeyID()})
	if err != nil {
		r.t.Fatal(err)
	}
	return raw
}

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}
