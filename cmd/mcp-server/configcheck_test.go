package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
)

// What config check says is what an operator has to see that a restriction is there.
func TestConfigCheckSummary(t *testing.T) {
	const head = "the configuration is valid\npublic_url: https://mcp.example.com/mcp\nissuer: https://tenant.eu.auth0.com/ (audiences: [\"https://mcp.example.com/mcp\"])\n"
	const tail = "required_scopes:    none\naccess.default:     tool_scope\naccess.rules:       none\ndenylist_file:      none\nstatic_tokens_file: none\n"
	const fetched = "  keys:            fetched, found through the issuer's metadata\n"
	denylist := explainFile(t, "kids: [a, b]\njti:\n  - x\n")
	_, entry, err := auth.NewStaticToken("ci", nil, newClock().now().AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	tokens, none := explainFile(t, entry), explainFile(t, "# nobody")
	for _, tt := range []struct {
		name    string
		environ []string
		want    string
	}{
		{"nothing else", nil, head + fetched + "  allowed_clients: any\n" + tail},
		{"a restriction", []string{"ALLOWED_CLIENTS=1,2,3"}, head + fetched + "  allowed_clients: 3: \"1\", \"2\", \"3\"\n" + tail},
		{"one that is lost in an empty variable", []string{"ALLOWED_CLIENTS="}, head + fetched + "  allowed_clients: any\n" + tail},
		{"an address of keys", []string{"JWKS_URL=https://keys.example/k"}, head + "  keys:            fetched from https://keys.example/k\n  allowed_clients: any\n" + tail},
		{"a public key", []string{"PUBLIC_KEY=" + rfc7638Key}, head + "  static key: kid NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\n  keys:            static, from public_key\n  allowed_clients: any\n" + tail},
		{"one that is lost in an empty variable, too", []string{"PUBLIC_KEY="}, head + fetched + "  allowed_clients: any\n" + tail},
		{"claims", []string{"CLIENT_ID_CLAIMS=cid", "SCOPE_CLAIMS=scope,scp"}, head + "  keys:             fetched, found through the issuer's metadata\n  allowed_clients:  any\n  client_id_claims: \"cid\"\n  scope_claims:     2: \"scope\", \"scp\" (union)\n" + tail},
		{"what is the default", []string{"CLIENT_ID_CLAIMS=azp,client_id"}, head + fetched + "  allowed_clients: any\n" + tail},
		{
			"what holds for all issuers", []string{"REQUIRED_SCOPES=base", "DENYLIST_FILE=" + denylist, "STATIC_TOKENS_FILE=" + tokens}, head + fetched + "  allowed_clients: any\n" +
				"required_scopes:    \"base\"\naccess.default:     tool_scope\naccess.rules:       none\ndenylist_file:      " + denylist + " (3 entries)\nstatic_tokens_file: " + tokens + " (1 token)\n",
		},
		{"files without entries", []string{"DENYLIST_FILE=" + none}, head + fetched + "  allowed_clients: any\n" + strings.Replace(tail, "denylist_file:      none", "denylist_file:      "+none+" (0 entries)", 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environ := slices.Clone(explainEnviron)
			for _, variable := range tt.environ {
				environ = append(environ, "MCPRS_AUTH_"+variable)
			}
			if status, stdout, stderr := command(t, environ, "config", "check"); status != 0 || stdout != tt.want || stderr != "" {
				t.Errorf("status %d, %s\n%s\nwant\n%s", status, stderr, stdout, tt.want)
			}
		})
	}
}

// readmeCheck is what README.md says that the command prints.
var readmeCheck = regexp.MustCompile("(?s)(\\$ go run ./cmd/mcp-server config check\n)(.*?)(```\n)")

func TestGeneratedConfigCheckTranscript(t *testing.T) {
	readme, err := filepath.Abs("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, stdout, stderr := command(t, []string{"MCPRS_AUTH_ISSUER=https://TENANT.eu.auth0.com/", "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp"}, "config", "check")
	block := readmeCheck.FindStringSubmatch(string(docs))
	if block == nil || stdout == "" {
		t.Fatalf("%q, %s", block, stderr)
	}
	if *update {
		got := strings.Replace(string(docs), block[0], block[1]+stdout+block[3], 1)
		if err := os.WriteFile(readme, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if block[2] != stdout {
		t.Errorf("README.md is not what the command prints (make generate):\n%s\nprinted:\n%s", block[2], stdout)
	}
}

// In the long form every setting shows that is not as it is by default.
func TestConfigCheckLongForm(t *testing.T) {
	keys := explainFile(t, rfc7638Key)
	config := explainFile(t, `
access: {default: authenticated}
auth:
  issuers:
    - issuer: https://a.example/
      audiences: [https://mcp.example.com/mcp]
      allowed_clients:
      algorithms: [ES256]
      token_types: ["", JWT]
      audience_claim: client_id
      strict_audience: true
      scope_claims: [scope, scp]
      scope_claims_mode: intersection
      required_claims: [{claim: ver, value: "2.0"}]
      allowed_organizations: [org_1, org_2]
      max_token_age: 1h
      required: true
    - issuer: http://b.internal/
      audiences: [https://mcp.example.com/mcp]
      insecure_http: true
    - issuer: c
      audiences: [https://mcp.example.com/mcp]
      public_key_file: `+keys+`
`)
	const want = `the configuration is valid
public_url: https://mcp.example.com/mcp
issuer: https://a.example/ (audiences: ["https://mcp.example.com/mcp"])
  keys:                  fetched, found through the issuer's metadata
  allowed_clients:       any
  algorithms:            "ES256"
  token_types:           2: "", "JWT"
  audience_claim:        client_id
  strict_audience:       true
  scope_claims:          2: "scope", "scp" (intersection)
  allowed_organizations: 2: "org_1", "org_2"
  required_claims:       "ver=2.0"
  max_token_age:         1h0m0s
  required:              true
issuer: http://b.internal/ (audiences: ["https://mcp.example.com/mcp"])
  keys:            fetched, found through the issuer's metadata
  allowed_clients: any
  insecure_http:   true
issuer: c (audiences: ["https://mcp.example.com/mcp"])
  static key: kid NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
  keys:            static, from public_key_file FILE
  allowed_clients: any
required_scopes:    none
access.default:     authenticated
access.rules:       none
denylist_file:      none
static_tokens_file: none
`
	status, stdout, stderr := command(t, nil, "config", "check", "--config", config)
	if status != 0 || stdout != strings.Replace(want, "FILE", keys, 1) {
		t.Errorf("status %d, %s\n%s", status, stderr, stdout)
	}
}

// The access table is told of by its size, and what an operator may not know to be on.
func TestConfigCheckAccess(t *testing.T) {
	key := explainFile(t, strings.Repeat("k", 32))
	record := filepath.Join(t.TempDir(), "audit.log")
	const rules = "access:\n  rules:\n    - {tools: [get_*], any_of: [data:read]}\n    - {tools: [whoami], authenticated: true}\n"
	for _, tt := range []struct {
		name, config string
		want         []setting
	}{
		{"no rules", "access: {default: tool_scope}", []setting{{"access.rules", "none"}}},
		{"rules", rules, []setting{{"access.rules", "2"}}},
		{"rules that conceal", rules + "    - {tools: [greet], all_of: [secret], conceal: true}\n", []setting{{"access.rules", "3 (with conceal: 1)"}}},
		{"scopes that include others", rules + "  implies:\n    - {scope: admin, grants: [data:read]}\n    - {scope: root, grants: [admin]}\n", []setting{{"access.rules", "2"}, {"access.implies", "2"}}},
		{"lists and metadata", "access: {list: all, metadata_scopes: baseline}", []setting{{"access.rules", "none"}, {"access.list", "all"}, {"access.metadata_scopes", "baseline"}}},
		{"no record", "audit: {enabled: false}", []setting{{"access.rules", "none"}, {"audit.enabled", "false"}}},
		{"a record with digests", "audit: {file: " + record + ", subject: hmac, hmac_key_file: " + key + "}", []setting{{"access.rules", "none"}, {"audit.file", record}, {"audit.subject", "hmac"}}},
		{"the older transport", "mcp: {legacy_sse: true}\nauth: {allow_query_token: true}", []setting{{"access.rules", "none"}, {"mcp.legacy_sse", "true"}, {"allow_query_token", "true"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := command(t, explainEnviron, "config", "check", "--config", explainFile(t, tt.config))
			got := settingsIn(stdout)
			for _, usual := range []string{"required_scopes", "access.default", "denylist_file", "static_tokens_file"} {
				delete(got, usual)
			}
			want := map[string]string{}
			for _, s := range tt.want {
				want[s.key] = s.text
			}
			if status != 0 || stderr != "" || !maps.Equal(got, want) {
				t.Errorf("status %d, %s, %q, want %q", status, stderr, got, want)
			}
		})
	}
	if _, err := os.Stat(record); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the record was made: %v", err)
	}
}

// settingsIn reads the settings behind the issuers.
func settingsIn(summary string) map[string]string {
	_, summary, _ = strings.Cut(summary, "\nrequired_scopes:")
	all := map[string]string{}
	for line := range strings.Lines("required_scopes:" + summary) {
		key, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		all[key] = strings.TrimSpace(text)
	}
	return all
}

// What serve could not open or read of the record is a fault here.
func TestConfigCheckAudit(t *testing.T) {
	short := explainFile(t, "too short")
	for _, tt := range []struct{ name, config, want string }{
		{"a directory for a file", "audit: {file: " + t.TempDir() + "}", "mcp-server: audit.file: "},
		{"a key that is too short", "audit: {subject: hmac, hmac_key_file: " + short + "}", "mcp-server: audit.hmac_key_file: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, _, stderr := command(t, explainEnviron, "config", "check", "--config", explainFile(t, tt.config))
			if status != 1 || !strings.HasPrefix(stderr, tt.want) {
				t.Errorf("status %d, %q", status, stderr)
			}
		})
	}
}

// config check makes nothing: a directory of another user would keep serve from
// starting. One that is there, and cannot be used, is a fault.
func TestConfigCheckCacheDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	environ := append(slices.Clone(explainEnviron), "MCPRS_AUTH_JWKS_CACHE_DIR="+dir)
	check := func() (int, string) {
		status, _, stderr := command(t, environ, "config", "check")
		return status, stderr
	}
	if status, stderr := check(); status != 0 {
		t.Errorf("a directory that is not there yet: %s", stderr)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory was made: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if status, stderr := check(); status != 0 {
		t.Errorf("a directory of our own: %s", stderr)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if status, stderr := check(); status != 1 || !strings.HasPrefix(stderr, "mcp-server: auth.jwks.cache_dir: ") {
		t.Errorf("a directory of everybody: status %d, %q", status, stderr)
	}
	if err := errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if status, stderr := check(); status != 1 || !strings.HasPrefix(stderr, "mcp-server: auth.jwks.cache_dir: ") {
		t.Errorf("a file: status %d, %q", status, stderr)
	}
}

func TestSafe(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "a b", "a b"},
		{"quotes", `a"b'c`, `a"b'c`},
		{"a terminal's escape", "a\x1b[2J\n\x00", `a\x1b[2J\n\x00`},
		{"beyond ASCII", "é\u202e\xff", `\u00e9\u202e\xff`},
		{"as long as may be", strings.Repeat("x", maxSafe), strings.Repeat("x", maxSafe)},
		{"longer", strings.Repeat("x", maxSafe+1), strings.Repeat("x", maxSafe) + "..."},
	} {
		if got := safe(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestListWords(t *testing.T) {
	var many []string
	for i := range maxListed + 2 {
		many = append(many, fmt.Sprint(i))
	}
	for _, tt := range []struct {
		name string
		list []string
		want string
	}{
		{"none", nil, "any"},
		{"one", []string{"a"}, `"a"`},
		{"one that was to be two", []string{"a b"}, `"a b"`},
		{"two", []string{"a", "\x1b"}, `2: "a", "\x1b"`},
		{"as many as are shown", many[:maxListed], `20: "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19"`},
		{"more", many, `22: "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", and 2 more`},
	} {
		if got := listWords(tt.list, "any"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
