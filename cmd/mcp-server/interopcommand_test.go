//go:build interop

package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// interopCommand is a program that is started anew for each thing that it does.
type interopCommand struct {
	name, version string
	path          string
	era           string // the cell of the table
	wire          string // the protocol version that the server hears
	// arguments are those to call a tool, or to list all where it is "".
	arguments func(s *interopStack, token, tool string) []string
	// environ are variables besides PATH and HOME.
	environ func(s *interopStack, token string) []string
	listAll bool // it calls nothing that is not in the list
	// told is what it says of a missing scope, where that is not what the server says.
	told string
}

// Programs for a terminal.
func testCommands(t *testing.T, results *interopResults) {
	ctl := buildClient(t)
	eras := [][2]string{{"legacy", legacyEra}, {"auto", modernEra}, {"modern", modernEra}}
	for _, era := range eras {
		results.command(t, inspector(t, era[0], era[1]), "header", testCommandHeader)
		results.command(t, mcpctl(ctl, era[0], era[1]), "header", testCommandHeader)
		results.command(t, mcpctl(ctl, era[0], era[1]), "client credentials: step-up", testCommandStepUp)
		results.command(t, mcpctl(ctl, era[0], era[1]), "client credentials: final denial", testCommandFinalDenial)
	}
	results.command(t, mcporter(t), "header", testCommandHeader)
}

func (r *interopResults) command(t *testing.T, c interopCommand, flow string, test func(*testing.T, interopCommand)) {
	t.Helper()
	r.run(t, interopRow{
		Client: c.name, Version: c.version, Era: c.era, Transport: "http", Flow: flow, Issuer: devIssuer,
	}, func(t *testing.T) { test(t, c) })
}

func npmCommand(t *testing.T, name, pkg, command string) interopCommand {
	t.Helper()
	return interopCommand{
		name: name, version: npmVersion(t, "node", pkg),
		path:    filepath.Join(interopDir(t), "node", "node_modules", ".bin", command),
		environ: func(*interopStack, string) []string { return nil },
	}
}

func inspector(t *testing.T, era, version string) interopCommand {
	c := npmCommand(t, "Inspector", "@modelcontextprotocol/inspector", "mcp-inspector")
	c.era, c.wire, c.listAll = era+" ("+version+")", version, true
	c.told = `Insufficient scope: required \"tool:probe\"`
	c.arguments = func(s *interopStack, token, tool string) []string {
		args := []string{
			"--cli", "--server-url", s.mcpURL, "--transport", "http", "--header", "Authorization: Bearer " + token,
			"--protocol-era", era, "--stored-auth-only", "--method",
		}
		if tool == "" {
			return append(args, "tools/list")
		}
		return append(args, "tools/call", "--tool-name", tool)
	}
	return c
}

// mcporter reads the configuration of docs/clients.md.
func mcporter(t *testing.T) interopCommand {
	c := npmCommand(t, "mcporter", "mcporter", "mcporter")
	c.era, c.wire = "legacy ("+legacyEra+")", legacyEra
	c.environ = func(s *interopStack, token string) []string {
		return []string{"MCP_URL=" + s.mcpURL, "MCP_TOKEN=" + token}
	}
	c.arguments = func(s *interopStack, _, tool string) []string {
		file := filepath.Join(s.t.TempDir(), "mcporter.json")
		config := `{"mcpServers": {"mine": {"baseUrl": "${MCP_URL}", "headers": {"Authorization": "Bearer ${MCP_TOKEN}"}}}}`
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			s.t.Fatal(err)
		}
		if tool == "" {
			return []string{"--config", file, "list", "mine"}
		}
		return []string{"--config", file, "call", "mine." + tool}
	}
	return c
}

func mcpctl(path, era, version string) interopCommand {
	return interopCommand{
		name: "mcpctl", version: "this one", path: path, era: era + " (" + version + ")", wire: version,
		arguments: func(_ *interopStack, _, tool string) []string {
			args := []string{"--protocol", era}
			if tool == "" {
				return append(args, "list")
			}
			return append(args, "call", tool)
		},
		environ: func(s *interopStack, token string) []string {
			if token != "" {
				return []string{"MCP_URL=" + s.mcpURL, "MCP_TOKEN=" + token}
			}
			return []string{"MCP_URL=" + s.mcpURL, "MCP_CLIENT_ID=" + clientID, "MCP_CLIENT_SECRET=" + clientSecret}
		},
	}
}

// A token that is handed over: it lists, calls what the token is good for, and tells of
// the refusal of what it is not good for.
func testCommandHeader(t *testing.T, c interopCommand) {
	s := startInterop(t, func(cfg *config.Config) {
		if c.listAll {
			cfg.Access.List = auth.ListAll
		}
	})
	token := s.mint(func(claims map[string]any) { claims["scope"] = "tool:whoami" })
	s.wantCommand(c, token, "", "whoami")
	s.wantCommand(c, token, "whoami", s.issuer.Issuer())
	s.wantCommandRefused(c, token, cmp.Or(c.told, neededProbe.Message))

	s.finish()
	s.wantRefusals("403 scope")
	s.wantTokenRequests()
	s.wantProbed(0)
	s.wantWire(c.wire)
}

// Credentials: it gets the token that the call needs.
func testCommandStepUp(t *testing.T, c interopCommand) {
	s := startInterop(t, func(cfg *config.Config) {
		cfg.Auth.RequiredScopes = []string{"tool:whoami"}
		cfg.Access.MetadataScopes = auth.MetadataScopesBaseline
	})
	s.wantCommand(c, "", "probe", clientID)

	s.finish()
	s.wantRefusals("401 missing", "403 scope")
	s.wantTokenRequests([]string{"tool:whoami"}, []string{"tool:probe", "tool:whoami"})
	s.wantProbed(1)
	s.wantWire(c.wire)
}

// And asks for none where none would help.
func testCommandFinalDenial(t *testing.T, c interopCommand) {
	s := startInterop(t, func(cfg *config.Config) {
		cfg.Auth.ScopeClaims = []string{"permissions"}
		cfg.Auth.RequiredScopes = nil
	})
	s.wantCommandRefused(c, "", neededAssignment.Message)

	s.finish()
	s.wantRefusals("401 missing", "403 permission")
	if n := s.issuer.Fetches().Token; n != 1 {
		t.Errorf("%d token requests", n)
	}
	s.wantProbed(0)
	s.wantWire(c.wire)
}

// runCommand runs the program once, with nothing of this machine's in its environment.
func (s *interopStack) runCommand(c interopCommand, token, tool string) (status int, output string) {
	s.t.Helper()
	environ := append(c.environ(s, token), "PATH="+os.Getenv("PATH"), "HOME="+s.t.TempDir(), "NO_COLOR=1")
	status, stdout, stderr := client{s.t, c.path, environ}.run(c.arguments(s, token, tool)...)
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("%s %s: exit status %d\n%s%s", c.name, tool, status, stdout, stderr)
		}
	})
	return status, stdout + stderr
}

func (s *interopStack) wantCommand(c interopCommand, token, tool, want string) {
	s.t.Helper()
	if status, output := s.runCommand(c, token, tool); status != 0 || !strings.Contains(output, want) {
		s.t.Errorf("%s %q: exit status %d, and no %q", c.name, tool, status, want)
	}
}

// wantCommandRefused expects that a call of probe fails, and that the program says why.
func (s *interopStack) wantCommandRefused(c interopCommand, token, why string) {
	s.t.Helper()
	if status, output := s.runCommand(c, token, "probe"); status == 0 || !strings.Contains(output, why) {
		s.t.Errorf("%s probe: exit status %d, and no %q", c.name, status, why)
	}
}
