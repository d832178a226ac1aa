package server

import (
	"testing"
	"time"
)

func TestHTTPConfigValidate(t *testing.T) {
	const (
		absolute  = "public_url: must be an absolute http(s) URL such as https://mcp.example.com/mcp"
		authority = "public_url: must have a host, and a port below 65536 if any"
		segments  = "public_url: must have a path of letters, digits and - . _ ~ / alone, without empty, . and .. segments"
		reserved  = "public_url: must not have a path that the server itself serves (/healthz, /readyz, /.well-known/)"
		content   = "the content stands where the file's name belongs"
	)
	public := func(u string) func(*HTTPConfig) { return func(c *HTTPConfig) { c.PublicURL = u } }
	for _, tt := range []struct {
		name   string
		change func(*HTTPConfig)
		want   string // "" for none
	}{
		{"good", func(*HTTPConfig) {}, ""},
		{"with a port", public("https://mcp.example.com:8443/mcp"), ""},
		{"http", public("http://127.0.0.1:8080/mcp"), ""},
		{"an IPv6 address", public("http://[::1]:8080/mcp"), ""},
		{"a deep path", public("https://mcp.example.com/a/b-c_d.e~f"), ""},
		{"a slash at the end", public("https://mcp.example.com/mcp/"), ""},
		{"no public URL", public(""), "public_url: is required where not exactly one audience is an http(s) URL with a path: the endpoint's URL as clients know it, such as https://mcp.example.com/mcp"},
		{"a path alone", public("/mcp"), absolute},
		{"another scheme", public("ftp://mcp.example.com/mcp"), absolute},
		{"userinfo", public("https://a@mcp.example.com/mcp"), absolute},
		{"a query", public("https://mcp.example.com/mcp?x=1"), "public_url: must have no query and no fragment"},
		{"a fragment", public("https://mcp.example.com/mcp#x"), "public_url: must have no query and no fragment"},
		{"no path", public("https://mcp.example.com"), "public_url: must have a path, that of the endpoint: such as /mcp"},
		{"the root", public("https://mcp.example.com/"), "public_url: must have a path, that of the endpoint: such as /mcp"},
		{"a star for a host", public("https://*/mcp"), authority},
		{"no host", public("https://:443/mcp"), authority},
		{"a port beyond all", public("https://mcp.example.com:99999/mcp"), authority},
		{"an empty segment", public("https://mcp.example.com/a//mcp"), segments},
		{"a .. segment", public("https://mcp.example.com/a/../mcp"), segments},
		{"a pattern", public("https://mcp.example.com/{x}"), segments},
		{"an escape", public("https://mcp.example.com/%6dcp"), segments},
		{"our health", public("https://mcp.example.com/healthz"), reserved},
		{"our metadata", public("https://mcp.example.com/.well-known/x"), reserved},
		{"an address without a port", func(c *HTTPConfig) { c.Addr = "localhost" }, "addr: must be host:port, such as :8080 or 127.0.0.1:8080"},
		{"a port by name", func(c *HTTPConfig) { c.Addr = ":http" }, "addr: must have a port between 0 and 65535"},
		{"a host that is none", func(c *HTTPConfig) { c.AllowedHosts = []string{"a b"} }, `allowed_hosts: "a b" is not a host or host:port`},
		{"an origin with a path", func(c *HTTPConfig) { c.AllowedOrigins = []string{"https://a.example/"} }, `allowed_origins: "https://a.example/" is not an origin such as https://app.example.com`},
		{"a wildcard origin", func(c *HTTPConfig) { c.AllowedOrigins = []string{"https://*.example"} }, `allowed_origins: "https://*.example" is not an origin such as https://app.example.com`},
		{"null for an origin", func(c *HTTPConfig) { c.AllowedOrigins = []string{"null"} }, `allowed_origins: "null" is not an origin such as https://app.example.com`},
		{"a tiny body", func(c *HTTPConfig) { c.MaxBodyBytes = 1023 }, "max_body_bytes: must be between 1024 and 67108864"},
		{"a negative grace", func(c *HTTPConfig) { c.ShutdownGrace = -time.Second }, "shutdown_grace: must be between 0s and 10m"},
		{"a certificate and its key", func(c *HTTPConfig) { c.TLS = TLSConfig{"cert.pem", "key.pem"} }, ""},
		{"a certificate and its key themselves", func(c *HTTPConfig) { c.TLS = TLSConfig{"-----BEGIN CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----"} }, "tls.cert_file: " + content + "\ntls.key_file: " + content},
		{"the key itself", func(c *HTTPConfig) { c.TLS = TLSConfig{"cert.pem", "-----BEGIN PRIVATE KEY-----"} }, "tls.key_file: " + content},
		{"a proxy with bits of a host", func(c *HTTPConfig) { c.TrustedProxies = []string{"10.0.0.0/8", "10.0.0.1/8"} }, `trusted_proxies: "10.0.0.1/8" must be an address, or a network in its shortest form, such as 10.0.0.0/8, and not all addresses`},
		{"everybody as a proxy", func(c *HTTPConfig) { c.TrustedProxies = []string{"0.0.0.0/0"} }, `trusted_proxies: "0.0.0.0/0" must be an address, or a network in its shortest form, such as 10.0.0.0/8, and not all addresses`},
		{"a name as a proxy", func(c *HTTPConfig) { c.TrustedProxies = []string{"localhost"} }, `trusted_proxies: "localhost" must be an address, or a network in its shortest form, such as 10.0.0.0/8, and not all addresses`},
		{"a certificate without its key", func(c *HTTPConfig) { c.TLS.CertFile = "x" }, "tls: needs cert_file and key_file, or neither"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := DefaultHTTPConfig()
			c.PublicURL = "https://mcp.example.com/mcp"
			tt.change(&c)
			if got := c.Validate().Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMCPConfigValidate(t *testing.T) {
	c := DefaultMCPConfig()
	if err := c.Validate().Err(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	c = MCPConfig{DocumentationURL: "docs", WebsiteURL: "ftp://x/", IconURL: "javascript:0", StateKey: "short", ProtocolVersions: []string{"2020-01-01"}, SessionTimeout: time.Millisecond}
	want := "name: is required\ndocumentation_url: must be an absolute http(s) URL\nwebsite_url: must be an absolute http(s) URL\n" +
		"icon_url: the source must be an http or https URL, or a picture as a data URI in base64\n" +
		"protocol_versions: \"2020-01-01\" is no version of MCP that this program speaks (2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05)\n" +
		"state_key: must be a secret of at least 32 bytes, or several with space between\nsession_timeout: must be at least 1s\n" +
		"max_sessions: must be between 1 and 1000000\nmax_sessions_per_principal: must be between 1 and max_sessions (0)"
	if got := c.Validate().Error(); got != want {
		t.Errorf("got %s", got)
	}
	c = DefaultMCPConfig()
	c.MaxSessions, c.MaxSessionsPerPrincipal = 10, 11
	if got, want := c.Validate().Error(), "max_sessions_per_principal: must be between 1 and max_sessions (10)"; got != want {
		t.Errorf("got %s", got)
	}
}
