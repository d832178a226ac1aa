//go:build interop && linux

package main

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// loginPlan is what internal/interop/oidc/login.mjs is told to do.
type loginPlan struct {
	interopPlan
	MetadataURL string `json:"metadataUrl,omitempty"`
}

// foreignUser is whom the issuer logs in.
const foreignUser = "user-1"

// aClientsPage is the URL of a document about a client: its id at an issuer that reads
// such documents. The issuer has it beside itself, as of a site of no network.
const aClientsPage = "https://client.example/interop.json"

// TestInteropForeignLogin: logins of people, with a browser that has no window. The
// client registers itself, or is known by a document.
func TestInteropForeignLogin(t *testing.T) {
	results, issuer := newInteropResults(t), foreignName(t)
	row := interopRow{Transport: "http", Issuer: issuer}
	for _, mode := range []string{"legacy", "auto", "modern"} {
		c := interopClient{transport: "http", mode: mode}
		row.Era = c.era()
		row.Client, row.Version = "TypeScript client 2.x", npmVersion(t, "oidc", "@modelcontextprotocol/client")
		for _, document := range []string{"", aClientsPage} {
			row.Flow = loginFlow(document)
			results.run(t, row, func(t *testing.T) { testForeignLogin(t, c, loginPlan{MetadataURL: document}) })
		}
		row.Client, row.Version = "Inspector", npmVersion(t, "node", "@modelcontextprotocol/inspector")
		for _, document := range []string{"", aClientsPage} {
			row.Flow = loginFlow(document)
			results.run(t, row, func(t *testing.T) { testInspectorLogin(t, c, document) })
		}
		if mode == "modern" {
			continue // mcp-remote has the other two
		}
		through := c
		through.remote = []string{"--protocol", mode}
		row.Client, row.Version, row.Flow = "mcp-remote", npmVersion(t, "node", "mcp-remote"), loginFlow("")
		results.run(t, row, func(t *testing.T) { testForeignLogin(t, through, loginPlan{}) })
	}
}

func loginFlow(document string) string {
	if document == "" {
		return "login: DCR"
	}
	return "login: CIMD"
}

// withDocument has the issuer read documents, if there is one.
func withDocument(document string, redirects ...string) func(*foreignPlan) {
	return func(p *foreignPlan) {
		if document != "" {
			p.Documents = aDocument(document, redirects...)
		}
	}
}

func testForeignLogin(t *testing.T, c interopClient, p loginPlan) {
	s := startForeign(t, foreignConfig, withDocument(p.MetadataURL, "http://127.0.0.1/callback"))
	p.interopPlan = interopPlan{URL: s.mcpURL, Mode: c.mode, Calls: []string{"probe", "whoami"}, PatienceMS: 20_000}
	if c.remote != nil {
		// Without a port of ours it would take one that depends on that of the server: also
		// one that browsers refuse to open.
		command := filepath.Join(interopDir(t), "node", "node_modules", ".bin", "mcp-remote")
		p.Mode, p.Remote = "legacy", slices.Concat([]string{command, s.mcpURL, freePort(t), "--transport", "http-only"}, c.remote)
	}
	steps := newChild(t).steps("node", []string{filepath.Join(interopDir(t), "oidc", "login.mjs")}, p)
	s.finish()
	s.wantConnected(t, steps, c.speaks(), allTools()...)
	s.wantCalled(t, steps, s.wantLogin(t, p.MetadataURL), foreignUser)
	s.wantServed(t, c.wire(), 1)
}

func testInspectorLogin(t *testing.T, c interopClient, document string) {
	const path = "/oauth/callback"
	s := startForeign(t, foreignConfig, withDocument(document, "http://127.0.0.1"+path))
	args := []string{
		"--cli", "--server-url", s.mcpURL, "--transport", "http", "--protocol-era", c.mode,
		"--callback-url", "http://127.0.0.1:" + freePort(t) + path, "--method", "tools/call", "--tool-name", "whoami",
	}
	if document != "" {
		args = append(args, "--client-metadata-url", document)
	}
	// Without a terminal it would not open a browser.
	status, output := newChild(t, "MCP_AUTO_OPEN_ENABLED=true", "MCP_INSPECTOR_SECRET_STORE=memory").
		run(filepath.Join(interopDir(t), "node", "node_modules", ".bin", "mcp-inspector"), args...)
	s.finish()
	client := s.wantLogin(t, document)
	if status != 0 || !strings.Contains(output, client) || !strings.Contains(output, foreignUser) {
		t.Errorf("exit status %d", status)
	}
	s.wantWire(t, c.wire())
}

// freePort is a port on which nobody listens, for a client that wants to be told.
func freePort(t *testing.T) string {
	t.Helper()
	ln := listen(t, "127.0.0.1:0")
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
