package main

import (
	"crypto/rsa"
	"net/http"
	"slices"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// place is an issuer of the server under test, with settings of its own.
type place struct {
	// identifier is its iss; "" is https://NAME.example/.
	identifier string
	// set changes the settings; nil leaves the defaults.
	set func(*auth.IssuerConfig)
	// keys is what a request for its key set gets; nil is commonKeys.
	keys keyAnswer
	// restless says that it is asked again and again, as its keys cannot be had.
	restless bool
}

const plain = "plain"

// issuerOf is the identifier of a place that has none of its own.
func issuerOf(name string) string { return "https://" + name + ".example/" }

func (p place) issuer(name string) string {
	if p.identifier != "" {
		return p.identifier
	}
	return issuerOf(name)
}

// commonKeys is the key set of nearly every issuer: three good keys, and a good
// many that must not be used.
func commonKeys() keyAnswer {
	own := &ownRSA().PublicKey
	encryption := rsaJWK("key-for-encryption", "", own)
	encryption["use"] = `"enc"`
	wrapping := rsaJWK("key-for-wrapping", "", own)
	wrapping["key_ops"] = `["wrapKey"]`
	nameless := rsaJWK("", "RS256", own)
	delete(nameless, "kid")
	return keySetOf(
		rsaJWK(draftKID, "RS256", own),
		rsaJWK("key-without-an-alg", "", own),
		rsaJWK("key-name-that-two-have", "", own),
		rsaJWK("key-made-for-rs512", "RS512", own),
		rsaJWK("key-of-1024-bits", "", &weakRSA().PublicKey),
		rsaJWK("key-with-exponent-3", "", &rsa.PublicKey{N: own.N, E: 3}),
		rsaJWK("key-that-stands-twice", "", own),
		rsaJWK("key-that-stands-twice", "", &foreignRSA().PublicKey),
		ecJWK("key-on-a-curve", "", &ownEC256().PublicKey),
		members{"kty": `"oct"`, "kid": `"key-that-is-a-secret"`, "k": `"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"`},
		members{"kty": `"XYZ"`, "kid": `"key-of-unknown-kind"`},
		encryption, wrapping, nameless,
	)
}

// places are the issuers of the rows about tokens and settings.
func places() map[string]place {
	return map[string]place{
		plain:  {set: func(c *auth.IssuerConfig) { c.Audiences = append(c.Audiences, "urn:example:api") }},
		"bare": {identifier: "https://bare.example"}, // no slash behind
		"second": {
			set:  func(c *auth.IssuerConfig) { c.Audiences = []string{"https://elsewhere.example.com/"} },
			keys: keySetOf(rsaJWK("key-name-that-two-have", "", &foreignRSA().PublicKey), rsaJWK("key-of-the-second", "", &foreignRSA().PublicKey)),
		},
		"clients":       {set: func(c *auth.IssuerConfig) { c.AllowedClients = []string{draftClient, "another-client-of-ours"} }},
		"client-claims": {set: func(c *auth.IssuerConfig) { c.ClientIDClaims = []string{"cid", "act.client"} }},
		"orgs":          {set: func(c *auth.IssuerConfig) { c.AllowedOrganizations = []string{"org_of_our_own", "org_of_a_friend"} }},
		"required": {set: func(c *auth.IssuerConfig) {
			c.RequiredClaims = []auth.RequiredClaim{
				{Claim: "token_use", Value: "access"},
				{Claim: "realm_access.roles", Value: "operator-of-tools"},
				{Claim: "https://example.com/verified", Value: "true"},
			}
		}},
		"age": {set: func(c *auth.IssuerConfig) { c.MaxTokenAge = 10 * time.Minute }},
		"strict": {set: func(c *auth.IssuerConfig) {
			c.StrictAudience, c.Audiences = true, []string{draftAudience, "urn:example:api"}
		}},
		"no-aud":  {set: func(c *auth.IssuerConfig) { c.AudienceClaim, c.Audiences = "client_id", []string{"audience-by-client"} }},
		"types":   {set: func(c *auth.IssuerConfig) { c.TokenTypes = []string{"at+jwt"} }},
		"untyped": {set: func(c *auth.IssuerConfig) { c.TokenTypes = []string{"", "JWT"} }},
		"algorithms": {
			set: func(c *auth.IssuerConfig) { c.Algorithms = []string{"RS512", "PS256", "ES256", "ES384"} },
			keys: keySetOf(
				rsaJWK("rsa-key-for-anything", "", &ownRSA().PublicKey), rsaJWK("rsa-key-for-ps256", "PS256", &ownRSA().PublicKey),
				ecJWK("key-on-curve-256", "ES256", &ownEC256().PublicKey), ecJWK("key-on-curve-384", "", &ownEC384().PublicKey),
			),
		},
		"union": {set: func(c *auth.IssuerConfig) { c.ScopeClaims = []string{"scopes", "scp", "realm_access.roles"} }},
		"intersection": {set: func(c *auth.IssuerConfig) {
			c.ScopeClaims, c.ScopeClaimsMode = []string{"scope", "permissions"}, auth.ScopeClaimsIntersection
		}},
		"drained": {},
		"down":    {keys: func(int) (int, string) { return http.StatusServiceUnavailable, "" }, restless: true},
		// Its keys can be had once.
		"faltering": {restless: true, keys: func(n int) (int, string) {
			if n > 1 {
				return http.StatusInternalServerError, ""
			}
			return commonKeys()(n)
		}},
	}
}

// configurePlaces gives the server the issuers, and each issuer its key set.
func configurePlaces(t *testing.T, c *config.Config, keys *keyServer, all map[string]place) {
	t.Helper()
	c.HTTP.PublicURL = "https://public.test/mcp"
	c.Auth.Issuer, c.Auth.Audience = "", ""
	c.Auth.RequiredScopes = []string{"base"}
	// Nobody's bucket is filled again while the test runs.
	c.Auth.JWKS.Cooldown = time.Hour
	for name, p := range all {
		ic := auth.IssuerConfig{Issuer: p.issuer(name), Audiences: []string{draftAudience}}
		if p.set != nil {
			p.set(&ic)
		}
		if ic.PublicKey == "" && ic.PublicKeyFile == "" {
			set := p.keys
			if set == nil {
				set = commonKeys()
			}
			ic.JWKSURL = keys.publish("/"+name, set)
		}
		c.Auth.Issuers = append(c.Auth.Issuers, ic)
	}
	slices.SortFunc(c.Auth.Issuers, func(a, b auth.IssuerConfig) int { return len(b.Issuer) - len(a.Issuer) })
	if err := c.Validate().Err(); err != nil {
		t.Fatal(err)
	}
}
