package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// regionInput has an argument of each type that may stand in a header.
type regionInput struct {
	Region string `json:"region,omitempty"`
	Count  int    `json:"count,omitempty"`
	Loud   *bool  `json:"loud,omitempty"`
	Free   string `json:"free,omitempty"`
}

// regional has one tool, whose arguments stand in headers.
func (r *rig) regional() *Generation {
	return r.generationOf(2, tools.Define("alpha", tools.Options{
		Title: "Alpha", Description: "d", Headers: map[string]string{"region": "Region", "count": "X-Count"},
	}, func(context.Context, tools.Caller, regionInput) (emptyOutput, error) {
		*r.ran = append(*r.ran, "alpha")
		return emptyOutput{}, nil
	}))
}

// TestParamHeaders: on the wire, a header is there where its argument is, and says the
// same.
func TestParamHeaders(t *testing.T) {
	r := newRig(t)
	r.server.Install(r.regional())
	token := r.token("tool:alpha")
	for _, tt := range []struct {
		name, arguments string
		header          http.Header
		want            *rpcFault
	}{
		{"none of them", `{"free":"x"}`, nil, nil},
		{"no arguments", ``, nil, nil},
		{"arguments that are null", `null`, nil, nil},
		{"one", `{"region":"eu"}`, http.Header{"Mcp-Param-Region": {"eu"}}, nil},
		{"both", `{"region":"eu","count":42}`, http.Header{"Mcp-Param-Region": {"eu"}, "Mcp-Param-X-Count": {"42"}}, nil},
		{"one in base64", `{"region":"Zürich"}`, http.Header{"Mcp-Param-Region": {"=?base64?WsO8cmljaA==?="}}, nil},
		{"an empty text", `{"region":""}`, http.Header{"Mcp-Param-Region": {""}}, nil},
		{"an empty text in base64", `{"region":""}`, http.Header{"Mcp-Param-Region": {"=?base64??="}}, nil},
		{"one that only begins like base64", `{"region":"=?base64?eA=="}`, http.Header{"Mcp-Param-Region": {"=?base64?eA=="}}, nil},
		{"a number with a point", `{"count":42}`, http.Header{"Mcp-Param-X-Count": {"42.0"}}, nil},
		{"an unknown header beside", `{}`, http.Header{"Mcp-Param-Free": {"=?base64?!?="}}, nil},

		{"missing", `{"region":"eu"}`, nil, faultNoParamHeader},
		{"the second missing", `{"region":"eu","count":1}`, http.Header{"Mcp-Param-Region": {"eu"}}, faultNoParamHeader},
		{"missing for an empty text", `{"region":""}`, nil, faultNoParamHeader},
		{"unexpected", `{}`, http.Header{"Mcp-Param-Region": {"eu"}}, faultExtraParamHeader},
		{"unexpected and empty", `{}`, http.Header{"Mcp-Param-Region": {""}}, faultExtraParamHeader},
		{"unexpected without arguments", ``, http.Header{"Mcp-Param-Region": {"eu"}}, faultExtraParamHeader},
		{"unexpected where they are text", `"region"`, http.Header{"Mcp-Param-Region": {"eu"}}, faultExtraParamHeader},
		{"different", `{"region":"eu"}`, http.Header{"Mcp-Param-Region": {"us"}}, faultParamHeader},
		{"in another case", `{"region":"eu"}`, http.Header{"Mcp-Param-Region": {"EU"}}, faultParamHeader},
		{"another number", `{"count":42}`, http.Header{"Mcp-Param-X-Count": {"43"}}, faultParamHeader},
		{"a number in hex", `{"count":42}`, http.Header{"Mcp-Param-X-Count": {"0x2a"}}, faultParamHeader},
		{"a number beyond those that all have", `{"count":9007199254740993}`, http.Header{"Mcp-Param-X-Count": {"9007199254740993"}}, faultParamHeader},
		{"a fraction", `{"count":1.5}`, http.Header{"Mcp-Param-X-Count": {"1.5"}}, faultParamHeader},
		{"a list", `{"region":["eu"]}`, http.Header{"Mcp-Param-Region": {"eu"}}, faultParamHeader},
		{"base64 without its padding", `{"region":"Hello"}`, http.Header{"Mcp-Param-Region": {"=?base64?SGVsbG8?="}}, faultParamHeader},
		{"base64 with other letters", `{"region":"Hello"}`, http.Header{"Mcp-Param-Region": {"=?base64?SGVs!!!bG8=?="}}, faultParamHeader},
		{"base64 with unused bits", `{"region":"x"}`, http.Header{"Mcp-Param-Region": {"=?base64?eB==?="}}, faultParamHeader},
		{"bytes that are no ASCII", `{"region":"é"}`, http.Header{"Mcp-Param-Region": {"é"}}, faultParamHeader},
	} {
		t.Run(tt.name, func(t *testing.T) {
			*r.ran = nil
			params := `"name":"alpha"`
			if tt.arguments != "" {
				params += `,"arguments":` + tt.arguments
			}
			req := r.request(true, token, body(true, "tools/call", params), "tools/call", "alpha")
			for name, values := range tt.header {
				req.Header[name] = values
			}
			w := r.serve(req)
			if tt.want == nil {
				if w.Code != http.StatusOK || len(*r.ran) != 1 {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				return
			}
			wantError(t, w, http.StatusBadRequest, mcp.CodeHeaderMismatch, tt.want.text)
			if got := r.logged(w)["reason"]; got != "header_mismatch" || len(*r.ran) > 0 {
				t.Errorf("logged reason %v, ran %q", got, *r.ran)
			}
			// In a session there is no such header.
			if w := r.ask(false, token, "tools/call", "", params); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "-32020") {
				t.Errorf("legacy: %d %s", w.Code, w.Body)
			}
		})
	}
}

// nestedSchema has such arguments deeper down.
const nestedSchema = `{
	"type": "object",
	"properties": {
		"text": {"type": "string", "x-mcp-header": "Text"},
		"where": {"type": "object", "properties": {
			"count": {"type": "integer", "x-mcp-header": "count"},
			"deep": {"type": "object", "properties": {"loud": {"type": "boolean", "x-mcp-header": "LOUD"}}}
		}},
		"properties": {"type": "string"}
	}
}`

// nestedRules are its rules, as those of the tool alpha.
func nestedRules() headerRules {
	alpha := tools.DefineSchema("alpha", tools.Options{Title: "A", Description: "d"}, tools.Schemas{Input: json.RawMessage(nestedSchema)}, nil)
	beta := tools.DefineSchema("beta", tools.Options{Title: "B", Description: "d"}, tools.Schemas{Input: json.RawMessage(`{"type":"object"}`)}, nil)
	return newHeaderRules(tools.NewSet(tools.Inventory{Tools: []tools.Tool{alpha, beta}}, tools.Config{}))
}

// TestHeaderRules: those of each tool, under the name that net/http has for the header.
func TestHeaderRules(t *testing.T) {
	want := headerRules{"alpha": {
		{header: "Mcp-Param-Text", path: []string{"text"}},
		{header: "Mcp-Param-Count", path: []string{"where", "count"}},
		{header: "Mcp-Param-Loud", path: []string{"where", "deep", "loud"}},
	}}
	if got := nestedRules(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// sdkJudge is the SDK's own endpoint with one tool of that schema.
func sdkJudge() http.Handler {
	server := mcp.NewServer(&mcp.Implementation{Name: "x", Version: "1"}, nil)
	server.AddTool(&mcp.Tool{Name: "alpha", InputSchema: json.RawMessage(nestedSchema)}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{}, nil
	})
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true})
}

// honest are the headers that a client has to send with arguments.
func honest(arguments string) http.Header {
	var a struct {
		Text  any
		Where any
	}
	h := http.Header{}
	if json.Unmarshal([]byte(arguments), &a) != nil {
		return h
	}
	set := func(name string, value any) {
		switch v := value.(type) {
		case string:
			h.Set(name, "=?base64?"+base64.StdEncoding.EncodeToString([]byte(v))+"?=")
		case bool:
			h.Set(name, strconv.FormatBool(v))
		case float64:
			h.Set(name, strconv.FormatFloat(v, 'f', -1, 64))
		}
	}
	set("Mcp-Param-Text", a.Text)
	if where, ok := a.Where.(map[string]any); ok {
		set("Mcp-Param-Count", where["count"])
		if deep, ok := where["deep"].(map[string]any); ok {
			set("Mcp-Param-Loud", deep["loud"])
		}
	}
	return h
}

// FuzzHeadersAgree: the SDK refuses nothing that the gate takes, whatever headers, _meta
// and arguments say; and the gate takes what an honest client sends wherever the SDK does.
func FuzzHeadersAgree(f *testing.F) {
	const caps = `{"sampling":{}}`
	f.Add(`{"text":"x","where":{"count":1,"deep":{"loud":true}}}`, "x", "1", "true", "alpha", caps, `{"name":"x"}`)
	f.Add(`{"text":"","where":{"count":42.0}}`, "", "42", "", "=?base64?YWxwaGE=?=", "{}", `{}`)
	f.Add(`{"text":null,"where":null}`, "=?base64?!?=", "0x2a", "1e2", "beta", "{}", `{"icons":[{"src":"x","sizes":["a"]}]}`)
	f.Add(`{"text":"=?base64?eA==?=","where":5}`, "=?base64?PT9iYXNlNjQ/ZUE9PT89?=", "-0", "", "alpha", `{"roots":{"listChanged":true},"elicitation":{"form":{},"url":{}}}`, `null`)
	f.Add(`{"where":{"count":1e2,"deep":{"loud":"false"}}}`, "\xff", "100", "false", "alpha", `{"extensions":{"a":{}},"experimental":{"b":5}}`, `{"version":"1"}`)
	f.Add(`5`, "", "", "", "", `{"roots":5}`, `"x"`)
	sdk, rules := sdkJudge(), nestedRules()
	f.Fuzz(func(t *testing.T, arguments, text, count, loud, name, capabilities, info string) {
		message := modernBody("tools/call", `"name":"alpha","arguments":`+arguments, metaVersion, `"io.modelcontextprotocol/clientCapabilities":`+capabilities, metaInfo+info)
		msg, fault := parseMessage([]byte(message))
		if fault != nil || msg.method != methodCallTool || msg.target.Name != "alpha" || msg.meta.versionText() != modernVersion {
			return
		}
		standard := http.Header{"Mcp-Protocol-Version": {modernVersion}, "Mcp-Method": {"tools/call"}, "Mcp-Name": {name}}
		given := standard.Clone()
		for header, value := range map[string]string{"Mcp-Param-Text": text, "Mcp-Param-Count": count, "Mcp-Param-Loud": loud} {
			if value != "" {
				given.Set(header, value)
			}
		}
		serve := func(h http.Header) (*rpcFault, int, string) {
			fault := msg.meta.fault()
			if fault == nil {
				fault = standardHeaders(h, msg)
			}
			if fault == nil {
				fault = rules.agree(h, msg)
			}
			req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(message))
			req.Header = h
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Accept", "application/json, text/event-stream")
			w := httptest.NewRecorder()
			sdk.ServeHTTP(w, req)
			return fault, w.Code, w.Body.String()
		}
		if fault, status, answer := serve(given); fault == nil && status != http.StatusOK {
			t.Errorf("%s\n%v\nthe gate takes it, the SDK does not: %d %s", message, given, status, answer)
		}
		client := honest(arguments)
		for header, values := range standard {
			client[header] = values
		}
		client.Set("Mcp-Name", "alpha")
		if fault, status, answer := serve(client); fault != nil && status == http.StatusOK {
			t.Errorf("%s\n%v\nthe gate refuses an honest client: %s; the SDK does not: %s", message, client, fault.text, answer)
		}
	})
}
