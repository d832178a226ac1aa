package devauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestDiscovery(t *testing.T) {
	s := start(t, testConfig())
	want := map[string]any{
		"issuer":                                s.Issuer(),
		"authorization_endpoint":                s.Issuer() + "authorize",
		"token_endpoint":                        s.Issuer() + "oauth/token",
		"jwks_uri":                              s.Issuer() + ".well-known/jwks.json",
		"grant_types_supported":                 []any{"client_credentials"},
		"token_endpoint_auth_methods_supported": []any{"client_secret_basic", "client_secret_post"},
		"scopes_supported":                      []any{"tool:b", "tool:a"},
		"response_types_supported":              []any{"code"},
		"subject_types_supported":               []any{"public"},
		"id_token_signing_alg_values_supported": []any{"RS256"},
	}
	for _, name := range []string{"openid-configuration", "oauth-authorization-server"} {
		for _, path := range []string{"", "/"} {
			for _, slash := range []string{"", "/"} {
				target := s.Issuer() + slash + ".well-known/" + name + path
				t.Run(strings.TrimPrefix(target, s.Issuer()), func(t *testing.T) {
					a := send(t, request(t, http.MethodGet, target, ""))
					if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
						t.Fatalf("status = %d, content type %q", a.status, a.header.Get("Content-Type"))
					}
					if got := a.json(t); !reflect.DeepEqual(got, want) {
						t.Errorf("metadata = %v\nwant %v", got, want)
					}
					head := send(t, request(t, http.MethodHead, target, ""))
					if head.status != http.StatusOK || head.body != "" {
						t.Errorf("HEAD: status = %d, body %q", head.status, head.body)
					}
				})
			}
		}
	}
}

// The endpoint that the metadata names is there, and issues nothing.
func TestAuthorize(t *testing.T) {
	s := start(t, testConfig())
	a := send(t, request(t, http.MethodGet, s.Issuer()+"authorize?response_type=code&redirect_uri=http%3A%2F%2Flocalhost", ""))
	if a.status != http.StatusBadRequest || a.header.Get("Location") != "" || !strings.HasPrefix(a.body, "unsupported_response_type: ") {
		t.Errorf("status = %d, Location %q, body %q", a.status, a.header.Get("Location"), a.body)
	}
}

func TestDiscoveryWithoutScopes(t *testing.T) {
	cfg := testConfig()
	cfg.Clients = cfg.Clients[1:2]
	s := start(t, cfg)
	a := send(t, request(t, http.MethodGet, s.Issuer()+".well-known/openid-configuration", ""))
	if scopes, ok := a.json(t)["scopes_supported"]; ok {
		t.Errorf("scopes_supported = %v, want none: RFC 8414 §3.2 leaves empty claims out", scopes)
	}
}

func TestKeySet(t *testing.T) {
	s := start(t, testConfig())
	a := send(t, request(t, http.MethodGet, s.JWKSURL(), ""))
	if got := a.header.Get("Cache-Control"); got != "public, max-age=15" {
		t.Errorf("Cache-Control = %q", got)
	}
	published := keys(t, s)
	if len(published) != 2 || published[0].Kid != s.KeyID() || published[1].Kid == s.KeyID() {
		t.Fatalf("keys = %+v, want the current one and the next", published)
	}
	for _, key := range published {
		if key.Kty != "RSA" || key.Use != "sig" || key.Alg != "RS256" || key.E != "AQAB" || len(decode(t, key.N)) != 256 {
			t.Errorf("key = %+v", key)
		}
		sum := sha256.Sum256([]byte(`{"e":"` + key.E + `","kty":"RSA","n":"` + key.N + `"}`))
		if want := base64.RawURLEncoding.EncodeToString(sum[:]); key.Kid != want {
			t.Errorf("kid = %q, want the thumbprint %q", key.Kid, want)
		}
	}
}

func TestFrontPage(t *testing.T) {
	s := start(t, testConfig())
	a := send(t, request(t, http.MethodGet, s.Issuer(), ""))
	if a.status != http.StatusOK || !strings.HasPrefix(a.body, "This is a DEVELOPMENT authorization server. Never use it in production.") {
		t.Errorf("status = %d, body:\n%s", a.status, a.body)
	}
	for _, want := range []string{s.TokenURL(), s.JWKSURL(), s.Issuer() + "dev/rotate"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not list %s", want)
		}
	}
	if strings.Contains(a.body, "secret") {
		t.Error("the page tells a secret")
	}
}

// The twins are the other tests: each path with its own method is answered.
func TestOtherMethodsAndPaths(t *testing.T) {
	s := start(t, testConfig())
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodGet, "oauth/token", http.StatusMethodNotAllowed, "POST"},
		{http.MethodOptions, "oauth/token", http.StatusMethodNotAllowed, "POST"},
		{http.MethodGet, "dev/rotate", http.StatusMethodNotAllowed, "POST"},
		{http.MethodPost, ".well-known/jwks.json", http.StatusMethodNotAllowed, "GET, HEAD"},
		{http.MethodDelete, ".well-known/openid-configuration", http.StatusMethodNotAllowed, "GET, HEAD"},
		{http.MethodPost, "", http.StatusMethodNotAllowed, "GET, HEAD"},
		{http.MethodPost, "oauth/token/", http.StatusNotFound, ""},
		{http.MethodPost, "/oauth/token", http.StatusNotFound, ""},
		{http.MethodPost, "oauth/../oauth/token", http.StatusNotFound, ""},
		{http.MethodGet, "login", http.StatusNotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			a := send(t, request(t, tt.method, s.Issuer()+tt.path, ""))
			if a.status != tt.status || a.header.Get("Allow") != tt.allow {
				t.Errorf("status = %d, Allow = %q", a.status, a.header.Get("Allow"))
			}
		})
	}
}
