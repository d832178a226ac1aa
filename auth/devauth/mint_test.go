package devauth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"reflect"
	"strings"
	"testing"

	"mcp-resource-server/auth/devauth"
)

func TestClaimsAreThoseOfTheTokenEndpoint(t *testing.T) {
	for _, profile := range []devauth.Profile{devauth.ProfileAuth0, devauth.ProfileRFC9068} {
		t.Run(string(profile), func(t *testing.T) {
			cfg := testConfig()
			cfg.Profile = profile
			s := start(t, cfg)
			wantHeader, want := issued(t, s, form(""))
			token, err := s.Mint(devauth.MintSpec{Claims: s.Claims("agent", nil, []string{"tool:b", "tool:a"})})
			if err != nil {
				t.Fatal(err)
			}
			header, claims := verify(t, keys(t, s), token)
			if !reflect.DeepEqual(header, wantHeader) {
				t.Errorf("header = %v, want %v", header, wantHeader)
			}
			if (claims["jti"] == nil) != (want["jti"] == nil) {
				t.Errorf("jti = %v, the endpoint's is %v", claims["jti"], want["jti"])
			}
			delete(claims, "jti")
			delete(want, "jti")
			if !reflect.DeepEqual(claims, want) {
				t.Errorf("claims = %v\nwant %v", claims, want)
			}
		})
	}
}

func TestClaimsAudience(t *testing.T) {
	s := start(t, testConfig())
	tests := []struct {
		name     string
		audience []string
		want     any
	}{
		{"default", nil, apiOne},
		{"one", []string{"https://any.example"}, "https://any.example"},
		{"several", []string{apiTwo, "https://any.example"}, []string{apiTwo, "https://any.example"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := s.Claims("agent", tt.audience, nil)["aud"]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("aud = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMint(t *testing.T) {
	s := start(t, testConfig())
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	header := func(typ, alg string) map[string]any {
		return map[string]any{"typ": typ, "alg": alg, "kid": s.KeyID()}
	}
	tests := []struct {
		name       string
		spec       devauth.MintSpec
		wantHeader map[string]any
	}{
		{"nothing", devauth.MintSpec{}, header("JWT", "RS256")},
		{"overridden", devauth.MintSpec{Header: map[string]any{"alg": "none", "typ": "at+jwt"}}, header("at+jwt", "none")},
		{"deleted", devauth.MintSpec{Header: map[string]any{"typ": nil}}, map[string]any{"alg": "RS256", "kid": s.KeyID()}},
		{"added", devauth.MintSpec{Header: map[string]any{"crit": []string{"b64"}}}, map[string]any{
			"alg": "RS256", "typ": "JWT", "kid": s.KeyID(), "crit": []any{"b64"},
		}},
		{"any claims", devauth.MintSpec{Claims: map[string]any{"exp": "soon"}}, header("JWT", "RS256")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token, err := s.Mint(tt.spec)
			if err != nil {
				t.Fatal(err)
			}
			published := keys(t, s)
			got, claims := verify(t, published, token)
			if !reflect.DeepEqual(got, tt.wantHeader) {
				t.Errorf("header = %v, want %v", got, tt.wantHeader)
			}
			if len(claims) != len(tt.spec.Claims) {
				t.Errorf("claims = %v, want %v", claims, tt.spec.Claims)
			}
		})
	}
	t.Run("foreign key", func(t *testing.T) {
		token, err := s.Mint(devauth.MintSpec{Key: foreign})
		if err != nil {
			t.Fatal(err)
		}
		kid := decodeObject(t, strings.Split(token, ".")[0])["kid"]
		if kid == s.KeyID() || kid == nil {
			t.Errorf("kid = %v, want the foreign key's thumbprint", kid)
		}
		token, err = s.Mint(devauth.MintSpec{Key: foreign, KeyID: s.KeyID()})
		if err != nil {
			t.Fatal(err)
		}
		if kid := decodeObject(t, strings.Split(token, ".")[0])["kid"]; kid != s.KeyID() {
			t.Errorf("kid = %v, want %v", kid, s.KeyID())
		}
	})
	t.Run("what JSON cannot write", func(t *testing.T) {
		_, err := s.Mint(devauth.MintSpec{Claims: map[string]any{"x": func() {}}})
		if err == nil || !strings.Contains(err.Error(), "encoding the claims") {
			t.Errorf("error = %v", err)
		}
	})
}
