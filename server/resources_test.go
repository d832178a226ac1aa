package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// TestResources: what resources/read answers, in both eras.
func TestResources(t *testing.T) {
	r := newRig(t)
	broken := tools.NewResource("x://broken", tools.ResourceOptions{Name: "n", Title: "t", Description: "d", MIMEType: "text/plain"},
		func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
			return nil, errors.New("10.0.0.5 refused")
		})
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With(nil, []tools.Resource{r.aResource("x://doc"), r.aResource("x://paid", "paid"), broken}))
	token := r.token("tool:alpha")
	for era, modern := range eras {
		t.Run(era, func(t *testing.T) {
			read := func(uri string) answer {
				return answerOf(t, r.ask(modern, token, "resources/read", uri, `"uri":"`+uri+`"`))
			}
			good := read("x://doc")
			contents, ok := good.Result["contents"].([]any)
			if !ok || contents[0].(map[string]any)["text"] != "text of x://doc" || contents[0].(map[string]any)["uri"] != "x://doc" || good.Result["cacheScope"] != "private" {
				t.Errorf("read: %+v", good)
			}
			missing := byEra[int64](modern, -32602, -32002)
			for _, uri := range []string{"x://nonesuch", "x://DOC", "X://doc", "x://doc/", "x://doc?", "x:doc"} {
				wantError(t, r.ask(modern, token, "resources/read", uri, `"uri":"`+uri+`"`), byEra(modern, http.StatusBadRequest, http.StatusOK), missing, "unknown resource")
			}
			if a := read("x://broken"); a.Error == nil || a.Error.Code != -32603 || a.Error.Message != "internal error" {
				t.Errorf("broken: %+v", a)
			}
			if w := r.ask(modern, token, "resources/read", "x://paid", `"uri":"x://paid"`); w.Code != http.StatusForbidden {
				t.Errorf("without its scope: %d %s", w.Code, w.Body)
			}
			if a := answerOf(t, r.ask(modern, token, "completion/complete", "", `"ref":{"type":"ref/resource","uri":"x://doc"},"argument":{"name":"a","value":""}`)); a.Error == nil || a.Error.Code != -32601 {
				t.Errorf("completion without a prompt that has any: %+v", a)
			}
		})
	}
	if !strings.Contains(r.logs.String(), "10.0.0.5 refused") {
		t.Error("the cause is not in the log")
	}
	// A resource has no completions of its own where a prompt has some.
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aResource("x://doc")}))
	for _, modern := range eras {
		a := answerOf(t, r.ask(modern, token, "completion/complete", "", `"ref":{"type":"ref/resource","uri":"x://doc"},"argument":{"name":"a","value":""}`))
		if a.Error != nil || len(a.Result["completion"].(map[string]any)["values"].([]any)) != 0 {
			t.Errorf("completion of a resource: %+v", a)
		}
	}
}

// TestDocsToolsIsFiltered: docs://tools holds the tools that the list shows to its
// caller, with what each needs, and nothing of any other.
func TestDocsToolsIsFiltered(t *testing.T) {
	r := newRig(t)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{
		{Tools: []string{"secret"}, AllOf: []string{"admin"}, Conceal: true},
		{Tools: []string{"beta"}, AllOf: []string{"base"}, AnyOf: []string{"one", "two"}},
	}
	own := tools.Everything(tools.DefaultConfig(), tools.Deps{})
	set := r.named("alpha", "beta", "secret").With(own.Prompts, own.Resources)
	read := func(modern bool, scopes ...string) string {
		a := answerOf(t, r.ask(modern, r.token(scopes...), "resources/read", "docs://tools", `"uri":"docs://tools"`))
		if a.Error != nil {
			t.Fatalf("%+v", a.Error)
		}
		return a.Result["contents"].([]any)[0].(map[string]any)["text"].(string)
	}
	for _, tt := range []struct {
		name, list string
		scopes     []string
		want, not  []string
	}{
		{"one tool", auth.ListPermitted, []string{"tool:alpha"}, []string{"## alpha\n", "- Scopes: `tool:alpha`\n"}, []string{"beta", "secret", "admin"}},
		{"none", auth.ListPermitted, []string{"other"}, []string{"There is none"}, []string{"alpha", "beta", "secret", "admin"}},
		{"the concealed one, to whom it is not", auth.ListPermitted, []string{"admin"}, []string{"## secret\n", "`admin`"}, []string{"alpha", "beta"}},
		{"all that can be asked for", auth.ListAll, []string{"tool:alpha"}, []string{"## alpha\n", "## beta\n", "- Scopes: `base`, and one of `one` or `two`\n"}, []string{"secret", "admin"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			access.List = tt.list
			r.install(access, set)
			for _, modern := range eras {
				got := read(modern, tt.scopes...)
				for _, text := range tt.want {
					if !strings.Contains(got, text) {
						t.Errorf("%q is missing in\n%s", text, got)
					}
				}
				for _, text := range tt.not {
					if strings.Contains(got, text) {
						t.Errorf("%q stands in\n%s", text, got)
					}
				}
			}
		})
	}
}

// TestRegistryIsKeptInStep: a client is told of a list that changed, and of no other.
func TestRegistryIsKeptInStep(t *testing.T) {
	r := &rig{ran: &[]string{}}
	type thing = tools.Prompt
	keep := func(was, is []thing, anyway bool) (log []string) {
		keepInStep(was, is, anyway, func(names ...string) { log = append(log, "-"+strings.Join(names, "-")) }, func(p *mcp.Prompt) {
			log = append(log, "+"+p.Name)
		})
		return log
	}
	a, b, c := r.aPrompt("a"), r.aPrompt("b"), r.aPrompt("c")
	changed := tools.NewPrompt("b", tools.PromptOptions{Title: "another", Description: "d"}, nil)
	for _, tt := range []struct {
		name    string
		was, is []thing
		anyway  bool
		want    string
	}{
		{"nothing", nil, nil, false, ""},
		{"nothing, by other rules", nil, nil, true, ""},
		{"the first", nil, []thing{a, b}, false, "+a +b"},
		{"the same", []thing{a, b}, []thing{a, b}, false, ""},
		{"the same, by other rules", []thing{a, b}, []thing{a, b}, true, "+a"},
		{"one differs", []thing{a, b}, []thing{a, changed}, false, "+b"},
		{"one differs, by other rules", []thing{a, b}, []thing{a, changed}, true, "+b"},
		{"one is gone, one is new", []thing{a, b}, []thing{b, c}, false, "-a +c"},
		{"all are gone", []thing{b, a}, nil, false, "-a-b"},
		{"all are gone, by other rules", []thing{b, a}, nil, true, "-a-b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(keep(tt.was, tt.is, tt.anyway), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
