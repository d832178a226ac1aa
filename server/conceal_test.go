package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// httpAnswer is a whole answer, but for what is new in every one.
func httpAnswer(w *httptest.ResponseRecorder) string {
	var lines []string
	for name, values := range w.Header() {
		if name != "X-Request-Id" && name != "Date" {
			lines = append(lines, name+": "+strings.Join(values, " | "))
		}
	}
	slices.Sort(lines)
	return w.Result().Status + "\n" + strings.Join(lines, "\n") + "\n\n" + w.Body.String()
}

// concealing is a rig with a tool, a prompt and a resource that only admins know of.
// The tool has a parameter that stands in a header, too, which the SDK looks up by the
// name of the tool before any handler.
func concealing(t *testing.T, change ...func(*Options)) *rig {
	r := newRig(t, change...)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{{
		Tools: []string{"secret"}, Prompts: []string{"secret"}, Resources: []string{"x://secret"},
		AllOf: []string{"admin"}, Conceal: true,
	}}
	r.install(access, r.named("alpha", "secret").With(
		[]tools.Prompt{r.aPrompt("about"), r.aPrompt("secret")}, []tools.Resource{r.aResource("x://open"), r.aResource("x://secret")}))
	secret, _ := r.server.generation.Load().Tools.Get("secret")
	definition := secret.Definition()
	definition.InputSchema = json.RawMessage(`{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}`)
	r.server.mcp.AddTool(definition, r.server.callTool)
	return r
}

// concealedAsks are requests that name something, by what it is called.
var concealedAsks = []struct {
	name, method, uri, params string // of params, NAME is what is asked for
}{
	{"a call", "tools/call", "", `"name":"NAME","arguments":{"region":"eu"}`},
	{"a call without arguments", "tools/call", "", `"name":"NAME"`},
	{"a call with broken arguments", "tools/call", "", `"name":"NAME","arguments":5`},
	{"a prompt", "prompts/get", "", `"name":"NAME","arguments":{"city":"x"}`},
	{"a prompt without its argument", "prompts/get", "", `"name":"NAME"`},
	{"a resource", "resources/read", "x://", `"uri":"x://NAME"`},
	{"a subscription", "resources/subscribe", "", `"uri":"x://NAME"`},
	{"a completion for a prompt", "completion/complete", "", `"ref":{"type":"ref/prompt","name":"NAME"},"argument":{"name":"city","value":""}`},
	{"a completion of another argument", "completion/complete", "", `"ref":{"type":"ref/prompt","name":"NAME"},"argument":{"name":"x","value":""}`},
	{"a completion for a resource", "completion/complete", "", `"ref":{"type":"ref/resource","uri":"x://NAME"},"argument":{"name":"x","value":""}`},
}

// concealedHeaders are what can stand beside the body.
var concealedHeaders = map[string]func(h http.Header, uri, name string){
	"as it should be":   func(http.Header, string, string) {},
	"no name":           func(h http.Header, _, _ string) { h.Del("Mcp-Name") },
	"another name":      func(h http.Header, uri, _ string) { h.Set("Mcp-Name", uri+"alpha") },
	"the secret's name": func(h http.Header, uri, _ string) { h.Set("Mcp-Name", uri+"secret") },
	"base64": func(h http.Header, uri, name string) {
		h.Set("Mcp-Name", "=?base64?"+base64.StdEncoding.EncodeToString([]byte(uri+name))+"?=")
	},
	"broken base64":     func(h http.Header, _, _ string) { h.Set("Mcp-Name", "=?base64?!?=") },
	"no method":         func(h http.Header, _, _ string) { h.Del("Mcp-Method") },
	"another method":    func(h http.Header, _, _ string) { h.Set("Mcp-Method", "ping") },
	"the parameter":     func(h http.Header, _, _ string) { h.Set("Mcp-Param-Region", "eu") },
	"another parameter": func(h http.Header, _, _ string) { h.Set("Mcp-Param-Region", "us") },
	"a strange one":     func(h http.Header, _, _ string) { h.Set("Mcp-Param-Region", "=?base64?!?=") },
	"no Accept":         func(h http.Header, _, _ string) { h.Del("Accept") },
	"two names":         func(h http.Header, _, _ string) { h.Add("Mcp-Name", "secret") },
}

// TestConcealedIsUnknown: whatever is asked about what is concealed, the whole answer is
// the one to a name of the same length that means nothing.
func TestConcealedIsUnknown(t *testing.T) {
	sessions := concealing(t)
	for name, r := range map[string]*rig{
		"sessions":        sessions,
		"no sessions":     concealing(t, func(o *Options) { o.MCP.LegacySessions = false }),
		"required scopes": concealing(t, func(o *Options) { o.Auth.RequiredScopes = []string{"mcp"} }),
	} {
		t.Run(name, func(t *testing.T) {
			// With admin alone the required scope is missing, as it is without.
			callers := [][]string{{"tool:alpha"}, {"mcp", "tool:alpha"}, {"mcp"}}
			for _, scopes := range callers {
				token := r.token(append([]string{"other"}, scopes...)...)
				for era, modern := range eras {
					session := ""
					if !modern && name != "no sessions" && (name == "sessions" || scopes[0] == "mcp") {
						session = r.legacySession(token)
					}
					for _, ask := range concealedAsks {
						for headers, change := range concealedHeaders {
							send := func(called string) string {
								req := with(token, body(modern, ask.method, strings.ReplaceAll(ask.params, "NAME", called)))
								req.Header.Set("Mcp-Protocol-Version", byEra(modern, "2026-07-28", "2025-11-25"))
								if session != "" {
									req.Header.Set("Mcp-Session-Id", session)
								}
								req.Header.Set("Mcp-Method", ask.method)
								req.Header.Set("Mcp-Name", ask.uri+called)
								change(req.Header, ask.uri, called)
								return httpAnswer(r.serve(req))
							}
							if got, want := send("secret"), send("nobody"); got != want {
								t.Fatalf("%s, %s, headers: %s, scopes %q:\n%s\nand of what there is not:\n%s", era, ask.name, headers, scopes, got, want)
							}
						}
					}
				}
			}
			if len(*r.ran) > 0 {
				t.Errorf("ran %q", *r.ran)
			}
		})
	}
}

// TestConcealedIsThere is the twin: to an admin, all of it is.
func TestConcealedIsThere(t *testing.T) {
	r := concealing(t)
	token := r.token("admin")
	for era, modern := range eras {
		t.Run(era, func(t *testing.T) {
			for _, ask := range concealedAsks {
				if ask.method == "resources/subscribe" || strings.Contains(ask.name, "without its") || strings.Contains(ask.name, "another") || strings.Contains(ask.name, "broken") {
					continue
				}
				req := r.request(modern, token, body(modern, ask.method, strings.ReplaceAll(ask.params, "NAME", "secret")), ask.method, ask.uri+"secret")
				if strings.Contains(ask.params, "region") {
					req.Header.Set("Mcp-Param-Region", "eu")
				}
				if a := answerOf(t, r.serve(req)); a.Error != nil {
					t.Errorf("%s: %+v", ask.name, a.Error)
				}
			}
		})
	}
	if want := []string{"secret", "x://secret"}; !slices.Contains(*r.ran, want[0]) || !slices.Contains(*r.ran, want[1]) {
		t.Errorf("ran %q", *r.ran)
	}
}

// TestConcealedListsAreThoseWithoutIt: no list of a server that conceals something
// differs from that of one that does not have it.
func TestConcealedListsAreThoseWithoutIt(t *testing.T) {
	having, without := concealing(t), concealing(t)
	without.install(auth.DefaultAccessConfig(), without.named("alpha").With(
		[]tools.Prompt{without.aPrompt("about")}, []tools.Resource{without.aResource("x://open")}))
	for era, modern := range eras {
		for _, method := range []string{"tools/list", "prompts/list", "resources/list", "resources/templates/list"} {
			t.Run(era+" "+method, func(t *testing.T) {
				ask := func(r *rig) string {
					return httpAnswer(r.ask(modern, r.token("tool:alpha", "prompt:about"), method, "", ""))
				}
				if got, want := ask(having), ask(without); got != want || !strings.Contains(got, "200 OK") {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}
