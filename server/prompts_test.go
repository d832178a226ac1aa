package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// TestPrompts: what the prompt methods answer, in both eras.
func TestPrompts(t *testing.T) {
	r := newRig(t)
	broken := tools.NewPrompt("broken", tools.PromptOptions{Title: "t", Description: "d"}, func(context.Context, tools.Caller, map[string]string) (*mcp.GetPromptResult, error) {
		return nil, errors.New("10.0.0.5 refused")
	})
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With([]tools.Prompt{r.aPrompt("about"), r.aPrompt("hidden"), broken}, nil))
	token := r.token("prompt:about", "prompt:broken")
	for era, modern := range eras {
		invalid := byEra(modern, http.StatusBadRequest, http.StatusOK)
		get := func(name, arguments string) (string, string, string) {
			return "prompts/get", name, `"name":"` + name + `","arguments":` + arguments
		}
		t.Run(era, func(t *testing.T) {
			ask := func(method, name, params string) answer {
				return answerOf(t, r.ask(modern, token, method, name, params))
			}
			if got := ask("prompts/list", "", "").Result["prompts"].([]any); len(got) != 2 || got[0].(map[string]any)["name"] != "about" {
				t.Errorf("list: %v", got)
			}
			if got := ask(get("about", `{"city":"Oslo"}`)); got.Error != nil || !strings.Contains(got.Result["messages"].([]any)[0].(map[string]any)["content"].(map[string]any)["text"].(string), "About Oslo") {
				t.Errorf("get: %+v", got)
			}
			for _, tt := range []struct {
				name, arguments string
				status          int
				code            int64
				text            string
			}{
				{"about", `{}`, invalid, -32602, "an argument that the prompt requires is missing"},
				{"about", `{"city":"x","evil":"y"}`, invalid, -32602, "the prompt has no such argument"},
				{"broken", `{}`, 200, -32603, "internal error"},
				{"nonesuch", `{}`, invalid, -32602, "unknown prompt"},
			} {
				m, n, p := get(tt.name, tt.arguments)
				wantError(t, r.ask(modern, token, m, n, p), tt.status, tt.code, tt.text)
			}
			if m, n, p := get("hidden", `{"city":"x"}`); r.ask(modern, token, m, n, p).Code != http.StatusForbidden {
				t.Error("a prompt without its scope is not refused")
			}

			complete := `"ref":{"type":"ref/prompt","name":"about"},"argument":{"name":"city","value":"Os"}`
			if got := ask("completion/complete", "", complete).Result["completion"].(map[string]any)["values"].([]any); !slices.Equal(got, []any{"Oslo"}) {
				t.Errorf("completion: %v", got)
			}
			wantError(t, r.ask(modern, token, "completion/complete", "", strings.Replace(complete, `"city"`, `"evil"`, 1)), invalid, -32602, "the prompt has no such argument")
			wantError(t, r.ask(modern, token, "completion/complete", "", strings.Replace(complete, `"about"`, `"nonesuch"`, 1)), invalid, -32602, "unknown prompt")
		})
	}
	if !strings.Contains(r.logs.String(), "10.0.0.5 refused") {
		t.Error("the cause is not in the log")
	}
}

// TestNothingOfAKind: what there is none of does not exist, in the very words for a
// method that nobody has heard of.
func TestNothingOfAKind(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha", "prompt:about")
	params := map[string]string{
		"prompts/get": `"name":"about"`, "resources/read": `"uri":"x://y"`, "resources/subscribe": `"uri":"x://y"`, "resources/unsubscribe": `"uri":"x://y"`,
		"completion/complete": `"ref":{"type":"ref/prompt","name":"about"},"argument":{"name":"city","value":""}`, "logging/setLevel": `"level":"info"`,
	}
	for era, modern := range eras {
		t.Run(era, func(t *testing.T) {
			want := r.ask(modern, token, "nobody/knows", "", "")
			wantError(t, want, byEra(modern, 404, 200), -32601, "method not found")
			for _, method := range []string{"prompts/list", "prompts/get", "resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe", "completion/complete", "logging/setLevel", "tasks/list"} {
				if got := r.ask(modern, token, method, "", params[method]); httpAnswer(got) != httpAnswer(want) {
					t.Errorf("%s: %s\nwant %s", method, httpAnswer(got), httpAnswer(want))
				}
			}
		})
	}
	// The twin: with some of the kind they are answered.
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aResource("x://y")}))
	for _, modern := range eras {
		for _, method := range []string{"prompts/list", "resources/list", "resources/templates/list", "resources/read", "completion/complete"} {
			name := ""
			if method == "resources/read" {
				name = "x://y"
			}
			if got := answerOf(t, r.ask(modern, token, method, name, params[method])); got.Error != nil {
				t.Errorf("%s, modern %v: %+v", method, modern, got.Error)
			}
		}
	}
}

// TestCapabilities: what is advertised is what there is, now.
func TestCapabilities(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha")
	advertised := func(modern bool) (names []string) {
		var a answer
		if modern {
			a = answerOf(t, r.ask(true, token, "server/discover", "", ""))
		} else {
			a = answerOf(t, r.serve(with(token, initialize)))
		}
		for name := range a.Result["capabilities"].(map[string]any) {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	mute := tools.NewPrompt("mute", tools.PromptOptions{Title: "t", Description: "d"}, nil)
	set := r.named("alpha")
	for _, tt := range []struct {
		name string
		set  tools.Set
		want []string
	}{
		{"tools", set, []string{"tools"}},
		{"a prompt that proposes nothing", set.With([]tools.Prompt{mute}, nil), []string{"prompts", "tools"}},
		{"one that does", set.With([]tools.Prompt{r.aPrompt("about")}, nil), []string{"completions", "prompts", "tools"}},
		{"a resource", set.With(nil, []tools.Resource{r.aResource("x://y")}), []string{"resources", "tools"}},
		{"tools again", set, []string{"tools"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.install(auth.DefaultAccessConfig(), tt.set)
			for _, modern := range eras {
				if got := advertised(modern); !slices.Equal(got, tt.want) {
					t.Errorf("modern %v: %q, want %q", modern, got, tt.want)
				}
			}
		})
	}
}
