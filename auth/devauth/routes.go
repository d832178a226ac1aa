package devauth

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

const (
	authorizePath = "/authorize"
	tokenPath     = "/oauth/token" //nolint:gosec // a path, not a credential
	jwksPath      = "/.well-known/jwks.json"
)

// discoveryPaths are the two well-known places. RFC 8414 §3.1 removes the issuer's trailing slash before it inserts the
// path, OpenID Connect Discovery §4.1 before it appends it; clients that forget to do so ask for the other spellings.
func discoveryPaths() []string {
	var paths []string
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"} {
		paths = append(paths, path, path+"/", "/"+path, "/"+path+"/")
	}
	return paths
}

type route struct {
	methods []string
	handler http.HandlerFunc
}

// routes are looked up by exact path: a router that cleans paths would answer "//.well-known/…" with a redirect.
type routes map[string]route

func (rs routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, ok := rs[r.URL.Path]
	switch {
	case !ok:
		writeText(w, http.StatusNotFound, "not found on the development authorization server\n")
	case !slices.Contains(to.methods, r.Method):
		w.Header().Set("Allow", strings.Join(to.methods, ", "))
		writeText(w, http.StatusMethodNotAllowed, "method not allowed on the development authorization server\n")
	default:
		to.handler(w, r)
	}
}

func (s *Server) newHandler() (http.Handler, error) {
	metadata, err := json.Marshal(s.metadata())
	if err != nil {
		return nil, fmt.Errorf("devauth: encoding the metadata: %w", err)
	}
	read := []string{http.MethodGet, http.MethodHead}
	rs := routes{
		"/":           {read, s.serveFrontPage},
		authorizePath: {[]string{http.MethodGet, http.MethodPost}, s.serveAuthorize},
		jwksPath:      {read, counted(&s.received.jwks, s.unlessOut(s.slowly(s.serveJWKS)))},
		tokenPath:     {[]string{http.MethodPost}, counted(&s.received.token, s.unlessOut(s.serveToken))},
		statePath:     {read, s.serveState},
		elsewherePath: {read, s.serveElsewhere},
	}
	discovery := func(w http.ResponseWriter, _ *http.Request) { writeCacheable(w, metadata) }
	for _, path := range discoveryPaths() {
		rs[path] = route{read, counted(&s.received.metadata, s.unlessOut(s.slowly(discovery)))}
	}
	for _, c := range s.controls() {
		rs[c.path] = route{[]string{http.MethodPost}, s.serveControl(c)}
	}
	return developmentOnly(s.guard(rs)), nil
}

// writeJSON is for answers that MUST NOT be stored, tokens above all (RFC 6749 §5.1).
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // strings and numbers only: cannot happen
		status, body = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone: nobody is left to tell
}

// writeCacheable is for the public documents; Auth0 lets them be cached for as short a time.
func writeCacheable(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=15")
	_, _ = w.Write(body)
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
