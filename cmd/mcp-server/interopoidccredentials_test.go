//go:build interop && linux

package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestInteropForeignCredentials: clients that have an id and a secret at that issuer.
func TestInteropForeignCredentials(t *testing.T) {
	results, sdks, issuer := newInteropResults(t), interopSDKs(t), foreignName(t)
	flow := func(c interopClient, name string, test func(*testing.T, interopClient)) {
		results.run(t, interopRow{
			Client: c.name, Version: c.version, Era: c.era(), Transport: "http", Flow: name, Issuer: issuer, Note: c.refused.note(),
		}, func(t *testing.T) { test(t, c) })
	}
	for _, c := range []interopClient{
		sdks.typescript2.over("http", "legacy", unharmed), sdks.typescript2.over("http", "auto", unharmed), sdks.typescript2.over("http", "modern", unharmed),
		sdks.python1.over("http", "legacy", unharmed),
		sdks.python2.over("http", "legacy", unharmed), sdks.python2.over("http", "auto", unharmed),
	} {
		flow(c, "client credentials", testForeignCredentials)
		flow(c, "client credentials: step-up", testForeignStepUp)
	}
	for _, mode := range []string{"legacy", "auto"} {
		c := sdks.remote.over("http", mode, unharmed)
		c.remote = []string{"--protocol", mode}
		flow(c, "client credentials", testForeignCredentials)
	}
	flow(sdks.typescript1.over("http", "legacy", unharmed), "client credentials: without scopes", testForeignScopeless)
	ctl := buildClient(t)
	for _, c := range []interopCommand{mcpctl(ctl, "legacy", legacyEra), mcpctl(ctl, "auto", modernEra), mcpctl(ctl, "modern", modernEra)} {
		row := interopRow{Client: c.name, Version: c.version, Era: c.era, Transport: "http", Issuer: issuer}
		for _, row.Flow = range []string{"client credentials", "client credentials: step-up"} {
			yaml := map[bool]string{true: foreignConfigBaseline, false: foreignConfig}[strings.HasSuffix(row.Flow, "step-up")]
			results.run(t, row, func(t *testing.T) { testForeignCommand(t, c, yaml) })
		}
	}
}

// It finds the issuer through the server, gets a token for the server as the resource,
// and calls.
func testForeignCredentials(t *testing.T, c interopClient) {
	s := startForeign(t, foreignConfig)
	steps := c.run(t, interopPlan{
		URL: s.mcpURL, Issuer: s.issuer.url, ClientID: clientID, ClientSecret: clientSecret, Calls: []string{"probe", "whoami"},
	})
	s.finish()
	s.wantConnected(t, steps, c.speaks(), allTools()...)
	s.wantCalled(t, steps, clientID, clientID)
	s.wantGrants(t, allScopes())
	s.wantServed(t, c.wire(), 1)
}

// The SDK 1.x asks for no scope but one that its program names. This issuer grants none
// then, and with such a token all that a client can do is connect.
func testForeignScopeless(t *testing.T, c interopClient) {
	s := startForeign(t, foreignConfig)
	steps := c.run(t, interopPlan{
		URL: s.mcpURL, Issuer: s.issuer.url, ClientID: clientID, ClientSecret: clientSecret, Calls: []string{"whoami", "whoami"},
	})
	s.finish()
	s.wantConnected(t, steps, c.speaks())
	for _, got := range steps[2:] {
		if got.Error == nil || got.Error.Code != float64(http.StatusForbidden) {
			t.Errorf("%s: %+v %+v", got.Step, got, got.Error)
		}
	}
	for _, d := range s.issuer.deeds("client_credentials") {
		if d.Scope != "" || d.Granted != "" || d.Resource != s.mcpURL {
			t.Errorf("granted %+v", d)
		}
	}
}

// It asks for little, and for more when a call needs it.
func testForeignStepUp(t *testing.T, c interopClient) {
	s := startForeign(t, foreignConfigBaseline)
	steps := c.run(t, interopPlan{
		URL: s.mcpURL, Issuer: s.issuer.url, ClientID: clientID, ClientSecret: clientSecret, Calls: []string{"whoami", "whoami"},
	})
	s.finish()
	s.wantConnected(t, steps, c.speaks(), "greet")
	s.wantCalled(t, steps, clientID, clientID)
	s.wantGrants(t, []string{"tool:greet"}, []string{"tool:get_time", "tool:greet", "tool:whoami"})
	s.wantServed(t, c.wire(), 2)
}

func testForeignCommand(t *testing.T, c interopCommand, yaml string) {
	s := startForeign(t, yaml)
	environ := []string{"MCP_URL=" + s.mcpURL, "MCP_CLIENT_ID=" + clientID, "MCP_CLIENT_SECRET=" + clientSecret}
	status, output := newChild(t, environ...).run(c.path, c.arguments(nil, "", "whoami")...)
	s.finish()
	if status != 0 || !strings.Contains(output, clientID) {
		t.Errorf("exit status %d", status)
	}
	s.wantWire(t, c.wire)
	grants := s.issuer.deeds("client_credentials")
	if len(grants) == 0 || grants[len(grants)-1].Resource != s.mcpURL || !slices.Contains(grants[len(grants)-1].scopes(), "tool:whoami") {
		t.Errorf("granted %+v", grants)
	}
}
