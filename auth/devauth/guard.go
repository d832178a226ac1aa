package devauth

import (
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
)

// guard keeps web pages out. A loopback address is open to every page in every browser on the machine, so:
//
//   - Host MUST be ours, port included. After DNS rebinding a page's own name points here, and only Host tells.
//   - Origin MUST NOT be there: no client of a token endpoint sends it, and browsers send it with cross-site requests.
//   - Sec-Fetch-Site, where present, MUST say that the user typed the address or that the page is ours.
func (s *Server) guard(next http.Handler) http.Handler {
	hosts := s.allowedHosts()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reason := ""
		switch {
		case !slices.Contains(hosts, r.Host):
			reason = "host"
		case r.Header["Origin"] != nil:
			reason = "origin"
		case !sameSite(r.Header["Sec-Fetch-Site"]):
			reason = "sec_fetch_site"
		}
		if reason != "" {
			s.log.Warn("foreign request refused", slog.String("reason", reason))
			writeText(w, http.StatusForbidden, "forbidden by the development authorization server\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// allowedHosts are the listener's own address and the usual names of the machine itself, each with the listener's port.
func (s *Server) allowedHosts() []string {
	port := strconv.Itoa(int(s.addr.Port()))
	hosts := []string{s.addr.String()}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		hosts = append(hosts, net.JoinHostPort(name, port))
	}
	return hosts
}

// sameSite judges every value: a header sent twice is no way around.
func sameSite(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return v != "none" && v != "same-origin" })
}

// developmentOnly marks every answer, refusals included.
func developmentOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Development-Only", "true")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
