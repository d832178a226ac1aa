package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/tools"
)

// bypass is a message that two readers could take for two: one sees alpha, which the
// caller may use, the other beta, which it may not. META is what makes a request one of
// MCP 2026-07-28, and nothing in a legacy one.
type bypass struct {
	name string
	body string
	// headers are changed where a modern request has them; the body speaks of beta.
	headers func(http.Header)
	// twin is the same without the fault, for which alpha runs. "": an ordinary call.
	twin string
	// twinHeaders are those of the twin.
	twinHeaders func(http.Header)
	// modern alone: a legacy request has no such thing.
	modern bool
}

const (
	goodCall = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"alpha","arguments":{}META}}`
	betaCall = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"beta","arguments":{}META}}`
)

func base64Header(name string) func(http.Header) {
	return func(h http.Header) {
		h.Set("Mcp-Name", "=?base64?"+base64.StdEncoding.EncodeToString([]byte(name))+"?=")
	}
}

// bypasses are all the shapes that are known. Each was once a way past a check of scopes
// somewhere.
var bypasses = []bypass{
	{name: "beta by name", body: betaCall},
	{name: "PARAMS before params", body: strings.Replace(betaCall, `"params"`, `"PARAMS":{"name":"alpha"},"params"`, 1)},
	{name: "PARAMS behind params", body: strings.Replace(betaCall, `META}}`, `META},"PARAMS":{"name":"alpha"}}`, 1)},
	{name: "PARAMS with beta", body: strings.Replace(goodCall, `META}}`, `META},"PARAMS":{"name":"beta"}}`, 1)},
	{name: "Params alone", body: strings.Replace(betaCall, `"params"`, `"Params"`, 1)},
	{name: "params with a long s", body: strings.Replace(betaCall, `"params"`, `"param\u017f":{"name":"alpha"},"params"`, 1)},
	{name: "params twice", body: strings.Replace(betaCall, `"params"`, `"params":{"name":"alpha"},"params"`, 1)},
	{name: "params twice, by escapes", body: strings.Replace(betaCall, `"params"`, `"p\u0061rams":{"name":"alpha"},"params"`, 1)},
	{name: "params by escapes", body: strings.Replace(betaCall, `"params"`, `"p\u0061rams"`, 1), twin: strings.Replace(goodCall, `"params"`, `"p\u0061rams"`, 1)},
	{name: "a list of params", body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":["beta",{}]}`},
	{name: "params in text", body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":"{\"name\":\"beta\"}"}`},

	{name: "NAME beside name", body: strings.Replace(betaCall, `"name"`, `"NAME":"alpha","name"`, 1)},
	{name: "NAME with beta", body: strings.Replace(goodCall, `"name"`, `"NAME":"beta","name"`, 1)},
	{name: "name twice, beta first", body: strings.Replace(goodCall, `"name"`, `"name":"beta","name"`, 1)},
	{name: "name twice, beta last", body: strings.Replace(betaCall, `"name"`, `"name":"alpha","name"`, 1)},
	{name: "name twice, by escapes", body: strings.Replace(betaCall, `"name"`, `"n\u0061me":"alpha","name"`, 1)},
	{name: "name by escapes", body: strings.Replace(betaCall, `"name":"beta"`, `"\u006eame":"b\u0065ta"`, 1), twin: strings.Replace(goodCall, `"name":"alpha"`, `"\u006eame":"alph\u0061"`, 1)},
	{name: "a name in a list", body: strings.Replace(betaCall, `"beta"`, `["beta"]`, 1)},
	{name: "a name in an object", body: strings.Replace(betaCall, `"beta"`, `{"name":"beta"}`, 1)},
	{name: "no name, and beta in the arguments", body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"arguments":{"name":"beta"}META}}`, twin: strings.Replace(goodCall, `{}`, `{"name":"beta"}`, 1)},
	{name: "beta in the arguments' case", body: strings.Replace(betaCall, `{}`, `{"name":"alpha","Name":"alpha","PARAMS":{"name":"alpha"}}`, 1), twin: strings.Replace(goodCall, `{}`, `{"name":"beta","Name":"beta","NAME":"beta","params":{},"PARAMS":{"name":"beta"}}`, 1)},
	{name: "the name in another case", body: strings.Replace(betaCall, `"beta"`, `"BETA"`, 1)},
	{name: "the name with a space", body: strings.Replace(betaCall, `"beta"`, `"beta "`, 1)},
	{name: "the name with a zero byte", body: strings.Replace(betaCall, `"beta"`, `"beta\u0000"`, 1)},
	{name: "the name with a byte that is no UTF-8", body: strings.Replace(betaCall, `beta`, "beta\xff", 1)},
	{name: "the name with half a character", body: strings.Replace(betaCall, `beta`, `beta\ud800`, 1)},

	{name: "METHOD beside method", body: strings.Replace(betaCall, `"method"`, `"METHOD":"ping","method"`, 1)},
	{name: "Method with the call", body: `{"jsonrpc":"2.0","id":7,"method":"ping","Method":"tools/call","params":{"name":"beta"META}}`},
	{name: "method twice", body: strings.Replace(betaCall, `"method"`, `"method":"ping","method"`, 1)},
	{name: "method by escapes", body: strings.Replace(betaCall, `tools/call`, `tools\/c\u0061ll`, 1), twin: strings.Replace(goodCall, `tools/call`, `tools\/c\u0061ll`, 1)},
	{name: "method in another case", body: strings.Replace(betaCall, `tools/call`, `Tools/Call`, 1)},
	{name: "method with a space", body: strings.Replace(betaCall, `tools/call`, `tools/call `, 1)},
	{name: "ID beside id", body: strings.Replace(betaCall, `"id"`, `"ID":8,"id"`, 1)},
	{name: "a result beside the method", body: strings.Replace(betaCall, `"id"`, `"result":{},"id"`, 1)},
	{name: "an error beside the method", body: strings.Replace(betaCall, `"id"`, `"error":{"code":1,"message":"x"},"id"`, 1)},
	{name: "no id", body: strings.Replace(betaCall, `"id":7,`, ``, 1)},

	{name: "a batch", body: "[" + betaCall + "]"},
	{name: "a batch of two", body: "[" + goodCall + "," + betaCall + "]"},
	{name: "a batch without a version header", body: "[" + betaCall + "]", headers: func(h http.Header) { h.Del("Mcp-Protocol-Version") }},
	{name: "a second message behind", body: goodCall + betaCall},
	{name: "a second message in another line", body: goodCall + "\n" + betaCall + "\n"},
	{name: "a comma behind", body: goodCall + ","},
	{name: "a byte order mark", body: "\ufeff" + betaCall},
	{name: "in UTF-16", body: "\x00{\x00}" + betaCall},
	{name: "a comment", body: strings.Replace(goodCall, `"name":`, `/*"name":"beta",*/"name":`, 1)},
	{name: "deep down", body: strings.Repeat(`{"params":`, 70) + betaCall + strings.Repeat("}", 70)},

	{name: "Mcp-Name alpha", body: betaCall, headers: func(h http.Header) { h.Set("Mcp-Name", "alpha") }, modern: true},
	{name: "Mcp-Name beta, alpha in the body", body: goodCall, headers: func(h http.Header) { h.Set("Mcp-Name", "beta") }, modern: true},
	{name: "the name in Mcp-Name only", body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"arguments":{}META}}`, headers: func(h http.Header) { h.Set("Mcp-Name", "beta") }},
	{name: "Mcp-Name twice", body: betaCall, headers: func(h http.Header) { h["Mcp-Name"] = []string{"alpha", "beta"} }},
	{name: "Mcp-Name alpha in base64", body: betaCall, headers: base64Header("alpha"), twin: goodCall, twinHeaders: base64Header("alpha")},
	{name: "Mcp-Name beta in base64, alpha in the body", body: goodCall, headers: base64Header("beta"), modern: true},
	{name: "Mcp-Name missing", body: goodCall, headers: func(h http.Header) { h.Del("Mcp-Name") }, modern: true},
	{name: "Mcp-Method ping", body: betaCall, headers: func(h http.Header) { h.Set("Mcp-Method", "ping") }},
	{name: "Mcp-Method tools/list", body: goodCall, headers: func(h http.Header) { h.Set("Mcp-Method", "tools/list") }, modern: true},
	{name: "Mcp-Method twice", body: betaCall, headers: func(h http.Header) { h["Mcp-Method"] = []string{"tools/list", "tools/call"} }},
	{name: "no headers but the version's", body: betaCall, headers: func(h http.Header) { h.Del("Mcp-Name"); h.Del("Mcp-Method") }},
	{name: "the body's era, no header", body: betaCall, headers: func(h http.Header) { h.Del("Mcp-Protocol-Version") }, modern: true},
	{name: "the body's era, an older header", body: betaCall, headers: func(h http.Header) { h.Set("Mcp-Protocol-Version", "2025-11-25") }, modern: true},
	{name: "another way to say POST", body: betaCall, headers: func(h http.Header) { h.Set("X-Http-Method-Override", "GET") }},
	{name: "a scope in a header", body: betaCall, headers: func(h http.Header) { h.Set("X-Scope", "tool:beta") }},
	{name: "_meta in another case", body: strings.Replace(betaCall, `"name"`, `"_META":{},"name"`, 1)},
	{name: "the era's member in another case", body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"beta","_meta":{"io.modelcontextprotocol/ProtocolVersion":"2026-07-28"}}}`},
}

// loudInput has members whose names the protocol has elsewhere, and such that differ only
// in case: what stands in the arguments is the tool's own business.
type loudInput struct {
	Lower     string         `json:"name,omitempty"`
	Mixed     string         `json:"Name,omitempty"`
	Upper     string         `json:"NAME,omitempty"`
	Params    map[string]any `json:"params,omitempty"`
	LoudParam map[string]any `json:"PARAMS,omitempty"`
}

// bypassed has alpha and beta, which take such arguments.
func (r *rig) bypassed() *Generation {
	var list []tools.Tool
	for _, name := range []string{"alpha", "beta"} {
		list = append(list, tools.Define(name, tools.Options{Title: name, Description: "d"}, func(_ context.Context, _ tools.Caller, in loudInput) (loudInput, error) {
			*r.ran = append(*r.ran, name)
			return in, nil
		}))
	}
	return r.generationOf(2, list...)
}

// TestArgumentsMayDifferInCase: each arrives as it was sent.
func TestArgumentsMayDifferInCase(t *testing.T) {
	r := newRig(t)
	r.server.Install(r.bypassed())
	const arguments = `{"NAME":"c","Name":"b","PARAMS":{"name":"y"},"name":"a","params":{"NAME":"x","Name":"z"}}`
	for era, modern := range eras {
		a := answerOf(t, r.ask(modern, r.token("tool:alpha"), "tools/call", "alpha", `"name":"alpha","arguments":`+arguments))
		if got, err := json.Marshal(a.Result["structuredContent"]); err != nil || string(got) != arguments {
			t.Errorf("%s: %s, %v", era, got, err)
		}
	}
}

// TestBypasses: with a token for alpha, no shape makes beta run, nor alpha in its place,
// and the refusal is ours or the protocol's; its twin runs.
func TestBypasses(t *testing.T) {
	r := newRig(t)
	r.server.Install(r.bypassed())
	token := r.token("tool:alpha")
	for era, modern := range eras {
		session := ""
		if !modern {
			session = r.legacySession(token)
		}
		meta := byEra(modern, ","+modernMeta, "")
		send := func(body string, change func(http.Header)) (int, string) {
			*r.ran = nil
			req := with(token, strings.ReplaceAll(body, "META", meta))
			req.Header.Set("Mcp-Protocol-Version", byEra(modern, "2026-07-28", "2025-11-25"))
			req.Header.Set("Mcp-Method", "tools/call")
			req.Header.Set("Mcp-Name", byEra(strings.Contains(body, "beta") && !strings.Contains(body, "alpha"), "beta", "alpha"))
			if session != "" {
				req.Header.Set("Mcp-Session-Id", session)
			}
			if change != nil {
				change(req.Header)
			}
			w := r.serve(req)
			return w.Code, w.Body.String()
		}
		for _, tt := range bypasses {
			if tt.modern && !modern {
				continue
			}
			t.Run(era+" "+tt.name, func(t *testing.T) {
				status, answer := send(tt.body, tt.headers)
				if len(*r.ran) > 0 || !strings.Contains(answer, `"error"`) {
					t.Errorf("ran %q: %d %s", *r.ran, status, answer)
				}
				twin := tt.twin
				if twin == "" {
					twin = goodCall
				}
				if status, answer := send(twin, tt.twinHeaders); status != http.StatusOK || !slices.Equal(*r.ran, []string{"alpha"}) {
					t.Errorf("the twin: ran %q: %d %s", *r.ran, status, answer)
				}
			})
		}
	}
	if strings.Contains(r.logs.String(), "gate and protocol disagree") {
		t.Error("the gate let something pass that the protocol reads differently")
	}
}

// TestBypassesWithEveryScope: what is ambiguous is refused to those, too, who may use
// either reading.
func TestBypassesWithEveryScope(t *testing.T) {
	r := newRig(t)
	for _, tt := range bypasses {
		if tt.headers != nil || tt.twin != "" || tt.name == "beta by name" {
			continue // it is the caller's scopes that refuse these, or their headers
		}
		t.Run(tt.name, func(t *testing.T) {
			*r.ran = nil
			req := r.post(strings.ReplaceAll(tt.body, "META", ","+modernMeta))
			if w := r.serve(req); len(*r.ran) > 0 || !strings.Contains(w.Body.String(), `"error"`) {
				t.Errorf("ran %q: %d %s", *r.ran, w.Code, w.Body)
			}
		})
	}
}

// TestScopesAreThoseOfTheRequest: a session that was opened with more scopes gives none
// of them to a later request.
func TestScopesAreThoseOfTheRequest(t *testing.T) {
	r := newRig(t)
	session := r.legacySession(r.token("tool:alpha", "tool:beta"))
	for _, tt := range []struct {
		scope string
		want  int
	}{{"tool:alpha", http.StatusForbidden}, {"tool:beta", http.StatusOK}} {
		req := with(r.token(tt.scope), strings.ReplaceAll(betaCall, "META", ""))
		req.Header.Set("Mcp-Session-Id", session)
		if w := r.serve(req); w.Code != tt.want {
			t.Errorf("with %s: %d %s", tt.scope, w.Code, w.Body)
		}
	}
	if !slices.Equal(*r.ran, []string{"beta"}) {
		t.Errorf("ran %q", *r.ran)
	}
}
