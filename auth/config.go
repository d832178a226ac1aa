package auth

import (
	"fmt"
	"slices"
	"time"

	"mcp-resource-server/internal/faults"
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
	// The issuer's public keys themselves, as PEM (PUBLIC KEY or CERTIFICATE, but no
	// chain), one after the other; a line break may be written as \n. The issuer is
	// then never asked for keys.
	PublicKey string `mapstructure:"public_key"`
	// A PEM file with the issuer's public keys, which is read again when it changes.
	// Instead of auth.public_key.
	PublicKeyFile string `mapstructure:"public_key_file"`
	// The kid of the one key in auth.public_key or auth.public_key_file. Empty: its
	// thumbprint (RFC 7638).
	KeyID string `mapstructure:"key_id"`
	// The claims that name the client that a token was issued to; those that a
	// token has must agree. Empty: azp and client_id.
	ClientIDClaims []string `mapstructure:"client_id_claims"`
	// The claims that hold what a token grants: text (words between single spaces)
	// or a list of texts. A dot leads into an object (realm_access.roles), but in a
	// name with a slash it is part of the name. Empty: scope, which then must be text
	// (RFC 8693 §4.2).
	ScopeClaims []string `mapstructure:"scope_claims"`
	// The client ids whose tokens are accepted. Empty: any.
	AllowedClients []string `mapstructure:"allowed_clients"`
	// The long form, for several issuers or for settings that the short form
	// lacks. Keys of one issuer never verify the tokens of another.
	Issuers []IssuerConfig `mapstructure:"issuers"`
	// How far our clock and an issuer's may differ when exp, nbf and iat are
	// judged. At most 5m.
	ClockSkew time.Duration `mapstructure:"clock_skew"`
	// Scopes that every operation needs, beside the operation's own. They are
	// named in the challenge to a caller without a token.
	RequiredScopes []string `mapstructure:"required_scopes"`
	// A YAML file of issuers, kids, client_ids, subjects and jti whose tokens are
	// refused at once. It is read again when it changes. Empty: none.
	DenylistFile string `mapstructure:"denylist_file"`
	// Whether GET /sse takes the token from ?access_token=, too, for browsers whose
	// EventSource sends no header. Only with mcp.legacy_sse. It is then in the history
	// of the browser, and in the log of every proxy on the way.
	AllowQueryToken bool `mapstructure:"allow_query_token"`
	// A YAML file of static bearer tokens: name, sha256, scopes, expires. It is read
	// again when it changes. Empty: there are none.
	StaticTokensFile string `mapstructure:"static_tokens_file"`
	// How the key sets are fetched and kept.
	JWKS JWKSConfig `mapstructure:"jwks"`
	// How issuers are reached.
	HTTP HTTPConfig `mapstructure:"http"`
}

// HTTPConfig is the auth.http section: the way to the issuers.
type HTTPConfig struct {
	// The URL of a proxy: http://, https:// or socks5://, with a user and a password
	// where it wants them, in which @ is written as %40 and # as %23. What is on this
	// machine is reached directly. Empty: HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the
	// environment.
	Proxy string `mapstructure:"proxy" secret:"true"`
	// A PEM file of certificate authorities that are trusted beside the system's.
	CAFile string `mapstructure:"ca_file"`
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
	// A directory of this program's own on a local disk (in a volume: a directory
	// within it), where the last good key sets are kept, so that a restart while an
	// issuer is down refuses nobody. Empty: memory alone.
	CacheDir string `mapstructure:"cache_dir"`
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

// maxClockSkew bounds auth.clock_skew: a larger one would accept tokens long
// after their end (RFC 8725 leaves "a few minutes" at most).
const maxClockSkew = 5 * time.Minute

// IssuerList returns the issuers in one form, whether they were given in the
// short form or the long one, with the defaults filled in.
func (c Config) IssuerList() []IssuerConfig {
	list := slices.Clone(c.Issuers)
	if c.Issuer != "" {
		list = append(list, c.shortForm())
	}
	for i := range list {
		list[i] = list[i].withDefaults()
	}
	return list
}

// shortForm is the issuer of the short form, as an entry of the long one.
func (c Config) shortForm() IssuerConfig {
	ic := IssuerConfig{
		Issuer:         c.Issuer,
		JWKSURL:        c.JWKSURL,
		PublicKey:      c.PublicKey,
		PublicKeyFile:  c.PublicKeyFile,
		KeyID:          c.KeyID,
		ClientIDClaims: c.ClientIDClaims,
		ScopeClaims:    c.ScopeClaims,
		AllowedClients: c.AllowedClients,
	}
	if c.Audience != "" {
		ic.Audiences = []string{c.Audience}
	}
	return ic
}

// Validate returns what is wrong with c, by key.
func (c Config) Validate() faults.List {
	var l faults.List
	switch {
	case len(c.Issuers) > 0:
		c.validateLongForm(&l)
	case c.StaticTokensFile != "" && c.shortForm().isZero():
		// Static tokens alone: there need be no issuer.
	default:
		c.validateShortForm(&l)
	}
	if c.ClockSkew < 0 || c.ClockSkew > maxClockSkew {
		l.Add("clock_skew", "must be between 0s and %s", maxClockSkew)
	}
	checkTwice(&l, "required_scopes", c.RequiredScopes)
	for _, s := range c.RequiredScopes {
		if !ValidScope(s) {
			l.Add("required_scopes", "%q is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)", s)
		} else if fault := mistyped(s); fault != "" {
			l.Add("required_scopes", "%q %s", s, fault)
		}
	}
	checkFile(&l, "denylist_file", c.DenylistFile)
	checkFile(&l, "static_tokens_file", c.StaticTokensFile)
	l.Under("jwks", c.JWKS.validate())
	l.Under("http", c.HTTP.validate())
	return l
}

// validateShortForm reports the faults of the one issuer under the keys of the
// short form, which has one audience.
func (c Config) validateShortForm(l *faults.List) {
	for _, f := range c.shortForm().validate() {
		if f.Path == "audiences" {
			f.Path = "audience"
		}
		*l = append(*l, f)
	}
}

func (c Config) validateLongForm(l *faults.List) {
	short := c.shortForm()
	for _, k := range []struct {
		path string
		set  bool
	}{
		{"issuer", short.Issuer != ""},
		{"audience", len(short.Audiences) > 0},
		{"jwks_url", short.JWKSURL != ""},
		{"public_key", short.PublicKey != ""},
		{"public_key_file", short.PublicKeyFile != ""},
		{"key_id", short.KeyID != ""},
		{"client_id_claims", len(short.ClientIDClaims) > 0},
		{"scope_claims", len(short.ScopeClaims) > 0},
		{"allowed_clients", len(short.AllowedClients) > 0},
	} {
		if k.set {
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
	checkFile(&l, "cache_dir", c.CacheDir)
	return l
}

func (c HTTPConfig) validate() faults.List {
	var l faults.List
	checkProxy(&l, "proxy", c.Proxy)
	checkFile(&l, "ca_file", c.CAFile)
	return l
}
