package server

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/namedfile"
	"mcp-resource-server/tools"
)

// HTTPConfig is the http section of the configuration: where the server
// listens, and under which names and limits.
type HTTPConfig struct {
	// The address to listen on, host:port. Without a host: every interface.
	Addr string `mapstructure:"addr"`
	// The URL of the MCP endpoint as clients know it, with its path: the resource
	// identifier of RFC 9728. It is never taken from a request. Where it is empty
	// and exactly one audience is an http(s) URL with a path, it is that audience.
	PublicURL string `mapstructure:"public_url"`
	// Names and addresses, each with or without a port, that a request's Host
	// may be (without a port: any). The host of http.public_url is always among
	// them, and on a loopback listener localhost, 127.0.0.1, [::1] and
	// host.docker.internal are.
	AllowedHosts []string `mapstructure:"allowed_hosts"`
	// Origins of the web pages that may call the server from a browser, such as
	// https://app.example.com. Any other Origin is refused; "*" is no origin.
	AllowedOrigins []string `mapstructure:"allowed_origins"`
	// Addresses and networks (10.0.0.0/8) of the reverse proxies in front. Only what
	// these say of a client's address is believed (Forwarded, X-Forwarded-For); it
	// stands in the logs. No forwarded header decides anything else.
	TrustedProxies []string `mapstructure:"trusted_proxies"`
	// The largest request body accepted, in bytes: 1024 to 67108864.
	MaxBodyBytes int64 `mapstructure:"max_body_bytes"`
	// How long calls in flight may go on after SIGTERM or SIGINT. At most 10m.
	ShutdownGrace time.Duration `mapstructure:"shutdown_grace"`
	// The server's own certificate. Empty: plain HTTP, behind a proxy that ends TLS.
	TLS TLSConfig `mapstructure:"tls"`
}

// TLSConfig is the http.tls section. Both files or neither.
type TLSConfig struct {
	// PEM file of the certificate, followed by its intermediates.
	CertFile string `mapstructure:"cert_file"`
	// PEM file of the certificate's private key.
	KeyFile string `mapstructure:"key_file"`
}

// MCPConfig is the mcp section of the configuration: how the server presents
// itself, and the life of legacy sessions.
type MCPConfig struct {
	// The server's name for programs.
	Name string `mapstructure:"name"`
	// The server's name for people.
	Title string `mapstructure:"title"`
	// What a client may tell its model about this server.
	Instructions string `mapstructure:"instructions"`
	// A page for developers who want to call this server; resource_documentation
	// in the protected resource metadata. Empty: the member is left out.
	DocumentationURL string `mapstructure:"documentation_url"`
	// The server's page for people; websiteUrl in MCP. Empty: the member is left out.
	WebsiteURL string `mapstructure:"website_url"`
	// A picture of the server, for people: an http(s) URL, or the picture itself as a
	// data URI in base64. Empty: there is none.
	IconURL string `mapstructure:"icon_url"`
	// The versions of MCP that are spoken, such as 2025-11-25 and 2026-07-28. Empty: all
	// that this program knows.
	ProtocolVersions []string `mapstructure:"protocol_versions"`
	// The key by which the state is sealed that a client carries from one request to
	// the next while it answers a tool's questions: a secret of at least 32 bytes, the
	// same on all replicas. Of several, with space between, the first seals and each
	// opens. Empty: a key that dies with the process.
	StateKey string `mapstructure:"state_key" secret:"true"`
	// Whether clients of MCP 2025-11-25 and older get a session, with a stream
	// for notifications. If false, each of their requests stands alone.
	LegacySessions bool `mapstructure:"legacy_sessions"`
	// How long a legacy session may be idle: without a request under way and without
	// an open stream. At least 1s.
	SessionTimeout time.Duration `mapstructure:"session_timeout"`
	// How many legacy sessions there are at most; a client that wants one more is told
	// to come back. 1 to 1000000.
	MaxSessions int `mapstructure:"max_sessions"`
	// How many of them one caller (issuer, subject and client) has at most: for one
	// more, its own longest idle one is closed. 1 to max_sessions.
	MaxSessionsPerPrincipal int `mapstructure:"max_sessions_per_principal"`
	// Whether the older HTTP+SSE transport of MCP 2024-11-05 is served, too: /sse and
	// /messages/ beside the MCP endpoint.
	LegacySSE bool `mapstructure:"legacy_sse"`
}

// DefaultHTTPConfig returns the settings that hold where nothing is configured.
func DefaultHTTPConfig() HTTPConfig {
	return HTTPConfig{Addr: ":8080", MaxBodyBytes: 4 << 20, ShutdownGrace: 20 * time.Second}
}

// DefaultMCPConfig returns the settings that hold where nothing is configured.
func DefaultMCPConfig() MCPConfig {
	return MCPConfig{
		Name:           "mcp-resource-server",
		Title:          "MCP resource server",
		LegacySessions: true,
		SessionTimeout: 30 * time.Minute,

		MaxSessions:             10_000,
		MaxSessionsPerPrincipal: 100,
	}
}

// Load reads the certificate, and returns nil where none is configured.
func (c TLSConfig) Load() (*tls.Config, error) {
	if c.CertFile == "" {
		return nil, nil //nolint:nilnil // no certificate is no fault
	}
	cert, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("http.tls: loading the certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// validate refuses a content in the place of a file's name: Load's errors print that.
func (c TLSConfig) validate() faults.List {
	var l faults.List
	if err := namedfile.CheckPath(c.CertFile); err != nil {
		l.Add("cert_file", "%s", err)
	}
	if err := namedfile.CheckPath(c.KeyFile); err != nil {
		l.Add("key_file", "%s", err)
	}
	return l
}

// maxSessionsLimit bounds mcp.max_sessions: each takes some 10 KiB.
const maxSessionsLimit = 1_000_000

// maxBodyBytesLimit bounds http.max_body_bytes: a body is held in memory whole.
const maxBodyBytesLimit = 64 << 20

// Validate returns what is wrong with c, by key.
func (c HTTPConfig) Validate() faults.List {
	var l faults.List
	checkAddr(&l, "addr", c.Addr)
	if c.PublicURL == "" {
		l.Add("public_url", "is required where not exactly one audience is an http(s) URL with a path: the endpoint's URL as clients know it, such as https://mcp.example.com/mcp")
	} else if problem := checkPublicURL(c.PublicURL); problem != "" {
		l.Add("public_url", "%s", problem)
	}
	for _, h := range c.AllowedHosts {
		if _, ok := parseHostPattern(h); !ok {
			l.Add("allowed_hosts", "%q is not a host or host:port", h)
		}
	}
	for _, o := range c.AllowedOrigins {
		if !validOrigin(o) {
			l.Add("allowed_origins", "%q is not an origin such as https://app.example.com", o)
		}
	}
	for _, p := range c.TrustedProxies {
		if _, ok := parseTrustedProxy(p); !ok {
			l.Add("trusted_proxies", "%q must be an address, or a network in its shortest form, such as 10.0.0.0/8, and not all addresses", p)
		}
	}
	if c.MaxBodyBytes < 1024 || c.MaxBodyBytes > maxBodyBytesLimit {
		l.Add("max_body_bytes", "must be between 1024 and %d", maxBodyBytesLimit)
	}
	if c.ShutdownGrace < 0 || c.ShutdownGrace > 10*time.Minute {
		l.Add("shutdown_grace", "must be between 0s and 10m")
	}
	if (c.TLS.CertFile == "") != (c.TLS.KeyFile == "") {
		l.Add("tls", "needs cert_file and key_file, or neither")
	}
	l.Under("tls", c.TLS.validate())
	return l
}

// Validate returns what is wrong with c, by key.
func (c MCPConfig) Validate() faults.List {
	var l faults.List
	if c.Name == "" {
		l.Add("name", "is required")
	}
	checkPage(&l, "documentation_url", c.DocumentationURL)
	checkPage(&l, "website_url", c.WebsiteURL)
	for _, icon := range c.icons() {
		if err := tools.CheckIcon(icon); err != nil {
			l.Add("icon_url", "%s", err)
		}
	}
	checkVersions(&l, "protocol_versions", c.ProtocolVersions)
	if _, err := stateKeys(c.StateKey); err != nil {
		l.Add("state_key", "%s", err)
	}
	if c.SessionTimeout < time.Second {
		l.Add("session_timeout", "must be at least 1s")
	}
	if c.MaxSessions < 1 || c.MaxSessions > maxSessionsLimit {
		l.Add("max_sessions", "must be between 1 and %d", maxSessionsLimit)
	}
	if c.MaxSessionsPerPrincipal < 1 || c.MaxSessionsPerPrincipal > c.MaxSessions {
		l.Add("max_sessions_per_principal", "must be between 1 and max_sessions (%d)", c.MaxSessions)
	}
	return l
}

// icons are the pictures of the server.
func (c MCPConfig) icons() []mcp.Icon {
	if c.IconURL == "" {
		return nil
	}
	return []mcp.Icon{{Source: c.IconURL}}
}

func checkPage(l *faults.List, key, page string) {
	if page == "" {
		return
	}
	if u, err := url.Parse(page); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		l.Add(key, "must be an absolute http(s) URL")
	}
}

func checkAddr(l *faults.List, key, addr string) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		l.Add(key, "must be host:port, such as :8080 or 127.0.0.1:8080")
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		l.Add(key, "must have a port between 0 and 65535")
	}
}

// checkPublicURL says what keeps raw from being a resource identifier
// (RFC 9728 §1.2: a URL without fragment) that names our endpoint, or "".
func checkPublicURL(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http"):
		return "must be an absolute http(s) URL such as https://mcp.example.com/mcp"
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return "must have no query and no fragment"
	case !validAuthority(u):
		return "must have a host, and a port below 65536 if any"
	case u.Path == "" || u.Path == "/":
		return "must have a path, that of the endpoint: such as /mcp"
	case strings.ContainsFunc(u.EscapedPath(), notPathByte) || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/"):
		return "must have a path of letters, digits and - . _ ~ / alone, without empty, . and .. segments"
	case reservedPath(u.Path):
		return "must not have a path that the server itself serves (/healthz, /readyz, /.well-known/)"
	}
	return ""
}

// validAuthority reports whether u's host is one that a request's Host can name.
func validAuthority(u *url.URL) bool {
	if _, ok := parseHostPattern(u.Host); !ok {
		return false
	}
	if u.Port() == "" {
		return true
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil
}

func notPathByte(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~/", r)
}

func reservedPath(p string) bool {
	return p == pathHealth || p == pathReady || strings.HasPrefix(p, "/.well-known/")
}

// validOrigin reports whether o is one serialized origin (RFC 6454 §6.2):
// scheme, host and port, in lower case, with nothing after them.
func validOrigin(o string) bool {
	u, err := url.Parse(o)
	if err != nil || u.Host == "" || u.User != nil || o != strings.ToLower(o) || strings.Contains(o, "*") {
		return false
	}
	return (u.Scheme == "https" || u.Scheme == "http") && o == u.Scheme+"://"+u.Host
}
