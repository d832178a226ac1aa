package server

import (
	"net/http"

	"github.com/rs/cors"
)

// cors answers preflights and marks answers for the configured origins; with
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
	return cors.New(cors.Options{
		AllowedOrigins: s.opts.HTTP.AllowedOrigins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodDelete},
		AllowedHeaders: []string{"*"}, // Mcp-Param-* has names that the tools choose
		ExposedHeaders: []string{"WWW-Authenticate", "Mcp-Session-Id", "MCP-Protocol-Version", "Retry-After", "X-Request-Id"},
		MaxAge:         3600,
	}).Handler
}
