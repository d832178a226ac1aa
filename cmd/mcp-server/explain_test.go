package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
)

func TestExplainInput(t *testing.T) {
	good := explainGood(t)
	for _, tt := range []struct {
		name   string
		stdin  string
		args   []string
		status int
		stdout string // a part of it
		stderr string // all of it
	}{
		{"stdin", good, nil, 0, "answer  accepted\n", ""},
		{"stdin with its line break", good + "\n", nil, 0, "answer  accepted\n", ""},
		{"stdin from Windows", good + "\r\n", nil, 0, "answer  accepted\n", ""},
		{"a dash", good, []string{"-"}, 0, "answer  accepted\n", ""},
		{"an argument", "not read", []string{good}, 0, "answer  accepted\n", "warning: the token stands in the shell's history and in the list of processes; pipe it in instead\n"},
		{"two line breaks", good + "\n\n", nil, 0, "answer  accepted\n", ""},
		{"blanks around it, which no header keeps", " \t" + good + " \t\r\n", nil, 0, "answer  accepted\n", ""},
		{"blanks around an argument", "not read", []string{" " + good + "\n"}, 0, "answer  accepted\n", "warning: the token stands in the shell's history and in the list of processes; pipe it in instead\n"},
		{"a blank that is none in a header", "\v" + good, nil, 1, "answer  401 invalid_token (reason malformed)", "mcp-server: the token is refused (malformed)\n"},
		{"a blank within", strings.Replace(good, ".", ". ", 1), nil, 1, "answer  401 invalid_token (reason malformed)", "mcp-server: the token is refused (malformed)\n"},
		{"blanks without end", good + strings.Repeat("\n", 1<<20), nil, 1, "", "mcp-server: more than 65536 bytes: this is no access token\n"},
		{"as many as are read", good + strings.Repeat("\n", 1<<10), nil, 0, "answer  accepted\n", ""},
		{"a header", "Authorization: Bearer " + good, nil, 1, "answer  401 invalid_token (reason malformed), to what was given; to the token alone: accepted\n", "mcp-server: the token is refused (malformed)\n"},
		{"nothing", "", nil, 1, "no token was given", "mcp-server: the token is refused (malformed)\n"},
		{"64 KiB", strings.Repeat("A", 64<<10) + "\n", nil, 1, "too large for a header", "mcp-server: the token is refused (malformed)\n"},
		{"more than 64 KiB", strings.Repeat("A", 64<<10+1), nil, 1, "", "mcp-server: more than 65536 bytes: this is no access token\n"},
		{"much more", strings.Repeat("A", 1<<20), nil, 1, "", "mcp-server: more than 65536 bytes: this is no access token\n"},
		{"two arguments", good, []string{"a", "b"}, 1, "", "mcp-server: an argument too many: mcp-server explain --help says what it takes\n"},
		{"a wrong time", good, []string{"--at", "noon"}, 1, "", "mcp-server: --at: must be a time as in RFC 3339, such as 2026-08-01T12:00:00Z\n"},
		{"text and JSON at once", good, []string{"--failed", "--json"}, 1, "", "mcp-server: --failed is for the text: --json has every check, with its state\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := explain(t, explainEnviron, tt.stdin, explainOffline(t, tt.args...)...)
			if status != tt.status || !strings.Contains(stdout, tt.stdout) || stderr != tt.stderr {
				t.Errorf("status %d\n%s\n%q, want status %d, %q and %q", status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
			}
			if tt.stdout == "" && stdout != "" {
				t.Errorf("stdout %q", stdout)
			}
		})
	}
}

func TestExplainSettings(t *testing.T) {
	good := explainGood(t)
	notKeys := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(notKeys, []byte("page"), 0o600); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(t.TempDir(), "huge.json")
	if err := os.WriteFile(huge, make([]byte, auth.MaxKeySetBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		status  int
		stderr  string // a part of it
	}{
		{"good", explainEnviron, []string{"--jwks", explainJWKS(t)}, 0, ""},
		{"no issuer is configured", nil, nil, 1, "auth.issuer: is required"},
		{"a key set that is none", explainEnviron, []string{"--jwks", notKeys}, 1, "the key set given: not a JWK set"},
		{"an empty tool", explainEnviron, []string{"--tool", "", "--jwks", explainJWKS(t)}, 1, "--tool: is empty: is it a variable that is not set?"},
		{"an empty key set", explainEnviron, []string{"--jwks="}, 1, "--jwks: is empty: is it a variable that is not set?"},
		{"a key set that is not there", explainEnviron, []string{"--jwks", notKeys + "x"}, 1, "--jwks: open "},
		{"a key set that is too large", explainEnviron, []string{"--jwks", huge}, 1, "the key set given: has more than 524288 bytes"},
		{"a denylist that denies", append(explainEnviron, "MCPRS_AUTH_DENYLIST_FILE="+explainFile(t, "client_ids: [agent]")), []string{"--jwks", explainJWKS(t)}, 1, "the token is refused (revoked)"},
		{"a denylist that does not", append(explainEnviron, "MCPRS_AUTH_DENYLIST_FILE="+explainFile(t, "client_ids: [another]")), []string{"--jwks", explainJWKS(t)}, 0, ""},
		{"a scope that every request needs", append(explainEnviron, "MCPRS_AUTH_REQUIRED_SCOPES=tool:greet"), []string{"--jwks", explainJWKS(t)}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := explain(t, tt.environ, good, append(tt.args, "--at", explainAt)...)
			if status != tt.status || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("status %d, %q, want %d and %q\n%s", status, stderr, tt.status, tt.stderr, stdout)
			}
		})
	}
}

// explainFile writes a file of the configuration.
func explainFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The JSON has the fields that the documentation names, and every check.
func TestExplainJSON(t *testing.T) {
	decode := func(text string) (r explainReport) {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&r); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if dec.More() {
			t.Errorf("more than one value:\n%s", text)
		}
		return r
	}
	status, stdout, stderr := explain(t, explainEnviron, explainGood(t), explainOffline(t, "--json", "--tool", "get_time")...)
	r := decode(stdout)
	if status != 0 || stderr != "" || !r.Accepted || r.Answer != (explainAnswer{Status: 200}) || len(r.Checks) != 20 || r.Keys == nil || r.Keys.Origin != "file" ||
		r.Principal == nil || r.Principal.Subject != "agent@clients" || r.Principal.ExpiresIn != 3000 || r.At != explainAt || r.Tool.Verdict != "allowed" || r.Alone != nil {
		t.Errorf("status %d, %q, %+v", status, stderr, r)
	}
	claims := withField(explainClaims(), "sub", "a\u202eb\x1b[2J<\u0000")
	_, stdout, _ = explain(t, explainEnviron, "Bearer "+explainToken(t, explainHeader(), withField(claims, "aud", "x")), explainOffline(t, "--json")...)
	r = decode(stdout)
	if r.Accepted || r.Answer.Reason != "malformed" || r.Alone == nil || *r.Alone != (explainAnswer{Status: 401, Error: "invalid_token", Reason: "audience"}) || len(r.Around) != 1 || r.Principal != nil {
		t.Errorf("%+v", r)
	}
	_, stdout, _ = explain(t, explainEnviron, explainToken(t, explainHeader(), claims), explainOffline(t, "--json")...)
	if r = decode(stdout); r.Principal == nil || r.Principal.Subject != `a\u202eb\x1b[2J<\x00` {
		t.Errorf("%+v", r.Principal)
	}
}

// Without a key set in a file, one issuer is asked for its own, once, and for nothing
// where the token is of nobody.
func TestExplainFetches(t *testing.T) {
	var asked []string
	down := false
	mux := http.NewServeMux()
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down {
			http.Error(w, "\x1b[2J maintenance", http.StatusServiceUnavailable)
			return
		}
		asked = append(asked, r.URL.Path)
		mux.ServeHTTP(w, r)
	}))
	defer issuer.Close()
	jwks, err := os.ReadFile(explainJWKS(t))
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(jsonFields{"issuer": issuer.URL, "jwks_uri": issuer.URL + "/keys", "token_endpoint": issuer.URL + "/token"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jwks) })
	environ := []string{"MCPRS_AUTH_ISSUER=" + issuer.URL, "MCPRS_AUTH_AUDIENCE=" + explainAudience}
	good := explainToken(t, explainHeader(), withField(explainClaims(), "iss", issuer.URL))

	status, stdout, stderr := explain(t, environ, good, "--at", explainAt)
	if status != 0 || !strings.Contains(stdout, "keys    fetched from "+issuer.URL+"/keys: key-of-august\n") {
		t.Errorf("status %d, %s\n%s", status, stderr, stdout)
	}
	if n := len(asked); n == 0 || asked[n-1] != "/keys" || slices.Index(asked, "/keys") != n-1 {
		t.Errorf("asked for %q", asked)
	}
	asked = nil
	if status, stdout, _ := explain(t, environ, explainGood(t), "--at", explainAt); status != 1 || len(asked) != 0 || strings.Contains(stdout, "keys    ") {
		t.Errorf("asked for %q, status %d\n%s", asked, status, stdout)
	}
	down = true
	status, stdout, stderr = explain(t, environ, good, "--at", explainAt)
	if status != 1 || !strings.Contains(stdout, "answer  503 temporarily_unavailable (reason keys_unavailable)") || strings.Contains(stdout, "maintenance") ||
		stderr != "mcp-server: the token cannot be judged now (keys_unavailable)\n" {
		t.Errorf("status %d, %q\n%s", status, stderr, stdout)
	}
}

// Nobody has to read beyond a hundred columns, but for what is one word.
func TestExplainText(t *testing.T) {
	_, stdout, _ := explain(t, explainEnviron, explainToken(t, explainHeader(), withField(explainClaims(), "aud", "https://tenant.eu.auth0.com/api/v2/")), explainOffline(t, "--tool", "greet")...)
	for line := range strings.Lines(stdout) {
		if len(line) > explainColumns+1 {
			t.Errorf("%d columns: %s", len(line), line)
		}
		if strings.TrimRight(line, " \n")+"\n" != line && line != "\n" {
			t.Errorf("white space at the end of %q", line)
		}
	}
	long := strings.Repeat("x", 150)
	var b strings.Builder
	wrap(&b, "lead  ", "one "+long+" two")
	if want := "lead  one\n      " + long + "\n      two\n"; b.String() != want {
		t.Errorf("wrapped as\n%s", b.String())
	}
}
