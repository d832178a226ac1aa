package server

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// aWatched is a resource whose changes the test makes.
func (r *rig) aWatched(uri string, changes <-chan struct{}, scopes ...string) tools.Resource {
	return tools.NewResource(uri, tools.ResourceOptions{
		Name: "doc", Title: "A document", Description: "It changes.", MIMEType: "text/plain", Scopes: scopes,
		Watch: func(ctx context.Context, changed func()) {
			for {
				select {
				case <-ctx.Done():
					return
				case <-changes:
					changed()
				}
			}
		},
	}, func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
		return &mcp.ResourceContents{Text: "text of " + uri}, nil
	})
}

// aTemplate is one whose documents say what they were asked for as.
func (r *rig) aTemplate(uriTemplate string, scopes ...string) tools.Template {
	return tools.NewTemplate(uriTemplate, tools.ResourceOptions{
		Name: uriTemplate, Title: "Documents", Description: "They say what they are.", MIMEType: "text/plain", Scopes: scopes,
	}, func(_ context.Context, _ tools.Caller, uri string, values map[string]string) (*mcp.ResourceContents, error) {
		*r.ran = append(*r.ran, uri)
		return &mcp.ResourceContents{Text: uriTemplate + " with " + values["id"]}, nil
	})
}

// TestNothingOfAKind: what there is none of does not exist, in the very words for a
// method that nobody has heard of.
func TestNothingOfAKind(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha", "prompt:about")
	params := map[string]string{
		"prompts/get": `"name":"about"`, "resources/read": `"uri":"x://y"`, "resources/subscribe": `"uri":"x://y"`, "resources/unsubscribe": `"uri":"x://y"`,
		"completion/complete": `"ref":{"type":"ref/prompt","name":"about"},"argument":{"name":"city","value":""}`,
	}
	methods := []string{
		"prompts/list", "prompts/get", "resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe",
		"completion/complete", "tasks/list",
	}
	for era, modern := range eras {
		t.Run(era, func(t *testing.T) {
			want := r.ask(modern, token, "nobody/knows", "", "")
			wantError(t, want, byEra(modern, 404, 200), -32601, "method not found")
			for _, method := range methods {
				if got := r.ask(modern, token, method, "", params[method]); httpAnswer(got) != httpAnswer(want) {
					t.Errorf("%s: %s\nwant %s", method, httpAnswer(got), httpAnswer(want))
				}
			}
		})
	}
	// The twins: with some of the kind they are answered.
	prompts := []tools.Prompt{r.aPrompt("about")}
	for name, tt := range map[string]struct {
		set      tools.Set
		answered map[string]bool // whether in the older versions alone
	}{
		"a resource":         {r.named("alpha").With(prompts, []tools.Resource{r.aResource("x://y")}), map[string]bool{"prompts/list": false, "prompts/get": false, "resources/list": false, "resources/templates/list": false, "resources/read": false, "completion/complete": false}},
		"a template":         {r.named("alpha").WithTemplates([]tools.Template{r.aTemplate("x://{id}")}), map[string]bool{"resources/list": false, "resources/templates/list": false, "resources/read": false}},
		"a watched resource": {r.named("alpha").With(nil, []tools.Resource{r.aWatched("x://y", nil)}), map[string]bool{"resources/subscribe": true, "resources/unsubscribe": true, "resources/read": false}},
	} {
		t.Run(name, func(t *testing.T) {
			r.install(auth.DefaultAccessConfig(), tt.set)
			for _, modern := range eras {
				for method, legacyAlone := range tt.answered {
					target := map[string]string{"resources/read": "x://y", "prompts/get": "about"}[method]
					p := params[method]
					if method == "prompts/get" {
						p += `,"arguments":{"city":"Oslo"}`
					}
					got := answerOf(t, r.ask(modern, token, method, target, p))
					if refused := got.Error != nil && got.Error.Code == -32601; refused != (modern && legacyAlone) || (got.Error != nil) != refused {
						t.Errorf("%s, modern %v: %+v", method, modern, got.Error)
					}
				}
			}
		})
	}
}

// TestCapabilities: what is advertised is what there is, now.
func TestCapabilities(t *testing.T) {
	r := newRig(t)
	alone := newRig(t, func(o *Options) { o.MCP.LegacySessions = false })
	token := r.token("tool:alpha")
	advertised := func(r *rig, modern bool) string {
		var a answer
		if modern {
			a = answerOf(t, r.ask(true, token, "server/discover", "", ""))
		} else {
			a = answerOf(t, r.serve(with(token, initialize)))
		}
		text, err := json.Marshal(a.Result["capabilities"])
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	mute := tools.NewPrompt("mute", tools.PromptOptions{Title: "t", Description: "d"}, nil)
	set := r.named("alpha")
	const toolsOnly = `{"logging":{},"tools":{"listChanged":true}}`
	for _, tt := range []struct {
		name        string
		set         tools.Set
		want, alone string // alone: what a request of the older versions is told that stands alone
	}{
		{"tools", set, toolsOnly, `{"tools":{}}`},
		{"a prompt that proposes nothing", set.With([]tools.Prompt{mute}, nil), `{"logging":{},"prompts":{"listChanged":true},"tools":{"listChanged":true}}`, `{"prompts":{},"tools":{}}`},
		{"one that does", set.With([]tools.Prompt{r.aPrompt("about")}, nil), `{"completions":{},"logging":{},"prompts":{"listChanged":true},"tools":{"listChanged":true}}`, `{"completions":{},"prompts":{},"tools":{}}`},
		{"a resource", set.With(nil, []tools.Resource{r.aResource("x://y")}), `{"logging":{},"resources":{"listChanged":true},"tools":{"listChanged":true}}`, `{"resources":{},"tools":{}}`},
		{"a watched one", set.With(nil, []tools.Resource{r.aWatched("x://y", nil)}), `{"logging":{},"resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}}`, `{"resources":{},"tools":{}}`},
		{"a template", set.WithTemplates([]tools.Template{r.aTemplate("x://{id}")}), `{"logging":{},"resources":{"listChanged":true},"tools":{"listChanged":true}}`, `{"resources":{},"tools":{}}`},
		{"tools again", set, toolsOnly, `{"tools":{}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.install(auth.DefaultAccessConfig(), tt.set)
			alone.install(auth.DefaultAccessConfig(), tt.set)
			for _, modern := range eras {
				if got := advertised(r, modern); got != tt.want {
					t.Errorf("modern %v: %s, want %s", modern, got, tt.want)
				}
				if got, want := advertised(alone, modern), byEra(modern, tt.want, tt.alone); got != want {
					t.Errorf("without sessions, modern %v: %s, want %s", modern, got, want)
				}
			}
		})
	}
}

// TestNothingOutlastsALoneRequest: without a session, what would have to be remembered
// is no method, although there is something to subscribe to.
func TestNothingOutlastsALoneRequest(t *testing.T) {
	for name, sessions := range map[string]bool{"alone": false, "in a session": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.MCP.LegacySessions = sessions })
			r.install(auth.DefaultAccessConfig(), r.named("alpha").With(nil, []tools.Resource{r.aWatched("x://y", nil)}))
			token := r.token("other")
			id := ""
			if sessions {
				id = r.legacySession(token)
			}
			for method, params := range map[string]string{"resources/subscribe": `"uri":"x://y"`, "resources/unsubscribe": `"uri":"x://y"`, "logging/setLevel": `"level":"info"`} {
				req := with(token, body(false, method, params))
				req.Header.Set("Mcp-Protocol-Version", "2025-11-25")
				if id != "" {
					req.Header.Set("Mcp-Session-Id", id)
				}
				w := r.serve(req)
				// The SDK says which method it is.
				if a := answerOf(t, w); (a.Error == nil) != sessions || !sessions && a.Error.Code != -32601 {
					t.Errorf("%s: %+v", method, a.Error)
				}
			}
		})
	}
}

// TestCacheHints: whatever says how long it may be kept says that it is one caller's.
func TestCacheHints(t *testing.T) {
	r := newRig(t)
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aResource("x://y")}).
		WithTemplates([]tools.Template{r.aTemplate("x://t/{id}")}))
	token := r.token("tool:alpha", "prompt:about")
	for _, tt := range []struct{ method, name, params string }{
		{"tools/list", "", ""},
		{"prompts/list", "", ""},
		{"resources/list", "", ""},
		{"resources/templates/list", "", ""},
		{"resources/read", "x://y", `"uri":"x://y"`},
		{"resources/read", "x://t/1", `"uri":"x://t/1"`},
		{"server/discover", "", ""},
	} {
		t.Run(tt.method+" "+tt.name, func(t *testing.T) {
			a := answerOf(t, r.ask(true, token, tt.method, tt.name, tt.params))
			if a.Error != nil || a.Result["cacheScope"] != "private" || a.Result["ttlMs"] != 0.0 {
				t.Errorf("%+v", a)
			}
		})
	}
}
