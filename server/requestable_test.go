package server

import (
	"net/http"
	"slices"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// TestRequestable: what a caller lacks scopes for is not listed, and asking for it is
// answered with all that it takes: one challenge, and a JSON-RPC error with the id.
func TestRequestable(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Auth.RequiredScopes = []string{"mcp"} })
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{{Tools: []string{"beta"}, AllOf: []string{"b:read", "b:write"}, AnyOf: []string{"b:eu", "b:us"}}}
	r.install(access, r.named("alpha", "beta").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aResource("x://paid", "paid", "paid:read")}))
	metadata := `resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp"`
	asks := []struct {
		name, method, header, params, scopes string
		needs                                []string
	}{
		{"a tool", "tools/call", "beta", `"name":"beta"`, "mcp b:read b:write b:eu", []string{"mcp", "b:read", "b:write", "b:eu"}},
		{"a prompt", "prompts/get", "about", `"name":"about","arguments":{"city":"x"}`, "mcp prompt:about", []string{"mcp", "prompt:about"}},
		{"its completion", "completion/complete", "", `"ref":{"type":"ref/prompt","name":"about"},"argument":{"name":"city","value":""}`, "mcp prompt:about", []string{"mcp", "prompt:about"}},
		{"a resource", "resources/read", "x://paid", `"uri":"x://paid"`, "mcp paid paid:read", []string{"mcp", "paid", "paid:read"}},
	}
	for era, modern := range eras {
		for _, ask := range asks {
			t.Run(era+" "+ask.name, func(t *testing.T) {
				*r.ran = nil
				// One of them is held, and named all the same.
				token := r.token(ask.needs[:1]...)
				w := r.ask(modern, token, ask.method, ask.header, ask.params)
				wantError(t, w, http.StatusForbidden, codeForbidden, "insufficient scope: this operation needs "+ask.scopes+
					"; request these scopes, or have an administrator grant them to the client")
				if got, want := w.Header().Values("WWW-Authenticate"), []string{
					`Bearer error="insufficient_scope", error_description="the access token lacks a scope that this operation needs", scope="` + ask.scopes + `", ` + metadata,
				}; !slices.Equal(got, want) {
					t.Errorf("challenge %q, want %q", got, want)
				}
				if len(*r.ran) > 0 {
					t.Errorf("ran %q", *r.ran)
				}
				if a := answerOf(t, r.ask(modern, r.token(ask.needs...), ask.method, ask.header, ask.params)); a.Error != nil {
					t.Errorf("with all that it names: %+v", a.Error)
				}
			})
		}
		for method, want := range map[string][]string{"tools/list": {"beta"}, "prompts/list": nil, "resources/list": nil} {
			if got, _ := r.listed(modern, r.token("mcp", "b:read", "b:write", "b:us"), method, ""); !slices.Equal(got, want) {
				t.Errorf("%s %s: %q, want %q", era, method, got, want)
			}
		}
	}
}
