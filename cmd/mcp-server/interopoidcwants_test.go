//go:build interop && linux

package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// wantConnected expects that a client connected, and saw these tools.
func (s *foreignStack) wantConnected(t *testing.T, steps []toldStep, version string, tools ...string) {
	t.Helper()
	if len(steps) != 4 {
		t.Fatalf("%d steps: %+v", len(steps), steps)
	}
	if got := steps[0]; got.Error != nil || got.Version != version {
		t.Errorf("connected in %q, want %q: %+v", got.Version, version, got.Error)
	}
	if got := steps[1].Tools; !slices.Equal(got, tools) {
		t.Errorf("tools: %q, want %q", got, tools)
	}
}

// wantCalled expects that it made two calls as somebody, the last of whoami.
func (s *foreignStack) wantCalled(t *testing.T, steps []toldStep, client, subject string) {
	t.Helper()
	for _, got := range steps[2:] {
		if got.Error != nil || got.IsError || got.Content["client_id"] != client || got.Content["subject"] != subject {
			t.Errorf("%s: %+v %+v, want client %q, subject %q", got.Step, got, got.Error, client, subject)
		}
	}
	if got := steps[3].Content["issuer"]; got != s.issuer.url {
		t.Errorf("issuer: %v", got)
	}
}

// wantGrants compares the scopes that were asked for with client credentials, in order,
// each for this server.
func (s *foreignStack) wantGrants(t *testing.T, want ...[]string) {
	t.Helper()
	var got [][]string
	for _, d := range s.issuer.deeds("client_credentials") {
		got = append(got, d.scopes())
		if d.Resource != s.mcpURL || d.Client != clientID {
			t.Errorf("granted %+v", d)
		}
	}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

// wantServed expects that the client found its way through so many refusals: the first
// for want of a token, the next, if any, for want of scopes.
func (s *foreignStack) wantServed(t *testing.T, version string, refusals int) {
	t.Helper()
	s.wantWire(t, version)
	var refused []int
	for _, e := range s.wire.exchanges(t) {
		if e.method == http.MethodPost && e.status >= http.StatusBadRequest {
			refused = append(refused, e.status)
		}
	}
	if want := []int{http.StatusUnauthorized, http.StatusForbidden}[:refusals]; !slices.Equal(refused, want) {
		t.Errorf("refused with %v, want %v", refused, want)
	}
}

// wantWire expects calls in one version of MCP alone, and the metadata to be read.
func (s *foreignStack) wantWire(t *testing.T, version string) {
	t.Helper()
	s.wire.wantMessages(t, fmt.Sprintf("tools/call %s %d", version, http.StatusOK))
	read := slices.ContainsFunc(s.wire.exchanges(t), func(e exchange) bool {
		return e.path == "/.well-known/oauth-protected-resource/mcp" && e.status == http.StatusOK
	})
	if !read {
		t.Error("nobody read the metadata")
	}
}

// wantLogin expects one login, by code and PKCE, for this server, and returns the client
// that the issuer knows: one that registered itself, or the one of a document.
func (s *foreignStack) wantLogin(t *testing.T, document string) string {
	t.Helper()
	registered, authorized := s.issuer.deeds("register"), s.issuer.deeds("authorize")
	granted := s.issuer.deeds("authorization_code")
	if len(authorized) == 0 || len(granted) == 0 {
		t.Fatalf("no login: %+v", s.issuer.deeds())
	}
	a, g := authorized[0], granted[0]
	if a.PKCE != "S256" || a.Resource != s.mcpURL || g.Resource != s.mcpURL || g.Client != a.Client {
		t.Errorf("logged in with %+v and %+v", a, g)
	}
	client := document
	if document == "" {
		if len(registered) == 0 {
			t.Fatal("nobody registered")
		}
		client = registered[0].Client
		if registered[0].Method != "none" {
			t.Errorf("registered as %+v", registered[0])
		}
	} else if len(registered) > 0 {
		t.Errorf("registered, in spite of the document: %+v", registered)
	}
	if a.Client != client {
		t.Errorf("logged in as %q, want %q", a.Client, client)
	}
	return client
}

// aDocument is what the owner of a client publishes about it.
func aDocument(id string, redirects ...string) map[string]map[string]any {
	return map[string]map[string]any{id: {
		"client_id": id, "client_name": "interop", "redirect_uris": redirects, "application_type": "native",
		"token_endpoint_auth_method": "none", "response_types": []string{"code"},
		"grant_types": []string{"authorization_code", "refresh_token"},
	}}
}
