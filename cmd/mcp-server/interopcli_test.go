//go:build interop && linux

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInteropModels: programs of people and their models, without a model. They connect
// as their users configure them, which is seen at the server.
func TestInteropModels(t *testing.T) {
	results := newInteropResults(t)
	claude := interopRow{Client: "Claude Code", Version: npmVersion(t, "cli", "@anthropic-ai/claude-code"), Era: "auto (" + modernEra + ")"}
	codex := interopRow{Client: "Codex", Version: npmVersion(t, "cli", "@openai/codex"), Era: "legacy (" + modelsEra + ")"}
	gemini := interopRow{Client: "Gemini CLI", Version: npmVersion(t, "cli", "@google/gemini-cli"), Era: "legacy (" + modelsEra + ")"}
	run := func(row interopRow, flow, note string, test func(*testing.T)) {
		row.Flow, row.Note, row.Transport, row.Issuer = flow, note, "http", foreignName(t)
		results.run(t, row, test)
	}
	const connects = "connects and lists; to call takes a model"
	run(claude, "header", connects, testClaudeHeader)
	run(claude, loginFlow(""), connects, func(t *testing.T) { testClaudeLogin(t, "") })
	run(claude, loginFlow(claudesPage), connects, func(t *testing.T) { testClaudeLogin(t, claudesPage) })
	run(codex, "header", connects, testCodexHeader)
	run(codex, loginFlow(""), connects, func(t *testing.T) { testCodexLogin(t, "") })
	run(codex, loginFlow(codexsPage), connects, func(t *testing.T) { testCodexLogin(t, codexsPage) })
	run(gemini, "header", "connects; to list and call takes a model", testGeminiHeader)
}

// The documents by which these two are known at an issuer that reads such. What stands
// in them here is what their logins need.
const (
	claudesPage = "https://claude.ai/oauth/claude-code-client-metadata"
	codexsPage  = "https://chatgpt.com/oauth/codex/client.json"
)

// modelsEra is what Codex and Gemini CLI ask for.
const modelsEra = "2025-06-18"

// wrongToken is what no server takes.
const wrongToken = "wrong"

// cli runs one of the programs, as npm installs them without their scripts.
func (c *child) cli(script string, args ...string) (status int, output string) {
	c.t.Helper()
	return c.run("node", slices.Concat([]string{filepath.Join(interopDir(c.t), "cli", "node_modules", script)}, args)...)
}

// wantSaid expects that a program ended well, and said something.
func (c *child) wantSaid(want, script string, args ...string) {
	c.t.Helper()
	if status, output := c.cli(script, args...); status != 0 || !strings.Contains(output, want) {
		c.t.Errorf("%s %q: exit status %d, and no %q", script, args, status, want)
	}
}

// wantOnlyRefused expects that whoever came was refused for the token that it brought.
func (s *foreignStack) wantOnlyRefused(t *testing.T, before int) {
	t.Helper()
	seen := 0
	for _, e := range s.wire.exchanges(t)[before:] {
		if e.method != http.MethodPost {
			continue
		}
		seen++
		if e.status != http.StatusUnauthorized || !e.token || !strings.Contains(e.answered, `error="invalid_token"`) {
			t.Errorf("%v, token %v, challenge %s", e, e.token, e.answered)
		}
	}
	if seen == 0 {
		t.Error("nobody came")
	}
}

const claude = "@anthropic-ai/claude-code/cli-wrapper.cjs"

func newClaude(t *testing.T) *child {
	return newChild(t,
		"DISABLE_TELEMETRY=1", "DISABLE_ERROR_REPORTING=1", "DISABLE_AUTOUPDATER=1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
	)
}

func testClaudeHeader(t *testing.T) {
	s, c := startForeign(t, foreignConfig), newClaude(t)
	token := s.issuer.grant("tool:whoami", s.mcpURL)
	c.wantSaid("Added HTTP MCP server", claude, "mcp", "add", "--transport", "http", "mine", s.mcpURL, "--header", "Authorization: Bearer "+token)
	c.wantSaid("Connected", claude, "mcp", "list")
	s.wire.wantMessages(t, "server/discover "+modernEra+" 200", "tools/list "+modernEra+" 200")

	before := len(s.wire.exchanges(t))
	other := newClaude(t)
	other.wantSaid("Added HTTP MCP server", claude, "mcp", "add", "--transport", "http", "mine", s.mcpURL, "--header", "Authorization: Bearer "+wrongToken)
	other.wantSaid("Server rejected the configured Authorization header (HTTP 401)", claude, "mcp", "get", "mine")
	s.wantOnlyRefused(t, before)
}

func testClaudeLogin(t *testing.T, document string) {
	s, c := startForeign(t, foreignConfig, withDocument(document, "http://localhost/callback")), newClaude(t)
	c.wantSaid("Added HTTP MCP server", claude, "mcp", "add", "--transport", "http", "mine", s.mcpURL)
	c.wantSaid("Needs authentication", claude, "mcp", "get", "mine")
	// Without a terminal it logs nobody in.
	status, screen := c.runInTerminal("node", filepath.Join(interopDir(t), "cli", "node_modules", claude), "mcp", "login", "mine")
	if status != 0 || !strings.Contains(screen, `Authenticated with "mine"`) {
		t.Errorf("exit status %d", status)
	}
	s.wantLogin(t, document)
	c.wantSaid("Connected", claude, "mcp", "list")
	s.wire.wantMessages(t, "server/discover "+modernEra+" 401", "server/discover "+modernEra+" 200", "tools/list "+modernEra+" 200")
}

const gemini = "@google/gemini-cli/bundle/gemini.js"

func testGeminiHeader(t *testing.T) {
	s := startForeign(t, foreignConfig)
	c := newGemini(t, s, s.issuer.grant("tool:whoami", s.mcpURL))
	c.wantSaid("mine: "+s.mcpURL+" (http) - Connected", gemini, "mcp", "list")
	s.wire.wantMessages(t, "initialize "+modelsEra+" 200", "notifications/initialized 202", "ping 200") // it sends no header of the version

	before := len(s.wire.exchanges(t))
	newGemini(t, s, wrongToken).wantSaid("mine: "+s.mcpURL+" (http) - Disconnected", gemini, "mcp", "list")
	s.wantOnlyRefused(t, before)
}

// newGemini is Gemini CLI in a folder that it trusts, which it wants to connect at all,
// with a token in the environment.
func newGemini(t *testing.T, s *foreignStack, token string) *child {
	t.Helper()
	c := newChild(t, "MCP_TOKEN="+token)
	settings := `{"privacy": {"usageStatisticsEnabled": false}, "general": {"enableAutoUpdate": false},
		"mcpServers": {"mine": {"httpUrl": "` + s.mcpURL + `", "headers": {"Authorization": "Bearer $MCP_TOKEN"}}}}`
	dir := filepath.Join(c.dir, ".gemini")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"settings.json": settings, "trustedFolders.json": `{"` + c.dir + `": "TRUST_FOLDER"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}
