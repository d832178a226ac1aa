package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// auditedRig is a rig that keeps its audit lines.
type auditedRig struct {
	*rig
	lines *syncBuffer
}

func newAuditedRig(t testing.TB, c audit.Config, change ...func(*Options)) *auditedRig {
	t.Helper()
	lines := &syncBuffer{}
	c.Enabled = true
	log, err := audit.Open(c, lines, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, append([]func(*Options){func(o *Options) { o.Audit = log }}, change...)...)
	return &auditedRig{rig: r, lines: lines}
}

// of returns the entries of an answer: there should be one.
func (r *auditedRig) of(w *httptest.ResponseRecorder) []audit.Entry {
	r.t.Helper()
	return slices.DeleteFunc(r.entries(), func(e audit.Entry) bool { return e.RequestID != w.Header().Get("X-Request-Id") })
}

func (r *auditedRig) entries() []audit.Entry {
	r.t.Helper()
	var list []audit.Entry
	skipped, err := audit.Read(strings.NewReader(r.lines.String()), func(e audit.Entry) { list = append(list, e) })
	if err != nil || skipped != 0 {
		r.t.Fatalf("%d lines are no entries, %v: %s", skipped, err, r.lines)
	}
	return list
}

// conceal is a table that hides beta.
func (r *rig) conceal(number uint64) *Generation {
	g := r.generation(number, "alpha", "beta")
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{{Tools: []string{"beta"}, AllOf: []string{"secret:use"}, Conceal: true}}
	return NewGeneration(number, g.Verifier, access, r.opts.Auth.RequiredScopes, g.Tools)
}

// legacy is a request of MCP 2025-11-25.
func (r *rig) legacy(method, session, body string) *http.Request {
	req := r.post(body)
	req.Method = method
	req.Header.Set("MCP-Protocol-Version", "2025-11-25")
	if session != "" {
		req.Header.Set("Mcp-Session-Id", session)
	}
	return req
}

const initializeBody = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"golden","version":"1"}}}`

// session begins a session.
func (r *rig) session() string {
	r.t.Helper()
	id := r.serve(r.legacy(http.MethodPost, "", initializeBody)).Header().Get("Mcp-Session-Id")
	if id == "" {
		r.t.Fatal("no session")
	}
	return id
}

// changing are the parts of a line that no two runs have in common.
var changing = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`"time":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"`), `"time":"TIME"`},
	{regexp.MustCompile(`"request_id":"[A-Z2-7]{26}"`), `"request_id":"ID"`},
	{regexp.MustCompile(`"duration_ms":[0-9.]+`), `"duration_ms":0`},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+/`), `http://ISSUER/`},
}

func (r *auditedRig) stable() string {
	text := r.lines.String()
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.with)
	}
	return text
}

// TestGoldenAudit: the line of each kind of decision.
func TestGoldenAudit(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("k", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []audit.Config{
		{Subject: audit.SubjectNone}, {Subject: audit.SubjectPlain}, {Subject: audit.SubjectHMAC, HMACKeyFile: key},
	} {
		t.Run(c.Subject, func(t *testing.T) {
			r := newAuditedRig(t, c)
			r.server.Install(r.conceal(2))
			expired := r.issuer.Claims("agent", []string{publicURL}, nil)
			expired["iat"], expired["exp"] = time.Now().Add(-2*time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
			raw, err := r.issuer.Mint(devauth.MintSpec{Claims: expired})
			if err != nil {
				t.Fatal(err)
			}
			with := func(req *http.Request, token string) *http.Request {
				req.Header.Set("Authorization", "Bearer "+token)
				return req
			}
			r.serve(r.modernCall("alpha"))
			r.serve(with(r.modernCall("alpha"), r.token("tool:beta")))
			r.serve(r.modernCall("beta"))
			r.serve(with(r.modernCall("beta"), r.token("secret:use")))
			r.serve(with(r.modernCall("alpha"), raw))
			r.serve(r.modernCall("nonesuch"))
			r.listen(t)
			id := r.session()
			r.serve(r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`))
			r.serve(r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"alpha"}}`))
			r.serve(r.legacy(http.MethodDelete, id, ""))
			r.serve(r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","id":3,"method":"ping"}`))
			text := r.stable()
			if c.Subject == audit.SubjectHMAC {
				// The issuer has another port each time, and with it each digest is another.
				digest := regexp.MustCompile(`hmac-sha256:[0-9a-f]{64}`)
				if n := len(slices.Compact(slices.Sorted(slices.Values(digest.FindAllString(text, -1))))); n != 1 {
					t.Errorf("%d digests of one subject", n)
				}
				text = digest.ReplaceAllString(text, "hmac-sha256:DIGEST")
			}
			golden(t, "audit-"+c.Subject+".golden.jsonl", []byte(text))
		})
	}
}

// listen opens a subscriptions/listen stream and goes away when it has begun.
func (r *auditedRig) listen(t *testing.T) {
	t.Helper()
	before := len(r.entries())
	req := r.post(`{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` +
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	req.Header.Set("MCP-Protocol-Version", "2026-07-28")
	req.Header.Set("Mcp-Method", "subscriptions/listen")
	r.stream(t, req, before)
}

// stream serves req until its line is there, and ends it.
func (r *auditedRig) stream(t *testing.T, req *http.Request, before int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.serve(req.WithContext(ctx))
	}()
	r.until(t, before+1)
	cancel()
	within(t, "the stream has an end", done)
}

// until waits until there are n lines.
func (r *auditedRig) until(t *testing.T, n int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for len(r.entries()) < n {
		if time.Now().After(deadline) {
			t.Fatalf("%d lines after 10 s, want %d", len(r.entries()), n)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestOneLineEach: whatever becomes of a request, it has one line, and what is no
// decision has none.
func TestOneLineEach(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig(), func(o *Options) { o.HTTP.AllowedOrigins = []string{"https://app.example.com"} })
	r.server.Install(r.conceal(2))
	id := r.session()
	change := func(req *http.Request, key, value string) *http.Request {
		if key == "Host" {
			req.Host = value
		}
		req.Header.Set(key, value)
		return req
	}
	plain := func(method, target string) *http.Request {
		req := httptest.NewRequest(method, target, nil)
		req.Host = "mcp.example.com"
		return req
	}
	ping := func(id string) *http.Request {
		return r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","id":4,"method":"ping"}`)
	}
	twice := r.modernCall("alpha")
	twice.Header.Add("Mcp-Method", "tools/call")
	preflight := change(plain(http.MethodOptions, "/mcp"), "Origin", "https://app.example.com")
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	for _, tt := range []struct {
		name string
		req  *http.Request
		want string // decision reason method name result; "" for no line
	}{
		{"a call", r.modernCall("alpha"), "allowed - tools/call alpha ok"},
		{"a call under the other path", func() *http.Request {
			req := r.modernCall("alpha")
			req.URL.Path = "/team/mcp"
			return req
		}(), "allowed - tools/call alpha ok"},
		{"a foreign Host", change(r.modernCall("alpha"), "Host", "evil.example"), "refused host - - refused"},
		{"a foreign Origin", change(r.modernCall("alpha"), "Origin", "https://evil.example"), "refused origin - - refused"},
		{"a preflight", preflight, ""},
		{"OPTIONS that is none", plain(http.MethodOptions, "/mcp"), "refused missing - - refused"},
		{"a method of nobody", plain("FROB", "/mcp"), "refused missing - - refused"},
		{"no token", plain(http.MethodPost, "/mcp"), "refused missing - - refused"},
		{"a foreign key", change(r.modernCall("alpha"), "Authorization", "Bearer "+r.foreignToken()), "refused signature - - refused"},
		{"a header twice", twice, "refused headers - - refused"},
		{"another content type", change(r.modernCall("alpha"), "Content-Type", "text/plain"), "refused content_type - - refused"},
		{"no message", r.post(`{"jsonrpc":"2.0"}`), "refused message - - refused"},
		{"a method without a rule", r.post(`{"jsonrpc":"2.0","id":1,"method":"tools/evil"}`), "refused method - - refused"},
		{"a missing scope", change(r.modernCall("alpha"), "Authorization", "Bearer "+r.token("x")), "refused scope tools/call alpha refused"},
		{"a concealed tool", r.modernCall("beta"), "refused concealed tools/call beta refused"},
		{"an unknown tool", r.modernCall("evil"), "refused unknown_tool tools/call - refused"},
		{"no Accept", change(r.modernCall("alpha"), "Accept", ""), "refused accept tools/call alpha refused"},
		{"a header that differs", change(r.modernCall("alpha"), "Mcp-Name", "beta"), "refused header_mismatch tools/call alpha refused"},
		{"no session", ping(""), "refused session ping - refused"},
		{"an unknown session", ping("nonesuch"), "refused session ping - refused"},
		{"a ping", ping(id), "allowed - ping - ok"},
		{"a list", r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","id":5,"method":"tools/list"}`), "allowed - tools/list - ok"},
		{"a bad cursor", r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","id":6,"method":"tools/list","params":{"cursor":"!"}}`), "allowed - tools/list - error"},
		{"a notification", r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`), "allowed - notifications/initialized - accepted"},
		{"a second notification", r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`), "allowed - notifications/initialized - accepted"},
		{"a notification without Accept", change(r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`), "Accept", ""), "refused accept notifications/initialized - refused"},
		{"a response", r.legacy(http.MethodPost, id, `{"jsonrpc":"2.0","id":9,"result":{}}`), "allowed - rpc:response - accepted"},
		{"GET without Accept", change(r.legacy(http.MethodGet, id, ""), "Accept", "text/plain"), "refused accept http:stream - refused"},
		{"PUT", r.legacy(http.MethodPut, id, ""), "refused http_method - - refused"},
		{"DELETE", r.legacy(http.MethodDelete, id, ""), "allowed - http:end-session - ok"},
		{"DELETE again", r.legacy(http.MethodDelete, id, ""), "refused session http:end-session - refused"},
		{"health", plain(http.MethodGet, "/healthz"), ""},
		{"readiness", plain(http.MethodGet, "/readyz"), ""},
		{"metadata", plain(http.MethodGet, auth.WellKnownResource), ""},
		{"nothing", plain(http.MethodGet, "/nothing"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.of(r.serve(tt.req))
			if tt.want == "" {
				if len(got) != 0 {
					t.Errorf("%+v, want no line", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("%d lines: %+v", len(got), got)
			}
			e := got[0]
			text := fmt.Sprintln(e.Decision, cmp.Or(e.Reason, "-"), cmp.Or(e.Method, "-"), cmp.Or(e.Tool, "-"), e.Result)
			if strings.TrimSpace(text) != tt.want {
				t.Errorf("%s, want %s", text, tt.want)
			}
			if e.Generation != 2 || e.Milliseconds <= 0 || time.Since(e.Time) > time.Minute {
				t.Errorf("%+v", e)
			}
		})
	}
}

// TestStreamLines: a stream's line is written when it begins, and no other when it ends.
func TestStreamLines(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	id := r.session()
	n := len(r.entries())
	r.stream(t, r.legacy(http.MethodGet, id, ""), n)
	r.listen(t)
	got := r.entries()[n:]
	if len(got) != 2 || got[0].Result != resultStream || got[0].Method != auth.OperationStream || got[1].Result != resultStream || got[1].Method != methodListen {
		t.Errorf("%+v", got)
	}
}

// failing are tools that fail in every way.
func failing() []tools.Tool {
	options := tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}}
	define := func(name string, fail func(context.Context) error) tools.Tool {
		return tools.Define(name, options, func(ctx context.Context, _ tools.Caller, _ emptyInput) (emptyOutput, error) {
			return emptyOutput{}, fail(ctx)
		})
	}
	return []tools.Tool{
		define("works", func(context.Context) error { return nil }),
		define("explains", func(context.Context) error { return tools.Errorf("no such city") }),
		define("is-down", func(context.Context) error { return tools.ErrorBecause(errors.New("503"), "no weather now") }),
		define("fails", func(context.Context) error { return errors.New("database") }),
		define("panics", func(context.Context) error { panic("EVIL") }),
	}
}

// TestToolResults: the line says how a tool ended.
func TestToolResults(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	r.server.Install(r.generationOf(2, failing()...))
	for tool, want := range map[string]string{
		"works": resultOK, "explains": resultToolError, "is-down": resultToolError, "fails": resultInternal, "panics": resultInternal,
	} {
		got := r.of(r.serve(r.modernCall(tool)))
		if len(got) != 1 || got[0].Result != want || got[0].Decision != audit.Allowed || got[0].Tool != tool {
			t.Errorf("%s: %+v, want %s", tool, got, want)
		}
	}
}

// TestPanicLine: a panic of ours has its line, and is answered and logged as without.
func TestPanicLine(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	chain := r.server.open(r.server.accessLog(r.server.recoverPanic(r.server.audited(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("EVIL") })))))
	w := httptest.NewRecorder()
	chain.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mcp", nil))
	got := r.of(w)
	if w.Code != http.StatusInternalServerError || len(got) != 1 || got[0].Reason != "panic" || got[0].Result != resultInternal {
		t.Errorf("%d, %+v", w.Code, got)
	}
	if strings.Contains(r.lines.String(), "EVIL") || !strings.Contains(r.logs.String(), "audit_test.go") {
		t.Errorf("%s\n%s", r.lines, r.logs)
	}
}

// TestAuditTellsNothing: no line holds a piece of a token, of claims beside those that
// it names, of arguments, or of anything else that a caller can choose.
func TestAuditTellsNothing(t *testing.T) {
	r := newAuditedRig(t, audit.Config{Subject: audit.SubjectPlain})
	secret := func(name string) string { return name + strings.Repeat("-s3cr3t", 4) }
	claims := r.issuer.Claims("agent", []string{publicURL}, []string{"tool:alpha"})
	claims["email"], claims["jti"], claims["https://x.example/"+secret("key")] = secret("email"), secret("jti"), secret("private")
	raw, err := r.issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		t.Fatal(err)
	}
	params := `{"name":"%s","arguments":{"` + secret("argument") + `":"` + secret("value") + `"},"` + secret("member") + `":1,` +
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"progressToken":"` + secret("progress") + `"}}`
	call := func(method, tool, token string) *http.Request {
		req := r.post(`{"jsonrpc":"2.0","id":"` + secret("id") + `","method":"` + method + `","params":` + fmt.Sprintf(params, tool) + `}`)
		req.Header.Set("MCP-Protocol-Version", "2026-07-28")
		req.Header.Set("Mcp-Method", method)
		req.Header.Set("Mcp-Name", tool)
		req.Header.Set("Authorization", "Bearer "+token)
		for _, h := range []string{"User-Agent", "Cookie", "Referer", "X-Request-Id", "Traceparent", "Mcp-Session-Id"} {
			req.Header.Set(h, secret(h))
		}
		req.URL.RawQuery = "q=" + secret("query")
		return req
	}
	foreign := r.foreignToken()
	for _, req := range []*http.Request{
		call("tools/call", "alpha", raw), call("tools/call", "beta", raw), call("tools/call", secret("tool"), raw),
		call(secret("method"), "alpha", raw), call("tools/call", "alpha", foreign), call("tools/call", "alpha", secret("token")),
		call("prompts/get", secret("prompt"), raw), call("resources/read", secret("uri"), raw),
	} {
		if got := r.of(r.serve(req)); len(got) != 1 {
			t.Errorf("%d lines", len(got))
		}
	}
	text := r.lines.String()
	if !strings.Contains(text, `"client_id":"agent"`) {
		t.Errorf("the twin: %s", text)
	}
	if strings.Contains(text, "s3cr3t") {
		t.Errorf("something of a request is in %s", text)
	}
	for _, token := range []string{raw, foreign} {
		for i := range len(token) - 12 {
			if strings.Contains(text, token[i:i+12]) {
				t.Fatalf("a piece of a token is in %s", text)
			}
		}
	}
}
