//go:build interop

package main

import (
	"encoding/json"
	"slices"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// A client that has the baseline alone calls a tool that needs more: it is told which
// scopes, asks the issuer for them, and tries again.
func testStepUp(t *testing.T, c interopClient) {
	s := startInterop(t, func(cfg *config.Config) {
		cfg.Auth.RequiredScopes = []string{"tool:whoami"}
		// Else a client asks for all that there is, at once.
		cfg.Access.MetadataScopes = auth.MetadataScopesBaseline
		cfg.Access.Rules = []auth.AccessRule{{Tools: []string{"probe"}, AllOf: []string{"tool:probe", "tool:greet"}}}
	})
	steps := s.run(c, interopPlan{ClientID: clientID, Calls: []string{"probe", "whoami"}})

	s.wantConnected(c, steps, "whoami")
	if len(steps) != 4 {
		t.Fatalf("%d steps: %+v", len(steps), steps)
	}
	called, asked := steps[2], steps[3]
	if called.Error != nil || called.IsError || called.Content["client_id"] != clientID {
		t.Errorf("probe: %+v", called)
	}
	named := []string{"tool:greet", "tool:probe", "tool:whoami"}
	if got, _ := json.Marshal(asked.Content["scopes"]); string(got) != `["tool:greet","tool:probe","tool:whoami"]` {
		t.Errorf("whoami: %+v", asked)
	}
	s.wantRefusals("401 missing", "403 scope")
	s.wantTokenRequests([]string{"tool:whoami"}, named)
	s.wantProbed(1)
}

// An issuer grants what an administrator assigned, and no token would help: the client
// tells so, once, and asks for none.
func testFinalDenial(t *testing.T, c interopClient) {
	s := startInterop(t, func(cfg *config.Config) {
		cfg.Auth.ScopeClaims = []string{"permissions"}
		cfg.Access.Rules = []auth.AccessRule{{Tools: []string{"whoami"}, Authenticated: true}}
	})
	steps := s.run(c, interopPlan{ClientID: clientID, Calls: []string{"probe", "whoami"}})

	s.wantConnected(c, steps, "whoami")
	s.wantRefused(c, steps[2:], neededAssignment)
	s.wantRefusals("401 missing", "403 permission")
	offered := slices.DeleteFunc(allScopes(), func(scope string) bool { return scope == "tool:whoami" })
	if c.noScope {
		offered = []string{}
	}
	s.wantTokenRequests(offered)
	s.wantProbed(0)
}

// The issuer gives less than was asked for: the client gives up after one attempt.
func testNeverGranted(t *testing.T, c interopClient) {
	s := startInterop(t, func(cfg *config.Config) {
		cfg.Access.Rules = []auth.AccessRule{{Tools: []string{"whoami"}, Authenticated: true}}
	})
	steps := s.run(c, interopPlan{ClientID: poorClient, Calls: []string{"probe", "whoami"}})

	s.wantConnected(c, steps, "whoami")
	s.wantRefused(c, steps[2:], neededProbe)
	s.wantRefusals("401 missing", "403 scope", "403 scope")
	s.wantTokenRequests(nil, nil) // for what, besides tool:probe, is the client's own choice
	s.wantProbed(0)
}

// A client that was handed a token, and cannot get another.
func testHeader(t *testing.T, c interopClient) {
	s := startInterop(t, c.listing)
	token := s.mint(func(claims map[string]any) { claims["scope"] = "tool:whoami" })
	steps := s.run(c, interopPlan{Token: token, Calls: []string{"whoami", "probe", "whoami"}})

	s.wantConnected(c, steps, c.lists("whoami")...)
	s.wantAnswered(steps[2])
	s.wantRefused(c, steps[3:], neededProbe)
	s.wantRefusals("403 scope")
	s.wantTokenRequests()
	s.wantProbed(0)
}

// A client that asks for no scope gets all that it was granted: there is nothing to step
// up to.
func testAllGranted(t *testing.T, c interopClient) {
	s := startInterop(t)
	steps := s.run(c, interopPlan{ClientID: clientID, Calls: []string{"probe", "whoami"}})

	s.wantConnected(c, steps, allTools()...)
	if len(steps) != 4 || steps[2].Error != nil || steps[2].Content["client_id"] != clientID {
		t.Fatalf("probe: %+v", steps[2:])
	}
	s.wantAnswered(steps[3])
	s.wantRefusals("401 missing")
	s.wantTokenRequests([]string{})
	s.wantProbed(1)
}

// A client that hears of a missing scope, and asks for those of the first challenge again.
func testNoStepUp(t *testing.T, c interopClient) {
	s := startInterop(t, func(cfg *config.Config) {
		cfg.Auth.RequiredScopes = []string{"tool:whoami"}
		cfg.Access.MetadataScopes = auth.MetadataScopesBaseline
	})
	steps := s.run(c, interopPlan{ClientID: clientID, Calls: []string{"probe", "whoami"}})

	s.wantConnected(c, steps, "whoami")
	s.wantRefused(c, steps[2:], neededProbe)
	s.wantRefusals("401 missing", "403 scope", "403 scope")
	first := []string{"tool:whoami"}
	s.wantTokenRequests(first, first, first)
	s.wantProbed(0)
}

func testHeaderFinal(t *testing.T, c interopClient) {
	s := startInterop(t, c.listing, func(cfg *config.Config) { cfg.Auth.ScopeClaims = []string{"permissions"} })
	token := s.mint(func(claims map[string]any) { claims["permissions"] = []string{"tool:whoami"} })
	steps := s.run(c, interopPlan{Token: token, Calls: []string{"whoami", "probe", "whoami"}})

	s.wantConnected(c, steps, c.lists("whoami")...)
	s.wantAnswered(steps[2])
	s.wantRefused(c, steps[3:], neededAssignment)
	s.wantRefusals("403 permission")
	s.wantTokenRequests()
	s.wantProbed(0)
}

// What the server says of a call of probe.
var (
	neededProbe = rpcRefusal{
		Code: -32003,
		Message: "insufficient scope: this operation needs tool:probe; " +
			"request these scopes, or have an administrator grant them to the client",
		Data: map[string]any{"required_scopes": []any{"tool:probe"}},
	}
	neededAssignment = rpcRefusal{
		Code: -32003,
		Message: "not permitted: an administrator must assign tool:probe to the client agent, or to its user; " +
			"asking for another token before that does not help",
		Data: map[string]any{"final": true, "missing": []any{"tool:probe"}},
	}
)
