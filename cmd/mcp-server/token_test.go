package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// newStaticToken runs `token new`, and returns the token and what stands beside it.
func newStaticToken(t *testing.T, args ...string) (token, entry string) {
	t.Helper()
	status, stdout, stderr := command(t, nil, append([]string{"token", "new"}, args...)...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	return strings.TrimSuffix(stdout, "\n"), stderr
}

var tokenForm = regexp.MustCompile(`^mcprs_[A-Za-z0-9_-]{43}$`)

// Standard output is the token and nothing else, and nothing else has any of it.
func TestTokenNew(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string // of the entry, but for the digest and the end
	}{
		{"all by default", nil, `- name: "token-[a-z2-7]{8}"\n  sha256: "[0-9a-f]{64}"\n  scopes: \[\]\n`},
		{"a name and scopes", []string{"--name", "build agent", "--scopes", "tool:greet, tool:whoami", "--scopes", "x"}, `- name: "build agent"\n  sha256: "[0-9a-f]{64}"\n  scopes: \["tool:greet", "tool:whoami", "x"\]\n`},
		{"a name like a number", []string{"--name=1"}, `- name: "1"\n`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token, entry := newStaticToken(t, tt.args...)
			if !tokenForm.MatchString(token) {
				t.Errorf("token %q", token)
			}
			if !regexp.MustCompile(tt.want).MatchString(entry) {
				t.Errorf("entry %s", entry)
			}
			for i := range len(token) - 12 {
				if strings.Contains(entry, token[i:i+12]) {
					t.Fatalf("%q of the token is in the entry:\n%s", token[i:i+12], entry)
				}
			}
			other, _ := newStaticToken(t, tt.args...)
			if other == token {
				t.Error("the same token twice")
			}
		})
	}
}

func TestTokenNewRefuses(t *testing.T) {
	const wantExpires = "mcp-server: --expires: must be a number of days (90d) or hours (720h), a date (2027-01-31) or an RFC 3339 time\n"
	const wantScope = "is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)\n"
	for _, tt := range []struct {
		name string
		bad  []string
		want string
		good []string
	}{
		{"a scope with a space", []string{"--scopes", "a,b c"}, "mcp-server: making a token: scopes: entry 2 " + wantScope, []string{"--scopes", "a,b,c"}},
		{"an empty scope", []string{"--scopes", "a,,b"}, "mcp-server: making a token: scopes: entry 2 " + wantScope, []string{"--scopes", "a, b"}},
		{"a scope beyond ASCII", []string{"--scopes", "é"}, "mcp-server: making a token: scopes: entry 1 " + wantScope, []string{"--scopes", "e"}},
		{"a name with a line break", []string{"--name", "a\nb"}, "mcp-server: making a token: name: must be printable, without a space at either end\n", []string{"--name", "a b"}},
		{"a number without a unit", []string{"--expires", "90"}, wantExpires, []string{"--expires", "90d"}},
		{"half a day", []string{"--expires", "0.5d"}, wantExpires, []string{"--expires", "12h"}},
		{"words", []string{"--expires", "never"}, wantExpires, []string{"--expires", "1h30m"}},
		{"nothing", []string{"--expires="}, wantExpires, []string{"--expires=1s"}},
		{"no time at all", []string{"--expires", "0d"}, "mcp-server: --expires: must be ahead\n", []string{"--expires", "1d"}},
		{"back", []string{"--expires", "-1h"}, "mcp-server: --expires: must be ahead\n", []string{"--expires", "1h"}},
		{"yesterday", []string{"--expires", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)}, "mcp-server: --expires: must be ahead\n", []string{"--expires", time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)}},
		{"367 days", []string{"--expires", "367d"}, "mcp-server: --expires: must be at most 366 days ahead: make a new token then\n", []string{"--expires", "366d"}},
		{"more days than a duration holds", []string{"--expires", "200000d"}, "mcp-server: --expires: must be at most 366 days ahead: make a new token then\n", []string{"--expires", "8784h"}},
		{"a far date", []string{"--expires", "9000-01-01"}, "mcp-server: --expires: must be at most 366 days ahead: make a new token then\n", []string{"--expires", time.Now().UTC().AddDate(0, 11, 0).Format(time.RFC3339)}},
		{"an argument", []string{"ci"}, "mcp-server: an argument too many: mcp-server token new --help says what it takes\n", []string{"--name", "ci"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := command(t, nil, append([]string{"token", "new"}, tt.bad...)...)
			if status != 1 || stdout != "" || stderr != tt.want {
				t.Errorf("status %d\nstdout %s\nstderr %s\nwant %s", status, stdout, stderr, tt.want)
			}
			newStaticToken(t, tt.good...)
		})
	}
}

// Without a subcommand there is help, and a mistyped one is no success.
func TestTokenCommand(t *testing.T) {
	if status, stdout, _ := command(t, nil, "token"); status != 0 || !strings.Contains(stdout, "Make a static bearer token, and the entry") {
		t.Errorf("status %d: %s", status, stdout)
	}
	if status, _, stderr := command(t, nil, "token", "nwe"); status != 1 || !strings.Contains(stderr, "unknown command") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestParseTokenExpiry(t *testing.T) {
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"90d":                  time.Date(2026, 10, 30, 12, 0, 0, 0, time.UTC),
		"720h":                 time.Date(2026, 8, 31, 12, 0, 0, 0, time.UTC),
		"366d":                 time.Date(2027, 8, 2, 12, 0, 0, 0, time.UTC),
		"2026-08-01":           time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC),
		"2027-08-01":           time.Date(2027, 8, 2, 0, 0, 0, 0, time.UTC),
		"2027-01-31T10:00:00Z": time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC),
	} {
		if got, err := parseTokenExpiry(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}

// brokenWriter takes nothing.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A token whose entry nobody saw is not given out, and neither is one that nobody
// took said to be.
func TestTokenNewNobodyReads(t *testing.T) {
	var out, errs strings.Builder
	args := []string{"token", "new"}
	if status := run(t.Context(), args, nil, &out, brokenWriter{}); status != 1 || out.Len() > 0 {
		t.Errorf("without stderr: status %d, stdout %q", status, out.String())
	}
	if status := run(t.Context(), args, nil, brokenWriter{}, &errs); status != 1 || !strings.HasSuffix(errs.String(), "mcp-server: writing the token: "+io.ErrClosedPipe.Error()+"\n") {
		t.Errorf("without stdout: status %d, stderr %q", status, errs.String())
	}
}

// What `token new` prints, put into a file as it is, makes the token work at the
// door, also of a server that has no issuer at all.
func TestStaticTokenAtTheDoor(t *testing.T) {
	token, entry := newStaticToken(t, "--name", "ci", "--scopes", "tool:whoami,tool:probe")
	poor, second := newStaticToken(t, "--name", "poor")
	stranger, _ := newStaticToken(t, "--scopes", "tool:whoami")
	path := filepath.Join(t.TempDir(), "tokens.yaml")
	write(t, path, entry+second)

	alone := func(t *testing.T) *stack {
		return startServer(t, listen(t, "127.0.0.1:0"), "", newClock(), func(c *config.Config) {
			c.Auth.Audience = ""
			c.Auth.StaticTokensFile = path
			if err := c.Validate().Err(); err != nil {
				t.Fatalf("static tokens alone are no valid configuration: %v", err)
			}
		})
	}
	beside := func(t *testing.T) *stack {
		return start(t, func(c *config.Config) { c.Auth.StaticTokensFile = path })
	}
	for name, begin := range map[string]func(*testing.T) *stack{"alone": alone, "beside an issuer": beside} {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			for _, era := range bothEras {
				session := s.mustConnect(era, token)
				result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami"})
				if err != nil {
					t.Fatalf("%s: %v", era, err)
				}
				got := structured(t, result)
				for key, want := range map[string]string{"issuer": auth.StaticIssuer, "subject": "ci", "client_id": "ci", "scopes": "[tool:whoami tool:probe]"} {
					if fmt.Sprint(got[key]) != want {
						t.Errorf("%s: %s is %v, want %s", era, key, got[key], want)
					}
				}
				s.refuses(t, era, poor, http.StatusForbidden)
				s.refuses(t, era, stranger, http.StatusUnauthorized)
			}
			s.clock.advance(90*24*time.Hour + time.Second)
			s.refuses(t, modernEra, token, http.StatusUnauthorized)
			if logs := s.logs.String(); strings.Contains(logs, token) || strings.Contains(logs, stranger) {
				t.Error("a token is in the log")
			}
		})
	}
}

// refuses says how a call of whoami with a token is answered.
func (s *stack) refuses(t *testing.T, era, token string, want int) {
	t.Helper()
	body, header := callBody(era, "whoami", "{}")
	if got := s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token)); got.status != want {
		t.Errorf("%s: status %d, want %d: %s", era, got.status, want, got.body)
	}
}

// Where there is no issuer, the metadata names none, rather than an empty one.
func TestMetadataWithoutIssuer(t *testing.T) {
	_, entry := newStaticToken(t)
	path := filepath.Join(t.TempDir(), "tokens.yaml")
	write(t, path, entry)
	s := startServer(t, listen(t, "127.0.0.1:0"), "", newClock(), func(c *config.Config) {
		c.Auth.Audience, c.Auth.StaticTokensFile = "", path
	})
	body, header := callBody(modernEra, "whoami", "{}")
	refused := s.send(http.MethodPost, body, header)
	metadata := strings.Replace(s.mcpURL, "/mcp", auth.WellKnownResource+"/mcp", 1)
	if challenge := refused.header.Get("WWW-Authenticate"); refused.status != http.StatusUnauthorized || !strings.Contains(challenge, metadata) {
		t.Errorf("status %d, challenge %s", refused.status, challenge)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, metadata, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(s.do(req).body), &document); err != nil {
		t.Fatal(err)
	}
	if servers, ok := document["authorization_servers"]; ok || document["resource"] != s.mcpURL {
		t.Errorf("authorization_servers %v in %v", servers, document)
	}
}

// TestServeStaticTokens: two variables are a deployment without any issuer, and an
// entry that is taken out of the file is refused while the server runs.
func TestServeStaticTokens(t *testing.T) {
	token, entry := newStaticToken(t, "--scopes", "tool:whoami")
	path := filepath.Join(t.TempDir(), "tokens.yaml")
	write(t, path, entry)
	addr := freeAddr(t)
	s := &stack{t: t, mcpURL: "http://" + addr + "/mcp"}
	environ := []string{"MCPRS_AUTH_STATIC_TOKENS_FILE=" + path, "MCPRS_HTTP_PUBLIC_URL=" + s.mcpURL, "MCPRS_HTTP_ADDR=" + addr}
	if status, stdout, stderr := command(t, environ, "config", "check"); status != 0 {
		t.Fatalf("config check: %s%s", stdout, stderr)
	}
	_, stderr, stop := background(t, environ, "serve")
	eventually(t, "listening", func() bool { return strings.Contains(stderr.String(), "serving MCP") })
	body, header := callBody(modernEra, "whoami", "{}")
	header = with(header, "Authorization", "Bearer "+token)
	if got := s.send(http.MethodPost, body, header); got.status != http.StatusOK {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	write(t, path, "# nobody\n")
	eventually(t, "refused", func() bool { return s.send(http.MethodPost, body, header).status == http.StatusUnauthorized })
	if status := stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	missing := slices.Concat(environ, []string{"MCPRS_AUTH_STATIC_TOKENS_FILE=" + path + ".none"})
	if status, _, stderr := command(t, missing, "serve"); status != 1 || !strings.Contains(stderr, "auth.static_tokens_file: open ") {
		t.Errorf("a missing file: status %d, %s", status, stderr)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
