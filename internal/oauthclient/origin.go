package oauthclient

import (
	"net/netip"
	"net/url"
	"strings"
)

// SameOrigin tells whether two http or https URLs have the same scheme, host
// and port, where a port that is left out is the scheme's own (RFC 6454 §5).
// Anything else, such as a URL that cannot be parsed or has no host, has no
// origin: false.
func SameOrigin(a, b string) bool {
	originA, okA := origin(a)
	originB, okB := origin(b)
	return okA && okB && originA == originB
}

func origin(raw string) (string, bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	return originOf(u)
}

func originOf(u *url.URL) (string, bool) {
	if u == nil || u.Hostname() == "" {
		return "", false
	}
	port := u.Port()
	if port == "" {
		switch u.Scheme {
		case "http":
			port = "80"
		case "https":
			port = "443"
		}
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.Scheme + " " + strings.ToLower(u.Hostname()) + " " + port, true
}

// IsLoopbackHost tells whether host, without a port or brackets (as
// url.URL.Hostname gives it), is this machine itself: "localhost" or an address
// in 127.0.0.0/8 or ::1. It looks nothing up: any other name is not loopback,
// wherever it resolves to, names below localhost included.
func IsLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}
