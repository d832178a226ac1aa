package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// explainTable is an access table with a rule of each kind.
const explainTable = `access:
  rules:
    - tools: [get_weather]
      all_of: [weather:read]
      conceal: true
    - tools: [get_time]
      all_of: [time:read]
      any_of: [level:two, level:one]
    - methods: [initialize, server/discover]
      all_of: [mcp:open]
    - tools: [whoami]
      authenticated: true
  implies:
    - scope: level:three
      grants: [level:two]
    - scope: admin
      grants: [level:three, time:read]
`

func TestExplainAccessTable(t *testing.T) {
	scope := func(s string) jsonFields { return withField(explainClaims(), "scope", s) }
	permissions := func(list ...string) jsonFields {
		return withField(explainClaims(), "permissions", list)
	}
	assigned := []string{"MCPRS_AUTH_SCOPE_CLAIMS=permissions"}
	const refused = "mcp-server: the tool cannot be called with this token "
	for _, tt := range []struct {
		name    string
		claims  jsonFields
		environ []string
		tool    string
		stderr  string
		want    []string // parts of the text
		tells   explainTool
		answer  explainAnswer
	}{
		{
			"concealed", scope("tool:greet"), nil, "get_weather", refused + "(concealed)\n",
			[]string{"tool get_weather: concealed by access.rules[0]: the caller is told that there is no such tool; it lacks weather:read (needs: weather:read); have an administrator"},
			explainTool{Verdict: verdictConcealed, Rule: "access.rules[0]", Needs: []string{"weather:read"}, Missing: []string{"weather:read"}},
			explainAnswer{Status: 400, Error: "JSON-RPC error -32602", Reason: verdictConcealed},
		},
		{
			"concealed, and assigned by somebody", permissions("tool:greet"), assigned, "get_weather", refused + "(concealed)\n",
			[]string{"no such tool; it lacks weather:read (needs: weather:read); have an administrator of https://tenant.eu.auth0.com/ assign weather:read to the user"},
			explainTool{Verdict: verdictConcealed, Rule: "access.rules[0]", Needs: []string{"weather:read"}, Missing: []string{"weather:read"}},
			explainAnswer{Status: 400, Error: "JSON-RPC error -32602", Reason: verdictConcealed},
		},
		{
			"concealed, and not even what every request needs", scope("weather:read"),
			[]string{"MCPRS_AUTH_REQUIRED_SCOPES=base"},
			"get_weather", refused + "(concealed)\n",
			[]string{"concealed by access.rules[0]: the caller is told that it lacks base, and no more; it lacks base (needs: base weather:read)"},
			explainTool{Verdict: verdictConcealed, Rule: "access.rules[0]", Needs: []string{"base", "weather:read"}, Missing: []string{"base"}},
			explainAnswer{Status: 403, Error: "insufficient_scope", Reason: verdictConcealed, Scope: "base"},
		},
		{
			"not concealed from one who may", scope("weather:read"), nil, "get_weather", "",
			[]string{"tool get_weather: allowed by access.rules[0] (needs: weather:read) answer accepted"},
			explainTool{Verdict: verdictAllowed, Rule: "access.rules[0]", Needs: []string{"weather:read"}},
			explainAnswer{Status: 200},
		},
		{
			"none of the alternatives", scope("time:read"), nil, "get_time", refused + "(scope)\n",
			[]string{"denied by access.rules[1], for it lacks level:two (needs: time:read, and one of level:two level:one); ", "answer 403 insufficient_scope (reason scope)"},
			explainTool{Verdict: verdictDenied, Rule: "access.rules[1]", Needs: []string{"time:read"}, AnyOf: []string{"level:two", "level:one"}, Missing: []string{"level:two"}},
			explainAnswer{Status: 403, Error: "insufficient_scope", Reason: "scope", Scope: "time:read level:two"},
		},
		{
			"an alternative", scope("time:read level:one"), nil, "get_time", "",
			[]string{"allowed by access.rules[1] (needs: time:read, and one of level:two level:one)"},
			explainTool{Verdict: verdictAllowed, Rule: "access.rules[1]", Needs: []string{"time:read"}, AnyOf: []string{"level:two", "level:one"}},
			explainAnswer{Status: 200},
		},
		{
			"through another scope", scope("time:read level:three"), nil, "get_time", "",
			[]string{"(needs: time:read, and one of level:two level:one; level:two is held through level:three)"},
			explainTool{
				Verdict: verdictAllowed, Rule: "access.rules[1]", Needs: []string{"time:read"}, AnyOf: []string{"level:two", "level:one"},
				Through: map[string]string{"level:two": "level:three"},
			},
			explainAnswer{Status: 200},
		},
		{
			"through another, from further up", scope("admin"), nil, "get_time", "",
			[]string{"; level:two is held through admin; time:read is held through admin)"},
			explainTool{
				Verdict: verdictAllowed, Rule: "access.rules[1]", Needs: []string{"time:read"}, AnyOf: []string{"level:two", "level:one"},
				Through: map[string]string{"level:two": "admin", "time:read": "admin"},
			},
			explainAnswer{Status: 200},
		},
		{
			"a part through another", scope("level:three"), nil, "get_time", refused + "(scope)\n",
			[]string{"for it lacks time:read (needs: time:read, and one of level:two level:one; level:two is held through level:three); "},
			explainTool{
				Verdict: verdictDenied, Rule: "access.rules[1]", Needs: []string{"time:read"}, AnyOf: []string{"level:two", "level:one"},
				Missing: []string{"time:read"}, Through: map[string]string{"level:two": "level:three"},
			},
			explainAnswer{Status: 403, Error: "insufficient_scope", Reason: "scope", Scope: "time:read level:three"},
		},
		{
			"final", permissions("level:one"), assigned, "get_time", refused + "(permission)\n",
			[]string{"denied by access.rules[1], for it lacks time:read ", "no client can ask for what stands in permissions", "answer 403 JSON-RPC error -32003, final: there is no challenge (reason permission)"},
			explainTool{Verdict: verdictDenied, Rule: "access.rules[1]", Needs: []string{"time:read"}, AnyOf: []string{"level:two", "level:one"}, Missing: []string{"time:read"}},
			explainAnswer{Status: 403, Error: "JSON-RPC error -32003", Reason: "permission", Final: true},
		},
		{
			"any token", scope("x"), nil, "whoami", "",
			[]string{"whoami: allowed by access.rules[3] (needs: no scope)"},
			explainTool{Verdict: verdictAllowed, Rule: "access.rules[3]"},
			explainAnswer{Status: 200},
		},
		{
			"a tool that no rule names", scope("tool:greet"), nil, "greet", "",
			[]string{"greet: allowed by access.default (needs: tool:greet)", "hint access.rules[2] refuses initialize, server/discover to it, for it lacks mcp:open"},
			explainTool{Verdict: verdictAllowed, Rule: "access.default", Needs: []string{"tool:greet"}},
			explainAnswer{Status: 200},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environ := append(slices.Clone(explainEnviron), tt.environ...)
			token := explainToken(t, explainHeader(), tt.claims)
			args := explainOffline(t, "--config", explainFile(t, explainTable), "--tool", tt.tool)
			_, stdout, stderr := explain(t, environ, token, args...)
			oneLine := strings.Join(strings.Fields(stdout), " ")
			for _, want := range tt.want {
				if !strings.Contains(oneLine, want) {
					t.Errorf("%q is missing:\n%s", want, stdout)
				}
			}
			if stderr != tt.stderr {
				t.Errorf("stderr %q, want %q", stderr, tt.stderr)
			}
			_, stdout, _ = explain(t, environ, token, append(args, "--json")...)
			var r explainReport
			if err := json.Unmarshal([]byte(stdout), &r); err != nil {
				t.Fatal(err)
			}
			got, want := *r.Tool, tt.tells
			if r.Answer != tt.answer || r.Accepted != (tt.stderr == "") {
				t.Errorf("answer %+v, want %+v", r.Answer, tt.answer)
			}
			if got.Name != tt.tool || got.Verdict != want.Verdict || got.Rule != want.Rule || (got.Fix != "") != (tt.stderr != "") ||
				!slices.Equal(got.Needs, want.Needs) || !slices.Equal(got.AnyOf, want.AnyOf) || !slices.Equal(got.Missing, want.Missing) || !maps.Equal(got.Through, want.Through) {
				t.Errorf("tool %+v\nwant %+v", got, want)
			}
		})
	}
}

// What a caller may not do at all is said without a tool, too: what is concealed is a
// part of it, and methods that rules refuse are named.
func TestExplainAccessHints(t *testing.T) {
	const methods = "hint access.rules[2] refuses initialize, server/discover to it, for it lacks mcp:open"
	const closed = "tools: {enabled: [calculate_bmi, extension, get_time, get_weather, greet, whoami]}\naccess:\n  default: tool_scope\n  rules:\n    - tools: [whoami, get_weather]\n      all_of: [hidden]\n      conceal: true\n"
	const nothing = "hint the token is good for no tool at all: each needs a scope that it lacks (hidden tool:calculate_bmi tool:extension tool:get_time tool:greet)"
	for _, tt := range []struct {
		name, table, scope string
		want, without      []string
	}{
		{"a method", explainTable, "tool:greet", []string{methods, "answer accepted"}, []string{"no tool at all"}},
		{"a method that it may use", explainTable, "mcp:open", nil, []string{"refuses", "no tool at all"}},
		{"no tool, and one is concealed", closed, "x", []string{nothing}, []string{"refuses"}},
		{"one that is concealed from others", closed, "hidden", nil, []string{"no tool at all", "refuses"}},
		{"a list", "access:\n  rules:\n    - methods: [tools/list]\n      all_of: [list]\n", "tool:greet", []string{"hint access.rules[0] refuses tools/list to it, for it lacks list", "answer accepted"}, []string{"every request"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token := explainToken(t, explainHeader(), withField(explainClaims(), "scope", tt.scope))
			status, stdout, stderr := explain(t, explainEnviron, token, explainOffline(t, "--config", explainFile(t, tt.table))...)
			oneLine := strings.Join(strings.Fields(stdout), " ")
			for _, want := range tt.want {
				if !strings.Contains(oneLine, want) {
					t.Errorf("%q is missing:\n%s", want, stdout)
				}
			}
			for _, other := range tt.without {
				if strings.Contains(oneLine, other) {
					t.Errorf("%q is there:\n%s", other, stdout)
				}
			}
			if status != 0 || stderr != "" {
				t.Errorf("status %d, %q", status, stderr)
			}
		})
	}
}
