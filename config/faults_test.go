package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/internal/faults"
)

// An operator gets one list for everything that is wrong, whichever source it
// is in.
func TestAllFaultsAtOnce(t *testing.T) {
	_, err := Load(Source{
		File: writeFile(t, "config.yaml", `http:
  addr: 8080
  adr: ":8080"
  allowed_origins: ["*"]
  max_body_bytes: "4096"
  shutdown_grace: 20
auth:
  issuer: http://t.example/
  issuers:
    - issuer: https://a.example/
      algorithms: [none, HS256]
      required: 1
    - just-a-name
mcp:
  legacy_sessions: yes
`),
		EnvFile: writeFile(t, ".env", "MCPRS_AUTH_SKEW=30s\n"),
		Environ: []string{"MCPRS_AUTH_CLOCK_SKEW=30", "MCPRS_AUTH_ISSUERS_0_ISSUER=https://a.example/", "MCPRS_TOOLS_ENABLED=rm"},
		Flags:   typedFlags(t, "--mcp.session_timeout=0", "--log.level=loud"),
	})
	var l faults.List
	if !errors.As(err, &l) {
		t.Fatalf("error %v is no faults.List", err)
	}
	want := `http.addr: must be text, in quotes where YAML would read something else (line 2)
http.adr: is not a known key, did you mean http.addr? (line 3)
http.max_body_bytes: must be a whole number, without quotes (line 5)
http.shutdown_grace: must be a duration with a unit, such as 30s (line 6)
auth.issuers[0].required: must be true or false, without quotes (line 12)
auth.issuers[1]: must be a section: its keys stand below it, indented (line 13)
mcp.legacy_sessions: must be true or false, without quotes (line 15)
auth.clock_skew: must be a duration with a unit, such as 30s (from MCPRS_AUTH_CLOCK_SKEW)
auth.issuers: list entries cannot be set by the environment: use the short form or the file (from MCPRS_AUTH_ISSUERS_0_ISSUER)
MCPRS_AUTH_SKEW: is not a variable of this server
mcp.session_timeout: must be a duration with a unit, such as 30s (from --mcp.session_timeout)
http.allowed_origins: "*" is not an origin such as https://app.example.com
auth.issuer: cannot be set beside auth.issuers: use one form or the other
tools.enabled: "rm" is not a tool of this server, which has: ` + toolNames() + `
log.level: must be debug, info, warn or error`
	if diff := cmp.Diff(want, l.Error()); diff != "" {
		t.Error(diff)
	}
}

// What only follows from a value that could not be read is not said twice. The
// twin of each row is the same without that value.
func TestNoFaultFollowsFromAnother(t *testing.T) {
	const (
		noIssuer    = "auth.issuer: is required: the authorization server's issuer identifier, as it stands in a token's iss"
		noAudience  = "auth.audience: is required: the identifier of this API at the authorization server, as it stands in a token's aud"
		noPublicURL = "http.public_url: is required where not exactly one audience is an http(s) URL with a path: the endpoint's URL as clients know it, such as https://mcp.example.com/mcp"
		text        = ": must be text, in quotes where YAML would read something else (line 1)"
	)
	for _, tt := range []struct {
		name, file, want string
		environ          []string
	}{
		{"nothing set", "", noPublicURL + "\n" + noIssuer + "\n" + noAudience, nil},
		{"the auth section of the wrong type", "auth: 5", "auth: " + wantSection + " (line 1)", nil},
		{"an audience of the wrong type", "auth: {audience: 5}", "auth.audience" + text, []string{issuerVar}},
		{"the list of issuers as text", "auth: {issuers: a}", "auth.issuers: " + wantEntries + " (line 1)", nil},
		{
			"an issuer by its number",
			"", "auth.issuers: list entries cannot be set by the environment: use the short form or the file (from MCPRS_AUTH_ISSUERS_0_ISSUER)",
			[]string{"MCPRS_AUTH_ISSUERS_0_ISSUER=https://t.example/"},
		},
		{
			"audiences of the wrong type",
			"auth: {issuers: [{issuer: 'https://a.example/', audiences: api}]}",
			"auth.issuers[0].audiences: " + wantList + " (line 1)", nil,
		},
		{"a section of the wrong type", "http: true", "http: " + wantSection + " (line 1)", []string{issuerVar, "MCPRS_AUTH_AUDIENCE=my-api"}},
		{
			"the older transport of the wrong type", "{auth: {allow_query_token: true}, mcp: {legacy_sse: 5}}",
			"mcp.legacy_sse: must be true or false, without quotes (line 1)",
			[]string{issuerVar, audienceVar},
		},
		{"half of http.tls of the wrong type", "http: {tls: {cert_file: c.pem, key_file: 5}}", "http.tls.key_file" + text, []string{issuerVar, audienceVar}},
		{
			"an audience that the environment corrects is judged",
			"auth: {audience: 5}", "auth.audience" + text + "\n" + noPublicURL,
			[]string{issuerVar, "MCPRS_AUTH_AUDIENCE=my-api"},
		},
		{
			"a URL of its own is judged, whatever the audience",
			"{auth: {audience: 5}, http: {public_url: 'ftp://a'}}",
			"auth.audience" + text + "\nhttp.public_url: must be an absolute http(s) URL such as https://mcp.example.com/mcp",
			[]string{issuerVar},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(Source{File: writeFile(t, "config.yaml", tt.file), Environ: tt.environ})
			if err == nil || err.Error() != tt.want {
				t.Errorf("error\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

func TestExplained(t *testing.T) {
	for _, tt := range []struct {
		path, cause string
		want        bool
	}{
		{"a.b", "a.b", true},
		{"a.b", "a", true},
		{"a", "a.b", true},
		{"a.list", "a.list[1]", true},
		{"a.list[0].b", "a.list[0].c", false},
		{"a.list[1].b", "a.list[0]", false},
		{"a.password", "a.password_file", true},
		{"a.password_file", "a.password", false},
		{"auth.jwks_url", "auth.jwks", false},
		{"auth.issuer", "auth.issuers", true},
		{"auth.issuer", "auth.issuers[0]", false},
		{"http.public_url", "auth.issuers[0].audiences", true},
		{"http.public_url", "auth.clock_skew", false},
		{"auth.allow_query_token", "mcp.legacy_sse", true},
		{"auth.allow_query_token", "mcp", true},
		{"auth.allow_query_token", "mcp.max_sessions", false},
	} {
		if got := (Config{}).explained(tt.path, faults.List{{Path: tt.cause}}); got != tt.want {
			t.Errorf("a fault of %s beside one of %s: %t, want %t", tt.path, tt.cause, got, tt.want)
		}
	}
}
