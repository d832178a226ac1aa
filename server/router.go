package server

import (
	"maps"
	"net/http"

	"github.com/go-chi/chi/v5"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/httperr"
)

const (
	pathMCP    = "/mcp"
	pathHealth = "/healthz"
	pathReady  = "/readyz"
	// Of the older transport, whether it is served or not.
	pathSSE      = "/sse"
	pathMessages = "/messages/"
)

// routes is the whole chain. Nothing that rewrites a path stands in front of the
// token: "/mcp/", "//mcp" and "/%6dcp" are other paths, and not found.
func (s *Server) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(
		s.open,                               // first, so that everything has an id and a generation
		s.accessLog,                          // outside recovery, so that a panic's 500 is logged too
		s.recoverPanic,                       // as far out as the log allows
		deadlines(readTimeout, writeTimeout), // a client that is too slow is cut off anywhere
		s.cors(),                             // in front of all that answers, so that a page can read each refusal
	)

	// Probes call by pod address and have no token: no guard stands before them.
	r.Get(pathHealth, s.health)
	r.Head(pathHealth, s.health)
	r.Get(pathReady, s.ready)
	r.Head(pathReady, s.ready)

	// The metadata is public, and read by pages of any origin; only a foreign Host
	// is refused, so that no rebound name gets an answer (DNS rebinding).
	guarded := map[string]http.Handler{}
	document := s.hostGuard()(auth.MetadataHandler(s.metadata))
	guarded[auth.WellKnownResource] = document
	for _, path := range s.endpointPaths() {
		guarded[auth.WellKnownResource+path] = document
	}

	endpoint := s.protect(false, s.serveMCP)
	for _, path := range s.endpointPaths() {
		guarded[path] = endpoint
	}
	maps.Copy(guarded, s.legacySSE(s.protect))
	for path, handler := range guarded {
		r.Handle(path, handler)
	}

	r.NotFound(func(w http.ResponseWriter, _ *http.Request) {
		httperr.Write(w, http.StatusNotFound, httperr.Body{Error: "not_found", Description: "there is nothing here"})
	})
	r.MethodNotAllowed(methodNotAllowed(guarded))
	return r
}

// protect puts the guards and the token in front of serve. The token is judged before
// the method is looked at and before a byte of the body is read: clients probe with GET
// for the 401.
func (s *Server) protect(queryToken bool, serve http.HandlerFunc) http.Handler {
	return chi.Chain(
		s.audited,       // outside all that refuses
		s.hostGuard(),   // whom the caller meant to talk to
		s.originGuard(), // which page sent the browser
		auth.Bearer(auth.BearerOptions{
			Verify:        s.verify,
			Challenger:    s.challenger,
			OnRefusal:     noteRefusal,
			WithPrincipal: s.withPrincipal,
			QueryToken:    queryToken,
		}),
	).HandlerFunc(serve)
}

// methodNotAllowed answers a method that no route of the path has. One that chi does
// not know never reaches a route: it, too, meets what guards the path first.
func methodNotAllowed(guarded map[string]http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if handler, ok := guarded[r.URL.Path]; ok {
			handler.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", "GET, HEAD")
		httperr.Write(w, http.StatusMethodNotAllowed, httperr.Body{Error: "method_not_allowed", Description: "use GET"})
	}
}
