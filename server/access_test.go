package server

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// eras are the two ways in which each request of these tests is made.
var eras = map[string]bool{"legacy": false, "modern": true}

const initialize = `{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`

const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`

// install puts a generation with these rules and things in force.
func (r *rig) install(access auth.AccessConfig, set tools.Set) {
	number := r.server.generation.Load().Number + 1
	verifier := auth.NewVerifier(r.opts.Auth, r.trust, time.Now)
	r.server.Install(NewGeneration(number, verifier, access, r.opts.Auth.RequiredScopes, set))
}

// named is one tool for each name, which notes that it ran.
func (r *rig) named(names ...string) tools.Set { return r.generation(0, names...).Tools }

// aPrompt is a prompt with one argument and a completion.
func (r *rig) aPrompt(name string) tools.Prompt {
	return tools.NewPrompt(name, tools.PromptOptions{
		Title: name, Description: "A prompt called " + name + ".",
		Arguments: []*mcp.PromptArgument{{Name: "city", Required: true}},
		Complete: func(_ context.Context, _ tools.Caller, _, value string, _ map[string]string) ([]string, error) {
			return []string{value + "lo"}, nil
		},
	}, func(_ context.Context, _ tools.Caller, a map[string]string) (*mcp.GetPromptResult, error) {
		*r.ran = append(*r.ran, name)
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: "About " + a["city"]}}}}, nil
	})
}

// aResource is a document that needs the scopes.
func (r *rig) aResource(uri string, scopes ...string) tools.Resource {
	return tools.NewResource(uri, tools.ResourceOptions{
		Name: "doc", Title: "A document", Description: "It says where it is.", MIMEType: "text/plain", Scopes: scopes,
	}, func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
		*r.ran = append(*r.ran, uri)
		return &mcp.ResourceContents{Text: "text of " + uri}, nil
	})
}

// legacySession opens a session.
func (r *rig) legacySession(token string) string {
	r.t.Helper()
	id := r.serve(with(token, initialize)).Header().Get("Mcp-Session-Id")
	if id == "" {
		r.t.Fatal("no session")
	}
	return id
}

// with is a POST of body with the token.
func with(token, body string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(body))
	req.Host = "mcp.example.com"
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("Authorization", "Bearer "+token)
	return req
}

// body is a request with the id 7. params are its members, without the braces.
func body(modern bool, method, params string) string {
	if modern && params != "" {
		params += ","
	}
	if modern {
		params += modernMeta
	}
	return `{"jsonrpc":"2.0","id":7,"method":"` + method + `","params":{` + params + `}}`
}

// request is a POST of body in an era. name is the header that a modern request has
// beside the method, "" for none.
func (r *rig) request(modern bool, token, body, method, name string) *http.Request {
	r.t.Helper()
	req := with(token, body)
	if !modern {
		req.Header.Set("Mcp-Protocol-Version", "2025-11-25")
		req.Header.Set("Mcp-Session-Id", r.legacySession(token))
		return req
	}
	req.Header.Set("Mcp-Protocol-Version", "2026-07-28")
	req.Header.Set("Mcp-Method", method)
	if name != "" {
		req.Header.Set("Mcp-Name", name)
	}
	return req
}

// ask sends a request of an era.
func (r *rig) ask(modern bool, token, method, name, params string) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.serve(r.request(modern, token, body(modern, method, params), method, name))
}

// answer is the JSON-RPC message of an answer.
type answer struct {
	Result map[string]any
	Error  *struct {
		Code    int64
		Message string
		Data    map[string]any
	}
	ID any
}

func answerOf(t testing.TB, w *httptest.ResponseRecorder) answer {
	t.Helper()
	data := w.Body.String()
	if _, event, ok := strings.Cut(data, "data: "); ok {
		data = event
	}
	var a answer
	if err := json.NewDecoder(strings.NewReader(data)).Decode(&a); err != nil {
		t.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	return a
}

// wantError wants a JSON-RPC error with the id of the request.
func wantError(t testing.TB, w *httptest.ResponseRecorder, status int, code int64, text string) {
	t.Helper()
	a := answerOf(t, w)
	if w.Code != status || a.Error == nil || a.Error.Code != code || a.Error.Message != text || a.ID != 7.0 {
		t.Errorf("%d %s; want %d, %d %q", w.Code, w.Body, status, code, text)
	}
}

// byEra is a value for each era.
func byEra[T any](modern bool, inModern, inLegacy T) T {
	if modern {
		return inModern
	}
	return inLegacy
}
