//go:build interop

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// interopSnippet is a program of docs/clients.md.
type interopSnippet struct {
	client   interopClient
	section  string
	language string
	nth      int    // of the language in the section, from 0
	flow     string // header, or client credentials
	want     string // it prints
}

// What people paste is run as it stands there.
func testSnippets(t *testing.T, results *interopResults, sdks interopLibraries) {
	const header, credentials = "header", "client credentials"
	// Some only list.
	const called, listed = "22.86", "calculate_bmi"
	for _, s := range []interopSnippet{
		{sdks.python2.over("http", "auto", unharmed), "Python", "python", 0, header, called},
		{sdks.python2.over("http", "auto", unharmed), "Python", "python", 1, credentials, listed},
		{sdks.python1.over("http", "legacy", gone), "Python", "python", 2, header, called},
		{sdks.fastmcp.over("http", "auto", unharmed), "FastMCP", "python", 0, header, called},
		{sdks.typescript2.over("http", "auto", unharmed), "TypeScript", "js", 0, header, called},
		{sdks.typescript2.over("http", "auto", unharmed), "TypeScript", "js", 1, credentials, listed},
		{sdks.ai.over("http", "auto", unharmed), "AI SDK", "js", 0, header, called},
	} {
		results.flow(t, s.client, "the snippet below: "+s.flow, func(t *testing.T, c interopClient) { s.test(t) })
	}
}

func (s interopSnippet) test(t *testing.T) {
	stack := startInterop(t)
	environ := []string{"MCP_URL=" + stack.mcpURL, "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	if s.flow == "header" {
		environ = append(environ, "MCP_TOKEN="+stack.mint(nil))
	} else {
		environ = append(environ, "MCP_ISSUER="+stack.issuer.Issuer(), "MCP_CLIENT_ID="+clientID, "MCP_CLIENT_SECRET="+clientSecret)
	}
	// Beside what it imports.
	program := s.client.program
	name := fmt.Sprintf("snippet-%d-%s", s.nth, filepath.Base(program[1]))
	file := filepath.Join(interopDir(t), filepath.Dir(program[1]), name)
	if err := os.WriteFile(file, []byte(s.code(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	path := program[0]
	if strings.Contains(path, "/") {
		path = filepath.Join(interopDir(t), path)
	}
	status, stdout, stderr := client{t, path, environ}.run(file)
	if status != 0 || !strings.Contains(stdout, s.want) {
		t.Errorf("exit status %d, and no %q:\n%s%s", status, s.want, stdout, stderr)
	}
	stack.finish()
	stack.wantWire(s.client.wire())
}

// code is the program, from the document.
func (s interopSnippet) code(t *testing.T) string {
	t.Helper()
	docs, err := os.ReadFile(clientsFile)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(docs), "\n## "+s.section+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := strings.Split(section, "\n```"+s.language+"\n")
	if !ok || len(blocks) < s.nth+2 {
		t.Fatalf("%s has no such program: %s, %s %d", clientsFile, s.section, s.language, s.nth)
	}
	code, _, _ := strings.Cut(blocks[s.nth+1], "\n```\n")
	return code + "\n"
}
