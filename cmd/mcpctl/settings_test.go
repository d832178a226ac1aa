package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"mcp-resource-server/internal/devstate"
	"mcp-resource-server/internal/oauthclient"
)

// read reads settings of a command line and an environment.
func read(t *testing.T, environ, args []string) (settings, error) {
	t.Helper()
	p := newProgram(environ, stdio{err: &buffer{}})
	p.cacheDir = func() (string, error) { return "/cache", nil }
	p.devState = func() (string, error) { return "/no/such/file", nil }
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	addFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return p.settings(flags)
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const someURL = "MCP_URL=https://a.example/mcp"

func TestSettings(t *testing.T) {
	secret, token := writeFile(t, "from-file\r\n"), writeFile(t, "token-from-file\n")
	defaults := settings{endpoint: "https://a.example/mcp", transport: "auto", protocol: "auto", timeout: defaultTimeout}
	tests := []struct {
		name          string
		environ, args []string
		want          func(*settings)
	}{
		{"defaults", []string{someURL}, nil, func(*settings) {}},
		{"everything from the environment", []string{
			someURL, "MCP_CLIENT_ID=id", "MCP_CLIENT_SECRET=s", "MCP_AUDIENCE=aud", "MCP_ISSUER=https://i.example/", "MCP_SCOPE=a  b",
			"MCP_AUTH_METHOD=post", "MCP_TOKEN_REQUEST=json", "MCP_TOKEN_CACHE=1", "MCP_TRANSPORT=sse", "MCP_PROTOCOL=legacy", "MCP_TIMEOUT=5s",
		}, nil, func(s *settings) {
			s.client = oauthclient.Client{ID: "id", Secret: "s", AuthMethod: oauthclient.ClientSecretPost, JSON: true}
			s.audience, s.issuer, s.scopes = "aud", "https://i.example/", []string{"a", "b"}
			s.cacheDir, s.transport, s.protocol, s.timeout = "/cache/mcp-resource-server/tokens", sse, "legacy", 5e9
		}},
		{"flags go first", []string{
			someURL, "MCP_CLIENT_ID=id", "MCP_CLIENT_SECRET=s", "MCP_AUDIENCE=aud", "MCP_ISSUER=https://i.example/", "MCP_SCOPE=a",
			"MCP_AUTH_METHOD=post", "MCP_TOKEN_REQUEST=json", "MCP_TOKEN_CACHE=1", "MCP_TRANSPORT=sse", "MCP_PROTOCOL=legacy", "MCP_TIMEOUT=5s",
		}, []string{
			"--url=https://b.example/mcp", "--client-id=other", "--client-secret-file=" + secret, "--audience=aud2", "--issuer=https://j.example/",
			"--scope=c d", "--scope=e", "--auth-method=basic", "--token-request=form", "--token-cache=false", "--transport=streamable",
			"--protocol=2025-06-18", "--timeout=7s", "--insecure-http", "-o=json", "-v", "--no-color",
		}, func(s *settings) {
			s.endpoint = "https://b.example/mcp"
			s.client = oauthclient.Client{ID: "other", Secret: "from-file", AuthMethod: oauthclient.ClientSecretBasic}
			s.audience, s.issuer, s.scopes = "aud2", "https://j.example/", []string{"c", "d", "e"}
			s.transport, s.protocol, s.timeout = streamable, "2025-06-18", 7e9
			s.insecureHTTP, s.json, s.verbose, s.noColor = true, true, true, true
		}},
		{"an empty variable is none", []string{someURL, "MCP_CLIENT_ID=", "MCP_TRANSPORT=", "MCP_TOKEN=", "MCP_TOKEN_FILE="}, nil, func(*settings) {}},
		{"a secret from a file", []string{someURL, "MCP_CLIENT_ID=id", "MCP_CLIENT_SECRET_FILE=" + secret}, nil, func(s *settings) {
			s.client = oauthclient.Client{ID: "id", Secret: "from-file"}
		}},
		{"a secret file of a flag goes before the variable", []string{someURL, "MCP_CLIENT_ID=id", "MCP_CLIENT_SECRET=s"}, []string{"--client-secret-file", secret}, func(s *settings) {
			s.client = oauthclient.Client{ID: "id", Secret: "from-file"}
		}},
		{"a token", []string{someURL, "MCP_TOKEN=abc"}, nil, func(s *settings) { s.token = "abc" }},
		{"a token from a file", []string{someURL, "MCP_TOKEN_FILE=" + token}, nil, func(s *settings) { s.token = "token-from-file" }},
		{"a token file of a flag", []string{someURL, "MCP_TOKEN=abc"}, []string{"--token-file", token}, func(s *settings) { s.token = "token-from-file" }},
		{"a cache of one's own", []string{someURL}, []string{"--token-cache-dir", "/mine"}, func(s *settings) { s.cacheDir = "/mine" }},
		{"http to this machine", []string{"MCP_URL=http://localhost:8080/mcp"}, nil, func(s *settings) { s.endpoint = "http://localhost:8080/mcp" }},
		{"http to another, by choice", []string{"MCP_URL=http://mcp.internal/mcp"}, []string{"--insecure-http"}, func(s *settings) {
			s.endpoint, s.insecureHTTP = "http://mcp.internal/mcp", true
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(t, tt.environ, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			want := defaults
			tt.want(&want)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{}), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Each row is a usage error; its twin is TestSettings.
func TestSettingsRefused(t *testing.T) {
	secret := writeFile(t, "s")
	tests := []struct {
		name          string
		environ, args []string
		want          string
	}{
		{"no server", nil, nil, "which server? Set MCP_URL or --url"},
		{"not a URL", []string{"MCP_URL=mcp.example.com"}, nil, "MCP_URL: not an address such as https://mcp.example.com/mcp"},
		{"another scheme", nil, []string{"--url=ftp://a/b"}, "--url: not an address such as"},
		{"http elsewhere", []string{"MCP_URL=http://mcp.internal/mcp"}, nil, "MCP_URL: http would show the token to the network: use https, or --insecure-http"},
		{"a password in the URL", []string{"MCP_URL=https://u:hunter2@a.example/"}, nil, "MCP_URL: an address with a user or password"},
		{"a fragment", []string{someURL + "#x"}, nil, "MCP_URL: an address of a server has no fragment"},
		{"a secret twice", []string{someURL, "MCP_CLIENT_ID=id", "MCP_CLIENT_SECRET=hunter2", "MCP_CLIENT_SECRET_FILE=" + secret}, nil, "MCP_CLIENT_SECRET and MCP_CLIENT_SECRET_FILE are both set"},
		{"a token twice", []string{someURL, "MCP_TOKEN=hunter2", "MCP_TOKEN_FILE=" + secret}, nil, "MCP_TOKEN and MCP_TOKEN_FILE are both set"},
		{"no such secret file", []string{someURL, "MCP_CLIENT_ID=id", "MCP_CLIENT_SECRET_FILE=/no/such"}, nil, "MCP_CLIENT_SECRET_FILE: /no/such: no such file or directory"},
		{"an empty secret file", []string{someURL, "MCP_CLIENT_ID=id"}, []string{"--client-secret-file=" + writeFile(t, "\n")}, "--client-secret-file: "},
		{"a large secret file", []string{someURL, "MCP_TOKEN_FILE=" + writeFile(t, strings.Repeat("x", maxSecret+1))}, nil, "has more than 65536 bytes"},
		{"a directory for a secret", []string{someURL, "MCP_TOKEN_FILE=" + t.TempDir()}, nil, "is a directory"},
		{"an id without a secret", []string{someURL, "MCP_CLIENT_ID=id"}, nil, "there is a client id and no client secret"},
		{"a secret without an id", []string{someURL, "MCP_CLIENT_SECRET=hunter2"}, nil, "there is a client secret and no client id"},
		{"a token and a client", []string{someURL, "MCP_TOKEN=hunter2", "MCP_CLIENT_ID=id", "MCP_CLIENT_SECRET=s"}, nil, "both a ready-made token and client credentials are set"},
		{"a token with its scheme", []string{someURL, "MCP_TOKEN=Bearer hunter2"}, nil, `the token has characters that no token has: give it alone, without "Bearer"`},
		{"a token with a line end", []string{someURL, "MCP_TOKEN=hunter2\r\nX-Evil: 1"}, nil, "the token has characters that no token has"},
		{"an unknown transport", []string{someURL, "MCP_TRANSPORT=stdio"}, nil, `MCP_TRANSPORT is "stdio": it must be auto, streamable or sse`},
		{"an unknown protocol", []string{someURL}, []string{"--protocol=2020-01-01"}, `--protocol is "2020-01-01": it must be auto, modern, legacy, 2026-07-28`},
		{"sse and modern", []string{someURL}, []string{"--transport=sse", "--protocol=modern"}, "the sse transport is older than protocol 2026-07-28"},
		{"an unknown output", []string{someURL}, []string{"-o=yaml"}, `--output is "yaml": it must be text or json`},
		{"an unknown auth method", []string{someURL, "MCP_AUTH_METHOD=jwt"}, nil, `MCP_AUTH_METHOD is "jwt"`},
		{"an unknown token request", []string{someURL}, []string{"--token-request=xml"}, `--token-request is "xml"`},
		{"a timeout without a unit", []string{someURL, "MCP_TIMEOUT=5"}, nil, `MCP_TIMEOUT is "5": it must be a duration such as 30s`},
		{"a negative timeout", []string{someURL}, []string{"--timeout=-1s"}, `--timeout is "-1s"`},
		{"a cache or not", []string{someURL, "MCP_TOKEN_CACHE=maybe"}, nil, `MCP_TOKEN_CACHE is "maybe": it must be true or false`},
		{"a cache nowhere", []string{someURL}, []string{"--token-cache-dir="}, "--token-cache-dir is empty"},
		{"dev and a server", nil, []string{"--dev", "--url=https://a.example/", "--issuer=https://i.example/"}, "--dev knows the server and its client: --url cannot be given with it; --dev knows the server and its client: --issuer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(t, tt.environ, tt.args)
			if exitCode(err) != exitUsage || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it shows a secret: %v", err)
			}
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := read(t, []string{"MCP_TRANSPORT=stdio", "MCP_CLIENT_SECRET=s"}, []string{"-o=yaml"})
		for _, want := range []string{"MCP_TRANSPORT", "which server", "no client id", "--output"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	})
}

// The development server is what its state file says, whatever the environment says of
// another.
func TestDev(t *testing.T) {
	w := newWorld(t, statelessServer)
	path := filepath.Join(t.TempDir(), "dev.json")
	user := cli{state: path, environ: []string{"MCP_URL=https://prod.example/", "MCP_TOKEN=prod", "MCP_CLIENT_ID=prod", "MCP_SCOPE=prod", "MCP_ISSUER=https://prod.example/"}}
	if got := w.run(t, user, "list", "--dev"); got.code != exitNetwork || !strings.Contains(oneLine(t, got), "start `mcp-server dev`") {
		t.Errorf("without a server: status %d, %q", got.code, got.err)
	}
	state := devstate.State{MCPURL: w.url, Issuer: w.issuer.URL, TokenURL: w.issuer.URL + "/token", ClientID: testClient, ClientSecret: testSecret, PID: 1}
	if err := devstate.Write(path, state); err != nil {
		t.Fatal(err)
	}
	if got := w.mustRun(t, user, "list", "--dev"); !strings.Contains(got.out, "echo") {
		t.Errorf("list: %q", got.out)
	}
	state.MCPURL = "http://" + closedPort(t) + "/mcp"
	if err := devstate.Write(path, state); err != nil {
		t.Fatal(err)
	}
	if got := w.run(t, user, "list", "--dev"); got.code != exitNetwork || !strings.Contains(oneLine(t, got), "does `mcp-server dev` still run?") {
		t.Errorf("after it ended: status %d, %q", got.code, got.err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := w.run(t, user, "list", "--dev"); got.code != exitOther || !strings.Contains(oneLine(t, got), "not this user's own") {
		t.Errorf("a file that others may read: status %d, %q", got.code, got.err)
	}
	state.MCPURL = "http://mcp.example/mcp"
	if err := devstate.Write(path, state); err != nil {
		t.Fatal(err)
	}
	if got := w.run(t, user, "list", "--dev"); got.code != exitOther || !strings.Contains(oneLine(t, got), "http would show the token") {
		t.Errorf("a server elsewhere: status %d, %q", got.code, got.err)
	}
}
