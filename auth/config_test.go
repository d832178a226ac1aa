package auth

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/faults"
)

// validShort and validLong are the twins of everything below.
func validShort() Config {
	c := DefaultConfig()
	c.Issuer, c.Audience = testIssuer, testAudience
	return c
}

func validLong() Config { return testConfig() }

func TestConfigValidate(t *testing.T) {
	const (
		absolute  = "must be an absolute URL such as https://TENANT.auth0.com/"
		plain     = "must have no query and no fragment (RFC 8414 §2)"
		transport = "must be https (http is accepted for a loopback address, or with insecure_http in auth.issuers): whoever can change the keys on their way can forge every token"
		beside    = "cannot be set beside auth.issuers: use one form or the other"
		audience  = "must be a non-empty identifier without spaces"
		jwks      = "must be an absolute URL of a JWK set"
	)
	short := func(change func(*Config)) Config { c := validShort(); change(&c); return c }
	long := func(change func(*Config)) Config { c := validLong(); change(&c); return c }
	first := func(change func(*IssuerConfig)) Config {
		return long(func(c *Config) { change(&c.Issuers[0]) })
	}
	issuer := func(v string) Config { return short(func(c *Config) { c.Issuer = v }) }
	jwksURL := func(v string) Config { return short(func(c *Config) { c.JWKSURL = v }) }
	for _, tt := range []struct {
		name string
		c    Config
		want string // "" is valid
	}{
		{"short form", validShort(), ""},
		{"long form", validLong(), ""},
		{"nothing", DefaultConfig(), "issuer: is required: the authorization server's issuer identifier, as it stands in a token's iss\n" +
			"audience: is required: the identifier of this API at the authorization server, as it stands in a token's aud"},
		{"the zero value", Config{}, "issuer: is required: the authorization server's issuer identifier, as it stands in a token's iss\n" +
			"audience: is required: the identifier of this API at the authorization server, as it stands in a token's aud\n" +
			"jwks.refresh_interval: must be at least 1s\njwks.cooldown: must be at least 100ms\njwks.max_stale: must be at least 1s\njwks.timeout: must be at least 100ms"},

		{"issuer on loopback", issuer("http://127.0.0.1:9000/"), ""},
		{"issuer on localhost", issuer("http://localhost:9000"), ""},
		{"issuer on IPv6 loopback", issuer("http://[::1]:9000/"), ""},
		{"issuer with a path", issuer("https://login.example/tenant/v2.0"), ""},
		{"issuer by http", issuer("http://issuer.example/"), "issuer: " + transport},
		{"issuer by http on an address", issuer("http://10.0.0.1/"), "issuer: " + transport},
		{"issuer by http below localhost", issuer("http://evil.localhost/"), "issuer: " + transport},
		{"issuer of another scheme", issuer("ftp://issuer.example/"), "issuer: " + transport},
		{"issuer without a scheme", issuer("issuer.example"), "issuer: " + absolute},
		{"issuer opaque", issuer("https:issuer.example"), "issuer: " + absolute},
		{"issuer without a host", issuer("https://:443/"), "issuer: " + absolute},
		{"issuer with a user", issuer("https://a:b@issuer.example/"), "issuer: " + absolute},
		{"issuer with a space", issuer("https://issuer.example/ "), "issuer: " + absolute},
		{"issuer with a line break", issuer("https://issuer.example/\n"), "issuer: " + absolute},
		{"issuer not UTF-8", issuer("https://issuer.example/\xff"), "issuer: " + absolute},
		{"issuer with a query", issuer("https://issuer.example/?a=b"), "issuer: " + plain},
		{"issuer with an empty query", issuer("https://issuer.example/?"), "issuer: " + plain},
		{"issuer with a fragment", issuer("https://issuer.example/#a"), "issuer: " + plain},
		{"issuer with an empty fragment", issuer("https://issuer.example/#"), "issuer: " + plain},

		{"audience no URL", short(func(c *Config) { c.Audience = "my-api" }), ""},
		{"audience with a space", short(func(c *Config) { c.Audience = "my api" }), "audience: " + audience},
		{"jwks_url with a query", jwksURL("https://keys.example/jwks?kid=1"), ""},
		{"jwks_url on loopback", jwksURL("http://127.0.0.1:9000/jwks"), ""},
		{"jwks_url by http", jwksURL("http://keys.example/jwks"), "jwks_url: " + transport},
		{"jwks_url a file", jwksURL("file:///etc/passwd"), "jwks_url: " + jwks},
		{"jwks_url without a host", jwksURL("https://:443/jwks"), "jwks_url: " + jwks},
		{"jwks_url with a user", jwksURL("https://a:b@keys.example/jwks"), "jwks_url: " + jwks},
		{"jwks_url with a fragment", jwksURL("https://keys.example/jwks#x"), "jwks_url: " + jwks},

		{"no skew", short(func(c *Config) { c.ClockSkew = 0 }), ""},
		{"most skew", short(func(c *Config) { c.ClockSkew = 5 * time.Minute }), ""},
		{"negative skew", short(func(c *Config) { c.ClockSkew = -1 }), "clock_skew: must be between 0s and 5m0s"},
		{"too much skew", short(func(c *Config) { c.ClockSkew = 5*time.Minute + 1 }), "clock_skew: must be between 0s and 5m0s"},
		{"scopes", short(func(c *Config) { c.RequiredScopes = []string{"a", "b:c"} }), ""},
		{"a scope twice", short(func(c *Config) { c.RequiredScopes = []string{"a", "b", "a"} }), `required_scopes: "a" stands twice`},
		{"two scopes in one", short(func(c *Config) { c.RequiredScopes = []string{"a b"} }), `required_scopes: "a b" is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)`},

		{"least times", short(func(c *Config) {
			c.JWKS = JWKSConfig{time.Second, 100 * time.Millisecond, time.Second, 100 * time.Millisecond, ""}
		}), ""},
		{"less than the least", short(func(c *Config) {
			c.JWKS = JWKSConfig{time.Second - 1, 100*time.Millisecond - 1, time.Second - 1, 100*time.Millisecond - 1, ""}
		}), "jwks.refresh_interval: must be at least 1s\njwks.cooldown: must be at least 100ms\njwks.max_stale: must be at least 1s\njwks.timeout: must be at least 100ms"},
		{"negative", short(func(c *Config) { c.JWKS.Timeout = -time.Second }), "jwks.timeout: must be at least 100ms"},

		{"a name that is no URL, with static keys", short(func(c *Config) { c.Issuer, c.PublicKey = "login-service", rsaPEM() }), ""},
		{"a name that is no URL, without", short(func(c *Config) { c.Issuer = "login-service" }), "issuer: " + absolute},
		{"a name of two words, with static keys", short(func(c *Config) { c.Issuer, c.PublicKey = "login service", rsaPEM() }), "issuer: must be a non-empty identifier without spaces"},
		{"the name of static tokens", short(func(c *Config) { c.Issuer, c.PublicKey = "static", rsaPEM() }), `issuer: must not be "static": that is the issuer of static tokens`},
		{"static tokens alone", Config{StaticTokensFile: "tokens.yaml", JWKS: DefaultConfig().JWKS}, ""},
		{"static tokens and half an issuer", Config{StaticTokensFile: "tokens.yaml", Audience: testAudience, JWKS: DefaultConfig().JWKS}, "issuer: is required: the authorization server's issuer identifier, as it stands in a token's iss"},
		{"http outside this machine by leave", first(func(i *IssuerConfig) { i.Issuer, i.InsecureHTTP = "http://keycloak:8080/realms/r", true }), ""},
		{"http outside this machine", first(func(i *IssuerConfig) { i.Issuer = "http://keycloak:8080/realms/r" }), "issuers[0].issuer: " + transport},
		{"keys by http outside this machine, by leave", first(func(i *IssuerConfig) { i.JWKSURL, i.InsecureHTTP = "http://keycloak:8080/keys", true }), ""},
		{"keys by http outside this machine", first(func(i *IssuerConfig) { i.JWKSURL = "http://keycloak:8080/keys" }), "issuers[0].jwks_url: " + transport},

		{"claims", first(func(i *IssuerConfig) {
			i.ClientIDClaims, i.ScopeClaims, i.AudienceClaim = []string{"cid"}, []string{"realm_access.roles", "https://x.example/roles"}, "client_id"
			i.ScopeClaimsMode, i.RequiredClaims = "intersection", []RequiredClaim{{"token_use", "access"}}
		}), ""},
		{"a claim without a name", first(func(i *IssuerConfig) { i.ClientIDClaims = []string{""} }), `issuers[0].client_id_claims: "" is not the name of a claim`},
		{"a claim within nothing", first(func(i *IssuerConfig) { i.ScopeClaims = []string{"a..b"} }), `issuers[0].scope_claims: "a..b" is not the name of a claim`},
		{"a claim of two words", first(func(i *IssuerConfig) { i.AudienceClaim = "client id" }), `issuers[0].audience_claim: "client id" is not the name of a claim`},
		{"a mode that there is not", first(func(i *IssuerConfig) { i.ScopeClaimsMode = "both" }), "issuers[0].scope_claims_mode: must be union or intersection"},
		{"a required claim without a value", first(func(i *IssuerConfig) { i.RequiredClaims = []RequiredClaim{{"token_use", ""}} }), "issuers[0].required_claims: needs a value for each claim"},
		{"a required claim without a name", first(func(i *IssuerConfig) { i.RequiredClaims = []RequiredClaim{{"", "access"}} }), `issuers[0].required_claims: "" is not the name of a claim`},
		{"a client without a name", first(func(i *IssuerConfig) { i.AllowedClients = []string{"a", ""} }), "issuers[0].allowed_clients: must not have an empty entry"},
		{"an organization without a name", first(func(i *IssuerConfig) { i.AllowedOrganizations = []string{""} }), "issuers[0].allowed_organizations: must not have an empty entry"},
		{"the least age", first(func(i *IssuerConfig) { i.MaxTokenAge = time.Second }), ""},
		{"less than the least age", first(func(i *IssuerConfig) { i.MaxTokenAge = time.Second - 1 }), "issuers[0].max_token_age: must be at least 1s, or 0s for no limit"},
		{"a negative age", first(func(i *IssuerConfig) { i.MaxTokenAge = -time.Hour }), "issuers[0].max_token_age: must be at least 1s, or 0s for no limit"},
		{"claims beside the long form", long(func(c *Config) {
			c.ClientIDClaims, c.ScopeClaims, c.AllowedClients = []string{"cid"}, []string{"scp"}, []string{"a"}
		}), "client_id_claims: " + beside + "\nscope_claims: " + beside + "\nallowed_clients: " + beside},
		{"a proxy", short(func(c *Config) { c.HTTP.Proxy = "http://user:password@proxy.example:3128" }), ""},
		{"a proxy without a scheme", short(func(c *Config) { c.HTTP.Proxy = "proxy.example:3128" }), "http.proxy: must be the URL of a proxy, such as http://proxy.example.com:3128"},

		{"both forms", long(func(c *Config) { c.Issuer, c.Audience, c.JWKSURL = testIssuer, testAudience, "https://keys.example/" }), "issuer: " + beside + "\naudience: " + beside + "\njwks_url: " + beside},
		{"one issuer twice", long(func(c *Config) { c.Issuers[1].Issuer = testIssuer }), "issuers[1].issuer: stands twice in auth.issuers"},
		{"issuers that differ by the slash", long(func(c *Config) { c.Issuers[1].Issuer = "https://issuer.example" }), ""},
		{"entry without an issuer", first(func(i *IssuerConfig) { i.Issuer = "" }), "issuers[0].issuer: is required: the authorization server's issuer identifier, as it stands in a token's iss"},
		{"entry with a wrong issuer", first(func(i *IssuerConfig) { i.Issuer = "x" }), "issuers[0].issuer: " + absolute},
		{"entry without audiences", first(func(i *IssuerConfig) { i.Audiences = nil }), "issuers[0].audiences: is required: the identifier of this API at the authorization server, as it stands in a token's aud"},
		{"entry with an empty audience", first(func(i *IssuerConfig) { i.Audiences = []string{""} }), "issuers[0].audiences: " + audience},
		{"entry with a wrong jwks_url", first(func(i *IssuerConfig) { i.JWKSURL = "x" }), "issuers[0].jwks_url: " + jwks},
		{"entry with all algorithms", first(func(i *IssuerConfig) {
			i.Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
		}), ""},
		{"entry with none and more", first(func(i *IssuerConfig) { i.Algorithms = []string{"none", "HS256", "rs256", "EdDSA", ""} }), algorithmFaults("none", "HS256", "rs256", "EdDSA", "")},
		{"entry with types", first(func(i *IssuerConfig) { i.TokenTypes = []string{"", "at+jwt", "application/x+jwt"} }), ""},
		{"entry with a wrong type", first(func(i *IssuerConfig) { i.TokenTypes = []string{"a b"} }), `issuers[0].token_types: "a b" is not a media type without parameters, such as at+jwt`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := tt.c.Validate().Err(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func algorithmFaults(names ...string) string {
	lines := make([]string, len(names))
	for i, n := range names {
		lines[i] = `issuers[0].algorithms: "` + n + `" is not accepted: RS, PS and ES with 256, 384 or 512 are; none and the HS family never`
	}
	return strings.Join(lines, "\n")
}

// Every fault is reported at once, each under its key.
func TestConfigValidateReportsAllAtOnce(t *testing.T) {
	c := Config{
		Issuers:        []IssuerConfig{{Issuer: "x"}, {Issuer: "x", Audiences: []string{" "}, Algorithms: []string{"none"}, TokenTypes: []string{" "}, JWKSURL: "x"}},
		Issuer:         testIssuer,
		ClockSkew:      -1,
		RequiredScopes: []string{""},
	}
	got := c.Validate()
	for _, path := range []string{
		"issuer", "issuers[0].issuer", "issuers[0].audiences", "issuers[1].issuer", "issuers[1].audiences", "issuers[1].algorithms",
		"issuers[1].token_types", "issuers[1].jwks_url", "clock_skew", "required_scopes", "jwks.refresh_interval", "jwks.timeout",
	} {
		if !slices.ContainsFunc(got, func(f faults.Fault) bool { return f.Path == path }) {
			t.Errorf("no fault at %s in\n%v", path, got)
		}
	}
}

func TestIssuerList(t *testing.T) {
	c := validShort()
	c.JWKSURL = "https://keys.example/"
	list := c.IssuerList()
	if len(list) != 1 || list[0].Issuer != testIssuer || list[0].Audiences[0] != testAudience || list[0].JWKSURL != c.JWKSURL {
		t.Errorf("short form: %+v", list)
	}
	if got := strings.Join(list[0].Algorithms, " ") + "; " + strings.Join(list[0].TokenTypes, " "); got != "RS256; JWT at+jwt application/at+jwt" {
		t.Errorf("defaults: %s", got)
	}
	c = validLong()
	c.Issuers[0].Algorithms, c.Issuers[0].TokenTypes = []string{"ES256"}, []string{""}
	list = c.IssuerList()
	if len(list) != 2 || list[0].Algorithms[0] != "ES256" || list[0].TokenTypes[0] != "" || list[1].Algorithms[0] != "RS256" {
		t.Errorf("long form: %+v", list)
	}
	if len(c.Issuers[1].Algorithms) > 0 {
		t.Error("the defaults were written into the configuration")
	}
}
