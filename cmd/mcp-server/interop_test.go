//go:build interop

package main

import "testing"

// TestInterop runs clients of others against the server, as processes. What they make
// of a refusal is their own doing: the programs in internal/interop look at no status and
// no challenge. `make interop` installs them.
func TestInterop(t *testing.T) {
	results := newInteropResults(t)
	testLibraries(t, results)
	testOldTransport(t, results)
	testAsking(t, results, interopSDKs(t))
	testSnippets(t, results, interopSDKs(t))
	testCommands(t, results)
	for _, client := range []string{"Claude Desktop", "Cursor", "VS Code"} {
		results.notRun(client, "–", "needs a desktop")
	}
}

// What a program uses as a library.
func testLibraries(t *testing.T, results *interopResults) {
	sdks := interopSDKs(t)
	for _, c := range []interopClient{
		sdks.typescript2.over("http", "legacy", unharmed), sdks.typescript2.over("http", "auto", unharmed), sdks.typescript2.over("http", "modern", unharmed),
		sdks.python1.over("http", "legacy", gone),
		sdks.python2.over("http", "legacy", unharmed), sdks.python2.over("http", "auto", unharmed),
	} {
		results.flow(t, c, "client credentials: step-up", testStepUp)
		results.flow(t, c, "client credentials: final denial", testFinalDenial)
		results.flow(t, c, "client credentials: never granted", testNeverGranted)
		results.flow(t, c, "header", testHeader)
	}
	for _, c := range []interopClient{
		sdks.typescript1.over("http", "legacy", unharmed),
		sdks.fastmcp.over("http", "legacy", unharmed), sdks.fastmcp.over("http", "auto", unharmed), sdks.fastmcp.over("http", "modern", unharmed),
		sdks.ai.over("http", "legacy", unharmed), sdks.ai.over("http", "auto", unharmed),
	} {
		results.flow(t, c, "header", testHeader)
		results.flow(t, c, "header: final denial", testHeaderFinal)
	}
	asksNothing := sdks.typescript1.over("http", "legacy", unharmed)
	asksNothing.noScope, asksNothing.note = true, "names no scope to the issuer, and gets all that the client was granted"
	results.flow(t, asksNothing, "client credentials", testAllGranted)
	results.flow(t, asksNothing, "client credentials: final denial", testFinalDenial)
	for _, mode := range []string{"legacy", "auto"} {
		testRemote(t, results, sdks.remote.over("http", mode, unharmed))
	}
}

func testRemote(t *testing.T, results *interopResults, c interopClient) {
	c.remote = []string{"--protocol", c.mode}
	results.flow(t, c, "header: final denial", testHeaderFinal)
	results.flow(t, c, "client credentials: final denial", testFinalDenial)
	again := c
	again.told, again.note = "mcp-remote: Unauthorized", "where a scope is missing it asks for those of the first challenge again, and says `Unauthorized`"
	results.flow(t, again, "client credentials: no step-up", testNoStepUp)
	login := c
	login.told = "mcp-remote: Incompatible auth server: does not support dynamic client registration"
	login.note = "where a scope is missing it wants a login, and tells of that alone"
	results.flow(t, login, "header", testHeader)
}

// The transport of MCP 2024-11-05, which later versions before the modern ones can be
// spoken over, too. A token has to be handed to these: to get one they want metadata that
// name the URL of the stream itself as the resource.
func testOldTransport(t *testing.T, results *interopResults) {
	sdks := interopSDKs(t)
	for _, c := range []interopClient{
		sdks.typescript2.over("sse", "legacy", unharmed),
		sdks.python1.over("sse", "legacy", mute),
		sdks.python2.over("sse", "legacy", mute),
	} {
		results.flow(t, c, "header", testHeader)
		results.flow(t, c, "header: final denial", testHeaderFinal)
	}
}

// interopLibraries are the clients that programs of internal/interop use.
type interopLibraries struct {
	typescript1, typescript2, ai, remote interopClient
	python1, python2, fastmcp            interopClient
}

func interopSDKs(t *testing.T) interopLibraries {
	node := func(name, dir, pkg, program string) interopClient {
		return interopClient{name: name, version: npmVersion(t, dir, pkg), program: []string{"node", dir + "/" + program}}
	}
	python := func(name, env, pkg, program string) interopClient {
		dir := "python-" + env
		return interopClient{
			name: name, version: pipVersion(t, "requirements-"+env+".txt", pkg),
			program: []string{dir + "/bin/python", dir + "/" + program},
		}
	}
	all := interopLibraries{
		typescript1: node("TypeScript SDK 1.x", "node", "@modelcontextprotocol/sdk", "sdk.mjs"),
		typescript2: node("TypeScript client 2.x", "ts", "@modelcontextprotocol/client", "client.mjs"),
		ai:          node("AI SDK", "node", "@ai-sdk/mcp", "aisdk.mjs"),
		remote:      node("mcp-remote", "node", "mcp-remote", "sdk.mjs"),
		python1:     python("Python SDK 1.x", "1", "mcp", "client.py"),
		python2:     python("Python SDK 2.x", "2", "mcp", "client.py"),
		fastmcp:     python("FastMCP", "fastmcp", "fastmcp-slim", "fastmcp_client.py"),
	}
	all.ai.listAll = true
	return all
}
