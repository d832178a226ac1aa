package main

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/config"
	"mcp-resource-server/internal/devstate"
)

// startDev starts `mcp-server dev` on free ports, with a cache directory of its own,
// and returns what it tells.
func startDev(t *testing.T, environ []string, args ...string) (info devInfo, stderr *logBuffer, stop func() int) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	args = append([]string{"dev", "--json", "--addr", "127.0.0.1:0", "--issuer-addr", "127.0.0.1:0"}, args...)
	stdout, stderr, stop := background(t, environ, args...)
	eventually(t, "the line", func() bool { return strings.HasSuffix(stdout.String(), "\n") })
	dec := json.NewDecoder(strings.NewReader(stdout.String()))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&info); err != nil || strings.Count(stdout.String(), "\n") != 1 {
		t.Fatalf("stdout %q: %v", stdout, err)
	}
	return info, stderr, stop
}

// devToken is one that the issuer hands out to its client.
func devToken(t *testing.T, info devInfo) string {
	t.Helper()
	resp, err := http.PostForm(info.TokenURL, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {info.ClientID}, "client_secret": {info.ClientSecret}, "resource": {info.MCPURL},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&granted); err != nil || granted.AccessToken == "" {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return granted.AccessToken
}

// everyShippedScope is what all that came with the repository asks for.
var everyShippedScope = []string{
	"prompt:plan_meeting", "tool:calculate_bmi", "tool:extension", "tool:get_time", "tool:get_weather", "tool:greet", "tool:whoami",
}

// shippedScopes are those of a list: what a team adds may ask for others.
func shippedScopes(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(everyShippedScope, s) })
}

// TestDevJSON: one line on stdout has all that an agent needs, and works.
func TestDevJSON(t *testing.T) {
	info, stderr, stop := startDev(t, nil)
	if !slices.Equal(shippedScopes(info.Scopes), everyShippedScope) || !slices.Equal(info.Scopes, newAccessTable(config.Default()).scopes()) {
		t.Errorf("scopes %q", info.Scopes)
	}
	for name, u := range map[string]string{"mcp_url": info.MCPURL, "metadata_url": info.MetadataURL, "issuer": info.Issuer, "token_url": info.TokenURL, "jwks_url": info.JWKSURL} {
		parsed, err := url.Parse(u)
		if err != nil || !net.ParseIP(parsed.Hostname()).IsLoopback() || parsed.Port() == "0" {
			t.Errorf("%s: %q", name, u)
		}
	}
	token := devToken(t, info)
	s := &stack{t: t, mcpURL: info.MCPURL}
	body, header := callBody(modernEra, "calculate_bmi", `{"weight_kg":70,"height_m":1.75}`)
	if got := s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token)); got.status != http.StatusOK || !strings.Contains(got.body, `"bmi":22.86`) {
		t.Errorf("calculate_bmi: %d %s", got.status, got.body)
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d: %s", status, stderr)
	}
	for line := range strings.Lines(stderr.String()) {
		audited := strings.HasPrefix(line, "{") // an audit line
		if !audited && !strings.Contains(line, "development_only=true") {
			t.Errorf("a log line that does not say so: %s", line)
		}
		if strings.Contains(line, info.ClientSecret) || strings.Contains(line, token) {
			t.Errorf("a secret is logged: %s", line)
		}
	}
}

// TestDevText: without --json a person reads what to paste.
func TestDevText(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	stdout, _, stop := background(t, nil, "dev", "--addr", "127.0.0.1:0", "--issuer-addr", "127.0.0.1:0")
	eventually(t, "the text", func() bool { return strings.Contains(stdout.String(), "Stop with Ctrl-C.") })
	for _, want := range []string{"FOR DEVELOPMENT ONLY", "client secret  ", "/oauth/token", "Mcp-Name: calculate_bmi"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in:\n%s", want, stdout)
		}
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestDevState: while it runs, mcpctl --dev finds it; afterwards nothing is left.
func TestDevState(t *testing.T) {
	info, _, stop := startDev(t, nil)
	path, err := devstate.Path()
	if err != nil {
		t.Fatal(err)
	}
	want := info.state()
	want.PID = os.Getpid()
	if got, err := devstate.Read(path); err != nil || got != want {
		t.Errorf("the state is %+v, %v; want %+v", got, err, want)
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := devstate.Read(path); !errors.Is(err, devstate.ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
}

// TestDevWithoutState: where nothing can be written the server serves all the same,
// and says what will not work.
func TestDevWithoutState(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "file"))
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, stop := background(t, nil, "dev", "--addr", "127.0.0.1:0", "--issuer-addr", "127.0.0.1:0")
	eventually(t, "the text", func() bool { return strings.Contains(stdout.String(), "Stop with Ctrl-C.") })
	if !strings.Contains(stderr.String(), "mcpctl --dev will not find this server") {
		t.Errorf("no word of it: %s", stderr)
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestDevConfiguration: dev takes its tools from the configuration, and whom it
// trusts from nobody.
func TestDevConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte("auth: {issuer: https://tenant.example/, audience: https://mcp.example.com/mcp}\nhttp: {addr: 0.0.0.0:80}\ntools: {enabled: [whoami, greet]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		environ []string
		args    []string
		want    []string
	}{
		{"a file", nil, []string{"--config", file}, []string{"prompt:plan_meeting", "tool:greet", "tool:whoami"}},
		{"the environment over it", []string{"MCPRS_TOOLS_ENABLED=whoami", "MCPRS_AUTH_ISSUER=https://tenant.example/"}, []string{"--config", file}, []string{"prompt:plan_meeting", "tool:whoami"}},
		{"a flag over both", []string{"MCPRS_TOOLS_ENABLED=whoami"}, []string{"--config", file, "--tools.enabled", "greet"}, []string{"prompt:plan_meeting", "tool:greet"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			info, stderr, _ := startDev(t, tt.environ, tt.args...)
			if !slices.Equal(shippedScopes(info.Scopes), tt.want) {
				t.Errorf("scopes = %q, want %q", info.Scopes, tt.want)
			}
			if strings.Contains(info.MCPURL+info.Issuer+stderr.String(), "example") {
				t.Errorf("the issuer or the address is that of the configuration: %+v\n%s", info, stderr)
			}
		})
	}
}

// TestDevQueryToken: a page's EventSource can be tried here.
func TestDevQueryToken(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"taken", []string{"--mcp.legacy_sse", "--auth.allow_query_token"}, http.StatusOK},
		{"not taken", []string{"--mcp.legacy_sse"}, http.StatusUnauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			info, _, _ := startDev(t, nil, tt.args...)
			resp, err := http.Get(strings.TrimSuffix(info.MCPURL, "/mcp") + "/sse?access_token=" + url.QueryEscape(devToken(t, info)))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close() // which ends the stream
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
			}
		})
	}
}

// TestDevAllowedOrigins: so can a page that comes from elsewhere.
func TestDevAllowedOrigins(t *testing.T) {
	const origin = "http://localhost:6274"
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		want    int
	}{
		{"by a flag", nil, []string{"--http.allowed_origins", origin}, http.StatusNoContent},
		{"by the environment", []string{"MCPRS_HTTP_ALLOWED_ORIGINS=" + origin}, nil, http.StatusNoContent},
		{"another", nil, []string{"--http.allowed_origins", "http://localhost:6275"}, http.StatusForbidden},
		{"none", nil, nil, http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			info, _, _ := startDev(t, tt.environ, tt.args...)
			s := &stack{t: t, mcpURL: info.MCPURL}
			got := s.send(http.MethodOptions, "", map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST"})
			if got.status != tt.want || (got.header.Get("Access-Control-Allow-Origin") == origin) != (tt.want == http.StatusNoContent) {
				t.Errorf("%d %v, want %d", got.status, got.header, tt.want)
			}
		})
	}
}

func TestDevRefuses(t *testing.T) {
	taken := listen(t, "127.0.0.1:0")
	defer taken.Close()
	tests := []struct {
		name    string
		environ []string
		args    []string
		want    string
	}{
		{"a tool that it does not have", []string{"MCPRS_TOOLS_ENABLED=who"}, nil, `tools.enabled: "who" is not a tool`},
		{"a variable that nobody knows", []string{"MCPRS_TOOL_ENABLED=whoami"}, nil, "is not a variable of this server"},
		{"a flag of what is its own", nil, []string{"--auth.issuer", "https://tenant.example/"}, "unknown flag: --auth.issuer"},
		{"a token in a query that nobody takes", nil, []string{"--auth.allow_query_token"}, "auth.allow_query_token: is used with mcp.legacy_sse alone"},
		{"a file that is not there", nil, []string{"--config", filepath.Join(t.TempDir(), "none.yaml")}, "no such file"},
		{"an address that is taken", nil, []string{"--addr", taken.Addr().String()}, "--addr: another program listens on " + taken.Addr().String() + ": give another address, such as 127.0.0.1:0"},
		{"an address for samples that nobody serves", nil, []string{"--samples-addr", "127.0.0.1:0"}, "--samples-addr is for --offline alone"},
		{"samples for everybody", nil, []string{"--offline", "--samples-addr", "0.0.0.0:0"}, "--samples-addr: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"dev", "--addr", "127.0.0.1:0", "--issuer-addr", "127.0.0.1:0"}, tt.args...)
			if status, _, stderr := command(t, tt.environ, args...); status != 1 || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit status %d, %s; want %q", status, stderr, tt.want)
			}
		})
	}
}
