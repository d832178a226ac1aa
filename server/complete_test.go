package server

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// TestCompletionTotals: of more than a client may be sent it is told that there are more,
// and of fewer how many they are. A total is never that of what was cut.
func TestCompletionTotals(t *testing.T) {
	r := newRig(t)
	proposing := func(name string, count int) tools.Prompt {
		return tools.NewPrompt(name, tools.PromptOptions{
			Title: name, Description: "Proposes.", Arguments: []*mcp.PromptArgument{{Name: "city"}},
			Complete: func(context.Context, tools.Caller, string, string, map[string]string) ([]string, error) {
				return slices.Repeat([]string{"Oslo"}, count), nil
			},
		}, nil)
	}
	prompts := []tools.Prompt{tools.PlanMeeting()}
	for _, count := range []int{0, 1, 100, 101, 250} {
		prompts = append(prompts, proposing(fmt.Sprint("proposes_", count), count))
	}
	var scopes []string
	for _, p := range prompts {
		scopes = append(scopes, p.Scopes()...)
	}
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With(prompts, nil))
	token := r.token(scopes...)
	for _, tt := range []struct {
		prompt, typed string
		values        int
		total, more   any // nil: it is not said
	}{
		{"proposes_0", "", 0, nil, nil},
		{"proposes_1", "", 1, 1.0, nil},
		{"proposes_100", "", 100, 100.0, nil},
		{"proposes_101", "", 100, nil, true},
		{"proposes_250", "", 100, nil, true},
		{"plan_meeting", "", 100, nil, true},
		{"plan_meeting", "s", 100, nil, true},
		{"plan_meeting", "Nair", 1, 1.0, nil},
	} {
		for era, modern := range eras {
			t.Run(tt.prompt+" "+tt.typed+" "+era, func(t *testing.T) {
				params := fmt.Sprintf(`"ref":{"type":"ref/prompt","name":%q},"argument":{"name":"city","value":%q}`, tt.prompt, tt.typed)
				a := answerOf(t, r.ask(modern, token, "completion/complete", "", params))
				if a.Error != nil {
					t.Fatalf("%+v", a.Error)
				}
				got := a.Result["completion"].(map[string]any)
				if values := got["values"].([]any); len(values) != tt.values || got["total"] != tt.total || got["hasMore"] != tt.more {
					t.Errorf("%d values, total %v, more %v, want %d, %v, %v", len(values), got["total"], got["hasMore"], tt.values, tt.total, tt.more)
				}
			})
		}
	}
}
