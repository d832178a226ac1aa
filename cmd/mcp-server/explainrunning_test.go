package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"mcp-resource-server/config"
)

// A scope that every request needs is a part of the answer, also where no tool is named.
func TestExplainRequiredScope(t *testing.T) {
	const hint = "hint the token lacks base, which every request needs (auth.required_scopes): each is answered with 403"
	withBase := withField(explainClaims(), "scope", "base tool:greet")
	for _, tt := range []struct {
		name   string
		claims jsonFields
		before string
		status int
		want   []string
		stderr string
	}{
		{"it lacks it", explainClaims(), "", 1, []string{"answer 403 insufficient_scope (reason scope) ", hint}, "mcp-server: every request with this token is refused (scope)\n"},
		{"it has it", withBase, "", 0, []string{"answer accepted "}, ""},
		{"refused as it was given", explainClaims(), "Bearer ", 1, []string{"answer 401 invalid_token (reason malformed), to what was given; to the token alone: 403 insufficient_scope (reason scope) ", hint}, "mcp-server: the token is refused (malformed)\n"},
		{"refused as it was given, and has it", withBase, "Bearer ", 1, []string{"to the token alone: accepted "}, "mcp-server: the token is refused (malformed)\n"},
		{"refused anyway", withField(explainClaims(), "aud", "x"), "", 1, []string{"answer 401 invalid_token (reason audience) "}, "mcp-server: the token is refused (audience)\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environ := append(slices.Clone(explainEnviron), "MCPRS_AUTH_REQUIRED_SCOPES=base")
			token := tt.before + explainToken(t, explainHeader(), tt.claims)
			status, stdout, stderr := explain(t, environ, token, explainOffline(t)...)
			oneLine := strings.Join(strings.Fields(stdout), " ") + " "
			for _, want := range tt.want {
				if !strings.Contains(oneLine, want) {
					t.Errorf("%q is missing:\n%s", want, stdout)
				}
			}
			if status != tt.status || stderr != tt.stderr {
				t.Errorf("status %d, %q, want %d and %q", status, stderr, tt.status, tt.stderr)
			}
			_, stdout, _ = explain(t, environ, token, explainOffline(t, "--json")...)
			var r explainReport
			if err := json.Unmarshal([]byte(stdout), &r); err != nil || r.Accepted != (tt.status == 0) || r.Tool != nil {
				t.Errorf("%v, %+v", err, r)
			}
		})
	}
}

// A file that is broken does not keep explain from judging: it says what it does
// without, and that a server that runs may answer otherwise.
func TestExplainBrokenFiles(t *testing.T) {
	const running = "judged without it; a server that runs goes on with what it read before, which nobody can see from here, and one that starts now refuses to"
	missing := filepath.Join(t.TempDir(), "none")
	key, err := os.ReadFile(explainJWKS(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, variable, content, good string
		answer                        string
		fault                         string
	}{
		{"denylist", "DENYLIST_FILE", "kids: [a\njti: secret-of-the-file", "kids: [a]", "accepted", "auth.denylist_file: FILE: line "},
		{"static tokens", "STATIC_TOKENS_FILE", "- secret-of-the-file", "[]", "accepted", "auth.static_tokens_file: FILE: line 1"},
		{"public key", "PUBLIC_KEY_FILE", string(key), rfc7638Key, "503 temporarily_unavailable (reason keys_unavailable)", "auth.public_key_file of the issuer " + explainIssuer + ": FILE: has no public key"},
		{"no denylist", "DENYLIST_FILE", "", "kids: [a]", "accepted", "auth.denylist_file: open FILE: no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := missing
			if tt.content != "" {
				file = explainFile(t, tt.content)
			}
			set := "MCPRS_AUTH_" + tt.variable + "="
			_, stdout, stderr := explain(t, append(slices.Clone(explainEnviron), set+file), explainGood(t), explainOffline(t)...)
			oneLine := strings.Join(strings.Fields(stdout), " ")
			fault := strings.ReplaceAll(tt.fault, "FILE", file)
			if !strings.HasPrefix(stderr, "warning: "+fault) || !strings.Contains(stderr, ": judged without it\n") {
				t.Errorf("stderr %q", stderr)
			}
			if !strings.Contains(oneLine, "hint "+fault) || !strings.Contains(oneLine, running) || !strings.Contains(oneLine, "answer "+tt.answer) {
				t.Errorf("the hint or the answer is not there:\n%s", stdout)
			}
			if strings.Contains(stdout+stderr, "secret") || strings.Contains(stdout, "not reached") && tt.answer == "accepted" || strings.Contains(stdout, "/readyz") {
				t.Errorf("stdout %s\nstderr %s", stdout, stderr)
			}
			_, stdout, stderr = explain(t, append(slices.Clone(explainEnviron), set+explainFile(t, tt.good)), explainGood(t), explainOffline(t)...)
			if strings.Contains(stdout, "goes on") || strings.Contains(stderr, "warning") {
				t.Errorf("the twin: %s%s", stdout, stderr)
			}
		})
	}
}

// While an issuer is down, a server that runs may still hold its keys, and one that
// starts may find them on disk: explain says so, and makes nothing there.
func TestExplainIssuerIsDown(t *testing.T) {
	var down atomic.Bool
	jwks, err := os.ReadFile(explainJWKS(t))
	if err != nil {
		t.Fatal(err)
	}
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(jwks)
	}))
	defer issuer.Close()
	cache := filepath.Join(t.TempDir(), "cache")
	environ := []string{
		"MCPRS_AUTH_ISSUER=" + issuer.URL, "MCPRS_AUTH_AUDIENCE=" + explainAudience, "MCPRS_AUTH_JWKS_URL=" + issuer.URL + "/keys",
		"MCPRS_AUTH_JWKS_CACHE_DIR=" + cache,
	}
	token := explainToken(t, explainHeader(), withField(explainClaims(), "iss", issuer.URL))
	const running = "hint 503 is the answer unless the running server still holds the issuer's keys: see /readyz?verbose"
	const restarted = "; one that is restarted now begins with those that it kept in auth.jwks.cache_dir"
	ask := func() (status int, oneLine string) {
		status, stdout, _ := explain(t, environ, token, "--at", explainAt)
		return status, strings.Join(strings.Fields(stdout), " ")
	}

	if status, text := ask(); status != 0 || strings.Contains(text, "/readyz") {
		t.Errorf("the twin: status %d, %s", status, text)
	}
	down.Store(true)
	if status, text := ask(); status != 1 || !strings.Contains(text, running) || strings.Contains(text, restarted) {
		t.Errorf("nothing is kept: status %d, %s", status, text)
	}
	if _, err := os.Stat(cache); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory was made: %v", err)
	}

	down.Store(false)
	keepKeys(t, environ)
	down.Store(true)
	if status, text := ask(); status != 1 || !strings.Contains(text, running+restarted) {
		t.Errorf("keys are kept: status %d, %s", status, text)
	}
	if err := os.Chmod(cache, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, text := ask(); !strings.Contains(text, running) || strings.Contains(text, restarted) {
		t.Errorf("others may write to the directory: %s", text)
	}
	_, stdout, _ := explain(t, environ, token, explainOffline(t)...)
	if strings.Contains(stdout, "/readyz") {
		t.Errorf("with a key set in a file:\n%s", stdout)
	}
}

// keepKeys runs what fetches the keys until they are there, and so on disk.
func keepKeys(t *testing.T, environ []string) {
	t.Helper()
	cfg, err := config.Load(config.Source{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	trust, err := newTrust(cfg.Auth, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); trust.Run(ctx) }()
	eventually(t, "keys", func() bool { ready, _ := trust.Ready(); return ready })
	cancel()
	<-ended
}
