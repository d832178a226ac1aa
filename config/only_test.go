package config

import (
	"slices"
	"testing"

	"mcp-resource-server/auth"
)

// accessOnly is what a command that looks at the table alone has to have right.
func accessOnly(file string, environ ...string) Source {
	return Source{File: file, Environ: environ, Only: []string{"access", "auth.required_scopes", "tools"}}
}

// A table can be looked at where nobody is trusted, and beside faults of others.
func TestOnlyReadsWhatItCan(t *testing.T) {
	got, err := Load(accessOnly(writeFile(t, "config.yaml", `
http: {addr: 7, adr: x, public_url: "no url"}
auth:
  issuer: no url
  audience: https://mcp.example.com/mcp
  required_scopes: [base]
  clock_skew: soon
  require_scopes: [typo]
  issuers: nonsense
access: {list: all}
tools: {enabled: [greet]}
mcp: nonsense
log: {level: loud}
`), "MCPRS_HTTP_ADR=x", "MCPRS_LOG_LEVEL=loud", "MCPRS_MCP_MAX_SESSIONS=many", "MCPRS_AUTH_REQUIRED_SCOPE=x"))
	if err != nil {
		t.Fatal(err)
	}
	want := auth.DefaultAccessConfig()
	want.List = auth.ListAll
	if got.Access.List != want.List || got.Access.Default != want.Default || !slices.Equal(got.Tools.Enabled, []string{"greet"}) {
		t.Errorf("access %+v, tools %+v", got.Access, got.Tools)
	}
	if !slices.Equal(got.Auth.RequiredScopes, []string{"base"}) || got.Auth.Audience != "https://mcp.example.com/mcp" {
		t.Errorf("auth %+v", got.Auth)
	}
	if got.Auth.ClockSkew != Default().Auth.ClockSkew || got.HTTP.Addr != Default().HTTP.Addr {
		t.Errorf("what cannot be read has no default: %s, %s", got.Auth.ClockSkew, got.HTTP.Addr)
	}
}

func TestOnlyJudges(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		environ    []string
		want       string // "" for no fault
	}{
		{"nothing at all", "", nil, ""},
		{"a section that cannot be read", "auth: nonsense", nil, ""},
		{"a judged one that cannot be read", "access: nonsense", nil, `access: must be a section: its keys stand below it, indented (line 1)`},
		{"an unknown key in it", "access: {lst: all}", nil, `access.lst: is not a known key, did you mean access.list? (line 1)`},
		{"an unknown key in another", "auth: {isuer: x}", nil, ""},
		{
			"an unknown key in a rule", "access: {rules: [{tool: [greet], authenticated: true}]}", nil,
			"access.rules[0].tool: is not a known key, did you mean access.rules[0].tools? (line 1)\n" +
				"access.rules[0].tools: the rule names nothing: tools, prompts, resources or methods is needed",
		},
		{"a misspelt section", "acess: {list: all}", nil, `acess: is not a known key, did you mean access? (line 1)`},
		{"a wrong value", "access: {list: some}", nil, "access.list: must be permitted or all"},
		{
			"a rule for what there is not", "access: {rules: [{tools: [gret], authenticated: true}]}", nil,
			`access.rules[0].tools[0]: "gret" is nothing that this server has`,
		},
		{"a tool that there is not", "tools: {enabled: [gret]}", nil, `tools.enabled: "gret" is not a tool of this server, which has: ` + toolNames()},
		{"a wrong variable", "", []string{"MCPRS_ACCESS_LIST=some"}, "access.list: must be permitted or all"},
		{"an unknown variable", "", []string{"MCPRS_ACCESS_LST=all"}, "MCPRS_ACCESS_LST: is not a variable of this server, did you mean MCPRS_ACCESS_LIST?"},
		{"one of another section", "", []string{"MCPRS_AUTH_ISUER=x"}, ""},
		{"one of no section", "", []string{"MCPRS_ACESS_LIST=all"}, "MCPRS_ACESS_LIST: is not a variable of this server, did you mean MCPRS_ACCESS_LIST?"},
		// A table with less than it says is no table.
		{
			"a key of another section", "auth: {required_scopes: ['a b']}", nil,
			`auth.required_scopes: "a b" is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)`,
		},
		{"its type", "auth: {required_scopes: base}", nil, "auth.required_scopes: must be a list, such as [a, b] (line 1)"},
		{"its neighbour", "auth: {allowed_clients: base}", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(accessOnly(writeFile(t, "config.yaml", tt.file), tt.environ...))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || err.Error() != tt.want):
				t.Errorf("error %v\nwant  %s", err, tt.want)
			}
		})
	}
}

// All is judged where nothing is named.
func TestOnlyIsNotTheDefault(t *testing.T) {
	file := writeFile(t, "config.yaml", "auth: {isuer: x}")
	_, err := Load(Source{File: file, Environ: []string{issuerVar, audienceVar}})
	const want = "auth.isuer: is not a known key, did you mean auth.issuer? (line 1)"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
	if _, err := Load(accessOnly(file)); err != nil {
		t.Error(err)
	}
}
