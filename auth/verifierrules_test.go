package auth

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
	"time"
)

// ruleRows are about what an issuer's settings ask of a token beyond the rest. A
// row without a fault is the twin of those around it.
func ruleRows() []row {
	clients := func(c *IssuerConfig) { c.AllowedClients = []string{"other", "client-of-the-token"} }
	cognito := func(c *IssuerConfig) {
		c.AudienceClaim, c.Audiences = "client_id", []string{"client-of-the-token", "second-client"}
	}
	strict := func(c *IssuerConfig) { c.StrictAudience = true }
	age := func(c *IssuerConfig) { c.MaxTokenAge = 10 * time.Minute }
	required := func(claim, value string) func(*IssuerConfig) {
		return func(c *IssuerConfig) {
			// The twin has a jti, and meets the first.
			c.RequiredClaims = []RequiredClaim{{"jti", "identifier-of-the-token"}}
			if claim != "" {
				c.RequiredClaims = append(c.RequiredClaims, RequiredClaim{claim, value})
			}
		}
	}
	return []row{
		{name: "client in the list", conf: clients},
		{name: "client not in the list", conf: clients, edit: claim("client_id", `"stranger"`), want: ReasonClient},
		{name: "client in the list by its case alone", conf: clients, edit: claim("client_id", `"Other"`), want: ReasonClient},
		{name: "client in the list as a prefix", conf: clients, edit: claim("client_id", `"othe"`), want: ReasonClient},
		{name: "no client where there is a list", conf: clients, edit: claim("client_id", ""), want: ReasonClient},
		{name: "client in the list by azp", conf: clients, edit: func(d *draft) { d.claims = goodClaims().with("client_id", "").with("azp", `"other"`).String() }},
		{name: "client in the list by a claim that is not read", conf: clients, edit: func(d *draft) { d.claims = goodClaims().with("client_id", "").with("cid", `"other"`).String() }, want: ReasonClient},

		{name: "client by a configured claim", conf: func(c *IssuerConfig) {
			c.ClientIDClaims, c.AllowedClients = []string{"cid", "client_id"}, []string{"client-of-the-token"}
		}, edit: claim("cid", `"client-of-the-token"`)},
		{name: "client by configured claims that disagree", conf: func(c *IssuerConfig) { c.ClientIDClaims = []string{"cid", "client_id"} }, edit: claim("cid", `"another"`), want: ReasonClient},
		{name: "client by a configured claim that is a number", conf: func(c *IssuerConfig) { c.ClientIDClaims = []string{"cid", "client_id"} }, edit: claim("cid", `1`), want: ReasonClaim},
		{name: "client by a claim within an object", conf: func(c *IssuerConfig) { c.ClientIDClaims = []string{"app.id", "client_id"} }, edit: claim("app", `{"id":"client-of-the-token"}`)},

		{name: "audience by another claim", conf: cognito},
		{name: "audience by another claim, which names somebody else", conf: cognito, edit: claim("client_id", `"stranger"`), want: ReasonAudience},
		{name: "audience by another claim, which is missing", conf: cognito, edit: claim("client_id", ""), want: ReasonAudience},
		{name: "audience by another claim counts, not aud", conf: cognito, edit: claim("aud", `"https://elsewhere.example/"`)},

		{name: "strict audience, ours alone", conf: strict},
		{name: "strict audience, two of ours", conf: strict, edit: claim("aud", `["`+testAudience+`","urn:example:api"]`)},
		{name: "strict audience, ours and another", conf: strict, edit: claim("aud", `["`+testAudience+`","https://issuer.example/userinfo"]`), want: ReasonAudience},

		{name: "age, just issued", conf: age},
		{name: "age, at the limit and the skew", conf: age, edit: claim("iat", at(-629))},
		{name: "age, beyond the limit and the skew", conf: age, edit: claim("iat", at(-630)), want: ReasonLifetime},
		{name: "age, no iat", conf: age, edit: claim("iat", ""), want: ReasonLifetime},
		{name: "age, iat in milliseconds", conf: age, edit: claim("iat", at(0)+"000"), want: ReasonLifetime},

		{name: "required claims met", conf: required("", "")},
		{name: "required claim missing", conf: required("", ""), edit: claim("jti", ""), want: ReasonRequiredClaim},
		{name: "required claim of another value", conf: required("", ""), edit: claim("jti", `"identifier"`), want: ReasonRequiredClaim},
		{name: "required claim in another case", conf: required("", ""), edit: claim("jti", `"Identifier-of-the-token"`), want: ReasonRequiredClaim},
		{name: "required claim true", conf: required("email_verified", "true"), edit: claim("email_verified", `true`)},
		{name: "required claim true as a word", conf: required("email_verified", "true"), edit: claim("email_verified", `"true"`)},
		{name: "required claim among a list", conf: required("groups", "ours"), edit: claim("groups", `["x","ours"]`)},
		{name: "required claim within an object", conf: required("realm.group", "ours"), edit: claim("realm", `{"group":"ours"}`)},
		{name: "required claim with a slash and dots in its name", conf: required("https://x.example/group", "ours"), edit: claim("https://x.example/group", `"ours"`)},
	}
}

// grantRows are about the claims that grant: the text of the principal's scopes
// is what TestGrants asserts.
func grantRows() []row {
	claims := func(names ...string) func(*IssuerConfig) {
		return func(c *IssuerConfig) { c.ScopeClaims = names }
	}
	return []row{
		{name: "an array in a configured claim", conf: claims("scopes"), edit: claim("scopes", `["a","b"]`)},
		{name: "a configured claim that is missing", conf: claims("scopes")},
		{name: "scope an array, where scope is configured", conf: claims("scope"), edit: claim("scope", `["a"]`)},
		{name: "a configured claim that is null", conf: claims("scopes"), edit: claim("scopes", `null`), want: ReasonClaim},
		{name: "a configured claim that is a number", conf: claims("scopes"), edit: claim("scopes", `1`), want: ReasonClaim},
		{name: "a configured claim that is an object", conf: claims("scopes"), edit: claim("scopes", `{"a":true}`), want: ReasonClaim},
		{name: "a configured claim with a number among its texts", conf: claims("scopes"), edit: claim("scopes", `["a",1]`), want: ReasonClaim},
		{name: "a configured claim with two spaces", conf: claims("scp"), edit: claim("scp", `"a  b"`), want: ReasonClaim},
		{name: "one good claim, one bad", conf: claims("scope", "scopes"), edit: claim("scopes", `true`), want: ReasonClaim},
	}
}

// Each row's token is good; what it grants is the question.
func TestGrants(t *testing.T) {
	for _, tt := range []struct {
		name   string
		names  []string
		mode   string
		claims map[string]string
		want   string
	}{
		{"scope by default", nil, "", map[string]string{"scope": `"a b"`, "permissions": `["c"]`}, "a b"},
		{"an array", []string{"scopes"}, "", map[string]string{"scope": `"x"`, "scopes": `["client_super","b"]`}, "client_super b"},
		{"text", []string{"scp"}, "", map[string]string{"scp": `"a b"`}, "a b"},
		{"within an object", []string{"realm_access.roles"}, "", map[string]string{"realm_access": `{"roles":["a","b"]}`}, "a b"},
		{"two objects down", []string{"resource_access.mcp.roles"}, "", map[string]string{"resource_access": `{"mcp":{"roles":["a"]},"account":{"roles":["z"]}}`}, "a"},
		{"a path that leads nowhere", []string{"realm_access.roles.x"}, "", map[string]string{"realm_access": `{"roles":["a"]}`}, ""},
		{"a member whose name has the dot is another", []string{"realm_access.roles"}, "", map[string]string{"realm_access.roles": `["a"]`}, ""},
		{"a name with slashes is one name", []string{"https://x.example/roles"}, "", map[string]string{"https://x.example/roles": `["a"]`}, "a"},
		{"union", []string{"scope", "permissions"}, "union", map[string]string{"scope": `"a b"`, "permissions": `["b","c"]`}, "a b c"},
		{"union is the default", []string{"scope", "permissions"}, "", map[string]string{"scope": `"a"`, "permissions": `["c"]`}, "a c"},
		{"intersection", []string{"scope", "permissions"}, "intersection", map[string]string{"scope": `"a b"`, "permissions": `["b","c"]`}, "b"},
		{"intersection with a claim that is missing", []string{"scope", "permissions"}, "intersection", map[string]string{"scope": `"a b"`}, ""},
		{"an entry with a space is not two scopes", []string{"roles"}, "", map[string]string{"roles": `["a b","c"]`}, "c"},
		{"entries that no scope can be", []string{"roles"}, "", map[string]string{"roles": `["","größe","c\"","d"]`}, "d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := testVerifier(testNow, func(c *Config) {
				c.Issuers[0].ScopeClaims, c.Issuers[0].ScopeClaimsMode = tt.names, tt.mode
			})
			d := goodDraft()
			claims := goodClaims().with("scope", "")
			for name, value := range tt.claims {
				claims = claims.with(name, value)
			}
			d.claims = claims.String()
			p, err := v.Verify(t.Context(), d.token())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(p.Scopes, " "); got != tt.want {
				t.Errorf("scopes %q, want %q", got, tt.want)
			}
		})
	}
}

// The organization of a token is org_id; a token without one is refused only where
// a list asks for one.
func TestAllowedOrganizations(t *testing.T) {
	for _, tt := range []struct {
		name    string
		allowed []string
		org     string
		want    Reason
	}{
		{"no list, no organization", nil, "", ""},
		{"no list, any organization", nil, `"org_x"`, ""},
		{"in the list", []string{"org_a", "org_b"}, `"org_b"`, ""},
		{"not in the list", []string{"org_a"}, `"org_b"`, ReasonOrganization},
		{"in another case", []string{"org_a"}, `"ORG_A"`, ReasonOrganization},
		{"none where a list asks for one", []string{"org_a"}, "", ReasonOrganization},
		{"a list of organizations", []string{"org_a"}, `["org_a"]`, ReasonOrganization},
		{"null", []string{"org_a"}, `null`, ReasonOrganization},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, keys := testVerifier(testNow, func(c *Config) { c.Issuers[0].AllowedOrganizations = tt.allowed })
			d := goodDraft()
			claim("org_id", tt.org)(&d)
			_, err := v.Verify(t.Context(), d.token())
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
			if asked := keys.asked > 0; asked != (tt.want == "") {
				t.Errorf("a key was asked for: %v", asked)
			}
		})
	}
}

// RFC 7518 §3.5: the salt is as long as the hash. jwx takes any.
func TestVerifySaltLength(t *testing.T) {
	for _, tt := range []struct {
		name string
		salt int
		want Reason
	}{
		{"as long as the hash", 32, ""},
		{"as long as fits", rsa.PSSSaltLengthAuto, ReasonSignature},
		{"shorter", 31, ReasonSignature},
		{"longer", 33, ReasonSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := testVerifier(testNow, func(c *Config) { c.Issuers[0].Algorithms = []string{"PS256"} })
			input := encode(goodHeader().with("alg", `"PS256"`).with("kid", `"no-alg"`).String()) + "." + encode(goodClaims().String())
			h := crypto.SHA256.New()
			h.Write([]byte(input))
			signature, err := signPSS(h.Sum(nil), tt.salt)
			if err != nil {
				t.Fatal(err)
			}
			_, err = v.Verify(t.Context(), input+"."+encode(string(signature)))
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
		})
	}
}

func signPSS(digest []byte, salt int) ([]byte, error) {
	return rsa.SignPSS(rand.Reader, rsaKey(), crypto.SHA256, digest, &rsa.PSSOptions{SaltLength: salt})
}
