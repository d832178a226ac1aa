package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariableFaults(t *testing.T) {
	for _, tt := range []struct {
		name, bad, want, good string
	}{
		{"bool", "MCPRS_SWITCH=yes", "switch: must be true or false (from MCPRS_SWITCH)", "MCPRS_SWITCH=true"},
		{"int", "MCPRS_NESTED_PORT=x", "nested.port: must be a whole number (from MCPRS_NESTED_PORT)", "MCPRS_NESTED_PORT=1"},
		{"duration", "MCPRS_WAIT=30", "wait: must be a duration with a unit, such as 30s (from MCPRS_WAIT)", "MCPRS_WAIT=30s"},
		{"list", "MCPRS_LIST=a,,b", "list: must not have an empty entry between its commas (from MCPRS_LIST)", "MCPRS_LIST=a,b"},
		{"entries", "MCPRS_ENTRIES=[]", "entries: list entries cannot be set by the environment: use the short form or the file (from MCPRS_ENTRIES)", "MCPRS_ENTRIES="},
		{"one of an entry", "MCPRS_ENTRIES_0_NAME=a", "entries: list entries cannot be set by the environment: use the short form or the file (from MCPRS_ENTRIES_0_NAME)", "OTHER_ENTRIES_0_NAME=a"},
		{"unknown", "MCPRS_BOGUS=a", "MCPRS_BOGUS: is not a variable of this server", "BOGUS=a"},
		{"misspelt", "MCPRS_NESTED_TXT=a", "MCPRS_NESTED_TXT: is not a variable of this server, did you mean MCPRS_NESTED_TEXT?", "MCPRS_NESTED_TEXT=a"},
		{"without its section", "MCPRS_PORT2=1", "MCPRS_PORT2: is not a variable of this server, did you mean MCPRS_NESTED_PORT?", "MCPRS_NESTED_PORT=1"},
		{"of the file alone", "MCPRS_TAGS=a", "MCPRS_TAGS: is not a variable of this server: only the file can set entries[].tags", "TAGS=a"},
		{"of the file alone, and misspelt", "MCPRS_TAG=a", "MCPRS_TAG: is not a variable of this server: only the file can set entries[].tags", "TAG=a"},
		{"a section", "MCPRS_NESTED=a", "MCPRS_NESTED: is not a variable of this server", "MCPRS_NESTED="},
		{"lower case", "MCPRS_text=a", "MCPRS_text: is not a variable of this server, did you mean MCPRS_TEXT?", "mcprs_text=a"},
		{"a name that would forge a line", "MCPRS_A\nB=c", `"MCPRS_A\nB": is not a variable of this server`, "A\nB=c"},
		{"an endless name", "MCPRS_" + strings.Repeat("A", 100) + "=b", `"MCPRS_` + strings.Repeat("A", 58) + `"…: is not a variable of this server`, "A=b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, l := mergeSample(t, Source{Environ: []string{tt.bad}})
			if got := l.Error(); got != tt.want {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.want)
			}
			if _, l := mergeSample(t, Source{Environ: []string{tt.good}}); l.Err() != nil {
				t.Errorf("the twin is refused: %v", l)
			}
		})
	}
}

// What of an issuer only the file can set, and what is a habit from elsewhere.
func TestVariableHints(t *testing.T) {
	const file = ": only the file can set auth.issuers[]."
	for name, want := range map[string]string{
		"AUTH_ALGORITHMS":      file + "algorithms",
		"AUTH_TOKEN_TYPES":     file + "token_types",
		"AUTH_REQUIRED_CLAIMS": file + "required_claims",
		"AUTH_STRICT_AUDIENCE": file + "strict_audience",
		"AUTH_MAX_TOKEN_AGE":   file + "max_token_age",
		"AUTH_INSECURE_HTTP":   file + "insecure_http",
		"AUTH_ALGORITHM":       file + "algorithms",
		"ALGORITHMS":           file + "algorithms",
		"AUTH_AUDIENCES":       ", did you mean MCPRS_AUTH_AUDIENCE?",
		"PUBLIC_KEY":           ", did you mean MCPRS_AUTH_PUBLIC_KEY?",
		"ALLOWED_CLIENT":       ", did you mean MCPRS_AUTH_ALLOWED_CLIENTS?",
		"PUBLIC_URL":           ", did you mean MCPRS_HTTP_PUBLIC_URL?",
		"public_url":           ", did you mean MCPRS_HTTP_PUBLIC_URL?",
		"SIGNING_SECRET":       "",
	} {
		name = envPrefix + name
		_, err := Load(Source{Environ: []string{"MCPRS_AUTH_ISSUER=https://t.example/", "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp", name + "=x"}})
		if want = name + ": is not a variable of this server" + want; err == nil || err.Error() != want {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}

func TestEnvFile(t *testing.T) {
	path := writeFile(t, ".env", `# comment
OTHER=ignored, whoever it belongs to
export MCPRS_TEXT="two words"
MCPRS_LIST='a, b'

MCPRS_COUNT=5 # comment
MCPRS_WAIT=
`)
	got, l := mergeSample(t, Source{EnvFile: path, Environ: []string{"MCPRS_COUNT=6"}})
	if l.Err() != nil {
		t.Fatal(l)
	}
	want := defaultSample()
	want.Text, want.List, want.Count = "two words", []string{"a", "b"}, 6
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What docs/configuration.md says of an env file's special characters.
func TestEnvFileQuotes(t *testing.T) {
	t.Setenv("HOME_OF", "expanded")
	for content, want := range map[string]string{
		`MCPRS_TEXT=a#b`:          "a",
		`MCPRS_TEXT="a#b"`:        "a#b",
		`MCPRS_TEXT='a#b'`:        "a#b",
		`MCPRS_TEXT=a$HOME_OF`:    "aexpanded",
		`MCPRS_TEXT="a$HOME_OF"`:  "aexpanded",
		`MCPRS_TEXT='a$HOME_OF'`:  "a$HOME_OF",
		`MCPRS_TEXT='a\nb'`:       `a\nb`,
		"MCPRS_TEXT='two\nlines'": "two\nlines",
	} {
		got, l := mergeSample(t, Source{EnvFile: writeFile(t, ".env", content+"\n")})
		if l.Err() != nil || got.Text != want {
			t.Errorf("%s: %q, want %q (faults %v)", content, got.Text, want, l)
		}
	}
}

func TestEnvFileFaults(t *testing.T) {
	_, l := mergeSample(t, Source{EnvFile: writeFile(t, ".env", "MCPRS_BOGUS=a\nMCPRS_COUNT=b\n")})
	want := "count: must be a whole number (from MCPRS_COUNT)\nMCPRS_BOGUS: is not a variable of this server"
	if got := l.Error(); got != want {
		t.Errorf("faults\n%s\nwant\n%s", got, want)
	}
	for _, content := range []string{"s3cret\n", "MCPRS_TEXT='s3cret\n", strings.Repeat("s3cret", 1<<15)} {
		path := writeFile(t, ".env", content)
		want := "reading the env file: " + path + ": each line must be NAME=value, empty, or a comment that begins with #"
		if _, err := Load(Source{EnvFile: path}); err == nil || err.Error() != want {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}

// port is one port of a Kubernetes Service.
type port struct {
	name, protocol string
	number         int
}

// serviceVariables returns what the kubelet injects into each pod for a Service
// (pkg/kubelet/envvars): the newer names and those of Docker links.
func serviceVariables(service string, ports ...port) []string {
	upper := func(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "-", "_")) }
	name, first := upper(service), ports[0]
	const host = "10.96.12.7"
	vars := []string{
		name + "_SERVICE_HOST=" + host,
		fmt.Sprintf("%s_SERVICE_PORT=%d", name, first.number),
		fmt.Sprintf("%s_PORT=%s://%s:%d", name, strings.ToLower(first.protocol), host, first.number),
	}
	for _, p := range ports {
		if p.name != "" {
			vars = append(vars, fmt.Sprintf("%s_SERVICE_PORT_%s=%d", name, upper(p.name), p.number))
		}
		link := fmt.Sprintf("%s_PORT_%d_%s", name, p.number, p.protocol)
		vars = append(vars,
			fmt.Sprintf("%s=%s://%s:%d", link, strings.ToLower(p.protocol), host, p.number),
			link+"_PROTO="+strings.ToLower(p.protocol),
			fmt.Sprintf("%s_PORT=%d", link, p.number),
			link+"_ADDR="+host,
		)
	}
	return vars
}

var servicePorts = []port{{"http", "TCP", 80}, {"https-alt", "TCP", 8443}, {"dns", "UDP", 53}, {"sig", "SCTP", 7777}}

func TestServiceLinksAreIgnored(t *testing.T) {
	enough := []string{"MCPRS_AUTH_ISSUER=https://t.example/", "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp"}
	want, err := Load(Source{Environ: enough})
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range []string{"mcprs", "mcprs-auth", "mcprs-auth-issuers", "mcp-server", "mcp-resource-server"} {
		for _, ports := range [][]port{servicePorts, {{"", "TCP", 8080}}} {
			t.Run(fmt.Sprintf("%s with %d ports", service, len(ports)), func(t *testing.T) {
				environ := append(serviceVariables(service, ports...), enough...)
				got, err := Load(Source{Environ: environ})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				// The twin: beside them, an unknown name is still refused.
				_, err = Load(Source{Environ: append(environ, "MCPRS_SERVICE=a")})
				if err == nil || err.Error() != "MCPRS_SERVICE: is not a variable of this server" {
					t.Errorf("error %v", err)
				}
			})
		}
	}
}

func TestAKeyWinsOverTheServicePattern(t *testing.T) {
	const name = "MCPRS_NESTED_PORT"
	if !isServiceLink(name) {
		t.Fatal("the name does not look like that of a service link: the test proves nothing")
	}
	got, l := mergeSample(t, Source{Environ: []string{name + "=81"}})
	if l.Err() != nil || got.Nested.Port != 81 {
		t.Errorf("port %d, faults %v", got.Nested.Port, l)
	}
}

func TestNamesThatAreNoServiceLink(t *testing.T) {
	for _, name := range []string{
		"MCPRS_", "MCPRS_HOST", "MCPRS_SERVICE", "MCPRS_SERVICE_HOST_A", "MCPRS_SERVICE_PORT_", "MCPRS_PORT_",
		"MCPRS_PORT_80", "MCPRS_PORT_80_HTTP", "MCPRS_PORT_80_TCP_", "MCPRS_PORT_80_TCP_HOST", "MCPRS_PORT_A_TCP",
		"MCPRS_PORT_123456_TCP", "MCPRS_SUPPORT", "MCPRS_service_host", "MCPRSX_PORT", "XMCPRS_PORT", "MCPRS_PORT\n",
	} {
		if isServiceLink(name) {
			t.Errorf("%q is taken for a service link", name)
		}
	}
}

func FuzzServiceLink(f *testing.F) {
	f.Add("auth", "http", uint16(80))
	f.Add("", "", uint16(0))
	f.Add("PORT-80-TCP", "service-port", uint16(65535))
	label := func(s string) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
				return r
			}
			return -1
		}, s), "-")
	}
	f.Fuzz(func(t *testing.T, service, portName string, number uint16) {
		// Any text: it answers, and what it ignores has our prefix.
		if isServiceLink(service) && !strings.HasPrefix(service, envPrefix) {
			t.Fatalf("%q has another prefix", service)
		}
		// Any Service whose name begins with ours: every variable of it is known.
		name := strings.TrimSuffix("mcprs-"+label(service), "-")
		for _, v := range serviceVariables(name, port{label(portName), "TCP", int(number)}, port{"p", "SCTP", int(number)}) {
			if key, _, _ := strings.Cut(v, "="); !isServiceLink(key) {
				t.Fatalf("%q of Service %q is not known", key, name)
			}
		}
	})
}
