package main

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// TestRestartWhileTheIssuerIsDown: a server that begins anew while no issuer answers
// goes on with the keys that it has kept: no good token is refused, from the first
// request on. The twin has kept none, and can judge nothing.
func TestRestartWhileTheIssuerIsDown(t *testing.T) {
	for _, tt := range []struct {
		name   string
		keeps  bool
		status int
		ready  string
	}{
		{"with auth.jwks.cache_dir", true, http.StatusOK, "{\"status\":\"ready\"}\n"},
		{"without", false, http.StatusServiceUnavailable, "{\"status\":\"not ready\"}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			issuers := startKeyServer(t)
			dir := filepath.Join(t.TempDir(), "keys")
			configure := func(c *config.Config) {
				c.Auth.RequiredScopes = []string{"base"}
				c.Auth.Issuer, c.Auth.Audience = "", ""
				for name, p := range restartPlaces() {
					c.Auth.Issuers = append(c.Auth.Issuers, auth.IssuerConfig{
						Issuer: p.issuer(name), Audiences: []string{draftAudience}, JWKSURL: issuers.publish("/"+name, p.keys),
					})
				}
				if tt.keeps {
					c.Auth.JWKS.CacheDir = dir
				}
			}
			begin := func() *stack {
				return startServer(t, listen(t, "127.0.0.1:0"), "", &clock{start: draftNow}, configure)
			}
			tokens := restartTokens()

			first := begin()
			eventually(t, "both issuers have their keys", func() bool {
				_, statuses := first.app.trust.Ready()
				return !slices.ContainsFunc(statuses, func(s auth.KeyStatus) bool { return !s.Usable })
			})
			for name, token := range tokens {
				if got := first.try(token); got.status != http.StatusOK {
					t.Fatalf("%s, before: %d %s", name, got.status, got.body)
				}
			}
			if err := first.stop(); err != nil {
				t.Fatal(err)
			}
			issuers.close()

			again := begin()
			for range 10 {
				for name, token := range tokens {
					if got := again.try(token); got.status != tt.status {
						t.Errorf("%s, after: %d %s", name, got.status, got.body)
					}
				}
			}
			ready, err := http.Get(strings.TrimSuffix(again.mcpURL, "/mcp") + "/readyz")
			if err != nil {
				t.Fatal(err)
			}
			defer ready.Body.Close()
			if body := readAll(t, ready); ready.StatusCode != tt.status || body != tt.ready {
				t.Errorf("/readyz: %d %s", ready.StatusCode, body)
			}
			// Kept keys are keys of their issuer, and nothing more.
			if tt.keeps {
				forged := goodDraft(issuerOf(plain))
				forged.key = foreignRSA()
				if got := again.try(forged.token()); got.status != http.StatusUnauthorized {
					t.Errorf("a forged token: %d", got.status)
				}
			}
		})
	}
}

func restartPlaces() map[string]place {
	return map[string]place{
		plain:    {keys: commonKeys()},
		"second": {keys: keySetOf(rsaJWK("key-name-that-two-have", "", &foreignRSA().PublicKey), rsaJWK("key-of-the-second", "RS256", &foreignRSA().PublicKey))},
	}
}

// restartTokens are good tokens of every key that may be used.
func restartTokens() map[string]string {
	tokens := map[string]string{}
	for _, kid := range []string{draftKID, "key-without-an-alg", "key-name-that-two-have"} {
		d := goodDraft(issuerOf(plain))
		keyID(kid)(d)
		tokens["plain, "+kid] = d.token()
	}
	for _, kid := range []string{"key-name-that-two-have", "key-of-the-second"} {
		d := goodDraft(issuerOf("second"))
		edits(keyID(kid), signedBy("RS256", foreignRSA()))(d)
		tokens["second, "+kid] = d.token()
	}
	return tokens
}

// try calls the tool with a token.
func (s *stack) try(token string) answer {
	s.t.Helper()
	body, header := callBody(modernEra, "probe", "{}")
	return s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token))
}
