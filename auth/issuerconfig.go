package auth

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"mcp-resource-server/internal/faults"
)

// IssuerConfig is one entry of auth.issuers.
type IssuerConfig struct {
	// The issuer identifier, exactly as it stands in the iss claim: a URL, or with
	// static keys any text without spaces.
	Issuer string `mapstructure:"issuer"`
	// The audiences of which a token must name at least one in its aud claim.
	Audiences []string `mapstructure:"audiences"`
	// Where the key set is. Empty: found through the issuer's metadata.
	JWKSURL string `mapstructure:"jwks_url"`
	// Whether the issuer and its key set may be reached by plain http outside this
	// machine. Whoever can change the keys on their way can forge every token: for a
	// network of your own alone.
	InsecureHTTP bool `mapstructure:"insecure_http"`
	// As auth.public_key: the issuer's public keys themselves.
	PublicKey string `mapstructure:"public_key"`
	// As auth.public_key_file: a PEM file of public keys.
	PublicKeyFile string `mapstructure:"public_key_file"`
	// As auth.key_id: the kid of the one key given.
	KeyID string `mapstructure:"key_id"`
	// The signature algorithms accepted: RS256, RS384, RS512, PS256, PS384,
	// PS512, ES256, ES384, ES512. Empty: RS256 alone. none and the HS family
	// are never accepted.
	Algorithms []string `mapstructure:"algorithms"`
	// The values of the typ header accepted, whatever their case: media types without
	// parameters. Empty: JWT, at+jwt and application/at+jwt. An entry "" accepts a
	// token without typ (Okta's and Cognito's access tokens have none).
	TokenTypes []string `mapstructure:"token_types"`
	// The claim that names the audience, for an issuer whose access tokens have no
	// aud (Cognito: client_id). Empty: aud.
	AudienceClaim string `mapstructure:"audience_claim"`
	// Whether a token is refused that names any other audience beside ours.
	StrictAudience bool `mapstructure:"strict_audience"`
	// As auth.client_id_claims: the claims that name the client.
	ClientIDClaims []string `mapstructure:"client_id_claims"`
	// As auth.scope_claims: the claims that hold what a token grants. Empty: scope,
	// which then must be text.
	ScopeClaims []string `mapstructure:"scope_claims"`
	// Where several scope_claims are named: union grants what any of them holds,
	// intersection, which needs at least two, what all of them hold. Empty: union.
	ScopeClaimsMode string `mapstructure:"scope_claims_mode"`
	// Claims that a token must have, each with the value given. A claim may stand here
	// with several values: all of them must be in its list.
	RequiredClaims []RequiredClaim `mapstructure:"required_claims"`
	// The client ids whose tokens are accepted. Empty: any.
	AllowedClients []string `mapstructure:"allowed_clients"`
	// The organizations (org_id claim) whose tokens are accepted. Empty: any, and
	// tokens without one.
	AllowedOrganizations []string `mapstructure:"allowed_organizations"`
	// How long after its issue (iat) a token is accepted at most, whatever its exp
	// says. 0s: no limit. Otherwise at least 1s.
	MaxTokenAge time.Duration `mapstructure:"max_token_age"`
	// Whether the server is not ready (/readyz) while this issuer's keys are not
	// available. In any case one issuer with usable keys is needed.
	Required bool `mapstructure:"required"`
}

// RequiredClaim is one entry of auth.issuers[].required_claims.
type RequiredClaim struct {
	// The claim's name, written as in scope_claims.
	Claim string `mapstructure:"claim"`
	// What it must be: this text, true or false as a word, or a list that has this
	// text among others.
	Value string `mapstructure:"value"`
}

// The values of auth.issuers[].scope_claims_mode.
const (
	ScopeClaimsUnion        = "union"
	ScopeClaimsIntersection = "intersection"
)

const audienceClaim = "aud"

var (
	defaultAlgorithms = []string{"RS256"}
	defaultTokenTypes = []string{"JWT", "at+jwt", "application/at+jwt"}
	// defaultClientIDClaims name the client in Auth0's default profile (azp) and in
	// RFC 9068 §2.2 (client_id). sub never does: an Auth0 machine-to-machine sub is
	// only usually derived from the client.
	defaultClientIDClaims = []string{"azp", "client_id"}
)

// withDefaults returns c with what holds where nothing is configured.
func (c IssuerConfig) withDefaults() IssuerConfig {
	setList := func(list *[]string, def []string) {
		if len(*list) == 0 {
			*list = def
		}
	}
	setList(&c.Algorithms, defaultAlgorithms)
	setList(&c.TokenTypes, defaultTokenTypes)
	setList(&c.ClientIDClaims, defaultClientIDClaims)
	if c.AudienceClaim == "" {
		c.AudienceClaim = audienceClaim
	}
	if c.ScopeClaimsMode == "" {
		c.ScopeClaimsMode = ScopeClaimsUnion
	}
	return c
}

// isZero reports whether nothing at all is set.
func (c IssuerConfig) isZero() bool { return reflect.ValueOf(c).IsZero() }

// hasStaticKeys reports whether the keys are configured, and never fetched.
func (c IssuerConfig) hasStaticKeys() bool { return c.PublicKey != "" || c.PublicKeyFile != "" }

func (c IssuerConfig) validate() faults.List {
	var l faults.List
	switch {
	case c.Issuer == "":
		l.Add("issuer", "is required: the authorization server's issuer identifier, as it stands in a token's iss")
	case c.Issuer == StaticIssuer:
		l.Add("issuer", "must not be %q: that is the issuer of static tokens", StaticIssuer)
	case c.hasStaticKeys():
		// Nobody is asked at this name: whatever iss a home-made issuer writes will do.
		checkIdentifier(&l, "issuer", c.Issuer)
	default:
		checkIssuer(&l, "issuer", c.Issuer, c.InsecureHTTP)
	}
	if len(c.Audiences) == 0 {
		l.Add("audiences", "is required: the identifier of this API at the authorization server, as it stands in a token's aud")
	}
	for _, a := range c.Audiences {
		checkIdentifier(&l, "audiences", a)
	}
	checkTwice(&l, "audiences", c.Audiences)
	checkJWKSURL(&l, "jwks_url", c.JWKSURL, c.InsecureHTTP)
	for _, a := range c.Algorithms {
		if !supportedAlgorithm(a) {
			l.Add("algorithms", "%q is not accepted: RS, PS and ES with 256, 384 or 512 are; none and the HS family never", a)
		}
	}
	checkTwice(&l, "algorithms", c.Algorithms)
	checkTokenTypes(&l, "token_types", c.TokenTypes)
	c.validateStaticKeys(&l)
	c.validateClaims(&l)
	if c.MaxTokenAge != 0 && c.MaxTokenAge < time.Second {
		l.Add("max_token_age", "must be at least 1s, or 0s for no limit")
	}
	return l
}

// validateStaticKeys judges what can be judged without reading a file.
func (c IssuerConfig) validateStaticKeys(l *faults.List) {
	if c.PublicKey != "" && c.PublicKeyFile != "" {
		l.Add("public_key_file", "cannot be set beside public_key: use one or the other")
	}
	if c.hasStaticKeys() && c.JWKSURL != "" {
		l.Add("jwks_url", "cannot be set beside public keys: an issuer with static keys is never fetched from")
	}
	if c.KeyID != "" && !c.hasStaticKeys() {
		l.Add("key_id", "names the key in public_key or public_key_file, and neither is set")
	}
	checkKeyIDText(l, "key_id", c.KeyID)
	checkFile(l, "public_key_file", c.PublicKeyFile)
	if c.PublicKey != "" {
		if _, err := parsePublicKeys([]byte(c.PublicKey), c.KeyID, c.withDefaults().Algorithms); err != nil {
			l.Add("public_key", "%s", err)
		}
	}
}

func (c IssuerConfig) validateClaims(l *faults.List) {
	for _, k := range []struct {
		path  string
		names []string
	}{
		{"client_id_claims", c.ClientIDClaims}, {"scope_claims", c.ScopeClaims},
	} {
		for _, name := range k.names {
			checkClaimName(l, k.path, name)
		}
		checkTwice(l, k.path, k.names)
	}
	if c.AudienceClaim != "" {
		checkClaimName(l, "audience_claim", c.AudienceClaim)
	}
	switch c.ScopeClaimsMode {
	case "", ScopeClaimsUnion:
	case ScopeClaimsIntersection:
		if len(c.ScopeClaims) < 2 {
			l.Add("scope_claims_mode", "intersection needs at least two scope_claims, of which a scope must stand in all")
		}
	default:
		l.Add("scope_claims_mode", "must be %s or %s", ScopeClaimsUnion, ScopeClaimsIntersection)
	}
	for i, required := range c.RequiredClaims {
		checkClaimName(l, "required_claims", required.Claim)
		switch {
		case required.Value == "":
			l.Add("required_claims", "needs a value for each claim")
		case required.Value != strings.TrimSpace(required.Value):
			l.Add("required_claims", "the value for %q %s", required.Claim, outerSpace)
		case slices.Index(c.RequiredClaims, required) < i:
			l.Add("required_claims", "%q stands twice with the same value", required.Claim)
		}
	}
	checkEntries(l, "allowed_clients", c.AllowedClients)
	checkEntries(l, "allowed_organizations", c.AllowedOrganizations)
}
