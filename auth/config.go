package auth

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/oauthclient"
)

// Config is the auth section of the configuration: whose access tokens are
// accepted, and for which audience.
type Config struct {
	// The authorization server's issuer identifier, exactly as it stands in the
	// iss claim (Auth0's ends in "/"). The short form for one issuer: this,
	// auth.audience and auth.jwks_url. It excludes auth.issuers.
	Issuer string `mapstructure:"issuer"`
	// The audience that a token must name (its aud claim), compared exactly: the
	// identifier of this API at the authorization server.
	Audience string `mapstructure:"audience"`
	// Where the issuer's key set is, for an issuer without discovery, or whose
	// keys are on another origin. Empty: found through the issuer's metadata.
	JWKSURL string `mapstructure:"jwks_url"`
	// The long form, for several issuers or for settings that the short form
	// lacks. Keys of one issuer never verify the tokens of another.
	Issuers []IssuerConfig `mapstructure:"issuers"`
	// How far our clock and an issuer's may differ when exp, nbf and iat are
	// judged. At most 5m.
	ClockSkew time.Duration `mapstructure:"clock_skew"`
	// Scopes that every operation needs, beside the operation's own. They are
	// named in the challenge to a caller without a token.
	RequiredScopes []string `mapstructure:"required_scopes"`
	// How the key sets are fetched and kept.
	JWKS JWKSConfig `mapstructure:"jwks"`
}

// IssuerConfig is one entry of auth.issuers.
type IssuerConfig struct {
	// The issuer identifier, exactly as it stands in the iss claim.
	Issuer string `mapstructure:"issuer"`
	// The audiences of which a token must name at least one in its aud claim.
	Audiences []string `mapstructure:"audiences"`
	// Where the key set is. Empty: found through the issuer's metadata.
	JWKSURL string `mapstructure:"jwks_url"`
	// The signature algorithms accepted: RS256, RS384, RS512, PS256, PS384,
	// PS512, ES256, ES384, ES512. Empty: RS256 alone. none and the HS family
	// are never accepted.
	Algorithms []string `mapstructure:"algorithms"`
	// The values of the typ header accepted, whatever their case. Empty: JWT,
	// at+jwt and application/at+jwt. An entry "" accepts a token without typ
	// (Okta's and Cognito's access tokens have none).
	TokenTypes []string `mapstructure:"token_types"`
	// Whether the server is not ready (/readyz) while this issuer's keys are not
	// available. In any case one issuer with usable keys is needed.
	Required bool `mapstructure:"required"`
}

// JWKSConfig is the auth.jwks section: the life of a key set.
type JWKSConfig struct {
	// How often a key set is fetched again. A shorter max-age in the issuer's
	// answer wins, down to a minute, and so does half of max_stale. At least 1s.
	RefreshInterval time.Duration `mapstructure:"refresh_interval"`
	// A token with an unknown key id may force a fetch: three at once, then one
	// more in each cooldown. At least 100ms.
	Cooldown time.Duration `mapstructure:"cooldown"`
	// How long the last good key set is used while the issuer cannot be reached;
	// after that tokens are answered with 503. At least 1s.
	MaxStale time.Duration `mapstructure:"max_stale"`
	// The limit of one request to an issuer, from the first byte to the last. At
	// least 100ms.
	Timeout time.Duration `mapstructure:"timeout"`
}

// DefaultConfig returns the settings that hold where nothing is configured.
// It has no issuer and no audience: without these nothing starts.
func DefaultConfig() Config {
	return Config{
		ClockSkew: 30 * time.Second,
		JWKS: JWKSConfig{
			RefreshInterval: 10 * time.Minute,
			Cooldown:        30 * time.Second,
			MaxStale:        24 * time.Hour,
			Timeout:         5 * time.Second,
		},
	}
}

var (
	defaultAlgorithms = []string{"RS256"}
	defaultTokenTypes = []string{"JWT", "at+jwt", "application/at+jwt"}
)

// maxClockSkew bounds auth.clock_skew: a larger one would accept tokens long
// after their end (RFC 8725 leaves "a few minutes" at most).
const maxClockSkew = 5 * time.Minute

// IssuerList returns the issuers in one form, whether they were given in the
// short form or the long one, with the defaults filled in.
func (c Config) IssuerList() []IssuerConfig {
	list := slices.Clone(c.Issuers)
	if c.Issuer != "" {
		list = append(list, IssuerConfig{Issuer: c.Issuer, Audiences: []string{c.Audience}, JWKSURL: c.JWKSURL})
	}
	for i := range list {
		if len(list[i].Algorithms) == 0 {
			list[i].Algorithms = defaultAlgorithms
		}
		if len(list[i].TokenTypes) == 0 {
			list[i].TokenTypes = defaultTokenTypes
		}
	}
	return list
}

// Validate returns what is wrong with c, by key.
func (c Config) Validate() faults.List {
	var l faults.List
	if len(c.Issuers) > 0 {
		c.validateLongForm(&l)
	} else {
		c.validateShortForm(&l)
	}
	if c.ClockSkew < 0 || c.ClockSkew > maxClockSkew {
		l.Add("clock_skew", "must be between 0s and %s", maxClockSkew)
	}
	for i, s := range c.RequiredScopes {
		if slices.Contains(c.RequiredScopes[:i], s) {
			l.Add("required_scopes", "%q stands twice", s)
		}
		if !ValidScope(s) {
			l.Add("required_scopes", "%q is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)", s)
		}
	}
	l.Under("jwks", c.JWKS.validate())
	return l
}

func (c Config) validateShortForm(l *faults.List) {
	if c.Issuer == "" {
		l.Add("issuer", "is required: the authorization server's issuer identifier, as it stands in a token's iss")
	} else {
		checkIssuer(l, "issuer", c.Issuer)
	}
	if c.Audience == "" {
		l.Add("audience", "is required: the identifier of this API at the authorization server, as it stands in a token's aud")
	} else {
		checkAudience(l, "audience", c.Audience)
	}
	checkJWKSURL(l, "jwks_url", c.JWKSURL)
}

func (c Config) validateLongForm(l *faults.List) {
	for _, k := range []struct{ path, value string }{
		{"issuer", c.Issuer}, {"audience", c.Audience}, {"jwks_url", c.JWKSURL},
	} {
		if k.value != "" {
			l.Add(k.path, "cannot be set beside auth.issuers: use one form or the other")
		}
	}
	seen := map[string]bool{}
	for i, iss := range c.Issuers {
		at := fmt.Sprintf("issuers[%d]", i)
		l.Under(at, iss.validate())
		if iss.Issuer != "" && seen[iss.Issuer] {
			l.Add(at+".issuer", "stands twice in auth.issuers")
		}
		seen[iss.Issuer] = true
	}
}

func (c IssuerConfig) validate() faults.List {
	var l faults.List
	if c.Issuer == "" {
		l.Add("issuer", "is required")
	} else {
		checkIssuer(&l, "issuer", c.Issuer)
	}
	if len(c.Audiences) == 0 {
		l.Add("audiences", "is required: at least one")
	}
	for _, a := range c.Audiences {
		checkAudience(&l, "audiences", a)
	}
	checkJWKSURL(&l, "jwks_url", c.JWKSURL)
	for _, a := range c.Algorithms {
		if !supportedAlgorithm(a) {
			l.Add("algorithms", "%q is not accepted: RS, PS and ES with 256, 384 or 512 are; none and the HS family never", a)
		}
	}
	for _, t := range c.TokenTypes {
		if strings.ContainsFunc(t, notPrintable) {
			l.Add("token_types", "%q is not a media type", t)
		}
	}
	return l
}

func (c JWKSConfig) validate() faults.List {
	var l faults.List
	for _, k := range []struct {
		path      string
		got, min_ time.Duration
	}{
		{"refresh_interval", c.RefreshInterval, time.Second},
		{"cooldown", c.Cooldown, 100 * time.Millisecond},
		{"max_stale", c.MaxStale, time.Second},
		{"timeout", c.Timeout, 100 * time.Millisecond},
	} {
		if k.got < k.min_ {
			l.Add(k.path, "must be at least %s", k.min_)
		}
	}
	return l
}

// checkIssuer holds an issuer to RFC 8414 §2: a URL without query and fragment,
// https, or http on this machine alone.
func checkIssuer(l *faults.List, path, issuer string) {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsFunc(issuer, notPrintable):
		l.Add(path, "must be an absolute URL such as https://TENANT.auth0.com/")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(issuer, "#"):
		l.Add(path, "must have no query and no fragment (RFC 8414 §2)")
	default:
		checkTransport(l, path, u)
	}
}

func checkJWKSURL(l *faults.List, path, raw string) {
	if raw == "" {
		return
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Contains(raw, "#") || strings.ContainsFunc(raw, notPrintable) {
		l.Add(path, "must be an absolute URL of a JWK set")
		return
	}
	checkTransport(l, path, u)
}

func checkTransport(l *faults.List, path string, u *url.URL) {
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && oauthclient.IsLoopbackHost(u.Hostname()):
	default:
		l.Add(path, "must be https (http is accepted for a loopback address alone): whoever can change the keys on their way can forge every token")
	}
}

func checkAudience(l *faults.List, path, audience string) {
	if audience == "" || strings.ContainsFunc(audience, notPrintable) {
		l.Add(path, "must be a non-empty identifier without spaces")
	}
}

// notPrintable reports what no identifier of ours has: a space, a control
// character, or a byte that is not UTF-8.
func notPrintable(r rune) bool { return r <= ' ' || r == 0x7f || r == '\uFFFD' }
