package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mcp-resource-server/auth"
)

// speaking are configurations by what they speak.
var speaking = map[string]func(*MCPConfig){
	"both":   func(*MCPConfig) {},
	"modern": func(c *MCPConfig) { c.ProtocolVersions = []string{"2026-07-28"} },
	"legacy": func(c *MCPConfig) { c.ProtocolVersions = []string{"2025-06-18", "2025-11-25"} },
	"alone":  func(c *MCPConfig) { c.LegacySessions = false },
}

const (
	allSupported    = `["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"]`
	allSpoken       = `2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05`
	legacySupported = `["2025-11-25","2025-06-18"]`
	legacySpoken    = `2025-11-25, 2025-06-18`
)

// refused is a whole error, of which code, text and data are given.
func refused(id string, code int, text, data string) string {
	if data != "" {
		data = `,"data":` + data
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":%q%s}}`, id, code, text, data) + "\n"
}

func unspoken(id, requested string) string {
	return refused(id, -32022, "unsupported protocol version: this server speaks "+allSpoken, `{"supported":`+allSupported+`,"requested":"`+requested+`"}`)
}

// modernBody is a request of MCP 2026-07-28 with the id 7, whose _meta has these members.
func modernBody(method, params string, meta ...string) string {
	if params != "" {
		params += ","
	}
	return `{"jsonrpc":"2.0","id":7,"method":"` + method + `","params":{` + params + `"_meta":{` + strings.Join(meta, ",") + `}}}`
}

const (
	metaVersion = `"io.modelcontextprotocol/protocolVersion":"2026-07-28"`
	metaCaps    = `"io.modelcontextprotocol/clientCapabilities":{}`
	metaInfo    = `"io.modelcontextprotocol/clientInfo":`
	metaLevel   = `"io.modelcontextprotocol/logLevel":`
)

// transportRefusal is a good call of alpha with one fault, and the whole answer to it.
type transportRefusal struct {
	name   string
	speaks string // see speaking; "" is both
	modern bool
	method string            // "" is POST
	body   string            // "" is that of the call
	header map[string]string // "-" takes one out
	status int
	allow  string
	want   string
	reason auth.Reason
	// otherTwin says that the good call is one of the other era: the fault is the era.
	otherTwin bool
}

var transportRefusals = []transportRefusal{
	// Protocol versions.
	{name: "an older version", header: map[string]string{"Mcp-Protocol-Version": "1999-01-01"}, status: 400, want: unspoken("7", "1999-01-01"), reason: reasonVersion},
	{name: "a newer version", modern: true, header: map[string]string{"Mcp-Protocol-Version": "2099-01-01"}, body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":"2099-01-01"`), status: 400, want: unspoken("7", "2099-01-01"), reason: reasonVersion},
	{name: "what is no version", modern: true, header: map[string]string{"Mcp-Protocol-Version": "v999.0.0"}, body: modernBody("server/discover", "", `"io.modelcontextprotocol/protocolVersion":"v999.0.0"`), status: 400, want: unspoken("7", "v999.0.0"), reason: reasonVersion},
	{name: "a version of 65 bytes", header: map[string]string{"Mcp-Protocol-Version": strings.Repeat("1", 65)}, status: 400, want: unspoken("7", ""), reason: reasonVersion},
	{name: "a version that is no ASCII", header: map[string]string{"Mcp-Protocol-Version": "1999-01-01\u00e9"}, status: 400, want: unspoken("7", ""), reason: reasonVersion},
	{name: "a version of 64 bytes", header: map[string]string{"Mcp-Protocol-Version": strings.Repeat("1", 64)}, status: 400, want: unspoken("7", strings.Repeat("1", 64)), reason: reasonVersion},
	{name: "a notification of an older version", header: map[string]string{"Mcp-Protocol-Version": "1999-01-01"}, body: `{"jsonrpc":"2.0","method":"notifications/initialized"}`, status: 400, want: unspoken("null", "1999-01-01"), reason: reasonVersion},
	{name: "_meta with a legacy version", header: map[string]string{"Mcp-Protocol-Version": "-"}, body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":"2025-11-25"`, metaCaps), status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks 2026-07-28", `{"supported":["2026-07-28"],"requested":"2025-11-25"}`), reason: reasonVersion},
	{name: "_meta and header with a legacy version", body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":"2025-11-25"`, metaCaps), status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks 2026-07-28", `{"supported":["2026-07-28"],"requested":"2025-11-25"}`), reason: reasonVersion},
	{name: "_meta with an empty version", header: map[string]string{"Mcp-Protocol-Version": "-"}, body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":""`), status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks 2026-07-28", `{"supported":["2026-07-28"],"requested":""}`), reason: reasonVersion},
	{name: "_meta with a version that is an object", modern: true, body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":{}`), status: 400, want: refused("7", -32602, "a member of params has the wrong type", ""), reason: reasonMessage},
	{name: "_meta with a version that is a number", modern: true, body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":5`), status: 400, want: refused("7", -32602, "a member of params has the wrong type", ""), reason: reasonMessage},
	{name: "GET of an older version", method: http.MethodGet, header: map[string]string{"Mcp-Protocol-Version": "1999-01-01"}, status: 400, want: unspoken("null", "1999-01-01"), reason: reasonVersion},
	{name: "DELETE of an older version", method: http.MethodDelete, header: map[string]string{"Mcp-Protocol-Version": "1999-01-01"}, status: 400, want: unspoken("null", "1999-01-01"), reason: reasonVersion},
	{name: "a legacy version that is switched off", speaks: "legacy", header: map[string]string{"Mcp-Protocol-Version": "2025-03-26"}, status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks "+legacySpoken, `{"supported":`+legacySupported+`,"requested":"2025-03-26"}`), reason: reasonVersion},
	{name: "modern, where that is switched off", speaks: "legacy", modern: true, status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks "+legacySpoken, `{"supported":`+legacySupported+`,"requested":"2026-07-28"}`), reason: reasonVersion, otherTwin: true},
	{name: "discover, where modern is switched off", speaks: "legacy", modern: true, body: modernBody("server/discover", "", metaVersion, metaCaps), header: map[string]string{"Mcp-Method": "server/discover", "Mcp-Name": "-"}, status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks "+legacySpoken, `{"supported":`+legacySupported+`,"requested":"2026-07-28"}`), reason: reasonVersion, otherTwin: true},
	{name: "legacy _meta, where modern is switched off", speaks: "legacy", body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":"2025-11-25"`), status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks "+legacySpoken+" by initialize, and not by a version in params._meta", `{"supported":`+legacySupported+`,"requested":"2025-11-25"}`), reason: reasonVersion},
	{name: "legacy, where that is switched off", speaks: "modern", status: 400, want: refused("7", -32022, "unsupported protocol version: this server speaks 2026-07-28", `{"supported":["2026-07-28"],"requested":"2025-11-25"}`), reason: reasonVersion, otherTwin: true},
	{name: "initialize, where legacy is switched off", speaks: "modern", header: map[string]string{"Mcp-Protocol-Version": "-"}, body: sessionBody, status: 400, want: refused(`"i"`, -32022, "unsupported protocol version: this server speaks 2026-07-28", `{"supported":["2026-07-28"],"requested":"2025-11-25"}`), reason: reasonVersion, otherTwin: true},
	{name: "no version, where legacy is switched off", speaks: "modern", header: map[string]string{"Mcp-Protocol-Version": "-"}, status: 400, want: refused("7", -32020, "the header MCP-Protocol-Version is missing", ""), reason: reasonHeaderMismatch, otherTwin: true},
	{name: "GET, where legacy is switched off", speaks: "modern", method: http.MethodGet, status: 405, allow: "POST", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod, otherTwin: true},
	{name: "DELETE, where legacy is switched off", speaks: "modern", method: http.MethodDelete, status: 405, allow: "POST", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod, otherTwin: true},

	// HTTP methods.
	{name: "modern GET", modern: true, method: http.MethodGet, status: 405, allow: "POST", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "modern DELETE", modern: true, method: http.MethodDelete, status: 405, allow: "POST", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "GET without sessions", speaks: "alone", method: http.MethodGet, status: 405, allow: "POST", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "PUT", method: http.MethodPut, status: 405, allow: "GET, POST, DELETE", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "HEAD", method: http.MethodHead, status: 405, allow: "GET, POST, DELETE", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "OPTIONS", method: http.MethodOptions, status: 405, allow: "GET, POST, DELETE", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "TRACE", method: http.MethodTrace, status: 405, allow: "GET, POST, DELETE", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "PATCH", modern: true, method: http.MethodPatch, status: 405, allow: "POST", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},
	{name: "a method that nobody knows", speaks: "alone", method: "FROBNICATE", status: 405, allow: "POST", want: refused("null", -32600, "use one of the HTTP methods in Allow", ""), reason: reasonHTTPMethod},

	// Accept.
	{name: "no Accept", header: map[string]string{"Accept": "-"}, status: 406, want: refused("7", -32600, "the header Accept must list application/json and text/event-stream", ""), reason: reasonAccept},
	{name: "modern, no Accept", modern: true, header: map[string]string{"Accept": "-"}, status: 406, want: refused("7", -32600, "the header Accept must list application/json and text/event-stream", ""), reason: reasonAccept},
	{name: "Accept without streams", modern: true, header: map[string]string{"Accept": "application/json"}, status: 406, want: refused("7", -32600, "the header Accept must list application/json and text/event-stream", ""), reason: reasonAccept},
	{name: "Accept without JSON", modern: true, header: map[string]string{"Accept": "text/event-stream"}, status: 406, want: refused("7", -32600, "the header Accept must list application/json and text/event-stream", ""), reason: reasonAccept},
	{name: "Accept with a weight of 0", modern: true, header: map[string]string{"Accept": "application/json;q=0, */*"}, status: 406, want: refused("7", -32600, "the header Accept must list application/json and text/event-stream", ""), reason: reasonAccept},
	{name: "GET without streams", method: http.MethodGet, header: map[string]string{"Accept": "application/json"}, status: 406, want: refused("null", -32600, "the header Accept must list text/event-stream", ""), reason: reasonAccept},
	{name: "GET without Accept", method: http.MethodGet, header: map[string]string{"Accept": "-"}, status: 406, want: refused("null", -32600, "the header Accept must list text/event-stream", ""), reason: reasonAccept},

	// Headers and body.
	{name: "no version header", modern: true, header: map[string]string{"Mcp-Protocol-Version": "-"}, status: 400, want: refused("7", -32020, "the header MCP-Protocol-Version is missing", ""), reason: reasonHeaderMismatch},
	{name: "another version header", modern: true, header: map[string]string{"Mcp-Protocol-Version": "2025-11-25"}, status: 400, want: refused("7", -32020, "the header MCP-Protocol-Version names another version than params._meta", ""), reason: reasonHeaderMismatch},
	{name: "another version in _meta", modern: true, body: modernBody("server/discover", "", `"io.modelcontextprotocol/protocolVersion":"v999.0.0"`, metaCaps), status: 400, want: refused("7", -32020, "the header MCP-Protocol-Version names another version than params._meta", ""), reason: reasonHeaderMismatch},
	{name: "a legacy version in _meta", modern: true, body: modernBody("tools/call", `"name":"alpha"`, `"io.modelcontextprotocol/protocolVersion":"2025-11-25"`), status: 400, want: refused("7", -32020, "the header MCP-Protocol-Version names another version than params._meta", ""), reason: reasonHeaderMismatch},
	{name: "no method header", modern: true, header: map[string]string{"Mcp-Method": "-"}, status: 400, want: refused("7", -32020, "the header Mcp-Method is missing", ""), reason: reasonHeaderMismatch},
	{name: "another method header", modern: true, header: map[string]string{"Mcp-Method": "tools/list"}, status: 400, want: refused("7", -32020, "the header Mcp-Method names another method than the body", ""), reason: reasonHeaderMismatch},
	{name: "the method header in another case", modern: true, header: map[string]string{"Mcp-Method": "TOOLS/CALL"}, status: 400, want: refused("7", -32020, "the header Mcp-Method names another method than the body", ""), reason: reasonHeaderMismatch},
	{name: "no name header", modern: true, header: map[string]string{"Mcp-Name": "-"}, status: 400, want: refused("7", -32020, "the header Mcp-Name is missing", ""), reason: reasonHeaderMismatch},
	{name: "another name header", modern: true, header: map[string]string{"Mcp-Name": "beta"}, status: 400, want: refused("7", -32020, "the header Mcp-Name says something else than the body, or is not encoded as it must be", ""), reason: reasonHeaderMismatch},
	{name: "a name header in base64 without its padding", modern: true, header: map[string]string{"Mcp-Name": "=?base64?YWxwaGE?="}, status: 400, want: refused("7", -32020, "the header Mcp-Name says something else than the body, or is not encoded as it must be", ""), reason: reasonHeaderMismatch},
	{name: "a name header in base64 with unused bits", modern: true, header: map[string]string{"Mcp-Name": "=?base64?YWxwaGF=?="}, status: 400, want: refused("7", -32020, "the header Mcp-Name says something else than the body, or is not encoded as it must be", ""), reason: reasonHeaderMismatch},
	{name: "a name header that is no ASCII", modern: true, header: map[string]string{"Mcp-Name": "alpha\u00e9"}, status: 400, want: refused("7", -32020, "the header Mcp-Name says something else than the body, or is not encoded as it must be", ""), reason: reasonHeaderMismatch},
	{name: "another method header of a notification", modern: true, header: map[string]string{"Mcp-Name": "-"}, body: `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, status: 400, want: refused("null", -32020, "the header Mcp-Method names another method than the body", ""), reason: reasonHeaderMismatch},

	// _meta.
	{name: "no _meta", modern: true, body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"alpha"}}`, status: 400, want: refused("7", -32602, "params._meta must name the protocol version: io.modelcontextprotocol/protocolVersion", ""), reason: reasonMessage},
	{name: "no version in _meta", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaCaps), status: 400, want: refused("7", -32602, "params._meta must name the protocol version: io.modelcontextprotocol/protocolVersion", ""), reason: reasonMessage},
	{name: "no capabilities", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaVersion), status: 400, want: refused("7", -32602, "params._meta must have io.modelcontextprotocol/clientCapabilities", ""), reason: reasonMessage},
	{name: "capabilities that are null", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaVersion, strings.Replace(metaCaps, "{}", "null", 1)), status: 400, want: refused("7", -32602, "io.modelcontextprotocol/clientCapabilities in params._meta has the wrong type", ""), reason: reasonMessage},
	{name: "capabilities of the wrong type", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaVersion, strings.Replace(metaCaps, "{}", `{"sampling":5}`, 1)), status: 400, want: refused("7", -32602, "io.modelcontextprotocol/clientCapabilities in params._meta has the wrong type", ""), reason: reasonMessage},
	{name: "a client that is text", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaVersion, metaCaps, metaInfo+`"x"`), status: 400, want: refused("7", -32602, "io.modelcontextprotocol/clientInfo in params._meta has the wrong type", ""), reason: reasonMessage},
	{name: "a client whose name is a number", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaVersion, metaCaps, metaInfo+`{"name":5}`), status: 400, want: refused("7", -32602, "io.modelcontextprotocol/clientInfo in params._meta has the wrong type", ""), reason: reasonMessage},
	{name: "a level that there is not", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaVersion, metaCaps, metaLevel+`"loud"`), status: 400, want: refused("7", -32602, "io.modelcontextprotocol/logLevel in params._meta must be a log level", ""), reason: reasonMessage},
	{name: "a level that is a number", modern: true, body: modernBody("tools/call", `"name":"alpha"`, metaVersion, metaCaps, metaLevel+`7`), status: 400, want: refused("7", -32602, "io.modelcontextprotocol/logLevel in params._meta must be a log level", ""), reason: reasonMessage},

	// Sessions.
	{name: "a second initialize", body: sessionBody, status: 400, want: refused(`"i"`, -32600, "the session is initialized: initialize without Mcp-Session-Id opens another", ""), reason: reasonMessage},
	{name: "another session", header: map[string]string{"Mcp-Session-Id": "nobody"}, status: 404, want: refused("7", -32600, "session not found", ""), reason: reasonSession},
}

// goodCall is a call of alpha in an era, in a session where there are such.
func (r *rig) goodCall(modern bool, token, session string) *http.Request {
	if modern {
		req := r.modernCall("alpha")
		body := modernBody("tools/call", `"name":"alpha"`, metaVersion, metaCaps)
		again := with(token, body)
		again.Header = req.Header
		return again
	}
	req := with(token, strings.Replace(callAlpha, `"id":1`, `"id":7`, 1))
	req.Header.Set("Mcp-Protocol-Version", "2025-11-25")
	if session != "" {
		req.Header.Set("Mcp-Session-Id", session)
	}
	return req
}

// TestTransportRefusals: what is wrong about a request is told as a JSON-RPC error in
// fixed words, with its own code, status and reason, and nothing runs; the same request
// without it does.
func TestTransportRefusals(t *testing.T) {
	for speaks, change := range speaking {
		r := newRig(t, func(o *Options) { change(&o.MCP) })
		token := r.token("tool:alpha")
		session := ""
		if speaks == "both" || speaks == "legacy" {
			session = r.legacySession(token)
		}
		for _, tt := range transportRefusals {
			if tt.speaks != speaks && (tt.speaks != "" || speaks != "both") {
				continue
			}
			t.Run(speaks+" "+tt.name, func(t *testing.T) {
				*r.ran = nil
				w := r.serve(tt.request(r, token, session))
				if w.Code != tt.status || w.Body.String() != tt.want || w.Header().Get("Allow") != tt.allow {
					t.Errorf("%d, Allow %q\n%swant %d, Allow %q\n%s", w.Code, w.Header().Get("Allow"), w.Body, tt.status, tt.allow, tt.want)
				}
				if got := w.Header().Get("Content-Type"); got != "application/json" || w.Header().Get("Mcp-Session-Id") != "" {
					t.Errorf("header %v", w.Header())
				}
				if got := r.logged(w)["reason"]; got != string(tt.reason) || len(*r.ran) > 0 {
					t.Errorf("logged reason %v, want %s; ran %q", got, tt.reason, *r.ran)
				}
				if w := r.serve(r.goodCall(tt.modern != tt.otherTwin, token, session)); w.Code != http.StatusOK || len(*r.ran) != 1 {
					t.Errorf("the twin: %d %s", w.Code, w.Body)
				}
			})
		}
	}
}

// request is the good call with the fault.
func (tt transportRefusal) request(r *rig, token, session string) *http.Request {
	req := r.goodCall(tt.modern, token, session)
	if tt.body != "" {
		header := req.Header
		req = with(token, tt.body)
		req.Header = header
	}
	if tt.method != "" {
		header := req.Header
		req = httptest.NewRequest(tt.method, "/mcp", nil)
		req.Host, req.Header = "mcp.example.com", header
	}
	for name, value := range tt.header {
		if req.Header.Set(name, value); value == "-" {
			req.Header.Del(name)
		}
	}
	return req
}

// TestHeadersThatAgree: what an honest client may send in many forms is served.
func TestHeadersThatAgree(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha")
	session := r.legacySession(token)
	for _, tt := range []struct {
		name   string
		modern bool
		body   string
		header map[string][]string
		status int
	}{
		{"Accept on several lines", true, "", map[string][]string{"Accept": {"text/event-stream", "application/json"}}, 200},
		{"Accept of anything", true, "", map[string][]string{"Accept": {"*/*"}}, 200},
		{"Accept by kinds", true, "", map[string][]string{"Accept": {"Application/*;q=0.1,TEXT/*"}}, 200},
		{"Last-Event-ID on a modern POST", true, "", map[string][]string{"Last-Event-Id": {"x_1", "y"}}, 200},
		{"Last-Event-ID on a legacy POST", false, "", map[string][]string{"Last-Event-Id": {"x_1"}}, 200},
		{"a session that there is not, on a modern POST", true, "", map[string][]string{"Mcp-Session-Id": {"nobody"}}, 200},
		{"a name in base64", true, "", map[string][]string{"Mcp-Name": {"=?base64?YWxwaGE=?="}}, 200},
		{"a parameter that no tool has", true, "", map[string][]string{"Mcp-Param-X": {"=?base64?!?="}}, 200},
		{"a client, a level and a capability", true, modernBody("tools/call", `"name":"alpha"`, metaVersion, `"io.modelcontextprotocol/clientCapabilities":{"sampling":{"tools":{}},"roots":{"listChanged":true},"elicitation":{},"extensions":{"a/b":{}}}`, metaInfo+`{"name":"x","version":"1","icons":[{"src":"data:,","sizes":["any"]}]}`, metaLevel+`"emergency"`), nil, 200},
		{"a legacy call without a version", false, "", map[string][]string{"Mcp-Protocol-Version": nil}, 200},
		{"a legacy call of another version", false, "", map[string][]string{"Mcp-Protocol-Version": {"2024-11-05"}}, 200},
		{"a legacy call with headers that it does not know", false, "", map[string][]string{"Mcp-Method": {"x"}, "Mcp-Name": {"y"}}, 200},
		{"a modern notification without a method header", true, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, map[string][]string{"Mcp-Method": nil, "Mcp-Name": nil}, 202},
		{"a modern notification with one", true, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, map[string][]string{"Mcp-Method": {"notifications/cancelled"}}, 202},
	} {
		t.Run(tt.name, func(t *testing.T) {
			*r.ran = nil
			req := transportRefusal{modern: tt.modern, body: tt.body}.request(r, token, session)
			for name, values := range tt.header {
				if req.Header[name] = values; values == nil {
					delete(req.Header, name)
				}
			}
			w := r.serve(req)
			if w.Code != tt.status || strings.Contains(w.Body.String(), `"error"`) || len(*r.ran) != (300-tt.status)/100 {
				t.Errorf("%d %s, ran %q", w.Code, w.Body, *r.ran)
			}
			if tt.modern && w.Header().Get("Mcp-Session-Id") != "" {
				t.Error("a session of a modern request")
			}
		})
	}
	for _, name := range []string{"Mcp-Param-Region", "mcp-param-x", "Mcp-Name"} {
		req := r.goodCall(true, token, "")
		req.Header.Set("Mcp-Name", "alpha")
		req.Header.Del(name)
		req.Header.Add(name, "alpha")
		req.Header.Add(name, "alpha")
		if w := r.serve(req); w.Code != http.StatusBadRequest || w.Body.String() != refused("null", -32600, "a header of the protocol stands twice", "") {
			t.Errorf("%s twice: %d %s", name, w.Code, w.Body)
		}
	}
}

// TestMethodsOfTheOtherEra: they are not there, by the means of the era.
func TestMethodsOfTheOtherEra(t *testing.T) {
	r := newRig(t)
	token := r.token()
	session := r.legacySession(token)
	want := refused("7", -32601, "method not found", "")
	for _, method := range []string{"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "unknown/method", "tasks/get", "sampling/createMessage"} {
		req := with(token, modernBody(method, "", metaVersion, metaCaps))
		req.Header.Set("Mcp-Protocol-Version", "2026-07-28")
		req.Header.Set("Mcp-Method", method)
		if w := r.serve(req); w.Code != http.StatusNotFound || w.Body.String() != want || r.logged(w)["reason"] != "method" {
			t.Errorf("modern %s: %d %s", method, w.Code, w.Body)
		}
	}
	for method, params := range map[string]string{"server/discover": `{}`, "subscriptions/listen": `{"notifications":{}}`, "unknown/method": `{}`} {
		req := r.inSession(http.MethodPost, token, session, `{"jsonrpc":"2.0","id":7,"method":"`+method+`","params":`+params+`}`)
		if w := r.serve(req); w.Code != http.StatusOK || w.Body.String() != want || r.logged(w)["reason"] != "method" {
			t.Errorf("legacy %s: %d %s", method, w.Code, w.Body)
		}
	}
	// The twins: each in its own.
	if w := r.serve(r.inSession(http.MethodPost, token, session, `{"jsonrpc":"2.0","id":7,"method":"ping"}`)); answerOf(t, w).Error != nil {
		t.Errorf("legacy ping: %s", w.Body)
	}
	if a := answerOf(t, r.ask(true, token, "server/discover", "", "")); a.Error != nil {
		t.Errorf("modern discover: %v", a.Error)
	}
}

// TestVersionsThatAreSpoken: initialize agrees on a legacy one that is configured, and
// discover tells of exactly those that are.
func TestVersionsThatAreSpoken(t *testing.T) {
	for _, tt := range []struct {
		name     string
		versions []string
		asked    string
		want     string // of initialize
		discover string
	}{
		{"all", nil, "2025-03-26", "2025-03-26", allSupported},
		{"all, an unknown one", nil, "1999-01-01", "2025-11-25", allSupported},
		{"all, the modern one", nil, "2026-07-28", "2025-11-25", allSupported},
		{"two, in the other order", []string{"2025-06-18", "2026-07-28"}, "2025-11-25", "2025-06-18", `["2026-07-28","2025-06-18"]`},
		{"one", []string{"2024-11-05"}, "2025-11-25", "2024-11-05", ""},
		{"the modern one", []string{"2026-07-28"}, "", "", `["2026-07-28"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.MCP.ProtocolVersions = tt.versions })
			if tt.want != "" {
				a := answerOf(t, r.serve(with(r.token(), strings.Replace(sessionBody, "2025-11-25", tt.asked, 1))))
				if got := a.Result["protocolVersion"]; got != tt.want {
					t.Errorf("initialize: %v, want %s", got, tt.want)
				}
			}
			if tt.discover != "" {
				a := answerOf(t, r.ask(true, r.token(), "server/discover", "", ""))
				if got, err := json.Marshal(a.Result["supportedVersions"]); err != nil || string(got) != tt.discover {
					t.Errorf("discover: %s, %v", got, err)
				}
			}
		})
	}
}
