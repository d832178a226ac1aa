package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"mcp-resource-server/internal/httperr"
)

// hostPattern is one entry of the Host allow-list, in lower case.
type hostPattern struct {
	host string // a name or an address, without brackets
	port string // "" for any
}

// loopbackHosts are the names under which a loopback listener is reached, also
// from a container on the same machine.
var loopbackHosts = []string{"localhost", "127.0.0.1", "::1", "host.docker.internal"}

// hostGuard refuses requests for a Host that is not ours. A page whose name an
// attacker makes resolve to this server (DNS rebinding) has the attacker's name
// in Host. The value decides nothing else.
func (s *Server) hostGuard() func(http.Handler) http.Handler {
	allowed := []hostPattern{{host: strings.ToLower(s.publicURL.Hostname())}}
	for _, h := range s.opts.HTTP.AllowedHosts {
		if p, ok := parseHostPattern(h); ok {
			allowed = append(allowed, p)
		}
	}
	if s.opts.Loopback {
		for _, h := range loopbackHosts {
			allowed = append(allowed, hostPattern{host: h})
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !hostAllowed(allowed, r.Host) {
				exchangeOf(r).refuse(reasonHost)
				httperr.Write(w, http.StatusForbidden, httperr.Body{Error: "forbidden", Description: "this server does not answer to that Host"})
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func hostAllowed(allowed []hostPattern, host string) bool {
	got, ok := parseHostPattern(host)
	if !ok {
		return false
	}
	for _, p := range allowed {
		if p.host == got.host && (p.port == "" || p.port == got.port) {
			return true
		}
	}
	return false
}

// parseHostPattern reads host, host:port, [v6] or [v6]:port, and reports false
// for anything else.
func parseHostPattern(s string) (hostPattern, bool) {
	host, port := s, ""
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		host = s[1 : len(s)-1]
	} else if strings.Contains(s, ":") {
		var err error
		if host, port, err = net.SplitHostPort(s); err != nil || port == "" {
			return hostPattern{}, false
		}
	}
	bracketed := strings.HasPrefix(s, "[")
	if addr, err := netip.ParseAddr(host); bracketed != (err == nil && addr.Is6()) {
		return hostPattern{}, false
	}
	if !bracketed && strings.ContainsFunc(host, notHostByte) {
		return hostPattern{}, false
	}
	if strings.ContainsFunc(port, func(r rune) bool { return r < '0' || r > '9' }) {
		return hostPattern{}, false
	}
	return hostPattern{host: strings.ToLower(host), port: port}, host != ""
}

// notHostByte reports what no name or IPv4 address has (RFC 1123 §2.1, and the
// underscore of container names).
func notHostByte(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}
