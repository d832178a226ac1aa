package config

import (
	"net/url"
	"slices"
	"strings"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/logging"
	"mcp-resource-server/server"
	"mcp-resource-server/tools"
)

// Config is the whole configuration, one section for each package that owns
// settings.
type Config struct {
	// Where the server listens, and under which names and limits.
	HTTP server.HTTPConfig `mapstructure:"http"`
	// Whose access tokens are accepted, and for which audience.
	Auth auth.Config `mapstructure:"auth"`
	// What a verified caller may use.
	Access auth.AccessConfig `mapstructure:"access"`
	// How the server presents itself, and the life of legacy sessions.
	MCP server.MCPConfig `mapstructure:"mcp"`
	// Which tools are served.
	Tools tools.Config `mapstructure:"tools"`
	// The record of who did what.
	Audit audit.Config `mapstructure:"audit"`
	// What is logged, and in which form.
	Log logging.Config `mapstructure:"log"`
}

// Default returns the settings that hold where nothing is configured. It is not
// valid: an issuer and an audience have no default.
func Default() Config {
	return Config{
		HTTP:   server.DefaultHTTPConfig(),
		Auth:   auth.DefaultConfig(),
		Access: auth.DefaultAccessConfig(),
		MCP:    server.DefaultMCPConfig(),
		Tools:  tools.DefaultConfig(),
		Audit:  audit.DefaultConfig(),
		Log:    logging.DefaultConfig(),
	}
}

// Load reads the configuration from src, derives what follows from other values
// and validates the whole. Its error is a faults.List with every fault of the
// configuration, or says which file cannot be read.
func Load(src Source) (Config, error) {
	var c Config
	found, err := merge(schema(Default()), src, &c)
	if err != nil {
		return Config{}, err
	}
	if src.Fix != nil {
		src.Fix(&c)
	}
	c.complete()
	all := slices.Clone(found)
	for _, f := range c.Validate() {
		if !c.explained(f.Path, found) {
			all = append(all, f)
		}
	}
	if err := src.judged(all).Err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// Validate returns what is wrong with c, by key.
func (c Config) Validate() faults.List {
	var l faults.List
	l.Under("http", c.HTTP.Validate())
	l.Under("auth", c.Auth.Validate())
	l = append(l, c.validateAccess()...)
	l.Under("mcp", c.MCP.Validate())
	l = append(l, server.CheckLegacySSE(c.HTTP, c.MCP)...)
	if c.Auth.AllowQueryToken && !c.MCP.LegacySSE {
		l.Add("auth.allow_query_token", "is used with mcp.legacy_sse alone")
	}
	l.Under("tools", c.Tools.Validate())
	l.Under("audit", c.Audit.Validate())
	l.Under("log", c.Log.Validate())
	return l
}

// validateAccess holds the access table to the tools of this program, once it is
// sound in itself.
func (c Config) validateAccess() faults.List {
	var l faults.List
	l.Under("access", c.Access.Validate())
	if len(l) > 0 {
		return l
	}
	all := tools.NewSet(tools.Everything(tools.DefaultConfig(), tools.Deps{}), tools.Config{})
	return CheckAccess(c, all.Protected())
}

// CheckAccess returns what is wrong with c's access table beside the targets that
// there are, whether they are switched on or not.
func CheckAccess(c Config, targets []auth.Protected) faults.List {
	var l faults.List
	l.Under("access", c.Access.CheckTargets(c.Auth.RequiredScopes, targets))
	return l
}

// complete derives http.public_url where it is not set: it is the one audience
// that can be an endpoint's URL, if exactly one can. An audience that is a mere
// origin is left alone: it names an API, not the path of an endpoint.
func (c *Config) complete() {
	if c.HTTP.PublicURL != "" {
		return
	}
	var endpoints []string
	for _, issuer := range c.Auth.IssuerList() {
		for _, audience := range issuer.Audiences {
			if isEndpoint(audience) && !slices.Contains(endpoints, audience) {
				endpoints = append(endpoints, audience)
			}
		}
	}
	if len(endpoints) == 1 {
		c.HTTP.PublicURL = endpoints[0]
	}
}

func isEndpoint(audience string) bool {
	if strings.ContainsAny(audience, " ,;\"'[]") {
		return false // a list where one audience belongs: that is what is said of it
	}
	u, err := url.Parse(audience)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.Path != "" && u.Path != "/"
}

// explained reports whether a fault of Validate at path only follows from one
// that was found while reading: the value that it judges is then not the one
// that somebody wrote.
func (c Config) explained(path string, found faults.List) bool {
	for _, f := range found {
		if within(path, f.Path) || within(f.Path, path) || f.Path == path+fileSuffix || c.misses(path, f.Path) {
			return true
		}
	}
	return false
}

// misses reports whether path has no value because the key at cause could not
// be read, although it was written.
func (c Config) misses(path, cause string) bool {
	switch path {
	case "http.public_url": // derived from an audience
		return c.HTTP.PublicURL == "" && c.Auth.Audience == "" &&
			(within("auth.audience", cause) || within(cause, "auth.issuers"))
	case "auth.issuer", "auth.audience": // needed where there is no long form
		return cause == "auth.issuers" && len(c.Auth.Issuers) == 0
	case "auth.allow_query_token":
		return within("mcp.legacy_sse", cause)
	}
	return false
}

// within reports whether path is at or below top.
func within(path, top string) bool {
	rest, ok := strings.CutPrefix(path, top)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
