package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	testClient = "agent"
	testSecret = "hunter2-not-on-any-screen"
	baseScope  = "mcp:use"
)

// world is an MCP server that wants tokens, and the issuer that gives them: all that
// mcpctl sees of the outside. Fields are set before anything is asked.
type world struct {
	t      *testing.T
	server *httptest.Server
	issuer *httptest.Server
	url    string

	// open wants no token.
	open bool
	// grants are the scopes that the issuer gives.
	grants []string
	// needs are the scopes of tools; a tool that is not here needs none.
	needs map[string]string
	// final are tools for which no scope would do.
	final map[string]bool
	// refuseToken answers each token request, where set.
	refuseToken func(w http.ResponseWriter)
	// revoked refuses every token.
	revoked bool

	// release lets tools end that take their time.
	release func()

	mu       sync.Mutex
	tokens   map[string][]string // scopes by token
	forms    []map[string]string // what the issuer was asked
	requests []string            // what the server was asked: method, and that of the message
	headers  []http.Header
}

// carrier is how a world's server speaks MCP.
type carrierKind int

const (
	statelessServer carrierKind = iota // both eras, without sessions
	sessionServer                      // legacy, with sessions
	sseServer                          // the older transport
)

func newWorld(t *testing.T, kind carrierKind) *world {
	t.Helper()
	w := &world{
		t: t, grants: []string{baseScope, "tool:admin"}, tokens: map[string][]string{},
		needs: map[string]string{"admin": "tool:admin", "forbidden": "tool:forbidden"},
		final: map[string]bool{"doomed": true},
	}
	stop := make(chan struct{})
	w.release = sync.OnceFunc(func() { close(stop) })
	server := testServer(stop)
	get := func(*http.Request) *mcp.Server { return server }
	var handler http.Handler
	switch kind {
	case statelessServer:
		handler = mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true})
	case sessionServer:
		handler = mcp.NewStreamableHTTPHandler(get, nil)
	case sseServer:
		handler = mcp.NewSSEHandler(get, nil)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/oauth-protected-resource/mcp", w.resourceMetadata)
	mux.Handle("/mcp", w.guard(handler))
	w.server = httptest.NewServer(mux)
	w.issuer = httptest.NewServer(w.issuerRoutes())
	w.url = w.server.URL + "/mcp"
	t.Cleanup(func() {
		w.release()
		w.server.CloseClientConnections() // a stream would keep it open
		w.server.Close()
		w.issuer.Close()
	})
	return w
}

func (w *world) resourceMetadata(rw http.ResponseWriter, _ *http.Request) {
	w.write(rw, http.StatusOK, map[string]any{
		"resource": w.url, "authorization_servers": []string{w.issuer.URL}, "scopes_supported": []string{baseScope},
	})
}

func (w *world) write(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	if err := json.NewEncoder(rw).Encode(v); err != nil {
		w.t.Error(err)
	}
}

func (w *world) issuerRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(rw http.ResponseWriter, _ *http.Request) {
		w.write(rw, http.StatusOK, map[string]any{"issuer": w.issuer.URL, "token_endpoint": w.issuer.URL + "/token"})
	})
	mux.HandleFunc("POST /token", w.token)
	return mux
}

// token gives a token to the one client, for the scopes that it may have.
func (w *world) token(rw http.ResponseWriter, r *http.Request) {
	if w.refuseToken != nil {
		w.refuseToken(rw)
		return
	}
	form := map[string]string{}
	if r.Header.Get("Content-Type") == "application/json" {
		if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
			w.t.Error(err)
		}
		form["body"] = "json"
	} else if err := r.ParseForm(); err != nil {
		w.t.Error(err)
	}
	for name := range r.PostForm {
		form[name] = r.PostForm.Get(name)
	}
	id, secret, basic := r.BasicAuth()
	if basic {
		form["client_id"], form["client_secret"], form["auth"] = id, secret, "basic"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forms = append(w.forms, form)
	if form["client_id"] != testClient || form["client_secret"] != testSecret {
		w.write(rw, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "error_description": "who are you?"})
		return
	}
	scopes := strings.Fields(form["scope"])
	for _, scope := range scopes {
		if !slices.Contains(w.grants, scope) {
			w.write(rw, http.StatusBadRequest, map[string]string{"error": "invalid_scope", "error_description": "not for you: " + scope})
			return
		}
	}
	value := "tok-" + strconv.Itoa(len(w.tokens)+1)
	w.tokens[value] = scopes
	w.write(rw, http.StatusOK, map[string]any{"access_token": value, "token_type": "Bearer", "expires_in": 3600, "scope": form["scope"]})
}

// issued is how many tokens were given: what an issuer meters.
func (w *world) issued() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.tokens)
}

// asked is what the server was asked.
func (w *world) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

// guard wants a token, and for some tools a scope.
func (w *world) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params struct {
				Name string `json:"name"`
			} `json:"params"`
		}
		_ = json.Unmarshal(body, &m) // what is no message has no method
		w.mu.Lock()
		w.requests = append(w.requests, strings.TrimSpace(r.Method+" "+m.Method))
		w.headers = append(w.headers, r.Header.Clone())
		scopes, known := w.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		w.mu.Unlock()
		challenge := fmt.Sprintf(`Bearer resource_metadata="%s/.well-known/oauth-protected-resource/mcp", scope="%s"`, w.server.URL, baseScope)
		needed := w.needs[m.Params.Name]
		switch {
		case w.open:
			next.ServeHTTP(rw, r)
		case r.Header.Get("Authorization") == "":
			rw.Header().Set("WWW-Authenticate", challenge)
			w.write(rw, http.StatusUnauthorized, map[string]string{})
		case !known || w.revoked:
			rw.Header().Set("WWW-Authenticate", challenge+`, error="invalid_token", error_description="the token is not one of ours"`)
			w.write(rw, http.StatusUnauthorized, map[string]string{})
		case m.Method == "tools/call" && w.final[m.Params.Name]:
			w.write(rw, http.StatusForbidden, map[string]any{"jsonrpc": "2.0", "id": m.ID, "error": map[string]any{
				"code": -32003, "message": "not granted to this client\x1b[31m", "data": map[string]any{"final": true, "missing": []string{"role:chief"}},
			}})
		case m.Method == "tools/call" && needed != "" && !slices.Contains(scopes, needed):
			rw.Header().Set("WWW-Authenticate", challenge[:strings.Index(challenge, ", scope=")]+
				fmt.Sprintf(`, error="insufficient_scope", scope="%s %s"`, baseScope, needed))
			w.write(rw, http.StatusForbidden, map[string]any{"jsonrpc": "2.0", "id": m.ID, "error": map[string]any{
				"code": -32003, "message": "insufficient scope", "data": map[string]any{"required_scopes": []string{baseScope, needed}},
			}})
		default:
			next.ServeHTTP(rw, r)
		}
	})
}

// testServer has a tool for each thing that a result can be. When stop is closed, no
// tool takes its time any longer.
func testServer(stop <-chan struct{}) *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "test\x1b[2Jserver", Version: "1.2"}, &mcp.ServerOptions{PageSize: 3})
	add := func(name, schema string, handle func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error)) {
		server.AddTool(&mcp.Tool{
			Name: name, Title: strings.ToUpper(name), Description: "Does " + name + ". More of it for models.",
			InputSchema: json.RawMessage(schema),
		}, handle)
	}
	text := func(s string) *mcp.CallToolResult {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
	}
	echo := func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(req.Params.Arguments)), nil
	}
	const anything = `{"type":"object"}`
	for _, name := range []string{"admin", "forbidden", "doomed"} {
		add(name, anything, echo)
	}
	add("echo", `{"type":"object","properties":{
		"text":{"type":"string"},"count":{"type":"integer"},"list":{"type":"array","items":{"type":"integer"}}
	},"required":["text"],"additionalProperties":false}`, echo)
	add("fail", anything, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result := text("the disk is full\x1b]0;gotcha\x07\nfree some")
		result.IsError = true
		return result, nil
	})
	add("structured", anything, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result := text(`{"n":12345678901234567890,"s":"a"}`)
		result.StructuredContent = json.RawMessage(`{"s":"a","n":12345678901234567890}`)
		return result, nil
	})
	add("both", anything, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result := text("in words\x1b[31m")
		result.Content = append(result.Content, &mcp.TextContent{Text: `{"a": 1}`},
			&mcp.ImageContent{MIMEType: "image/png", Data: make([]byte, 1234)})
		result.StructuredContent = json.RawMessage(`{"a":1}`)
		return result, nil
	})
	add("wants", anything, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"sure": &mcp.ElicitParams{Message: "Sure?"}}, RequestState: "s"}, nil
	})
	add("sleep", anything, func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		select {
		case <-ctx.Done():
		case <-stop:
		}
		return nil, context.Canceled
	})
	add("step", anything, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		token := req.Params.GetProgressToken()
		for i := range 3 {
			err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
				ProgressToken: token, Progress: float64(i + 1), Total: 4, Message: "step\x1b[31m " + strconv.Itoa(i+1),
			})
			if err != nil {
				return nil, err
			}
		}
		<-stop
		return text("done"), nil
	})
	return server
}

// outcomeOf is what one command line gave.
type outcomeOf struct {
	code     int
	out, err string
}

// buffer takes what several goroutines write.
type buffer struct {
	mu      sync.Mutex
	b       bytes.Buffer
	changed chan struct{} // closed by the next write; nil where nobody waits
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
	return b.b.Write(p)
}

// await waits until a text is there.
func (b *buffer) await(ctx context.Context, text string) bool {
	for {
		b.mu.Lock()
		if strings.Contains(b.b.String(), text) {
			b.mu.Unlock()
			return true
		}
		if b.changed == nil {
			b.changed = make(chan struct{})
		}
		changed := b.changed
		b.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// cli is a command line of a user on their own machine.
type cli struct {
	environ      []string
	in           string
	terminal     bool // out and err
	out, err     *buffer
	base         http.RoundTripper
	cache, state string
	width        int
}

func (c cli) run(ctx context.Context, args ...string) outcomeOf {
	if c.out == nil {
		c.out = &buffer{}
	}
	if c.err == nil {
		c.err = &buffer{}
	}
	p := newProgram(c.environ, stdio{
		in: strings.NewReader(c.in), out: c.out, err: c.err,
		outTerminal: c.terminal, terminal: c.terminal, width: func() int { return c.width },
	})
	p.base = c.base
	p.cacheDir = func() (string, error) { return c.cache, nil }
	p.devState = func() (string, error) { return c.state, nil }
	code := p.run(ctx, args)
	return outcomeOf{code, c.out.String(), c.err.String()}
}

// user is one who has the credentials of the world's client.
func (w *world) user() cli {
	return cli{environ: []string{"MCP_URL=" + w.url, "MCP_CLIENT_ID=" + testClient, "MCP_CLIENT_SECRET=" + testSecret}}
}

// with adds variables.
func (c cli) with(environ ...string) cli {
	c.environ = append(slices.Clone(c.environ), environ...)
	return c
}

// run runs a command line of the user, and looks for what must never be seen.
func (w *world) run(t *testing.T, c cli, args ...string) outcomeOf {
	t.Helper()
	got := c.run(t.Context(), args...)
	if strings.Contains(got.out+got.err, testSecret) {
		t.Errorf("the secret shows: %q, %q", got.out, got.err)
	}
	if strings.Contains(got.err, "tok-") {
		t.Errorf("a token shows on stderr: %q", got.err)
	}
	if strings.ContainsRune(got.err, '\x1b') && !c.terminal {
		t.Errorf("stderr has an escape sequence: %q", got.err)
	}
	return got
}

// mustRun is run for what has to succeed.
func (w *world) mustRun(t *testing.T, c cli, args ...string) outcomeOf {
	t.Helper()
	got := w.run(t, c, args...)
	if got.code != exitOK {
		t.Fatalf("mcpctl %q: status %d, stderr %q", args, got.code, got.err)
	}
	return got
}

// oneLine checks that the error is one line, and returns it.
func oneLine(t *testing.T, got outcomeOf) string {
	t.Helper()
	text, rest, _ := strings.Cut(got.err, "\n")
	if rest != "" || !strings.HasPrefix(text, "mcpctl: ") {
		t.Errorf("stderr is not one line: %q", got.err)
	}
	return strings.TrimPrefix(text, "mcpctl: ")
}
