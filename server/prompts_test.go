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
