//go:build interop && linux

package main

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// foreignName is the issuer, for the table.
func foreignName(t *testing.T) string {
	return "oidc-provider " + npmVersion(t, "oidc", "oidc-provider")
}

// TestInteropForeignTokens: the tokens of an issuer that nobody here wrote, at the wire.
func TestInteropForeignTokens(t *testing.T) {
	s := startForeign(t, foreignConfig)
	good := s.issuer.grant("tool:whoami", s.mcpURL)
	t.Run("accepted", func(t *testing.T) {
		if got := s.tryTool("whoami", good); got.status != http.StatusOK || !strings.Contains(got.body, `"issuer":"`+s.issuer.url+`"`) {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
	t.Run("discovered", func(t *testing.T) {
		// Its keys were found through its metadata: no URL of them was configured.
		var paths []string
		for _, d := range s.issuer.deeds("serve") {
			paths = append(paths, d.Path)
		}
		if !slices.Equal(paths, []string{"/.well-known/openid-configuration", "/jwks"}) {
			t.Errorf("the issuer was asked for %q", paths)
		}
	})
	other := strings.TrimSuffix(s.mcpURL, "/mcp") + "/other"
	for _, tt := range []struct{ name, token, reason string }{
		{"for another resource", s.issuer.grant("tool:whoami", other), "audience"},
		{"for no resource, which makes it opaque", s.issuer.grant("tool:whoami", ""), "malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) { s.wantUnauthorized(t, tt.token, tt.reason) })
	}
	t.Run("with too few scopes, and then with those of the challenge", func(t *testing.T) {
		got := s.tryTool("probe", good)
		challenge := got.header.Get("WWW-Authenticate")
		want := `Bearer error="insufficient_scope", error_description=`
		if got.status != http.StatusForbidden || !strings.HasPrefix(challenge, want) {
			t.Fatalf("%d %s", got.status, challenge)
		}
		_, rest, _ := strings.Cut(challenge, ` scope="`)
		scope, _, _ := strings.Cut(rest, `"`)
		if scope != "tool:probe" {
			t.Errorf("asks for %q", scope)
		}
		if got := s.tryTool("probe", s.issuer.grant(scope, s.mcpURL)); got.status != http.StatusOK {
			t.Errorf("after the step-up: %d %s", got.status, got.body)
		}
	})
	t.Run("expired", func(t *testing.T) {
		s.clock.advance(time.Duration(s.issuer.plan.TTL)*time.Second - 10*time.Second)
		if got := s.tryTool("whoami", good); got.status != http.StatusOK {
			t.Errorf("shortly before: %d %s", got.status, got.body)
		}
		s.clock.advance(time.Minute) // more than auth.clock_skew
		s.wantUnauthorized(t, good, "expired")
	})
}

// TestInteropForeignRotation: the issuer comes back with another key. Its first token is
// accepted, and from then on none of the key that it has no longer.
func TestInteropForeignRotation(t *testing.T) {
	s := startForeign(t, foreignConfig)
	old := s.issuer.grant("tool:whoami", s.mcpURL)
	if got := s.tryTool("whoami", old); got.status != http.StatusOK {
		t.Fatalf("before: %d %s", got.status, got.body)
	}
	s.issuer.stop()
	at, err := url.Parse(s.issuer.url)
	if err != nil {
		t.Fatal(err)
	}
	plan := s.issuer.plan
	plan.KeyID = "second"
	if plan.Port, err = strconv.Atoi(at.Port()); err != nil {
		t.Fatal(err)
	}
	s.issuer = startForeignIssuer(t, plan)
	if got := s.tryTool("whoami", old); got.status != http.StatusOK {
		t.Errorf("the old key, before anybody can know: %d %s", got.status, got.body)
	}
	if got := s.tryTool("whoami", s.issuer.grant("tool:whoami", s.mcpURL)); got.status != http.StatusOK {
		t.Errorf("the new key: %d %s", got.status, got.body)
	}
	s.wantUnauthorized(t, old, "unknown_kid")
}

// tryTool calls a tool by hand.
func (s *foreignStack) tryTool(tool, token string) answer {
	s.t.Helper()
	body, header := callBody(modernEra, tool, "{}")
	return s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token))
}

// wantUnauthorized expects a 401, and its reason in the log.
func (s *foreignStack) wantUnauthorized(t *testing.T, token, reason string) {
	t.Helper()
	from := s.logs.len()
	got := s.tryTool("whoami", token)
	metadata := strings.TrimSuffix(s.mcpURL, "/mcp") + "/.well-known/oauth-protected-resource/mcp"
	if got.status != http.StatusUnauthorized || !strings.Contains(got.header.Get("WWW-Authenticate"), `resource_metadata="`+metadata+`"`) {
		t.Errorf("%d %v", got.status, got.header)
	}
	eventually(t, "the line of the request", func() bool { return strings.Contains(s.logs.since(from), `"msg":"request"`) })
	if said := s.logs.since(from); !strings.Contains(said, `"reason":"`+reason+`"`) {
		t.Errorf("want the reason %q: %s", reason, said)
	}
}
