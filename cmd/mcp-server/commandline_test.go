package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// typedToken is what somebody types where it does not belong. No part of it may come
// out again.
const typedToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZ2VudCJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

// Whatever is mistyped, what was typed is not printed: it may be a token.
func TestTypedTokensAreNotPrinted(t *testing.T) {
	const help, tooMany = " --help lists those that there are\n", "mcp-server: an argument too many: mcp-server "
	const notAName = "open (the content stands where the file's name belongs): "
	const missing = "no such file or directory\n"
	pem := "-----BEGIN PRIVATE KEY-----\n" + typedToken
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"after one dash", []string{"explain", "-" + typedToken}, "mcp-server: unknown flag: mcp-server explain" + help},
		{"after two dashes", []string{"explain", "--" + typedToken}, "mcp-server: unknown flag: mcp-server explain" + help},
		{"as a flag with a value", []string{"explain", "--" + typedToken + "=x"}, "mcp-server: unknown flag: mcp-server explain" + help},
		{"after three dashes", []string{"explain", "---" + typedToken}, "mcp-server: a flag is not written as it must be: --NAME or --NAME=VALUE\n"},
		{"to a switch", []string{"explain", "--json=" + typedToken}, "mcp-server: --json: must be true or false, or stand alone\n"},
		{"to another switch", []string{"explain", "--failed=" + typedToken}, "mcp-server: --failed: must be true or false, or stand alone\n"},
		{"to help", []string{"--help=" + typedToken}, "mcp-server: --help: must be true or false, or stand alone\n"},
		{"as a key set", []string{"explain", "--jwks", typedToken}, "mcp-server: --jwks: " + notAName + missing},
		{"as a path", []string{"explain", "--jwks", "./" + strings.Repeat(typedToken, 5)}, "mcp-server: --jwks: " + notAName + "file name too long\n"},
		{"a key as a key set", []string{"explain", "--jwks", pem}, "mcp-server: --jwks: " + notAName + missing},
		{"as a file", []string{"explain", "--config", typedToken}, "mcp-server: configuration:\nreading the configuration file: " + notAName + missing},
		{"as an env file", []string{"explain", "--env-file", typedToken}, "mcp-server: configuration:\nreading the env file: " + notAName + missing},
		{"as a tool", []string{"explain", "--tool", typedToken}, "mcp-server: --tool: this is no tool's name: the token comes from standard input\n"},
		{"as a time", []string{"explain", "--at", typedToken}, "mcp-server: --at: must be a time as in RFC 3339, such as 2026-08-01T12:00:00Z\n"},
		{"twice", []string{"explain", typedToken, typedToken}, tooMany + "explain --help says what it takes\n"},
		{"as a command", []string{typedToken}, "mcp-server: unknown command: mcp-server" + help},
		{"as a flag of no command", []string{"-" + typedToken}, "mcp-server: unknown flag: mcp-server" + help},
		{"to config", []string{"config", typedToken}, "mcp-server: unknown command: mcp-server config" + help},
		{"to config check", []string{"config", "check", typedToken}, tooMany + "config check --help says what it takes\n"},
		{"to token new", []string{"token", "new", typedToken}, tooMany + "token new --help says what it takes\n"},
		{"as scopes", []string{"token", "new", "--scopes", `"` + typedToken + "\n"}, "mcp-server: --scopes: cannot be read\n"},
		{"to serve", []string{"serve", typedToken}, tooMany + "serve --help says what it takes\n"},
		{"to dev", []string{"dev", typedToken}, tooMany + "dev --help says what it takes\n"},
		{"to healthcheck", []string{"healthcheck", typedToken}, tooMany + "healthcheck --help says what it takes\n"},
		{"to completion", []string{"completion", "bash", typedToken}, tooMany + "completion bash --help says what it takes\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := command(t, explainEnviron, tt.args...)
			if status != 1 || stdout != "" || stderr != tt.want {
				t.Errorf("status %d\nstdout %s\nstderr %s\nwant %s", status, stdout, stderr, tt.want)
			}
		})
	}
	t.Run("help", func(t *testing.T) {
		if _, stdout, stderr := command(t, nil, "help", typedToken); strings.Contains(stdout+stderr, typedToken[:12]) || !strings.Contains(stdout, "Available Commands:") {
			t.Errorf("stdout %s\nstderr %s", stdout, stderr)
		}
	})
}

// What there is may be named, where what was typed comes near it.
func TestMistyped(t *testing.T) {
	for _, tt := range []struct {
		name string
		bad  []string
		want string
		good []string
	}{
		{"a command", []string{"versio"}, "unknown command: did you mean version?", []string{"version"}},
		{"a command of a group", []string{"config", "chek"}, "unknown command: did you mean check?", []string{"config", "check"}},
		{"a flag", []string{"config", "check", "--confg", "x"}, "unknown flag: did you mean --config?", []string{"config", "check", "--config", "config.yaml"}},
		{"a flag with a value", []string{"token", "new", "--nam=ci"}, "unknown flag: did you mean --name?", []string{"token", "new", "--name=ci"}},
		{"a flag after one dash", []string{"token", "new", "-name=ci"}, "unknown flag: did you mean --name?", []string{"token", "new", "--name=ci"}},
		{"a flag without its section", []string{"config", "check", "--issuer", "x"}, "unknown flag: did you mean --auth.issuer?", []string{"config", "check", "--auth.issuer", explainIssuer}},
		{"a flag of another command", []string{"config", "check", "--jwks=x"}, "unknown flag: --jwks is none of mcp-server config check\n", []string{"config", "check"}},
		{"a flag without its value", []string{"token", "new", "--name"}, "--name: needs a value", []string{"token", "new", "--name", "ci"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if status, _, stderr := command(t, explainEnviron, tt.bad...); status != 1 || !strings.HasPrefix(stderr, "mcp-server: "+tt.want) {
				t.Errorf("status %d, %q, want %q", status, stderr, tt.want)
			}
			t.Chdir(t.TempDir())
			write(t, "config.yaml", "{}")
			if status := run(t.Context(), tt.good, explainEnviron, &logBuffer{}, &logBuffer{}); status != 0 {
				t.Error("the twin is refused")
			}
		})
	}
}

func TestNearest(t *testing.T) {
	long := strings.Repeat("j", maxNearTyped)
	names := []string{"--jwks", "--json", "--a.json", "--at", "check", "--" + long}
	for _, tt := range []struct {
		typed string
		want  []string
	}{
		{"jsno", []string{"--json"}},
		{"json", []string{"--json", "--a.json"}},
		{"JWKS", []string{"--jwks"}},
		{"a", []string{"--at"}},
		{"", nil},
		{"zz", nil},
		{long, []string{"--" + long}},
		{long + "j", nil},
		{"cheek", []string{"check"}},
	} {
		if got := nearest(tt.typed, names); !slices.Equal(got, tt.want) {
			t.Errorf("nearest(%q) = %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func TestWithoutContent(t *testing.T) {
	_, plain := os.Open(filepath.Join(t.TempDir(), "none"))
	if got := withoutContent(plain); !errors.Is(got, fs.ErrNotExist) || got.Error() != plain.Error() {
		t.Errorf("a good name: %v", got)
	}
	other := errors.New("eyJ")
	if got := withoutContent(other); !errors.Is(got, other) {
		t.Errorf("no file at all: %v", got)
	}
}
