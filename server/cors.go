package server

import (
	"net/http"

	"github.com/rs/cors"
)

// cors answers preflights of the configured origins, and marks every answer to their
// pages: a 404 or 405, too, which a browser would else report as a network error. With
// none configured there is nobody to answer.
//
// A "*" that a browser is sent does not cover Authorization (Fetch, "CORS protocol"):
// the names that a preflight asks for are repeated to it, and the star is the library's
// word for that. No answer allows credentials, which are cookies: the token is none. A
// public page may be shown a private network by its browser's user alone (Local Network
// Access), so that there is no header for that.
func (s *Server) cors() func(http.Handler) http.Handler {
	if len(s.opts.HTTP.AllowedOrigins) == 0 {
		return func(next http.Handler) http.Handler { return next } // an empty list means "*" to the library
	}
	library := cors.New(cors.Options{
		AllowedOrigins: s.opts.HTTP.AllowedOrigins,
		// Also those that nothing here has: the page is told so, by the 405.
		AllowedMethods: []string{
			http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		},
		AllowedHeaders: []string{"*"}, // Mcp-Param-* has names that the tools choose
		ExposedHeaders: []string{"WWW-Authenticate", "Mcp-Session-Id", "MCP-Protocol-Version", "Retry-After", "X-Request-Id"},
		MaxAge:         3600,
	})
	return func(next http.Handler) http.Handler {
		marked := library.Handler(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.foreignPage(r) {
				// Not the library: it takes other spellings of an origin, and would
				// answer the preflight before the guard refuses it.
				w.Header().Add("Vary", "Origin")
				next.ServeHTTP(w, r)
				return
			}
			marked.ServeHTTP(w, r)
		})
	}
}
