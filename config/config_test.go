package config

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/auth"
)

const (
	issuerVar   = "MCPRS_AUTH_ISSUER=https://t.example/"
	audienceVar = "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp"
)

func TestTwoVariablesAreEnough(t *testing.T) {
	got, err := Load(Source{Environ: []string{issuerVar, audienceVar, "PATH=/bin"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Auth.Issuer = "https://t.example/"
	want.Auth.Audience = "https://mcp.example.com/mcp"
	want.HTTP.PublicURL = "https://mcp.example.com/mcp"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEverythingFromAFile(t *testing.T) {
	got, err := Load(Source{File: writeFile(t, "config.yaml", `
http: {addr: "127.0.0.1:0", allowed_hosts: [a.example, "b.example:8443"], tls: {cert_file: c.pem, key_file: k.pem}}
auth:
  issuers:
    - issuer: https://a.example/
      audiences: [api, https://mcp.example.com/mcp]
      algorithms: [ES256]
      token_types: [at+jwt, ""]
      required: true
    - {issuer: https://b.example, audiences: [https://mcp.example.com/mcp]}
  clock_skew: 1m
mcp: {legacy_sessions: false}
tools: {enabled: [whoami]}
`)})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.HTTP.Addr = "127.0.0.1:0"
	want.HTTP.PublicURL = "https://mcp.example.com/mcp" // the one audience that can be, at both issuers
	want.HTTP.AllowedHosts = []string{"a.example", "b.example:8443"}
	want.HTTP.TLS.CertFile, want.HTTP.TLS.KeyFile = "c.pem", "k.pem"
	want.Auth.Issuers = []auth.IssuerConfig{
		{
			Issuer: "https://a.example/", Audiences: []string{"api", "https://mcp.example.com/mcp"},
			Algorithms: []string{"ES256"}, TokenTypes: []string{"at+jwt", ""}, Required: true,
		},
		{Issuer: "https://b.example", Audiences: []string{"https://mcp.example.com/mcp"}},
	}
	want.Auth.ClockSkew = time.Minute
	want.MCP.LegacySessions = false
	want.Tools.Enabled = []string{"whoami"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPublicURLFromTheAudience(t *testing.T) {
	for _, tt := range []struct {
		name, set string
		audiences []string
		want      string
	}{
		{"URL with a path", "", []string{"https://a.example/mcp"}, "https://a.example/mcp"},
		{"http too", "", []string{"http://a.example/mcp"}, "http://a.example/mcp"},
		{"an origin is no endpoint", "", []string{"https://a.example"}, ""},
		{"nor with a slash", "", []string{"https://a.example/"}, ""},
		{"a name", "", []string{"my-api"}, ""},
		{"another scheme", "", []string{"api://a.example/mcp"}, ""},
		{"no host", "", []string{"https:///mcp"}, ""},
		{"not a URL", "", []string{"https://a.example/%zz"}, ""},
		{"one of several", "", []string{"my-api", "https://a.example/mcp"}, "https://a.example/mcp"},
		{"one, twice", "", []string{"https://a.example/mcp", "https://a.example/mcp"}, "https://a.example/mcp"},
		{"two different", "", []string{"https://a.example/mcp", "https://b.example/mcp"}, ""},
		{"none", "", nil, ""},
		{"what is set stays", "https://c.example/x", []string{"https://a.example/mcp"}, "https://c.example/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Default()
			c.HTTP.PublicURL = tt.set
			for _, a := range tt.audiences { // each at an issuer of its own
				c.Auth.Issuers = append(c.Auth.Issuers, auth.IssuerConfig{Audiences: []string{a}})
			}
			c.complete()
			if c.HTTP.PublicURL != tt.want {
				t.Errorf("%q, want %q", c.HTTP.PublicURL, tt.want)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	const longForm = "auth: {issuers: [{issuer: https://a.example/, audiences: [https://mcp.example.com/mcp]}]}"
	short := []string{issuerVar, audienceVar}
	with := func(v ...string) []string { return append(v, short...) }
	for _, tt := range []struct {
		name string
		bad  Source
		want string
		good Source
	}{
		{
			"no audience",
			Source{Environ: []string{issuerVar, "MCPRS_HTTP_PUBLIC_URL=https://mcp.example.com/mcp"}},
			"auth.audience: is required: the identifier of this API at the authorization server, as it stands in a token's aud",
			Source{Environ: with("MCPRS_HTTP_PUBLIC_URL=https://mcp.example.com/mcp")},
		},
		{
			"an audience that is no endpoint, and no public_url",
			Source{Environ: []string{issuerVar, "MCPRS_AUTH_AUDIENCE=my-api"}},
			"http.public_url: is required where not exactly one audience is an http(s) URL with a path: the endpoint's URL as clients know it, such as https://mcp.example.com/mcp",
			Source{Environ: []string{issuerVar, "MCPRS_AUTH_AUDIENCE=my-api", "MCPRS_HTTP_PUBLIC_URL=https://mcp.example.com/mcp"}},
		},
		{
			"both forms",
			Source{File: writeFile(t, "c.yaml", longForm), Environ: []string{issuerVar}},
			"auth.issuer: cannot be set beside auth.issuers: use one form or the other",
			Source{File: writeFile(t, "c.yaml", longForm)},
		},
		{
			"an http issuer",
			Source{Environ: []string{"MCPRS_AUTH_ISSUER=http://t.example/", audienceVar}},
			"auth.issuer: must be https (http is accepted for a loopback address, or with insecure_http in auth.issuers): whoever can change the keys on their way can forge every token",
			Source{Environ: []string{"MCPRS_AUTH_ISSUER=http://127.0.0.1:9000/", audienceVar}},
		},
		{
			"the algorithms none and HS256",
			Source{File: writeFile(t, "c.yaml", strings.Replace(longForm, "audiences", "algorithms: [none, HS256], audiences", 1))},
			"auth.issuers[0].algorithms: \"none\" is not accepted: RS, PS and ES with 256, 384 or 512 are; none and the HS family never\n" +
				"auth.issuers[0].algorithms: \"HS256\" is not accepted: RS, PS and ES with 256, 384 or 512 are; none and the HS family never",
			Source{File: writeFile(t, "c.yaml", strings.Replace(longForm, "audiences", "algorithms: [RS256, ES256], audiences", 1))},
		},
		{
			"any origin",
			Source{Environ: with("MCPRS_HTTP_ALLOWED_ORIGINS=*")},
			`http.allowed_origins: "*" is not an origin such as https://app.example.com`,
			Source{Environ: with("MCPRS_HTTP_ALLOWED_ORIGINS=https://app.example.com")},
		},
		{
			"a token in a query that nobody takes",
			Source{Environ: with("MCPRS_AUTH_ALLOW_QUERY_TOKEN=true")},
			"auth.allow_query_token: is used with mcp.legacy_sse alone",
			Source{Environ: with("MCPRS_AUTH_ALLOW_QUERY_TOKEN=true", "MCPRS_MCP_LEGACY_SSE=true")},
		},
		{
			"an unknown tool",
			Source{Flags: typedFlags(t, "--tools.enabled=whoami,rm"), Environ: short},
			`tools.enabled: "rm" is not a tool of this server, which has: ` + toolNames(),
			Source{Flags: typedFlags(t, "--tools.enabled=whoami"), Environ: short},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(tt.bad)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error\n%v\nwant\n%s", err, tt.want)
			}
			if _, err := Load(tt.good); err != nil {
				t.Errorf("the twin is refused: %v", err)
			}
		})
	}
}

func TestLoadReadsNothingByItself(t *testing.T) {
	t.Setenv("MCPRS_BOGUS", "1")
	t.Setenv("MCPRS_HTTP_ADDR", "127.0.0.1:1")
	t.Chdir(t.TempDir())
	for _, name := range []string{"config.yaml", ".env"} {
		if err := os.WriteFile(name, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(Source{Environ: []string{issuerVar, audienceVar}})
	if err != nil || c.HTTP.Addr != ":8080" {
		t.Errorf("addr %q, error %v: want what Source says alone", c.HTTP.Addr, err)
	}
}
