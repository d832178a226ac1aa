package server

import (
	"net/http"
	"slices"

	"mcp-resource-server/internal/httperr"
)

// originGuard refuses requests of web pages whose origin is not configured
// (MCP 2025-11-25, Streamable HTTP, "Security Warning").
func (s *Server) originGuard() func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.foreignPage(r) {
				exchangeOf(r).refuse(reasonOrigin)
				httperr.Write(w, http.StatusForbidden, httperr.Body{Error: "forbidden", Description: "pages of that Origin may not call this server"})
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// foreignPage reports whether a page sent r whose origin is not configured, spelled
// exactly so. Programs send no Origin.
func (s *Server) foreignPage(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	return len(origins) > 0 && (len(origins) > 1 || !slices.Contains(s.opts.HTTP.AllowedOrigins, origins[0]))
}
