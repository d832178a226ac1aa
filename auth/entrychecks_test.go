package auth

import (
	"strings"
	"testing"
)

// faultsOf returns the faults of the short form, or of the long one's first issuer.
func faultsOf(t *testing.T, c Config) string {
	t.Helper()
	if err := c.Validate().Err(); err != nil {
		return strings.ReplaceAll(err.Error(), "issuers[0].", "")
	}
	return ""
}

const (
	spaces   = "begins or ends with a space"
	quotes   = "has quotation marks around it, which are a part of it here: take them away"
	brackets = "has brackets around it, which are a part of it here: take them away"
	several  = "looks like several: list each on its own (in a variable, with commas between)"
	unseen   = "has a character that cannot be seen"
)

// What is in a list by mistake would be accepted in silence, and then nobody's token.
// Each mistake stands beside ids that are legal, and nearly it.
func TestConfigEntries(t *testing.T) {
	for _, tt := range []struct {
		name  string
		entry string
		want  string
		twins []string
	}{
		{"a JSON list", `["1","2"]`, brackets, []string{"a[0]", "http://[::1]", "x[1]y"}},
		{"the first of a JSON list", `["1"`, quotes, []string{`1"[`}},
		{"the first of a list in brackets", `[1`, brackets, []string{"1["}},
		{"the last of a list in brackets", `2]`, brackets, []string{"a[2]"}},
		{"quotation marks", `"1"`, quotes, []string{`a"b`, "it's"}},
		{"the first of a list in quotation marks", `"1`, quotes, []string{"1"}},
		{"the last of a list in quotation marks", `3"`, quotes, []string{"3"}},
		{"single quotation marks", `'a'`, quotes, []string{"a'b"}},
		{"back quotes", "`a`", quotes, []string{"a`b"}},
		{"spaces around", " a ", spaces, []string{"a b"}},
		{"a space behind", "a ", spaces, []string{"a"}},
		{"a line break behind", "a\n", unseen, []string{"a"}},
		{"an escape", "a\x1b[31m", unseen, []string{"a[31m"}},
		{"a space of no width", "a\u200b", unseen, []string{"ä"}},
		{"numbers with semicolons", "1;2;3", several, []string{"123", "1;a", "1;;"}},
		{"numbers with spaces", "1 2 3", several, []string{"1 a 3", "Billing service", "Team Lead"}},
		{"numbers with commas", "1,2,3", several, []string{"a,b,c", "CN=ab,OU=cd"}},
		{"numbers with commas and spaces", "1, 2", several, []string{"a, b"}},
		{"URLs", "https://a.example/c https://b.example/c", several, []string{"https://a.example/c;v=1", "https://a.example/c,d"}},
		{"scheme by scheme", "urn:a;urn:b", several, []string{"urn:a;b:c", "auth0|a;auth0|b"}},
		{"ids of one length", "uGk3xQ0exampleAB;vHk3xQ0exampleAB", several, []string{"uGk3xQ0exampleA;vHk3xQ0exampleA", "uGk3xQ0exampleAB;vHk3xQ0exampleABC"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			with := func(entry string) Config {
				c := validLong()
				c.Issuers[0].AllowedClients = []string{"another", entry}
				return c
			}
			got := faultsOf(t, with(tt.entry))
			if !strings.HasPrefix(got, "allowed_clients: ") || !strings.HasSuffix(got, " "+tt.want) || strings.Contains(got, "\n") {
				t.Errorf("faults %s, want %s", got, tt.want)
			}
			for _, twin := range tt.twins {
				if got := faultsOf(t, with(twin)); got != "" {
					t.Errorf("the twin %q: %s", twin, got)
				}
			}
		})
	}
}

func TestConfigMistypedSettings(t *testing.T) {
	const word = "my-app"
	static := func(change func(*Config)) Config {
		c := validShort()
		c.Issuer, c.PublicKey = word, rsaPEM()
		change(&c)
		return c
	}
	first := func(change func(*IssuerConfig)) Config { c := validLong(); change(&c.Issuers[0]); return c }
	claims := func(names ...string) Config {
		return first(func(i *IssuerConfig) { i.ScopeClaims = names })
	}
	types := func(names ...string) Config {
		return first(func(i *IssuerConfig) { i.TokenTypes = names })
	}
	for _, tt := range []struct {
		name string
		c    Config
		want string // "" is valid
	}{
		{"a name beside a static key", static(func(*Config) {}), ""},
		{"a name in quotation marks", static(func(c *Config) { c.Issuer = `"my-app"` }), "issuer: " + quotes},
		{"two names", static(func(c *Config) { c.Issuer = "https://a.example/,https://b.example/" }), "issuer: looks like several: list each on its own in auth.issuers"},
		{"an audience in quotation marks", static(func(c *Config) { c.Audience = `'a'` }), "audience: " + quotes},
		{"two audiences in one", static(func(c *Config) { c.Audience = "https://a.example/mcp,https://b.example/mcp" }), "audience: looks like several: list each on its own in auth.issuers"},
		{"an audience with a comma", static(func(c *Config) { c.Audience = "https://a.example/mcp,v2" }), ""},
		{"a JSON list of audiences", static(func(c *Config) { c.Audience = `["https://a.example/mcp"]` }), "audience: " + brackets},
		{"an audience on IPv6", static(func(c *Config) { c.Audience = "http://[::1]" }), ""},

		{"a key id", static(func(c *Config) { c.KeyID = "key of 2026; [a]b" }), ""},
		{"a key id with a line break", static(func(c *Config) { c.KeyID = "k\n" }), "key_id: " + unseen},
		{"a key id with an escape", static(func(c *Config) { c.KeyID = "\x1bk" }), "key_id: " + unseen},
		{"a key id in quotation marks", static(func(c *Config) { c.KeyID = `"k"` }), "key_id: " + quotes},

		{"claims", claims("scp", "https://x.example/roles", "cognito:groups", "realm_access.roles", "$schema"), ""},
		{"claims in one text", claims("scope,scp"), `scope_claims: "scope,scp" is not the name of a claim: list each on its own`},
		{"claims with a semicolon", claims("scope;scp"), `scope_claims: "scope;scp" is not the name of a claim: list each on its own`},
		{"JSONPath", claims("$.a.b"), `scope_claims: "$.a.b" is not the name of a claim: write it as in realm_access.roles`},
		{"an index", claims("a[0]"), `scope_claims: "a[0]" is not the name of a claim: write it as in realm_access.roles`},
		{"a JSON Pointer", claims("/realm_access/roles"), `scope_claims: "/realm_access/roles" is not the name of a claim: write it as in realm_access.roles`},
		{"a claim in quotation marks", claims(`"scp"`), `scope_claims: "\"scp\"" is not the name of a claim`},
		{"a claim twice", claims("scp", "scope", "scp"), `scope_claims: "scp" stands twice`},

		{"types", types("", "JWT", "at+jwt", "application/at+jwt", "at_jwt", "application/vnd.x-1.a+jwt"), ""},
		{"a type with a parameter", types("JWT;v=1"), `token_types: "JWT;v=1" is not a media type without parameters, such as at+jwt`},
		{"a type of three parts", types("a/b/c"), `token_types: "a/b/c" is not a media type without parameters, such as at+jwt`},
		{"a type of half a part", types("application/"), `token_types: "application/" is not a media type without parameters, such as at+jwt`},
		{"a type in quotation marks", types(`"JWT"`), `token_types: "\"JWT\"" is not a media type without parameters, such as at+jwt`},
		{"a type in single quotation marks", types(`'JWT'`), `token_types: "'JWT'" is not a media type without parameters, such as at+jwt`},
		{"types in one text", types("JWT,at+jwt"), `token_types: "JWT,at+jwt" is not a media type without parameters, such as at+jwt`},
		{"a type with a line break", types("JWT\n"), `token_types: "JWT\n" is not a media type without parameters, such as at+jwt`},
		{"a type twice", types("JWT", "jwt"), `token_types: "jwt" stands twice`},

		{"all of two claims", first(func(i *IssuerConfig) {
			i.ScopeClaimsMode, i.ScopeClaims = ScopeClaimsIntersection, []string{"scope", "roles"}
		}), ""},
		{"all of one claim", first(func(i *IssuerConfig) {
			i.ScopeClaimsMode, i.ScopeClaims = ScopeClaimsIntersection, []string{"roles"}
		}), "scope_claims_mode: intersection needs at least two scope_claims, of which a scope must stand in all"},
		{"all of the claim by default", first(func(i *IssuerConfig) { i.ScopeClaimsMode = ScopeClaimsIntersection }), "scope_claims_mode: intersection needs at least two scope_claims, of which a scope must stand in all"},
		{"any of one claim", first(func(i *IssuerConfig) { i.ScopeClaimsMode = ScopeClaimsUnion }), ""},

		{"two values of one claim", first(func(i *IssuerConfig) { i.RequiredClaims = []RequiredClaim{{"groups", "a"}, {"groups", "b b"}} }), ""},
		{"one value of one claim twice", first(func(i *IssuerConfig) { i.RequiredClaims = []RequiredClaim{{"groups", "a"}, {"groups", "a"}} }), `required_claims: "groups" stands twice with the same value`},
		{"a value with a space behind", first(func(i *IssuerConfig) { i.RequiredClaims = []RequiredClaim{{"groups", "a "}} }), `required_claims: the value for "groups" begins or ends with a space`},

		{"an audience twice", first(func(i *IssuerConfig) { i.Audiences = []string{"a", "a"} }), `audiences: "a" stands twice`},
		{"audiences that differ by the slash", first(func(i *IssuerConfig) { i.Audiences = []string{"a", "a/"} }), ""},
		{"an algorithm twice", first(func(i *IssuerConfig) { i.Algorithms = []string{"ES256", "ES256"} }), `algorithms: "ES256" stands twice`},
		{"a client twice", first(func(i *IssuerConfig) { i.AllowedClients = []string{"a", "A", "a"} }), `allowed_clients: "a" stands twice`},
		{"an organization twice", first(func(i *IssuerConfig) { i.AllowedOrganizations = []string{"a", "a"} }), `allowed_organizations: "a" stands twice`},
		{"a claim of the client twice", first(func(i *IssuerConfig) { i.ClientIDClaims = []string{"azp", "azp"} }), `client_id_claims: "azp" stands twice`},
		{"an organization in quotation marks", first(func(i *IssuerConfig) { i.AllowedOrganizations = []string{`"org_1"`} }), `allowed_organizations: "\"org_1\"" ` + quotes},

		{"scopes in one text", static(func(c *Config) { c.RequiredScopes = []string{"tool:a;tool:b"} }), `required_scopes: "tool:a;tool:b" ` + several},
		{"a scope with a semicolon", static(func(c *Config) { c.RequiredScopes = []string{"tool:a;b"} }), ""},
		{"a list of scopes in brackets", static(func(c *Config) { c.RequiredScopes = []string{"[a", "b]"} }), `required_scopes: "[a" ` + brackets + "\n" + `required_scopes: "b]" ` + brackets},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := faultsOf(t, tt.c); got != tt.want {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// A content in the place of a file's name is refused before anything prints it.
func TestConfigFilesAreNames(t *testing.T) {
	private := block("PRIVATE KEY", []byte("secret"))
	for path, set := range map[string]func(c *Config, file string){
		"public_key_file":    func(c *Config, file string) { c.PublicKeyFile = file },
		"denylist_file":      func(c *Config, file string) { c.DenylistFile = file },
		"static_tokens_file": func(c *Config, file string) { c.StaticTokensFile = file },
		"http.ca_file":       func(c *Config, file string) { c.HTTP.CAFile = file },
		"jwks.cache_dir":     func(c *Config, file string) { c.JWKS.CacheDir = file },
	} {
		t.Run(path, func(t *testing.T) {
			for file, want := range map[string]string{
				"/nowhere/keys.pem": "",
				private:             path + ": the content stands where the file's name belongs",
			} {
				c := validShort()
				set(&c, file)
				if got := faultsOf(t, c); got != want {
					t.Errorf("faults %s, want %s", got, want)
				}
			}
		})
	}
}

// A part of a password that is not encoded must not become the host: that would be
// asked for in the DNS, and stand in the log.
func TestConfigProxy(t *testing.T) {
	const (
		ends = "http.proxy: must end with the host and its port; in a user or a password write @ as %40, # as %23, / as %2F, ? as %3F and % as %25"
		url  = "http.proxy: must be the URL of a proxy, such as http://proxy.example.com:3128"
	)
	for proxy, want := range map[string]string{
		"http://user:Pa%40ss%23x@host:1": "", "http://host": "", "http://host/": "", "https://host:65535": "",
		"socks5://user:a%2Fb%3Fc%25@[::1]:1080": "", "socks5h://host:1080": "", "http://user@host:1": "", "http://a:b:c@host:1": "",

		"http://user:Pa@ss#x@host:1": ends, "http://user:Pass#x@host:1": ends, "http://user:Pa@ss@host:1": ends, "http://user:Pa?ss@host:1": ends,
		"http://user:1/ss@host:1": ends, "http://user:a/ss@host:1": ends, "http://us/er:pass@host:1": ends, "http://user:Pa%ss@host:1": ends,
		"http://user:Pa ss@host:1": ends, "http://host/path": ends, "http://host:1?": ends, "http://host:1#": ends,

		"host:1": url, "//host:1": url, "ftp://host:1": url, "http://:1": url, "http://": url, "http://host:": url, "http://host:0": url,
		"http://host:65536": url, "http://host:a": url, "http://ho st": url, "host": url,
	} {
		t.Run(proxy, func(t *testing.T) {
			c := validShort()
			c.HTTP.Proxy = proxy
			if got := faultsOf(t, c); got != want {
				t.Errorf("faults %s\nwant %s", got, want)
			}
		})
	}
}

// What is accepted has nothing of a list around it, and two long ids in one text are
// seen for what they are.
func FuzzMistyped(f *testing.F) {
	for _, seed := range []string{"", "a", "1;2;3", `["a","b"]`, "urn:a urn:b", ";", " ", ":", "\xff", "https://a/ https://b/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if mistyped(id) != "" {
			return
		}
		if id != strings.TrimSpace(id) || strings.HasPrefix(id, "[") || strings.HasPrefix(id, `"`) {
			t.Errorf("%q is accepted", id)
		}
		if len(id) >= 16 && !strings.ContainsAny(id, " ,;") && mistyped(id+";"+id) != severalEntries {
			t.Errorf("two of %q are accepted", id)
		}
	})
}
