//go:build interop && linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const codex = "@openai/codex/bin/codex.js"

func testCodexHeader(t *testing.T) {
	s := startForeign(t, foreignConfig)
	token := s.issuer.grant("tool:whoami", s.mcpURL)
	c := newChild(t, "MCP_TOKEN="+token)
	c.wantSaid("Added global MCP server 'mine'", codex, "mcp", "add", "mine", "--url", s.mcpURL, "--bearer-token-env-var", "MCP_TOKEN")
	c.wantSaid(`"auth_status": "bearer_token"`, codex, "mcp", "list", "--json")
	if got := c.codexTools(); !slices.Equal(got.names(), []string{"whoami"}) || got.ServerInfo.Name != "mcp-resource-server" {
		t.Errorf("it has %+v", got)
	}
	s.wantCodex(t)

	before := len(s.wire.exchanges(t))
	other := newChild(t, "MCP_TOKEN="+wrongToken)
	other.wantSaid("Added global", codex, "mcp", "add", "mine", "--url", s.mcpURL, "--bearer-token-env-var", "MCP_TOKEN")
	if got := other.codexTools(); len(got.Tools) > 0 || !strings.Contains(got.ToolsError, "MCP startup failed") {
		t.Errorf("with a wrong token it has %+v", got)
	}
	s.wantOnlyRefused(t, before)
}

func testCodexLogin(t *testing.T, document string) {
	s, c := startForeign(t, foreignConfig, withDocument(document, "http://127.0.0.1/callback")), newChild(t)
	// It finds that a login is needed, and starts it.
	c.wantSaid("Successfully logged in", codex, "mcp", "add", "mine", "--url", s.mcpURL)
	s.wantLogin(t, document)
	c.wantSaid(`"auth_status": "o_auth"`, codex, "mcp", "list", "--json")
	if got := c.codexTools(); !slices.Equal(got.names(), allTools()) {
		t.Errorf("it has %+v", got)
	}
	s.wantCodex(t)
}

func (s *foreignStack) wantCodex(t *testing.T) {
	t.Helper()
	s.wire.wantMessages(t, fmt.Sprintf("initialize %s 200", modelsEra), fmt.Sprintf("notifications/initialized %s 202", modelsEra), fmt.Sprintf("tools/list %s 200", modelsEra))
}

// codexServer is what Codex's app server tells of an MCP server.
type codexServer struct {
	Name       string
	ServerInfo struct{ Name string } `json:"serverInfo"`
	Tools      map[string]any
	ToolsError string `json:"toolsError"`
}

func (s codexServer) names() []string { return slices.Sorted(maps.Keys(s.Tools)) }

// codexTools asks the app server, which connects.
func (c *child) codexTools() codexServer {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	cmd := c.command(ctx, "node", filepath.Join(interopDir(c.t), "cli", "node_modules", codex), "app-server")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	var listed struct{ Data []codexServer }
	lines := bufio.NewReader(stdout)
	ask := func(id int, message string, into any) {
		if _, err := io.WriteString(stdin, message+"\n"); err != nil {
			c.t.Fatal(err)
		}
		if err := answerOf(lines, id, into); err != nil {
			c.t.Fatalf("the app server: %v", err)
		}
	}
	ask(1, `{"id":1,"method":"initialize","params":{"clientInfo":{"name":"interop","version":"1"}}}`, nil)
	ask(2, `{"method":"initialized"}`+"\n"+`{"id":2,"method":"mcpServerStatus/list","params":{}}`, &listed)
	stdin.Close()
	_, _ = io.Copy(io.Discard, lines)
	_ = cmd.Wait() // how it ends is its own affair
	if len(listed.Data) != 1 || listed.Data[0].Name != "mine" {
		c.t.Fatalf("it has %+v", listed.Data)
	}
	return listed.Data[0]
}

// answerOf reads messages, one a line, as far as the result of one request.
func answerOf(lines *bufio.Reader, id int, into any) error {
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return err
		}
		var m struct {
			ID            int
			Result, Error json.RawMessage
		}
		if json.Unmarshal(line, &m) != nil || m.ID != id {
			continue
		}
		if m.Error != nil {
			return fmt.Errorf("request %d: %s", id, m.Error)
		}
		if into == nil {
			return nil
		}
		return json.Unmarshal(m.Result, into)
	}
}
