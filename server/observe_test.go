package server

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/tools"
)

// logged returns the access log's line of an answer.
func (r *rig) logged(w *httptest.ResponseRecorder) map[string]any {
	r.t.Helper()
	for line := range strings.Lines(r.logs.String()) {
		if strings.Contains(line, `"msg":"request"`) && strings.Contains(line, w.Header().Get("X-Request-Id")) {
			var m map[string]any
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				r.t.Fatal(err)
			}
			return m
		}
	}
	r.t.Fatal("not logged")
	return nil
}

// TestAccessLog: what a line says, and that nothing of the request is in it that
// the program does not know.
func TestAccessLog(t *testing.T) {
	r := newRig(t)
	evil := func(req *http.Request) *http.Request {
		req.Header.Set("User-Agent", "EVIL")
		req.Header.Set("Referer", "http://EVIL")
		req.URL.RawQuery = "access_token_=EVIL"
		return req
	}
	unknown := evil(httptest.NewRequest("EVIL", "/EVIL", nil))
	noRule := evil(r.post(`{"jsonrpc":"2.0","id":"EVIL","method":"EVIL"}`))
	denied := evil(r.modernCall("alpha"))
	denied.Header.Set("Authorization", "Bearer "+r.token("EVIL"))
	noAccept := evil(r.modernCall("alpha"))
	noAccept.Header.Del("Accept")
	unknownTool := evil(r.modernCall("EVIL"))
	for _, tt := range []struct {
		name string
		req  *http.Request
		want map[string]any
	}{
		{"a call", evil(r.modernCall("alpha")), map[string]any{"status": 200.0, "method": "POST", "route": "/mcp", "operation": "tools/call", "tool": "alpha", "issuer": r.issuer.Issuer(), "client_id": "agent", "reason": nil}},
		{"a denied call", denied, map[string]any{"status": 403.0, "operation": "tools/call", "tool": "alpha", "reason": "scope"}},
		{"an unknown tool", unknownTool, map[string]any{"status": 400.0, "operation": "tools/call", "tool": nil, "reason": "unknown_tool"}},
		{"a method without a rule", noRule, map[string]any{"status": 200.0, "operation": nil, "reason": "method"}},
		{"a call without Accept", noAccept, map[string]any{"status": 406.0, "operation": "tools/call", "reason": "accept"}},
		{"an unknown path", unknown, map[string]any{"status": 405.0, "method": "other", "route": "unmatched"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line := r.logged(r.serve(tt.req))
			for k, v := range tt.want {
				if line[k] != v {
					t.Errorf("%s is %v, want %v, in %v", k, line[k], v, line)
				}
			}
		})
	}
	if strings.Contains(r.logs.String(), "EVIL") {
		t.Error("something of a request is in the log")
	}
}

// TestUselessTokensWithoutAClient: a token that names no client is told of once for
// each caller, not once for all of an issuer.
func TestUselessTokensWithoutAClient(t *testing.T) {
	r := newRig(t)
	for _, subject := range []string{"one", "two", "one"} {
		claims := r.issuer.Claims("agent", []string{publicURL}, nil)
		delete(claims, "azp")
		claims["sub"] = subject
		raw, err := r.issuer.Mint(devauth.MintSpec{Claims: claims})
		if err != nil {
			t.Fatal(err)
		}
		req := r.modernCall("alpha")
		req.Header.Set("Authorization", "Bearer "+raw)
		if w := r.serve(req); w.Code != http.StatusForbidden {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if n := strings.Count(r.logs.String(), "unlocks no tool"); n != 2 {
		t.Errorf("logged %d times, want once for each of two callers", n)
	}
}

func TestPanicIsAnswered(t *testing.T) {
	r := newRig(t)
	handler := chi.NewRouter()
	handler.Use(r.server.open, r.server.accessLog, r.server.recoverPanic)
	handler.Get("/", func(http.ResponseWriter, *http.Request) { panic("EVIL") })
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusInternalServerError || w.Body.String() != `{"error":"server_error","error_description":"internal error"}`+"\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := r.logged(w)["reason"]; got != "panic" {
		t.Errorf("logged reason %v", got)
	}
	if logs := r.logs.String(); !strings.Contains(logs, `"msg":"panic"`) || !strings.Contains(logs, "observe_test.go") || strings.Contains(logs, "EVIL") {
		t.Errorf("logged: %s", logs)
	}
}

// TestPanicBehindTheHeaders: an answer that has begun is broken off, so that it
// does not look whole.
func TestPanicBehindTheHeaders(t *testing.T) {
	r := newRig(t)
	router := chi.NewRouter()
	router.Use(r.server.open, r.server.accessLog, r.server.recoverPanic)
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "data: half")
		_ = http.NewResponseController(w).Flush()
		panic("EVIL")
	})
	s := httptest.NewServer(router)
	defer s.Close()
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil || string(body) != "data: half" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestReady(t *testing.T) {
	r := newRig(t)
	get := func(target string) *httptest.ResponseRecorder {
		return r.serve(httptest.NewRequest(http.MethodGet, target, nil))
	}
	if w := get("/readyz"); w.Code != http.StatusOK || w.Body.String() != `{"status":"ready"}`+"\n" {
		t.Errorf("/readyz: %d %s", w.Code, w.Body)
	}
	if body := get("/readyz?verbose").Body.String(); strings.Contains(body, `"cached"`) || strings.Contains(body, `"last_error"`) {
		t.Errorf("what there is nothing to tell of stands in %s", body)
	}
	var verbose readiness
	if err := json.Unmarshal(get("/readyz?verbose").Body.Bytes(), &verbose); err != nil || len(verbose.Issuers) != 1 {
		t.Fatalf("verbose: %+v, %v", verbose, err)
	}
	if i := verbose.Issuers[0]; i.Issuer != r.issuer.Issuer() || !i.Usable || i.Keys < 2 || i.LastSuccess == "" || i.KeyAge == "" || i.NextFetch == "" || i.LastError != "" {
		t.Errorf("verbose: %+v", i)
	}
	r.server.drain()
	if w := get("/readyz"); w.Code != http.StatusServiceUnavailable || w.Body.String() != `{"status":"draining"}`+"\n" {
		t.Errorf("draining: %d %s", w.Code, w.Body)
	}
	if w := get("/healthz"); w.Code != http.StatusOK {
		t.Errorf("/healthz while draining: %d", w.Code)
	}
}

// TestConnectionLimits: what only a real connection shows.
func TestConnectionLimits(t *testing.T) {
	r := newRig(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.server.Serve(t.Context(), ln) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	exchange := func(raw string) int {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		go func() { _, _ = io.WriteString(conn, raw) }()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	const head = "GET /mcp HTTP/1.1\r\nHost: mcp.example.com\r\n"
	for _, tt := range []struct {
		name, raw string
		want      int
	}{
		{"a token of 17 KiB", head + "Authorization: Bearer " + strings.Repeat("a", 17<<10) + "\r\n\r\n", 401},
		{"headers of 40 KiB", head + "Authorization: Bearer " + strings.Repeat("a", 40<<10) + "\r\n\r\n", 431},
		{"two Authorization headers", head + "Authorization: Bearer a\r\nAuthorization: Bearer a\r\n\r\n", 400},
		{"a small body that never arrives", "POST /mcp HTTP/1.1\r\nHost: mcp.example.com\r\nContent-Length: 1000\r\n\r\nab", 401},
		{"a method of nobody at the metadata, foreign Host", "FROB /.well-known/oauth-protected-resource HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403},
		{"a method of nobody at the metadata", "FROB /.well-known/oauth-protected-resource HTTP/1.1\r\nHost: mcp.example.com\r\n\r\n", 405},
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n", 404},
		{"no Host", "GET /mcp HTTP/1.1\r\n\r\n", 400},
		{"HTTP/1.0 without Host", "GET /mcp HTTP/1.0\r\n\r\n", 403},
		{"alive", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := exchange(tt.raw); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (make generate writes it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (make generate writes it):\n%s", file, got)
	}
}

func TestGoldenMetadata(t *testing.T) {
	r := newRig(t, func(o *Options) {
		o.Auth.RequiredScopes = []string{"mcp:use"}
		o.MCP.DocumentationURL = "https://docs.example.com/mcp"
	})
	req := httptest.NewRequest(http.MethodGet, auth.WellKnownResource+"/team/mcp", nil)
	req.Host = "mcp.example.com:8443" // never what the document says
	w := r.serve(req)
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.ReplaceAll(w.Body.Bytes(), []byte(r.issuer.Issuer()), []byte("http://ISSUER/")), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "metadata.golden.json", indented.Bytes())
}

// TestGoldenConversations: a whole conversation in each era, as it is on the wire.
func TestGoldenConversations(t *testing.T) {
	legacy := func(body string) string { return body }
	modern := func(method, params string) string {
		return `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{` + params +
			`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	}
	type step struct{ body, method, name string }
	for era, steps := range map[string][]step{
		"2025-11-25": {
			{body: legacy(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"golden","version":"1"}}}`)},
			{body: legacy(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)},
			{body: legacy(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)},
			{body: legacy(`{"jsonrpc":"2.0","id":3,"method":"tools/list"}`)},
			{body: legacy(`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"calculate_bmi","arguments":{"weight_kg":70,"height_m":1.75}}}`)},
			{body: legacy(`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"calculate_bmi","arguments":{"weight_kg":0,"height_m":1.75}}}`)},
			{body: legacy(`{"jsonrpc":"2.0","id":6,"method":"prompts/list"}`)},
			{body: "DELETE"},
			{body: legacy(`{"jsonrpc":"2.0","id":7,"method":"ping"}`)},
		},
		"2026-07-28": {
			{modern("server/discover", ""), "server/discover", ""},
			{modern("tools/list", ""), "tools/list", ""},
			{modern("tools/call", `"name":"calculate_bmi","arguments":{"weight_kg":70,"height_m":1.75},`), "tools/call", "calculate_bmi"},
			{modern("tools/call", `"name":"calculate_bmi","arguments":{"weight_kg":0,"height_m":1.75},`), "tools/call", "calculate_bmi"},
			{modern("prompts/list", ""), "prompts/list", ""},
			{modern("initialize", ""), "initialize", ""},
		},
	} {
		t.Run(era, func(t *testing.T) {
			r := newRig(t)
			r.server.Install(r.generationOf(2, tools.Everything(tools.DefaultConfig(), tools.Deps{}).Tools...))
			var transcript bytes.Buffer
			session := ""
			for _, s := range steps {
				req := r.post(s.body)
				if s.body == "DELETE" {
					req.Method = http.MethodDelete
				}
				req.Header.Set("Authorization", "Bearer "+r.token("tool:calculate_bmi", "tool:whoami"))
				req.Header.Set("MCP-Protocol-Version", era)
				for k, v := range map[string]string{"Mcp-Method": s.method, "Mcp-Name": s.name, "Mcp-Session-Id": session} {
					if v != "" {
						req.Header.Set(k, v)
					}
				}
				w := r.serve(req)
				if id := w.Header().Get("Mcp-Session-Id"); id != "" {
					session = id
				}
				fmt.Fprintf(&transcript, "> %s\n< %d %s\n%s\n", s.body, w.Code, w.Header().Get("Content-Type"), strings.TrimSpace(w.Body.String()))
			}
			if session != "" && !regexp.MustCompile(`^[A-Z2-7]{26,}$`).MatchString(session) {
				t.Errorf("session id %q", session)
			}
			golden(t, "conversation-"+era+".golden.txt", transcript.Bytes())
		})
	}
}
