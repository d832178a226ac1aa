package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth"
)

func TestExplainTool(t *testing.T) {
	roles := withField(explainClaims(), "scope", nil)
	expired := withField(explainClaims(), "exp", explainSeconds(-time.Hour))
	for _, tt := range []struct {
		name    string
		claims  jsonFields
		environ []string
		tool    string
		status  int
		want    []string // parts of the text
	}{
		{"allowed", explainClaims(), nil, "get_time", 0, []string{"tool    get_time: allowed by access.default (needs: tool:get_time)", "answer  accepted\n"}},
		{"denied", explainClaims(), nil, "get_weather", 1, []string{
			"tool    get_weather: denied by access.default, for it lacks tool:get_weather (needs: tool:get_weather)", `to the client "agent"`, "answer  403 insufficient_scope (reason scope)\n",
		}},
		{"denied to a token without a client", withField(withField(explainClaims(), "client_id", nil), "scope", nil), nil, "greet", 1, []string{"to its client, have the client ask"}},
		{"denied, where no client can ask for more", explainClaims(), []string{"MCPRS_AUTH_SCOPE_CLAIMS=permissions"}, "get_time", 1, []string{"get_time: denied by access.default", "no client can ask for what stands in permissions", "answer  403 JSON-RPC error -32003, final: there is no challenge (reason permission)\n"}},
		{"unknown", explainClaims(), nil, "get_tim", 1, []string{"tool    get_tim: unknown; no tool has that name; near it: get_time", "answer  400 JSON-RPC error -32602 (reason unknown_tool)\n"}},
		{"unknown, and like none", explainClaims(), nil, "frobnicate", 1, []string{"no tool has a name like that"}},
		{"unknown, with what a terminal obeys", explainClaims(), nil, "\x1b[2J", 1, []string{`\x1b[2J: unknown`}},
		{"switched off", explainClaims(), []string{"MCPRS_TOOLS_ENABLED=greet"}, "get_time", 1, []string{"switched off: add it to tools.enabled"}},
		{"required scopes as well", explainClaims(), []string{"MCPRS_AUTH_REQUIRED_SCOPES=base"}, "get_time", 1, []string{
			"for it lacks base (needs: base tool:get_time)", "hint    the token lacks base, which every request needs (auth.required_scopes)",
		}},
		{"unknown, to one who may do nothing", explainClaims(), []string{"MCPRS_AUTH_REQUIRED_SCOPES=base"}, "frobnicate", 1, []string{"frobnicate: unknown", "answer  403 insufficient_scope"}},
		{"any caller may", roles, []string{"MCPRS_ACCESS_DEFAULT=authenticated"}, "get_time", 0, []string{"get_time: allowed by access.default (needs: no scope)"}},
		{"no scope at all", roles, nil, "get_time", 1, []string{"hint    the token is good for no tool at all"}},
		{"refused token", expired, nil, "get_time", 1, []string{"get_time: not judged; the token is refused before the tool is looked at (needs: tool:get_time)", "answer  401 invalid_token (reason expired)\n"}},
		{"refused token, unknown tool", expired, nil, "nothing", 1, []string{"nothing: unknown", "answer  401 invalid_token (reason expired)\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environ := append(slices.Clone(explainEnviron), tt.environ...)
			status, stdout, stderr := explain(t, environ, explainToken(t, explainHeader(), tt.claims), explainOffline(t, "--tool", tt.tool)...)
			oneLine := strings.Join(strings.Fields(stdout), " ")
			for _, want := range tt.want {
				if !strings.Contains(stdout, want) && !strings.Contains(oneLine, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("%q is missing:\n%s", want, stdout)
				}
			}
			if strings.Contains(stdout, "the token alone") {
				t.Errorf("nothing is around the token:\n%s", stdout)
			}
			if status != tt.status || (stderr != "") != (tt.status == 1) {
				t.Errorf("status %d, %q\n%s", status, stderr, stdout)
			}
		})
	}
}

// A static token works as in serve, and its scopes come from the file.
func TestExplainStaticToken(t *testing.T) {
	token, entry, err := auth.NewStaticToken("ci", []string{"tool:greet"}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	environ := append(slices.Clone(explainEnviron), "MCPRS_AUTH_STATIC_TOKENS_FILE="+explainFile(t, entry))
	if status, stdout, stderr := explain(t, environ, token, "--tool", "greet"); status != 0 || !strings.Contains(stdout, `the token "ci"`) || strings.Contains(stdout, token[6:18]) {
		t.Errorf("status %d, %s\n%s", status, stderr, stdout)
	}
	status, stdout, _ := explain(t, environ, token, "--tool", "get_time")
	if oneLine := strings.Join(strings.Fields(stdout), " "); status != 1 || !strings.Contains(oneLine, `add tool:get_time to the scopes of "ci" in auth.static_tokens_file`) {
		t.Errorf("status %d\n%s", status, stdout)
	}
	if status, stdout, _ := explain(t, explainEnviron, token); status != 1 || !strings.Contains(stdout, "a static token, and there are none here") {
		t.Errorf("status %d\n%s", status, stdout)
	}
}
