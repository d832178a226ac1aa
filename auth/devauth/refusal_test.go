package devauth_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// The twins are TestTokenRequestForms, TestTokenAudience and TestTokenScope: form("") and jsonBody without a fault, and
// the same credentials as Basic, are granted.
func TestTokenRefusals(t *testing.T) {
	s := start(t, testConfig())
	const grant = "grant_type=client_credentials"
	agent := basic("agent", "agent-secret")
	contentType := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Content-Type", value) }
	}
	type edits = []func(*http.Request)
	tests := []struct {
		name, body string
		edits      edits
		code, text string
	}{
		{"no content type", form(""), edits{func(r *http.Request) { r.Header.Del("Content-Type") }}, "invalid_request", "content type"},
		{"other content type", form(""), edits{contentType("text/plain")}, "invalid_request", "content type"},
		{"JSON called a form", jsonBody + "}", edits{contentType("application/x-www-form-urlencoded")}, "invalid_client", ""},
		{"form called JSON", form(""), edits{contentType("application/json")}, "invalid_request", "flat JSON"},
		{"broken escape", form("&scope=%zz"), nil, "invalid_request", "not a valid form"},
		{"too long", form("&pad=" + strings.Repeat("x", 16<<10)), nil, "invalid_request", "too long"},
		{"query", form(""), edits{func(r *http.Request) { r.URL.RawQuery = "audience=x" }}, "invalid_request", "belong in the body"},
		{"JSON array", `{"a":["x"]}`, nil, "invalid_request", "flat JSON"},
		{"JSON null", jsonBody + `,"scope":null}`, nil, "invalid_request", "flat JSON"},
		{"JSON number", jsonBody + `,"n":1}`, nil, "invalid_request", "flat JSON"},
		{"JSON nested", jsonBody + `,"n":{}}`, nil, "invalid_request", "flat JSON"},
		{"JSON trailing data", jsonBody + `}{}`, nil, "invalid_request", "flat JSON"},
		{"JSON duplicate", jsonBody + `,"client_id":"agent"}`, nil, "invalid_request", "more than once"},
		{"JSON duplicate by an escape", jsonBody + `,"client\u005fid":"agent"}`, nil, "invalid_request", "more than once"},
		{"JSON duplicate resource", jsonBody + `,"resource":"` + apiOne + `","resource":"` + apiOne + `"}`, nil, "invalid_request", "more than once"},
		{"grant type twice", form("&grant_type=client_credentials"), nil, "invalid_request", "more than once"},
		{"audience twice", form("&audience=" + apiOne + "&audience=" + apiOne), nil, "invalid_request", "more than once"},
		{"unknown parameter twice", form("&x=1&x=2"), nil, "invalid_request", "more than once"},

		{"basic and secret", form(""), edits{agent}, "invalid_request", "more than one way"},
		{"basic and secret as JSON", jsonBody + "}", edits{agent}, "invalid_request", "more than one way"},
		{"basic and assertion", grant + "&client_assertion=x", edits{agent}, "invalid_request", "more than one way"},
		{"basic and another client id", grant + "&client_id=limited", edits{agent}, "invalid_request", "more than one way"},
		{"basic twice", grant, edits{agent, with("Authorization", "Basic YWdlbnQ6YWdlbnQtc2VjcmV0")}, "invalid_request", "more than one way"},
		{"no authentication", grant, nil, "invalid_client", ""},
		{"no secret", grant + "&client_id=agent", nil, "invalid_client", ""},
		{"another scheme", grant, edits{with("Authorization", "Bearer x")}, "invalid_client", ""},
		{"broken basic", grant, edits{with("Authorization", "Basic !")}, "invalid_client", ""},
		{"assertion alone", grant + "&client_id=agent&client_assertion=x", nil, "invalid_client", ""},

		{"no grant type", "client_id=agent&client_secret=agent-secret", nil, "invalid_request", "grant_type is missing"},
		{"another grant type", "grant_type=password&client_id=agent&client_secret=agent-secret", nil, "unsupported_grant_type", ""},
		{"unknown profile", form("&profile=jwt"), nil, "invalid_request", "profile"},
		{"unknown audience", form("&audience=https://x.example"), nil, "invalid_target", ""},
		{"audience with a slash more", form("&audience=" + apiOne + "/"), nil, "invalid_target", ""},
		{"unknown resource", form("&resource=https://x.example"), nil, "invalid_target", ""},
		{"unknown resource among known ones", form("&resource=" + apiOne + "&resource=https://x.example"), nil, "invalid_target", ""},
		{"audience of others", "grant_type=client_credentials&client_id=limited&client_secret=limited-secret&audience=" + apiOne, nil, "invalid_target", ""},
		{"two spaces in scope", form("&scope=a++b"), nil, "invalid_scope", ""},
		{"leading space in scope", form("&scope=+a"), nil, "invalid_scope", ""},
		{"quote in scope", form("&scope=%22"), nil, "invalid_scope", ""},
		{"tab in scope", form("&scope=a%09b"), nil, "invalid_scope", ""},
		{"scope beyond ASCII", form("&scope=%C3%A9"), nil, "invalid_scope", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := post(t, s, tt.body, tt.edits...)
			wantStatus := http.StatusBadRequest
			if tt.code == "invalid_client" {
				wantStatus = http.StatusUnauthorized
			}
			members := a.json(t)
			if a.status != wantStatus || members["error"] != tt.code {
				t.Errorf("status = %d, body %s; want %d %s", a.status, a.body, wantStatus, tt.code)
			}
			if text, _ := members["error_description"].(string); !strings.Contains(text, tt.text) {
				t.Errorf("description %q does not tell %q", text, tt.text)
			}
			if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" {
				t.Errorf("header = %v", a.header)
			}
		})
	}
}

// Whether a client id exists MUST NOT show. The twin is the same request with the right secret.
func TestUnknownClientLooksLikeWrongSecret(t *testing.T) {
	s := start(t, testConfig())
	const grant = "grant_type=client_credentials"
	wrong := post(t, s, grant, basic("agent", "wrong"))
	for name, a := range map[string]answer{
		"unknown, basic":        post(t, s, grant, basic("nobody", "agent-secret")),
		"unknown, post":         post(t, s, grant+"&client_id=nobody&client_secret=agent-secret"),
		"wrong, post":           post(t, s, grant+"&client_id=agent&client_secret=wrong"),
		"another's secret":      post(t, s, grant, basic("agent", "limited-secret")),
		"secret's beginning":    post(t, s, grant, basic("agent", "agent-secre")),
		"id in another case":    post(t, s, grant, basic("Agent", "agent-secret")),
		"wrong and wrong grant": post(t, s, "grant_type=x", basic("agent", "wrong")),
	} {
		if a.status != http.StatusUnauthorized || a.body != wrong.body {
			t.Errorf("%s: status = %d, body %s; want %s", name, a.status, a.body, wrong.body)
		}
		if got := a.header.Get("WWW-Authenticate"); got != `Basic realm="development"` {
			t.Errorf("%s: WWW-Authenticate = %q", name, got)
		}
	}
	if a := post(t, s, grant, basic("agent", "agent-secret")); a.status != http.StatusOK {
		t.Errorf("the right secret: status = %d", a.status)
	}
}

// buffer is a bytes.Buffer that handlers may write to while a test reads.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestLog(t *testing.T) {
	var log buffer
	cfg := testConfig()
	cfg.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	s := start(t, cfg)
	token, _ := post(t, s, form("")).json(t)["access_token"].(string)
	post(t, s, "grant_type=client_credentials", basic("agent", "wrong-canary"))
	post(t, s, form(""), with("Origin", "https://origin-canary.example"))
	if err := s.Rotate(); err != nil {
		t.Fatal(err)
	}

	text := log.String()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.Contains(line, `"development_only":true`) {
			t.Errorf("line without development_only: %s", line)
		}
	}
	for _, want := range []string{"is listening", "token issued", "token request refused", "foreign request refused", "key rotated"} {
		if !strings.Contains(text, want) {
			t.Errorf("no line tells %q:\n%s", want, text)
		}
	}
	for _, secret := range append(strings.Split(token, "."), "agent-secret", "canary") {
		if strings.Contains(text, secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}
