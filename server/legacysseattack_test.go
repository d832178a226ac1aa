package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// whole is all of an answer but what tells answers of one kind apart.
func whole(w *httptest.ResponseRecorder) string {
	h := w.Header().Clone()
	h.Del("X-Request-Id")
	return fmt.Sprint(w.Code, h, w.Body)
}

// TestSSERefuses: what is refused of a POST, how HTTP says so, and whether the owner's
// stream is told. Each row has a twin: the good call behind it runs.
func TestSSERefuses(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:alpha")
	s := r.sseSession(token)
	header := func(name, value string) func(*http.Request) {
		return func(req *http.Request) { req.Header.Add(name, value) }
	}
	const (
		meta   = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
		modern = `{"jsonrpc":"2.0","id":9,"error":{"code":-32601,"message":"this transport has the protocol versions before 2026-07-28 alone"}}`
	)
	session := func(query string) func(*http.Request) {
		return func(req *http.Request) { req.URL.RawQuery = query }
	}
	id := strings.TrimPrefix(s.endpoint, "/team/messages/?")
	for _, tt := range []struct {
		name   string
		body   string
		change func(*http.Request)
		status int
		reason string
		answer string // a part of the body
		told   bool   // on the stream, too, with the same words
	}{
		{"a scope that is missing", sseCall("9", "beta"), nil, 403, "scope", `"id":9,"error":{"code":-32003,"message":"insufficient scope: this operation needs tool:beta;`, true},
		{"a tool that there is not", sseCall("9", "nonesuch"), nil, 200, "unknown_tool", `"id":9,"error":{"code":-32602,"message":"unknown tool"}`, true},
		{"a method without a rule", `{"jsonrpc":"2.0","id":9,"method":"tools/evil"}`, nil, 200, "method", `"id":9,"error":{"code":-32601,"message":"method not found"}`, true},
		{"a notification without a rule", `{"jsonrpc":"2.0","method":"notifications/evil"}`, nil, 400, "method", `"method not found"`, false},
		{"a call without a name", `{"jsonrpc":"2.0","id":"n","method":"tools/call","params":{}}`, nil, 400, "message", `"id":"n","error":{"code":-32602,"message":"params.name must be`, true},
		{"a call that is a notification", `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"alpha"}}`, nil, 400, "message", `"id":null,"error":{"code":-32600,"message":"a request must have an id"}`, false},
		{"a notification that is a call", `{"jsonrpc":"2.0","id":9,"method":"notifications/initialized"}`, nil, 400, "message", `"id":9,"error":{"code":-32600,"message":"a notification must have no id"}`, true},
		{"a response with an odd error", `{"jsonrpc":"2.0","id":9,"error":{"code":"x"}}`, nil, 400, "message", "a response must have an id", false},
		{"PARAMS beside params", `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"alpha"},"PARAMS":{"name":"beta"}}`, nil, 400, "message", "only in case", false},
		{"the name twice", `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"alpha","n\u0061me":"beta"}}`, nil, 400, "message", "not one valid JSON value", false},
		{"a batch", `[` + sseCall("9", "alpha") + `]`, nil, 400, "message", "batches are not accepted", false},
		{"two messages", sseCall("9", "alpha") + sseCall("10", "beta"), nil, 400, "message", "not one valid JSON value", false},
		{"a modern probe", `{"jsonrpc":"2.0","id":9,"method":"server/discover","params":{` + meta + `}}`, nil, 200, "protocol", modern, true},
		{"a modern call", `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"alpha",` + meta + `}}`, nil, 200, "protocol", modern, true},
		{"the modern header", sseCall("9", "alpha"), header("MCP-Protocol-Version", "2026-07-28"), 200, "protocol", modern, true},
		{"a method of MCP 2026-07-28 without its _meta", `{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{"notifications":{}}}`, nil, 200, "method", "method not found", true},
		{"another media type", sseCall("9", "alpha"), func(req *http.Request) { req.Header.Set("Content-Type", "text/plain") }, 415, "content_type", "", false},
		{"a content encoding", sseCall("9", "alpha"), header("Content-Encoding", "gzip"), 415, "content_type", "", false},
		{"a header twice", sseCall("9", "alpha"), header("Content-Type", "application/json"), 400, "headers", "", false},
		{"too large", strings.Repeat(" ", 4<<20) + sseCall("9", "alpha"), nil, 413, "too_large", "", false},
		{"no session", sseCall("9", "alpha"), session(""), 400, "session", `"id":9,"error":{"code":-32600,"message":"the request needs a session: GET /sse says where to send it"}`, false},
		{"an empty session", sseCall("9", "alpha"), session("session_id="), 400, "session", "", false},
		{"two sessions", sseCall("9", "alpha"), session(id + "&" + id), 400, "session", "", false},
		{"an unknown session", sseCall("9", "alpha"), session("session_id=X"), 404, "session", `"session not found"`, false},
		{"the session in the header of the newer transport", sseCall("9", "alpha"), func(req *http.Request) {
			req.URL.RawQuery = ""
			req.Header.Set("Mcp-Session-Id", strings.TrimPrefix(id, "session_id="))
		}, 400, "session", "", false},
		{"a foreign Host", sseCall("9", "alpha"), func(req *http.Request) { req.Host = "evil.example" }, 403, "host", "", false},
		{"a foreign Origin", sseCall("9", "alpha"), header("Origin", "https://evil.example"), 403, "origin", "", false},
		{"no token", sseCall("9", "alpha"), func(req *http.Request) { req.Header.Del("Authorization") }, 401, "missing", "", false},
		{"the token in the query", sseCall("9", "alpha"), func(req *http.Request) {
			req.Header.Del("Authorization")
			req.URL.RawQuery += "&access_token=" + token
		}, 401, "missing", "", false},
		{"a token in the query, too", sseCall("9", "alpha"), func(req *http.Request) { req.URL.RawQuery += "&access_token=" + token }, 400, "ambiguous", "", false},
		{"a forged token", sseCall("9", "alpha"), func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+r.foreignToken()) }, 401, "signature", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(*r.ran)
			change := tt.change
			if change == nil {
				change = func(*http.Request) {}
			}
			w := r.send(s.endpoint, token, tt.body, change)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.answer) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (tt.status == 401 || tt.reason == "ambiguous" || tt.reason == "scope") {
				t.Errorf("challenge %q", challenge)
			}
			if tt.told {
				if got := s.next(); got != strings.TrimSpace(w.Body.String()) {
					t.Errorf("the stream was told %s\nand HTTP %s", got, w.Body)
				}
			}
			if got := fmt.Sprint(r.loggedReason(w)); got != tt.reason {
				t.Errorf("reason %s", got)
			}
			entries := r.audited(w.Header().Get("X-Request-Id"))
			if len(entries) != 1 || entries[0].Reason != tt.reason || entries[0].Result != "refused" {
				t.Errorf("audit: %+v", entries)
			}
			if len(*r.ran) != before {
				t.Errorf("tools ran: %q", *r.ran)
			}
			// The twin; and nothing else has come on the stream meanwhile.
			if w := r.send(s.endpoint, token, sseCall(`"twin"`, "alpha")); w.Code != http.StatusAccepted {
				t.Fatalf("the twin: %d %s", w.Code, w.Body)
			}
			if got := s.next(); !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":"twin","result":`) || len(*r.ran) != before+1 {
				t.Errorf("the twin: %s", got)
			}
		})
	}
}

// loggedReason is the reason in the access log.
func (r *sseRig) loggedReason(w *httptest.ResponseRecorder) string {
	for line := range strings.Lines(r.logs.String()) {
		if strings.Contains(line, `"msg":"request"`) && strings.Contains(line, w.Header().Get("X-Request-Id")) {
			_, rest, _ := strings.Cut(line, `"reason":"`)
			reason, _, _ := strings.Cut(rest, `"`)
			return reason
		}
	}
	return "not logged"
}

// TestSSEMethods: the token is judged before the method.
func TestSSEMethods(t *testing.T) {
	r := newSSERig(t)
	for path, allowed := range map[string]string{"/sse": "GET", "/team/sse": "GET", "/messages/": "POST", "/team/messages/": "POST"} {
		for _, method := range []string{"HEAD", "PUT", "DELETE", "PATCH", "BREW", "GET", "POST"} {
			req := r.post("")
			req.Method, req.URL.Path = method, path
			if method == allowed {
				continue
			}
			if w := r.serve(req); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allowed {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
			req.Header.Del("Authorization")
			if w := r.serve(req); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s without a token: %d", method, path, w.Code)
			}
		}
	}
	req := r.get(r.token())
	req.Header.Set("MCP-Protocol-Version", "2026-07-28")
	if w := r.serve(req); w.Code != http.StatusBadRequest || r.loggedReason(w) != "protocol" {
		t.Errorf("a modern GET: %d %s", w.Code, w.Body)
	}
}

// TestSSEStolenSession: whoever is not the owner of a session, by issuer, subject and
// client, gets what there is for an id that does not exist: nothing runs, and the
// owner's stream is told nothing.
func TestSSEStolenSession(t *testing.T) {
	r := newSSERig(t)
	owner := func(scopes ...string) string { return r.tokenFor("alice", "agent", scopes...) }
	s := r.sseSession(owner("tool:alpha"))
	unknown := "/team/messages/?session_id=AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for name, thief := range map[string]string{
		"another subject":       r.tokenFor("mallory", "agent", "tool:alpha"),
		"another client":        r.tokenFor("alice", "other", "tool:alpha"),
		"subject of the client": r.tokenFor("agent@clients", "agent", "tool:alpha"),
	} {
		for what, body := range map[string]string{
			"a call":          sseCall("1", "alpha"),
			"a denied call":   sseCall("1", "beta"),
			"an unknown tool": sseCall("1", "nonesuch"),
			"a bad call":      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}`,
			"a modern call":   `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`,
			"a cancellation":  `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
			"a response":      `{"jsonrpc":"2.0","id":1,"result":{}}`,
		} {
			got, want := whole(r.send(s.endpoint, thief, body)), whole(r.send(unknown, thief, body))
			if got != want {
				t.Errorf("%s, %s:\n%s\nand for an unknown session\n%s", name, what, got, want)
			}
			if what == "a call" && !strings.HasPrefix(got, "404 ") {
				t.Errorf("%s, %s: %s", name, what, got)
			}
		}
	}
	if len(*r.ran) > 0 {
		t.Errorf("tools ran: %q", *r.ran)
	}
	// The twin: another token of the owner, with its own scopes.
	if w := r.send(s.endpoint, owner("tool:beta"), sseCall("2", "beta")); w.Code != http.StatusAccepted {
		t.Errorf("the owner: %d %s", w.Code, w.Body)
	}
	if got := s.next(); !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":2,"result":`) {
		t.Errorf("the first thing on the owner's stream: %s", got)
	}
	if w := r.send(s.endpoint, owner("tool:beta"), sseCall("3", "alpha")); w.Code != http.StatusForbidden {
		t.Errorf("scopes of the GET's token: %d %s", w.Code, w.Body)
	}
	if got := *r.ran; len(got) != 1 || got[0] != "beta" {
		t.Errorf("ran %q", got)
	}
}

// TestSSESessionElsewhere: a session of one transport is none of the other's.
func TestSSESessionElsewhere(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:alpha")
	s := r.sseSession(token)
	req := r.post(sseCall("1", "alpha"))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Mcp-Session-Id", strings.TrimPrefix(s.endpoint, "/team/messages/?session_id="))
	if w := r.serve(req); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `"session not found"`) {
		t.Errorf("a session of SSE at the MCP endpoint: %d %s", w.Code, w.Body)
	}
	req = r.post(strings.ReplaceAll(sseInitialize, "2024-11-05", "2025-11-25"))
	req.Header.Set("Authorization", "Bearer "+token)
	id := r.serve(req).Header().Get("Mcp-Session-Id")
	if w := r.send("/messages/?session_id="+id, token, sseCall("1", "alpha")); id == "" || w.Code != http.StatusNotFound {
		t.Errorf("a session of Streamable HTTP at /messages/: %d %s", w.Code, w.Body)
	}
	if len(*r.ran) > 0 {
		t.Errorf("tools ran: %q", *r.ran)
	}
}
