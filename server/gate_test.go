package server

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/auth"
)

const callAlpha = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","arguments":{}}}`

// completion asks for completions of ref.
func completion(ref string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":` + ref + `,"argument":{"name":"a","value":""}}}`
}

// answering is a call with answers to questions.
func answering(answers string) string {
	return strings.Replace(callAlpha, `{}`, `{},"inputResponses":{`+answers+`}`, 1)
}

func TestParseMessage(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	named := requestMeta{version: []byte(`"x"`)}
	for _, tt := range []struct {
		name, body string
		want       *rpcFault // nil: accepted
		msg        message
	}{
		{"a call", callAlpha, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"members in another order", `{"params":{"arguments":{},"name":"alpha"},"method":"tools/call","id":1,"jsonrpc":"2.0"}`, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"a name by escapes", `{"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"n\u0061me":"\u0061lpha"}}`, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"a string id", `{"jsonrpc":"2.0","id":"a\"b","method":"ping"}`, nil, message{id: []byte(`"a\"b"`), method: "ping"}},
		{"a notification", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, nil, message{method: "notifications/initialized"}},
		{"params null", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}`, nil, message{id: []byte("1"), method: "tools/list"}},
		{"modern by its _meta", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`, nil, message{id: []byte("1"), method: "tools/list", meta: named}},
		{"a version deep in the arguments is none", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","arguments":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}`, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"arguments that differ in case", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","arguments":{"a":1,"A":2,"Name":3}}}`, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"unknown members", `{"jsonrpc":"2.0","id":1,"method":"ping","x":[1,{"y":2}],"params":{"z":[]}}`, nil, message{id: []byte("1"), method: "ping"}},
		{"nested 60 deep", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","arguments":` + deep(60) + `}}`, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},

		{"empty", "", faultParse, message{}},
		{"not JSON", "hello", faultParse, message{}},
		{"truncated", callAlpha[:len(callAlpha)-1], faultParse, message{}},
		{"trailing data", callAlpha + "{}", faultParse, message{}},
		{"a second message", callAlpha + "\n" + callAlpha, faultParse, message{}},
		{"invalid UTF-8", strings.Replace(callAlpha, "alpha", "alph\xff", 1), faultParse, message{}},
		{"a lone surrogate", strings.Replace(callAlpha, "alpha", `\ud800`, 1), faultParse, message{}},
		{"nested 65 deep", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","arguments":` + deep(65) + `}}`, faultTooDeep, message{}},
		{"a batch", "[" + callAlpha + "]", faultNotObject, message{}},
		{"an empty batch", "[]", faultNotObject, message{}},
		{"a string", `"tools/call"`, faultNotObject, message{}},
		{"null", "null", faultNotObject, message{}},
		{"no jsonrpc", `{"id":1,"method":"ping"}`, faultVersion, message{}},
		{"jsonrpc 1.0", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, faultVersion, message{}},
		{"jsonrpc a number", `{"jsonrpc":2.0,"id":1,"method":"ping"}`, faultVersion, message{}},
		{"no method", `{"jsonrpc":"2.0","id":1}`, faultMethod, message{}},
		{"an empty method", `{"jsonrpc":"2.0","id":1,"method":""}`, faultMethod, message{}},
		{"a method that is no string", `{"jsonrpc":"2.0","id":1,"method":["ping"]}`, faultMethod, message{}},
		{"id null", `{"jsonrpc":"2.0","id":null,"method":"ping"}`, faultID, message{}},
		{"id an object", `{"jsonrpc":"2.0","id":{},"method":"ping"}`, faultID, message{}},
		{"id a fraction", `{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, faultID, message{}},
		{"id an exponent", `{"jsonrpc":"2.0","id":1e3,"method":"ping"}`, faultID, message{}},
		{"id beyond 2^53", `{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`, faultID, message{}},
		{"id true", `{"jsonrpc":"2.0","id":true,"method":"ping"}`, faultID, message{}},
		{"id as long as may be", `{"jsonrpc":"2.0","id":"` + strings.Repeat("x", maxIDBytes) + `","method":"ping"}`, nil, message{id: []byte(`"` + strings.Repeat("x", maxIDBytes) + `"`), method: "ping"}},
		{"id too long", `{"jsonrpc":"2.0","id":"` + strings.Repeat("x", maxIDBytes+1) + `","method":"ping"}`, faultID, message{}},
		{"id too long as it is written", `{"jsonrpc":"2.0","id":"` + strings.Repeat("x", maxIDBytes-5) + `\u0078","method":"ping"}`, faultID, message{}},
		{"params an array", `{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}`, faultParams, message{}},
		{"params a string", `{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}`, faultParams, message{}},
		{"no tool name", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}`, faultName, message{}},
		{"no params", `{"jsonrpc":"2.0","id":1,"method":"tools/call"}`, faultName, message{}},
		{"an empty tool name", strings.Replace(callAlpha, `"alpha"`, `""`, 1), faultName, message{}},
		{"a tool name that is no string", strings.Replace(callAlpha, `"alpha"`, `{"a":"alpha"}`, 1), faultName, message{}},
		{"a number that float64 holds", strings.Replace(callAlpha, `{}`, `{"a":1e308}`, 1), nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"a number that it does not", strings.Replace(callAlpha, `{}`, `{"a":[1e309]}`, 1), faultNumber, message{id: jsontext.Value("1")}},
		{"such a number as a member", `{"jsonrpc":"2.0","id":1,"method":"ping","x":1e309}`, faultNumber, message{id: jsontext.Value("1")}},
		{"a version in _meta that is no string", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":5}}}`, faultParamType, message{}},
		{"a version in _meta that is null", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":null}}}`, faultParamType, message{}},
		{"a version in _meta that is older than _meta's", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}}}`, nil, message{id: []byte("1"), method: "tools/list", meta: named}},
		{"a removed method and a version that is an object", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":{}}}}`, nil, message{id: []byte("1"), method: "ping", meta: named}},
		{"an empty version in _meta", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":""}}}`, nil, message{id: []byte("1"), method: "tools/list", meta: named}},
		{"a removed method, which is for the policy", `{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`, nil, message{id: []byte("1"), method: "resources/subscribe", meta: named}},
		{"the same in its own time", `{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{}}`, faultURI, message{}},
		{"a level", `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"notice"}}`, nil, message{id: []byte("1"), method: "logging/setLevel"}},
		{"a level that there is not", `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}}`, faultLevel, message{}},
		{"no level", `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{}}`, faultLevel, message{}},
		{"answers of the client to a question", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","inputResponses":{"a":{"action":"accept","content":{"Name":"x","name":"y"}}},"requestState":"` + strings.Repeat("x", 9000) + `"}}`, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"_meta that is no object", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[]}}`, faultParamType, message{}},
		{"a cursor that is no string", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":1}}`, faultParamType, message{}},
		{"a protocol version that is no string", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":5,"capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`, faultParamType, message{}},
		{"capabilities deep down", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":5},"clientInfo":{"name":"x","version":"1"}}}`, faultParamType, message{}},
		{"notifications that are no object", `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":"x"}}`, faultParamType, message{}},
		{"a whole initialize", `{"jsonrpc":"2.0","id":1,"method":"initialize","params": {"protocolVersion":"2025-11-25","capabilities":{"roots":{"listChanged":true},"sampling":{},"elicitation":{"form":{}},"experimental":{"x":{}}},"clientInfo":{"name":"x","title":"X","version":"1","icons":[{"src":"https://x.example/i.png","sizes":["48x48"]}]}}}`, nil, message{id: []byte("1"), method: "initialize"}},
		{"a progress notification", `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":0.5,"total":1,"message":"half"}}`, nil, message{method: "notifications/progress"}},
		{"a cancelled notification", `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x","reason":"why"}}`, nil, message{method: "notifications/cancelled"}},
		{"a call with a progress token", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha","arguments":null,"_meta":{"progressToken":"t"}}}`, nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},

		// What else names something.
		{"a prompt", `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"about"}}`, nil, message{id: []byte("1"), method: "prompts/get", target: auth.Prompt("about")}},
		{"no prompt", `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"uri":"about"}}`, faultName, message{}},
		{"a resource", `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"x://y"}}`, nil, message{id: []byte("1"), method: "resources/read", target: auth.Resource("x://y")}},
		{"no resource", `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"name":"x://y"}}`, faultURI, message{}},
		{"a URI that is no string", `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":["x://y"]}}`, faultURI, message{}},
		{"a subscription", `{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"x://y"}}`, nil, message{id: []byte("1"), method: "resources/subscribe", target: auth.Resource("x://y")}},
		{"the end of one", `{"jsonrpc":"2.0","id":1,"method":"resources/unsubscribe","params":{"uri":"x://y"}}`, nil, message{id: []byte("1"), method: "resources/unsubscribe", target: auth.Resource("x://y")}},
		{"a completion for a prompt", completion(`{"type":"ref/prompt","name":"about"}`), nil, message{id: []byte("1"), method: "completion/complete", target: auth.Prompt("about")}},
		{"a completion for a resource", completion(`{"type":"ref/resource","uri":"x://y"}`), nil, message{id: []byte("1"), method: "completion/complete", target: auth.Resource("x://y")}},
		{"a completion for both", completion(`{"type":"ref/prompt","name":"about","uri":"x://y"}`), faultRef, message{}},
		{"a completion for the other of both", completion(`{"type":"ref/resource","name":"about","uri":"x://y"}`), faultRef, message{}},
		{"a completion for neither", completion(`{"type":"ref/prompt"}`), faultRef, message{}},
		{"a completion without a type", completion(`{"name":"about"}`), faultRef, message{}},
		{"a completion of another type", completion(`{"type":"ref/tool","name":"about"}`), faultRef, message{}},
		{"a completion with a name that is no string", completion(`{"type":"ref/prompt","name":["about"]}`), faultRef, message{}},
		{"a completion without ref", `{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"argument":{"name":"a","value":""}}}`, faultRef, message{}},
		{"a ref that is text", completion(`"about"`), faultRef, message{}},
		{"NAME in ref", completion(`{"type":"ref/prompt","name":"about","NAME":"other"}`), faultCase, message{id: jsontext.Value("1")}},
		{"Type in ref", completion(`{"Type":"ref/prompt","name":"about"}`), faultCase, message{id: jsontext.Value("1")}},
		{"a name in ref twice", completion(`{"type":"ref/prompt","name":"about","n\u0061me":"other"}`), faultParse, message{}},
		{"an argument in another case", strings.Replace(completion(`{"type":"ref/prompt","name":"about"}`), `"value"`, `"Value"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{"arguments in the context that differ in case", strings.Replace(completion(`{"type":"ref/prompt","name":"about"}`), `"argument"`, `"context":{"arguments":{"a":"1","A":"2"}},"argument"`, 1), nil, message{id: []byte("1"), method: "completion/complete", target: auth.Prompt("about")}},
		{"arguments of the context in another case", strings.Replace(completion(`{"type":"ref/prompt","name":"about"}`), `"argument"`, `"context":{"Arguments":{}},"argument"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{"a client's name in another case", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"Name":"x","name":"y","version":"1"}}}`, faultCase, message{id: jsontext.Value("1")}},
		{"a capability in another case", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"Roots":{}},"clientInfo":{"name":"y","version":"1"}}}`, faultCase, message{id: jsontext.Value("1")}},
		{"a notification's kind in another case", `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"ToolsListChanged":true}}}`, faultCase, message{id: jsontext.Value("1")}},
		{"experiments are nobody's", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"experimental":{"Roots":{},"roots":{}}},"clientInfo":{"name":"y","version":"1"}}}`, nil, message{id: []byte("1"), method: "initialize"}},
		{"prompt arguments that differ in case", `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"about","arguments":{"city":"a","City":"b"}}}`, nil, message{id: []byte("1"), method: "prompts/get", target: auth.Prompt("about")}},
		{"a prompt argument that is no string", `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"about","arguments":{"city":1}}}`, faultParamType, message{}},

		// What a request, a notification and a response are.
		{"a call without an id", strings.Replace(callAlpha, `"id":1,`, "", 1), faultNoID, message{}},
		{"a ping without an id", `{"jsonrpc":"2.0","method":"ping"}`, faultNoID, message{}},
		{"a notification with an id", `{"jsonrpc":"2.0","id":1,"method":"notifications/initialized"}`, faultHasID, message{}},
		{"an unknown notification with an id", `{"jsonrpc":"2.0","id":1,"method":"notifications/x"}`, nil, message{id: []byte("1"), method: "notifications/x"}},
		{"initialize without params", `{"jsonrpc":"2.0","id":1,"method":"initialize"}`, faultNoParams, message{}},
		{"initialize with params null", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":null}`, faultNoParams, message{}},
		{"progress without params", `{"jsonrpc":"2.0","method":"notifications/progress"}`, faultNoParams, message{}},
		{"what is no method of JSON-RPC: a stream", `{"jsonrpc":"2.0","id":1,"method":"http:stream"}`, faultNoMethod, message{}},
		{"what is no method of JSON-RPC: a response", `{"jsonrpc":"2.0","id":1,"method":"rpc:response"}`, faultNoMethod, message{}},
		{"a call with a result", strings.Replace(callAlpha, `"id"`, `"result":{},"id"`, 1), faultBoth, message{}},
		{"a call with an error", strings.Replace(callAlpha, `"id"`, `"error":5,"id"`, 1), faultBoth, message{}},
		{"a response", `{"jsonrpc":"2.0","id":1,"result":{}}`, nil, message{method: auth.OperationResponse}},
		{"a response that is null", `{"jsonrpc":"2.0","id":"x","result":null}`, nil, message{method: auth.OperationResponse}},
		{"a failure", `{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no","data":{"Code":1}}}`, nil, message{method: auth.OperationResponse}},
		{"a response without an id", `{"jsonrpc":"2.0","result":{}}`, faultResponse, message{}},
		{"a response with both", `{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"no"}}`, faultResponse, message{}},
		{"a response with params", `{"jsonrpc":"2.0","id":1,"result":{},"params":{}}`, faultResponse, message{}},
		{"a response with an error of null", `{"jsonrpc":"2.0","id":1,"error":null}`, faultResponse, message{}},
		{"an error that is a number", `{"jsonrpc":"2.0","id":1,"error":5}`, faultResponse, message{}},
		{"an error without a code", `{"jsonrpc":"2.0","id":1,"error":{"message":"no"}}`, faultResponse, message{}},
		{"an error without a message", `{"jsonrpc":"2.0","id":1,"error":{"code":1}}`, faultResponse, message{}},
		{"an error whose code is text", `{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"no"}}`, faultResponse, message{}},
		{"an error whose code is a fraction", `{"jsonrpc":"2.0","id":1,"error":{"code":1.0,"message":"no"}}`, faultResponse, message{}},
		{"an error whose message is a list", `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":["no"]}}`, faultResponse, message{}},
		{"an error in another case", `{"jsonrpc":"2.0","id":1,"error":{"Code":2,"code":1,"message":"no"}}`, faultCase, message{id: jsontext.Value("1")}},

		// What the SDK and others would read differently.
		{`"PARAMS" beside "params"`, strings.Replace(callAlpha, `"params"`, `"PARAMS":{"name":"beta"},"params"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{`"Params" alone`, strings.Replace(callAlpha, `"params"`, `"Params"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{`"Method" beside "method"`, strings.Replace(callAlpha, `"id"`, `"Method":"ping","id"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{`"NAME" beside "name"`, strings.Replace(callAlpha, `"name"`, `"NAME":"beta","name"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{"a variant by escapes", strings.Replace(callAlpha, `"name"`, `"\u004eame":"beta","name"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{"a variant by Unicode folding", strings.Replace(callAlpha, `"params"`, `"param\u017f":{"name":"beta"},"params"`, 1), faultCase, message{id: jsontext.Value("1")}},
		{"a variant of _meta's version", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/ProtocolVersion":"2026-07-28"}}}`, faultCase, message{id: jsontext.Value("1")}},
		{`"Content" beside "content" in an answer`, answering(`"q":{"action":"accept","Content":{"ok":false},"content":{"ok":true}}`), faultCase, message{id: jsontext.Value("1")}},
		{`"Role" alone in an answer`, answering(`"q":{"Role":"assistant","content":{}}`), faultCase, message{id: jsontext.Value("1")}},
		{"the same in the answer to another question", answering(`"p":{"action":"decline"},"q":{"Roots":[]}`), faultCase, message{id: jsontext.Value("1")}},
		{"answers of any name, whose fields have any", answering(`"Action":{"action":"accept","content":{"a":1,"A":2}},"action":{"action":"decline","other":1}`), nil, message{id: []byte("1"), method: "tools/call", target: auth.Tool("alpha")}},
		{"a duplicate method", strings.Replace(callAlpha, `"id"`, `"method":"ping","id"`, 1), faultParse, message{}},
		{"a duplicate name", strings.Replace(callAlpha, `"name"`, `"name":"beta","name"`, 1), faultParse, message{}},
		{"a duplicate by escapes", strings.Replace(callAlpha, `"name"`, `"n\u0061me":"beta","name"`, 1), faultParse, message{}},
		{"a duplicate in the arguments", strings.Replace(callAlpha, `{}`, `{"a":1,"a":2}`, 1), faultParse, message{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			msg, fault := parseMessage([]byte(tt.body))
			if fault != tt.want {
				t.Fatalf("fault %v, want %v", fault, tt.want)
			}
			if fault == nil && (string(msg.id) != string(tt.msg.id) || msg.method != tt.msg.method || msg.target != tt.msg.target || msg.meta.names() != tt.msg.meta.names()) {
				t.Errorf("message %+v, want %+v", msg, tt.msg)
			}
		})
	}
}

func FuzzParseMessage(f *testing.F) {
	for _, s := range []string{callAlpha, "[]", `{"jsonrpc":"2.0","method":"x"}`, `{"params":{"_meta":{}}}`, strings.Repeat("[", 99), `{"id":1e5}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		msg, fault := parseMessage(body)
		if fault == nil && msg.method == "" {
			t.Error("accepted without a method")
		}
		if fault == nil && msg.method == methodCallTool && msg.target.Name == "" {
			t.Error("accepted a call without a tool")
		}
	})
}

// TestGateAnswers: what cannot be served gets a JSON-RPC error with fixed words,
// and no tool runs; the first row is the twin of all others.
func TestGateAnswers(t *testing.T) {
	r := newRig(t, func(o *Options) { o.HTTP.MaxBodyBytes = 4096 })
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		body   string
		status int
		want   string
	}{
		{"good", nil, "", 200, ""},
		{"not JSON", nil, "hello", 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the body is not one valid JSON value"}}`},
		{"a batch", nil, "[" + callAlpha + "]", 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the body must be one JSON-RPC message; batches are not accepted"}}`},
		{"a response", nil, `{"jsonrpc":"2.0","id":"r","result":{}}`, 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"responses are not accepted here: no request of this server awaits one"}}`},
		{"a malformed response", func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "2025-11-25") }, `{"jsonrpc":"2.0","id":"r","error":5}`, 400, `{"jsonrpc":"2.0","id":"r","error":{"code":-32600,"message":"a response must have an id, and a result or an error with a code and a message"}}`},
		{"a response outside a session", func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "2025-11-25") }, `{"jsonrpc":"2.0","id":"r","result":{}}`, 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request needs a session: begin with initialize, and send its Mcp-Session-Id"}}`},
		{"no tool name", nil, `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{}}`, 400, `{"jsonrpc":"2.0","id":9,"error":{"code":-32602,"message":"params.name must be a non-empty string"}}`},
		{"too large", nil, `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + strings.Repeat("x", 5000) + `"}}`, 413, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the body is larger than this server accepts"}}`},
		{"another content type", func(req *http.Request) { req.Header.Set("Content-Type", "text/plain") }, "", 415, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the body must be application/json in UTF-8, without a content encoding"}}`},
		{"another charset", func(req *http.Request) { req.Header.Set("Content-Type", "application/json; charset=utf-16") }, "", 415, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the body must be application/json in UTF-8, without a content encoding"}}`},
		{"a content encoding", func(req *http.Request) { req.Header.Set("Content-Encoding", "gzip") }, "", 415, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the body must be application/json in UTF-8, without a content encoding"}}`},
		{"two content types", func(req *http.Request) { req.Header.Add("Content-Type", "text/plain") }, "", 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"a header of the protocol stands twice"}}`},
		{"subscriptions/listen in a legacy session", func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "2025-11-25") }, `{"jsonrpc":"2.0","id":5,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true}}}`, 200, `{"jsonrpc":"2.0","id":5,"error":{"code":-32601,"message":"method not found"}}`},
		{"a legacy call outside a session", func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "2025-11-25") }, callAlpha, 400, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"the request needs a session: begin with initialize, and send its Mcp-Session-Id"}}`},
		{"no content type", func(req *http.Request) { req.Header.Del("Content-Type") }, "", 415, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the body must be application/json in UTF-8, without a content encoding"}}`},
		{"two versions", func(req *http.Request) { req.Header.Add("MCP-Protocol-Version", "2025-11-25") }, "", 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"a header of the protocol stands twice"}}`},
		{"a method without a rule", nil, `{"jsonrpc":"2.0","id":5,"method":"tools/evil","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`, 404, `{"jsonrpc":"2.0","id":5,"error":{"code":-32601,"message":"method not found"}}`},
		{"prompts, which there are none of", func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "2025-11-25") }, `{"jsonrpc":"2.0","id":5,"method":"prompts/list"}`, 200, `{"jsonrpc":"2.0","id":5,"error":{"code":-32601,"message":"method not found"}}`},
		{"a notification without a rule", func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "2025-11-25") }, `{"jsonrpc":"2.0","method":"notifications/evil"}`, 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"method not found"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			*r.ran = nil
			req := r.modernCall("alpha")
			if tt.body != "" {
				with := r.post(tt.body)
				with.Header.Set("MCP-Protocol-Version", "2026-07-28")
				req = with
			}
			if tt.change != nil {
				tt.change(req)
			}
			w := r.serve(req)
			if w.Code != tt.status || (tt.want != "" && w.Body.String() != tt.want+"\n") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if got := r.logged(w)["reason"]; (got != nil) != (tt.want != "") {
				t.Errorf("logged reason %v", got)
			}
			if tt.want != "" && len(*r.ran) > 0 {
				t.Errorf("ran %q", *r.ran)
			}
			if tt.want == "" && len(*r.ran) != 1 {
				t.Errorf("the twin did not run: %s", w.Body)
			}
		})
	}
}

// TestResponses: a response is for a session, and for nothing else.
func TestResponses(t *testing.T) {
	r, off := newRig(t), newRig(t, func(o *Options) { o.MCP.LegacySessions = false })
	token := r.token("tool:alpha")
	session := r.legacySession(token)
	for _, body := range []string{`{"jsonrpc":"2.0","id":"r","result":{}}`, `{"jsonrpc":"2.0","id":5,"error":{"code":-1,"message":"no"}}`} {
		send := func(r *rig, version, session string) (int, string) {
			req := with(token, body)
			req.Header.Set("MCP-Protocol-Version", version)
			if session != "" {
				req.Header.Set("Mcp-Session-Id", session)
			}
			w := r.serve(req)
			return w.Code, w.Body.String()
		}
		if status, answer := send(r, "2025-11-25", session); status != http.StatusAccepted || answer != "" {
			t.Errorf("in a session: %d %s", status, answer)
		}
		const refused = `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"responses are not accepted here: no request of this server awaits one"}}` + "\n"
		if status, answer := send(r, "2026-07-28", session); status != http.StatusBadRequest || answer != refused {
			t.Errorf("modern: %d %s", status, answer)
		}
		if status, answer := send(off, "2025-11-25", ""); status != http.StatusBadRequest || answer != refused {
			t.Errorf("without sessions: %d %s", status, answer)
		}
		// The session goes on.
		req := with(token, callAlpha)
		req.Header.Set("Mcp-Session-Id", session)
		if w := r.serve(req); w.Code != http.StatusOK {
			t.Errorf("after it: %d %s", w.Code, w.Body)
		}
	}
}

// TestUnknownTool: the same fixed answer, whatever the name says.
func TestUnknownTool(t *testing.T) {
	r := newRig(t)
	w := r.serve(r.modernCall("nonesuch"))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"code":-32602,"message":"unknown tool"`) || strings.Contains(w.Body.String(), "nonesuch") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := r.serve(r.modernCall("alpha")); w.Code != http.StatusOK {
		t.Errorf("the twin: %d %s", w.Code, w.Body)
	}
}

// TestHeadersNeverDecide: the names in headers are compared with the body's, and
// grant nothing.
func TestHeadersNeverDecide(t *testing.T) {
	r := newRig(t)
	req := r.modernCall("beta")
	req.Header.Set("Mcp-Name", "alpha")
	req.Header.Set("Authorization", "Bearer "+r.token("tool:alpha"))
	if w := r.serve(req); w.Code != http.StatusForbidden {
		t.Errorf("alpha's scope and header, beta's body: %d %s", w.Code, w.Body)
	}
	req = r.modernCall("beta")
	req.Header.Set("Mcp-Name", "alpha")
	if w := r.serve(req); w.Code != http.StatusBadRequest || len(*r.ran) != 0 {
		t.Errorf("a header that differs from the body: %d %s, ran %q", w.Code, w.Body, *r.ran)
	}
	if w := r.serve(r.modernCall("beta")); w.Code != http.StatusOK || len(*r.ran) != 1 {
		t.Errorf("the twin: %d %s", w.Code, w.Body)
	}
}

// TestModernHasNoStreams: with the version header of MCP 2026-07-28, and with
// sessions switched off, there is nothing to GET and nothing to DELETE.
func TestModernHasNoStreams(t *testing.T) {
	off := newRig(t, func(o *Options) { o.MCP.LegacySessions = false })
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		for name, r := range map[string]*rig{"2026-07-28": newRig(t), "2025-11-25": off} {
			req := r.post("")
			req.Method = method
			req.Header.Set("MCP-Protocol-Version", name)
			if w := r.serve(req); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
				t.Errorf("%s %s: %d %v", method, name, w.Code, w.Header())
			}
		}
	}
	// Without sessions a legacy call stands alone, and runs.
	req := off.post(callAlpha)
	req.Header.Set("MCP-Protocol-Version", "2025-11-25")
	if w := off.serve(req); w.Code != http.StatusOK || len(*off.ran) != 1 {
		t.Errorf("a legacy call without sessions: %d %s", w.Code, w.Body)
	}
}

// TestSecondInitialize: it is refused, and costs nothing that stays.
func TestSecondInitialize(t *testing.T) {
	r := newRig(t)
	const body = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`
	session := r.serve(r.post(body)).Header().Get("Mcp-Session-Id")
	before := runtime.NumGoroutine()
	for range 50 {
		req := r.post(body)
		req.Header.Set("Mcp-Session-Id", session)
		if w := r.serve(req); !strings.Contains(w.Body.String(), `"error"`) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if grown := runtime.NumGoroutine() - before; grown > 10 {
		t.Errorf("%d goroutines more", grown)
	}
}

func TestMethodNotAllowed(t *testing.T) {
	r := newRig(t)
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodHead, "FROBNICATE"} {
		req := httptest.NewRequest(method, "/mcp", nil)
		req.Host = "mcp.example.com"
		req.Header.Set("Authorization", "Bearer "+r.token())
		if w := r.serve(req); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST, DELETE" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}
