package config

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reference is the commented list of all keys, which a newcomer copies.
const reference = "../config.yaml"

// A line of the reference that begins with "#" and no space is a setting that is
// commented out; a comment in words has a space.
var commentedOut = regexp.MustCompile(`(?m)^(\s*)#(\S| {2,})`)

// uncommented returns the reference with every setting in force.
func uncommented(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	return commentedOut.ReplaceAllString(string(raw), "$1$2")
}

func TestReferenceHoldsTheDefaults(t *testing.T) {
	var got Config
	l, err := merge(schema(Config{}), Source{File: reference}, &got)
	if err != nil || l.Err() != nil {
		t.Fatal(err, l)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Error(diff)
	}
}

func TestReferenceStartsNobody(t *testing.T) {
	want := `http.public_url: is required where not exactly one audience is an http(s) URL with a path: the endpoint's URL as clients know it, such as https://mcp.example.com/mcp
auth.issuer: is required: the authorization server's issuer identifier, as it stands in a token's iss
auth.audience: is required: the identifier of this API at the authorization server, as it stands in a token's aud`
	if _, err := Load(Source{File: reference}); err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	// The twin: with the two variables it starts.
	got, err := Load(Source{File: reference, Environ: []string{issuerVar, audienceVar}})
	if err != nil || got.HTTP.PublicURL != "https://mcp.example.com/mcp" {
		t.Errorf("public_url %q, error %v", got.HTTP.PublicURL, err)
	}
}

// Uncommented, the reference sets every key there is and is wrong in nothing but
// that it uses both forms of auth.
func TestReferenceNamesEveryKey(t *testing.T) {
	content := uncommented(t)
	root, err := parseYAML([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	var r fileReader
	values := r.section(root, schema(Default()), "")
	if r.faults.Err() != nil {
		t.Fatal(r.faults)
	}
	for _, path := range missing(schema(Default()), values) {
		t.Errorf("%s is not in config.yaml", path)
	}
	want := `auth.issuer: cannot be set beside auth.issuers: use one form or the other
auth.audience: cannot be set beside auth.issuers: use one form or the other
auth.jwks_url: cannot be set beside auth.issuers: use one form or the other`
	if _, err := Load(Source{File: writeFile(t, "config.yaml", content)}); err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}

// missing returns the keys that values does not have. K_file may be missing.
func missing(keys []*key, values map[string]any) []string {
	var list []string
	for _, k := range keys {
		v, ok := values[k.name]
		switch {
		case !ok && k.holds == nil:
			list = append(list, k.path)
		case k.kind == kindSection:
			section, _ := v.(map[string]any)
			list = append(list, missing(k.keys, section)...)
		case k.kind == kindEntries:
			entry, _ := v.([]any)[0].(map[string]any)
			list = append(list, missing(k.keys, entry)...)
		}
	}
	return list
}

func TestReferenceCommentsEveryKey(t *testing.T) {
	lines := strings.Split(uncommented(t), "\n")
	setting := regexp.MustCompile(`^\s*(- )?[a-z_]+:( |$)`)
	for i, line := range lines {
		if !setting.MatchString(line) || strings.Contains(line, "- issuer:") {
			continue
		}
		if above := strings.TrimSpace(lines[i-1]); !strings.HasPrefix(above, "# ") {
			// The three keys that open an entry share a comment.
			if !strings.HasPrefix(strings.TrimSpace(line), "audiences:") && !strings.HasPrefix(above, "audiences:") {
				t.Errorf("config.yaml line %d has no comment above it: %s", i+1, line)
			}
		}
	}
}
